//! The forward pass: softmax over keys as they stream past (Milakov and Gimelshein 2018), as in
//! FlashAttention-2 (Dao 2023, algorithm 1).

use super::super::random::{DropoutKey, dropped, launch_dropout, row_key};
use super::super::tensors::{arg, elem, empty, empty_like};
use super::distance::{Reach, add_band, end_step, first_step, if_seen, load_band};
use super::plan::{Matrices, Plan, UNITS};
use super::products::{accumulate, keep, products, zeros};
use super::tile::{
    Four, Tile, Top, Whole, column, group, load, number_place, places, store, streamed, tile,
};
use super::{Distances, Options, Saved, tables};
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
    numbers: &[f32],
    buckets: &[i32],
    out: &mut [Vector<F, N>],
    tops: &mut [Top],
    dropout: &DropoutKey,
    reach: &Reach,
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
    let mut band = Shared::<[f32]>::new_slice(comptime!(plan.band()));
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
    let places = places(&tile, plan);

    let lowest = Four::new(f32::MIN);
    let mut top = lowest;
    let mut total = Four::new(0.0);
    let mut sums = zeros(plan);
    let per = comptime!(plan.scores());
    let size = comptime!(plan.streamed);
    let mut scores = Array::<Four>::new(per);
    let end = end_step(&tile, reach, plan);
    for step in first_step(&tile, reach, plan)..end {
        let begin = step * size;
        let present = min(size, tile.length - begin);
        let from = tile.start + begin;
        sync_cube();
        load(key, from, present, &tile, &mut passing, size, false, plan);
        load_band(numbers, buckets, begin, &tile, reach, &mut band, true, plan);
        sync_cube();
        products(&queries, &passing, &mut scores, plan);
        let mut highest = lowest;
        #[unroll]
        for j in 0..per {
            let place = streamed(j, plan);
            let score = add_band(
                scores[j], numbers, &band, begin, present, &tile, reach, j, true, plan,
            );
            let score = select(place < present, score, lowest);
            let score = if_seen(score, lowest, places, begin + place, reach, plan);
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
            let weight = if_seen(weight, Four::new(0.0), places, begin + place, reach, plan);
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
    store(&sums, inverse, &tile, out, false, plan);
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
pub(super) fn launch(inputs: [&CubeTensor; 3], options: &Options) -> (CubeTensor, Saved) {
    let [query, key, value] = inputs;
    let Options {
        tiles,
        heads,
        longest,
        distances,
        dropout,
    } = options;
    let [rows, width] = options.rows_and_width(query);
    let plan = Plan::new(query, width, MATRICES, distances.by());
    let out = empty_like(query);
    let tops = empty(query, [rows * heads, 2], DType::F32);
    let numbers = numbers([query, key], options);
    // SAFETY: the table's tiles lie within the rows of the matrices, and so do all rows that are
    // loaded or stored; indices of shared memory follow from the plan.
    unsafe {
        forward_kernel::launch_unchecked(
            &query.client,
            options.count(plan),
            CubeDim::new_1d(UNITS as u32),
            plan.load,
            arg(query),
            arg(key),
            arg(value),
            arg(tiles),
            arg(&numbers),
            arg(distances.buckets(tiles)),
            arg(&out),
            arg(&tops),
            launch_dropout(*dropout),
            distances.reach(rows),
            *heads as u32,
            *longest as u32,
            plan,
            elem(query),
        );
    }
    (out, Saved { tops })
}

/// The numbers that belong to distances, which all kernels read; something else where there are none.
pub(super) fn numbers(pair: [&CubeTensor; 2], options: &Options) -> CubeTensor {
    match &options.distances {
        Distances::Nothing | Distances::Near(_) => options.tiles.clone(),
        Distances::Bias { table, .. } => table.clone(),
        Distances::Tables { tables, used, .. } => tables::products(pair, tables, *used, options),
    }
}
