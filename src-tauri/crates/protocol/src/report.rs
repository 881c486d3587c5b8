//! `report.json`: the scores of each split and every wrong prediction behind them.

use crate::{Convention, Decoding, Judgement, Metrics, number};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `report.json`: one part for each split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Report {
    /// How entities are counted.
    pub convention: Convention,
    /// How tags were chosen.
    pub decoding: Decoding,
    /// The splits by name.
    pub splits: BTreeMap<String, SplitReport>,
}

/// The scores of one split and what went wrong in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct SplitReport {
    /// The file scored.
    pub file: String,
    /// Documents scored: all of them.
    pub documents: usize,
    /// Words scored: all of them.
    pub words: usize,
    /// Words without tokens, scored as `O`.
    pub words_without_pieces: usize,
    /// Gold entities whose boundaries were moved outward to word boundaries.
    pub moved_entities: usize,
    /// Gold entities that share a word with another one and cannot be scored.
    pub lost_entities: usize,
    /// Words longer than a window, of which only the beginning was read.
    pub cut_words: usize,
    /// Documents whose text the model was trained on, where that is known: they flatter the score.
    pub shared_with_train: Option<usize>,
    /// Further documents whose text is nearly that of a training document; absent where nobody looked.
    #[serde(default)]
    pub near_train: Option<usize>,
    /// Labels of the data that the model does not have; their entities count as missed.
    pub unknown_labels: Vec<String>,
    /// Mean loss of the words whose gold tag the model knows.
    #[serde(deserialize_with = "number::or_nan")]
    #[cfg_attr(feature = "bindings", specta(type = f64))]
    pub loss: f64,
    /// Overall and by label.
    pub metrics: Metrics,
    /// Counts of gold label (or none) against predicted label (or none).
    pub confusion: Vec<Confusion>,
    /// Every document with a wrong prediction.
    pub errors: Vec<DocumentErrors>,
    /// What the scores mean; absent in reports of earlier versions.
    #[serde(default)]
    pub judgement: Option<Judgement>,
}

/// How often one label was predicted where another is right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Confusion {
    /// The right label; absent where there is no entity.
    pub gold: Option<String>,
    /// The predicted label; absent where none was found.
    pub predicted: Option<String>,
    /// How often.
    pub count: usize,
}

/// The wrong predictions of one document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct DocumentErrors {
    /// The document's number in its file, from 0.
    pub document: usize,
    /// The line it starts on, from 1.
    pub line: usize,
    /// The name of the file that it was imported from, where the window knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", specta(optional))]
    pub file: Option<String>,
    /// Its text.
    pub text: String,
    /// The entities that were predicted right; none in reports of earlier versions.
    #[serde(default)]
    pub right: Vec<Entity>,
    /// What is wrong.
    pub errors: Vec<Mistake>,
}

/// One wrong prediction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Mistake {
    /// What is wrong with it.
    pub kind: MistakeKind,
    /// The right entity, unless the prediction is spurious.
    pub gold: Option<Entity>,
    /// The predicted entity, unless one was missed.
    pub predicted: Option<Entity>,
}

/// The kinds of wrong predictions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum MistakeKind {
    /// An entity was not found.
    Missed,
    /// There is no entity.
    Spurious,
    /// Right words, wrong label.
    Label,
    /// Right label, overlapping words.
    Boundary,
    /// Wrong label, overlapping words.
    LabelAndBoundary,
}

/// An entity in a text. Offsets count Unicode characters in files and in the engine's output, and
/// UTF-16 units, as JavaScript's strings do, on their way to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Entity {
    /// Its first character.
    pub start: usize,
    /// One past its last character.
    pub end: usize,
    /// Its label.
    pub label: String,
    /// The text it covers.
    pub text: String,
    /// The model's confidence, 0–1; absent for gold entities.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "rounded"
    )]
    #[cfg_attr(feature = "bindings", specta(optional, type = f32))]
    pub score: Option<f32>,
}

/// Six decimals: what lies beyond is the noise of single precision.
#[allow(clippy::ref_option, reason = "serde passes the field by reference")]
fn rounded<S: serde::Serializer>(score: &Option<f32>, out: S) -> Result<S::Ok, S::Error> {
    score
        .map(|score| (f64::from(score) * 1e6).round() / 1e6)
        .serialize(out)
}
