//! How much memory a run will take, estimated before it begins.
//!
//! Training holds four numbers for each weight: itself, its gradient, and AdamW's two moments. Beside
//! them stand the activations, which the backward pass needs: for each word piece of a micro-batch, and
//! each layer, a number of values that follows from the layer's widths. Attention's weights (one for each
//! pair of pieces in a sequence, and head) are kept nowhere.
//!
//! Where weights are averaged, mixed with the pretrained ones or decay towards them, there are copies of them. With
//! R-Drop a micro-batch has each window twice.
//!
//! `activations = layers · width · (a · hidden + b · intermediate) · pieces`, and as much again as the distances
//! of disentangled attention need; width being 4 for f32 and 2 in
//! half precision; `bytes = held + moments + kept_copies + gradients + max(activations, copies)`. On a GPU each weight has
//! a narrowed copy during a step in half precision; on the CPU both factors of a gradient are packed whole.
//! On the CPU gradients and moments of the table of word pieces are those of the rows that are read, and a
//! checkpoint has its largest tensor twice, as numbers and as bytes: that fits where the activations were, but not
//! into the many small pieces that the gradients leave behind.
//! With an adapter (LoRA) only its weights and those of the head have gradients and moments; the merged model that is
//! written is a copy of the others. Frozen layers need less than this says.
//!
//! `a` and `b` ([`HIDDEN_ROWS`], [`INTERMEDIATE_ROWS`]) are counted from what the operations keep, and checked
//! against measured peaks on the CPU by a test.

use crate::example::Example;
use std::collections::HashSet;
use tagsmith_encoder::config::RelativePositions;
use tagsmith_encoder::device::{ComputeDevice, DeviceKind};
use tagsmith_encoder::sequence_offsets::rounded_rows;
use tagsmith_encoder::{Config, Precision};
use tagsmith_protocol::{MomentPrecision, TrainSettings};

/// Where the layers are computed, which decides what is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryModel {
    /// On the CPU.
    Cpu {
        /// Whether activations are half as wide.
        half: bool,
    },
    /// On a GPU, whose memory holds neither the program nor the data.
    Gpu {
        /// Whether activations are half as wide.
        half: bool,
    },
}

impl MemoryModel {
    /// That of a device that computes in `precision`.
    pub fn of(device: &ComputeDevice, precision: Precision) -> Self {
        match device.kind {
            // There f16 is computed by other operations, which keep more.
            DeviceKind::Cpu => Self::Cpu {
                half: precision == Precision::Bf16,
            },
            _ => Self::Gpu {
                half: precision.is_half(),
            },
        }
    }

    /// Bytes of a value that is kept.
    fn width(self) -> u64 {
        match self {
            Self::Cpu { half: true } | Self::Gpu { half: true } => 2,
            _ => 4,
        }
    }

    /// Whether it is the CPU's memory.
    pub fn is_cpu(self) -> bool {
        matches!(self, Self::Cpu { .. })
    }
}

/// Values kept for each word piece and layer, times the hidden width: query, key, value; attention's
/// output; twice a product, what is normalised and the normalised.
const HIDDEN_ROWS: u64 = 8;

/// The same times the intermediate width: the wide product, before its activation.
const INTERMEDIATE_ROWS: u64 = 1;

/// The same where it is gated: both wide products, and what they give together.
const GATED_ROWS: u64 = 3;

/// Values kept for each distance and layer of disentangled attention, times the hidden width: the
/// embeddings as they are dropped, as keys and as queries.
const DISTANCE_ROWS: u64 = 3;

/// The weights of a model, and how much of its table of word pieces the data reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weights {
    /// All weights.
    pub count: usize,
    /// Different word pieces in the training data.
    pub pieces_read: usize,
    /// How many weights are trained, where that is an adapter and a head.
    pub adapter: Option<usize>,
    /// Copies of all weights that settings ask for.
    pub copies: usize,
    /// Logits that are held at once where masked word pieces are predicted. The table of word pieces then
    /// has gradients and moments in all its rows. 0 for a tagger.
    pub logits: usize,
    /// Whether moments are kept in 16 bits, where that can be.
    pub half_moments: bool,
}

