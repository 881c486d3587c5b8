//! What the compiler made of the kernels: their loops must keep all sums in registers.
//!
//! A kernel that spills its sums to memory is still correct but takes twice as long, which no other test
//! detects. So this test reads each kernel's machine code in its own process.

use super::int8::dots;
use super::kernel;
use iced_x86::{Code, Decoder, DecoderOptions, FlowControl, Instruction, OpKind};

/// More than any kernel has.
const MOST_BYTES: usize = 1 << 15;

/// The instructions of a function that jumps only within itself, up to its last return.
fn instructions(start: *const u8) -> Vec<Instruction> {
    // SAFETY: decoding goes on from instruction to instruction of a compiled function and stops at its
    // end; what follows it is not looked at.
    let code = unsafe { std::slice::from_raw_parts(start, MOST_BYTES) };
    let mut decoder = Decoder::with_ip(64, code, start as u64, DecoderOptions::NONE);
    let (mut found, mut furthest) = (Vec::new(), 0);
    loop {
        let instruction = decoder.decode();
        assert_ne!(
            instruction.code(),
            Code::INVALID,
            "at {:x}",
            instruction.ip()
        );
        match instruction.flow_control() {
            FlowControl::ConditionalBranch | FlowControl::UnconditionalBranch => {
                let target = instruction.near_branch_target();
                // A target further off is another function: a tail call.
                if (start as u64..start as u64 + MOST_BYTES as u64).contains(&target) {
                    furthest = furthest.max(target);
                }
            }
            FlowControl::IndirectBranch => panic!("a kernel with a table of jumps cannot be read"),
            _ => {}
        }
        found.push(instruction);
        let is_end = matches!(
            instruction.flow_control(),
            FlowControl::Return | FlowControl::UnconditionalBranch | FlowControl::Exception
        );
        if is_end && furthest < instruction.next_ip() {
            return found;
        }
    }
}

/// The loops without a loop inside, each from the target of a jump backwards to the jump.
fn innermost_loops(instructions: &[Instruction]) -> Vec<&[Instruction]> {
    let is_jump = |instruction: &Instruction| {
        matches!(
            instruction.flow_control(),
            FlowControl::ConditionalBranch | FlowControl::UnconditionalBranch
        )
    };
    let jumps = instructions
        .iter()
        .enumerate()
        .filter(|(_, jump)| is_jump(jump));
    let loops: Vec<(usize, usize)> = jumps
        .filter_map(|(end, jump)| {
            let target = jump.near_branch_target();
            let start = instructions
                .binary_search_by_key(&target, Instruction::ip)
                .ok()?;
            (start <= end).then_some((start, end))
        })
        .collect();
    let holds_another = |(start, end): (usize, usize)| {
        let mut others = loops.iter().filter(|other| **other != (start, end));
        others.any(|(other_start, other_end)| start <= *other_start && *other_end <= end)
    };
    loops
        .iter()
        .filter(|at| !holds_another(**at))
        .map(|(start, end)| &instructions[*start..=*end])
        .collect()
}

/// Whether it multiplies and adds numbers side by side.
fn multiplies(instruction: &Instruction) -> bool {
    let name = format!("{:?}", instruction.mnemonic()).to_lowercase();
    ["vfmadd", "vdpbf16ps", "vpdpbusd", "vpmaddubsw", "tdp"]
        .iter()
        .any(|start| name.starts_with(start))
}

/// One of the kernel's loops multiplies `expected` times at least (its rows times its registers, for each step
/// that is unrolled), and none that multiplies writes to memory.
fn assert_sums_stay_in_registers(name: &str, kernel: *const u8, expected: usize) {
    let instructions = instructions(kernel);
    let loops: Vec<_> = innermost_loops(&instructions)
        .into_iter()
        .filter(|body| body.iter().any(multiplies))
        .collect();
    let most = loops
        .iter()
        .map(|body| body.iter().filter(|one| multiplies(one)).count())
        .max();
    assert!(
        most >= Some(expected),
        "{name}: loops multiply {most:?} times, not {expected}"
    );
    for instruction in loops.into_iter().flatten() {
        let writes_memory = instruction.op_count() > 0
            && instruction.op0_kind() == OpKind::Memory
            && !format!("{:?}", instruction.mnemonic()).starts_with("Prefetch")
            && !format!("{:?}", instruction.mnemonic()).starts_with("Cmp");
        assert!(!writes_memory, "{name} writes {instruction:?} in its loop");
        let calls = instruction.flow_control() == FlowControl::Call;
        assert!(!calls, "{name} calls {instruction:?} in its loop");
    }
}

#[test]
fn no_kernel_keeps_its_sums_in_memory() {
    for (name, kernel, multiplications) in kernel::compiled() {
        assert_sums_stay_in_registers(&format!("f32, {name}"), kernel, multiplications);
    }
    for (name, kernel, multiplications) in dots::compiled() {
        assert_sums_stay_in_registers(&format!("int8, {name}"), kernel, multiplications);
    }
}
