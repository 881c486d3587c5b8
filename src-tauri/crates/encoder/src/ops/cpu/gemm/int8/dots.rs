//! The innermost loops of integer products: sums of four products of bytes at a time.
//!
//! Left bytes are 0 to 127, so that two products of an unsigned and a signed byte fit 16 bits, which
//! AVX2 adds them in: no instruction here ever saturates, and all give the same integers.

#![allow(
    clippy::needless_range_loop,
    reason = "registers are named by row and column"
)]

#[cfg(target_arch = "x86_64")]
use super::super::amx;
#[cfg(target_arch = "x86_64")]
use crate::ops::cpu::simd::vectorised;

/// A register of 32-bit numbers, or of four bytes in the place of each.
trait Dots: Copy {
    /// How many 32-bit numbers it holds: one for each column.
    const N: usize;

    /// The same number everywhere.
    unsafe fn splat(x: i32) -> Self;

    /// Reads `4 · N` bytes, aligned or not.
    unsafe fn load(from: *const i32) -> Self;

    /// Writes `N` numbers, aligned or not.
    unsafe fn store(self, to: *mut i32);

    /// The sums with the products of unsigned left and signed right bytes added, four to each.
    unsafe fn plus(self, left: Self, right: Self) -> Self;
}

/// For processors of which nothing is known.
#[derive(Clone, Copy)]
struct Plain([i32; 4]);

impl Dots for Plain {
    const N: usize = 4;

    #[inline(always)]
    unsafe fn splat(x: i32) -> Self {
        Self([x; 4])
    }

    #[inline(always)]
    unsafe fn load(from: *const i32) -> Self {
        // SAFETY: the caller names four numbers.
        Self(unsafe { from.cast::<[i32; 4]>().read_unaligned() })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut i32) {
        // SAFETY: the caller names four numbers.
        unsafe { to.cast::<[i32; 4]>().write_unaligned(self.0) }
    }

    #[inline(always)]
    unsafe fn plus(self, left: Self, right: Self) -> Self {
        let mut sums = self.0;
        for column in 0..4 {
            let (u, w) = (left.0[column].to_ne_bytes(), right.0[column].to_ne_bytes());
            for at in 0..4 {
                sums[column] += i32::from(u[at]) * i32::from(w[at] as i8);
            }
        }
        Self(sums)
    }
}

