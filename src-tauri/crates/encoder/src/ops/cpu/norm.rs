//! `LayerNorm(dropout(x) + residual)` (Ba et al. 2016), the end of both of BERT's blocks; or of `x` alone, also
//! without taking off the mean.
//!
//! Kept for the backward pass: the normalised rows, written over `x`, the inverse deviation of each
//! row, and the dropout's key.

use super::gemm::Number;
use super::simd::{sum, vectorised};
use super::stored::{Stored, by_type};
use super::{contiguous, from_values, values, values_mut, zeros};
use crate::ops::norm::NormForm;
use crate::ops::random::Dropout;
use burn::backend::Flex;
use burn_autodiff::NodeId;
use burn_autodiff::checkpoint::base::Checkpointer;
use burn_autodiff::checkpoint::strategy::CheckpointStrategy;
use burn_autodiff::grads::Gradients;
use burn_autodiff::ops::{Backward, Ops, OpsKind};
use burn_backend::tensor::FloatTensor;
use burn_flex::FlexTensor;
use rayon::prelude::*;

type Autodiff<C> = burn::backend::Autodiff<Flex, C>;

/// How many rows one piece of work has; also how the sums over rows are cut.
const ROWS: usize = 32;

/// What the forward pass gives.
pub(super) struct Normalised {
    pub(super) out: FlexTensor,
    rows: FlexTensor,
    inverse: Vec<f32>,
}

vectorised! {
    /// `x` becomes the normalised rows, `inverse` 1 / deviation of each, `out` the result; `line` is room
    /// for a row.
    fn normalise<E: Number>(
        x: &mut [E],
        residual: Option<&[E]>,
        out: &mut [E],
        inverse: &mut [f32],
        gamma: &[f32],
        beta: &[f32],
        form: NormForm,
        first: usize,
        dropout: Option<Dropout>,
        line: &mut [f32],
    ) {
        let width = gamma.len();
        let rows = x.chunks_exact_mut(width);
        let rows = rows.zip(out.chunks_exact_mut(width)).zip(inverse);
        for (at, ((x, out), inverse)) in rows.enumerate() {
            let numbers = line.iter_mut().zip(x.iter());
            let residual = residual.map(|residual| &residual[at * width..(at + 1) * width]);
            match (residual, dropout) {
                (Some(residual), Some(dropout)) => {
                    let factors = dropout.row(first + at);
                    for (column, ((line, x), residual)) in numbers.zip(residual).enumerate() {
                        *line = x.as_f32() * factors.at(column) + residual.as_f32();
                    }
                }
                (Some(residual), None) => {
                    for ((line, x), residual) in numbers.zip(residual) {
                        *line = x.as_f32() + residual.as_f32();
                    }
                }
                (None, _) => {
                    for (line, x) in numbers {
                        *line = x.as_f32();
                    }
                }
            }
            let mean = sum([line], |[x]| x) / width as f32 * form.centring();
            for line in line.iter_mut() {
                *line -= mean;
            }
            let variance = sum([line], |[x]| x * x) / width as f32;
            *inverse = 1.0 / (variance + form.epsilon).sqrt();
            let columns = gamma.iter().zip(beta);
            for (((line, x), out), (gamma, beta)) in line.iter().zip(x).zip(out).zip(columns) {
                let normalised = line * *inverse;
                *x = E::of(normalised);
                *out = E::of(normalised * gamma + beta);
            }
        }
    }
}

