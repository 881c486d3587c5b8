//! A layer of an encoder: attention and a feed-forward block, each added to its input and normalised.

use super::{Attention, FeedForward, Packing, layer_norm};
use crate::config::Config;
use crate::ops::Execution;
use burn::module::Module;
use burn::nn::LayerNorm;
use burn::tensor::{Device, Int, Tensor};

/// Post-norm: each block adds its input to its output, then normalises (Vaswani et al. 2017, section 3.1).
#[derive(Module, Debug)]
pub(crate) struct Layer {
    attention: Attention,
    attention_norm: LayerNorm,
    feed_forward: FeedForward,
    feed_forward_norm: LayerNorm,
    epsilon: f64,
    /// Dropout of what a block gives, before it is added: attention, feed-forward.
    dropouts: [f64; 2],
}

impl Layer {
    pub(crate) fn new(config: &Config, device: &Device) -> Self {
        let norm = || layer_norm(config, config.hidden_size, device);
        let dropouts = [config.dropouts.attention, config.dropouts.feed_forward];
        Self {
            attention: Attention::new(config, device),
            attention_norm: norm(),
            feed_forward: FeedForward::new(config, device),
            feed_forward_norm: norm(),
            epsilon: config.layer_norm_eps,
            dropouts: dropouts.map(Option::unwrap_or_default),
        }
    }

    pub(crate) fn for_inference(self, packing: Packing) -> Self {
        Self {
            attention: self.attention.for_inference(packing),
            feed_forward: self.feed_forward.for_inference(packing),
            ..self
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
        let [of_attention, of_feed_forward] = self.dropouts;
        let add_norm = |output, residual, norm, dropout| {
            kernels.add_norm(output, residual, norm, self.epsilon, dropout)
        };
        let attended = self.attention.attend(hidden.clone(), execution);
        let (attended, hidden) = match indices {
            Some(indices) => (
                kernels.gather_rows(attended, indices.clone()),
                kernels.gather_rows(hidden, indices),
            ),
            None => (attended, hidden),
        };
        let output = self.attention.output(attended, kernels);
        let hidden = add_norm(output, hidden, &self.attention_norm, of_attention);
        let output = self.feed_forward.forward(hidden.clone(), kernels);
        add_norm(output, hidden, &self.feed_forward_norm, of_feed_forward)
    }
}
