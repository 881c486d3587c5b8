//! The gradient of the numbers that distances add to scores: the sums of the scores' gradients at each distance.
//!
//! Each cube of the queries' kernel adds up its own, slot by slot of its band, and writes each sum once; then they
//! are added up over the cubes, and over the distances of a bucket. All of it in an order that follows from the
//! sizes alone.

use super::super::reduce::cube_sum;
use super::super::tensors::{UNITS, arg, cubes, empty, spread};
use super::ENTRY;
use super::plan::Plan;
use super::tile::{Four, Tile};
use burn_backend::{DType, TensorMetadata};
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

/// The sums of cubes: f32 `[tiles · parts, heads, size]`, where the first of a cube's `size` numbers belongs to the
/// distance from its last row to the sequence's first one.
pub(super) fn of_cubes(like: &CubeTensor, tiles: usize, heads: usize, size: usize) -> CubeTensor {
    empty(like, [tiles, heads, size], DType::F32)
}

/// How many numbers a cube has room for.
pub(super) fn size(longest: usize, plan: Plan) -> usize {
    longest.next_multiple_of(plan.streamed) + plan.rows - 1
}

/// The index of this cube's first sum.
#[cube]
fn sums_start(tile: &Tile, size: u32, #[comptime] plan: Plan) -> usize {
    let part = CUBE_POS_X as usize * comptime!(plan.parts()) + CUBE_POS_Z as usize;
    (part * tile.heads + tile.head) * size as usize
}

/// Adds up the gradients of the scores of a group of streamed rows, `present` of which exist. `carried` are the sums
/// of slots that later groups have too, 0 at first; the others are written.
#[cube]
pub(super) fn add_slots(
    of_scores: &Shared<[Four]>,
    carried: &mut Shared<[f32]>,
    sums: &mut [f32],
    step: usize,
    present: usize,
    size: u32,
    tile: &Tile,
    #[comptime] plan: Plan,
) {
    let slot = UNIT_POS as usize;
    let last = comptime!(plan.rows - 1);
    let mut sum = 0.0f32;
    if slot < last {
        sum = carried[slot];
    }
    #[unroll]
    for i in 0..4usize {
        for group in 0..comptime!(plan.groups()) {
            let row = group + comptime!(i * plan.groups());
            let at = slot + row;
            if row < tile.count && at >= last && at < last + present {
                let place = (at - last) * comptime!(plan.weight_stride()) + group;
                sum += of_scores[place].extract(i);
            }
        }
    }
    sync_cube();
    let streamed = comptime!(plan.streamed);
    if slot < streamed {
        sums[sums_start(tile, size, plan) + step * streamed + slot] = sum;
    } else if slot < comptime!(plan.band()) {
        carried[slot - streamed] = sum;
    }
}

/// Writes the sums that are left after so many groups.
#[cube]
pub(super) fn write_carried(
    carried: &Shared<[f32]>,
    sums: &mut [f32],
    steps: usize,
    size: u32,
    tile: &Tile,
    #[comptime] plan: Plan,
) {
    let slot = UNIT_POS as usize;
    sync_cube();
    if slot < comptime!(plan.rows - 1) {
        let at = steps * comptime!(plan.streamed) + slot;
        sums[sums_start(tile, size, plan) + at] = carried[slot];
    }
}

/// A unit has a head's distance, and adds up what the cubes have for it.
#[cube(launch)]
fn distances_kernel(
    of_cubes: &[f32],
    tiles: &[i32],
    sums: &mut [f32],
    heads: u32,
    size: u32,
    #[comptime] plan: Plan,
) {
    if ABSOLUTE_POS < sums.len() {
        let distances = sums.len() / heads as usize;
        let head = ABSOLUTE_POS / distances;
        let distance = ABSOLUTE_POS - head * distances;
        let parts = comptime!(plan.parts());
        let mut sum = 0.0f32;
        for tile in 0..tiles.len() / ENTRY {
            let at = tile * ENTRY;
            let length = tiles[at + 1] as u32 as usize;
            if tiles[at + 3] >= 0i32 {
                for part in 0..parts {
                    let first = tiles[at + 2] as u32 as usize + part * comptime!(plan.rows);
                    let place = distance + first + comptime!(plan.rows - 1);
                    let streamed = comptime!(plan.streamed);
                    let count = length.div_ceil(streamed) * streamed + comptime!(plan.rows - 1);
                    let middle = distances / 2;
                    if first < length && place >= middle && place < middle + count {
                        let cube = (tile * parts + part) * heads as usize + head;
                        sum += of_cubes[cube * size as usize + place - middle];
                    }
                }
            }
        }
        sums[ABSOLUTE_POS] = sum;
    }
}

/// A cube has a bucket of a head, and adds up its distances.
#[cube(launch)]
fn buckets_kernel(of_distances: &[f32], buckets: &[i32], sums: &mut [f32], heads: u32) {
    if CUBE_POS >= sums.len() {
        terminate!();
    }
    let mut scratch = Shared::<[f32]>::new_slice(UNITS);
    let heads = heads as usize;
    let bucket = CUBE_POS / heads;
    let head = CUBE_POS - bucket * heads;
    let mut sum = 0.0f32;
    let mut at = UNIT_POS as usize;
    while at < buckets.len() {
        if buckets[at] as u32 as usize == bucket {
            sum += of_distances[head * buckets.len() + at];
        }
        at += UNITS;
    }
    let sum = cube_sum(sum, &mut scratch, UNITS);
    if UNIT_POS == 0 {
        sums[CUBE_POS] = sum;
    }
}

/// The gradient of `table` `[buckets, heads]`, from the sums of cubes.
pub(super) fn gradient(
    table: &CubeTensor,
    buckets: &CubeTensor,
    of_cubes: &CubeTensor,
    tiles: &CubeTensor,
    size: usize,
    plan: Plan,
) -> CubeTensor {
    let [rows, heads] = table.shape().dims();
    let distances = buckets.shape().num_elements();
    let sums = empty(table, [heads, distances], DType::F32);
    distances_kernel::launch(
        &table.client,
        cubes(heads * distances),
        CubeDim::new_1d(UNITS as u32),
        arg(of_cubes),
        arg(tiles),
        arg(&sums),
        heads as u32,
        size as u32,
        plan,
    );
    let out = empty(table, [rows, heads], DType::F32);
    buckets_kernel::launch(
        &table.client,
        spread(rows * heads),
        CubeDim::new_1d(UNITS as u32),
        arg(&sums),
        arg(buckets),
        arg(&out),
        heads as u32,
    );
    out
}
