//! Products of tiles in shared memory, with their sums in registers.

use super::plan::Plan;
use super::tile::{Four, group, streamed};
use cubecl::prelude::*;

/// Products of this unit's rows of `resident` with its rows of `passing`.
#[cube]
pub(super) fn products(
    resident: &Shared<[Four]>,
    passing: &Shared<[Four]>,
    out: &mut Array<Four>,
    #[comptime] plan: Plan,
) {
    let per = comptime!(plan.scores());
    let stride = comptime!(plan.stride());
    #[unroll]
    for j in 0..per {
        out[j] = Four::new(0.0);
    }
    let row = group(plan) * stride;
    for at in 0..comptime!(plan.fours()) {
        let mut rows = Array::<Four>::new(4usize);
        #[unroll]
        for i in 0..4usize {
            rows[i] = resident[row + comptime!(i * plan.groups() * stride) + at];
        }
        // The same turned: one vector a column, one component a row.
        let mut columns = Array::<Four>::new(4usize);
        #[unroll]
        for part in 0..4usize {
            let mut column = Four::new(rows[0].extract(part));
            #[unroll]
            for i in 1..4usize {
                column.insert(i, rows[i].extract(part));
            }
            columns[part] = column;
        }
        #[unroll]
        for j in 0..per {
            let other = passing[present_row(j, plan) * stride + at];
            let mut sum = out[j];
            #[unroll]
            for part in 0..4usize {
                sum = fma(columns[part], Four::new(other.extract(part)), sum);
            }
            out[j] = sum;
        }
    }
}

/// The index among the streamed rows of this unit's `at`-th one; units beyond the last one repeat it.
#[cube]
pub(super) fn present_row(#[comptime] at: usize, #[comptime] plan: Plan) -> usize {
    let row = streamed(at, plan);
    if comptime!(plan.streamed.is_multiple_of(plan.columns)) {
        row
    } else {
        min(row, comptime!(plan.streamed - 1))
    }
}

/// Writes the weights of this unit's rows for its `at`-th streamed row to shared memory.
#[cube]
pub(super) fn keep(
    weights: &mut Shared<[Four]>,
    #[comptime] at: usize,
    value: Four,
    #[comptime] plan: Plan,
) {
    let row = streamed(at, plan);
    let place = row * comptime!(plan.weight_stride()) + group(plan);
    if comptime!(plan.streamed.is_multiple_of(plan.columns)) || row < comptime!(plan.streamed) {
        weights[place] = value;
    }
}

/// Adds the first `count` streamed rows, each times its weights, to this unit's rows of the result.
#[cube]
pub(super) fn accumulate(
    weights: &Shared<[Four]>,
    passing: &Shared<[Four]>,
    count: usize,
    out: &mut Array<Four>,
    #[comptime] plan: Plan,
) {
    let outputs = comptime!(plan.outputs());
    let group = group(plan);
    for row in 0..count {
        let weight = weights[row * comptime!(plan.weight_stride()) + group];
        #[unroll]
        for c in 0..outputs {
            let column = output_column(c, plan);
            let value = passing[row * comptime!(plan.stride()) + column];
            #[unroll]
            for i in 0..4usize {
                let at = comptime!(i * outputs + c);
                out[at] = fma(Four::new(weight.extract(i)), value, out[at]);
            }
        }
    }
}

/// The index in a row of this unit's `at`-th vector; units beyond the last one repeat it.
#[cube]
fn output_column(#[comptime] at: usize, #[comptime] plan: Plan) -> usize {
    let column = streamed(at, plan);
    if comptime!(plan.fours().is_multiple_of(plan.columns)) {
        column
    } else {
        min(column, comptime!(plan.fours() - 1))
    }
}

/// Zeros for [`accumulate`].
#[cube]
pub(super) fn zeros(#[comptime] plan: Plan) -> Array<Four> {
    let mut out = Array::<Four>::new(comptime!(4 * plan.outputs()));
    #[unroll]
    for at in 0..comptime!(4 * plan.outputs()) {
        out[at] = Four::new(0.0);
    }
    out
}
