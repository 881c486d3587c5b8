//! Reads a record with tokens: with one tag for each, or with spans that count them.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::text::{Spans, unknown_list};
use super::{Read, Reader};
use crate::format::fields::{group, id, split, tag_name};
use crate::format::keys::{self, Role};
use crate::format::partial;
use crate::format::span_fields::looks_like_span;
use crate::format::tag_notation::notation;
use crate::format::tagged::Sentence;
use crate::issue::{IssueCode, excerpt};
use crate::options::{ColumnChoice, ReadOptions};
use crate::scheme::Tag;

/// The tokens of a record.
pub(super) type Tokens<'o> = Vec<Cow<'o, str>>;

/// Lists of numbers beside tokens that are no tags, as tokenizers and corpora give them.
const OTHERS: [&str; 12] = [
    "inputids",
    "attentionmask",
    "tokentypeids",
    "specialtokensmask",
    "offsetmapping",
    "wordids",
    "tokenids",
    "ids",
    "lengths",
    "spaces",
    "spaceafter",
    "postags",
];

/// All are `O`, or a letter and a label.
fn are_tags(list: &[Value]) -> bool {
    let is_tag = |tag: &Value| tag.as_str().is_some_and(Tag::is_tag);
    list.iter().all(is_tag)
}

impl<'a> Reader<'a> {
    /// The field of the tags, and its list.
    pub(super) fn tags_of<'o>(
        &self,
        object: &'o Map<String, Value>,
        tokens: Option<&Tokens>,
    ) -> Option<(&'o str, Cow<'o, [Value]>)> {
        if let Some(wanted) = self.wanted_tags() {
            let (key, value) = object.get_key_value(wanted)?;
            return Some((key, tags_in(value, tokens)?));
        }
        let tokens = tokens?;
        let with_text = object.get("text").is_some_and(Value::is_string);
        let fields = keys::fields(object, Role::Tags).into_iter();
        let mut lists = fields.filter_map(|(key, value)| {
            let list = tags_in(value, Some(tokens))?;
            let scalars = list.iter().all(|tag| !tag.is_array() && !tag.is_object());
            // Beside a text a list of names may be its categories.
            let fits = list.len() == tokens.len() || !with_text && !list.is_empty();
            (scalars && fits).then_some((key, list))
        });
        let first = lists.next()?;
        let fits = |list: &[Value]| list.len() == tokens.len();
        let is_good = |list: &[Value]| fits(list) && are_tags(list);
        if is_good(&first.1) {
            return Some(first);
        }
        // Of several the one that has as many tags as there are tokens, of these the one whose tags begin
        // and continue entities: `tags` may be parts of speech.
        let rest: Vec<_> = lists.filter(|(_, list)| fits(list)).collect();
        let best = rest.iter().position(|(_, list)| are_tags(list));
        match best.or((!fits(&first.1) && !rest.is_empty()).then_some(0)) {
            Some(at) => rest.into_iter().nth(at),
            None => Some(first),
        }
    }

    /// The tokens, where they are a list of them. A number is a token too.
    pub(super) fn tokens_of<'o>(&self, object: &'o Map<String, Value>) -> Option<Tokens<'o>> {
        if let Some(wanted) = named(self.options.token_column.as_ref()) {
            return tokens_in(object.get(wanted)?);
        }
        let fields = |role| keys::fields(object, role).into_iter();
        let mut own = fields(Role::Tokens).chain(fields(Role::Text));
        own.find_map(|(_, value)| tokens_in(value))
    }

    pub(super) fn wanted_tags(&self) -> Option<&'a str> {
        named(self.options.tag_column.as_ref())
    }

    pub(super) fn tokens(
        &mut self,
        line: usize,
        object: &Map<String, Value>,
        tokens: Tokens<'_>,
        tags: Option<(&str, Cow<'_, [Value]>)>,
    ) {
        let count = tokens.len();
        self.empty_tokens += tokens.iter().filter(|token| token.is_empty()).count();
        let unknown = partial::numbers(object, count);
        let unknown = match unknown.is_empty() || self.keeps_unknown(unknown.len()) {
            true => unknown,
            false => Vec::new(),
        };
        let sentence = Sentence {
            id: id(object),
            unknown,
            group: group(object),
            split: split(object),
            words: tokens
                .into_iter()
                .map(|token| Cow::Owned(token.into_owned()))
                .collect(),
            line,
            ..Sentence::default()
        };
        let Some((key, tags)) = tags else {
            return self.without_tags(line, object, sentence);
        };
        if tags.len() != count {
            let found = format!("{count} tokens and {} tags", tags.len());
            let message = format!("found {found}, expected one tag for each token");
            let fix = "give every token a tag, `O` outside of entities";
            self.error(IssueCode::TagCount, line, &found, message, fix);
            return;
        }
        self.labelled += 1;
        self.note_tags(object, key, count);
        let names = self.names.of(key);
        match tags.iter().map(|tag| tag_name(tag, names)).collect() {
            Ok(tags) => self.read.push(Read::Tagged(sentence, tags)),
            Err((message, fix)) => {
                let found = excerpt(&Value::from(tags.into_owned()).to_string());
                self.error(IssueCode::BadTag, line, &found, message, &fix);
            }
        }
    }

    /// Notes once what else in the record holds a tag for each token.
    fn note_tags(&mut self, object: &Map<String, Value>, read: &str, count: usize) {
        /// Records in which a tag other than `O` is looked for.
        const LOOKED_AT: usize = 100;
        if self.tag_fields.is_some() || self.labelled > LOOKED_AT || self.wanted_tags().is_some() {
            return;
        }
        let holds_tags = |key: &str, list: &[Value]| {
            let sure =
                |tags: &[&str]| notation(tags.iter().copied()).is_some_and(|found| found.is_sure());
            match list.first() {
                Some(Value::String(_)) => {
                    let tags: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
                    tags.is_some_and(|tags| sure(&tags))
                }
                Some(Value::Number(_)) if !OTHERS.contains(&&*keys::bare(key)) => {
                    let names = self.names.own(key).unwrap_or_default();
                    sure(&names.iter().map(String::as_str).collect::<Vec<_>>())
                }
                _ => false,
            }
        };
        let others = object.iter().filter(|(key, value)| {
            let list = value.as_array().filter(|list| list.len() == count);
            *key != read
                && !keys::is(key, Role::Tokens)
                && list.is_some_and(|list| holds_tags(key, list))
        });
        let others: Vec<String> = others.map(|(key, _)| key.clone()).collect();
        if !others.is_empty() {
            self.tag_fields = Some((read.into(), others));
        }
    }

    /// Tokens without tags: with spans of tokens, with something that is not understood, or with nothing.
    fn without_tags(
        &mut self,
        line: usize,
        object: &Map<String, Value>,
        sentence: Sentence<'static>,
    ) {
        let count = sentence.words.len();
        let spans = self.spans_of(object);
        // A list of names, or of numbers, is none of spans.
        let is_part = |value: &Value| value.is_object() || value.is_array();
        if let Spans::List((key, list)) = spans
            && (list.is_empty() || list.iter().any(is_part))
        {
            if !self.is_meant(line, object, key, &list) {
                return;
            }
            self.labelled += 1;
            let names = self.names.of(key).map(<[String]>::to_vec);
            let spans = list.into_owned();
            let read = super::word_spans::Counted {
                inclusive: super::word_spans::usual(object, key),
                sentence,
                spans,
                names,
            };
            self.read.push(Read::Counted(read));
            return;
        }
        // A field that is known, and says something that is not understood.
        let faulty = match self.wanted_tags() {
            Some(wanted) => object.get_key_value(wanted),
            None => {
                let mut fields = object.iter();
                fields.find(|(key, value)| {
                    let known = keys::is(key, Role::Tags) || keys::is(key, Role::Spans);
                    known && is_no_category(value)
                })
            }
        };
        if let Some((key, value)) = faulty.filter(|(_, value)| !value.is_null()) {
            let found = format!("`{key}`: {}", excerpt(&value.to_string()));
            let message = format!(
                "`{}` is not a list with one tag for each token",
                excerpt(key)
            );
            let fix =
                "write a list of as many tags as there are tokens, such as [\"B-PER\", \"O\"]";
            return self.error(IssueCode::BadTag, line, &found, message, fix);
        }
        let as_many = |value: &Value| value.as_array().is_some_and(|list| list.len() == count);
        let unknown = object.iter().find(|(key, value)| {
            let list = value.as_array().filter(|_| as_many(value) && count > 0);
            let known = keys::is(key, Role::Tokens) || OTHERS.contains(&&*keys::bare(key));
            !known && list.is_some_and(|list| looks_like_tags(list))
        });
        match (unknown, unknown_list(object, "", looks_like_span)) {
            (Some((key, value)), _) => self.unknown(line, key, value, "tags"),
            (None, Some(key)) => self.unknown(line, key, &object[key], "spans"),
            (None, None) => {
                self.unlabelled(line);
                let tags = vec!["O".into(); count];
                self.read.push(Read::Tagged(sentence, tags));
            }
        }
    }
}

