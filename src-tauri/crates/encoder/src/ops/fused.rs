//! The fused operations as an extension of burn's backends: implemented for the CPU in [`super::cpu`] and
//! for GPUs in [`super::gpu`], each with a forward and a backward pass of its own.

use super::kernels::GpuKernels;
use super::norm::NormForm;
use super::random::Dropout;
use crate::sequence_offsets::SequenceOffsets;
use burn::backend::backend_extension;
use burn_backend::tensor::{FloatTensor, IntTensor};
use burn_backend::{Backend, DType};
use std::sync::Arc;

/// The fused operations of a backend. Shapes and meanings are those of the methods of
/// [`Kernels`](super::Kernels).
#[backend_extension(Flex, Cube: cfg(feature = "gpu"), Autodiff)]
pub(super) trait FusedOps: Backend {
    /// See [`Kernels::activate`](super::Kernels::activate).
    fn fused_gelu(input: FloatTensor<Self>) -> FloatTensor<Self>;

    /// See [`Kernels::dropout`](super::Kernels::dropout).
    fn fused_dropout(input: FloatTensor<Self>, dropout: Dropout) -> FloatTensor<Self>;

    /// See [`Kernels::feed_forward`](super::Kernels::feed_forward); `kernels` is read on a GPU only.
    fn fused_feed_forward(
        input: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        other_bias: FloatTensor<Self>,
        kernels: GpuKernels,
    ) -> FloatTensor<Self>;

    /// See [`Kernels::cross_entropy`](super::Kernels::cross_entropy); `scale` is 1 / normaliser.
    fn fused_cross_entropy(
        logits: FloatTensor<Self>,
        targets: IntTensor<Self>,
        scale: f32,
    ) -> FloatTensor<Self>;

    /// See [`Kernels::linear`](super::Kernels::linear); `kernels` is read on a GPU only.
    fn fused_linear(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        kernels: GpuKernels,
    ) -> FloatTensor<Self>;

    /// See [`Kernels::add_norm`](super::Kernels::add_norm).
    fn fused_add_norm(
        input: FloatTensor<Self>,
        residual: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f32,
        dropout: Option<Dropout>,
    ) -> FloatTensor<Self>;

    /// See [`Kernels::attention`](super::Kernels::attention); `tiles` is the table of tiles
    /// of a GPU, and is not read elsewhere.
    fn fused_attention(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        tiles: IntTensor<Self>,
        offsets: SequenceOffsets,
        heads: usize,
        dropout: Option<Dropout>,
    ) -> FloatTensor<Self>;

    /// See [`attention`](super::attention): where distances have a say. Without `distance`, `first` and
    /// `second` are the tables of [`Scores`](super::Scores), and the second is empty where there is one.
    /// `tiles` and the `buckets` in `bucket_table` are those of a GPU, and not read elsewhere.
    #[allow(clippy::too_many_arguments, reason = "tensors are passed one by one")]
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
    ) -> FloatTensor<Self>;

    /// See [`Kernels::gather_rows`](super::Kernels::gather_rows).
    fn fused_gather_rows(matrix: FloatTensor<Self>, indices: IntTensor<Self>) -> FloatTensor<Self>;

    /// See [`Kernels::embed`](super::Kernels::embed).
    #[allow(clippy::too_many_arguments, reason = "tensors are passed one by one")]
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
    ) -> FloatTensor<Self>;

    /// See [`Kernels::rotate`](super::Kernels::rotate).
    fn fused_rotate(
        input: FloatTensor<Self>,
        cosines: FloatTensor<Self>,
        sines: FloatTensor<Self>,
        heads: usize,
    ) -> FloatTensor<Self>;

    /// See [`Kernels::gate`](super::Kernels::gate); the activation is GELU or SiLU.
    fn fused_gate(
        input: FloatTensor<Self>,
        gate: FloatTensor<Self>,
        is_gelu: bool,
    ) -> FloatTensor<Self>;

    /// See [`Kernels::norm`](super::Kernels::norm) and, where it is not centred,
    /// [`Kernels::rms_norm`](super::Kernels::rms_norm).
    fn fused_norm(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        form: NormForm,
    ) -> FloatTensor<Self>;

    /// See [`Kernels::cast`](super::Kernels::cast).
    fn fused_cast(input: FloatTensor<Self>, dtype: DType) -> FloatTensor<Self>;
}
