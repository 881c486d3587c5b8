//! BERT (Devlin et al. 2019): its configuration, its names of weights, its layers.
//!
//! Post-norm: each block adds its input to its output, then normalises.

use super::{Family, ModelFamily};
use crate::config::{Config, ConfigError, Keys};
use crate::layers::{Attention, Embeddings, Intermediate, Output, Packing};
use crate::ops::{Execution, Kernels, Quantisation};
use crate::precision::{Precision, dtype_of};
use crate::sequence_offsets::SequenceOffsets;
use crate::weights::NameTable;
use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};
use serde_json::Value;

pub(super) const FAMILY: Family = Family {
    read,
    names: &NAMES,
    token_classifier: "BertForTokenClassification",
    tokenizer_class: "BertTokenizer",
};

const NAMES: NameTable = NameTable {
    prefix: "bert",
    head: "classifier",
    segments: &[
        ("self_attention", "self"),
        ("layer_norm", "LayerNorm"),
        ("gamma", "weight"),
        ("beta", "bias"),
    ],
    // As the first releases spell them.
    old_suffixes: &[
        ("LayerNorm.gamma", "LayerNorm.weight"),
        ("LayerNorm.beta", "LayerNorm.bias"),
    ],
    without_prefix: &["embeddings.", "encoder.", "pooler."],
    // The pooler, the pre-training and sentence heads, and stored position ids.
    unused: &[
        "bert.pooler.",
        "cls.",
        "bert.embeddings.position_ids",
        "bert.embeddings.token_type_ids",
    ],
};

/// Absent rates and constants take the value that Hugging Face's `BertConfig` gives them.
fn read(keys: &Keys) -> Result<Config, ConfigError> {
    keys.must_be("position_embedding_type", Value::from("absolute"))?;
    keys.must_be("is_decoder", Value::from(false))?;
    keys.must_be("add_cross_attention", Value::from(false))?;
    let hidden_dropout_prob = keys.rate("hidden_dropout_prob", 0.1)?;
    Ok(Config {
        family: ModelFamily::Bert,
        vocab_size: keys.size("vocab_size")?,
        hidden_size: keys.size("hidden_size")?,
        num_hidden_layers: keys.size("num_hidden_layers")?,
        num_attention_heads: keys.size("num_attention_heads")?,
        intermediate_size: keys.size("intermediate_size")?,
        hidden_act: keys.activation("hidden_act")?,
        hidden_dropout_prob,
        attention_probs_dropout_prob: keys.rate("attention_probs_dropout_prob", 0.1)?,
        classifier_dropout: keys.rate("classifier_dropout", hidden_dropout_prob)?,
        max_position_embeddings: keys.size("max_position_embeddings")?,
        first_position: 0,
        type_vocab_size: keys.size("type_vocab_size")?,
        layer_norm_eps: keys.positive("layer_norm_eps", 1e-12)?,
        initializer_range: keys.positive("initializer_range", 0.02)?,
        pad_token_id: keys.index_or("pad_token_id", 0)?,
        labels: keys.labels()?,
        raw: keys.0.clone(),
    })
}

/// Embeddings and encoder, without pooler.
#[derive(Module, Debug)]
pub struct Bert {
    embeddings: Embeddings,
    encoder: Encoder,
    #[module(skip)]
    precision: Precision,
    /// Follow from device and precision, unless tests choose.
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

    /// The kernels that compute the layers.
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

    /// Packs the weights of all linear layers for inference, where the device gains by it. The model can
    /// then neither be trained nor saved.
    pub(crate) fn for_inference(mut self, quantisation: Quantisation) -> Self {
        let packing = Packing {
            quantisation,
            precision: self.precision,
            kernels: self.kernels,
        };
        let layers = self.encoder.layer.into_iter();
        self.encoder.layer = layers.map(|layer| layer.for_inference(packing)).collect();
        self
    }

    /// The hidden states of the last layer, of all tokens or of those at `indices`.
    ///
    /// # Shapes
    /// - `ids`, `types` `[rows]`: word piece ids and token type ids, sequence by sequence
    /// - `indices` `[count]`: rows of tokens
    /// - result `[rows, hidden]` or `[count, hidden]`, in the model's precision
    pub fn forward(
        &self,
        ids: Tensor<1, Int>,
        types: Tensor<1, Int>,
        offsets: SequenceOffsets,
        indices: Option<Tensor<1, Int>>,
    ) -> Tensor<2> {
        let execution = Execution::new(offsets.clone(), self.kernels, &ids.device());
        let embedded = self.embeddings.forward(ids, types, &offsets, self.kernels);
        let embedded = self.kernels.cast(embedded, dtype_of(self.precision));
        let Some((last, before)) = self.encoder.layer.split_last() else {
            return match indices {
                Some(indices) => self.kernels.gather_rows(embedded, indices),
                None => embedded,
            };
        };
        let hidden = before.iter().fold(embedded, |hidden, layer| {
            layer.forward(hidden, &execution, None)
        });
        last.forward(hidden, &execution, indices)
    }
}

#[derive(Module, Debug)]
struct Encoder {
    layer: Vec<Layer>,
}

#[derive(Module, Debug)]
struct Layer {
    attention: Attention,
    intermediate: Intermediate,
    output: Output,
}

impl Layer {
    fn new(config: &Config, device: &Device) -> Self {
        Self {
            attention: Attention::new(config, device),
            intermediate: Intermediate::new(config, device),
            output: Output::new(config, config.intermediate_size, device),
        }
    }

    fn for_inference(self, packing: Packing) -> Self {
        Self {
            attention: self.attention.for_inference(packing),
            intermediate: self.intermediate.for_inference(packing),
            output: self.output.for_inference(packing),
        }
    }

    /// `hidden` `[tokens, hidden]` → the same shape, or `[count, hidden]` at `indices` `[count]`.
    fn forward(
        &self,
        hidden: Tensor<2>,
        execution: &Execution,
        indices: Option<Tensor<1, Int>>,
    ) -> Tensor<2> {
        let attended = self.attention.forward(hidden, execution, indices);
        self.intermediate
            .forward(&self.output, attended, execution.kernels())
    }
}
