//! What a run would add to its training documents.

use super::DataDocument;
use serde::{Deserialize, Serialize};
use specta::Type;
use tagsmith_corpus::augment::Operation;

/// A document that would be added, and the one that it was made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct AugmentationExample {
    /// What was done.
    pub operations: Vec<Operation>,
    /// A document of the training set.
    pub before: DataDocument,
    /// The one that was made of it.
    pub after: DataDocument,
}

/// What a list of mentions holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct MentionList {
    /// Mentions in all.
    pub mentions: u32,
    /// Its labels, the most frequent first.
    pub labels: Vec<ListedLabel>,
}

/// A label of a list of mentions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct ListedLabel {
    /// Its name.
    pub label: String,
    /// Its mentions.
    pub mentions: u32,
    /// The first few of them.
    pub examples: Vec<String>,
    /// Whether the training set has the label: else its mentions are of no use. `null` without a data set.
    pub is_known: Option<bool>,
}
