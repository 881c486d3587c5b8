//! What can be mended in a data set, as values: recorded with it, and done again on a new version of its files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::format::{Corpus, OffsetUnit, ReadOptions};

/// One part of a data set: what was read for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// `train`, `dev`, `test` …
    pub split: String,
    /// Its documents, and what was found while they were read.
    pub corpus: Corpus,
}

/// A data set in memory: its parts, each with a name of its own, in the order `train`, `dev`, `test`.
pub type Dataset = Vec<Part>;

/// One repair. Those that concern the reading of a file come before all others, whatever their
/// place in the list; the rest are done in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "repair", rename_all = "kebab-case")]
pub enum Repair {
    /// At reading: offsets count something else than characters.
    ConvertOffsets {
        /// What they count.
        from: OffsetUnit,
    },
    /// At reading: add a number to every start and end.
    ShiftOffsets {
        /// The number, in the file's own unit.
        by: i64,
    },
    /// At reading: leave out spans that cannot be used, instead of refusing the file.
    DropInvalid,
    /// Spans lose the white space at their edges.
    TrimSpans,
    /// Spans that start or end inside a word grow to the word's edges.
    SnapToWords,
    /// Tags that break the scheme are read as conlleval reads them, and written well-formed.
    RepairTags,
    /// Renames, merges and drops labels: each label and what it becomes; nothing drops its spans.
    MapLabels {
        /// Labels that are not named stay as they are.
        labels: BTreeMap<String, Option<String>>,
    },
    /// Of documents with the same text in one part, the first stays.
    DropDuplicates {
        /// Also those that are nearly the same.
        #[serde(default)]
        near: bool,
    },
    /// Documents of other parts whose text also stands in `train` go to `train`, or are dropped where
    /// the same text with the same labels is there already.
    MoveLeaking {
        /// Also those that are nearly the same.
        #[serde(default)]
        near: bool,
    },
    /// All documents, put together and parted anew.
    Split {
        /// Each part and its share, 0–1; together 1.
        shares: BTreeMap<String, f64>,
        /// Fixes the choice.
        seed: u64,
    },
    /// A part keeps so many of its documents, chosen at random, in their order.
    Sample {
        /// The part.
        split: String,
        /// How many stay.
        documents: usize,
        /// Fixes the choice.
        seed: u64,
    },
}

/// How a data set came from its files: what is recorded with it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Recipe {
    /// How the files are read, before the repairs that concern the reading.
    pub reading: ReadOptions,
    /// In the order in which they were asked for.
    pub repairs: Vec<Repair>,
}
