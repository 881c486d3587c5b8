//! Small stores, and short ways to ask them.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::time::Duration;
use tagsmith_corpus::{Document, Span};
use tagsmith_store::{Page, Query, Store, Writer};

/// A document with spans given as bytes.
pub fn document(text: &str, spans: &[(usize, usize, &str)]) -> Document {
    let mut document = Document::from_text(text);
    document.spans = spans
        .iter()
        .map(|(start, end, label)| Span {
            start: *start,
            end: *end,
            label: (*label).into(),
            score: None,
        })
        .collect();
    document
}

pub fn built(splits: &[(&str, &[Document])]) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("documents.db");
    let mut writer = Writer::create(&path).unwrap();
    for (split, documents) in splits {
        for document in *documents {
            writer.add(split, document).unwrap();
        }
    }
    writer.finish(|_| true).unwrap();
    let store = Store::open(&path).unwrap();
    (folder, store)
}

pub fn all() -> Query {
    Query {
        limit: 100,
        ..Query::default()
    }
}

pub fn page(store: &Store, text: &str, label: Option<&str>, offset: usize, limit: usize) -> Page {
    let query = Query {
        text: text.into(),
        label: label.map(str::to_owned),
        offset,
        limit,
        ..Query::default()
    };
    store.page(&query, Duration::MAX).unwrap()
}
