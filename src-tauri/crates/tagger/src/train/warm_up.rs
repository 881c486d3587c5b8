//! Before the first step on a GPU: its kernels are compiled, and the largest micro-batch is tried once.
//!
//! Kernels do not depend on the sizes of a batch, so the smallest one makes the GPU's compiler do all that
//! the run will ask of it: forward, backward, the optimiser's and inference's. That is reported as what it is,
//! and spoils neither the throughput nor the time left. A batch that does not fit into memory is found here too,
//! before anything has been learned. Nothing of it is kept: dropout and everything else random is seeded
//! in each step.

use super::Run;
use super::steps::{examples_at, halved};
use crate::batch::collate;
use crate::error::Error;
use crate::event::preparing;
use crate::example::Example;
use crate::forecast::BatchLoad;
use crate::micro_batch::MicroBatching;
use crate::optimizer;
use crate::sampling::Sampling;
use crate::step::{dropout_seed, gradients};
use std::ops::Range;
use std::time::{Duration, Instant};
use tagsmith_encoder::burn::module::Module;
use tagsmith_encoder::device::{Progress, keep_kernels, kernels_compiled, rehearse};
use tagsmith_encoder::selftest::test_family;
use tagsmith_encoder::{Precision, ops};
use tagsmith_protocol::{Stage, TrainConfig};

/// How often the number of compiled kernels is reported.
const TICK: Duration = Duration::from_millis(100);

/// About as many kernels as a run has. How many they are is known when they are compiled.
const EXPECTED: usize = 30;

impl Run<'_, '_> {
    /// Lets a GPU prepare itself for this run. The CPU needs no such preparation. Says whether it came to
    /// its end: where the run is asked to stop it does not, and kernels may still be compiled.
    ///
    /// # Errors
    /// The device computes wrongly what only models of this family ask of it, or not even one window at a
    /// time fits into memory.
    pub(super) fn warm_up(&mut self) -> Result<bool, Error> {
        let memory = self.memory_model();
        if memory.is_cpu() {
            return Ok(true);
        }
        if !self.compile() {
            return Ok(false);
        }
        let (info, precision) = (&self.device_info, self.config.precision);
        test_family(&self.model_config, info, &self.device, precision)?;
        let epochs = self.state.epoch..self.epochs();
        let mut micro_batching = self.micro_batching();
        let objective = self.objective.clone();
        // With all that is ever trained, where layers are unfrozen one after the other.
        let whole = self.model().clone().frozen(self.config.frozen_layers);
        loop {
            if self.control.stops() || self.folder.stop().exists() {
                return Ok(false);
            }
            let before = micro_batching;
            let Some(part) = largest(
                &self.examples,
                &self.sampling,
                &self.config,
                epochs.clone(),
                micro_batching,
            ) else {
                break;
            };
            let batches = [part];
            micro_batching.run(
                &batches,
                |parts| {
                    self.control.fail_if_asked();
                    ops::seed_dropout(dropout_seed(self.config.seed, 0));
                    let mixout = self.mixout.as_ref();
                    let (gradients, _) =
                        gradients(&whole, parts, &objective, mixout, 1.0, &self.device);
                    // Waits for the whole pass. That memory has run out is only reported by reading.
                    let _ = gradients.norm();
                },
                |before, after| self.log.send(halved(before, after)),
            )?;
            let parts = micro_batching.split(&batches);
            let load = BatchLoad::largest(&parts, objective.passes(), memory);
            self.largest_load = self.largest_load.max(load);
            // With smaller micro-batches the largest is another.
            if micro_batching == before {
                break;
            }
        }
        self.state.micro_batch_size = micro_batching.limit;
        keep_kernels();
        Ok(true)
    }

    /// Whether weights are blended with others.
    fn blends(&self) -> bool {
        self.average.is_some() || self.config.pretrained_decay > 0.0
    }

    /// Compiles all kernels of the run, and reports how far that is; `false` where the run is asked to stop
    /// meanwhile. What cannot be compiled fails in the first pass, with a reason.
    fn compile(&mut self) -> bool {
        let scored = self.examples.iter().filter(|at| !at.targets.is_empty());
        let Some(smallest) = scored.min_by_key(|example| example.window.ids.len()) else {
            return true;
        };
        let smallest = smallest.clone();
        let before = kernels_compiled();
        let whole = self.model().clone().frozen(self.config.frozen_layers);
        let (model, device) = (whole, self.device.clone());
        let info = self.device_info.clone();
        let (seed, objective) = (dropout_seed(self.config.seed, 0), self.objective.clone());
        let (mixout, is_blending) = (self.mixout.clone(), self.blends());
        let rehearsal = move || {
            let (_, kernels) = rehearse(|| {
                ops::seed_dropout(seed);
                let batches = [vec![&smallest]];
                let _ = gradients(&model, &batches, &objective, mixout.as_ref(), 1.0, &device);
                let inner = device.clone().inner();
                optimizer::rehearse(&inner, is_blending);
                // As dev is scored, and as the best model is at the end.
                let model = model.valid();
                let whole = model.clone().with_precision(Precision::F32, &info);
                for model in [model, whole] {
                    let _ = collate(&[&smallest.window], &inner).logits(&model);
                }
            });
            let _ = device.sync();
            kernels
        };
        let (log, device) = (&mut *self.log, self.device_info.id.clone());
        let began = Instant::now();
        let mut reported = None;
        let mut report = |progress: Progress| {
            let now = Some((progress.done, progress.total));
            if reported != now {
                log.send(preparing(&device, Stage::WarmUp, &progress));
                reported = now;
            }
        };
        report(Progress::at(0, EXPECTED, Duration::ZERO));
        // Not joined where the run is stopped: a compiler cannot be interrupted, and what it makes is then
        // of no use. It ends with the process.
        let rehearsing = std::thread::spawn(rehearsal);
        while !rehearsing.is_finished() {
            if self.control.stops() || self.folder.stop().exists() {
                return false;
            }
            // Those that an earlier process compiled are there already, and not counted.
            let done = kernels_compiled() - before;
            report(Progress::at(done, EXPECTED.max(done + 1), began.elapsed()));
            std::thread::sleep(TICK);
        }
        // Whatever went wrong, the first pass fails of it, with a reason.
        let total = rehearsing.join().unwrap_or(EXPECTED);
        report(Progress::complete(total));
        true
    }
}

/// The micro-batch with the most word pieces in some epochs.
fn largest<'a>(
    examples: &'a [Example],
    sampling: &Sampling,
    config: &TrainConfig,
    epochs: Range<usize>,
    micro_batching: MicroBatching,
) -> Option<Vec<&'a Example>> {
    let lengths: Vec<usize> = examples.iter().map(Example::pieces).collect();
    let parts = epochs.flat_map(|epoch| {
        let order = sampling.order(&lengths, config.batch_size(), config.seed, epoch);
        micro_batching.split(&examples_at(examples, &order))
    });
    parts.max_by_key(|part: &Vec<&Example>| {
        part.iter().map(|example| example.pieces()).sum::<usize>()
    })
}
