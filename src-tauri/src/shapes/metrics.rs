//! Scores, and every wrong prediction behind them.

use super::{Decoding, Num};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

/// How entities are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Convention {
    Conlleval,
    Strict,
}

/// Fractions from 0 to 1; `support` is the number of gold entities.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct Scores {
    pub precision: Num,
    pub recall: Num,
    pub f1: Num,
    pub support: u32,
}

/// Scores of all entities and of each label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct Metrics {
    pub convention: Convention,
    pub overall: Scores,
    #[serde(rename = "macro")]
    pub macro_: Scores,
    pub labels: BTreeMap<String, Scores>,
    pub token_accuracy: Num,
}

/// A labelled piece of a text; offsets count UTF-16 units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct Entity {
    /// The first unit.
    pub start: u32,
    /// One past the last unit.
    pub end: u32,
    /// Its label.
    pub label: String,
    /// The text it covers.
    pub text: String,
    /// How sure the model is, 0–1; absent for gold entities.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[specta(optional, type = Num)]
    pub score: Option<Num>,
}

/// The kinds of wrong predictions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum MistakeKind {
    Missed,
    Spurious,
    Label,
    Boundary,
    LabelAndBoundary,
}

/// One wrong prediction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct Mistake {
    pub kind: MistakeKind,
    pub gold: Option<Entity>,
    pub predicted: Option<Entity>,
}

/// The wrong predictions of one document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct DocumentErrors {
    /// Place in its file, from 0.
    pub document: u32,
    /// The line of the imported file, from 1.
    pub line: u32,
    /// Its text.
    pub text: String,
    /// What is wrong.
    pub errors: Vec<Mistake>,
}

/// How often one label was predicted where another is right; `null` stands for no entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct Confusion {
    pub gold: Option<String>,
    pub predicted: Option<String>,
    pub count: u32,
}

/// The scores of one split and what went wrong in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct SplitReport {
    pub file: String,
    pub documents: u32,
    pub words: u32,
    pub words_without_pieces: u32,
    pub moved_entities: u32,
    pub lost_entities: u32,
    pub cut_words: u32,
    pub shared_with_train: Option<u32>,
    pub unknown_labels: Vec<String>,
    pub loss: Num,
    pub metrics: Metrics,
    pub confusion: Vec<Confusion>,
    pub errors: Vec<DocumentErrors>,
}

/// `report.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct Report {
    pub convention: Convention,
    pub decoding: Decoding,
    pub splits: BTreeMap<String, SplitReport>,
}
