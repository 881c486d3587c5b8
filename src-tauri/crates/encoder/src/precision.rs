//! The precision of hidden states as a type of numbers.
//!
//! In half precision the hidden states are 16 bits wide, and weights are narrowed where they meet
//! them: products run several times as fast on cards made for it, and what the backward pass needs
//! takes half the memory. LayerNorm, softmax, GELU, the head and the loss compute in 32 bits
//! (Micikevicius et al. 2018, *Mixed precision training*).

use burn::tensor::{DType, Tensor};
pub use tagsmith_protocol::Precision;

/// The type of the numbers of a precision.
pub(crate) fn dtype_of(precision: Precision) -> DType {
    match precision {
        Precision::Auto | Precision::F32 => DType::F32,
        Precision::Bf16 => DType::BF16,
        Precision::F16 => DType::F16,
    }
}

/// A tensor of another type; the same one where it has the type already.
pub(crate) fn cast<const D: usize>(tensor: Tensor<D>, dtype: DType) -> Tensor<D> {
    match tensor.dtype() == dtype {
        true => tensor,
        false => tensor.cast(dtype),
    }
}
