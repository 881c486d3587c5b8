//! The backward pass: one kernel for the queries' gradient, one for that of keys and values, so that
//! nothing is added atomically (Dao 2023, algorithm 2, with its loops apart).
//!
//! Both compute the weights again, `p = exp(score − top) / sum`. With `f` the factors of dropout, `g` the
//! gradient of the dropped weights, and `d` the sum along a row of gradient times result, the gradient
//! of the scores is `p · (f · g − d)`.

use super::super::random::{DropoutKey, dropped, launch_dropout, row_key};
use super::super::tensors::{arg, elem, empty_like};
use super::bias::{add_slots, write_carried};
use super::distance::{By, Reach, add_band, end_step, first_step, if_seen, load_band};
use super::forward::{numbers, row_keys};
use super::plan::{Matrices, Plan, UNITS};
use super::products::{accumulate, keep, products, zeros};
use super::tables::{self, add_runs};
use super::tile::{Four, Top, Whole, group, load, number_place, places, store, streamed, tile};
use super::{Distances, Options, Saved, bias, delta};
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

const OF_QUERY: Matrices = Matrices {
    resident: 2,
    streamed: 1,
    weights: 1,
    most_streamed: 32,
};

const OF_KEY_VALUE: Matrices = Matrices {
    resident: 2,
    streamed: 2,
    weights: 2,
    most_streamed: 16,
};

#[cube(launch_unchecked)]
fn query_kernel<F: Float, N: Size>(
    query: &[Vector<F, N>],
    key: &[Vector<F, N>],
    value: &[Vector<F, N>],
    gradient: &[Vector<F, N>],
    tops: &[Top],
    delta: &[f32],
    tiles: &[i32],
    numbers: &[f32],
    buckets: &[i32],
    out: &mut [Vector<F, N>],
    of_numbers: &mut [f32],
    dropout: &DropoutKey,
    reach: &Reach,
    heads: u32,
    longest: u32,
    slots: u32,
    #[comptime] plan: Plan,
    #[define(F)] _dtype: ElemType,
) {
    let mut queries = Shared::<[Four]>::new_slice(comptime!(plan.resident()));
    let mut gradients = Shared::<[Four]>::new_slice(comptime!(plan.resident()));
    // Values and then keys.
    let mut passing = Shared::<[Four]>::new_slice(comptime!(plan.passing()));
    let mut weights = Shared::<[Four]>::new_slice(comptime!(plan.weights()));
    let mut carried = Shared::<[f32]>::new_slice(comptime!(plan.band()));
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
    load(
        gradient,
        first,
        tile.count,
        &tile,
        &mut gradients,
        rows,
        false,
        plan,
    );
    let row_keys = row_keys(dropout, &tile, plan);
    let places = places(&tile, plan);
    let mut top = Four::new(0.0);
    let mut inverse = Four::new(0.0);
    let mut along = Four::new(0.0);
    #[unroll]
    for i in 0..4usize {
        // Rows that do not exist repeat the last one.
        let row = group(plan) + comptime!(i * plan.groups());
        let number = number_place(&tile, tile.first + min(row, tile.count - 1));
        top.insert(i, tops[number].extract(0usize));
        inverse.insert(i, tops[number].extract(1usize));
        along.insert(i, delta[number]);
    }

    if comptime!(plan.by == By::Bias) && (UNIT_POS as usize) < comptime!(plan.band()) {
        carried[UNIT_POS as usize] = 0.0f32;
    }
    let mut sums = zeros(plan);
    let per = comptime!(plan.scores());
    let size = comptime!(plan.streamed);
    let mut scores = Array::<Four>::new(per);
    let mut of_weights = Array::<Four>::new(per);
    let end = end_step(&tile, reach, plan);
    for step in first_step(&tile, reach, plan)..end {
        let begin = step * size;
        let present = min(size, tile.length - begin);
        let from = tile.start + begin;
        sync_cube();
        load(value, from, present, &tile, &mut passing, size, false, plan);
        load_band(numbers, buckets, begin, &tile, reach, &mut band, true, plan);
        sync_cube();
        products(&gradients, &passing, &mut of_weights, plan);
        sync_cube();
        load(key, from, present, &tile, &mut passing, size, false, plan);
        sync_cube();
        products(&queries, &passing, &mut scores, plan);
        #[unroll]
        for j in 0..per {
            let place = streamed(j, plan);
            let score = add_band(
                scores[j], numbers, &band, begin, present, &tile, reach, j, true, plan,
            );
            let weight = (score - top).exp() * inverse;
            let weight = if_seen(weight, Four::new(0.0), places, begin + place, reach, plan);
            let column = Whole::new((begin + place) as u32);
            let of_weight = dropped(dropout, row_keys, column, of_weights[j]);
            keep(&mut weights, j, weight * (of_weight - along), plan);
        }
        sync_cube();
        accumulate(&weights, &passing, present, &mut sums, plan);
        if comptime!(plan.by == By::Bias) {
            add_slots(
                &weights,
                &mut carried,
                of_numbers,
                step,
                present,
                slots,
                &tile,
                plan,
            );
        }
        if comptime!(plan.by == By::Tables) {
            add_runs(&weights, &band, of_numbers, present, &tile, reach, plan);
        }
    }
    if comptime!(plan.by == By::Bias) {
        write_carried(&carried, of_numbers, end, slots, &tile, plan);
    }
    store(
        &sums,
        Four::new(comptime!(plan.scale())),
        &tile,
        out,
        false,
        plan,
    );
}

