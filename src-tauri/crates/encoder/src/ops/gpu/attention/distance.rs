//! What distances say of scores: which rows see each other, and what is added.
//!
//! Where numbers belong to distances, a tile of rows and those that stream past meet at `rows + streamed − 1`
//! distances, the band: slot `k` is where the streamed row lies `k − (rows − 1)` behind the first of the tile.
//! A cube reads each slot once into shared memory.

use super::plan::Plan;
use super::products::present_row;
use super::tile::{Four, Tile, Whole, group};
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

/// What distances say, which is fixed when a kernel is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum By {
    Nothing,
    /// Which rows see each other.
    Nearness,
    /// A number for each bucket of distances and head.
    Bias,
    /// Products of queries and keys with what distances are.
    Tables,
}

/// What distances say, with what it takes. Kernels read `buckets` as the row of a table for each distance from a
/// query to a key, i32 `[2 · longest − 1]`, from that of the last query and the first key up.
#[derive(Clone, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "there is one for an attention, and it is handles"
)]
pub(in super::super) enum Distances {
    Nothing,
    /// Rows further apart than so many do not see each other.
    Near(usize),
    /// A number for each bucket and head, f32 `[buckets, heads]`.
    Bias {
        table: CubeTensor,
        buckets: CubeTensor,
    },
    /// What distances are as keys and as queries, `[buckets, hidden]` each, in the type of query and key. Scores
    /// are products of query and key, query and distance, key and distance.
    Tables {
        tables: [CubeTensor; 2],
        buckets: CubeTensor,
        /// The first row of the tables that is used, and how many there are.
        used: [usize; 2],
    },
}

impl Distances {
    pub(super) fn by(&self) -> By {
        match self {
            Self::Nothing => By::Nothing,
            Self::Near(_) => By::Nearness,
            Self::Bias { .. } => By::Bias,
            Self::Tables { .. } => By::Tables,
        }
    }

    /// The buckets, or `other`, which is then not read.
    pub(super) fn buckets<'a>(&'a self, other: &'a CubeTensor) -> &'a CubeTensor {
        match self {
            Self::Nothing | Self::Near(_) => other,
            Self::Bias { buckets, .. } | Self::Tables { buckets, .. } => buckets,
        }
    }

    /// The numbers that kernels on matrices of so many rows need.
    pub(super) fn reach(&self, rows: usize) -> ReachLaunch {
        let (distance, [first, count]) = match self {
            Self::Near(distance) => (*distance, [0; 2]),
            Self::Tables { used, .. } => (0, *used),
            Self::Nothing | Self::Bias { .. } => (0, [0; 2]),
        };
        ReachLaunch::new(distance as u32, rows as u32, first as u32, count as u32)
    }
}

/// The numbers of a launch that belong to distances.
#[derive(CubeLaunch, CubeType, Clone, Copy)]
pub(super) struct Reach {
    /// The largest distance at which rows see each other.
    pub distance: u32,
    /// Rows of the matrices.
    pub rows: u32,
    /// The first row of the tables that is used, and how many there are.
    pub first: u32,
    pub count: u32,
}

/// The first group of streamed rows that a tile's rows see.
#[cube]
pub(super) fn first_step(tile: &Tile, reach: &Reach, #[comptime] plan: Plan) -> usize {
    if comptime!(plan.by == By::Nearness) {
        let distance = min(tile.first, reach.distance as usize);
        (tile.first - distance) / comptime!(plan.streamed)
    } else {
        0usize.runtime()
    }
}

/// The group behind the last one that they see.
#[cube]
pub(super) fn end_step(tile: &Tile, reach: &Reach, #[comptime] plan: Plan) -> usize {
    let end = if comptime!(plan.by == By::Nearness) {
        let end = tile.first + tile.count + reach.distance as usize;
        min(tile.length, end)
    } else {
        tile.length
    };
    end.div_ceil(comptime!(plan.streamed))
}

/// `values` of this unit's rows, at these places in the sequence, with the streamed row at `at` in it;
/// `otherwise` where they do not see it.
#[cube]
pub(super) fn if_seen(
    values: Four,
    otherwise: Four,
    places: Whole,
    at: usize,
    reach: &Reach,
    #[comptime] plan: Plan,
) -> Four {
    if comptime!(plan.by == By::Nearness) {
        // Below 0 is a very large number.
        let apart = places + Whole::new(reach.distance - at as u32);
        let is_seen = apart.less_equal(&Whole::new(2 * reach.distance));
        select_many(is_seen, values, otherwise)
    } else {
        values
    }
}

/// Reads what belongs to the distances at which a tile meets the streamed rows from `begin` on: the numbers
/// themselves, or their buckets, counted from the first that is used. `queries_stay`: the tile's rows are queries,
/// and keys stream past.
#[cube]
pub(super) fn load_band(
    numbers: &[f32],
    buckets: &[i32],
    begin: usize,
    tile: &Tile,
    reach: &Reach,
    band: &mut Shared<[f32]>,
    #[comptime] queries_stay: bool,
    #[comptime] plan: Plan,
) {
    let slot = UNIT_POS as usize;
    if comptime!(plan.has_band()) && slot < comptime!(plan.band()) {
        let middle = (buckets.len() / 2) as i32;
        let behind = (begin + slot) as i32 - (tile.first + comptime!(plan.rows - 1)) as i32;
        let distance = if comptime!(queries_stay) {
            middle + behind
        } else {
            middle - behind
        };
        // Some slots belong to rows that do not exist.
        let distance = min(max(distance, 0i32), 2 * middle);
        let bucket = buckets[distance as usize] as u32;
        band[slot] = if comptime!(plan.by == By::Bias) {
            numbers[bucket as usize * tile.heads + tile.head]
        } else {
            f32::cast_from(bucket - reach.first)
        };
    }
}

/// Adds to this unit's scores with its `at`-th streamed row what their distances say. `present` of the streamed
/// rows, from `begin` on, exist.
#[cube]
pub(super) fn add_band(
    score: Four,
    numbers: &[f32],
    band: &Shared<[f32]>,
    begin: usize,
    present: usize,
    tile: &Tile,
    reach: &Reach,
    #[comptime] at: usize,
    #[comptime] queries_stay: bool,
    #[comptime] plan: Plan,
) -> Four {
    if comptime!(plan.has_band()) {
        let streamed = present_row(at, plan);
        let slot = streamed + comptime!(plan.rows - 1) - group(plan);
        let heads = tile.head * reach.rows as usize;
        let other = heads + tile.start + begin + min(streamed, present - 1);
        let mut added = Four::new(0.0);
        #[unroll]
        for i in 0..4usize {
            let number = band[slot - comptime!(i * plan.groups())];
            if comptime!(plan.by == By::Bias) {
                added.insert(i, number);
            } else {
                let row = group(plan) + comptime!(i * plan.groups());
                let own = heads + tile.start + tile.first + min(row, tile.count - 1);
                let (query, key) = if comptime!(queries_stay) {
                    (own, other)
                } else {
                    (other, own)
                };
                let (bucket, count) = (u32::cast_from(number) as usize, reach.count as usize);
                let of_keys = tile.heads * reach.rows as usize;
                let to_distance = numbers[query * count + bucket];
                let of_distance = numbers[(of_keys + key) * count + bucket];
                added.insert(i, to_distance + of_distance);
            }
        }
        score + added
    } else {
        score
    }
}
