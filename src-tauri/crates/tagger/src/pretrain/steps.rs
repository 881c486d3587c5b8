//! The loop: steps, evaluations between them, checkpoints, and when it ends.

use super::report::Evaluated;
use super::step::{gradients, positions_at_once};
use super::{PretrainState, Run};
use crate::batch::training_order;
use crate::checkpoint::write_whole;
use crate::error::Error;
use crate::example::Example;
use crate::micro_batch::MicroBatching;
use crate::process_memory::memory_bytes;
use crate::schedule::Course;
use crate::step::dropout_seed;
use crate::train::Outcome;
use crate::train::rollback::{synchronize, with_rollback};
use crate::train::steps::halved;
use std::time::Instant;
use tagsmith_encoder::{Precision, masked_lm, ops};
use tagsmith_protocol::{Event, Schedule};

/// Evaluations in a row that do not get better, after which it ends.
const PATIENCE: usize = 2;

/// A new head learns alone for so many steps, but for no more than then train the whole model.
const HEAD_STEPS: usize = 300;

/// Its learning rate meanwhile, in rates of the run.
const HEAD_RATE: f64 = 10.0;

/// After an epoch, a checkpoint is written once this share of the time between two has passed.
const EPOCH_CHECKPOINT: f64 = 0.1;

/// Where a step belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    /// The pass over the text, those of the head alone counted first.
    pass: usize,
    /// The batch in its order.
    batch: usize,
}

impl Run<'_, '_> {
    /// Goes on from the run's state to its end.
    pub(super) fn run_steps(&mut self) -> Result<Outcome, Error> {
        with_rollback(self, Self::run_on, Self::rollback)
    }

    fn run_on(&mut self) -> Result<Outcome, Error> {
        let lengths = self.lengths();
        let mut last_checkpoint = Instant::now();
        // The order of the pass that the run is in.
        let mut order: Option<(usize, Vec<Vec<usize>>)> = None;
        loop {
            if self.is_evaluation_due() {
                match self.evaluate()? {
                    Evaluated::Stopped => return self.stop(),
                    Evaluated::Done => {}
                }
                let minutes = last_checkpoint.elapsed().as_secs_f64() / 60.0;
                let is_first = self.state.evaluations.len() == 2;
                if is_first || minutes >= self.config().checkpoint_minutes * EPOCH_CHECKPOINT {
                    self.write_checkpoint()?;
                    last_checkpoint = Instant::now();
                }
            }
            if self.state.step >= self.total_steps() {
                return Ok(Outcome::Finished);
            }
            if self.state.evaluations_without_better() >= PATIENCE {
                let message = format!(
                    "the loss on held-out text has not fallen for {PATIENCE} epochs: the run ends after step {}",
                    self.state.step
                );
                self.log
                    .send(Event::warning("early-stopping", message).into());
                return Ok(Outcome::Finished);
            }
            if self.is_stopping() {
                return self.stop();
            }
            let place = self.place(self.state.step);
            let (pass, batches) = order
                .take()
                .filter(|(pass, _)| *pass == place.pass)
                .unwrap_or_else(|| (place.pass, self.order(&lengths, place.pass)));
            self.take_step(place.pass, &batches[place.batch])?;
            order = Some((pass, batches));
            let minutes = last_checkpoint.elapsed().as_secs_f64() / 60.0;
            if minutes >= self.config().checkpoint_minutes {
                self.write_checkpoint()?;
                last_checkpoint = Instant::now();
            }
        }
    }

    fn stop(&mut self) -> Result<Outcome, Error> {
        self.write_checkpoint()?;
        Ok(Outcome::Stopped)
    }

    fn order(&self, lengths: &[usize], pass: usize) -> Vec<Vec<usize>> {
        let config = self.config();
        training_order(lengths, config.batch_size, config.seed, pass)
    }

    fn steps_per_epoch(&self) -> usize {
        self.text.train.len().div_ceil(self.config().batch_size)
    }

    /// Steps at the beginning that train the head alone.
    pub(super) fn head_steps(&self) -> usize {
        match self.file.new_head {
            true => HEAD_STEPS.min(self.main_steps()),
            false => 0,
        }
    }

    /// Steps in all, unless it ends early.
    pub(super) fn total_steps(&self) -> usize {
        self.head_steps() + self.main_steps()
    }

    /// Those that train the whole model.
    fn main_steps(&self) -> usize {
        let config = self.config();
        let epochs = config.epochs.map(|epochs| epochs * self.steps_per_epoch());
        let limits = epochs.into_iter().chain(config.steps);
        limits.min().unwrap_or(0)
    }

    /// Where the step after `step` of them belongs.
    fn place(&self, step: usize) -> Place {
        let (head, of_epoch) = (self.head_steps(), self.steps_per_epoch());
        match step.checked_sub(head) {
            None => Place {
                pass: step / of_epoch,
                batch: step % of_epoch,
            },
            Some(step) => Place {
                pass: head.div_ceil(of_epoch) + step / of_epoch,
                batch: step % of_epoch,
            },
        }
    }

