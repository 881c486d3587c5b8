//! What a run has to say while it works: the lines of `events.jsonl` and of `train --json`.

use crate::config::TrainConfig;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use tagsmith_corpus::Metrics;
use tagsmith_encoder::device::Progress;

/// One thing that happened. Order: `started` first; exactly one of `finished`, `stopped`, `failed`
/// last.
///
/// `preparing` alone may come before `started`: which device the run has is part of `started`, and a
/// GPU is tested before it is chosen, which can take a while when a card is new here. These come to the
/// listener only, since the run's log is not there yet. On the CPU, and on a card whose test is
/// remembered, there are none.
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
    /// A GPU compiles what it computes with. The last of a stage has `done` equal to `total`.
    Preparing {
        /// The device's id.
        device: String,
        /// What it compiles for.
        stage: Stage,
        /// Kernels compiled.
        done: usize,
        /// All of them; `None` where nobody knows how many kernels there are.
        total: Option<usize>,
        /// Seconds left at the pace so far; `None` before there is one.
        eta_seconds: Option<f64>,
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
    /// The run was stopped; the best model so far and its report are written. Stopped before its first
    /// step, while its device was tested or compiled kernels, this session wrote neither.
    Stopped {
        /// `report.json`; `None` without a step.
        report: Option<PathBuf>,
        /// The folder of the best model; `None` without a step.
        model: Option<PathBuf>,
        /// The last step done, of all sessions; 0 before `started`.
        step: usize,
        /// The best dev F1, 0–1; `None` without a step.
        best_f1: Option<f64>,
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

/// What a GPU is prepared for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Its self-test, before `started`; parts are kernels.
    Test,
    /// The run's own steps, after `started`; parts are kernels too.
    WarmUp,
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
    /// How far the preparation of a device is.
    pub fn preparing(device: &str, stage: Stage, progress: &Progress) -> Self {
        Self::Preparing {
            device: device.into(),
            stage,
            done: progress.done,
            total: progress.total,
            eta_seconds: progress.eta_seconds,
        }
    }

    /// A warning.
    pub fn warning(code: &str, message: impl Into<String>) -> Self {
        Self::Warning {
            code: code.into(),
            message: message.into(),
        }
    }
}
