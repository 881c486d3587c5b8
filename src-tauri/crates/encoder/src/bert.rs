//! BERT (Devlin et al. 2019) as modules whose names are those of the checkpoint.
//!
//! Post-norm: each block adds its input to its output, then normalises. Fields are called as
//! Hugging Face calls them, so that the table in [`crate::weights::names`] stays short.

use crate::config::{Activation, Config};
use crate::ops;
use burn::module::Module;
use burn::nn::{
    Embedding, EmbeddingConfig, Initializer, LayerNorm, LayerNormConfig, Linear, LinearConfig,
};
use burn::tensor::{Device, Int, Tensor};

/// Embeddings and encoder, without pooler.
#[derive(Module, Debug)]
pub struct Bert {
    embeddings: Embeddings,
    encoder: Encoder,
}

impl Bert {
    /// An encoder to load weights into; what is not loaded is drawn from `N(0, initializer_range²)`.
    pub fn new(config: &Config, device: &Device) -> Self {
        Self {
            embeddings: Embeddings::new(config, device),
            encoder: Encoder {
                layer: (0..config.num_hidden_layers)
                    .map(|_| Layer::new(config, device))
                    .collect(),
            },
        }
    }

    /// The hidden states of the last layer.
    ///
    /// # Shapes
    /// - `ids`, `types` `[batch, seq]`: word piece ids and token type ids
    /// - `bias`: see [`ops::attention_bias`]
    /// - result `[batch, seq, hidden]`
    pub fn forward(
        &self,
        ids: Tensor<2, Int>,
        types: Tensor<2, Int>,
        bias: Option<Tensor<4>>,
    ) -> Tensor<3> {
        let embedded = self.embeddings.forward(ids, types);
        self.encoder.layer.iter().fold(embedded, |hidden, layer| {
            layer.forward(hidden, bias.clone())
        })
    }
}

#[derive(Module, Debug)]
struct Embeddings {
    word_embeddings: Embedding,
    position_embeddings: Embedding,
    token_type_embeddings: Embedding,
    layer_norm: LayerNorm,
    epsilon: f64,
    dropout: f64,
}

impl Embeddings {
    fn new(config: &Config, device: &Device) -> Self {
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
        }
    }

    /// `ids`, `types` `[batch, seq]` → `[batch, seq, hidden]`. Positions count from 0.
    fn forward(&self, ids: Tensor<2, Int>, types: Tensor<2, Int>) -> Tensor<3> {
        let [_, seq] = ids.dims();
        let positions = Tensor::<1, Int>::arange(0..seq as i64, &ids.device()).unsqueeze::<2>();
        let words = ops::embedding(&self.word_embeddings, ids);
        let places = ops::embedding(&self.token_type_embeddings, types)
            + ops::embedding(&self.position_embeddings, positions);
        let normalised = ops::add_norm(words, places, &self.layer_norm, self.epsilon, 0.0);
        ops::dropout(normalised, self.dropout)
    }
}

#[derive(Module, Debug)]
struct Encoder {
    layer: Vec<Layer>,
}

#[derive(Module, Debug)]
struct Layer {
    attention: Attention,
    intermediate: Dense,
    output: Output,
    #[module(skip)]
    activation: Activation,
}

impl Layer {
    fn new(config: &Config, device: &Device) -> Self {
        Self {
            attention: Attention {
                self_attention: SelfAttention::new(config, device),
                output: Output::new(config, config.hidden_size, device),
            },
            intermediate: Dense {
                dense: linear(config, config.hidden_size, config.intermediate_size, device),
            },
            output: Output::new(config, config.intermediate_size, device),
            activation: config.hidden_act,
        }
    }

    /// `hidden` `[batch, seq, hidden]` → the same shape.
    fn forward(&self, hidden: Tensor<3>, bias: Option<Tensor<4>>) -> Tensor<3> {
        let attended = self.attention.self_attention.forward(hidden.clone(), bias);
        let attended = self.attention.output.forward(attended, hidden);
        let widened = ops::linear(attended.clone(), &self.intermediate.dense);
        let widened = ops::activate(widened, self.activation);
        self.output.forward(widened, attended)
    }
}

#[derive(Module, Debug)]
struct Attention {
    self_attention: SelfAttention,
    output: Output,
}

#[derive(Module, Debug)]
struct SelfAttention {
    query: Linear,
    key: Linear,
    value: Linear,
    heads: usize,
    dropout: f64,
}

impl SelfAttention {
    fn new(config: &Config, device: &Device) -> Self {
        let square = || linear(config, config.hidden_size, config.hidden_size, device);
        Self {
            query: square(),
            key: square(),
            value: square(),
            heads: config.num_attention_heads,
            dropout: config.attention_probs_dropout_prob,
        }
    }

    /// `hidden` `[batch, seq, hidden]` → the same shape.
    fn forward(&self, hidden: Tensor<3>, bias: Option<Tensor<4>>) -> Tensor<3> {
        ops::attention(
            ops::linear(hidden.clone(), &self.query),
            ops::linear(hidden.clone(), &self.key),
            ops::linear(hidden, &self.value),
            self.heads,
            bias,
            self.dropout,
        )
    }
}

#[derive(Module, Debug)]
struct Dense {
    dense: Linear,
}

/// The end of both blocks: product, dropout, residual, LayerNorm.
#[derive(Module, Debug)]
struct Output {
    dense: Linear,
    layer_norm: LayerNorm,
    epsilon: f64,
    dropout: f64,
}

impl Output {
    fn new(config: &Config, width: usize, device: &Device) -> Self {
        Self {
            dense: linear(config, width, config.hidden_size, device),
            layer_norm: layer_norm(config, device),
            epsilon: config.layer_norm_eps,
            dropout: config.hidden_dropout_prob,
        }
    }

    /// `input` `[batch, seq, width]`, `residual` `[batch, seq, hidden]` → `[batch, seq, hidden]`.
    fn forward(&self, input: Tensor<3>, residual: Tensor<3>) -> Tensor<3> {
        let output = ops::linear(input, &self.dense);
        ops::add_norm(
            output,
            residual,
            &self.layer_norm,
            self.epsilon,
            self.dropout,
        )
    }
}

fn normal(config: &Config) -> Initializer {
    Initializer::Normal {
        mean: 0.0,
        std: config.initializer_range,
    }
}

/// A linear layer whose weights are drawn only if none are loaded.
fn linear(config: &Config, from: usize, to: usize, device: &Device) -> Linear {
    LinearConfig::new(from, to)
        .with_initializer(normal(config))
        .init(device)
}

fn layer_norm(config: &Config, device: &Device) -> LayerNorm {
    LayerNormConfig::new(config.hidden_size)
        .with_epsilon(config.layer_norm_eps)
        .init(device)
}
