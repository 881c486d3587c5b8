//! Going on from the last good state where memory ran out and nobody noticed at once.
//!
//! A step on a GPU is not waited for, once one as large has gone through. Should memory run out all the
//! same (another program has taken it), that is told when a number is read, after the weights were
//! updated with what the failed pass left. Then the run goes back to its last checkpoint, or to its
//! beginning, and does the steps since then again with half as much at once. The order of the data,
//! the learning rate and the keys of dropout follow from the position alone; what is dropped also follows
//! from how a batch is cut, so another cut gives another course of the same kind.

use super::Run;
use super::start::optimizer;
use crate::checkpoint::{self, Position};
use crate::error::Error;
use crate::forecast::{Load, MemoryModel};
use crate::passes::is_out_of_memory;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use tagsmith_encoder::burn::module::{Module, ModuleVisitor, Param};
use tagsmith_encoder::burn::tensor::Tensor;
use tagsmith_encoder::{TokenClassifier, model};
use tagsmith_protocol::Event;

/// Waits until a GPU has updated the weights, and sees that all are there. That memory has run out
/// meanwhile is a panic, as it is wherever else it is noticed.
///
/// A GPU's failures stand on the memory that was to be written, and on all that is computed from it: only
/// reading tells. The sum of the squares of all weights does.
pub(super) fn confirm(model: &TokenClassifier, memory: MemoryModel) {
    if memory.is_cpu() {
        return;
    }
    let mut weights = Flat(Vec::new());
    model.visit(&mut weights);
    let weights: Vec<&Tensor<1>> = weights.0.iter().collect();
    if let Some(squares) = model.kernels().squares_of(&weights) {
        // burn reads when the numbers are looked at, not before.
        squares.into_data().iter::<f32>().for_each(drop);
    }
}

/// All weights, flat.
struct Flat(Vec<Tensor<1>>);

impl ModuleVisitor for Flat {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let weight = param.val().inner();
        let size = weight.dims().iter().product::<usize>();
        if size > 0 {
            self.0.push(weight.reshape([size]));
        }
    }
}

impl Run<'_, '_> {
    /// Does `work`, which goes on from the run's position; again from the last good one with half as
    /// much at once, as often as memory runs out in it.
    ///
    /// # Errors
    /// As `work` has them; not even one window at a time fits. Other panics go on.
    pub(super) fn going_back<T>(
        &mut self,
        work: impl Fn(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        loop {
            // What a panic leaves half done is replaced by what is read from the disk.
            let payload = match catch_unwind(AssertUnwindSafe(|| work(self))) {
                Ok(done) => return done,
                Err(payload) => payload,
            };
            if !is_out_of_memory(payload.as_ref()) {
                resume_unwind(payload);
            }
            self.go_back()?;
        }
    }

    fn go_back(&mut self) -> Result<(), Error> {
        let batch = self.config.batch_size;
        let windows = self.position.windows_at_once.unwrap_or(batch).min(batch);
        if windows <= 1 {
            return Err(Error::OutOfMemory {
                pieces: self.lengths().into_iter().max().unwrap_or(0),
            });
        }
        let failed = self.position.step;
        // First, so that there is room for what comes.
        self.model = None;
        self.untold = None;
        self.optimizer = optimizer(&self.config);
        let (model, position) = self.last_good()?;
        let model = model.frozen(self.config.frozen_layers);
        self.model = Some(model.with_precision(self.config.precision, &self.device_info));
        self.position = Position {
            windows_at_once: Some(windows.div_ceil(2)),
            peak_memory_bytes: self.position.peak_memory_bytes,
            ..position
        };
        self.fitted = Load::default();
        self.unconfirmed = false;
        // The saved model may be one of the steps that are done again.
        self.best_dev = None;
        self.log.send(Event::warning(
            "memory",
            format!(
                "memory ran out by step {failed}, with {windows} windows at once: it goes on from step {} with {} at once, and steps stay as large as before",
                self.position.step,
                windows.div_ceil(2)
            ),
        ));
        Ok(())
    }

    /// The model and the position of the last checkpoint, or of the beginning; the optimiser is put back
    /// to the same.
    fn last_good(&mut self) -> Result<(TokenClassifier, Position), Error> {
        let config = &self.config;
        let Some(path) = checkpoint::newest(&self.folder) else {
            let labels = self.tags.names();
            let loaded = model::load_for_labels(
                &config.model,
                labels,
                config.dropout,
                config.seed,
                &self.device,
            );
            let (model, ..) = loaded.map_err(Error::Model)?;
            return Ok((model, Position::default()));
        };
        let restored = checkpoint::read(&self.folder, &path, config.dropout, &self.device)?;
        let device = self.device.clone().inner();
        self.optimizer.restore(
            restored.position.optimizer_steps(),
            restored.moments,
            &device,
        );
        Ok((restored.model, restored.position))
    }
}
