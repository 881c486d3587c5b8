//! Dropout that keeps no mask: the backward pass draws it again from the key.

use super::gemm::Number;
use super::simd::vectorised;
use super::stored::by_type;
use super::{contiguous, tracked_unary, values_mut};
use crate::ops::random::Dropout;
use burn::backend::Flex;
use burn_autodiff::checkpoint::base::Checkpointer;
use burn_autodiff::checkpoint::strategy::CheckpointStrategy;
use burn_autodiff::grads::Gradients;
use burn_autodiff::ops::{Backward, Ops, OpsKind};
use burn_backend::tensor::FloatTensor;
use burn_flex::FlexTensor;
use rayon::prelude::*;

type Autodiff<C> = burn::backend::Autodiff<Flex, C>;

/// How many rows one piece of work has.
const ROWS: usize = 64;

vectorised! {
    /// Drops elements of rows of `width`, the first of which is row `first` of the tensor.
    fn drop_rows<E: Number>(values: &mut [E], width: usize, first: usize, dropout: Dropout) {
        for (at, row) in values.chunks_exact_mut(width).enumerate() {
            let factors = dropout.row(first + at);
            for (column, value) in row.iter_mut().enumerate() {
                *value = E::of(value.as_f32() * factors.at(column));
            }
        }
    }
}

/// Forward and backward alike: both multiply by the mask.
pub(super) fn apply(tensor: FlexTensor, dropout: Dropout) -> FlexTensor {
    let mut tensor = contiguous(tensor);
    let width = tensor.layout().shape().as_slice().last().copied();
    let width = width.unwrap_or(1).max(1);
    by_type!(tensor, E => {
        values_mut::<E>(&mut tensor)
            .par_chunks_mut(ROWS * width)
            .enumerate()
            .for_each(|(chunk, values)| drop_rows(values, width, chunk * ROWS, dropout));
    });
    tensor
}

#[derive(Debug)]
struct DropoutOp;

impl Backward<Flex, 1> for DropoutOp {
    type State = Dropout;

    fn backward(self, ops: Ops<Dropout, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        tracked_unary(ops, grads, apply);
    }
}

pub(super) fn tracked<C: CheckpointStrategy>(
    input: FloatTensor<Autodiff<C>>,
    dropout: Dropout,
) -> FloatTensor<Autodiff<C>> {
    let (input, node) = input.into_parts();
    let prep = DropoutOp.prepare::<C>([node]).compute_bound().stateful();
    let out = apply(input, dropout);
    match prep {
        OpsKind::UnTracked(prep) => prep.finish(out),
        OpsKind::Tracked(prep) => prep.finish(dropout, out),
    }
}
