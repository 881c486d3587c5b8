//! Packing by AVX-512: sixteen units of 32 bits at a time, each an `f32` or a pair of `bf16`.

use super::matrix::Matrix;
use half::bf16;
use std::arch::x86_64::*;

/// Whether this processor packs numbers so.
pub(super) fn usable() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
}

/// Whether this processor packs pairs so.
pub(super) fn usable_for_pairs() -> bool {
    usable() && is_x86_feature_detected!("avx512bf16")
}

/// How sixteen units are read.
trait Units {
    /// What they are made of.
    type Number: Copy;

    /// Numbers in a unit.
    const NUMBERS: usize;

    /// Of numbers side by side.
    unsafe fn along(from: *const Self::Number) -> __m512i;

    /// Of those numbers of a line, or of two `stride` apart, that a mask names.
    unsafe fn across(first: *const Self::Number, stride: usize, mask: u16) -> __m512i;
}

/// A number of 32 bits.
struct Whole;

/// A pair of numbers that are narrowed where they are not narrow.
struct Pair<E>(std::marker::PhantomData<E>);

impl Units for Whole {
    type Number = f32;

    const NUMBERS: usize = 1;

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    unsafe fn along(from: *const f32) -> __m512i {
        // SAFETY: the caller names 16 numbers.
        unsafe { _mm512_loadu_si512(from.cast()) }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    unsafe fn across(first: *const f32, _stride: usize, mask: u16) -> __m512i {
        // SAFETY: the caller names the numbers.
        unsafe { _mm512_maskz_loadu_epi32(mask, first.cast()) }
    }
}

impl Units for Pair<f32> {
    type Number = f32;

    const NUMBERS: usize = 2;

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512bf16")]
    unsafe fn along(from: *const Self::Number) -> __m512i {
        // SAFETY: the caller names 32 numbers.
        let (low, high) = unsafe { (_mm512_loadu_ps(from), _mm512_loadu_ps(from.add(16))) };
        as_integers(_mm512_cvtne2ps_pbh(high, low))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512bf16")]
    unsafe fn across(first: *const Self::Number, stride: usize, mask: u16) -> __m512i {
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
            let high = _mm512_maskz_loadu_ps(mask, first.add(stride));
            let turn = _mm512_loadu_si512(TURN.as_ptr().cast());
            _mm512_permutexvar_epi16(turn, as_integers(_mm512_cvtne2ps_pbh(high, low)))
        }
    }
}

impl Units for Pair<bf16> {
    type Number = bf16;

