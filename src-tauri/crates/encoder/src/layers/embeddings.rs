//! The embeddings of a token: its word piece, its position and its token type, added and normalised.

use super::norm::layer_norm;
use super::normal;
use crate::config::Config;
use crate::ops::Kernels;
use crate::sequence_offsets::SequenceOffsets;
use burn::module::Module;
use burn::nn::{Embedding, EmbeddingConfig, LayerNorm};
use burn::tensor::{Device, Int, Tensor, TensorData};

#[derive(Module, Debug)]
pub(crate) struct Embeddings {
    word_embeddings: Embedding,
    position_embeddings: Embedding,
    token_type_embeddings: Embedding,
    layer_norm: LayerNorm,
    epsilon: f64,
    dropout: f64,
    first_position: usize,
}

impl Embeddings {
    pub(crate) fn new(config: &Config, device: &Device) -> Self {
        let embedding = |rows| {
            EmbeddingConfig::new(rows, config.hidden_size)
                .with_initializer(normal(config))
                .init(device)
        };
        Self {
            word_embeddings: embedding(config.vocab_size),
            position_embeddings: embedding(config.max_position_embeddings),
            token_type_embeddings: embedding(config.type_vocab_size),
            layer_norm: layer_norm(config, device),
            epsilon: config.layer_norm_eps,
            dropout: config.hidden_dropout_prob,
            first_position: config.first_position,
        }
    }

    /// `ids`, `types` `[rows]` → `[rows, hidden]`. Positions restart in each sequence.
    pub(crate) fn forward(
        &self,
        ids: Tensor<1, Int>,
        types: Tensor<1, Int>,
        offsets: &SequenceOffsets,
        kernels: Kernels,
    ) -> Tensor<2> {
        let positions = offsets
            .position_ids()
            .map(|at| (self.first_position + at) as i64);
        let positions = TensorData::new(positions.collect::<Vec<_>>(), [offsets.rows()]);
        let positions = Tensor::<1, Int>::from_data(positions, &ids.device());
        let tables = [
            &self.word_embeddings,
            &self.position_embeddings,
            &self.token_type_embeddings,
        ];
        let tables = tables.map(|table| table.weight.val());
        let indices = [ids, positions, types];
        let normalised = kernels.embed(tables, indices, &self.layer_norm, self.epsilon);
        kernels.dropout(normalised, self.dropout)
    }
}
