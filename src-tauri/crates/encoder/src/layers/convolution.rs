//! A convolution along the sequence, added to what the first layer gives (He et al. 2021, appendix).

use super::{layer_norm, normal};
use crate::config::{self, Activation, Config};
use crate::ops::Kernels;
use crate::sequence_offsets::SequenceOffsets;
use burn::module::{Module, Param};
use burn::nn::{Initializer, LayerNorm};
use burn::tensor::{DType, Device, Int, Tensor, TensorData};

#[derive(Module, Debug)]
pub(crate) struct Convolution {
    mix: Mix,
    norm: LayerNorm,
    epsilon: f64,
    dropout: f64,
    #[module(skip)]
    activation: Activation,
}

/// The convolution's own weights.
#[derive(Module, Debug)]
struct Mix {
    /// `[to, from, width]`, as PyTorch keeps it.
    weight: Param<Tensor<3>>,
    /// `[to]`.
    bias: Param<Tensor<1>>,
}

impl Convolution {
    pub(crate) fn new(config: &Config, convolution: config::Convolution, device: &Device) -> Self {
        let hidden = config.hidden_size;
        Self {
            mix: Mix {
                weight: normal(config).init([hidden, hidden, convolution.width], device),
                bias: Initializer::Zeros.init([hidden], device),
            },
            norm: layer_norm(config, hidden, device),
            epsilon: config.layer_norm_eps,
            dropout: config.dropouts.embeddings.unwrap_or_default(),
            activation: convolution.activation,
        }
    }

    /// `embedded`, `hidden` `[rows, hidden]` → the same shape. Beyond the ends of a sequence there are zeros.
    pub(crate) fn forward(
        &self,
        embedded: Tensor<2>,
        hidden: Tensor<2>,
        offsets: &SequenceOffsets,
        kernels: Kernels,
    ) -> Tensor<2> {
        let weight = self.mix.weight.val();
        let [to, from, width] = weight.dims();
        let device = embedded.device();
        let mixed = (0..width).map(|tap| {
            let (neighbours, is_there) = neighbours(offsets, tap, width, &device);
            let of_tap = weight.clone().narrow(2, tap, 1).reshape([to, from]);
            let bias = (tap == 0).then(|| self.mix.bias.val());
            let shifted = kernels.gather_rows(embedded.clone(), neighbours);
            let is_there = kernels.cast(is_there, shifted.dtype());
            let shifted = shifted * is_there;
            kernels.linear(shifted, of_tap.transpose(), bias)
        });
        let sum = mixed.reduce(|sum, product| sum + product);
        let mixed = sum.unwrap_or_else(|| hidden.zeros_like());
        let mixed = kernels.activate(kernels.dropout(mixed, self.dropout), self.activation);
        kernels.norm(hidden + mixed, &self.norm, self.epsilon)
    }
}

/// For each row the one that a tap of a convolution looks at, and 1 where it is of the same sequence, else 0:
/// `[rows]` and `[rows, 1]`.
fn neighbours(
    offsets: &SequenceOffsets,
    tap: usize,
    width: usize,
    device: &Device,
) -> (Tensor<1, Int>, Tensor<2>) {
    let rows = offsets.rows();
    let (mut indices, mut is_there) = (vec![0i64; rows], vec![0.0f32; rows]);
    for tokens in offsets.iter() {
        for row in tokens.clone() {
            let neighbour = (row + tap).checked_sub(width / 2);
            if let Some(neighbour) = neighbour.filter(|at| tokens.contains(at)) {
                (indices[row], is_there[row]) = (neighbour as i64, 1.0);
            }
        }
    }
    let indices = Tensor::from_data(TensorData::new(indices, [rows]), device);
    let is_there = TensorData::new(is_there, [rows, 1]);
    (indices, Tensor::from_data(is_there, (device, DType::F32)))
}
