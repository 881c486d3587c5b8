//! One step of AdamW over a parameter in one kernel, weight and both moments in place. Gradients are clipped
//! by a sum of squares that is still on the device, so the host need not wait for it.

use super::cast::owned;
use super::tensors::{UNITS, arg, contiguous, cubes, empty_like};
use crate::ops::AdamWStep;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

/// By what gradients are clipped: their norm is `gradient_scale` times the root of `squares`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clip<'a> {
    /// The sum of the squares of all gradients, f32 `[1]`. Where it is not finite, a step changes nothing.
    pub(super) squares: &'a CubeTensor,
    /// The largest norm that is left as it is; at 0 all are.
    pub(super) limit: f32,
}

/// The numbers of a step. They change from step to step, so no kernel is compiled for them.
#[derive(CubeLaunch, CubeType, Clone, Copy)]
struct StepNumbers {
    scale: f32,
    limit: f32,
    beta1: f32,
    one_less_beta1: f32,
    beta2: f32,
    one_less_beta2: f32,
    /// 1 / √(what the second moment lacks).
    inverse_root: f32,
    epsilon: f32,
    /// The learning rate by what the first moment lacks.
    rate: f32,
    /// What weight decay leaves of a weight.
    kept: f32,
    /// 0 where the moments hold nothing yet.
    has_moments: u32,
    /// 0 where the sum of squares means nothing.
    has_squares: u32,
}

fn numbers(step: &AdamWStep, clip: Option<Clip>, has_moments: bool) -> StepNumbersLaunch {
    StepNumbersLaunch::new(
        step.gradient_scale as f32,
        clip.map_or(0.0, |clip| clip.limit),
        step.beta1 as f32,
        (1.0 - step.beta1) as f32,
        step.beta2 as f32,
        (1.0 - step.beta2) as f32,
        (1.0 / step.correction2().sqrt()) as f32,
        step.epsilon as f32,
        (step.learning_rate / step.correction1()) as f32,
        (1.0 - step.learning_rate * step.weight_decay) as f32,
        u32::from(has_moments),
        u32::from(clip.is_some()),
    )
}

/// Whether a number is neither infinite nor NaN. By its bits: compilers may assume that all are finite.
#[cube]
fn is_finite(number: f32) -> bool {
    (u32::reinterpret(number) & 0x7F80_0000u32) != 0x7F80_0000u32
}

/// Loshchilov and Hutter 2019, algorithm 2, in the order of operations of `torch.optim.AdamW`.
#[cube(launch)]
fn step_kernel(
    weight: &mut [f32],
    gradient: &[f32],
    first: &mut [f32],
    second: &mut [f32],
    squares: &[f32],
    step: &StepNumbers,
) {
    if ABSOLUTE_POS < weight.len() {
        let at = ABSOLUTE_POS;
        let mut scale = step.scale;
        let mut is_taken = true;
        if step.has_squares != 0 {
            let square = squares[0];
            is_taken = is_finite(square);
            if step.limit > 0.0f32 {
                // The small constant is PyTorch's, in `clip_grad_norm_`.
                let norm = square.sqrt() * step.scale.abs();
                scale = step.scale * min(1.0f32, step.limit / (norm + 1e-6f32));
            }
        }
        let mut moment = 0.0f32;
        let mut square = 0.0f32;
        if step.has_moments != 0 {
            moment = first[at];
            square = second[at];
        }
        if is_taken {
            let change = gradient[at] * scale;
            moment = moment * step.beta1 + change * step.one_less_beta1;
            square = square * step.beta2 + change * change * step.one_less_beta2;
            let denominator = square.sqrt() * step.inverse_root + step.epsilon;
            weight[at] = weight[at] * step.kept - moment / denominator * step.rate;
        }
        first[at] = moment;
        second[at] = square;
    }
}

/// Goes one step: the new weight and its moments. All tensors are f32 and have as many elements; absent
/// moments are zeros. Weight and moments are written over where nothing else holds them.
pub(super) fn step(
    weight: CubeTensor,
    gradient: CubeTensor,
    moments: Option<[CubeTensor; 2]>,
    step: &AdamWStep,
    clip: Option<Clip>,
) -> (CubeTensor, [CubeTensor; 2]) {
    let (weight, gradient) = (owned(weight), contiguous(gradient));
    let has_moments = moments.is_some();
    let [first, second] = match moments {
        Some(moments) => moments.map(owned),
        None => [(); 2].map(|()| empty_like(&weight)),
    };
    let count = weight.meta.num_elements();
    if count > 0 {
        step_kernel::launch(
            &weight.client,
            cubes(count),
            CubeDim::new_1d(UNITS as u32),
            arg(&weight),
            arg(&gradient),
            arg(&first),
            arg(&second),
            arg(clip.map_or(&gradient, |clip| clip.squares)),
            numbers(step, clip, has_moments),
        );
    }
    (weight, [first, second])
}

