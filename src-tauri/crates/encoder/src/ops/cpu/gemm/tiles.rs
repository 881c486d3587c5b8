//! Large products: panels packed and tiles computed by all threads, from one queue.

use super::kernel::{Block, Kernel, Start};
use super::matrix::Shared;
use super::number::to_bf16;
use super::operand::Operand;
use super::packed::Packed;
use super::queue::{Piece, Queue, STAGES_AT_ONCE};
use super::{ALONE, DEPTH, Epilogue, scratch};
use half::bf16;
use rayon::prelude::*;
use std::ops::Range;

/// Rows and columns of a tile: its left panels of one depth and its part of the result lie in L2.
const TILE: (usize, usize) = (96, 256);

/// Numbers in the panels of a stage: 4 MiB, so that they stay in a shared cache.
const STAGE: usize = 1 << 20;

/// Panels that one piece of the queue packs.
const PANELS: usize = 8;

/// The right operand of a large product.
#[derive(Clone, Copy)]
pub(super) enum Right<'a> {
    /// To be packed; transposed, so that its rows are the product's columns.
    Loose(&'a dyn Operand),
    /// Packed; from a column on that begins a panel.
    Packed(&'a Packed, usize),
}

impl Right<'_> {
    fn columns(&self) -> usize {
        match self {
            Self::Loose(operand) => operand.rows(),
            Self::Packed(packed, side) => packed.columns() - side,
        }
    }
}

