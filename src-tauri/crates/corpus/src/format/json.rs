//! Finds the records of a JSON or JSONL file and the line of each.

use std::collections::BTreeMap;
use std::path::Path;

use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::format::error::ReadError;
use crate::issue::excerpt;
use crate::options::ReadOptions;
use crate::scheme::Tag;

/// One record: its line and its JSON.
pub(super) struct Record<'a> {
    pub line: usize,
    pub json: &'a str,
}

/// Whether it is JSON, or why not.
pub(super) fn looks_like_json(text: &str, _options: &ReadOptions) -> Result<(), String> {
    match is_json(text) {
        true => Ok(()),
        false => Err("JSON (no: it does not start with `{` or `[`)".into()),
    }
}

/// Is it JSON? A row such as `[ O` or `{<tab>O` is a token of a CoNLL file, and says so by the tag at its
/// end; but what parses whole is JSON, whatever it ends in.
fn is_json(text: &str) -> bool {
    let body = Body::of(text);
    let first = body.text.lines().next().unwrap_or_default();
    if !first.trim_start().starts_with(['{', '[']) {
        return false;
    }
    // Comments are the custom of CoNLL, so that a bracket behind them proves less.
    let certain = !body.commented || is_bracketed(first) || first.trim().len() == 1;
    if certain && !is_row(first) {
        return true;
    }
    let parsed = |json: &str| serde_json::from_str::<IgnoredAny>(json);
    parsed(first).is_ok()
        || match parsed(body.text) {
            Ok(_) => true,
            // Cut off in the middle of a text. No row of a longer CoNLL file is, because no JSON text
            // holds a line break.
            Err(failure) => failure.is_eof(),
        }
}

/// Does a line that starts with a bracket end as a row of a CoNLL file?
fn is_row(line: &str) -> bool {
    let line = line.trim_end();
    let behind_tab = line.rsplit_once('\t').map(|(_, chunk)| chunk);
    let last = line.rsplit(['\t', ' ']).next().unwrap_or_default();
    !is_bracketed(line)
        && (behind_tab.is_some_and(Tag::is_tag)
            // `I-95","entities":…` is the rest of a text and what follows it.
            || Tag::is_tag(last) && !last.contains('"'))
}

/// Does a line start and end with brackets, as JSON does, well-formed or not?
pub(super) fn is_bracketed(line: &str) -> bool {
    let line = line.trim();
    let line = line.strip_suffix(',').unwrap_or(line);
    line.starts_with(['{', '[']) && line.ends_with(['}', ']'])
}

/// A text from its first line that is neither blank nor a comment.
struct Body<'a> {
    text: &'a str,
    /// Lines before it.
    before: usize,
    /// Some of them are comments: they start with `#`.
    commented: bool,
}

impl<'a> Body<'a> {
    fn of(text: &'a str) -> Self {
        let mut body = Self {
            text,
            before: 0,
            commented: false,
        };
        while let Some((line, rest)) = body.text.split_once('\n') {
            let comment = line.trim_start().starts_with('#');
            if !comment && !line.trim().is_empty() {
                break;
            }
            body = Self {
                text: rest,
                before: body.before + 1,
                commented: body.commented || comment,
            };
        }
        body
    }
}

/// What a file holds.
pub(super) struct Records<'a> {
    pub records: Vec<Record<'a>>,
    /// What Hugging Face says of the columns, where the file has it beside its rows.
    pub features: Option<Value>,
}

/// The records of a file: one per line, the elements of one array, one object, or the records that
/// lie in lists inside of one object. Comments may stand before the first.
pub(super) fn records<'a>(path: &Path, text: &'a str) -> Result<Records<'a>, ReadError> {
    let body = Body::of(text);
    let mut filled = body.text.lines().filter(|line| !line.trim().is_empty());
    let first = filled.next().unwrap_or_default();
    match serde_json::from_str::<&RawValue>(first) {
        // A whole array in one line; spaCy's lines are arrays as well, but start with a text.
        Ok(value) if value.get().starts_with('[') && !starts_with_text(value.get()) => {
            whole(path, &body)
        }
        Ok(_) if filled.next().is_none() => whole(path, &body),
        Ok(_) => lines(path, &body),
        Err(error) if error.is_eof() => whole(path, &body),
        Err(_) => lines(path, &body),
    }
}

fn starts_with_text(array: &str) -> bool {
    array[1..].trim_start().starts_with('"')
}

