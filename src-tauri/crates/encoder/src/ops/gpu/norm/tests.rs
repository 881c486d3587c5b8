//! Both passes of the norm against a reference in double precision.

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
    is_centred: bool,
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
        let centring = if given.is_centred { 1.0 } else { 0.0 };
        let mean = sums.iter().sum::<f64>() / width * centring;
        let variance = sums.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / width;
        let inverse = 1.0 / (variance + f64::from(EPSILON)).sqrt();
        let normal: Vec<f64> = sums.iter().map(|x| (x - mean) * inverse).collect();
        let upstream = |k: usize| f64::from(given.upstream[at(k)]);
        let scaled = |k: usize| upstream(k) * f64::from(given.gamma[k]);
        let mean = (0..columns).map(scaled).sum::<f64>() / width * centring;
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
        for (rows, columns, dropout, has_residual, is_centred) in [
            (1, 24, None, true, true),
            (3, 768, some, true, true),
            (257, 24, some, true, true),
            (600, 384, None, false, true),
            (600, 384, None, false, false),
            (3, 1000, None, false, false),
            (5, 1000, some, true, true),
            (2, 1, some, true, true),
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
                is_centred,
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
    let form = NormForm {
        epsilon: EPSILON,
        is_centred: given.is_centred,
    };
    let normalised = forward(
        tensor(&given.input),
        given.residual.as_ref().map(tensor),
        row(&given.gamma),
        row(&given.beta),
        form,
        given.dropout,
    );
    let gradients = backward(
        tensor(&given.upstream),
        &normalised.rows,
        &normalised.inverse,
        row(&given.gamma),
        form,
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
    let form = NormForm::centred(EPSILON);
    let found = forward(tensor(), Some(tensor()), row(), row(), form, None);
    let gradients = backward(tensor(), &found.rows, &found.inverse, row(), form, None);
    assert!(read(found.out).is_empty());
    assert_eq!(read(gradients.of_gamma), [0.0; 4]);
}
