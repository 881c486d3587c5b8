//! Finds the records of a JSON or JSONL file and the line of each.

use std::path::Path;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::format::error::ReadError;
use crate::issue::excerpt;
use crate::scheme::Tag;

/// One record: its line and its JSON.
pub(super) struct Record<'a> {
    pub line: usize,
    pub json: &'a str,
}

/// A row such as `[ O` or `{<tab>O` is a token of a CoNLL file.
pub(super) fn looks_like_json(text: &str) -> bool {
    let Some(first) = text.lines().find(|line| !line.trim().is_empty()) else {
        return false;
    };
    let last = first
        .trim_end()
        .rsplit(['\t', ' '])
        .next()
        .unwrap_or_default();
    let behind_tab = first.trim_end().rsplit('\t').next().unwrap_or_default();
    let tagged = [last, behind_tab].iter().any(|tag| Tag::is_tag(tag));
    first.trim_start().starts_with(['{', '[']) && !tagged
}

/// The records of a file: one per line, or the elements of one array, or one object.
pub(super) fn records<'a>(path: &Path, text: &'a str) -> Result<Vec<Record<'a>>, ReadError> {
    let first = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    match serde_json::from_str::<&RawValue>(first) {
        // A whole array in one line; spaCy's lines are arrays as well, but start with a text.
        Ok(value) if value.get().starts_with('[') && !starts_with_text(value.get()) => {
            whole(path, text)
        }
        Ok(_) => lines(path, text),
        Err(error) if error.is_eof() => whole(path, text),
        Err(_) => lines(path, text),
    }
}

fn starts_with_text(array: &str) -> bool {
    array[1..].trim_start().starts_with('"')
}

fn lines<'a>(path: &Path, text: &'a str) -> Result<Vec<Record<'a>>, ReadError> {
    let mut records = Vec::new();
    for (i, json) in text.lines().enumerate() {
        if json.trim().is_empty() {
            continue;
        }
        serde_json::from_str::<&RawValue>(json)
            .map_err(|error| syntax(path, i + 1, json, &error))?;
        records.push(Record { line: i + 1, json });
    }
    Ok(records)
}

fn whole<'a>(path: &Path, text: &'a str) -> Result<Vec<Record<'a>>, ReadError> {
    let value: &RawValue =
        serde_json::from_str(text).map_err(|error| syntax(path, 0, text, &error))?;
    let elements: Vec<&RawValue> = if value.get().starts_with('[') && !starts_with_text(value.get())
    {
        serde_json::from_str(value.get()).map_err(|error| syntax(path, 0, text, &error))?
    } else {
        vec![value]
    };
    // The elements are slices of the text, in order: one walk finds all lines.
    let (mut line, mut at) = (1, 0);
    let records = elements.into_iter().map(|element| {
        let json = element.get();
        let start = json.as_ptr().addr() - text.as_ptr().addr();
        line += text.as_bytes()[at..start]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        at = start;
        Record { line, json }
    });
    Ok(records.collect())
}

pub(super) fn parse(path: &Path, record: &Record) -> Result<Value, ReadError> {
    serde_json::from_str(record.json)
        .map_err(|error| syntax(path, record.line, record.json, &error))
}

/// `line` is that of the record, or 0 when the whole text was parsed.
fn syntax(path: &Path, line: usize, json: &str, error: &serde_json::Error) -> ReadError {
    let full = error.to_string();
    let message = full
        .rsplit_once(" at line ")
        .map_or(full.as_str(), |(message, _)| message);
    let shown = json
        .lines()
        .nth(error.line().saturating_sub(1))
        .unwrap_or_default();
    // serde_json counts bytes; people count characters.
    let column = shown
        .get(..error.column().saturating_sub(1))
        .map_or(error.column(), |before| before.chars().count() + 1);
    ReadError::Json {
        file: path.into(),
        line: if line == 0 {
            error.line()
        } else {
            line + error.line() - 1
        },
        column,
        message: format!("{message} in `{}`", excerpt(shown)),
    }
}
