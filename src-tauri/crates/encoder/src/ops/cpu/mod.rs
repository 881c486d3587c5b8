//! Operations for the CPU that do in one parallel pass what burn does in several serial ones.
//!
//! Each has a forward and a backward of its own and is known to burn as a backend extension. They
//! take `f32` and, for hidden states, `bf16` on the CPU only: [`super`] chooses; weights, moments and
//! all that is summed up have 32 bits. Work is cut into parts that do not depend on the
//! threads, and partial sums are added in the order of the parts, so results are equal to the bit
//! from run to run.

mod adamw;
mod attention;
mod blend;
mod cross_entropy;
mod dropout;
mod feed_forward;
mod gate;
mod gelu;
pub mod gemm;
mod inference;
mod linear;
mod norm;
mod operand;
mod rotary;
mod rows;
mod simd;
mod stored;

pub(super) use adamw::{step as adamw_step, step_rows as adamw_rows, sum_of_squares};
pub(super) use blend::blend;

pub use inference::{PackedWeight, Quantisation};
pub(super) use inference::{linear as linear_packed, pack_weight};

use super::fused::FusedOps;
use super::kernels::GpuKernels;
use super::random::Dropout;
use crate::ops::norm::NormForm;
use crate::sequence_offsets::SequenceOffsets;
use burn::backend::{Autodiff, Flex};
use burn_autodiff::checkpoint::strategy::CheckpointStrategy;
use burn_autodiff::grads::Gradients;
use burn_autodiff::ops::Ops;
use burn_backend::ops::FloatTensorOps;
use burn_backend::tensor::{FloatTensor, IntTensor};
use burn_backend::{DType, Shape, TensorData};
use burn_flex::FlexTensor;
use gemm::Number;
use std::fmt::Debug;
use std::sync::Arc;
use stored::{Stored, by_type};

/// How many elements one piece of an element-by-element pass has: 128 KiB of memory.
const CHUNK: usize = 32 * 1024;

/// As many elements as a piece has where the threads share `count` of them evenly: a sentence has too few for
/// pieces of [`CHUNK`]. For passes whose results do not depend on where they are cut.
fn evenly(count: usize) -> usize {
    let shared = count.div_ceil(2 * rayon::current_num_threads());
    shared.clamp(CHUNK / 16, CHUNK)
}

impl FusedOps for Flex {
    fn fused_gelu(input: FlexTensor) -> FlexTensor {
        gelu::forward(input)
    }

    fn fused_dropout(input: FlexTensor, dropout: Dropout) -> FlexTensor {
        dropout::apply(input, dropout)
    }

    fn fused_feed_forward(
        input: FlexTensor,
        first: FlexTensor,
        second: FlexTensor,
        bias: FlexTensor,
        other_bias: FlexTensor,
        _: GpuKernels,
    ) -> FlexTensor {
        let layers = feed_forward::Layers::new([first, second], [bias, other_bias]);
        by_type!(input, E => layers.forward::<E>(input))
    }

    fn fused_cross_entropy(logits: FlexTensor, targets: FlexTensor, scale: f32) -> FlexTensor {
        cross_entropy::forward(logits, targets, scale)
    }

    fn fused_linear(
        input: FlexTensor,
        weight: FlexTensor,
        bias: FlexTensor,
        _: GpuKernels,
    ) -> FlexTensor {
        by_type!(input, E => linear::forward::<E>(&contiguous(input), &weight, bias))
    }

    fn fused_add_norm(
        input: FlexTensor,
        residual: FlexTensor,
        gamma: FlexTensor,
        beta: FlexTensor,
        epsilon: f32,
        dropout: Option<Dropout>,
    ) -> FlexTensor {
        let gamma = contiguous(gamma);
        by_type!(input, E => {
            norm::forward::<E>(input, Some(residual), &gamma, beta, NormForm::centred(epsilon), dropout).out
        })
    }

    fn fused_attention(
        query: FlexTensor,
        key: FlexTensor,
        value: FlexTensor,
        _tiles: FlexTensor,
        offsets: SequenceOffsets,
        heads: usize,
        dropout: Option<Dropout>,
    ) -> FlexTensor {
        attention::Attention::new(query, key, value, offsets, heads, dropout).forward()
    }

    fn fused_attention_by_distance(
        query: FlexTensor,
        key: FlexTensor,
        value: FlexTensor,
        first: FlexTensor,
        second: FlexTensor,
        _tiles: FlexTensor,
        _bucket_table: FlexTensor,
        buckets: Arc<[u32]>,
        distance: Option<usize>,
        offsets: SequenceOffsets,
        heads: usize,
        dropout: Option<Dropout>,
    ) -> FlexTensor {
        let attention = attention::Attention::new(query, key, value, offsets, heads, dropout);
        let tables = [first, second];
        attention::Distances::new(attention, tables, buckets, distance).forward()
    }

    fn fused_gather_rows(matrix: FlexTensor, indices: FlexTensor) -> FlexTensor {
        rows::forward(matrix, indices)
    }

    fn fused_embed(
        words: FlexTensor,
        positions: FlexTensor,
        token_types: FlexTensor,
        ids: FlexTensor,
        position_ids: FlexTensor,
        token_type_ids: FlexTensor,
        gamma: FlexTensor,
        beta: FlexTensor,
        epsilon: f32,
    ) -> FlexTensor {
        let others = Self::float_add(
            rows::forward(token_types, token_type_ids),
            rows::forward(positions, position_ids),
        );
        let words = rows::forward(words, ids);
        norm::forward::<f32>(
            words,
            Some(others),
            &contiguous(gamma),
            beta,
            NormForm::centred(epsilon),
            None,
        )
        .out
    }

