//! A linear layer, `x W + b`, and the forms of its weight that only inference can use.

use crate::config::Activation;
use crate::ops::{self, Kernels, Laid, Quantisation};
use crate::precision::{Precision, dtype_of};
use burn::module::{Module, Param};
use burn::nn::Initializer;
use burn::tensor::{Device, Tensor};

/// A linear layer with bias.
#[derive(Module, Debug)]
pub struct Linear {
    /// `[from, to]`; nothing where the weight is laid out for inference.
    pub(crate) weight: Param<Tensor<2>>,
    /// `[to]`.
    pub(crate) bias: Param<Tensor<1>>,
    /// The weight as inference on the CPU reads it.
    #[module(skip)]
    laid: Option<Laid>,
}

impl Linear {
    /// A layer of the shape `[from, to]` with drawn weights and no bias yet.
    pub(crate) fn new(shape: [usize; 2], initializer: Initializer, device: &Device) -> Self {
        Self {
            weight: initializer.init(shape, device),
            bias: Initializer::Zeros.init([shape[1]], device),
            laid: None,
        }
    }

    /// A layer of given weights `[from, to]` and biases `[to]`.
    pub(crate) fn of(weight: Param<Tensor<2>>, bias: Param<Tensor<1>>) -> Self {
        Self {
            weight,
            bias,
            laid: None,
        }
    }

    /// Lays the weight out for inference, once for all products, where the device gains by it; or narrows
    /// it once, where it meets narrow numbers. The layer can then neither be trained nor saved.
    pub(crate) fn for_inference(
        mut self,
        quantisation: Quantisation,
        precision: Precision,
        kernels: Kernels,
    ) -> Self {
        let weight = self.weight.val();
        if let Some(laid) = kernels.pack_weight(weight.clone(), quantisation, precision) {
            self.weight = Param::from_tensor(Tensor::empty([0, 0], &weight.device()));
            self.laid = Some(laid);
        } else if precision.is_half() && kernels != Kernels::Cpu {
            // The bias stays in 32 bits: it is added before sums are rounded.
            self.weight = Param::from_tensor(kernels.cast(weight, dtype_of(precision)));
        }
        self
    }

    /// `[rows, from]` → `[rows, to]`.
    pub(crate) fn forward(&self, input: Tensor<2>, kernels: Kernels) -> Tensor<2> {
        match &self.laid {
            Some(laid) => ops::linear_laid(input, laid, self.bias.val()),
            None => kernels.linear(input, self.weight.val(), self.bias.val()),
        }
    }

    /// `[rows, hidden]` → `[rows, hidden]`, through this layer, `activation` and `second`.
    pub(crate) fn feed_forward(
        &self,
        second: &Self,
        input: Tensor<2>,
        activation: Activation,
        kernels: Kernels,
    ) -> Tensor<2> {
        if self.laid.is_some() || second.laid.is_some() {
            let inner = kernels.activate(self.forward(input, kernels), activation);
            return second.forward(inner, kernels);
        }
        kernels.feed_forward(
            input,
            [self.weight.val(), second.weight.val()],
            [self.bias.val(), second.bias.val()],
            activation,
        )
    }
}
