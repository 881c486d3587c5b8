//! The low-rank change of a linear layer (LoRA, Hu et al. 2021): what is trained of it while its own weight is frozen.

use crate::ops::{Kernels, uniform};
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};
use tagsmith_protocol::LoraTargets;

/// The adapter of a model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LoraConfig {
    /// The rank of each change.
    pub rank: usize,
    /// A change counts `alpha / rank` times.
    pub alpha: f64,
    /// The share of a change's input that is dropped in training, 0–1.
    pub dropout: f64,
    /// Which linear layers are changed.
    pub targets: LoraTargets,
}

/// What a linear layer of a layer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// To make the queries or the values of attention.
    QueryOrValue,
    /// Something else in attention.
    Attention,
    /// A part of the feed-forward block.
    FeedForward,
}

impl LoraConfig {
    /// Whether linear layers of this role are changed.
    pub(crate) fn targets(&self, role: Role) -> bool {
        match self.targets {
            LoraTargets::QueryValue => role == Role::QueryOrValue,
            LoraTargets::Attention => role != Role::FeedForward,
            LoraTargets::AllLinear => true,
        }
    }
}

/// `scale · dropout(x) A B`, added to what a linear layer gives.
#[derive(Module, Debug)]
pub(crate) struct Lora {
    /// `[from, rank]`, which the paper calls A, transposed.
    down: Param<Tensor<2>>,
    /// `[rank, to]`, which the paper calls B, transposed.
    up: Param<Tensor<2>>,
    scale: f64,
    dropout: f64,
}

impl Lora {
    /// A change of a layer `[from, to]` that is 0 at first: A is drawn as PEFT draws it, uniformly within
    /// `±1 / √from`, B is 0.
    pub(crate) fn new(
        config: &LoraConfig,
        [from, to]: [usize; 2],
        seed: u64,
        device: &Device,
    ) -> Self {
        let rank = config.rank;
        let down = uniform(from * rank, (from as f64).powf(-0.5), seed);
        let up = vec![0.0f32; rank * to];
        Self {
            down: Param::from_data(TensorData::new(down, [from, rank]), device),
            up: Param::from_data(TensorData::new(up, [rank, to]), device),
            scale: config.alpha / rank as f64,
            dropout: config.dropout,
        }
    }

    /// `[rows, from]` → `[rows, to]`.
    pub(crate) fn forward(&self, input: Tensor<2>, kernels: Kernels) -> Tensor<2> {
        let input = kernels.dropout(input, self.dropout);
        let narrow = kernels.linear(input, self.down.val(), None) * self.scale;
        kernels.linear(narrow, self.up.val(), None)
    }

    /// What the layer's weight is changed by, `[from, to]`.
    pub(crate) fn change(&self, kernels: Kernels) -> Tensor<2> {
        kernels.linear(self.down.val(), self.up.val(), None) * self.scale
    }
}