/// Without a `residual` nothing is dropped either.
pub(super) fn forward<E: Stored>(
    input: FlexTensor,
    residual: Option<FlexTensor>,
    gamma: &FlexTensor,
    beta: FlexTensor,
    form: NormForm,
    dropout: Option<Dropout>,
) -> Normalised {
    let (mut rows, beta) = (contiguous(input), contiguous(beta));
    let residual = residual.map(contiguous);
    let residual = residual.as_ref().map(values::<E>);
    let shape = rows.layout().shape().clone();
    let (gamma, beta) = (values(gamma), values(&beta));
    let width = gamma.len();
    let mut out: Vec<E> = zeros(shape.num_elements());
    let mut inverse = vec![0.0; shape.num_elements() / width];
    values_mut::<E>(&mut rows)
        .par_chunks_mut(ROWS * width)
        .zip(out.par_chunks_mut(ROWS * width))
        .zip(inverse.par_chunks_mut(ROWS))
        .enumerate()
        .for_each(|(chunk, ((x, out), inverse))| {
            let (first, mut line) = (chunk * ROWS, vec![0.0; width]);
            let residual = residual.map(|residual| &residual[first * width..][..x.len()]);
            normalise(
                x, residual, out, inverse, gamma, beta, form, first, dropout, &mut line,
            );
        });
    let out = from_values(out, shape);
    Normalised { out, rows, inverse }
}

vectorised! {
    /// `gradient` becomes that of the sum that was normalised; `of_gamma` and `of_beta` grow by theirs;
    /// `lines` is room for two rows.
    fn backward_rows<E: Number>(
        gradient: &mut [E],
        rows: &[E],
        inverse: &[f32],
        gamma: &[f32],
        form: NormForm,
        of_gamma: &mut [f32],
        of_beta: &mut [f32],
        lines: &mut [f32],
    ) {
        let width = gamma.len();
        let (line, row_line) = lines.split_at_mut(width);
        let all = gradient.chunks_exact_mut(width).zip(rows.chunks_exact(width));
        for ((gradient, row), inverse) in all.zip(inverse) {
            let sums = of_gamma.iter_mut().zip(of_beta.iter_mut()).zip(gamma);
            let numbers = gradient.iter().zip(row).zip(line.iter_mut().zip(row_line.iter_mut()));
            for (((of_gamma, of_beta), gamma), ((gradient, x), (line, row))) in sums.zip(numbers) {
                let (gradient, x) = (gradient.as_f32(), x.as_f32());
                *of_gamma += gradient * x;
                *of_beta += gradient;
                *line = gradient * gamma;
                *row = x;
            }
            let mean = sum([line], |[g]| g) / width as f32 * form.centring();
            let along = sum([line, row_line], |[g, x]| g * x) / width as f32;
            for ((gradient, line), x) in gradient.iter_mut().zip(line.iter()).zip(row_line.iter()) {
                *gradient = E::of((line - mean - x * along) * inverse);
            }
        }
    }
}

#[derive(Clone, Debug)]
struct State {
    rows: FlexTensor,
    inverse: Vec<f32>,
    gamma: FlexTensor,
    form: NormForm,
    dropout: Option<Dropout>,
}

#[derive(Debug)]
struct AddNorm;

impl Backward<Flex, 4> for AddNorm {
    type State = State;

    fn backward(self, ops: Ops<State, 4>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = contiguous(grads.consume::<Flex>(&ops.node));
        let parents = ops.parents.map(|parent| parent.map(|node| node.id));
        by_type!(gradient, E => backward::<E>(gradient, ops.state, parents, grads));
    }
}

#[derive(Debug)]
struct Norm;

impl Backward<Flex, 3> for Norm {
    type State = State;

    fn backward(self, ops: Ops<State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = contiguous(grads.consume::<Flex>(&ops.node));
        let [input, gamma, beta] = ops.parents.map(|parent| parent.map(|node| node.id));
        let parents = [input, None, gamma, beta];
        by_type!(gradient, E => backward::<E>(gradient, ops.state, parents, grads));
    }
}

