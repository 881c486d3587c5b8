//! What a repair would change.

use super::DataDocument;
use serde::{Deserialize, Serialize};
use specta::Type;

/// A document before and after a repair.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct RepairExample {
    pub split: String,
    pub line: u32,
    pub before: DataDocument,
    /// `null` where it is removed.
    pub after: Option<DataDocument>,
}

/// What a repair would change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct RepairPreview {
    pub changed_documents: u32,
    pub changed_spans: u32,
    pub removed_documents: u32,
    pub moved_documents: u32,
    /// The first documents concerned.
    pub examples: Vec<RepairExample>,
}
