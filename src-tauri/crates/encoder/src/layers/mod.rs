//! The building blocks of an encoder, shared by the model families.
//!
//! Fields are called as Hugging Face calls them, so that a family's
//! [name table](crate::weights::NameTable) stays short.

mod attention;
mod embeddings;
mod feed_forward;
mod linear;
mod norm;

pub(crate) use attention::Attention;
pub(crate) use embeddings::Embeddings;
pub(crate) use feed_forward::Intermediate;
pub(crate) use linear::Linear;
pub(crate) use norm::Output;

use crate::config::Config;
use crate::ops::{Kernels, Quantisation};
use crate::precision::Precision;
use burn::nn::Initializer;

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
