//! `x W + b` and its gradients `dy Wᵀ`, `xᵀ dy` and the column sums of `dy`, on all cores.

use super::gemm::{Matrix, Number, Right};
use super::simd::vectorised;
use super::stored::{Stored, by_type};
use super::{contiguous, from_values, values};
use burn::backend::Flex;
use burn_autodiff::checkpoint::base::Checkpointer;
use burn_autodiff::checkpoint::strategy::CheckpointStrategy;
use burn_autodiff::grads::Gradients;
use burn_autodiff::ops::{Backward, Ops, OpsKind};
use burn_backend::tensor::FloatTensor;
use burn_flex::FlexTensor;
use rayon::prelude::*;

type Autodiff<C> = burn::backend::Autodiff<Flex, C>;

/// How many columns one piece of a column sum has.
const COLUMNS: usize = 128;

/// `input` `[…, from]` (contiguous), `weight` `[from, to]`, `bias` `[to]` → `[…, to]`, of the input's type.
pub(super) fn forward<E: Stored>(
    input: &FlexTensor,
    weight: &FlexTensor,
    bias: FlexTensor,
) -> FlexTensor {
    let bias = contiguous(bias);
    let copy;
    let weight = match Matrix::of(weight) {
        Some(weight) => weight,
        None => {
            copy = contiguous(weight.clone());
            as_rows(&copy)
        }
    };
    let bias = values(&bias);
    let out = E::gemm(
        as_rows(input),
        Right::Loose(weight),
        Some(bias),
        &|_, _, _| (),
    );
    let mut shape = input.layout().shape().as_slice().to_vec();
    let last = shape.len() - 1;
    shape[last] = bias.len();
    from_values(out, shape)
}

/// A contiguous tensor as a matrix with its last dimension as columns.
pub(super) fn as_rows<E: Stored>(tensor: &FlexTensor) -> Matrix<'_, E> {
    let shape = tensor.layout().shape().as_slice();
    let (columns, rows) = match shape.split_last() {
        Some((columns, rest)) => (*columns, rest.iter().product()),
        None => (1, 1),
    };
    Matrix::new(values(tensor), rows, columns, columns)
}

vectorised! {
    /// Adds up columns `first..first + sums.len()` of rows of `width`.
    fn add_rows<E: Number>(rows: &[E], width: usize, first: usize, sums: &mut [f32]) {
        for row in rows.chunks_exact(width) {
            for (sum, value) in sums.iter_mut().zip(&row[first..]) {
                *sum += value.as_f32();
            }
        }
    }
}

/// The sums of all columns. Each is added from the first row to the last.
pub(super) fn column_sums<E: Number>(rows: &[E], width: usize) -> Vec<f32> {
    let mut sums = vec![0.0; width];
    sums.par_chunks_mut(COLUMNS)
        .enumerate()
        .for_each(|(chunk, sums)| add_rows(rows, width, chunk * COLUMNS, sums));
    sums
}

#[derive(Debug)]
struct Linear;

impl Backward<Flex, 3> for Linear {
    /// Input and weight.
    type State = (FlexTensor, FlexTensor);

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = contiguous(grads.consume::<Flex>(&ops.node));
        by_type!(gradient, E => backward::<E>(&gradient, ops, grads));
    }
}

fn backward<E: Stored>(
    gradient: &FlexTensor,
    ops: Ops<(FlexTensor, FlexTensor), 3>,
    grads: &mut Gradients,
) {
    let (input, weight) = ops.state;
    let weight = match Matrix::of(&weight) {
        Some(_) => weight,
        None => contiguous(weight),
    };
    let (input_rows, gradient_rows) = (as_rows::<E>(&input), as_rows::<E>(gradient));
    let [of_input, of_weight, of_bias] = ops.parents;
    if let (Some(parent), Some(weight)) = (of_input, Matrix::of(&weight)) {
        let weight = Right::Loose(weight.transposed());
        let out = E::gemm(gradient_rows, weight, None, &|_, _, _| ());
        let out = from_values(out, input.layout().shape().clone());
        grads.register::<Flex>(parent.id, out);
    }
    if let Some(parent) = of_weight {
        let out = E::gradient(input_rows.transposed(), gradient_rows);
        grads.register::<Flex>(parent.id, from_values(out, weight.layout().shape().clone()));
    }
    if let Some(parent) = of_bias {
        let width = weight.layout().shape()[1];
        let sums = column_sums(values::<E>(gradient), width);
        grads.register::<Flex>(parent.id, from_values(sums, [width]));
    }
}

pub(super) fn tracked<C: CheckpointStrategy>(
    input: FloatTensor<Autodiff<C>>,
    weight: FloatTensor<Autodiff<C>>,
    bias: FloatTensor<Autodiff<C>>,
) -> FloatTensor<Autodiff<C>> {
    let (input, input_node) = input.into_parts();
    let (weight, weight_node) = weight.into_parts();
    let (bias, bias_node) = bias.into_parts();
    let input = contiguous(input);
    let out = by_type!(input, E => forward::<E>(&input, &weight, bias));
    let prep = Linear
        .prepare::<C>([input_node, weight_node, bias_node])
        .compute_bound()
        .stateful();
    match prep {
        OpsKind::UnTracked(prep) => prep.finish(out),
        OpsKind::Tracked(prep) => prep.finish((input, weight), out),
    }
}