/// Implements [`Dots`] by the intrinsics of a processor.
macro_rules! dots {
    ($(#[$meta:meta])* $name:ident($register:ty) of $n:literal, $splat:ident, |$from:ident| $load:expr, |$to:ident, $value:ident| $store:expr, |$sums:ident, $left:ident, $right:ident| $plus:expr) => {
        $(#[$meta])*
        #[derive(Clone, Copy)]
        pub(super) struct $name($register);

        // SAFETY of all that follows: the caller's processor has the register, and the pointers are
        // good for `N` numbers; the instructions ask for no alignment.
        #[allow(unused_unsafe, reason = "where all processors have them, intrinsics are safe")]
        impl Dots for $name {
            const N: usize = $n;

            #[inline(always)]
            unsafe fn splat(x: i32) -> Self {
                Self(unsafe { $splat(x) })
            }

            #[inline(always)]
            unsafe fn load($from: *const i32) -> Self {
                Self(unsafe { $load })
            }

            #[inline(always)]
            unsafe fn store(self, $to: *mut i32) {
                let $value = self.0;
                unsafe { $store }
            }

            #[inline(always)]
            unsafe fn plus(self, left: Self, right: Self) -> Self {
                let ($sums, $left, $right) = (self.0, left.0, right.0);
                Self(unsafe { $plus })
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Dots;
    use std::arch::x86_64::*;

    dots!(
        /// Eight columns; needs AVX2.
        Avx2(__m256i) of 8, _mm256_set1_epi32,
        |from| _mm256_loadu_si256(from.cast()),
        |to, value| _mm256_storeu_si256(to.cast(), value),
        |sums, left, right| {
            let pairs = _mm256_maddubs_epi16(left, right);
            _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
        }
    );
    dots!(
        /// Eight columns; needs AVX-VNNI.
        AvxVnni(__m256i) of 8, _mm256_set1_epi32,
        |from| _mm256_loadu_si256(from.cast()),
        |to, value| _mm256_storeu_si256(to.cast(), value),
        |sums, left, right| _mm256_dpbusd_avx_epi32(sums, left, right)
    );
    dots!(
        /// Sixteen columns; needs AVX-512 VNNI.
        Avx512Vnni(__m512i) of 16, _mm512_set1_epi32,
        |from| _mm512_loadu_si512(from.cast()),
        |to, value| _mm512_storeu_si512(to.cast(), value),
        |sums, left, right| _mm512_dpbusd_epi32(sums, left, right)
    );
}
#[cfg(target_arch = "x86_64")]
use x86::{Avx2, Avx512Vnni, AvxVnni};

#[cfg(target_arch = "aarch64")]
mod arm {
    use super::Dots;
    use std::arch::aarch64::*;

    dots!(
        /// Four columns; every processor of this architecture has them.
        Neon(int32x4_t) of 4, vdupq_n_s32,
        |from| vld1q_s32(from),
        |to, value| vst1q_s32(to, value),
        |sums, left, right| {
            // Left bytes are below 128, so they may be taken as signed.
            let (u, w) = (vreinterpretq_s8_s32(left), vreinterpretq_s8_s32(right));
            let low = vmull_s8(vget_low_s8(u), vget_low_s8(w));
            let high = vmull_high_s8(u, w);
            vpadalq_s16(sums, vpaddq_s16(low, high))
        }
    );
}
#[cfg(target_arch = "aarch64")]
use arm::Neon;

/// One call's work: rows of quantised numbers times panels of quantised columns.
#[derive(Clone, Copy)]
pub(super) struct Block {
    pub(super) rows: usize,
    /// A quarter of `k`, rounded up.
    pub(super) groups: usize,
    pub(super) columns: usize,
    /// Rows of [`HEAD`] numbers, the scale and the zero, and `groups` times four bytes.
    pub(super) left: *const f32,
    /// `columns` in panels: for each group, four bytes for each column of the panel.
    pub(super) right: *const i32,
    /// For each column its scale.
    pub(super) scales: *const f32,
    /// For each column the sum of its bytes.
    pub(super) totals: *const i32,
    /// For each column what is added; may be null.
    pub(super) bias: *const f32,
    pub(super) out: *mut f32,
    pub(super) out_row: usize,
}

/// Numbers before the bytes of a quantised row.
pub(super) const HEAD: usize = 2;

/// The kinds of processor that there are integer kernels for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kernel {
    Plain,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    AvxVnni,
    #[cfg(target_arch = "x86_64")]
    Avx512Vnni,
    #[cfg(target_arch = "x86_64")]
    Amx,
    /// The machine code of `Amx`, emulated.
    #[cfg(all(test, target_arch = "x86_64"))]
    AmxEmulated,
    #[cfg(target_arch = "aarch64")]
    Neon,
}

impl Kernel {
    /// All that this machine can run, the best last.
    pub(super) fn usable() -> Vec<Self> {
        let mut usable = vec![Self::Plain];
        #[cfg(all(test, target_arch = "x86_64"))]
        usable.push(Self::AmxEmulated);
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") {
                usable.push(Self::Avx2);
                if is_x86_feature_detected!("avxvnni") {
                    usable.push(Self::AvxVnni);
                }
            }
            if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni") {
                usable.push(Self::Avx512Vnni);
            }
            if amx::usable().bytes {
                usable.push(Self::Amx);
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

    /// What its makers call the instructions that it is made of.
    pub(super) fn instructions(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => Some("AVX2"),
            #[cfg(target_arch = "x86_64")]
            Self::AvxVnni => Some("AVX-VNNI"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Vnni => Some("AVX-512 VNNI"),
            #[cfg(target_arch = "x86_64")]
            Self::Amx => Some("AMX-INT8"),
            #[cfg(all(test, target_arch = "x86_64"))]
            Self::AmxEmulated => None,
            #[cfg(target_arch = "aarch64")]
            Self::Neon => Some("NEON"),
        }
    }

    /// How many columns a panel has.
    pub(super) const fn columns(self) -> usize {
        match self {
            Self::Plain => 8,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 | Self::AvxVnni => 16,
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Vnni => 32,
            #[cfg(target_arch = "x86_64")]
            Self::Amx => amx::SIDE,
            #[cfg(all(test, target_arch = "x86_64"))]
            Self::AmxEmulated => amx::SIDE,
            #[cfg(target_arch = "aarch64")]
            Self::Neon => 16,
        }
    }

    /// How many groups of four bytes of `k` it takes at once: rows have whole steps.
    const fn step(self) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Amx => amx::STEP,
            #[cfg(all(test, target_arch = "x86_64"))]
            Self::AmxEmulated => amx::STEP,
            _ => 1,
        }
    }

    /// How many groups of four bytes the `rows` numbers of a column take.
    pub(super) const fn groups(self, rows: usize) -> usize {
        rows.div_ceil(4).next_multiple_of(self.step())
    }

    /// Rows behind the last of the left operand that may be read, of any value.
    pub(super) const fn rows_behind(self) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Amx => amx::SIDE - 1,
            #[cfg(all(test, target_arch = "x86_64"))]
            Self::AmxEmulated => amx::SIDE - 1,
            _ => 0,
        }
    }

    /// Does the work of `block`.
    ///
    /// # Safety
    /// The processor has what the kernel needs; the block's pointers are good for its sizes, and
    /// `out` is this call's alone to write.
    pub(super) unsafe fn run(self, block: &Block) {
        // SAFETY: as the caller vouches.
        unsafe {
            match self {
                Self::Plain => walk(block, &PLAIN, 8),
                #[cfg(target_arch = "x86_64")]
                Self::Avx2 => walk(block, &AVX2, 16),
                #[cfg(target_arch = "x86_64")]
                Self::AvxVnni => walk(block, &AVX_VNNI, 16),
                #[cfg(target_arch = "x86_64")]
                Self::Avx512Vnni => walk(block, &AVX512_VNNI, 32),
                #[cfg(target_arch = "x86_64")]
                Self::Amx => amx::with_tiles(|| by_tiles(block, amx::sums_of_bytes)),
                #[cfg(all(test, target_arch = "x86_64"))]
                Self::AmxEmulated => by_tiles(block, amx::emulator::sums_of_bytes),
                #[cfg(target_arch = "aarch64")]
                Self::Neon => walk(block, &NEON, 16),
            }
        }
    }
}

