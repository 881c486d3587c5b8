//! Copies operands into panels of pairs of 16-bit numbers: the form that processors multiply them in.
//!
//! A pair is two numbers that follow each other in `k`, the first in the low half of a unit of 32 bits.
//! Panels are those of [`pack`](super::pack), of pairs instead of numbers.

use super::matrix::Matrix;
use super::number::Number;
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
const TILES: (usize, usize) = (32, 16);

/// Copies the pairs `from..to`, whole steps of 16, into panels of 32 rows: for each step, 16 pairs of each
/// row, one row behind the other. Zeros where there is no such row or no such pair.
pub(super) fn tiles<E: Pack>(matrix: Matrix<E>, from: usize, to: usize, out: &mut [f32]) {
    let (height, step) = TILES;
    assert!(from <= to && (to - from).is_multiple_of(step));
    assert!(out.len() >= matrix.rows.next_multiple_of(height) * (to - from));
    let panels = out.chunks_exact_mut((height * (to - from)).max(1));
    for (top, panel) in (0..matrix.rows).step_by(height).zip(panels) {
        let rows = matrix.row_block(top, height.min(matrix.rows - top));
        for (first, out) in (from..to).step_by(step).zip(panel.chunks_exact_mut(height * step)) {
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
        let wide = (column < matrix.columns).then(|| unsafe { *matrix.at(row, column) }.wide());
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

impl Pack for f32 {
    fn pack(rows: Matrix<Self>, width: usize, from: usize, to: usize, out: &mut [f32]) -> usize {
        #[cfg(target_arch = "x86_64")]
        if x86::usable() {
            // SAFETY: the processor has what it is compiled for.
            return unsafe { x86::pack(rows, width, from, to, out) };
        }
        let _ = (rows, width, from, to, out);
        0
    }

    fn pack_tile(rows: Matrix<Self>, first: usize, out: &mut [f32]) -> bool {
        #[cfg(target_arch = "x86_64")]
        if x86::usable() {
            // SAFETY: the processor has what it is compiled for.
            return unsafe { x86::pack_tile(rows, first, out) };
        }
        let _ = (rows, first, out);
        false
    }
}

impl Pack for bf16 {
    fn pack(rows: Matrix<Self>, width: usize, from: usize, to: usize, out: &mut [f32]) -> usize {
        #[cfg(target_arch = "x86_64")]
        if x86::usable() {
            // SAFETY: the processor has what it is compiled for.
            return unsafe { x86::pack(rows, width, from, to, out) };
        }
        let _ = (rows, width, from, to, out);
        0
    }

    fn pack_tile(rows: Matrix<Self>, first: usize, out: &mut [f32]) -> bool {
        #[cfg(target_arch = "x86_64")]
        if x86::usable() {
            // SAFETY: the processor has what it is compiled for.
            return unsafe { x86::pack_tile(rows, first, out) };
        }
        let _ = (rows, first, out);
        false
    }
}

/// By AVX-512, sixteen pairs at a time.
#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{Matrix, Number, bf16};
    use std::arch::x86_64::*;

    pub(super) fn usable() -> bool {
        is_x86_feature_detected!("avx512bf16")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
    }

    /// How sixteen pairs are read from numbers of one type.
    trait Sixteen: Number {
        /// Of 32 numbers side by side.
        unsafe fn along(from: *const Self) -> __m512i;

        /// Of those numbers of two lines that a mask names.
        unsafe fn across(first: *const Self, second: *const Self, mask: u16) -> __m512i;
    }

    impl Sixteen for f32 {
        #[inline]
        #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512bf16")]
        unsafe fn along(from: *const Self) -> __m512i {
            // SAFETY: the caller names 32 numbers.
            let (low, high) = unsafe { (_mm512_loadu_ps(from), _mm512_loadu_ps(from.add(16))) };
            as_integers(_mm512_cvtne2ps_pbh(high, low))
        }

        #[inline]
        #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512bf16")]
        unsafe fn across(first: *const Self, second: *const Self, mask: u16) -> __m512i {
            // Of each pair the first number, from the low half, and the second, from the high one.
            const TURN: [u16; 32] = {
                let mut turn = [0; 32];
                let mut at = 0;
                while at < 32 {
                    turn[at] = (at / 2 + at % 2 * 16) as u16;
                    at += 1;
                }
                turn
            };
            // SAFETY: the caller names the numbers; the table has 32 numbers.
            unsafe {
                let low = _mm512_maskz_loadu_ps(mask, first);
                let high = _mm512_maskz_loadu_ps(mask, second);
                let turn = _mm512_loadu_si512(TURN.as_ptr().cast());
                _mm512_permutexvar_epi16(turn, as_integers(_mm512_cvtne2ps_pbh(high, low)))
            }
        }
    }

    impl Sixteen for bf16 {
        #[inline]
        #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512bf16")]
        unsafe fn along(from: *const Self) -> __m512i {
            // SAFETY: the caller names 32 numbers.
            unsafe { _mm512_loadu_si512(from.cast()) }
        }

        #[inline]
        #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512bf16")]
        unsafe fn across(first: *const Self, second: *const Self, mask: u16) -> __m512i {
            // SAFETY: the caller names the numbers.
            let (low, high) = unsafe {
                (
                    _mm256_maskz_loadu_epi16(mask, first.cast()),
                    _mm256_maskz_loadu_epi16(mask, second.cast()),
                )
            };
            let high = _mm512_slli_epi32::<16>(_mm512_cvtepu16_epi32(high));
            _mm512_or_si512(_mm512_cvtepu16_epi32(low), high)
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bf16")]
    fn as_integers(numbers: __m512bh) -> __m512i {
        // SAFETY: both are 64 bytes of which any value is good.
        unsafe { std::mem::transmute(numbers) }
    }

    /// See [`super::Pack::pack`].
    ///
    /// # Safety
    /// [`usable`].
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512bf16")]
    #[allow(private_bounds, reason = "named within this file alone")]
    pub(super) unsafe fn pack<E: Sixteen>(
        rows: Matrix<E>,
        width: usize,
        from: usize,
        to: usize,
        out: &mut [f32],
    ) -> usize {
        assert!(2 * to <= rows.columns && rows.rows <= width && out.len() >= width * (to - from));
        let out = out.as_mut_ptr();
        // SAFETY: what is read lies within the matrix and what is written within the panel, as asserted.
        unsafe {
            match (rows.row_stride, rows.column_stride) {
                (1, stride) => {
                    let start = rows.at(0, 2 * from);
                    for pair in 0..to - from {
                        let first = start.add(2 * pair * stride);
                        for row in (0..rows.rows).step_by(16) {
                            let mask = u16::MAX >> (16 - (rows.rows - row).min(16));
                            let first = first.add(row);
                            let pairs = E::across(first, first.add(stride), mask);
                            let out = out.add(pair * width + row);
                            _mm512_mask_storeu_ps(out, mask, _mm512_castsi512_ps(pairs));
                        }
                    }
                    to - from
                }
                (stride, 1) => {
                    let whole = (to - from) / 16 * 16;
                    for row in (0..rows.rows).step_by(4) {
                        let start = rows.at(row, 2 * from);
                        let count = (rows.rows - row).min(4);
                        for pair in (0..whole).step_by(16) {
                            // Rows that are not there are read as the last one, and not written.
                            let line = |at: usize| {
                                E::along(start.add(at.min(count - 1) * stride + 2 * pair))
                            };
                            let lines = [line(0), line(1), line(2), line(3)];
                            let out = out.add(pair * width + row);
                            let mask = u8::MAX >> (8 - count);
                            turned(lines, out, width, mask);
                        }
                    }
                    whole
                }
                _ => 0,
            }
        }
    }

    /// See [`super::Pack::pack_tile`].
    ///
    /// # Safety
    /// [`usable`].
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512bf16")]
    #[allow(private_bounds, reason = "named within this file alone")]
    pub(super) unsafe fn pack_tile<E: Sixteen>(
        rows: Matrix<E>,
        first: usize,
        out: &mut [f32],
    ) -> bool {
        assert!(2 * (first + 16) <= rows.columns && rows.rows == 32 && out.len() == 32 * 16);
        let (start, out) = (rows.at(0, 2 * first), out.as_mut_ptr());
        // SAFETY: what is read lies within the matrix and what is written within the tile, as asserted.
        unsafe {
            match (rows.row_stride, rows.column_stride) {
                (stride, 1) => {
                    for row in 0..32 {
                        let pairs = E::along(start.add(row * stride));
                        _mm512_storeu_ps(out.add(row * 16), _mm512_castsi512_ps(pairs));
                    }
                    true
                }
                (1, stride) => {
                    for row in (0..32).step_by(16) {
                        for pair in (0..16).step_by(4) {
                            let line = |at: usize| {
                                let first = start.add(2 * (pair + at) * stride + row);
                                E::across(first, first.add(stride), u16::MAX)
                            };
                            // Of four pairs those of sixteen rows: turned, for each row its four.
                            let lines = [line(0), line(1), line(2), line(3)];
                            turned(lines, out.add(row * 16 + pair), 16, 0b1111);
                        }
                    }
                    true
                }
                _ => false,
            }
        }
    }

    /// Writes sixteen pairs of each of four rows: for each pair, those of the rows side by side.
    #[inline]
    #[target_feature(enable = "avx512f,avx512vl")]
    unsafe fn turned([a, b, c, d]: [__m512i; 4], out: *mut f32, width: usize, mask: u8) {
        let (ab, ab_high) = (_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
        let (cd, cd_high) = (_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
        // The first has pairs 0, 4, 8 and 12 in its four quarters, the second 1, 5, 9 and 13, and so on.
        let turned = [
            _mm512_unpacklo_epi64(ab, cd),
            _mm512_unpackhi_epi64(ab, cd),
            _mm512_unpacklo_epi64(ab_high, cd_high),
            _mm512_unpackhi_epi64(ab_high, cd_high),
        ];
        for (first, pairs) in turned.into_iter().enumerate() {
            let quarters = [
                _mm512_extracti32x4_epi32::<0>(pairs),
                _mm512_extracti32x4_epi32::<1>(pairs),
                _mm512_extracti32x4_epi32::<2>(pairs),
                _mm512_extracti32x4_epi32::<3>(pairs),
            ];
            for (quarter, pairs) in quarters.into_iter().enumerate() {
                // SAFETY: the caller names room for sixteen pairs of as many rows as the mask has.
                unsafe {
                    let out = out.add((4 * quarter + first) * width);
                    match mask {
                        0b1111 => _mm_storeu_si128(out.cast(), pairs),
                        _ => _mm_mask_storeu_epi32(out.cast(), mask, pairs),
                    }
                }
            }
        }
    }
}
