//! The models of several runs as one: an average of their weights, or an ensemble.
//!
//! An average (a uniform soup, Wortsman et al. 2022) is an ordinary model. It is worth something where the runs began
//! with the same weights, also in what was drawn for them (the setting `init_seed`), and differ in the order of the
//! data and in dropout alone: others end up in different valleys of the loss. An ensemble is a folder that
//! [`Tagger::load`] takes, with all models in it.

use crate::card::write_card;
use crate::error::Error;
use crate::evaluate::evaluate;
use crate::keep::keep_labels;
use crate::options::PredictOptions;
use crate::predict::Tagger;
use crate::prepare::Splits;
use crate::run::RunFolder;
use crate::run_file::{RunFile, RunJson};
use crate::train::report::CONVENTION;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tagsmith_checkpoint::ensemble;
use tagsmith_checkpoint::weights::{self, CRF, FORMS, Stored, Weights, WeightsError};
use tagsmith_corpus::{Metrics, overlap};
use tagsmith_encoder::burn::tensor::Device;
use tagsmith_encoder::{Config, LoadError};
use tagsmith_files::{NewFolder, copy_files};
use tagsmith_protocol::{Combination, SplitReport};

/// The card, which is written anew.
const CARD: &str = "README.md";

/// The folder of one of the models of an ensemble, from 1.
fn member(number: usize) -> String {
    format!("member-{number}")
}

/// Makes the folder `to`, whatever it was before, the one model that those of these runs are together.
///
/// # Errors
/// There is no run, they do not go together, or the file system refused.
pub fn combine(how: Combination, runs: &[PathBuf], to: &Path) -> Result<(), Error> {
    let models: Vec<PathBuf> = runs.iter().map(|run| run.join("model")).collect();
    alike(&models)?;
    let new = NewFolder::beside(to).map_err(Error::writing(to))?;
    match how {
        Combination::Average => average(&models, new.path())?,
        Combination::Ensemble => {
            together(&models, new.path()).map_err(Error::writing(to))?;
        }
    }
    new.put().map_err(Error::writing(to))
}

/// What is not of each model by itself: the configuration and the tokenizer.
fn is_common(name: &str) -> bool {
    ![FORMS[0].0, CRF, CARD].contains(&name)
}

fn together(models: &[PathBuf], to: &Path) -> std::io::Result<()> {
    let names: Vec<String> = (1..=models.len()).map(member).collect();
    for (model, name) in models.iter().zip(&names) {
        let to = to.join(name);
        fs::create_dir(&to)?;
        copy_files(model, &to, |_| true)?;
    }
    copy_files(&models[0], to, is_common)?;
    ensemble::write(to, names)
}

/// Refuses models that are not of the same shape, with the same labels and the same tokenizer.
fn alike(models: &[PathBuf]) -> Result<(), Error> {
    let read = |model: &PathBuf| -> Result<_, Error> {
        let path = model.join("tokenizer.json");
        let tokenizer = fs::read(&path).map_err(Error::reading(&path))?;
        Ok((Config::read_json(model)?, tokenizer))
    };
    let (config, tokenizer) = read(&models[0])?;
    for model in &models[1..] {
        let (other_config, other_tokenizer) = read(model)?;
        if other_config != config {
            return Err(unalike(model, models, "its config.json differs"));
        }
        if other_tokenizer != tokenizer {
            return Err(unalike(model, models, "its tokenizer differs"));
        }
    }
    Ok(())
}

fn unalike(model: &Path, models: &[PathBuf], reason: &'static str) -> Error {
    Error::Unalike {
        model: model.into(),
        first: models[0].clone(),
        reason,
    }
}

fn average(models: &[PathBuf], to: &Path) -> Result<(), Error> {
    copy_files(&models[0], to, is_common).map_err(Error::writing(to))?;
    let has_crf = |model: &PathBuf| model.join(CRF).exists();
    match models.iter().filter(|model| has_crf(model)).count() {
        0 => {}
        count if count == models.len() => average_file(models, CRF, to)?,
        _ => {
            let differs = |model: &&PathBuf| has_crf(model) != has_crf(&models[0]);
            let other = models.iter().find(differs).unwrap_or(&models[0]);
            return Err(unalike(
                other,
                models,
                "only one of them has learned transitions",
            ));
        }
    }
    average_file(models, FORMS[0].0, to)
}

