//! The result of a device's self-test, and the test itself in this process.

use super::{ComputeDevice, Progress};
use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a device's self-test said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Whether it computes what the CPU computes.
    pub passed: bool,
    /// In words: how close it is, or what is wrong.
    pub detail: String,
    /// Whether it was not even tested, because something must be installed first, which `detail` says.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub incomplete: bool,
    /// How long the test took.
    pub seconds: f64,
    /// Training steps in the time that the CPU takes for one, on a small model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed: Option<f64>,
    /// The device's memory in bytes as its driver states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// The half-precision types that it computes in and that passed: `bf16`, `f16`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub half: Vec<String>,
    /// Kernels that the test compiled, where they were counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernels: Option<usize>,
    /// The seconds after which the test was given up, where it was: with more of them it may pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_seconds: Option<f64>,
    /// Those of them that passed with products on tensor cores.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tensor_cores: Vec<String>,
    /// What went wrong when kernels on tensor cores were tried, where the device passed only without them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tensor_core_fault: Option<String>,
}

impl Check {
    /// A device that cannot be used.
    pub fn failed(detail: impl Into<String>) -> Self {
        Self {
            passed: false,
            detail: detail.into(),
            incomplete: false,
            seconds: 0.0,
            speed: None,
            memory_bytes: None,
            half: Vec::new(),
            kernels: None,
            limit_seconds: None,
            tensor_cores: Vec::new(),
            tensor_core_fault: None,
        }
    }

    /// A device for which something must be installed.
    #[cfg(feature = "cuda")]
    pub(super) fn incomplete(detail: String) -> Self {
        Self {
            incomplete: true,
            ..Self::failed(detail)
        }
    }

    /// A device whose test was not done within `limit`, having come as far as `last` says.
    pub(super) fn timed_out(limit: Duration, last: Option<Progress>) -> Self {
        let seconds = limit.as_secs_f64();
        let so_far = match last {
            Some(Progress {
                done,
                total: Some(total),
                ..
            }) => {
                format!(" ({done} of {total} kernels were compiled)")
            }
            Some(Progress { done, .. }) => format!(" ({done} kernels were compiled)"),
            None => String::new(),
        };
        Self {
            seconds,
            limit_seconds: Some(seconds),
            ..Self::failed(format!(
                "its test took longer than {} seconds{so_far}",
                rounded(seconds)
            ))
        }
    }

    /// A device whose test was ended by something that has nothing to do with it.
    pub(super) fn ended_from_outside(how: &str) -> Self {
        Self {
            limit_seconds: Some(0.0),
            ..Self::failed(format!("its test was ended from outside, with {how}"))
        }
    }

    /// Whether a test that may take `limit` could find something else.
    pub(super) fn may_change_within(&self, limit: Duration) -> bool {
        // A tenth of a second more is no second chance.
        self.limit_seconds
            .is_some_and(|had| limit.as_secs_f64() > had + 0.1)
    }

    /// The CPU's, which is the measure.
    pub(super) fn of_the_cpu() -> Self {
        Self {
            passed: true,
            detail: "what other devices are compared with".into(),
            ..Self::failed("")
        }
    }
}

/// 30 and not 30.0, 0.5 as it is.
fn rounded(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}

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

/// Tests a device in this process. `trying` is called before the first kernel on tensor cores.
#[cfg(feature = "gpu")]
pub(super) fn run(
    info: &ComputeDevice,
    device: &Device,
    tensor_cores: bool,
    fault: Option<Fault>,
    trying: &dyn Fn(),
) -> Check {
    use crate::selftest::{self, Difference, Trial};
    let began = std::time::Instant::now();
    let tested = super::catching(|| match fault {
        Some(Fault::Panic) => panic!("as the test asked"),
        Some(Fault::Abort) => std::process::abort(),
        Some(Fault::Hang) => loop {
            std::thread::park();
        },
        _ => {
            let trial = Trial {
                tensor_cores,
                trying: &|| {
                    // All without them is right. Whoever tests again need not compile it again.
                    super::keep_kernels();
                    trying();
                },
                fault,
            };
            let result = selftest::test(device, &trial);
            let speed = (result.is_ok() && info.kind != super::Kind::Software)
                .then(|| selftest::speed(device));
            (result, speed, super::gpu::stated_memory(device))
        }
    });
    let mut check = match tested {
        Ok((Ok(passed), speed, memory_bytes)) => {
            super::keep_kernels();
            Check {
                passed: true,
                speed,
                memory_bytes,
                half: passed.half,
                tensor_cores: passed.tensor_cores,
                ..Check::failed(passed.detail)
            }
        }
        Ok((Err(fault @ Difference::TensorCores { .. }), ..)) => Check::failed(fault.to_string()),
        Ok((Err(difference), ..)) => {
            Check::failed(format!("it computes wrong numbers: {difference}"))
        }
        Err(panic) => Check::failed(format!("its driver failed: {panic}")),
    };
    check.seconds = began.elapsed().as_secs_f64();
    check
}

/// Compiles what the test of a device computes in one precision, and keeps it part by part: whoever ends
/// this process for want of time has what is done.
#[cfg(feature = "gpu")]
pub(super) fn compile(device: &Device, precision: crate::Precision) {
    let keep = || {
        let _ = device.sync();
        super::keep_kernels();
    };
    // What does not compile fails again in the test, which reports it.
    let _ = super::rehearse(|| crate::selftest::compute_all(device, precision, keep));
}

#[cfg(not(feature = "gpu"))]
pub(super) fn compile(_: &Device, _: crate::Precision) {}

#[cfg(not(feature = "gpu"))]
pub(super) fn run(_: &ComputeDevice, _: &Device, _: bool, _: Option<Fault>, _: &dyn Fn()) -> Check {
    Check::of_the_cpu()
}
