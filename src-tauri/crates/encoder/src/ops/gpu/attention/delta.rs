//! The sum of gradient times result of each row of each head, which both kernels of the backward pass
//! need.

use super::super::tensors::{UNITS, arg, cubes, elem, empty};
use super::Options;
use burn_backend::DType;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

#[cube(launch)]
fn delta_kernel<F: Float, N: Size>(
    out: &[Vector<F, N>],
    gradient: &[Vector<F, N>],
    delta: &mut [f32],
    #[comptime] vectors: usize,
    #[define(F)] _dtype: ElemType,
) {
    if ABSOLUTE_POS < delta.len() {
        let first = ABSOLUTE_POS * vectors;
        let mut sums = Vector::<f32, N>::new(0.0);
        for at in 0..vectors {
            let out = Vector::<f32, N>::cast_from(out[first + at]);
            let gradient = Vector::<f32, N>::cast_from(gradient[first + at]);
            sums = fma(out, gradient, sums);
        }
        let mut sum = 0.0f32;
        #[unroll]
        for part in 0..N::value() {
            sum += sums.extract(part);
        }
        delta[ABSOLUTE_POS] = sum;
    }
}

/// The sums, f32 `[rows · heads]`; both tensors contiguous.
pub(super) fn launch(out: &CubeTensor, gradient: &CubeTensor, options: &Options) -> CubeTensor {
    let [rows, width] = options.rows_and_width(out);
    let size = if width.is_multiple_of(4) { 4 } else { 1 };
    let delta = empty(out, [rows * options.heads], DType::F32);
    delta_kernel::launch(
        &out.client,
        cubes(rows * options.heads),
        CubeDim::new_1d(UNITS as u32),
        size,
        arg(out),
        arg(gradient),
        arg(&delta),
        width / size,
        elem(out),
    );
    delta
}
