//! Studies as lists show them: the same run with several seeds, and searches over settings.

use super::{Combination, Failure, RunStatus, TrainSettings};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

/// How often a run is done.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Often {
    /// Once.
    #[default]
    Once,
    /// With several seeds.
    Seeds {
        /// How many.
        seeds: u32,
        /// How their models become one; `null` for the middle run's alone.
        #[serde(default)]
        combine: Option<Combination>,
    },
    /// With other settings each time.
    Search {
        /// How many combinations of settings are tried; the first is the untouched default.
        trials: u32,
        /// The settings that take part, each with its values.
        space: Vec<SpaceRange>,
    },
}

/// The values of a setting that a search draws from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct SpaceRange {
    /// Its name.
    pub setting: String,
    /// These values, where it is a list.
    pub values: Vec<SettingValue>,
    /// From this number.
    pub low: Option<f64>,
    /// To this one.
    pub high: Option<f64>,
    /// Whether all factors are alike, instead of all differences.
    pub log: bool,
}

/// The value of a setting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(untagged)]
#[allow(missing_docs)]
pub enum SettingValue {
    Flag(bool),
    Number(f64),
    Text(String),
}

/// How a task of a study or of the queue stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum TaskStatus {
    #[default]
    Waiting,
    Running,
    Pausing,
    Paused,
    Stopped,
    Failed,
    Done,
}

impl From<tagsmith_plan::TaskState> for TaskStatus {
    fn from(state: tagsmith_plan::TaskState) -> Self {
        use tagsmith_plan::TaskState;
        match state {
            TaskState::Waiting => Self::Waiting,
            TaskState::Running => Self::Running,
            TaskState::Pausing => Self::Pausing,
            TaskState::Paused => Self::Paused,
            TaskState::Stopped => Self::Stopped,
            TaskState::Failed => Self::Failed,
            TaskState::Done => Self::Done,
        }
    }
}

/// Several runs of one kind: with several seeds, or with other settings each time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct Study {
    pub id: String,
    pub name: String,
    /// RFC 3339.
    pub created: String,
    pub often: Often,
    pub status: RunStatus,
    /// It was asked to stop and has not yet.
    pub stopping: bool,
    pub model: String,
    pub data: String,
    pub data_name: String,
    /// What the person set.
    pub settings: TrainSettings,
    /// Runs done.
    pub done: u32,
    /// Runs in all, as far as is known.
    pub total: u32,
    /// How much of the work is done, 0–1; `null` before the first run says.
    pub share: Option<f64>,
    /// Seconds of work, of all sessions.
    pub seconds: f64,
    /// Seconds left; `null` before the first run says.
    pub eta_seconds: Option<f64>,
    pub failure: Option<Failure>,
    /// The runs with several seeds: of the settings, or of a search's default at its end.
    pub seeds: SeedScores,
    /// Of a search.
    pub search: Option<SearchState>,
    /// The id of the run that is kept: the middle one, an ordinary run of the library.
    pub run: Option<String>,
    /// What the models of all runs are as one, where they were combined.
    pub combined: Option<CombinedModel>,
}

/// The models of all runs as one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct CombinedModel {
    pub how: Combination,
    /// F1, 0–1; `null` without a dev set: each run has learned what others held out.
    pub dev_f1: Option<f64>,
    pub test_f1: Option<f64>,
    /// Its name in the library, once it is there.
    pub model: Option<String>,
}

/// The same run with several seeds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct SeedScores {
    pub runs: Vec<SeedRun>,
    /// F1 on dev of the runs that are done.
    pub dev: Option<SeedSpread>,
    pub test: Option<SeedSpread>,
    /// The seed of the middle run, once all are done.
    pub middle: Option<f64>,
}

/// One of the seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct SeedRun {
    pub seed: f64,
    pub status: TaskStatus,
    /// F1, 0–1; while it trains, the best so far.
    pub dev_f1: Option<f64>,
    pub test_f1: Option<f64>,
    pub curve: Vec<CurvePoint>,
    /// How much of it is done, 0–1, while it trains.
    pub share: Option<f64>,
    pub seconds: Option<f64>,
    pub failure: Option<Failure>,
}

/// How numbers lie.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct SeedSpread {
    pub mean: f64,
    /// The sample standard deviation; `null` for a single number.
    pub standard_deviation: Option<f64>,
    pub lowest: f64,
    pub highest: f64,
}

/// Dev F1 after so many epochs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct CurvePoint {
    pub epoch: f64,
    pub dev_f1: f64,
}

/// A search as far as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct SearchState {
    /// What is searched.
    pub space: Vec<SpaceRange>,
    /// The epochs of each rung's runs; `null` for as many as the settings say.
    pub rungs: Vec<Option<u32>>,
    /// The trials; the first is the untouched default.
    pub trials: Vec<Trial>,
    /// What the settings had to do with dev F1, the most first; empty while too few trials are done.
    pub importance: Vec<SettingImportance>,
    /// The winner with the seeds that the default had too; empty where the default won.
    pub winner_seeds: SeedScores,
    /// The trial with the best run in full, once it is known.
    pub winner: Option<u32>,
    /// Whether it is better than the default, once all is done.
    pub verdict: Option<SearchVerdict>,
}

/// A combination of settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct Trial {
    /// Its number; 0 is the untouched default.
    pub trial: u32,
    /// Its settings where they differ from those of the search.
    pub values: BTreeMap<String, SettingValue>,
    /// How its longest run so far stands.
    pub status: TaskStatus,
    /// The rung of that run, from 0; `null` before the first.
    pub rung: Option<u32>,
    /// F1 on dev of that run, 0–1; while it trains, the best so far.
    pub dev_f1: Option<f64>,
    /// Dev F1 over that run.
    pub curve: Vec<CurvePoint>,
    /// Seconds of all its runs.
    pub seconds: f64,
    /// Why it failed.
    pub failure: Option<Failure>,
}

/// How much a setting had to do with dev F1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct SettingImportance {
    /// Its name.
    pub setting: String,
    /// The share of the variance of dev F1, 0–1.
    pub share: f64,
    /// The rank correlation with dev F1, −1 to 1; `null` for settings that are no numbers.
    pub direction: Option<f64>,
}

/// Whether the winner of a search is better than the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum SearchVerdict {
    /// The winner is the default.
    Default,
    /// It is better by more than seeds differ.
    Better,
    /// It is better, but by no more than seeds differ.
    WithinSpread,
    /// It is not.
    NotBetter,
}
