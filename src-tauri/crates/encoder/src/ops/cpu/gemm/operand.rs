//! The operands of a large product, as its tiles read them.

use super::kernel::Kernel;
use super::matrix::Matrix;
use super::number::Number;
use super::{pack, pairs};

/// A left operand, or a right one transposed: rows of `k` numbers, which panels are packed from.
///
/// A kernel reads units of 32 bits: one `f32`, or a pair of `bf16` that follow each other in `k`.
pub(super) trait Operand: Sync {
    /// How many rows.
    fn rows(&self) -> usize;

    /// How many units a row has.
    fn depth(&self) -> usize;

    /// Packs the units `from..to` of `rows` rows from the `first` one on into panels of `width` rows: for
    /// each unit one of each row, zeros where there is no such row.
    fn pack(
        &self,
        first: usize,
        rows: usize,
        width: usize,
        from: usize,
        to: usize,
        out: &mut [f32],
    );

    /// The same in the form of kernels that read tiles; see [`pairs::tiles`].
    fn pack_tiles(&self, _first: usize, _rows: usize, _from: usize, _to: usize, _out: &mut [f32]) {
        unreachable!("no kernel for such numbers reads tiles");
    }

    /// The matrix itself, where a kernel may read its rows as they lie.
    fn in_place(&self) -> Option<Matrix<'_>> {
        None
    }
}

/// In `f32`.
impl Operand for Matrix<'_> {
    fn rows(&self) -> usize {
        self.rows
    }

    fn depth(&self) -> usize {
        self.columns
    }

    fn pack(
        &self,
        first: usize,
        rows: usize,
        width: usize,
        from: usize,
        to: usize,
        out: &mut [f32],
    ) {
        pack::panels(self.row_block(first, rows), width, from, to, out);
    }

    fn in_place(&self) -> Option<Matrix<'_>> {
        (self.column_stride == 1).then_some(*self)
    }
}

/// Converted to `bf16` where necessary, and packed in pairs.
pub(super) struct Pairs<'a, E> {
    matrix: Matrix<'a, E>,
    /// Rows end with zeros that make whole steps of so many pairs.
    step: usize,
}

impl<'a, E> Pairs<'a, E> {
    /// The pairs of a matrix, as a kernel reads them.
    pub(super) fn new(matrix: Matrix<'a, E>, kernel: Kernel) -> Self {
        let step = kernel.step();
        Self { matrix, step }
    }
}

impl<E: Number + pairs::Pack> Operand for Pairs<'_, E> {
    fn rows(&self) -> usize {
        self.matrix.rows
    }

    fn depth(&self) -> usize {
        self.matrix.columns.div_ceil(2).next_multiple_of(self.step)
    }

    fn pack(
        &self,
        first: usize,
        rows: usize,
        width: usize,
        from: usize,
        to: usize,
        out: &mut [f32],
    ) {
        pairs::panels(self.matrix.row_block(first, rows), width, from, to, out);
    }

    fn pack_tiles(&self, first: usize, rows: usize, from: usize, to: usize, out: &mut [f32]) {
        pairs::tiles(self.matrix.row_block(first, rows), from, to, out);
    }
}
