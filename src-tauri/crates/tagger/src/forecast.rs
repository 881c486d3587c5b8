//! How much memory a run will take, told before it begins.
//!
//! Training holds four numbers for each weight: itself, its gradient, and AdamW's two moments. Beside
//! them stand the activations, which the backward pass needs: for each word piece that goes through
//! at once, and each layer, a number of values that follows from the layer's widths. On devices
//! where attention is done by single operations, its weights (one for each pair of pieces in a
//! sequence, and head) are kept as well.
//!
//! `activations = layers · width · ((a · hidden + b · intermediate) · pieces + c · heads · Σ length²)`,
//! width being 4 for f32 and 2 in half precision; `bytes = held + moments + max(gradients +
//! activations, copies)`. On the CPU gradients and moments of the table of word pieces are those of
//! the rows that are read, and a checkpoint has its largest tensor twice, as numbers and as bytes, at
//! a time when there are no gradients. Frozen layers need less than this says.
//!
//! `a`, `b` and `c` are counted from what the operations keep ([`Form`]); the CPU's are checked
//! against measured peaks by a test.

use crate::prepare::Example;
use std::collections::HashSet;
use tagsmith_encoder::Config;
use tagsmith_encoder::bounds::{rounded_length, rounded_rows};

/// How the layers are computed, which decides what is kept for the backward pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The CPU's operations, each a pass of its own.
    Fused,
    /// burn's single operations, as on GPUs.
    Plain {
        /// Whether activations are half as wide.
        half: bool,
    },
}

impl Form {
    /// Values kept by word piece and layer: times the hidden width, times the intermediate width,
    /// and by pair of pieces and head.
    fn kept(self) -> [u64; 3] {
        match self {
            // Query, key, value; attention's output; twice a product, what is normalised and the
            // normalised. The wide product, before its activation.
            Self::Fused => [8, 1, 0],
            // The same with dropout's masks and the steps of LayerNorm and GELU in between; scores,
            // their softmax, its mask and the product of both.
            Self::Plain { .. } => [20, 5, 4],
        }
    }

    fn width(self) -> u64 {
        match self {
            Self::Plain { half: true } => 2,
            _ => 4,
        }
    }
}

/// The weights of a model, and how much of its table of word pieces the data reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weights {
    /// All weights.
    pub count: usize,
    /// Different word pieces in the training data.
    pub pieces_read: usize,
}

impl Weights {
    /// Those of a model of `count` weights, trained on `examples`.
    pub fn new(count: usize, examples: &[Example]) -> Self {
        let ids = examples.iter().flat_map(|example| &example.window.ids);
        Self {
            count,
            pieces_read: ids.collect::<HashSet<_>>().len(),
        }
    }
}

/// What goes through the model at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Word pieces.
    pub pieces: u64,
    /// Pairs of pieces that attend to each other: the squares of the sequences' lengths, summed, and
    /// those at padding where there is some.
    pub pairs: u64,
}

impl Load {
    /// The heaviest that can come when `windows` of these lengths go through at once.
    pub fn heaviest(lengths: &[usize], windows: usize, form: Form) -> Self {
        let mut sorted = lengths.to_vec();
        sorted.sort_unstable_by(|a, b| b.cmp(a));
        sorted.truncate(windows);
        let pieces: usize = sorted.iter().sum();
        let pairs = sorted.iter().map(|length| length * length).sum();
        let (pieces, pairs) = match (form, sorted.first()) {
            // There attention has a grid, as wide as the longest, and sizes are rounded up.
            (Form::Plain { .. }, Some(longest)) => (
                rounded_rows(pieces),
                sorted.len() * rounded_length(*longest).pow(2),
            ),
            _ => (pieces, pairs),
        };
        Self {
            pieces: pieces as u64,
            pairs: pairs as u64,
        }
    }

    /// The largest of the parts of a step, in both respects.
    pub fn largest(parts: &[Vec<&Example>], form: Form) -> Self {
        let of = |part: &Vec<&Example>| {
            let lengths: Vec<usize> = part
                .iter()
                .map(|example| example.window.ids.len())
                .collect();
            Self::heaviest(&lengths, lengths.len(), form)
        };
        parts.iter().map(of).fold(Self::default(), Self::with)
    }

    /// Whatever is larger, in both respects.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            pieces: self.pieces.max(other.pieces),
            pairs: self.pairs.max(other.pairs),
        }
    }

    /// Whether the other is smaller, or as large, in both respects.
    pub fn covers(self, other: Self) -> bool {
        self.with(other) == self
    }
}

