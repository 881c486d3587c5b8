//! What a model's `config.json` says: sizes, rates and constants of its encoder, whatever the family.

mod error;
mod keys;
mod notes;

pub use error::ConfigError;
pub(crate) use keys::{Keys, shortened};

use crate::family::Family;
use crate::masked_lm::{MaskedLm, NoMaskedLm};
use serde_json::{Map, Value};

/// The non-linearity between the two feed-forward products.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// `x · Φ(x)` by the error function: Hugging Face's `gelu`.
    Gelu,
    /// The tanh approximation: Hugging Face's `gelu_new`.
    GeluTanh,
    /// `max(x, 0)`.
    Relu,
    /// `x · σ(x)`: Hugging Face's `silu`.
    Silu,
    /// The hyperbolic tangent.
    Tanh,
}

/// The dropout rates of a model, each 0–1; `None` where its family drops nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropouts {
    /// Of the embeddings.
    pub embeddings: Option<f64>,
    /// Of attention weights.
    pub attention_weights: Option<f64>,
    /// Of the attention block's output, before it is added.
    pub attention: Option<f64>,
    /// Between the two products of the feed-forward block.
    pub inner: Option<f64>,
    /// Of the feed-forward block's output, before it is added.
    pub feed_forward: Option<f64>,
    /// Before the head.
    pub classifier: Option<f64>,
}

impl Dropouts {
    /// As in most families: one rate for hidden units, one for attention weights, one before the head.
    pub(crate) fn of(hidden: f64, attention_weights: f64, classifier: f64) -> Self {
        Self {
            embeddings: Some(hidden),
            attention_weights: Some(attention_weights),
            attention: Some(hidden),
            inner: None,
            feed_forward: Some(hidden),
            classifier: Some(classifier),
        }
    }

    /// Whether anything is dropped.
    pub fn drops_anything(self) -> bool {
        self != self.at(0.0)
    }

    /// All rates that there are at `rate`.
    fn at(self, rate: f64) -> Self {
        let set = |old: Option<f64>| old.map(|_| rate);
        Self {
            embeddings: set(self.embeddings),
            attention_weights: set(self.attention_weights),
            attention: set(self.attention),
            inner: set(self.inner),
            feed_forward: set(self.feed_forward),
            classifier: set(self.classifier),
        }
    }
}

/// How layers share weights: the encoder is a number of groups, each a stack of layers that is run several
/// times before the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Groups {
    /// How many groups there are.
    pub count: usize,
    /// The layers of a group, each with weights of its own.
    pub layers: usize,
}

/// Positions relative to each other, in the scores of attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelativePositions {
    /// A number for each head and bucket of distances, added to a score and shared by all layers (Raffel
    /// et al. 2020, section 2.1).
    Bias {
        /// How many buckets there are, for both directions together.
        buckets: usize,
        /// Distances from here on share the last bucket of their direction.
        max_distance: usize,
    },
    /// An embedding of each bucket of distances, which is a key to queries and a query to keys (He et al.
    /// 2021, section 3.1).
    Disentangled {
        /// Buckets of each direction.
        span: usize,
        /// Where buckets are logarithmic, the distance from which on all share the last; else each distance
        /// has a bucket of its own.
        max_distance: Option<usize>,
        /// Whether each layer projects the embeddings by weights of its own, or by those of its keys and
        /// queries.
        has_projections: bool,
        /// Whether the embeddings are normalised.
        is_normalised: bool,
    },
}

/// Positions as rotations of queries and keys (Su et al. 2021, section 3.2), in which both halves of a
/// head's columns are the two coordinates.
#[derive(Clone, Debug, PartialEq)]
pub struct Rotary {
    /// The base of the wavelengths.
    pub theta: f64,
    /// Layers that look at what is near alone.
    pub local: Option<Local>,
}