/// Does the work of a block by AMX.
///
/// # Safety
/// As for [`Kernel::run`]; whole blocks of 32 rows can be read.
#[cfg(target_arch = "x86_64")]
unsafe fn by_tiles(block: &Block, sums: amx::Loop) {
    let stride = block.groups + HEAD;
    let mut room = amx::Room::<i32>::default();
    for side in (0..block.columns).step_by(amx::SIDE) {
        for top in (0..block.rows).step_by(amx::SIDE) {
            // SAFETY: as the caller vouches.
            unsafe {
                let left = block.left.add(top * stride + HEAD).cast::<u8>();
                if block.groups > 0 {
                    sums(&amx::Call {
                        left: [left, left.add(4 * 16 * stride)],
                        left_row: 4 * stride,
                        left_step: 4 * amx::STEP,
                        right: block.right.add(side * block.groups).cast(),
                        out: room.0.as_mut_ptr().cast(),
                        out_row: 4 * amx::SIDE,
                        steps: block.groups / amx::STEP,
                        is_continued: 0,
                    });
                }
            }
            let rows = amx::SIDE.min(block.rows - top);
            write_rows(block, &room.0[..rows * amx::SIDE], top, side);
        }
    }
}

#[cfg(target_arch = "x86_64")]
vectorised! {
    /// Writes what the result has of the rows of sums from row `top` and column `side` on.
    fn write_rows(block: &Block, sums: &[i32], top: usize, side: usize) {
        let columns = amx::SIDE.min(block.columns - side);
        for (row, sums) in (top..).zip(sums.chunks_exact(amx::SIDE)) {
            // SAFETY: rows and columns of the block.
            unsafe {
                let head = block.left.add(row * (block.groups + HEAD));
                write(block, [*head, *head.add(1)], &sums[..columns], row, side);
            }
        }
    }
}

/// Computes one tile of a block from its first row and its first column on.
type Tile = unsafe fn(&Block, usize, usize);

/// Walks over the panels of `width` columns and calls the kernel compiled for as many rows as there are.
///
/// # Safety
/// As for [`Kernel::run`].
unsafe fn walk(block: &Block, tiles: &[Tile], width: usize) {
    for side in (0..block.columns).step_by(width) {
        for top in (0..block.rows).step_by(tiles.len()) {
            let rows = tiles.len().min(block.rows - top);
            // SAFETY: as the caller vouches.
            unsafe { tiles[rows - 1](block, top, side) };
        }
    }
}

