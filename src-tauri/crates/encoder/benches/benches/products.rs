//! Matrix products at the sizes of an encoder's layers: own kernels beside the `gemm` crate.
//!
//! Throughput is in floating-point operations (two for each multiplication): `Gelem/s` reads as
//! GFLOP/s. `cargo bench --manifest-path src-tauri/crates/encoder/benches/Cargo.toml`.
#![allow(missing_docs, reason = "criterion's macros declare the functions")]
#![allow(unsafe_code, reason = "the `gemm` crate takes pointers")]

use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput, measurement::WallTime};
use std::hint::black_box;
use std::time::Duration;
use tagsmith_products::gemm::{Int8, Matrix, Packed, gemm, gemm_int8, gemm_packed};

/// `k × n` of the layers: MiniLM's and BERT-base's, projections and feed-forward.
const LAYERS: [(usize, usize); 6] = [
    (384, 384),
    (384, 1536),
    (1536, 384),
    (768, 768),
    (768, 3072),
    (3072, 768),
];

/// Tokens in a batch of training.
const TOKENS: [usize; 4] = [512, 1024, 2048, 4096];

/// Tokens in a sentence or a few.
const FEW: [usize; 5] = [1, 4, 16, 32, 64];

fn numbers(count: usize, seed: f32) -> Vec<f32> {
    (0..count).map(|at| (at as f32 * seed).sin()).collect()
}

/// A matrix and how it lies: the number of columns in memory, and whether it is read across.
#[derive(Clone, Copy)]
struct Operand<'a> {
    values: &'a [f32],
    columns: usize,
    turned: bool,
}

impl<'a> Operand<'a> {
    fn matrix(self) -> Matrix<'a> {
        let rows = self.values.len() / self.columns;
        let matrix = Matrix::new(self.values, rows, self.columns, self.columns);
        match self.turned {
            true => matrix.transposed(),
            false => matrix,
        }
    }

    /// Strides of its columns and its rows.
    fn strides(self) -> (isize, isize) {
        match self.turned {
            true => (self.columns as isize, 1),
            false => (1, self.columns as isize),
        }
    }
}

/// The `gemm` crate's product, by its own threads.
fn other(left: Operand, right: Operand, [m, k, n]: [usize; 3]) -> Vec<f32> {
    let mut out = Vec::<f32>::with_capacity(m * n);
    let ((left_column, left_row), (right_column, right_row)) = (left.strides(), right.strides());
    let threads = gemm::Parallelism::Rayon(rayon::current_num_threads());
    // SAFETY: the operands have these sizes and strides, and all of `out` is written.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            1,
            n as isize,
            false,
            left.values.as_ptr(),
            left_column,
            left_row,
            right.values.as_ptr(),
            right_column,
            right_row,
            0.0f32,
            1.0f32,
            false,
            false,
            false,
            threads,
        );
        out.set_len(m * n);
    }
    out
}

fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group
        .sample_size(10)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(500));
    group
}

/// The three products of a layer in training: forward, input's gradient, weight's gradient.
fn training(criterion: &mut Criterion) {
    for (k, n) in LAYERS {
        for rows in TOKENS {
            let (x, w, dy) = (
                numbers(rows * k, 0.3),
                numbers(k * n, 0.7),
                numbers(rows * n, 0.1),
            );
            let of = |values, columns, turned| Operand {
                values,
                columns,
                turned,
            };
            for (name, left, right, sizes) in [
                ("X·W", of(&x, k, false), of(&w, n, false), [rows, k, n]),
                ("dY·Wᵀ", of(&dy, n, false), of(&w, n, true), [rows, n, k]),
                ("Xᵀ·dY", of(&x, k, true), of(&dy, n, false), [k, rows, n]),
            ] {
                let mut group = group(criterion, &format!("{name} {k}×{n}"));
                group.throughput(Throughput::Elements(2 * (rows * k * n) as u64));
                group.bench_function(BenchmarkId::new("own", rows), |bencher| {
                    bencher.iter(|| black_box(gemm(left.matrix(), right.matrix(), None)));
                });
                group.bench_function(BenchmarkId::new("gemm", rows), |bencher| {
                    bencher.iter(|| black_box(other(left, right, sizes)));
                });
            }
        }
    }
}

/// A layer in prediction: the weight as it lies, packed, and in eight bits.
fn prediction(criterion: &mut Criterion) {
    for (k, n) in LAYERS {
        let w = numbers(k * n, 0.7);
        let right = Matrix::new(&w, k, n, n);
        let (packed, int8) = (Packed::new(right), Int8::new(right));
        for rows in FEW.into_iter().chain([512]) {
            let x = numbers(rows * k, 0.3);
            let left = Matrix::new(&x, rows, k, k);
            let mut group = group(criterion, &format!("prediction {k}×{n}"));
            group.throughput(Throughput::Elements(2 * (rows * k * n) as u64));
            group.bench_function(BenchmarkId::new("loose", rows), |bencher| {
                bencher.iter(|| black_box(gemm(left, right, None)));
            });
            group.bench_function(BenchmarkId::new("packed", rows), |bencher| {
                bencher.iter(|| black_box(gemm_packed(left, &packed, None)));
            });
            group.bench_function(BenchmarkId::new("int8", rows), |bencher| {
                bencher.iter(|| black_box(gemm_int8(left, &int8, None)));
            });
        }
    }
}

criterion::criterion_group!(benches, training, prediction);
criterion::criterion_main!(benches);
