//! Reads a record with a text and labelled spans.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{Read, Reader};
use crate::document::Document;
use crate::format::fields::{aligned, group, id, split, words};
use crate::format::keys::{self, Role};
use crate::format::span_fields::{looks_like_span, may_be_span};
use crate::format::{partial, spans};
use crate::formats::Dialect;
use crate::issue::{Issue, IssueCode, Severity, excerpt};
use crate::offsets::OffsetMap;

/// A list of spans and the field that it stands in.
pub(super) type List<'o> = (&'o str, Cow<'o, [Value]>);

/// What a record says about its spans.
pub(super) enum Spans<'o> {
    List(List<'o>),
    /// No field is there for them.
    None,
    /// A field is there, and holds something else.
    Other(&'o str),
    /// Two lists hold spans.
    Several(&'o str, &'o str),
}

impl Reader<'_> {
    pub(super) fn text(&mut self, line: usize, text: &str, object: &Map<String, Value>) {
        let mut document = Document::from_text(text);
        let map = OffsetMap::new(text);
        document.line = line;
        document.id = id(object);
        document.group = group(object);
        document.split = split(object);
        if let Some(tokens) = object.get("tokens").and_then(Value::as_array) {
            let own = words(tokens, &map, text).or_else(|| aligned(tokens, text));
            match own {
                Some(words) => (document.words, document.words_given) = (words, true),
                None => {
                    let message = "the `tokens` do not fit the text; it is split into words again";
                    let (path, code) = (self.path, IssueCode::TokensMisfit);
                    let issue = Issue::new(Severity::Warning, code, path, line, message);
                    self.issues.push(issue);
                }
            }
        }
        document.unknown = partial::pieces(object, &map);
        if !document.unknown.is_empty() {
            let words = document.unknown_words().len();
            if !self.keeps_unknown(words) {
                document.unknown = Vec::new();
            }
        }
        if let Some(relations) = object.get("relations").and_then(Value::as_array) {
            self.pass_over(IssueCode::RelationsIgnored, relations.len());
        }
        let (key, list) = match self.spans_of(object) {
            Spans::List(list) => list,
            none => {
                if self.without_spans(line, object, map.chars(), none) {
                    self.read.push(Read::Document(document));
                }
                return;
            }
        };
        let list = &*list;
        if !self.is_meant(line, object, key, list) {
            return;
        }
        self.labelled += 1;
        let place = spans::SpanContext {
            path: self.path,
            line,
            lines: &self.span_lines,
            text,
            tokens: None,
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

    /// The list of spans of a record, whatever it is called.
    pub(super) fn spans_of<'o>(&self, object: &'o Map<String, Value>) -> Spans<'o> {
        if let Some(wanted) = self.wanted_tags()
            && let Some((key, value)) = object.get_key_value(wanted)
        {
            return match list_in(value) {
                Some(list) => Spans::List((key, list)),
                None if value.is_null() => Spans::None,
                None => Spans::Other(key),
            };
        }
        let fields = keys::fields(object, Role::Spans);
        let lists: Vec<List> = fields
            .iter()
            .filter_map(|(key, value)| Some((*key, list_in(value)?)))
            .chain(other_list(object))
            .collect();
        // Exports write lists that hold nothing, or the categories of a text, beside the real one.
        let is_filled = |list: &[Value]| !list.iter().all(Value::is_string);
        let mut filled = lists.iter().filter(|(_, list)| is_filled(list));
        match (filled.next(), filled.next()) {
            (Some((first, _)), Some((second, _))) => Spans::Several(first, second),
            (Some(one), None) => Spans::List(one.clone()),
            // A list of names is the categories of a text.
            (None, _) => match lists.into_iter().next() {
                Some(list) => Spans::List(list),
                None => fields
                    .into_iter()
                    .find(|(_, value)| !value.is_null())
                    .map(|(key, _)| Spans::Other(key))
                    .or_else(|| deeper(object).map(Spans::List))
                    .unwrap_or(Spans::None),
            },
        }
    }

    /// Whether the list of spans that is found is the one to read. Another one under a name that is not known is
    /// probably meant where this one is empty; where it holds spans, those of the other are reported.
    pub(super) fn is_meant(
        &mut self,
        line: usize,
        object: &Map<String, Value>,
        key: &str,
        list: &[Value],
    ) -> bool {
        let Some(further) = unknown_list(object, key, looks_like_span) else {
            return true;
        };
        if list.is_empty() {
            self.unknown(line, further, &object[further], "spans");
            return false;
        }
        let known = || (key.to_owned(), further.to_owned(), 0);
        self.further_spans.get_or_insert_with(known).2 += 1;
        true
    }

    /// Says of a record why its spans were not found, and whether it is one without any.
    fn without_spans(
        &mut self,
        line: usize,
        object: &Map<String, Value>,
        chars: usize,
        spans: Spans,
    ) -> bool {
        match spans {
            Spans::Several(first, second) => {
                let found = format!("`{second}`: {}", excerpt(&object[second].to_string()));
                let message = format!(
                    "`{first}` and `{second}` both hold spans; it is unclear which are meant"
                );
                let fix = "keep one of the two lists, or choose one with `--tag-column`";
                self.error(IssueCode::SeveralSpanLists, line, &found, message, fix);
            }
            Spans::Other(key) => {
                let found = format!("`{key}`: {}", excerpt(&object[key].to_string()));
                let message = format!("`{key}` is not a list of spans");
                let fix = "write a list of `[start, end, label]`";
                self.error(IssueCode::BadSpans, line, &found, message, fix);
            }
            Spans::None | Spans::List(_) => match unknown_list(object, "", looks_like_span)
                .or_else(|| unknown_list(object, "", |value| may_be_span(value, chars)))
            {
                Some(key) => self.unknown(line, key, &object[key], "spans"),
                None => {
                    self.unlabelled(line);
                    return true;
                }
            },
        }
        false
    }

    /// A list that is probably the labels of a record, under a name that is not known.
    pub(super) fn unknown(&mut self, line: usize, key: &str, value: &Value, what: &str) {
        let found = format!("`{key}`: {}", excerpt(&value.to_string()));
        let shown = excerpt(key);
        let message =
            format!("`{shown}` looks like a list of {what}, and no list of {what} has this name");
        let name = match what {
            "spans" => "entities",
            _ => "ner_tags",
        };
        let fix = format!(
            "call it `{name}`, or say that it is meant with `--tag-column {shown}`; where it is something else, take it out"
        );
        self.error(IssueCode::BadSpans, line, &found, message, &fix);
    }

    /// A record that says nothing about its labels.
    pub(super) fn unlabelled(&mut self, line: usize) {
        self.first_unlabelled.get_or_insert(line);
        self.pass_over(IssueCode::Unlabelled, 1);
    }
}

