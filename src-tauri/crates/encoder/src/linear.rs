//! A linear layer, `x W + b`.

use crate::ops;
use burn::module::{Module, Param};
use burn::nn::Initializer;
use burn::tensor::{Device, Tensor};

/// A linear layer with bias.
#[derive(Module, Debug)]
pub struct Linear {
    /// `[from, to]`.
    pub(crate) weight: Param<Tensor<2>>,
    /// `[to]`.
    pub(crate) bias: Param<Tensor<1>>,
}

impl Linear {
    /// A layer of the shape `[from, to]` with drawn weights and no bias yet.
    pub(crate) fn new(shape: [usize; 2], initializer: Initializer, device: &Device) -> Self {
        Self {
            weight: initializer.init(shape, device),
            bias: Initializer::Zeros.init([shape[1]], device),
        }
    }

    /// `[rows, from]` → `[rows, to]`.
    pub(crate) fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        ops::linear(input, self.weight.val(), self.bias.val())
    }
}