/// Passes the gradient on to input, residual, gamma and beta.
fn backward<E: Stored>(
    mut gradient: FlexTensor,
    state: State,
    parents: [Option<NodeId>; 4],
    grads: &mut Gradients,
) {
    let State {
        rows,
        inverse,
        gamma,
        form,
        dropout,
    } = state;
    let gamma = values(&gamma);
    let width = gamma.len();
    let partial: Vec<(Vec<f32>, Vec<f32>)> = values_mut::<E>(&mut gradient)
        .par_chunks_mut(ROWS * width)
        .zip(values::<E>(&rows).par_chunks(ROWS * width))
        .zip(inverse.par_chunks(ROWS))
        .map(|((gradient, rows), inverse)| {
            let (mut of_gamma, mut of_beta) = (vec![0.0; width], vec![0.0; width]);
            let mut lines = vec![0.0; 2 * width];
            backward_rows(
                gradient,
                rows,
                inverse,
                gamma,
                form,
                &mut of_gamma,
                &mut of_beta,
                &mut lines,
            );
            (of_gamma, of_beta)
        })
        .collect();
    let (mut of_gamma, mut of_beta) = (vec![0.0; width], vec![0.0; width]);
    for (part_of_gamma, part_of_beta) in partial {
        add(&mut of_gamma, &part_of_gamma);
        add(&mut of_beta, &part_of_beta);
    }
    let [for_input, for_residual, for_gamma, for_beta] = parents;
    let mut register = |parent: Option<NodeId>, tensor| {
        if let Some(parent) = parent {
            grads.register::<Flex>(parent, tensor);
        }
    };
    register(for_gamma, from_values(of_gamma, [width]));
    register(for_beta, from_values(of_beta, [width]));
    if for_residual.is_some() {
        register(for_residual, gradient.clone());
    }
    let gradient = match dropout {
        Some(dropout) => super::dropout::apply(gradient, dropout),
        None => gradient,
    };
    register(for_input, gradient);
}

fn add(sums: &mut [f32], terms: &[f32]) {
    for (sum, term) in sums.iter_mut().zip(terms) {
        *sum += term;
    }
}

pub(super) fn tracked<C: CheckpointStrategy>(
    input: FloatTensor<Autodiff<C>>,
    residual: FloatTensor<Autodiff<C>>,
    gamma: FloatTensor<Autodiff<C>>,
    beta: FloatTensor<Autodiff<C>>,
    epsilon: f32,
    dropout: Option<Dropout>,
) -> FloatTensor<Autodiff<C>> {
    let (input, input_node) = input.into_parts();
    let (residual, residual_node) = residual.into_parts();
    let (gamma, gamma_node) = gamma.into_parts();
    let (beta, beta_node) = beta.into_parts();
    let gamma = contiguous(gamma);
    let form = NormForm::centred(epsilon);
    let Normalised { out, rows, inverse } = by_type!(input, E => {
        forward::<E>(input, Some(residual), &gamma, beta, form, dropout)
    });
    let prep = AddNorm
        .prepare::<C>([input_node, residual_node, gamma_node, beta_node])
        .compute_bound()
        .stateful();
    match prep {
        OpsKind::UnTracked(prep) => prep.finish(out),
        OpsKind::Tracked(prep) => {
            let state = State {
                rows,
                inverse,
                gamma,
                form,
                dropout,
            };
            prep.finish(state, out)
        }
    }
}

/// The norm of an input to which nothing is added.
pub(super) fn tracked_alone<C: CheckpointStrategy>(
    input: FloatTensor<Autodiff<C>>,
    gamma: FloatTensor<Autodiff<C>>,
    beta: FloatTensor<Autodiff<C>>,
    form: NormForm,
) -> FloatTensor<Autodiff<C>> {
    let (input, input_node) = input.into_parts();
    let (gamma, gamma_node) = gamma.into_parts();
    let (beta, beta_node) = beta.into_parts();
    let gamma = contiguous(gamma);
    let Normalised { out, rows, inverse } = by_type!(input, E => {
        forward::<E>(input, None, &gamma, beta, form, None)
    });
    let nodes = [input_node, gamma_node, beta_node];
    match Norm.prepare::<C>(nodes).compute_bound().stateful() {
        OpsKind::UnTracked(prep) => prep.finish(out),
        OpsKind::Tracked(prep) => {
            let state = State {
                rows,
                inverse,
                gamma,
                form,
                dropout: None,
            };
            prep.finish(state, out)
        }
    }
}
