//! A token beside the vocabulary, with the rules by which it is found in a text.

use serde_json::{Value, json};

/// A token beside the vocabulary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Added {
    pub text: String,
    pub special: bool,
    single_word: bool,
    pub lstrip: bool,
    rstrip: bool,
    /// As the file says it; else what is special is not normalised.
    normalized: Option<bool>,
}

impl Added {
    pub fn new(text: &str, special: bool) -> Self {
        Self {
            text: text.into(),
            special,
            single_word: false,
            lstrip: false,
            rstrip: false,
            normalized: None,
        }
    }

    /// One that is found in the text as it was written.
    pub fn unnormalized(text: &str, special: bool) -> Self {
        Self {
            normalized: Some(false),
            ..Self::new(text, special)
        }
    }

    pub fn read(value: &Value) -> Option<Self> {
        let flag = |key: &str| value[key].as_bool();
        Some(Self {
            text: value["content"].as_str()?.into(),
            special: flag("special").unwrap_or(false),
            single_word: flag("single_word").unwrap_or(false),
            lstrip: flag("lstrip").unwrap_or(false),
            rstrip: flag("rstrip").unwrap_or(false),
            normalized: flag("normalized"),
        })
    }

    fn is_normalized(&self) -> bool {
        self.normalized.unwrap_or(!self.special)
    }

    pub fn to_json(&self, id: u32) -> Value {
        json!({
            "id": id, "content": self.text, "single_word": self.single_word, "lstrip": self.lstrip,
            "rstrip": self.rstrip, "normalized": self.is_normalized(), "special": self.special
        })
    }

    /// A special piece as a file names it: a text, or an object with flags.
    pub fn named(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(Self::new(text, true)),
            Value::Object(_) => {
                let read = Self::read(value)?;
                Some(Self {
                    special: true,
                    ..read
                })
            }
            _ => None,
        }
    }
}
