//! A run from start to report: what it consists of, and the order in which things happen.
//!
//! ```text
//! start ─inputs, model, state→ memory ─micro-batch size→ warm_up → steps ─epochs→ report
//!                                                                     └── rollback
//! ```
//!
//! A new and a resumed run differ in `start` alone. From there on all that changes is in one [`Run`].

mod dev;
mod memory;
mod notes;
mod refit;
pub(crate) mod report;
pub(crate) mod rollback;
mod start;
pub(crate) mod steps;
mod warm_up;

use crate::average::Average;
use crate::checkpoint::TrainState;
use crate::error::Error;
use crate::event::RunEvent;
use crate::example::Example;
use crate::forecast::BatchLoad;
use crate::objective::Objective;
use crate::optimizer::AdamW;
use crate::prepare::Splits;
use crate::pretrained::{Mixout, Pretrained};
use crate::run::{EventLog, RunFolder, RunLock};
use crate::sampling::Sampling;
use crate::schedule::RunLength;
use crate::tags::TagSet;
use crate::throughput::Throughput;
use crate::tokenizer::Tokenizer;
use dev::DevPlan;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;
use steps::PendingStep;
use tagsmith_corpus::Document;
use tagsmith_encoder::burn::module::Module;
use tagsmith_encoder::burn::tensor::Device;
use tagsmith_encoder::device::{
    ComputeDevice, DeviceError, DeviceKind, Search, free_memory_bytes, keep_kernels,
};
use tagsmith_encoder::{Config, TokenClassifier};
use tagsmith_protocol::{Decision, Event, Failure, SplitReport, TimestampedEvent, TrainConfig};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All is done.
    Finished,
    /// It was asked to stop. The best model so far and its report are written, unless no step was taken. A
    /// GPU may then still compile kernels, on a thread of its own that is of no more use: the program
    /// should end without waiting for it.
    Stopped,
}

/// How the person controls a run.
#[derive(Clone, Debug, Default)]
pub struct Control {
    /// Set to stop after the current step; immediately while a device is tested or prepares itself.
    pub stop: Arc<AtomicBool>,
    /// How the run's device is looked for and tested.
    pub devices: Search,
    /// Memory that the run may take in addition to what it holds already, in bytes; `None`: what is free.
    pub free_bytes: Option<u64>,
    /// How many forward passes fail as if memory had run out. For tests.
    pub failing_passes: Arc<AtomicUsize>,
    /// At these steps, counted from 1, memory seems to have run out when the step's numbers are read,
    /// once each. For tests.
    pub failing_steps: Arc<Mutex<Vec<usize>>>,
}

impl Control {
    pub(crate) fn stops(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    pub(crate) fn fail_if_asked(&self) {
        let left = self
            .failing_passes
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            });
        assert!(left.is_err(), "out of memory, as a test asked");
    }

    /// Memory that a run may take on `device` in addition to the `held` bytes, where that is known.
    pub(crate) fn free_bytes_on(&self, device: &ComputeDevice, held: u64) -> Option<u64> {
        self.free_bytes.or_else(|| match device.kind {
            DeviceKind::Cpu => free_memory_bytes(),
            // What the card had free before the weights were put there.
            _ => {
                let free = device.free_bytes.or(device.memory_bytes);
                free.map(|free| free.saturating_sub(held))
            }
        })
    }

    fn fail_late_if_asked(&self, step: usize) {
        let mut steps = self
            .failing_steps
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let index = steps.iter().position(|failing| *failing == step);
        let asked = index.map(|index| steps.swap_remove(index)).is_some();
        drop(steps);
        assert!(!asked, "out of memory, as a test asked");
    }
}

/// Trains from the beginning into the new folder `out`.
///
/// # Errors
/// Anything that [`Error`] lists. The last event is then `failed`.
pub fn train(
    config: TrainConfig,
    out: &Path,
    control: &Control,
    listener: &mut dyn FnMut(&TimestampedEvent),
) -> Result<Outcome, Error> {
    reporting::<Event>(listener, |log| {
        config.check()?;
        let folder = RunFolder::new(&absolute(out)?)?;
        Run::from_start(folder, None, config, control, log)?.go()
    })
}

/// Continues the stopped or killed run in the folder `out`.
///
/// # Errors
/// As [`train`]; also where the folder holds no run, a finished one, or its inputs have changed.
pub fn resume(
    out: &Path,
    control: &Control,
    listener: &mut dyn FnMut(&TimestampedEvent),
) -> Result<Outcome, Error> {
    reporting::<Event>(listener, |log| {
        Run::resumed(&absolute(out)?, control, log)?.go()
    })
}

/// Does `work`. Where it fails or panics, that is the last event.
pub(crate) fn reporting<E: RunEvent>(
    listener: &mut dyn FnMut(&E::Stamped),
    work: impl FnOnce(&mut EventLog<E>) -> Result<Outcome, Error>,
) -> Result<Outcome, Error> {
    let mut log = EventLog::new(listener);
    let result = Error::catching(|| work(&mut log));
    if let Err(Error::Device(DeviceError::Stopped { .. })) = &result {
        let stopped = Event::Stopped {
            report: None,
            model: None,
            step: 0,
            best_f1: None,
        };
        log.send(stopped.into());
        return Ok(Outcome::Stopped);
    }
    if let Err(failure) = &result {
        log.send(Event::from(Failure::from(failure)).into());
    }
    result
}

/// Whoever reads the events later may do so from another folder.
pub(crate) fn absolute(out: &Path) -> Result<PathBuf, Error> {
    std::path::absolute(out).map_err(Error::io("find", out))
}

