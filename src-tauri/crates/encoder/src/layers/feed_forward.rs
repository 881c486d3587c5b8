//! The feed-forward block: two linear layers with an activation between them, or three where it is gated.

use super::{Linear, Role};
use crate::config::{Activation, Config};
use crate::ops::Kernels;
use burn::module::Module;
use burn::tensor::{Device, Tensor};

#[derive(Module, Debug)]
pub(crate) struct FeedForward {
    inner: Linear,
    /// What the activation is multiplied by (Shazeer 2020).
    gate: Option<Linear>,
    outer: Linear,
    #[module(skip)]
    activation: Activation,
    /// Dropout before the last linear layer.
    dropout: f64,
}

impl FeedForward {
    pub(crate) fn new(config: &Config, device: &Device) -> Self {
        let (hidden, inner) = (config.hidden_size, config.intermediate_size);
        let has_bias = config.biases.feed_forward;
        let widening = || Linear::new(config, [hidden, inner], has_bias, device);
        Self {
            inner: widening(),
            gate: config.is_gated.then(widening),
            outer: Linear::new(config, [inner, hidden], has_bias, device),
            activation: config.hidden_act,
            dropout: config.dropouts.inner.unwrap_or_default(),
        }
    }

    pub(crate) fn map_linears(self, change: &mut dyn FnMut(Role, Linear) -> Linear) -> Self {
        let mut change = |linear| change(Role::FeedForward, linear);
        Self {
            inner: change(self.inner),
            gate: self.gate.map(&mut change),
            outer: change(self.outer),
            ..self
        }
    }

    /// `[rows, hidden]` → the same shape.
    pub(crate) fn forward(&self, hidden: Tensor<2>, kernels: Kernels) -> Tensor<2> {
        let Some(gate) = &self.gate else {
            return self
                .inner
                .feed_forward(&self.outer, hidden, self.activation, kernels);
        };
        let gate = gate.forward(hidden.clone(), kernels);
        let inner = self.inner.forward(hidden, kernels);
        let inner = kernels.gate(inner, gate, self.activation);
        self.outer
            .forward(kernels.dropout(inner, self.dropout), kernels)
    }
}