/// Layers whose tokens attend to near tokens alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Local {
    /// Which layers they are.
    pub layers: Vec<bool>,
    /// The largest distance in tokens, itself included.
    pub distance: usize,
    /// The base of their wavelengths.
    pub theta: f64,
}

/// How rows are normalised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Norm {
    /// To mean 0 and deviation 1 (Ba et al. 2016).
    Layer,
    /// To a root mean square of 1 (Zhang and Sennrich 2019).
    RootMeanSquare,
}

/// Where layers normalise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NormPlacement {
    /// The sum of a block's input and output (Vaswani et al. 2017).
    After,
    /// A block's input, and what the last layer gives; but not the input of the first layer's attention
    /// where embeddings are normalised already.
    Before,
}

/// Which parts of an encoder have biases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Biases {
    /// The linear layers of attention.
    pub attention: bool,
    /// Those of the feed-forward block.
    pub feed_forward: bool,
    /// The norms.
    pub norm: bool,
}

/// The linear layer between embeddings and encoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Projection {
    /// None: the embeddings are as wide as the hidden states.
    None,
    /// With a bias, after the embeddings' norm.
    AfterNorm,
    /// Without a bias, before it.
    BeforeNorm,
}

/// A convolution of the embeddings along the sequence, which is added to what the first layer gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// How many neighbouring tokens it mixes, an odd number.
    pub width: usize,
    /// Its activation.
    pub activation: Activation,
}

/// A linear layer, an activation and a norm between the encoder and the classifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transform {
    /// The activation.
    pub activation: Activation,
    /// Whether the linear layer has a bias.
    pub has_bias: bool,
}

/// The configuration of an encoder.
#[derive(Clone, Debug)]
pub struct Config {
    /// The family that the model is of.
    pub family: &'static Family,
    /// Rows of the word embedding.
    pub vocab_size: usize,
    /// Width of the embeddings.
    pub embedding_size: usize,
    /// What makes hidden states of embeddings that are narrower.
    pub projection: Projection,
    /// Width of the hidden states.
    pub hidden_size: usize,
    /// How many layers compute, one after the other. There are fewer where they share weights.
    pub num_hidden_layers: usize,
    /// How layers share weights.
    pub groups: Groups,
    /// Attention heads of each layer; divides `hidden_size`.
    pub num_attention_heads: usize,
    /// Heads of keys and values, each for as many heads of queries; divides `num_attention_heads`
    /// (Ainslie et al. 2023).
    pub key_value_heads: usize,
    /// Width between the two feed-forward products.
    pub intermediate_size: usize,
    /// The feed-forward non-linearity.
    pub hidden_act: Activation,
    /// Whether what it gives is multiplied by another product of the input (Shazeer 2020).
    pub is_gated: bool,
    /// Which parts have biases.
    pub biases: Biases,
    /// How rows are normalised.
    pub norm: Norm,
    /// Where layers normalise.
    pub norm_placement: NormPlacement,
    /// Whether embeddings are normalised.
    pub normalises_embeddings: bool,
    /// What mixes neighbouring tokens after the first layer.
    pub convolution: Option<Convolution>,
    /// What stands before the classifier.
    pub transform: Option<Transform>,
    /// The masked-language head of its family, or why it cannot be pretrained here.
    pub masked_lm: Result<MaskedLm, NoMaskedLm>,
    /// Where units are dropped while training, and how many.
    pub dropouts: Dropouts,
    /// Rows of the position embedding; 0 where there is none.
    pub position_rows: usize,
    /// The row of the position embedding that the first token of a sequence has; lower ones are not used.
    pub first_position: usize,
    /// Positions in the scores of attention.
    pub relative_positions: Option<RelativePositions>,
    /// Positions in queries and keys.
    pub rotary: Option<Rotary>,
    /// The longest sequence that the model reads, in tokens, special tokens included.
    pub(crate) max_tokens: usize,
    /// Rows of the token type embedding; 0 where there is none.
    pub type_vocab_size: usize,
    /// Epsilon of every norm.
    pub layer_norm_eps: f64,
    /// Standard deviation from which new weights are drawn.
    pub initializer_range: f64,
    /// The same of a new classifier.
    pub classifier_range: f64,
    /// A token of sequences whose embedding no gradient reaches: PyTorch gives none to the one that pads,
    /// which may stand for something else as well.
    pub untrained_token: Option<usize>,
    /// The id that fills short rows of a batch.
    pub pad_token_id: usize,
    /// Names of the labels by id, or what the file has in their place; empty where it names none. A
    /// model whose labels nobody can read may still be fine-tuned for others.
    pub(crate) labels: Result<Vec<String>, String>,
    /// The whole file, so that saving keeps the keys that training does not concern.
    pub raw: Map<String, Value>,
}

