//! Products against sums in `f64`, by every kernel that this machine can run.

use super::*;

/// Numbers without a pattern that a wrong stride could keep.
fn numbers(count: usize, seed: f32) -> Vec<f32> {
    (0..count).map(|i| (i as f32 * seed + seed).sin()).collect()
}

/// `[m, k]` with rows `stride` apart, NaN between them.
fn spaced(values: &[f32], rows: usize, columns: usize, stride: usize) -> Vec<f32> {
    let mut out = vec![f32::NAN; rows * stride];
    for row in 0..rows {
        let from = &values[row * columns..(row + 1) * columns];
        out[row * stride..row * stride + columns].copy_from_slice(from);
    }
    out
}

fn turned(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    let of = |at: usize| values[at % rows * columns + at / rows];
    (0..rows * columns).map(of).collect()
}

fn reference(a: &[f32], b: &[f32], bias: Option<&[f32]>, [m, k, n]: [usize; 3]) -> Vec<f64> {
    let mut out = vec![0.0; m * n];
    for (row, out) in out.chunks_exact_mut(n.max(1)).enumerate() {
        for (column, out) in out.iter_mut().enumerate() {
            *out = bias.map_or(0.0, |bias| f64::from(bias[column]));
        }
        for j in 0..k {
            let x = f64::from(a[row * k + j]);
            for (out, y) in out.iter_mut().zip(&b[j * n..(j + 1) * n]) {
                *out += x * f64::from(*y);
            }
        }
    }
    out
}

fn close(found: &[f32], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        let off = (f64::from(*found) - expected).abs();
        assert!(off < 5e-5, "{what} at {at}: {found}, expected {expected}");
    }
}

const SHAPES: [[usize; 3]; 19] = [
    [0, 3, 4],
    [3, 4, 0],
    [2, 0, 3],
    [90, 0, 70],
    [1, 1, 1],
    [3, 5, 2],
    [1, 300, 384],
    [5, 257, 33],
    [7, 300, 17],
    [13, 64, 13],
    [25, 96, 130],
    [40, 513, 130],
    [70, 33, 200],
    [97, 256, 31],
    [100, 1000, 97],
    [200, 520, 300],
    [530, 7, 400],
    [31, 2100, 50],
    [257, 1300, 530],
];

#[test]
fn every_layout_shape_and_kernel() {
    for [m, k, n] in SHAPES {
        let (a, b, bias) = (numbers(m * k, 0.37), numbers(k * n, 0.11), numbers(n, 0.7));
        let (a_turned, b_turned) = (turned(&a, m, k), turned(&b, k, n));
        let (a_spaced, b_spaced) = (spaced(&a, m, k, k + 3), spaced(&b, k, n, n + 5));
        let (bt_spaced, at_spaced) = (
            spaced(&b_turned, n, k, k + 1),
            spaced(&a_turned, k, m, m + 2),
        );
        let lefts = [
            Matrix::new(&a, m, k, k),
            Matrix::new(&a_spaced, m, k, k + 3),
            Matrix::new(&a_turned, k, m, m).transposed(),
            Matrix::new(&at_spaced, k, m, m + 2).transposed(),
        ];
        let rights = [
            Matrix::new(&b, k, n, n),
            Matrix::new(&b_spaced, k, n, n + 5),
            Matrix::new(&b_turned, n, k, k).transposed(),
            Matrix::new(&bt_spaced, n, k, k + 1).transposed(),
        ];
        let plain = reference(&a, &b, None, [m, k, n]);
        let biased = reference(&a, &b, Some(&bias), [m, k, n]);
        for kernel in Kernel::usable() {
            for (i, left) in lefts.into_iter().enumerate() {
                for (j, right) in rights.into_iter().enumerate() {
                    let what = format!("{m}×{k}×{n}, {kernel:?}, left {i}, right {j}");
                    let packed = Packed::of(kernel, right);
                    for (bias, expected) in [(None, &plain), (Some(&bias[..]), &biased)] {
                        let loose = on(kernel, left, Right::Loose(right), bias, &nothing);
                        close(&loose, expected, &what);
                        let again = on(kernel, left, Right::Packed(&packed, 0), bias, &nothing);
                        assert_eq!(loose, again, "{what}, packed");
                    }
                    let mut out = vec![f32::NAN; m * n];
                    let target = Target::new(&mut out, m, n);
                    alone(kernel, &target, -0.5, left, Right::Loose(right), None);
                    let scaled: Vec<f64> = plain.iter().map(|x| x * -0.5).collect();
                    close(&out, &scaled, &format!("{what}, alone"));
                }
            }
        }
    }
}

