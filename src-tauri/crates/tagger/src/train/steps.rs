//! The training loop: epochs, one step, and its report.

use super::rollback::synchronize;
use super::{Outcome, Run};
use crate::checkpoint;
use crate::deferred::DeferredScalar;
use crate::error::Error;
use crate::example::Example;
use crate::forecast::BatchLoad;
use crate::micro_batch::MicroBatching;
use crate::process_memory::memory_bytes;
use crate::schedule::Course;
use crate::step::{dropout_seed, gradients};
use std::time::Instant;
use tagsmith_encoder::{Precision, ops};
use tagsmith_protocol::Event;

/// After an epoch, a checkpoint is written once this share of the time between two has passed.
const EPOCH_CHECKPOINT: f64 = 0.1;

/// The checkpoints of models with so many trained parameters are written in no time: there is one after each epoch.
const SMALL_CHECKPOINT: usize = 2_000_000;

/// A step that was taken and is yet to be reported.
pub(super) struct PendingStep {
    began: Instant,
    /// Counted from 1.
    step: usize,
    /// Epochs done after it, with fraction.
    epoch: f64,
    /// The learning rate.
    rate: f64,
    /// Word pieces.
    pieces: usize,
    loss: DeferredScalar,
    /// Global gradient norm before clipping.
    norm: DeferredScalar,
}

impl Run<'_, '_> {
    /// Trains until all epochs are done, patience is over, or it is asked to stop.
    pub(super) fn train_epochs(&mut self) -> Result<Outcome, Error> {
        self.with_rollback(Self::run_epochs)
    }

    /// Makes room for the moments. Those of what is trained later begin later.
    fn make_room(&mut self) {
        if let (Some(model), true) = (&self.model, self.config.gradual_unfreezing == 0.0) {
            self.optimizer.make_room(model);
        }
    }

    fn run_epochs(&mut self) -> Result<Outcome, Error> {
        self.make_room();
        let lengths = self.lengths();
        let mut last_checkpoint = Instant::now();
        while self.state.epoch < self.epochs() && !self.is_patience_over() {
            self.unfreeze();
            let order = self.sampling.order(
                &lengths,
                self.config.batch_size(),
                self.config.seed,
                self.state.epoch,
            );
            let steps: Vec<&[Vec<usize>]> =
                order.chunks(self.config.gradient_accumulation).collect();
            while self.state.step_in_epoch < steps.len() {
                if self.control.stops() || self.folder.stop().exists() {
                    self.flush_pending()?;
                    self.write_checkpoint()?;
                    return Ok(Outcome::Stopped);
                }
                self.train_step(steps[self.state.step_in_epoch])?;
                let minutes = last_checkpoint.elapsed().as_secs_f64() / 60.0;
                if minutes >= self.config.checkpoint_minutes {
                    self.flush_pending()?;
                    self.write_checkpoint()?;
                    last_checkpoint = Instant::now();
                }
            }
            self.flush_pending()?;
            // Before the weights are judged: a score of unsound ones would be believed.
            synchronize(self.model(), self.average.as_ref(), self.memory_model());
            self.state.epoch += 1;
            self.state.step_in_epoch = 0;
            let is_held_out = self.state.refit.is_none();
            if is_held_out && self.dev_plan.scores_after(self.state.epoch, self.epochs()) {
                let evaluation = Instant::now();
                self.evaluate_dev(self.state.epoch as f64)?;
                let seconds = evaluation.elapsed().as_secs_f64();
                self.throughput.evaluation = seconds / self.dev_plan.every as f64;
            }
            // Of a run of seconds, writing hundreds of megabytes each time would be a large part.
            let minutes = last_checkpoint.elapsed().as_secs_f64() / 60.0;
            let is_due = minutes >= self.config.checkpoint_minutes * EPOCH_CHECKPOINT;
            if is_due || self.state.epoch == 1 || self.has_small_checkpoints() {
                self.write_checkpoint()?;
                last_checkpoint = Instant::now();
            }
        }
        if self.state.epoch < self.epochs() {
            self.log.send(Event::warning(
                "early-stopping",
                format!(
                    "dev F1 has not risen for {} epochs: training ends after epoch {}",
                    self.state.epochs_without_better, self.state.epoch
                ),
            ));
        }
        Ok(Outcome::Finished)
    }

