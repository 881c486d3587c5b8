//! `LayerNorm(dropout(input) + residual)` (Ba et al. 2016), the end of both of BERT's blocks; or of the input
//! alone, also without taking off the mean.
//!
//! Forward, a cube has one row, and each of its units some columns, in registers. Backward it has a chunk
//! of rows, so that the units can add up their columns' gradients of gamma and beta on the way.

use super::columns::column_sums;
use super::random::{DropoutKey, factor, launch_dropout, row_key};
use super::reduce::{cube_pair_sum, cube_sum};
use super::tensors::{UNITS, arg, contiguous, elem, empty, empty_like, matrix_dims, spread, zeros};
use crate::ops::norm::NormForm;
use crate::ops::random::Dropout;
use burn_backend::DType;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

/// The most chunks of rows of a backward pass: few enough that their sums are added up at once.
const CHUNKS: usize = 512;

/// What the forward pass gives. The backward pass needs `rows` and `inverse`.
pub(super) struct Normalised {
    pub(super) out: CubeTensor,
    /// The normalised rows, before gamma and beta, in the type of the input.
    pub(super) rows: CubeTensor,
    /// 1 / deviation of each row, f32 `[rows]`.
    pub(super) inverse: CubeTensor,
}

/// What the backward pass gives. Without dropout, `of_input` is `of_residual`.
pub(super) struct NormGradients {
    pub(super) of_input: CubeTensor,
    pub(super) of_residual: CubeTensor,
    /// f32 `[columns]`, as is `of_beta`.
    pub(super) of_gamma: CubeTensor,
    pub(super) of_beta: CubeTensor,
}

/// `steps` columns a unit cover a row.
#[cube(launch)]
fn forward_kernel<F: Float>(
    input: &[F],
    residual: &[F],
    gamma: &[f32],
    beta: &[f32],
    out: &mut [F],
    normalised: &mut [F],
    inverse: &mut [f32],
    dropout: &DropoutKey,
    columns: u32,
    share: f32,
    centring: f32,
    epsilon: f32,
    #[comptime] steps: usize,
    #[define(F)] _dtype: ElemType,
) {
    if CUBE_POS >= inverse.len() {
        terminate!();
    }
    let mut scratch = Shared::<[f32]>::new_slice(UNITS);
    let width = f32::cast_from(columns);
    let start = CUBE_POS as u32 * columns;
    let key = row_key(dropout, CUBE_POS as u32);
    let mut values = Array::<f32>::new(steps);
    let mut sum = 0.0f32;
    #[unroll]
    for step in 0..steps {
        let column = UNIT_POS + comptime!((step * UNITS) as u32);
        values[step] = 0.0f32;
        if column < columns {
            let at = (start + column) as usize;
            let kept = factor(dropout, key, column);
            let value = f32::cast_from(input[at]) * kept + f32::cast_from(residual[at]) * share;
            values[step] = value;
            sum += value;
        }
    }
    let mean = cube_sum(sum, &mut scratch, UNITS) / width * centring;
    let mut squares = 0.0f32;
    #[unroll]
    for step in 0..steps {
        let column = UNIT_POS + comptime!((step * UNITS) as u32);
        if column < columns {
            let centred = values[step] - mean;
            values[step] = centred;
            squares += centred * centred;
        }
    }
    let variance = cube_sum(squares, &mut scratch, UNITS) / width;
    let by = 1.0f32 / (variance + epsilon).sqrt();
    #[unroll]
    for step in 0..steps {
        let column = UNIT_POS + comptime!((step * UNITS) as u32);
        if column < columns {
            let at = (start + column) as usize;
            let value = values[step] * by;
            normalised[at] = F::cast_from(value);
            let scaled = value * gamma[column as usize] + beta[column as usize];
            out[at] = F::cast_from(scaled);
        }
    }
    if UNIT_POS == 0 {
        inverse[CUBE_POS] = by;
    }
}

/// `norm(dropout(input) + residual)` of rows `[…, columns]`; an absent residual is 0. `gamma` and `beta`
/// `[columns]` are f32.
pub(super) fn forward(
    input: CubeTensor,
    residual: Option<CubeTensor>,
    gamma: CubeTensor,
    beta: CubeTensor,
    form: NormForm,
    dropout: Option<Dropout>,
) -> Normalised {
    let (input, gamma, beta) = (contiguous(input), contiguous(gamma), contiguous(beta));
    let residual = residual.map(contiguous);
    let [rows, columns] = matrix_dims(&input);
    let (out, normalised) = (empty_like(&input), empty_like(&input));
    let inverse = empty(&input, [rows], DType::F32);
    if rows * columns > 0 {
        let share = if residual.is_some() { 1.0 } else { 0.0 };
        forward_kernel::launch(
            &input.client,
            spread(rows),
            CubeDim::new_1d(UNITS as u32),
            arg(&input),
            arg(residual.as_ref().unwrap_or(&input)),
            arg(&gamma),
            arg(&beta),
            arg(&out),
            arg(&normalised),
            arg(&inverse),
            launch_dropout(dropout),
            columns as u32,
            share,
            form.centring(),
            form.epsilon,
            columns.div_ceil(UNITS),
            elem(&input),
        );
    }
    Normalised {
        out,
        rows: normalised,
        inverse,
    }
}

