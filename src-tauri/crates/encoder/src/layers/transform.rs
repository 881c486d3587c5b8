//! A linear layer, an activation and a norm: what stands between an encoder and its classifier in some families,
//! and between encoder and decoder in a masked-language head.

use super::{Linear, layer_norm};
use crate::config::{Activation, Config};
use crate::ops::Kernels;
use burn::module::{Module, Param};
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
    /// From the hidden states to `width` columns.
    pub(crate) fn new(
        config: &Config,
        width: usize,
        activation: Activation,
        has_bias: bool,
        device: &Device,
    ) -> Self {
        Self {
            dense: Linear::new(config, [config.hidden_size, width], has_bias, device),
            norm: layer_norm(config, width, device),
            epsilon: config.layer_norm_eps,
            activation,
        }
    }

    /// The same with another weight `[hidden, width]` of the linear layer.
    pub(crate) fn with_weight(mut self, weight: Tensor<2>) -> Self {
        self.dense.weight = Param::from_tensor(weight);
        self
    }

    /// `[rows, hidden]` in 32 bits → `[rows, width]`.
    pub(crate) fn forward(&self, hidden: Tensor<2>, kernels: Kernels) -> Tensor<2> {
        let hidden = kernels.activate(self.dense.forward(hidden, kernels), self.activation);
        kernels.norm(hidden, &self.norm, self.epsilon)
    }
}
