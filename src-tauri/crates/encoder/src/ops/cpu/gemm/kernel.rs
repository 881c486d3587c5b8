//! The innermost loops: a few rows times a few columns, with all sums in registers.
//!
//! The scheme is that of Goto and van de Geijn (Anatomy of high-performance matrix multiplication,
//! 2008). Each element is one chain of multiply-adds over `k`, whatever the tile it lies in, so all
//! tilings, and all processors that round such a step once, give the same bits.

#![allow(
    clippy::needless_range_loop,
    reason = "registers are named by row and column"
)]

#[cfg(target_arch = "x86_64")]
use super::amx;
#[cfg(target_arch = "aarch64")]
use super::simd::Neon;
#[cfg(target_arch = "x86_64")]
use super::simd::{Avx2, Avx512, Avx512Pairs};
use super::simd::{Plain, PlainPairs, SimdF32};

/// One call's work: `rows × depth` times `depth × columns`, all strides in units as
/// [`Operand`](super::operand::Operand) has them.
///
/// The left operand is read element by element, so its strides are arbitrary; the right one is read in
/// panels of [`Kernel::columns`] adjacent columns.
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
    /// What will be read when the last panel is done, or null. It is asked for ahead of time: a panel of a
    /// model's weights comes from memory, and few rows do not give it the time to arrive.
    pub(super) then: *const f32,
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
    /// The result as it is.
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
    /// The rest multiply pairs of 16-bit numbers.
    PlainPairs,
    #[cfg(target_arch = "x86_64")]
    Avx512Pairs,
    #[cfg(target_arch = "x86_64")]
    Amx,
    /// The machine code of `Amx`, emulated.
    #[cfg(all(test, target_arch = "x86_64"))]
    AmxEmulated,
}

impl Kernel {
    /// All in `f32` that this machine can run, the best last.
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

    /// All for pairs of `bf16` that this machine can run, the best last.
    pub(super) fn usable_for_pairs() -> Vec<Self> {
        let mut usable = vec![Self::PlainPairs];
        #[cfg(all(test, target_arch = "x86_64"))]
        usable.push(Self::AmxEmulated);
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512bf16") {
                usable.push(Self::Avx512Pairs);
            }
            if amx::usable().pairs {
                usable.push(Self::Amx);
            }
        }
        usable
    }

    /// The best for pairs; without instructions for them, the plain one.
    pub(super) fn best_for_pairs() -> Self {
        static BEST: std::sync::OnceLock<Kernel> = std::sync::OnceLock::new();
        *BEST.get_or_init(|| Self::usable_for_pairs().pop().unwrap_or(Self::PlainPairs))
    }

    /// The best in `f32`.
    pub(super) fn best() -> Self {
        static BEST: std::sync::OnceLock<Kernel> = std::sync::OnceLock::new();
        *BEST.get_or_init(|| Self::usable().pop().unwrap_or(Self::Plain))
    }

    /// The name of its instruction set.
    pub(super) fn instructions(self) -> Option<&'static str> {
        match self {
            Self::Plain | Self::PlainPairs => None,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => Some("AVX2"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => Some("AVX-512"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Pairs => Some("AVX512-BF16"),
            #[cfg(target_arch = "x86_64")]
            Self::Amx => Some("AMX-BF16"),
            #[cfg(all(test, target_arch = "x86_64"))]
            Self::AmxEmulated => None,
            #[cfg(target_arch = "aarch64")]
            Self::Neon => Some("NEON"),
        }
    }

    /// How many rows a panel of the left operand has.
    pub(super) const fn rows(self) -> usize {
        match self {
            Self::Plain | Self::PlainPairs => 6,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => 6,
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 | Self::Avx512Pairs => 12,
            #[cfg(target_arch = "x86_64")]
            _ => amx::SIDE,
            #[cfg(target_arch = "aarch64")]
            Self::Neon => 6,
        }
    }

    /// How many units in depth it takes at once: panels have whole steps.
    pub(super) const fn step(self) -> usize {
        match self.reads_tiles() {
            #[cfg(target_arch = "x86_64")]
            true => amx::STEP,
            _ => 1,
        }
    }

    /// Whether panels of the left operand are ordered step by step, and row by row within a step.
    pub(super) const fn reads_tiles(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Amx => true,
            #[cfg(all(test, target_arch = "x86_64"))]
            Self::AmxEmulated => true,
            _ => false,
        }
    }

    /// Whether a large left operand is read as fast without packing: a few rows of it at a time are, if
    /// each is contiguous.
    pub(super) const fn reads_rows_as_they_lie(self) -> bool {
        self.rows() <= 6
    }

    /// How many columns a panel of the right operand has.
    pub(super) const fn columns(self) -> usize {
        match self {
            Self::Plain | Self::PlainPairs => 8,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => 16,
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 | Self::Avx512Pairs => 32,
            #[cfg(target_arch = "x86_64")]
            _ => amx::SIDE,
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
                Self::Plain => walk(block, &PLAIN, 8),
                #[cfg(target_arch = "x86_64")]
                Self::Avx2 => walk(block, &AVX2, 16),
                #[cfg(target_arch = "x86_64")]
                Self::Avx512 => walk(block, &AVX512, 32),
                #[cfg(target_arch = "aarch64")]
                Self::Neon => walk(block, &NEON, 16),
                Self::PlainPairs => walk(block, &PLAIN_PAIRS, 8),
                #[cfg(target_arch = "x86_64")]
                Self::Avx512Pairs => walk(block, &AVX512_PAIRS, 32),
                #[cfg(target_arch = "x86_64")]
                Self::Amx => amx::with_tiles(|| amx::run(block, amx::sums_of_pairs)),
                #[cfg(all(test, target_arch = "x86_64"))]
                Self::AmxEmulated => amx::run(block, amx::emulator::sums_of_pairs),
            }
        }
    }
}

