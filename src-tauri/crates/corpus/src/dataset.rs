//! What was read: files, splits and whole data sets, as values.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::agreement::Agreement;
use crate::document::Document;
use crate::formats::Format;
use crate::issue::Issue;
use crate::offset_inference::OffsetEvidence;
use crate::scheme::Scheme;

/// What was read, and how much of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SourceInfo {
    /// The file.
    pub path: PathBuf,
    /// What its content was found to be.
    pub format: Format,
    /// What the other files were found to be whose documents came to it, each format once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_formats: Vec<Format>,
    /// `None` where the file has spans instead of tags.
    pub scheme: Option<Scheme>,
    /// Documents read.
    pub documents: usize,
    /// Words in all documents.
    pub words: usize,
    /// Gold spans in all documents.
    pub entities: usize,
    /// Tags that break the scheme and were read as conlleval reads them.
    pub repaired_tags: usize,
    /// Invalid spans left out because `drop_invalid` said so.
    pub dropped_spans: usize,
    /// Records left out because they are no gold: Prodigy's `reject` and `ignore`.
    pub skipped_documents: usize,
    /// How far the people agree who annotated the same texts, for each file that has several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub agreement: Vec<Agreement>,
}

impl SourceInfo {
    pub(crate) fn new(path: &Path, format: Format) -> Self {
        Self {
            path: path.into(),
            format,
            other_formats: Vec::new(),
            scheme: None,
            documents: 0,
            words: 0,
            entities: 0,
            repaired_tags: 0,
            dropped_spans: 0,
            skipped_documents: 0,
            agreement: Vec::new(),
        }
    }

    pub(crate) fn count(&mut self, document: &Document) {
        self.documents += 1;
        self.words += document.words.len();
        self.entities += document.spans.len();
    }

    /// Takes note that documents of another file came to this one.
    pub(crate) fn add_formats(&mut self, other: &Self) {
        for format in std::iter::once(&other.format).chain(&other.other_formats) {
            if *format != self.format && !self.other_formats.contains(format) {
                self.other_formats.push(format.clone());
            }
        }
    }
}

/// A file as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Corpus {
    /// In the order of the file.
    pub documents: Vec<Document>,
    /// What the file is.
    pub source: SourceInfo,
    /// What a person should know about it; no errors, because those stop the reading.
    pub issues: Vec<Issue>,
    /// How the spans fit under other ways to read their offsets; `None` where the file has none.
    pub offset_evidence: Option<OffsetEvidence>,
}

/// One split of a data set: what was read for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// `train`, `dev`, `test` …
    pub name: String,
    /// Its documents, and what was found while they were read.
    pub corpus: Corpus,
}

/// A data set in memory: its splits, each with a name of its own, in the order `train`, `dev`, `test`.
pub type Dataset = Vec<Split>;
