//! Weights packed once, because inference multiplies by them again and again.

use super::gemm::{Int8, Packed, Right, gemm_int8, gemm_packed};
use super::linear::as_rows;
use super::stored::{Stored, cast};
use super::{contiguous, from_values, values};
use burn_backend::DType;
use burn_flex::FlexTensor;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// In how many bits inference multiplies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Quantisation {
    /// In floating point, as the model was trained.
    #[default]
    None,
    /// Weights of the encoder in eight bits with a scale a column, activations in seven with a scale a
    /// row: a quarter of the memory, and a small difference in the results. On the CPU only; other
    /// devices go on in floating point.
    Int8,
}

/// A weight packed for the GEMM of inference.
#[derive(Clone, Debug)]
pub enum PackedWeight {
    /// In floating point.
    F32(Arc<Packed>),
    /// In 16 bits.
    Bf16(Arc<Packed>),
    /// In eight bits.
    Int8(Arc<Int8>),
}

/// `weight` `[from, to]`, for hidden states of 16 bits or of 32.
pub(in crate::ops) fn pack_weight(
    weight: FlexTensor,
    quantisation: Quantisation,
    is_narrow: bool,
) -> PackedWeight {
    let weight = contiguous(weight);
    let matrix = as_rows(&weight);
    match quantisation {
        Quantisation::None if is_narrow => PackedWeight::Bf16(Arc::new(Packed::narrow(matrix))),
        Quantisation::None => PackedWeight::F32(Arc::new(Packed::new(matrix))),
        Quantisation::Int8 => PackedWeight::Int8(Arc::new(Int8::new(matrix))),
    }
}

/// `input` `[rows, from]`, `bias` `[to]` in 32 bits → `[rows, to]` of the input's type: 16 bits where the
/// weight was packed so.
pub(in crate::ops) fn linear(
    input: FlexTensor,
    weight: &PackedWeight,
    bias: FlexTensor,
) -> FlexTensor {
    let (input, bias) = (contiguous(input), contiguous(bias));
    let rows = input.layout().shape()[0];
    let bias = values(&bias);
    let shape = [rows, bias.len()];
    match weight {
        PackedWeight::F32(weight) => {
            let out = gemm_packed(as_rows(&input), weight, Some(bias));
            from_values(out, shape)
        }
        PackedWeight::Bf16(weight) => {
            let weight = Right::Packed(weight, 0);
            let out = half::bf16::gemm(as_rows(&input), weight, Some(bias), &|_, _, _| ());
            from_values(out, shape)
        }
        PackedWeight::Int8(weight) => {
            let dtype = input.dtype();
            let input = cast(input, DType::F32);
            let out = gemm_int8(as_rows(&input), weight, Some(bias));
            cast(from_values(out, shape), dtype)
        }
    }
}
