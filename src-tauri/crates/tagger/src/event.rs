//! What a run has to say while it works: the lines of `events.jsonl` and of `train --json`.

use crate::config::TrainConfig;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use tagsmith_corpus::Metrics;

/// One thing that happened. Order: `started` first; exactly one of `finished`, `stopped`, `failed`
/// last.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Data and model are read, the first step is next.
    Started {
        /// The run's folder.
        run: PathBuf,
        /// The configuration as resolved.
        config: Box<TrainConfig>,
        /// Documents by split.
        documents: BTreeMap<String, usize>,
        /// Training windows; more than documents where some are longer than one.
        windows: usize,
        /// Steps in all, unless training stops early.
        steps: usize,
        /// Steps already done, when a run is resumed.
        done_steps: usize,
        /// Parameters of the model.
        parameters: usize,
        /// The labels learned.
        labels: Vec<String>,
        /// The device's id.
        device: String,
        /// How much memory the run is expected to take there, in bytes.
        forecast_bytes: u64,
    },
    /// A GPU compiles what it computes with, before the first step.
    Preparing {
        /// Kernels that are compiled.
        done: usize,
        /// Kernels that the run has.
        total: usize,
    },
    /// An optimiser step.
    Step {
        /// Counted from 1.
        step: usize,
        /// Epochs done, with fraction.
        epoch: f64,
        /// Mean loss of the step's scored words.
        loss: f64,
        /// The learning rate of the step.
        lr: f64,
        /// The global gradient norm before clipping.
        gradient_norm: f64,
        /// Word pieces without padding, a second, over the last steps.
        tokens_per_second: f64,
        /// Memory of the process now, in bytes.
        memory_bytes: u64,
        /// Seconds to the end of training, evaluation included.
        eta_seconds: f64,
    },
    /// A split was scored.
    Evaluated {
        /// `dev` or `test`.
        split: String,
        /// After this step.
        step: usize,
        /// Epochs done, with fraction.
        epoch: f64,
        /// Mean loss of the scored words.
        loss: f64,
        /// Overall and by label.
        metrics: Metrics,
        /// Whether this is the best model so far.
        best: bool,
    },
    /// A checkpoint was written.
    Checkpoint {
        /// Its folder.
        path: PathBuf,
        /// After this step.
        step: usize,
    },
    /// Something the person should know; the run goes on.
    Warning {
        /// A stable name of the kind of warning.
        code: String,
        /// In words.
        message: String,
    },
    /// The run is complete.
    Finished {
        /// `report.json`.
        report: PathBuf,
        /// The folder of the best model.
        model: PathBuf,
        /// The best dev F1, 0–1.
        best_f1: f64,
        /// The step of the best model.
        best_step: usize,
        /// Seconds of work, of all sessions of the run.
        seconds: f64,
        /// Highest memory of the process seen, in bytes.
        peak_memory_bytes: u64,
    },
    /// The run was stopped; the best model so far and its report are written.
    Stopped {
        /// `report.json`.
        report: PathBuf,
        /// The folder of the best model.
        model: PathBuf,
        /// The last step done.
        step: usize,
        /// The best dev F1, 0–1.
        best_f1: f64,
    },
    /// The run failed.
    Failed {
        /// A stable name of the kind of failure.
        code: String,
        /// In words.
        message: String,
        /// What the person can do.
        hint: Option<String>,
    },
}

/// An event with the moment it happened.
#[derive(Clone, Debug, Serialize)]
pub struct Stamped {
    /// The event.
    #[serde(flatten)]
    pub event: Event,
    /// UTC, RFC 3339.
    pub time: String,
}

impl From<Event> for Stamped {
    fn from(event: Event) -> Self {
        Self {
            event,
            time: jiff::Timestamp::now()
                .round(jiff::Unit::Millisecond)
                .map_or_else(
                    |_| jiff::Timestamp::now().to_string(),
                    |moment| moment.to_string(),
                ),
        }
    }
}

impl Event {
    /// A warning.
    pub fn warning(code: &str, message: impl Into<String>) -> Self {
        Self::Warning {
            code: code.into(),
            message: message.into(),
        }
    }
}
