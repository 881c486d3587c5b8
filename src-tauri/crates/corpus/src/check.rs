//! Describes data files and what is wrong with them, alone and together.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

use serde::Serialize;

use crate::document::Document;
use crate::format::{Corpus, Format};
use crate::issue::{Issue, Severity, excerpt};
use crate::scheme::Scheme;

/// What [`check`] found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckReport {
    /// One for each file, in the order given.
    pub files: Vec<FileReport>,
    /// What was found while reading each file, then what the files show together.
    pub issues: Vec<Issue>,
}

/// What one file is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FileReport {
    /// The name it was given: `train`, `dev`, `test` …
    pub split: String,
    /// Where it was read from.
    pub path: PathBuf,
    /// What its content was found to be.
    pub format: Format,
    /// `None` where the file has spans instead of tags.
    pub scheme: Option<Scheme>,
    /// Documents read.
    pub documents: usize,
    /// Words in all documents.
    pub words: usize,
    /// Gold spans in all documents.
    pub entities: usize,
    /// Entities per label.
    pub labels: BTreeMap<String, usize>,
    /// Tags that break the scheme.
    pub repaired_tags: usize,
    /// Invalid spans left out on request.
    pub dropped_spans: usize,
    /// Records left out because they are no gold.
    pub skipped_documents: usize,
}

/// The split whose labels and texts the others are held against.
const TRAIN: &str = "train";

/// Describes each file, named by its split, and compares them with each other.
pub fn check(corpora: &[(&str, &Corpus)]) -> CheckReport {
    let files: Vec<FileReport> = corpora
        .iter()
        .map(|(split, corpus)| describe(split, corpus))
        .collect();
    let mut issues: Vec<Issue> = corpora
        .iter()
        .flat_map(|(_, corpus)| corpus.issues.iter().cloned())
        .collect();
    for (file, (_, corpus)) in files.iter().zip(corpora) {
        issues.extend(alone(file, corpus));
    }
    for (i, (first, a)) in corpora.iter().enumerate() {
        for (second, b) in &corpora[i + 1..] {
            // The training set is the one that the other must not share texts with.
            let (known, other) = if *second == TRAIN { (b, a) } else { (a, b) };
            let (known_name, name) = if *second == TRAIN {
                (second, first)
            } else {
                (first, second)
            };
            issues.extend(shared(known_name, known, name, other));
        }
    }
    if let Some(train) = files.iter().find(|file| file.split == TRAIN) {
        for file in files.iter().filter(|file| file.split != TRAIN) {
            issues.extend(unknown_labels(train, file));
        }
    }
    CheckReport { files, issues }
}

/// How many documents of `other` have a text that also stands in `train`, white space aside.
pub fn overlap(train: &[Document], other: &[Document]) -> usize {
    let known: HashSet<String> = train.iter().map(|doc| folded(&doc.text)).collect();
    other
        .iter()
        .filter(|doc| known.contains(&folded(&doc.text)))
        .count()
}

/// The text with every run of white space as one space.
pub(crate) fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded
}

fn describe(split: &str, corpus: &Corpus) -> FileReport {
    let source = &corpus.source;
    let mut labels: BTreeMap<String, usize> = BTreeMap::new();
    for span in corpus.documents.iter().flat_map(|doc| &doc.spans) {
        match labels.get_mut(&span.label) {
            Some(count) => *count += 1,
            None => {
                labels.insert(span.label.clone(), 1);
            }
        }
    }
    FileReport {
        split: split.into(),
        path: source.path.clone(),
        format: source.format.clone(),
        scheme: source.scheme,
        documents: source.documents,
        words: source.words,
        entities: source.entities,
        labels,
        repaired_tags: source.repaired_tags,
        dropped_spans: source.dropped_spans,
        skipped_documents: source.skipped_documents,
    }
}

/// What one file shows without the others.
fn alone(file: &FileReport, corpus: &Corpus) -> Vec<Issue> {
    let mut issues = Vec::new();
    let mut tell = |severity, code, message: String| {
        issues.push(Issue::new(severity, code, &file.path, 0, message));
    };
    if file.documents == 0 {
        tell(
            Severity::Error,
            "no-documents",
            "there is no document to learn from".into(),
        );
    } else if file.entities == 0 {
        tell(
            Severity::Warning,
            "no-entities",
            "no document has an entity".into(),
        );
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    let empty = corpus
        .documents
        .iter()
        .filter(|doc| doc.words.is_empty())
        .count();
    if empty > 0 {
        tell(
            Severity::Info,
            "empty-document",
            format!("{empty} documents have no words"),
        );
    }
    for doc in corpus.documents.iter().filter(|doc| !doc.words.is_empty()) {
        *seen.entry(folded(&doc.text)).or_default() += 1;
    }
    let repeated: usize = seen.values().map(|count| count - 1).sum();
    if repeated > 0 {
        tell(
            Severity::Info,
            "duplicate",
            format!("{repeated} documents repeat the text of another one in this file"),
        );
    }
    issues
}

fn shared(known_name: &str, known: &Corpus, name: &str, other: &Corpus) -> Option<Issue> {
    let count = overlap(&known.documents, &other.documents);
    if count == 0 {
        return None;
    }
    let known_texts: HashSet<String> = known
        .documents
        .iter()
        .map(|doc| folded(&doc.text))
        .collect();
    let first = other
        .documents
        .iter()
        .find(|doc| known_texts.contains(&folded(&doc.text)))?;
    let message = format!(
        "{count} of {} documents of `{name}` stand in `{known_name}` as well, the first of them here",
        other.documents.len()
    );
    let fix =
        format!("take them out of one of the two: scores on `{name}` look better than they are");
    Some(
        Issue::new(
            Severity::Warning,
            "overlap",
            &other.source.path,
            first.line,
            message,
        )
        .found(excerpt(&first.text))
        .fix(fix),
    )
}

fn unknown_labels(train: &FileReport, file: &FileReport) -> Vec<Issue> {
    file.labels
        .iter()
        .filter(|(label, _)| !train.labels.contains_key(*label))
        .map(|(label, count)| {
            let message = format!(
                "the label `{label}` ({count} in `{}`) never occurs in `{TRAIN}`: it cannot be learned",
                file.split
            );
            Issue::new(Severity::Warning, "label-not-in-train", &file.path, 0, message)
                .found(label.clone())
                .fix("check its spelling, or add examples to the training data")
        })
        .collect()
}
