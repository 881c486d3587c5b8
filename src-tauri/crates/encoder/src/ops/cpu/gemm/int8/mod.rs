//! GEMM in int8, for inference: weights are quantised once, activations row by row.
//!
//! A weight is a signed byte times its column's scale. An activation is an integer from 0 to 127 minus its
//! row's zero point, times its row's scale. The sums are exact integers, so every processor gives
//! the same bits, whatever the tiles and the threads. The scheme is that of Jacob et al.
//! (Quantization and training of neural networks for efficient integer-arithmetic-only inference,
//! 2018) with scales by column and by row.

pub(super) mod dots;

#[cfg(test)]
mod tests;

use super::super::simd::vectorised;
use super::matrix::{Matrix, Shared};
use super::queue::{Piece, Queue};
use super::scratch::{self, Lines};
use dots::{Block, HEAD, Kernel};
use rayon::prelude::*;

/// The largest number of an activation: seven bits.
const TOP: f32 = 127.0;

/// Rows and columns of a tile.
const TILE: (usize, usize) = (96, 256);

/// Rows that one piece of the queue quantises.
const ROWS: usize = 8;

/// Below so many multiplications, one thread has finished before another one is awake.
const ALONE: usize = 1 << 20;

/// A matrix `[k, n]` of signed bytes with a scale for each column: a quarter of the memory.
pub struct Int8 {
    panels: Lines,
    kernel: Kernel,
    rows: usize,
    columns: usize,
    scales: Vec<f32>,
    totals: Vec<i32>,
}

impl Int8 {
    /// Quantises `matrix`: in each column the largest number becomes ±127.
    pub fn new(matrix: Matrix) -> Self {
        Self::of(Kernel::best(), matrix)
    }

    fn of(kernel: Kernel, matrix: Matrix) -> Self {
        let (rows, columns) = (matrix.rows, matrix.columns);
        let (groups, width) = (kernel.groups(rows), kernel.columns());
        let mut scales = vec![0.0; columns];
        let mut totals = vec![0; columns];
        let mut panels = Lines::default();
        let size = groups * width;
        let padded = columns.next_multiple_of(width);
        panels
            .room(groups * padded)
            .par_chunks_mut(size.max(1))
            .zip(scales.par_chunks_mut(width))
            .zip(totals.par_chunks_mut(width))
            .enumerate()
            .for_each(|(panel, ((out, scales), totals))| {
                out.fill(0.0);
                let bytes = bytes_of(out);
                let columns = scales.iter_mut().zip(totals).enumerate();
                for (column, (scale, total)) in columns {
                    let line = matrix.column_block(panel * width + column, 1);
                    // SAFETY: rows of this very block.
                    let of = |row| unsafe { *line.at(row, 0) };
                    let largest = (0..rows).fold(0.0f32, |top, row| top.max(of(row).abs()));
                    *scale = largest / 127.0;
                    for row in 0..rows {
                        let value = match largest > 0.0 {
                            true => (of(row) / largest * 127.0).round_ties_even() as i8,
                            false => 0,
                        };
                        *total += i32::from(value);
                        bytes[row / 4 * 4 * width + column * 4 + row % 4] = value as u8;
                    }
                }
            });
        Self {
            panels,
            kernel,
            rows,
            columns,
            scales,
            totals,
        }
    }

    /// Its rows, `k`.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Its columns, `n`.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The memory that it takes, in bytes.
    pub fn bytes(&self) -> usize {
        let groups = self.kernel.groups(self.rows);
        4 * groups * self.columns.next_multiple_of(self.kernel.columns()) + 8 * self.columns
    }
}

impl std::fmt::Debug for Int8 {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "Int8({} × {})", self.rows, self.columns)
    }
}

/// `left · right`, with `bias` added to each row where given, on all cores of the current pool.
///
/// Rows of `left` are quantised to seven bits between their smallest and their largest number (or 0).
/// A row with a number that is not finite gives NaN.
///
/// # Panics
/// If the inner sizes differ, if rows of `left` are not contiguous, or if `bias` has not one number
/// for each column.
pub fn gemm_int8(left: Matrix, right: &Int8, bias: Option<&[f32]>) -> Vec<f32> {
    let (rows, columns) = (left.rows, right.columns);
    assert_eq!(left.columns, right.rows, "the inner sizes of a product");
    assert!(
        left.column_stride == 1 || left.columns < 2,
        "rows must be contiguous"
    );
    assert!(bias.is_none_or(|bias| bias.len() == columns));
    let mut out = Vec::with_capacity(rows * columns);
    if rows * columns > 0 {
        let out = Shared::uninit(&mut out, rows * columns);
        let work = Work {
            left,
            right,
            bias,
            out,
        };
        work.run();
    }
    // SAFETY: the tiles cover the matrix, each was written in full, and the capacity suffices.
    unsafe { out.set_len(rows * columns) };
    out
}

struct Work<'a> {
    left: Matrix<'a>,
    right: &'a Int8,
    bias: Option<&'a [f32]>,
    out: Shared<'a>,
}