/// Computes one tile: the block, where its left and its right panel begin, what to ask for meanwhile, its
/// first row and column in the result, and how many of its columns are written.
type Tile = unsafe fn(&Block, *const f32, *const f32, *const f32, usize, usize, usize);

/// The tiles of a processor's kernel, compiled apart from each other for each number of rows, from one
/// on, and for each stride of the left operand that is 1.
type Tiles = [[Tile; 3]];

/// Walks over the panels and calls the kernel compiled for as many rows as there are.
///
/// # Safety
/// As for [`Kernel::run`].
unsafe fn walk(block: &Block, tiles: &Tiles, width: usize) {
    let lies = match (block.left_row, block.left_step) {
        (_, 1) => UNIT_STEP,
        (1, _) => UNIT_ROW,
        _ => ANY,
    };
    let panels = block.columns.div_ceil(width);
    let groups = block.rows.div_ceil(tiles.len());
    // Cut evenly where rows lie evenly: a rest of a few has too few sums to keep the multipliers busy.
    let is_even = block.left_panel == tiles.len() * block.left_row;
    for panel in 0..panels {
        let column = panel * width;
        let columns = width.min(block.columns - column);
        let right = block.right.wrapping_add(panel * block.right_panel);
        let next = match panel + 1 < panels {
            true => right.wrapping_add(block.right_panel),
            false if block.then.is_null() => right,
            false => block.then,
        };
        let mut top = 0;
        for turn in 0..groups {
            let rows = match is_even {
                true => (block.rows - top).div_ceil(groups - turn),
                false => tiles.len().min(block.rows - top),
            };
            // Each tile asks for a part of the panel, and the later ones once more.
            let part = turn % UNROLLED * (block.depth / UNROLLED);
            let ahead = next.wrapping_add(part * block.right_step);
            // SAFETY: as the caller vouches.
            unsafe {
                let left = block.left.add(match is_even {
                    true => top * block.left_row,
                    false => turn * block.left_panel,
                });
                tiles[rows - 1][lies as usize](block, left, right, ahead, top, column, columns);
            }
            top += rows;
        }
    }
}

