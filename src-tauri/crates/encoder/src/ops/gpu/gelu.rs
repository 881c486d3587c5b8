//! GELU in its erf form, `x Φ(x)` (Hendrycks and Gimpel 2016), with its derivative `Φ(x) + x φ(x)`, and
//! the addition of a bias, which comes before it.

use super::cast::owned;
use super::tensors::{UNITS, arg, contiguous, cubes, elem, empty_like, matrix_dims};
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

/// The normal distribution's Φ(x), to 1e-7, and φ(x): the polynomials of the CPU's form
/// (`ops::cpu::gelu`). WGSL has no error function.
#[cube]
pub(super) fn normal(x: f32) -> (f32, f32) {
    // Beyond 13 both are less than the least normal number. So is no exponent too large for any device.
    let bounded = min(x.abs(), 13.0f32);
    let square = bounded * bounded;
    let bell = (-0.5f32 * square).exp();

    let near = 8.677_372_4e-7f32;
    let near = near * square - 1.770_019_5e-5f32;
    let near = near * square + 2.292_938_6e-4f32;
    let near = near * square - 2.373_564e-3f32;
    let near = near * square + 1.994_674_8e-2f32;
    let near = near * square - 0.132_980_72f32;
    let near = near * square + 0.797_884_6f32;

    // 0.4 / √2
    let t = 1.0f32 / (1.0f32 + 0.282_842_7f32 * bounded);
    let far = -0.116_798_72f32;
    let far = far * t + 0.245_063_4f32;
    let far = far * t + 0.006_664_007_4f32;
    let far = far * t + 0.213_956_79f32;
    let far = far * t + 0.198_502_6f32;
    let far = far * t + 0.226_737_13f32;
    let far = far * t + 0.225_624_16f32;
    let tail = 0.5f32 * far * t * bell;

    let outer = select(x > 0.0f32, 1.0f32 - tail, tail);
    let inner = 0.5f32 + 0.5f32 * x * near;
    let below = select(square < 2.0f32, inner, outer);
    (below, 0.398_942_3f32 * bell)
}

#[cube(launch)]
fn bias_kernel<F: Float>(
    sums: &mut [F],
    bias: &[f32],
    activated: &mut [F],
    columns: u32,
    #[define(F)] _dtype: ElemType,
) {
    if ABSOLUTE_POS < sums.len() {
        let column = ABSOLUTE_POS % columns as usize;
        let sum = F::cast_from(f32::cast_from(sums[ABSOLUTE_POS]) + bias[column]);
        sums[ABSOLUTE_POS] = sum;
        // Of the number that is kept, so that the backward pass sees the same.
        let x = f32::cast_from(sum);
        let (below, _density) = normal(x);
        activated[ABSOLUTE_POS] = F::cast_from(x * below);
    }
}

#[cube(launch)]
fn forward_kernel<F: Float>(input: &[F], output: &mut [F], #[define(F)] _dtype: ElemType) {
    if ABSOLUTE_POS < input.len() {
        let x = f32::cast_from(input[ABSOLUTE_POS]);
        let (below, _density) = normal(x);
        output[ABSOLUTE_POS] = F::cast_from(x * below);
    }
}

/// The gradient of the output becomes that of the input.
#[cube(launch)]
fn backward_kernel<F: Float>(
    input: &[F],
    gradient: &mut [F],
    activated: &mut [F],
    #[define(F)] _dtype: ElemType,
) {
    if ABSOLUTE_POS < input.len() {
        let x = f32::cast_from(input[ABSOLUTE_POS]);
        let (below, density) = normal(x);
        let slope = below + x * density;
        gradient[ABSOLUTE_POS] = F::cast_from(f32::cast_from(gradient[ABSOLUTE_POS]) * slope);
        activated[ABSOLUTE_POS] = F::cast_from(x * below);
    }
}

#[cube(launch)]
fn input_gradient_kernel<F: Float>(input: &[F], gradient: &mut [F], #[define(F)] _dtype: ElemType) {
    if ABSOLUTE_POS < input.len() {
        let x = f32::cast_from(input[ABSOLUTE_POS]);
        let (below, density) = normal(x);
        let slope = below + x * density;
        gradient[ABSOLUTE_POS] = F::cast_from(f32::cast_from(gradient[ABSOLUTE_POS]) * slope);
    }
}

/// What [`bias_gelu`] gives.
pub(super) struct Activated {
    /// What was activated, `product + bias`: the backward pass needs it.
    pub(super) sums: CubeTensor,
    pub(super) activated: CubeTensor,
}

/// `gelu(product + bias)`. `product` `[…, columns]` is written over where nothing else holds it; `bias`
/// `[columns]` is f32.
pub(super) fn bias_gelu(product: CubeTensor, bias: CubeTensor) -> Activated {
    let (sums, bias) = (owned(product), contiguous(bias));
    let activated = empty_like(&sums);
    let [rows, columns] = matrix_dims(&sums);
    if rows * columns > 0 {
        bias_kernel::launch(
            &sums.client,
            cubes(rows * columns),
            CubeDim::new_1d(UNITS as u32),
            arg(&sums),
            arg(&bias),
            arg(&activated),
            columns as u32,
            elem(&sums),
        );
    }
    Activated { sums, activated }
}

/// The gradient of what was activated, `sums`, written over that of the result where nothing else holds
/// it; and what `sums` were activated to, so that the forward pass need not keep it. All of one shape.
pub(super) fn backward(sums: &CubeTensor, gradient: CubeTensor) -> [CubeTensor; 2] {
    let (sums, gradient) = (contiguous(sums.clone()), owned(gradient));
    let activated = empty_like(&sums);
    let count = sums.meta.num_elements();
    if count > 0 {
        backward_kernel::launch(
            &sums.client,
            cubes(count),
            CubeDim::new_1d(UNITS as u32),
            arg(&sums),
            arg(&gradient),
            arg(&activated),
            elem(&sums),
        );
    }
    [gradient, activated]
}

