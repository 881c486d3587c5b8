//! What runs of a plan have to show: scores, and how they came about.

use crate::error::PlanError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use tagsmith_files::write_json;
use tagsmith_protocol::{Event, Report, TimestampedEvent};

/// The scores of a finished run. F1 is 0–1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Scores {
    /// F1 on dev.
    pub dev_f1: f64,
    /// Mean loss on dev.
    pub dev_loss: f64,
    /// F1 on test, where there is one.
    pub test_f1: Option<f64>,
}

impl Scores {
    /// Those in the run's `report.json`.
    ///
    /// # Errors
    /// The report cannot be read, or has no dev.
    pub fn read(run: &Path) -> Result<Self, PlanError> {
        let path = run.join("report.json");
        let report: Report = read_json(&path)?;
        let dev = report.splits.get("dev").ok_or_else(|| PlanError::Damaged {
            path,
            reason: "it has no dev".into(),
        })?;
        let test = report.splits.get("test");
        Ok(Self {
            dev_f1: dev.metrics.overall.f1,
            dev_loss: dev.loss,
            test_f1: test.map(|test| test.metrics.overall.f1),
        })
    }
}

/// A point of a run's curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Epochs done.
    pub epoch: f64,
    /// F1 on dev, or the sample of it that is scored while training goes on, 0–1.
    pub dev_f1: f64,
}

/// Dev F1 over a run, as its log has it.
pub fn curve(run: &Path) -> Vec<Point> {
    let events = fs::read_to_string(run.join("events.jsonl")).unwrap_or_default();
    let read = |line: &str| match serde_json::from_str::<TimestampedEvent>(line).ok()?.event {
        Event::Evaluated {
            split,
            epoch,
            metrics,
            ..
        } if split == "dev" => Some(Point {
            epoch,
            dev_f1: metrics.overall.f1,
        }),
        _ => None,
    };
    events.lines().filter_map(read).collect()
}

/// How far a run is that goes on, as its last step says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// How much of it is done, 0–1.
    pub share: f64,
    /// Seconds to its end.
    pub seconds_left: f64,
}

/// Longer than an evaluation with a thousand labels.
const END_OF_LOG: u64 = 256 * 1024;

/// How far a run is, as the end of its log says; `None` before its first step.
pub fn pace(run: &Path) -> Option<Pace> {
    let mut log = File::open(run.join("events.jsonl")).ok()?;
    let length = log.metadata().ok()?.len();
    let start = length.saturating_sub(END_OF_LOG);
    log.seek(SeekFrom::Start(start)).ok()?;
    let mut end = Vec::new();
    log.read_to_end(&mut end).ok()?;
    let step = |line: &str| match serde_json::from_str::<TimestampedEvent>(line).ok()?.event {
        Event::Step {
            step,
            steps: Some(steps),
            eta_seconds,
            ..
        } if eta_seconds.is_finite() => Some(Pace {
            share: step as f64 / steps.max(1) as f64,
            seconds_left: eta_seconds,
        }),
        _ => None,
    };
    String::from_utf8_lossy(&end).lines().rev().find_map(step)
}

/// Reads a file of JSON.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, PlanError> {
    let text = fs::read(path).map_err(PlanError::io("read", path))?;
    serde_json::from_slice(&text).map_err(|failure| PlanError::Damaged {
        path: path.into(),
        reason: failure.to_string(),
    })
}

/// Writes what a folder was begun with to `name` in it. Where it is there already, it must be the same.
///
/// # Errors
/// It is not, and what differs is named; or the file system refused.
pub fn begin(folder: &Path, name: &str, with: &serde_json::Value) -> Result<(), PlanError> {
    let path = folder.join(name);
    if !path.exists() {
        return write_json(&path, with).map_err(PlanError::io("write", &path));
    }
    let there: serde_json::Value = read_json(&path)?;
    if there == *with {
        return Ok(());
    }
    let keys = [&there, with].map(serde_json::Value::as_object);
    let keys = keys.into_iter().flatten().flat_map(|object| object.keys());
    let differs = keys.into_iter().find(|key| there.get(key) != with.get(key));
    Err(PlanError::Other {
        folder: folder.into(),
        what: differs.map_or(name, |key| key).to_owned(),
    })
}
