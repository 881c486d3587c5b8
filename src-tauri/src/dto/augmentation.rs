//! What a run would add to its training documents.

use super::DataDocument;
use serde::{Deserialize, Serialize};
use specta::Type;

/// A document that would be added, and the one that it was made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct AugmentationExample {
    /// What was done, in words.
    pub operations: Vec<String>,
    /// A document of the training set.
    pub before: DataDocument,
    /// The one that was made of it.
    pub after: DataDocument,
}
