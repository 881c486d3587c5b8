//! One step of AdamW over a parameter in one kernel, weight and both moments in place; and the sum of the
//! squares of all gradients, by which they are clipped without the host waiting for it.

use super::cast::owned;
use super::columns::{ASIDE, column_sums, total};
use super::reduce::cube_sum;
use super::tensors::{UNITS, arg, contiguous, cubes, empty, empty_like, reshaped, spread, zeros};
use crate::ops::AdamWStep;
use burn_backend::DType;
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

/// Elements that one cube squares.
const CHUNK: usize = 16_384;

/// Tensors that one launch squares.
const TOGETHER: usize = 4;

/// A unit's share of the squares of chunk `index`.
#[cube]
fn squares_of(values: &[f32], index: u32) -> f32 {
    let start = index * comptime!(CHUNK as u32);
    let end = min(start + comptime!(CHUNK as u32), values.len() as u32);
    let mut at = start + UNIT_POS;
    let mut sums = Array::<f32>::new(ASIDE);
    #[unroll]
    for step in 0..ASIDE {
        sums[step] = 0.0f32;
    }
    while at < end {
        #[unroll]
        for step in 0..ASIDE {
            if at < end {
                let value = values[at as usize];
                sums[step] = sums[step] + value * value;
            }
            at += comptime!(UNITS as u32);
        }
    }
    total(&sums)
}

/// `before_b`, `before_c`, `before_d` and `all` count the chunks of the tensors before; the chunks' sums
/// are written from `place` on.
#[cube(launch)]
fn squares_kernel(
    a: &[f32],
    b: &[f32],
    c: &[f32],
    d: &[f32],
    sums: &mut [f32],
    before_b: u32,
    before_c: u32,
    before_d: u32,
    all: u32,
    place: u32,
) {
    let cube = CUBE_POS as u32;
    let mut sum = 0.0f32;
    if cube < before_b {
        sum = squares_of(a, cube);
    } else if cube < before_c {
        sum = squares_of(b, cube - before_b);
    } else if cube < before_d {
        sum = squares_of(c, cube - before_c);
    } else if cube < all {
        sum = squares_of(d, cube - before_d);
    }
    let mut scratch = Shared::<[f32]>::new_slice(UNITS);
    let sum = cube_sum(sum, &mut scratch, UNITS);
    if UNIT_POS == 0 && cube < all {
        sums[(place + cube) as usize] = sum;
    }
}

/// The sum of the squares of all elements of `gradients`, f32: `[1]` on the device, in an order that
/// follows from their sizes. `None` without any gradient.
pub(super) fn sum_of_squares(gradients: &[&CubeTensor]) -> Option<CubeTensor> {
    let like = *gradients.first()?;
    let chunks = |tensor: &CubeTensor| tensor.meta.num_elements().div_ceil(CHUNK);
    let gradients: Vec<CubeTensor> = gradients
        .iter()
        .filter(|tensor| chunks(tensor) > 0)
        .map(|tensor| contiguous((*tensor).clone()))
        .collect();
    let total = gradients.iter().map(chunks).sum::<usize>();
    if total == 0 {
        return Some(zeros(like, 1));
    }
    let sums = empty(like, [total, 1], DType::F32);
    let mut place = 0;
    for together in gradients.chunks(TOGETHER) {
        let mut before = [0; TOGETHER + 1];
        for at in 0..TOGETHER {
            before[at + 1] = before[at] + together.get(at).map_or(0, chunks);
        }
        // Those that are missing have no chunk, and something must be bound.
        let of = |at: usize| arg(together.get(at).unwrap_or(&together[0]));
        squares_kernel::launch(
            &like.client,
            spread(before[TOGETHER]),
            CubeDim::new_1d(UNITS as u32),
            of(0),
            of(1),
            of(2),
            of(3),
            arg(&sums),
            before[1] as u32,
            before[2] as u32,
            before[3] as u32,
            before[4] as u32,
            place as u32,
        );
        place += before[TOGETHER];
    }
    Some(reshaped(column_sums(&sums), [1]))
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn squares_of_many_tensors_are_added_up() {
        let Some(device) = device() else { return };
        let sizes = [1, 16_384, 0, 16_385, 100_000, 7, 100, 3, 200_000];
        for constant in [None, Some(0.3f32)] {
            let values: Vec<Vec<f32>> = (0..)
                .zip(sizes)
                .map(|(seed, size)| match constant {
                    Some(constant) => vec![constant; size],
                    None => numbers(size, seed),
                })
                .collect();
            for count in 1..=sizes.len() {
                let tensors: Vec<CubeTensor> = values[..count]
                    .iter()
                    .map(|values| floats(values, &[values.len()], &device))
                    .collect();
                let tensors: Vec<&CubeTensor> = tensors.iter().collect();
                let squares = values[..count].iter().flatten();
                let expected: f64 = squares.map(|x| f64::from(*x).powi(2)).sum();
                let sum = || read(sum_of_squares(&tensors).expect("there are some"));
                assert_near(&sum(), &[expected], 3e-7);
                assert_eq!(sum(), sum());
            }
        }
        assert!(sum_of_squares(&[]).is_none());
        let empty = floats(&[], &[0], &device);
        assert_eq!(sum_of_squares(&[&empty]).map(read), Some(vec![0.0]));
    }
}