impl Config {
    /// The longest sequence that the model reads, in tokens, special tokens included.
    pub fn max_tokens(&self) -> usize {
        self.max_tokens
    }

    /// Whether a layer's attention has a norm, before it or after it.
    pub fn norms_attention(&self, is_first: bool) -> bool {
        let is_done = is_first && self.normalises_embeddings;
        self.norm_placement == NormPlacement::After || !is_done
    }

    /// The configuration of the same encoder with a token-classification head for `labels`.
    pub fn with_labels(mut self, labels: &[String]) -> Self {
        let by_id = labels
            .iter()
            .enumerate()
            .map(|(id, label)| (id.to_string(), Value::from(label.as_str())));
        let by_label = labels
            .iter()
            .enumerate()
            .map(|(id, label)| (label.clone(), Value::from(id)));
        self.raw.insert(
            "architectures".into(),
            Value::from(vec![self.family.token_classifier()]),
        );
        self.raw
            .insert("model_type".into(), self.family.model_type.into());
        self.raw
            .insert("id2label".into(), Value::Object(by_id.collect()));
        self.raw
            .insert("label2id".into(), Value::Object(by_label.collect()));
        // Both would contradict what is written: the count of labels and the type of the weights.
        self.raw.remove("num_labels");
        self.raw.remove("torch_dtype");
        self.raw.insert("dtype".into(), "float32".into());
        self.labels = Ok(labels.to_vec());
        self
    }

    /// The configuration of the same encoder with its masked-language head.
    pub fn with_masked_lm(mut self) -> Self {
        self.raw.insert(
            "architectures".into(),
            Value::from(vec![self.family.masked_lm()]),
        );
        self.raw
            .insert("model_type".into(), self.family.model_type.into());
        for key in ["id2label", "label2id", "num_labels", "torch_dtype"] {
            self.raw.remove(key);
        }
        self.raw.insert("dtype".into(), "float32".into());
        self.labels = Ok(Vec::new());
        self
    }

    /// The names of the labels by id; none where the file names none, or none that can be read.
    pub fn labels(&self) -> &[String] {
        self.labels.as_deref().unwrap_or_default()
    }

    /// The same, needed to predict.
    ///
    /// # Errors
    /// The file's labels have gaps or no names.
    pub fn required_labels(&self) -> Result<&[String], ConfigError> {
        self.labels
            .as_deref()
            .map_err(|found| ConfigError::BadValue {
                key: "id2label".into(),
                found: found.clone(),
                expected: "an object of label names under the ids 0, 1, 2 …".into(),
            })
    }

    /// The same configuration with every dropout rate at `rate`, 0–1, where one is given.
    pub fn with_dropout(mut self, rate: Option<f64>) -> Self {
        if let Some(rate) = rate {
            self.dropouts = self.dropouts.at(rate);
        }
        self
    }
}

impl RelativePositions {
    /// How many rows the table of buckets has.
    pub fn rows(self) -> usize {
        match self {
            Self::Bias { buckets, .. } => buckets,
            Self::Disentangled { span, .. } => 2 * span,
        }
    }

