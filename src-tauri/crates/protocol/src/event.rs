//! What a run reports while it works: the lines of `events.jsonl` and of `train --json`.

use crate::{Decision, Failure, Metrics, TrainConfig, number};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// One thing that happened. Order: `started` first; exactly one of `finished`, `stopped`, `failed`
/// last.
///
/// `preparing` alone may come before `started`: which device the run has is part of `started`, and a
/// GPU is tested before it is chosen, which can take a while when a card is new here. These come to the
/// listener only, since the run's log is not there yet. On the CPU, and on a card whose test is
/// remembered, there are none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
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
        /// How much memory the run is expected to take there, in bytes. Logs of the first version lack it.
        #[serde(default)]
        forecast_bytes: Option<u64>,
        /// What was chosen for the settings that were left open. None where a run is resumed.
        #[serde(default)]
        decisions: Vec<Decision>,
    },
    /// A GPU compiles the kernels that it computes with. The last of a stage has `done` equal to `total`.
    Preparing {
        /// The device's id. Logs of the first version lack it.
        #[serde(default)]
        device: Option<String>,
        /// What it compiles for. Logs of the first version lack it.
        #[serde(default)]
        stage: Option<Stage>,
        /// Kernels compiled.
        done: usize,
        /// All of them; `null` where the number of kernels is unknown.
        total: Option<usize>,
        /// Seconds left at the pace so far; `null` before there is one.
        #[serde(default)]
        eta_seconds: Option<f64>,
    },
    /// An optimiser step.
    Step {
        /// Counted from 1.
        step: usize,
        /// Steps in all as far as is known by now: how many there are can depend on dev F1. Logs of the
        /// first version lack it.
        #[serde(default)]
        steps: Option<usize>,
        /// Epochs done, with fraction.
        epoch: f64,
        /// Mean loss of the step's scored words.
        #[serde(deserialize_with = "number::or_nan")]
        #[cfg_attr(feature = "bindings", specta(type = f64))]
        loss: f64,
        /// The learning rate of the step.
        lr: f64,
        /// The global gradient norm before clipping.
        #[serde(deserialize_with = "number::or_nan")]
        #[cfg_attr(feature = "bindings", specta(type = f64))]
        gradient_norm: f64,
        /// Tokens without padding, a second, over the last steps.
        #[serde(deserialize_with = "number::or_nan")]
        #[cfg_attr(feature = "bindings", specta(type = f64))]
        tokens_per_second: f64,
        /// Memory of the process now, in bytes.
        memory_bytes: u64,
        /// Seconds to the end of training, evaluation included.
        #[serde(deserialize_with = "number::or_nan")]
        #[cfg_attr(feature = "bindings", specta(type = f64))]
        eta_seconds: f64,
    },
    /// A split was scored.
    Evaluated {
        /// `dev` or `test`.
        split: String,
        /// Documents scored: fewer than the split has where a sample of dev is scored while training goes
        /// on. Logs of the first version lack it.
        #[serde(default)]
        documents: Option<usize>,
        /// After this step.
        step: usize,
        /// Epochs done, with fraction.
        epoch: f64,
        /// Mean loss of the scored words.
        #[serde(deserialize_with = "number::or_nan")]
        #[cfg_attr(feature = "bindings", specta(type = f64))]
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
    /// Something the person should know; the run continues.
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
        /// Seconds of work, including all times that the run was resumed.
        seconds: f64,
        /// The highest memory use of the process seen, in bytes.
        peak_memory_bytes: u64,
    },
    /// The run was stopped; the best model so far and its report are written. Where it was stopped before
    /// its first step, while its device was tested or compiled kernels, neither is.
    Stopped {
        /// `report.json`; `null` without a step.
        report: Option<PathBuf>,
        /// The folder of the best model; `null` without a step.
        model: Option<PathBuf>,
        /// The last step done, including all times that the run was resumed; 0 before `started`.
        step: usize,
        /// The best dev F1, 0–1; `null` without a step.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Its self-test, before `started`.
    Test,
    /// The run's own steps, after `started`.
    WarmUp,
}

/// An event with the moment it happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct TimestampedEvent {
    /// The event.
    #[serde(flatten)]
    pub event: Event,
    /// UTC, RFC 3339.
    pub time: String,
}

impl From<Failure> for Event {
    fn from(failure: Failure) -> Self {
        Self::Failed {
            code: failure.code,
            message: failure.message,
            hint: failure.hint,
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

    /// Whether it is the last of its run.
    pub fn is_last(&self) -> bool {
        matches!(
            self,
            Self::Finished { .. } | Self::Stopped { .. } | Self::Failed { .. }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Precision;

    /// How far a GPU is prepared, as an engine of the first version wrote it, and as it is written now.
    #[test]
    fn the_preparation_of_a_gpu_is_read_in_both_forms() {
        let read = |text: &str| serde_json::from_str::<Event>(text).unwrap();
        assert!(matches!(
            read(r#"{"event":"preparing","done":1,"total":2}"#),
            Event::Preparing {
                device: None,
                stage: None,
                total: Some(2),
                ..
            }
        ));
        assert!(matches!(
            read(
                r#"{"event":"preparing","device":"cuda:0","stage":"warm-up","done":1,"total":null,"eta_seconds":null}"#
            ),
            Event::Preparing {
                stage: Some(Stage::WarmUp),
                total: None,
                eta_seconds: None,
                ..
            }
        ));
        // Stopped before it started.
        assert!(matches!(
            read(r#"{"event":"stopped","report":null,"model":null,"step":0,"best_f1":null}"#),
            Event::Stopped {
                report: None,
                best_f1: None,
                ..
            }
        ));
    }

    /// What a run says first, as an engine wrote it that knew neither precision nor frozen layers.
    #[test]
    fn a_run_of_the_first_version_is_still_read() {
        let mut config = serde_json::to_value(TrainConfig::default()).unwrap();
        let object = config.as_object_mut().unwrap();
        for newer in ["precision", "gradient_checkpointing", "frozen_layers"] {
            object.remove(newer).unwrap();
        }
        let started = serde_json::json!({
            "event": "started", "run": "r", "config": config, "documents": {"train": 1}, "windows": 1,
            "steps": 1, "done_steps": 0, "parameters": 5, "labels": ["A"], "device": "cpu",
        });
        let Event::Started {
            config,
            forecast_bytes,
            ..
        } = serde_json::from_value(started).unwrap()
        else {
            panic!("it is another event");
        };
        let TrainConfig { settings, .. } = *config;
        assert_eq!(forecast_bytes, None);
        assert_eq!(settings.precision, Precision::Auto);
        assert_eq!(
            (settings.gradient_checkpointing, settings.frozen_layers),
            (false, 0)
        );
    }
}
