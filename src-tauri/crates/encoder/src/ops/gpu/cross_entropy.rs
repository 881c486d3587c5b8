//! The negative log-likelihood of the rows of logits, and its gradient, softmax − one-hot, in one pass.
//! A unit has a row: there are few labels.

use super::cast::owned;
use super::columns::column_sums;
use super::reduce::cube_sum;
use super::tensors::{
    UNITS, arg, contiguous, cubes, elem, empty, empty_like, matrix_dims, reshaped, zeros,
};
use burn_backend::DType;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

/// `losses` `[cubes]` becomes the sum over the rows of each cube.
#[cube(launch)]
fn loss_kernel<I: Int>(
    logits: &[f32],
    targets: &[I],
    gradient: &mut [f32],
    losses: &mut [f32],
    labels: u32,
    scale: f32,
    #[define(I)] _dtype: ElemType,
) {
    let mut loss = 0.0f32;
    if ABSOLUTE_POS < targets.len() {
        let start = ABSOLUTE_POS as u32 * labels;
        let target = min(u32::cast_from(targets[ABSOLUTE_POS]), labels - 1);
        let mut top = logits[start as usize];
        for label in 1..labels {
            top = max(top, logits[(start + label) as usize]);
        }
        let mut total = 0.0f32;
        for label in 0..labels {
            total += (logits[(start + label) as usize] - top).exp();
        }
        loss = (total.ln() - (logits[(start + target) as usize] - top)) * scale;
        let factor = scale / total;
        for label in 0..labels {
            let at = (start + label) as usize;
            let share = (logits[at] - top).exp() * factor;
            gradient[at] = share - select(label == target, scale, 0.0f32);
        }
    }
    let mut scratch = Shared::<[f32]>::new_slice(UNITS);
    let sum = cube_sum(loss, &mut scratch, UNITS);
    if UNIT_POS == 0 && CUBE_POS < losses.len() {
        losses[CUBE_POS] = sum;
    }
}

/// `logits` `[rows, labels]` f32, `targets` `[rows]` → the sum of the rows' losses times `scale`, `[1]`, and
/// its gradient `[rows, labels]`. A target out of range counts as the last label.
pub(super) fn run(logits: CubeTensor, targets: CubeTensor, scale: f32) -> (CubeTensor, CubeTensor) {
    let (logits, targets) = (contiguous(logits), contiguous(targets));
    let [rows, labels] = matrix_dims(&logits);
    if rows * labels == 0 {
        return (zeros(&logits, 1), logits);
    }
    let gradient = empty_like(&logits);
    let losses = empty(&logits, [rows.div_ceil(UNITS), 1], DType::F32);
    loss_kernel::launch(
        &logits.client,
        cubes(rows),
        CubeDim::new_1d(UNITS as u32),
        arg(&logits),
        arg(&targets),
        arg(&gradient),
        arg(&losses),
        labels as u32,
        scale,
        elem(&targets),
    );
    (reshaped(column_sums(&losses), [1]), gradient)
}

#[cube(launch)]
fn times_kernel(values: &mut [f32], factor: &[f32]) {
    if ABSOLUTE_POS < values.len() {
        values[ABSOLUTE_POS] *= factor[0];
    }
}

/// The gradient of the logits where that of the loss, `upstream` `[1]`, is not 1. Written over where nothing
/// else holds it.
pub(super) fn backward(gradient: CubeTensor, upstream: CubeTensor) -> CubeTensor {
    let (gradient, upstream) = (owned(gradient), contiguous(upstream));
    let count = gradient.meta.num_elements();
    if count > 0 {
        times_kernel::launch(
            &gradient.client,
            cubes(count),
            CubeDim::new_1d(UNITS as u32),
            arg(&gradient),
            arg(&upstream),
        );
    }
    gradient
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_near, device, floats, ints, numbers, read};
    use super::*;

    #[test]
    fn loss_and_gradient_are_exact_to_rounding() {
        let Some(device) = device() else { return };
        for [rows, labels] in [[1, 1], [3, 2], [257, 9], [1000, 24], [70, 200], [8192, 5]] {
            // Some so large that their exponential alone is not finite.
            let logits: Vec<f32> = numbers(rows * labels, 1)
                .into_iter()
                .zip(0..)
                .map(|(logit, at)| {
                    if at / labels % 3 == 0 {
                        logit * 300.0
                    } else {
                        logit
                    }
                })
                .collect();
            let targets: Vec<i32> = (0..rows).map(|row| (row * 7 % labels) as i32).collect();
            let scale = 1.0 / (rows as f32 + 3.0);
            let (mut loss, mut gradient) = (0.0, Vec::new());
            for (row, target) in logits.chunks_exact(labels).zip(&targets) {
                let row: Vec<f64> = row.iter().map(|x| f64::from(*x)).collect();
                let top = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let total: f64 = row.iter().map(|x| (x - top).exp()).sum();
                loss += (total.ln() - (row[*target as usize] - top)) * f64::from(scale);
                gradient.extend((0..).zip(&row).map(|(label, x)| {
                    let one = f64::from(u8::from(label == *target));
                    ((x - top).exp() / total - one) * f64::from(scale)
                }));
            }
            let logits = floats(&logits, &[rows, labels], &device);
            let run = || {
                let (loss, gradient) = run(logits.clone(), ints(&targets, &device), scale);
                (read(loss), read(gradient))
            };
            let found = run();
            let allowed = 1e-5 * f64::from(scale);
            assert_near(&found.0, &[loss], 1e-6);
            for (found, expected) in found.1.iter().zip(&gradient) {
                let off = (f64::from(*found) - expected).abs();
                assert!(off < allowed, "{found}, expected {expected}");
            }
            assert_eq!(found.1.len(), gradient.len());
            assert_eq!(found, run());
        }
    }

    #[test]
    fn no_rows_have_no_loss() {
        let Some(device) = device() else { return };
        let (loss, gradient) = run(floats(&[], &[0, 3], &device), ints(&[], &device), 1.0);
        assert_eq!(read(loss), [0.0]);
        assert!(read(gradient).is_empty());
    }

    #[test]
    fn the_gradient_is_multiplied_by_that_of_the_loss() {
        let Some(device) = device() else { return };
        let gradient = floats(&[1.0, -2.0, 3.0], &[1, 3], &device);
        let scaled = backward(gradient.clone(), floats(&[4.0], &[1], &device));
        assert_eq!(read(scaled), [4.0, -8.0, 12.0]);
        assert_eq!(read(gradient), [1.0, -2.0, 3.0]);
    }
}