    /// Freezes what gradual unfreezing does not train in this epoch.
    fn unfreeze(&mut self) {
        if self.config.gradual_unfreezing > 0.0 {
            let frozen = self.frozen_in(self.state.epoch);
            self.model = self.model.take().map(|model| model.frozen(frozen));
            if let (Some(average), Some(model)) = (&mut self.average, &self.model) {
                average.include(model);
            }
        }
    }

    /// Whether the epoch that was just done trained fewer layers than later ones.
    pub(super) fn is_unfreezing(&self) -> bool {
        let last = self.state.epoch.saturating_sub(1);
        self.frozen_in(last) > self.config.frozen_layers
    }

    /// How many layers are frozen in an epoch; a refit unfreezes them once more.
    fn frozen_in(&self, epoch: usize) -> usize {
        let before = self
            .state
            .refit
            .as_ref()
            .map_or(0, |refit| refit.after_epoch);
        let epoch = epoch.saturating_sub(before);
        self.config.frozen_at(epoch, self.model().layers())
    }

    fn has_small_checkpoints(&self) -> bool {
        self.trained_weights() <= SMALL_CHECKPOINT
    }

    fn is_patience_over(&self) -> bool {
        let patience = self.config.patience();
        patience > 0 && self.state.epochs_without_better >= patience
    }

    /// `batches` are indices into the examples.
    fn train_step(&mut self, batches: &[Vec<usize>]) -> Result<(), Error> {
        let began = Instant::now();
        let rate = self.learning_rate();
        let memory = self.memory_model();
        let is_scaled = self.config.precision == Precision::F16;
        let mut micro_batching = self.micro_batching();
        let passes = self.objective.passes();
        let load = {
            let batches = examples_at(&self.examples, batches);
            BatchLoad::largest(&micro_batching.split(&batches), passes, memory)
        };
        // A GPU is not waited for once such a load has fitted. A conditional random field waits for logits.
        let has_crf = self.objective.transitions.is_some();
        let deferred = !memory.is_cpu() && !is_scaled && !has_crf && self.largest_load >= load;
        if !deferred {
            self.flush_pending()?;
        }
        let batches = examples_at(&self.examples, batches);
        let scale = match is_scaled {
            true => self.state.loss_scale.factor,
            false => 1.0,
        };
        let seed = dropout_seed(self.config.seed, self.state.step);
        let model = self.model.take().expect("the model is there between steps");
        let work = |parts: &[Vec<&Example>]| {
            self.control.fail_if_asked();
            ops::seed_dropout(seed);
            let (objective, mixout) = (&self.objective, self.mixout.as_ref());
            let (gradients, mut output) =
                gradients(&model, parts, objective, mixout, scale, &self.device);
            if !deferred {
                output.loss = output.loss.ready();
                if !memory.is_cpu() {
                    // Reading is what shows that all gradients are there.
                    let _ = gradients.norm();
                }
            }
            (gradients, output)
        };
        // Smaller micro-batches help only where it is this step that lacks memory, and the weights are sound.
        let (gradients, output) = match self.unsynchronized {
            true => work(&micro_batching.split(&batches)),
            false => micro_batching.run(&batches, work, |before, after| {
                self.log.send(halved(before, after));
            })?,
        };
        self.state.micro_batch_size = micro_batching.limit;
        let load = BatchLoad::largest(&micro_batching.split(&batches), passes, memory);
        self.largest_load = self.largest_load.max(load);
        let steps_before = self.optimizer.steps();
        let (model, norm) = match deferred {
            true => self.optimizer.step_async(model, gradients, rate),
            false => {
                let (model, norm) = self.optimizer.step_scaled(model, gradients, rate, scale);
                (model, DeferredScalar::Ready(norm))
            }
        };
        if let Some(transitions) = self.objective.transitions.take() {
            // In f16 the model is left as it is where its gradients overflow.
            let updated = match &norm {
                DeferredScalar::Ready(norm) if norm.is_finite() => self.optimizer.step_transitions(
                    transitions,
                    &output.transitions,
                    rate * self.config.crf_rate_factor(),
                    &self.device.clone().inner(),
                ),
                _ => transitions,
            };
            self.objective.transitions = Some(updated);
        }
        self.unsynchronized = deferred;
        // Not after a step that was skipped because gradients overflowed.
        let steps = self.optimizer.steps();
        if let Some(average) = self.average.as_mut().filter(|_| steps > steps_before) {
            average.update(&model, self.objective.transitions.as_ref(), steps);
        }
        if !deferred {
            synchronize(&model, self.average.as_ref(), memory);
        }
        self.model = Some(model);
        self.state.step += 1;
        self.state.step_in_epoch += 1;
        let step = PendingStep {
            began,
            step: self.state.step,
            epoch: self.epoch_of(self.state.step),
            rate,
            pieces: output.pieces,
            loss: output.loss,
            norm,
        };
        // The step before is read while the device is at this one.
        self.flush_pending()?;
        match deferred {
            true => self.pending = Some(step),
            false => self.report_step(step)?,
        }
        Ok(())
    }

