//! Sums over the units of a cube, in an order that does not depend on the device.

use cubecl::prelude::*;

/// The sum of one number of each unit, known to all of them afterwards. All units must call it, and
/// there must be a power of two of them, `units`. `scratch` `[units]` is overwritten.
#[cube]
pub(super) fn cube_sum(value: f32, scratch: &mut Shared<[f32]>, #[comptime] units: usize) -> f32 {
    strided_sum(value, scratch, units, 1usize);
    scratch[0]
}

/// Leaves in `scratch[k]`, for `k` below `stride`, the sum of the numbers of the units `k`, `k + stride`,
/// `k + 2 stride`, … All units must call it; `units` and `stride` are powers of two.
#[cube]
pub(super) fn strided_sum(
    value: f32,
    scratch: &mut Shared<[f32]>,
    #[comptime] units: usize,
    #[comptime] stride: usize,
) {
    let unit = UNIT_POS as usize;
    // Whoever still reads an earlier sum is waited for.
    sync_cube();
    scratch[unit] = value;
    sync_cube();
    let steps = comptime!((units / stride).ilog2() as usize);
    #[unroll]
    for step in 0..steps {
        let half = comptime!(units >> (step + 1));
        if unit < half {
            scratch[unit] += scratch[unit + half];
        }
        sync_cube();
    }
}

/// The same of two numbers at once.
#[cube]
pub(super) fn cube_pair_sum(
    value: f32,
    other: f32,
    scratch: &mut Shared<[f32]>,
    other_scratch: &mut Shared<[f32]>,
    #[comptime] units: usize,
) -> (f32, f32) {
    let unit = UNIT_POS as usize;
    sync_cube();
    scratch[unit] = value;
    other_scratch[unit] = other;
    sync_cube();
    let steps = comptime!(units.ilog2() as usize);
    #[unroll]
    for step in 0..steps {
        let half = comptime!(units >> (step + 1));
        if unit < half {
            scratch[unit] += scratch[unit + half];
            other_scratch[unit] += other_scratch[unit + half];
        }
        sync_cube();
    }
    (scratch[0], other_scratch[0])
}
