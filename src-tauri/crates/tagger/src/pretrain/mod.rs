//! Pretraining on text without labels: a model learns the words of a field by predicting word pieces that are
//! masked (domain-adaptive pretraining, Gururangan et al. 2020), before it is fine-tuned.
//!
//! ```text
//! files ─read, hold out, window→ Passages ─mask, anew in each pass→ Examples ─batch→ step
//!                                         └─mask, always the same→ held-out loss ─→ the best model, report
//! ```
//!
//! It is a run of its own with a folder as `train` has it. A pass over the text is an epoch; before the first,
//! a head that the model lacks learns alone. The order of the data, the masks, the learning rate and the keys of
//! dropout follow from the step alone, so that a resumed run equals an uninterrupted one.

mod masking;
mod memory;
mod report;
mod run_file;
mod start;
mod step;
mod steps;
mod text;

pub use masking::Masking;
pub use run_file::is_pretraining;
pub use step::{gradients, loss_sum, positions_at_once};
pub use text::Passage;

use crate::error::Error;
use crate::example::Example;
use crate::grad_scaler::GradScaler;
use crate::optimizer::AdamW;
use crate::run::{EventLog, RunFolder, RunLock};
use crate::throughput::Throughput;
use crate::tokenizer::Tokenizer;
use crate::train::{Control, Outcome, absolute, reporting};
use run_file::PretrainFile;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::Instant;
use tagsmith_encoder::burn::tensor::Device;
use tagsmith_encoder::device::ComputeDevice;
use tagsmith_encoder::{Config, MaskedLanguageModel};
use tagsmith_protocol::{HeldOutLoss, PretrainConfig, PretrainEvent, TimestampedPretrainEvent};
use text::Text;

/// Pretrains from the beginning into the new folder `out`.
///
/// # Errors
/// Anything that [`Error`] lists. The last event is then `failed`.
pub fn pretrain(
    config: PretrainConfig,
    out: &Path,
    control: &Control,
    listener: &mut dyn FnMut(&TimestampedPretrainEvent),
) -> Result<Outcome, Error> {
    reporting::<PretrainEvent>(listener, |log| {
        config.check()?;
        let folder = RunFolder::new(&absolute(out)?)?;
        Run::from_start(folder, None, config, control, log)?.go()
    })
}

/// Continues the stopped or killed run in the folder `out`.
///
/// # Errors
/// As [`pretrain`]; also where the folder holds no such run, a finished one, or its inputs have changed.
pub fn resume(
    out: &Path,
    control: &Control,
    listener: &mut dyn FnMut(&TimestampedPretrainEvent),
) -> Result<Outcome, Error> {
    reporting::<PretrainEvent>(listener, |log| {
        Run::resumed(&absolute(out)?, control, log)?.go()
    })
}

/// How far a run is, and what it has found out about its machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct PretrainState {
    /// Steps done, those of the head alone included.
    step: usize,
    /// The held-out losses so far.
    evaluations: Vec<HeldOutLoss>,
    /// Seconds of work so far.
    seconds: f64,
    /// Highest memory seen, in bytes.
    peak_memory_bytes: u64,
    /// Windows in a micro-batch, where a whole batch does not fit into memory.
    micro_batch_size: Option<usize>,
    /// How gradients are scaled in f16.
    loss_scale: GradScaler,
    /// Steps that the optimiser has taken: fewer than `step` where gradients overflowed in f16.
    optimizer_steps: usize,
}

impl PretrainState {
    /// The lowest held-out loss so far.
    fn best(&self) -> Option<&HeldOutLoss> {
        self.evaluations.iter().rfind(|evaluation| evaluation.best)
    }

    /// Evaluations since then.
    fn evaluations_without_better(&self) -> usize {
        let best = self
            .evaluations
            .iter()
            .rposition(|evaluation| evaluation.best);
        best.map_or(0, |best| self.evaluations.len() - best - 1)
    }
}

/// A run in progress.
struct Run<'a, 'listener> {
    control: &'a Control,
    log: &'a mut EventLog<'listener, PretrainEvent>,
    folder: RunFolder,
    /// Until the log takes it.
    lock: Option<RunLock>,
    file: PretrainFile,
    text: Text,
    masking: Masking,
    /// The held-out part, masked.
    held_out: Vec<Example>,
    tokenizer: Tokenizer,
    /// Only absent inside a step, which updates the weights in place if nothing else holds them.
    model: Option<MaskedLanguageModel>,
    model_config: Config,
    optimizer: AdamW,
    /// Where it computes, with autodiff.
    device: Device,
    device_info: ComputeDevice,
    state: PretrainState,
    throughput: Throughput,
    began: Instant,
    /// Seconds of earlier sessions of this run.
    seconds_before: f64,
}

impl Run<'_, '_> {
    /// Pretrains to the end, then reports.
    fn go(mut self) -> Result<Outcome, Error> {
        self.begin()?;
        let outcome = self.run_steps()?;
        self.state.seconds = self.seconds();
        self.report(outcome)?;
        Ok(outcome)
    }

    fn config(&self) -> &PretrainConfig {
        &self.file.config
    }

    fn model(&self) -> &MaskedLanguageModel {
        self.model
            .as_ref()
            .expect("the model is there between steps")
    }

    fn is_stopping(&self) -> bool {
        self.control.stops() || self.folder.stop().exists()
    }

    /// Of this session and those before.
    fn seconds(&self) -> f64 {
        self.seconds_before + self.began.elapsed().as_secs_f64()
    }
}
