//! What a check finds in data: files, findings, numbers.

use super::{Num, Repair, Scheme};
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

/// A document of a data set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Place {
    /// The part it is in.
    pub split: String,
    /// Its number in that part, from 0.
    pub document: u32,
    /// The piece of its text that is meant, as half-open UTF-16 units. (In bytes inside the engine.)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[specta(optional)]
    pub range: Option<(u32, u32)>,
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
    /// Why it matters, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[specta(optional)]
    pub why: Option<String>,
    /// What a person can do.
    pub fix: Option<String>,
    /// The repair that does it, where one can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[specta(optional)]
    pub repair: Option<Repair>,
    /// The document it is about, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[specta(optional)]
    pub place: Option<Place>,
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
    LabelStudio,
    Chunks,
    Rasa,
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
    TableWords {
        delimiter: String,
        header: bool,
        token_column: u32,
        tag_column: u32,
        sentence_column: Option<u32>,
    },
    TableTexts {
        delimiter: String,
        text_column: u32,
        label_column: Option<u32>,
    },
    Text,
    Brat,
    Parquet {
        /// Not told in records of older versions.
        #[serde(default)]
        tokens: bool,
    },
    Arrow {
        /// Not told in records of older versions.
        #[serde(default)]
        tokens: bool,
    },
    DocBin,
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
    /// The first of them; `data_findings` pages all.
    pub issues: Vec<Issue>,
    /// The worst first.
    pub groups: Vec<FindingGroup>,
}

/// All findings of one kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct FindingGroup {
    /// Stable and kebab-case.
    pub code: String,
    /// How bad the worst of them is.
    pub severity: Severity,
    /// How many there are.
    pub count: u32,
    /// The first of them.
    pub first: Issue,
    /// Why it matters, in a sentence.
    pub why: Option<String>,
    /// What a person can do.
    pub fix: Option<String>,
    /// The repair that does it for all of them.
    pub repair: Option<Repair>,
}

/// What a model makes of one part of a data set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ModelSplit {
    /// The part.
    pub split: String,
    /// Word pieces of all words.
    pub pieces: u32,
    /// Of these, unknown ones.
    pub unknown: u32,
    /// Words without any piece, each place counted.
    pub words_without_pieces: u32,
    /// Pieces of the longest document.
    pub longest: u32,
    /// Documents that need more than one window.
    pub split_documents: u32,
    /// Windows of all documents.
    pub windows: u32,
}

/// What a model makes of a data set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct ModelCheck {
    /// Each part in numbers.
    pub splits: Vec<ModelSplit>,
    /// What was found, the worst first.
    pub groups: Vec<FindingGroup>,
    /// The first of each kind.
    pub issues: Vec<Issue>,
}

/// Which findings are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct FindingQuery {
    pub code: Option<String>,
    pub severity: Option<Severity>,
    pub offset: u32,
    pub limit: u32,
}

/// Some of the findings that a query finds, the worst first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct FindingPage {
    pub total: u32,
    pub findings: Vec<Issue>,
}

/// What one part of a data set is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct SplitStatistics {
    pub split: String,
    pub documents: u32,
    pub words: u32,
    pub entities: u32,
    /// Entities by label.
    pub labels: BTreeMap<String, u32>,
    /// Documents by words; the same bins in every part.
    pub lengths: Vec<LengthBin>,
    pub longest_words: u32,
    /// Documents by entities; the same bins in every part.
    pub entities_per_document: Vec<LengthBin>,
    pub without_entities: u32,
    /// Share of the words that are in an entity, 0–1.
    pub density: Num,
}

/// What two parts of a data set share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct Overlap {
    pub first: String,
    pub second: String,
    /// Documents of `second` whose text stands in `first` too.
    pub same: u32,
    /// Documents of `second` that are nearly like one of `first`, those with the same text aside.
    pub near: u32,
}

/// A data set in numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct Statistics {
    pub splits: Vec<SplitStatistics>,
    pub overlaps: Vec<Overlap>,
}

/// Documents by a number that each has; `from` is included, `to` is not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct LengthBin {
    pub from: u32,
    pub to: u32,
    pub count: u32,
}
