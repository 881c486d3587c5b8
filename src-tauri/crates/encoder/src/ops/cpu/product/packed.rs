//! A right operand in the order in which the kernels read it: for weights that stay as they are.

use super::kernel::Kernel;
use super::matrix::Matrix;
use super::scratch::Lines;
use super::{DEPTH, pack};
use rayon::prelude::*;

/// A matrix `[k, n]` packed for the kernel of this machine. It takes the memory of its elements.
pub struct Packed {
    panels: Lines,
    kernel: Kernel,
    rows: usize,
    columns: usize,
}

impl Packed {
    /// Packs `matrix`, on all cores.
    pub fn new(matrix: Matrix) -> Self {
        Self::of(Kernel::best(), matrix)
    }

    pub(super) fn of(kernel: Kernel, matrix: Matrix) -> Self {
        let (rows, columns) = (matrix.rows, matrix.columns);
        let mut panels = Lines::default();
        let width = kernel.columns();
        let padded = columns.next_multiple_of(width);
        if rows * columns > 0 {
            panels
                .room(rows * padded)
                .par_chunks_mut(DEPTH * padded)
                .enumerate()
                .for_each(|(block, out)| {
                    let from = block * DEPTH;
                    let to = (from + DEPTH).min(rows);
                    pack::panels(matrix.transposed(), width, from, to, out);
                });
        }
        Self {
            panels,
            kernel,
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

    /// Where the panel that begins at column `side` starts, in the block that begins at row `from`.
    pub(super) fn at(&self, kernel: Kernel, from: usize, side: usize) -> *const f32 {
        let width = kernel.columns();
        assert!(kernel == self.kernel && side.is_multiple_of(width));
        let depth = DEPTH.min(self.rows - from);
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
