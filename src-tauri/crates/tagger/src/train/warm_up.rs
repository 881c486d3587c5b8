//! Before the first step on a GPU: its kernels are compiled, and the largest batch goes through once.
//!
//! Kernels do not depend on the sizes of a batch, so the smallest one makes the GPU's compiler do all that
//! the run will ask of it: forward, backward, the optimiser's and inference's. That is told as what it is,
//! and spoils neither the pace nor the time left. A batch that does not fit into memory is found here too,
//! before anything has been learned. Nothing of it is kept: dropout and all else that is random is seeded
//! anew in each step.

use super::Run;
use crate::batch::{collate, training_order};
use crate::config::TrainConfig;
use crate::error::Error;
use crate::event::Event;
use crate::forecast::{Form, Load};
use crate::optimizer;
use crate::passes::Passes;
use crate::prepare::Example;
use crate::step::{dropout_seed, gradients};
use std::ops::Range;
use std::time::Duration;
use tagsmith_encoder::burn::module::Module;
use tagsmith_encoder::device::{compiled_kernels, keep_kernels, rehearse};
use tagsmith_encoder::{Precision, ops};

/// How often it is told how many kernels are compiled.
const TICK: Duration = Duration::from_millis(100);

/// About as many kernels as a run has. How many they are is known when they are compiled.
const EXPECTED: usize = 30;

impl Run<'_, '_> {
    /// Lets a GPU prepare itself for this run. The CPU needs nothing of the sort.
    ///
    /// # Errors
    /// Not even one window at a time fits into memory.
    pub(super) fn warm_up(&mut self) -> Result<(), Error> {
        let form = self.form();
        if form == Form::Fused {
            return Ok(());
        }
        self.compile();
        let epochs = self.position.epoch..self.epochs();
        let mut passes = Passes {
            limit: self.position.windows_at_once,
        };
        loop {
            let before = passes;
            let parts = largest(&self.examples, &self.config, epochs.clone(), passes, form);
            let model = self
                .model
                .as_ref()
                .expect("the model is there between steps");
            for part in parts {
                let batches = [part];
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
                let load = Load::largest(&passes.cut(&batches), form);
                self.fitted = self.fitted.with(load);
            }
            // Where parts became smaller, the largest are others.
            if passes == before {
                break;
            }
        }
        self.position.windows_at_once = passes.limit;
        keep_kernels();
        Ok(())
    }

    /// Compiles all kernels of the run, and tells how far that is. What cannot be compiled fails in the
    /// first pass, with a reason.
    fn compile(&mut self) {
        let scored = self.examples.iter().filter(|at| !at.targets.is_empty());
        let Some(smallest) = scored.min_by_key(|example| example.window.ids.len()) else {
            return;
        };
        let before = compiled_kernels();
        let (model, device) = (self.model().clone(), self.device.clone());
        let seed = dropout_seed(self.config.seed, 0);
        let rehearsal = move || {
            let (_, kernels) = rehearse(|| {
                ops::seed_dropout(seed);
                let _ = gradients(&model, &[vec![smallest]], 1.0, &device);
                let inner = device.clone().inner();
                optimizer::rehearse(&inner);
                // As dev is scored, and as the best model is at the end.
                let model = model.valid();
                let whole = model.clone().with_precision(Precision::F32);
                for model in [model, whole] {
                    let _ = collate(&[&smallest.window], &inner).logits(&model);
                }
            });
            let _ = device.sync();
            kernels
        };
        let log = &mut *self.log;
        let mut told = None;
        let mut tell = |done, total| {
            if told != Some((done, total)) {
                log.send(Event::Preparing { done, total });
                told = Some((done, total));
            }
        };
        tell(0, EXPECTED);
        std::thread::scope(|scope| {
            let rehearsing = scope.spawn(rehearsal);
            while !rehearsing.is_finished() {
                // Those that an earlier process compiled are there at once, and not counted.
                let done = compiled_kernels() - before;
                tell(done, EXPECTED.max(done + 1));
                std::thread::sleep(TICK);
            }
            // Whatever went wrong, the first pass fails of it, with a reason.
            let total = rehearsing.join().unwrap_or(EXPECTED);
            tell(total, total);
        });
    }
}

/// Of all that goes through at once in some epochs, what has the most word pieces and what has the most
/// pairs of them.
fn largest<'a>(
    examples: &'a [Example],
    config: &TrainConfig,
    epochs: Range<usize>,
    passes: Passes,
    form: Form,
) -> Vec<Vec<&'a Example>> {
    let windows = examples.iter().map(|example| &example.window);
    let lengths: Vec<usize> = windows.map(|window| window.ids.len()).collect();
    let mut largest: [Option<(u64, Vec<&Example>)>; 2] = [None, None];
    for epoch in epochs {
        let order = training_order(&lengths, config.batch_size, config.seed, epoch);
        let batch = |places: &Vec<usize>| places.iter().map(|place| &examples[*place]).collect();
        let batches: Vec<Vec<&Example>> = order.iter().map(batch).collect();
        for part in passes.cut(&batches) {
            let load = Load::largest(std::slice::from_ref(&part), form);
            for (largest, size) in largest.iter_mut().zip([load.pieces, load.pairs]) {
                if largest.as_ref().is_none_or(|(most, _)| size > *most) {
                    *largest = Some((size, part.clone()));
                }
            }
        }
    }
    let [pieces, pairs] = largest.map(|largest| largest.map(|(_, part)| part));
    let is_one = match (&pieces, &pairs) {
        (Some(pieces), Some(pairs)) => {
            let places = |part: &[&Example]| part.iter().map(|at| &raw const **at).collect();
            let [one, other]: [Vec<*const Example>; 2] = [places(pieces), places(pairs)];
            one == other
        }
        _ => true,
    };
    match is_one {
        true => pieces.into_iter().collect(),
        false => pieces.into_iter().chain(pairs).collect(),
    }
}
