//! GELU in its erf form, `x Φ(x)` (Hendrycks and Gimpel 2016), with its derivative `Φ(x) + x φ(x)`.
//!
//! Both come from one pass: the derivative is written over the input, which nothing else needs.

use super::gemm::Number;
use super::simd::{exp, vectorised};
use super::stored::{Stored, by_type};
use super::{CHUNK, contiguous, evenly, from_values, tracked_unary, values, values_mut, zeros};
use burn::backend::Flex;
use burn_autodiff::checkpoint::base::Checkpointer;
use burn_autodiff::checkpoint::strategy::CheckpointStrategy;
use burn_autodiff::grads::Gradients;
use burn_autodiff::ops::{Backward, Ops, OpsKind};
use burn_backend::tensor::FloatTensor;
use burn_flex::FlexTensor;
use rayon::prelude::*;

type Autodiff<C> = burn::backend::Autodiff<Flex, C>;

/// The normal distribution's Φ(x), to 1e-7, and φ(x).
///
/// Near 0, Φ is ½ + x P(x²); further out it is the tail `t Q(t) e^(−x²/2)` with `t = 1 / (1 + 0.4
/// |x| / √2)`, the form of Abramowitz and Stegun 7.1.26. Both polynomials are minimax fits made for
/// this file, P on |x| ≤ √2 (to 1e-9), Q beyond (to 3e-8).
#[inline(always)]
fn normal(x: f32) -> (f32, f32) {
    const INVERSE_ROOT_TAU: f32 = 0.398_942_3;
    let square = x * x;
    let bell = exp(-0.5 * square);

    let near = 8.677_372_4e-7;
    let near = near * square - 1.770_019_5e-5;
    let near = near * square + 2.292_938_6e-4;
    let near = near * square - 2.373_564e-3;
    let near = near * square + 1.994_674_8e-2;
    let near = near * square - 0.132_980_72;
    let near = near * square + 0.797_884_6;

    let t = 1.0 / (1.0 + 0.4 * std::f32::consts::FRAC_1_SQRT_2 * x.abs());
    let far = -0.116_798_72;
    let far = far * t + 0.245_063_4;
    let far = far * t + 0.006_664_007_4;
    let far = far * t + 0.213_956_79;
    let far = far * t + 0.198_502_6;
    let far = far * t + 0.226_737_13;
    let far = far * t + 0.225_624_16;
    let tail = 0.5 * far * t * bell;

    let outer = if x > 0.0 { 1.0 - tail } else { tail };
    let inner = 0.5 + 0.5 * x * near;
    let below = if square < 2.0 { inner } else { outer };
    (below, INVERSE_ROOT_TAU * bell)
}

/// The GELU and its derivative.
#[inline(always)]
pub(super) fn both(x: f32) -> (f32, f32) {
    let (below, density) = normal(x);
    (x * below, below + x * density)
}

vectorised! {
    pub(super) fn in_place<E: Number>(values: &mut [E]) {
        for value in values {
            let x = value.as_f32();
            *value = E::of(x * normal(x).0);
        }
    }
}

vectorised! {
    /// `out` = GELU of `values`.
    pub(super) fn of<E: Number>(values: &[f32], out: &mut [E]) {
        for (value, out) in values.iter().zip(out) {
            *out = E::of(*value * normal(*value).0);
        }
    }
}

vectorised! {
    /// `out` = GELU of `values`, `values` = its derivative there.
    pub(super) fn with_derivative<E: Number>(values: &mut [E], out: &mut [E]) {
        for (value, out) in values.iter_mut().zip(out) {
            let x = value.as_f32();
            let (below, density) = normal(x);
            *out = E::of(x * below);
            *value = E::of(below + x * density);
        }
    }
}

vectorised! {
    pub(super) fn multiply<E: Number>(values: &mut [f32], factors: &[E]) {
        for (value, factor) in values.iter_mut().zip(factors) {
            *value *= factor.as_f32();
        }
    }
}

vectorised! {
    fn multiply_both<E: Number>(values: &mut [E], factors: &[E]) {
        for (value, factor) in values.iter_mut().zip(factors) {
            *value = E::of(value.as_f32() * factor.as_f32());
        }
    }
}

pub(super) fn forward(input: FlexTensor) -> FlexTensor {
    let mut input = contiguous(input);
    by_type!(input, E => {
        let values = values_mut::<E>(&mut input);
        let piece = evenly(values.len());
        values.par_chunks_mut(piece).for_each(in_place);
    });
    input
}

#[derive(Debug)]
struct Gelu;

impl Backward<Flex, 1> for Gelu {
    /// The derivative at each element.
    type State = FlexTensor;

    fn backward(self, ops: Ops<FlexTensor, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        tracked_unary(ops, grads, |gradient, derivative| {
            let mut gradient = contiguous(gradient);
            by_type!(derivative, E => {
                values_mut::<E>(&mut gradient)
                    .par_chunks_mut(CHUNK)
                    .zip(values::<E>(&derivative).par_chunks(CHUNK))
                    .for_each(|(gradient, derivative)| multiply_both(gradient, derivative));
            });
            gradient
        });
    }
}

/// The GELU, and the input as its derivative.
fn forward_keeping<E: Stored>(input: FlexTensor) -> (FlexTensor, FlexTensor) {
    let mut derivative = contiguous(input);
    let mut out: Vec<E> = zeros(derivative.layout().num_elements());
    values_mut::<E>(&mut derivative)
        .par_chunks_mut(CHUNK)
        .zip(out.par_chunks_mut(CHUNK))
        .for_each(|(values, out)| with_derivative(values, out));
    let out = from_values(out, derivative.layout().shape().clone());
    (out, derivative)
}

pub(super) fn tracked<C: CheckpointStrategy>(
    input: FloatTensor<Autodiff<C>>,
) -> FloatTensor<Autodiff<C>> {
    let (input, node) = input.into_parts();
    match Gelu.prepare::<C>([node]).compute_bound().stateful() {
        OpsKind::UnTracked(prep) => prep.finish(forward(input)),
        OpsKind::Tracked(prep) => {
            let (out, derivative) = by_type!(input, E => forward_keeping::<E>(input));
            prep.finish(derivative, out)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Φ(x) in double precision: the series of Abramowitz and Stegun 26.2.10, all terms positive
    /// in the form 26.2.11.
    fn reference(x: f64) -> f64 {
        let (mut term, mut sum, mut n) = (x, x, 1.0);
        while term.abs() > 1e-18 * sum.abs() && n < 1000.0 {
            n += 2.0;
            term *= x * x / n;
            sum += term;
        }
        0.5 + sum * (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
    }

    #[test]
    fn the_normal_distribution_is_exact_to_1e_7() {
        for step in -8_000..=8_000 {
            let x = step as f32 / 1000.0;
            let (below, density) = normal(x);
            let error = (f64::from(below) - reference(f64::from(x))).abs();
            assert!(error < 1e-7, "Φ({x}) is off by {error:e}");
            let exact = (-f64::from(x).powi(2) / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
            assert!((f64::from(density) - exact).abs() < 1e-7);
        }
        assert_eq!(normal(40.0).0, 1.0);
        assert_eq!(normal(-40.0).0, 0.0);
    }
}
