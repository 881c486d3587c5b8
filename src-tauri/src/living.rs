//! What goes on in processes of its own (runs, studies, pretraining, batches): found by its id, asked to stop,
//! ended, waited for.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tagsmith_protocol::Failure;
use tokio::sync::{Notify, watch};

/// How often what is waited for is asked to stop.
const PERSISTENCE: Duration = Duration::from_secs(3);

/// Locks, also where a thread has panicked over it: what is kept here is whole at any time.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// All whose process lives, by id.
pub struct Living<T>(Mutex<HashMap<String, Arc<T>>>);

impl<T> Default for Living<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: AsRef<Signals>> Living<T> {
    pub fn insert(&self, id: &str, live: Arc<T>) {
        lock(&self.0).insert(id.into(), live);
    }

    pub fn forget(&self, id: &str) {
        lock(&self.0).remove(id);
    }

    pub fn find(&self, id: &str) -> Option<Arc<T>> {
        lock(&self.0).get(id).cloned()
    }

    pub fn has(&self, id: &str) -> bool {
        lock(&self.0).contains_key(id)
    }

    /// The one that must be there.
    ///
    /// # Errors
    /// It is not.
    pub fn going(&self, id: &str) -> Result<Arc<T>, Failure> {
        self.find(id)
            .ok_or_else(|| Failure::plain("not-running", format!("`{id}` is not running")))
    }

    pub fn all(&self) -> Vec<Arc<T>> {
        lock(&self.0).values().cloned().collect()
    }

    /// Stops all that `is_own` says, by `stop` with an id, and waits until they have ended.
    pub async fn stop_all(&self, is_own: impl Fn(&T) -> bool, stop: impl Fn(&str)) {
        let all: Vec<(String, Arc<T>)> = lock(&self.0)
            .iter()
            .filter(|(_, live)| is_own(live))
            .map(|(id, live)| (id.clone(), live.clone()))
            .collect();
        for (id, _) in &all {
            stop(id);
        }
        for (id, live) in &all {
            let mut ended = live.as_ref().as_ref().ended.subscribe();
            // A wish that came while the engine got ready may be lost: it is repeated.
            while tokio::time::timeout(PERSISTENCE, ended.wait_for(|ended| *ended))
                .await
                .is_err()
            {
                stop(id);
            }
        }
    }
}

/// What the person wants of it, and whether its process has ended.
pub struct Signals {
    asked: AtomicBool,
    killed: AtomicBool,
    kill: Notify,
    ended: watch::Sender<bool>,
}

impl Default for Signals {
    fn default() -> Self {
        Self {
            asked: AtomicBool::new(false),
            killed: AtomicBool::new(false),
            kill: Notify::new(),
            ended: watch::channel(false).0,
        }
    }
}

impl Signals {
    /// The person asks it to stop.
    pub fn ask(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

    /// Whether the person asked it to stop.
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// The person ends its process.
    pub fn kill(&self) {
        self.ask();
        self.killed.store(true, Ordering::Relaxed);
        self.kill.notify_one();
    }

    /// Whether the person ended its process.
    pub fn is_killed(&self) -> bool {
        self.killed.load(Ordering::Relaxed)
    }

    /// Waits until the person ends its process.
    pub async fn killed(&self) {
        self.kill.notified().await;
    }

    /// Its process has ended, and what came of it is settled.
    pub fn end(&self) {
        self.ended.send_replace(true);
    }
}
