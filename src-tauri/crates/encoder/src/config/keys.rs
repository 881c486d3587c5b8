//! The keys of a `config.json`, read one by one, with an error that names the key.

use super::{Activation, ConfigError, shortened};
use serde_json::{Map, Value};

/// Hugging Face's names of the activations. Several names mean the same function.
const ACTIVATIONS: &[(&str, Activation)] = &[
    ("gelu", Activation::Gelu),
    ("gelu_python", Activation::Gelu),
    ("gelu_new", Activation::GeluTanh),
    ("gelu_pytorch_tanh", Activation::GeluTanh),
    ("relu", Activation::Relu),
];

/// The file's keys, read one by one with an error that names the key.
pub(crate) struct Keys<'a>(pub(crate) &'a Map<String, Value>);

impl Keys<'_> {
    /// The value, unless it is absent or null.
    fn value(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    fn bad(&self, key: &str, value: &Value, expected: &str) -> ConfigError {
        ConfigError::BadValue {
            key: key.into(),
            found: shortened(value),
            expected: expected.into(),
        }
    }

    pub(crate) fn size(&self, key: &'static str) -> Result<usize, ConfigError> {
        let value = self.value(key).ok_or(ConfigError::Missing { key })?;
        // The bound keeps a corrupt file from asking for petabytes.
        match value.as_u64() {
            Some(size @ 1..=100_000_000) => Ok(size as usize),
            _ => Err(self.bad(key, value, "a positive whole number")),
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

    pub(crate) fn activation(&self, key: &'static str) -> Result<Activation, ConfigError> {
        let value = self.value(key).ok_or(ConfigError::Missing { key })?;
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

    pub(crate) fn labels(&self) -> Result<Vec<String>, ConfigError> {
        let Some(value) = self.value("id2label") else {
            return Ok(Vec::new());
        };
        let expected = "an object of label names under the ids 0, 1, 2 …";
        let object = value
            .as_object()
            .ok_or_else(|| self.bad("id2label", value, expected))?;
        let mut labels = vec![None; object.len()];
        for (id, label) in object {
            let place = id.parse::<usize>().ok().and_then(|id| labels.get_mut(id));
            match (place, label.as_str()) {
                (Some(place), Some(label)) => *place = Some(label.to_owned()),
                _ => return Err(self.bad("id2label", value, expected)),
            }
        }
        labels
            .into_iter()
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| self.bad("id2label", value, expected))
    }
}
