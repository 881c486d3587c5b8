//! How much memory a run will take, and smaller micro-batches where that is more than is free.

use super::Run;
use crate::forecast::{BatchLoad, Forecast, MemoryModel, Weights, fitting};
use crate::process_memory::memory_bytes;
use tagsmith_encoder::burn::module::Module;
use tagsmith_protocol::Event;

impl Run<'_, '_> {
    /// The memory that the run is expected to take, in bytes. Where that is more than is free, batches go
    /// through in smaller micro-batches.
    pub(super) fn fit_into_memory(&mut self) -> u64 {
        let passes = self.objective.passes();
        let lengths = self.sampling.at_most(&self.lengths());
        let lengths: Vec<usize> = lengths.iter().map(|length| passes * length).collect();
        let parameters = self.model().num_params();
        let memory = self.memory_model();
        let held = match memory {
            MemoryModel::Cpu { .. } => memory_bytes(),
            MemoryModel::Gpu { .. } => 4 * parameters as u64,
        };
        let adapter = (self.config.lora_rank > 0).then(|| self.trained_weights());
        let weights = Weights {
            adapter,
            ..Weights::new(parameters, &self.examples, &self.config)
        };
        let forecast = |windows| {
            let load = BatchLoad::heaviest(&lengths, windows, memory);
            Forecast::new(held, &self.model_config, weights, load, memory)
        };
        let batch = self
            .state
            .micro_batch_size
            .unwrap_or(self.config.batch_size());
        let free = self.control.free_bytes_on(&self.device_info, held);
        // A tenth is left for what no forecast counts.
        let windows = free.map_or(batch, |free| fitting(batch, free / 10 * 9, forecast));
        if let (true, Some(free)) = (windows < batch, free) {
            let megabytes = |bytes: u64| bytes.div_ceil(1 << 20);
            self.splits.warnings.push(Event::warning(
                "memory",
                format!(
                    "micro-batches of {batch} windows would take {} MiB more, and {} MiB are free: micro-batches of {windows} are used, and the batch size of a step stays as asked for",
                    megabytes(forecast(batch).still_needed()),
                    megabytes(free)
                ),
            ));
            self.state.micro_batch_size = Some(windows);
        }
        forecast(windows).total()
    }

    /// How the device computes the layers.
    pub(super) fn memory_model(&self) -> MemoryModel {
        MemoryModel::of(&self.device_info, self.config.precision)
    }
}
