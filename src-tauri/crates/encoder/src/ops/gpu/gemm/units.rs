//! Matrix products on any device, without tensor cores: each cube computes a tile of the result from
//! tiles of both factors in shared memory, each unit a few of its elements in registers.
//!
//! There is one kernel for each combination of layouts, types and sizes of tiles that a model needs:
//! about eight in a fine-tuning.

use super::super::tensors::{UNITS, arg, elem};
use super::plan::Plan;
use super::{Product, parts};
use cubecl::prelude::*;

/// Units in each direction.
const SIDE: u32 = 16;

/// See [`Plan::of`]: what memory costs in steps of the units.
const SPLITTING: u32 = 32;

/// How a cube's tile is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Tiling {
    /// Rows and columns of the result.
    tile: u32,
    /// Steps of the inner dimension that are in shared memory at a time: fewer for a larger tile, so that
    /// both fit into 16 KiB.
    depth: u32,
    /// Elements of the result that a unit computes in each direction.
    each: u32,
}

impl Tiling {
    fn of(plan: Plan) -> Self {
        let tile = plan.tile;
        Self {
            tile,
            depth: 1024 / tile,
            each: tile / SIDE,
        }
    }

    /// From one step to the next in shared memory: one more than the tile, so that neighbours in a row
    /// are in different banks.
    fn stride(self) -> u32 {
        self.tile + 1
    }

    /// Elements of a tile in shared memory.
    fn elements(self) -> usize {
        (self.depth * self.stride()) as usize
    }

    /// Elements that a unit reads of each factor at a time.
    fn reads(self) -> u32 {
        self.tile * self.depth / (SIDE * SIDE)
    }
}

/// The element of a matrix at a row and a column; 0 outside.
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
    depth_of_part: u32,
    #[comptime] tiling: Tiling,
    #[comptime] lhs_transposed: bool,
    #[comptime] rhs_transposed: bool,
    #[comptime] has_bias: bool,
    #[define(L, R, O)] _dtypes: [ElemType; 3],
) {
    let tile = tiling.tile;
    let depth = tiling.depth;
    let each = tiling.each;
    let stride = tiling.stride();
    let mut left = Shared::<[f32]>::new_slice(comptime!(tiling.elements()));
    let mut right = Shared::<[f32]>::new_slice(comptime!(tiling.elements()));
    let mut sums = Array::<f32>::new(comptime!((each * each) as usize));
    #[unroll]
    for at in 0..comptime!((each * each) as usize) {
        sums[at] = 0.0f32;
    }

    let first_row = CUBE_POS_Y * tile;
    let first_column = CUBE_POS_X * tile;
    let unit_row = UNIT_POS / SIDE;
    let unit_column = UNIT_POS % SIDE;
    let from = CUBE_POS_Z * depth_of_part;
    let steps = min(depth_of_part, inner - from).div_ceil(depth);
    for step in 0..steps {
        let first = from + step * depth;
        #[unroll]
        for part in 0..tiling.reads() {
            let at = UNIT_POS + part * comptime!(SIDE * SIDE);
            // Neighbouring units read neighbouring elements, whether a matrix is transposed or not.
            let (row, at_depth) = if comptime!(lhs_transposed) {
                (at % tile, at / tile)
            } else {
                (at / depth, at % depth)
            };
            let value = element::<L>(
                lhs,
                first_row + row,
                first + at_depth,
                rows,
                inner,
                lhs_transposed,
            );
            left[(at_depth * stride + row) as usize] = value;
            let (at_depth, column) = if comptime!(rhs_transposed) {
                (at % depth, at / depth)
            } else {
                (at / tile, at % tile)
            };
            let value = element::<R>(
                rhs,
                first + at_depth,
                first_column + column,
                inner,
                columns,
                rhs_transposed,
            );
            right[(at_depth * stride + column) as usize] = value;
        }
        sync_cube();
        for at_depth in 0..depth {
            let start = at_depth * stride;
            let mut ours = Array::<f32>::new(comptime!(each as usize));
            let mut theirs = Array::<f32>::new(comptime!(each as usize));
            #[unroll]
            for at in 0..each {
                ours[at as usize] = left[(start + unit_row + at * SIDE) as usize];
                theirs[at as usize] = right[(start + unit_column + at * SIDE) as usize];
            }
            #[unroll]
            for row in 0..each {
                #[unroll]
                for column in 0..each {
                    let at = comptime!((row * each + column) as usize);
                    sums[at] = fma(ours[row as usize], theirs[column as usize], sums[at]);
                }
            }
        }
        sync_cube();
    }

    let part = CUBE_POS_Z * rows;
    #[unroll]
    for column in 0..each {
        let at_column = first_column + unit_column + column * SIDE;
        if at_column < columns {
            let mut added = 0.0f32;
            if comptime!(has_bias) {
                added = bias[at_column as usize];
            }
            #[unroll]
            for row in 0..each {
                let at_row = first_row + unit_row + row * SIDE;
                if at_row < rows {
                    let sum = sums[comptime!((row * each + column) as usize)] + added;
                    out[((part + at_row) * columns + at_column) as usize] = O::cast_from(sum);
                }
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
    } = product;
    let [rows, inner, columns] = product.dims();
    let plan = Plan::of(product, SPLITTING);
    let tiles = |size: usize| size.div_ceil(plan.tile as usize) as u32;
    parts::added(out, plan.parts, |out| {
        gemm_kernel::launch(
            &out.client,
            CubeCount::Static(tiles(columns), tiles(rows), plan.parts),
            CubeDim::new_1d(UNITS as u32),
            arg(lhs.matrix),
            arg(rhs.matrix),
            // Without a bias its buffer is not read; it must be one all the same.
            arg(bias.unwrap_or(rhs.matrix)),
            arg(out),
            rows as u32,
            columns as u32,
            inner as u32,
            plan.depth,
            Tiling::of(plan),
            lhs.is_transposed,
            rhs.is_transposed,
            bias.is_some(),
            [elem(lhs.matrix), elem(rhs.matrix), elem(out)],
        );
    });
}
