//! Before the first step on a GPU: every size of batch that the run has goes through once.
//!
//! A GPU's kernels are compiled, and the fastest of several found, when a size first comes. Done here,
//! that is reported as what it is and spoils neither the pace nor the time left. A batch that does not fit
//! into memory is found here too, before anything has been learned. Nothing of it is kept: dropout and
//! all else that is random is seeded anew in each step.

use super::Run;
use crate::batch::{Sizes, training_order};
use crate::config::TrainConfig;
use crate::error::Error;
use crate::event::{Event, Stage};
use crate::forecast::{Load, MemoryModel};
use crate::passes::Passes;
use crate::prepare::Example;
use crate::step::{dropout_seed, gradients};
use crate::window::Window;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::Instant;
use tagsmith_encoder::device::Progress;
use tagsmith_encoder::ops;

/// Batches by their sizes, the largest first.
type BySize<'a> = BTreeMap<Reverse<Sizes>, Vec<&'a Example>>;

impl Run<'_, '_> {
    /// Lets a GPU prepare itself for this run. The CPU needs nothing of the sort.
    ///
    /// # Errors
    /// Not even one window at a time fits into memory.
    pub(super) fn warm_up(&mut self) -> Result<(), Error> {
        let memory = self.memory_model();
        if memory == MemoryModel::Cpu {
            return Ok(());
        }
        let epochs = self.position.epoch..self.epochs();
        let mut passes = Passes {
            limit: self.position.windows_at_once,
        };
        let began = Instant::now();
        let mut done = BTreeSet::new();
        let mut waiting = by_size(&self.examples, &self.config, epochs.clone(), &passes);
        while let Some((sizes, batch)) = waiting.pop_first() {
            if self.control.stops() || self.folder.stop().exists() {
                break;
            }
            let total = done.len() + 1 + waiting.len();
            let progress = Progress::at(done.len(), total, began.elapsed());
            let device = &self.device_info.id;
            self.log
                .send(Event::preparing(device, Stage::WarmUp, &progress));
            let before = passes;
            let model = self
                .model
                .as_ref()
                .expect("the model is there between steps");
            let batches = [batch];
            passes.run(
                &batches,
                |parts| {
                    self.control.fail_if_asked();
                    ops::seed_dropout(dropout_seed(self.config.seed, 0));
                    let (gradients, _) = gradients(model, parts, 1.0, &self.device);
                    // Waits for the whole pass. That memory has run out is only told by reading.
                    let _ = gradients.norm();
                },
                |warning| self.log.send(warning),
            )?;
            self.fitted = self
                .fitted
                .max(Load::largest(&passes.cut(&batches), memory));
            done.insert(sizes);
            if passes != before {
                // Smaller parts have other sizes.
                waiting = by_size(&self.examples, &self.config, epochs.clone(), &passes);
                waiting.retain(|sizes, _| !done.contains(sizes));
            }
        }
        self.position.windows_at_once = passes.limit;
        let progress = Progress::complete(done.len());
        let device = &self.device_info.id;
        self.log
            .send(Event::preparing(device, Stage::WarmUp, &progress));
        Ok(())
    }
}

/// A batch of each size that comes in some epochs.
fn by_size<'a>(
    examples: &'a [Example],
    config: &TrainConfig,
    epochs: Range<usize>,
    passes: &Passes,
) -> BySize<'a> {
    let windows = examples.iter().map(|example| &example.window);
    let lengths: Vec<usize> = windows.map(|window| window.ids.len()).collect();
    let mut found = BySize::new();
    for epoch in epochs {
        let order = training_order(&lengths, config.batch_size, config.seed, epoch);
        let batch = |places: &Vec<usize>| places.iter().map(|place| &examples[*place]).collect();
        let batches: Vec<Vec<&Example>> = order.iter().map(batch).collect();
        for part in passes.cut(&batches) {
            let windows: Vec<&Window> = part.iter().map(|example| &example.window).collect();
            found.entry(Reverse(Sizes::of(&windows))).or_insert(part);
        }
    }
    found
}
