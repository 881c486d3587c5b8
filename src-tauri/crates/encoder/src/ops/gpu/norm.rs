//! `LayerNorm(dropout(input) + residual)` (Ba et al. 2016), the end of both of BERT's blocks.
//!
//! Forward, a cube has one row, and each of its units some columns, in registers. Backward it has a chunk
//! of rows, so that the units can add up their columns' gradients of gamma and beta on the way.

use super::columns::column_sums;
use super::random::{DropoutKey, factor, launch_dropout, row_key};
use super::reduce::{cube_pair_sum, cube_sum};
use super::tensors::{UNITS, arg, contiguous, elem, empty, empty_like, matrix_dims, spread, zeros};
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
    let mean = cube_sum(sum, &mut scratch, UNITS) / width;
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
    epsilon: f32,
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
            epsilon,
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
                gamma_sums[step] = gamma_sums[step] + upstream * value;
                beta_sums[step] = beta_sums[step] + upstream;
                scaled[step] = upstream * gammas[step];
                values[step] = value;
                sum += scaled[step];
                along += scaled[step] * value;
            }
        }
        let (sum, along) = cube_pair_sum(sum, along, &mut scratch, &mut other_scratch, UNITS);
        let mean = sum / width;
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
mod tests {
    use super::super::testing::{
        assert_near, device, float_types, floats, numbers, read, rounded, rounding, typed,
    };
    use super::*;
    use cubecl::Device;

    struct Given {
        columns: usize,
        input: Vec<f32>,
        residual: Option<Vec<f32>>,
        gamma: Vec<f32>,
        beta: Vec<f32>,
        upstream: Vec<f32>,
        dropout: Option<Dropout>,
    }

    const EPSILON: f32 = 1e-5;

    /// The result and the gradients of input, residual, gamma and beta, in double precision.
    fn reference(given: &Given) -> [Vec<f64>; 5] {
        let columns = given.columns;
        let width = columns as f64;
        let (mut out, mut of_input, mut of_residual) = (Vec::new(), Vec::new(), Vec::new());
        let (mut of_gamma, mut of_beta) = (vec![0.0; columns], vec![0.0; columns]);
        for row in 0..given.input.len() / columns {
            let at = |column| row * columns + column;
            let factor = |column| match given.dropout {
                Some(dropout) => f64::from(dropout.row(row).at(column)),
                None => 1.0,
            };
            let residual = |at: usize| given.residual.as_ref().map_or(0.0, |x| f64::from(x[at]));
            let sums: Vec<f64> = (0..columns)
                .map(|k| f64::from(given.input[at(k)]) * factor(k) + residual(at(k)))
                .collect();
            let mean = sums.iter().sum::<f64>() / width;
            let variance = sums.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / width;
            let inverse = 1.0 / (variance + f64::from(EPSILON)).sqrt();
            let normal: Vec<f64> = sums.iter().map(|x| (x - mean) * inverse).collect();
            let upstream = |k: usize| f64::from(given.upstream[at(k)]);
            let scaled = |k: usize| upstream(k) * f64::from(given.gamma[k]);
            let mean = (0..columns).map(scaled).sum::<f64>() / width;
            let along = (0..columns).map(|k| scaled(k) * normal[k]).sum::<f64>() / width;
            for k in 0..columns {
                out.push(normal[k] * f64::from(given.gamma[k]) + f64::from(given.beta[k]));
                let whole = (scaled(k) - mean - normal[k] * along) * inverse;
                of_residual.push(whole);
                of_input.push(whole * factor(k));
                of_gamma[k] += upstream(k) * normal[k];
                of_beta[k] += upstream(k);
            }
        }
        [out, of_input, of_residual, of_gamma, of_beta]
    }

    #[test]
    fn both_passes_are_exact_to_rounding() {
        let Some(device) = device() else { return };
        let some = Some(Dropout::of(0x0123_4567_89AB_CDEF, 0.3));
        for dtype in float_types(&device) {
            for (rows, columns, dropout, has_residual) in [
                (1, 24, None, true),
                (3, 768, some, true),
                (257, 24, some, true),
                (600, 384, None, false),
                (5, 1000, some, true),
                (2, 1, some, true),
            ] {
                let size = rows * columns;
                let draw = |seed| rounded(&numbers(size, seed), dtype, &device);
                let [input, residual, upstream] = [1, 2, 3].map(draw);
                // Rows far off 0, whose variance a sum of plain squares would lose.
                let input: Vec<f32> = input.iter().map(|x| x + 50.0).collect();
                let given = Given {
                    columns,
                    input: rounded(&input, dtype, &device),
                    residual: has_residual.then_some(residual),
                    gamma: numbers(columns, 4),
                    beta: numbers(columns, 5),
                    upstream,
                    dropout,
                };
                let found = run(&given, dtype, &device);
                let allowed = 2e-5 + 4.0 * rounding(dtype);
                for (found, expected) in found.iter().zip(reference(&given)) {
                    assert_near(found, &expected, allowed);
                }
                assert_eq!(found, run(&given, dtype, &device));
            }
        }
    }

    fn run(given: &Given, dtype: DType, device: &Device) -> [Vec<f32>; 5] {
        let columns = given.columns;
        let rows = given.input.len() / columns;
        let tensor = |values: &Vec<f32>| typed(values, &[rows, columns], dtype, device);
        let row = |values: &[f32]| floats(values, &[columns], device);
        let normalised = forward(
            tensor(&given.input),
            given.residual.as_ref().map(tensor),
            row(&given.gamma),
            row(&given.beta),
            EPSILON,
            given.dropout,
        );
        let gradients = backward(
            tensor(&given.upstream),
            &normalised.rows,
            &normalised.inverse,
            row(&given.gamma),
            given.dropout,
        );
        [
            read(normalised.out),
            read(gradients.of_input),
            read(gradients.of_residual),
            read(gradients.of_gamma),
            read(gradients.of_beta),
        ]
    }

    #[test]
    fn no_rows_have_no_gradients() {
        let Some(device) = device() else { return };
        let tensor = || floats(&[], &[0, 4], &device);
        let row = || floats(&[1.0; 4], &[4], &device);
        let found = forward(tensor(), Some(tensor()), row(), row(), EPSILON, None);
        let gradients = backward(tensor(), &found.rows, &found.inverse, row(), None);
        assert!(read(found.out).is_empty());
        assert_eq!(read(gradients.of_gamma), [0.0; 4]);
    }
}
