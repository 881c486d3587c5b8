//! What a model folder's `config.json` says, read strictly: an unknown value is an error that names it.

mod keys;

pub(crate) use keys::Keys;

use crate::families::{self, Family};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use tagsmith_protocol::Diagnose;
use tagsmith_protocol::ModelFamily;

/// Why a `config.json` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is missing or unreadable.
    #[error("cannot read `{}`: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        source: std::io::Error,
    },
    /// The file is not a JSON object.
    #[error("`{}` is not a JSON object: {reason}", path.display())]
    NotJson {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        reason: String,
    },
    /// The architecture is not one that this crate has.
    #[error("the model type `{found}` is not supported")]
    UnknownArchitecture {
        /// The value of `model_type`, or a note that there is none.
        found: String,
    },
    /// A key that the architecture needs is absent.
    #[error("`config.json` has no `{key}`")]
    Missing {
        /// The key.
        key: &'static str,
    },
    /// A key holds a value that the code does not know or that makes no sense.
    #[error("`config.json` has `{key}`: {found}, expected {expected}")]
    BadValue {
        /// The key.
        key: String,
        /// The value, as JSON.
        found: String,
        /// What would have been accepted.
        expected: String,
    },
}

impl Diagnose for ConfigError {
    fn code(&self) -> &'static str {
        "model"
    }

    fn hint(&self) -> Option<Cow<'_, str>> {
        let hint: String = match self {
            Self::Unreadable { .. } => {
                "a model folder holds config.json, the weights and the tokenizer's files".into()
            }
            Self::NotJson { .. } => "download the model again".into(),
            Self::UnknownArchitecture { .. } => {
                format!("supported model types: {}", ModelFamily::model_types(", "))
            }
            Self::Missing { .. } | Self::BadValue { .. } => {
                "the model may need a newer version of Tagsmith, or its config.json was edited"
                    .into()
            }
        };
        Some(hint.into())
    }
}

/// The non-linearity between the two feed-forward products.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// `x · Φ(x)` by the error function: Hugging Face's `gelu`.
    Gelu,
    /// The tanh approximation: Hugging Face's `gelu_new`.
    GeluTanh,
    /// `max(x, 0)`.
    Relu,
}

/// The configuration of an encoder.
#[derive(Clone, Debug)]
pub struct Config {
    /// The family that the model is of.
    pub family: ModelFamily,
    /// Rows of the word embedding.
    pub vocab_size: usize,
    /// Width of the hidden states.
    pub hidden_size: usize,
    /// Layers of the encoder.
    pub num_hidden_layers: usize,
    /// Attention heads of each layer; divides `hidden_size`.
    pub num_attention_heads: usize,
    /// Width between the two feed-forward products.
    pub intermediate_size: usize,
    /// The feed-forward non-linearity.
    pub hidden_act: Activation,
    /// Probability of dropping a hidden unit, 0–1.
    pub hidden_dropout_prob: f64,
    /// Probability of dropping an attention weight, 0–1.
    pub attention_probs_dropout_prob: f64,
    /// Probability of dropping before the head, 0–1; `hidden_dropout_prob` where the file has none.
    pub classifier_dropout: f64,
    /// Rows of the position embedding.
    pub(crate) max_position_embeddings: usize,
    /// The row of the position embedding that the first token of a sequence has; lower ones are not used.
    pub(crate) first_position: usize,
    /// Rows of the token type embedding.
    pub type_vocab_size: usize,
    /// Epsilon of every LayerNorm.
    pub layer_norm_eps: f64,
    /// Standard deviation from which a new head is drawn.
    pub initializer_range: f64,
    /// The id that fills short rows of a batch.
    pub pad_token_id: usize,
    /// Names of the labels by id, empty where the file names none.
    pub labels: Vec<String>,
    /// The whole file, so that saving keeps the keys that training does not concern.
    pub raw: Map<String, Value>,
}

impl Config {
    /// Reads `folder/config.json`.
    ///
    /// # Errors
    /// The file is missing, is no JSON object, names another architecture, lacks a size, or holds a
    /// value that this crate does not know.
    pub fn from_folder(folder: &Path) -> Result<Self, ConfigError> {
        let path = folder.join("config.json");
        let text = std::fs::read_to_string(&path).map_err(|source| ConfigError::Unreadable {
            path: path.clone(),
            source,
        })?;
        match serde_json::from_str(&text) {
            Ok(Value::Object(raw)) => Self::from_json(raw),
            Ok(other) => Err(ConfigError::NotJson {
                path,
                reason: format!("it holds {}", shortened(&other)),
            }),
            Err(failure) => Err(ConfigError::NotJson {
                path,
                reason: failure.to_string(),
            }),
        }
    }

    /// Reads a configuration from the object that `config.json` holds.
    ///
    /// Absent sizes are errors. Absent rates and constants take the value that Hugging Face's configuration
    /// class of the family gives them, as its own loader does.
    ///
    /// # Errors
    /// As [`Config::from_folder`].
    pub fn from_json(raw: Map<String, Value>) -> Result<Self, ConfigError> {
        let family = match raw.get("model_type") {
            Some(Value::String(name)) => {
                ModelFamily::of_model_type(name).ok_or_else(|| name.clone())
            }
            // Early BERT checkpoints give no model type, only their class.
            None => first_class(&raw)
                .and_then(ModelFamily::of_class)
                .ok_or_else(|| "(none given)".to_owned()),
            Some(other) => Err(shortened(other)),
        };
        let family = family.map_err(|found| ConfigError::UnknownArchitecture { found })?;
        let config = (families::entry(family).read)(&Keys(&raw))?;
        if !config
            .hidden_size
            .is_multiple_of(config.num_attention_heads)
        {
            return Err(ConfigError::BadValue {
                key: "num_attention_heads".into(),
                found: config.num_attention_heads.to_string(),
                expected: format!("a divisor of `hidden_size` ({})", config.hidden_size),
            });
        }
        Ok(config)
    }

