//! Runs the machine code of the loops in assembly, instruction by instruction, on any x86-64 processor: the
//! few that they are made of, as Intel's manual describes them (volume 2).

use super::Call;
use half::bf16;
use iced_x86::{Decoder, DecoderOptions, Instruction, Mnemonic, OpKind, Register};
use std::collections::HashMap;

/// More than any loop has.
const MOST_BYTES: usize = 1 << 10;

/// A tile: 16 rows of 64 bytes.
type Tile = [[u8; 64]; 16];

/// What the instructions change.
struct Machine {
    registers: HashMap<Register, u64>,
    tiles: [Tile; 8],
    is_zero: bool,
}

/// [`sums_of_pairs`](super::sums_of_pairs), emulated.
pub(in super::super) unsafe extern "sysv64" fn sums_of_pairs(call: *const Call) {
    // SAFETY: as the caller vouches.
    unsafe { run(super::sums_of_pairs as *const u8, call) }
}

/// [`sums_of_bytes`](super::sums_of_bytes), emulated.
pub(in super::super) unsafe extern "sysv64" fn sums_of_bytes(call: *const Call) {
    // SAFETY: as the caller vouches.
    unsafe { run(super::sums_of_bytes as *const u8, call) }
}

unsafe fn run(code: *const u8, call: *const Call) {
    // SAFETY: what is decoded ends with the function's return.
    let bytes = unsafe { std::slice::from_raw_parts(code, MOST_BYTES) };
    let mut decoder = Decoder::with_ip(64, bytes, code as u64, DecoderOptions::NONE);
    let mut machine = Machine {
        registers: HashMap::from([(Register::RDI, call as u64)]),
        tiles: [[[0; 64]; 16]; 8],
        is_zero: false,
    };
    loop {
        let instruction = decoder.decode();
        if instruction.mnemonic() == Mnemonic::Ret {
            return;
        }
        // SAFETY: the loop reads and writes what its call names.
        if let Some(target) = unsafe { machine.step(&instruction) } {
            decoder.set_ip(target);
            let place = usize::try_from(target - code as u64).expect("a jump within the loop");
            decoder.set_position(place).expect("a jump within the loop");
        }
    }
}

impl Machine {
    /// Does one instruction; returns where it jumps to, if it does.
    unsafe fn step(&mut self, at: &Instruction) -> Option<u64> {
        let jump = Some(at.near_branch_target());
        match at.mnemonic() {
            Mnemonic::Jmp => return jump,
            Mnemonic::Je => return jump.filter(|_| self.is_zero),
            Mnemonic::Jne => return jump.filter(|_| !self.is_zero),
            // SAFETY: as the caller vouches; the same below.
            Mnemonic::Mov => unsafe {
                let (value, is_zero) = (self.value(at, 1), self.is_zero);
                self.set(at, value);
                self.is_zero = is_zero;
            },
            Mnemonic::Cmp => self.is_zero = unsafe { self.value(at, 0) == self.value(at, 1) },
            Mnemonic::Add => unsafe {
                let value = self.value(at, 0).wrapping_add(self.value(at, 1));
                self.set(at, value);
            },
            Mnemonic::Shl => unsafe {
                let value = self.value(at, 0) << self.value(at, 1);
                self.set(at, value);
            },
            Mnemonic::Dec => unsafe {
                let value = self.value(at, 0).wrapping_sub(1);
                self.set(at, value);
            },
            Mnemonic::Tilezero => self.tiles[tile(at, 0)] = [[0; 64]; 16],
            // The hint says how long to keep it in the caches.
            Mnemonic::Tileloadd | Mnemonic::Tileloaddt1 => {
                let (start, stride) = self.rows(at);
                for (row, bytes) in self.tiles[tile(at, 0)].iter_mut().enumerate() {
                    *bytes = unsafe { start.wrapping_add(row * stride).cast::<[u8; 64]>().read() };
                }
            }
            Mnemonic::Tilestored => {
                let (start, stride) = self.rows(at);
                for (row, bytes) in self.tiles[tile(at, 1)].iter().enumerate() {
                    unsafe {
                        start
                            .wrapping_add(row * stride)
                            .cast::<[u8; 64]>()
                            .write(*bytes)
                    };
                }
            }
            Mnemonic::Tdpbf16ps => self.multiply(at, |sum: f32, left, right| {
                let number = |bytes: &[u8], at: usize| {
                    f32::from(bf16::from_le_bytes([bytes[2 * at], bytes[2 * at + 1]]))
                };
                // Pairs are added up apart from each other: here in double precision.
                let product = |at| f64::from(number(left, at)) * f64::from(number(right, at));
                (f64::from(sum) + product(0) + product(1)) as f32
            }),
            Mnemonic::Tdpbusd => self.multiply(at, |sum: i32, left, right| {
                let terms = left.iter().zip(right);
                sum + terms
                    .map(|(u, s)| i32::from(*u) * i32::from(*s as i8))
                    .sum::<i32>()
            }),
            other => panic!("{other:?} is not emulated"),
        }
        None
    }

