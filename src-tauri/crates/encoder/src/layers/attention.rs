//! Multi-head self-attention (Vaswani et al. 2017, section 3.2.2).

use super::{Linear, Packing};
use crate::config::Config;
use crate::ops::{self, Execution, Kernels};
use burn::module::Module;
use burn::tensor::{Device, Tensor};

#[derive(Module, Debug)]
pub(crate) struct Attention {
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
    heads: usize,
    dropout: f64,
}

impl Attention {
    pub(crate) fn new(config: &Config, device: &Device) -> Self {
        let square = || Linear::new(config, config.hidden_size, config.hidden_size, device);
        Self {
            query: square(),
            key: square(),
            value: square(),
            output: square(),
            heads: config.num_attention_heads,
            dropout: config.dropouts.attention_weights.unwrap_or_default(),
        }
    }

    pub(crate) fn for_inference(self, packing: Packing) -> Self {
        Self {
            query: self.query.for_inference(packing),
            key: self.key.for_inference(packing),
            value: self.value.for_inference(packing),
            output: self.output.for_inference(packing),
            ..self
        }
    }

    /// What each token attends to, its heads side by side: `hidden` `[tokens, hidden]` → the same shape.
    pub(crate) fn attend(&self, hidden: Tensor<2>, execution: &Execution) -> Tensor<2> {
        let kernels = execution.kernels();
        ops::attention(
            self.query.forward(hidden.clone(), kernels),
            self.key.forward(hidden.clone(), kernels),
            self.value.forward(hidden, kernels),
            execution,
            self.heads,
            self.dropout,
        )
    }

    /// The last linear layer: `[rows, hidden]` → the same shape.
    pub(crate) fn output(&self, attended: Tensor<2>, kernels: Kernels) -> Tensor<2> {
        self.output.forward(attended, kernels)
    }
}
