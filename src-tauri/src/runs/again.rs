//! Runs that an earlier window started: found again when a library is opened.

use super::summary::Summary;
use super::{Live, Runs, process, save, tidy, watch};
use crate::dto::RunStatus;
use crate::queue::{self, Standing};
use std::sync::atomic::Ordering;
use tagsmith_protocol::Failure;

impl Runs {
    /// Follows a run whose process lives; settles how one stands that was cut off.
    pub(super) fn find_again(&self, id: &str) {
        let places = self.0.places(id);
        let Some(mut record) = places.read() else {
            return;
        };
        if record.queued {
            if !places.events().is_file() {
                return;
            }
            // The queue began it when no window was there.
            record.queued = false;
        }
        let standing = queue::standing(&self.0.library, &places.report());
        if matches!(standing, Some(Standing::UnderWay)) {
            return;
        }
        // Before its log is locked, the engine reads model and data.
        let works = process::works_on(record.pid, &places.folder());
        let alive = places.is_alive();
        if alive || (record.summary.status == RunStatus::Running && works) {
            tracing::info!("run `{id}` is still going");
            // The log is read from its beginning, so that nothing is counted twice.
            record.summary = Summary::default();
            let live = Live::new(places, record);
            live.begun.store(alive, Ordering::Relaxed);
            self.0.live.insert(id, live.clone());
            tokio::spawn(watch::adopted(self.0.clone(), live));
        } else if record.summary.status != RunStatus::Running {
            // One that the command line made gets a record, so that its log is not read at each look.
            if !places.has_record() {
                save(&places, &record);
            }
        } else {
            let mut summary = Summary::of(&places.past());
            if summary.status == RunStatus::Running {
                let cut_off = || {
                    Failure::new(
                        "cut-off",
                        "the run was cut off: the program or the computer was shut down",
                        "continue from the last checkpoint with Resume",
                    )
                };
                match standing {
                    None => summary.end(RunStatus::Failed, Some(cut_off())),
                    Some(Standing::Failed(failure)) => {
                        summary.end(RunStatus::Failed, Some(failure));
                    }
                    Some(_) => summary.end(RunStatus::Stopped, None),
                }
            }
            record.summary = summary;
            record.pid = None;
            tidy(&self.0.library, &places, record.summary.status);
            save(&places, &record);
        }
    }
}
