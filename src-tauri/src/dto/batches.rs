//! Files that a model tags.

use super::{Failure, Preparing};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;
use tagsmith_corpus::ColumnChoice;

/// How a batch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub enum BatchStatus {
    /// The texts are collected from their files.
    Reading,
    /// The model works.
    Tagging,
    /// What was found is made searchable.
    Indexing,
    /// All is done.
    Finished,
    /// It can be continued.
    Stopped,
    /// It can be tried again, and continues where it was.
    Failed,
}

/// A file or folder whose texts are tagged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct BatchFile {
    /// Where it is.
    pub path: String,
    /// The column or field with the text; `null` is found out by looking.
    pub column: Option<ColumnChoice>,
}

/// What is to be tagged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct BatchRequest {
    /// Any name.
    pub name: String,
    /// The name of a model of the library.
    pub model: String,
    /// Read one after the other.
    pub files: Vec<BatchFile>,
    /// The id of a data set whose documents are tagged in place of files.
    pub data: Option<String>,
    /// A file of plain text is one document, not one in each line.
    pub whole: bool,
}

/// What a file that is to be tagged holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct BatchLook {
    /// Where it is.
    pub path: String,
    /// Files in it, where it is a folder; else 1.
    pub files: u32,
    /// The names of its columns or fields; empty where it has none.
    pub columns: Vec<String>,
    /// The column with the text, by its number.
    pub column: Option<u32>,
    /// The first texts.
    pub texts: Vec<String>,
    /// Of a folder, those of its first files that cannot be read; they are left out.
    pub skipped: Vec<SkippedFile>,
    /// Why it cannot be read.
    pub failure: Option<Failure>,
}

/// One of several files that could not be read, or not to its end, and was left out from there on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct SkippedFile {
    /// As a person reads it: its name, or its path within a folder.
    pub file: String,
    /// Why.
    pub failure: Failure,
    /// Texts of it that came before that, and were taken.
    pub taken: u32,
}

/// Texts that a model tags, or has tagged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct Batch {
    pub id: String,
    pub name: String,
    pub model: String,
    /// RFC 3339.
    pub created: String,
    pub status: BatchStatus,
    /// What it was made of, as a person reads it: names of files, or of a data set.
    pub sources: Vec<String>,
    /// Files that were left out.
    #[serde(default)]
    pub skipped: Vec<SkippedFile>,
    /// While a GPU is tested, before the first document.
    pub preparing: Option<Preparing>,
    /// Documents tagged.
    pub done: u32,
    /// Documents found so far while they are read; all of them afterwards.
    pub total: u32,
    /// Entities found by label.
    pub labels: BTreeMap<String, u32>,
    pub seconds_left: Option<f64>,
    /// There are results to look at.
    pub has_results: bool,
    pub failure: Option<Failure>,
}