impl Weights {
    /// Those of a model of `count` weights, trained on `examples` with these settings.
    pub fn new(count: usize, examples: &[Example], settings: &TrainSettings) -> Self {
        let average = usize::from(settings.ema_decay > 0.0);
        // The pretrained weights, and what a pass mixes of both.
        let pretrained = usize::from(settings.pretrained_decay > 0.0 || settings.mixout > 0.0);
        let mixed = usize::from(settings.mixout > 0.0);
        let ids = examples.iter().flat_map(|example| &example.window.ids);
        Self {
            count,
            pieces_read: ids.collect::<HashSet<_>>().len(),
            adapter: None,
            copies: average + pretrained + mixed,
            logits: 0,
            half_moments: settings.moments == MomentPrecision::Bf16,
        }
    }
}

/// The size of a micro-batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct BatchLoad {
    /// Word pieces.
    pub pieces: u64,
}

impl BatchLoad {
    /// The largest that micro-batches of `windows` of these lengths can have.
    pub fn heaviest(lengths: &[usize], windows: usize, memory: MemoryModel) -> Self {
        let mut sorted = lengths.to_vec();
        sorted.sort_unstable_by(|a, b| b.cmp(a));
        sorted.truncate(windows);
        let pieces: usize = sorted.iter().sum();
        let pieces = match memory {
            MemoryModel::Cpu { .. } => pieces,
            // There sizes are rounded up.
            MemoryModel::Gpu { .. } => rounded_rows(pieces),
        };
        Self {
            pieces: pieces as u64,
        }
    }

    /// The largest of the micro-batches of a step, in which each window stands `passes` times.
    pub fn largest(parts: &[Vec<&Example>], passes: usize, memory: MemoryModel) -> Self {
        let of = |part: &Vec<&Example>| {
            let lengths = part.iter().map(|example| passes * example.pieces());
            let lengths: Vec<usize> = lengths.collect();
            Self::heaviest(&lengths, lengths.len(), memory)
        };
        parts.iter().map(of).max().unwrap_or_default()
    }
}

/// Memory in bytes, by what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// Held before the first step: the program, the data, the weights.
    pub held: u64,
    /// One number for each weight that gets a gradient, and its narrowed copy where there is one.
    pub gradients: u64,
    /// Two numbers for each weight that ever gets one.
    pub moments: u64,
    /// Copies of the weights that settings ask for.
    pub kept_copies: u64,
    /// What the backward pass needs of the forward pass.
    pub activations: u64,
    /// The largest tensor twice, as numbers and as the bytes of a file, while a checkpoint is written.
    /// Not on a GPU.
    pub copies: u64,
}

impl Forecast {
    /// The forecast for training `weights`.
    pub fn new(
        held: u64,
        config: &Config,
        weights: Weights,
        load: BatchLoad,
        memory: MemoryModel,
    ) -> Self {
        let hidden_size = config.hidden_size as u64;
        let intermediate_size = config.intermediate_size as u64;
        let wide_rows = match config.is_gated {
            true => GATED_ROWS,
            false => INTERMEDIATE_ROWS,
        };
        let per_piece = HIDDEN_ROWS * hidden_size + wide_rows * intermediate_size;
        let distances = match config.relative_positions {
            Some(positions @ RelativePositions::Disentangled { .. }) => positions.rows() as u64,
            _ => 0,
        };
        let of_layer = per_piece * load.pieces + DISTANCE_ROWS * distances * hidden_size;
        let layers = config.num_hidden_layers as u64;
        let mut activations = layers * of_layer * memory.width();
        if memory == (MemoryModel::Cpu { half: true }) {
            // The factors of the largest gradient, packed.
            activations += 2 * (hidden_size + intermediate_size) * load.pieces;
        }
        // Themselves and their gradients.
        let logits = 8 * weights.logits as u64;
        activations += logits;
        let all = weights.count as u64;
        let trained = weights.adapter.map_or(all, |adapter| adapter as u64);
        let kept_copies = match weights.adapter {
            Some(_) => 4 * trained * weights.copies as u64,
            None => 4 * all * weights.copies as u64,
        };
        if let MemoryModel::Gpu { half } = memory {
            return Self {
                held,
                gradients: 4 * trained + if half { 2 * all } else { 0 },
                moments: 8 * trained,
                kept_copies,
                activations,
                copies: 0,
            };
        }
        let width = config.embedding_size as u64;
        let table = config.vocab_size as u64 * width;
        let moment_bytes = if weights.half_moments { 4 } else { 8 };
        if weights.adapter.is_some() {
            return Self {
                held,
                gradients: 4 * trained,
                moments: moment_bytes * trained,
                kept_copies,
                activations,
                // The best model is merged and written whole.
                copies: 4 * all + 8 * table,
            };
        }
        let others = all.saturating_sub(table);
        if weights.logits > 0 {
            return Self {
                held,
                // The table's is computed as the decoder's, whose matrix is turned.
                gradients: 4 * (all + table),
                moments: 8 * all,
                kept_copies,
                activations,
                copies: 8 * table,
            };
        }
        let read = weights.pieces_read as u64;
        Self {
            held,
            gradients: 4 * (others + read.min(load.pieces) * width),
            // Room for rows is made a quarter ahead.
            moments: moment_bytes * others + 8 * (read * 5 / 4 * width),
            kept_copies,
            activations,
            copies: 8 * table,
        }
    }

