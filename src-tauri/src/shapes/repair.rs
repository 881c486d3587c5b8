//! Repairs as values, and what one would change.

use super::{DataDocument, Num, OffsetUnit};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

/// One repair. Those that concern the reading come before all others, the rest are done in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(tag = "repair", rename_all = "kebab-case")]
pub enum Repair {
    /// At reading: offsets count something else than characters.
    ConvertOffsets {
        /// What they count.
        from: OffsetUnit,
    },
    /// At reading: add a number to every start and end.
    ShiftOffsets {
        /// The number.
        by: i32,
    },
    /// At reading: leave out spans that cannot be used, instead of refusing the file.
    DropInvalid,
    /// Spans lose the white space at their edges.
    TrimSpans,
    /// Spans that start or end inside a word grow to the word's edges.
    SnapToWords,
    /// Tags that break the scheme are read as conlleval reads them.
    RepairTags,
    /// Renames, merges and drops labels.
    MapLabels {
        /// Each label and what it becomes; `null` drops its spans.
        labels: BTreeMap<String, Option<String>>,
    },
    /// Of documents with the same text in one part, the first stays.
    DropDuplicates {
        /// Also those that are nearly the same.
        #[serde(default)]
        near: bool,
    },
    /// Documents of other parts whose text also stands in `train` go there, or are dropped.
    MoveLeaking {
        /// Also those that are nearly the same.
        #[serde(default)]
        near: bool,
    },
    /// Parts that the data set lacks are held out of `train`.
    HoldOut {
        /// Each part that there shall be and its share of `train`, 0–1; together less than 1.
        shares: BTreeMap<String, Num>,
        /// Fixes the choice.
        seed: u32,
    },
    /// All documents, put together and parted anew.
    Split {
        /// Each part and its share, 0–1; together 1.
        shares: BTreeMap<String, Num>,
        /// Fixes the choice.
        seed: u32,
        /// Sentences of one source document stay together, which is so where nothing is said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[specta(optional)]
        grouped: Option<bool>,
    },
    /// A part keeps so many of its documents, chosen at random, in their order.
    Sample {
        /// The part.
        split: String,
        /// How many stay.
        documents: u32,
        /// Fixes the choice.
        seed: u32,
    },
}

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
