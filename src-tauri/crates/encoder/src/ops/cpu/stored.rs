//! The types of the tensors that the operations take: `f32`, and `bf16` for hidden states.

use super::gemm::{self, Factor, Matrix, Out, Right, Shared, to_bf16, to_f32};
use super::{CHUNK, contiguous, from_values, values, zeros};
use burn::backend::Flex;
use burn_backend::ops::FloatTensorOps;
use burn_backend::{DType, Element};
use burn_flex::FlexTensor;
use half::bf16;
use rayon::prelude::*;

/// A type of hidden states.
pub(super) trait Stored: Factor + Element + bytemuck::Pod {
    /// `left · weight` with `bias` added; `epilogue` is called with the sums as by
    /// [`gemm_with_epilogue`](gemm::gemm_with_epilogue).
    fn gemm(
        left: Matrix<Self>,
        weight: Right,
        bias: Option<&[f32]>,
        epilogue: &(dyn Fn(usize, usize, &mut [f32]) + Sync),
    ) -> Vec<Self>;

    /// `left · right`, the gradient of a weight: of the type of the hidden states, as under autocast.
    fn gradient(left: Matrix<Self>, right: Matrix<Self>) -> Vec<Self>;

    /// Where a product of the type is written.
    fn out(numbers: Shared<'_, Self>) -> Out<'_>;
}

impl Stored for f32 {
    fn gemm(
        left: Matrix,
        weight: Right,
        bias: Option<&[f32]>,
        epilogue: &(dyn Fn(usize, usize, &mut [f32]) + Sync),
    ) -> Vec<f32> {
        gemm::gemm_with_epilogue(left, weight, bias, epilogue)
    }

    fn gradient(left: Matrix, right: Matrix) -> Vec<f32> {
        gemm::gemm(left, right, None)
    }

    fn out(numbers: Shared<'_, Self>) -> Out<'_> {
        Out::F32(numbers)
    }
}

impl Stored for bf16 {
    fn gemm(
        left: Matrix<Self>,
        weight: Right,
        bias: Option<&[f32]>,
        epilogue: &(dyn Fn(usize, usize, &mut [f32]) + Sync),
    ) -> Vec<Self> {
        gemm::gemm_bf16(left, weight, bias, epilogue)
    }

    fn gradient(left: Matrix<Self>, right: Matrix<Self>) -> Vec<Self> {
        gemm::gemm_bf16_matrices(left, right)
    }

    fn out(numbers: Shared<'_, Self>) -> Out<'_> {
        Out::Bf16(numbers)
    }
}

/// Evaluates an expression with the type of a tensor's elements.
macro_rules! by_type {
    ($tensor:expr, $number:ident => $body:expr) => {
        match $tensor.dtype() {
            burn_backend::DType::BF16 => {
                type $number = half::bf16;
                $body
            }
            _ => {
                type $number = f32;
                $body
            }
        }
    };
}
pub(super) use by_type;

/// The same numbers in another type.
pub(super) fn cast(tensor: FlexTensor, dtype: DType) -> FlexTensor {
    match (tensor.dtype(), dtype) {
        (from, to) if from == to => tensor,
        (DType::F32, DType::BF16) => converted(tensor, to_bf16),
        (DType::BF16, DType::F32) => converted(tensor, to_f32),
        _ => Flex::float_cast(tensor, dtype.into()),
    }
}

fn converted<A: Stored, B: Stored>(
    tensor: FlexTensor,
    convert: impl Fn(&[A], &mut [B]) + Sync,
) -> FlexTensor {
    let tensor = contiguous(tensor);
    let from: &[A] = values(&tensor);
    let mut out: Vec<B> = zeros(from.len());
    let pieces = out.par_chunks_mut(CHUNK).zip(from.par_chunks(CHUNK));
    pieces.for_each(|(out, from)| convert(from, out));
    from_values(out, tensor.layout().shape().clone())
}
