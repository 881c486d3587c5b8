//! Packs operands into panels: the few rows or columns that a kernel reads at once, side by side.

#![allow(
    clippy::needless_range_loop,
    reason = "registers are named by row and column"
)]

use super::matrix::Matrix;
#[cfg(target_arch = "x86_64")]
use super::sixteen;

/// Copies the columns `from..to` of all rows into panels of `width` rows, one after the other.
///
/// A panel has, for each column, one number for each of its rows, zeros where there is no such row.
/// The right operand is packed through its transposed view.
pub(super) fn panels(matrix: Matrix, width: usize, from: usize, to: usize, out: &mut [f32]) {
    assert!(from <= to && to <= matrix.columns);
    assert!(out.len() >= matrix.rows.next_multiple_of(width) * (to - from));
    if from == to {
        return;
    }
    let size = width * (to - from);
    #[cfg(target_arch = "x86_64")]
    if width >= 12 && (matrix.row_stride == 1 || matrix.column_stride == 1) && sixteen::usable() {
        return by_sixteen(matrix, width, from, to, out);
    }
    let whole = match matrix.row_stride {
        1 => matrix.rows / width,
        _ => 0,
    };
    let (start, stride, out_start) = (matrix.at(0, from), matrix.column_stride, out.as_mut_ptr());
    // SAFETY: the parts lie within the matrix, whose reach was asserted, and the panels have the size
    // asked for.
    unsafe {
        match width {
            _ if whole == 0 => (),
            6 => adjacent::<6>(start, stride, to - from, whole, out_start),
            8 => adjacent::<8>(start, stride, to - from, whole, out_start),
            12 => adjacent::<12>(start, stride, to - from, whole, out_start),
            16 => adjacent::<16>(start, stride, to - from, whole, out_start),
            32 => adjacent::<32>(start, stride, to - from, whole, out_start),
            _ => unreachable!("no kernel has panels of {width}"),
        }
        let tops = (0..matrix.rows).step_by(width);
        for (top, out) in tops.zip(out.chunks_exact_mut(size)).skip(whole) {
            panel(matrix, top, width, from, to, out.as_mut_ptr());
        }
    }
}

/// The same by AVX-512, of a matrix in order along or across.
#[cfg(target_arch = "x86_64")]
fn by_sixteen(matrix: Matrix, width: usize, from: usize, to: usize, out: &mut [f32]) {
    let panels = out.chunks_exact_mut(width * (to - from));
    for (top, out) in (0..matrix.rows).step_by(width).zip(panels) {
        let rows = matrix.row_block(top, width.min(matrix.rows - top));
        if rows.rows < width {
            out.fill(0.0);
        }
        // SAFETY: the processor has what it is compiled for.
        let done = unsafe { sixteen::pack(rows, width, from, to, out) };
        for column in from + done..to {
            for row in 0..rows.rows {
                // SAFETY: the element lies within the matrix, whose reach was asserted.
                out[(column - from) * width + row] = unsafe { *rows.at(row, column) };
            }
        }
    }
}

/// The panel of the rows from `top` on.
///
/// # Safety
/// The columns lie within the matrix; `out` has room for `(to - from) · width` numbers.
unsafe fn panel(matrix: Matrix, top: usize, width: usize, from: usize, to: usize, out: *mut f32) {
    let (rows, columns) = (width.min(matrix.rows - top), to - from);
    let start = matrix.at(top, from);
    // SAFETY: the indices stay within the matrix, whose reach was asserted, and within the panel.
    unsafe {
        if rows < width {
            std::ptr::write_bytes(out, 0, columns * width);
        }
        match (matrix.row_stride, matrix.column_stride) {
            (stride, 1) => crossed(start, stride, rows, columns, width, out),
            strides => one_by_one(start, strides, (rows, columns), width, out),
        }
    }
}

/// Rows that lie side by side in the matrix too: lines of `N` numbers, `stride` apart, for `panels`
/// panels.
#[inline(always)]
unsafe fn adjacent<const N: usize>(
    from: *const f32,
    stride: usize,
    lines: usize,
    panels: usize,
    out: *mut f32,
) {
    // Some lines at a time: each is read on from panel to panel, and as many fit into one set of the
    // L1 cache, which is where they all lie when the stride is a multiple of 4 KiB.
    const TOGETHER: usize = 8;
    for first in (0..lines).step_by(TOGETHER) {
        let lines_now = first..lines.min(first + TOGETHER);
        for panel in 0..panels {
            for line in lines_now.clone() {
                // SAFETY: as in `panels`.
                unsafe {
                    let values = from.add(line * stride + panel * N);
                    let values = values.cast::<[f32; N]>().read_unaligned();
                    let out = out.add((panel * lines + line) * N);
                    out.cast::<[f32; N]>().write_unaligned(values);
                }
            }
        }
    }
}

