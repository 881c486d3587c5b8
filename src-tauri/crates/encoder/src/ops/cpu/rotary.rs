//! The rotation of queries and keys; its backward pass rotates back.

use super::gemm::Number;
use super::simd::vectorised;
use super::stored::by_type;
use super::{contiguous, tracked_unary, values, values_mut};
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
const ROWS: usize = 32;

/// The angles of a batch's rows, and how many heads a row has.
#[derive(Clone, Debug)]
pub(super) struct Angles {
    /// Cosines and sines, `[rows, width of a head / 2]` each.
    tables: [FlexTensor; 2],
    heads: usize,
}

vectorised! {
    /// Rotates all heads of a row by the angles with these cosines, and sines times `direction`.
    fn rotate_row<E: Number>(row: &mut [E], cosines: &[f32], sines: &[f32], direction: f32) {
        let half = cosines.len();
        for head in row.chunks_exact_mut(2 * half) {
            let (first, second) = head.split_at_mut(half);
            let points = first.iter_mut().zip(second);
            for ((x, y), (cosine, sine)) in points.zip(cosines.iter().zip(sines)) {
                let (a, b, sine) = (x.as_f32(), y.as_f32(), sine * direction);
                *x = E::of(a * cosine - b * sine);
                *y = E::of(b * cosine + a * sine);
            }
        }
    }
}

impl Angles {
    pub(super) fn new(tables: [FlexTensor; 2], heads: usize) -> Self {
        Self {
            tables: tables.map(contiguous),
            heads,
        }
    }

    /// `input` `[rows, hidden]` → the same shape, forward with `direction` 1, back with -1.
    pub(super) fn rotate(&self, input: FlexTensor, direction: f32) -> FlexTensor {
        let mut input = contiguous(input);
        let width = input.layout().shape()[1];
        let half = width / self.heads / 2;
        let [cosines, sines] = self.tables.each_ref().map(values::<f32>);
        by_type!(input, E => {
            values_mut::<E>(&mut input)
                .par_chunks_mut(ROWS * width)
                .zip(cosines.par_chunks(ROWS * half))
                .zip(sines.par_chunks(ROWS * half))
                .for_each(|((rows, cosines), sines)| {
                    let angles = cosines.chunks_exact(half).zip(sines.chunks_exact(half));
                    for (row, (cosines, sines)) in rows.chunks_exact_mut(width).zip(angles) {
                        rotate_row(row, cosines, sines, direction);
                    }
                });
        });
        input
    }
}

#[derive(Debug)]
struct Rotate;

impl Backward<Flex, 1> for Rotate {
    type State = Angles;

    fn backward(self, ops: Ops<Angles, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        tracked_unary(ops, grads, |gradient, angles| angles.rotate(gradient, -1.0));
    }
}

pub(super) fn tracked<C: CheckpointStrategy>(
    input: FloatTensor<Autodiff<C>>,
    tables: [FloatTensor<Autodiff<C>>; 2],
    heads: usize,
) -> FloatTensor<Autodiff<C>> {
    let (input, node) = input.into_parts();
    let angles = Angles::new(tables.map(|table| table.into_parts().0), heads);
    let out = angles.rotate(input, 1.0);
    match Rotate.prepare::<C>([node]).compute_bound().stateful() {
        OpsKind::UnTracked(prep) => prep.finish(out),
        OpsKind::Tracked(prep) => prep.finish(angles, out),
    }
}
