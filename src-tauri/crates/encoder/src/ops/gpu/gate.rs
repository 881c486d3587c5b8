//! The middle of a gated feed-forward block, `activate(x) · gate` (Shazeer 2020), with GELU or SiLU.
//!
//! The backward pass computes the activation and its derivative again.

use super::cast::owned;
use super::gelu::normal;
use super::tensors::{UNITS, arg, contiguous, cubes, elem, empty_like};
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

/// The activation and its derivative.
#[cube]
fn activate(x: f32, #[comptime] is_gelu: bool) -> (f32, f32) {
    if comptime!(is_gelu) {
        let (below, density) = normal(x);
        (x * below, below + x * density)
    } else {
        // σ(x), without overflow on either side.
        let small = (-x.abs()).exp();
        let share = 1.0f32 / (1.0f32 + small);
        let sigmoid = select(x < 0.0f32, small * share, share);
        (x * sigmoid, sigmoid * (1.0f32 + x * (1.0f32 - sigmoid)))
    }
}

#[cube(launch)]
fn forward_kernel<F: Float>(
    input: &[F],
    gate: &[F],
    out: &mut [F],
    #[comptime] is_gelu: bool,
    #[define(F)] _dtype: ElemType,
) {
    if ABSOLUTE_POS < input.len() {
        let x = f32::cast_from(input[ABSOLUTE_POS]);
        let (value, _derivative) = activate(x, is_gelu);
        out[ABSOLUTE_POS] = F::cast_from(value * f32::cast_from(gate[ABSOLUTE_POS]));
    }
}

/// The gradient of the result becomes that of the input.
#[cube(launch)]
fn backward_kernel<F: Float>(
    input: &[F],
    gate: &[F],
    gradient: &mut [F],
    of_gate: &mut [F],
    #[comptime] is_gelu: bool,
    #[define(F)] _dtype: ElemType,
) {
    if ABSOLUTE_POS < input.len() {
        let x = f32::cast_from(input[ABSOLUTE_POS]);
        let (value, derivative) = activate(x, is_gelu);
        let upstream = f32::cast_from(gradient[ABSOLUTE_POS]);
        let gate = f32::cast_from(gate[ABSOLUTE_POS]);
        gradient[ABSOLUTE_POS] = F::cast_from(upstream * gate * derivative);
        of_gate[ABSOLUTE_POS] = F::cast_from(upstream * value);
    }
}

/// `input` and `gate` of one shape → the same shape.
pub(super) fn forward(input: &CubeTensor, gate: &CubeTensor, is_gelu: bool) -> CubeTensor {
    let [input, gate] = [input, gate].map(|tensor| contiguous(tensor.clone()));
    let out = empty_like(&input);
    let count = input.meta.num_elements();
    if count > 0 {
        forward_kernel::launch(
            &input.client,
            cubes(count),
            CubeDim::new_1d(UNITS as u32),
            arg(&input),
            arg(&gate),
            arg(&out),
            is_gelu,
            elem(&input),
        );
    }
    out
}

/// The gradients of input and gate, the first written over that of the result where nothing else holds it.
pub(super) fn backward(
    input: &CubeTensor,
    gate: &CubeTensor,
    gradient: CubeTensor,
    is_gelu: bool,
) -> [CubeTensor; 2] {
    let [input, gate] = [input, gate].map(|tensor| contiguous(tensor.clone()));
    let gradient = owned(gradient);
    let of_gate = empty_like(&gradient);
    let count = input.meta.num_elements();
    if count > 0 {
        backward_kernel::launch(
            &input.client,
            cubes(count),
            CubeDim::new_1d(UNITS as u32),
            arg(&input),
            arg(&gate),
            arg(&gradient),
            arg(&of_gate),
            is_gelu,
            elem(&input),
        );
    }
    [gradient, of_gate]
}

#[cfg(test)]
mod tests {
    use super::super::testing::{
        assert_near, device, float_types, floats, numbers, read, rounded, rounding, typed,
    };
    use super::*;

    /// SiLU and its derivative; GELU's are tested where it is.
    fn silu(x: f32) -> [f64; 2] {
        let x = f64::from(x);
        let sigmoid = 1.0 / (1.0 + (-x).exp());
        [x * sigmoid, sigmoid + x * sigmoid * (1.0 - sigmoid)]
    }

    #[test]
    fn both_passes_are_exact_to_rounding() {
        let Some(device) = device() else { return };
        for count in [0, 1, 257, 20_000] {
            for dtype in float_types(&device) {
                let draw = |seed| rounded(&numbers(count, seed), dtype, &device);
                let [input, gate, upstream] = [1, 2, 3].map(draw);
                let input: Vec<f32> = input.iter().map(|x| x * 8.0).collect();
                let tensor = |values: &[f32]| typed(values, &[1, count], dtype, &device);
                let given = [tensor(&input), tensor(&gate)];
                let product = |part: usize, with: &dyn Fn(usize) -> f32| -> Vec<f64> {
                    let all = input.iter().enumerate();
                    all.map(|(at, x)| silu(*x)[part] * f64::from(with(at)))
                        .collect()
                };
                let allowed = 1e-6 + rounding(dtype);
                let found = read(forward(&given[0], &given[1], false));
                assert_near(&found, &product(0, &|at| gate[at]), allowed);
                let run = || backward(&given[0], &given[1], tensor(&upstream), false).map(read);
                let [of_input, of_gate] = run();
                let expected = product(1, &|at| gate[at] * upstream[at]);
                assert_near(&of_input, &expected, allowed);
                assert_near(&of_gate, &product(0, &|at| upstream[at]), allowed);
                assert_eq!([of_input, of_gate], run());
            }
        }
    }

    #[test]
    fn large_numbers_are_passed_or_become_zero() {
        let Some(device) = device() else { return };
        let input = floats(&[1e30, -1e4, 200.0, -200.0], &[4], &device);
        let ones = || floats(&[1.0; 4], &[4], &device);
        for is_gelu in [true, false] {
            let found = read(forward(&input, &ones(), is_gelu));
            assert_eq!([found[0], found[2]], [1e30, 200.0]);
            assert!(found[1].abs() < 1e-30 && found[3].abs() < 1e-30);
            let [of_input, _] = backward(&input, &ones(), ones(), is_gelu).map(read);
            assert_near(&of_input, &[1.0, 0.0, 1.0, 0.0], 1e-6);
        }
    }
}
