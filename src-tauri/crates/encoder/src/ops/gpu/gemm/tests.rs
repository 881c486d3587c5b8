//! Products on a software adapter, against sums in 64 bits.

use super::super::testing::{
    assert_near, device, float_types, floats, numbers, read, rounded, rounding, typed,
};
use super::*;

#[test]
fn products_in_all_layouts_equal_those_in_64_bits() {
    let Some(device) = device() else { return };
    for [rows, inner, columns] in [
        [1, 1, 1],
        [65, 17, 63],
        [128, 64, 192],
        [5, 300, 2],
        // In large tiles, and in parts.
        [1030, 20, 1100],
        [9, 1000, 7],
    ] {
        let (a, b) = (numbers(rows * inner, 1), numbers(inner * columns, 2));
        let bias = numbers(columns, 3);
        let expected = |bias: Option<&[f32]>| -> Vec<f64> {
            let element = |row: usize, column: usize| {
                let products = (0..inner)
                    .map(|at| f64::from(a[row * inner + at]) * f64::from(b[at * columns + column]));
                products.sum::<f64>() + bias.map_or(0.0, |bias| f64::from(bias[column]))
            };
            let places = (0..rows).flat_map(|row| (0..columns).map(move |at| (row, at)));
            places.map(|(row, column)| element(row, column)).collect()
        };
        let turned = |values: &[f32], rows: usize, columns: usize| -> Vec<f32> {
            let places = (0..columns).flat_map(|column| (0..rows).map(move |at| (at, column)));
            places
                .map(|(row, column)| values[row * columns + column])
                .collect()
        };
        let lhs = floats(&a, &[rows, inner], &device);
        let rhs = floats(&b, &[inner, columns], &device);
        let lhs_turned = floats(&turned(&a, rows, inner), &[inner, rows], &device);
        let rhs_turned = floats(&turned(&b, inner, columns), &[columns, inner], &device);
        let bias_tensor = floats(&bias, &[columns], &device);
        let (plain, with_bias) = (expected(None), expected(Some(&bias)));
        let product =
            |lhs, rhs, bias| read(gemm(lhs, rhs, bias, DType::F32, GpuKernels::default()));
        let (left, right) = (Factor::of(&lhs), Factor::of(&rhs));
        assert_near(&product(left, right, Some(&bias_tensor)), &with_bias, 2e-6);
        let right = Factor::transposed(&rhs_turned);
        assert_near(&product(left, right, None), &plain, 2e-6);
        let (left, right) = (Factor::transposed(&lhs_turned), Factor::of(&rhs));
        assert_near(&product(left, right, None), &plain, 2e-6);
    }
}

#[test]
fn half_precision_is_rounded_once_and_a_narrow_bias_is_read_as_what_it_is() {
    let Some(device) = device() else { return };
    let [rows, inner, columns] = [37, 72, 24];
    for dtype in float_types(&device) {
        let of = |count, seed| rounded(&numbers(count, seed), dtype, &device);
        let (a, b, bias) = (of(rows * inner, 1), of(inner * columns, 2), of(columns, 3));
        let expected: Vec<f64> = (0..rows * columns)
            .map(|at| {
                let (row, column) = (at / columns, at % columns);
                let products = (0..inner)
                    .map(|at| f64::from(a[row * inner + at]) * f64::from(b[at * columns + column]));
                products.sum::<f64>() + f64::from(bias[column])
            })
            .collect();
        let typed = |values: &[f32], shape: &[usize]| typed(values, shape, dtype, &device);
        let (lhs, rhs) = (typed(&a, &[rows, inner]), typed(&b, &[inner, columns]));
        let bias = typed(&bias, &[columns]);
        // Without tensor cores, or where the device has none.
        for tensor_cores in [false, true] {
            let kernels = GpuKernels { tensor_cores };
            let (lhs, rhs) = (Factor::of(&lhs), Factor::of(&rhs));
            let found = read(gemm(lhs, rhs, Some(&bias), dtype, kernels));
            assert_near(&found, &expected, rounding(dtype) + 2e-6);
            let wide = gemm_gelu(lhs, rhs, &bias, kernels);
            assert_near(&read(wide.sums), &expected, 2.0 * rounding(dtype) + 2e-6);
            assert_eq!(read(wide.activated).len(), expected.len());
        }
    }
}
