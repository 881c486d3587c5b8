//! Tensors as operands of GEMM.

use super::gemm::Matrix;
use burn_flex::FlexTensor;

impl<'a> Matrix<'a> {
    /// A tensor of two dimensions with any strides that are not negative.
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
}