    /// The bucket of the distance from a query to a key, both counted in the sequence from 0.
    pub fn bucket(self, query: usize, key: usize) -> usize {
        match self {
            Self::Bias {
                buckets,
                max_distance,
            } => bias_bucket(buckets, max_distance, query, key),
            Self::Disentangled {
                span, max_distance, ..
            } => {
                let distance = query.abs_diff(key);
                let bucket = match max_distance {
                    Some(most) => log_bucket(span, most, distance),
                    None => distance,
                };
                match query < key {
                    true => span.saturating_sub(bucket),
                    false => (span + bucket).min(2 * span - 1),
                }
            }
        }
    }
}

/// Small distances have a bucket each, larger ones share them by their logarithm. Keys before the query
/// come first.
fn bias_bucket(buckets: usize, max_distance: usize, query: usize, key: usize) -> usize {
    let of_direction = buckets / 2;
    let exact = of_direction / 2;
    let distance = query.abs_diff(key);
    let start = if key > query { of_direction } else { 0 };
    if distance < exact {
        return start + distance;
    }
    // In 32 bits, as transformers computes it: between two buckets the last bit decides.
    let share =
        (distance as f32 / exact as f32).ln() / (max_distance as f64 / exact as f64).ln() as f32;
    let large = exact + (share * (of_direction - exact) as f32) as usize;
    start + large.min(of_direction - 1)
}

/// Distances up to half of `span` have a bucket each, larger ones share them by their logarithm.
fn log_bucket(span: usize, max_distance: usize, distance: usize) -> usize {
    let middle = span / 2;
    if distance <= middle {
        return distance;
    }
    let (distance, half) = (distance as f32, middle as f32);
    let most = ((max_distance - 1) as f64 / middle as f64) as f32;
    let share = (distance / half).ln() / most.ln();
    (share * (half - 1.0)).ceil() as usize + middle
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of `build_relative_position` in transformers 5.23, for `position_buckets` 256 and 512
    /// positions as in DeBERTa-v3; the reference models cover small ones.
    #[test]
    fn log_buckets_are_those_of_transformers() {
        let positions = RelativePositions::Disentangled {
            span: 256,
            max_distance: Some(512),
            has_projections: false,
            is_normalised: true,
        };
        let cases = [
            (0, 0),
            (1, 1),
            (127, 127),
            (128, 128),
            (129, 129),
            (131, 131),
            (140, 137),
            (150, 143),
            (199, 169),
            (200, 169),
            (255, 192),
            (257, 192),
            (300, 207),
            (400, 233),
            (500, 254),
            (511, 255),
        ];
        for (distance, bucket) in cases {
            assert_eq!(positions.bucket(distance, 0), 256 + bucket, "{distance}");
            assert_eq!(positions.bucket(0, distance), 256 - bucket, "{distance}");
        }
        assert_eq!(positions.bucket(4000, 0), 511);
        assert_eq!(positions.bucket(0, 4000), 0);
    }

    /// The values of `MPNetEncoder.relative_position_bucket` in transformers 5.23.
    #[test]
    fn buckets_are_those_of_transformers() {
        let positions = RelativePositions::Bias {
            buckets: 32,
            max_distance: 128,
        };
        let cases = [
            (0, 0),
            (1, 1),
            (7, 7),
            (8, 8),
            (11, 8),
            (12, 9),
            (15, 9),
            (16, 10),
            (22, 10),
            (23, 11),
            (31, 11),
            (32, 12),
            (45, 12),
            (46, 13),
            (63, 13),
            (64, 14),
            (90, 14),
            (91, 15),
            (127, 15),
            (500, 15),
        ];
        for (distance, bucket) in cases {
            assert_eq!(positions.bucket(600, 600 - distance), bucket, "{distance}");
            let after = if distance == 0 { 0 } else { 16 };
            assert_eq!(positions.bucket(0, distance), bucket + after, "{distance}");
        }
    }
}
