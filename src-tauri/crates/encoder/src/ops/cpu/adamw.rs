//! One pass of AdamW over a parameter, weight and both moments in place; and the gradient's norm.
#![allow(unsafe_code, reason = "rows of a table are written in parallel")]

use super::gemm::{Number, Shared};
use super::simd::{sum, vectorised};
use super::stored::{Stored, by_type, cast};
use super::{CHUNK, contiguous, from_values, values, values_mut, zeros};
use crate::ops::random::{derived_seed, mixed};
use crate::ops::{AdamWStep, RowGradients, RowMoments};
use burn_backend::DType;
use burn_flex::FlexTensor;
use half::bf16;
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

/// How many moments are widened at a time: what the first-level cache holds with the rest.
const WIDENED: usize = 256;

vectorised! {
    /// The same with moments in bf16. They are widened, updated, and rounded stochastically, so that what is
    /// too small for eight binary digits is not lost but adds up on average: the second moment changes by a
    /// thousandth of itself in a step.
    fn update_bf16<E: Number>(
        weights: &mut [f32],
        gradients: &[E],
        firsts: &mut [bf16],
        seconds: &mut [bf16],
        step: &AdamWStep,
        key: u32,
    ) {
        let moments = firsts.chunks_mut(WIDENED).zip(seconds.chunks_mut(WIDENED));
        let rest = weights.chunks_mut(WIDENED).zip(gradients.chunks(WIDENED));
        for (at, ((firsts, seconds), (weights, gradients))) in moments.zip(rest).enumerate() {
            let mut wide = [[0f32; WIDENED]; 2];
            let [wide_firsts, wide_seconds] = &mut wide;
            let wide_firsts = &mut wide_firsts[..firsts.len()];
            let wide_seconds = &mut wide_seconds[..firsts.len()];
            for (wide, moment) in wide_firsts.iter_mut().zip(firsts.iter()) {
                *wide = moment.as_f32();
            }
            for (wide, moment) in wide_seconds.iter_mut().zip(seconds.iter()) {
                *wide = moment.as_f32();
            }
            update(weights, gradients, wide_firsts, wide_seconds, step);
            let wide = wide_firsts.iter().zip(wide_seconds.iter());
            let moments = firsts.iter_mut().zip(seconds.iter_mut());
            for (column, ((first, second), (wide_first, wide_second))) in moments.zip(wide).enumerate() {
                let random = mixed(key, at * WIDENED + column);
                *first = rounded(*wide_first, random & 0xFFFF);
                *second = rounded(*wide_second, random >> 16);
            }
        }
    }
}

/// A finite number in bf16, up or down with the probability by which its mean is the number. `random`: 16
/// bits.
#[inline(always)]
fn rounded(number: f32, random: u32) -> bf16 {
    bf16::from_bits((number.to_bits().wrapping_add(random) >> 16) as u16)
}

vectorised! {
    fn squares<E: Number>(values: &[E]) -> f32 {
        sum([values], |[x]| x.as_f32() * x.as_f32())
    }
}

/// One step. All four tensors are flat and equally long; absent moments are zeros. The gradient may be
/// `bf16`; with a seed for `rounding`, the moments are.
pub(in crate::ops) fn step(
    weight: FlexTensor,
    gradient: FlexTensor,
    moments: Option<[FlexTensor; 2]>,
    step: &AdamWStep,
    rounding: Option<u64>,
) -> (FlexTensor, [FlexTensor; 2]) {
    let (mut weight, gradient) = (contiguous(weight), contiguous(gradient));
    let dtype = match rounding {
        Some(_) => DType::BF16,
        None => DType::F32,
    };
    let [mut first, mut second] = match moments {
        Some(moments) => moments.map(|moment| contiguous(cast(moment, dtype))),
        None => [(); 2].map(|()| {
            let shape = gradient.layout().shape().clone();
            let size = shape.num_elements();
            match rounding {
                Some(_) => from_values(zeros::<bf16>(size), shape),
                None => from_values(zeros::<f32>(size), shape),
            }
        }),
    };
    let weights = values_mut(&mut weight).par_chunks_mut(CHUNK);
    by_type!(gradient, E => {
        let weights = weights.zip(values::<E>(&gradient).par_chunks(CHUNK));
        match rounding {
            None => {
                let moments = pieces::<f32>(&mut first).zip(pieces(&mut second));
                weights
                    .zip(moments)
                    .for_each(|((weights, gradients), (firsts, seconds))| {
                        update(weights, gradients, firsts, seconds, step);
                    });
            }
            Some(seed) => {
                let moments = pieces::<bf16>(&mut first).zip(pieces(&mut second));
                weights.zip(moments).enumerate().for_each(
                    |(chunk, ((weights, gradients), (firsts, seconds)))| {
                        let key = derived_seed(seed, chunk) as u32;
                        update_bf16(weights, gradients, firsts, seconds, step, key);
                    },
                );
            }
        }
    });
    (weight, [first, second])
}

fn pieces<E: Stored>(tensor: &mut FlexTensor) -> rayon::slice::ChunksMut<'_, E> {
    values_mut(tensor).par_chunks_mut(CHUNK)
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
