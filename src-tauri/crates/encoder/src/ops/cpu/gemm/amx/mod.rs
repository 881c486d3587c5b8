//! Products by AMX: tiles of 16 rows of 64 bytes, multiplied by one instruction.
//!
//! A block of the result is 32 rows times 32 columns in four tiles. In each step two tiles of either operand
//! are read, each used twice: 16 units of 32 bits in depth, which are pairs of 16-bit numbers or four bytes.
//! A panel of the right operand stays in the L1 cache while panels of the left one stream past it: those are
//! loaded with the hint not to keep them (`tileloaddt1`), since both do not fit.
//!
//! The instructions are not known to Rust's compiler yet, so the loops are written in assembly; a test runs
//! their machine code on processors without them ([`emulator`]).

#[cfg(test)]
pub(super) mod emulator;

use super::super::simd::vectorised;
use super::kernel::{self, Block, Start};
use super::pairs::TILES;
use std::arch::{asm, naked_asm};
use std::sync::OnceLock;

/// Rows and columns of a block.
pub(super) const SIDE: usize = TILES.0;

/// Units of 32 bits that a step goes in depth.
pub(super) const STEP: usize = TILES.1;

/// What a loop in assembly is called with. Distances are in bytes.
#[repr(C)]
pub(super) struct Call {
    /// The upper and the lower tile of the left operand, each of 16 rows.
    pub(super) left: [*const u8; 2],
    /// From one row of a tile to the next.
    pub(super) left_row: usize,
    /// From one step to the next.
    pub(super) left_step: usize,
    /// For each unit in depth, 32 columns.
    pub(super) right: *const u8,
    /// 32 × 32 sums.
    pub(super) out: *mut u8,
    /// From one row of them to the next.
    pub(super) out_row: usize,
    /// How many steps, at least one.
    pub(super) steps: usize,
    /// 1 to begin with the sums that stand in `out`, 0 with nothing.
    pub(super) is_continued: usize,
}

/// A loop in assembly.
pub(super) type Loop = unsafe extern "sysv64" fn(*const Call);

