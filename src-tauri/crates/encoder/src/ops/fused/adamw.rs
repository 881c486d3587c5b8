//! One pass of AdamW over a parameter: weight and both moments in place; and the gradient's norm.

use super::simd::{sum, vectorised};
use super::{CHUNK, contiguous, from_values, values, values_mut};
use crate::ops::AdamWStep;
use burn_flex::FlexTensor;
use rayon::prelude::*;

vectorised! {
    /// Loshchilov and Hutter 2019, algorithm 2, in the order of operations of `torch.optim.AdamW`.
    fn update(
        weights: &mut [f32],
        gradients: &[f32],
        firsts: &mut [f32],
        seconds: &mut [f32],
        step: &AdamWStep,
    ) {
        let scale = step.gradient_scale as f32;
        let (beta1, one_less_beta1) = (step.beta1 as f32, (1.0 - step.beta1) as f32);
        let (beta2, one_less_beta2) = (step.beta2 as f32, (1.0 - step.beta2) as f32);
        let inverse_root = (1.0 / step.correction2().sqrt()) as f32;
        let epsilon = step.epsilon as f32;
        let rate = (step.learning_rate / step.correction1()) as f32;
        let kept = (1.0 - step.learning_rate * step.weight_decay) as f32;
        let moments = firsts.iter_mut().zip(seconds);
        for ((weight, gradient), (first, second)) in weights.iter_mut().zip(gradients).zip(moments) {
            let gradient = gradient * scale;
            *first = *first * beta1 + gradient * one_less_beta1;
            *second = *second * beta2 + gradient * gradient * one_less_beta2;
            let denominator = second.sqrt() * inverse_root + epsilon;
            *weight = *weight * kept - *first / denominator * rate;
        }
    }
}

vectorised! {
    fn squares(values: &[f32]) -> f32 {
        sum([values], |[x]| x * x)
    }
}

/// Goes one step. All four tensors are flat and equally long; absent moments are zeros.
pub(in crate::ops) fn step(
    weight: FlexTensor,
    gradient: FlexTensor,
    moments: Option<[FlexTensor; 2]>,
    step: &AdamWStep,
) -> (FlexTensor, [FlexTensor; 2]) {
    let (mut weight, gradient) = (contiguous(weight), contiguous(gradient));
    let [mut first, mut second] = match moments {
        Some(moments) => moments.map(contiguous),
        None => [(); 2].map(|()| {
            let shape = gradient.layout().shape().clone();
            from_values(vec![0.0; shape.num_elements()], shape)
        }),
    };
    let moments = values_mut(&mut first)
        .par_chunks_mut(CHUNK)
        .zip(values_mut(&mut second).par_chunks_mut(CHUNK));
    values_mut(&mut weight)
        .par_chunks_mut(CHUNK)
        .zip(values(&gradient).par_chunks(CHUNK))
        .zip(moments)
        .for_each(|((weights, gradients), (firsts, seconds))| {
            update(weights, gradients, firsts, seconds, step);
        });
    (weight, [first, second])
}

/// The sum of the squares of all elements.
pub(in crate::ops) fn sum_of_squares(tensor: FlexTensor) -> f64 {
    let tensor = contiguous(tensor);
    let parts: Vec<f32> = values(&tensor).par_chunks(CHUNK).map(squares).collect();
    parts.into_iter().map(f64::from).sum()
}
