//! What stands between an encoder and its classifier in some families: a linear layer, an activation, a norm.

use super::{Linear, layer_norm};
use crate::config::{self, Activation, Config};
use crate::ops::Kernels;
use burn::module::Module;
use burn::nn::LayerNorm;
use burn::tensor::{Device, Tensor};

#[derive(Module, Debug)]
pub(crate) struct Transform {
    dense: Linear,
    norm: LayerNorm,
    epsilon: f64,
    #[module(skip)]
    activation: Activation,
}

impl Transform {
    pub(crate) fn new(config: &Config, transform: config::Transform, device: &Device) -> Self {
        let hidden = config.hidden_size;
        Self {
            dense: Linear::new(config, [hidden, hidden], transform.has_bias, device),
            norm: layer_norm(config, hidden, device),
            epsilon: config.layer_norm_eps,
            activation: transform.activation,
        }
    }

    /// `[rows, hidden]` in 32 bits → the same shape.
    pub(crate) fn forward(&self, hidden: Tensor<2>, kernels: Kernels) -> Tensor<2> {
        let hidden = kernels.activate(self.dense.forward(hidden, kernels), self.activation);
        kernels.norm(hidden, &self.norm, self.epsilon)
    }
}
