//! The building blocks of an encoder, shared by the model families.
//!
//! Fields are called as the tables of [names](crate::config::Family) call the parts.

mod attention;
mod embeddings;
mod encoder;
mod feed_forward;
mod layer;
mod linear;

use attention::Attention;
use embeddings::Embeddings;
pub(crate) use encoder::Encoder;
use feed_forward::FeedForward;
use layer::Layer;
pub(crate) use linear::Linear;

use crate::config::Config;
use crate::ops::{Kernels, Quantisation};
use crate::precision::Precision;
use burn::nn::{Initializer, LayerNorm, LayerNormConfig};
use burn::tensor::Device;

/// The choices that a model's weights are packed by for inference.
#[derive(Clone, Copy)]
pub(crate) struct Packing {
    pub(crate) quantisation: Quantisation,
    pub(crate) precision: Precision,
    pub(crate) kernels: Kernels,
}

/// The distribution of weights that no checkpoint gives.
fn normal(config: &Config) -> Initializer {
    Initializer::Normal {
        mean: 0.0,
        std: config.initializer_range,
    }
}

fn layer_norm(config: &Config, width: usize, device: &Device) -> LayerNorm {
    LayerNormConfig::new(width)
        .with_epsilon(config.layer_norm_eps)
        .init(device)
}
