//! Pretraining on text without labels as the window starts and shows it.

use super::{Failure, RunStatus};
use serde::{Deserialize, Serialize};
use specta::Type;

/// What a model is to be pretrained on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct PretrainRequest {
    /// The name of a model of the library.
    pub model: String,
    /// Files that the person picked.
    pub text: Vec<String>,
    /// The new model's name; empty for one made of the old one's.
    pub name: String,
    /// Passes over the text, at most; `null` for as many as help.
    pub epochs: Option<u32>,
    /// The compute device, by its id, or `auto`.
    pub device: String,
}

/// A run of pretraining as lists show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct Pretraining {
    pub id: String,
    pub name: String,
    /// RFC 3339.
    pub created: String,
    /// The model that it began with.
    pub model: String,
    /// The files of text, by name.
    pub text: Vec<String>,
    pub status: RunStatus,
    /// It was asked to stop and has not yet.
    pub stopping: bool,
    /// Documents to learn from, and held out; `null` until they are read.
    pub documents: Option<PretrainDocuments>,
    /// Steps done.
    pub step: u32,
    /// Steps in all; 0 until they are known.
    pub steps: u32,
    /// Of those, steps at the beginning that train a new head alone.
    pub head_steps: u32,
    /// Seconds of work, of all sessions.
    pub seconds: f64,
    /// `null` before the first step.
    pub eta_seconds: Option<f64>,
    /// How well held-out words are predicted: before the first step, then after each epoch.
    pub evaluations: Vec<HeldOut>,
    /// Whether held-out words are predicted better than before, once it is done.
    pub helped: Option<bool>,
    /// The model that it made, by its name in the library.
    pub made: Option<String>,
    /// What the person should know.
    pub warnings: Vec<Warning>,
    pub failure: Option<Failure>,
}

/// What the engine warned of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Warning {
    /// Stable and kebab-case.
    pub code: String,
    /// In English.
    pub message: String,
}

/// Documents of both parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct PretrainDocuments {
    pub train: u32,
    pub held_out: u32,
    /// Windows to learn from.
    pub windows: u32,
}

/// How well the masked words of the held-out part are predicted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct HeldOut {
    /// After this step.
    pub step: u32,
    /// Epochs done, with fraction.
    pub epoch: f64,
    /// The mean negative log-likelihood of a masked word piece.
    pub loss: f64,
    /// Its exponential.
    pub perplexity: f64,
    /// Whether it is the lowest so far.
    pub best: bool,
}
