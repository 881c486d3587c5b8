//! Dropout as an operation of its own: forward and backward are the same multiplication.

use super::random::{DropoutKey, factor, launch_dropout, row_key};
use super::tensors::{UNITS, arg, contiguous, cubes, elem, empty_like, matrix_dims};
use crate::ops::random::Dropout;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

#[cube(launch)]
fn dropout_kernel<F: Float>(
    input: &[F],
    output: &mut [F],
    dropout: &DropoutKey,
    columns: u32,
    #[define(F)] _dtype: ElemType,
) {
    if ABSOLUTE_POS < input.len() {
        let at = ABSOLUTE_POS as u32;
        let row = at / columns;
        let key = row_key(dropout, row);
        let kept = factor(dropout, key, at - row * columns);
        output[ABSOLUTE_POS] = F::cast_from(f32::cast_from(input[ABSOLUTE_POS]) * kept);
    }
}

/// Drops elements of `input` `[…, columns]`.
pub(super) fn apply(input: CubeTensor, dropout: Dropout) -> CubeTensor {
    let input = contiguous(input);
    let output = empty_like(&input);
    let [rows, columns] = matrix_dims(&input);
    if rows * columns > 0 {
        dropout_kernel::launch(
            &input.client,
            cubes(rows * columns),
            CubeDim::new_1d(UNITS as u32),
            arg(&input),
            arg(&output),
            launch_dropout(Some(dropout)),
            columns as u32,
            elem(&input),
        );
    }
    output
}

#[cfg(test)]
mod tests {
    use super::super::testing::{device, floats, numbers, read};
    use super::*;

    #[test]
    fn the_same_elements_are_dropped_as_on_the_cpu() {
        let Some(device) = device() else { return };
        let (rows, columns) = (37, 19);
        let input = numbers(rows * columns, 1);
        for key in [0, 0x1234_5678_9ABC_DEF0, u64::MAX] {
            let dropout = Dropout::of(key, 0.3);
            let expected: Vec<f32> = (0..rows * columns)
                .map(|at| input[at] * dropout.row(at / columns).at(at % columns))
                .collect();
            let dropped = apply(floats(&input, &[rows, columns], &device), dropout);
            assert_eq!(read(dropped), expected);
        }
    }
}
