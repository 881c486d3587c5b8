//! Reads a record with a text and labelled spans.

use serde_json::{Map, Value};

use super::{Read, Reader};
use crate::document::Document;
use crate::format::fields::{group, id, words};
use crate::format::spans;
use crate::formats::Dialect;
use crate::issue::{Issue, IssueCode, Severity, excerpt};
use crate::offsets::OffsetMap;

/// The lists in which spans may stand.
const KEYS: [&str; 4] = ["entities", "spans", "label", "labels"];

impl Reader<'_> {
    pub(super) fn text(&mut self, line: usize, text: &str, object: &Map<String, Value>) {
        let mut document = Document::from_text(text);
        let map = OffsetMap::new(text);
        document.line = line;
        document.id = id(object);
        document.group = group(object);
        if let Some(tokens) = object.get("tokens").and_then(Value::as_array) {
            match words(tokens, &map, text) {
                Some(words) => (document.words, document.words_given) = (words, true),
                None => {
                    let message = "the `tokens` do not fit the text; it is split into words again";
                    let (path, code) = (self.path, IssueCode::TokensMisfit);
                    let issue = Issue::new(Severity::Warning, code, path, line, message);
                    self.issues.push(issue);
                }
            }
        }
        if let Some(relations) = object.get("relations").and_then(Value::as_array) {
            self.pass_over(IssueCode::RelationsIgnored, relations.len());
        }
        let columns: Vec<(&str, Vec<Value>)> = KEYS
            .iter()
            .filter_map(|key| Some((*key, rows_of(object.get(*key)?.as_object()?)?)))
            .collect();
        let lists: Vec<(&str, &Vec<Value>)> = KEYS
            .iter()
            .filter_map(|key| {
                let own = object.get(*key).and_then(Value::as_array);
                let column = || columns.iter().find(|(k, _)| k == key).map(|(_, rows)| rows);
                Some((*key, own.or_else(column)?))
            })
            .chain(other_list(object))
            .collect();
        // Exports write lists that hold nothing, or the categories of a text, beside the real one.
        let filled: Vec<_> = lists
            .iter()
            .filter(|(_, list)| !list.iter().all(Value::is_string))
            .collect();
        if let [(first, _), (second, _), ..] = filled[..] {
            let found = format!("`{second}`: {}", excerpt(&object[*second].to_string()));
            let message =
                format!("`{first}` and `{second}` both hold spans; it is unclear which are meant");
            let fix = "keep one of the two lists";
            self.error(IssueCode::SeveralSpanLists, line, &found, message, fix);
            self.read.push(Read::Document(document));
            return;
        }
        let Some((key, list)) = filled.first().copied().or(lists.first()).copied() else {
            self.no_list(line, object);
            self.read.push(Read::Document(document));
            return;
        };
        let place = spans::SpanContext {
            path: self.path,
            line,
            lines: None,
            text,
            words: &document.words,
            options: self.options,
            names: self.names.of(key),
        };
        let found = spans::read(list, &map, &place, &mut self.issues);
        self.invalid_spans += found.invalid;
        self.pass_over(IssueCode::SpanRejected, found.rejected);
        self.evidence.join(&found.evidence);
        self.wide |= !list.is_empty() && text.chars().any(|c| c.len_utf16() > 1);
        self.spelling = self.spelling.or(found.spelling);
        if key.starts_with("label") && !list.is_empty() {
            self.spelling.get_or_insert(Dialect::Doccano);
        }
        document.spans = found.spans;
        spans::misfits(self.path, &document, &mut self.issues);
        self.read.push(Read::Document(document));
    }

    fn no_list(&mut self, line: usize, object: &Map<String, Value>) {
        let other = KEYS
            .iter()
            .find(|key| object.get(**key).is_some_and(|value| !value.is_null()));
        match other {
            Some(key) => {
                let found = format!("`{key}`: {}", excerpt(&object[*key].to_string()));
                let message = format!("`{key}` is not a list of spans");
                let fix = "write a list of `[start, end, label]`";
                self.error(IssueCode::BadSpans, line, &found, message, fix);
            }
            None => self.pass_over(IssueCode::Unlabelled, 1),
        }
    }
}

/// Hugging Face keeps a list of records as one list for each field: `{"start": […], "end": […]}`.
fn rows_of(columns: &Map<String, Value>) -> Option<Vec<Value>> {
    let start = columns.get("start").or_else(|| columns.get("start_offset"));
    let rows = start?.as_array()?.len();
    let lists: Option<Vec<(&String, &Vec<Value>)>> = columns
        .iter()
        .map(|(key, list)| Some((key, list.as_array().filter(|list| list.len() == rows)?)))
        .collect();
    let lists = lists?;
    let row = |i: usize| -> Value {
        let fields = lists
            .iter()
            .map(|(key, list)| ((*key).clone(), list[i].clone()));
        Value::Object(fields.collect())
    };
    Some((0..rows).map(row).collect())
}

/// Label Studio's short export names the list as the person named the labels.
fn other_list(object: &Map<String, Value>) -> Option<(&str, &Vec<Value>)> {
    object.get("annotation_id")?;
    object.iter().find_map(|(key, value)| {
        let list = value.as_array().filter(|_| !KEYS.contains(&key.as_str()))?;
        let spans = list.first()?.get("labels")?.is_array();
        spans.then_some((key.as_str(), list))
    })
}
