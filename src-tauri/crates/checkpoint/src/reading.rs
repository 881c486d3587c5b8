//! A `config.json` read strictly: an unknown value is an error that names it.

use crate::config::{Config, ConfigError, Keys, shortened};
use crate::families;
use crate::family::Family;
use crate::masked_lm::NoMaskedLm;
use crate::{Adapter, pointer};
use serde_json::{Map, Value};
use std::path::Path;

impl Config {
    /// Reads `folder/config.json`.
    ///
    /// # Errors
    /// The file is missing, is no JSON object, names another architecture, lacks a size, or holds a
    /// value that this crate does not know.
    pub fn from_folder(folder: &Path) -> Result<Self, ConfigError> {
        Self::from_json(Self::read_json(folder)?)
    }

    /// The object in `folder/config.json`, whatever it says.
    ///
    /// # Errors
    /// The file is missing or is no JSON object.
    pub fn read_json(folder: &Path) -> Result<Map<String, Value>, ConfigError> {
        let path = folder.join("config.json");
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(source) => {
                return Err(match Adapter::in_folder(folder) {
                    Some(adapter) => ConfigError::Adapter {
                        folder: folder.into(),
                        adapter,
                    },
                    None => ConfigError::Unreadable { path, source },
                });
            }
        };
        if pointer::begins(&bytes) {
            return Err(ConfigError::Pointer { path });
        }
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(raw)) => Ok(raw),
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
        let family = family_of(&raw).map_err(|found| ConfigError::UnknownArchitecture {
            found,
            supported: families::model_types(", "),
        })?;
        let mut config = families::read(family, &Keys::new(&raw))?;
        if raw.get("tie_word_embeddings") == Some(&Value::Bool(false)) && config.masked_lm.is_ok() {
            config.masked_lm = Err(NoMaskedLm::UNTIED);
        }
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
        let width = config.hidden_size / config.num_attention_heads;
        if config.rotary.is_some() && !width.is_multiple_of(2) {
            return Err(ConfigError::BadValue {
                key: "num_attention_heads".into(),
                found: config.num_attention_heads.to_string(),
                expected: format!(
                    "heads of an even width of `hidden_size` ({}), because they are rotated in pairs",
                    config.hidden_size
                ),
            });
        }
        if config.pad_token_id >= config.vocab_size {
            return Err(ConfigError::BadValue {
                key: "pad_token_id".into(),
                found: config.pad_token_id.to_string(),
                expected: format!("a number below `vocab_size` ({})", config.vocab_size),
            });
        }
        if config.max_tokens < SHORTEST {
            return Err(ConfigError::BadValue {
                key: "max_position_embeddings".into(),
                found: raw["max_position_embeddings"].to_string(),
                expected: format!("at least {}", config.first_position + SHORTEST),
            });
        }
        Ok(config)
    }
}

/// The shortest sequence of any use: a token between two special ones.
const SHORTEST: usize = 3;

/// The family that a `config.json` names, or what it names instead.
fn family_of(raw: &Map<String, Value>) -> Result<&'static Family, String> {
    match raw.get("model_type") {
        Some(Value::String(name)) => families::of_model_type(name).ok_or_else(|| name.clone()),
        // Early BERT checkpoints give no model type, only their class.
        None => first_class(raw)
            .and_then(families::of_class)
            .ok_or_else(|| "(none given)".to_owned()),
        Some(other) => Err(shortened(other)),
    }
}

