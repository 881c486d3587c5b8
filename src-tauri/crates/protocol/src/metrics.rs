//! Scores: precision, recall and F1, in the one shape that all commands and files use.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which runs of tags count as entities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "lowercase")]
pub enum Convention {
    /// Ill-formed runs are repaired and counted: what the literature reports.
    #[default]
    Conlleval,
    /// What breaks the scheme is no entity: seqeval with `mode="strict"`.
    Strict,
}

/// Fractions from 0 to 1; 0 where there is nothing to divide by. `support` is the number of
/// gold entities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Scores {
    /// Correct among the predicted.
    pub precision: f64,
    /// Correct among the gold.
    pub recall: f64,
    /// The harmonic mean of the two.
    pub f1: f64,
    /// Gold entities.
    pub support: usize,
}

/// How well two sets of tags agree.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Metrics {
    /// What was counted as an entity.
    pub convention: Convention,
    /// Over all entities (micro average).
    pub overall: Scores,
    /// The unweighted mean over the labels of gold and prediction.
    #[serde(rename = "macro")]
    pub macro_: Scores,
    /// For each label of gold or prediction.
    pub labels: BTreeMap<String, Scores>,
    /// The share of words whose tag is the same.
    pub token_accuracy: f64,
}
