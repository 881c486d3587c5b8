//! How a product is cut into cubes, by what it would cost on the device's processors.

use super::kernel::DEPTH;

/// How a product is cut up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// Fragments of 16 in each direction that a plane computes: 2 or 4.
    pub(super) each: u32,
    /// Parts of the inner dimension, each computed by cubes of its own.
    pub(super) parts: u32,
    /// Steps of the inner dimension of a part: a multiple of [`DEPTH`].
    pub(super) depth: u32,
}

/// What a step of the inner dimension costs a processor, for small and large tiles of 64 and 128 rows
/// and columns. The small one does a quarter of the work, but reads more of it from shared memory.
const COSTS: [(u32, u64); 2] = [(2, 5), (4, 12)];

/// So many steps more does a tile cost whose sums must be written, read and added up.
const SPLITTING: u64 = 384;

/// The fewest steps of a part.
const SHALLOWEST: u32 = 256;

/// The most parts.
const MOST: u32 = 32;

impl Plan {
    /// Two halves of two large tiles.
    pub(super) const SHARED_BYTES: usize = 2 * 2 * 128 * DEPTH as usize * 2;

    /// The cheapest for `[rows, inner, columns]`. `may_split`: whether parts can be added up afterwards.
    pub(super) fn new(
        [rows, inner, columns]: [usize; 3],
        may_split: bool,
        processors: u32,
    ) -> Self {
        let most = match may_split {
            true => (inner as u32 / SHALLOWEST).clamp(1, MOST),
            false => 1,
        };
        let plans = COSTS.into_iter().flat_map(|(each, cost)| {
            (1..=most).map(move |parts| {
                let depth = (inner as u32).div_ceil(parts).next_multiple_of(DEPTH);
                let plan = Self {
                    each,
                    parts: (inner as u32).div_ceil(depth),
                    depth,
                };
                let tiles = |size: usize| size.div_ceil(plan.tile() as usize) as u64;
                let cubes = tiles(rows) * tiles(columns) * u64::from(plan.parts);
                let splitting = if plan.parts > 1 { SPLITTING } else { 0 };
                let of_cube = cost * (u64::from(depth) + splitting);
                (cubes.div_ceil(u64::from(processors)) * of_cube, plan)
            })
        });
        let cheapest = plans.min_by_key(|(cost, _)| *cost);
        cheapest.expect("there are two sizes of tiles").1
    }

    /// Rows and columns of a cube's tile.
    pub(super) fn tile(self) -> u32 {
        32 * self.each
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(dims: [usize; 3], may_split: bool, each: u32, parts: u32) {
        let plan = Plan::new(dims, may_split, 132);
        assert_eq!((plan.each, plan.parts), (each, parts), "{plan:?}");
        assert_eq!(plan.depth % DEPTH, 0);
        assert!((plan.parts - 1) * plan.depth < dims[1] as u32);
        assert!(plan.parts * plan.depth >= dims[1] as u32);
    }

    #[test]
    fn tiles_are_as_large_as_fills_the_card() {
        check([4096, 768, 768], false, 4, 1);
        check([4096, 768, 3072], false, 4, 1);
        check([1024, 384, 384], false, 2, 1);
        check([1, 8, 8], false, 2, 1);
    }

    #[test]
    fn weight_gradients_are_split_where_tiles_are_few() {
        check([384, 4096, 384], true, 4, 13);
        check([768, 4096, 768], true, 4, 3);
        check([384, 40, 384], true, 2, 1);
    }

    #[test]
    fn no_part_is_empty() {
        for inner in (1..5000).step_by(7) {
            let plan = Plan::new([64, inner, 64], true, 132);
            assert!((plan.parts - 1) * plan.depth < inner as u32, "{plan:?}");
            assert!(plan.parts * plan.depth >= inner as u32, "{plan:?}");
        }
    }
}
