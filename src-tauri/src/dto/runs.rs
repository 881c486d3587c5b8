//! Runs and evaluations as lists show them.

use super::{Decision, Failure, Often, Preparing, SpaceRange, SplitChoice, TrainSettings};
use serde::{Deserialize, Serialize};
use specta::Type;

/// How a run stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum RunStatus {
    #[default]
    Running,
    Finished,
    Stopped,
    Failed,
}

/// What a run is to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct RunRequest {
    /// Any name.
    pub name: String,
    /// The name of a model of the library.
    pub model: String,
    /// The id of a data set.
    pub data: String,
    /// What the person set.
    pub settings: TrainSettings,
    /// Whether it is done once, with several seeds, or with other settings each time.
    #[serde(default)]
    pub often: Often,
}

/// What a run is to be, as far as its length depends on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct PlanRequest {
    /// What the person set.
    pub settings: TrainSettings,
    /// The name of a model of the library.
    pub model: String,
    /// Its hidden size.
    pub hidden_size: u32,
    /// Whether it was made to embed sentences.
    pub embeds_sentences: bool,
    /// The id of a data set.
    pub data: String,
    /// Documents to learn from.
    pub documents: u32,
    /// Whether the data has a dev set.
    pub has_dev: bool,
    /// How often it is run.
    #[serde(default)]
    pub often: Often,
}

/// What a run will do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct RunPlan {
    /// What is chosen for the settings that are left open.
    pub decisions: Vec<Decision>,
    /// Whether training begins anew on all data, once a part that is held out has shown how long to train.
    pub is_refitted: bool,
    /// Passes over the data to expect, in each half where it is refitted.
    pub epochs: u32,
    /// The most that there may be.
    pub most_epochs: u32,
    /// Windows that an epoch has: with added documents, and as resampling repeats or leaves them out.
    pub windows: u32,
    /// Whether the model's tokenizer has counted them, of some documents where there are many; else each
    /// document counts as one.
    pub is_counted: bool,
    /// Steps of a run to expect.
    pub steps: u32,
    /// Runs, the short ones of a search among them.
    pub runs: u32,
    /// About how long all of it will take, by the last run with this model and device; `null` where there is
    /// none.
    pub seconds: Option<f64>,
    /// What a search would draw from; empty for anything else.
    pub space: Vec<SpaceRange>,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct Run {
    pub id: String,
    pub name: String,
    /// RFC 3339.
    pub created: String,
    pub status: RunStatus,
    pub model: String,
    pub data: String,
    pub data_name: String,
    pub settings: TrainSettings,
    pub best_f1: Option<f64>,
    pub test_f1: Option<f64>,
    pub seconds: f64,
    pub step: usize,
    pub steps: usize,
    pub failure: Option<Failure>,
    /// The person marked it as one to keep in sight.
    pub starred: bool,
    /// What the person wrote about it.
    pub note: String,
    /// It was asked to stop and has not yet.
    pub stopping: bool,
    /// There is a report to read, of this session or an earlier one.
    pub has_report: bool,
    /// There is a model that highlights.
    pub has_model: bool,
}

/// How an evaluation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum EvaluationStatus {
    Running,
    Finished,
    Cancelled,
    Failed,
}

/// Which model is to be scored on which data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct EvaluationRequest {
    pub model: String,
    pub data: String,
    pub split: SplitChoice,
}

/// A model scored on a data set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct Evaluation {
    pub id: String,
    pub model: String,
    pub data: String,
    pub data_name: String,
    pub split: SplitChoice,
    /// RFC 3339.
    pub created: String,
    pub status: EvaluationStatus,
    /// While a GPU is tested, before the first document is scored.
    pub preparing: Option<Preparing>,
    /// Documents scored.
    pub done: u32,
    /// 0 while unknown.
    pub total: u32,
    pub f1: Option<f64>,
    pub failure: Option<Failure>,
}
