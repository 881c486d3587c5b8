//! Integer products against sums made number by number, by every kernel that this machine can run.

use super::*;

/// Numbers between -1 and 1 in no order, of which some are several times as large.
fn numbers(count: usize, seed: f32) -> Vec<f32> {
    let mut state = seed.to_bits();
    let mut next = |at: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let x = (state >> 8) as f32 / (1 << 23) as f32 - 1.0;
        x * (1 + at % 11 / 8) as f32
    };
    (0..count).map(&mut next).collect()
}

/// What the product must be, from the definition: quantised numbers in `i64`, scales in `f64`.
fn reference(a: &[f32], b: &[f32], bias: &[f32], [m, k, n]: [usize; 3]) -> Vec<f64> {
    let weight = |j: usize, c: usize| {
        let largest = (0..k).fold(0.0f32, |top, j| top.max(b[j * n + c].abs()));
        let byte = match largest > 0.0 {
            true => (b[j * n + c] / largest * 127.0).round_ties_even() as i64,
            false => 0,
        };
        (byte, f64::from(largest) / 127.0)
    };
    let weights: Vec<_> = (0..k * n).map(|at| weight(at / n, at % n)).collect();
    let mut out = Vec::new();
    for row in 0..m {
        let values = &a[row * k..(row + 1) * k];
        let low = values.iter().fold(0.0f32, |low, x| low.min(*x));
        let high = values.iter().fold(0.0f32, |high, x| high.max(*x));
        let scale = (high - low) / 127.0;
        let zero = (-low / scale).round_ties_even();
        let byte = |x: f32| {
            (x * (1.0 / scale) + zero)
                .clamp(0.0, 127.0)
                .round_ties_even() as i64
        };
        for c in 0..n {
            let of = |j: usize| (byte(values[j]) - zero as i64) * weights[j * n + c].0;
            let sum: i64 = (0..k).map(of).sum();
            let column = if k > 0 { weights[c].1 } else { 0.0 };
            let product = if sum == 0 {
                0.0
            } else {
                sum as f64 * f64::from(scale) * column
            };
            out.push(product + f64::from(bias[c]));
        }
    }
    out
}

#[test]
fn every_kernel_gives_the_exact_sums() {
    for [m, k, n] in [
        [1, 1, 1],
        [2, 0, 3],
        [3, 5, 2],
        [1, 384, 384],
        [7, 301, 17],
        [13, 64, 33],
        [97, 130, 31],
        [200, 770, 300],
    ] {
        let (a, b, bias) = (numbers(m * k, 0.37), numbers(k * n, 0.11), numbers(n, 0.7));
        let expected = reference(&a, &b, &bias, [m, k, n]);
        let mut first: Option<Vec<f32>> = None;
        for kernel in Kernel::usable() {
            for threads in [1, 3] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
                let right = Int8::of(kernel, Matrix::new(&b, k, n, n));
                let product = || gemm_int8(Matrix::new(&a, m, k, k), &right, Some(&bias));
                let found = pool.build().unwrap().install(product);
                for (at, (found, expected)) in found.iter().zip(&expected).enumerate() {
                    let off = (f64::from(*found) - expected).abs();
                    assert!(
                        off < 1e-5 * (1.0 + expected.abs()),
                        "{m}×{k}×{n}, {kernel:?}, {at}: {found}, expected {expected}"
                    );
                }
                let first = first.get_or_insert_with(|| found.clone());
                assert_eq!(*first, found, "{m}×{k}×{n}, {kernel:?}, {threads} threads");
            }
        }
    }
}

/// The largest bytes everywhere: where pairs of products would saturate if they could.
#[test]
fn nothing_saturates() {
    let (k, n) = (3072, 40);
    let signs = |at: usize| if at.is_multiple_of(2) { 1.0 } else { -1.0 };
    for sign in [1.0, -1.0] {
        let a: Vec<f32> = (0..k).map(|_| sign * 2.0).collect();
        let b: Vec<f32> = (0..k * n).map(|at| signs(at % n) * 3.0).collect();
        for kernel in Kernel::usable() {
            let right = Int8::of(kernel, Matrix::new(&b, k, n, n));
            let found = gemm_int8(Matrix::new(&a, 1, k, k), &right, None);
            for (column, found) in found.iter().enumerate() {
                let expected = sign * signs(column) * 6.0 * k as f32;
                assert!((found / expected - 1.0).abs() < 1e-5, "{found}, {expected}");
            }
        }
    }
}

/// Close to the product of the numbers themselves: seven bits of a row, eight of a column.
#[test]
fn close_to_the_product_in_f32() {
    let (m, k, n) = (40, 384, 200);
    let (a, b) = (numbers(m * k, 0.37), numbers(k * n, 0.11));
    let turned: Vec<f32> = (0..k * n).map(|at| b[at % k * n + at / k]).collect();
    let exact = super::super::gemm(Matrix::new(&a, m, k, k), Matrix::new(&b, k, n, n), None);
    let right = Int8::new(Matrix::new(&turned, n, k, k).transposed());
    let found = gemm_int8(Matrix::new(&a, m, k, k), &right, None);
    let norm = |values: &mut dyn Iterator<Item = f32>| values.map(|x| x * x).sum::<f32>().sqrt();
    let off = norm(&mut exact.iter().zip(&found).map(|(a, b)| a - b));
    let whole = norm(&mut exact.iter().copied());
    assert!(off < 0.02 * whole, "{off} of {whole}");
    assert!(right.bytes() < 4 * k * n / 3);
}

#[test]
fn rows_of_zeros_and_rows_that_are_not_finite() {
    let b = numbers(8 * 20, 0.3);
    let right = Int8::new(Matrix::new(&b, 8, 20, 20));
    let mut a = vec![0.0; 4 * 8];
    a[8 + 3] = f32::NAN;
    a[16] = f32::INFINITY;
    a[24..32].fill(1e-40);
    let found = gemm_int8(Matrix::new(&a, 4, 8, 8), &right, None);
    assert!(found[..20].iter().all(|x| *x == 0.0));
    assert!(found[20..60].iter().all(|x| x.is_nan()));
    assert!(found[60..].iter().all(|x| x.abs() < 1e-30));
}
