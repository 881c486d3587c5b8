//! GEMM with sums in `f32`: on tensor cores where the device's check allows it and the sizes suit them,
//! else by the units themselves.
//!
//! All sizes are arguments at run time, and which kernel computes follows from sizes and the device's
//! properties alone. A row of `input · weight` is added up in the same order whatever other rows there
//! are.

mod parts;
mod plan;
mod tensor_cores;
#[cfg(test)]
mod tests;
mod units;

pub(super) use tensor_cores::are_there as has_tensor_cores;

use super::gelu::{self, Activated};
use super::tensors::{contiguous, empty, empty_like};
use crate::ops::kernels::GpuKernels;
use burn_backend::{DType, TensorMetadata};
use burn_cubecl::tensor::CubeTensor;

/// A factor of a product: a matrix, transposed or not.
#[derive(Clone, Copy)]
pub(super) struct Factor<'a> {
    matrix: &'a CubeTensor,
    is_transposed: bool,
}

impl<'a> Factor<'a> {
    /// The matrix `[rows, columns]` itself.
    pub(super) fn of(matrix: &'a CubeTensor) -> Self {
        Self {
            matrix,
            is_transposed: false,
        }
    }

    /// The transposed of the matrix `[columns, rows]`.
    pub(super) fn transposed(matrix: &'a CubeTensor) -> Self {
        Self {
            matrix,
            is_transposed: true,
        }
    }

    fn dims(self) -> [usize; 2] {
        let shape = self.matrix.shape();
        match self.is_transposed {
            true => [shape[1], shape[0]],
            false => [shape[0], shape[1]],
        }
    }
}

/// A product and where it goes: all contiguous, the bias in `f32`, no size of the result 0.
struct Product<'a> {
    lhs: Factor<'a>,
    rhs: Factor<'a>,
    bias: Option<&'a CubeTensor>,
    out: &'a CubeTensor,
}

impl Product<'_> {
    /// Rows, inner dimension and columns.
    fn dims(&self) -> [usize; 3] {
        let ([rows, inner], [other, columns]) = (self.lhs.dims(), self.rhs.dims());
        assert_eq!(inner, other, "the factors of a product fit");
        let is_single = self.bias.is_none_or(|bias| bias.dtype == DType::F32);
        assert!(is_single, "a bias is in 32 bits");
        [rows, inner, columns]
    }
}

/// `lhs · rhs + bias`.
///
/// # Shapes
/// - `lhs` `[rows, inner]`, `rhs` `[inner, columns]`, `bias` `[columns]` in `f32`, result
///   `[rows, columns]` in the type `dtype`
pub(super) fn gemm(
    lhs: Factor,
    rhs: Factor,
    bias: Option<&CubeTensor>,
    dtype: DType,
    kernels: GpuKernels,
) -> CubeTensor {
    compute(lhs, rhs, bias, dtype, |product| {
        if !(kernels.tensor_cores && tensor_cores::launch(product, None)) {
            units::launch(product);
        }
    })
}

/// `gelu(lhs · rhs + bias)` in the type of `lhs`. Shapes are those of [`gemm`].
pub(super) fn gemm_gelu(
    lhs: Factor,
    rhs: Factor,
    bias: &CubeTensor,
    kernels: GpuKernels,
) -> Activated {
    let dtype = lhs.matrix.dtype;
    let mut activated = None;
    let sums = compute(lhs, rhs, Some(bias), dtype, |product| {
        if kernels.tensor_cores {
            let result = empty_like(product.out);
            if tensor_cores::launch(product, Some(&result)) {
                activated = Some(result);
                return;
            }
        }
        // GELU comes after, and adds the bias.
        units::launch(&Product {
            bias: None,
            ..*product
        });
    });
    match activated {
        Some(activated) => Activated { sums, activated },
        None => gelu::bias_gelu(sums, bias.clone()),
    }
}

/// Runs `launch` on the product of contiguous factors, unless it has no elements.
fn compute(
    lhs: Factor,
    rhs: Factor,
    bias: Option<&CubeTensor>,
    dtype: DType,
    launch: impl FnOnce(&Product),
) -> CubeTensor {
    let left = contiguous(lhs.matrix.clone());
    let right = contiguous(rhs.matrix.clone());
    let lhs = Factor {
        matrix: &left,
        ..lhs
    };
    let rhs = Factor {
        matrix: &right,
        ..rhs
    };
    let (rows, columns) = (lhs.dims()[0], rhs.dims()[1]);
    let out = empty(&left, [rows, columns], dtype);
    if rows * columns > 0 {
        let out = &out;
        launch(&Product {
            lhs,
            rhs,
            bias,
            out,
        });
    }
    out
}
