//! The operations of an encoder layer and of a training step.
//!
//! The modules call these and nothing else of burn's tensor functions. They are the methods of
//! [`Kernels`], the value that says which implementation computes: `reference` (burn's own tensor
//! functions), `cpu` or `gpu` (fused operations). All give the same result to rounding, forward and
//! backward, and drop the same elements.

mod attention;
mod cpu;
mod fused;
#[cfg(feature = "gpu")]
mod gpu;
mod gradient;
mod kernels;
mod moments;
mod norm;
mod optimizer;
mod random;
mod reference;
mod rotary;

pub use attention::{Execution, Scores, attention};
pub use cpu::{PackedWeight, Quantisation, gemm};
pub use gradient::{Gradient, RowGradients};
pub use kernels::{GpuKernels, Kernels};
pub use moments::{Moments, RowMoments};
pub use optimizer::{AdamWStep, Clip, Parameter};
pub use random::{derived_seed, is_cpu, normal, seed_dropout, uniform};
pub use rotary::Rotation;

use crate::precision::{Precision, cast};
use burn::backend::{Dispatch, Flex};
use burn::module::Param;
use burn::nn::LayerNorm;
use burn::tensor::{DType, Device, Int, Tensor, activation};
use burn_flex::FlexTensor;
use fused::FusedOps;
use norm::NormForm;
use random::Dropout;
use tagsmith_checkpoint::Activation;

/// Whether a device works better with few different sizes of tensors, so that sizes are rounded up
/// ([`SequenceOffsets::rounded_up`](crate::SequenceOffsets::rounded_up)).
pub fn rounds_sizes(device: &Device) -> bool {
    !random::is_cpu(device)
}

impl Kernels {
    /// Drops each element with probability `rate` (0–1) and scales the kept ones by `1 / (1 - rate)`.
    ///
    /// Only active while training, that is, on a tensor of a device with autodiff. What is dropped
    /// follows from the last [`seed_dropout`] of this thread.
    /// Source: Srivastava et al. 2014, in the inverted form that PyTorch uses.
    pub fn dropout<const D: usize>(self, input: Tensor<D>, rate: f64) -> Tensor<D> {
        match Dropout::next(rate, &input.device()) {
            Some(dropout) if self.is_fused() => {
                let out = <Dispatch as FusedOps>::fused_dropout(input.into_dispatch(), dropout);
                Tensor::from_dispatch(out)
            }
            dropout => reference::dropout(input, dropout),
        }
    }

    /// The feed-forward non-linearity, element by element.
    pub fn activate<const D: usize>(self, input: Tensor<D>, kind: Activation) -> Tensor<D> {
        match kind {
            Activation::Gelu if self.is_fused() => {
                Tensor::from_dispatch(<Dispatch as FusedOps>::fused_gelu(input.into_dispatch()))
            }
            Activation::Gelu => reference::gelu(input),
            Activation::GeluTanh => reference::gelu_tanh(input),
            Activation::Relu => activation::relu(input),
            Activation::Silu => reference::silu(input),
            Activation::Tanh => reference::tanh(input),
        }
    }

    /// `input · weight + bias`; without a bias nothing is added.
    ///
    /// # Shapes
    /// - `input` `[rows, from]`, `weight` `[from, to]`, `bias` `[to]`, result `[rows, to]`
    pub fn linear(self, input: Tensor<2>, weight: Tensor<2>, bias: Option<Tensor<1>>) -> Tensor<2> {
        if !self.is_fused() {
            return reference::linear(input, weight, bias);
        }
        let bias = or_zeros(bias, &weight);
        Tensor::from_dispatch(<Dispatch as FusedOps>::fused_linear(
            input.into_dispatch(),
            weight.into_dispatch(),
            bias.into_dispatch(),
            self.of_gpu(),
        ))
    }

    /// `activate(input · W₁ + b₁) · W₂ + b₂`, the feed-forward block of a layer.
    ///
    /// # Shapes
    /// - `input` `[rows, hidden]`, `weights` `[hidden, inner]` and `[inner, hidden]`, `biases` `[inner]`
    ///   and `[hidden]`, result `[rows, hidden]`
    pub fn feed_forward(
        self,
        input: Tensor<2>,
        [first, second]: [Tensor<2>; 2],
        [bias, other_bias]: [Option<Tensor<1>>; 2],
        kind: Activation,
    ) -> Tensor<2> {
        if kind != Activation::Gelu || !self.is_fused() {
            let inner = self.activate(self.linear(input, first, bias), kind);
            return self.linear(inner, second, other_bias);
        }
        let (bias, other_bias) = (or_zeros(bias, &first), or_zeros(other_bias, &second));
        Tensor::from_dispatch(<Dispatch as FusedOps>::fused_feed_forward(
            input.into_dispatch(),
            first.into_dispatch(),
            second.into_dispatch(),
            bias.into_dispatch(),
            other_bias.into_dispatch(),
            self.of_gpu(),
        ))
    }

