//! A CAS in JSON, as UIMA's own library for it and dkpro-cassis write it.

use std::path::Path;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::{SOFA, STRINGS, Structure};
use crate::format::ReadError;
use crate::format::json::syntax;
use crate::format::layers::{Feature, Kind};

const STRUCTURES: &str = "%FEATURE_STRUCTURES";
/// What is in a list.
const ELEMENTS: &str = "%ELEMENTS";

/// The keys of which a CAS has some.
const PARTS: [&str; 4] = ["%TYPES", STRUCTURES, "%FLAGS", "%VIEWS"];

/// One of its parts is in the object with which the file starts, whatever stands before it.
pub(super) fn looks_like(text: &str) -> bool {
    let Some(inside) = text.trim_start().strip_prefix('{') else {
        return false;
    };
    // Most files have none of them anywhere.
    let named = |part: &&str| {
        let quoted = format!("\"{part}\"");
        memchr::memmem::find(inside.as_bytes(), quoted.as_bytes()).is_some()
    };
    PARTS.iter().any(named) && keys(inside).any(|key| PARTS.contains(&key))
}

/// The keys of an object, of which the text is what stands behind its bracket.
fn keys(inside: &str) -> impl Iterator<Item = &str> {
    let bytes = inside.as_bytes();
    let (mut at, mut depth) = (0, 0usize);
    std::iter::from_fn(move || {
        loop {
            match bytes.get(at)? {
                b'"' => {
                    let start = at + 1;
                    at = end_of_string(bytes, start)?;
                    let found = inside.get(start..at)?;
                    at += 1;
                    let rest = bytes.get(at..).unwrap_or_default().trim_ascii_start();
                    if depth == 0 && rest.first() == Some(&b':') {
                        return Some(found);
                    }
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.checked_sub(1)?,
                _ => {}
            }
            at += 1;
        }
    })
}

/// The quote at the end of a string.
fn end_of_string(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        match bytes[at] {
            b'"' => return Some(at),
            _ => at += 2,
        }
    }
}

pub(super) fn structures(path: &Path, text: &str) -> Result<Vec<Structure>, ReadError> {
    let fault = |error: serde_json::Error| syntax(path, 1, text, &error);
    let parts: std::collections::BTreeMap<String, &RawValue> =
        serde_json::from_str(text).map_err(fault)?;
    let Some(list) = parts.get(STRUCTURES) else {
        return Ok(Vec::new());
    };
    // A list, or in earlier versions of the format an object with the number of each.
    let raw: Vec<(Option<String>, &RawValue)> = match list.get().starts_with('[') {
        true => {
            let list: Vec<&RawValue> = serde_json::from_str(list.get()).map_err(fault)?;
            list.into_iter().map(|one| (None, one)).collect()
        }
        false => {
            let named: std::collections::BTreeMap<String, &RawValue> =
                serde_json::from_str(list.get()).map_err(fault)?;
            let mut named: Vec<_> = named.into_iter().map(|(id, one)| (Some(id), one)).collect();
            named.sort_by_key(|(_, one)| one.get().as_ptr().addr());
            named
        }
    };
    let (mut line, mut at) = (1, 0);
    let mut found = Vec::with_capacity(raw.len());
    for (id, one) in raw {
        let start = one.get().as_ptr().addr() - text.as_ptr().addr();
        line +=
            memchr::memchr_iter(b'\n', text.as_bytes().get(at..start).unwrap_or_default()).count();
        at = start.max(at);
        let value: Map<String, Value> = serde_json::from_str(one.get())
            .map_err(|error| syntax(path, line, one.get(), &error))?;
        found.push(structure(id, &value, line));
    }
    Ok(found)
}

fn structure(id: Option<String>, value: &Map<String, Value>, line: usize) -> Structure {
    let mut found = Structure {
        id: id.unwrap_or_default(),
        line,
        ..Structure::default()
    };
    for (name, value) in value {
        let (shown, kind) = match value {
            Value::String(text) => (text.clone(), Kind::Text),
            Value::Number(_) | Value::Bool(_) => (value.to_string(), Kind::Number),
            Value::Array(texts) if name == ELEMENTS => {
                let texts = texts.iter().filter_map(Value::as_str);
                let texts = texts.map(|text| Feature::text("elements", text));
                found.features.extend(texts);
                continue;
            }
            // Several of them.
            Value::Array(_) if name.starts_with('@') => (String::new(), Kind::Reference),
            _ => continue,
        };
        match name.as_str() {
            "%TYPE" => found.kind = shown,
            "%ID" => found.id = shown,
            "@sofa" => found.sofa = shown,
            "begin" => found.begin = value.as_u64(),
            "end" => found.end = value.as_u64(),
            _ if name.starts_with('@') => found.references.push((name[1..].into(), shown)),
            // How the value before it is written.
            _ if name.starts_with(['%', '^']) => {}
            _ => found.features.push(Feature {
                name: name.clone(),
                value: shown,
                kind,
            }),
        }
    }
    match found.kind.as_str() {
        "Sofa" => found.kind = SOFA.into(),
        "StringArray" | "uima.cas.String[]" => found.kind = STRINGS.into(),
        _ => {}
    }
    found
}
