//! The processor as a device: its name, threads and memory.

use super::{ComputeDevice, DeviceKind};
use crate::ops::gemm;

/// The CPU as it is listed.
pub(super) fn describe() -> ComputeDevice {
    ComputeDevice {
        id: "cpu".into(),
        name: name().unwrap_or_else(|| std::env::consts::ARCH.into()),
        threads: Some(rayon::current_num_threads()),
        memory_bytes: meminfo("MemTotal"),
        kind: DeviceKind::Cpu,
        free_bytes: free_bytes(),
        driver: None,
        instructions: instructions(),
        address: None,
        check: None,
    }
}

/// Makes computing use one thread for each physical core that the process may run on. Two threads of
/// one core share its multipliers, and only wait for each other. `RAYON_NUM_THREADS` overrides it.
///
/// Once a process, before anything computes; later calls change nothing.
pub fn use_physical_cores() {
    let allowed = std::thread::available_parallelism().map_or(1, |threads| threads.get());
    let threads = match std::env::var_os("RAYON_NUM_THREADS") {
        // rayon reads the variable.
        Some(_) => 0,
        None => num_cpus::get_physical().clamp(1, allowed),
    };
    // Fails where a pool exists: then whoever made it has decided.
    let _ = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        // As much as a program's first thread has, whose work they do (`on_cores`).
        .stack_size(8 << 20)
        .build_global();
}

/// Calls `work` on one of the threads that compute: from any other, each parallel step within it would
/// first wake one of them, and wait for it.
pub fn on_cores<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    rayon::scope(|_| work())
}

/// Memory that a program can still take, in bytes, as Linux reports it: the machine's, or what its
/// control group leaves where that is less.
pub fn free_bytes() -> Option<u64> {
    let machine = meminfo("MemAvailable");
    let number = |name: &str| -> Option<u64> {
        let path = format!("/sys/fs/cgroup/{name}");
        std::fs::read_to_string(path).ok()?.trim().parse().ok()
    };
    // `memory.max` says `max` where there is no limit.
    let group = number("memory.max").zip(number("memory.current"));
    let left = group.map(|(most, used)| most.saturating_sub(used));
    match (machine, left) {
        (Some(machine), Some(left)) => Some(machine.min(left)),
        (machine, left) => machine.or(left),
    }
}

/// The instruction sets of GEMM in f32, bf16 and int8.
fn instructions() -> Vec<String> {
    let all = [
        gemm::f32_instructions(),
        gemm::bf16_instructions(),
        gemm::int8_instructions(),
    ];
    let mut names: Vec<String> = all.into_iter().flatten().map(str::to_owned).collect();
    names.dedup();
    names
}

/// The processor's name as Linux reports it.
fn name() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    value_after(&text, "model name").map(str::to_owned)
}

/// A line of Linux's account of memory, in bytes.
fn meminfo(key: &str) -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let kibibytes = value_after(&text, key)?.strip_suffix(" kB")?;
    Some(kibibytes.trim().parse::<u64>().ok()? * 1024)
}

fn value_after<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let line = text.lines().find(|line| line.starts_with(key))?;
    Some(line.split_once(':')?.1.trim())
}
