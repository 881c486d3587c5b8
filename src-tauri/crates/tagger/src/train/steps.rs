//! The training loop: epochs, one step, and what is told of it.

use super::recovery::confirm;
use super::{Outcome, Run};
use crate::batch::training_order;
use crate::checkpoint;
use crate::error::Error;
use crate::forecast::Load;
use crate::late::Late;
use crate::pace::memory_bytes;
use crate::passes::Passes;
use crate::prepare::Example;
use crate::schedule::learning_rate;
use crate::step::{dropout_seed, gradients};
use std::time::Instant;
use tagsmith_encoder::{Precision, ops};
use tagsmith_protocol::Event;

/// A step that was taken and is yet to be told.
pub(super) struct Taken {
    began: Instant,
    /// Counted from 1.
    step: usize,
    /// Epochs done after it, with fraction.
    epoch: f64,
    /// The learning rate.
    rate: f64,
    /// Word pieces.
    pieces: usize,
    loss: Late,
    /// Global gradient norm before clipping.
    norm: Late,
}

impl Run<'_, '_> {
    /// Trains until all epochs are done, patience is over, or it is asked to stop.
    pub(super) fn epochs_to_the_end(&mut self) -> Result<Outcome, Error> {
        self.going_back(Self::epochs_from_here)
    }

    fn epochs_from_here(&mut self) -> Result<Outcome, Error> {
        let lengths = self.lengths();
        let mut last_checkpoint = Instant::now();
        while self.position.epoch < self.epochs() && !self.is_patience_over() {
            let order = training_order(
                &lengths,
                self.config.batch_size,
                self.config.seed,
                self.position.epoch,
            );
            let steps: Vec<&[Vec<usize>]> =
                order.chunks(self.config.gradient_accumulation).collect();
            while self.position.step_in_epoch < steps.len() {
                if self.control.stops() || self.folder.stop().exists() {
                    self.tell_untold()?;
                    self.write_checkpoint()?;
                    return Ok(Outcome::Stopped);
                }
                self.one_step(steps[self.position.step_in_epoch])?;
                let minutes = last_checkpoint.elapsed().as_secs_f64() / 60.0;
                if minutes >= self.config.checkpoint_minutes {
                    self.tell_untold()?;
                    self.write_checkpoint()?;
                    last_checkpoint = Instant::now();
                }
            }
            self.tell_untold()?;
            // Before the weights are judged: a score of unsound ones would be believed.
            confirm(self.model(), self.memory_model());
            self.position.epoch += 1;
            self.position.step_in_epoch = 0;
            let evaluation = Instant::now();
            self.evaluate_dev(self.position.epoch as f64)?;
            self.pace.evaluation = evaluation.elapsed().as_secs_f64();
            self.write_checkpoint()?;
            last_checkpoint = Instant::now();
        }
        if self.position.epoch < self.epochs() {
            self.log.send(Event::warning(
                "early-stopping",
                format!(
                    "dev F1 has not risen for {} epochs: training ends after epoch {}",
                    self.position.epochs_without_better, self.position.epoch
                ),
            ));
        }
        Ok(Outcome::Finished)
    }

    fn is_patience_over(&self) -> bool {
        let patience = self.config.early_stopping_patience;
        patience > 0 && self.position.epochs_without_better >= patience
    }

