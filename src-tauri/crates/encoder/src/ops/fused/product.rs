//! Matrix products on slices: strided operands without copies, large products on all cores.
//!
//! The products themselves are the `gemm` crate's. An element's sum runs over `k` in blocks that
//! depend on `k` alone, so neither the tiles nor the threads change a bit of it.
#![allow(
    unsafe_code,
    reason = "`gemm` takes pointers; tiles of one matrix are written in parallel"
)]

use burn_flex::FlexTensor;
use rayon::prelude::*;
use std::marker::PhantomData;

/// A matrix read from a slice.
#[derive(Clone, Copy)]
pub(super) struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a> Matrix<'a> {
    /// `rows` × `columns` with rows `stride` apart.
    pub(super) fn new(values: &'a [f32], rows: usize, columns: usize, stride: usize) -> Self {
        Self::strided(values, rows, columns, stride, 1)
    }

    fn strided(
        values: &'a [f32],
        rows: usize,
        columns: usize,
        row_stride: usize,
        column_stride: usize,
    ) -> Self {
        assert!(reach(rows, columns, row_stride, column_stride) <= values.len());
        Self {
            values,
            rows,
            columns,
            row_stride,
            column_stride,
        }
    }

    /// A tensor of two dimensions however it lies in memory, if it does not run backwards.
    pub(super) fn of(tensor: &'a FlexTensor) -> Option<Self> {
        let layout = tensor.layout();
        let values = tensor.storage::<f32>().get(layout.start_offset()..)?;
        let (&[rows, columns], &[row, column]) = (layout.shape().as_slice(), layout.strides())
        else {
            return None;
        };
        let (row, column) = (usize::try_from(row).ok()?, usize::try_from(column).ok()?);
        Some(Self::strided(values, rows, columns, row, column))
    }

    pub(super) fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }

    fn row_block(self, start: usize, rows: usize) -> Self {
        let skipped = (start * self.row_stride).min(self.values.len());
        let values = &self.values[skipped..];
        Self::strided(
            values,
            rows,
            self.columns,
            self.row_stride,
            self.column_stride,
        )
    }

    fn column_block(self, start: usize, columns: usize) -> Self {
        self.transposed().row_block(start, columns).transposed()
    }
}

/// How many elements from the first one on a strided matrix spans.
fn reach(rows: usize, columns: usize, row_stride: usize, column_stride: usize) -> usize {
    match rows == 0 || columns == 0 {
        true => 0,
        false => (rows - 1) * row_stride + (columns - 1) * column_stride + 1,
    }
}

/// A slice whose separate parts several threads write at once.
#[derive(Clone, Copy)]
pub(super) struct Shared<'a> {
    start: *mut f32,
    length: usize,
    borrow: PhantomData<&'a mut [f32]>,
}

// SAFETY: it is an exclusive borrow of plain numbers; `target` asks its callers to keep apart.
unsafe impl Send for Shared<'_> {}
// SAFETY: as above.
unsafe impl Sync for Shared<'_> {}

impl<'a> Shared<'a> {
    pub(super) fn new(values: &'a mut [f32]) -> Self {
        Self {
            start: values.as_mut_ptr(),
            length: values.len(),
            borrow: PhantomData,
        }
    }

    /// The matrix of rows `stride` apart that begins at `offset`.
    ///
    /// # Safety
    /// No two targets that live at the same time may have an element in common.
    pub(super) unsafe fn target(
        self,
        offset: usize,
        rows: usize,
        columns: usize,
        stride: usize,
    ) -> Target<'a> {
        assert!(stride >= columns && offset + reach(rows, columns, stride, 1) <= self.length);
        Target {
            // SAFETY: within the slice, as just asserted; with no element it is never written.
            start: unsafe { self.start.add(offset.min(self.length)) },
            rows,
            columns,
            stride,
            borrow: PhantomData,
        }
    }
}

/// A matrix that a product is written to.
pub(super) struct Target<'a> {
    start: *mut f32,
    rows: usize,
    columns: usize,
    stride: usize,
    borrow: PhantomData<&'a mut [f32]>,
}

impl<'a> Target<'a> {
    /// The first `rows` × `columns` elements of a slice, without gaps.
    pub(super) fn new(values: &'a mut [f32], rows: usize, columns: usize) -> Self {
        assert!(rows * columns <= values.len());
        Self {
            start: values.as_mut_ptr(),
            rows,
            columns,
            stride: columns,
            borrow: PhantomData,
        }
    }

