//! The compute devices of this machine: what there is, which may be used, and how one is opened.
//!
//! A device is always chosen by name. burn's own default is never taken: it may be a software
//! adapter that computes wrongly. A GPU is only used after it has passed a self-test
//! ([`crate::selftest`]), and it is looked at in a process of its own, because a broken driver can
//! end or hang the process that touches it.

mod abilities;
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

pub use crate::fault::Fault;
#[cfg(feature = "gpu")]
use crate::fault::catching;
pub use abilities::{instead_of, precision_on, supports};
pub use auto::Limits;
pub use child::{ProbeLine, Trying};
pub use cpu::{free_bytes as free_memory_bytes, on_cores, use_physical_cores};
pub use cuda::prepare as prepare_cuda;
#[cfg(feature = "gpu")]
pub use kernels::{keep as keep_kernels, launches, rehearse};
pub use progress::{Progress, Watch, kernels_compiled};
pub use search::{Opened, Search};
pub use tagsmith_protocol::{ComputeDevice, DeviceCheck, DeviceKind, DeviceRefusal};

use std::borrow::Cow;
use tagsmith_protocol::Diagnose;

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

impl Diagnose for DeviceError {
    fn code(&self) -> &'static str {
        "device"
    }

    fn hint(&self) -> Option<Cow<'_, str>> {
        let hint: String = match self {
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
        };
        Some(hint.into())
    }
}

/// The devices found, looked for in this process.
pub fn list() -> Vec<ComputeDevice> {
    Search::default().list()
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
