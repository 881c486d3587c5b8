//! Pretraining on text without labels: its configuration, what it reports while it works, and its report.

use crate::settings::{BASE_MODEL, SMALL_MODEL};
use crate::{Event, Precision, SettingFault, TrainSettings, number};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Everything that decides a run of pretraining. `null` leaves the choice to the engine; in `run.json` every
/// `null` but that of `steps` and `dropout` is replaced by the value that it stood for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PretrainConfig {
    /// The folder of the model.
    pub model: PathBuf,
    /// The files to learn from.
    pub text: Vec<PathBuf>,
    /// How they are read: the corpus crate's `ReadOptions`.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub reading: Value,
    /// Passes over the text, at most.
    pub epochs: Option<usize>,
    /// Optimiser steps, at most.
    pub steps: Option<usize>,
    /// Windows in a step.
    pub batch_size: usize,
    /// The highest learning rate.
    pub learning_rate: Option<f64>,
    /// The share of the steps over which it rises from 0. It then falls to 0 in a straight line.
    pub warmup_ratio: f64,
    /// As in [`TrainSettings`].
    pub weight_decay: f64,
    /// As in [`TrainSettings`].
    pub max_grad_norm: f64,
    /// As in [`TrainSettings`].
    pub dropout: Option<f64>,
    /// The longest window in tokens.
    pub max_length: usize,
    /// The share of the words that are masked, 0–1.
    pub mask_share: f64,
    /// Whether all pieces of a word are masked together, or each piece by itself.
    pub whole_words: bool,
    /// The share of the documents that are held out to see whether it helps, 0–1.
    pub held_out_share: f64,
    /// Fixes everything random.
    pub seed: u64,
    /// The compute device, by its id, or `auto`.
    pub device: String,
    /// What the encoder computes in.
    pub precision: Precision,
    /// The time between two checkpoints, in minutes.
    pub checkpoint_minutes: f64,
}

/// The learning rates for small models, for those of BERT base's size, and for large ones.
const RATES: [f64; 3] = [3e-4, 1e-4, 5e-5];

/// Passes over the text, where neither they nor the steps are given.
const EPOCHS: usize = 10;

impl Default for PretrainConfig {
    fn default() -> Self {
        let TrainSettings {
            warmup_ratio,
            weight_decay,
            max_grad_norm,
            max_length,
            seed,
            device,
            precision,
            checkpoint_minutes,
            ..
        } = TrainSettings::default();
        Self {
            model: PathBuf::new(),
            text: Vec::new(),
            reading: Value::Null,
            epochs: None,
            steps: None,
            batch_size: 32,
            learning_rate: None,
            warmup_ratio,
            weight_decay,
            max_grad_norm,
            dropout: None,
            max_length,
            mask_share: 0.15,
            whole_words: true,
            held_out_share: 0.05,
            seed,
            device,
            precision,
            checkpoint_minutes,
        }
    }
}

impl PretrainConfig {
    /// Refuses values that make no sense.
    ///
    /// # Errors
    /// The first such value, by name.
    pub fn check(&self) -> Result<(), SettingFault> {
        TrainSettings {
            epochs: self.epochs,
            batch_size: Some(self.batch_size),
            learning_rate: self.learning_rate,
            warmup_ratio: self.warmup_ratio,
            weight_decay: self.weight_decay,
            max_grad_norm: self.max_grad_norm,
            dropout: self.dropout,
            max_length: self.max_length,
            checkpoint_minutes: self.checkpoint_minutes,
            ..TrainSettings::default()
        }
        .check()?;
        let fault = |setting, found: String, expected: &str| {
            let expected = expected.to_owned();
            Err(SettingFault {
                setting,
                found,
                expected,
            })
        };
        if self.steps == Some(0) {
            return fault("steps", "0".into(), "a whole number, 1 or more");
        }
        let shares = [
            ("mask_share", self.mask_share, 0.9),
            ("held_out_share", self.held_out_share, 0.5),
        ];
        for (name, share, most) in shares {
            if !(share > 0.0 && share <= most) {
                let expected = format!("a number above 0 and up to {most}");
                return fault(name, share.to_string(), &expected);
            }
        }
        Ok(())
    }

    /// The same with nothing left open, for a model of this hidden size.
    #[must_use]
    pub fn decided(self, hidden_size: usize) -> Self {
        let [small, base, large] = RATES;
        let rate = match hidden_size {
            hidden if hidden <= SMALL_MODEL => small,
            hidden if hidden <= BASE_MODEL => base,
            _ => large,
        };
        Self {
            epochs: match (self.epochs, self.steps) {
                (None, None) => Some(EPOCHS),
                (epochs, _) => epochs,
            },
            learning_rate: self.learning_rate.or(Some(rate)),
            ..self
        }
    }
}