/// Memory in bytes, by what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// Held before the first step: the program, the data, the weights.
    pub held: u64,
    /// One number for each weight that gets a gradient.
    pub gradients: u64,
    /// Two numbers for each weight that ever gets one.
    pub moments: u64,
    /// What the backward pass needs of the forward pass.
    pub activations: u64,
    /// The largest tensor twice, as numbers and as the bytes of a file, while a checkpoint is written.
    /// Not on a GPU.
    pub copies: u64,
}

impl Forecast {
    /// The forecast for training `weights`.
    pub fn new(held: u64, config: &Config, weights: Weights, load: Load, form: Form) -> Self {
        let [hidden, intermediate, pairs] = form.kept();
        let hidden_size = config.hidden_size as u64;
        let a_piece = hidden * hidden_size + intermediate * config.intermediate_size as u64;
        let a_pair = pairs * config.num_attention_heads as u64;
        let layers = config.num_hidden_layers as u64;
        let activations = layers * (a_piece * load.pieces + a_pair * load.pairs) * form.width();
        let all = weights.count as u64;
        if form != Form::Fused {
            return Self {
                held,
                gradients: 4 * all,
                moments: 8 * all,
                activations,
                copies: 0,
            };
        }
        let table = config.vocab_size as u64 * hidden_size;
        let others = all.saturating_sub(table);
        let read = weights.pieces_read as u64;
        Self {
            held,
            gradients: 4 * (others + read.min(load.pieces) * hidden_size),
            // Room for rows is made a quarter ahead.
            moments: 8 * (others + read * 5 / 4 * hidden_size),
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
        self.moments + (self.gradients + self.activations).max(self.copies)
    }
}

/// The largest number of windows at once, `batch` or a half, a quarter … of it, whose forecast fits
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
        let load = Load::heaviest(&[3, 9, 2, 7], 2, Form::Fused);
        assert_eq!((load.pieces, load.pairs), (16, 81 + 49));
        assert_eq!(Load::heaviest(&[3], 16, Form::Fused).pieces, 3);
        // On a GPU two rows of 16 places.
        let load = Load::heaviest(&[3, 9, 2, 7], 2, Form::Plain { half: false });
        assert_eq!((load.pieces, load.pairs), (64, 2 * 16 * 16));
    }

    const BASE: Weights = Weights {
        count: 110_000_000,
        pieces_read: 8,
    };

    /// By hand, for BERT-base with 64 windows of 128: 12 layers of 8 · 768 + 3072 numbers a piece.
    #[test]
    fn a_forecast_adds_up() {
        let load = Load::heaviest(&[128; 64], 64, Form::Fused);
        let forecast = Forecast::new(1000, &config(768, 12), BASE, load, Form::Fused);
        assert_eq!(forecast.activations, 12 * 9216 * 8192 * 4);
        // Weights three times over beside what is held, gradients and two moments; of the table of 50
        // rows only the 8 that are read, and 10 in the moments.
        let others = 110_000_000 - 50 * 768;
        let numbers = 3 * others + (8 + 2 * 10) * 768;
        assert_eq!(forecast.total(), 1000 + 4 * numbers + forecast.activations);
        let plain = Form::Plain { half: false };
        let forecast = Forecast::new(1000, &config(768, 12), BASE, Load::default(), plain);
        assert_eq!(forecast.total(), 1000 + 12 * 110_000_000);
        let half = Form::Plain { half: true };
        let whole = Form::Plain { half: false };
        let of = |form| Forecast::new(0, &config(768, 12), BASE, load, form).activations;
        assert_eq!(of(half) * 2, of(whole));
    }

    #[test]
    fn what_does_not_fit_is_halved_until_it_does() {
        let lengths = [100; 64];
        let forecast = |windows| {
            let load = Load::heaviest(&lengths, windows, Form::Fused);
            Forecast::new(0, &config(384, 6), BASE, load, Form::Fused)
        };
        let of = |windows| forecast(windows).still_needed();
        assert_eq!(fitting(16, of(16), forecast), 16);
        assert_eq!(fitting(16, of(16) - 1, forecast), 8);
        assert_eq!(fitting(16, of(3), forecast), 2);
        assert_eq!(fitting(10, of(5), forecast), 5);
        assert_eq!(fitting(16, 0, forecast), 1);
    }
}