#[cube(launch_unchecked)]
fn key_value_kernel<F: Float, N: Size>(
    query: &[Vector<F, N>],
    key: &[Vector<F, N>],
    value: &[Vector<F, N>],
    gradient: &[Vector<F, N>],
    tops: &[Top],
    delta: &[f32],
    tiles: &[i32],
    numbers: &[f32],
    buckets: &[i32],
    of_key: &mut [Vector<F, N>],
    of_value: &mut [Vector<F, N>],
    of_numbers: &mut [f32],
    dropout: &DropoutKey,
    reach: &Reach,
    heads: u32,
    longest: u32,
    #[comptime] plan: Plan,
    #[define(F)] _dtype: ElemType,
) {
    let mut keys = Shared::<[Four]>::new_slice(comptime!(plan.resident()));
    let mut values = Shared::<[Four]>::new_slice(comptime!(plan.resident()));
    let mut queries = Shared::<[Four]>::new_slice(comptime!(plan.passing()));
    let mut gradients = Shared::<[Four]>::new_slice(comptime!(plan.passing()));
    let mut weights = Shared::<[Four]>::new_slice(comptime!(plan.weights()));
    let mut of_scores = Shared::<[Four]>::new_slice(comptime!(plan.weights()));
    let mut band = Shared::<[f32]>::new_slice(comptime!(plan.band()));
    let tile = tile(tiles, heads, longest, plan);
    if tile.count == 0 {
        terminate!();
    }
    let first = tile.start + tile.first;
    let rows = comptime!(plan.rows);
    load(key, first, tile.count, &tile, &mut keys, rows, false, plan);
    load(
        value,
        first,
        tile.count,
        &tile,
        &mut values,
        rows,
        false,
        plan,
    );

    let columns = places(&tile, plan);
    let mut key_sums = zeros(plan);
    let mut value_sums = zeros(plan);
    let per = comptime!(plan.scores());
    let size = comptime!(plan.streamed);
    let mut scores = Array::<Four>::new(per);
    let mut of_weights = Array::<Four>::new(per);
    let end = end_step(&tile, reach, plan);
    for step in first_step(&tile, reach, plan)..end {
        let begin = step * size;
        let present = min(size, tile.length - begin);
        let from = tile.start + begin;
        sync_cube();
        load(query, from, present, &tile, &mut queries, size, true, plan);
        load_band(
            numbers, buckets, begin, &tile, reach, &mut band, false, plan,
        );
        load(
            gradient,
            from,
            present,
            &tile,
            &mut gradients,
            size,
            false,
            plan,
        );
        sync_cube();
        products(&keys, &queries, &mut scores, plan);
        products(&values, &gradients, &mut of_weights, plan);
        #[unroll]
        for j in 0..per {
            let place = streamed(j, plan);
            let row = begin + min(place, present - 1);
            let number = number_place(&tile, row);
            let row_key = Whole::new(row_key(dropout, tile.first_row + row as u32));
            let top = Four::new(tops[number].extract(0usize));
            let inverse = Four::new(tops[number].extract(1usize));
            let score = add_band(
                scores[j], numbers, &band, begin, present, &tile, reach, j, false, plan,
            );
            let weight = (score - top).exp() * inverse;
            let weight = if_seen(weight, Four::new(0.0), columns, row, reach, plan);
            let kept = dropped(dropout, row_key, columns, Four::new(1.0));
            let of_score = weight * (of_weights[j] * kept - Four::new(delta[number]));
            keep(&mut weights, j, weight * kept, plan);
            keep(&mut of_scores, j, of_score, plan);
        }
        sync_cube();
        accumulate(&weights, &gradients, present, &mut value_sums, plan);
        accumulate(&of_scores, &queries, present, &mut key_sums, plan);
        if comptime!(plan.by == By::Tables) {
            add_runs(&of_scores, &band, of_numbers, present, &tile, reach, plan);
        }
    }
    let one = Four::new(1.0);
    store(&key_sums, one, &tile, of_key, false, plan);
    store(&value_sums, one, &tile, of_value, false, plan);
}

