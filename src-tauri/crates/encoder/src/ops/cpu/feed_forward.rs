//! The feed-forward block, `GELU(x W₁ + b₁) W₂ + b₂`, as one operation.
//!
//! Its inner rows are four times as wide as all others, and the largest part of what a backward pass
//! would keep. Only the sums before the GELU are kept; the GELU and its derivative are computed from
//! them again, which costs less than a hundredth of the products around them. Forward, the GELU is
//! taken of each piece of the first product while it is in the cache, and backward its derivative.

#![allow(unsafe_code, reason = "pieces of one matrix are written in parallel")]

use super::gelu;
use super::gemm::{Matrix, Right, Shared};
use super::linear::{as_rows, column_sums};
use super::stored::{Stored, by_type};
use super::{CHUNK, contiguous, from_values, values, values_mut, zeros};
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

/// The two layers: weights `[hidden, inner]` and `[inner, hidden]`, biases `[inner]` and `[hidden]`.
pub(super) struct Layers {
    weights: [FlexTensor; 2],
    biases: [FlexTensor; 2],
}

impl Layers {
    pub(super) fn new(weights: [FlexTensor; 2], biases: [FlexTensor; 2]) -> Self {
        Self {
            weights: weights.map(contiguous),
            biases: biases.map(contiguous),
        }
    }

    /// `input` `[tokens, hidden]` → the same shape.
    pub(super) fn forward<E: Stored>(&self, input: FlexTensor) -> FlexTensor {
        let input = contiguous(input);
        let weight = Right::Loose(as_rows(&self.weights[0]));
        let bias = Some(values(&self.biases[0]));
        let inner = E::gemm(as_rows(&input), weight, bias, &|_, _, piece| {
            gelu::in_place(piece);
        });
        self.second::<E>(&input, &inner)
    }

    /// The same, and the sums before the GELU, `[tokens · inner]`.
    fn forward_keeping<E: Stored>(&self, input: &FlexTensor) -> (FlexTensor, FlexTensor) {
        let (tokens, width) = (
            input.layout().shape()[0],
            values::<f32>(&self.biases[0]).len(),
        );
        let mut inner: Vec<E> = zeros(tokens * width);
        let shared = Shared::new(&mut inner);
        let weight = Right::Loose(as_rows(&self.weights[0]));
        let bias = Some(values(&self.biases[0]));
        let sums = E::gemm(as_rows(input), weight, bias, &|row, column, piece| {
            // SAFETY: each piece of a row is complete once.
            let out = unsafe { shared.piece(row * width + column, piece.len()) };
            gelu::of(piece, out);
        });
        (
            self.second(input, &inner),
            from_values(sums, [tokens, width]),
        )
    }

    fn second<E: Stored>(&self, input: &FlexTensor, inner: &[E]) -> FlexTensor {
        let bias = values(&self.biases[1]);
        let width = values::<f32>(&self.biases[0]).len();
        let inner = Matrix::new(inner, inner.len() / width, width, width);
        let weight = Right::Loose(as_rows(&self.weights[1]));
        let out = E::gemm(inner, weight, Some(bias), &|_, _, _| ());
        from_values(out, input.layout().shape().clone())
    }
}

/// What the backward pass needs.
#[derive(Clone, Debug)]
struct State {
    input: FlexTensor,
    weights: [FlexTensor; 2],
    /// The sums before the GELU, `[tokens, inner]`.
    sums: FlexTensor,
}

#[derive(Debug)]
struct FeedForward;

impl Backward<Flex, 5> for FeedForward {
    type State = State;

    fn backward(self, ops: Ops<State, 5>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = contiguous(grads.consume::<Flex>(&ops.node));
        by_type!(gradient, E => backward::<E>(gradient, ops, grads));
    }
}

fn backward<E: Stored>(gradient: FlexTensor, ops: Ops<State, 5>, grads: &mut Gradients) {
    let State {
        input,
        weights: [first, second],
        mut sums,
    } = ops.state;
    let shape = sums.layout().shape().clone();
    let (tokens, width) = (shape[0], shape[1]);
    let hidden = input.layout().shape()[1];
    let parents = ops.parents.map(|parent| parent.map(|node| node.id));
    let [
        for_input,
        for_first,
        for_first_bias,
        for_second,
        for_second_bias,
    ] = parents;
    let mut register = |parent: Option<NodeId>, out: FlexTensor| {
        if let Some(parent) = parent {
            grads.register::<Flex>(parent, out);
        }
    };
    if for_second_bias.is_some() {
        let sums = column_sums(values::<E>(&gradient), hidden);
        register(for_second_bias, from_values(sums, [hidden]));
    }
    // The sums become the derivative, and beside them the GELU comes back.
    let mut inner: Vec<E> = zeros(tokens * width);
    values_mut::<E>(&mut sums)
        .par_chunks_mut(CHUNK)
        .zip(inner.par_chunks_mut(CHUNK))
        .for_each(|(sums, inner)| gelu::with_derivative(sums, inner));
    if for_second.is_some() {
        let inner = Matrix::new(&inner, tokens, width, width);
        let out = E::gradient(inner.transposed(), as_rows(&gradient));
        register(for_second, from_values(out, [width, hidden]));
    }
    drop(inner);
    let derivative = values::<E>(&sums);
    let weight = Right::Loose(as_rows(&second).transposed());
    let of_sums = E::gemm(as_rows(&gradient), weight, None, &|row, column, piece| {
        let start = row * width + column;
        gelu::multiply(piece, &derivative[start..start + piece.len()]);
    });
    drop((sums, gradient));
    if for_first_bias.is_some() {
        let sums = column_sums(&of_sums, width);
        register(for_first_bias, from_values(sums, [width]));
    }
    let of_sums = Matrix::new(&of_sums, tokens, width, width);
    if for_first.is_some() {
        let out = E::gradient(as_rows(&input).transposed(), of_sums);
        register(for_first, from_values(out, [hidden, width]));
    }
    if let Some(parent) = for_input {
        let weight = Right::Loose(as_rows(&first).transposed());
        let out = E::gemm(of_sums, weight, None, &|_, _, _| ());
        grads.register::<Flex>(parent, from_values(out, [tokens, hidden]));
    }
}

pub(super) fn tracked<C: CheckpointStrategy>(
    input: FloatTensor<Autodiff<C>>,
    weights: [FloatTensor<Autodiff<C>>; 2],
    biases: [FloatTensor<Autodiff<C>>; 2],
) -> FloatTensor<Autodiff<C>> {
    let (input, input_node) = input.into_parts();
    let [(first, first_node), (second, second_node)] = weights.map(|tensor| tensor.into_parts());
    let [(bias, bias_node), (other, other_node)] = biases.map(|tensor| tensor.into_parts());
    let input = contiguous(input);
    let layers = Layers::new([first, second], [bias, other]);
    let prep = FeedForward
        .prepare::<C>([input_node, first_node, bias_node, second_node, other_node])
        .compute_bound()
        .stateful();
    match prep {
        OpsKind::UnTracked(prep) => {
            let out = by_type!(input, E => layers.forward::<E>(input));
            prep.finish(out)
        }
        OpsKind::Tracked(prep) => {
            let (out, sums) = by_type!(input, E => layers.forward_keeping::<E>(&input));
            let state = State {
                sums,
                input,
                weights: layers.weights,
            };
            prep.finish(state, out)
        }
    }
}