    /// What sets the model's family apart from others.
    pub fn family(&self) -> &'static Family {
        families::entry(self.family)
    }

    /// The longest sequence that the model reads, in tokens, special tokens included.
    pub fn max_tokens(&self) -> usize {
        self.max_position_embeddings
            .saturating_sub(self.first_position)
    }

    /// The configuration of the same encoder with a token-classification head for `labels`.
    pub fn with_labels(mut self, labels: &[String]) -> Self {
        let by_id = labels
            .iter()
            .enumerate()
            .map(|(id, label)| (id.to_string(), Value::from(label.as_str())));
        let by_label = labels
            .iter()
            .enumerate()
            .map(|(id, label)| (label.clone(), Value::from(id)));
        self.raw.insert(
            "architectures".into(),
            Value::from(vec![self.family().token_classifier]),
        );
        self.raw
            .insert("model_type".into(), self.family.model_type().into());
        self.raw
            .insert("id2label".into(), Value::Object(by_id.collect()));
        self.raw
            .insert("label2id".into(), Value::Object(by_label.collect()));
        // Both would contradict what is written: the count of labels and the type of the weights.
        self.raw.remove("num_labels");
        self.raw.remove("torch_dtype");
        self.raw.insert("dtype".into(), "float32".into());
        self.labels = labels.to_vec();
        self
    }

    /// The same configuration with every dropout rate at `rate`, 0–1, where one is given.
    pub fn with_dropout(mut self, rate: Option<f64>) -> Self {
        if let Some(rate) = rate {
            self.hidden_dropout_prob = rate;
            self.attention_probs_dropout_prob = rate;
            self.classifier_dropout = rate;
        }
        self
    }
}

/// The first class in `architectures`.
fn first_class(raw: &Map<String, Value>) -> Option<&str> {
    raw.get("architectures")?.as_array()?.first()?.as_str()
}

fn shortened(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn base() -> Map<String, Value> {
        let value = json!({
            "model_type": "bert", "vocab_size": 50, "hidden_size": 32, "num_hidden_layers": 2,
            "num_attention_heads": 4, "intermediate_size": 64, "hidden_act": "gelu",
            "max_position_embeddings": 40, "type_vocab_size": 2
        });
        match value {
            Value::Object(map) => map,
            _ => unreachable!(),
        }
    }

    /// Reads the base configuration with one key changed; the error's text or the configuration.
    fn check(key: &str, value: Value) -> Result<Config, String> {
        let mut raw = base();
        raw.insert(key.into(), value);
        Config::from_json(raw).map_err(|failure| failure.to_string())
    }

    #[test]
    fn an_unknown_value_is_an_error_that_names_it() {
        let cases = [
            ("hidden_act", json!("swish9"), "`hidden_act`: \"swish9\""),
            ("model_type", json!("deberta-v2"), "`deberta-v2`"),
            (
                "position_embedding_type",
                json!("relative_key"),
                "relative_key",
            ),
            ("is_decoder", json!(true), "`is_decoder`: true"),
            (
                "num_attention_heads",
                json!(5),
                "a divisor of `hidden_size` (32)",
            ),
            ("hidden_size", json!(0), "`hidden_size`: 0"),
            ("hidden_size", json!(null), "no `hidden_size`"),
            (
                "hidden_dropout_prob",
                json!(1.0),
                "`hidden_dropout_prob`: 1.0",
            ),
            ("layer_norm_eps", json!("small"), "`layer_norm_eps`"),
            ("id2label", json!({"0": "O", "2": "B-X"}), "`id2label`"),
            ("id2label", json!(["O"]), "`id2label`"),
        ];
        for (key, value, expected) in cases {
            let message = check(key, value.clone()).expect_err(&format!("{key} = {value}"));
            assert!(message.contains(expected), "{message} lacks {expected}");
        }
    }

    #[test]
    fn epsilon_and_activation_come_from_the_file() {
        assert_eq!(
            check("layer_norm_eps", json!(1e-5)).unwrap().layer_norm_eps,
            1e-5
        );
        assert_eq!(Config::from_json(base()).unwrap().layer_norm_eps, 1e-12);
        let act = |name: &str| check("hidden_act", json!(name)).unwrap().hidden_act;
        assert_eq!(act("gelu"), Activation::Gelu);
        assert_eq!(act("gelu_new"), Activation::GeluTanh);
        assert_eq!(act("relu"), Activation::Relu);
    }

    #[test]
    fn labels_are_ordered_by_id_even_past_ten() {
        let by_id: Map<_, _> = (0..12)
            .rev()
            .map(|id| (id.to_string(), json!(format!("L{id}"))))
            .collect();
        let labels = check("id2label", Value::Object(by_id)).unwrap().labels;
        assert_eq!(labels[2], "L2");
        assert_eq!(labels[11], "L11");
    }

    #[test]
    fn positions_below_the_first_hold_no_tokens() {
        let mut config = Config::from_json(base()).unwrap();
        assert_eq!(config.max_tokens(), 40);
        // As RoBERTa's do: its 514 rows are for 512 tokens.
        (config.max_position_embeddings, config.first_position) = (514, 2);
        assert_eq!(config.max_tokens(), 512);
    }

    #[test]
    fn keys_that_training_does_not_concern_are_kept() {
        let config = check("my_key", json!([1, 2])).unwrap();
        let config = config.with_labels(&["O".into(), "B-X".into()]);
        assert_eq!(config.raw["my_key"], json!([1, 2]));
        assert_eq!(config.raw["label2id"], json!({"O": 0, "B-X": 1}));
    }
}
