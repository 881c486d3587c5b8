//! What a run says while it works, and the settings it was started with.

use super::{Metrics, Num};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

/// A tag scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Scheme {
    Io,
    Iob1,
    Iob2,
    Bioes,
    Bilou,
    Bmes,
}

/// How the learning rate falls after the warm-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Schedule {
    Linear,
    Cosine,
    Constant,
}

/// How tags are chosen: the best legal sequence, or the best tag of each word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Decoding {
    Viterbi,
    Argmax,
}

/// In how many bits the model computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Precision {
    #[default]
    Auto,
    F32,
    Bf16,
    F16,
}

/// What a person may set; `null` leaves the choice to the engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct TrainSettings {
    /// Passes over the training data.
    pub epochs: Option<u32>,
    /// Windows in one forward pass.
    pub batch_size: u32,
    /// Forward passes in one step.
    pub gradient_accumulation: u32,
    /// The highest learning rate.
    pub learning_rate: Option<Num>,
    /// How it falls.
    pub schedule: Schedule,
    /// Share of the steps, 0–1, over which it rises.
    pub warmup_ratio: Num,
    /// Weight decay of the matrices.
    pub weight_decay: Num,
    /// Largest global gradient norm; 0 for no limit.
    pub max_grad_norm: Num,
    /// Every dropout rate, instead of those of the model.
    pub dropout: Option<Num>,
    /// How many of the lowest layers are left as they are. Runs of the first version lack this, and
    /// what else has a default here.
    #[serde(default)]
    pub frozen_layers: u32,
    /// Longest window in word pieces.
    pub max_length: u32,
    /// Word pieces that neighbouring windows share.
    pub overlap: Option<u32>,
    /// Share of the training data, 0–1, held out where there is no dev split.
    pub dev_share: Num,
    /// Epochs without a better dev F1 after which training stops; 0: never.
    pub early_stopping_patience: u32,
    /// Minutes between checkpoints inside an epoch.
    pub checkpoint_minutes: Num,
    /// Fixes everything random.
    pub seed: u32,
    /// `auto`, or a device's id.
    pub device: String,
    /// In how many bits the model computes; `auto`: as suits the device.
    #[serde(default)]
    pub precision: Precision,
    /// Keep less for the backward pass and compute it again there: less memory, more time.
    #[serde(default)]
    pub gradient_checkpointing: bool,
    /// Windows in a batch of evaluation.
    pub eval_batch_size: u32,
    /// The tag scheme of the model's outputs.
    pub scheme: Scheme,
    /// How tags are chosen in evaluation.
    pub decoding: Decoding,
}

/// Everything that decides a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct TrainConfig {
    /// The folder of the pretrained model.
    pub model: String,
    /// The file to learn from.
    pub train: String,
    /// The file to choose the best model by.
    pub dev: Option<String>,
    /// A file that is only scored.
    pub test: Option<String>,
    /// The rest.
    #[serde(flatten)]
    pub settings: TrainSettings,
}

/// What a GPU is prepared for: its self-test before a run has started, or the run's own steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Stage {
    Test,
    WarmUp,
}

/// One thing that happened in a run. Order: `started` first, but for `preparing` while a GPU is tested;
/// exactly one of `finished`, `stopped`, `failed` last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(tag = "event", rename_all = "snake_case")]
#[allow(
    missing_docs,
    reason = "the engine's own documentation says what each is"
)]
pub enum RunEvent {
    Started {
        run: String,
        config: Box<TrainConfig>,
        documents: BTreeMap<String, u32>,
        windows: u32,
        steps: u32,
        done_steps: u32,
        parameters: u32,
        labels: Vec<String>,
        device: String,
        /// Expected memory on the device; runs of the first version tell of none.
        forecast_bytes: Option<u64>,
    },
    /// Logs of the first version have no more than `done` and `total`.
    Preparing {
        device: Option<String>,
        stage: Option<Stage>,
        done: u32,
        /// `null` while nobody knows.
        total: Option<u32>,
        eta_seconds: Option<Num>,
    },
    Step {
        step: u32,
        epoch: Num,
        loss: Num,
        lr: Num,
        gradient_norm: Num,
        tokens_per_second: Num,
        memory_bytes: u64,
        eta_seconds: Num,
    },
    Evaluated {
        split: String,
        step: u32,
        epoch: Num,
        loss: Num,
        metrics: Metrics,
        best: bool,
    },
    Checkpoint {
        path: String,
        step: u32,
    },
    Warning {
        code: String,
        message: String,
    },
    Finished {
        report: String,
        model: String,
        best_f1: Num,
        best_step: u32,
        seconds: Num,
        peak_memory_bytes: u64,
    },
    /// `null` where it was stopped before its first step, and wrote nothing.
    Stopped {
        report: Option<String>,
        model: Option<String>,
        step: u32,
        best_f1: Option<Num>,
    },
    Failed {
        code: String,
        message: String,
        hint: Option<String>,
    },
}

impl RunEvent {
    /// Whether it is the last of its run.
    pub fn is_last(&self) -> bool {
        matches!(
            self,
            Self::Finished { .. } | Self::Stopped { .. } | Self::Failed { .. }
        )
    }
}

/// An event with the moment it happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct Stamped {
    /// The event.
    #[serde(flatten)]
    pub event: RunEvent,
    /// UTC, RFC 3339.
    pub time: String,
}
