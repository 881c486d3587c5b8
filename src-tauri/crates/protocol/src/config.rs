//! The whole configuration of a run: its files and its settings, as `run.json` keeps them.

use crate::TrainSettings;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;

/// Everything that decides a run. In JSON the settings stand beside the files, in one object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(default)]
pub struct TrainConfig {
    /// The folder of the pretrained model.
    pub model: PathBuf,
    /// The file to learn from.
    pub train: PathBuf,
    /// The file to choose the best model by; without it, some documents of `train` are held out.
    pub dev: Option<PathBuf>,
    /// A file that is only scored, once, at the end.
    pub test: Option<PathBuf>,
    /// The settings.
    #[serde(flatten)]
    pub settings: TrainSettings,
    /// How the data files are read: the corpus crate's `ReadOptions`.
    #[serde(skip_serializing_if = "Value::is_null")]
    #[cfg_attr(feature = "bindings", specta(skip))]
    pub reading: Value,
    /// How the data files came from those that were imported: the corpus crate's `Recipe`. It is written
    /// down with the run, so that the same can be done to a new version of them; the files are read as
    /// they are, and none of it is applied again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", specta(skip))]
    pub data_recipe: Option<Value>,
}

/// JSON that is not a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFault(String);

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigFault {}

/// The keys beside the settings.
const OTHERS: [&str; 6] = ["model", "train", "dev", "test", "reading", "data_recipe"];

/// `lr` is what other programs call it.
const ALIASES: [(&str, &str); 1] = [("lr", "learning_rate")];

impl TrainConfig {
    /// The configuration in an object of JSON. It is read strictly: a setting that is misspelt would
    /// otherwise have its default without anybody noticing.
    ///
    /// # Errors
    /// A key is unknown or stands there twice, or a value is of another type than its setting.
    pub fn from_json(mut object: Map<String, Value>) -> Result<Self, ConfigFault> {
        for (alias, name) in ALIASES {
            if let Some(value) = object.remove(alias)
                && object.insert(name.into(), value).is_some()
            {
                return Err(ConfigFault(format!("`{alias}` and `{name}` are the same")));
            }
        }
        let settings = || TrainSettings::TABLE.iter().map(|setting| setting.name);
        let known: Vec<&str> = OTHERS.into_iter().chain(settings()).collect();
        if let Some(unknown) = object.keys().find(|key| !known.contains(&key.as_str())) {
            let known = known.join("`, `");
            return Err(ConfigFault(format!(
                "`{unknown}` is unknown; there are `{known}`"
            )));
        }
        // Key by key, so that the message can name the one that is wrong.
        for (key, value) in &object {
            let alone = Map::from_iter([(key.clone(), value.clone())]);
            serde_json::from_value::<Self>(alone.into())
                .map_err(|fault| ConfigFault(format!("`{key}`: {fault}")))?;
        }
        serde_json::from_value(object.into()).map_err(|fault| ConfigFault(fault.to_string()))
    }
}

/// A configuration is read as its settings: in its file they are one object.
impl Deref for TrainConfig {
    type Target = TrainSettings;

    fn deref(&self) -> &TrainSettings {
        &self.settings
    }
}

impl DerefMut for TrainConfig {
    fn deref_mut(&mut self) -> &mut TrainSettings {
        &mut self.settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: Value) -> Result<TrainConfig, String> {
        let object = value.as_object().unwrap().clone();
        TrainConfig::from_json(object).map_err(|fault| fault.to_string())
    }

    #[test]
    fn a_configuration_survives_its_own_json_and_an_unknown_key_is_named() {
        let config = TrainConfig {
            train: "a.conll".into(),
            settings: TrainSettings {
                seed: u64::MAX,
                learning_rate: Some(1e-4),
                ..Default::default()
            },
            ..Default::default()
        };
        let written = serde_json::to_value(&config).unwrap();
        assert_eq!(read(written).unwrap(), config);
        let message = read(json!({"learnin_rate": 1})).unwrap_err();
        assert!(message.contains("`learnin_rate` is unknown"), "{message}");
        let message = read(json!({"batch_size": "16"})).unwrap_err();
        assert!(message.contains("`batch_size`"), "{message}");
        assert_eq!(read(json!({"lr": 2e-5})).unwrap().learning_rate, Some(2e-5));
        read(json!({"lr": 2e-5, "learning_rate": 1e-5})).unwrap_err();
    }

    /// The files of the first version lack settings that came later.
    #[test]
    fn what_an_earlier_version_did_not_know_has_its_default() {
        let config = read(json!({"train": "a.conll", "epochs": 3})).unwrap();
        assert_eq!((config.epochs, config.frozen_layers), (Some(3), 0));
    }
}
