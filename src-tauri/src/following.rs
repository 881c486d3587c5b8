//! Follows a process of the engine whose work shows in its folder: one that this window started, or one that an
//! earlier window or the queue did.

use crate::engine::{LastWord, ended};
use crate::living::Signals;
use crate::queueable::Held;
use crate::runs::process;
use std::fs;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;
use tagsmith_plan::is_worked_on;
use tagsmith_protocol::Failure;
use tokio::process::Child;

/// How often the folder is looked at.
pub const LOOK: Duration = Duration::from_millis(400);

/// Follows a child of this program to its end, with a `look` at its folder now and then; returns why it failed,
/// if it did.
pub async fn child(
    mut child: Child,
    id: &str,
    signals: &Signals,
    messages: &Path,
    look: impl Fn(),
) -> Option<Failure> {
    let word = LastWord::of(&mut child);
    let status = loop {
        tokio::select! {
            status = child.wait() => break status,
            () = signals.killed() => {
                if let Err(failure) = child.start_kill() {
                    tracing::warn!("cannot end `{id}`: {failure}");
                }
            }
            () = tokio::time::sleep(LOOK) => look(),
        }
    };
    let said = word.failure().await;
    let messages = fs::read_to_string(messages).unwrap_or_default();
    match status {
        Ok(status) => said.or_else(|| died(status, &messages)),
        Err(failure) => Some(Failure::plain("engine-died", failure.to_string())),
    }
}

fn died(status: ExitStatus, messages: &str) -> Option<Failure> {
    /// As after Ctrl-C.
    const STOPPED: i32 = 130;
    let well = status.success() || status.code() == Some(STOPPED);
    (!well).then(|| ended(status, b"", messages))
}

/// A process that others started.
pub struct Other<'a> {
    /// The folder that it works on.
    pub folder: &'a Path,
    /// Its number, where that is known.
    pub pid: Option<u32>,
    /// The task of the queue that it does.
    pub held: Option<&'a Held>,
}

impl Other<'_> {
    /// Whether it is there.
    pub fn is_alive(&self) -> bool {
        is_worked_on(self.folder)
            || self.held.is_some_and(Held::is_under_way)
            || process::works_on(self.pid, self.folder)
    }

    /// Follows it until it has ended, with a `look` at its folder now and then.
    pub async fn follow(&self, signals: &Signals, look: impl Fn()) {
        loop {
            // Asked before the folder is looked at, so that what was done last is seen.
            let alive = self.is_alive();
            look();
            if !alive {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = signals.killed() => match self.pid {
                    Some(pid) => process::end(pid),
                    None => tracing::warn!("what works on `{}` is unknown", self.folder.display()),
                },
            }
        }
    }
}