/// The tiles of one kind of register, `$vectors` of them side by side.
macro_rules! tiles {
    ($name:ident = [$($rows:literal)*] rows of $vectors:literal $simd:ty $(, $feature:literal)?) => {
        static $name: [[Tile; 3]; [$($rows),*].len()] = {
            $(#[target_feature(enable = $feature)])?
            unsafe fn compiled<const R: usize, const LEFT: u8>(
                block: &Block,
                left: *const f32,
                right: *const f32,
                ahead: *const f32,
                top: usize,
                column: usize,
                columns: usize,
            ) {
                // SAFETY: as the caller vouches.
                unsafe {
                    tile::<$simd, R, $vectors, LEFT>(block, left, right, ahead, top, column, columns);
                }
            }
            [$([compiled::<$rows, ANY>, compiled::<$rows, UNIT_STEP>, compiled::<$rows, UNIT_ROW>]),*]
        };
    };
}

tiles!(PLAIN = [1 2 3 4 5 6] rows of 2 Plain);
#[cfg(target_arch = "x86_64")]
tiles!(AVX2 = [1 2 3 4 5 6] rows of 2 Avx2, "avx2,fma");
#[cfg(target_arch = "x86_64")]
tiles!(AVX512 = [1 2 3 4 5 6 7 8 9 10 11 12] rows of 2 Avx512, "avx512f");
#[cfg(target_arch = "aarch64")]
tiles!(NEON = [1 2 3 4 5 6] rows of 4 Neon);
tiles!(PLAIN_PAIRS = [1 2 3 4 5 6] rows of 2 PlainPairs);
#[cfg(target_arch = "x86_64")]
tiles!(AVX512_PAIRS = [1 2 3 4 5 6 7 8 9 10 11 12] rows of 2 Avx512Pairs, "avx512f,avx512bf16");

/// The compiled kernels for x86-64: a name, the function, and how often its loop multiplies at least.
#[cfg(all(test, not(debug_assertions), target_arch = "x86_64"))]
pub(super) fn compiled() -> Vec<(String, *const u8, usize)> {
    let mut all = Vec::new();
    for (name, tiles) in [
        ("AVX2", &AVX2[..]),
        ("AVX-512", &AVX512),
        ("AVX512-BF16", &AVX512_PAIRS),
    ] {
        for (rows, tiles) in (1..).zip(tiles) {
            for (lies, tile) in ["any", "unit step", "unit row"].into_iter().zip(tiles) {
                all.push((
                    format!("{name}, {rows} rows, {lies}"),
                    *tile as *const u8,
                    UNROLLED * 2 * rows,
                ));
            }
        }
    }
    all
}

/// How many steps in depth a tile's loop has. In each turn it asks for one row of another panel.
const UNROLLED: usize = 4;

/// Numbers in a cache line.
const LINE: usize = 16;

/// Which stride of the left operand is 1, so that the compiler knows it.
const ANY: u8 = 0;
const UNIT_STEP: u8 = 1;
const UNIT_ROW: u8 = 2;

/// `R` rows times `V` registers of columns, of which the first `columns` are written.
///
/// The sums must stay in registers all the way: a copy of their array, an index that is no constant, or
/// an address taken, and the compiler keeps them in memory. [`code`](super::code) tests what it made.
#[inline(always)]
unsafe fn tile<L: SimdF32, const R: usize, const V: usize, const LEFT: u8>(
    block: &Block,
    left: *const f32,
    right: *const f32,
    ahead: *const f32,
    top: usize,
    column: usize,
    columns: usize,
) {
    let row = if LEFT == UNIT_ROW { 1 } else { block.left_row };
    // Of more rows the compiler loads several steps' numbers ahead, and has no registers for them.
    let step = match LEFT == UNIT_STEP && R <= 8 {
        true => 1,
        false => block.left_step,
    };
    unsafe {
        let out = block.out.add(top * block.out_row + column);
        for r in 0..R {
            L::prefetch(out.add(r * block.out_row));
            L::prefetch(out.add(r * block.out_row + columns - 1));
        }
        let mut sums = [[L::splat(0.0); V]; R];
        let mut lines = [left; R];
        for r in 0..R {
            lines[r] = left.wrapping_add(r * row);
        }
        let (mut left, mut right, mut ahead) = (left, right, ahead);
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
            for line in 0..V * L::N / LINE {
                L::prefetch_ahead(ahead.wrapping_add(line * LINE));
            }
            ahead = ahead.wrapping_add(block.right_step);
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
        if block.scale != 1.0 {
            let scale = L::splat(block.scale);
            for r in 0..R {
                for v in 0..V {
                    sums[r][v] = sums[r][v].times(scale);
                }
            }
        }
        if columns == V * L::N {
            for r in 0..R {
                for v in 0..V {
                    let at = out.add(r * block.out_row + v * L::N);
                    match block.start {
                        Start::Nothing => sums[r][v],
                        Start::Bias(bias) => sums[r][v].add(L::load(bias.add(column + v * L::N))),
                        Start::Out => sums[r][v].add(L::load(at)),
                    }
                    .store(at);
                }
            }
            return;
        }
        // The last columns of a matrix: through memory, so as to write no more than there is.
        let mut whole = [0.0f32; MOST_IN_A_TILE];
        for r in 0..R {
            for v in 0..V {
                sums[r][v].store(whole.as_mut_ptr().add((r * V + v) * L::N));
            }
        }
        for r in 0..R {
            let sums = std::slice::from_raw_parts(whole.as_ptr().add(r * V * L::N), columns);
            write_apart(block, sums, out.add(r * block.out_row), column);
        }
    }
}

/// The numbers in the largest tile of all kernels.
const MOST_IN_A_TILE: usize = 12 * 32;

/// [`write`], apart from the tiles: their sums shall not go through memory for it.
///
/// # Safety
/// As for [`Kernel::run`].
#[inline(never)]
unsafe fn write_apart(block: &Block, sums: &[f32], out: *mut f32, column: usize) {
    // SAFETY: as the caller vouches.
    unsafe { write(block, sums, out, column) }
}

/// Writes a part of a row of the result that begins at column `column`.
///
/// # Safety
/// As for [`Kernel::run`].
#[inline(always)]
pub(super) unsafe fn write(block: &Block, sums: &[f32], out: *mut f32, column: usize) {
    for (c, sum) in sums.iter().enumerate() {
        // SAFETY: the caller names as many numbers as there are sums.
        unsafe {
            let at = out.add(c);
            *at = match block.start {
                Start::Nothing => *sum,
                Start::Bias(bias) => *sum + *bias.add(column + c),
                Start::Out => *sum + *at,
            };
        }
    }
}
