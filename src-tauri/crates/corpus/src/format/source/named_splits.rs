//! Files whose records say themselves to which split they belong, as Azure, Vertex AI and many tables have it.

use std::collections::BTreeMap;
use std::path::Path;

use crate::dataset::Corpus;
use crate::issue::{Issue, IssueCode, Severity};

/// The splits of a file that is of `split` as far as its records say nothing else.
pub(super) fn apart(split: &'static str, corpus: Corpus) -> Vec<(&'static str, Corpus)> {
    let counts = counts(&corpus);
    let named: usize = counts.values().sum();
    match counts.first_key_value() {
        None => return vec![(split, corpus)],
        Some((only, _)) if counts.len() == 1 && named == corpus.documents.len() => {
            return vec![(only, without_names(corpus))];
        }
        Some(_) => {}
    }
    let Corpus {
        documents,
        mut source,
        mut issues,
        offset_evidence,
    } = corpus;
    let message = format!("{}; so they are read", sizes(&counts));
    issues.insert(0, note(&source.path, Severity::Info, message));
    let mut parts: BTreeMap<&'static str, Corpus> = BTreeMap::new();
    (source.documents, source.words, source.entities) = (0, 0, 0);
    // What was found in the file as a whole is reported once, with the split that the rest is of.
    let mut rest = source.clone();
    rest.agreement.clear();
    (
        rest.repaired_tags,
        rest.dropped_spans,
        rest.skipped_documents,
    ) = (0, 0, 0);
    let mut first = Some((source, issues, offset_evidence));
    for mut document in documents {
        let name = document.split.take().unwrap_or(split);
        let part = parts.entry(name).or_insert_with(|| {
            let (source, issues, offset_evidence) = first
                .take()
                .unwrap_or_else(|| (rest.clone(), Vec::new(), None));
            Corpus {
                documents: Vec::new(),
                source,
                issues,
                offset_evidence,
            }
        });
        part.source.count(&document);
        part.documents.push(document);
    }
    parts.into_iter().collect()
}

/// A file that is read as one, whatever its records say; with a warning where they name several splits.
pub(super) fn as_one(mut corpus: Corpus) -> Corpus {
    let counts = counts(&corpus);
    if counts.len() > 1 {
        let message = format!("{}, and all of them are read as one", sizes(&counts));
        let fix = "write each split to a file of its own with `tagsmith data convert FILE FOLDER/`, and name those";
        let issue = note(&corpus.source.path, Severity::Warning, message).fix(fix);
        corpus.issues.insert(0, issue);
    }
    without_names(corpus)
}

fn counts(corpus: &Corpus) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for name in corpus
        .documents
        .iter()
        .filter_map(|document| document.split)
    {
        *counts.entry(name).or_default() += 1;
    }
    counts
}

fn without_names(mut corpus: Corpus) -> Corpus {
    for document in &mut corpus.documents {
        document.split = None;
    }
    corpus
}

/// What the records say of their split, counted.
fn sizes(counts: &BTreeMap<&'static str, usize>) -> String {
    let counts: Vec<String> = counts
        .iter()
        .map(|(name, count)| format!("{count} `{name}`"))
        .collect();
    format!("the records name their split: {}", counts.join(", "))
}

fn note(path: &Path, severity: Severity, message: String) -> Issue {
    Issue::new(severity, IssueCode::SplitsNamed, path, 0, message)
}
