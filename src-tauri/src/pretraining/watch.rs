//! Follows a run of pretraining to its end, by what lies in its folder, and gives the library the model that it
//! makes.

use super::course::Reader;
use super::record::{Places, Record};
use super::{Live, Shared, lock, save};
use crate::dto::RunStatus;
use crate::following::{self, Other};
use crate::models;
use crate::queueable::Held;
use std::fs;
use std::sync::Arc;
use tagsmith_protocol::Failure;
use tokio::process::Child;

/// Follows a run until its process has ended.
pub async fn watch(shared: Arc<Shared>, live: Arc<Live>, child: Option<Child>) {
    let Live {
        places,
        signals,
        held,
        ..
    } = &*live;
    let look = || shared.report(&live);
    let failure = match child {
        Some(child) => {
            following::child(child, places.id(), signals, &places.messages(), look).await
        }
        None => {
            let other = Other {
                folder: &places.folder(),
                pid: lock(&live.record).pid,
                held: held.as_ref(),
            };
            other.follow(signals, look).await;
            held.as_ref().and_then(Held::failure)
        }
    };
    let is_stopped = signals.is_asked() || held.as_ref().is_some_and(Held::is_stopped);
    live.look();
    let record = lock(&live.record).clone();
    let record = settled(
        &shared,
        places,
        record,
        &lock(&live.log),
        is_stopped,
        failure,
    );
    let _ = fs::remove_file(places.stop());
    save(places, &record);
    let id = places.id();
    tracing::info!("pretraining `{id}` ended: {:?}", record.status);
    *lock(&live.record) = record;
    shared.live.forget(id);
    shared.report(&live);
    signals.end();
}

/// What became of a run whose process has ended; where its events do not say, whether it was stopped. A model
/// that is better than the one it began with joins the library.
pub fn settled(
    shared: &Shared,
    places: &Places,
    mut record: Record,
    log: &Reader,
    is_stopped: bool,
    failure: Option<Failure>,
) -> Record {
    let course = &log.course;
    record.pid = None;
    record.status = match course.ended {
        Some(status) => status,
        None if is_stopped => RunStatus::Stopped,
        None => RunStatus::Failed,
    };
    record.failure = None;
    if record.status == RunStatus::Failed {
        let cut_off = || {
            Failure::new(
                "cut-off",
                "it was cut off: the program or the computer was shut down",
                "continue with Resume; what is done is kept",
            )
        };
        let failure = course.failure.clone().or(failure);
        record.failure = Some(failure.unwrap_or_else(cut_off));
    }
    let is_better = course.helped == Some(true);
    if record.status == RunStatus::Finished && is_better && record.made.is_none() {
        match models::adopt(&shared.library, &places.model(), places.id()) {
            Ok(name) => record.made = Some(name),
            Err(failure) => record.failure = Some(failure),
        }
    }
    if record.status == RunStatus::Finished {
        // It is never resumed.
        let _ = fs::remove_dir_all(places.folder().join("checkpoints"));
    }
    record
}
