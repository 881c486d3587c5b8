//! The result of a device's self-test, and the test itself in this process.

use super::{ComputeDevice, DeviceCheck, DeviceRefusal, Progress};
use crate::fault::Fault;
use burn::tensor::Device;
use std::time::Duration;

/// A device that cannot be used, and why.
pub(super) fn refused(reason: DeviceRefusal, detail: impl Into<String>) -> DeviceCheck {
    DeviceCheck {
        reason: Some(reason),
        ..failed(detail)
    }
}

/// A device that cannot be used.
pub fn failed(detail: impl Into<String>) -> DeviceCheck {
    DeviceCheck {
        passed: false,
        detail: detail.into(),
        reason: None,
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
pub(super) fn incomplete(detail: String) -> DeviceCheck {
    DeviceCheck {
        incomplete: true,
        ..refused(DeviceRefusal::MissingLibrary, detail)
    }
}

/// A device whose test was not done within `limit`, having come as far as `last` says.
pub(super) fn timed_out(limit: Duration, last: Option<Progress>) -> DeviceCheck {
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
    DeviceCheck {
        seconds,
        limit_seconds: Some(seconds),
        ..refused(
            DeviceRefusal::TooSlow,
            format!(
                "its test took longer than {} seconds{so_far}",
                rounded(seconds)
            ),
        )
    }
}

/// A device whose test was ended by something that has nothing to do with it.
pub(super) fn ended_from_outside(how: &str) -> DeviceCheck {
    DeviceCheck {
        limit_seconds: Some(0.0),
        ..refused(
            DeviceRefusal::Interrupted,
            format!("its test was ended from outside, with {how}"),
        )
    }
}

/// Whether a test that may take `limit` could find something else.
pub(super) fn may_change_within(check: &DeviceCheck, limit: Duration) -> bool {
    // A tenth of a second more is no second chance.
    check
        .limit_seconds
        .is_some_and(|had| limit.as_secs_f64() > had + 0.1)
}

/// The CPU's, which is the measure.
pub(super) fn of_the_cpu() -> DeviceCheck {
    DeviceCheck {
        passed: true,
        detail: "what other devices are compared with".into(),
        ..failed("")
    }
}

/// 30 and not 30.0, 0.5 as it is.
fn rounded(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}

/// Tests a device in this process. `trying` is called before the first kernel on tensor cores.
#[cfg(feature = "gpu")]
pub(super) fn run(
    info: &ComputeDevice,
    device: &Device,
    tensor_cores: bool,
    fault: Option<Fault>,
    trying: &dyn Fn(),
) -> DeviceCheck {
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
            let speed = (result.is_ok() && info.kind != super::DeviceKind::Software)
                .then(|| selftest::speed(device));
            (result, speed, super::gpu::stated_memory(device))
        }
    });
    let mut check = match tested {
        Ok((Ok(passed), speed, memory_bytes)) => {
            super::keep_kernels();
            DeviceCheck {
                passed: true,
                speed,
                memory_bytes,
                half: passed.half,
                tensor_cores: passed.tensor_cores,
                ..failed(passed.detail)
            }
        }
        Ok((Err(fault @ Difference::TensorCores { .. }), ..)) => {
            refused(DeviceRefusal::DriverFailed, fault.to_string())
        }
        Ok((Err(difference), ..)) => refused(
            DeviceRefusal::WrongNumbers,
            format!("it computes wrong numbers: {difference}"),
        ),
        Err(panic) => refused(
            DeviceRefusal::DriverFailed,
            format!("its driver failed: {panic}"),
        ),
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
pub(super) fn run(
    _: &ComputeDevice,
    _: &Device,
    _: bool,
    _: Option<Fault>,
    _: &dyn Fn(),
) -> DeviceCheck {
    of_the_cpu()
}
