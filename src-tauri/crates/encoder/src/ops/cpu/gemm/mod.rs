//! GEMM in `f32` and `bf16` on slices: strided operands without copies, on all cores, near the peak.
//!
//! A product is cut into tiles of the result. [`kernel`] computes a few rows times a few columns with
//! all sums in registers; [`pack`] brings operands into the order in which it reads them; [`tiles`]
//! lets the threads take packing and tiles from one queue.
//!
//! The sum of an element runs over `k` in blocks of [`DEPTH`], whatever the tiles, the threads, the
//! other rows and, where products and sums are rounded once, the processor: so the same row times the
//! same matrix always gives the same bits.
#![allow(
    unsafe_code,
    reason = "kernels read by pointers; tiles of one matrix are written in parallel"
)]

#[cfg(target_arch = "x86_64")]
mod amx;
// Code that is not optimised keeps everything in memory.
#[cfg(all(test, not(debug_assertions), target_arch = "x86_64"))]
mod code;
mod int8;
mod kernel;
mod matrix;
mod number;
mod operand;
mod pack;
mod packed;
mod pairs;
mod queue;
mod scratch;
mod simd;
#[cfg(target_arch = "x86_64")]
mod sixteen;
#[cfg(test)]
mod tests;
mod tiles;

use half::bf16;
pub use int8::{Int8, gemm_int8};
use kernel::{Block, Kernel, Start};
pub use matrix::Matrix;
pub(super) use matrix::{Shared, Target};
pub use number::Number;
pub(super) use number::{to_bf16, to_f32};
use operand::{Operand, Pairs};
pub use packed::Packed;
use pairs::Pack;
use rayon::prelude::*;
pub(super) use tiles::Out;

/// How much of `k` a kernel sums up before it adds to the result: a panel of this depth fits the L1
/// cache. The same on every machine, since it decides the order of the sums.
const DEPTH: usize = 256;

/// Below so many multiplications, one thread has finished before another one is awake.
const ALONE: usize = 1 << 19;

/// Up to so many rows, a product with a packed matrix is divided among the threads by columns only:
/// divided by rows as well, so few rows would make tiles of very different sizes.
const IN_STRIPS: usize = 128;

/// Columns that a single thread packs into panels at a time: 256 KiB of memory.
const PANELS: usize = 256;

/// `left · right`, with `bias` added to each row where given, on all cores of the current pool.
///
/// The result is `[left's rows, right's columns]`, row by row.
///
/// # Panics
/// If the inner sizes differ, or `bias` has not one number for each column.
pub fn gemm(left: Matrix, right: Matrix, bias: Option<&[f32]>) -> Vec<f32> {
    on(Kernel::best(), left, Right::Loose(right), bias, &nothing)
}

/// [`gemm`] with a packed right operand: as fast for few rows as for many.
pub fn gemm_packed(left: Matrix, right: &Packed, bias: Option<&[f32]>) -> Vec<f32> {
    let right = Right::Packed(right, 0);
    on(Kernel::best(), left, right, bias, &nothing)
}

/// [`gemm`] with an epilogue, which is called with each piece of a row when it is complete and still in
/// the cache: with the row, the piece's first column, and its numbers, which it may change.
pub fn gemm_with_epilogue(
    left: Matrix,
    right: Right,
    bias: Option<&[f32]>,
    epilogue: &(dyn Fn(usize, usize, &mut [f32]) + Sync),
) -> Vec<f32> {
    on(Kernel::best(), left, right, bias, epilogue)
}

/// [`gemm_with_epilogue`] in `bf16`: operands are converted where necessary, sums and `bias` are `f32`, and
/// `epilogue` is called before the sums are converted to the result.
pub fn gemm_bf16<L: Factor>(
    left: Matrix<L>,
    right: Right,
    bias: Option<&[f32]>,
    epilogue: &(dyn Fn(usize, usize, &mut [f32]) + Sync),
) -> Vec<bf16> {
    on_pairs(Kernel::best_for_pairs(), left, right, bias, epilogue)
}

/// [`gemm_bf16`] of two matrices of either type, without bias and epilogue.
pub fn gemm_bf16_matrices<L: Factor, R: Factor>(left: Matrix<L>, right: Matrix<R>) -> Vec<bf16> {
    on_two_of_pairs(Kernel::best_for_pairs(), left, right)
}

/// The instruction set by which this processor multiplies `bf16` faster than `f32`, if it has one.
pub fn bf16_instructions() -> Option<&'static str> {
    Kernel::best_for_pairs().instructions()
}

/// The instruction set of the kernel in `f32` for this processor, if there is one.
pub fn f32_instructions() -> Option<&'static str> {
    Kernel::best().instructions()
}

