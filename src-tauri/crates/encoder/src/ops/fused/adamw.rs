//! One pass of AdamW over a parameter, weight and both moments in place; and the gradient's norm.

use super::simd::{sum, vectorised};
use super::{CHUNK, contiguous, from_values, values, values_mut};
use crate::ops::{AdamWStep, RowGradients};
use burn_flex::FlexTensor;
use rayon::prelude::*;

/// How many rows of a table are updated in one piece.
const ROWS: usize = 256;

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

vectorised! {
    fn decay(weights: &mut [f32], kept: f32) {
        for weight in weights {
            *weight *= kept;
        }
    }
}

/// The same for a table of which a step has read some rows. `touched` says which rows ever had a
/// gradient, and learns of these.
pub(in crate::ops) fn step_rows(
    weight: FlexTensor,
    gradient: &RowGradients,
    moments: Option<[FlexTensor; 2]>,
    touched: &mut [bool],
    step: &AdamWStep,
) -> (FlexTensor, [FlexTensor; 2]) {
    let mut weight = contiguous(weight);
    let width = gradient.width;
    let [mut first, mut second] = match moments {
        Some(moments) => moments.map(contiguous),
        // Zeros straight from the system: rows that are never touched take no memory.
        None => {
            [(); 2].map(|()| from_values(vec![0.0; touched.len() * width], [touched.len() * width]))
        }
    };
    // Which line of the gradient is a row's, if one is.
    let mut lines = vec![None; touched.len()];
    for (line, row) in gradient.rows.iter().enumerate() {
        lines[*row] = Some(line);
        touched[*row] = true;
    }
    let kept = (1.0 - step.learning_rate * step.weight_decay) as f32;
    let nothing = vec![0.0; width];
    let rows = values_mut(&mut weight)
        .par_chunks_exact_mut(width)
        .zip(values_mut(&mut first).par_chunks_exact_mut(width))
        .zip(values_mut(&mut second).par_chunks_exact_mut(width));
    rows.zip(lines.par_iter().zip(touched.par_iter()))
        .with_min_len(ROWS)
        .for_each(
            |(((weights, firsts), seconds), (line, touched))| match line {
                Some(line) => {
                    let gradients = &gradient.values[line * width..(line + 1) * width];
                    update(weights, gradients, firsts, seconds, step);
                }
                None if *touched => update(weights, &nothing, firsts, seconds, step),
                None if kept != 1.0 => decay(weights, kept),
                None => {}
            },
        );
    (weight, [first, second])
}

/// Which rows ever had a gradient, as the moments tell.
pub(in crate::ops) fn touched_rows(moments: Option<&[FlexTensor; 2]>, width: usize) -> Vec<bool> {
    let Some([first, second]) = moments else {
        return Vec::new();
    };
    let (first, second) = (contiguous(first.clone()), contiguous(second.clone()));
    let rows = values(&first).chunks_exact(width);
    rows.zip(values(&second).chunks_exact(width))
        .map(|(first, second)| first.iter().chain(second).any(|moment| *moment != 0.0))
        .collect()
}

/// The sum of the squares of all elements.
pub(in crate::ops) fn sum_of_squares(tensor: FlexTensor) -> f64 {
    let tensor = contiguous(tensor);
    let parts: Vec<f32> = values(&tensor).par_chunks(CHUNK).map(squares).collect();
    parts.into_iter().map(f64::from).sum()
}
