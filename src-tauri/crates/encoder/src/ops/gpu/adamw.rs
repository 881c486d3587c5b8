//! One step of AdamW over four parameters in one kernel, weights and moments in place. Gradients are clipped
//! by a sum of squares that is still on the device, so the host need not wait for it.

use super::cast::owned;
use super::tensors::{UNITS, arg, contiguous, empty, empty_like, spread};
use crate::ops::AdamWStep;
use burn_backend::DType;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

/// Parameters that one launch updates. Each binds four buffers, and most devices allow some dozens.
const TOGETHER: usize = 4;

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
    epsilon: f32,
    /// 0 where the sum of squares means nothing.
    has_squares: u32,
}

/// The numbers of one parameter in a step.
#[derive(CubeLaunch, CubeType, Clone, Copy)]
struct OwnNumbers {
    /// 1 / √(what the second moment lacks).
    inverse_root: f32,
    /// The learning rate by what the first moment lacks.
    rate: f32,
    /// What weight decay leaves of a weight.
    kept: f32,
    /// Where its cubes end.
    end: u32,
    /// 0 where its moments hold nothing yet.
    has_moments: u32,
}

/// The numbers that all parameters of a step share.
fn numbers(step: &AdamWStep, clip: Option<Clip>) -> StepNumbersLaunch {
    StepNumbersLaunch::new(
        step.gradient_scale as f32,
        clip.map_or(0.0, |clip| clip.limit),
        step.beta1 as f32,
        (1.0 - step.beta1) as f32,
        step.beta2 as f32,
        (1.0 - step.beta2) as f32,
        step.epsilon as f32,
        u32::from(clip.is_some()),
    )
}

/// The numbers of a parameter whose cubes end at `end`.
fn own_numbers(step: &AdamWStep, end: u32, has_moments: bool) -> OwnNumbersLaunch {
    OwnNumbersLaunch::new(
        (1.0 / step.correction2().sqrt()) as f32,
        (step.learning_rate / step.correction1()) as f32,
        (1.0 - step.learning_rate * step.weight_decay) as f32,
        end,
        u32::from(has_moments),
    )
}

/// Whether a number is neither infinite nor NaN. By its bits: compilers may assume that all are finite.
#[cube]
fn is_finite(number: f32) -> bool {
    (u32::reinterpret(number) & 0x7F80_0000u32) != 0x7F80_0000u32
}

/// One parameter's elements of cube `cube`: Loshchilov and Hutter 2019, algorithm 2, in the order of
/// operations of `torch.optim.AdamW`.
#[cube]
fn update(
    weight: &mut [f32],
    gradient: &[f32],
    first: &mut [f32],
    second: &mut [f32],
    cube: u32,
    own: &OwnNumbers,
    is_taken: bool,
    scale: f32,
    step: &StepNumbers,
) {
    let at = (cube * comptime!(UNITS as u32) + UNIT_POS) as usize;
    if at < weight.len() {
        let mut moment = 0.0f32;
        let mut square = 0.0f32;
        if own.has_moments != 0 {
            moment = first[at];
            square = second[at];
        }
        if is_taken {
            let change = gradient[at] * scale;
            moment = moment * step.beta1 + change * step.one_less_beta1;
            square = square * step.beta2 + change * change * step.one_less_beta2;
            let denominator = square.sqrt() * own.inverse_root + step.epsilon;
            weight[at] = weight[at] * own.kept - moment / denominator * own.rate;
        }
        first[at] = moment;
        second[at] = square;
    }
}

/// The cubes of all four parameters are counted through, as in [`super::squares`].
#[cube(launch)]
fn step_kernel(
    weight_a: &mut [f32],
    gradient_a: &[f32],
    first_a: &mut [f32],
    second_a: &mut [f32],
    own_a: &OwnNumbers,
    weight_b: &mut [f32],
    gradient_b: &[f32],
    first_b: &mut [f32],
    second_b: &mut [f32],
    own_b: &OwnNumbers,
    weight_c: &mut [f32],
    gradient_c: &[f32],
    first_c: &mut [f32],
    second_c: &mut [f32],
    own_c: &OwnNumbers,
    weight_d: &mut [f32],
    gradient_d: &[f32],
    first_d: &mut [f32],
    second_d: &mut [f32],
    own_d: &OwnNumbers,
    squares: &[f32],
    step: &StepNumbers,
) {
    let mut scale = step.scale;
    let mut taken = true;
    if step.has_squares != 0 {
        let square = squares[0];
        taken = is_finite(square);
        if step.limit > 0.0f32 {
            // The small constant is PyTorch's, in `clip_grad_norm_`.
            let norm = square.sqrt() * step.scale.abs();
            scale = step.scale * min(1.0f32, step.limit / (norm + 1e-6f32));
        }
    }
    let cube = CUBE_POS as u32;
    if cube < own_a.end {
        update(
            weight_a, gradient_a, first_a, second_a, cube, own_a, taken, scale, step,
        );
    } else if cube < own_b.end {
        let at = cube - own_a.end;
        update(
            weight_b, gradient_b, first_b, second_b, at, own_b, taken, scale, step,
        );
    } else if cube < own_c.end {
        let at = cube - own_b.end;
        update(
            weight_c, gradient_c, first_c, second_c, at, own_c, taken, scale, step,
        );
    } else if cube < own_d.end {
        let at = cube - own_c.end;
        update(
            weight_d, gradient_d, first_d, second_d, at, own_d, taken, scale, step,
        );
    }
}

/// A parameter before a step. All its tensors are f32 and have as many elements; absent moments are zeros.
pub(super) struct Parameter {
    pub(super) weight: CubeTensor,
    pub(super) gradient: CubeTensor,
    pub(super) moments: Option<[CubeTensor; 2]>,
    /// All but its learning rate, weight decay and number of steps is that of the others.
    pub(super) step: AdamWStep,
}