    const NUMBERS: usize = 2;

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512bf16")]
    unsafe fn along(from: *const Self::Number) -> __m512i {
        // SAFETY: the caller names 32 numbers.
        unsafe { _mm512_loadu_si512(from.cast()) }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512bf16")]
    unsafe fn across(first: *const Self::Number, stride: usize, mask: u16) -> __m512i {
        // SAFETY: the caller names the numbers.
        let (low, high) = unsafe {
            (
                _mm256_maskz_loadu_epi16(mask, first.cast()),
                _mm256_maskz_loadu_epi16(mask, first.add(stride).cast()),
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

/// Packs the first of the units `from..to` of a panel's rows, all of which are there, and returns how many it
/// did: all, or all of whole sixteens. `out` holds `width` units for each.
macro_rules! pack {
    ($name:ident, $feature:literal) => {
        /// # Safety
        /// The processor has the features.
        #[target_feature(enable = $feature)]
        unsafe fn $name<U: Units>(
            rows: Matrix<U::Number>,
            width: usize,
            from: usize,
            to: usize,
            out: &mut [f32],
        ) -> usize {
            assert!(U::NUMBERS * to <= rows.columns && rows.rows <= width);
            assert!(out.len() >= width * (to - from));
            let (start, out) = (rows.at(0, U::NUMBERS * from), out.as_mut_ptr());
            // SAFETY: what is read lies within the matrix and what is written within the panel, as asserted.
            unsafe {
                match (rows.row_stride, rows.column_stride) {
                    (1, stride) => {
                        for unit in 0..to - from {
                            let first = start.add(U::NUMBERS * unit * stride);
                            for row in (0..rows.rows).step_by(16) {
                                let mask = u16::MAX >> (16 - (rows.rows - row).min(16));
                                let units = U::across(first.add(row), stride, mask);
                                let out = out.add(unit * width + row);
                                _mm512_mask_storeu_ps(out, mask, _mm512_castsi512_ps(units));
                            }
                        }
                        to - from
                    }
                    (stride, 1) => {
                        let whole = (to - from) / 16 * 16;
                        for row in (0..rows.rows).step_by(4) {
                            let start = start.add(row * stride);
                            let count = (rows.rows - row).min(4);
                            for unit in (0..whole).step_by(16) {
                                // Rows that are not there are read as the last one, and not written.
                                let line = |at: usize| {
                                    U::along(
                                        start.add(at.min(count - 1) * stride + U::NUMBERS * unit),
                                    )
                                };
                                let lines = [line(0), line(1), line(2), line(3)];
                                turned(
                                    lines,
                                    out.add(unit * width + row),
                                    width,
                                    u8::MAX >> (8 - count),
                                );
                            }
                        }
                        whole
                    }
                    _ => 0,
                }
            }
        }
    };
}

pack!(with_avx512, "avx512f,avx512bw,avx512vl");
pack!(with_bf16, "avx512f,avx512bw,avx512vl,avx512bf16");

/// Packs the first of the columns `from..to` of a panel's rows and returns how many it did: all, or all of
/// whole sixteens, or none of a matrix that is in order neither along nor across. `out` holds `width` numbers
/// for each.
///
/// # Safety
/// [`usable`].
pub(super) unsafe fn pack(
    rows: Matrix,
    width: usize,
    from: usize,
    to: usize,
    out: &mut [f32],
) -> usize {
    // SAFETY: as the caller vouches.
    unsafe { with_avx512::<Whole>(rows, width, from, to, out) }
}

/// The same of pairs, of which both numbers must be there.
///
/// # Safety
/// [`usable_for_pairs`].
#[allow(private_bounds, reason = "there are two types of numbers")]
pub(super) unsafe fn pack_pairs<E: Copy>(
    rows: Matrix<E>,
    width: usize,
    from: usize,
    to: usize,
    out: &mut [f32],
) -> usize
where
    Pair<E>: Units<Number = E>,
{
    // SAFETY: as the caller vouches.
    unsafe { with_bf16::<Pair<E>>(rows, width, from, to, out) }
}

/// See [`Pack::pack_tile`](super::pairs::Pack::pack_tile).
///
/// # Safety
/// [`usable_for_pairs`].
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512bf16")]
#[allow(private_bounds, reason = "there are two types of numbers")]
pub(super) unsafe fn pack_tile<E: Copy>(rows: Matrix<E>, first: usize, out: &mut [f32]) -> bool
where
    Pair<E>: Units<Number = E>,
{
    assert!(2 * (first + 16) <= rows.columns && rows.rows == 32 && out.len() == 32 * 16);
    let (start, out) = (rows.at(0, 2 * first), out.as_mut_ptr());
    // SAFETY: what is read lies within the matrix and what is written within the tile, as asserted.
    unsafe {
        match (rows.row_stride, rows.column_stride) {
            (stride, 1) => {
                for row in 0..32 {
                    let pairs = Pair::<E>::along(start.add(row * stride));
                    _mm512_storeu_ps(out.add(row * 16), _mm512_castsi512_ps(pairs));
                }
                true
            }
            (1, stride) => {
                for row in (0..32).step_by(16) {
                    for pair in (0..16).step_by(4) {
                        let line = |at: usize| {
                            let first = start.add(2 * (pair + at) * stride + row);
                            Pair::<E>::across(first, stride, u16::MAX)
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
