//! The innermost loops: a few rows times a few columns, with all sums in registers.
//!
//! The scheme is that of Goto and van de Geijn (Anatomy of high-performance matrix multiplication,
//! 2008). Each element is one chain of multiply-adds over `k`, whatever the tile it lies in, so all
//! tilings, and all processors that round such a step once, give the same bits.

#![allow(
    clippy::needless_range_loop,
    reason = "registers are named by row and column"
)]

#[cfg(target_arch = "aarch64")]
use super::lanes::Neon;
#[cfg(target_arch = "x86_64")]
use super::lanes::{Avx2, Avx512};
use super::lanes::{Lanes, Plain};

/// One call's work: `rows × depth` times `depth × columns`, all strides in elements.
///
/// Left is read element by element, so that it may lie in any way; right is read in panels of
/// [`Kernel::columns`] adjacent columns.
#[derive(Clone, Copy)]
pub(super) struct Block {
    pub(super) rows: usize,
    pub(super) depth: usize,
    pub(super) columns: usize,
    pub(super) left: *const f32,
    /// From one row to the next within a panel of [`Kernel::rows`] rows.
    pub(super) left_row: usize,
    /// From one element of a row to the next.
    pub(super) left_step: usize,
    /// From one panel of rows to the next.
    pub(super) left_panel: usize,
    pub(super) right: *const f32,
    /// From one row of a panel to the next.
    pub(super) right_step: usize,
    /// From one panel to the next. Every panel, the last too, can be read in its full width.
    pub(super) right_panel: usize,
    pub(super) out: *mut f32,
    pub(super) out_row: usize,
    pub(super) scale: f32,
    pub(super) start: Start,
}

/// What the scaled sums are added to.
#[derive(Clone, Copy)]
pub(super) enum Start {
    Nothing,
    /// One number for each column.
    Bias(*const f32),
    /// What stands there.
    Out,
}

impl Start {
    /// For the sums over `k` from `from` on, at column `side`.
    pub(super) fn at(from: usize, bias: Option<&[f32]>, side: usize) -> Self {
        match (from, bias) {
            (0, None) => Self::Nothing,
            (0, Some(bias)) => Self::Bias(bias[side..].as_ptr()),
            _ => Self::Out,
        }
    }
}

/// The kinds of processor that there is a kernel for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kernel {
    Plain,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "aarch64")]
    Neon,
}

impl Kernel {
    /// All that this machine can run, the best last.
    pub(super) fn usable() -> Vec<Self> {
        let mut usable = vec![Self::Plain];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                usable.push(Self::Avx2);
            }
            if is_x86_feature_detected!("avx512f") {
                usable.push(Self::Avx512);
            }
        }
        #[cfg(target_arch = "aarch64")]
        usable.push(Self::Neon);
        usable
    }

    /// The best for this machine.
    pub(super) fn best() -> Self {
        static BEST: std::sync::OnceLock<Kernel> = std::sync::OnceLock::new();
        *BEST.get_or_init(|| Self::usable().pop().unwrap_or(Self::Plain))
    }

    /// How many rows a panel of the left operand has.
    pub(super) const fn rows(self) -> usize {
        match self {
            Self::Plain => 6,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => 6,
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => 12,
            #[cfg(target_arch = "aarch64")]
            Self::Neon => 6,
        }
    }

    /// How many columns a panel of the right operand has.
    pub(super) const fn columns(self) -> usize {
        match self {
            Self::Plain => 8,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => 16,
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => 32,
            #[cfg(target_arch = "aarch64")]
            Self::Neon => 16,
        }
    }

    /// Does the work of `block`.
    ///
    /// # Safety
    /// The processor has what the kernel needs; the block's pointers and strides stay within memory
    /// that may be read and, for `out`, is this call's alone to write.
    pub(super) unsafe fn run(self, block: &Block) {
        // SAFETY: as the caller vouches.
        unsafe {
            match self {
                Self::Plain => on_any(block),
                #[cfg(target_arch = "x86_64")]
                Self::Avx2 => on_avx2(block),
                #[cfg(target_arch = "x86_64")]
                Self::Avx512 => on_avx512(block),
                #[cfg(target_arch = "aarch64")]
                Self::Neon => on_neon(block),
            }
        }
    }
}

/// Walks over the panels and calls the kernel compiled for as many rows as there are.
macro_rules! walk {
    ($block:ident, $lanes:ty, $vectors:literal, $rows:literal, [$($fewer:literal)*]) => {{
        let width = $vectors * <$lanes>::N;
        for panel in 0..$block.columns.div_ceil(width) {
            let mut top = 0;
            while top < $block.rows {
                let (height, column) = ($rows.min($block.rows - top), panel * width);
                let left = $block.left.add(top / $rows * $block.left_panel);
                let right = $block.right.add(panel * $block.right_panel);
                let columns = width.min($block.columns - column);
                match height {
                    $rows => tile::<$lanes, $rows, $vectors>($block, left, right, top, column, columns),
                    $($fewer => tile::<$lanes, $fewer, $vectors>($block, left, right, top, column, columns),)*
                    _ => unreachable!(),
                }
                top += height;
            }
        }
    }};
}

