//! The settings of a run: what the person chose, and what it resolves to.

use crate::decode::Decoding;
use crate::error::Error;
use crate::predict::PredictOptions;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use tagsmith_corpus::{ReadOptions, Recipe, Scheme};
use tagsmith_encoder::{Config, Precision};

/// How the learning rate falls after the warm-up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Schedule {
    /// In a straight line to 0.
    #[default]
    Linear,
    /// Along half a cosine to 0.
    Cosine,
    /// Not at all.
    Constant,
}

/// Everything that decides a run. In `run.json` every `null` is replaced by the value it stood for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainConfig {
    /// The folder of the pretrained model.
    pub model: PathBuf,
    /// The file to learn from.
    pub train: PathBuf,
    /// The file to choose the best model by; without it a part of `train` is held out.
    pub dev: Option<PathBuf>,
    /// A file that is only scored, once, at the end.
    pub test: Option<PathBuf>,
    /// Passes over the training data; `null`: enough for several hundred steps.
    pub epochs: Option<usize>,
    /// Windows in one forward pass.
    pub batch_size: usize,
    /// Forward passes in one step.
    pub gradient_accumulation: usize,
    /// The highest learning rate; `null`: by the size of the model.
    #[serde(alias = "lr")]
    pub learning_rate: Option<f64>,
    /// How the learning rate falls.
    pub schedule: Schedule,
    /// Share of the steps, 0–1, over which the learning rate rises from 0.
    pub warmup_ratio: f64,
    /// Weight decay of the matrices.
    pub weight_decay: f64,
    /// Largest global gradient norm; 0 for no limit.
    pub max_grad_norm: f64,
    /// Every dropout rate, instead of those of the model's config.json.
    pub dropout: Option<f64>,
    /// How many of the lowest layers are left as they are, the embeddings with them; 0: all are
    /// trained.
    pub frozen_layers: usize,
    /// Longest window in word pieces.
    pub max_length: usize,
    /// Word pieces that neighbouring windows of a long document share; `null`: a quarter of
    /// `max_length`.
    pub overlap: Option<usize>,
    /// Share of `train`, 0–1, that is held out where there is no `dev`.
    pub dev_share: f64,
    /// Epochs without a better dev F1 after which training stops; 0: never.
    pub early_stopping_patience: usize,
    /// Minutes between checkpoints inside an epoch; one is always written after an epoch.
    pub checkpoint_minutes: f64,
    /// Fixes the new head, the order of the data, the dropout and the held-out part.
    pub seed: u64,
    /// `cpu`, `auto`, or another id that `tagsmith devices` lists.
    pub device: String,
    /// In how many bits the model computes; `auto`: as suits the device.
    pub precision: Precision,
    /// Keep less for the backward pass and compute it again there: less memory, more time.
    pub gradient_checkpointing: bool,
    /// Windows in a batch of evaluation.
    pub eval_batch_size: usize,
    /// The tag scheme of the model's outputs.
    pub scheme: Scheme,
    /// How tags are chosen in evaluation.
    pub decoding: Decoding,
    /// How the data files are read.
    pub reading: ReadOptions,
    /// How the data files came from those that were imported. It is written down with the run, so that
    /// the same can be done to a new version of them; the files are read as they are, and nothing of
    /// it is done to them again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_recipe: Option<Recipe>,
}

impl Default for TrainConfig {
    fn default() -> Self {
        let predict = PredictOptions::default();
        Self {
            model: PathBuf::new(),
            train: PathBuf::new(),
            dev: None,
            test: None,
            epochs: None,
            batch_size: 16,
            gradient_accumulation: 1,
            learning_rate: None,
            schedule: Schedule::default(),
            warmup_ratio: 0.1,
            weight_decay: 0.01,
            max_grad_norm: 1.0,
            dropout: None,
            frozen_layers: 0,
            max_length: predict.max_length,
            overlap: None,
            dev_share: 0.1,
            early_stopping_patience: 6,
            checkpoint_minutes: 10.0,
            seed: 42,
            device: "auto".into(),
            precision: Precision::Auto,
            gradient_checkpointing: false,
            eval_batch_size: predict.batch_size,
            scheme: Scheme::Iob2,
            decoding: Decoding::default(),
            reading: ReadOptions::default(),
            data_recipe: None,
        }
    }
}

