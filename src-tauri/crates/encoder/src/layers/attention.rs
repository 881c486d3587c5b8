//! Multi-head self-attention (Vaswani et al. 2017, section 3.2.2), its output added and normalised.

use super::{Linear, Output, Packing};
use crate::config::Config;
use crate::ops::{self, Execution};
use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};

#[derive(Module, Debug)]
pub(crate) struct Attention {
    self_attention: SelfAttention,
    output: Output,
}

impl Attention {
    pub(crate) fn new(config: &Config, device: &Device) -> Self {
        Self {
            self_attention: SelfAttention::new(config, device),
            output: Output::new(config, config.hidden_size, device),
        }
    }

    pub(crate) fn for_inference(self, packing: Packing) -> Self {
        let attention = self.self_attention;
        Self {
            self_attention: SelfAttention {
                query: attention.query.for_inference(packing),
                key: attention.key.for_inference(packing),
                value: attention.value.for_inference(packing),
                ..attention
            },
            output: self.output.for_inference(packing),
        }
    }

    /// `hidden` `[tokens, hidden]` → the same shape, or `[count, hidden]` at `indices` `[count]`.
    ///
    /// Everything after the attention itself is computed token by token, so only the requested rows are.
    pub(crate) fn forward(
        &self,
        hidden: Tensor<2>,
        execution: &Execution,
        indices: Option<Tensor<1, Int>>,
    ) -> Tensor<2> {
        let kernels = execution.kernels();
        let attended = self.self_attention.forward(hidden.clone(), execution);
        let (attended, hidden) = match indices {
            Some(indices) => (
                kernels.gather_rows(attended, indices.clone()),
                kernels.gather_rows(hidden, indices),
            ),
            None => (attended, hidden),
        };
        self.output.forward(attended, hidden, kernels)
    }
}

#[derive(Module, Debug)]
struct SelfAttention {
    query: Linear,
    key: Linear,
    value: Linear,
    heads: usize,
    dropout: f64,
}

impl SelfAttention {
    fn new(config: &Config, device: &Device) -> Self {
        let square = || Linear::new(config, config.hidden_size, config.hidden_size, device);
        Self {
            query: square(),
            key: square(),
            value: square(),
            heads: config.num_attention_heads,
            dropout: config.attention_probs_dropout_prob,
        }
    }

    /// `hidden` `[tokens, hidden]` → the same shape.
    fn forward(&self, hidden: Tensor<2>, execution: &Execution) -> Tensor<2> {
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
}