    unsafe fn value(&self, at: &Instruction, operand: u32) -> u64 {
        match at.op_kind(operand) {
            OpKind::Register => self.register(at.op_register(operand)),
            // SAFETY: as the caller vouches.
            OpKind::Memory => unsafe { (self.address(at) as *const u64).read() },
            _ => at.immediate(operand),
        }
    }

    fn register(&self, register: Register) -> u64 {
        let register = register.full_register();
        *self
            .registers
            .get(&register)
            .unwrap_or_else(|| panic!("{register:?} was never set"))
    }

    fn set(&mut self, at: &Instruction, value: u64) {
        self.is_zero = value == 0;
        assert_eq!(
            at.op0_kind(),
            OpKind::Register,
            "only registers are written"
        );
        self.registers
            .insert(at.op0_register().full_register(), value);
    }

    fn address(&self, at: &Instruction) -> u64 {
        let base = self.register(at.memory_base());
        base.wrapping_add(at.memory_displacement64())
    }

    /// Where the first row of a tile lies, and how far apart rows are: the index, not part of the address.
    fn rows(&self, at: &Instruction) -> (*mut u8, usize) {
        assert_eq!(at.memory_index_scale(), 1);
        let stride = self.register(at.memory_index());
        (self.address(at) as *mut u8, stride as usize)
    }

    /// Multiplies two tiles: `add` takes a sum, and four bytes of either.
    fn multiply<E: Number>(&mut self, at: &Instruction, add: impl Fn(E, &[u8], &[u8]) -> E) {
        let (left, right) = (self.tiles[tile(at, 1)], self.tiles[tile(at, 2)]);
        for (sums, left) in self.tiles[tile(at, 0)].iter_mut().zip(&left) {
            for (unit, left) in left.chunks_exact(4).enumerate() {
                for (sum, right) in sums.chunks_exact_mut(4).zip(right[unit].chunks_exact(4)) {
                    let value = add(E::read(sum), left, right);
                    sum.copy_from_slice(&value.bytes());
                }
            }
        }
    }
}

/// The number of a tile's register.
fn tile(at: &Instruction, operand: u32) -> usize {
    at.op_register(operand).number()
}

/// A sum.
trait Number: Copy {
    fn read(bytes: &[u8]) -> Self;
    fn bytes(self) -> [u8; 4];
}

impl Number for f32 {
    fn read(bytes: &[u8]) -> Self {
        f32::from_le_bytes(bytes.try_into().expect("four bytes"))
    }

    fn bytes(self) -> [u8; 4] {
        self.to_le_bytes()
    }
}

impl Number for i32 {
    fn read(bytes: &[u8]) -> Self {
        i32::from_le_bytes(bytes.try_into().expect("four bytes"))
    }

    fn bytes(self) -> [u8; 4] {
        self.to_le_bytes()
    }
}
