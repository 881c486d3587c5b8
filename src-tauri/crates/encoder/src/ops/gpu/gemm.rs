//! Matrix products on any device, without tensor cores: each cube computes a tile of the result from
//! tiles of both factors in shared memory, each unit a few of its elements in registers.
//!
//! All sizes are arguments at run time, so there is one kernel for each combination of layouts and types
//! that a model needs: about six in a fine-tuning. Sums are added in the order of the inner dimension.

use super::tensors::{UNITS, arg, contiguous, elem, empty};
use burn_backend::{DType, TensorMetadata};
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

/// Rows and columns of the result that a cube computes.
const TILE: u32 = 64;

/// Steps of the inner dimension that are in shared memory at a time.
const DEPTH: u32 = 16;

/// Elements of the result that a unit computes in each direction.
const EACH: u32 = 4;

/// Units in each direction: `TILE / EACH`.
const SIDE: u32 = 16;

/// A column of a tile in shared memory, one longer than the tile: neighbours in a row then lie in
/// different banks.
const STRIDE: u32 = TILE + 1;

/// A factor of a product: a contiguous matrix, as it lies or transposed.
#[derive(Clone, Copy)]
pub(super) struct Factor<'a> {
    matrix: &'a CubeTensor,
    is_transposed: bool,
}

impl<'a> Factor<'a> {
    /// The matrix `[rows, columns]` itself.
    pub(super) fn of(matrix: &'a CubeTensor) -> Self {
        Self {
            matrix,
            is_transposed: false,
        }
    }

    /// The transposed of the matrix `[columns, rows]`.
    pub(super) fn transposed(matrix: &'a CubeTensor) -> Self {
        Self {
            matrix,
            is_transposed: true,
        }
    }

    fn dims(self) -> [usize; 2] {
        let shape = self.matrix.shape();
        match self.is_transposed {
            true => [shape[1], shape[0]],
            false => [shape[0], shape[1]],
        }
    }
}

/// The element of a matrix at a row and a column; 0 outside. `stride`: elements from one row to the next
/// as it lies in memory.
#[cube]
fn element<F: Float>(
    matrix: &[F],
    row: u32,
    column: u32,
    rows: u32,
    columns: u32,
    #[comptime] is_transposed: bool,
) -> f32 {
    let mut value = 0.0f32;
    if row < rows && column < columns {
        let at = if comptime!(is_transposed) {
            column * rows + row
        } else {
            row * columns + column
        };
        value = f32::cast_from(matrix[at as usize]);
    }
    value
}

#[cube(launch)]
fn gemm_kernel<L: Float, R: Float, O: Float>(
    lhs: &[L],
    rhs: &[R],
    bias: &[f32],
    out: &mut [O],
    rows: u32,
    columns: u32,
    inner: u32,
    #[comptime] lhs_transposed: bool,
    #[comptime] rhs_transposed: bool,
    #[comptime] has_bias: bool,
    #[define(L, R, O)] _dtypes: [ElemType; 3],
) {
    let mut left = Shared::<[f32]>::new_slice(comptime!((DEPTH * STRIDE) as usize));
    let mut right = Shared::<[f32]>::new_slice(comptime!((DEPTH * STRIDE) as usize));
    let mut sums = Array::<f32>::new(comptime!((EACH * EACH) as usize));
    #[unroll]
    for at in 0..comptime!((EACH * EACH) as usize) {
        sums[at] = 0.0f32;
    }

    let first_row = CUBE_POS_Y * TILE;
    let first_column = CUBE_POS_X * TILE;
    let unit_row = UNIT_POS / SIDE;
    let unit_column = UNIT_POS % SIDE;
    let steps = inner.div_ceil(DEPTH);
    for step in 0..steps {
        let first = step * DEPTH;
        #[unroll]
        for part in 0..EACH {
            let at = UNIT_POS + part * comptime!(SIDE * SIDE);
            // Neighbouring units read neighbouring elements, whichever way a matrix lies.
            let (row, depth) = if comptime!(lhs_transposed) {
                (at % TILE, at / TILE)
            } else {
                (at / DEPTH, at % DEPTH)
            };
            let value = element::<L>(
                lhs,
                first_row + row,
                first + depth,
                rows,
                inner,
                lhs_transposed,
            );
            left[(depth * STRIDE + row) as usize] = value;
            let (depth, column) = if comptime!(rhs_transposed) {
                (at % DEPTH, at / DEPTH)
            } else {
                (at / TILE, at % TILE)
            };
            let value = element::<R>(
                rhs,
                first + depth,
                first_column + column,
                inner,
                columns,
                rhs_transposed,
            );
            right[(depth * STRIDE + column) as usize] = value;
        }
        sync_cube();
        for depth in 0..DEPTH {
            let start = depth * STRIDE;
            let mut ours = Array::<f32>::new(comptime!(EACH as usize));
            let mut theirs = Array::<f32>::new(comptime!(EACH as usize));
            #[unroll]
            for at in 0..EACH {
                ours[at as usize] = left[(start + unit_row + at * SIDE) as usize];
                theirs[at as usize] = right[(start + unit_column + at * SIDE) as usize];
            }
            #[unroll]
            for row in 0..EACH {
                #[unroll]
                for column in 0..EACH {
                    let at = comptime!((row * EACH + column) as usize);
                    sums[at] = fma(ours[row as usize], theirs[column as usize], sums[at]);
                }
            }
        }
        sync_cube();
    }

    #[unroll]
    for row in 0..EACH {
        #[unroll]
        for column in 0..EACH {
            let at_row = first_row + unit_row + row * SIDE;
            let at_column = first_column + unit_column + column * SIDE;
            if at_row < rows && at_column < columns {
                let mut sum = sums[comptime!((row * EACH + column) as usize)];
                if comptime!(has_bias) {
                    sum += bias[at_column as usize];
                }
                out[(at_row * columns + at_column) as usize] = O::cast_from(sum);
            }
        }
    }
}