/// Neither strides of neither one: as after a transposition and a slice.
#[test]
fn any_strides() {
    let (m, k, n) = (31, 20, 37);
    let (a, b) = (numbers(m * k, 0.3), numbers(k * n, 0.8));
    let spread =
        |values: &[f32]| -> Vec<f32> { values.iter().flat_map(|x| [*x, f32::NAN]).collect() };
    let (a_wide, b_wide) = (spread(&a), spread(&b));
    let left = Matrix::strided(&a_wide, m, k, 2 * k, 2);
    let right = Matrix::strided(&b_wide, k, n, 2 * n, 2);
    let expected = reference(&a, &b, None, [m, k, n]);
    for kernel in Kernel::usable() {
        let found = on(kernel, left, Right::Loose(right), None, &nothing);
        close(&found, &expected, "alone");
        let mut out = vec![0.0; m * n];
        let whole = Shared::new(&mut out);
        let turned = right.transposed();
        let right = tiles::Right::Loose(&turned);
        tiles::run(kernel, Out::F32(whole), &left, right, None, &nothing);
        close(&out, &expected, "tiles");
    }
}

/// A row's result depends neither on the rows beside it nor on the threads: to the bit.
#[test]
fn a_row_alone_is_the_row_in_a_batch() {
    let (m, k, n) = (150, 700, 390);
    let (a, b, bias) = (numbers(m * k, 0.37), numbers(k * n, 0.11), numbers(n, 0.7));
    let right = Matrix::new(&b, k, n, n);
    for kernel in Kernel::usable() {
        let all = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let left = Matrix::new(&a, m, k, k);
            let gemm = || on(kernel, left, Right::Loose(right), Some(&bias), &nothing);
            pool.build().unwrap().install(gemm)
        };
        let whole = all(1);
        for threads in [2, 3, 8] {
            assert_eq!(whole, all(threads), "{threads} threads");
        }
        for (from, rows) in [(0, 1), (77, 1), (100, 9), (3, 40)] {
            let left = Matrix::new(&a[from * k..], rows, k, k);
            let part = on(kernel, left, Right::Loose(right), Some(&bias), &nothing);
            assert_eq!(part, whole[from * n..(from + rows) * n], "{rows} rows");
        }
    }
}

/// Each number is handed over once, when it is complete.
#[test]
fn finishing() {
    for [m, k, n] in [[3, 40, 50], [5, 700, 600], [300, 900, 300]] {
        let (a, b) = (numbers(m * k, 0.37), numbers(k * n, 0.11));
        let (left, right) = (Matrix::new(&a, m, k, k), Matrix::new(&b, k, n, n));
        let twice = |row: usize, column: usize, values: &mut [f32]| {
            for (at, value) in values.iter_mut().enumerate() {
                *value = *value * 2.0 + (row * n + column + at) as f32;
            }
        };
        let expected: Vec<f32> = gemm(left, right, None)
            .iter()
            .enumerate()
            .map(|(at, value)| value * 2.0 + at as f32)
            .collect();
        let packed = Packed::new(right);
        for right in [Right::Loose(right), Right::Packed(&packed, 0)] {
            assert_eq!(gemm_with_epilogue(left, right, None, &twice), expected);
        }
    }
}

/// Work in a pool all of whose threads are busy with products, and products within other work.
#[test]
fn many_products_at_once() {
    let (m, k, n) = (120, 300, 200);
    let (a, b) = (numbers(m * k, 0.37), numbers(k * n, 0.11));
    let (left, right) = (Matrix::new(&a, m, k, k), Matrix::new(&b, k, n, n));
    let expected = gemm(left, right, None);
    let found: Vec<_> = (0..32)
        .into_par_iter()
        .map(|_| gemm(left, right, None))
        .collect();
    assert!(found.iter().all(|found| *found == expected));
}

/// The same rounded to 16 bits.
fn narrowed(values: &[f32]) -> Vec<bf16> {
    values.iter().map(|x| <bf16 as Number>::of(*x)).collect()
}

fn widened(values: &[bf16]) -> Vec<f32> {
    values.iter().map(|x| x.as_f32()).collect()
}

/// Each number is off by half a unit of its last place at most, beside the rounding of its sum.
fn near(found: &[bf16], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        let off = (f64::from(found.as_f32()) - expected).abs();
        let allowed = expected.abs() / 256.0 + 5e-5;
        assert!(off <= allowed, "{what}: {found}, expected {expected}");
    }
}

