//! A linear layer, `x W + b`, and the forms of its weight that only inference can use.

use super::{Lora, Packing, normal};
use crate::config::{Activation, Config};
use crate::ops::{self, Kernels, PackedWeight};
use crate::precision::dtype_of;
use burn::module::{Module, Param};
use burn::nn::Initializer;
use burn::tensor::{Device, Tensor};

/// A linear layer, with or without bias.
#[derive(Module, Debug)]
pub struct Linear {
    /// `[from, to]`; empty where the weight is packed for inference.
    pub(crate) weight: Param<Tensor<2>>,
    /// `[to]`.
    pub(crate) bias: Option<Param<Tensor<1>>>,
    /// What is trained in the place of the weight.
    lora: Option<Lora>,
    /// The weight as inference on the CPU reads it.
    #[module(skip)]
    packed: Option<PackedWeight>,
}

impl Linear {
    /// A layer `[from, to]` whose weights are drawn only if none are loaded, its biases 0.
    pub(crate) fn new(
        config: &Config,
        [from, to]: [usize; 2],
        has_bias: bool,
        device: &Device,
    ) -> Self {
        Self {
            weight: normal(config).init([from, to], device),
            bias: has_bias.then(|| Initializer::Zeros.init([to], device)),
            lora: None,
            packed: None,
        }
    }

    /// A layer of given weights `[from, to]` and biases `[to]`.
    pub(crate) fn of(weight: Param<Tensor<2>>, bias: Param<Tensor<1>>) -> Self {
        Self {
            weight,
            bias: Some(bias),
            lora: None,
            packed: None,
        }
    }

    /// The same layer with a change beside its weight.
    pub(crate) fn with_lora(self, lora: Lora) -> Self {
        Self {
            lora: Some(lora),
            ..self
        }
    }

    /// The same layer, its change added to its weight.
    pub(crate) fn merged(mut self, kernels: Kernels) -> Self {
        if let Some(lora) = self.lora.take() {
            self.weight = Param::from_tensor(self.weight.val() + lora.change(kernels));
        }
        self
    }

    /// Packs the weight for inference where these kernels have a packed GEMM; else casts it to the model's
    /// precision once. The layer can then neither be trained nor saved.
    pub(crate) fn for_inference(self, packing: Packing) -> Self {
        let Packing {
            quantisation,
            precision,
            kernels,
        } = packing;
        let mut layer = self.merged(kernels);
        let weight = layer.weight.val();
        if let Some(packed) = kernels.pack_weight(weight.clone(), quantisation, precision) {
            layer.weight = Param::from_tensor(Tensor::empty([0, 0], &weight.device()));
            layer.packed = Some(packed);
        } else if precision.is_half() && kernels != Kernels::Cpu {
            // The bias stays in 32 bits: it is added before sums are rounded.
            layer.weight = Param::from_tensor(kernels.cast(weight, dtype_of(precision)));
        }
        layer
    }

    /// `[rows, from]` → `[rows, to]`.
    pub(crate) fn forward(&self, input: Tensor<2>, kernels: Kernels) -> Tensor<2> {
        match &self.packed {
            Some(packed) => ops::linear_packed(input, packed, self.bias()),
            None => {
                let changed = self.lora.as_ref().map(|lora| (lora, input.clone()));
                let out = kernels.linear(input, self.weight.val(), self.bias());
                match changed {
                    Some((lora, input)) => out + lora.forward(input, kernels),
                    None => out,
                }
            }
        }
    }

    /// Whether its weight alone does not say what it computes.
    fn is_special(&self) -> bool {
        self.packed.is_some() || self.lora.is_some()
    }

    fn bias(&self) -> Option<Tensor<1>> {
        self.bias.as_ref().map(Param::val)
    }

    /// `[rows, hidden]` → `[rows, hidden]`, through this layer, `activation` and `second`.
    pub(crate) fn feed_forward(
        &self,
        second: &Self,
        input: Tensor<2>,
        activation: Activation,
        kernels: Kernels,
    ) -> Tensor<2> {
        if self.is_special() || second.is_special() {
            let inner = kernels.activate(self.forward(input, kernels), activation);
            return second.forward(inner, kernels);
        }
        kernels.feed_forward(
            input,
            [self.weight.val(), second.weight.val()],
            [self.bias(), second.bias()],
            activation,
        )
    }
}