/// A field without a role, and not the one that is `read`, whose list is like those that a reader looks for.
pub(super) fn unknown_list<'o>(
    object: &'o Map<String, Value>,
    read: &str,
    like: impl Fn(&Value) -> bool,
) -> Option<&'o str> {
    // An absent element says nothing of the others.
    let is_like = |list: &[Value]| {
        let mut there = list.iter().filter(|value| !value.is_null()).peekable();
        there.peek().is_some() && there.all(&like)
    };
    let mut fields = object.iter();
    let found = fields.find(|(key, value)| {
        *key != read
            && !keys::is_aside(key)
            && !keys::is(key, Role::Spans)
            && (list_in(value).is_some_and(|list| is_like(&list)) || holds(value, is_like))
    });
    found.map(|(key, _)| key.as_str())
}

/// One level deeper, whatever it is called there: `{"items": […]}`.
fn holds(value: &Value, is_like: impl Fn(&[Value]) -> bool) -> bool {
    let Some(object) = value.as_object() else {
        return false;
    };
    let mut lists = object.values().filter_map(Value::as_array);
    lists.any(|list| is_like(list))
}

/// The spans in a field: a list, or an object that is one in another form, or either as a text of JSON.
fn list_in(value: &Value) -> Option<Cow<'_, [Value]>> {
    match value {
        Value::Array(list) => Some(Cow::Borrowed(list.as_slice())),
        Value::Object(object) => rows_of(object)
            .or_else(|| by_label(object))
            .or_else(|| held(object))
            .map(Cow::Owned),
        Value::String(text) if text.trim_start().starts_with(['[', '{']) => {
            let value: Value = serde_json::from_str(text).ok()?;
            let list = list_in(&value)?.into_owned();
            Some(Cow::Owned(list))
        }
        _ => None,
    }
}

