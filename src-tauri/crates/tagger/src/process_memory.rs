//! The memory that this process takes.

/// Memory of this process in bytes, 0 where the system does not say.
pub(crate) fn memory_bytes() -> u64 {
    memory_stats::memory_stats().map_or(0, |stats| stats.physical_mem as u64)
}

/// The most that this process ever took, in bytes; where the system does not say, what it takes now.
pub(crate) fn peak_memory_bytes() -> u64 {
    high_water_mark().unwrap_or_else(memory_bytes)
}

/// The high-water mark of resident memory that Linux keeps, in bytes.
pub(crate) fn high_water_mark() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line?.trim().strip_suffix(" kB")?;
    Some(kibibytes.trim().parse::<u64>().ok()? * 1024)
}
