//! Runs and evaluations as lists show them.

use super::{
    DataDocument, Decision, Failure, Often, Preparing, Scores, SpaceRange, SplitChoice,
    TrainSettings,
};
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

/// Two runs beside each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct Comparison {
    /// The version of the data set that the first learned from; `null` where it was no data set of the library.
    pub first_version: Option<u32>,
    /// That of the second.
    pub second_version: Option<u32>,
    /// Labels that only the first learned.
    pub labels_first: Vec<String>,
    /// Labels that only the second learned.
    pub labels_second: Vec<String>,
    /// What differs in train, dev and test, as far as there are files.
    pub splits: Vec<ComparedSplit>,
    /// On test and dev, as far as either was scored.
    pub scores: Vec<ComparedScores>,
}

/// What differs in the documents of a split.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct ComparedSplit {
    /// Its name.
    pub split: String,
    /// Both runs had the same documents with the same entities.
    pub is_same: bool,
    /// The numbers below are known: the files that the runs read are still there.
    pub is_known: bool,
    /// Documents that only the first had.
    pub only_first: u32,
    /// Documents that only the second had.
    pub only_second: u32,
    /// Documents with the same text and other entities.
    pub relabelled: u32,
    /// Some of them all.
    pub examples: Vec<DifferentDocument>,
}

/// A document that two runs had differently, or only one of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct DifferentDocument {
    pub first: Option<DataDocument>,
    pub second: Option<DataDocument>,
}

/// What the scores of two runs on a split say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum ScoreVerdict {
    /// The first makes fewer mistakes, and hardly by chance.
    FirstBetter,
    /// The second does.
    SecondBetter,
    /// What differs may be chance.
    NoClearDifference,
    /// The documents or their entities are others: the scores cannot be compared.
    DifferentData,
    /// A model marked entities of labels that it keeps, and for each run another one.
    DifferentLabels,
    /// One of them was not scored.
    NotScored,
}

/// The scores of two runs on a split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct ComparedScores {
    /// Its name.
    pub split: String,
    /// What the scores say.
    pub verdict: ScoreVerdict,
    /// On how many documents the first and the second make fewer mistakes than the other.
    pub fewer_mistakes: Option<(u32, u32)>,
    /// Of the first, over all entities.
    pub first: Option<Scores>,
    /// Of the second.
    pub second: Option<Scores>,
    /// The 95 % interval of F1 of the first, 0–1.
    pub first_interval: Option<(f64, f64)>,
    /// That of the second.
    pub second_interval: Option<(f64, f64)>,
    /// By label.
    pub labels: Vec<ComparedLabel>,
}

/// The scores of two runs on one label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct ComparedLabel {
    pub label: String,
    pub first: Option<Scores>,
    pub second: Option<Scores>,
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
    /// The split that `f1` is of, where several were scored.
    #[serde(default)]
    pub f1_split: Option<SplitChoice>,
    pub failure: Option<Failure>,
}