/// A run in progress.
struct Run<'a, 'listener> {
    control: &'a Control,
    log: &'a mut EventLog<'listener>,
    folder: RunFolder,
    /// Until the log takes it.
    lock: Option<RunLock>,
    config: TrainConfig,
    splits: Splits,
    examples: Vec<Example>,
    tokenizer: Arc<Tokenizer>,
    tags: TagSet,
    /// Only absent inside a step, which updates the weights in place if nothing else holds them.
    model: Option<TokenClassifier>,
    model_config: Config,
    objective: Objective,
    sampling: Sampling,
    optimizer: AdamW,
    /// What the weights are drawn back to.
    pretrained: Pretrained,
    mixout: Option<Mixout>,
    /// Of the weights, where it is scored and saved in their place.
    average: Option<Average>,
    /// Where training computes, with autodiff.
    device: Device,
    device_info: ComputeDevice,
    state: TrainState,
    throughput: Throughput,
    /// The largest load that has fitted into memory.
    largest_load: BatchLoad,
    /// The last step, where it was not waited for and is yet to be reported.
    pending: Option<PendingStep>,
    /// Whether weights were updated since the device was last waited for.
    unsynchronized: bool,
    /// What was chosen for the settings that were left open, until it is reported.
    decisions: Vec<Decision>,
    /// How dev is scored while training goes on.
    dev_plan: DevPlan,
    /// The documents of its sample, where it has one.
    dev_sample: Option<Vec<Document>>,
    /// What the best model got on all of dev, if it was scored since the program started.
    best_dev: Option<SplitReport>,
    began: Instant,
    /// Seconds of earlier sessions of this run.
    seconds_before: f64,
}

impl Run<'_, '_> {
    /// Trains to the end, then reports on the best model as it was saved.
    fn go(mut self) -> Result<Outcome, Error> {
        self.begin()?;
        if !self.warm_up()? {
            return Ok(self.stopped_before_a_step());
        }
        let mut outcome = self.train_epochs()?;
        if outcome == Outcome::Finished && self.state.refit.is_none() {
            self.choose_on_all_dev()?;
            if self.is_refitted() {
                self.begin_refit()?;
                outcome = self.train_epochs()?;
            }
        }
        if outcome == Outcome::Finished {
            self.end_refit()?;
        }
        if self.state.best.is_none() {
            self.evaluate_dev(self.epoch_of(self.state.step))?;
        }
        self.state.seconds = self.seconds();
        self.report(outcome)?;
        keep_kernels();
        Ok(outcome)
    }

    /// The end of a session without a step. What an earlier one left stays as it is; one that began the
    /// run leaves no model, since nothing was learned.
    fn stopped_before_a_step(self) -> Outcome {
        self.log.send(Event::Stopped {
            report: None,
            model: None,
            step: self.state.step,
            best_f1: None,
        });
        Outcome::Stopped
    }

    fn model(&self) -> &TokenClassifier {
        self.model
            .as_ref()
            .expect("the model is there between steps")
    }

    /// How many weights are trained.
    fn trained_weights(&self) -> usize {
        match self.config.lora_rank {
            0 => self.model().num_params(),
            _ => self.model().num_trained(),
        }
    }

    /// Word pieces of each window.
    fn lengths(&self) -> Vec<usize> {
        let windows = self.examples.iter().map(|example| &example.window);
        windows.map(|window| window.ids.len()).collect()
    }

    /// How long the run is: its epochs, as many as help where the schedule is adaptive.
    fn length(&self) -> RunLength {
        RunLength {
            schedule: self.config.schedule(),
            most: self.config.epochs.unwrap_or(1),
            nominal: self.config.expected_epochs(),
            warmup: self.config.warmup_ratio * self.config.expected_epochs() as f64,
        }
    }

    /// Epochs after which the run, or its first half, ends at the latest.
    fn epochs(&self) -> usize {
        match &self.state.refit {
            Some(refit) => refit.after_epoch + refit.epochs,
            None => self.length().epochs(&self.state.hold),
        }
    }

    fn steps_per_epoch(&self) -> usize {
        self.config.steps_per_epoch(self.sampling.windows())
    }

    /// Steps that the run is expected to take.
    fn total_steps(&self) -> usize {
        let steps = self.steps_per_epoch();
        match &self.state.refit {
            Some(refit) => refit.after_step + refit.epochs * steps,
            None => {
                let epochs = self.length().expected(&self.state.hold, self.state.epoch);
                epochs * (steps + self.refit_steps_per_epoch())
            }
        }
    }

    /// Evaluations on dev that are still to come. A refitted model is not scored on dev: it has learned it.
    fn evaluations_left(&self, step: usize) -> usize {
        if self.state.refit.is_some() {
            return 0;
        }
        let epochs = self.length().expected(&self.state.hold, self.state.epoch);
        let steps = self.steps_per_epoch();
        (epochs * steps).saturating_sub(step).div_ceil(steps)
    }

    /// Epochs done after this many steps, with fraction.
    fn epoch_of(&self, step: usize) -> f64 {
        let since = |from: usize| step.saturating_sub(from) as f64 / self.steps_per_epoch() as f64;
        match &self.state.refit {
            Some(refit) => refit.after_epoch as f64 + since(refit.after_step),
            None => since(0),
        }
    }

    /// Of this session and those before.
    fn seconds(&self) -> f64 {
        self.seconds_before + self.began.elapsed().as_secs_f64()
    }
}
