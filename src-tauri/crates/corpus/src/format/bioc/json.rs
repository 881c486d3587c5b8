//! BioC in JSON: a collection, one document alone, a list of either, or one of them in each line.

use std::path::Path;

use serde_json::value::RawValue;
use serde_json::{Deserializer, Value};

use super::{Annotation, Element, Entry};
use crate::format::ReadError;
use crate::format::json::syntax;

/// What a collection keeps its documents under; the second is what PubTator's newer service writes.
const DOCUMENTS: [&str; 2] = ["documents", "PubTator3"];

/// Looked for in the head of the file alone: the words that no other JSON has together.
pub(super) fn looks_like(text: &str) -> bool {
    const HEAD: usize = 1 << 16;
    let text = text.trim_start();
    if !text.starts_with(['{', '[']) {
        return false;
    }
    let end = text.len().min(HEAD);
    let Some(end) = (0..=end).rev().find(|at| text.is_char_boundary(*at)) else {
        return false;
    };
    let head = &text[..end];
    let key = |name: &str| {
        let mut found = head.match_indices(name);
        found.any(|(at, _)| {
            let rest = head[at + name.len()..].strip_prefix('"');
            head[..at].ends_with('"') && rest.is_some_and(|rest| rest.trim_start().starts_with(':'))
        })
    };
    key("passages") && key("offset") && key("infons")
}

pub(super) fn read(path: &Path, text: &str, mut take: impl FnMut(Entry)) -> Result<(), ReadError> {
    let values = Deserializer::from_str(text).into_iter::<&RawValue>();
    let (mut line, mut at) = (1, 0);
    for value in values {
        let value = value.map_err(|error| syntax(path, 1, text, &error))?;
        documents(value, 0, &mut |document: &RawValue| {
            let start = document.get().as_ptr().addr() - text.as_ptr().addr();
            let between = text.as_bytes().get(at..start).unwrap_or_default();
            line += memchr::memchr_iter(b'\n', between).count();
            at = start.max(at);
            let parsed = serde_json::from_str::<Value>(document.get());
            let parsed = parsed.map_err(|error| syntax(path, line, document.get(), &error))?;
            take(entry(&parsed, line));
            Ok(())
        })?;
    }
    Ok(())
}

/// Finds the documents of a value, which may be one, a list of them, or a collection.
fn documents(
    value: &RawValue,
    depth: usize,
    found: &mut impl FnMut(&RawValue) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    const DEEPEST: usize = 3;
    let text = value.get();
    let list: Vec<&RawValue> = if text.starts_with('[') {
        serde_json::from_str(text).unwrap_or_default()
    } else {
        let fields: std::collections::BTreeMap<String, &RawValue> =
            serde_json::from_str(text).unwrap_or_default();
        if fields.contains_key("passages") {
            return found(value);
        }
        DOCUMENTS
            .into_iter()
            .find_map(|key| fields.get(key))
            .map(|list| vec![*list])
            .unwrap_or_default()
    };
    if depth < DEEPEST {
        for inner in list {
            documents(inner, depth + 1, found)?;
        }
    }
    Ok(())
}

fn entry(value: &Value, line: usize) -> Entry {
    let annotations = annotations(value, line);
    let passages: Vec<Element> = list(value, "passages")
        .map(|passage| element(passage, line))
        .collect();
    let relations = list(value, "relations").count()
        + list(value, "passages")
            .map(|passage| list(passage, "relations").count())
            .sum::<usize>();
    Entry {
        id: string(value, "id").or_else(|| string(value, "_id")),
        line,
        passages,
        annotations,
        relations,
    }
}

fn element(value: &Value, line: usize) -> Element {
    Element {
        line,
        offset: number(value, "offset"),
        text: value.get("text").and_then(Value::as_str).map(String::from),
        annotations: annotations(value, line),
        sentences: list(value, "sentences")
            .map(|sentence| element(sentence, line))
            .collect(),
    }
}

fn annotations(value: &Value, line: usize) -> Vec<Annotation> {
    let one = |value: &Value| {
        let infons = value.get("infons").and_then(Value::as_object);
        let infons = infons.into_iter().flatten();
        let infons = infons.filter_map(|(key, value)| Some((key.clone(), shown(value)?)));
        let locations = list(value, "locations");
        let place = |place: &Value| Some((number(place, "offset")?, number(place, "length")?));
        Annotation {
            line,
            infons: infons.collect(),
            locations: locations.filter_map(place).collect(),
            text: value.get("text").and_then(Value::as_str).map(String::from),
        }
    };
    list(value, "annotations").map(one).collect()
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn string(value: &Value, key: &str) -> Option<String> {
    shown(value.get(key)?)
}

fn shown(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A whole number, which some programs write as text.
fn number(value: &Value, key: &str) -> Option<i64> {
    let found = value.get(key)?;
    found
        .as_i64()
        .or_else(|| found.as_str()?.trim().parse().ok())
}
