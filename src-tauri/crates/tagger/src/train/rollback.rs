//! Rollback to the last checkpoint where memory ran out and that was noticed late.
//!
//! A step on a GPU is not waited for, once one as large has gone through. Should memory run out all the
//! same (another program has taken it), that is reported when a number is read, after the weights were
//! updated with what the failed pass left. Then the run is rolled back to its last checkpoint, or to its
//! beginning, and does the steps since then again with half as many windows in a micro-batch. The order of
//! the data, the learning rate and the keys of dropout follow from the step alone; what is dropped also
//! follows from the micro-batches, so with others the run is another one of the same kind.

use super::Run;
use super::start::{first_transitions, optimizer, prepared};
use crate::average::Average;
use crate::checkpoint::{self, TrainState};
use crate::error::Error;
use crate::forecast::{BatchLoad, MemoryModel};
use crate::micro_batch::is_out_of_memory;
use crate::optimizer::{AdamW, AdamWConfig};
use crate::pretrained::Beginning;
use crate::transitions::Transitions;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use tagsmith_encoder::burn::module::{ModuleVisitor, Param};
use tagsmith_encoder::burn::tensor::Tensor;
use tagsmith_encoder::{TokenClassifier, Trainable};
use tagsmith_protocol::Event;

/// Waits until a GPU has updated the weights and their average, and sees that all are there. That memory has run out
/// meanwhile is a panic, as it is wherever else it is noticed.
///
/// A GPU's failures stand on the memory that was to be written, and on all that is computed from it: only
/// reading shows it. The sum of the squares of all weights does.
pub(crate) fn synchronize(model: &impl Trainable, average: Option<&Average>, memory: MemoryModel) {
    if memory.is_cpu() {
        return;
    }
    let mut weights = Flat(Vec::new());
    model.visit(&mut weights);
    let averaged = average.into_iter().flat_map(Average::tensors);
    let weights: Vec<&Tensor<1>> = weights.0.iter().chain(averaged).collect();
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

/// Does `work` of `run`, which continues from the run's state; where memory runs out in it, does `rollback` and
/// then `work` again.
///
/// # Errors
/// Those of both. Other panics go on.
pub(crate) fn with_rollback<R, T>(
    run: &mut R,
    work: impl Fn(&mut R) -> Result<T, Error>,
    rollback: impl Fn(&mut R) -> Result<(), Error>,
) -> Result<T, Error> {
    loop {
        // What a panic leaves half done is replaced by what is read from the disk.
        let payload = match catch_unwind(AssertUnwindSafe(|| work(run))) {
            Ok(done) => return done,
            Err(payload) => payload,
        };
        if !is_out_of_memory(payload.as_ref()) {
            resume_unwind(payload);
        }
        rollback(run)?;
    }
}

impl Run<'_, '_> {
    /// Does `work`, which continues from the run's state; where memory runs out in it, rolls back to the last
    /// checkpoint, halves the micro-batches and does it again.
    ///
    /// # Errors
    /// As `work` has them; not even one window at a time fits. Other panics go on.
    pub(super) fn with_rollback<T>(
        &mut self,
        work: impl Fn(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        with_rollback(self, work, Self::rollback)
    }

    fn rollback(&mut self) -> Result<(), Error> {
        let batch = self.config.batch_size();
        let windows = self.state.micro_batch_size.unwrap_or(batch).min(batch);
        if windows <= 1 {
            return Err(Error::OutOfMemory {
                pieces: self.lengths().into_iter().max().unwrap_or(0),
            });
        }
        let failed = self.state.step;
        self.forget();
        let (model, transitions, state) = self.last_checkpoint()?;
        self.objective.transitions = transitions;
        self.model = Some(prepared(model, &self.config, &self.device_info));
        self.state = TrainState {
            micro_batch_size: Some(windows.div_ceil(2)),
            peak_memory_bytes: self.state.peak_memory_bytes,
            ..state
        };
        self.largest_load = BatchLoad::default();
        self.unsynchronized = false;
        // The saved model may be one of the steps that are done again.
        self.best_dev = None;
        self.log.send(Event::warning(
            "memory",
            format!(
                "memory ran out by step {failed} with micro-batches of {windows} windows: training continues from step {} with {}, and the batch size of a step stays the same",
                self.state.step,
                windows.div_ceil(2)
            ),
        ));
        Ok(())
    }

    /// Lets go of all that training changes, so that there is room for what takes its place.
    pub(super) fn forget(&mut self) {
        self.model = None;
        self.pending = None;
        self.optimizer = AdamW::new(AdamWConfig::default());
        self.average = Average::of(&self.config);
    }

    /// The model, its transitions and the state of the last checkpoint, or of the beginning; the optimiser and
    /// the average are restored to the same.
    fn last_checkpoint(
        &mut self,
    ) -> Result<(TokenClassifier, Option<Transitions>, TrainState), Error> {
        let config = &self.config;
        let base = || Beginning::load(config, &self.tags, &self.device);
        let Some(path) = checkpoint::newest(&self.folder) else {
            let model = base()?.model;
            self.optimizer = optimizer(config, &model, &self.pretrained);
            let transitions = first_transitions(config, &self.tags)?;
            return Ok((model, transitions, TrainState::default()));
        };
        let restored = checkpoint::read(
            &self.folder,
            &path,
            &self.tags,
            config.dropout,
            &self.device,
            base,
        )?;
        let device = self.device.clone().inner();
        self.optimizer = optimizer(config, &restored.model, &self.pretrained);
        if let Some(average) = &mut self.average {
            average.restore(restored.average, &device);
        }
        self.optimizer
            .restore(restored.state.optimizer_steps(), restored.moments, &device);
        Ok((restored.model, restored.learned, restored.state))
    }
}
