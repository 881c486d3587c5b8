//! Products of queries and keys with what distances are (disentangled attention, He et al. 2021, section 3.1), and
//! their gradients.
//!
//! A distance's bucket has one product with each row of a matrix and head. All of them are computed first, for the
//! buckets that the longest sequence uses; the attention's kernels read those of a query and a key. Backwards, the
//! kernel that has a row adds up its scores' gradients by bucket, which are then multiplied with the tables and
//! with the matrix. They are in f32, and there is nothing of them but while one layer is computed.

use super::super::tensors::{arg, elem, empty, empty_like, matrix_dims};
use super::distance::{By, Reach};
use super::plan::{Matrices, Plan, UNITS};
use super::products::{accumulate, keep, products as multiply, zeros};
use super::tile::{Four, Tile, group, load, store, streamed};
use super::{Distances, Options};
use burn_backend::DType;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

const PRODUCTS: Matrices = Matrices {
    resident: 1,
    streamed: 1,
    weights: 0,
    most_streamed: 32,
};

const GRADIENTS: Matrices = Matrices {
    resident: 0,
    streamed: 1,
    weights: 1,
    most_streamed: 32,
};

/// The tile of this cube of all rows of a matrix, whatever sequences they belong to.
#[cube]
fn tile_of_all(rows: u32, heads: u32, #[comptime] plan: Plan) -> Tile {
    let rows = rows as usize;
    let first = CUBE_POS_X as usize * comptime!(plan.rows);
    let width = comptime!(plan.width);
    Tile {
        start: 0usize.runtime(),
        first,
        count: min(first + comptime!(plan.rows), rows) - min(first, rows),
        length: rows,
        column: CUBE_POS_Y as usize * width,
        hidden: heads as usize * width,
        heads: heads as usize,
        head: CUBE_POS_Y as usize,
        first_row: 0u32.runtime(),
    }
}

/// `out` from the `part`-th matrix on: the products of a head's rows with those of the table that are used.
#[cube(launch_unchecked)]
fn products_kernel<F: Float, N: Size>(
    matrix: &[Vector<F, N>],
    table: &[Vector<F, N>],
    out: &mut [f32],
    reach: &Reach,
    heads: u32,
    part: u32,
    #[comptime] plan: Plan,
    #[define(F)] _dtype: ElemType,
) {
    let mut rows = Shared::<[Four]>::new_slice(comptime!(plan.resident()));
    let mut passing = Shared::<[Four]>::new_slice(comptime!(plan.passing()));
    let tile = tile_of_all(reach.rows, heads, plan);
    if tile.count == 0 {
        terminate!();
    }
    let (first, count) = (reach.first as usize, reach.count as usize);
    load(
        matrix,
        tile.first,
        tile.count,
        &tile,
        &mut rows,
        comptime!(plan.rows),
        true,
        plan,
    );
    let per = comptime!(plan.scores());
    let size = comptime!(plan.streamed);
    let mut found = Array::<Four>::new(per);
    let start = (part as usize * tile.heads + tile.head) * tile.length + tile.first;
    for step in 0..count.div_ceil(size) {
        let begin = step * size;
        let present = min(size, count - begin);
        sync_cube();
        load(
            table,
            first + begin,
            present,
            &tile,
            &mut passing,
            size,
            false,
            plan,
        );
        sync_cube();
        multiply(&rows, &passing, &mut found, plan);
        #[unroll]
        for j in 0..per {
            let place = streamed(j, plan);
            #[unroll]
            for i in 0..4usize {
                let row = group(plan) + comptime!(i * plan.groups());
                if place < present && row < tile.count {
                    out[(start + row) * count + begin + place] = found[j].extract(i);
                }
            }
        }
    }
}

/// Products of query and key, in this order, with the tables: f32 `[2, heads, rows, buckets]`, scaled as scores
/// are.
pub(super) fn products(
    pair: [&CubeTensor; 2],
    tables: &[CubeTensor; 2],
    used: [usize; 2],
    options: &Options,
) -> CubeTensor {
    let [query, _] = pair;
    let [rows, width] = options.rows_and_width(query);
    let plan = Plan::new(query, width, PRODUCTS, By::Tables);
    let out = empty(query, [2 * options.heads * rows * used[1]], DType::F32);
    for (part, (matrix, table)) in pair.into_iter().zip(tables).enumerate() {
        #[allow(unsafe_code, reason = "without the checks of each access")]
        // SAFETY: rows and buckets are compared with their numbers before anything is read or written.
        unsafe {
            products_kernel::launch_unchecked(
                &query.client,
                count(rows, options, plan),
                CubeDim::new_1d(UNITS as u32),
                plan.load,
                arg(matrix),
                arg(table),
                arg(&out),
                options.distances.reach(rows),
                options.heads as u32,
                part as u32,
                plan,
                elem(query),
            );
        }
    }
    out
}

/// A cube for each tile of all rows and each head.
fn count(rows: usize, options: &Options, plan: Plan) -> CubeCount {
    let tiles = rows.div_ceil(plan.rows);
    CubeCount::Static(tiles as u32, options.heads as u32, 1)
}

/// Zeros for [`add_runs`], f32 `[heads, rows, buckets]`; something to bind where distances have no tables.
pub(super) fn of_products(like: &CubeTensor, options: &Options) -> CubeTensor {
    let Distances::Tables { used, .. } = &options.distances else {
        return empty(like, [1], DType::F32);
    };
    let [rows, _] = options.rows_and_width(like);
    let shape = [options.heads, rows, used[1]].into();
    burn_cubecl::ops::numeric::zeros(like.device.clone(), shape, DType::F32)
}