/// The tiles of one kind of register, `$vectors` of them side by side, compiled apart from each other for
/// each number of rows, from one on.
macro_rules! tiles {
    ($name:ident = [$($rows:literal)*] rows of $vectors:literal $dots:ty $(, $feature:literal)?) => {
        static $name: [Tile; [$($rows),*].len()] = {
            $(#[target_feature(enable = $feature)])?
            unsafe fn compiled<const R: usize>(block: &Block, top: usize, side: usize) {
                // SAFETY: as the caller vouches.
                unsafe { tile::<$dots, R, $vectors>(block, top, side) }
            }
            [$(compiled::<$rows>),*]
        };
    };
}

tiles!(PLAIN = [1 2 3 4] rows of 2 Plain);
#[cfg(target_arch = "x86_64")]
tiles!(AVX2 = [1 2 3 4 5] rows of 2 Avx2, "avx2");
#[cfg(target_arch = "x86_64")]
tiles!(AVX_VNNI = [1 2 3 4 5 6] rows of 2 AvxVnni, "avx2,avxvnni");
#[cfg(target_arch = "x86_64")]
tiles!(AVX512_VNNI = [1 2 3 4 5 6 7 8 9 10 11 12] rows of 2 Avx512Vnni, "avx512f,avx512vnni");
#[cfg(target_arch = "aarch64")]
tiles!(NEON = [1 2 3 4] rows of 4 Neon);

/// The compiled kernels for x86-64: a name, the function, and how often its loop multiplies at least.
#[cfg(all(test, not(debug_assertions), target_arch = "x86_64"))]
pub(in super::super) fn compiled() -> Vec<(String, *const u8, usize)> {
    let tables = [
        ("AVX2", &AVX2[..]),
        ("AVX-VNNI", &AVX_VNNI),
        ("AVX-512", &AVX512_VNNI),
    ];
    let all = tables.into_iter().flat_map(|(name, tiles)| {
        let tiles = (1..).zip(tiles);
        tiles
            .map(move |(rows, tile)| (format!("{name}, {rows} rows"), *tile as *const u8, 2 * rows))
    });
    all.collect()
}

/// `R` rows times `V` registers of columns.
#[inline(always)]
unsafe fn tile<D: Dots, const R: usize, const V: usize>(block: &Block, top: usize, side: usize) {
    let stride = block.groups + HEAD;
    unsafe {
        let left = block.left.add(top * stride);
        let mut right = block.right.add(side * block.groups);
        let mut lines = [left.cast::<i32>(); R];
        for r in 0..R {
            lines[r] = left.add(r * stride + HEAD).cast();
        }
        let mut sums = [[D::splat(0); V]; R];
        for group in 0..block.groups {
            let mut columns = [D::splat(0); V];
            for v in 0..V {
                columns[v] = D::load(right.add(v * D::N));
            }
            for r in 0..R {
                let x = D::splat(*lines[r].add(group));
                for v in 0..V {
                    sums[r][v] = sums[r][v].plus(x, columns[v]);
                }
            }
            right = right.add(V * D::N);
        }
        let columns = (V * D::N).min(block.columns - side);
        for r in 0..R {
            // No kernel's panels are wider.
            let mut row = [0i32; 32];
            for v in 0..V {
                sums[r][v].store(row.as_mut_ptr().add(v * D::N));
            }
            let head = [*left.add(r * stride), *left.add(r * stride + 1)];
            let sums = std::slice::from_raw_parts(row.as_ptr(), columns);
            write(block, head, sums, top + r, side);
        }
    }
}

/// Writes a part of row `row` of the result that begins at column `side`; `scale` and `zero` are the row's.
///
/// # Safety
/// As for [`Kernel::run`].
#[inline(always)]
unsafe fn write(block: &Block, [scale, zero]: [f32; 2], sums: &[i32], row: usize, side: usize) {
    for (column, sum) in (side..).zip(sums) {
        // SAFETY: as the caller vouches.
        unsafe {
            let exact = sum - zero as i32 * *block.totals.add(column);
            let value = exact as f32 * *block.scales.add(column) * scale;
            let bias = match block.bias.is_null() {
                true => 0.0,
                false => *block.bias.add(column),
            };
            *block.out.add(row * block.out_row + column) = value + bias;
        }
    }
}
