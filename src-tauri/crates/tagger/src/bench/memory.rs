//! What a part of a benchmark takes of the machine's memory.

use crate::pace::memory_bytes;
use serde::{Deserialize, Serialize};

/// Memory of the process, in bytes. A graphics card's own memory is not in it.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    /// Once the model was loaded, before anything was computed.
    pub loaded_bytes: u64,
    /// After the part.
    pub bytes: u64,
    /// The most since the process began, where the system tells.
    pub peak_bytes: Option<u64>,
}

impl Memory {
    /// Memory now, beside what it was when the model had been loaded.
    pub(super) fn since(loaded_bytes: u64) -> Self {
        Self {
            loaded_bytes,
            bytes: now(),
            peak_bytes: peak(),
        }
    }
}

/// Memory of this process in bytes, 0 where the system does not tell.
pub(super) fn now() -> u64 {
    memory_bytes()
}

/// The high-water mark of resident memory that Linux keeps.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line?.trim().strip_suffix(" kB")?;
    Some(kibibytes.trim().parse::<u64>().ok()? * 1024)
}
