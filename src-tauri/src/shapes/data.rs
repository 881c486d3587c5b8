//! Data files, what is found in them, and the data sets of the library.

use super::{Entity, Num, Scheme};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Severity {
    Error,
    Warning,
    Info,
}

/// One finding about a data file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct Issue {
    /// How bad it is.
    pub severity: Severity,
    /// Stable and kebab-case.
    pub code: String,
    /// The file.
    pub file: String,
    /// From 1; 0 when the finding is about the whole file.
    pub line: u32,
    /// From 1, in characters.
    pub column: Option<u32>,
    /// The piece of the file that gave the finding.
    pub found: String,
    /// What is the matter.
    pub message: String,
    /// What a person can do.
    pub fix: Option<String>,
    /// How many findings it stands for.
    #[serde(default = "one")]
    pub count: u32,
}

fn one() -> u32 {
    1
}

/// What parts the columns of a CoNLL file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Separator {
    Tab,
    Space,
}

/// Whose way of writing labelled spans it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Spelling {
    Plain,
    Doccano,
    Spacy,
    Prodigy,
}

/// What a file was found to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Format {
    Conll {
        columns: u32,
        separator: Separator,
        token_column: u32,
        tag_column: u32,
        bare_labels: bool,
    },
    JsonlSpans {
        spelling: Spelling,
    },
    JsonlTokens,
}

/// What one split is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct FileReport {
    pub split: String,
    pub path: String,
    pub format: Format,
    pub scheme: Option<Scheme>,
    pub documents: u32,
    pub words: u32,
    pub entities: u32,
    pub labels: BTreeMap<String, u32>,
    pub repaired_tags: u32,
    pub dropped_spans: u32,
    pub skipped_documents: u32,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct CheckReport {
    pub files: Vec<FileReport>,
    pub issues: Vec<Issue>,
}

/// A part of a data set.
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

/// Files to be taken into the library, and how.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct ImportRequest {
    /// What the data set is to be called.
    pub name: String,
    /// The file to learn from.
    pub train: String,
    /// The file to choose the best model by.
    pub dev: Option<String>,
    /// A file that is only scored.
    pub test: Option<String>,
    /// Share of `train`, 0–1, that becomes `dev` where there is no file for it.
    pub dev_share: Num,
    /// The same for `test`.
    pub test_share: Num,
    /// Fixes the choice of what is held out.
    pub seed: u32,
    /// Leave out spans that cannot be used, instead of refusing the file.
    pub drop_invalid: bool,
}

/// Documents by length in words; `from` is included, `to` is not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct LengthBin {
    pub from: u32,
    pub to: u32,
    pub count: u32,
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
    pub lengths: Vec<LengthBin>,
    pub longest_words: u32,
}

/// Which documents are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct DocumentQuery {
    pub split: SplitChoice,
    /// Found anywhere in the text, capitals ignored.
    pub text: String,
    pub label: Option<String>,
    pub offset: u32,
    pub limit: u32,
}

/// A document as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct DataDocument {
    pub split: String,
    /// The line of the imported file, from 1.
    pub line: u32,
    pub text: String,
    pub entities: Vec<Entity>,
}

/// Some of the documents that a query finds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct DocumentPage {
    /// How many there are in all.
    pub total: u32,
    pub documents: Vec<DataDocument>,
}

/// What was given back by deleting something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct Freed {
    pub freed_bytes: u64,
}
