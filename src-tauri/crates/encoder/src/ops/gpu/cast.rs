//! Copies between element types, one kernel for each pair of types.

use super::tensors::{UNITS, arg, contiguous, cubes, elem, empty};
use burn_backend::{DType, TensorMetadata};
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

#[cube(launch)]
fn copy_kernel<F: Float, G: Float>(
    input: &[F],
    output: &mut [G],
    #[define(F, G)] _dtypes: [ElemType; 2],
) {
    if ABSOLUTE_POS < input.len() {
        output[ABSOLUTE_POS] = G::cast_from(input[ABSOLUTE_POS]);
    }
}

/// The same numbers as `dtype`, contiguous. No copy where they are that already.
pub(super) fn cast(tensor: CubeTensor, dtype: DType) -> CubeTensor {
    match tensor.dtype == dtype {
        true => contiguous(tensor),
        false => copy(contiguous(tensor), dtype),
    }
}

/// The same tensor to write over, contiguous: itself where nothing else holds its memory, else a copy.
pub(super) fn owned(tensor: CubeTensor) -> CubeTensor {
    let tensor = contiguous(tensor);
    match tensor.can_mut() {
        true => tensor,
        false => {
            let dtype = tensor.dtype;
            copy(tensor, dtype)
        }
    }
}

fn copy(input: CubeTensor, dtype: DType) -> CubeTensor {
    let output = empty(&input, input.shape(), dtype);
    let count = input.meta.num_elements();
    if count > 0 {
        copy_kernel::launch(
            &input.client,
            cubes(count),
            CubeDim::new_1d(UNITS as u32),
            arg(&input),
            arg(&output),
            [elem(&input), elem(&output)],
        );
    }
    output
}

#[cfg(test)]
mod tests {
    use super::super::testing::{device, float_types, floats, numbers, read, rounding};
    use super::*;

    #[test]
    fn numbers_are_rounded_to_the_type() {
        let Some(device) = device() else { return };
        for dtype in float_types(&device) {
            let values = numbers(1000, 3);
            let tensor = cast(floats(&values, &[10, 100], &device), dtype);
            assert_eq!(tensor.dtype, dtype);
            for (found, value) in read(tensor).iter().zip(&values) {
                let off = f64::from((found - value).abs());
                assert!(off <= rounding(dtype) * f64::from(value.abs()) + 1e-7);
            }
        }
    }

    #[test]
    fn a_copy_leaves_what_others_hold() {
        let Some(device) = device() else { return };
        let values = numbers(1000, 3);
        let held = floats(&values, &[10, 100], &device);
        let copied = owned(held.clone());
        assert!(copied.can_mut());
        assert_eq!(read(copied), values);
        // Now nothing else holds it, so it is handed on.
        assert!(held.can_mut());
        let handed_on = owned(held);
        assert!(handed_on.can_mut());
        assert_eq!(read(cast(handed_on, DType::F32)), values);
        let empty = floats(&[], &[0, 3], &device);
        assert!(read(owned(empty.clone())).is_empty());
    }
}
