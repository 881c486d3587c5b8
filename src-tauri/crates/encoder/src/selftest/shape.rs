//! The models and batches that devices are tested on: the same numbers wherever they are made.

use crate::config::Config;
use crate::model::{Input, TokenClassifier};
use crate::ops::{self, Kernels};
use crate::sequence_offsets::SequenceOffsets;
use crate::walk::{self, Mapper};
use crate::weights::ParamPath;
use burn::module::Param;
use burn::tensor::{Device, Int, Tensor, TensorData};

/// The sizes of a fixed model and batch.
pub(super) struct Shape {
    hidden: usize,
    heads: usize,
    layers: usize,
    vocabulary: usize,
    labels: usize,
    /// Word pieces of each sequence.
    lengths: &'static [usize],
}

impl Shape {
    /// Few sizes are powers of two, so that kernels have edges to get wrong, and all kernels have more
    /// than one part to add up. Heads are as wide as BERT-base's, whose kernels are then compiled.
    pub(super) const SMALL: Self = Self {
        hidden: 192,
        heads: 3,
        layers: 2,
        vocabulary: 61,
        labels: 5,
        lengths: &[19, 7, 1, 13, 70, 150, 40],
    };

    /// As wide as the small encoders that people train, with fewer layers.
    pub(super) const USUAL: Self = Self {
        hidden: 384,
        heads: 12,
        layers: 2,
        vocabulary: 1000,
        labels: 9,
        lengths: &[64; 8],
    };

    fn config(&self) -> Config {
        let raw = serde_json::json!({
            "model_type": "bert",
            "vocab_size": self.vocabulary,
            "hidden_size": self.hidden,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "intermediate_size": self.hidden * 4,
            "hidden_act": "gelu",
            "max_position_embeddings": 160,
            "type_vocab_size": 2,
            // What is dropped follows from the seed, the same on every device.
            "hidden_dropout_prob": 0.1,
            "attention_probs_dropout_prob": 0.1,
        });
        let raw = raw.as_object().expect("an object was written").clone();
        let labels: Vec<String> = (0..self.labels).map(|label| format!("L{label}")).collect();
        Config::from_json(raw)
            .expect("the configuration is one that this crate knows")
            .with_labels(&labels)
    }

    /// The same weights on every device.
    pub(super) fn model(&self, device: &Device) -> TokenClassifier {
        fill(TokenClassifier::new(&self.config(), 1, device))
    }

    /// The logits of all pieces, `[pieces, labels]`, and their loss, `[1]`.
    pub(super) fn loss(&self, model: &TokenClassifier, device: &Device) -> (Tensor<2>, Tensor<1>) {
        let sizes = [self.vocabulary, 2, self.labels];
        loss_of(model, self.lengths, sizes, device)
    }
}

/// The same of a model with so many words, token types and labels, on sequences of these lengths.
pub(super) fn loss_of(
    model: &TokenClassifier,
    lengths: &[usize],
    [words, types, labels]: [usize; 3],
    device: &Device,
) -> (Tensor<2>, Tensor<1>) {
    ops::seed_dropout(7);
    let offsets = SequenceOffsets::new(lengths.iter().copied());
    let count = offsets.tokens();
    let whole = |values: Vec<usize>| {
        let values: Vec<i64> = values.into_iter().map(|value| value as i64).collect();
        Tensor::<1, Int>::from_data(TensorData::new(values, [count]), device)
    };
    let targets = (0..count).map(|at| at * 3 % labels).collect();
    let input = Input {
        ids: whole((0..count).map(|at| (at * 7 + 3) % words).collect()),
        types: whole((0..count).map(|at| at % types).collect()),
        offsets,
    };
    let positions = whole((0..count).collect());
    let logits = model.logits_at(input, positions);
    let kernels = Kernels::best_on(device);
    let loss = kernels.cross_entropy(logits.clone(), whole(targets), count as f64);
    (logits, loss)
}

/// The model with numbers that follow from the names of its parameters.
pub(super) fn fill(model: TokenClassifier) -> TokenClassifier {
    let names = model.names();
    walk::map(model, names, &mut Filler { seed: 1 })
}

/// Fills parameters with numbers that follow from their names.
struct Filler {
    seed: u64,
}

impl Mapper for Filler {
    fn map<const D: usize>(
        &mut self,
        path: &ParamPath,
        param: Param<Tensor<D>>,
    ) -> Param<Tensor<D>> {
        self.seed += 1;
        let shape = param.lazy_shape();
        let mut values = ops::normal(shape.num_elements(), 0.1, self.seed);
        if path.name().ends_with("LayerNorm.weight") {
            values.iter_mut().for_each(|value| *value += 1.0);
        }
        let device = param.lazy_device();
        Param::from_tensor(Tensor::from_data(TensorData::new(values, shape), &device))
    }
}