/// GELU alone, of any shape.
pub(super) fn forward(input: CubeTensor) -> CubeTensor {
    let input = contiguous(input);
    let output = empty_like(&input);
    let count = input.meta.num_elements();
    if count > 0 {
        forward_kernel::launch(
            &input.client,
            cubes(count),
            CubeDim::new_1d(UNITS as u32),
            arg(&input),
            arg(&output),
            elem(&input),
        );
    }
    output
}

/// The gradient of its input, written over that of its result where nothing else holds it.
pub(super) fn input_gradient(input: &CubeTensor, gradient: CubeTensor) -> CubeTensor {
    let (input, gradient) = (contiguous(input.clone()), owned(gradient));
    let count = input.meta.num_elements();
    if count > 0 {
        input_gradient_kernel::launch(
            &input.client,
            cubes(count),
            CubeDim::new_1d(UNITS as u32),
            arg(&input),
            arg(&gradient),
            elem(&input),
        );
    }
    gradient
}

#[cfg(test)]
mod tests {
    use super::super::testing::{
        device, float_types, floats, numbers, read, rounded, rounding, typed,
    };
    use super::*;
    use burn_backend::DType;
    use cubecl::Device;

    /// Φ(x) and φ(x) by the series of Abramowitz and Stegun 26.2.11.
    fn reference(x: f64) -> (f64, f64) {
        let (mut term, mut sum, mut n) = (x, x, 1.0);
        while f64::abs(term) > 1e-18 * f64::abs(sum) && n < 2000.0 {
            n += 2.0;
            term *= x * x / n;
            sum += term;
        }
        let density = (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
        (0.5 + sum * density, density)
    }

    fn gelu(x: f32) -> f64 {
        let x = f64::from(x);
        x * reference(x).0
    }

    fn slope(x: f32) -> f64 {
        let x = f64::from(x);
        let (below, density) = reference(x);
        below + x * density
    }

    #[track_caller]
    fn assert_close(found: &[f32], expected: impl Iterator<Item = f64>, allowed: f64) {
        let mut checked = 0;
        for (found, expected) in found.iter().zip(expected) {
            let off = (f64::from(*found) - expected).abs();
            assert!(off <= allowed, "{found}, expected {expected}");
            checked += 1;
        }
        assert_eq!(checked, found.len());
    }

    #[test]
    fn gelu_and_its_derivative_are_exact_to_rounding() {
        let Some(device) = device() else { return };
        let xs: Vec<f32> = (-8000..=8000).map(|step| step as f32 / 1000.0).collect();
        let input = floats(&xs, &[xs.len()], &device);
        let found = read(forward(input.clone()));
        assert_close(&found, xs.iter().map(|x| gelu(*x)), 1e-6);
        let ones = floats(&vec![1.0; xs.len()], &[xs.len()], &device);
        let found = read(input_gradient(&input, ones));
        assert_close(&found, xs.iter().map(|x| slope(*x)), 1e-6);
    }

    #[test]
    fn large_numbers_are_passed_or_become_zero() {
        let Some(device) = device() else { return };
        let xs = [1e30, -1e4, 40.0, -40.0, f32::MIN_POSITIVE];
        let input = floats(&xs, &[5], &device);
        let found = read(forward(input.clone()));
        assert_eq!([found[0], found[2]], [1e30, 40.0]);
        assert!(found[1].abs() < 1e-30 && found[3].abs() < 1e-30);
        let found = read(input_gradient(&input, floats(&[1.0; 5], &[5], &device)));
        assert_close(&found, [1.0, 0.0, 1.0, 0.0, 0.5].into_iter(), 1e-6);
    }

    #[test]
    fn a_bias_is_added_before() {
        let Some(device) = device() else { return };
        for dtype in float_types(&device) {
            for [rows, columns] in [[1, 1], [3, 24], [257, 7], [5, 1000], [0, 4]] {
                check_bias(rows, columns, dtype, &device);
            }
        }
    }

    fn check_bias(rows: usize, columns: usize, dtype: DType, device: &Device) {
        let size = rows * columns;
        let [product, upstream] = [2, 4].map(|seed| rounded(&numbers(size, seed), dtype, device));
        let biases = numbers(columns, 3);
        let tensor = |values: &[f32]| typed(values, &[rows, columns], dtype, device);
        let (held, biases_there) = (tensor(&product), floats(&biases, &[columns], device));
        let Activated { sums, activated } = bias_gelu(held.clone(), biases_there.clone());
        assert_eq!([sums.dtype, activated.dtype], [dtype; 2]);
        assert_eq!(read(held.clone()), product);

        let found = read(sums.clone());
        let expected = |at: usize| f64::from(product[at]) + f64::from(biases[at % columns]);
        let allowed = 1e-6 + 2.0 * rounding(dtype);
        assert_close(&found, (0..size).map(expected), allowed);
        let activated = read(activated);
        let allowed = 1e-6 + rounding(dtype);
        assert_close(&activated, found.iter().map(|x| gelu(*x)), allowed);

        let gradient = tensor(&upstream);
        let [of_sums, again] = backward(&sums, gradient.clone());
        assert_eq!(read(again), activated);
        let of_sums = read(of_sums);
        let slopes = found.iter().zip(&upstream);
        let expected = slopes.map(|(x, upstream)| slope(*x) * f64::from(*upstream));
        assert_close(&of_sums, expected, allowed);
        assert_eq!(read(input_gradient(&sums, gradient)), of_sums);
    }
}
