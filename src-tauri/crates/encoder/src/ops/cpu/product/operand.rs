//! The operands of a large product, as its tiles read them.

use super::matrix::Matrix;
use super::number::Number;
use super::{pack, pairs};

/// A left operand, or a right one turned: rows of `k` numbers, which panels are packed from.
///
/// A kernel reads units of 32 bits: a number, or a pair of narrow ones that follow each other in `k`.
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

    /// The matrix itself, where a kernel may read its rows as they lie.
    fn in_place(&self) -> Option<Matrix<'_>> {
        None
    }
}

/// Numbers of 32 bits.
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

/// Numbers that are narrowed to 16 bits, where they are not, and packed in pairs.
pub(super) struct Pairs<'a, E>(pub(super) Matrix<'a, E>);

impl<E: Number + pairs::Pack> Operand for Pairs<'_, E> {
    fn rows(&self) -> usize {
        self.0.rows
    }

    fn depth(&self) -> usize {
        self.0.columns.div_ceil(2)
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
        pairs::panels(self.0.row_block(first, rows), width, from, to, out);
    }
}
