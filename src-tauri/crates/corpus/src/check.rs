//! Describes data files and what is wrong with them, alone and together.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use crate::document::Document;
use crate::format::{Corpus, Format};
use crate::issue::Issue;
use crate::scheme::Scheme;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckReport {
    pub files: Vec<FileReport>,
    pub issues: Vec<Issue>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FileReport {
    pub split: String,
    pub path: PathBuf,
    pub format: Format,
    pub scheme: Option<Scheme>,
    pub documents: usize,
    pub words: usize,
    pub entities: usize,
    /// Entities per label.
    pub labels: BTreeMap<String, usize>,
    pub repaired_tags: usize,
    pub dropped_spans: usize,
}

pub fn check(corpora: &[(&str, &Corpus)]) -> CheckReport {
    let _ = corpora;
    todo!()
}

pub fn overlap(train: &[Document], other: &[Document]) -> usize {
    let _ = (train, other);
    todo!()
}