    /// Sets it to `scale · left · right`, on this thread.
    pub(super) fn set(self, scale: f32, left: Matrix, right: Matrix) {
        self.product(false, scale, left, right);
    }

    fn product(self, onto: bool, scale: f32, left: Matrix, right: Matrix) {
        assert_eq!(left.columns, right.rows);
        assert_eq!((self.rows, self.columns), (left.rows, right.columns));
        // SAFETY: the operands lie in their slices (asserted where they were made) and this target
        // is the only borrow of its elements.
        unsafe {
            gemm::gemm(
                self.rows,
                self.columns,
                left.columns,
                self.start,
                1,
                self.stride as isize,
                onto,
                left.values.as_ptr(),
                left.column_stride as isize,
                left.row_stride as isize,
                right.values.as_ptr(),
                right.column_stride as isize,
                right.row_stride as isize,
                1.0f32,
                scale,
                false,
                false,
                false,
                gemm::Parallelism::None,
            );
        }
    }

    /// Sets every row to `row`.
    fn fill(&mut self, row: &[f32]) {
        assert_eq!(row.len(), self.columns);
        for at in 0..self.rows {
            // SAFETY: the rows lie in the borrowed slice, `stride` apart, which is at least their
            // width.
            unsafe {
                let start = self.start.add(at * self.stride);
                std::ptr::copy_nonoverlapping(row.as_ptr(), start, self.columns);
            }
        }
    }
}

/// The tiles that a large product is cut into. Measured: high ones suit the `gemm` crate.
const TILE: (usize, usize) = (512, 192);

/// `left · right`, with `bias` added to each row where given, on all cores.
pub(super) fn product(left: Matrix, right: Matrix, bias: Option<&[f32]>) -> Vec<f32> {
    let (rows, columns) = (left.rows, right.columns);
    // Every element is written below: clearing them first would only cost time.
    let mut out = Vec::with_capacity(rows * columns);
    let shared = Shared {
        start: out.as_mut_ptr(),
        length: rows * columns,
        borrow: PhantomData,
    };
    let (high, wide) = tile(rows, columns);
    let across = columns.div_ceil(wide);
    (0..rows.div_ceil(high) * across)
        .into_par_iter()
        .with_max_len(1)
        .for_each(|tile| {
            let (top, side) = (tile / across * high, tile % across * wide);
            let (high, wide) = (high.min(rows - top), wide.min(columns - side));
            // SAFETY: the tiles share no element.
            let mut target = unsafe { shared.target(top * columns + side, high, wide, columns) };
            if let Some(bias) = bias {
                target.fill(&bias[side..side + wide]);
            }
            let (left, right) = (left.row_block(top, high), right.column_block(side, wide));
            target.product(bias.is_some(), 1.0, left, right);
        });
    // SAFETY: the tiles cover the matrix, each was written in full, and the capacity suffices.
    unsafe { out.set_len(rows * columns) };
    out
}

/// Height and width of the tiles: small enough that each thread has two of them, where possible.
fn tile(rows: usize, columns: usize) -> (usize, usize) {
    let wanted = 2 * rayon::current_num_threads();
    let (mut high, wide) = TILE;
    while rows.div_ceil(high) * columns.div_ceil(wide) < wanted && high > 64 {
        high /= 2;
    }
    (high, wide)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_of_transposed_operands_in_every_tiling() {
        for (m, k, n) in [(1, 1, 1), (3, 5, 2), (70, 33, 200), (600, 7, 400)] {
            let a: Vec<f32> = (0..m * k).map(|i| (i as f32 * 0.37).sin()).collect();
            let b: Vec<f32> = (0..k * n).map(|i| (i as f32 * 0.11).cos()).collect();
            let bias: Vec<f32> = (0..n).map(|i| i as f32 * 0.01).collect();
            let transposed: Vec<f32> = (0..n * k).map(|i| b[i % k * n + i / k]).collect();
            let expected: Vec<f64> = (0..m * n)
                .map(|at| {
                    let of = |j: usize| f64::from(a[at / n * k + j]) * f64::from(b[j * n + at % n]);
                    f64::from(bias[at % n]) + (0..k).map(of).sum::<f64>()
                })
                .collect();
            let left = Matrix::new(&a, m, k, k);
            for right in [
                Matrix::new(&b, k, n, n),
                Matrix::new(&transposed, n, k, k).transposed(),
            ] {
                for (found, expected) in product(left, right, Some(&bias)).iter().zip(&expected) {
                    assert!((f64::from(*found) - expected).abs() < 2e-5, "{m} {k} {n}");
                }
            }
        }
    }
}
