//! Multi-head self-attention (Vaswani et al. 2017, section 3.2.2), with the positions of any family.

use super::{Context, Linear, Role};
use crate::config::{Config, RelativePositions};
use crate::ops::{self, Kernels, Scores};
use burn::module::Module;
use burn::tensor::{Device, Tensor};

#[derive(Module, Debug)]
pub(crate) struct Attention {
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
    /// What distances are as keys and as queries, where they have weights of their own.
    position_key: Option<Linear>,
    position_query: Option<Linear>,
    heads: usize,
    /// Heads of keys and values, each for as many of the queries.
    key_value_heads: usize,
    dropout: f64,
    /// Dropout of the embeddings of distances.
    position_dropout: f64,
    #[module(skip)]
    relative_positions: Option<RelativePositions>,
    /// How far the tokens may be away that are attended to, where that has a limit.
    #[module(skip)]
    distance: Option<usize>,
}

impl Attention {
    /// That of layer `at`, from 0.
    pub(crate) fn new(config: &Config, at: usize, device: &Device) -> Self {
        let (hidden, has_bias) = (config.hidden_size, config.biases.attention);
        let (heads, key_value_heads) = (config.num_attention_heads, config.key_value_heads);
        let linear = |to| Linear::new(config, [hidden, to], has_bias, device);
        let square = || linear(hidden);
        let narrow = || linear(hidden / heads * key_value_heads);
        let relative_positions = config.relative_positions;
        let has_projections = matches!(
            relative_positions,
            Some(RelativePositions::Disentangled {
                has_projections: true,
                ..
            })
        );
        let local = config.rotary.as_ref().and_then(|it| it.local.as_ref());
        Self {
            query: square(),
            key: narrow(),
            value: narrow(),
            output: square(),
            position_key: has_projections.then(square),
            position_query: has_projections.then(square),
            heads,
            key_value_heads,
            dropout: config.dropouts.attention_weights.unwrap_or_default(),
            position_dropout: config.dropouts.embeddings.unwrap_or_default(),
            relative_positions,
            distance: local
                .filter(|local| local.layers[at])
                .map(|local| local.distance),
        }
    }

    pub(crate) fn map_linears(self, change: &mut dyn FnMut(Role, Linear) -> Linear) -> Self {
        let mut other = |linear| change(Role::Attention, linear);
        let (key, output) = (other(self.key), other(self.output));
        let position_key = self.position_key.map(&mut other);
        let position_query = self.position_query.map(&mut other);
        Self {
            query: change(Role::QueryOrValue, self.query),
            value: change(Role::QueryOrValue, self.value),
            key,
            output,
            position_key,
            position_query,
            ..self
        }
    }

    /// What each token attends to, its heads side by side: `hidden` `[tokens, hidden]` → the same shape.
    pub(crate) fn attend(&self, hidden: Tensor<2>, context: &Context) -> Tensor<2> {
        let kernels = context.execution.kernels();
        let mut query = self.query.forward(hidden.clone(), kernels);
        let mut key = self.key.forward(hidden.clone(), kernels);
        let mut value = self.value.forward(hidden, kernels);
        if let Some(rotation) = context.rotation(self.distance.is_some()) {
            query = kernels.rotate(query, rotation, self.heads);
            key = kernels.rotate(key, rotation, self.key_value_heads);
        }
        let copies = self.heads / self.key_value_heads;
        if copies > 1 {
            [key, value] = [key, value].map(|narrow| self.shared(narrow, copies));
        }
        let scores = self.scores(context);
        let inputs = [query, key, value];
        ops::attention(inputs, scores, &context.execution, self.heads, self.dropout)
    }

    /// Each head of `narrow` `[rows, key_value_heads · width]` so many times, one after the other: `[rows, hidden]`.
    fn shared(&self, narrow: Tensor<2>, copies: usize) -> Tensor<2> {
        let [rows, columns] = narrow.dims();
        let width = columns / self.key_value_heads;
        let heads = narrow.reshape([rows, self.key_value_heads, 1, width]);
        heads
            .expand([rows, self.key_value_heads, copies, width])
            .reshape([rows, columns * copies])
    }

    fn scores(&self, context: &Context) -> Scores {
        if let Some(distance) = self.distance {
            return Scores::Near(distance);
        }
        let Some(table) = context.relative.clone() else {
            return Scores::Plain;
        };
        if matches!(
            self.relative_positions,
            Some(RelativePositions::Bias { .. })
        ) {
            return Scores::Biased(table);
        }
        let kernels = context.execution.kernels();
        let table = kernels.dropout(table, self.position_dropout);
        let as_key = self.position_key.as_ref().unwrap_or(&self.key);
        let as_query = self.position_query.as_ref().unwrap_or(&self.query);
        Scores::Disentangled(
            [as_key, as_query].map(|linear| linear.forward(table.clone(), kernels)),
        )
    }

    /// The last linear layer: `[rows, hidden]` → the same shape.
    pub(crate) fn output(&self, attended: Tensor<2>, kernels: Kernels) -> Tensor<2> {
        self.output.forward(attended, kernels)
    }
}