/// The tensors of a parameter in a launch: weight, gradient, both moments.
type Bound = [CubeTensor; 4];

/// Goes one step with all parameters: their new weights and moments, in their order. Weights and moments
/// are written over where nothing else holds them.
pub(super) fn step(
    parameters: Vec<Parameter>,
    clip: Option<Clip>,
) -> Vec<(CubeTensor, [CubeTensor; 2])> {
    let mut done = Vec::with_capacity(parameters.len());
    let mut parameters = parameters.into_iter().peekable();
    while parameters.peek().is_some() {
        let together: Vec<Parameter> = parameters.by_ref().take(TOGETHER).collect();
        done.extend(step_together(together, clip));
    }
    done
}

/// At most [`TOGETHER`] parameters, at least one.
fn step_together(
    parameters: Vec<Parameter>,
    clip: Option<Clip>,
) -> impl Iterator<Item = (CubeTensor, [CubeTensor; 2])> + use<> {
    let shared = parameters[0].step;
    let owns: Vec<(AdamWStep, bool)> = parameters
        .iter()
        .map(|parameter| (parameter.step, parameter.moments.is_some()))
        .collect();
    let bound: Vec<Bound> = parameters.into_iter().map(Parameter::bound).collect();
    let mut all = 0;
    let own = std::array::from_fn::<_, TOGETHER, _>(|at| {
        let count = bound.get(at).map_or(0, |of| of[0].meta.num_elements());
        all += count.div_ceil(UNITS);
        let (step, has_moments) = owns.get(at).copied().unwrap_or((shared, false));
        own_numbers(&step, all as u32, has_moments)
    });
    if all > 0 {
        let like = &bound[0][0];
        // Those that are missing have no cube, and something must be bound that nothing else writes.
        let missing: Vec<Bound> = (bound.len()..TOGETHER)
            .map(|_| [(); 4].map(|()| empty(like, [1], DType::F32)))
            .collect();
        let of = |at: usize| bound.get(at).unwrap_or_else(|| &missing[at - bound.len()]);
        let [a, b, c, d] = [of(0), of(1), of(2), of(3)];
        let [own_a, own_b, own_c, own_d] = own;
        step_kernel::launch(
            &like.client,
            spread(all),
            CubeDim::new_1d(UNITS as u32),
            arg(&a[0]),
            arg(&a[1]),
            arg(&a[2]),
            arg(&a[3]),
            own_a,
            arg(&b[0]),
            arg(&b[1]),
            arg(&b[2]),
            arg(&b[3]),
            own_b,
            arg(&c[0]),
            arg(&c[1]),
            arg(&c[2]),
            arg(&c[3]),
            own_c,
            arg(&d[0]),
            arg(&d[1]),
            arg(&d[2]),
            arg(&d[3]),
            own_d,
            arg(clip.map_or(&a[1], |clip| clip.squares)),
            numbers(&shared, clip),
        );
    }
    bound
        .into_iter()
        .map(|[weight, _, first, second]| (weight, [first, second]))
}

impl Parameter {
    fn bound(self) -> Bound {
        let weight = owned(self.weight);
        let [first, second] = match self.moments {
            Some(moments) => moments.map(owned),
            None => [(); 2].map(|()| empty_like(&weight)),
        };
        [weight, contiguous(self.gradient), first, second]
    }
}

#[cfg(test)]
mod tests {
    use super::super::squares::sum_of_squares;
    use super::super::testing::{assert_near, device, floats, numbers, read};
    use super::*;

    /// One parameter alone.
    fn step(
        weight: CubeTensor,
        gradient: CubeTensor,
        moments: Option<[CubeTensor; 2]>,
        step: &AdamWStep,
        clip: Option<Clip>,
    ) -> (CubeTensor, [CubeTensor; 2]) {
        let parameter = Parameter {
            weight,
            gradient,
            moments,
            step: *step,
        };
        let mut done = super::step(vec![parameter], clip);
        done.pop().expect("there is one for each parameter")
    }

    #[test]
    fn many_parameters_go_the_steps_that_each_goes_alone() {
        let Some(device) = device() else { return };
        let sizes = [1, 300, 0, 257, 20_000, 256, 70];
        let tensor = |at: usize, seed: u64| {
            let values = numbers(sizes[at], seed + at as u64);
            floats(&values, &[sizes[at]], &device)
        };
        // Squares are never negative.
        let positive = |at: usize| {
            let values: Vec<f32> = numbers(sizes[at], 90 + at as u64)
                .into_iter()
                .map(f32::abs)
                .collect();
            floats(&values, &[sizes[at]], &device)
        };
        let parameter = |at: usize| Parameter {
            weight: tensor(at, 10),
            gradient: tensor(at, 30),
            moments: (at % 3 != 1).then(|| [tensor(at, 50), positive(at)]),
            // Each with numbers of its own.
            step: AdamWStep {
                weight_decay: [0.0, 0.01][at % 2],
                learning_rate: [1e-3, 3e-4, 1e-5][at % 3],
                ..numbers_of_step(1 + at as i32)
            },
        };
        let together = super::step((0..sizes.len()).map(parameter).collect(), None);
        assert_eq!(together.len(), sizes.len());
        for (at, (weight, moments)) in together.into_iter().enumerate() {
            let mut alone = super::step(vec![parameter(at)], None);
            let (expected, expected_moments) = alone.pop().expect("there is one");
            assert_eq!(read(weight), read(expected), "{at}");
            assert_eq!(moments.map(read), expected_moments.map(read), "{at}");
        }
    }

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
