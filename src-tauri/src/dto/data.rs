//! The data sets of the library, their documents, and how they leave it.

use super::{CheckReport, Entity, Repair, Scheme};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;
use tagsmith_corpus::Target;
use tagsmith_corpus::check::Bin;

/// A split of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Split {
    Train,
    Dev,
    Test,
}

impl Split {
    /// All, in their order.
    pub const ALL: [Self; 3] = [Self::Train, Self::Dev, Self::Test];

    /// As files and reports call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Dev => "dev",
            Self::Test => "test",
        }
    }
}

/// One split, or every one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum SplitChoice {
    All,
    Train,
    Dev,
    Test,
}

impl SplitChoice {
    /// Whether `split` is meant.
    pub fn takes(self, split: Split) -> bool {
        match self {
            Self::All => true,
            Self::Train => split == Split::Train,
            Self::Dev => split == Split::Dev,
            Self::Test => split == Split::Test,
        }
    }
}

/// A data set of the library.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct DataSet {
    pub id: String,
    pub name: String,
    /// RFC 3339.
    pub imported: String,
    pub check: CheckReport,
    pub lengths: Vec<Bin>,
    pub longest_words: u32,
    /// In the order in which they are done.
    pub repairs: Vec<Repair>,
    /// Repairs that were taken back and can be done again, the next one last.
    pub undone: Vec<Repair>,
    /// Repairs that were done at once, and are taken back and done again at once: from which, and up to but
    /// not including which, counted through `repairs` and on through `undone`, the next one of those first.
    #[serde(default)]
    pub at_once: Vec<(u32, u32)>,
    /// Counted up with every repair and update.
    pub version: u32,
    /// The kinds of findings that the person ignores, each with how many there were: more of them are
    /// shown again.
    #[serde(default)]
    pub ignored: BTreeMap<String, u32>,
}

impl DataSet {
    /// Does the person ignore this many findings of a kind?
    pub fn ignores(&self, code: &str, count: u32) -> bool {
        self.ignored.get(code).is_some_and(|known| count <= *known)
    }
}

/// Which documents are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct DocumentQuery {
    pub split: SplitChoice,
    /// Found anywhere in the text, capitals ignored.
    pub text: String,
    pub label: Option<String>,
    /// Only documents with a finding of this code.
    #[serde(default)]
    #[specta(optional)]
    pub finding: Option<String>,
    pub offset: u32,
    pub limit: u32,
}

/// A document as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct DataDocument {
    pub split: String,
    /// Its number in its split, from 0.
    pub number: u32,
    /// The line of the imported file, from 1.
    pub line: u32,
    /// The name of that file, where the split came from several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[specta(optional)]
    pub file: Option<String>,
    pub text: String,
    pub entities: Vec<Entity>,
}

/// Some of the documents that a query finds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct DocumentPage {
    /// How many there are in all, or so far where `complete` is not set.
    pub total: u32,
    /// Whether all are counted; the same question asked again counts on.
    pub complete: bool,
    pub documents: Vec<DataDocument>,
}

/// What is to be written, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct ExportRequest {
    pub format: Target,
    /// For formats with tags.
    pub scheme: Scheme,
    pub splits: Vec<String>,
}

/// What an export would write, and what its format cannot hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct ExportPlan {
    pub documents: u32,
    pub entities: u32,
    pub losses: Vec<ExportLoss>,
}

/// Something that the format of an export cannot hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct ExportLoss {
    pub split: String,
    /// Stable and kebab-case.
    pub kind: String,
    pub count: u32,
    /// What happens, to be read after the count.
    pub what: String,
    /// The first documents that it concerns, by their lines in the imported file.
    pub lines: Vec<u32>,
}

/// What was given back by deleting something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct Freed {
    pub freed_bytes: u64,
}
