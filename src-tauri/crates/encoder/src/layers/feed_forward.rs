//! The feed-forward block: two linear layers with an activation between them, added and normalised.

use super::{Linear, Output, Packing};
use crate::config::{Activation, Config};
use crate::ops::Kernels;
use burn::module::Module;
use burn::tensor::{Device, Tensor};

/// The first of the two linear layers; the second is part of [`Output`].
#[derive(Module, Debug)]
pub(crate) struct Intermediate {
    dense: Linear,
    #[module(skip)]
    activation: Activation,
}

impl Intermediate {
    pub(crate) fn new(config: &Config, device: &Device) -> Self {
        Self {
            dense: Linear::new(config, config.hidden_size, config.intermediate_size, device),
            activation: config.hidden_act,
        }
    }

    pub(crate) fn for_inference(self, packing: Packing) -> Self {
        Self {
            dense: self.dense.for_inference(packing),
            ..self
        }
    }

    /// `hidden` `[rows, hidden]` → the same shape, through the whole block.
    pub(crate) fn forward(
        &self,
        output: &Output,
        hidden: Tensor<2>,
        kernels: Kernels,
    ) -> Tensor<2> {
        let widened =
            self.dense
                .feed_forward(&output.dense, hidden.clone(), self.activation, kernels);
        output.add_norm(widened, hidden, kernels)
    }
}
