//! Results that were computed in parts of the inner dimension, added up in the order of the parts.

use super::super::tensors::{UNITS, arg, cubes, empty};
use burn_backend::{DType, TensorMetadata};
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

#[cube(launch)]
fn add_kernel(partial: &[f32], out: &mut [f32], parts: u32) {
    let count = out.len();
    if ABSOLUTE_POS < count {
        let mut sum = partial[ABSOLUTE_POS];
        for part in 1..parts as usize {
            sum += partial[part * count + ABSOLUTE_POS];
        }
        out[ABSOLUTE_POS] = sum;
    }
}

/// Lets `launch` write to `out`, or `parts` results of its shape `[parts, rows, columns]` elsewhere, in
/// `f32`, whose sum then is written to it.
pub(super) fn added(out: &CubeTensor, parts: u32, launch: impl FnOnce(&CubeTensor)) {
    if parts == 1 {
        return launch(out);
    }
    let [rows, columns] = out.shape().dims();
    let partial = empty(out, [parts as usize, rows, columns], DType::F32);
    launch(&partial);
    add_kernel::launch(
        &out.client,
        cubes(rows * columns),
        CubeDim::new_1d(UNITS as u32),
        arg(&partial),
        arg(out),
        parts,
    );
}
