//! Views of matrices in slices: what a product reads and what it writes.

use std::marker::PhantomData;

/// A matrix read from a slice.
#[derive(Clone, Copy)]
pub struct Matrix<'a, E = f32> {
    pub(super) values: &'a [E],
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) row_stride: usize,
    pub(super) column_stride: usize,
}

impl<'a, E: Copy> Matrix<'a, E> {
    /// `rows` × `columns` with rows `stride` apart.
    pub fn new(values: &'a [E], rows: usize, columns: usize, stride: usize) -> Self {
        Self::strided(values, rows, columns, stride, 1)
    }

    /// Elements `row_stride` and `column_stride` apart.
    pub(in super::super) fn strided(
        values: &'a [E],
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

    /// The matrix with rows and columns exchanged; nothing moves.
    pub fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }

    /// How many rows it has.
    pub(in super::super) fn rows(&self) -> usize {
        self.rows
    }

    /// Some of its rows.
    pub(in super::super) fn row_block(self, start: usize, rows: usize) -> Self {
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

    /// Where an element lies. That of an empty matrix is not to be read.
    pub(super) fn at(self, row: usize, column: usize) -> *const E {
        let at = row * self.row_stride + column * self.column_stride;
        self.values.as_ptr().wrapping_add(at)
    }

    pub(super) fn column_block(self, start: usize, columns: usize) -> Self {
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
pub(in super::super) struct Shared<'a, E = f32> {
    pub(super) start: *mut E,
    length: usize,
    borrow: PhantomData<&'a mut [E]>,
}

// SAFETY: it is an exclusive borrow of plain numbers; `target` asks its callers to keep apart.
unsafe impl<E: Send> Send for Shared<'_, E> {}
// SAFETY: as above.
unsafe impl<E: Send> Sync for Shared<'_, E> {}

impl<'a, E> Shared<'a, E> {
    pub(in super::super) fn new(values: &'a mut [E]) -> Self {
        Self {
            start: values.as_mut_ptr(),
            length: values.len(),
            borrow: PhantomData,
        }
    }

    /// The first `length` elements of a vector's memory, of which nothing will be read before it is
    /// written.
    pub(super) fn uninit(values: &'a mut Vec<E>, length: usize) -> Self {
        assert!(length <= values.capacity());
        Self {
            start: values.as_mut_ptr(),
            length,
            borrow: PhantomData,
        }
    }

    /// Where element `offset` lies.
    pub(super) fn at(self, offset: usize) -> *mut E {
        self.start.wrapping_add(offset)
    }

    /// `count` elements from `offset` on.
    ///
    /// # Safety
    /// They have been written, or will be before they are read, and nothing else uses them while the
    /// slice lives.
    pub(in super::super) unsafe fn piece(self, offset: usize, count: usize) -> &'a mut [E] {
        assert!(offset + count <= self.length);
        // SAFETY: within the borrowed memory, as just asserted, and exclusive, as asked for.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(offset), count) }
    }
}

impl<'a> Shared<'a> {
    /// The matrix of rows `stride` apart that begins at `offset`.
    ///
    /// # Safety
    /// No two targets that live at the same time may have an element in common.
    pub(in super::super) unsafe fn target(
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
pub(in super::super) struct Target<'a> {
    pub(super) start: *mut f32,
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) stride: usize,
    borrow: PhantomData<&'a mut [f32]>,
}

impl<'a> Target<'a> {
    /// The first `rows` × `columns` elements of a slice, without gaps.
    pub(in super::super) fn new(values: &'a mut [f32], rows: usize, columns: usize) -> Self {
        assert!(rows * columns <= values.len());
        Self {
            start: values.as_mut_ptr(),
            rows,
            columns,
            stride: columns,
            borrow: PhantomData,
        }
    }
}
