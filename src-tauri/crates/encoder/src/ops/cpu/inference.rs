//! Weights packed once for inference, which multiplies by them again and again.

use super::gemm::{Int8, Packed, Right, gemm_int8, gemm_packed};
use super::linear::as_rows;
use super::stored::{Stored, cast};
use super::{contiguous, from_values, values};
use burn_backend::DType;
use burn_flex::FlexTensor;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The quantisation of inference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Quantisation {
    /// Floating point, as the model was trained.
    #[default]
    None,
    /// Weights of the encoder in int8 with a scale per column, activations in seven bits with a scale per
    /// row: a quarter of the memory, and a small difference in the results. On the CPU only; other
    /// devices compute in floating point.
    Int8,
}

/// A weight packed for the GEMM of inference.
#[derive(Clone, Debug)]
pub enum PackedWeight {
    /// In `f32`.
    F32(Arc<Packed>),
    /// In `bf16`.
    Bf16(Arc<Packed>),
    /// In int8.
    Int8(Arc<Int8>),
}

impl PackedWeight {
    /// How many columns it has.
    fn width(&self) -> usize {
        match self {
            Self::F32(weight) | Self::Bf16(weight) => weight.columns(),
            Self::Int8(weight) => weight.columns(),
        }
    }
}

/// Packs `weight` `[from, to]`, for hidden states in `bf16` or `f32`.
pub(in crate::ops) fn pack_weight(
    weight: FlexTensor,
    quantisation: Quantisation,
    is_bf16: bool,
) -> PackedWeight {
    let weight = contiguous(weight);
    let matrix = as_rows(&weight);
    match quantisation {
        Quantisation::None if is_bf16 => PackedWeight::Bf16(Arc::new(Packed::bf16(matrix))),
        Quantisation::None => PackedWeight::F32(Arc::new(Packed::new(matrix))),
        Quantisation::Int8 => PackedWeight::Int8(Arc::new(Int8::new(matrix))),
    }
}

/// `input` `[rows, from]`, `bias` `[to]` in `f32`, if there is one, → `[rows, to]` of the input's type, which is that of the
/// packed weight unless that is int8.
pub(in crate::ops) fn linear(
    input: FlexTensor,
    weight: &PackedWeight,
    bias: Option<FlexTensor>,
) -> FlexTensor {
    let (input, bias) = (contiguous(input), bias.map(contiguous));
    let rows = input.layout().shape()[0];
    let bias = bias.as_ref().map(values);
    let shape = [rows, weight.width()];
    match weight {
        PackedWeight::F32(weight) => {
            let out = gemm_packed(as_rows(&input), weight, bias);
            from_values(out, shape)
        }
        PackedWeight::Bf16(weight) => {
            let weight = Right::Packed(weight, 0);
            let out = half::bf16::gemm(as_rows(&input), weight, bias, &|_, _, _| ());
            from_values(out, shape)
        }
        PackedWeight::Int8(weight) => {
            let dtype = input.dtype();
            let input = cast(input, DType::F32);
            let out = gemm_int8(as_rows(&input), weight, bias);
            cast(from_values(out, shape), dtype)
        }
    }
}
