//! Weights laid out once, because inference multiplies by them again and again.

use super::product::{Int8, Matrix, Packed, product_int8, product_packed};
use super::{contiguous, from_values, values};
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

/// A weight as products of inference read it.
#[derive(Clone, Debug)]
pub enum Laid {
    /// In floating point.
    F32(Arc<Packed>),
    /// In eight bits.
    Int8(Arc<Int8>),
}

/// `weight` `[from, to]`.
pub(in crate::ops) fn lay_out(weight: FlexTensor, quantisation: Quantisation) -> Laid {
    let weight = contiguous(weight);
    let shape = weight.layout().shape();
    let matrix = Matrix::new(values(&weight), shape[0], shape[1], shape[1]);
    match quantisation {
        Quantisation::None => Laid::F32(Arc::new(Packed::new(matrix))),
        Quantisation::Int8 => Laid::Int8(Arc::new(Int8::new(matrix))),
    }
}

/// `input` `[rows, from]`, `bias` `[to]` → `[rows, to]`.
pub(in crate::ops) fn linear(input: FlexTensor, weight: &Laid, bias: FlexTensor) -> FlexTensor {
    let (input, bias) = (contiguous(input), contiguous(bias));
    let shape = input.layout().shape();
    let (rows, from) = (shape[0], shape[1]);
    let input = Matrix::new(values(&input), rows, from, from);
    let bias = values(&bias);
    let out = match weight {
        Laid::F32(weight) => product_packed(input, weight, Some(bias)),
        Laid::Int8(weight) => product_int8(input, weight, Some(bias)),
    };
    from_values(out, [rows, bias.len()])
}
