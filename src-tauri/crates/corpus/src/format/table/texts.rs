//! Reads a table with one text per row, its labels in a cell of their own.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Map, Value};

use crate::dataset::Corpus;
use crate::format::fields::is_split;
use crate::format::table::layout::Layout;
use crate::format::table::literal;
use crate::format::table::rows::Rows;
use crate::format::tag_notation::{means_outside, notation_of_column};
use crate::format::{ReadError, jsonl};
use crate::formats::Format;
use crate::issue::{Issue, IssueCode, Severity};
use crate::options::ReadOptions;
use crate::scheme::Tag;

/// Each row becomes a JSON record in the line it stands in, so that one reader knows what spans and
/// tags may look like and its messages name the right line.
pub(super) fn read(
    path: &Path,
    content: &str,
    layout: &Layout,
    text: usize,
    labels: Option<usize>,
    options: &ReadOptions,
) -> Result<Corpus, ReadError> {
    let id = layout
        .names
        .iter()
        .position(|name| name.trim().eq_ignore_ascii_case("id"));
    let further = |at: &usize| {
        let name = layout.names[*at].trim();
        Some(*at) != labels && *at != text && (is_split(name) || name == "group")
    };
    let further: Vec<usize> = (0..layout.names.len()).filter(further).collect();
    let mut records = String::with_capacity(content.len());
    let (mut line, mut left_out) = (1, Vec::new());
    let mut rows = Rows::new(content, layout.delimiter, layout.quoting);
    let mut first = layout.header;
    while rows.next() {
        if std::mem::take(&mut first) || rows.is_blank() {
            continue;
        }
        let Some(text) = rows.cell(text) else {
            left_out.push(rows.line);
            continue;
        };
        let mut object = Map::new();
        if let Some(id) = id.and_then(|at| rows.cell(at)) {
            object.insert("id".into(), id.into());
        }
        for at in &further {
            let name = layout.names[*at].trim().to_owned();
            object.insert(name, rows.cell(*at).unwrap_or_default().into());
        }
        match labels.map(|at| rows.cell(at).unwrap_or_default()) {
            None => drop(object.insert("text".into(), text.into())),
            Some(cell) => record(&mut object, text, cell),
        }
        while line < rows.line {
            records.push('\n');
            line += 1;
        }
        // Writing to a string cannot fail.
        let _ = write!(records, "{}", Value::Object(object));
    }
    if let Some(first) = left_out.first() {
        let message = format!("{} rows have no cell for the text", left_out.len());
        let issue = Issue::new(
            Severity::Error,
            IssueCode::TooFewColumns,
            path,
            *first,
            message,
        );
        return Err(ReadError::malformed(
            path,
            vec![issue.fix("give each row all its cells")],
        ));
    }
    let mut corpus = jsonl::read(path, &records, options)?;
    corpus.source.format = Format::TableTexts {
        delimiter: char::from(layout.delimiter),
        text_column: text,
        label_column: labels,
    };
    Ok(corpus)
}

/// Spans beside a text, or tags beside words.
fn record(object: &mut Map<String, Value>, text: &str, cell: &str) {
    let words = match literal::parse(text) {
        Some(Value::Array(words)) if words.iter().all(Value::is_string) => Some(words),
        _ => None,
    };
    let given = words.is_some();
    let words = words.unwrap_or_else(|| text.split_whitespace().map(Value::from).collect());
    let listed = match cell.trim() {
        "" => Some(Value::Array(Vec::new())),
        cell => literal::parse(cell),
    };
    let values = |tags: &[&str]| tags.iter().copied().map(Value::from).collect::<Vec<_>>();
    let in_row = literal::tags(cell);
    let spaced: Vec<&str> = cell.split_whitespace().collect();
    let tags = match listed {
        Some(Value::Array(ref tags)) if given => Some(tags.clone()),
        Some(Value::Array(ref tags)) if tags.len() == words.len() && are_tags(tags) => {
            Some(tags.clone())
        }
        None if in_row.len() == words.len() && are_tags(&values(&in_row)) => Some(values(&in_row)),
        None if spaced.iter().all(|tag| Tag::is_tag(tag)) => {
            Some(spaced.into_iter().map(Value::from).collect())
        }
        _ => None,
    };
    match tags {
        Some(tags) => {
            object.insert("tokens".into(), words.into());
            object.insert("ner_tags".into(), tags.into());
        }
        None => {
            object.insert("text".into(), text.into());
            // What is no list is shown as it is, and refused by the reader.
            object.insert("entities".into(), listed.unwrap_or_else(|| cell.into()));
        }
    }
}

fn are_tags(values: &[Value]) -> bool {
    let tags: Option<Vec<&str>> = values.iter().map(Value::as_str).collect();
    tags.is_some_and(|tags| {
        tags.iter()
            .all(|tag| Tag::is_tag(tag) || means_outside(tag))
            && !tags.is_empty()
            || notation_of_column(tags.into_iter()).is_some()
    })
}