/// Rows whose numbers follow each other: squares of four by four are turned in registers.
unsafe fn crossed(
    from: *const f32,
    stride: usize,
    rows: usize,
    columns: usize,
    width: usize,
    out: *mut f32,
) {
    let mut row = 0;
    // SAFETY: as in `panels`.
    unsafe {
        while row < rows {
            let (from, out) = (from.add(row * stride), out.add(row));
            row += match rows - row {
                4.. => turned_by_four(from, stride, columns, width, out),
                2.. => turned::<2>(from, stride, columns, width, out),
                _ => turned::<1>(from, stride, columns, width, out),
            };
        }
    }
}

/// Four rows, of which the panel gets four numbers side by side for each column. Returns 4.
///
/// Every x86-64 processor has these shuffles; compilers do not find them by themselves.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn turned_by_four(
    from: *const f32,
    stride: usize,
    columns: usize,
    width: usize,
    out: *mut f32,
) -> usize {
    use std::arch::x86_64::{
        _mm_loadu_ps, _mm_movehl_ps, _mm_movelh_ps, _mm_storeu_ps, _mm_unpackhi_ps, _mm_unpacklo_ps,
    };
    let whole = columns / 4 * 4;
    // SAFETY: as in `panel`.
    unsafe {
        for column in (0..whole).step_by(4) {
            let row = |row: usize| _mm_loadu_ps(from.add(row * stride + column));
            let (a, b, c, d) = (row(0), row(1), row(2), row(3));
            let (ab, cd) = (_mm_unpacklo_ps(a, b), _mm_unpacklo_ps(c, d));
            let (ab_high, cd_high) = (_mm_unpackhi_ps(a, b), _mm_unpackhi_ps(c, d));
            let turned = [
                _mm_movelh_ps(ab, cd),
                _mm_movehl_ps(cd, ab),
                _mm_movelh_ps(ab_high, cd_high),
                _mm_movehl_ps(cd_high, ab_high),
            ];
            for (line, values) in turned.into_iter().enumerate() {
                _mm_storeu_ps(out.add((column + line) * width), values);
            }
        }
        rest::<4>(from, stride, (whole, columns), width, out);
    }
    4
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
unsafe fn turned_by_four(
    from: *const f32,
    stride: usize,
    columns: usize,
    width: usize,
    out: *mut f32,
) -> usize {
    // SAFETY: as the caller vouches.
    unsafe { turned::<4>(from, stride, columns, width, out) }
}

/// `R` rows, of which the panel gets `R` numbers side by side for each column. Returns `R`.
#[inline(always)]
unsafe fn turned<const R: usize>(
    from: *const f32,
    stride: usize,
    columns: usize,
    width: usize,
    out: *mut f32,
) -> usize {
    let whole = columns / 4 * 4;
    // SAFETY: as in `panels`.
    unsafe {
        for column in (0..whole).step_by(4) {
            let mut square = [[0.0f32; 4]; R];
            for (row, values) in square.iter_mut().enumerate() {
                let at = from.add(row * stride + column);
                *values = at.cast::<[f32; 4]>().read_unaligned();
            }
            for line in 0..4 {
                let values: [f32; R] = std::array::from_fn(|row| square[row][line]);
                let at = out.add((column + line) * width);
                at.cast::<[f32; R]>().write_unaligned(values);
            }
        }
        rest::<R>(from, stride, (whole, columns), width, out);
    }
    R
}

/// The columns that make no whole square.
#[inline(always)]
unsafe fn rest<const R: usize>(
    from: *const f32,
    stride: usize,
    (first, end): (usize, usize),
    width: usize,
    out: *mut f32,
) {
    for column in first..end {
        for row in 0..R {
            // SAFETY: as in `panel`.
            unsafe { *out.add(column * width + row) = *from.add(row * stride + column) };
        }
    }
}

/// Any strides, of rows and of columns.
unsafe fn one_by_one(
    from: *const f32,
    strides: (usize, usize),
    (rows, columns): (usize, usize),
    width: usize,
    out: *mut f32,
) {
    for column in 0..columns {
        for row in 0..rows {
            // SAFETY: as in `panels`.
            unsafe {
                *out.add(column * width + row) = *from.add(row * strides.0 + column * strides.1)
            };
        }
    }
}
