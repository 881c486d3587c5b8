//! The compute devices: listed by the engine, and tested by a child of it that says how far it is.

use crate::dto::{AppEvent, ComputeDevice, Preparing};
use crate::engine::{Engine, answer, ended, lines};
use crate::event_bus::NotifyPage;
use serde::Deserialize;
use std::sync::{Arc, Mutex, PoisonError};
use tagsmith_protocol::Failure;
use tokio::sync::{Notify, mpsc};

/// The devices of this machine.
pub struct Devices {
    engine: Engine,
    notify: NotifyPage,
    /// Ends the test that is under way.
    stop: Mutex<Option<Arc<Notify>>>,
}

/// How far a test is, where a line of the engine's messages says that.
pub fn progress_in(line: &str) -> Option<Preparing> {
    #[derive(Deserialize)]
    struct Line {
        preparing: Preparing,
    }
    let read = serde_json::from_str::<Line>(line).ok()?;
    Some(read.preparing)
}

impl Devices {
    /// None is looked for yet.
    pub fn new(engine: Engine, notify: NotifyPage) -> Self {
        Self {
            engine,
            notify,
            stop: Mutex::default(),
        }
    }

    /// Those that the engine finds, each with what its last test said.
    ///
    /// # Errors
    /// The engine refused or hangs.
    pub async fn list(&self) -> Result<Vec<ComputeDevice>, Failure> {
        self.engine.ask(&["--json", "devices"]).await
    }

    /// Tests each again, and says meanwhile how far that is. The engine bounds the time that each takes.
    ///
    /// # Errors
    /// The engine refused, or the test was cancelled.
    pub async fn test(&self) -> Result<Vec<ComputeDevice>, Failure> {
        let stop = Arc::new(Notify::new());
        // One at a time: another would only wait for this one.
        if let Some(earlier) = self.lock().replace(stop.clone()) {
            earlier.notify_one();
        }
        let tested = tokio::select! {
            tested = self.follow() => tested,
            // Its process is ended as it is dropped, and the one that tests with it.
            () = stop.notified() => Err(Failure::plain("cancelled", "the test was cancelled")),
        };
        let mut under_way = self.lock();
        if under_way
            .as_ref()
            .is_some_and(|other| Arc::ptr_eq(other, &stop))
        {
            *under_way = None;
        }
        tested
    }

    /// Ends the test that is under way.
    pub fn cancel(&self) {
        if let Some(stop) = self.lock().take() {
            stop.notify_one();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Arc<Notify>>> {
        self.stop.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn follow(&self) -> Result<Vec<ComputeDevice>, Failure> {
        let arguments = ["--json", "devices", "--check", "--progress"];
        let mut child = self.engine.start(self.engine.command(arguments))?;
        let (sender, mut messages) = mpsc::channel(64);
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(lines(stderr, sender));
        }
        let listen = async {
            let mut words = String::new();
            while let Some(line) = messages.recv().await {
                match progress_in(&line) {
                    Some(preparing) => (self.notify)(AppEvent::Preparing { preparing }),
                    None => words = words + &line + "\n",
                }
            }
            words
        };
        let (output, words) = tokio::join!(child.wait_with_output(), listen);
        let output = output.map_err(Failure::io("hear", self.engine.program()))?;
        match output.status.success() {
            true => answer(&output),
            false => Err(ended(output.status, &output.stdout, &words)),
        }
    }
}
