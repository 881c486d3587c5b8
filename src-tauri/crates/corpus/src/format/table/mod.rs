//! Reads tables (CSV, TSV): one word per row as Kaggle's corpora, or one text per row.

mod layout;
mod literal;
mod rows;
mod spans;
mod texts;
mod words;

use std::path::Path;

use layout::{Columns, Layout};

use crate::dataset::Corpus;
use crate::format::ReadError;
use crate::options::ReadOptions;

/// Whether it is a table; otherwise why not.
pub(super) fn looks_like_table(content: &str, options: &ReadOptions) -> Result<(), String> {
    is_table(content, options).map_err(|why| format!("a table (no: {why})"))
}

fn is_table(content: &str, options: &ReadOptions) -> Result<(), String> {
    let layout = Layout::find(content, options)?;
    match (&layout.columns, layout.delimiter) {
        (Columns::Texts { labels: None, .. }, _) => {
            Err("no column holds tags or lists of entities".into())
        }
        // Rows separated by tabs without names of columns are CoNLL.
        (Columns::Words(_), b'\t') if !layout.header => Err("no row names the columns".into()),
        _ => Ok(()),
    }
}

/// The files in which the texts of a table lie, where it names some.
pub(super) fn refers(content: &str) -> Vec<String> {
    let head = content.lines().next().unwrap_or_default();
    if !head.to_ascii_lowercase().contains("file") {
        return Vec::new();
    }
    match Layout::find(content, &ReadOptions::default()) {
        Ok(layout) => match layout.columns {
            Columns::Spans(columns) if columns.in_file => spans::files(content, &layout, columns),
            _ => Vec::new(),
        },
        Err(_) => Vec::new(),
    }
}

pub(super) fn read(path: &Path, content: &str, options: &ReadOptions) -> Result<Corpus, ReadError> {
    let layout = Layout::find(content, options).map_err(|why| ReadError::NotACorpus {
        file: path.into(),
        line: 1,
        found: format!("a table that cannot be used: {why}"),
        expected: "a column of words and one of tags, or a column of texts".into(),
        tried: Vec::new(),
    })?;
    match layout.columns {
        Columns::Words(columns) => words::read(path, content, &layout, columns, options),
        Columns::Texts { text, labels } => {
            texts::read(path, content, &layout, text, labels, options)
        }
        Columns::Spans(columns) => spans::read(path, content, &layout, columns, options),
    }
}
