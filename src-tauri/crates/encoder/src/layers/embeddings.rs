//! The embeddings of a token: its word piece, its position and its token type, added and normalised.

use super::{Linear, layer_norm, normal};
use crate::config::{Config, Projection};
use crate::ops::Kernels;
use crate::sequence_offsets::SequenceOffsets;
use burn::module::Module;
use burn::nn::{Embedding, EmbeddingConfig, LayerNorm};
use burn::tensor::{DType, Device, Int, Tensor, TensorData};

#[derive(Module, Debug)]
pub(crate) struct Embeddings {
    words: Embedding,
    positions: Option<Embedding>,
    types: Option<Embedding>,
    /// To the width of the hidden states, before the norm.
    projection: Option<Linear>,
    norm: Option<LayerNorm>,
    epsilon: f64,
    dropout: f64,
    first_position: usize,
    /// A token whose embedding no gradient reaches.
    untrained: Option<usize>,
}

impl Embeddings {
    pub(crate) fn new(config: &Config, device: &Device) -> Self {
        let embedding = |rows| {
            EmbeddingConfig::new(rows, config.embedding_size)
                .with_initializer(normal(config))
                .init(device)
        };
        let projects = config.projection == Projection::BeforeNorm;
        let width = match projects {
            true => config.hidden_size,
            false => config.embedding_size,
        };
        let where_any = |rows| (rows > 0).then(|| embedding(rows));
        Self {
            words: embedding(config.vocab_size),
            positions: where_any(config.position_rows),
            types: where_any(config.type_vocab_size),
            projection: projects
                .then(|| Linear::new(config, [config.embedding_size, width], false, device)),
            norm: config
                .normalises_embeddings
                .then(|| layer_norm(config, width, device)),
            epsilon: config.layer_norm_eps,
            dropout: config.dropouts.embeddings.unwrap_or_default(),
            first_position: config.first_position,
            untrained: config.untrained_token,
        }
    }

    /// The table of word pieces, `[pieces, width]`.
    pub(crate) fn word_table(&self) -> Tensor<2> {
        self.words.weight.val()
    }

    /// `ids`, `types` `[rows]` → `[rows, width]`. Positions restart in each sequence.
    pub(crate) fn forward(
        &self,
        ids: Tensor<1, Int>,
        types: Tensor<1, Int>,
        offsets: &SequenceOffsets,
        kernels: Kernels,
    ) -> Tensor<2> {
        let embedded = match &self.norm {
            Some(norm) => self.normalised(ids, types, offsets, norm, kernels),
            None => self.plain(ids, kernels),
        };
        kernels.dropout(embedded, self.dropout)
    }

    /// The embeddings of word pieces alone.
    fn plain(&self, ids: Tensor<1, Int>, kernels: Kernels) -> Tensor<2> {
        let table = self.words.weight.val();
        let embedded = kernels.gather_rows(table.clone(), ids.clone());
        let is_trained = table.device().is_autodiff();
        let Some(token) = self.untrained.filter(|_| is_trained) else {
            return embedded;
        };
        let dims = embedded.dims();
        let row = table.detach().slice(token..token + 1).expand(dims);
        let is_it = ids
            .equal_elem(token as i64)
            .unsqueeze_dim::<2>(1)
            .expand(dims);
        embedded.mask_where(is_it, row)
    }

    fn normalised(
        &self,
        ids: Tensor<1, Int>,
        types: Tensor<1, Int>,
        offsets: &SequenceOffsets,
        norm: &LayerNorm,
        kernels: Kernels,
    ) -> Tensor<2> {
        let device = ids.device();
        let positions = offsets
            .position_ids()
            .map(|at| (self.first_position + at) as i64);
        let positions = TensorData::new(positions.collect::<Vec<_>>(), [offsets.rows()]);
        let positions = Tensor::<1, Int>::from_data(positions, &device);
        let words = self.words.weight.val();
        let [_, width] = words.dims();
        // A table that a family lacks is one row of zeros.
        let or_zeros = |table: &Option<Embedding>, indices: Tensor<1, Int>| match table {
            Some(table) => (table.weight.val(), indices),
            None => (
                Tensor::zeros([1, width], (&device, DType::F32)),
                indices.zeros_like(),
            ),
        };
        let (positions, position_ids) = or_zeros(&self.positions, positions);
        let (types, type_ids) = or_zeros(&self.types, types);
        let (tables, indices) = ([words, positions, types], [ids, position_ids, type_ids]);
        match &self.projection {
            Some(projection) => {
                let [words, positions, types] = tables;
                let [ids, position_ids, type_ids] = indices;
                let sum = kernels.gather_rows(words, ids)
                    + kernels.gather_rows(positions, position_ids)
                    + kernels.gather_rows(types, type_ids);
                kernels.norm(projection.forward(sum, kernels), norm, self.epsilon)
            }
            None => kernels.embed(tables, indices, norm, self.epsilon),
        }
    }
}
