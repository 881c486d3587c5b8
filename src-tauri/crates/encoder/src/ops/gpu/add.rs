//! Sums of two tensors of one shape in f32, as the gradients of a step's parts are added up.

use super::cast::owned;
use super::tensors::{UNITS, arg, contiguous, cubes};
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

#[cube(launch)]
fn add_kernel(sums: &mut [f32], more: &[f32]) {
    if ABSOLUTE_POS < sums.len() {
        sums[ABSOLUTE_POS] += more[ABSOLUTE_POS];
    }
}

/// `sums + more`, both f32 of as many elements. `sums` is written over where nothing else holds it.
pub(super) fn add(sums: CubeTensor, more: CubeTensor) -> CubeTensor {
    let (sums, more) = (owned(sums), contiguous(more));
    let count = sums.meta.num_elements();
    if count > 0 {
        add_kernel::launch(
            &sums.client,
            cubes(count),
            CubeDim::new_1d(UNITS as u32),
            arg(&sums),
            arg(&more),
        );
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::super::testing::{device, floats, numbers, read};
    use super::*;

    #[test]
    fn sums_are_exact_and_what_others_hold_is_left() {
        let Some(device) = device() else { return };
        for size in [0, 1, 257, 20_000] {
            let (one, other) = (numbers(size, 1), numbers(size, 2));
            let held = floats(&one, &[size], &device);
            let sum = add(held.clone(), floats(&other, &[size], &device));
            let expected: Vec<f32> = one.iter().zip(&other).map(|(a, b)| a + b).collect();
            assert_eq!(read(sum), expected);
            assert_eq!(read(held), one);
        }
    }
}