/// Adds the gradients of the scores of a tile with a group of streamed rows, `present` of which exist, to those of
/// the products of its rows. A unit has a row.
#[cube]
pub(super) fn add_runs(
    of_scores: &Shared<[Four]>,
    band: &Shared<[f32]>,
    out: &mut [f32],
    present: usize,
    tile: &Tile,
    reach: &Reach,
    #[comptime] plan: Plan,
) {
    let row = UNIT_POS as usize;
    if row < tile.count {
        let rows = tile.head * reach.rows as usize + tile.start + tile.first;
        let start = (rows + row) * reach.count as usize;
        let part = row / comptime!(plan.groups());
        let group = row - part * comptime!(plan.groups());
        let begin = comptime!(plan.rows - 1) - row;
        // Neighbours often share a bucket.
        let mut bucket = band[begin];
        let mut sum = 0.0f32;
        for at in 0..present {
            let next = band[begin + at];
            if next != bucket {
                out[start + u32::cast_from(bucket) as usize] += sum;
                bucket = next;
                sum = 0.0f32;
            }
            let four = of_scores[at * comptime!(plan.weight_stride()) + group];
            let lower = select(part == 0, four.extract(0usize), four.extract(1usize));
            let upper = select(part == 2, four.extract(2usize), four.extract(3usize));
            sum += select(part < 2, lower, upper);
        }
        out[start + u32::cast_from(bucket) as usize] += sum;
    }
}

/// A matrix's gradient grows by the gradients of its products times the table; a table's gradient is the
/// same times the matrix, `is_of_table`. `passing` is the other one of the two, `count` its rows that are read and
/// `length` the rows of `out`.
#[cube(launch_unchecked)]
fn gradient_kernel<F: Float, N: Size>(
    of_products: &[f32],
    passing_matrix: &[Vector<F, N>],
    out: &mut [Vector<F, N>],
    reach: &Reach,
    heads: u32,
    length: u32,
    #[comptime] is_of_table: bool,
    #[comptime] plan: Plan,
    #[define(F)] _dtype: ElemType,
) {
    let mut passing = Shared::<[Four]>::new_slice(comptime!(plan.passing()));
    let mut weights = Shared::<[Four]>::new_slice(comptime!(plan.weights()));
    let tile = tile_of_all(length, heads, plan);
    if tile.count == 0 {
        terminate!();
    }
    let (first, buckets) = (reach.first as usize, reach.count as usize);
    let rows = reach.rows as usize;
    let start = tile.head * rows * buckets;
    let size = comptime!(plan.streamed);
    let mut sums = zeros(plan);
    let (from, count) = if comptime!(is_of_table) {
        // Nothing for rows that are not used.
        let is_used = tile.first < first + buckets && tile.first + tile.count > first;
        (0usize.runtime(), select(is_used, rows, 0usize))
    } else {
        (first, buckets)
    };
    for step in 0..count.div_ceil(size) {
        let begin = step * size;
        let present = min(size, count - begin);
        sync_cube();
        load(
            passing_matrix,
            from + begin,
            present,
            &tile,
            &mut passing,
            size,
            is_of_table,
            plan,
        );
        #[unroll]
        for j in 0..comptime!(plan.scores()) {
            let place = begin + min(streamed(j, plan), present - 1);
            let mut weight = Four::new(0.0);
            #[unroll]
            for i in 0..4usize {
                let row = tile.first + group(plan) + comptime!(i * plan.groups());
                if comptime!(is_of_table) {
                    if row >= first && row < first + buckets {
                        weight.insert(i, of_products[start + place * buckets + row - first]);
                    }
                } else if row < rows {
                    weight.insert(i, of_products[start + row * buckets + place]);
                }
            }
            keep(&mut weights, j, weight, plan);
        }
        sync_cube();
        accumulate(&weights, &passing, present, &mut sums, plan);
    }
    let factor = if comptime!(is_of_table) {
        Four::new(1.0)
    } else {
        Four::new(comptime!(plan.scale()))
    };
    store(&sums, factor, &tile, out, comptime!(!is_of_table), plan);
}

/// Adds to `of_matrix`, the gradient of query or key, that by their products with a table.
pub(super) fn add_gradient(
    of_products: &CubeTensor,
    table: &CubeTensor,
    of_matrix: &CubeTensor,
    options: &Options,
) {
    let [rows, _] = options.rows_and_width(of_matrix);
    launch_gradient(of_products, table, of_matrix, rows, false, options);
}

/// The gradient of a table by its products with query or key.
pub(super) fn table_gradient(
    of_products: &CubeTensor,
    table: &CubeTensor,
    matrix: &CubeTensor,
    options: &Options,
) -> CubeTensor {
    let [rows, _] = options.rows_and_width(matrix);
    let out = empty_like(table);
    launch_gradient(of_products, matrix, &out, rows, true, options);
    out
}

#[allow(unsafe_code, reason = "without the checks of each access")]
fn launch_gradient(
    of_products: &CubeTensor,
    passing: &CubeTensor,
    out: &CubeTensor,
    rows: usize,
    is_of_table: bool,
    options: &Options,
) {
    let ([length, _], [_, width]) = (matrix_dims(out), options.rows_and_width(out));
    let plan = Plan::new(out, width, GRADIENTS, By::Tables);
    // SAFETY: rows and buckets are compared with their numbers before anything is read or written.
    unsafe {
        gradient_kernel::launch_unchecked(
            &out.client,
            count(length, options, plan),
            CubeDim::new_1d(UNITS as u32),
            plan.load,
            arg(of_products),
            arg(passing),
            arg(out),
            options.distances.reach(rows),
            options.heads as u32,
            length as u32,
            is_of_table,
            plan,
            elem(out),
        );
    }
}
