//! The compute devices of this machine: what there is, which may be used, and how one is opened.
//!
//! A device is always chosen by name. burn's own default is never taken: it may be a software
//! adapter that computes wrongly. A GPU is only used after it has passed a self-test
//! ([`crate::selftest`]), and it is looked at in a process of its own, because a broken driver can
//! end or hang the process that touches it.

mod auto;
mod card;
mod check;
mod child;
mod compiling;
mod cpu;
mod cuda;
#[cfg(feature = "gpu")]
mod gpu;
#[cfg(feature = "gpu")]
mod kernels;
mod known;
mod memory;
mod progress;
mod search;
mod trial;

pub use auto::Limits;
pub use check::{Check, Fault};
pub use child::{ProbeLine, Trying};
pub use cpu::{free_bytes as free_memory_bytes, on_cores, use_physical_cores};
pub use cuda::prepare as prepare_cuda;
#[cfg(feature = "gpu")]
pub use kernels::{keep as keep_kernels, launches, rehearse};
pub use progress::{Progress, Watch, kernels_compiled};
pub use search::{Opened, Search};

use serde::{Deserialize, Serialize};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What sort of device it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The processor.
    Cpu,
    /// A card with memory of its own.
    Discrete,
    /// A GPU that shares the processor's memory.
    Integrated,
    /// A part of a GPU, as virtual machines have.
    Virtual,
    /// A program that plays a GPU on the processor. For tests only.
    Software,
    /// A GPU that does not say.
    Other,
}

/// A device as `tagsmith devices` lists it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComputeDevice {
    /// What `--device` takes: `cpu`, `vulkan:0`, `metal:0`, `cuda:0`.
    pub id: String,
    /// The processor's or card's name.
    pub name: String,
    /// Threads that computing uses, where that is known.
    pub threads: Option<usize>,
    /// Memory in bytes, where that is known.
    pub memory_bytes: Option<u64>,
    /// What sort of device it is.
    pub kind: Kind,
    /// Memory that is free now, in bytes, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_bytes: Option<u64>,
    /// The driver's name and version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
    /// The instructions that a CPU multiplies by, such as `AVX-512`, and `AVX512-BF16` where it has them for
    /// 16 bits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instructions: Vec<String>,
    /// Its place on the PCI bus, such as `0000:01:00.0`, where that is known: two devices at one place
    /// are one card, reached through two runtimes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What its self-test said, once it had one. The CPU is what others are compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Check>,
}

/// Why a device cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// There is none of that name.
    #[error("there is no device `{asked}` here")]
    Unknown {
        /// What was asked for.
        asked: String,
        /// The ids that there are.
        present: Vec<String>,
    },
    /// It did not pass its self-test.
    #[error("`{id}` ({name}) is not used: {reason}")]
    Refused {
        /// Its id.
        id: String,
        /// Its name.
        name: String,
        /// What the self-test said.
        reason: String,
    },
    /// Something must be installed first.
    #[error("`{id}` ({name}) is not used: {reason}")]
    Incomplete {
        /// Its id.
        id: String,
        /// Its name.
        name: String,
        /// What is missing, and how to install it.
        reason: String,
    },
    /// The person stopped its test.
    #[error("the test of `{id}` ({name}) was stopped")]
    Stopped {
        /// Its id.
        id: String,
        /// Its name.
        name: String,
    },
}

impl DeviceError {
    /// What the person can do now.
    pub fn hint(&self) -> String {
        match self {
            Self::Unknown { present, .. } => {
                format!("devices here: {}, or `auto`", present.join(", "))
            }
            Self::Refused { .. } => {
                "update its driver and test again with `tagsmith devices --check`, or use `--device cpu`"
                    .into()
            }
            Self::Incomplete { .. } => {
                "install that, or use another device: `tagsmith devices` lists them".into()
            }
            Self::Stopped { .. } => {
                "nothing of it is kept; the device is tested when it is next asked for".into()
            }
        }
    }
}

/// The devices found, looked for in this process.
pub fn list() -> Vec<ComputeDevice> {
    Search::default().list()
}

/// What `work` returns, or what its panic said.
pub(crate) fn catching<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
        let text = text.unwrap_or("no more is known");
        text.lines().next().unwrap_or_default().to_owned()
    })
}

/// Keeps what was compiled: nothing in a build without GPUs.
#[cfg(not(feature = "gpu"))]
pub fn keep_kernels() {}

/// Does `work`, which in a build without GPUs compiles nothing.
#[cfg(not(feature = "gpu"))]
pub fn rehearse<T>(work: impl FnOnce() -> T) -> (Result<T, String>, usize) {
    (Ok(work()), 0)
}

#[cfg(test)]
mod tests;
