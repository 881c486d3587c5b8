//! Reads what spaCy's `Doc.to_json` gives: a text, its tokens, its entities, and named groups of spans.

use serde_json::{Map, Value};

use super::Reader;
use crate::format::span_groups;
use crate::formats::Dialect;

/// Its tokens have places in the text, and its entities or its groups of spans have names that no other
/// record has.
pub(super) fn is_doc(object: &Map<String, Value>) -> bool {
    let token = object.get("tokens").and_then(|tokens| tokens.get(0));
    let placed = token.is_some_and(|token| {
        ["id", "start", "end"]
            .iter()
            .all(|key| token.get(key).is_some())
    });
    let groups = object.get("spans").and_then(Value::as_object);
    let groups = groups.is_some_and(|groups| groups.values().all(Value::is_array));
    let entities = object.get("ents").is_some_and(Value::is_array);
    placed && (entities || groups) && object.get("text").is_some_and(Value::is_string)
}

impl Reader<'_> {
    pub(super) fn spacy_doc(&mut self, line: usize, object: &Map<String, Value>) {
        self.spelling.get_or_insert(Dialect::Spacy);
        let text = object
            .get("text")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let groups = object.get("spans").and_then(Value::as_object);
        let wanted = span_groups::wanted(self.options);
        let sizes = groups.into_iter().flatten();
        let sizes = sizes.map(|(name, list)| (name.as_str(), list.as_array().map_or(0, Vec::len)));
        self.span_groups.add(sizes, wanted);
        let entities = match wanted.and_then(|name| groups?.get(name)) {
            Some(group) => Some(group),
            None if wanted.is_some_and(|name| name != "ents") => None,
            None => object.get("ents"),
        };
        let kept = ["id", "meta", "group", "tokens"];
        let mut record: Map<String, Value> = kept
            .into_iter()
            .filter_map(|key| Some((key.to_owned(), object.get(key)?.clone())))
            .collect();
        if let Some(entities) = entities {
            record.insert("entities".into(), entities.clone());
        }
        self.text(line, text, &record);
    }
}
