//! Follows a study to its end, by what lies in its folder, and keeps its middle run.

use super::record::{Places, Record};
use super::{Live, Shared, lock, save};
use crate::dto::{Often, RunStatus, TrainSettings};
use crate::following::{self, Other};
use crate::models;
use crate::queueable::Held;
use crate::runs::Origin;
use std::path::PathBuf;
use std::sync::Arc;
use tagsmith_plan::search::space::over;
use tagsmith_plan::search::{Begun, SearchReport};
use tagsmith_plan::seeds::Seeds;
use tagsmith_plan::{Ended, Outcome, Plan};
use tagsmith_protocol::Failure;
use tokio::process::Child;

/// Follows a study until its process has ended.
pub async fn watch(shared: Arc<Shared>, live: Arc<Live>, child: Option<Child>) {
    let Live {
        places, signals, ..
    } = &*live;
    let look = || report(&shared, &live);
    let failure = match child {
        Some(child) => {
            following::child(child, places.id(), signals, &places.messages(), look).await
        }
        None => {
            let other = Other {
                folder: &places.folder(),
                pid: live.record().pid,
                held: live.held.as_ref(),
            };
            other.follow(signals, look).await;
            None
        }
    };
    close(&shared, &live, failure);
}

/// Reports to the page how far it is, where that has changed.
fn report(shared: &Shared, live: &Live) {
    let study = live.look();
    let mut seen = lock(&live.seen);
    if seen.1.as_ref() != Some(&study) {
        seen.1 = Some(study.clone());
        drop(seen);
        shared.report(study);
    }
}

/// The process has ended: what came of it is settled, and the middle run kept.
fn close(shared: &Shared, live: &Live, failure: Option<Failure>) {
    let places = &live.places;
    let mut record = live.record();
    record.pid = None;
    let held = live.held.as_ref();
    let stopped = live.signals.is_asked() || held.is_some_and(Held::is_stopped);
    if places.report(&record.often).is_file() {
        record.status = RunStatus::Finished;
        record.failure = None;
        keep(shared, places, &mut record);
    } else if stopped {
        record.status = RunStatus::Stopped;
    } else {
        record.status = RunStatus::Failed;
        let of_queue = || held.and_then(Held::failure);
        let failure = first_failure(places).or(failure).or_else(of_queue);
        record.failure = Some(failure.unwrap_or_else(|| {
            Failure::new(
                "engine-died",
                "the engine ended unexpectedly",
                "continue with Resume; what is done is kept",
            )
        }));
    }
    let _ = std::fs::remove_file(places.folder().join("stop"));
    *lock(&live.record) = record.clone();
    save(places, &record);
    shared.live.forget(places.id());
    tracing::info!("study `{}` ended: {:?}", places.id(), record.status);
    shared.report(live.look());
    live.signals.end();
}

/// Why the first of its runs failed: that says more than that some are not done.
fn first_failure(places: &Places) -> Option<Failure> {
    let plan = Plan::open(&places.folder()).ok()?;
    plan.tasks()
        .iter()
        .find_map(|task| match Ended::read(&plan, &task.id)?.outcome {
            Outcome::Failed(failure) => Some(failure),
            _ => None,
        })
}

/// Keeps the middle run of a study that is done as an ordinary run.
pub fn keep(shared: &Shared, places: &Places, record: &mut Record) {
    let kept = chosen(places, record).and_then(|(folder, seed, settings)| {
        let id = record
            .run
            .clone()
            .unwrap_or_else(|| shared.runs.id_to_keep(&record.name));
        // Written down first, so that a crash leaves no second one.
        record.run = Some(id.clone());
        save(places, record);
        let origin = Origin {
            name: format!("{}, seed {seed}", record.name),
            model: record.model.clone(),
            data: record.data.clone(),
            data_name: record.data_name.clone(),
            settings,
        };
        shared.runs.keep(&id, &folder, origin)
    });
    let kept = kept.map(drop).and_then(|()| {
        if let Often::Seeds {
            combine: Some(_), ..
        } = record.often
            && record.combined.is_none()
        {
            let model = places.folder().join("model");
            let name = models::adopt(&shared.library, &model, &record.name)?;
            record.combined = Some(name);
        }
        Ok(())
    });
    record.failure = kept.err();
    if let Some(failure) = &record.failure {
        tracing::warn!("the middle run of `{}`: {}", places.id(), failure.message);
        record.run = None;
    }
}

/// The folder of the run to keep, its seed, and what was set for it.
fn chosen(places: &Places, record: &Record) -> Result<(PathBuf, u64, TrainSettings), Failure> {
    let plan = places.folder();
    let mut settings = record.settings.clone();
    let seeds = match record.often {
        Often::Search { .. } => {
            let report = SearchReport::read(&plan)?;
            let best = report.best().cloned();
            let is_winner = best.is_some() && best == report.winner_seeds;
            if is_winner && report.winner > 0 {
                let begun = Begun::read(&plan)?;
                if let Some(trial) = begun.trials.get(report.winner) {
                    settings = over(&settings, trial).unwrap_or(settings);
                }
            }
            best
        }
        _ => Some(Seeds::report(&plan)?),
    };
    let middle = seeds.as_ref().and_then(Seeds::middle_run);
    let middle = middle
        .ok_or_else(|| Failure::plain("damaged", format!("`{}` has no scores", plan.display())))?;
    settings.seed = middle.seed;
    Ok((plan.join(&middle.run), middle.seed, settings))
}