    /// All of it.
    pub fn total(&self) -> u64 {
        self.held + self.still_needed()
    }

    /// What is not held yet.
    pub fn still_needed(&self) -> u64 {
        self.moments + self.kept_copies + self.gradients + self.activations.max(self.copies)
    }
}

/// The largest micro-batch size, `batch` or a half, a quarter … of it, whose forecast fits
/// into `free` bytes; 1 where nothing fits.
pub fn fitting(batch: usize, free: u64, forecast: impl Fn(usize) -> Forecast) -> usize {
    let mut windows = batch.max(1);
    while windows > 1 && forecast(windows).still_needed() > free {
        windows = windows.div_ceil(2);
    }
    windows
}

#[cfg(test)]
mod tests {
    use super::*;

    const CPU: MemoryModel = MemoryModel::Cpu { half: false };

    fn config(hidden: usize, layers: usize) -> Config {
        let raw = serde_json::json!({
            "model_type": "bert", "vocab_size": 50, "hidden_size": hidden,
            "num_hidden_layers": layers, "num_attention_heads": hidden / 64,
            "intermediate_size": 4 * hidden, "hidden_act": "gelu",
            "max_position_embeddings": 512, "type_vocab_size": 2
        });
        Config::from_json(raw.as_object().unwrap().clone()).unwrap()
    }

    #[test]
    fn the_heaviest_batch_is_that_of_the_longest_windows() {
        let load = BatchLoad::heaviest(&[3, 9, 2, 7], 2, CPU);
        assert_eq!(load.pieces, 16);
        assert_eq!(BatchLoad::heaviest(&[3], 16, CPU).pieces, 3);
        // On a GPU rows are rounded up.
        let load = BatchLoad::heaviest(&[3, 9, 2, 7], 2, MemoryModel::Gpu { half: false });
        assert_eq!(load.pieces, 64);
    }

    const BASE: Weights = Weights {
        count: 110_000_000,
        pieces_read: 8,
        adapter: None,
        copies: 0,
        logits: 0,
        half_moments: false,
    };

    /// By hand, for BERT-base with 64 windows of 128: 12 layers of 8 · 768 + 3072 numbers a piece.
    #[test]
    fn a_forecast_adds_up() {
        let load = BatchLoad::heaviest(&[128; 64], 64, CPU);
        let forecast = Forecast::new(1000, &config(768, 12), BASE, load, CPU);
        assert_eq!(forecast.activations, 12 * 9216 * 8192 * 4);
        // Weights three times over besides what is held, gradients and two moments; of the table of 50
        // rows only the 8 that are read, and 10 in the moments.
        let others = 110_000_000 - 50 * 768;
        let numbers = 3 * others + (8 + 2 * 10) * 768;
        assert_eq!(forecast.total(), 1000 + 4 * numbers + forecast.activations);
        // A small batch has less than a checkpoint: the table as numbers and as bytes.
        let small = Forecast::new(1000, &config(768, 12), BASE, BatchLoad { pieces: 0 }, CPU);
        let rows = 3 * others + 2 * 10 * 768;
        assert_eq!(small.total(), 1000 + 4 * rows + 8 * 50 * 768);
        let (whole, half) = (
            MemoryModel::Gpu { half: false },
            MemoryModel::Gpu { half: true },
        );
        let forecast = Forecast::new(1000, &config(768, 12), BASE, BatchLoad::default(), whole);
        assert_eq!(forecast.total(), 1000 + 12 * 110_000_000);
        // In half precision with a narrowed copy of each weight.
        let forecast = Forecast::new(1000, &config(768, 12), BASE, BatchLoad::default(), half);
        assert_eq!(forecast.total(), 1000 + 14 * 110_000_000);
        let of = |memory| Forecast::new(0, &config(768, 12), BASE, load, memory).activations;
        assert_eq!(of(half) * 2, of(whole));
        let packed = 2 * (768 + 3072) * load.pieces;
        assert_eq!((of(MemoryModel::Cpu { half: true }) - packed) * 2, of(CPU));
    }

