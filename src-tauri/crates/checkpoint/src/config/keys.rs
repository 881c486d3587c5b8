//! The keys of a `config.json`, read one by one, with an error that names the key.

use super::{Activation, ConfigError};
use serde_json::{Map, Value};

/// Hugging Face's names of the activations. Several names mean the same function.
const ACTIVATIONS: &[(&str, Activation)] = &[
    ("gelu", Activation::Gelu),
    ("gelu_python", Activation::Gelu),
    ("gelu_new", Activation::GeluTanh),
    ("gelu_fast", Activation::GeluTanh),
    ("gelu_pytorch_tanh", Activation::GeluTanh),
    ("relu", Activation::Relu),
    ("silu", Activation::Silu),
    ("tanh", Activation::Tanh),
    ("swish", Activation::Silu),
];

/// The file's keys, read one by one with an error that names the key.
pub(crate) struct Keys<'a> {
    raw: &'a Map<String, Value>,
    /// Keys that the family calls otherwise than most, as (most, this one).
    names: &'static [(&'static str, &'static str)],
}

impl<'a> Keys<'a> {
    pub(crate) fn new(raw: &'a Map<String, Value>) -> Self {
        Self { raw, names: &[] }
    }

    /// The same keys under a family's own names. As in transformers, those of most are understood too.
    pub(crate) fn called(&self, names: &'static [(&'static str, &'static str)]) -> Self {
        Self {
            raw: self.raw,
            names,
        }
    }

    /// The whole file.
    pub(crate) fn raw(&self) -> Map<String, Value> {
        self.raw.clone()
    }

