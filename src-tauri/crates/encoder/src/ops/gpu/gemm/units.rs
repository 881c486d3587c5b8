//! Matrix products on any device, without tensor cores: each cube computes a tile of the result from
//! tiles of both factors in shared memory, each unit a few of its elements in registers.
//!
//! All sizes are arguments at run time, so there is one kernel for each combination of layouts and types
//! that a model needs: about six in a fine-tuning. Sums are added in the order of the inner dimension.

use super::super::tensors::{UNITS, arg, elem};
use super::Product;
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

/// Computes a product in `f32` or in half precision, whatever its sizes.
pub(super) fn launch(product: &Product) {
    let Product {
        lhs,
        rhs,
        bias,
        out,
        ..
    } = product;
    let [rows, inner, columns] = product.dims();
    let tiles = |size: usize| size.div_ceil(TILE as usize) as u32;
    gemm_kernel::launch(
        &out.client,
        CubeCount::Static(tiles(columns), tiles(rows), 1),
        CubeDim::new_1d(UNITS as u32),
        arg(lhs.matrix),
        arg(rhs.matrix),
        // Without a bias its buffer is not read; it must be one all the same.
        arg(bias.unwrap_or(rhs.matrix)),
        arg(out),
        rows as u32,
        columns as u32,
        inner as u32,
        lhs.is_transposed,
        rhs.is_transposed,
        bias.is_some(),
        [elem(lhs.matrix), elem(rhs.matrix), elem(out)],
    );
}