    /// By hand, for an adapter and a head of 300,000 weights.
    #[test]
    fn an_adapter_has_gradients_and_moments_of_its_own_weights_alone() {
        let weights = Weights {
            adapter: Some(300_000),
            ..BASE
        };
        let load = BatchLoad::heaviest(&[128; 64], 64, CPU);
        let forecast = Forecast::new(1000, &config(768, 12), weights, load, CPU);
        let table = 8 * 50 * 768;
        let most = forecast.activations.max(440_000_000 + table);
        assert_eq!(forecast.total(), 1000 + 12 * 300_000 + most);
        let gpu = MemoryModel::Gpu { half: true };
        let forecast = Forecast::new(0, &config(768, 12), weights, BatchLoad::default(), gpu);
        assert_eq!(forecast.total(), 12 * 300_000 + 2 * 110_000_000);
    }

    #[test]
    fn moments_in_16_bits_take_half_where_they_can_be() {
        let moments = |weights: Weights, memory| {
            let half = Weights {
                half_moments: true,
                ..weights
            };
            let of =
                |weights| Forecast::new(0, &config(768, 12), weights, BatchLoad::default(), memory);
            (of(weights).moments, of(half).moments)
        };
        let (whole, half) = moments(BASE, CPU);
        // Those of word pieces stay: 8 of the table's rows, and a quarter more.
        assert_eq!(whole - half, 4 * (110_000_000 - 50 * 768));
        let adapter = Weights {
            adapter: Some(300_000),
            ..BASE
        };
        assert_eq!(moments(adapter, CPU), (2_400_000, 1_200_000));
        let (whole, half) = moments(BASE, MemoryModel::Gpu { half: true });
        assert_eq!(whole, half);
    }

    #[test]
    fn methods_that_keep_copies_of_the_weights_are_counted() {
        let needs = |change: fn(&mut TrainSettings)| {
            let mut settings = TrainSettings::default();
            change(&mut settings);
            let weights = Weights::new(110_000_000, &[], &settings);
            let load = BatchLoad::default();
            Forecast::new(0, &config(768, 12), weights, load, CPU).still_needed()
        };
        let plain = needs(|_| ());
        let copies = |change| (needs(change) - plain) / (4 * 110_000_000);
        assert_eq!(copies(|s| s.ema_decay = 0.999), 1);
        assert_eq!(copies(|s| s.pretrained_decay = 1.0), 1);
        assert_eq!(copies(|s| s.mixout = 0.5), 2);
        assert_eq!(copies(|s| (s.mixout, s.pretrained_decay) = (0.5, 1.0)), 2);
        assert_eq!(copies(|s| s.layer_decay = Some(0.9)), 0);
    }

    #[test]
    fn what_does_not_fit_is_halved_until_it_does() {
        let lengths = [100; 64];
        let forecast = |windows| {
            let load = BatchLoad::heaviest(&lengths, windows, CPU);
            Forecast::new(0, &config(384, 6), BASE, load, CPU)
        };
        let of = |windows| forecast(windows).still_needed();
        assert_eq!(fitting(16, of(16), forecast), 16);
        assert_eq!(fitting(16, of(16) - 1, forecast), 8);
        assert_eq!(fitting(16, of(3), forecast), 2);
        assert_eq!(fitting(10, of(5), forecast), 5);
        assert_eq!(fitting(16, 0, forecast), 1);
    }
}