/// Steps that a run should have at least, where the number of epochs is left open.
const WANTED_STEPS: usize = 800;

/// The number of epochs stays between these where it is left open.
const EPOCHS: std::ops::RangeInclusive<usize> = 4..=40;

impl TrainConfig {
    /// Reads a configuration, or the `config` part of a `run.json`.
    ///
    /// # Errors
    /// The file is unreadable, is no JSON, or has a key that is no setting.
    pub fn from_file(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(Error::reading(path))?;
        let failed = |reason: String| Error::ConfigFile {
            path: path.into(),
            reason,
        };
        let mut value: serde_json::Value =
            serde_json::from_str(&text).map_err(|failure| failed(failure.to_string()))?;
        if let Some(config) = value.get_mut("config") {
            value = config.take();
        }
        serde_path_to_error::deserialize(value)
            .map_err(|failure| failed(format!("`{}`: {}", failure.path(), failure.inner())))
    }

    /// Refuses settings that make no sense, each by name.
    ///
    /// # Errors
    /// The first such setting.
    pub fn check(&self) -> Result<(), Error> {
        let positive = |setting, value: usize| match value {
            0 => Err(setting_error(setting, 0, "a positive whole number")),
            _ => Ok(()),
        };
        let share = |setting, value: f64, below: f64| match (0.0..below).contains(&value) {
            true => Ok(()),
            false => Err(setting_error(
                setting,
                value,
                &format!("from 0 up to, but not, {below}"),
            )),
        };
        positive("batch_size", self.batch_size)?;
        positive("gradient_accumulation", self.gradient_accumulation)?;
        positive("eval_batch_size", self.eval_batch_size)?;
        positive("epochs", self.epochs.unwrap_or(1))?;
        share("warmup_ratio", self.warmup_ratio, 1.0)?;
        share("dropout", self.dropout.unwrap_or(0.0), 1.0)?;
        share("dev_share", self.dev_share, 1.0)?;
        share("weight_decay", self.weight_decay, 1e3)?;
        share("max_grad_norm", self.max_grad_norm, 1e9)?;
        if self.max_length < 8 {
            return Err(setting_error("max_length", self.max_length, "at least 8"));
        }
        if let Some(overlap) = self.overlap
            && overlap > self.max_length / 2
        {
            let expected = format!("at most half of max_length, {}", self.max_length / 2);
            return Err(setting_error("overlap", overlap, &expected));
        }
        match self.learning_rate {
            Some(rate) if !(rate > 0.0 && rate < 1.0) => Err(setting_error(
                "learning_rate",
                rate,
                "between 0 and 1, for instance 5e-5",
            )),
            _ => Ok(()),
        }
    }

    /// Refuses to freeze more layers than a model has.
    ///
    /// # Errors
    /// It has fewer.
    pub fn check_frozen(&self, model: &Config) -> Result<(), Error> {
        match self.frozen_layers <= model.num_hidden_layers {
            true => Ok(()),
            false => Err(setting_error(
                "frozen_layers",
                self.frozen_layers,
                &format!("at most {}, the model's layers", model.num_hidden_layers),
            )),
        }
    }

    /// The configuration with nothing left open, for a model and a number of training windows.
    pub fn resolved(mut self, model: &Config, windows: usize) -> Self {
        self.learning_rate
            .get_or_insert_with(|| default_rate(model));
        let steps = self.steps_per_epoch(windows);
        self.epochs.get_or_insert_with(|| {
            WANTED_STEPS
                .div_ceil(steps)
                .clamp(*EPOCHS.start(), *EPOCHS.end())
        });
        let (max_length, overlap) = self.window(model);
        self.max_length = max_length;
        self.overlap = Some(overlap);
        self
    }

    /// The window's length and overlap in pieces: as set, but no longer than the model can read.
    pub fn window(&self, model: &Config) -> (usize, usize) {
        let length = self.max_length.min(model.max_position_embeddings);
        let overlap = self.overlap.unwrap_or(length / 4).min(length / 2);
        (length, overlap)
    }

