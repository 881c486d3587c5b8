//! Checkpoints: all that a run needs to go on to the bit as if it had never stopped.
//!
//! The order of the data and the dropout follow from the seed, the epoch and the step alone, so the
//! state and the two sets of tensors are enough.

use crate::average::Average;
use crate::crf;
use crate::error::Error;
use crate::grad_scaler::GradScaler;
use crate::optimizer::AdamW;
use crate::pretrained::Beginning;
use crate::run::RunFolder;
use crate::schedule::Hold;
use crate::tags::TagSet;
use crate::transitions::Transitions;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tagsmith_encoder::burn::tensor::Device;
use tagsmith_encoder::weights::{self, Weights};
use tagsmith_encoder::{Config, TokenClassifier, model};
use tagsmith_files::{flush_folder, write_json};
use tagsmith_protocol::SplitReport;

/// How far a run is, and what it has found out about its machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainState {
    /// Optimiser steps done.
    pub step: usize,
    /// Whole epochs done.
    pub epoch: usize,
    /// Steps done in the current epoch.
    pub step_in_epoch: usize,
    /// The best model so far.
    pub best: Option<Best>,
    /// Evaluations since then.
    pub epochs_without_better: usize,
    /// How long the learning rate is held, where that depends on dev F1.
    #[serde(default)]
    pub hold: Hold,
    /// Where it began anew on all data, once a held-out part had decided how long it is.
    #[serde(default)]
    pub refit: Option<Refit>,
    /// Seconds of work so far.
    pub seconds: f64,
    /// Highest memory seen, in bytes.
    pub peak_memory_bytes: u64,
    /// Windows in a micro-batch, where a whole batch does not fit into memory.
    #[serde(default)]
    #[serde(rename = "windows_at_once")]
    pub micro_batch_size: Option<usize>,
    /// How gradients are scaled in f16.
    #[serde(default)]
    pub loss_scale: GradScaler,
    /// Steps that the optimiser has taken: fewer than `step` where gradients overflowed in f16. Absent in
    /// checkpoints of earlier versions.
    #[serde(default)]
    pub optimizer_steps: Option<usize>,
}

impl TrainState {
    /// Steps that the optimiser has taken.
    pub fn optimizer_steps(&self) -> usize {
        self.optimizer_steps.unwrap_or(self.step)
    }
}

/// The second half of a run whose first decided on a held-out part how long to train.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refit {
    /// Steps of the first half.
    pub after_step: usize,
    /// Epochs of the first half.
    pub after_epoch: usize,
    /// Epochs of the second.
    pub epochs: usize,
    /// What the model of the first half got on the held-out part.
    pub dev: SplitReport,
}

/// The scores of the best model so far.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Dev F1, 0–1.
    pub f1: f64,
    /// Dev loss, which decides between equal F1.
    pub loss: f64,
    /// After which step.
    pub step: usize,
}

impl Best {
    /// What a model got on dev after `step`.
    pub fn new(dev: &SplitReport, step: usize) -> Self {
        Self {
            f1: dev.metrics.overall.f1,
            loss: dev.loss,
            step,
        }
    }
}

const STATE: &str = "state.json";
/// What is trained of a model that is otherwise its base.
const TRAINED: &str = "trained.safetensors";
const OPTIMIZER: &str = "optimizer.safetensors";
/// Only there where the weights are averaged.
const AVERAGE: &str = "average.safetensors";

/// Writes a checkpoint and removes the older ones. The folder gets its name only when complete.
///
/// # Errors
/// The file system refused; older checkpoints are then still there.
pub fn write(
    folder: &RunFolder,
    state: &TrainState,
    model: &TokenClassifier,
    config: &Config,
    learned: Option<&Transitions>,
    optimizer: &AdamW,
    average: Option<&Average>,
) -> Result<PathBuf, Error> {
    // A refit begins at the step where the first half ended, and counts as the later of the two.
    let half = state.refit.as_ref().map_or("", |_| "-refit");
    let name = format!("step-{:08}{half}", state.step);
    write_whole(folder, &name, state, optimizer, &|part| {
        match model.has_adapter() {
            true => weights::write(&part.join(TRAINED), &model.trained())?,
            false => model::save(model, config, part)?,
        }
        if let Some(transitions) = learned {
            crf::write(part, transitions)?;
        }
        match average {
            Some(average) => weights::write(&part.join(AVERAGE), &average.to_tensors()),
            None => Ok(()),
        }
    })
}

