//! Weights blended with others in one pass, in place.

use super::simd::vectorised;
use super::{CHUNK, contiguous, values, values_mut};
use burn_flex::FlexTensor;
use rayon::prelude::*;

vectorised! {
    fn mix(weights: &mut [f32], others: &[f32], share: f32) {
        for (weight, other) in weights.iter_mut().zip(others) {
            *weight += (other - *weight) * share;
        }
    }
}

/// `weight + share · (other − weight)`. Both are flat, in 32 bits and equally long.
pub(in crate::ops) fn blend(weight: FlexTensor, other: FlexTensor, share: f32) -> FlexTensor {
    let (mut weight, other) = (contiguous(weight), contiguous(other));
    values_mut(&mut weight)
        .par_chunks_mut(CHUNK)
        .zip(values(&other).par_chunks(CHUNK))
        .for_each(|(weights, others)| mix(weights, others, share));
    weight
}
