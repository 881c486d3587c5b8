//! Scaled dot-product attention (Vaswani et al. 2017, section 3.2.1) over concatenated sequences, without
//! stored scores and without padding.
//!
//! As in FlashAttention-2 (Dao 2023), tiles of queries and keys meet in shared memory, and the backward
//! pass computes the weights again from one number a row. All is computed in f32, in an order that
//! depends on nothing but the sequence's length, so a sequence's result does not depend on its batch.

mod backward;
mod bias;
mod delta;
mod distance;
mod forward;
mod plan;
mod products;
mod tables;
#[cfg(test)]
mod tests;
mod tile;

pub(super) use distance::Distances;

use super::tensors::{contiguous, matrix_dims};
use crate::ops::random::Dropout;
use crate::sequence_offsets::SequenceOffsets;
use burn_backend::{DType, TensorMetadata};
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;
use plan::{Plan, TILE};

/// Numbers of an entry of the table of tiles.
const ENTRY: usize = 4;

/// What an attention needs beside query, key and value.
#[derive(Clone, Debug)]
pub(super) struct Options {
    /// See [`tiles`]; of the same rows.
    pub tiles: CubeTensor,
    /// Heads, which divide the matrices' columns evenly.
    pub heads: usize,
    /// Length of the batch's longest sequence, after which dropout numbers its rows.
    pub longest: usize,
    /// What distances say of the scores.
    pub distances: Distances,
    pub dropout: Option<Dropout>,
}

impl Options {
    /// Rows of a matrix, and columns of a head.
    fn rows_and_width(&self, matrix: &CubeTensor) -> [usize; 2] {
        let [rows, hidden] = matrix_dims(matrix);
        [rows, hidden / self.heads]
    }

    /// Entries of the table of tiles.
    fn tiles(&self) -> usize {
        self.tiles.shape().num_elements() / ENTRY
    }

    /// A cube for each part of a tile and each head.
    fn count(&self, plan: Plan) -> CubeCount {
        CubeCount::Static(self.tiles() as u32, self.heads as u32, plan.parts() as u32)
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
fn fits(matrix: &CubeTensor, options: &Options) -> bool {
    let [_, width] = options.rows_and_width(matrix);
    backward::fits(matrix, width, options.distances.by())
}

/// The attention of each sequence and head, and what [`backward`] needs.
///
/// # Shapes
/// - `query`, `key`, `value` and the result: `[rows, hidden]` of one type, f32, f16 or bf16; rows that
///   belong to no sequence become 0
pub(super) fn forward(inputs: [&CubeTensor; 3], options: &Options) -> (CubeTensor, Saved) {
    let [query, key, value] = inputs.map(|tensor| contiguous(tensor.clone()));
    assert!(
        fits(&query, options),
        "heads this wide need more shared memory than the device has"
    );
    forward::launch([&query, &key, &value], options)
}

/// The gradients of query, key and value, and of the tables of distances where there are any, from the result of
/// [`forward`] and its gradient.
pub(super) fn backward(
    inputs: [&CubeTensor; 3],
    out: &CubeTensor,
    gradient: &CubeTensor,
    saved: &Saved,
    options: &Options,
) -> Vec<CubeTensor> {
    let [query, key, value] = inputs.map(|tensor| contiguous(tensor.clone()));
    let [out, gradient] = [out, gradient].map(|tensor| contiguous(tensor.clone()));
    backward::launch([&query, &key, &value, &out, &gradient], saved, options)
}

/// Whole numbers as the kernels read them.
pub(super) fn table(numbers: CubeTensor) -> CubeTensor {
    let numbers = contiguous(numbers);
    match numbers.dtype {
        DType::I32 => numbers,
        _ => burn_cubecl::kernel::cast(numbers, DType::I32),
    }
}
