//! The result of a device's self-test, and the file that remembers results.

use super::ComputeDevice;
use crate::file::write_json;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a device's self-test said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Whether it computes what the CPU computes.
    pub passed: bool,
    /// In words: how close it is, or what is wrong.
    pub detail: String,
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
}

impl Check {
    /// A device that cannot be used.
    pub fn failed(detail: impl Into<String>) -> Self {
        Self {
            passed: false,
            detail: detail.into(),
            seconds: 0.0,
            speed: None,
            memory_bytes: None,
            half: Vec::new(),
        }
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

/// What a test makes a device do wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// One gradient is off by a percent of the largest.
    WrongGradient,
    /// The driver panics.
    Panic,
    /// The driver ends the process.
    Abort,
}

impl Fault {
    /// By the name that the variable of the tests uses.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "wrong-gradient" => Some(Self::WrongGradient),
            "panic" => Some(Self::Panic),
            "abort" => Some(Self::Abort),
            _ => None,
        }
    }
}

/// Tests a device in this process.
#[cfg(feature = "gpu")]
pub(super) fn run(info: &ComputeDevice, device: &Device, fault: Option<Fault>) -> Check {
    use crate::selftest;
    let began = std::time::Instant::now();
    let tested = super::gpu::catching(|| match fault {
        Some(Fault::Panic) => panic!("as the test asked"),
        Some(Fault::Abort) => std::process::abort(),
        _ => {
            let is_wrong = fault == Some(Fault::WrongGradient);
            let result = selftest::test(device, is_wrong);
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
                ..Check::failed(passed.detail)
            }
        }
        Ok((Err(difference), ..)) => {
            Check::failed(format!("it computes wrong numbers: {difference}"))
        }
        Err(panic) => Check::failed(format!("its driver failed: {panic}")),
    };
    check.seconds = began.elapsed().as_secs_f64();
    check
}

#[cfg(not(feature = "gpu"))]
pub(super) fn run(_: &ComputeDevice, _: &Device, _: Option<Fault>) -> Check {
    Check::of_the_cpu()
}

/// Results by device, driver and version of this program.
#[derive(Default)]
pub(super) struct Known {
    path: Option<PathBuf>,
    checks: BTreeMap<String, Check>,
}

impl Known {
    /// Reads the file; one that is absent or damaged knows nothing.
    pub(super) fn read(path: Option<&Path>) -> Self {
        let read = |path: &Path| {
            let text = std::fs::read_to_string(path).ok()?;
            serde_json::from_str(&text).ok()
        };
        Self {
            path: path.map(Path::to_path_buf),
            checks: path.and_then(read).unwrap_or_default(),
        }
    }

    pub(super) fn of(&self, device: &ComputeDevice) -> Option<Check> {
        self.checks.get(&key(device)).cloned()
    }

    /// Adds a result. That it cannot be written only means that the device is tested again.
    pub(super) fn remember(mut self, device: &ComputeDevice, check: &Check) {
        let Some(path) = &self.path else { return };
        self.checks.insert(key(device), check.clone());
        if let Some(folder) = path.parent() {
            let _ = std::fs::create_dir_all(folder);
        }
        let _ = write_json(path, &self.checks);
    }
}

fn key(device: &ComputeDevice) -> String {
    let driver = device.driver.as_deref().unwrap_or("driver unknown");
    let version = env!("CARGO_PKG_VERSION");
    format!("{} | {} | {driver} | {version}", device.id, device.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::Kind;

    #[test]
    fn a_result_is_remembered_until_the_driver_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cache/devices.json");
        let mut device = ComputeDevice {
            id: "vulkan:0".into(),
            name: "A card".into(),
            threads: None,
            memory_bytes: None,
            kind: Kind::Discrete,
            free_bytes: None,
            driver: Some("1.0".into()),
            check: None,
        };
        let failed = Check::failed("it computes wrong numbers");
        Known::read(Some(&path)).remember(&device, &failed);
        assert_eq!(Known::read(Some(&path)).of(&device), Some(failed));
        device.driver = Some("1.1".into());
        assert_eq!(Known::read(Some(&path)).of(&device), None);
        std::fs::write(&path, "half a fi").unwrap();
        assert_eq!(Known::read(Some(&path)).of(&device), None);
        assert_eq!(Known::read(None).of(&device), None);
    }
}