    /// `batches` are places in the examples.
    fn one_step(&mut self, batches: &[Vec<usize>]) -> Result<(), Error> {
        let began = Instant::now();
        let rate = self.learning_rate();
        let memory = self.memory_model();
        let is_scaled = self.config.precision == Precision::F16;
        let mut passes = Passes {
            limit: self.position.windows_at_once,
        };
        let load = Load::largest(&passes.cut(&examples_at(&self.examples, batches)), memory);
        // What a GPU has not told yet is not waited for, once such a load has gone through.
        let late = !memory.is_cpu() && !is_scaled && self.fitted >= load;
        if !late {
            self.tell_untold()?;
        }
        let batches = examples_at(&self.examples, batches);
        let scale = match is_scaled {
            true => self.position.loss_scale.factor,
            false => 1.0,
        };
        let seed = dropout_seed(self.config.seed, self.position.step);
        let model = self.model.take().expect("the model is there between steps");
        let work = |parts: &[Vec<&Example>]| {
            self.control.fail_if_asked();
            ops::seed_dropout(seed);
            let (gradients, mut passed) = gradients(&model, parts, self.objective, scale, &self.device);
            if !late {
                passed.loss = passed.loss.arrived();
                if !memory.is_cpu() {
                    // What is only told when it is read: that all gradients are there.
                    let _ = gradients.norm();
                }
            }
            (gradients, passed)
        };
        // Smaller parts help only where it is this step that lacks memory, and the weights are sound.
        let (gradients, passed) = match self.unconfirmed {
            true => work(&passes.cut(&batches)),
            false => passes.run(&batches, work, |warning| self.log.send(warning))?,
        };
        self.position.windows_at_once = passes.limit;
        self.fitted = self
            .fitted
            .max(Load::largest(&passes.cut(&batches), memory));
        let (model, norm) = match late {
            true => self.optimizer.step_unread(model, gradients, rate),
            false => {
                let (model, norm) = self.optimizer.step_scaled(model, gradients, rate, scale);
                (model, Late::Known(norm))
            }
        };
        self.unconfirmed = late;
        if !late {
            confirm(&model, memory);
        }
        self.model = Some(model);
        self.position.step += 1;
        self.position.step_in_epoch += 1;
        let taken = Taken {
            began,
            step: self.position.step,
            epoch: self.position.epoch as f64 + self.epoch_of(self.position.step_in_epoch),
            rate,
            pieces: passed.pieces,
            loss: passed.loss,
            norm,
        };
        // The step before is read while the device is at this one.
        self.tell_untold()?;
        match late {
            true => self.untold = Some(taken),
            false => self.tell(taken)?,
        }
        Ok(())
    }

    /// That of the step to come.
    fn learning_rate(&self) -> f64 {
        let total = self.total_steps();
        let warmup = (self.config.warmup_ratio * total as f64).ceil() as usize;
        learning_rate(
            self.config.schedule,
            self.config.learning_rate.unwrap_or_default(),
            self.position.step,
            warmup,
            total,
        )
    }

    /// Tells the step that was not waited for, if there is one.
    fn tell_untold(&mut self) -> Result<(), Error> {
        match self.untold.take() {
            Some(taken) => self.tell(taken),
            None => Ok(()),
        }
    }

    fn tell(&mut self, taken: Taken) -> Result<(), Error> {
        self.control.fail_late_if_asked(taken.step);
        let loss = taken.loss.read();
        let mut gradient_norm = taken.norm.read();
        let mut diverged = !loss.is_finite() || !gradient_norm.is_finite();
        if self.config.precision == Precision::F16 && loss.is_finite() {
            let scale = self.position.loss_scale.after(gradient_norm.is_finite());
            self.position.loss_scale = scale;
            // In f16 a step is left out now and then, until the scale is right.
            diverged = scale.is_exhausted();
            if !gradient_norm.is_finite() {
                gradient_norm = 0.0;
            }
        }
        if diverged {
            return Err(Error::Diverged {
                step: taken.step,
                loss,
            });
        }
        self.pace.add(taken.began, taken.pieces);
        let steps_left = self.total_steps() - taken.step;
        let epochs_left = self.epochs() - self.position.epoch;
        self.log.send(Event::Step {
            step: taken.step,
            epoch: taken.epoch,
            loss,
            lr: taken.rate,
            gradient_norm,
            tokens_per_second: self.pace.tokens_per_second(),
            memory_bytes: memory_bytes(),
            eta_seconds: self.pace.seconds_left(steps_left, epochs_left),
        });
        Ok(())
    }

    fn write_checkpoint(&mut self) -> Result<(), Error> {
        self.position.seconds = self.seconds();
        self.position.optimizer_steps = Some(self.optimizer.steps());
        let path = checkpoint::write(
            &self.folder,
            &self.position,
            self.model(),
            &self.model_config,
            &self.optimizer,
        )?;
        // All weights and moments were read for it.
        self.unconfirmed = false;
        self.log.send(Event::Checkpoint {
            path,
            step: self.position.step,
        });
        Ok(())
    }
}

/// The examples at some places, batch by batch.
fn examples_at<'a>(examples: &'a [Example], batches: &[Vec<usize>]) -> Vec<Vec<&'a Example>> {
    let batch = |places: &Vec<usize>| places.iter().map(|place| &examples[*place]).collect();
    batches.iter().map(batch).collect()
}
