//! A right operand packed in the order in which the kernels read it: for weights that do not change.

use super::DEPTH;
use super::kernel::Kernel;
use super::matrix::Matrix;
use super::operand::{Operand, Pairs};
use super::scratch::Lines;
use rayon::prelude::*;

/// A matrix `[k, n]` packed for the kernel of this machine, in `f32` or `bf16`.
pub struct Packed {
    panels: Lines,
    kernel: Kernel,
    /// In units of the operand.
    depth: usize,
    rows: usize,
    columns: usize,
}

impl Packed {
    /// Packs `matrix`, on all cores.
    pub fn new(matrix: Matrix) -> Self {
        Self::of(Kernel::best(), matrix)
    }

    /// The same converted to `bf16`.
    pub fn bf16(matrix: Matrix) -> Self {
        Self::of_pairs(Kernel::best_for_pairs(), matrix)
    }

    pub(super) fn of(kernel: Kernel, matrix: Matrix) -> Self {
        Self::of_columns(kernel, &matrix.transposed(), matrix.rows)
    }

    pub(super) fn of_pairs(kernel: Kernel, matrix: Matrix) -> Self {
        Self::of_columns(
            kernel,
            &Pairs::new(matrix.transposed(), kernel),
            matrix.rows,
        )
    }

    fn of_columns(kernel: Kernel, turned: &dyn Operand, rows: usize) -> Self {
        let (depth, columns) = (turned.depth(), turned.rows());
        let mut panels = Lines::default();
        let width = kernel.columns();
        let padded = columns.next_multiple_of(width);
        if depth * columns > 0 {
            panels
                .room(depth * padded)
                .par_chunks_mut(DEPTH * padded)
                .enumerate()
                .for_each(|(block, out)| {
                    let from = block * DEPTH;
                    let to = (from + DEPTH).min(depth);
                    turned.pack(0, columns, width, from, to, out);
                });
        }
        Self {
            panels,
            kernel,
            depth,
            rows,
            columns,
        }
    }

    /// Its rows, `k`.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Its columns, `n`.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Where the panel that begins at column `side` starts, in the block that begins at unit `from`.
    pub(super) fn at(&self, kernel: Kernel, from: usize, side: usize) -> *const f32 {
        let width = kernel.columns();
        assert!(kernel == self.kernel && side.is_multiple_of(width));
        let depth = DEPTH.min(self.depth - from);
        let padded = self.columns.next_multiple_of(width);
        self.panels
            .start()
            .wrapping_add(from * padded + side * depth)
    }
}

impl std::fmt::Debug for Packed {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "Packed({} × {})", self.rows, self.columns)
    }
}
