//! The configuration of a run read from a file, and resolved for a model and its data.

use crate::error::Error;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::path::Path;
use tagsmith_checkpoint::embedding::embeds_sentences;
use tagsmith_corpus::{ReadOptions, Recipe};
use tagsmith_encoder::Config;
use tagsmith_protocol::{Decision, Facts, TrainConfig, TrainSettings};

/// Reads a configuration, or the `config` part of a `run.json`.
///
/// # Errors
/// The file is unreadable, is not JSON, or has a key that is not a setting.
pub fn from_file(path: &Path) -> Result<TrainConfig, Error> {
    let text = std::fs::read_to_string(path).map_err(Error::reading(path))?;
    let failed = |reason: String| Error::ConfigFile {
        path: path.into(),
        reason,
    };
    let mut value: Value =
        serde_json::from_str(&text).map_err(|failure| failed(failure.to_string()))?;
    if let Some(config) = value.get_mut("config") {
        value = config.take();
    }
    match value {
        Value::Object(object) => strictly(object).map_err(failed),
        other => Err(failed(format!("found {other}, expected an object"))),
    }
}

/// For serde: a configuration without unknown keys.
///
/// # Errors
/// It has one, or a value of another type than its setting.
pub fn deserialize_strictly<'de, D: serde::Deserializer<'de>>(
    source: D,
) -> Result<TrainConfig, D::Error> {
    strictly(Map::deserialize(source)?).map_err(serde::de::Error::custom)
}

/// The protocol knows no data formats: how the data is read and repaired is judged here.
fn strictly(object: Map<String, Value>) -> Result<TrainConfig, String> {
    fn valid<T: DeserializeOwned>(name: &str, value: &Value) -> Result<(), String> {
        serde_path_to_error::deserialize::<_, T>(value)
            .map(|_| ())
            .map_err(|fault| format!("`{name}.{}`: {}", fault.path(), fault.inner()))
    }
    let config = TrainConfig::from_json(object).map_err(|fault| fault.to_string())?;
    if !config.reading.is_null() {
        valid::<ReadOptions>("reading", &config.reading)?;
    }
    if let Some(recipe) = &config.data_recipe {
        valid::<Recipe>("data_recipe", recipe)?;
    }
    Ok(config)
}

/// How the data files of a run are read.
///
/// # Errors
/// The configuration was made by hand, and its `reading` is no [`ReadOptions`].
pub fn read_options(config: &TrainConfig) -> Result<ReadOptions, Error> {
    match &config.reading {
        Value::Null => Ok(ReadOptions::default()),
        given => ReadOptions::deserialize(given).map_err(|fault| Error::Setting {
            setting: "reading",
            found: given.to_string(),
            expected: format!("how files are read: {fault}"),
        }),
    }
}

/// What the choices of a run depend on, with a model and a number of training windows.
pub fn facts(config: &TrainConfig, model: &Config, windows: usize) -> Facts {
    Facts {
        hidden_size: model.hidden_size,
        embeds_sentences: embeds_sentences(&config.model, model),
        windows,
        has_dev: config.dev.is_some(),
    }
}

/// The configuration with nothing left open, for a model and a number of training windows.
pub fn resolved(
    mut config: TrainConfig,
    model: &Config,
    windows: usize,
) -> (TrainConfig, Vec<Decision>) {
    let about = facts(&config, model, windows);
    let decisions = config.decide(about);
    let (max_length, overlap) = window(&config, model);
    config.max_length = max_length;
    config.overlap = Some(overlap);
    (config, decisions)
}

/// The window's length and overlap in tokens: as set, but no longer than the model can read.
pub fn window(settings: &TrainSettings, model: &Config) -> (usize, usize) {
    let length = settings.max_length.min(model.max_tokens());
    let overlap = settings.overlap.unwrap_or(length / 4).min(length / 2);
    (length, overlap)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_config_part_of_a_run_json_is_a_configuration_and_an_unknown_key_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.json");
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            from_file(&path).map_err(|failure| failure.to_string())
        };
        let config = read(r#"{"version": 1, "config": {"seed": 7}}"#).unwrap();
        assert_eq!(config.seed, 7);
        for (text, named) in [
            (r#"{"learnin_rate": 1}"#, "learnin_rate"),
            (r#"{"batch_size": "16"}"#, "`batch_size`"),
            (r#"{"reading": {"format": "conl"}}"#, "`reading.format`"),
            ("[]", "expected an object"),
        ] {
            let message = read(text).unwrap_err();
            assert!(message.contains(named), "{message}");
        }
    }

    /// How the data came about is written as it was given, and left out where nothing was.
    #[test]
    fn the_recipe_of_the_data_is_recorded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.json");
        let repairs = serde_json::json!([
            {"repair": "trim-spans"},
            {"repair": "map-labels", "labels": {"PERS": "PER", "X": null}},
        ]);
        let given = serde_json::json!({"data_recipe": {"repairs": repairs}});
        std::fs::write(&path, given.to_string()).unwrap();
        let config = from_file(&path).unwrap();
        let written = serde_json::to_value(&config).unwrap();
        assert_eq!(written["data_recipe"]["repairs"], repairs);
        let without = serde_json::to_value(TrainConfig::default()).unwrap();
        assert_eq!(without.get("data_recipe"), None);
        let wrong = r#"{"data_recipe": {"repairs": [{"repair": "polish"}]}}"#;
        std::fs::write(&path, wrong).unwrap();
        let message = from_file(&path).unwrap_err().to_string();
        assert!(
            message.contains("data_recipe") && message.contains("polish"),
            "{message}"
        );
    }
}
