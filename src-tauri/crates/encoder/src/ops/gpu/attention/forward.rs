//! The forward pass: softmax over keys as they stream past (Milakov and Gimelshein 2018), as in
//! FlashAttention-2 (Dao 2023, algorithm 1).

use super::super::random::{DropoutKey, dropped, launch_dropout, row_key};
use super::super::tensors::{arg, elem, empty, empty_like};
use super::plan::{Matrices, Plan, UNITS};
use super::products::{accumulate, keep, products, zeros};
use super::tile::{
    Four, Tile, Top, Whole, column, group, load, number_place, places, store, streamed, tile,
};
use super::{AttentionShape, Saved, count};
use crate::ops::random::Dropout;
use burn_backend::DType;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

const MATRICES: Matrices = Matrices {
    resident: 1,
    streamed: 1,
    weights: 1,
    most_streamed: 32,
};

#[cube(launch_unchecked)]
fn forward_kernel<F: Float, N: Size>(
    query: &[Vector<F, N>],
    key: &[Vector<F, N>],
    value: &[Vector<F, N>],
    tiles: &[i32],
    out: &mut [Vector<F, N>],
    tops: &mut [Top],
    dropout: &DropoutKey,
    heads: u32,
    longest: u32,
    #[comptime] plan: Plan,
    #[define(F)] _dtype: ElemType,
) {
    let mut queries = Shared::<[Four]>::new_slice(comptime!(plan.resident()));
    // Keys and then values.
    let mut passing = Shared::<[Four]>::new_slice(comptime!(plan.passing()));
    let mut weights = Shared::<[Four]>::new_slice(comptime!(plan.weights()));
    let mut partials = Shared::<[Four]>::new_slice(comptime!(plan.partials()));
    let tile = tile(tiles, heads, longest, plan);
    if tile.count == 0 {
        terminate!();
    }
    let first = tile.start + tile.first;
    let rows = comptime!(plan.rows);
    load(
        query,
        first,
        tile.count,
        &tile,
        &mut queries,
        rows,
        true,
        plan,
    );
    let row_keys = row_keys(dropout, &tile, plan);

    let lowest = Four::new(f32::MIN);
    let mut top = lowest;
    let mut total = Four::new(0.0);
    let mut sums = zeros(plan);
    let per = comptime!(plan.scores());
    let size = comptime!(plan.streamed);
    let mut scores = Array::<Four>::new(per);
    let steps = tile.length.div_ceil(size);
    for step in 0..steps {
        let begin = step * size;
        let present = min(size, tile.length - begin);
        let from = tile.start + begin;
        sync_cube();
        load(key, from, present, &tile, &mut passing, size, false, plan);
        sync_cube();
        products(&queries, &passing, &mut scores, plan);
        let mut highest = lowest;
        #[unroll]
        for j in 0..per {
            let score = select(streamed(j, plan) < present, scores[j], lowest);
            scores[j] = score;
            highest = max(highest, score);
        }
        partials[UNIT_POS as usize] = highest;
        sync_cube();
        load(value, from, present, &tile, &mut passing, size, false, plan);
        let before = top;
        let begin_unit = group(plan) * comptime!(plan.columns);
        for unit in 0..comptime!(plan.columns) {
            top = max(top, partials[begin_unit + unit]);
        }
        let shrink = (before - top).exp();
        total *= shrink;
        #[unroll]
        for j in 0..per {
            let place = streamed(j, plan);
            let weight = (scores[j] - top).exp();
            let weight = select(place < present, weight, Four::new(0.0));
            total += weight;
            let column = Whole::new((begin + place) as u32);
            keep(
                &mut weights,
                j,
                dropped(dropout, row_keys, column, weight),
                plan,
            );
        }
        #[unroll]
        for i in 0..4usize {
            #[unroll]
            for c in 0..comptime!(plan.outputs()) {
                let at = comptime!(i * plan.outputs() + c);
                sums[at] *= Four::new(shrink.extract(i));
            }
        }
        sync_cube();
        accumulate(&weights, &passing, present, &mut sums, plan);
    }

    // Each unit has summed the weights of its own keys.
    sync_cube();
    partials[UNIT_POS as usize] = total;
    sync_cube();
    let begin_unit = group(plan) * comptime!(plan.columns);
    total = Four::new(0.0);
    for unit in 0..comptime!(plan.columns) {
        total += partials[begin_unit + unit];
    }
    // Rows of no sequence have no key: their result is 0.
    let some = tile.length > 0;
    let inverse = select(some, Four::new(1.0) / total, Four::new(0.0));
    store(&sums, inverse, &tile, out, plan);
    if column(plan) == 0 {
        #[unroll]
        for i in 0..4usize {
            let row = group(plan) + comptime!(i * plan.groups());
            if row < tile.count {
                let mut numbers = Top::new(top.extract(i));
                numbers.insert(1usize, inverse.extract(i));
                tops[number_place(&tile, tile.first + row)] = numbers;
            }
        }
    }
}

/// The keys of dropout of this unit's 4 rows.
#[cube]
pub(super) fn row_keys(dropout: &DropoutKey, tile: &Tile, #[comptime] plan: Plan) -> Whole {
    let places = places(tile, plan);
    let mut keys = Whole::new(0u32);
    #[unroll]
    for i in 0..4usize {
        keys.insert(i, row_key(dropout, tile.first_row + places.extract(i)));
    }
    keys
}

/// See [`super::forward`]; all tensors contiguous.
#[allow(
    unsafe_code,
    reason = "the kernel checks its rows against the table of tiles"
)]
pub(super) fn launch(
    inputs: [&CubeTensor; 3],
    tiles: &CubeTensor,
    shape: AttentionShape,
    dropout: Option<Dropout>,
) -> (CubeTensor, Saved) {
    let [query, key, value] = inputs;
    let [rows, width] = shape.rows_and_width(query);
    let plan = Plan::new(query, width, MATRICES);
    let out = empty_like(query);
    let tops = empty(query, [rows * shape.heads, 2], DType::F32);
    // SAFETY: the table's tiles lie within the rows of the matrices, and so do all rows that are
    // loaded or stored; indices of shared memory follow from the plan.
    unsafe {
        forward_kernel::launch_unchecked(
            &query.client,
            count(tiles, shape, plan),
            CubeDim::new_1d(UNITS as u32),
            plan.load,
            arg(query),
            arg(key),
            arg(value),
            arg(tiles),
            arg(&out),
            arg(&tops),
            launch_dropout(dropout),
            shape.heads as u32,
            shape.longest as u32,
            plan,
            elem(query),
        );
    }
    (out, Saved { tops })
}