#[cfg(test)]
mod tests {
    use super::super::squares::sum_of_squares;
    use super::super::testing::{assert_near, device, floats, numbers, read};
    use super::*;

    fn numbers_of_step(steps: i32) -> AdamWStep {
        AdamWStep {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.01,
            learning_rate: 1e-3,
            gradient_scale: 0.5,
            steps,
        }
    }

    /// The step in double precision, with gradients multiplied by `scale`.
    fn reference(state: &mut [Vec<f64>; 3], gradient: &[f32], scale: f64, step: &AdamWStep) {
        let [weight, first, second] = state;
        for (at, gradient) in gradient.iter().enumerate() {
            let gradient = f64::from(*gradient) * scale;
            first[at] = first[at] * step.beta1 + gradient * (1.0 - step.beta1);
            second[at] = second[at] * step.beta2 + gradient * gradient * (1.0 - step.beta2);
            let root = (second[at] / (1.0 - step.beta2.powi(step.steps))).sqrt();
            let rate = step.learning_rate / (1.0 - step.beta1.powi(step.steps));
            weight[at] *= 1.0 - step.learning_rate * step.weight_decay;
            weight[at] -= rate * first[at] / (root + step.epsilon);
        }
    }

    #[test]
    fn steps_are_exact_to_rounding_clipped_or_not() {
        let Some(device) = device() else { return };
        for size in [1, 257, 20_000] {
            let weight = numbers(size, 1);
            let tensor = |values: &[f32]| floats(values, &[values.len()], &device);
            for limit in [None, Some(0.0), Some(0.1), Some(1e6)] {
                let mut expected = [
                    weight.iter().map(|x| f64::from(*x)).collect(),
                    vec![0.0; size],
                    vec![0.0; size],
                ];
                let mut found = (tensor(&weight), None);
                for steps in 1..4 {
                    let step_numbers = numbers_of_step(steps);
                    let gradient = numbers(size, 10 + steps as u64);
                    let squares = gradient.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
                    let norm = squares.sqrt() * 0.5;
                    let factor = match limit {
                        Some(limit) if limit > 0.0 => (limit / (norm + 1e-6)).min(1.0),
                        _ => 1.0,
                    };
                    reference(&mut expected, &gradient, 0.5 * factor, &step_numbers);
                    let gradient = tensor(&gradient);
                    let squares = sum_of_squares(&[&gradient]).expect("there is a gradient");
                    let clip = limit.map(|limit| Clip {
                        squares: &squares,
                        limit: limit as f32,
                    });
                    let (weight, moments) = step(found.0, gradient, found.1, &step_numbers, clip);
                    found = (weight, Some(moments));
                }
                let [first, second] = found.1.expect("steps were gone");
                assert_near(&read(found.0), &expected[0], 1e-6);
                assert_near(&read(first), &expected[1], 1e-6);
                assert_near(&read(second), &expected[2], 1e-6);
            }
        }
    }

    #[test]
    fn what_others_hold_is_left() {
        let Some(device) = device() else { return };
        let weight = floats(&[1.0, 2.0], &[2], &device);
        let gradient = floats(&[0.5, -0.5], &[2], &device);
        let numbers = numbers_of_step(1);
        let (held, moments) = step(weight.clone(), gradient.clone(), None, &numbers, None);
        assert_eq!(read(weight), [1.0, 2.0]);
        let before = read(held.clone());
        let (after, _) = step(held.clone(), gradient, Some(moments), &numbers, None);
        assert_eq!(read(held), before);
        assert_ne!(read(after), before);
    }

    #[test]
    fn gradients_that_are_not_finite_change_nothing() {
        let Some(device) = device() else { return };
        let tensor = |values: &[f32]| floats(values, &[values.len()], &device);
        for broken in [f32::NAN, f32::INFINITY, 1e30] {
            for limit in [0.0, 1.0] {
                let gradient = tensor(&[0.5, broken, 1.0]);
                let squares = sum_of_squares(&[&gradient]).expect("there is a gradient");
                let clip = Some(Clip {
                    squares: &squares,
                    limit,
                });
                let moments = [tensor(&[0.1, 0.2, 0.3]), tensor(&[0.4, 0.5, 0.6])];
                for moments in [Some(moments), None] {
                    let expected = match moments {
                        Some(_) => [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]],
                        None => [[0.0; 3]; 2],
                    };
                    let weight = tensor(&[1.0, 2.0, 3.0]);
                    let numbers = numbers_of_step(5);
                    let (weight, moments) = step(weight, gradient.clone(), moments, &numbers, clip);
                    assert_eq!(read(weight), [1.0, 2.0, 3.0]);
                    assert_eq!(moments.map(read), expected.map(Vec::from));
                }
            }
        }
    }
}