/// Sums of products of numbers of 16 bits are exact but for the rounding of the sums, and a result of 16
/// bits is off by half a unit of its last place at most.
#[test]
fn narrow_products_of_every_layout_shape_and_kernel() {
    for [m, k, n] in SHAPES {
        let (a, b, bias) = (numbers(m * k, 0.37), numbers(k * n, 0.11), numbers(n, 0.7));
        let (a16, b16) = (narrowed(&a), narrowed(&b));
        let (a_wide, b_wide) = (widened(&a16), widened(&b16));
        let a16_turned = narrowed(&turned(&a, m, k));
        let b16_turned = narrowed(&turned(&b, k, n));
        let expected = reference(&a_wide, &b_wide, Some(&bias), [m, k, n]);
        let without_bias = reference(&a_wide, &b_wide, None, [m, k, n]);
        for kernel in Kernel::usable_for_pairs() {
            let what = format!("{m}×{k}×{n} by {kernel:?}");
            let packed = Packed::of_pairs(kernel, Matrix::new(&b, k, n, n));
            let b_turned = turned(&b, k, n);
            for right in [
                Right::Loose(Matrix::new(&b, k, n, n)),
                Right::Loose(Matrix::new(&b_turned, n, k, k).transposed()),
                Right::Packed(&packed, 0),
            ] {
                let mut found = Vec::new();
                found.push(on_pairs(
                    kernel,
                    Matrix::new(&a16, m, k, k),
                    right,
                    Some(&bias),
                    &nothing,
                ));
                found.push(on_pairs(
                    kernel,
                    Matrix::new(&a, m, k, k),
                    right,
                    Some(&bias),
                    &nothing,
                ));
                let across = Matrix::new(&a16_turned, k, m, m).transposed();
                found.push(on_pairs(kernel, across, right, Some(&bias), &nothing));
                for found in found {
                    near(&found, &expected, &what);
                }
            }
            for (left, right) in [
                (Matrix::new(&a16, m, k, k), Matrix::new(&b16, k, n, n)),
                (
                    Matrix::new(&a16_turned, k, m, m).transposed(),
                    Matrix::new(&b16_turned, n, k, k).transposed(),
                ),
            ] {
                let found = on_two_of_pairs(kernel, left, right);
                near(&found, &without_bias, &what);
            }
        }
    }
}

/// Whatever the threads; and on all processors that round a step once.
#[test]
fn narrow_products_are_equal_to_the_bit() {
    let [m, k, n] = [257, 1300, 530];
    let (a, b) = (narrowed(&numbers(m * k, 0.37)), numbers(k * n, 0.11));
    let gemm = |kernel, threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let right = Right::Loose(Matrix::new(&b, k, n, n));
        let left = Matrix::new(&a, m, k, k);
        let run = || on_pairs(kernel, left, right, None, &nothing);
        let bits = |values: Vec<bf16>| values.into_iter().map(bf16::to_bits).collect::<Vec<_>>();
        bits(pool.expect("a pool").install(run))
    };
    let in_order = gemm(Kernel::PlainPairs, 1);
    for kernel in Kernel::usable_for_pairs() {
        // Tiles add up the first and the second numbers of pairs apart from each other.
        let expected = match kernel.reads_tiles() {
            true => gemm(kernel, 1),
            false => in_order.clone(),
        };
        for threads in [1, 3] {
            assert!(
                gemm(kernel, threads) == expected,
                "{kernel:?}, {threads} threads"
            );
        }
    }
}

#[test]
fn finishing_comes_before_narrowing() {
    let (m, k, n) = (130, 40, 300);
    let (a, b) = (numbers(m * k, 0.37), numbers(k * n, 0.11));
    let right = Right::Loose(Matrix::new(&b, k, n, n));
    let out = gemm_bf16(
        Matrix::new(&a, m, k, k),
        right,
        None,
        &|row, side, piece| {
            for (column, value) in (side..).zip(piece) {
                *value = (row * 512 + column) as f32;
            }
        },
    );
    for (at, found) in out.iter().enumerate() {
        let expected = <bf16 as Number>::of((at / n * 512 + at % n) as f32);
        assert_eq!(*found, expected);
    }
}

/// A row's result does not follow from the rows beside it: to the bit, also over several blocks of depth.
#[test]
fn a_row_of_narrow_numbers_alone_is_the_row_in_a_batch() {
    let (m, k, n) = (70, 1300, 90);
    let (a, b, bias) = (
        narrowed(&numbers(m * k, 0.37)),
        numbers(k * n, 0.11),
        numbers(n, 0.7),
    );
    let right = Right::Loose(Matrix::new(&b, k, n, n));
    for kernel in Kernel::usable_for_pairs() {
        let of = |rows: &[bf16]| {
            let left = Matrix::new(rows, rows.len() / k, k, k);
            on_pairs(kernel, left, right, Some(&bias), &nothing)
        };
        let all = of(&a);
        for count in [1, 5, 33] {
            let some = of(&a[..count * k]);
            assert!(some == all[..count * n], "{count} rows by {kernel:?}");
        }
    }
}