    /// What the family calls a key.
    fn own_name<'n>(&self, key: &'n str) -> &'n str {
        let mut names = self.names.iter();
        names
            .find(|(most, _)| *most == key)
            .map_or(key, |(_, own)| own)
    }

    /// The value, unless it is absent or null.
    fn value(&self, key: &str) -> Option<&Value> {
        let found = self
            .raw
            .get(self.own_name(key))
            .or_else(|| self.raw.get(key));
        found.filter(|value| !value.is_null())
    }

    fn missing(&self, key: &'static str) -> ConfigError {
        ConfigError::Missing {
            key: self.own_name(key),
        }
    }

    fn bad(&self, key: &str, value: &Value, expected: &str) -> ConfigError {
        ConfigError::BadValue {
            key: self.own_name(key).into(),
            found: shortened(value),
            expected: expected.into(),
        }
    }

    pub(crate) fn size(&self, key: &'static str) -> Result<usize, ConfigError> {
        let value = self.value(key).ok_or_else(|| self.missing(key))?;
        // The bound keeps a corrupt file from asking for petabytes.
        match value.as_u64() {
            Some(size @ 1..=100_000_000) => Ok(size as usize),
            _ => Err(self.bad(key, value, "a positive whole number")),
        }
    }

    pub(crate) fn size_or(&self, key: &'static str, default: usize) -> Result<usize, ConfigError> {
        match self.value(key) {
            None => Ok(default),
            Some(_) => self.size(key),
        }
    }

    pub(crate) fn index_or(&self, key: &str, default: usize) -> Result<usize, ConfigError> {
        match self.value(key) {
            None => Ok(default),
            Some(value) => value
                .as_u64()
                .map(|index| index as usize)
                .ok_or_else(|| self.bad(key, value, "a whole number")),
        }
    }

    pub(crate) fn rate(&self, key: &str, default: f64) -> Result<f64, ConfigError> {
        match self.value(key) {
            None => Ok(default),
            Some(value) => value
                .as_f64()
                .filter(|rate| (0.0..1.0).contains(rate))
                .ok_or_else(|| self.bad(key, value, "a number from 0 up to, but not, 1")),
        }
    }

    pub(crate) fn positive(&self, key: &str, default: f64) -> Result<f64, ConfigError> {
        match self.value(key) {
            None => Ok(default),
            Some(value) => value
                .as_f64()
                .filter(|number| *number > 0.0)
                .ok_or_else(|| self.bad(key, value, "a positive number")),
        }
    }

    pub(crate) fn flag_or(&self, key: &str, default: bool) -> Result<bool, ConfigError> {
        match self.value(key) {
            None => Ok(default),
            Some(value) => value
                .as_bool()
                .ok_or_else(|| self.bad(key, value, "true or false")),
        }
    }

    pub(crate) fn text_or(&self, key: &str, default: &str) -> Result<String, ConfigError> {
        match self.value(key) {
            None => Ok(default.into()),
            Some(value) => value
                .as_str()
                .map(str::to_owned)
                .ok_or_else(|| self.bad(key, value, "a text")),
        }
    }

    /// A list of texts, or a text with bars between its parts; empty where there is none.
    pub(crate) fn text_list(&self, key: &str) -> Result<Vec<String>, ConfigError> {
        let Some(value) = self.value(key) else {
            return Ok(Vec::new());
        };
        let texts = match value {
            Value::String(text) => Some(text.split('|').map(|part| part.trim().into()).collect()),
            Value::Array(parts) => parts
                .iter()
                .map(|part| part.as_str().map(str::to_owned))
                .collect(),
            _ => None,
        };
        texts.ok_or_else(|| self.bad(key, value, "a list of texts"))
    }

    /// A positive number, or `default` where it is absent, 0 or less.
    pub(crate) fn range_or(&self, key: &str, default: usize) -> usize {
        let size = self.value(key).and_then(Value::as_u64);
        size.filter(|size| *size > 0)
            .map_or(default, |size| size as usize)
    }

    /// An object inside.
    pub(crate) fn inner(&self, key: &str) -> Option<&Map<String, Value>> {
        self.value(key)?.as_object()
    }

    /// The error that another value was expected of a key.
    pub(crate) fn expected(&self, key: &str, expected: &str) -> ConfigError {
        self.bad(key, self.value(key).unwrap_or(&Value::Null), expected)
    }

    pub(crate) fn must_be_there(&self, key: &'static str) -> Result<(), ConfigError> {
        self.value(key).map(|_| ()).ok_or_else(|| self.missing(key))
    }

    pub(crate) fn activation_or(
        &self,
        key: &'static str,
        default: &str,
    ) -> Result<Activation, ConfigError> {
        self.activation_of(key, self.value(key).unwrap_or(&Value::from(default)))
    }

    pub(crate) fn activation(&self, key: &'static str) -> Result<Activation, ConfigError> {
        let value = self.value(key).ok_or_else(|| self.missing(key))?;
        self.activation_of(key, value)
    }

    fn activation_of(&self, key: &str, value: &Value) -> Result<Activation, ConfigError> {
        ACTIVATIONS
            .iter()
            .find(|(name, _)| value.as_str() == Some(name))
            .map(|(_, activation)| *activation)
            .ok_or_else(|| {
                let names: Vec<_> = ACTIVATIONS.iter().map(|(name, _)| *name).collect();
                self.bad(key, value, &format!("one of {}", names.join(", ")))
            })
    }

    /// A switch of the architecture that only one value of is implemented here.
    pub(crate) fn must_be(&self, key: &str, only: Value) -> Result<(), ConfigError> {
        match self.value(key) {
            Some(value) if *value != only => Err(self.bad(key, value, &only.to_string())),
            _ => Ok(()),
        }
    }

    /// The labels by id, or what stands in their place.
    pub(crate) fn labels(&self) -> Result<Vec<String>, String> {
        let Some(value) = self.value("id2label") else {
            return Ok(Vec::new());
        };
        let name = |label: &Value| match label {
            Value::String(label) => Some(label.clone()),
            // As a much used example once wrote them.
            Value::Number(label) => Some(label.to_string()),
            _ => None,
        };
        let all = value.as_object().and_then(|object| {
            let mut labels = vec![None; object.len()];
            for (id, label) in object {
                *labels.get_mut(id.parse::<usize>().ok()?)? = name(label);
            }
            labels.into_iter().collect()
        });
        all.ok_or_else(|| shortened(value))
    }
}

/// A value as JSON, cut short where it is long.
pub(crate) fn shortened(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