/// `lhs · rhs + bias`, added up in 32 bits.
///
/// # Shapes
/// - `lhs` `[rows, inner]`, `rhs` `[inner, columns]`, `bias` `[columns]` in `f32`, result
///   `[rows, columns]` in the type `dtype`
pub(super) fn gemm(
    lhs: Factor,
    rhs: Factor,
    bias: Option<&CubeTensor>,
    dtype: DType,
) -> CubeTensor {
    let ([rows, inner], [other, columns]) = (lhs.dims(), rhs.dims());
    assert_eq!(inner, other, "the factors of a product fit");
    let is_single = bias.is_none_or(|bias| bias.dtype == DType::F32);
    assert!(is_single, "a bias is in 32 bits");
    let (left, right) = (
        contiguous(lhs.matrix.clone()),
        contiguous(rhs.matrix.clone()),
    );
    let out = empty(&left, [rows, columns], dtype);
    if rows * columns == 0 {
        return out;
    }
    let tiles = |size: usize| size.div_ceil(TILE as usize) as u32;
    gemm_kernel::launch(
        &left.client,
        CubeCount::Static(tiles(columns), tiles(rows), 1),
        CubeDim::new_1d(UNITS as u32),
        arg(&left),
        arg(&right),
        // Without a bias its buffer is not read; it must be one all the same.
        arg(bias.unwrap_or(&right)),
        arg(&out),
        rows as u32,
        columns as u32,
        inner as u32,
        lhs.is_transposed,
        rhs.is_transposed,
        bias.is_some(),
        [elem(&left), elem(&right), elem(&out)],
    );
    out
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_near, device, floats, numbers, read};
    use super::*;

    #[test]
    fn products_in_all_layouts_equal_those_in_64_bits() {
        let Some(device) = device() else { return };
        for [rows, inner, columns] in [[1, 1, 1], [65, 17, 63], [128, 64, 192], [5, 300, 2]] {
            let (a, b) = (numbers(rows * inner, 1), numbers(inner * columns, 2));
            let bias = numbers(columns, 3);
            let expected = |bias: Option<&[f32]>| -> Vec<f64> {
                let element = |row: usize, column: usize| {
                    let products = (0..inner).map(|at| {
                        f64::from(a[row * inner + at]) * f64::from(b[at * columns + column])
                    });
                    products.sum::<f64>() + bias.map_or(0.0, |bias| f64::from(bias[column]))
                };
                let places = (0..rows).flat_map(|row| (0..columns).map(move |at| (row, at)));
                places.map(|(row, column)| element(row, column)).collect()
            };
            let turned = |values: &[f32], rows: usize, columns: usize| -> Vec<f32> {
                let places = (0..columns).flat_map(|column| (0..rows).map(move |at| (at, column)));
                places
                    .map(|(row, column)| values[row * columns + column])
                    .collect()
            };
            let lhs = floats(&a, &[rows, inner], &device);
            let rhs = floats(&b, &[inner, columns], &device);
            let lhs_turned = floats(&turned(&a, rows, inner), &[inner, rows], &device);
            let rhs_turned = floats(&turned(&b, inner, columns), &[columns, inner], &device);
            let bias_tensor = floats(&bias, &[columns], &device);
            let (plain, with_bias) = (expected(None), expected(Some(&bias)));
            let product = |lhs, rhs, bias| read(gemm(lhs, rhs, bias, DType::F32));
            let (left, right) = (Factor::of(&lhs), Factor::of(&rhs));
            assert_near(&product(left, right, Some(&bias_tensor)), &with_bias, 2e-6);
            let right = Factor::transposed(&rhs_turned);
            assert_near(&product(left, right, None), &plain, 2e-6);
            let (left, right) = (Factor::transposed(&lhs_turned), Factor::of(&rhs));
            assert_near(&product(left, right, None), &plain, 2e-6);
        }
    }
}