    fn fused_rotate(
        input: FlexTensor,
        cosines: FlexTensor,
        sines: FlexTensor,
        heads: usize,
    ) -> FlexTensor {
        rotary::Angles::new([cosines, sines], heads).rotate(input, 1.0)
    }

    fn fused_gate(input: FlexTensor, gate: FlexTensor, is_gelu: bool) -> FlexTensor {
        gate::forward(&contiguous(input), &contiguous(gate), is_gelu)
    }

    fn fused_norm(
        input: FlexTensor,
        gamma: FlexTensor,
        beta: FlexTensor,
        form: NormForm,
    ) -> FlexTensor {
        let gamma = contiguous(gamma);
        by_type!(input, E => norm::forward::<E>(input, None, &gamma, beta, form, None).out)
    }

    fn fused_cast(input: FlexTensor, dtype: DType) -> FlexTensor {
        stored::cast(input, dtype)
    }
}

impl<C: CheckpointStrategy> FusedOps for Autodiff<Flex, C> {
    fn fused_gelu(input: FloatTensor<Self>) -> FloatTensor<Self> {
        gelu::tracked::<C>(input)
    }

    fn fused_dropout(input: FloatTensor<Self>, dropout: Dropout) -> FloatTensor<Self> {
        dropout::tracked::<C>(input, dropout)
    }

    fn fused_feed_forward(
        input: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        other_bias: FloatTensor<Self>,
        _: GpuKernels,
    ) -> FloatTensor<Self> {
        feed_forward::tracked::<C>(input, [first, second], [bias, other_bias])
    }

    fn fused_cross_entropy(
        logits: FloatTensor<Self>,
        targets: IntTensor<Self>,
        scale: f32,
    ) -> FloatTensor<Self> {
        cross_entropy::tracked::<C>(logits, targets, scale)
    }

    fn fused_linear(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        _: GpuKernels,
    ) -> FloatTensor<Self> {
        linear::tracked::<C>(input, weight, bias)
    }

    fn fused_add_norm(
        input: FloatTensor<Self>,
        residual: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f32,
        dropout: Option<Dropout>,
    ) -> FloatTensor<Self> {
        norm::tracked::<C>(input, residual, gamma, beta, epsilon, dropout)
    }

    fn fused_attention(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        _tiles: IntTensor<Self>,
        offsets: SequenceOffsets,
        heads: usize,
        dropout: Option<Dropout>,
    ) -> FloatTensor<Self> {
        attention::tracked::<C>(query, key, value, offsets, heads, dropout)
    }

    fn fused_attention_by_distance(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        _tiles: IntTensor<Self>,
        _bucket_table: IntTensor<Self>,
        buckets: Arc<[u32]>,
        distance: Option<usize>,
        offsets: SequenceOffsets,
        heads: usize,
        dropout: Option<Dropout>,
    ) -> FloatTensor<Self> {
        let inputs = [query, key, value, first, second];
        let others = (buckets, distance, offsets, heads, dropout);
        attention::tracked_by_distance::<C>(inputs, others)
    }

    fn fused_gather_rows(matrix: FloatTensor<Self>, indices: IntTensor<Self>) -> FloatTensor<Self> {
        rows::tracked::<C>(matrix, indices, false)
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
        let others = Self::float_add(
            rows::tracked::<C>(token_types, token_type_ids, true),
            rows::tracked::<C>(positions, position_ids, true),
        );
        let words = rows::tracked::<C>(words, ids, true);
        norm::tracked::<C>(words, others, gamma, beta, epsilon, None)
    }

    fn fused_rotate(
        input: FloatTensor<Self>,
        cosines: FloatTensor<Self>,
        sines: FloatTensor<Self>,
        heads: usize,
    ) -> FloatTensor<Self> {
        rotary::tracked::<C>(input, [cosines, sines], heads)
    }

    fn fused_gate(
        input: FloatTensor<Self>,
        gate: FloatTensor<Self>,
        is_gelu: bool,
    ) -> FloatTensor<Self> {
        gate::tracked::<C>(input, gate, is_gelu)
    }

    fn fused_norm(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        form: NormForm,
    ) -> FloatTensor<Self> {
        norm::tracked_alone::<C>(input, gamma, beta, form)
    }

    fn fused_cast(input: FloatTensor<Self>, dtype: DType) -> FloatTensor<Self> {
        Self::float_cast(input, dtype.into())
    }
}

/// The same tensor with its elements in order and nothing around them. Copies only if it must.
fn contiguous(tensor: FlexTensor) -> FlexTensor {
    let layout = tensor.layout();
    let whole = layout.start_offset() == 0
        && layout.is_contiguous()
        && layout.num_elements() * tensor.dtype().size() == tensor.bytes().len();
    match whole {
        true => tensor,
        false => tensor.to_contiguous(),
    }
}

/// The elements of a tensor that went through [`contiguous`].
fn values<E: Stored>(tensor: &FlexTensor) -> &[E] {
    tensor.storage()
}

/// The same to write to; copied first if something else holds the tensor.
fn values_mut<E: Stored>(tensor: &mut FlexTensor) -> &mut [E] {
    tensor.storage_mut()
}

fn from_values<E: Stored>(values: Vec<E>, shape: impl Into<Shape>) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}

/// As many zeros as a tensor has elements.
fn zeros<E: Number>(count: usize) -> Vec<E> {
    vec![E::default(); count]
}

/// Passes the gradient of an operation of one input on.
fn tracked_unary<S: Clone + Send + Debug + 'static>(
    ops: Ops<S, 1>,
    grads: &mut Gradients,
    backward: impl FnOnce(FlexTensor, S) -> FlexTensor,
) {
    let gradient = grads.consume::<Flex>(&ops.node);
    if let [Some(parent)] = ops.parents {
        grads.register::<Flex>(parent.id, backward(gradient, ops.state));
    }
}
