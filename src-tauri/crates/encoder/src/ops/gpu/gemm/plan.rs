//! How a product is cut into cubes, by what it would cost on the device's processors.

use super::Product;
use burn_backend::DType;

/// The depth of a part is a multiple of it, whatever a kernel takes of the inner dimension at a time.
pub(super) const DEPTH: u32 = 32;

/// The streaming multiprocessors of a device that does not report them.
const PROCESSORS: u32 = 64;

/// How a product is cut up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// Rows and columns of the result that a cube computes: 64 or 128.
    pub(super) tile: u32,
    /// Parts of the inner dimension, each computed by cubes of its own.
    pub(super) parts: u32,
    /// Steps of the inner dimension of a part: a multiple of [`DEPTH`].
    pub(super) depth: u32,
}

/// What a step of the inner dimension costs a processor, by the size of its tile. The small one does a
/// quarter of the work, but reads more for it from shared memory.
const COSTS: [(u32, u64); 2] = [(64, 5), (128, 12)];

/// The fewest steps of a part.
const SHALLOWEST: u32 = 256;

/// The most parts.
const MOST: u32 = 32;

impl Plan {
    /// The cheapest for a product on its device. `splitting`: a tile whose sums must be written, read and
    /// added up costs so many steps of the inner dimension more.
    pub(super) fn of(product: &Product, splitting: u32) -> Self {
        // Only gradients of weights, whose inner dimension is the batch's rows: elsewhere a row's result
        // would depend on how many others there are. Parts are added up in 32 bits and without a bias.
        let is_of_weight = product.lhs.is_transposed && product.bias.is_none();
        let may_split = is_of_weight && product.out.dtype == DType::F32;
        let hardware = &product.out.client.properties().hardware;
        let processors = hardware.num_streaming_multiprocessors;
        let splitting = may_split.then_some(splitting);
        Self::new(product.dims(), splitting, processors.unwrap_or(PROCESSORS))
    }

    /// The cheapest for `[rows, inner, columns]`; in one part where `splitting` is nothing.
    fn new([rows, inner, columns]: [usize; 3], splitting: Option<u32>, processors: u32) -> Self {
        let most = match splitting {
            Some(_) => (inner as u32 / SHALLOWEST).clamp(1, MOST),
            None => 1,
        };
        let plans = COSTS.into_iter().flat_map(|(tile, cost)| {
            (1..=most).map(move |parts| {
                let depth = (inner as u32)
                    .div_ceil(parts)
                    .next_multiple_of(DEPTH)
                    .max(DEPTH);
                let plan = Self {
                    tile,
                    parts: (inner as u32).div_ceil(depth).max(1),
                    depth,
                };
                let tiles = |size: usize| size.div_ceil(tile as usize) as u64;
                let cubes = tiles(rows) * tiles(columns) * u64::from(plan.parts);
                let splitting = splitting.filter(|_| plan.parts > 1).unwrap_or(0);
                let of_cube = cost * u64::from(depth + splitting);
                (cubes.div_ceil(u64::from(processors)) * of_cube, plan)
            })
        });
        let cheapest = plans.min_by_key(|(cost, _)| *cost);
        cheapest.expect("there are two sizes of tiles").1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(dims: [usize; 3], splitting: Option<u32>, tile: u32, parts: u32) {
        let plan = Plan::new(dims, splitting, 132);
        assert_eq!((plan.tile, plan.parts), (tile, parts), "{plan:?}");
        assert_eq!(plan.depth % DEPTH, 0);
        assert!((plan.parts - 1) * plan.depth < dims[1] as u32);
        assert!(plan.parts * plan.depth >= dims[1] as u32);
    }

    #[test]
    fn tiles_are_as_large_as_fills_the_card() {
        check([4096, 768, 768], None, 128, 1);
        check([4096, 768, 3072], None, 128, 1);
        check([1024, 384, 384], None, 64, 1);
        check([1, 8, 8], None, 64, 1);
    }

    #[test]
    fn weight_gradients_are_split_where_tiles_are_few() {
        check([384, 4096, 384], Some(384), 128, 13);
        check([768, 4096, 768], Some(384), 128, 3);
        check([384, 40, 384], Some(384), 64, 1);
    }

    #[test]
    fn no_part_is_empty() {
        for inner in (1..5000).step_by(7) {
            let plan = Plan::new([64, inner, 64], Some(32), 132);
            assert!((plan.parts - 1) * plan.depth < inner as u32, "{plan:?}");
            assert!(plan.parts * plan.depth >= inner as u32, "{plan:?}");
        }
    }
}
