//! Gathers rows of a matrix; the backward pass adds up their gradients (scatter-add).
//!
//! The gradient of an embedding is kept sparse: a step reads a few hundred of its tens of thousands of
//! rows. It is then a matrix with one line for each row that was read, which begins with the row's index;
//! [`crate::ops::Gradient`] recognises it by that shape.

use super::stored::{Stored, by_type};
use super::{contiguous, from_values, tracked_unary, values, zeros};
use burn::backend::Flex;
use burn_autodiff::checkpoint::base::Checkpointer;
use burn_autodiff::checkpoint::strategy::CheckpointStrategy;
use burn_autodiff::grads::Gradients;
use burn_autodiff::ops::{Backward, Ops, OpsKind};
use burn_backend::tensor::FloatTensor;
use burn_flex::FlexTensor;
use rayon::prelude::*;
use std::sync::Arc;

type Autodiff<C> = burn::backend::Autodiff<Flex, C>;

/// How many rows one piece of a copy has.
const ROWS: usize = 64;

/// Row indices up to this one are exact in `f32`.
const MOST_ROWS: usize = 1 << 24;

/// `matrix` `[rows, width]`, `indices` `[count]` → `[count, width]`.
pub(super) fn forward(matrix: FlexTensor, indices: FlexTensor) -> FlexTensor {
    let (matrix, indices) = (contiguous(matrix), numbers(indices));
    by_type!(matrix, E => gather::<E>(&matrix, &indices))
}

fn gather<E: Stored>(matrix: &FlexTensor, indices: &[usize]) -> FlexTensor {
    let width = matrix.layout().shape()[1];
    let from: &[E] = values(matrix);
    let mut out: Vec<E> = zeros(indices.len() * width);
    out.par_chunks_mut((ROWS * width).max(1))
        .zip(indices.par_chunks(ROWS))
        .for_each(|(out, indices)| {
            for (out, index) in out.chunks_exact_mut(width.max(1)).zip(indices) {
                out.copy_from_slice(&from[index * width..(index + 1) * width]);
            }
        });
    from_values(out, [indices.len(), width])
}

/// Row indices of any integer type.
pub(super) fn numbers(indices: FlexTensor) -> Vec<usize> {
    let data = indices.into_data();
    data.iter::<i64>().map(|index| index as usize).collect()
}

/// What the backward pass needs: the rows read, the matrix's shape, and which form to give.
#[derive(Clone, Debug)]
struct Read {
    indices: Arc<[usize]>,
    shape: [usize; 2],
    compact: bool,
}

#[derive(Debug)]
struct Rows;

impl Backward<Flex, 1> for Rows {
    type State = Read;

    fn backward(self, ops: Ops<Read, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        tracked_unary(ops, grads, |gradient, read| {
            let gradient = contiguous(gradient);
            match read.compact {
                true => compact(values(&gradient), &read),
                false => by_type!(gradient, E => dense::<E>(values(&gradient), &read)),
            }
        });
    }
}

fn dense<E: Stored>(gradient: &[E], read: &Read) -> FlexTensor {
    let [count, width] = read.shape;
    let mut sums: Vec<E> = zeros(count * width);
    for (row, gradient) in read.indices.iter().zip(gradient.chunks_exact(width.max(1))) {
        let sums = &mut sums[row * width..(row + 1) * width];
        for (sum, term) in sums.iter_mut().zip(gradient) {
            *sum = E::of(sum.as_f32() + term.as_f32());
        }
    }
    from_values(sums, read.shape)
}

/// A line for each row that was read, in the order of the rows: its index, then its gradient.
fn compact(gradient: &[f32], read: &Read) -> FlexTensor {
    let width = read.shape[1];
    let mut order: Vec<(usize, usize)> = read.indices.iter().copied().zip(0..).collect();
    order.sort_unstable();
    let lines: Vec<&[(usize, usize)]> = order.chunk_by(|a, b| a.0 == b.0).collect();
    let mut out = vec![0.0; lines.len() * (width + 1)];
    out.par_chunks_mut(width + 1)
        .zip(&lines)
        .for_each(|(out, line)| {
            out[0] = line[0].0 as f32;
            for (_, at) in *line {
                add(&mut out[1..], &gradient[at * width..(at + 1) * width]);
            }
        });
    from_values(out, [lines.len(), width + 1])
}

fn add(sums: &mut [f32], terms: &[f32]) {
    for (sum, term) in sums.iter_mut().zip(terms) {
        *sum += term;
    }
}

/// With `compact`, the matrix must be a parameter of which nothing else takes a gradient.
pub(super) fn tracked<C: CheckpointStrategy>(
    matrix: FloatTensor<Autodiff<C>>,
    indices: FlexTensor,
    compact: bool,
) -> FloatTensor<Autodiff<C>> {
    let (matrix, node) = matrix.into_parts();
    let matrix = contiguous(matrix);
    let indices = numbers(indices);
    let out = by_type!(matrix, E => gather::<E>(&matrix, &indices));
    match Rows.prepare::<C>([node]).compute_bound().stateful() {
        OpsKind::UnTracked(prep) => prep.finish(out),
        OpsKind::Tracked(prep) => {
            let shape = matrix.layout().shape();
            let shape = [shape[0], shape[1]];
            let state = Read {
                compact: compact && indices.len() < shape[0] && shape[0] <= MOST_ROWS,
                indices: indices.into(),
                shape,
            };
            prep.finish(state, out)
        }
    }
}
