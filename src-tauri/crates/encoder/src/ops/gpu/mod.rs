//! Operations for GPUs, as kernels in cubecl that run on burn's tensors, on every runtime it has.
//!
//! A whole fine-tuning compiles few kernels: sizes are arguments at run time, and only element types and
//! the width of a head are fixed when a kernel is compiled. Nothing is tuned by trying. Activations may
//! be in half precision; parameters, their gradients and all sums are in 32 bits. No kernel adds up in
//! an order that depends on timing, so results are equal to the bit from run to run.

mod adamw;
mod add;
mod attention;
mod backward;
mod blend;
mod cast;
mod columns;
mod cross_entropy;
mod dropout;
mod gate;
mod gelu;
mod gemm;
mod norm;
mod random;
mod reduce;
mod rotary;
mod rows;
mod scatter;
mod squares;
mod tensors;
#[cfg(test)]
mod testing;

use super::fused::FusedOps;
use super::kernels::GpuKernels;
use super::random::Dropout;
use super::{AdamWStep, Clip, Moments, Parameter};
use crate::ops::norm::NormForm;
use crate::sequence_offsets::SequenceOffsets;
use attention::{Distances, Options};
use burn::backend::Autodiff;
use burn::tensor::{Device, Tensor};
use burn_autodiff::checkpoint::strategy::CheckpointStrategy;
use burn_backend::DType;
use burn_backend::tensor::{FloatTensor, IntTensor};
use burn_cubecl::CubeBackend;
use burn_cubecl::tensor::CubeTensor;
use burn_dispatch::DispatchDevice;
use gelu::Activated;
use gemm::{Factor, gemm, gemm_gelu};
use rotary::Angles;
use std::sync::Arc;
use tensors::contiguous;

impl FusedOps for CubeBackend {
    fn fused_gelu(input: CubeTensor) -> CubeTensor {
        gelu::forward(input)
    }

    fn fused_dropout(input: CubeTensor, dropout: Dropout) -> CubeTensor {
        dropout::apply(input, dropout)
    }

    fn fused_feed_forward(
        input: CubeTensor,
        first: CubeTensor,
        second: CubeTensor,
        bias: CubeTensor,
        other_bias: CubeTensor,
        kernels: GpuKernels,
    ) -> CubeTensor {
        let [first, second] = [first, second].map(|weight| narrowed(weight, &input));
        let inner = widened(&input, &first, &bias, kernels).activated;
        linear(&inner, &second, &other_bias, kernels)
    }

    fn fused_cross_entropy(logits: CubeTensor, targets: CubeTensor, scale: f32) -> CubeTensor {
        cross_entropy::run(logits, targets, scale).0
    }

    fn fused_linear(
        input: CubeTensor,
        weight: CubeTensor,
        bias: CubeTensor,
        kernels: GpuKernels,
    ) -> CubeTensor {
        linear(&input, &narrowed(weight, &input), &bias, kernels)
    }

    fn fused_add_norm(
        input: CubeTensor,
        residual: CubeTensor,
        gamma: CubeTensor,
        beta: CubeTensor,
        epsilon: f32,
        dropout: Option<Dropout>,
    ) -> CubeTensor {
        norm::forward(
            input,
            Some(residual),
            gamma,
            beta,
            NormForm::centred(epsilon),
            dropout,
        )
        .out
    }

    fn fused_attention(
        query: CubeTensor,
        key: CubeTensor,
        value: CubeTensor,
        tiles: CubeTensor,
        offsets: SequenceOffsets,
        heads: usize,
        dropout: Option<Dropout>,
    ) -> CubeTensor {
        let options = options(tiles, &offsets, heads, dropout);
        attend([query, key, value], &options)
    }

    fn fused_attention_by_distance(
        query: CubeTensor,
        key: CubeTensor,
        value: CubeTensor,
        first: CubeTensor,
        second: CubeTensor,
        tiles: CubeTensor,
        bucket_table: CubeTensor,
        buckets: Arc<[u32]>,
        distance: Option<usize>,
        offsets: SequenceOffsets,
        heads: usize,
        dropout: Option<Dropout>,
    ) -> CubeTensor {
        let options = Options {
            distances: distances([first, second], bucket_table, &buckets, distance),
            ..options(tiles, &offsets, heads, dropout)
        };
        attend([query, key, value], &options)
    }

    fn fused_gather_rows(matrix: CubeTensor, indices: CubeTensor) -> CubeTensor {
        let dtype = matrix.dtype;
        rows::gather(matrix, indices, dtype)
    }

    fn fused_embed(
        words: CubeTensor,
        positions: CubeTensor,
        token_types: CubeTensor,
        ids: CubeTensor,
        position_ids: CubeTensor,
        token_type_ids: CubeTensor,
        gamma: CubeTensor,
        beta: CubeTensor,
        epsilon: f32,
    ) -> CubeTensor {
        let tables = [words, positions, token_types];
        let indices = [ids, position_ids, token_type_ids];
        let sum = rows::embed(tables, indices, DType::F32);
        norm::forward(sum, None, gamma, beta, NormForm::centred(epsilon), None).out
    }

