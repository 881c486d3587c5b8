//! One pass of AdamW over a parameter, weight and both moments in place; and the gradient's norm.
#![allow(unsafe_code, reason = "rows of a table are written in parallel")]

use super::gemm::{Number, Shared};
use super::simd::{sum, vectorised};
use super::stored::by_type;
use super::{CHUNK, contiguous, from_values, values, values_mut, zeros};
use crate::ops::{AdamWStep, RowGradients, RowMoments};
use burn_flex::FlexTensor;
use rayon::prelude::*;

/// How many rows of a table are updated in one piece.
const ROWS: usize = 256;

vectorised! {
    /// Loshchilov and Hutter 2019, algorithm 2, in the order of operations of `torch.optim.AdamW`.
    fn update<E: Number>(
        weights: &mut [f32],
        gradients: &[E],
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
            let gradient = gradient.as_f32() * scale;
            *first = *first * beta1 + gradient * one_less_beta1;
            *second = *second * beta2 + gradient * gradient * one_less_beta2;
            let denominator = second.sqrt() * inverse_root + epsilon;
            *weight = *weight * kept - *first / denominator * rate;
        }
    }
}

vectorised! {
    fn squares<E: Number>(values: &[E]) -> f32 {
        sum([values], |[x]| x.as_f32() * x.as_f32())
    }
}

/// One step. All four tensors are flat and equally long; absent moments are zeros. The gradient may be
/// `bf16`.
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
            from_values(zeros::<f32>(shape.num_elements()), shape)
        }),
    };
    let moments = values_mut(&mut first)
        .par_chunks_mut(CHUNK)
        .zip(values_mut(&mut second).par_chunks_mut(CHUNK));
    let weights = values_mut(&mut weight).par_chunks_mut(CHUNK).zip(moments);
    by_type!(gradient, E => {
        weights
            .zip(values::<E>(&gradient).par_chunks(CHUNK))
            .for_each(|((weights, (firsts, seconds)), gradients)| {
                update(weights, gradients, firsts, seconds, step);
            });
    });
    (weight, [first, second])
}

vectorised! {
    fn decay(weights: &mut [f32], kept: f32) {
        for weight in weights {
            *weight *= kept;
        }
    }
}

/// The same for a table of which a step has read some rows: `moments` are those of all rows that were
/// ever read, and grow by these.
pub(in crate::ops) fn step_rows(
    weight: FlexTensor,
    gradient: &RowGradients,
    moments: &mut RowMoments,
    step: &AdamWStep,
) -> FlexTensor {
    let mut weight = contiguous(weight);
    let width = gradient.width;
    let kept = (1.0 - step.learning_rate * step.weight_decay) as f32;
    let places: Vec<usize> = gradient
        .rows
        .iter()
        .map(|row| moments.place(*row))
        .collect();
    if kept != 1.0 {
        values_mut(&mut weight)
            .par_chunks_exact_mut(width)
            .zip(&moments.places)
            .with_min_len(ROWS)
            .filter(|(_, place)| place.is_none())
            .for_each(|(weights, _)| decay(weights, kept));
    }
    // Which line of the gradient is that of a row kept, if one is.
    let mut lines = vec![None; moments.rows.len()];
    for (line, place) in places.into_iter().enumerate() {
        lines[place] = Some(line);
    }
    let nothing = vec![0.0; width];
    let weights = Shared::new(values_mut(&mut weight));
    let [firsts, seconds] = &mut moments.values;
    firsts
        .par_chunks_exact_mut(width)
        .zip(seconds.par_chunks_exact_mut(width))
        .zip(moments.rows.par_iter().zip(lines))
        .with_min_len(ROWS)
        .for_each(|((firsts, seconds), (row, line))| {
            let gradients = match line {
                Some(line) => &gradient.values[line * width..(line + 1) * width],
                None => &nothing,
            };
            // SAFETY: a row is kept once, so no other task has this one.
            let weights = unsafe { weights.piece(*row as usize * width, width) };
            update(weights, gradients, firsts, seconds, step);
        });
    weight
}

/// The sum of the squares of all elements.
pub(in crate::ops) fn sum_of_squares(tensor: FlexTensor) -> f64 {
    let tensor = contiguous(tensor);
    let parts: Vec<f32> = by_type!(tensor, E => {
        values::<E>(&tensor).par_chunks(CHUNK).map(squares).collect()
    });
    parts.into_iter().map(f64::from).sum()
}
