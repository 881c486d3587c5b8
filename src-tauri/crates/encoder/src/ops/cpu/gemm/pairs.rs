//! Packs operands into panels of pairs of `bf16`: the form in which processors multiply them.
//!
//! A pair is two numbers that follow each other in `k`, the first in the low half of a unit of 32 bits.
//! Panels are those of [`pack`](super::pack), of pairs instead of numbers.

use super::matrix::Matrix;
use super::number::Number;
#[cfg(target_arch = "x86_64")]
use super::sixteen;
use half::bf16;

/// Copies the pairs `from..to` of all rows into panels of `width` rows, one after the other.
///
/// A panel has, for each pair, one of each of its rows, zeros where there is no such row; rows end with
/// zeros.
pub(super) fn panels<E: Pack>(
    matrix: Matrix<E>,
    width: usize,
    from: usize,
    to: usize,
    out: &mut [f32],
) {
    assert!(from <= to);
    assert!(out.len() >= matrix.rows.next_multiple_of(width) * (to - from));
    let size = (width * (to - from)).max(1);
    for (top, out) in (0..matrix.rows)
        .step_by(width)
        .zip(out.chunks_exact_mut(size))
    {
        let rows = matrix.row_block(top, width.min(matrix.rows - top));
        if rows.rows < width {
            out.fill(0.0);
        }
        // The pairs of which both numbers are there, and how many of them are done at once.
        let whole = to.min(matrix.columns / 2).max(from);
        if whole < to {
            out[(whole - from) * width..(to - from) * width].fill(0.0);
        }
        let fast = E::pack(rows, width, from, whole, out);
        for pair in from + fast..to.min(matrix.columns.div_ceil(2)) {
            for row in 0..rows.rows {
                out[(pair - from) * width + row] = f32::from_bits(pair_at(rows, row, pair));
            }
        }
    }
}

/// Rows of a panel of tiles, and pairs of a step.
pub(super) const TILES: (usize, usize) = (32, 16);

/// Copies the pairs `from..to`, whole steps of 16, into panels of 32 rows: for each step, 16 pairs of each
/// row, one row behind the other. Zeros where there is no such row or no such pair.
pub(super) fn tiles<E: Pack>(matrix: Matrix<E>, from: usize, to: usize, out: &mut [f32]) {
    let (height, step) = TILES;
    assert!(from <= to && (to - from).is_multiple_of(step));
    assert!(out.len() >= matrix.rows.next_multiple_of(height) * (to - from));
    let panels = out.chunks_exact_mut((height * (to - from)).max(1));
    for (top, panel) in (0..matrix.rows).step_by(height).zip(panels) {
        let rows = matrix.row_block(top, height.min(matrix.rows - top));
        for (first, out) in (from..to)
            .step_by(step)
            .zip(panel.chunks_exact_mut(height * step))
        {
            if rows.rows < height || 2 * (first + step) > matrix.columns {
                out.fill(0.0);
            } else if E::pack_tile(rows, first, out) {
                continue;
            }
            let last = (first + step).min(matrix.columns.div_ceil(2));
            for (row, out) in out.chunks_exact_mut(step).take(rows.rows).enumerate() {
                for (pair, out) in (first..last).zip(out) {
                    *out = f32::from_bits(pair_at(rows, row, pair));
                }
            }
        }
    }
}

fn pair_at<E: Number>(matrix: Matrix<E>, row: usize, pair: usize) -> u32 {
    let at = |column: usize| {
        // SAFETY: the element lies within the matrix, whose reach was asserted.
        let wide = (column < matrix.columns).then(|| unsafe { *matrix.at(row, column) }.as_f32());
        u32::from(bf16::of(wide.unwrap_or(0.0)).to_bits())
    };
    at(2 * pair) | at(2 * pair + 1) << 16
}

/// Numbers that a processor packs many of at once.
pub(super) trait Pack: Number {
    /// Packs the first of the pairs `from..to` of a panel, all of whose numbers are there, and returns how
    /// many it did. `out` holds `width` pairs for each.
    fn pack(rows: Matrix<Self>, width: usize, from: usize, to: usize, out: &mut [f32]) -> usize;

    /// Packs 16 pairs from the `first` one on of 32 rows, one row behind the other, if it can.
    fn pack_tile(rows: Matrix<Self>, first: usize, out: &mut [f32]) -> bool;
}

/// Implements [`Pack`] by AVX-512 where there is a form for it.
macro_rules! pack {
    ($($number:ty)*) => {$(
        impl Pack for $number {
            fn pack(
                rows: Matrix<Self>,
                width: usize,
                from: usize,
                to: usize,
                out: &mut [f32],
            ) -> usize {
                #[cfg(target_arch = "x86_64")]
                if sixteen::usable_for_pairs() {
                    // SAFETY: the processor has what it is compiled for.
                    return unsafe { sixteen::pack_pairs(rows, width, from, to, out) };
                }
                let _ = (rows, width, from, to, out);
                0
            }

            fn pack_tile(rows: Matrix<Self>, first: usize, out: &mut [f32]) -> bool {
                #[cfg(target_arch = "x86_64")]
                if sixteen::usable_for_pairs() {
                    // SAFETY: the processor has what it is compiled for.
                    return unsafe { sixteen::pack_tile(rows, first, out) };
                }
                let _ = (rows, first, out);
                false
            }
        }
    )*};
}

pack!(f32 bf16);
