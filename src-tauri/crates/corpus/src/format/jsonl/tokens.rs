//! Reads a record with tokens and one tag for each.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{Read, Reader};
use crate::format::fields::{group, id, tag_name};
use crate::format::tagged::Sentence;
use crate::issue::{IssueCode, excerpt};
use crate::options::{ColumnChoice, ReadOptions};

impl Reader<'_> {
    /// The field of the tags, and its list.
    pub(super) fn tags_of<'o>(
        &self,
        object: &'o Map<String, Value>,
    ) -> Option<(&'o str, &'o Vec<Value>)> {
        const KEYS: [&str; 4] = ["ner_tags", "tags", "labels", "ner"];
        let wanted = named(self.options.tag_column.as_ref());
        let key = |key: &str| {
            let (key, value) = object.get_key_value(key)?;
            Some((key.as_str(), value.as_array()?))
        };
        match wanted {
            Some(wanted) => key(wanted),
            None => KEYS.into_iter().find_map(key),
        }
    }

    /// The tokens, where they are a list of strings.
    pub(super) fn tokens_of<'o>(&self, object: &'o Map<String, Value>) -> Option<Vec<&'o str>> {
        const KEYS: [&str; 2] = ["tokens", "words"];
        let key = |key: &str| object.get(key)?.as_array();
        let list = match named(self.options.token_column.as_ref()) {
            Some(wanted) => key(wanted),
            None => KEYS.into_iter().find_map(key),
        };
        list?.iter().map(Value::as_str).collect()
    }

    pub(super) fn tokens(
        &mut self,
        line: usize,
        object: &Map<String, Value>,
        tokens: &[&str],
        tags: Option<(&str, &Vec<Value>)>,
    ) {
        let sentence = Sentence {
            id: id(object),
            group: group(object),
            words: tokens
                .iter()
                .map(|token| Cow::Owned((*token).into()))
                .collect(),
            line,
            ..Sentence::default()
        };
        let Some((key, tags)) = tags else {
            self.pass_over(IssueCode::Unlabelled, 1);
            self.read
                .push(Read::Tagged(sentence, vec!["O".into(); tokens.len()]));
            return;
        };
        if tags.len() != tokens.len() {
            let found = format!("{} tokens and {} tags", tokens.len(), tags.len());
            let message = format!("found {found}, expected one tag for each token");
            let fix = "give every token a tag, `O` outside of entities";
            self.error(IssueCode::TagCount, line, &found, message, fix);
            return;
        }
        let names = self.names.of(key);
        match tags.iter().map(|tag| tag_name(tag, names)).collect() {
            Ok(tags) => self.read.push(Read::Tagged(sentence, tags)),
            Err((message, fix)) => {
                let found = excerpt(&Value::from(tags.clone()).to_string());
                self.error(IssueCode::BadTag, line, &found, message, &fix);
            }
        }
    }
}

fn named(choice: Option<&ColumnChoice>) -> Option<&str> {
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