    /// `activate(input) · gate`, element by element: the middle of a gated feed-forward block (Shazeer 2020).
    pub fn gate(self, input: Tensor<2>, gate: Tensor<2>, kind: Activation) -> Tensor<2> {
        let is_known = matches!(kind, Activation::Gelu | Activation::Silu);
        if !self.is_fused() || !is_known {
            return self.activate(input, kind) * gate;
        }
        let (input, gate) = (input.into_dispatch(), gate.into_dispatch());
        let is_gelu = kind == Activation::Gelu;
        Tensor::from_dispatch(<Dispatch as FusedOps>::fused_gate(input, gate, is_gelu))
    }

    /// `input + dropout(output, rate)`, the end of a block that normalises its input.
    pub fn add(self, output: Tensor<2>, input: Tensor<2>, rate: f64) -> Tensor<2> {
        input + self.dropout(output, rate)
    }

    /// Each row normalised to mean 0 and deviation 1 (Ba et al. 2016). `epsilon` is the norm's own.
    pub fn norm(self, input: Tensor<2>, norm: &LayerNorm, epsilon: f64) -> Tensor<2> {
        if !self.is_fused() {
            return reference::norm(input, norm);
        }
        fused_norm(input, norm, NormForm::centred(epsilon as f32))
    }

    /// Each row divided by its root mean square (Zhang and Sennrich 2019), then scaled and shifted as by
    /// [`Self::norm`].
    pub fn rms_norm(self, input: Tensor<2>, norm: &LayerNorm, epsilon: f64) -> Tensor<2> {
        if !self.is_fused() {
            return reference::rms_norm(input, norm, epsilon);
        }
        let form = NormForm {
            epsilon: epsilon as f32,
            is_centred: false,
        };
        fused_norm(input, norm, form)
    }

    /// The weight `[from, to]` of a linear layer packed for inference; `None` where these kernels have no
    /// packed GEMM.
    pub fn pack_weight(
        self,
        weight: Tensor<2>,
        quantisation: Quantisation,
        precision: Precision,
    ) -> Option<PackedWeight> {
        if self != Self::Cpu || weight.device().is_autodiff() {
            return None;
        }
        let is_bf16 = precision == Precision::Bf16;
        Some(cpu::pack_weight(on_cpu(weight), quantisation, is_bf16))
    }

    /// Some rows of a matrix, in the order of `indices`.
    ///
    /// # Shapes
    /// - `matrix` `[rows, width]`, `indices` `[count]`, result `[count, width]`
    pub fn gather_rows(self, matrix: Tensor<2>, indices: Tensor<1, Int>) -> Tensor<2> {
        if !self.is_fused() {
            return matrix.select(0, indices);
        }
        let (matrix, indices) = (matrix.into_dispatch(), indices.into_dispatch());
        Tensor::from_dispatch(<Dispatch as FusedOps>::fused_gather_rows(matrix, indices))
    }

    /// The sum of a row of each of three tables, normalised: the embeddings of words, positions and token
    /// types. `epsilon` is the norm's own.
    ///
    /// The tables are parameters that nothing else reads: their gradients may be sparse
    /// ([`Gradient::Rows`]).
    ///
    /// # Shapes
    /// - `tables` `[…, hidden]` in 32 bits, `indices` `[rows]` each, result `[rows, hidden]`
    pub fn embed(
        self,
        tables: [Tensor<2>; 3],
        indices: [Tensor<1, Int>; 3],
        norm: &LayerNorm,
        epsilon: f64,
    ) -> Tensor<2> {
        if !self.is_fused() {
            return reference::embed(tables, indices, norm);
        }
        let [words, positions, token_types] = tables.map(Tensor::into_dispatch);
        let [ids, position_ids, token_type_ids] = indices.map(Tensor::into_dispatch);
        Tensor::from_dispatch(<Dispatch as FusedOps>::fused_embed(
            words,
            positions,
            token_types,
            ids,
            position_ids,
            token_type_ids,
            norm.gamma.val().into_dispatch(),
            shift_of(norm).into_dispatch(),
            epsilon as f32,
        ))
    }

