//! A CAS in JSON, as UIMA's own library for it and dkpro-cassis write it.

use std::path::Path;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::{SOFA, Structure};
use crate::format::ReadError;
use crate::format::json::syntax;

const STRUCTURES: &str = "%FEATURE_STRUCTURES";

/// One of its parts opens the file.
pub(super) fn looks_like(text: &str) -> bool {
    let Some(inside) = text.trim_start().strip_prefix('{') else {
        return false;
    };
    let inside = inside.trim_start();
    [
        "\"%TYPES\"",
        "\"%FEATURE_STRUCTURES\"",
        "\"%FLAGS\"",
        "\"%VIEWS\"",
    ]
    .iter()
    .any(|part| inside.starts_with(part))
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
        let shown = match value {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            // Several of them.
            Value::Array(_) if name.starts_with('@') => String::new(),
            _ => continue,
        };
        match name.as_str() {
            "%TYPE" => found.kind = shown,
            "%ID" => found.id = shown,
            "@sofa" => found.sofa = shown,
            "begin" => found.begin = value.as_u64(),
            "end" => found.end = value.as_u64(),
            _ if name.starts_with('@') => found.references.push(name[1..].into()),
            // How the value before it is written.
            _ if name.starts_with(['%', '^']) => {}
            _ => found.features.push((name.clone(), shown)),
        }
    }
    if found.kind == "Sofa" {
        found.kind = SOFA.into();
    }
    found
}