/// See [`super::fits`].
pub(super) fn fits(matrix: &CubeTensor, width: usize, by: By) -> bool {
    // These kernels need more than the others.
    Plan::fits(matrix, width, OF_QUERY, by) && Plan::fits(matrix, width, OF_KEY_VALUE, by)
}

/// See [`super::backward`]; all tensors contiguous, `inputs` query, key, value, result and its gradient.
#[allow(
    unsafe_code,
    reason = "the kernels check their rows against the table of tiles"
)]
pub(super) fn launch(
    inputs: [&CubeTensor; 5],
    saved: &Saved,
    options: &Options,
) -> Vec<CubeTensor> {
    let [query, key, value, out, gradient] = inputs;
    let Options {
        tiles,
        heads,
        longest,
        distances,
        dropout,
    } = options;
    let [rows, width] = options.rows_and_width(query);
    let delta = delta::launch(out, gradient, options);
    let numbers = numbers([query, key], options);
    let [of_query, of_key, of_value] = [query, key, value].map(empty_like);
    let plan = Plan::new(query, width, OF_QUERY, distances.by());
    let slots = bias::size(*longest, plan);
    let of_numbers = match distances {
        Distances::Bias { .. } => {
            bias::of_cubes(query, options.tiles() * plan.parts(), *heads, slots)
        }
        _ => tables::of_products(query, options),
    };
    // SAFETY: the table's tiles lie within the rows of the matrices, and so do all rows that are
    // loaded or stored; indices of shared memory follow from the plan.
    unsafe {
        query_kernel::launch_unchecked(
            &query.client,
            options.count(plan),
            CubeDim::new_1d(UNITS as u32),
            plan.load,
            arg(query),
            arg(key),
            arg(value),
            arg(gradient),
            arg(&saved.tops),
            arg(&delta),
            arg(tiles),
            arg(&numbers),
            arg(distances.buckets(tiles)),
            arg(&of_query),
            arg(&of_numbers),
            launch_dropout(*dropout),
            distances.reach(rows),
            *heads as u32,
            *longest as u32,
            slots as u32,
            plan,
            elem(query),
        );
    }
    let of_query_numbers = of_numbers;
    let of_bias = match distances {
        Distances::Bias { table, buckets } => Some(bias::gradient(
            table,
            buckets,
            &of_query_numbers,
            tiles,
            slots,
            plan,
        )),
        _ => None,
    };
    let plan = Plan::new(query, width, OF_KEY_VALUE, distances.by());
    let of_numbers = tables::of_products(query, options);
    // SAFETY: as above.
    unsafe {
        key_value_kernel::launch_unchecked(
            &query.client,
            options.count(plan),
            CubeDim::new_1d(UNITS as u32),
            plan.load,
            arg(query),
            arg(key),
            arg(value),
            arg(gradient),
            arg(&saved.tops),
            arg(&delta),
            arg(tiles),
            arg(&numbers),
            arg(distances.buckets(tiles)),
            arg(&of_key),
            arg(&of_value),
            arg(&of_numbers),
            launch_dropout(*dropout),
            distances.reach(rows),
            *heads as u32,
            *longest as u32,
            plan,
            elem(query),
        );
    }
    let mut all = vec![of_query, of_key, of_value];
    all.extend(of_bias);
    if let Distances::Tables { tables, .. } = distances {
        let of_pair = [of_query_numbers, of_numbers];
        for (at, (of_products, table)) in of_pair.iter().zip(tables).enumerate() {
            tables::add_gradient(of_products, table, &all[at], options);
            all.push(tables::table_gradient(
                of_products,
                table,
                inputs[at],
                options,
            ));
        }
    }
    all
}
