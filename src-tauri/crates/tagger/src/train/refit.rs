//! The second half of a run without a dev set: once a held-out part has shown how long to train, the model is
//! trained anew, for as long, on all documents.
//!
//! Steps and epochs count on, so that their numbers stay in order; the learning rate has its course once
//! more. The scores on the held-out part are those of the first half: a refitted model has learned it.

use super::Run;
use super::start::{first_transitions, optimizer, prepared};
use crate::checkpoint::{Best, Refit, TrainState};
use crate::class_weights::tag_weights;
use crate::error::Error;
use crate::objective::Objective;
use crate::predict::Tagger;
use crate::prepare::examples;
use crate::pretrained::Beginning;
use crate::sampling::Sampling;
use tagsmith_protocol::{Event, Schedule};

impl Run<'_, '_> {
    /// Whether there is a second half.
    pub(super) fn is_refitted(&self) -> bool {
        self.config.refit == Some(true) && self.config.dev.is_none()
    }

    /// Steps of an epoch of the second half, as far as is known before it; 0 where there is none.
    pub(super) fn refit_steps_per_epoch(&self) -> usize {
        if !self.is_refitted() {
            return 0;
        }
        let all = self.splits.train.len() + self.splits.dev.len();
        let windows = self.sampling.windows() * all / self.splits.train.len();
        self.config.steps_per_epoch(windows)
    }

    /// Begins the second half, as long as the first turned out to be.
    pub(super) fn begin_refit(&mut self) -> Result<(), Error> {
        let dev = match self.best_dev.take() {
            Some(dev) => dev,
            None => {
                let device = self.device.clone().inner();
                let best = Tagger::load(&self.folder.model(), None, &device)?;
                self.score_dev(&best, &self.splits.dev)?
            }
        };
        let planned = self.length().epochs(&self.state.hold);
        // Where the rate does not fall to 0, or did not get there, the best model is where to end.
        let is_cut = self.state.epoch < planned || self.config.schedule() == Schedule::Constant;
        let best = self.state.best.map_or(0, |best| best.step);
        let epochs = match is_cut {
            true => best.div_ceil(self.steps_per_epoch()).max(1),
            false => planned,
        };
        self.splits.take_back_dev(&self.config)?;
        self.log.send(Event::warning(
            "refit",
            format!(
                "how long to train is known: training begins anew on all {} documents, for {epochs} epochs; the scores on dev are those of the model that did not know the {} held out",
                self.splits.of_file().len(),
                self.splits.dev.len(),
            ),
        ));
        let overlap = self.config.overlap.unwrap_or(self.config.max_length / 4);
        let made = examples(
            &self.splits.train,
            &self.tokenizer,
            &self.tags,
            self.config.max_length,
            overlap,
            self.config.context,
        )?;
        self.examples = made.examples;
        self.sampling = Sampling::new(&self.config, &self.examples, &self.tags);
        let (weights, _) = tag_weights(&self.config, &self.tags, &self.examples);
        self.objective = Objective::new(&self.config, weights);
        self.objective.transitions = first_transitions(&self.config, &self.tags)?;
        self.forget();
        let model = Beginning::load(&self.config, &self.tags, &self.device)?.model;
        self.optimizer = optimizer(&self.config, &model, &self.pretrained);
        self.model = Some(prepared(model, &self.config, &self.device_info));
        self.state = TrainState {
            refit: Some(Refit {
                after_step: self.state.step,
                after_epoch: self.state.epoch,
                epochs,
                dev,
            }),
            step_in_epoch: 0,
            epochs_without_better: 0,
            loss_scale: Default::default(),
            ..self.state.clone()
        };
        // A rollback must not lead into the first half.
        self.write_checkpoint()
    }

    /// Keeps the model of the second half, where the run had one.
    pub(super) fn end_refit(&mut self) -> Result<(), Error> {
        let Some(refit) = &self.state.refit else {
            return Ok(());
        };
        self.save(&self.tagger(), &refit.dev)?;
        self.state.best = Some(Best::new(&refit.dev, self.state.step));
        Ok(())
    }
}
