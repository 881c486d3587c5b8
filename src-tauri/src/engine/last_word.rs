//! The last word of a child of the engine that is followed by what lies in its folder.

use super::{failure_in, lines};
use std::time::Duration;
use tagsmith_protocol::Failure;
use tokio::process::Child;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Lines between the reader and whoever wants the last one.
const WAITING_LINES: usize = 256;
/// A grandchild may keep the pipe open: the child has ended all the same.
const PATIENCE: Duration = Duration::from_secs(2);

/// Reads the output of a child, so that it is never held up, and keeps the failure in it.
pub struct LastWord {
    reader: JoinHandle<()>,
    failure: JoinHandle<Option<Failure>>,
}

impl LastWord {
    /// Of a child whose output nobody else reads. Needs a tokio runtime.
    pub fn of(child: &mut Child) -> Self {
        let (sender, mut receiver) = mpsc::channel(WAITING_LINES);
        let output = child.stdout.take();
        let reader = tokio::spawn(async move {
            if let Some(output) = output {
                lines(output, sender).await;
            }
        });
        let failure = tokio::spawn(async move {
            let mut failed = None;
            while let Some(line) = receiver.recv().await {
                failed = failure_in(&line).or(failed);
            }
            failed
        });
        Self { reader, failure }
    }

    /// Why the child, which has ended, failed by its own account.
    pub async fn failure(self) -> Option<Failure> {
        let heard = tokio::time::timeout(PATIENCE, self.failure).await;
        self.reader.abort();
        heard.ok().and_then(Result::ok).flatten()
    }
}
