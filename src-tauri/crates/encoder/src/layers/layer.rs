//! A layer of an encoder: attention and a feed-forward block, each added to its input.

use super::{Attention, Context, FeedForward, Linear, Normalising, Role, layer_norm};
use crate::config::{Config, NormPlacement};
use burn::module::Module;
use burn::nn::LayerNorm;
use burn::tensor::{Device, Int, Tensor};

#[derive(Module, Debug)]
pub(crate) struct Layer {
    attention: Attention,
    attention_norm: Option<LayerNorm>,
    feed_forward: FeedForward,
    feed_forward_norm: LayerNorm,
    #[module(skip)]
    placement: NormPlacement,
    #[module(skip)]
    normalising: Normalising,
    /// Dropout of what a block gives, before it is added: attention, feed-forward.
    dropouts: [f64; 2],
}

impl Layer {
    /// Layer `at`, from 0.
    pub(crate) fn new(config: &Config, at: usize, device: &Device) -> Self {
        let norm = || layer_norm(config, config.hidden_size, device);
        let placement = config.norm_placement;
        let dropouts = [config.dropouts.attention, config.dropouts.feed_forward];
        Self {
            attention: Attention::new(config, at, device),
            attention_norm: config.norms_attention(at == 0).then(norm),
            feed_forward: FeedForward::new(config, device),
            feed_forward_norm: norm(),
            placement,
            normalising: Normalising::new(config),
            dropouts: dropouts.map(Option::unwrap_or_default),
        }
    }

    /// The same layer, each linear layer of it changed.
    pub(crate) fn map_linears(self, change: &mut dyn FnMut(Role, Linear) -> Linear) -> Self {
        Self {
            attention: self.attention.map_linears(change),
            feed_forward: self.feed_forward.map_linears(change),
            ..self
        }
    }

    /// `hidden` `[tokens, hidden]` → the same shape, or `[count, hidden]` at `indices` `[count]`.
    ///
    /// Everything after the attention itself is computed token by token, so only the requested rows are.
    pub(crate) fn forward(
        &self,
        hidden: Tensor<2>,
        context: &Context,
        indices: Option<Tensor<1, Int>>,
    ) -> Tensor<2> {
        let kernels = context.execution.kernels();
        let [of_attention, of_feed_forward] = self.dropouts;
        let is_before = self.placement == NormPlacement::Before;
        let input = match &self.attention_norm {
            Some(norm) if is_before => self.normalising.apply(hidden.clone(), norm, kernels),
            _ => hidden.clone(),
        };
        let attended = self.attention.attend(input, context);
        let (attended, hidden) = match indices {
            Some(indices) => (
                kernels.gather_rows(attended, indices.clone()),
                kernels.gather_rows(hidden, indices),
            ),
            None => (attended, hidden),
        };
        let output = self.attention.output(attended, kernels);
        let norm = &self.feed_forward_norm;
        match &self.attention_norm {
            Some(attention_norm) if !is_before => {
                let add_norm = |output, residual, norm, dropout| {
                    kernels.add_norm(output, residual, norm, self.normalising.epsilon, dropout)
                };
                let hidden = add_norm(output, hidden, attention_norm, of_attention);
                let output = self.feed_forward.forward(hidden.clone(), kernels);
                add_norm(output, hidden, norm, of_feed_forward)
            }
            _ => {
                let hidden = kernels.add(output, hidden, of_attention);
                let input = self.normalising.apply(hidden.clone(), norm, kernels);
                let output = self.feed_forward.forward(input, kernels);
                kernels.add(output, hidden, of_feed_forward)
            }
        }
    }
}