/// The instruction set of the kernel in int8 for this processor, if there is one.
pub fn int8_instructions() -> Option<&'static str> {
    int8::instructions()
}

/// An element that can be packed as `bf16`.
#[allow(private_bounds, reason = "there are two, both here")]
pub trait Factor: Number + Pack {}

impl<E: Number + Pack> Factor for E {}

fn on_pairs<L: Factor>(
    kernel: Kernel,
    left: Matrix<L>,
    right: Right,
    bias: Option<&[f32]>,
    epilogue: Epilogue,
) -> Vec<bf16> {
    assert_eq!(left.columns, right.rows(), "the inner sizes of a product");
    let columns = right.columns();
    let turned;
    let right = match right {
        Right::Loose(matrix) => {
            turned = Pairs::new(matrix.transposed(), kernel);
            tiles::Right::Loose(&turned)
        }
        Right::Packed(packed, side) => tiles::Right::Packed(packed, side),
    };
    assert!(bias.is_none_or(|bias| bias.len() == columns));
    written(left.rows * columns, |out| {
        tiles::run(
            kernel,
            Out::Bf16(out),
            &Pairs::new(left, kernel),
            right,
            bias,
            epilogue,
        );
    })
}

fn on_two_of_pairs<L: Factor, R: Factor>(
    kernel: Kernel,
    left: Matrix<L>,
    right: Matrix<R>,
) -> Vec<bf16> {
    assert_eq!(left.columns, right.rows, "the inner sizes of a product");
    let turned = Pairs::new(right.transposed(), kernel);
    let loose = tiles::Right::Loose(&turned);
    written(left.rows * right.columns, |out| {
        let left: &dyn Operand = &Pairs::new(left, kernel);
        tiles::run(kernel, Out::Bf16(out), left, loose, None, &nothing);
    })
}

/// A vector of `size` numbers, all of which `write` writes.
fn written<E>(size: usize, write: impl FnOnce(Shared<E>)) -> Vec<E> {
    // Clearing them first would only cost time.
    let mut out = Vec::with_capacity(size);
    if size > 0 {
        write(Shared::uninit(&mut out, size));
    }
    // SAFETY: each was written, the capacity suffices.
    unsafe { out.set_len(size) };
    out
}

fn nothing(_: usize, _: usize, _: &mut [f32]) {}

/// Called with complete pieces of rows; see [`gemm_with_epilogue`].
type Epilogue<'a> = &'a (dyn Fn(usize, usize, &mut [f32]) + Sync);

/// The right operand of a product.
#[derive(Clone, Copy)]
pub enum Right<'a> {
    /// Not packed.
    Loose(Matrix<'a>),
    /// Packed; from a column on that begins a panel.
    Packed(&'a Packed, usize),
}

impl Right<'_> {
    fn rows(&self) -> usize {
        match self {
            Self::Loose(matrix) => matrix.rows,
            Self::Packed(packed, _) => packed.rows(),
        }
    }

    fn columns(&self) -> usize {
        match self {
            Self::Loose(matrix) => matrix.columns,
            Self::Packed(packed, side) => packed.columns() - side,
        }
    }
}

impl Target<'_> {
    /// Sets it to `scale · left · right`, on this thread.
    pub(in super::super) fn set(self, scale: f32, left: Matrix, right: Matrix) {
        let right = Right::Loose(right);
        alone(Kernel::best(), &self, scale, left, right, None);
    }
}

/// The product by one kernel.
fn on(
    kernel: Kernel,
    left: Matrix,
    right: Right,
    bias: Option<&[f32]>,
    epilogue: Epilogue,
) -> Vec<f32> {
    let (rows, columns, depth) = (left.rows, right.columns(), left.columns);
    assert_eq!(depth, right.rows(), "the inner sizes of a product");
    assert!(bias.is_none_or(|bias| bias.len() == columns));
    // Every element is written below: clearing them first would only cost time.
    let mut out = Vec::with_capacity(rows * columns);
    if rows * columns > 0 {
        let shared = Shared::uninit(&mut out, rows * columns);
        let direct = match right {
            Right::Loose(matrix) => matrix.column_stride == 1 && rows <= kernel.rows(),
            Right::Packed(..) => rows <= IN_STRIPS,
        };
        if rows * columns * depth < ALONE {
            strip(kernel, shared, (0, columns), left, right, bias, epilogue);
        } else if direct {
            let parts = 4 * rayon::current_num_threads();
            let wide = columns.div_ceil(parts).next_multiple_of(kernel.columns());
            let strips = (0..columns.div_ceil(wide)).into_par_iter().with_max_len(1);
            strips.for_each(|part| {
                let wide = (part * wide, wide.min(columns - part * wide));
                strip(kernel, shared, wide, left, right, bias, epilogue);
            });
        } else {
            let turned;
            let right = match right {
                Right::Loose(matrix) => {
                    turned = matrix.transposed();
                    tiles::Right::Loose(&turned)
                }
                Right::Packed(packed, side) => tiles::Right::Packed(packed, side),
            };
            tiles::run(kernel, Out::F32(shared), &left, right, bias, epilogue);
        }
    }
    // SAFETY: strips and tiles cover the matrix, each was written in full, the capacity suffices.
    unsafe { out.set_len(rows * columns) };
    out
}

