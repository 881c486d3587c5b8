//! Positions as rotations of queries and keys (Su et al. 2021, section 3.4.2).

use super::fused::FusedOps;
use super::{Kernels, reference};
use crate::sequence_offsets::SequenceOffsets;
use burn::backend::Dispatch;
use burn::tensor::{Device, Tensor, TensorData};

/// The angles by which a batch's tokens are rotated, one for each pair of a head's columns.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// Cosine and sine, `[rows, width of a head / 2]` each.
    pub(super) tables: [Tensor<2>; 2],
}

impl Rotation {
    /// The rotations of heads of `width` columns, with wavelengths from 2π to 2π · `theta`.
    pub fn new(offsets: &SequenceOffsets, width: usize, theta: f64, device: &Device) -> Self {
        let half = width / 2;
        // In 32 bits, as transformers computes them.
        let frequency = |pair: usize| {
            let exponent = (2 * pair) as f32 / width as f32;
            1.0 / (theta as f32).powf(exponent)
        };
        let frequencies: Vec<f32> = (0..half).map(frequency).collect();
        let table = |function: fn(f32) -> f32| {
            let angles = offsets.position_ids().flat_map(|position| {
                let angles = frequencies.iter();
                angles.map(move |frequency| function(position as f32 * frequency))
            });
            let numbers = TensorData::new(angles.collect::<Vec<_>>(), [offsets.rows(), half]);
            Tensor::from_data(numbers, device)
        };
        Self {
            tables: [table(f32::cos), table(f32::sin)],
        }
    }
}

impl Kernels {
    /// Rotates each of `heads` heads of `input` `[rows, hidden]`: column `i` of a head and the one half a
    /// head further are the coordinates of a point.
    pub fn rotate(self, input: Tensor<2>, rotation: &Rotation, heads: usize) -> Tensor<2> {
        if !self.is_fused() {
            return reference::rotate(input, rotation, heads);
        }
        let [cosines, sines] = rotation.tables.clone().map(Tensor::into_dispatch);
        let input = input.into_dispatch();
        let out = <Dispatch as FusedOps>::fused_rotate(input, cosines, sines, heads);
        Tensor::from_dispatch(out)
    }
}
