//! Runs that an earlier window started: found again when a library is opened.

use super::summary::Summary;
use super::{Live, Runs, lock, process, save, watch};
use crate::dto::RunStatus;
use std::sync::atomic::Ordering;
use tagsmith_protocol::Failure;

impl Runs {
    /// Follows a run whose process lives; settles how one stands that was cut off.
    pub(super) fn find_again(&self, id: &str) {
        let places = self.0.places(id);
        let Some(mut record) = places.read() else {
            return;
        };
        // Before its log is locked, the engine reads model and data.
        let works = process::works_on(record.pid, &places.folder());
        let alive = places.is_alive();
        if alive || (record.summary.status == RunStatus::Running && works) {
            tracing::info!("run `{id}` is still going");
            // The log is read from its beginning, so that nothing is counted twice.
            record.summary = Summary::default();
            let live = Live::new(places, record);
            live.begun.store(alive, Ordering::Relaxed);
            lock(&self.0.live).insert(id.into(), live.clone());
            tokio::spawn(watch::adopted(self.0.clone(), live));
        } else if record.summary.status != RunStatus::Running {
            // One that the command line made gets a record, so that its log is not read at each look.
            if !places.has_record() {
                save(&places, &record);
            }
        } else {
            let mut summary = Summary::of(&places.past());
            if summary.status == RunStatus::Running {
                summary.end(
                    RunStatus::Failed,
                    Some(Failure::new(
                        "cut-off",
                        "the run was cut off: the program or the computer was shut down",
                        "continue from the last checkpoint with Resume",
                    )),
                );
            }
            record.summary = summary;
            record.pid = None;
            save(&places, &record);
        }
    }
}