/// The columns from `side` on, `wide` of them, on this thread.
fn strip(
    kernel: Kernel,
    out: Shared,
    (side, wide): (usize, usize),
    left: Matrix,
    right: Right,
    bias: Option<&[f32]>,
    epilogue: Epilogue,
) {
    let columns = right.columns();
    // SAFETY: the strips of a product share no element.
    let target = unsafe { out.target(side, left.rows, wide, columns) };
    let right = match right {
        Right::Loose(matrix) => Right::Loose(matrix.column_block(side, wide)),
        Right::Packed(packed, first) => Right::Packed(packed, first + side),
    };
    let bias = bias.map(|bias| &bias[side..side + wide]);
    alone(kernel, &target, 1.0, left, right, bias);
    for row in 0..left.rows {
        // SAFETY: this strip's alone, and written just now.
        epilogue(row, side, unsafe { out.piece(row * columns + side, wide) });
    }
}

/// Sets `target` to `scale · left · right`, plus `bias` on each row, on this thread.
///
/// A packed operand may have more columns than the target; the first ones count.
fn alone(
    kernel: Kernel,
    target: &Target,
    scale: f32,
    left: Matrix,
    right: Right,
    bias: Option<&[f32]>,
) {
    let (rows, columns, depth) = (target.rows, target.columns, left.columns);
    assert_eq!((rows, depth), (left.rows, right.rows()));
    assert!(columns <= right.columns());
    let width = kernel.columns();
    let (packed, direct) = match right {
        Right::Packed(..) => (columns, 0),
        // Copying pays where panels are read often. A kernel reads whole panels only.
        Right::Loose(matrix) if matrix.column_stride == 1 && rows <= 4 * kernel.rows() => {
            (0, columns / width * width)
        }
        Right::Loose(_) => (0, 0),
    };
    scratch::own(|lines| {
        for from in (0..depth.max(1)).step_by(DEPTH) {
            let to = (from + DEPTH).min(depth);
            let mut block = Block {
                rows,
                depth: to - from,
                columns: 0,
                left: left.at(0, from),
                left_row: left.row_stride,
                left_step: left.column_stride,
                left_panel: left.row_stride * kernel.rows(),
                right: std::ptr::null(),
                right_step: width,
                right_panel: width * (to - from),
                then: std::ptr::null(),
                out: target.start,
                out_row: target.stride,
                scale,
                start: Start::at(from, bias, 0),
            };
            let mut side = 0;
            while side < columns {
                block.out = target.start.wrapping_add(side);
                block.start = Start::at(from, bias, side);
                block.columns = columns - side;
                match right {
                    Right::Packed(panels, first) => {
                        block.right = panels.at(kernel, from, first + side);
                        block.columns = packed;
                        // The next block, or what this thread will probably do next.
                        let next = first + columns;
                        block.then = match to < depth {
                            true => panels.at(kernel, to, first),
                            false if next < panels.columns() && next.is_multiple_of(width) => {
                                panels.at(kernel, 0, next)
                            }
                            false => std::ptr::null(),
                        };
                    }
                    Right::Loose(matrix) if side < direct => {
                        block.right = matrix.at(from, side);
                        (block.right_step, block.right_panel) = (matrix.row_stride, width);
                        block.columns = direct - side;
                    }
                    Right::Loose(matrix) => {
                        block.columns = block.columns.min(PANELS);
                        (block.right_step, block.right_panel) = (width, width * (to - from));
                        let room = block.columns.next_multiple_of(width) * (to - from);
                        let panels = lines.room(room);
                        block.right = panels.as_ptr();
                        let columns = matrix.transposed().row_block(side, block.columns);
                        pack::panels(columns, width, from, to, panels);
                    }
                }
                // SAFETY: operands lie in their slices and panels; the target is borrowed.
                unsafe { kernel.run(&block) };
                side += block.columns;
            }
        }
    });
}