#[cube(launch)]
fn backward_kernel<F: Float>(
    gradient: &[F],
    normalised: &[F],
    inverse: &[f32],
    gamma: &[f32],
    of_residual: &mut [F],
    of_input: &mut [F],
    of_gamma: &mut [f32],
    of_beta: &mut [f32],
    dropout: &DropoutKey,
    columns: u32,
    chunk: u32,
    is_dropped: u32,
    centring: f32,
    #[comptime] steps: usize,
    #[define(F)] _dtype: ElemType,
) {
    let start = CUBE_POS as u32 * chunk;
    let rows = inverse.len() as u32;
    if start >= rows {
        terminate!();
    }
    let mut scratch = Shared::<[f32]>::new_slice(UNITS);
    let mut other_scratch = Shared::<[f32]>::new_slice(UNITS);
    let width = f32::cast_from(columns);
    let mut gammas = Array::<f32>::new(steps);
    let mut gamma_sums = Array::<f32>::new(steps);
    let mut beta_sums = Array::<f32>::new(steps);
    let mut scaled = Array::<f32>::new(steps);
    let mut values = Array::<f32>::new(steps);
    #[unroll]
    for step in 0..steps {
        let column = UNIT_POS + comptime!((step * UNITS) as u32);
        gammas[step] = 0.0f32;
        if column < columns {
            gammas[step] = gamma[column as usize];
        }
        gamma_sums[step] = 0.0f32;
        beta_sums[step] = 0.0f32;
        scaled[step] = 0.0f32;
        values[step] = 0.0f32;
    }
    for row in start..min(start + chunk, rows) {
        let mut sum = 0.0f32;
        let mut along = 0.0f32;
        #[unroll]
        for step in 0..steps {
            let column = UNIT_POS + comptime!((step * UNITS) as u32);
            if column < columns {
                let at = (row * columns + column) as usize;
                let upstream = f32::cast_from(gradient[at]);
                let value = f32::cast_from(normalised[at]);
                gamma_sums[step] += upstream * value;
                beta_sums[step] += upstream;
                scaled[step] = upstream * gammas[step];
                values[step] = value;
                sum += scaled[step];
                along += scaled[step] * value;
            }
        }
        let (sum, along) = cube_pair_sum(sum, along, &mut scratch, &mut other_scratch, UNITS);
        let mean = sum / width * centring;
        let along = along / width;
        let by = inverse[row as usize];
        let key = row_key(dropout, row);
        #[unroll]
        for step in 0..steps {
            let column = UNIT_POS + comptime!((step * UNITS) as u32);
            if column < columns {
                let at = (row * columns + column) as usize;
                let whole = (scaled[step] - mean - values[step] * along) * by;
                of_residual[at] = F::cast_from(whole);
                if is_dropped != 0 {
                    of_input[at] = F::cast_from(whole * factor(dropout, key, column));
                }
            }
        }
    }
    #[unroll]
    for step in 0..steps {
        let column = UNIT_POS + comptime!((step * UNITS) as u32);
        if column < columns {
            let at = CUBE_POS * columns as usize + column as usize;
            of_gamma[at] = gamma_sums[step];
            of_beta[at] = beta_sums[step];
        }
    }
}

/// The gradients by that of the result, `gradient`. `rows` and `inverse` are the forward pass's.
pub(super) fn backward(
    gradient: CubeTensor,
    rows: &CubeTensor,
    inverse: &CubeTensor,
    gamma: CubeTensor,
    form: NormForm,
    dropout: Option<Dropout>,
) -> NormGradients {
    let (gradient, gamma) = (contiguous(gradient), contiguous(gamma));
    let [count, columns] = matrix_dims(&gradient);
    if count * columns == 0 {
        return NormGradients {
            of_input: gradient.clone(),
            of_gamma: zeros(&gradient, columns),
            of_beta: zeros(&gradient, columns),
            of_residual: gradient,
        };
    }
    let of_residual = empty_like(&gradient);
    // Something must be bound even where nothing is written.
    let of_input = match dropout {
        Some(_) => empty_like(&gradient),
        None => empty(&gradient, [1], gradient.dtype),
    };
    let chunk = count.div_ceil(CHUNKS);
    let chunks = count.div_ceil(chunk);
    let of_gamma = empty(&gradient, [chunks, columns], DType::F32);
    let of_beta = empty_like(&of_gamma);
    backward_kernel::launch(
        &gradient.client,
        spread(chunks),
        CubeDim::new_1d(UNITS as u32),
        arg(&gradient),
        arg(rows),
        arg(inverse),
        arg(&gamma),
        arg(&of_residual),
        arg(&of_input),
        arg(&of_gamma),
        arg(&of_beta),
        launch_dropout(dropout),
        columns as u32,
        chunk as u32,
        u32::from(dropout.is_some()),
        form.centring(),
        columns.div_ceil(UNITS),
        elem(&gradient),
    );
    NormGradients {
        of_input: match dropout {
            Some(_) => of_input,
            None => of_residual.clone(),
        },
        of_residual,
        of_gamma: column_sums(&of_gamma),
        of_beta: column_sums(&of_beta),
    }
}

#[cfg(test)]
mod tests;
