//! The operations in burn's own terms: for every device, and the measure of the fused forms.

use super::AdamWStep;
use super::random::Dropout;
use burn::nn::{LayerNorm, Linear};
use burn::tensor::{Tensor, activation};

pub(super) fn dropout<const D: usize>(input: Tensor<D>, dropout: Option<Dropout>) -> Tensor<D> {
    match dropout {
        Some(dropout) => {
            let mask = dropout.mask(input.dims(), &input.device());
            input * mask
        }
        None => input,
    }
}

/// `x · Φ(x)`, Φ by the error function. burn's own GELU is the same forward, but its derivative is that
/// of the approximation by tanh, off by up to 3e-4 of the largest.
pub(super) fn gelu<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    let share = (input.clone() * std::f64::consts::FRAC_1_SQRT_2).erf();
    input * (share * 0.5 + 0.5)
}

pub(super) fn linear<const D: usize>(input: Tensor<D>, layer: &Linear) -> Tensor<D> {
    layer.forward(input)
}

pub(super) fn add_norm<const D: usize>(
    input: Tensor<D>,
    residual: Tensor<D>,
    norm: &LayerNorm,
    dropped: Option<Dropout>,
) -> Tensor<D> {
    norm.forward(dropout(input, dropped) + residual)
}

pub(super) fn attention(
    query: Tensor<3>,
    key: Tensor<3>,
    value: Tensor<3>,
    heads: usize,
    bias: Option<Tensor<4>>,
    dropped: Option<Dropout>,
) -> Tensor<3> {
    let [batch, seq, hidden] = query.dims();
    let width = hidden / heads;
    let split = |x: Tensor<3>| x.reshape([batch, seq, heads, width]).swap_dims(1, 2);
    let query = split(query * (1.0 / (width as f64).sqrt()));
    let scores = query.matmul(split(key).swap_dims(2, 3));
    let scores = match bias {
        Some(bias) => scores + bias,
        None => scores,
    };
    let weights = dropout(activation::softmax(scores, 3), dropped);
    weights
        .matmul(split(value))
        .swap_dims(1, 2)
        .reshape([batch, seq, hidden])
}

pub(super) fn adamw(
    weight: Tensor<1>,
    gradient: Tensor<1>,
    moments: Option<[Tensor<1>; 2]>,
    step: &AdamWStep,
) -> (Tensor<1>, [Tensor<1>; 2]) {
    let gradient = gradient * step.gradient_scale;
    let squared = gradient.clone().square() * (1.0 - step.beta2);
    let moved = gradient * (1.0 - step.beta1);
    let [first, second] = match moments {
        Some([first, second]) => [first * step.beta1 + moved, second * step.beta2 + squared],
        None => [moved, squared],
    };
    let denominator = second.clone().sqrt() / step.correction2().sqrt() + step.epsilon;
    let delta = first.clone() / denominator * (step.learning_rate / step.correction1());
    let weight = weight * (1.0 - step.learning_rate * step.weight_decay) - delta;
    (weight, [first, second])
}

pub(super) fn sums_of_squares<'a>(tensors: impl Iterator<Item = &'a Tensor<1>>) -> f64 {
    let squares: Vec<Tensor<1>> = tensors.map(|g| g.clone().square().sum()).collect();
    match squares.is_empty() {
        true => 0.0,
        false => Tensor::cat(squares, 0).sum().into_scalar::<f32>().into(),
    }
}