    fn fused_rotate(
        input: CubeTensor,
        cosines: CubeTensor,
        sines: CubeTensor,
        heads: usize,
    ) -> CubeTensor {
        Angles::new([cosines, sines], heads).rotate(input, 1.0)
    }

    fn fused_gate(input: CubeTensor, gate: CubeTensor, is_gelu: bool) -> CubeTensor {
        gate::forward(&input, &gate, is_gelu)
    }

    fn fused_norm(
        input: CubeTensor,
        gamma: CubeTensor,
        beta: CubeTensor,
        form: NormForm,
    ) -> CubeTensor {
        norm::forward(input, None, gamma, beta, form, None).out
    }

    fn fused_cast(input: CubeTensor, dtype: DType) -> CubeTensor {
        cast::cast(input, dtype)
    }
}

impl<C: CheckpointStrategy> FusedOps for Autodiff<CubeBackend, C> {
    fn fused_gelu(input: FloatTensor<Self>) -> FloatTensor<Self> {
        backward::gelu::<C>(input)
    }

    fn fused_dropout(input: FloatTensor<Self>, dropout: Dropout) -> FloatTensor<Self> {
        backward::dropout::<C>(input, dropout)
    }

    fn fused_feed_forward(
        input: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        other_bias: FloatTensor<Self>,
        kernels: GpuKernels,
    ) -> FloatTensor<Self> {
        backward::feed_forward::<C>(input, [first, second], [bias, other_bias], kernels)
    }

    fn fused_cross_entropy(
        logits: FloatTensor<Self>,
        targets: IntTensor<Self>,
        scale: f32,
    ) -> FloatTensor<Self> {
        backward::cross_entropy::<C>(logits, targets, scale)
    }

    fn fused_linear(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        kernels: GpuKernels,
    ) -> FloatTensor<Self> {
        backward::linear::<C>(input, weight, bias, kernels)
    }

    fn fused_add_norm(
        input: FloatTensor<Self>,
        residual: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f32,
        dropout: Option<Dropout>,
    ) -> FloatTensor<Self> {
        backward::add_norm::<C>(input, residual, [gamma, beta], epsilon, dropout)
    }

    fn fused_attention(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        tiles: IntTensor<Self>,
        offsets: SequenceOffsets,
        heads: usize,
        dropout: Option<Dropout>,
    ) -> FloatTensor<Self> {
        let options = options(tiles, &offsets, heads, dropout);
        backward::attention::<C, _>([query, key, value], |_| options)
    }

    fn fused_attention_by_distance(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        tiles: IntTensor<Self>,
        bucket_table: IntTensor<Self>,
        buckets: Arc<[u32]>,
        distance: Option<usize>,
        offsets: SequenceOffsets,
        heads: usize,
        dropout: Option<Dropout>,
    ) -> FloatTensor<Self> {
        let options = options(tiles, &offsets, heads, dropout);
        let inputs = [query, key, value, first, second];
        backward::attention::<C, _>(inputs, |[_, _, _, first, second]| Options {
            distances: distances([first, second], bucket_table, &buckets, distance),
            ..options
        })
    }

    fn fused_gather_rows(matrix: FloatTensor<Self>, indices: IntTensor<Self>) -> FloatTensor<Self> {
        backward::gather_rows::<C>(matrix, indices)
    }

    fn fused_embed(
        words: FloatTensor<Self>,
        positions: FloatTensor<Self>,
        token_types: FloatTensor<Self>,
        ids: IntTensor<Self>,
        position_ids: IntTensor<Self>,
        token_type_ids: IntTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f32,
    ) -> FloatTensor<Self> {
        let parameters = [words, positions, token_types, gamma, beta];
        let indices = [ids, position_ids, token_type_ids];
        backward::embed::<C>(parameters, indices, epsilon)
    }

    fn fused_rotate(
        input: FloatTensor<Self>,
        cosines: FloatTensor<Self>,
        sines: FloatTensor<Self>,
        heads: usize,
    ) -> FloatTensor<Self> {
        backward::rotate::<C>(input, [cosines, sines], heads)
    }

    fn fused_gate(
        input: FloatTensor<Self>,
        gate: FloatTensor<Self>,
        is_gelu: bool,
    ) -> FloatTensor<Self> {
        backward::gate::<C>(input, gate, is_gelu)
    }

    fn fused_norm(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        form: NormForm,
    ) -> FloatTensor<Self> {
        backward::norm::<C>(input, [gamma, beta], form)
    }

    fn fused_cast(input: FloatTensor<Self>, dtype: DType) -> FloatTensor<Self> {
        backward::cast::<C>(input, dtype)
    }
}

/// The table of tiles of a batch: see [`attention::tiles`].
pub(super) fn attention_tiles(offsets: &SequenceOffsets) -> Vec<i32> {
    attention::tiles(offsets)
}

