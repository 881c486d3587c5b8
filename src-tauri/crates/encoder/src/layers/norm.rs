//! The end of a post-norm block: a linear layer, dropout, the residual and LayerNorm.

use super::{Linear, Packing};
use crate::config::Config;
use crate::ops::Kernels;
use burn::module::Module;
use burn::nn::{LayerNorm, LayerNormConfig};
use burn::tensor::{Device, Tensor};

#[derive(Module, Debug)]
pub(crate) struct Output {
    pub(super) dense: Linear,
    layer_norm: LayerNorm,
    epsilon: f64,
    dropout: f64,
}

impl Output {
    /// From `width` columns to those of the hidden states.
    pub(crate) fn new(config: &Config, width: usize, device: &Device) -> Self {
        Self {
            dense: Linear::new(config, width, config.hidden_size, device),
            layer_norm: layer_norm(config, device),
            epsilon: config.layer_norm_eps,
            dropout: config.hidden_dropout_prob,
        }
    }

    pub(crate) fn for_inference(self, packing: Packing) -> Self {
        Self {
            dense: self.dense.for_inference(packing),
            ..self
        }
    }

    /// `input` `[rows, width]`, `residual` `[rows, hidden]` → `[rows, hidden]`.
    pub(super) fn forward(
        &self,
        input: Tensor<2>,
        residual: Tensor<2>,
        kernels: Kernels,
    ) -> Tensor<2> {
        self.add_norm(self.dense.forward(input, kernels), residual, kernels)
    }

    /// What follows the linear layer: `output`, `residual` `[rows, hidden]` → the same shape.
    pub(super) fn add_norm(
        &self,
        output: Tensor<2>,
        residual: Tensor<2>,
        kernels: Kernels,
    ) -> Tensor<2> {
        kernels.add_norm(
            output,
            residual,
            &self.layer_norm,
            self.epsilon,
            self.dropout,
        )
    }
}

pub(super) fn layer_norm(config: &Config, device: &Device) -> LayerNorm {
    LayerNormConfig::new(config.hidden_size)
        .with_epsilon(config.layer_norm_eps)
        .init(device)
}