/// The first class in `architectures`.
fn first_class(raw: &Map<String, Value>) -> Option<&str> {
    raw.get("architectures")?.as_array()?.first()?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Activation, Dropouts, Groups, Projection};
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
    fn trap_each_place_has_its_own_dropout_rate_and_the_feed_forward_block_none_within() {
        let mut raw = base();
        for (key, rate) in [
            ("hidden_dropout_prob", 0.2),
            ("attention_probs_dropout_prob", 0.4),
            ("classifier_dropout", 0.3),
        ] {
            raw.insert(key.into(), json!(rate));
        }
        let expected = Dropouts {
            embeddings: Some(0.2),
            attention_weights: Some(0.4),
            attention: Some(0.2),
            inner: None,
            feed_forward: Some(0.2),
            classifier: Some(0.3),
        };
        assert_eq!(Config::from_json(raw).unwrap().dropouts, expected);
    }

    #[test]
    fn an_unknown_value_is_an_error_that_names_it() {
        let cases = [
            ("hidden_act", json!("swish9"), "`hidden_act`: \"swish9\""),
            ("model_type", json!("longformer"), "`longformer`"),
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
        let config = check("id2label", Value::Object(by_id)).unwrap();
        let labels = config.required_labels().unwrap();
        assert_eq!(labels[2], "L2");
        assert_eq!(labels[11], "L11");
    }

    /// A much used example once wrote numbers, and some models have gaps: both may be fine-tuned for other
    /// labels, because their head is replaced.
    #[test]
    fn trap_labels_that_are_no_names_hinder_prediction_alone() {
        let numbered = check("id2label", json!({"0": 0, "1": 1})).unwrap();
        assert_eq!(numbered.labels(), ["0", "1"]);
        for value in [
            json!({"0": "O", "2": "B-X"}),
            json!(["O"]),
            json!({"0": [1]}),
        ] {
            let config = check("id2label", value.clone()).unwrap();
            assert_eq!(config.labels(), [""; 0]);
            let failure = config.required_labels().unwrap_err().to_string();
            assert!(
                failure.contains(&format!("`id2label`: {value}")),
                "{failure}"
            );
            let config = config.with_labels(&["O".to_owned()]);
            assert_eq!(config.required_labels().unwrap(), ["O"]);
        }
    }

    /// The base configuration of another family, its keys changed.
    fn of_family(model_type: &str, changes: &Value) -> Config {
        let mut raw = base();
        raw.insert("model_type".into(), model_type.into());
        for (key, value) in changes.as_object().unwrap() {
            match value.is_null() {
                true => raw.remove(key),
                false => raw.insert(key.clone(), value.clone()),
            };
        }
        Config::from_json(raw).unwrap()
    }

    #[test]
    fn trap_positions_of_roberta_begin_after_that_of_padding() {
        assert_eq!(Config::from_json(base()).unwrap().max_tokens(), 40);
        let rows = json!({"max_position_embeddings": 514});
        for family in ["roberta", "xlm-roberta", "camembert", "mpnet"] {
            let config = of_family(family, &rows);
            let found = (
                config.first_position,
                config.max_tokens(),
                config.pad_token_id,
            );
            assert_eq!(found, (2, 512, 1), "{family}");
        }
        // The piece that pads is another one: RoBERTa follows it, MPNet does not.
        let padded = json!({"max_position_embeddings": 514, "pad_token_id": 0});
        assert_eq!(of_family("roberta", &padded).first_position, 1);
        assert_eq!(of_family("mpnet", &padded).first_position, 2);
    }

    #[test]
    fn heads_that_are_rotated_have_an_even_width() {
        let mut raw = base();
        raw.insert("model_type".into(), "nomic_bert".into());
        assert!(Config::from_json(raw.clone()).is_ok());
        raw.insert("hidden_size".into(), 36.into());
        let failure = Config::from_json(raw).unwrap_err().to_string();
        assert!(
            failure.contains("`num_attention_heads`: 4, expected heads of an even width"),
            "{failure}"
        );
    }

    #[test]
    fn heads_of_keys_are_shared_evenly() {
        let narrow = of_family(
            "eurobert",
            &json!({"num_key_value_heads": 2, "pad_token_id": 1}),
        );
        assert_eq!((narrow.num_attention_heads, narrow.key_value_heads), (4, 2));
        assert_eq!(
            of_family("eurobert", &json!({"pad_token_id": 1})).key_value_heads,
            4
        );
        for (key, value, expected) in [
            (
                "num_key_value_heads",
                3,
                "a divisor of `num_attention_heads` (4)",
            ),
            ("head_dim", 16, "expected 8"),
        ] {
            let mut raw = base();
            raw.insert("model_type".into(), "eurobert".into());
            raw.insert("pad_token_id".into(), 1.into());
            raw.insert(key.into(), value.into());
            let failure = Config::from_json(raw).unwrap_err().to_string();
            assert!(failure.contains(expected), "{failure}");
        }
    }

    /// `nn.Embedding` gives the row of `padding_idx` no gradient, and has none without a token that pads.
    #[test]
    fn the_token_that_pads_is_not_trained_where_pytorch_does_not() {
        let untrained = |changes: Value| of_family("eurobert", &changes).untrained_token;
        assert_eq!(untrained(json!({"pad_token_id": 7})), Some(7));
        assert_eq!(untrained(json!({"vocab_size": 128_256})), Some(128_001));
        let mut raw = base();
        raw.insert("model_type".into(), "eurobert".into());
        raw.insert("pad_token_id".into(), Value::Null);
        assert_eq!(Config::from_json(raw).unwrap().untrained_token, None);
    }

    #[test]
    fn keys_under_a_familys_own_names() {
        let own = json!({
            "hidden_size": null, "num_hidden_layers": null, "num_attention_heads": null,
            "intermediate_size": null, "hidden_act": null,
            "dim": 24, "n_layers": 3, "n_heads": 2, "hidden_dim": 96, "activation": "relu", "dropout": 0.3
        });
        let config = of_family("distilbert", &own);
        let sizes = (
            config.hidden_size,
            config.num_hidden_layers,
            config.intermediate_size,
        );
        assert_eq!(sizes, (24, 3, 96));
        assert_eq!(config.hidden_act, Activation::Relu);
        let dropouts = config.dropouts;
        assert_eq!(dropouts.attention, None, "it drops nothing there");
        assert_eq!([dropouts.feed_forward, dropouts.classifier], [Some(0.3); 2]);
        let config = config.with_dropout(Some(0.2));
        assert_eq!(
            [config.dropouts.attention, config.dropouts.embeddings],
            [None, Some(0.2)]
        );

        let albert = of_family(
            "albert",
            &json!({"embedding_size": 16, "num_hidden_layers": 12,
            "num_hidden_groups": 2, "inner_group_num": 3}),
        );
        assert_eq!(
            albert.groups,
            Groups {
                count: 2,
                layers: 3
            }
        );
        assert_eq!((albert.embedding_size, albert.num_hidden_layers), (16, 36));
        assert_eq!(albert.dropouts.classifier, Some(0.1));
        assert_eq!(albert.dropouts.attention, Some(0.0));
        let electra = of_family("electra", &json!({}));
        assert_eq!(
            (electra.embedding_size, electra.projection),
            (128, Projection::AfterNorm)
        );
    }

    #[test]
    fn keys_that_training_does_not_concern_are_kept() {
        let config = check("my_key", json!([1, 2])).unwrap();
        let config = config.with_labels(&["O".into(), "B-X".into()]);
        assert_eq!(config.raw["my_key"], json!([1, 2]));
        assert_eq!(config.raw["label2id"], json!({"O": 0, "B-X": 1}));
    }
}
