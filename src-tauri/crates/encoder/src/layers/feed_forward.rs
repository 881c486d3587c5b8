//! The feed-forward block: two linear layers with an activation between them.

use super::{Linear, Packing};
use crate::config::{Activation, Config};
use crate::ops::Kernels;
use burn::module::Module;
use burn::tensor::{Device, Tensor};

#[derive(Module, Debug)]
pub(crate) struct FeedForward {
    inner: Linear,
    outer: Linear,
    #[module(skip)]
    activation: Activation,
}

impl FeedForward {
    pub(crate) fn new(config: &Config, device: &Device) -> Self {
        let (hidden, inner) = (config.hidden_size, config.intermediate_size);
        Self {
            inner: Linear::new(config, hidden, inner, device),
            outer: Linear::new(config, inner, hidden, device),
            activation: config.hidden_act,
        }
    }

    pub(crate) fn for_inference(self, packing: Packing) -> Self {
        Self {
            inner: self.inner.for_inference(packing),
            outer: self.outer.for_inference(packing),
            ..self
        }
    }

    /// `[rows, hidden]` → the same shape.
    pub(crate) fn forward(&self, hidden: Tensor<2>, kernels: Kernels) -> Tensor<2> {
        self.inner
            .feed_forward(&self.outer, hidden, self.activation, kernels)
    }
}
