//! Large products: panels packed and tiles computed by all threads, from one queue.

use super::kernel::{Block, Kernel, Start};
use super::matrix::{Matrix, Shared};
use super::queue::{Piece, Queue, STAGES_AT_ONCE};
use super::{DEPTH, Finish, Right, pack, scratch};
use rayon::prelude::*;

/// Rows and columns of a tile: its left panels of one depth and its part of the result lie in L2.
const TILE: (usize, usize) = (96, 256);

/// Numbers in the panels of a stage: 4 MiB, so that they stay in a shared cache.
const STAGE: usize = 1 << 20;

/// Panels that one piece of the queue packs.
const PANELS: usize = 8;

/// Writes `left · right` plus `bias` to `out`, and calls `finish` for all of it.
pub(super) fn run(
    kernel: Kernel,
    out: Shared,
    left: Matrix,
    right: Right,
    bias: Option<&[f32]>,
    finish: Finish,
) {
    let plan = Plan::new(kernel, left, right);
    let queue = Queue::new(plan.stages, plan.packs(), plan.across * plan.down);
    let work = Work {
        plan,
        left,
        right,
        out,
        bias,
        finish,
    };
    scratch::shared(|lines| {
        let panels = Shared::new(lines.room(plan.memory() * plan.stages.min(STAGES_AT_ONCE)));
        let threads = rayon::current_num_threads().min(plan.across * plan.down);
        let threads = (0..threads).into_par_iter().with_max_len(1);
        threads.for_each(|_| {
            queue.work(|piece| match piece {
                Piece::Pack(stage, at) => work.pack(panels, stage, at),
                Piece::Tile(stage, at) => work.tile(panels, stage, at),
            });
        });
    });
}

/// How a product is cut.
#[derive(Clone, Copy)]
struct Plan {
    kernel: Kernel,
    depth: usize,
    rows: usize,
    columns: usize,
    /// Rows and columns to be packed, in whole panels; 0 columns where they already are.
    packed_rows: usize,
    packed_columns: usize,
    /// Depth of a stage, a multiple of [`DEPTH`].
    stage: usize,
    stages: usize,
    high: usize,
    wide: usize,
    down: usize,
    across: usize,
}

impl Plan {
    fn new(kernel: Kernel, left: Matrix, right: Right) -> Self {
        let (rows, columns, depth) = (left.rows, right.columns(), left.columns);
        let packed_rows = match left.column_stride {
            1 if kernel.reads_rows_as_they_lie() => 0,
            _ => rows.next_multiple_of(kernel.rows()),
        };
        let packed_columns = match right {
            Right::Loose(_) => columns.next_multiple_of(kernel.columns()),
            Right::Packed(..) => 0,
        };
        let most = depth.max(1).next_multiple_of(DEPTH);
        let stage = STAGE / (packed_rows + packed_columns).max(1) / DEPTH * DEPTH;
        let stage = stage.clamp(DEPTH, most);
        let (mut high, wide) = TILE;
        // A few tiles for each thread, so that none waits long for the last.
        let wanted = 4 * rayon::current_num_threads();
        while rows.div_ceil(high) * columns.div_ceil(wide) < wanted && high > 24 {
            high /= 2;
        }
        Self {
            kernel,
            depth,
            rows,
            columns,
            packed_rows,
            packed_columns,
            stage,
            stages: depth.div_ceil(stage).max(1),
            high,
            wide,
            down: rows.div_ceil(high),
            across: columns.div_ceil(wide),
        }
    }

    /// Numbers in the panels of a stage.
    fn memory(&self) -> usize {
        (self.packed_rows + self.packed_columns) * self.stage
    }

    /// Pieces of packing in a block of [`DEPTH`]: for the left operand and for the right.
    fn groups(&self) -> (usize, usize) {
        (
            self.packed_rows.div_ceil(PANELS * self.kernel.rows()),
            self.packed_columns.div_ceil(PANELS * self.kernel.columns()),
        )
    }

