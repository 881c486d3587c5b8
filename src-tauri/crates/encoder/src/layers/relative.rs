//! What the distances between tokens are, in a table that all layers share.

use super::{layer_norm, normal};
use crate::config::{Config, RelativePositions};
use crate::ops::Kernels;
use crate::precision::{Precision, dtype_of};
use burn::module::Module;
use burn::nn::{Embedding, EmbeddingConfig, LayerNorm};
use burn::tensor::{Device, Tensor};

#[derive(Module, Debug)]
pub(crate) struct Relative {
    table: Embedding,
    norm: Option<LayerNorm>,
    epsilon: f64,
    #[module(skip)]
    positions: RelativePositions,
}

impl Relative {
    pub(crate) fn new(config: &Config, positions: RelativePositions, device: &Device) -> Self {
        let (width, is_normalised) = match positions {
            RelativePositions::Bias { .. } => (config.num_attention_heads, false),
            RelativePositions::Disentangled { is_normalised, .. } => {
                (config.hidden_size, is_normalised)
            }
        };
        Self {
            table: EmbeddingConfig::new(positions.rows(), width)
                .with_initializer(normal(config))
                .init(device),
            norm: is_normalised.then(|| layer_norm(config, width, device)),
            epsilon: config.layer_norm_eps,
            positions,
        }
    }

    pub(crate) fn positions(&self) -> RelativePositions {
        self.positions
    }

    /// `[buckets, heads]` in 32 bits, or `[buckets, hidden]` in the model's precision.
    pub(crate) fn forward(&self, precision: Precision, kernels: Kernels) -> Tensor<2> {
        let table = self.table.weight.val();
        let table = match &self.norm {
            Some(norm) => kernels.norm(table, norm, self.epsilon),
            None => table,
        };
        match self.positions {
            RelativePositions::Bias { .. } => table,
            RelativePositions::Disentangled { .. } => kernels.cast(table, dtype_of(precision)),
        }
    }
}
