//! BERT (Devlin et al. 2019) as modules whose names are those of the checkpoint.
//!
//! Post-norm: each block adds its input to its output, then normalises. Fields are called as
//! Hugging Face calls them, so that the table in [`crate::weights::names`] stays short.

use crate::bounds::Bounds;
use crate::config::{Activation, Config};
use crate::linear::Linear;
use crate::ops::{self, Execution, Kernels, Quantisation};
use crate::precision::{Precision, dtype_of};
use burn::module::Module;
use burn::nn::{Embedding, EmbeddingConfig, Initializer, LayerNorm, LayerNormConfig};
use burn::tensor::{Device, Int, Tensor, TensorData};

/// Embeddings and encoder, without pooler.
#[derive(Module, Debug)]
pub struct Bert {
    embeddings: Embeddings,
    encoder: Encoder,
    #[module(skip)]
    precision: Precision,
    /// What computes; follows from device and precision, unless tests choose.
    #[module(skip)]
    kernels: Kernels,
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
            precision: Precision::F32,
            kernels: Kernels::best_on(device),
        }
    }

    /// The same encoder computing in another precision, by these kernels.
    #[must_use]
    pub(crate) fn computing(self, precision: Precision, kernels: Kernels) -> Self {
        Self {
            precision,
            kernels,
            ..self
        }
    }

    /// What computes the layers.
    pub(crate) fn kernels(&self) -> Kernels {
        self.kernels
    }

    /// The precision of the hidden states.
    pub(crate) fn precision(&self) -> Precision {
        self.precision
    }

    /// Freezes the embeddings and the lowest `layers` layers: they are not trained, and no gradient is
    /// computed for them. 0 freezes nothing, the embeddings neither.
    pub(crate) fn frozen(mut self, layers: usize) -> Self {
        if layers > 0 {
            self.embeddings = self.embeddings.no_grad();
        }
        let all = self.encoder.layer.into_iter().enumerate();
        let freeze = |(at, layer): (usize, Layer)| match at < layers {
            true => layer.no_grad(),
            false => layer,
        };
        self.encoder.layer = all.map(freeze).collect();
        self
    }

    /// Lays all weights of products out for inference. The model can then neither be trained nor saved.
    pub(crate) fn for_inference(mut self, quantisation: Quantisation) -> Self {
        let layers = self.encoder.layer.into_iter();
        self.encoder.layer = layers
            .map(|layer| layer.for_inference(quantisation, self.precision, self.kernels))
            .collect();
        self
    }

    /// The hidden states of the last layer, of all tokens or of those at `wanted`.
    ///
    /// # Shapes
    /// - `ids`, `types` `[rows]`: word piece ids and token type ids, sequence by sequence
    /// - `wanted` `[count]`: places of tokens in the batch
    /// - result `[rows, hidden]` or `[count, hidden]`, in the model's precision
    pub fn forward(
        &self,
        ids: Tensor<1, Int>,
        types: Tensor<1, Int>,
        bounds: Bounds,
        wanted: Option<Tensor<1, Int>>,
    ) -> Tensor<2> {
        let execution = Execution::new(bounds.clone(), self.kernels, &ids.device());
        let embedded = self.embeddings.forward(ids, types, &bounds, self.kernels);
        let embedded = self.kernels.cast(embedded, dtype_of(self.precision));
        let Some((last, before)) = self.encoder.layer.split_last() else {
            return match wanted {
                Some(wanted) => self.kernels.gather_rows(embedded, wanted),
                None => embedded,
            };
        };
        let hidden = before.iter().fold(embedded, |hidden, layer| {
            layer.forward(hidden, &execution, None)
        });
        last.forward(hidden, &execution, wanted)
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

    /// `ids`, `types` `[rows]` → `[rows, hidden]`. Positions count from 0 in each sequence.
    fn forward(
        &self,
        ids: Tensor<1, Int>,
        types: Tensor<1, Int>,
        bounds: &Bounds,
        kernels: Kernels,
    ) -> Tensor<2> {
        let places: Vec<i64> = bounds.places().map(|place| place as i64).collect();
        let places = TensorData::new(places, [bounds.rows()]);
        let places = Tensor::<1, Int>::from_data(places, &ids.device());
        let tables = [
            &self.word_embeddings,
            &self.position_embeddings,
            &self.token_type_embeddings,
        ];
        let tables = tables.map(|table| table.weight.val());
        let indices = [ids, places, types];
        let normalised = kernels.embed(tables, indices, &self.layer_norm, self.epsilon);
        kernels.dropout(normalised, self.dropout)
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

    fn for_inference(
        self,
        quantisation: Quantisation,
        precision: Precision,
        kernels: Kernels,
    ) -> Self {
        let laid = |linear: Linear| linear.for_inference(quantisation, precision, kernels);
        let attention = self.attention.self_attention;
        let output = |output: Output| Output {
            dense: laid(output.dense),
            ..output
        };
        Self {
            attention: Attention {
                self_attention: SelfAttention {
                    query: laid(attention.query),
                    key: laid(attention.key),
                    value: laid(attention.value),
                    ..attention
                },
                output: output(self.attention.output),
            },
            intermediate: Dense {
                dense: laid(self.intermediate.dense),
            },
            output: output(self.output),
            ..self
        }
    }

    /// `hidden` `[tokens, hidden]` → the same shape, or `[count, hidden]` at `wanted` `[count]`.
    ///
    /// Everything after the attention is computed token by token, so only the tokens asked for go on.
    fn forward(
        &self,
        hidden: Tensor<2>,
        execution: &Execution,
        wanted: Option<Tensor<1, Int>>,
    ) -> Tensor<2> {
        let attention = &self.attention;
        let kernels = execution.kernels();
        let attended = attention.self_attention.forward(hidden.clone(), execution);
        let (attended, hidden) = match wanted {
            Some(wanted) => (
                kernels.gather_rows(attended, wanted.clone()),
                kernels.gather_rows(hidden, wanted),
            ),
            None => (attended, hidden),
        };
        let projected = attention.output.dense.forward(attended, kernels);
        let attended = attention.output.end(projected, hidden, kernels);
        let first = &self.intermediate.dense;
        let second = &self.output.dense;
        let widened = first.feed_forward(second, attended.clone(), self.activation, kernels);
        self.output.end(widened, attended, kernels)
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

    /// `hidden` `[tokens, hidden]` → the same shape.
    fn forward(&self, hidden: Tensor<2>, execution: &Execution) -> Tensor<2> {
        let kernels = execution.kernels();
        ops::attention(
            self.query.forward(hidden.clone(), kernels),
            self.key.forward(hidden.clone(), kernels),
            self.value.forward(hidden, kernels),
            execution,
            self.heads,
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

    /// What follows the product: `output`, `residual` `[tokens, hidden]` → the same shape.
    fn end(&self, output: Tensor<2>, residual: Tensor<2>, kernels: Kernels) -> Tensor<2> {
        kernels.add_norm(
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
    Linear::new([from, to], normal(config), device)
}

fn layer_norm(config: &Config, device: &Device) -> LayerNorm {
    LayerNormConfig::new(config.hidden_size)
        .with_epsilon(config.layer_norm_eps)
        .init(device)
}
