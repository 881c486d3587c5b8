//! Faults of devices: those that tests ask for, and panics as values.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a test makes a device do wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// One gradient is off by a percent of the largest.
    WrongGradient,
    /// The driver panics.
    Panic,
    /// The driver ends the process.
    Abort,
    /// The driver does not come back.
    Hang,
    /// The first kernel on tensor cores makes the driver end the process.
    TensorCoreAbort,
    /// The first kernel on tensor cores faults, and nothing works in the process any more.
    TensorCoreFault,
}

impl Fault {
    /// By the name that the variable of the tests uses.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "wrong-gradient" => Some(Self::WrongGradient),
            "panic" => Some(Self::Panic),
            "abort" => Some(Self::Abort),
            "hang" => Some(Self::Hang),
            "tensor-core-abort" => Some(Self::TensorCoreAbort),
            "tensor-core-fault" => Some(Self::TensorCoreFault),
            _ => None,
        }
    }
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
