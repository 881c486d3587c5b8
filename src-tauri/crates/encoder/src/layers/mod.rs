//! The building blocks of an encoder, shared by the model families.
//!
//! Fields are called as the tables of [names](crate::config::Family) call the parts.

mod attention;
mod convolution;
mod embeddings;
mod encoder;
mod feed_forward;
mod layer;
mod linear;
mod lora;
mod relative;
mod transform;

use attention::Attention;
use convolution::Convolution;
use embeddings::Embeddings;
pub(crate) use encoder::Encoder;
use feed_forward::FeedForward;
use layer::Layer;
pub(crate) use linear::Linear;
pub use lora::LoraConfig;
use lora::{Lora, Role};
use relative::Relative;
pub(crate) use transform::Transform;

use crate::config::{Config, Norm};
use crate::ops::{Execution, Kernels, Quantisation, Rotation};
use crate::precision::Precision;
use burn::nn::{Initializer, LayerNorm, LayerNormConfig};
use burn::tensor::{Device, Tensor};

/// The choices that a model's weights are packed by for inference.
#[derive(Clone, Copy)]
pub(crate) struct Packing {
    pub(crate) quantisation: Quantisation,
    pub(crate) precision: Precision,
    pub(crate) kernels: Kernels,
}

/// What all layers share of a batch.
struct Context {
    execution: Execution,
    /// What distances are: `[buckets, heads]` in 32 bits or `[buckets, hidden]` in the model's precision.
    relative: Option<Tensor<2>>,
    /// The rotations of layers that look at everything, and of those that look at what is near.
    rotations: Option<[Rotation; 2]>,
}

impl Context {
    fn rotation(&self, is_local: bool) -> Option<&Rotation> {
        let rotations = self.rotations.as_ref()?;
        Some(&rotations[usize::from(is_local)])
    }
}

/// The distribution of weights that no checkpoint gives.
fn normal(config: &Config) -> Initializer {
    Initializer::Normal {
        mean: 0.0,
        std: config.initializer_range,
    }
}

/// How the rows of a family are normalised.
#[derive(Clone, Copy, Debug)]
struct Normalising {
    norm: Norm,
    epsilon: f64,
}

impl Normalising {
    fn new(config: &Config) -> Self {
        Self {
            norm: config.norm,
            epsilon: config.layer_norm_eps,
        }
    }

    /// `[rows, width]` → the same shape.
    fn apply(self, input: Tensor<2>, weights: &LayerNorm, kernels: Kernels) -> Tensor<2> {
        match self.norm {
            Norm::Layer => kernels.norm(input, weights, self.epsilon),
            Norm::RootMeanSquare => kernels.rms_norm(input, weights, self.epsilon),
        }
    }
}

fn layer_norm(config: &Config, width: usize, device: &Device) -> LayerNorm {
    LayerNormConfig::new(width)
        .with_epsilon(config.layer_norm_eps)
        .with_bias(config.biases.norm)
        .init(device)
}