/// One thing that happened in a run of pretraining. Order as in [`Event`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum PretrainEvent {
    /// Text and model are read, the first step is next.
    Started {
        /// The run's folder.
        run: PathBuf,
        /// The configuration as resolved.
        config: Box<PretrainConfig>,
        /// Documents by part: `train` and `held-out`.
        documents: BTreeMap<String, usize>,
        /// Windows to learn from; more than documents where some are longer than one.
        windows: usize,
        /// Masked word pieces that the held-out part is judged by.
        masked: usize,
        /// Steps in all, unless it stops early.
        steps: usize,
        /// Steps already done, when a run is resumed.
        done_steps: usize,
        /// Of those, steps at the beginning that train a new head alone; 0 where the model has one.
        head_steps: usize,
        /// Parameters of the model.
        parameters: usize,
        /// The device's id.
        device: String,
        /// How much memory the run is expected to take there, in bytes.
        forecast_bytes: u64,
    },
    /// The held-out part was predicted.
    Evaluated(HeldOutLoss),
    /// The run is complete.
    Finished {
        /// `report.json`.
        report: PathBuf,
        /// The folder of the best model.
        model: PathBuf,
        /// Whether the held-out loss is lower than before.
        helped: bool,
        /// What came of it, in a sentence.
        verdict: String,
        /// Seconds of work, including all times that the run was resumed.
        seconds: f64,
        /// The highest memory use of the process seen, in bytes.
        peak_memory_bytes: u64,
    },
    /// The run was stopped; the best model so far and its report are written, unless nothing was measured
    /// yet.
    Stopped {
        /// `report.json`.
        report: Option<PathBuf>,
        /// The folder of the best model.
        model: Option<PathBuf>,
        /// The last step done, including all times that the run was resumed.
        step: usize,
    },
    /// What a run of fine-tuning reports just so.
    #[serde(untagged)]
    Shared(Event),
}

impl From<Event> for PretrainEvent {
    fn from(event: Event) -> Self {
        Self::Shared(event)
    }
}

/// An event of pretraining with the moment it happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimestampedPretrainEvent {
    /// The event.
    #[serde(flatten)]
    pub event: PretrainEvent,
    /// UTC, RFC 3339.
    pub time: String,
}

/// How well the masked word pieces of the held-out part are predicted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldOutLoss {
    /// After this step.
    pub step: usize,
    /// Epochs done, with fraction.
    pub epoch: f64,
    /// The mean negative log-likelihood of a masked word piece.
    #[serde(deserialize_with = "number::or_nan")]
    pub loss: f64,
    /// Its exponential (the pseudo-perplexity of the masked pieces).
    #[serde(deserialize_with = "number::or_nan")]
    pub perplexity: f64,
    /// Whether it is the lowest so far.
    pub best: bool,
}

/// `report.json` of a run of pretraining.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PretrainReport {
    /// Whether the held-out loss is lower than before.
    pub helped: bool,
    /// What came of it, in a sentence.
    pub verdict: String,
    /// The model that was pretrained further.
    pub base_model: PathBuf,
    /// Whether its head is a new one. The first evaluation is then that of the encoder as it was, after the
    /// head alone was trained.
    pub new_head: bool,
    /// Documents by part: `train` and `held-out`.
    pub documents: BTreeMap<String, usize>,
    /// Documents that gave the model nothing to read.
    pub empty_documents: usize,
    /// Windows to learn from.
    pub windows: usize,
    /// Word pieces to learn from, special ones not counted.
    pub pieces: usize,
    /// Masked word pieces that the held-out part is judged by.
    pub masked: usize,
    /// Of the model before pretraining, then after each epoch.
    pub evaluations: Vec<HeldOutLoss>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_both_kinds_are_written_alike_and_read_again() {
        let evaluated = PretrainEvent::Evaluated(HeldOutLoss {
            step: 5,
            epoch: 1.0,
            loss: 2.5,
            perplexity: 12.18,
            best: true,
        });
        let warning = PretrainEvent::from(Event::warning("code", "words"));
        for (event, name) in [(evaluated, "evaluated"), (warning, "warning")] {
            let stamped = TimestampedPretrainEvent {
                event,
                time: "2026-01-01T00:00:00Z".into(),
            };
            let text = serde_json::to_value(&stamped).unwrap();
            assert_eq!(text["event"], name);
            assert_eq!(
                serde_json::from_value::<TimestampedPretrainEvent>(text).unwrap(),
                stamped
            );
        }
    }

    #[test]
    fn values_out_of_range_are_named() {
        type Change = fn(&mut PretrainConfig);
        let cases: [(&str, Change); 6] = [
            ("steps", |config| config.steps = Some(0)),
            ("epochs", |config| config.epochs = Some(0)),
            ("batch_size", |config| config.batch_size = 0),
            ("mask_share", |config| config.mask_share = 0.0),
            ("held_out_share", |config| config.held_out_share = 0.7),
            ("learning_rate", |config| config.learning_rate = Some(0.0)),
        ];
        for (name, change) in cases {
            let mut config = PretrainConfig::default();
            assert!(config.check().is_ok());
            change(&mut config);
            assert_eq!(config.check().unwrap_err().setting, name);
        }
    }
}