    /// Epochs done after this many steps, with fraction; 0 while the head learns alone.
    pub(super) fn epoch_of(&self, step: usize) -> f64 {
        step.saturating_sub(self.head_steps()) as f64 / self.steps_per_epoch() as f64
    }

    /// Before the whole model learns, after each epoch, and at the end.
    fn is_evaluation_due(&self) -> bool {
        let step = self.state.step;
        let last = self.state.evaluations.last();
        if last.is_some_and(|last| last.step == step) {
            return false;
        }
        let Some(main) = step.checked_sub(self.head_steps()) else {
            return false;
        };
        main.is_multiple_of(self.steps_per_epoch()) || step >= self.total_steps()
    }

    /// The learning rate of the step after `step` of them.
    fn learning_rate(&self, step: usize) -> f64 {
        let config = self.config();
        let peak = config.learning_rate.unwrap_or_default();
        let (peak, total, step) = match step.checked_sub(self.head_steps()) {
            None => (HEAD_RATE * peak, self.head_steps(), step),
            Some(step) => (peak, self.main_steps(), step),
        };
        let course = Course {
            schedule: Schedule::Linear,
            peak,
            warmup: (config.warmup_ratio * total as f64).ceil() as usize,
            fall: 0,
            total,
        };
        course.rate(step)
    }

    /// Takes a step with the windows of these indices.
    fn take_step(&mut self, pass: usize, batch: &[usize]) -> Result<(), Error> {
        let began = Instant::now();
        let step = self.state.step;
        let rate = self.learning_rate(step);
        let memory = self.memory_model();
        let is_scaled = self.config().precision == Precision::F16;
        let scale = match is_scaled {
            true => self.state.loss_scale.factor,
            false => 1.0,
        };
        let seed = dropout_seed(self.config().seed, step);
        let masked: Vec<Example> = batch
            .iter()
            .map(|index| self.masking.masked(&self.text.train[*index], pass, *index))
            .collect();
        let batches = [masked.iter().collect::<Vec<&Example>>()];
        let model = self.model.take().expect("the model is there between steps");
        let is_frozen = step < self.head_steps();
        let model = match model.is_encoder_frozen() == is_frozen {
            true => model,
            false => model.with_frozen_encoder(is_frozen),
        };
        let mut micro_batching = MicroBatching {
            limit: self.state.micro_batch_size,
        };
        let work = |parts: &[Vec<&Example>]| {
            self.control.fail_if_asked();
            ops::seed_dropout(seed);
            let at_once = positions_at_once(model.pieces());
            let (gradients, mut output) = gradients(&model, parts, scale, at_once, &self.device);
            output.loss = output.loss.ready();
            if !memory.is_cpu() {
                // Reading is what shows that all gradients are there.
                let _ = gradients.norm();
            }
            (gradients, output)
        };
        let (gradients, output) = micro_batching.run(&batches, work, |before, after| {
            self.log.send(halved(before, after).into());
        })?;
        self.state.micro_batch_size = micro_batching.limit;
        let (model, mut norm) = self.optimizer.step_scaled(model, gradients, rate, scale);
        synchronize(&model, None, memory);
        self.model = Some(model);
        self.state.step += 1;
        let loss = output.loss.wait();
        let mut diverged = !loss.is_finite() || !norm.is_finite();
        if is_scaled && loss.is_finite() {
            let scaler = self.state.loss_scale.update(norm.is_finite());
            self.state.loss_scale = scaler;
            // In f16 a step is skipped now and then, until the scale is right.
            diverged = scaler.is_exhausted();
            if !norm.is_finite() {
                norm = 0.0;
            }
        }
        let step = self.state.step;
        if diverged {
            return Err(Error::Diverged { step, loss });
        }
        self.throughput.add(began, output.pieces);
        let left = self.total_steps().saturating_sub(step);
        let epochs_left = left.div_ceil(self.steps_per_epoch());
        let event = Event::Step {
            step,
            steps: Some(self.total_steps()),
            epoch: self.epoch_of(step),
            loss,
            lr: rate,
            gradient_norm: norm,
            tokens_per_second: self.throughput.tokens_per_second(),
            memory_bytes: memory_bytes(),
            eta_seconds: self.throughput.seconds_left(left, epochs_left),
        };
        self.log.send(event.into());
        Ok(())
    }

    fn write_checkpoint(&mut self) -> Result<(), Error> {
        self.state.seconds = self.seconds();
        self.state.optimizer_steps = self.optimizer.steps();
        let step = self.state.step;
        // One at the same step may be older than an evaluation.
        let evaluations = self.state.evaluations.len();
        let name = format!("step-{step:08}-{evaluations:04}");
        let (model, config) = (self.model(), &self.model_config);
        let state: &PretrainState = &self.state;
        let path = write_whole(&self.folder, &name, state, &self.optimizer, &|part| {
            masked_lm::save(model, config, part)
        })?;
        self.log.send(Event::Checkpoint { path, step }.into());
        Ok(())
    }
}