unsafe fn on_any(block: &Block) {
    unsafe { walk!(block, Plain, 2, 6, [5 4 3 2 1]) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn on_avx2(block: &Block) {
    unsafe { walk!(block, Avx2, 2, 6, [5 4 3 2 1]) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
unsafe fn on_avx512(block: &Block) {
    unsafe { walk!(block, Avx512, 2, 12, [11 10 9 8 7 6 5 4 3 2 1]) }
}

#[cfg(target_arch = "aarch64")]
unsafe fn on_neon(block: &Block) {
    unsafe { walk!(block, Neon, 4, 6, [5 4 3 2 1]) }
}

/// `R` rows times `V` registers of columns, of which the first `columns` are written.
#[inline(always)]
unsafe fn tile<L: Lanes, const R: usize, const V: usize>(
    block: &Block,
    left: *const f32,
    right: *const f32,
    top: usize,
    column: usize,
    columns: usize,
) {
    unsafe {
        let out = block.out.add(top * block.out_row + column);
        for row in 0..R {
            L::prefetch(out.add(row * block.out_row));
            L::prefetch(out.add(row * block.out_row + columns - 1));
        }
        let mut sums = match (block.left_row, block.left_step) {
            (_, 1) => sums::<L, R, V, UNIT_STEP>(block, left, right),
            (1, _) => sums::<L, R, V, UNIT_ROW>(block, left, right),
            _ => sums::<L, R, V, ANY>(block, left, right),
        };
        if block.scale != 1.0 {
            let scale = L::splat(block.scale);
            for row in &mut sums {
                for sum in row {
                    *sum = sum.times(scale);
                }
            }
        }
        if columns == V * L::N {
            for r in 0..R {
                for v in 0..V {
                    let at = out.add(r * block.out_row + v * L::N);
                    let sum = sums[r][v];
                    match block.start {
                        Start::Nothing => sum,
                        Start::Bias(bias) => sum.add(L::load(bias.add(column + v * L::N))),
                        Start::Out => sum.add(L::load(at)),
                    }
                    .store(at);
                }
            }
            return;
        }
        // The last columns of a matrix: through memory, so as to write no more than there is.
        for r in 0..R {
            // No kernel's panels are wider.
            let mut row = [0.0f32; 32];
            for v in 0..V {
                sums[r][v].store(row.as_mut_ptr().add(v * L::N));
            }
            for (c, sum) in row[..columns].iter().enumerate() {
                let at = out.add(r * block.out_row + c);
                *at = match block.start {
                    Start::Nothing => *sum,
                    Start::Bias(bias) => *sum + *bias.add(column + c),
                    Start::Out => *sum + *at,
                };
            }
        }
    }
}

/// How the left operand lies, so that the compiler knows the stride that is one.
const ANY: u8 = 0;
const UNIT_STEP: u8 = 1;
const UNIT_ROW: u8 = 2;

/// The sums of a tile.
#[inline(always)]
unsafe fn sums<L: Lanes, const R: usize, const V: usize, const LEFT: u8>(
    block: &Block,
    left: *const f32,
    right: *const f32,
) -> [[L; V]; R] {
    const UNROLLED: usize = 4;
    let row = if LEFT == UNIT_ROW { 1 } else { block.left_row };
    let step = if LEFT == UNIT_STEP {
        1
    } else {
        block.left_step
    };
    unsafe {
        let mut sums = [[L::splat(0.0); V]; R];
        let mut lines = [left; R];
        for r in 0..R {
            lines[r] = left.wrapping_add(r * row);
        }
        let (mut left, mut right) = (left, right);
        let mut at = 0;
        macro_rules! step {
            ($ahead:expr) => {
                let line = right.add($ahead * block.right_step);
                let mut columns = [L::splat(0.0); V];
                for v in 0..V {
                    columns[v] = L::load(line.add(v * L::N));
                }
                for r in 0..R {
                    let x = L::splat(match LEFT {
                        UNIT_ROW => *left.add($ahead * step + r),
                        _ => *lines[r].add((at + $ahead) * step),
                    });
                    for v in 0..V {
                        sums[r][v] = x.times_plus(columns[v], sums[r][v]);
                    }
                }
            };
        }
        while at + UNROLLED <= block.depth {
            step!(0);
            step!(1);
            step!(2);
            step!(3);
            at += UNROLLED;
            left = left.wrapping_add(UNROLLED * step);
            right = right.wrapping_add(UNROLLED * block.right_step);
        }
        while at < block.depth {
            step!(0);
            at += 1;
            left = left.wrapping_add(step);
            right = right.wrapping_add(block.right_step);
        }
        sums
    }
}