/// One level deeper: `{"entities": […]}`.
fn held(object: &Map<String, Value>) -> Option<Vec<Value>> {
    let lists = keys::fields(object, Role::Spans).into_iter();
    let mut lists = lists.filter_map(|(_, value)| value.as_array());
    lists.next().cloned()
}

/// Hugging Face keeps a list of records as one list for each field: `{"start": […], "end": […]}`.
fn rows_of(columns: &Map<String, Value>) -> Option<Vec<Value>> {
    let start = keys::fields(columns, Role::Start);
    let rows = start.first()?.1.as_array()?.len();
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

/// Spans by their labels: `{"PER": [[0, 9]]}`, or with the text of each between,
/// `{"PER": {"Ada": [[0, 2]]}}`.
fn by_label(object: &Map<String, Value>) -> Option<Vec<Value>> {
    let places = |label: &str, quote: Option<&str>, list: &Value| -> Option<Vec<Value>> {
        let of = |place: &Value| match place.as_array()?.as_slice() {
            [start, end] if start.is_number() && end.is_number() => {
                let mut span = Map::new();
                span.insert("start".into(), start.clone());
                span.insert("end".into(), end.clone());
                span.insert("label".into(), label.into());
                if let Some(quote) = quote {
                    span.insert("text".into(), quote.into());
                }
                Some(Value::Object(span))
            }
            _ => None,
        };
        list.as_array()?.iter().map(of).collect()
    };
    let mut spans = Vec::new();
    for (label, value) in object {
        match value {
            Value::Object(quotes) => {
                for (quote, list) in quotes {
                    spans.extend(places(label, Some(quote), list)?);
                }
            }
            Value::Null => {}
            list => spans.extend(places(label, None, list)?),
        }
    }
    Some(spans)
}

/// One level deeper, under a name of its own: `{"gold": {"entities": […]}}`. What a model has found is not
/// what somebody marked.
fn deeper(object: &Map<String, Value>) -> Option<List<'_>> {
    let of_model = |key: &str| {
        let key = keys::bare(key);
        ["predict", "suggest", "model"]
            .iter()
            .any(|part| key.contains(part))
    };
    object
        .iter()
        .filter(|(key, _)| !of_model(key))
        .find_map(|(_, value)| {
            let fields = keys::fields(value.as_object()?, Role::Spans).into_iter();
            let mut lists = fields.filter_map(|(key, value)| Some((key, value.as_array()?)));
            let (key, list) = lists.find(|(_, list)| list.iter().all(looks_like_span))?;
            Some((key, Cow::Borrowed(list.as_slice())))
        })
}

/// Label Studio's short export names the list as the person named the labels.
fn other_list(object: &Map<String, Value>) -> Option<List<'_>> {
    object.get("annotation_id")?;
    object.iter().find_map(|(key, value)| {
        let known = keys::is(key, Role::Spans);
        let list = value.as_array().filter(|_| !known)?;
        let spans = list.first()?.get("labels")?.is_array();
        spans.then_some((key.as_str(), Cow::Borrowed(list.as_slice())))
    })
}
