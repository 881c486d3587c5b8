//! Follows a study to its end, by what lies in its folder, and keeps its middle run.

use super::record::{Places, Record};
use super::{Live, Shared, lock, save};
use crate::dto::{Often, RunStatus, TrainSettings};
use crate::engine::{LastWord, ended};
use crate::models;
use crate::runs::{Held, Origin, process};
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;
use tagsmith_plan::search::space::over;
use tagsmith_plan::search::{Begun, SearchReport};
use tagsmith_plan::seeds::Seeds;
use tagsmith_plan::{Ended, Outcome, Plan, is_worked_on};
use tagsmith_protocol::Failure;
use tokio::process::Child;

/// How often its folder is looked at.
const LOOK: Duration = Duration::from_millis(400);

/// Follows a study until its process has ended.
pub async fn watch(shared: Arc<Shared>, live: Arc<Live>, child: Option<Child>) {
    let failure = match child {
        Some(child) => own(&shared, &live, child).await,
        None => {
            others(&shared, &live).await;
            None
        }
    };
    close(&shared, &live, failure);
}

/// Follows a child of this program; returns why it failed, if it did.
async fn own(shared: &Shared, live: &Live, mut child: Child) -> Option<Failure> {
    let word = LastWord::of(&mut child);
    let status = loop {
        tokio::select! {
            status = child.wait() => break status,
            () = live.signals.killed() => {
                if let Err(failure) = child.start_kill() {
                    tracing::warn!("cannot end `{}`: {failure}", live.places.id());
                }
            }
            () = tokio::time::sleep(LOOK) => tell(shared, live),
        }
    };
    let said = word.failure().await;
    let messages = std::fs::read_to_string(live.places.messages()).unwrap_or_default();
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

/// Follows a study that another program works on, until none does.
async fn others(shared: &Shared, live: &Live) {
    loop {
        let held = live.held.as_ref();
        // Asked before its folder is looked at, so that what was done last is seen.
        let alive = is_worked_on(&live.places.folder())
            || held.is_some_and(Held::is_under_way)
            || process::works_on(live.record().pid, &live.places.folder());
        tell(shared, live);
        if !alive {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = live.signals.killed() => match live.record().pid {
                Some(pid) => process::end(pid),
                None => tracing::warn!("the process of `{}` is unknown", live.places.id()),
            },
        }
    }
}

/// Tells the page how far it is, where that has changed.
fn tell(shared: &Shared, live: &Live) {
    let study = live.look();
    let mut seen = lock(&live.seen);
    if seen.1.as_ref() != Some(&study) {
        seen.1 = Some(study.clone());
        drop(seen);
        shared.tell(study);
    }
}

/// The process has ended: what came of it is settled, and the middle run kept.
fn close(shared: &Shared, live: &Live, failure: Option<Failure>) {
    let places = &live.places;
    let mut record = live.record();
    record.pid = None;
    let task = live.held.as_ref().and_then(Held::outcome);
    let paused = live.held.as_ref().is_some_and(Held::is_paused);
    let stopped = live.signals.is_asked() || paused || task == Some(Outcome::Stopped);
    if places.report(&record.often).is_file() {
        record.status = RunStatus::Finished;
        record.failure = None;
        keep(shared, places, &mut record);
    } else if stopped {
        record.status = RunStatus::Stopped;
    } else {
        let of_queue = match task {
            Some(Outcome::Failed(failure)) => Some(failure),
            _ => None,
        };
        record.status = RunStatus::Failed;
        let failure = first_failure(places).or(failure).or(of_queue);
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
    shared.tell(live.look());
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