/// Writes the checkpoint `name`: the model by `write_model` into the folder that it is given, the optimiser and
/// the state, which says that it is complete. Removes the older ones.
///
/// # Errors
/// The file system refused; older checkpoints are then still there.
pub(crate) fn write_whole(
    folder: &RunFolder,
    name: &str,
    state: &impl Serialize,
    optimizer: &AdamW,
    write_model: &dyn Fn(&Path) -> io::Result<()>,
) -> Result<PathBuf, Error> {
    let all = folder.checkpoints();
    let path = all.join(name);
    if path.exists() {
        return Ok(path);
    }
    let part = all.join(format!("{name}.part"));
    let result = (|| {
        fs::create_dir_all(&part)?;
        write_model(&part)?;
        weights::write(&part.join(OPTIMIZER), &optimizer.to_tensors())?;
        write_json(&part.join(STATE), state)?;
        fs::rename(&part, &path)?;
        // The older ones go only when this one cannot be lost.
        flush_folder(&all)?;
        flush_folder(folder.path())
    })();
    if let Err(failure) = result {
        // A half checkpoint on a full disk only makes matters worse.
        let _ = fs::remove_dir_all(&part);
        return Err(Error::writing(&path)(failure));
    }
    for entry in fs::read_dir(&all).map_err(Error::reading(&all))?.flatten() {
        if entry.path() != path {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    Ok(path)
}

/// The newest complete checkpoint of a run.
pub fn newest(folder: &RunFolder) -> Option<PathBuf> {
    let entries = fs::read_dir(folder.checkpoints()).ok()?;
    entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_none() && path.join(STATE).exists())
        .max()
}

/// The error that a checkpoint cannot be read. It was not downloaded and cannot be fetched again.
pub(crate) fn unusable(folder: &RunFolder, failure: &dyn std::fmt::Display) -> Error {
    Error::Resume {
        folder: folder.path().into(),
        reason: format!("its last checkpoint cannot be used: {failure}"),
    }
}

/// The state of the run in `folder` by a checkpoint.
///
/// # Errors
/// The file is missing or damaged.
pub(crate) fn read_state<T: DeserializeOwned>(folder: &RunFolder, path: &Path) -> Result<T, Error> {
    let file = path.join(STATE);
    let text = fs::read_to_string(&file).map_err(Error::reading(&file))?;
    serde_json::from_str(&text).map_err(|failure| {
        unusable(
            folder,
            &format!("`{}` is damaged: {failure}", file.display()),
        )
    })
}

/// The optimiser's tensors in a checkpoint of the run in `folder`, for [`AdamW::restore`].
///
/// # Errors
/// The file is missing or damaged.
pub(crate) fn read_moments(
    folder: &RunFolder,
    path: &Path,
) -> Result<BTreeMap<String, Vec<f32>>, Error> {
    let optimizer = Weights::from_safetensors(&path.join(OPTIMIZER))
        .map_err(|failure| unusable(folder, &failure))?;
    let mut moments = BTreeMap::new();
    for (name, weight) in &optimizer.tensors {
        let values = weight
            .read(name)
            .map_err(|failure| unusable(folder, &failure))?;
        moments.insert(name.clone(), values);
    }
    Ok(moments)
}

/// A checkpoint read back.
pub struct Restored {
    /// Where the run stood.
    pub state: TrainState,
    /// The model on the device asked for.
    pub model: TokenClassifier,
    /// Its configuration.
    pub config: Config,
    /// The learned transitions between its tags.
    pub learned: Option<Transitions>,
    /// The optimiser's tensors, for [`AdamW::restore`].
    pub moments: BTreeMap<String, Vec<f32>>,
    /// The averaged weights with their shapes, for [`Average::restore`]; none where there is no average.
    pub average: BTreeMap<String, (Vec<usize>, Vec<f32>)>,
}

/// Reads a checkpoint of the run in `folder`. `base` loads the model that the run began with: of a run that trains
/// an adapter, a checkpoint holds nothing else.
///
/// # Errors
/// A file is missing or damaged; those of `base`.
pub fn read(
    folder: &RunFolder,
    path: &Path,
    tags: &TagSet,
    dropout: Option<f64>,
    device: &Device,
    base: impl FnOnce() -> Result<Beginning, Error>,
) -> Result<Restored, Error> {
    let unusable = |failure: &dyn std::fmt::Display| unusable(folder, failure);
    let state = read_state(folder, path)?;
    let trained = path.join(TRAINED);
    let (model, config) = match trained.exists() {
        true => {
            let trained =
                Weights::from_safetensors(&trained).map_err(|failure| unusable(&failure))?;
            let Beginning { model, config, .. } = base()?;
            let names = model.names();
            let model = weights::restore_trained(model, names, &trained)
                .map_err(|failure| unusable(&failure))?;
            (model, config)
        }
        false => {
            model::load_with_dropout(path, dropout, device).map_err(|failure| unusable(&failure))?
        }
    };
    let learned = crf::read(path, tags).map_err(|failure| unusable(&failure))?;
    let moments = read_moments(folder, path)?;
    let mut average = BTreeMap::new();
    let file = path.join(AVERAGE);
    if file.exists() {
        let averaged = Weights::from_safetensors(&file).map_err(|failure| unusable(&failure))?;
        for (name, weight) in &averaged.tensors {
            let values = weight.read(name).map_err(|failure| unusable(&failure))?;
            average.insert(name.clone(), (weight.info.shape.clone(), values));
        }
    }
    Ok(Restored {
        state,
        model,
        config,
        learned,
        moments,
        average,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the first versions wrote it, which did not have all fields yet.
    #[test]
    fn the_state_of_earlier_checkpoints_can_be_read() {
        let text = r#"{"step": 7, "epoch": 2, "step_in_epoch": 1,
            "best": {"f1": 0.5, "loss": 1.25, "step": 6}, "epochs_without_better": 1,
            "seconds": 3.5, "peak_memory_bytes": 9}"#;
        let state: TrainState = serde_json::from_str(text).unwrap();
        assert_eq!((state.optimizer_steps(), state.micro_batch_size), (7, None));
        assert_eq!(state.loss_scale, GradScaler::default());
        let state = TrainState {
            micro_batch_size: Some(4),
            ..state
        };
        let written = serde_json::to_value(&state).unwrap();
        assert_eq!(written["windows_at_once"], 4);
        assert_eq!(written["loss_scale"]["factor"], 65_536.0);
        assert_eq!(
            serde_json::from_value::<TrainState>(written).unwrap(),
            state
        );
    }
}