/// Those of an attention in which distances have no say.
fn options(
    tiles: CubeTensor,
    offsets: &SequenceOffsets,
    heads: usize,
    dropout: Option<Dropout>,
) -> Options {
    Options {
        tiles: attention::table(tiles),
        heads,
        longest: offsets.longest(),
        distances: Distances::Nothing,
        dropout,
    }
}

/// See [`FusedOps::fused_attention_by_distance`].
fn distances(
    [first, second]: [CubeTensor; 2],
    bucket_table: CubeTensor,
    buckets: &[u32],
    distance: Option<usize>,
) -> Distances {
    if let Some(distance) = distance {
        return Distances::Near(distance);
    }
    let bucket_table = attention::table(bucket_table);
    if second.meta.num_elements() == 0 {
        return Distances::Bias {
            table: contiguous(first),
            buckets: bucket_table,
        };
    }
    let lowest = buckets.iter().copied().min().unwrap_or_default() as usize;
    let highest = buckets.iter().copied().max().unwrap_or_default() as usize;
    Distances::Tables {
        tables: [first, second].map(contiguous),
        buckets: bucket_table,
        used: [lowest, highest + 1 - lowest],
    }
}

fn attend([query, key, value]: [CubeTensor; 3], options: &Options) -> CubeTensor {
    attention::forward([&query, &key, &value], options).0
}

/// Whether the driver of a GPU without autodiff states tensor cores for factors of a type.
pub(super) fn has_tensor_cores(device: &Device, dtype: DType) -> bool {
    match device.as_dispatch() {
        DispatchDevice::Cube(device) => gemm::has_tensor_cores(device.client().properties(), dtype),
        _ => false,
    }
}

/// A weight in the type of the hidden states that it meets.
fn narrowed(weight: CubeTensor, input: &CubeTensor) -> CubeTensor {
    cast::cast(weight, input.dtype)
}

/// `input · weight + bias` in the input's type.
fn linear(
    input: &CubeTensor,
    weight: &CubeTensor,
    bias: &CubeTensor,
    kernels: GpuKernels,
) -> CubeTensor {
    let (lhs, rhs) = (Factor::of(input), Factor::of(weight));
    gemm(lhs, rhs, Some(bias), input.dtype, kernels)
}

/// The wide rows of a feed-forward block: before and after its GELU, `[rows, inner]` both.
fn widened(
    input: &CubeTensor,
    weight: &CubeTensor,
    bias: &CubeTensor,
    kernels: GpuKernels,
) -> Activated {
    gemm_gelu(Factor::of(input), Factor::of(weight), bias, kernels)
}

fn primitive<const D: usize>(tensor: Tensor<D>) -> CubeTensor {
    tensor
        .try_into_primitive::<CubeBackend>()
        .expect("the kernels were chosen for a GPU's tensor without autodiff")
}

/// See [`Kernels::adamw_all`](super::Kernels::adamw_all).
pub(super) fn adamw(
    parameters: Vec<Parameter>,
    step: &AdamWStep,
    clip: Option<&Clip>,
) -> Vec<(Tensor<1>, [Tensor<1>; 2])> {
    let squares = clip.map(|clip| (primitive(clip.squares.clone()), clip.limit));
    let clip = squares.as_ref().map(|(squares, limit)| adamw::Clip {
        squares,
        limit: *limit as f32,
    });
    let of = |parameter: Parameter| {
        let step = step.of(&parameter);
        let device = parameter.weight.device();
        let dense = |moments: Moments| moments.into_dense(&device).map(primitive);
        adamw::Parameter {
            gradient: primitive(parameter.gradient.into_dense(&parameter.weight)),
            weight: primitive(parameter.weight),
            moments: parameter.moments.map(dense),
            step,
        }
    };
    let parameters = parameters.into_iter().map(of).collect();
    let back = |tensor| Tensor::from_primitive::<CubeBackend>(tensor);
    let done = adamw::step(parameters, clip).into_iter();
    done.map(|(weight, moments)| (back(weight), moments.map(back)))
        .collect()
}

/// See [`Kernels::blend`](super::Kernels::blend).
pub(super) fn blend(weight: Tensor<1>, other: Tensor<1>, share: f32) -> Tensor<1> {
    let blended = blend::blend(primitive(weight), primitive(other), share);
    Tensor::from_primitive::<CubeBackend>(blended)
}

/// The sum of two flat tensors in f32.
pub(super) fn add(one: Tensor<1>, other: Tensor<1>) -> Tensor<1> {
    Tensor::from_primitive::<CubeBackend>(add::add(primitive(one), primitive(other)))
}

/// The sum of the squares of all elements of at least one tensor, `[1]`.
pub(super) fn sum_of_squares(tensors: &[&Tensor<1>]) -> Tensor<1> {
    let tensors: Vec<CubeTensor> = tensors
        .iter()
        .map(|tensor| primitive((*tensor).clone()))
        .collect();
    let tensors: Vec<&CubeTensor> = tensors.iter().collect();
    let sum = squares::sum_of_squares(&tensors).expect("there is at least one tensor");
    Tensor::from_primitive::<CubeBackend>(sum)
}
