//! Scaled dot-product attention (Vaswani et al. 2017, section 3.2.1) over concatenated sequences, without
//! stored scores and without padding.
//!
//! As in FlashAttention-2 (Dao 2023), tiles of queries and keys meet in shared memory, and the backward
//! pass computes the weights again from one number a row. All is computed in f32, in an order that
//! depends on nothing but the sequence's length, so a sequence's result does not depend on its batch.

mod backward;
mod delta;
mod forward;
mod plan;
mod products;
#[cfg(test)]
mod tests;
mod tile;

use super::tensors::{contiguous, matrix_dims};
use crate::ops::random::Dropout;
use crate::sequence_offsets::SequenceOffsets;
use burn_backend::{DType, TensorMetadata};
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;
use plan::{Plan, TILE};

/// Numbers of an entry of the table of tiles.
const ENTRY: usize = 4;

/// The sizes of an attention that do not follow from its tensors.
#[derive(Clone, Copy, Debug)]
pub(super) struct AttentionShape {
    /// Heads, which divide the matrices' columns evenly.
    pub heads: usize,
    /// Length of the batch's longest sequence, after which dropout numbers its rows.
    pub longest: usize,
}

impl AttentionShape {
    /// Rows of a matrix, and columns of a head.
    fn rows_and_width(self, matrix: &CubeTensor) -> [usize; 2] {
        let [rows, hidden] = matrix_dims(matrix);
        [rows, hidden / self.heads]
    }
}

/// What the backward pass needs of the forward pass.
#[derive(Clone, Debug)]
pub(super) struct Saved {
    /// Largest score of each row, and the inverse of its sum of exponentials: f32
    /// `[rows · heads, 2]`, the heads of a row side by side. Not the logarithm of the sum, which large
    /// scores would swallow.
    tops: CubeTensor,
}

/// The table of tiles `[tiles, 4]`, flat: for each part of up to [`TILE`] rows of a sequence, the
/// sequence's first row, its length, the part's first row in it, and the sequence's number. Rows that
/// belong to no sequence are one more, with the number −1.
pub(super) fn tiles(offsets: &SequenceOffsets) -> Vec<i32> {
    let sequences = offsets.iter().zip(0i32..);
    let sequences = sequences.map(|(rows, number)| (rows.start, rows.len(), number));
    let added = (offsets.tokens(), offsets.rows() - offsets.tokens(), -1);
    let mut table =
        Vec::with_capacity(ENTRY * (offsets.sequences() + offsets.rows().div_ceil(TILE)));
    for (start, length, number) in sequences.chain([added]) {
        for first in (0..length).step_by(TILE) {
            table.extend([start as i32, length as i32, first as i32, number]);
        }
    }
    table
}

/// Whether the device of a matrix `[rows, hidden]` has the shared memory for heads of its width. All
/// have it up to a width of 350, and those that grant 32 KiB to one of 700.
pub(super) fn fits(matrix: &CubeTensor, heads: usize) -> bool {
    let [_, hidden] = matrix_dims(matrix);
    backward::fits(matrix, hidden / heads)
}

/// The attention of each sequence and head, and what [`backward`] needs.
///
/// # Shapes
/// - `query`, `key`, `value` and the result: `[rows, hidden]` of one type, f32, f16 or bf16; rows that
///   belong to no sequence become 0
/// - `tiles`: of the same rows, see [`tiles`]
pub(super) fn forward(
    query: &CubeTensor,
    key: &CubeTensor,
    value: &CubeTensor,
    tiles: &CubeTensor,
    shape: AttentionShape,
    dropout: Option<Dropout>,
) -> (CubeTensor, Saved) {
    let [query, key, value] = [query, key, value].map(|tensor| contiguous(tensor.clone()));
    let tiles = table(tiles);
    forward::launch([&query, &key, &value], &tiles, shape, dropout)
}

/// The gradients of query, key and value, from the result of [`forward`] and its gradient, with the
/// same other arguments.
pub(super) fn backward(
    inputs: [&CubeTensor; 3],
    out: &CubeTensor,
    gradient: &CubeTensor,
    saved: &Saved,
    tiles: &CubeTensor,
    shape: AttentionShape,
    dropout: Option<Dropout>,
) -> [CubeTensor; 3] {
    let [query, key, value] = inputs.map(|tensor| contiguous(tensor.clone()));
    let [out, gradient] = [out, gradient].map(|tensor| contiguous(tensor.clone()));
    let tiles = table(tiles);
    let inputs = [&query, &key, &value, &out, &gradient];
    backward::launch(inputs, saved, &tiles, shape, dropout)
}

/// The table as the kernels read it.
fn table(tiles: &CubeTensor) -> CubeTensor {
    let tiles = contiguous(tiles.clone());
    match tiles.dtype {
        DType::I32 => tiles,
        _ => burn_cubecl::kernel::cast(tiles, DType::I32),
    }
}

/// A cube for each part of a tile and each head.
fn count(tiles: &CubeTensor, shape: AttentionShape, plan: Plan) -> CubeCount {
    let tiles = tiles.shape().num_elements() / ENTRY;
    CubeCount::Static(tiles as u32, shape.heads as u32, plan.parts() as u32)
}