    /// How batches are split at present.
    pub(super) fn micro_batching(&self) -> MicroBatching {
        MicroBatching {
            limit: self.state.micro_batch_size,
        }
    }

    /// The learning rate of the next step.
    fn learning_rate(&self) -> f64 {
        let length = self.length();
        let steps = |epochs| epochs * self.steps_per_epoch();
        let course = Course {
            schedule: self.config.schedule(),
            peak: self.config.learning_rate.unwrap_or_default(),
            warmup: (self.config.warmup_ratio * steps(length.nominal) as f64).ceil() as usize,
            fall: steps(length.held(&self.state.hold)),
            total: steps(length.epochs(&self.state.hold)),
        };
        let refit = self.state.refit.as_ref();
        course.rate(self.state.step - refit.map_or(0, |refit| refit.after_step))
    }

    /// Reports the step that was not waited for, if there is one.
    fn flush_pending(&mut self) -> Result<(), Error> {
        match self.pending.take() {
            Some(step) => self.report_step(step),
            None => Ok(()),
        }
    }

    fn report_step(&mut self, pending: PendingStep) -> Result<(), Error> {
        self.control.fail_late_if_asked(pending.step);
        let loss = pending.loss.wait();
        let mut gradient_norm = pending.norm.wait();
        let mut diverged = !loss.is_finite() || !gradient_norm.is_finite();
        if self.config.precision == Precision::F16 && loss.is_finite() {
            let scaler = self.state.loss_scale.update(gradient_norm.is_finite());
            self.state.loss_scale = scaler;
            // In f16 a step is skipped now and then, until the scale is right.
            diverged = scaler.is_exhausted();
            if !gradient_norm.is_finite() {
                gradient_norm = 0.0;
            }
        }
        if diverged {
            return Err(Error::Diverged {
                step: pending.step,
                loss,
            });
        }
        self.throughput.add(pending.began, pending.pieces);
        let steps_left = self.total_steps().saturating_sub(pending.step);
        self.log.send(Event::Step {
            step: pending.step,
            steps: Some(self.total_steps().max(pending.step)),
            epoch: pending.epoch,
            loss,
            lr: pending.rate,
            gradient_norm,
            tokens_per_second: self.throughput.tokens_per_second(),
            memory_bytes: memory_bytes(),
            eta_seconds: self
                .throughput
                .seconds_left(steps_left, self.evaluations_left(pending.step)),
        });
        Ok(())
    }

    pub(super) fn write_checkpoint(&mut self) -> Result<(), Error> {
        self.state.seconds = self.seconds();
        self.state.optimizer_steps = Some(self.optimizer.steps());
        let path = checkpoint::write(
            &self.folder,
            &self.state,
            self.model(),
            &self.model_config,
            self.objective.transitions.as_ref(),
            &self.optimizer,
            self.average.as_ref(),
        )?;
        // All weights and moments were read for it.
        self.unsynchronized = false;
        self.log.send(Event::Checkpoint {
            path,
            step: self.state.step,
        });
        Ok(())
    }
}

/// The examples of some indices, batch by batch.
pub(super) fn examples_at<'a>(
    examples: &'a [Example],
    batches: &[Vec<usize>],
) -> Vec<Vec<&'a Example>> {
    let batch = |indices: &Vec<usize>| indices.iter().map(|index| &examples[*index]).collect();
    batches.iter().map(batch).collect()
}

/// The warning that micro-batches of `before` windows did not fit, and are `after` windows from now on.
pub(crate) fn halved(before: usize, after: usize) -> Event {
    let message = format!(
        "memory ran out with micro-batches of {before} windows: training continues with {after}, and the batch size of a step stays the same"
    );
    Event::warning("memory", message)
}