/// Where a product is written, row by row.
#[derive(Clone, Copy)]
pub(in super::super) enum Out<'a> {
    /// The sums themselves.
    F32(Shared<'a>),
    /// Converted once a tile's sums are complete and the epilogue has run.
    Bf16(Shared<'a, bf16>),
}

/// Writes `left · right` plus `bias` to `out`, and calls `epilogue` for each piece of it.
pub(super) fn run(
    kernel: Kernel,
    out: Out,
    left: &dyn Operand,
    right: Right,
    bias: Option<&[f32]>,
    epilogue: Epilogue,
) {
    let is_small = left.rows() * right.columns() * left.depth() < ALONE;
    let most = if is_small {
        1
    } else {
        rayon::current_num_threads()
    };
    let plan = Plan::new(kernel, left, right, most, matches!(out, Out::Bf16(_)));
    let queue = Queue::new(plan.stages, plan.packs(), plan.across * plan.down);
    let work = Work {
        plan,
        left,
        right,
        out,
        bias,
        epilogue,
    };
    scratch::shared(|lines| {
        let panels = Shared::new(lines.room(plan.memory() * plan.stages.min(STAGES_AT_ONCE)));
        let work_off = || {
            queue.work(|piece| match piece {
                Piece::Pack(stage, at) => work.pack(panels, stage, at),
                Piece::Tile(stage, at) => work.tile(panels, stage, at),
            });
        };
        match most.min(plan.across * plan.down) {
            1 => work_off(),
            threads => {
                let threads = (0..threads).into_par_iter().with_max_len(1);
                threads.for_each(|_| work_off());
            }
        }
    });
}

/// How a product is cut.
#[derive(Clone, Copy)]
struct Plan {
    kernel: Kernel,
    /// In units of the operands.
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
    /// For `threads` threads. With `is_whole`, in one stage: so that a tile's sums are complete at once.
    fn new(
        kernel: Kernel,
        left: &dyn Operand,
        right: Right,
        threads: usize,
        is_whole: bool,
    ) -> Self {
        let (rows, columns, depth) = (left.rows(), right.columns(), left.depth());
        let packed_rows = match left.in_place() {
            Some(_) if kernel.reads_rows_as_they_lie() => 0,
            _ => rows.next_multiple_of(kernel.rows()),
        };
        let packed_columns = match right {
            Right::Loose(_) => columns.next_multiple_of(kernel.columns()),
            Right::Packed(..) => 0,
        };
        let most = depth.max(1).next_multiple_of(DEPTH);
        let stage = match is_whole {
            true => most,
            false => STAGE / (packed_rows + packed_columns).max(1) / DEPTH * DEPTH,
        };
        let stage = stage.clamp(DEPTH, most);
        let (mut high, wide) = TILE;
        // A few tiles for each thread, so that none waits long for the last.
        let wanted = 4 * threads;
        let least = kernel.rows().max(24);
        while rows.div_ceil(high) * columns.div_ceil(wide) < wanted && high > least {
            high = (high / 2).next_multiple_of(kernel.rows());
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
    left: &'a dyn Operand,
    right: Right<'a>,
    out: Out<'a>,
    bias: Option<&'a [f32]>,
    epilogue: Epilogue<'a>,
}

impl Work<'_> {
    /// Packs some panels of one operand.
    fn pack(&self, panels: Shared, stage: usize, at: usize) {
        let plan = &self.plan;
        let (lefts, rights) = plan.groups();
        let (block, group) = (at / (lefts + rights), at % (lefts + rights));
        let (from, to) = plan.range(stage, block);
        let (left, right) = plan.places(stage, block);
        let (operand, width, group, place, is_left) = match self.right {
            Right::Loose(operand) if group >= lefts => {
                (operand, plan.kernel.columns(), group - lefts, right, false)
            }
            _ => (self.left, plan.kernel.rows(), group, left, true),
        };
        let first = group * PANELS * width;
        let rows = (PANELS * width).min(operand.rows() - first);
        let (place, size) = (
            place + first * (to - from),
            rows.next_multiple_of(width) * (to - from),
        );
        // SAFETY: each piece has its own panels, and no tile reads them before all are packed.
        let out = unsafe { panels.piece(place, size) };
        match is_left && plan.kernel.reads_tiles() {
            true => operand.pack_tiles(first, rows, from, to, out),
            false => operand.pack(first, rows, width, from, to, out),
        }
    }

    /// Adds what a stage has for one tile.
    fn tile(&self, panels: Shared, stage: usize, at: usize) {
        let plan = &self.plan;
        // Down first: what comes again from tile to tile is the right panels, the larger part.
        let (top, side) = (at % plan.down * plan.high, at / plan.down * plan.wide);
        let rows = top..plan.rows.min(top + plan.high);
        let columns = side..plan.columns.min(side + plan.wide);
        match self.out {
            Out::F32(out) => {
                let start = out.at(top * plan.columns + side);
                self.sums(panels, stage, (&rows, &columns), start, plan.columns);
                if stage + 1 == plan.stages {
                    for row in rows {
                        // SAFETY: no other piece that runs now writes this tile.
                        let piece = unsafe { out.piece(row * plan.columns + side, columns.len()) };
                        (self.epilogue)(row, side, piece);
                    }
                }
            }
            Out::Bf16(out) => scratch::own(|lines| {
                let wide = columns.len();
                let sums = lines.room(rows.len() * wide);
                self.sums(panels, stage, (&rows, &columns), sums.as_mut_ptr(), wide);
                for (row, sums) in rows.zip(sums.chunks_exact_mut(wide)) {
                    (self.epilogue)(row, side, sums);
                    // SAFETY: as above.
                    let piece = unsafe { out.piece(row * plan.columns + side, wide) };
                    to_bf16(sums, piece);
                }
            }),
        }
    }

    /// Adds a stage's sums for some rows and columns to `out`, whose rows are `stride` apart.
    fn sums(
        &self,
        panels: Shared,
        stage: usize,
        (rows, columns): (&Range<usize>, &Range<usize>),
        out: *mut f32,
        stride: usize,
    ) {
        let plan = &self.plan;
        let (kernel, top, side) = (plan.kernel, rows.start, columns.start);
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
            let in_place = (plan.packed_rows == 0)
                .then(|| self.left.in_place())
                .flatten();
            let (left, left_row, left_step, left_panel) = match in_place {
                Some(left) => {
                    let stride = left.row_stride;
                    (left.at(top, from), stride, 1, stride * kernel.rows())
                }
                None => {
                    let panel = panels.at(left + top * depth).cast_const();
                    (panel, 1, kernel.rows(), kernel.rows() * depth)
                }
            };
            let block = Block {
                rows: rows.len(),
                depth,
                columns: columns.len(),
                left,
                left_row,
                left_step,
                left_panel,
                right,
                right_step: kernel.columns(),
                right_panel: kernel.columns() * depth,
                then: std::ptr::null(),
                out,
                out_row: stride,
                scale: 1.0,
                start: Start::at(from, self.bias, side),
            };
            // SAFETY: the panels were packed and stay until all tiles are done; no other piece
            // that runs now writes this tile.
            unsafe { kernel.run(&block) };
        }
    }
}
