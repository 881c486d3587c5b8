//! How much memory a run will take, smaller micro-batches where that is more than is free, and the way back where
//! it runs out all the same.

use super::start::{learner, prepared};
use super::step::positions_at_once;
use super::{PretrainState, Run};
use crate::error::Error;
use crate::forecast::{BatchLoad, Forecast, MemoryModel, Weights, fitting};
use crate::optimizer::{AdamW, AdamWConfig};
use crate::process_memory::memory_bytes;
use crate::tokenizer::SPECIAL;
use tagsmith_encoder::burn::module::Module;
use tagsmith_protocol::Event;

impl Run<'_, '_> {
    /// Masked word pieces that the held-out part is judged by.
    pub(super) fn masked(&self) -> usize {
        let counts = self.held_out.iter().map(|example| example.targets.len());
        counts.sum()
    }

    /// How the device computes the layers.
    pub(super) fn memory_model(&self) -> MemoryModel {
        MemoryModel::of(&self.device_info, self.config().precision)
    }

    /// The memory that the run is expected to take, in bytes. Where that is more than is free, batches go
    /// through in smaller micro-batches.
    pub(super) fn fit_into_memory(&mut self) -> u64 {
        let lengths = self.lengths();
        let parameters = self.model().num_params();
        let memory = self.memory_model();
        let held = match memory {
            MemoryModel::Cpu { .. } => memory_bytes(),
            MemoryModel::Gpu { .. } => 4 * parameters as u64,
        };
        let pieces = self.model().pieces();
        let (share, at_once) = (self.config().mask_share, positions_at_once(pieces));
        let forecast = |windows| {
            let load = BatchLoad::heaviest(&lengths, windows, memory);
            let masked = (share * load.pieces as f64).ceil() as usize;
            let weights = Weights {
                count: parameters,
                pieces_read: pieces,
                adapter: None,
                copies: 0,
                logits: masked.clamp(1, at_once) * pieces,
                half_moments: false,
            };
            Forecast::new(held, &self.model_config, weights, load, memory)
        };
        let batch = self
            .state
            .micro_batch_size
            .unwrap_or(self.config().batch_size);
        let free = self.control.free_bytes_on(&self.device_info, held);
        // A tenth is left for what no forecast counts.
        let windows = free.map_or(batch, |free| fitting(batch, free / 10 * 9, forecast));
        let total = forecast(windows).total();
        if windows < batch {
            self.text.warnings.push(Event::warning(
                "memory",
                format!("micro-batches of {batch} windows do not fit into memory: micro-batches of {windows} are used, and the batch size of a step stays as asked for"),
            ));
            self.state.micro_batch_size = Some(windows);
        }
        total
    }

    /// Reads the last checkpoint, or the model that the run began with, where memory ran out, and halves the
    /// micro-batches.
    pub(super) fn rollback(&mut self) -> Result<(), Error> {
        let batch = self.config().batch_size;
        let windows = self.state.micro_batch_size.unwrap_or(batch).min(batch);
        if windows <= 1 {
            return Err(Error::OutOfMemory {
                pieces: self.lengths().into_iter().max().unwrap_or(0),
            });
        }
        let failed = self.state.step;
        // Gone before what takes its place is read.
        self.model = None;
        self.optimizer = AdamW::new(AdamWConfig::default());
        let learner = learner(&self.folder, self.config(), &self.device)?;
        self.model = Some(prepared(learner.model, self.config(), &self.device_info));
        self.optimizer = learner.optimizer;
        self.state = PretrainState {
            micro_batch_size: Some(windows.div_ceil(2)),
            peak_memory_bytes: self.state.peak_memory_bytes,
            ..learner.state
        };
        let message = format!(
            "memory ran out by step {failed} with micro-batches of {windows} windows: the run continues from step {} with {}, and the batch size of a step stays the same",
            self.state.step,
            windows.div_ceil(2)
        );
        self.log.send(Event::warning("memory", message).into());
        Ok(())
    }

    /// Word pieces of each window.
    pub(super) fn lengths(&self) -> Vec<usize> {
        let train = self.text.train.iter();
        train.map(|passage| passage.ids.len()).collect()
    }

    /// Word pieces to learn from.
    pub(super) fn pieces(&self) -> usize {
        self.lengths().iter().map(|length| length - SPECIAL).sum()
    }
}
