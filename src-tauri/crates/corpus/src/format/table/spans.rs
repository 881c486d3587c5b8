//! Reads a table with one span per row: its text beside it, or in a file that the row names, as Amazon
//! Comprehend has it.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};

use crate::dataset::Corpus;
use crate::format::ReadError;
use crate::format::features::Names;
use crate::format::jsonl::{self, Place};
use crate::format::table::layout::{Layout, Spans};
use crate::format::table::rows::Rows;
use crate::formats::Format;
use crate::issue::{Issue, IssueCode, Severity, excerpt};
use crate::options::ReadOptions;

/// A document: its text, or a line of the file that it lies in; and what the table calls it.
type Key = (String, Option<usize>, Option<String>);

/// The rows of one document.
#[derive(Default)]
struct Group {
    /// The first row, and that of each span.
    place: Place,
    spans: Vec<Value>,
}

pub(super) fn read(
    path: &Path,
    content: &str,
    layout: &Layout,
    columns: Spans,
    options: &ReadOptions,
) -> Result<Corpus, ReadError> {
    let (order, mut groups, odd) = grouped(content, layout, columns);
    let fault = |line, code, message: String, fix: &str| {
        let issue = Issue::new(Severity::Error, code, path, line, message);
        ReadError::malformed(path, vec![issue.fix(fix)])
    };
    if let Some(line) = odd {
        let message = "the row has too few cells for a span".into();
        let fix = "give each row all its cells";
        return Err(fault(line, IssueCode::TooFewColumns, message, fix));
    }
    let mut records: Vec<(Place, Value)> = Vec::new();
    let mut known: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for key in order {
        let group = groups.remove(&key).unwrap_or_default();
        let (name, row, document) = &key;
        if !columns.in_file {
            let id = document.clone();
            records.push((group.place, record(id, name, group.spans)));
            continue;
        }
        if !known.contains_key(name) {
            let text = jsonl::text_of_file(path, name, None, options.encoding.as_deref());
            let text = text.map_err(|why| {
                let shown = excerpt(name);
                let message =
                    format!("the text of this row lies in another file, `{shown}`, {why}");
                let fix = format!(
                    "put `{shown}` into the folder of this table; an archive must be unpacked first"
                );
                fault(group.place.line, IssueCode::TextMissing, message, &fix)
            })?;
            let texts = match columns.line {
                Some(_) => text.lines().map(String::from).collect(),
                None => vec![text],
            };
            known.insert(name.clone(), texts);
        }
        let texts = &known[name];
        let Some(text) = texts.get(row.unwrap_or(0)) else {
            let message = format!(
                "`{}` has {} lines, and not line {}, counted from 0",
                excerpt(name),
                texts.len(),
                row.unwrap_or(0)
            );
            let fix = "check that it is the file that was labelled";
            return Err(fault(
                group.place.line,
                IssueCode::TextMissing,
                message,
                fix,
            ));
        };
        let id = row.map_or_else(|| name.clone(), |row| format!("{name}:{row}"));
        records.push((group.place, record(Some(id), text, group.spans)));
        groups.insert(key, Group::default());
    }
    // The lines that have no row have no entities.
    for (name, texts) in &known {
        for (row, text) in texts.iter().enumerate() {
            let key = (name.clone(), columns.line.map(|_| row), None);
            if !groups.contains_key(&key) && !text.trim().is_empty() {
                let id = format!("{name}:{row}");
                records.push((Place::default(), record(Some(id), text, Vec::new())));
            }
        }
    }
    let names = Names::new(path, options, None);
    let format = || Format::TableTexts {
        delimiter: char::from(layout.delimiter),
        text_column: columns.text,
        label_column: Some(columns.label),
    };
    jsonl::again(path, options, |options| {
        let rows = records
            .iter()
            .map(|(place, record)| Ok((place.clone(), Ok(record.clone()))));
        jsonl::read_placed(path, rows, &names, |_| format(), options)
    })
}

/// The documents in the order in which they come, their rows, and the line of a row with too few cells.
fn grouped(
    content: &str,
    layout: &Layout,
    columns: Spans,
) -> (Vec<Key>, BTreeMap<Key, Group>, Option<usize>) {
    let (mut order, mut odd) = (Vec::new(), None);
    let mut groups: BTreeMap<Key, Group> = BTreeMap::new();
    let mut rows = Rows::new(content, layout.delimiter, layout.quoting);
    let mut first = layout.header;
    while rows.next() {
        if std::mem::take(&mut first) || rows.is_blank() {
            continue;
        }
        let cell = |at: usize| rows.cell(at);
        let edges = cell(columns.start).zip(cell(columns.end));
        let found = cell(columns.text).zip(edges.zip(cell(columns.label)));
        let Some((text, ((start, end), label))) = found else {
            odd.get_or_insert(rows.line);
            continue;
        };
        let row = columns
            .line
            .and_then(|at| rows.cell(at)?.trim().parse().ok());
        let document = columns.document.and_then(cell).map(str::trim);
        let document = document.filter(|name| !name.is_empty()).map(String::from);
        let key = (text.to_owned(), row, document);
        let group = groups.entry(key.clone()).or_insert_with(|| {
            order.push(key);
            Group {
                place: Place::of(rows.line),
                spans: Vec::new(),
            }
        });
        // A text without a span has a row as well.
        if start.trim().is_empty() && end.trim().is_empty() {
            continue;
        }
        let mut span = Map::new();
        span.insert("start".into(), start.trim().into());
        span.insert("end".into(), end.trim().into());
        span.insert("label".into(), label.trim().into());
        let quote = columns.quote.and_then(cell);
        if let Some(quote) = quote.filter(|quote| !quote.trim().is_empty()) {
            span.insert("text".into(), quote.into());
        }
        group.spans.push(Value::Object(span));
        group.place.spans.push(rows.line);
    }
    (order, groups, odd)
}

fn record(id: Option<String>, text: &str, spans: Vec<Value>) -> Value {
    let mut record = Map::new();
    if let Some(id) = id {
        record.insert("id".into(), id.into());
    }
    record.insert("text".into(), text.into());
    record.insert("entities".into(), spans.into());
    Value::Object(record)
}

/// The files that the rows name.
pub(super) fn files(content: &str, layout: &Layout, columns: Spans) -> Vec<String> {
    let (order, ..) = grouped(content, layout, columns);
    let mut names: Vec<String> = order.into_iter().map(|(name, ..)| name).collect();
    names.dedup();
    names
}
