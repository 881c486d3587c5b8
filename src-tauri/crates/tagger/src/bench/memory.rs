//! What a part of a benchmark takes of the machine's memory.

use crate::process_memory::{high_water_mark, memory_bytes};
use serde::{Deserialize, Serialize};

/// Memory of the process, in bytes. A graphics card's own memory is not in it.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    /// Once the model was loaded and room was made for the moments, before anything was computed.
    pub loaded_bytes: u64,
    /// After the part.
    pub bytes: u64,
    /// The most since the process began, where the system says.
    pub peak_bytes: Option<u64>,
}

impl Memory {
    /// Memory now, in addition to what it was when the model had been loaded.
    pub(super) fn since(loaded_bytes: u64) -> Self {
        Self {
            loaded_bytes,
            bytes: now(),
            peak_bytes: high_water_mark(),
        }
    }
}

/// Memory of this process in bytes, 0 where the system does not say.
pub(super) fn now() -> u64 {
    memory_bytes()
}
