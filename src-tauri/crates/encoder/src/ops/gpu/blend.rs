//! Weights blended with others in one kernel, in place.

use super::cast::owned;
use super::tensors::{UNITS, arg, contiguous, cubes};
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

#[cube(launch)]
fn blend_kernel(weights: &mut [f32], others: &[f32], share: f32) {
    if ABSOLUTE_POS < weights.len() {
        let weight = weights[ABSOLUTE_POS];
        weights[ABSOLUTE_POS] = weight + (others[ABSOLUTE_POS] - weight) * share;
    }
}

/// `weight + share · (other − weight)`, both f32 of as many elements. `weight` is written over where nothing
/// else holds it.
pub(super) fn blend(weight: CubeTensor, other: CubeTensor, share: f32) -> CubeTensor {
    let (weight, other) = (owned(weight), contiguous(other));
    let count = weight.meta.num_elements();
    if count > 0 {
        blend_kernel::launch(
            &weight.client,
            cubes(count),
            CubeDim::new_1d(UNITS as u32),
            arg(&weight),
            arg(&other),
            share,
        );
    }
    weight
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_near, device, floats, numbers, read};
    use super::*;

    #[test]
    fn weights_are_blended_and_what_others_hold_is_left() {
        let Some(device) = device() else { return };
        for size in [0, 1, 257, 20_000] {
            let (one, other) = (numbers(size, 1), numbers(size, 2));
            let held = floats(&one, &[size], &device);
            let found = blend(held.clone(), floats(&other, &[size], &device), 0.3);
            let expected: Vec<f64> = one
                .iter()
                .zip(&other)
                .map(|(a, b)| 0.7 * f64::from(*a) + 0.3 * f64::from(*b))
                .collect();
            assert_near(&read(found), &expected, 1e-6);
            assert_eq!(read(held.clone()), one);
            let same = blend(held, floats(&one, &[size], &device), 0.3);
            assert_eq!(read(same), one);
        }
    }
}