    /// Casts to another type.
    pub fn cast<const D: usize>(self, input: Tensor<D>, dtype: DType) -> Tensor<D> {
        if !self.is_fused() || input.dtype() == dtype {
            return cast(input, dtype);
        }
        Tensor::from_dispatch(<Dispatch as FusedOps>::fused_cast(
            input.into_dispatch(),
            dtype,
        ))
    }

    /// `norm(dropout(input, rate) + residual)`, all of one shape. `epsilon` is the norm's own.
    pub fn add_norm<const D: usize>(
        self,
        input: Tensor<D>,
        residual: Tensor<D>,
        norm: &LayerNorm,
        epsilon: f64,
        rate: f64,
    ) -> Tensor<D> {
        let dropout = Dropout::next(rate, &input.device());
        match self.is_fused() && input.dims() == residual.dims() {
            true => Tensor::from_dispatch(<Dispatch as FusedOps>::fused_add_norm(
                input.into_dispatch(),
                residual.into_dispatch(),
                norm.gamma.val().into_dispatch(),
                shift_of(norm).into_dispatch(),
                epsilon as f32,
                dropout,
            )),
            false => reference::add_norm(input, residual, norm, dropout),
        }
    }

    /// The negative log-likelihood of `targets` summed over all rows, divided by `normaliser`.
    ///
    /// The caller passes only rows that count, so an average over padding cannot happen; `normaliser` is
    /// the number of rows of the whole step, or the sum of their weights, which is larger than that of
    /// these rows when gradients are accumulated. With no row at all the loss is 0, not 0/0.
    ///
    /// # Shapes
    /// - `logits` `[scored, labels]`, `targets` `[scored]`, result `[1]`
    pub fn cross_entropy(
        self,
        logits: Tensor<2>,
        targets: Tensor<1, Int>,
        normaliser: f64,
    ) -> Tensor<1> {
        self.cross_entropy_scaled(logits, targets, normaliser, 1.0)
    }

    /// The same times `scale`: loss scaling for half precision.
    pub fn cross_entropy_scaled(
        self,
        logits: Tensor<2>,
        targets: Tensor<1, Int>,
        normaliser: f64,
        scale: f64,
    ) -> Tensor<1> {
        let [scored, _] = logits.dims();
        if scored == 0 {
            return logits.sum();
        }
        if !self.is_fused() {
            return reference::cross_entropy(logits, targets, normaliser / scale);
        }
        let (logits, targets) = (logits.into_dispatch(), targets.into_dispatch());
        let scale = (scale / normaliser) as f32;
        let loss = <Dispatch as FusedOps>::fused_cross_entropy(logits, targets, scale);
        Tensor::from_dispatch(loss)
    }
}

/// [`Kernels::linear`] with a weight that was packed on the input's device.
pub fn linear_packed(
    input: Tensor<2>,
    weight: &PackedWeight,
    bias: Option<Tensor<1>>,
) -> Tensor<2> {
    let out = cpu::linear_packed(on_cpu(input), weight, bias.map(on_cpu));
    Tensor::from_primitive::<Flex>(out)
}

/// The bias of a linear layer with this weight `[from, to]`, zeros where it has none: a constant, of which
/// no gradient is computed.
fn or_zeros(bias: Option<Tensor<1>>, weight: &Tensor<2>) -> Tensor<1> {
    bias.unwrap_or_else(|| {
        let [_, to] = weight.dims();
        Tensor::zeros([to], (&weight.device(), DType::F32))
    })
}

fn fused_norm(input: Tensor<2>, norm: &LayerNorm, form: NormForm) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as FusedOps>::fused_norm(
        input.into_dispatch(),
        norm.gamma.val().into_dispatch(),
        shift_of(norm).into_dispatch(),
        form,
    ))
}

/// What a norm adds, zeros where it has no bias.
fn shift_of(norm: &LayerNorm) -> Tensor<1> {
    let zeros = || norm.gamma.val().inner().zeros_like();
    norm.beta.as_ref().map_or_else(zeros, Param::val)
}

fn on_cpu<const D: usize>(tensor: Tensor<D>) -> FlexTensor {
    tensor
        .try_into_primitive::<Flex>()
        .expect("the tensor was found to be on the CPU without autodiff")
}
