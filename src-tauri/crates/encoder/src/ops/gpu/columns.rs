//! Sums of the columns of a matrix, in an order that depends on its sizes alone.
//!
//! The rows are cut into chunks. A cube adds up a block of columns of one chunk; where there is more than
//! one chunk, the same kernel adds up their sums.

use super::reduce::strided_sum;
use super::tensors::{UNITS, arg, contiguous, elem, empty, matrix_dims, reshaped, spread, zeros};
use burn_backend::DType;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

/// Columns that a cube adds up side by side. The units that have one column share its rows.
const BLOCK: usize = 32;

/// The fewest rows of a chunk.
const CHUNK: usize = 512;

/// The most chunks.
const CHUNKS: usize = 64;

/// Sums that a unit has side by side: it waits less for its numbers, and they are added up more exactly.
pub(super) const ASIDE: usize = 4;

/// The sum of a unit's sums.
#[cube]
pub(super) fn total(sums: &Array<f32>) -> f32 {
    (sums[0] + sums[1]) + (sums[2] + sums[3])
}

#[cube(launch)]
fn sums_kernel<F: Float>(
    matrix: &[F],
    sums: &mut [f32],
    rows: u32,
    columns: u32,
    chunk: u32,
    #[define(F)] _dtype: ElemType,
) {
    let block = comptime!(BLOCK as u32);
    let blocks = columns.div_ceil(block);
    let cube = CUBE_POS as u32;
    let index = cube / blocks;
    let column = (cube - index * blocks) * block + UNIT_POS % block;
    let end = min((index + 1) * chunk, rows);
    let mut row = index * chunk + UNIT_POS / block;
    let mut sums_of_unit = Array::<f32>::new(ASIDE);
    #[unroll]
    for step in 0..ASIDE {
        sums_of_unit[step] = 0.0f32;
    }
    if column < columns {
        while row < end {
            #[unroll]
            for step in 0..ASIDE {
                if row < end {
                    let value = f32::cast_from(matrix[(row * columns + column) as usize]);
                    sums_of_unit[step] += value;
                }
                row += comptime!((UNITS / BLOCK) as u32);
            }
        }
    }
    let mut scratch = Shared::<[f32]>::new_slice(UNITS);
    strided_sum(total(&sums_of_unit), &mut scratch, UNITS, BLOCK);
    let at = (index * columns + column) as usize;
    if UNIT_POS < block && column < columns && at < sums.len() {
        sums[at] = scratch[UNIT_POS as usize];
    }
}

/// The sums of the columns of `matrix` `[…, columns]`: `[columns]` in f32.
pub(super) fn column_sums(matrix: &CubeTensor) -> CubeTensor {
    let matrix = contiguous(matrix.clone());
    let [rows, columns] = matrix_dims(&matrix);
    if rows * columns == 0 {
        return zeros(&matrix, columns);
    }
    let chunk = rows.div_ceil(CHUNKS).max(CHUNK);
    let chunks = rows.div_ceil(chunk);
    let sums = empty(&matrix, [chunks, columns], DType::F32);
    sums_kernel::launch(
        &matrix.client,
        spread(chunks * columns.div_ceil(BLOCK)),
        CubeDim::new_1d(UNITS as u32),
        arg(&matrix),
        arg(&sums),
        rows as u32,
        columns as u32,
        chunk as u32,
        elem(&matrix),
    );
    match chunks {
        1 => reshaped(sums, [columns]),
        _ => column_sums(&sums),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{
        assert_near, device, float_types, floats, numbers, read, rounded, typed,
    };
    use super::*;

    #[test]
    fn columns_are_added_up_whatever_their_number() {
        let Some(device) = device() else { return };
        for [rows, columns] in [
            [1, 1],
            [1, 1000],
            [3, 24],
            [257, 768],
            [1024, 33],
            [4500, 2],
            [70_000, 3],
        ] {
            let matrix = numbers(rows * columns, 5);
            let mut expected = vec![0.0; columns];
            for (at, value) in matrix.iter().enumerate() {
                expected[at % columns] += f64::from(*value);
            }
            let matrix = floats(&matrix, &[rows, columns], &device);
            let found = read(column_sums(&matrix));
            assert_near(&found, &expected, 1e-6);
            assert_eq!(found, read(column_sums(&matrix)));
        }
    }

    #[test]
    fn sums_of_narrow_numbers_are_as_exact() {
        let Some(device) = device() else { return };
        for dtype in float_types(&device) {
            let matrix = rounded(&numbers(600 * 24, 6), dtype, &device);
            let expected: Vec<f64> = (0..24)
                .map(|column| matrix.iter().skip(column).step_by(24))
                .map(|values| values.map(|x| f64::from(*x)).sum())
                .collect();
            let sums = column_sums(&typed(&matrix, &[600, 24], dtype, &device));
            assert_eq!(sums.dtype, DType::F32);
            assert_near(&read(sums), &expected, 1e-6);
        }
    }

    #[test]
    fn no_rows_have_sums_of_zero() {
        let Some(device) = device() else { return };
        let matrix = floats(&[], &[0, 3], &device);
        assert_eq!(read(column_sums(&matrix)), [0.0; 3]);
    }
}