/// Writes the mean of the tensors in a file of each model.
fn average_file(models: &[PathBuf], name: &str, to: &Path) -> Result<(), Error> {
    let failed = |failure: WeightsError| Error::Model(LoadError::Weights(failure));
    let mut means = BTreeMap::<String, (Vec<usize>, Vec<f64>)>::new();
    for (index, model) in models.iter().enumerate() {
        let file = Weights::from_safetensors(&model.join(name)).map_err(failed)?;
        let differ = || unalike(model, models, "its weights have other names or shapes");
        if index > 0 && file.tensors.len() != means.len() {
            return Err(differ());
        }
        for (tensor, weight) in &file.tensors {
            let values = weight.read(tensor).map_err(failed)?;
            if index == 0 {
                let zeros = vec![0.0; values.len()];
                means.insert(tensor.clone(), (weight.info.shape.clone(), zeros));
            }
            let Some((shape, sums)) = means.get_mut(tensor) else {
                return Err(differ());
            };
            if *shape != weight.info.shape {
                return Err(differ());
            }
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum += f64::from(value);
            }
        }
    }
    let count = models.len() as f64;
    let stored = |(name, (shape, sums)): (String, (Vec<usize>, Vec<f64>))| {
        let values = sums.into_iter().map(|sum| (sum / count) as f32).collect();
        (name, Stored { shape, values })
    };
    let means: BTreeMap<String, Stored> = means.into_iter().map(stored).collect();
    weights::write(&to.join(name), &means).map_err(Error::writing(to))
}

/// The scores of a combined model.
#[derive(Clone, Debug)]
pub struct CombinedScores {
    /// On the dev file. Without one each run has learned what others have held out, and there is nothing to score.
    pub dev: Option<SplitReport>,
    /// On the test file, where there is one.
    pub test: Option<SplitReport>,
}

/// Scores the model that [`combine`] made of these runs, on the data of theirs, and writes its card. `progress` gets
/// how many windows of a split are done, and of how many.
///
/// # Errors
/// A file has changed or is gone, or the model cannot be used.
pub fn score(
    how: Combination,
    runs: &[PathBuf],
    model: &Path,
    device: &Device,
    mut progress: impl FnMut(usize, usize),
) -> Result<CombinedScores, Error> {
    let mut seeds = Vec::new();
    for run in runs {
        seeds.push(RunFile::read(&RunFolder::existing(run))?.config.seed);
    }
    let config = RunFile::read(&RunFolder::existing(&runs[0]))?.config;
    let tagger = Tagger::load(model, None, device)?;
    let mut splits = Splits::read(&config)?;
    splits.fit(&tagger.tokenizer);
    if config.keep_labels {
        keep_labels(&mut splits, &config, device)?;
    }
    let options = PredictOptions::from(&config.settings);
    let mut score = |documents: &[_], file: &str| -> Result<SplitReport, Error> {
        let (mut report, _) = evaluate(
            &tagger,
            documents,
            file,
            &options,
            CONVENTION,
            &mut progress,
        )?;
        report.shared_with_train = Some(overlap(splits.of_file(), documents));
        Ok(report)
    };
    let scores = CombinedScores {
        dev: match config.dev {
            Some(_) => Some(score(&splits.dev, &splits.dev_file)?),
            None => None,
        },
        test: match (&splits.test, &config.test) {
            (Some(test), Some(file)) => Some(score(test, &file.display().to_string())?),
            _ => None,
        },
    };
    let named = [("dev", &scores.dev), ("test", &scores.test)].into_iter();
    let named: Vec<(&str, &Metrics, usize)> = named
        .filter_map(|(name, split)| {
            let split = split.as_ref()?;
            let shared = split.shared_with_train.unwrap_or_default();
            Some((name, &split.metrics, shared))
        })
        .collect();
    write_card(model, &config, &splits.labels, &named, Some((how, &seeds)))?;
    Ok(scores)
}
