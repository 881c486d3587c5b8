//! Long pieces of work: the window hears how far each is, and can end it.

use crate::dto::{AppEvent, Progress};
use crate::event_bus::NotifyPage;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tagsmith_corpus::Stop;
use tagsmith_protocol::Failure;

/// The work that is going on, by the names that the window gave it.
#[derive(Clone)]
pub struct Jobs {
    notify: NotifyPage,
    live: Arc<Mutex<HashMap<String, Arc<AtomicBool>>>>,
}

impl Jobs {
    /// Nothing going on yet.
    pub fn new(notify: NotifyPage) -> Self {
        Self {
            notify,
            live: Arc::default(),
        }
    }

    /// Begins a piece of work; it ends when what is returned is dropped.
    pub fn begin(&self, job: &str) -> Work {
        let stop = Arc::new(AtomicBool::new(false));
        self.lock().insert(job.into(), stop.clone());
        Work {
            jobs: self.clone(),
            job: job.into(),
            stop,
            stage: "",
            reported: None,
        }
    }

    /// Asks a piece of work to end.
    pub fn cancel(&self, job: &str) {
        if let Some(stop) = self.lock().get(job) {
            stop.store(true, Ordering::Relaxed);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<AtomicBool>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One piece of work.
pub struct Work {
    jobs: Jobs,
    job: String,
    stop: Arc<AtomicBool>,
    stage: &'static str,
    reported: Option<Instant>,
}

impl Work {
    /// Reports how far the work is, at most ten times a second; `total` is 0 while it is unknown.
    ///
    /// # Errors
    /// The person cancelled.
    pub fn at(&mut self, stage: &'static str, done: usize, total: usize) -> Result<(), Failure> {
        const PAUSE: Duration = Duration::from_millis(100);
        if !self.goes_on() {
            return Err(cancelled());
        }
        let rested = self
            .reported
            .is_none_or(|reported| reported.elapsed() >= PAUSE);
        if self.stage != stage || rested {
            self.stage = stage;
            self.reported = Some(Instant::now());
            let number = |n| u32::try_from(n).unwrap_or(u32::MAX);
            (self.jobs.notify)(AppEvent::Progress {
                progress: Progress {
                    job: self.job.clone(),
                    stage: stage.into(),
                    done: number(done),
                    total: number(total),
                },
            });
        }
        Ok(())
    }

    /// Ends the reading of files when the person cancels.
    pub fn stop(&self) -> Stop {
        Stop::when(self.stop.clone())
    }

    /// Whether nobody cancelled.
    pub fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let mut live = self.jobs.lock();
        // Another may bear the name by now.
        if live
            .get(&self.job)
            .is_some_and(|stop| Arc::ptr_eq(stop, &self.stop))
        {
            live.remove(&self.job);
        }
    }
}

/// What cancelled work is refused with.
pub fn cancelled() -> Failure {
    Failure::plain("cancelled", "the work was cancelled")
}