    fn packs(&self) -> usize {
        let (left, right) = self.groups();
        (left + right) * (self.stage / DEPTH)
    }

    /// Where in the memory the panels of a block's left and right operand begin.
    fn places(&self, stage: usize, block: usize) -> (usize, usize) {
        let start = stage % STAGES_AT_ONCE * self.memory();
        let left = start + block * DEPTH * self.packed_rows;
        let right = start + self.stage * self.packed_rows + block * DEPTH * self.packed_columns;
        (left, right)
    }

    /// The part of `k` that a block of a stage has.
    fn range(&self, stage: usize, block: usize) -> (usize, usize) {
        let from = (stage * self.stage + block * DEPTH).min(self.depth);
        (from, (from + DEPTH).min(self.depth))
    }
}

struct Work<'a> {
    plan: Plan,
    left: Matrix<'a>,
    right: Right<'a>,
    out: Shared<'a>,
    bias: Option<&'a [f32]>,
    finish: Finish<'a>,
}

impl Work<'_> {
    /// Packs some panels of one operand.
    fn pack(&self, panels: Shared, stage: usize, at: usize) {
        let plan = &self.plan;
        let (lefts, rights) = plan.groups();
        let (block, group) = (at / (lefts + rights), at % (lefts + rights));
        let (from, to) = plan.range(stage, block);
        let (left, right) = plan.places(stage, block);
        let (matrix, width, group, place) = match self.right {
            Right::Loose(matrix) if group >= lefts => {
                let width = plan.kernel.columns();
                (matrix.transposed(), width, group - lefts, right)
            }
            _ => (self.left, plan.kernel.rows(), group, left),
        };
        let first = group * PANELS * width;
        let rows = (PANELS * width).min(matrix.rows - first);
        let (place, size) = (
            place + first * (to - from),
            rows.next_multiple_of(width) * (to - from),
        );
        // SAFETY: each piece has its own panels, and no tile reads them before all are packed.
        let out = unsafe { panels.piece(place, size) };
        pack::panels(matrix.row_block(first, rows), width, from, to, out);
    }

    /// Adds what a stage has for one tile.
    fn tile(&self, panels: Shared, stage: usize, at: usize) {
        let plan = &self.plan;
        let (kernel, columns) = (plan.kernel, plan.columns);
        let (top, side) = (at / plan.across * plan.high, at % plan.across * plan.wide);
        let (high, wide) = (
            plan.high.min(plan.rows - top),
            plan.wide.min(columns - side),
        );
        for block in 0..plan.stage / DEPTH {
            let (from, to) = plan.range(stage, block);
            if from == to && from > 0 {
                break;
            }
            let depth = to - from;
            let (left, right) = plan.places(stage, block);
            let right = match self.right {
                Right::Loose(_) => panels.at(right + side * depth).cast_const(),
                Right::Packed(packed, first) => packed.at(kernel, from, first + side),
            };
            let (left, left_row, left_step, left_panel) = match plan.packed_rows {
                0 => {
                    let stride = self.left.row_stride;
                    (self.left.at(top, from), stride, 1, stride * kernel.rows())
                }
                _ => {
                    let panel = panels.at(left + top * depth).cast_const();
                    (panel, 1, kernel.rows(), kernel.rows() * depth)
                }
            };
            let block = Block {
                rows: high,
                depth,
                columns: wide,
                left,
                left_row,
                left_step,
                left_panel,
                right,
                right_step: kernel.columns(),
                right_panel: kernel.columns() * depth,
                out: self.out.at(top * columns + side),
                out_row: columns,
                scale: 1.0,
                start: Start::at(from, self.bias, side),
            };
            // SAFETY: the panels were packed and stay until all tiles are done; no other piece
            // that runs now writes this tile.
            unsafe { kernel.run(&block) };
        }
        if stage + 1 == plan.stages {
            for row in top..top + high {
                // SAFETY: as above.
                let piece = unsafe { self.out.piece(row * columns + side, wide) };
                (self.finish)(row, side, piece);
            }
        }
    }
}
