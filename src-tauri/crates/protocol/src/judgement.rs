//! What the scores of a split mean: how far they can be trusted, what is against them, and where to look first.
//! `tagsmith_corpus::judge` makes it of a report; each program says it in its own words.

use crate::MistakeKind;
use serde::{Deserialize, Serialize};

/// What the scores of a split mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Judgement {
    /// The lower and the upper end, 0–1, of the 95 % interval of F1 on other text of the same kind.
    pub interval: (f64, f64),
    /// Entities found with the right label and the right words.
    pub correct: usize,
    /// Entities that were predicted.
    pub predicted: usize,
    /// What is against the figure, the weightiest first.
    pub caveats: Vec<Caveat>,
    /// The label with the lowest F1; absent where everything is right, or nothing is.
    pub weakest: Option<WeakestLabel>,
    /// The mistakes to look at first, at most three, each in a document of its own.
    pub worst: Vec<MistakeAt>,
}

/// Something that is against a figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(tag = "caveat", rename_all = "kebab-case")]
pub enum Caveat {
    /// The documents have no labelled entity, so that there is nothing to find.
    NoEntities,
    /// Not one entity was found.
    NothingLearned,
    /// Documents that the model has learned from, or nearly.
    Copies {
        /// With the same text as a training document.
        same: usize,
        /// With nearly the same text as one.
        near: usize,
    },
    /// Labels that the model does not have.
    UnknownLabels {
        /// Their names.
        labels: Vec<String>,
        /// Their entities, all of which count as missed.
        entities: usize,
    },
    /// The interval is wide, because few entities were scored.
    FewEntities {
        /// With about this many entities, and mistakes as often as now, it is narrow enough.
        enough: usize,
    },
    /// One label makes F1 clearly lower than that of all others.
    OneLabel {
        /// Its name.
        label: String,
        /// F1 of all others together, 0–1.
        without: f64,
    },
}

/// The label with the lowest F1, and what goes wrong with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct WeakestLabel {
    /// Its name.
    pub label: String,
    /// Its F1, 0–1.
    pub f1: f64,
    /// The most frequent kind of its mistakes.
    pub kind: MistakeKind,
    /// How many of its mistakes are of that kind.
    pub of_kind: usize,
    /// All of its mistakes.
    pub mistakes: usize,
    /// The label that it is taken for, or that is taken for it, most often.
    pub confused_with: Option<String>,
}

/// A place in the list of wrong predictions of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct MistakeAt {
    /// Which document of `errors`, from 0.
    pub document: usize,
    /// Which of its mistakes, from 0.
    pub mistake: usize,
}
