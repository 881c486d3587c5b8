//! Embedding lookup: rows copied forward, gradients added to the rows that were read.

use super::{contiguous, from_values, tracked_unary, values};
use burn::backend::Flex;
use burn_autodiff::checkpoint::base::Checkpointer;
use burn_autodiff::checkpoint::strategy::CheckpointStrategy;
use burn_autodiff::grads::Gradients;
use burn_autodiff::ops::{Backward, Ops, OpsKind};
use burn_backend::tensor::FloatTensor;
use burn_flex::FlexTensor;
use std::sync::Arc;

type Autodiff<C> = burn::backend::Autodiff<Flex, C>;

/// `weight` `[rows, width]`, `ids` `[batch, seq]` → `[batch, seq, width]`.
pub(super) fn forward(weight: FlexTensor, ids: &FlexTensor) -> FlexTensor {
    let weight = contiguous(weight);
    gather(&weight, &rows(ids), ids)
}

fn gather(weight: &FlexTensor, rows: &[usize], ids: &FlexTensor) -> FlexTensor {
    let width = width(weight);
    let table = values(weight);
    let mut out = Vec::with_capacity(rows.len() * width);
    for row in rows {
        out.extend_from_slice(&table[row * width..(row + 1) * width]);
    }
    let mut shape = ids.layout().shape().as_slice().to_vec();
    shape.push(width);
    from_values(out, shape)
}

fn width(weight: &FlexTensor) -> usize {
    weight.layout().shape()[1]
}

/// The ids as places in the table, of whatever integer type they are.
fn rows(ids: &FlexTensor) -> Vec<usize> {
    let data = ids.clone().into_data();
    data.iter::<i64>().map(|id| id as usize).collect()
}

/// What the backward pass needs: the rows read, and the shape of the table.
#[derive(Clone, Debug)]
struct Read {
    rows: Arc<[usize]>,
    table: [usize; 2],
}

#[derive(Debug)]
struct Lookup;

impl Backward<Flex, 1> for Lookup {
    type State = Read;

    fn backward(self, ops: Ops<Read, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        tracked_unary(ops, grads, |gradient, read| {
            let gradient = contiguous(gradient);
            let [count, width] = read.table;
            // Zeros straight from the system: rows that are not touched cost nothing here.
            let mut table = vec![0.0; count * width];
            for (row, gradient) in read.rows.iter().zip(values(&gradient).chunks_exact(width)) {
                let sums = &mut table[row * width..(row + 1) * width];
                for (sum, gradient) in sums.iter_mut().zip(gradient) {
                    *sum += gradient;
                }
            }
            from_values(table, read.table)
        });
    }
}

pub(super) fn tracked<C: CheckpointStrategy>(
    weight: FloatTensor<Autodiff<C>>,
    ids: FlexTensor,
) -> FloatTensor<Autodiff<C>> {
    let (weight, node) = weight.into_parts();
    let weight = contiguous(weight);
    let rows = rows(&ids);
    let out = gather(&weight, &rows, &ids);
    match Lookup.prepare::<C>([node]).compute_bound().stateful() {
        OpsKind::UnTracked(prep) => prep.finish(out),
        OpsKind::Tracked(prep) => {
            let shape = weight.layout().shape();
            let state = Read {
                rows: rows.into(),
                table: [shape[0], shape[1]],
            };
            prep.finish(state, out)
        }
    }
}