    /// Optimiser steps in one pass over `windows` windows.
    pub fn steps_per_epoch(&self, windows: usize) -> usize {
        windows
            .div_ceil(self.batch_size)
            .div_ceil(self.gradient_accumulation)
            .max(1)
    }

    /// How evaluation predicts.
    pub fn predict_options(&self) -> PredictOptions {
        PredictOptions {
            decoding: self.decoding,
            batch_size: self.eval_batch_size,
            max_length: self.max_length,
            overlap: self.overlap.unwrap_or(self.max_length / 4),
        }
    }
}

/// Devlin et al. 2019 recommend 2e-5 to 5e-5; small encoders do best at the upper end.
fn default_rate(model: &Config) -> f64 {
    match model.hidden_size {
        ..=512 => 5e-5,
        513..=800 => 3e-5,
        _ => 2e-5,
    }
}

fn setting_error(setting: &'static str, found: impl ToString, expected: &str) -> Error {
    Error::Setting {
        setting,
        found: found.to_string(),
        expected: expected.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_refused_by_name() {
        type Spoil = fn(&mut TrainConfig);
        let cases: [(&str, Spoil); 7] = [
            ("batch_size", |c| c.batch_size = 0),
            ("epochs", |c| c.epochs = Some(0)),
            ("learning_rate", |c| c.learning_rate = Some(-1.0)),
            ("learning_rate", |c| c.learning_rate = Some(f64::NAN)),
            ("warmup_ratio", |c| c.warmup_ratio = 1.5),
            ("dropout", |c| c.dropout = Some(1.0)),
            ("overlap", |c| c.overlap = Some(c.max_length)),
        ];
        for (setting, spoil) in cases {
            let mut config = TrainConfig::default();
            spoil(&mut config);
            let message = config.check().unwrap_err().to_string();
            assert!(message.contains(setting), "{message}");
        }
        TrainConfig::default().check().unwrap();
    }

    #[test]
    fn a_configuration_survives_its_own_json_and_an_unknown_key_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.json");
        let config = TrainConfig {
            seed: 7,
            learning_rate: Some(1e-4),
            ..Default::default()
        };
        std::fs::write(
            &path,
            serde_json::json!({"version": 1, "config": config}).to_string(),
        )
        .unwrap();
        assert_eq!(TrainConfig::from_file(&path).unwrap(), config);
        std::fs::write(&path, r#"{"learnin_rate": 1}"#).unwrap();
        let message = TrainConfig::from_file(&path).unwrap_err().to_string();
        assert!(message.contains("learnin_rate"), "{message}");
        std::fs::write(&path, r#"{"batch_size": "16"}"#).unwrap();
        let message = TrainConfig::from_file(&path).unwrap_err().to_string();
        assert!(message.contains("`batch_size`"), "{message}");
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
        let config = TrainConfig::from_file(&path).unwrap();
        let written = serde_json::to_value(&config).unwrap();
        assert_eq!(written["data_recipe"]["repairs"], repairs);
        let without = serde_json::to_value(TrainConfig::default()).unwrap();
        assert_eq!(without.get("data_recipe"), None);
        let wrong = r#"{"data_recipe": {"repairs": [{"repair": "polish"}]}}"#;
        std::fs::write(&path, wrong).unwrap();
        let message = TrainConfig::from_file(&path).unwrap_err().to_string();
        assert!(
            message.contains("data_recipe") && message.contains("polish"),
            "{message}"
        );
    }

    #[test]
    fn a_small_set_still_takes_several_hundred_steps() {
        let raw = serde_json::json!({
            "model_type": "bert", "vocab_size": 50, "hidden_size": 384, "num_hidden_layers": 2,
            "num_attention_heads": 4, "intermediate_size": 64, "hidden_act": "gelu",
            "max_position_embeddings": 512, "type_vocab_size": 2
        });
        let model = Config::from_json(raw.as_object().unwrap().clone()).unwrap();
        let config = TrainConfig::default().resolved(&model, 180);
        assert!(config.epochs.unwrap() * config.steps_per_epoch(180) >= 400);
        assert_eq!(config.learning_rate, Some(5e-5));
        let large = TrainConfig::default().resolved(&model, 100_000);
        assert_eq!(large.epochs, Some(4));
    }
}