/// Numbers, or names of which most are tags; `null` may stand for a word outside.
fn looks_like_tags(list: &[Value]) -> bool {
    let names = || list.iter().map(|tag| tag.as_str().unwrap_or("O"));
    list.iter().all(|tag| tag.is_u64())
        || list.iter().any(Value::is_string)
            && list.iter().all(|tag| tag.is_string() || tag.is_null())
            && notation(names()).is_some()
}

/// The tags in a field: a list, or a text that is one in JSON, or that has a word for each token.
fn tags_in<'o>(value: &'o Value, tokens: Option<&Tokens>) -> Option<Cow<'o, [Value]>> {
    match value {
        Value::Array(list) => Some(Cow::Borrowed(list)),
        Value::String(text) if text.trim_start().starts_with('[') => {
            Some(Cow::Owned(serde_json::from_str(text).ok()?))
        }
        Value::String(text) => {
            let tags: Vec<Value> = text.split_whitespace().map(Value::from).collect();
            let is_for_each = tokens.is_some_and(|tokens| tokens.len() == tags.len());
            (is_for_each && tags.len() > 1).then_some(Cow::Owned(tags))
        }
        _ => None,
    }
}

/// Something that holds more than one value, and is no list of names: those may be what a text is about.
fn is_no_category(value: &Value) -> bool {
    match value {
        Value::Object(object) => !object.is_empty(),
        Value::Array(list) => list.iter().any(|tag| tag.is_object() || tag.is_array()),
        _ => false,
    }
}

/// A list of tokens as texts; `None` where it is none.
fn tokens_in(value: &Value) -> Option<Tokens<'_>> {
    let token = |token: &'_ Value| match token {
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        // JSON's `null` is what some programs make of the word.
        Value::Null => Some(Cow::Borrowed("")),
        _ => None,
    };
    let list = value.as_array()?;
    if !list.is_empty() && !list.iter().any(Value::is_string) {
        return None;
    }
    list.iter()
        .map(|item| match item {
            Value::String(text) => Some(Cow::Borrowed(text.as_str())),
            other => token(other),
        })
        .collect()
}

pub(super) fn named(choice: Option<&ColumnChoice>) -> Option<&str> {
    match choice {
        Some(ColumnChoice::Name(name)) => Some(name),
        _ => None,
    }
}

/// The fields that the options name besides those that are known.
pub(in crate::format) fn chosen(options: &ReadOptions) -> impl Iterator<Item = &str> {
    let choices = [&options.tag_column, &options.token_column];
    choices
        .into_iter()
        .filter_map(|choice| named(choice.as_ref()))
}