macro_rules! sums {
    ($(#[$meta:meta])* $name:ident by $instruction:literal) => {
        $(#[$meta])*
        ///
        /// # Safety
        /// The processor has the instruction, the system has granted its tiles to the process, and the
        /// thread has configured them; the call's pointers are good for its sizes.
        #[unsafe(naked)]
        pub(super) unsafe extern "sysv64" fn $name(call: *const Call) {
            naked_asm!(
                "cmp qword ptr [rdi + 64], 0",
                "je 2f",
                "mov r8, [rdi + 40]",
                "mov r9, [rdi + 48]",
                "mov r10, r9",
                "shl r10, 4",
                "add r10, r8",
                "tileloadd tmm0, [r8 + r9]",
                "tileloadd tmm1, [r8 + r9 + 64]",
                "tileloadd tmm2, [r10 + r9]",
                "tileloadd tmm3, [r10 + r9 + 64]",
                "jmp 3f",
                "2:",
                "tilezero tmm0",
                "tilezero tmm1",
                "tilezero tmm2",
                "tilezero tmm3",
                "3:",
                "mov rax, [rdi]",
                "mov rcx, [rdi + 8]",
                "mov rdx, [rdi + 16]",
                "mov rsi, [rdi + 24]",
                "mov r8, [rdi + 32]",
                "mov r9d, 128",
                "mov r11, [rdi + 56]",
                "4:",
                "tileloadd tmm6, [r8 + r9]",
                "tileloaddt1 tmm4, [rax + rdx]",
                concat!($instruction, " tmm0, tmm4, tmm6"),
                "tileloadd tmm7, [r8 + r9 + 64]",
                concat!($instruction, " tmm1, tmm4, tmm7"),
                "tileloaddt1 tmm5, [rcx + rdx]",
                concat!($instruction, " tmm2, tmm5, tmm6"),
                concat!($instruction, " tmm3, tmm5, tmm7"),
                "add rax, rsi",
                "add rcx, rsi",
                "add r8, 2048",
                "dec r11",
                "jnz 4b",
                "mov r8, [rdi + 40]",
                "mov r9, [rdi + 48]",
                "mov r10, r9",
                "shl r10, 4",
                "add r10, r8",
                "tilestored [r8 + r9], tmm0",
                "tilestored [r8 + r9 + 64], tmm1",
                "tilestored [r10 + r9], tmm2",
                "tilestored [r10 + r9 + 64], tmm3",
                "ret",
            )
        }
    };
}

sums!(
    /// Sums of products of pairs of 16-bit numbers, in `f32`.
    sums_of_pairs by "tdpbf16ps"
);
sums!(
    /// Sums of products of unsigned left and signed right bytes, four to a unit, in `i32`.
    sums_of_bytes by "tdpbusd"
);

/// What this process may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Usable {
    /// [`sums_of_pairs`].
    pub(super) pairs: bool,
    /// [`sums_of_bytes`].
    pub(super) bytes: bool,
}

/// What the processor states and the system grants. A hypervisor may hide either.
pub(super) fn usable() -> Usable {
    static USABLE: OnceLock<Usable> = OnceLock::new();
    *USABLE.get_or_init(|| {
        let nothing = Usable {
            pairs: false,
            bytes: false,
        };
        if !is_x86_feature_detected!("xsave") {
            return nothing;
        }
        let stated = std::arch::x86_64::__cpuid_count(7, 0).edx;
        let states = |bit: u32| stated >> bit & 1 == 1;
        // Bits 22, 24 and 25: bf16, tiles, int8 (Intel's manual, volume 2, CPUID, leaf 7).
        if !states(24) || !system_saves_tiles() || !is_granted() {
            return nothing;
        }
        // SAFETY: the system has granted the tiles, and the processor states the instructions.
        unsafe {
            Usable {
                pairs: states(22) && with_tiles(|| computes(sums_of_pairs, ONES_IN_PAIRS)),
                bytes: states(25) && with_tiles(|| computes(sums_of_bytes, ONES_IN_BYTES)),
            }
        }
    })
}

/// A unit of ones: a pair of 16-bit numbers.
const ONES_IN_PAIRS: u32 = 0x3F80_3F80;

/// The same: four bytes.
const ONES_IN_BYTES: u32 = 0x0101_0101;

/// Whether a loop adds up what it should: of units of ones times ones in some columns, two steps deep. Small
/// whole numbers, so that the sums are exact.
///
/// # Safety
/// As for the loop.
unsafe fn computes(sums: Loop, ones: u32) -> bool {
    const DEPTH: usize = 2 * STEP;
    let left = vec![ones; SIDE * DEPTH];
    let right: Vec<u32> = (0..DEPTH * SIDE)
        .map(|at| {
            if (at % SIDE).is_multiple_of(3) {
                ones
            } else {
                0
            }
        })
        .collect();
    let mut out = Room::<u32>::default();
    let call = Call {
        left: [left.as_ptr().cast(), left[16 * STEP..].as_ptr().cast()],
        left_row: 64,
        left_step: SIDE * 64,
        right: right.as_ptr().cast(),
        out: out.0.as_mut_ptr().cast(),
        out_row: 4 * SIDE,
        steps: 2,
        is_continued: 0,
    };
    // SAFETY: as the caller vouches; the call's memory is here.
    unsafe { sums(&call) };
    let expected = match ones {
        ONES_IN_PAIRS => (2.0 * DEPTH as f32).to_bits(),
        _ => 4 * DEPTH as u32,
    };
    let of = |column: usize| {
        if column.is_multiple_of(3) {
            expected
        } else {
            0
        }
    };
    let mut all = out.0.iter().enumerate();
    all.all(|(at, found)| *found == of(at % SIDE))
}

/// Whether the system saves the tiles of a thread that it interrupts: bits 17 and 18 of XCR0.
fn system_saves_tiles() -> bool {
    #[target_feature(enable = "xsave")]
    fn saved() -> u64 {
        // SAFETY: register 0 is there wherever the feature is.
        unsafe { std::arch::x86_64::_xgetbv(0) }
    }
    // SAFETY: the caller asked for the feature.
    unsafe { saved() >> 17 & 0b11 == 0b11 }
}

/// Asks Linux for the tiles, once for the process: their 8 KiB a thread are saved only for who asks.
#[cfg(target_os = "linux")]
fn is_granted() -> bool {
    const ARCH_PRCTL: i64 = 158;
    const ARCH_REQ_XCOMP_PERM: u64 = 0x1023;
    const TILE_DATA: u64 = 18;
    let result: i64;
    // SAFETY: a system call that reads no memory of ours; it changes rcx and r11 beside its result.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") ARCH_PRCTL => result,
            in("rdi") ARCH_REQ_XCOMP_PERM,
            in("rsi") TILE_DATA,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    result == 0
}

/// Other systems grant them with the first use.
#[cfg(not(target_os = "linux"))]
fn is_granted() -> bool {
    true
}

/// Palette 1: eight tiles of 16 rows of 64 bytes.
#[repr(C, align(64))]
struct Configuration([u8; 64]);

static CONFIGURATION: Configuration = {
    let mut bytes = [0; 64];
    bytes[0] = 1;
    let mut tile = 0;
    while tile < 8 {
        bytes[16 + 2 * tile] = 64;
        bytes[48 + tile] = 16;
        tile += 1;
    }
    Configuration(bytes)
};

/// Calls `work` with configured tiles, and gives them back after it.
///
/// # Safety
/// [`usable`].
pub(super) unsafe fn with_tiles<T>(work: impl FnOnce() -> T) -> T {
    // SAFETY: as the caller vouches; the tiles are no registers that the compiler knows.
    unsafe {
        asm!("ldtilecfg [{}]", in(reg) &raw const CONFIGURATION, options(nostack, readonly));
        let done = work();
        asm!("tilerelease", options(nostack, nomem));
        done
    }
}

/// Does the work of a block whose operands are pairs: the left one in panels of 32 rows, for each step row by
/// row, both of whole steps; see [`pairs::rows`](super::pairs::rows).
///
/// # Safety
/// As for [`Kernel::run`](super::kernel::Kernel::run).
pub(super) unsafe fn run(block: &Block, sums: Loop) {
    debug_assert!(block.depth.is_multiple_of(STEP) && block.scale == 1.0);
    for side in (0..block.columns).step_by(SIDE) {
        for top in (0..block.rows).step_by(SIDE) {
            // SAFETY: as the caller vouches.
            unsafe { one(block, sums, top, side) };
        }
    }
}

unsafe fn one(block: &Block, sums: Loop, top: usize, side: usize) {
    let rows = SIDE.min(block.rows - top);
    let columns = SIDE.min(block.columns - side);
    let steps = block.depth / STEP;
    let is_continued = matches!(block.start, Start::Out);
    let is_whole =
        rows == SIDE && columns == SIDE && steps > 0 && !matches!(block.start, Start::Bias(_));
    let mut room = Room::default();
    if is_continued && !is_whole {
        // The chain of sums goes on from what stands there, as in a whole block: a row's result must not
        // follow from the rows beside it.
        for (row, sums) in (top..top + rows).zip(room.0.chunks_exact_mut(SIDE)) {
            // SAFETY: rows and columns of the block.
            unsafe {
                let out = block.out.add(row * block.out_row + side);
                out.copy_to_nonoverlapping(sums.as_mut_ptr(), columns);
            }
        }
    }
    // SAFETY: as the caller of `run` vouches; what is not whole is written to memory of our own first.
    unsafe {
        let out = block.out.add(top * block.out_row + side);
        let left = block.left.add(top / SIDE * block.left_panel).cast::<u8>();
        let (to, to_row) = match is_whole {
            true => (out, block.out_row),
            false => (room.0.as_mut_ptr(), SIDE),
        };
        if steps > 0 {
            sums(&Call {
                left: [left, left.add(16 * 64)],
                left_row: 64,
                left_step: SIDE * 64,
                right: block.right.add(side / SIDE * block.right_panel).cast(),
                out: to.cast(),
                out_row: 4 * to_row,
                steps,
                is_continued: usize::from(is_continued),
            });
        }
        if !is_whole {
            write(block, &room.0[..rows * SIDE], top, side);
        }
    }
}

vectorised! {
    /// Writes what the result has of the rows of a block's sums.
    fn write(block: &Block, sums: &[f32], top: usize, side: usize) {
        let columns = SIDE.min(block.columns - side);
        // What stood there is in the sums.
        let start = match block.start {
            Start::Out => Start::Nothing,
            start => start,
        };
        let block = Block { start, ..*block };
        for (row, sums) in (top..).zip(sums.chunks_exact(SIDE)) {
            // SAFETY: rows and columns of the block.
            unsafe {
                let out = block.out.add(row * block.out_row + side);
                kernel::write(&block, &sums[..columns], out, side);
            }
        }
    }
}

/// Memory for the sums of a block.
#[repr(align(64))]
pub(super) struct Room<E = f32>(pub(super) [E; SIDE * SIDE]);

impl<E: Copy + Default> Default for Room<E> {
    fn default() -> Self {
        Self([E::default(); SIDE * SIDE])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_of_a_processor_first_is_what_the_loops_compute() {
        // SAFETY: emulated.
        unsafe {
            assert!(computes(emulator::sums_of_pairs, ONES_IN_PAIRS));
            assert!(computes(emulator::sums_of_bytes, ONES_IN_BYTES));
            assert!(!computes(emulator::sums_of_bytes, ONES_IN_PAIRS));
        }
    }
}