impl Work<'_> {
    fn run(&self) {
        let (rows, columns) = (self.left.rows, self.right.columns);
        let threads = match rows * columns * self.left.columns < ALONE {
            true => 1,
            false => rayon::current_num_threads(),
        };
        let (mut high, mut wide) = TILE;
        let count = |high, wide| rows.div_ceil(high) * columns.div_ceil(wide);
        while count(high, wide) < 4 * threads && (high > 24 || wide > 64) && threads > 1 {
            match high > 24 && rows > high / 2 {
                true => high /= 2,
                false if wide > 64 => wide /= 2,
                false => break,
            }
        }
        let kernel = self.right.kernel;
        let stride = kernel.groups(self.right.rows) + HEAD;
        let queue = Queue::new(1, rows.div_ceil(ROWS), count(high, wide));
        scratch::shared(|lines| {
            let quantised = Shared::new(lines.room((rows + kernel.rows_behind()) * stride));
            let each = |piece| match piece {
                Piece::Pack(_, at) => {
                    for row in at * ROWS..rows.min((at + 1) * ROWS) {
                        // SAFETY: each row is quantised once, and read when all are.
                        let out = unsafe { quantised.piece(row * stride, stride) };
                        let values = &self.left.values[row * self.left.row_stride..];
                        quantise(&values[..self.left.columns], out);
                    }
                }
                Piece::Tile(_, at) => self.tile(quantised, at, (high, wide)),
            };
            match threads {
                1 => queue.work(each),
                _ => {
                    let threads = (0..threads).into_par_iter().with_max_len(1);
                    threads.for_each(|_| queue.work(each));
                }
            }
        });
    }

    fn tile(&self, quantised: Shared, at: usize, (high, wide): (usize, usize)) {
        let (right, columns) = (self.right, self.right.columns);
        let groups = right.kernel.groups(right.rows);
        let across = columns.div_ceil(wide);
        let (top, side) = (at / across * high, at % across * wide);
        let (high, wide) = (high.min(self.left.rows - top), wide.min(columns - side));
        let block = Block {
            rows: high,
            groups,
            columns: wide,
            left: quantised.at(top * (groups + HEAD)),
            right: right.panels.start().wrapping_add(side * groups).cast(),
            scales: right.scales[side..].as_ptr(),
            totals: right.totals[side..].as_ptr(),
            bias: self
                .bias
                .map_or(std::ptr::null(), |bias| bias[side..].as_ptr()),
            out: self.out.at(top * columns + side),
            out_row: columns,
        };
        // SAFETY: tiles begin at panels; no other piece writes this one.
        unsafe { right.kernel.run(&block) };
    }
}

/// The memory of numbers as bytes.
fn bytes_of(values: &mut [f32]) -> &mut [u8] {
    let count = size_of_val(values);
    // SAFETY: numbers are bytes, of any value, and have no padding.
    unsafe { std::slice::from_raw_parts_mut(values.as_mut_ptr().cast(), count) }
}

/// Quantises a row: its scale, its zero point, and a byte for each number, zeros up to the end.
fn quantise(values: &[f32], out: &mut [f32]) {
    let (low, high, finite) = range(values);
    let scale = (high - low) / TOP;
    let (head, bytes) = out.split_at_mut(HEAD);
    let bytes = bytes_of(bytes);
    bytes[values.len()..].fill(0);
    let (inverse, zero) = match scale.is_normal() {
        true => (
            1.0 / scale,
            (-low / scale).round_ties_even().clamp(0.0, TOP),
        ),
        false => (0.0, 0.0),
    };
    round(values, inverse, zero, &mut bytes[..values.len()]);
    head[0] = if finite { scale } else { f32::NAN };
    head[1] = zero;
}

vectorised! {
    /// The smallest and the largest of the numbers and 0, and whether all are finite.
    fn range(values: &[f32]) -> (f32, f32, bool) {
        const LANES: usize = 32;
        let (mut low, mut high, mut sum) = ([0.0f32; LANES], [0.0f32; LANES], [0.0f32; LANES]);
        let mut take = |lane: usize, x: f32| {
            low[lane] = if x < low[lane] { x } else { low[lane] };
            high[lane] = if x > high[lane] { x } else { high[lane] };
            // NaN once x is not finite, 0 as long as all are.
            sum[lane] += x * 0.0;
        };
        let (blocks, rest) = values.as_chunks::<LANES>();
        for block in blocks {
            for (lane, x) in block.iter().enumerate() {
                take(lane, *x);
            }
        }
        for (lane, x) in rest.iter().enumerate() {
            take(lane, *x);
        }
        let low = low.iter().fold(0.0f32, |a, b| a.min(*b));
        let high = high.iter().fold(0.0f32, |a, b| a.max(*b));
        (low, high, sum.iter().all(|x| *x == 0.0) && (high - low).is_finite())
    }
}

vectorised! {
    /// `x · inverse + zero`, rounded, between 0 and 127.
    fn round(values: &[f32], inverse: f32, zero: f32, out: &mut [u8]) {
        // Adding 2^23 leaves the nearest whole number in the low bits of the sum.
        const ROUND: f32 = 8_388_608.0;
        for (x, out) in values.iter().zip(out) {
            let x = x * inverse + zero;
            let x = if x > 0.0 { x } else { 0.0 };
            let x = if x < TOP { x } else { TOP };
            *out = (x + ROUND).to_bits() as u8;
        }
    }
}

/// The name of the instruction set of the kernel for this machine.
pub(super) fn instructions() -> Option<&'static str> {
    dots::Kernel::best().instructions()
}