fn lines<'a>(path: &Path, body: &Body<'a>) -> Result<Records<'a>, ReadError> {
    let mut records = Vec::new();
    for (i, json) in body.text.lines().enumerate() {
        if json.trim().is_empty() {
            continue;
        }
        let line = body.before + i + 1;
        serde_json::from_str::<&RawValue>(json)
            .map_err(|error| syntax(path, line, json, &error))?;
        records.push(Record { line, json });
    }
    Ok(Records {
        records,
        features: None,
    })
}

fn whole<'a>(path: &Path, body: &Body<'a>) -> Result<Records<'a>, ReadError> {
    let text = body.text;
    let damaged = |error: serde_json::Error| syntax(path, body.before + 1, text, &error);
    let value: &RawValue = serde_json::from_str(text).map_err(damaged)?;
    let mut features = None;
    let elements: Vec<&RawValue> = if value.get().starts_with('[') && !starts_with_text(value.get())
    {
        serde_json::from_str(value.get()).map_err(damaged)?
    } else {
        let mut found = Vec::new();
        if let Some(fields) = fields(value)
            && !is_record(value)
        {
            let described = fields.get("features");
            features = described.and_then(|raw| serde_json::from_str(raw.get()).ok());
            nested(value, 0, &mut found);
        }
        match found.is_empty() {
            true => vec![value],
            false => found,
        }
    };
    // The elements are slices of the text: in their order, one walk finds all lines.
    let place = |element: &&RawValue| element.get().as_ptr().addr();
    let mut elements = elements;
    elements.sort_by_key(place);
    let (mut line, mut at) = (body.before + 1, 0);
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
    Ok(Records {
        records: records.collect(),
        features,
    })
}

fn fields(value: &RawValue) -> Option<BTreeMap<String, &RawValue>> {
    let object = value.get().starts_with('{');
    object.then(|| serde_json::from_str(value.get()).ok())?
}

/// Does it look like a record of a corpus?
fn is_record(value: &RawValue) -> bool {
    if value.get().starts_with('[') {
        return starts_with_text(value.get()) && value.get().contains('{');
    }
    let Some(fields) = fields(value) else {
        return false;
    };
    let starts = |key: &str, with: char| {
        let found = fields.get(key);
        found.is_some_and(|value| value.get().starts_with(with))
    };
    starts("text", '"')
        || ["tokens", "words"].iter().any(|key| starts(key, '['))
        || (starts("data", '{') && fields.keys().any(|key| key != "data"))
        || (starts("data", '[') && pieces(fields["data"]))
}

/// Are they the pieces of one text, and not records?
fn pieces(list: &RawValue) -> bool {
    let list: Vec<BTreeMap<String, &RawValue>> = match serde_json::from_str(list.get()) {
        Ok(list) => list,
        Err(_) => return false,
    };
    let known = |key: &String| {
        [
            "text",
            "entity",
            "slot_name",
            "alias",
            "userDefined",
            "meta",
        ]
        .contains(&key.as_str())
    };
    let piece = |piece: &BTreeMap<_, _>| piece.contains_key("text") && piece.keys().all(known);
    let entity = |piece: &BTreeMap<String, _>| piece.contains_key("entity");
    list.iter().all(piece) && (list.len() == 1 || list.iter().any(entity))
}

/// The records in the lists of an object, and of objects in it, to a depth where lists of a corpus
/// still lie: `{"intents": {"A": {"utterances": […]}}}`.
fn nested<'a>(value: &'a RawValue, depth: usize, found: &mut Vec<&'a RawValue>) {
    const DEEPEST: usize = 4;
    for inner in fields(value).into_iter().flat_map(BTreeMap::into_values) {
        if inner.get().starts_with('{') && depth < DEEPEST && !is_record(inner) {
            nested(inner, depth + 1, found);
        } else if inner.get().starts_with('[') {
            let elements: Vec<&RawValue> = serde_json::from_str(inner.get()).unwrap_or_default();
            // The rows that Hugging Face's viewer gives lie one deeper.
            let rows: Vec<&RawValue> = elements
                .iter()
                .map(|element| match fields(element) {
                    Some(fields) => fields.get("row").copied().unwrap_or(element),
                    None => element,
                })
                .collect();
            if rows.first().is_some_and(|first| is_record(first)) {
                found.extend(rows.into_iter().filter(|row| row.get() != "null"));
            }
        }
    }
}

pub(super) fn parse(path: &Path, record: &Record) -> Result<Value, ReadError> {
    serde_json::from_str(record.json)
        .map_err(|error| syntax(path, record.line, record.json, &error))
}

/// `line` is that in which the JSON starts.
pub(super) fn syntax(path: &Path, line: usize, json: &str, error: &serde_json::Error) -> ReadError {
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
        line: line + error.line().saturating_sub(1),
        column,
        message: format!("{message} in `{}`", excerpt(shown)),
    }
}
