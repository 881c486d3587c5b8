//! Compute devices as `tagsmith devices` lists them, and their self-tests.

use serde::{Deserialize, Serialize};

/// The kinds of devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "lowercase")]
pub enum DeviceKind {
    /// The processor.
    Cpu,
    /// A card with memory of its own.
    Discrete,
    /// A GPU that shares the processor's memory.
    Integrated,
    /// A part of a GPU, as virtual machines have.
    Virtual,
    /// A GPU that is emulated on the processor. For tests only.
    Software,
    /// A GPU whose driver does not say.
    Other,
}

/// A compute device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct ComputeDevice {
    /// What `--device` takes: `cpu`, `vulkan:0`, `metal:0`, `cuda:0`.
    pub id: String,
    /// The processor's or card's name.
    pub name: String,
    /// Threads that computing uses, where that is known.
    pub threads: Option<usize>,
    /// Memory in bytes, where that is known.
    pub memory_bytes: Option<u64>,
    /// What kind of device it is.
    pub kind: DeviceKind,
    /// Memory that is free now, in bytes, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", specta(optional))]
    pub free_bytes: Option<u64>,
    /// The driver's name and version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", specta(optional))]
    pub driver: Option<String>,
    /// The instructions that a CPU multiplies by, such as `AVX-512`, and `AVX512-BF16` where it has them for
    /// 16 bits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "bindings", specta(optional))]
    pub instructions: Vec<String>,
    /// Its address on the PCI bus, such as `0000:01:00.0`, where that is known: two devices at one address
    /// are one card, reached through two runtimes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", specta(optional))]
    pub address: Option<String>,
    /// The result of its self-test, once it had one. The CPU is what others are compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", specta(optional))]
    pub check: Option<DeviceCheck>,
}

/// Why a device is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "kebab-case")]
pub enum DeviceRefusal {
    /// It computes other numbers than the CPU.
    WrongNumbers,
    /// Its driver, or a kernel on it, failed.
    DriverFailed,
    /// The process of its test crashed.
    Crashed,
    /// Its test took too long.
    TooSlow,
    /// Its test was ended by something that has nothing to do with it.
    Interrupted,
    /// Its test could not be started.
    NotStarted,
    /// Another program tests devices.
    Busy,
    /// Something must be installed first.
    MissingLibrary,
}

/// The result of a device's self-test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct DeviceCheck {
    /// Whether it computes what the CPU computes. One that does not is never used.
    pub passed: bool,
    /// In words: how close it is, or what is wrong.
    pub detail: String,
    /// Why it is not used; absent where it passed, and in what earlier versions wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", specta(optional))]
    pub reason: Option<DeviceRefusal>,
    /// Whether it was not even tested, because something must be installed first, which `detail` says.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "bindings", specta(optional))]
    pub incomplete: bool,
    /// How long the test took.
    #[serde(default)]
    pub seconds: f64,
    /// Training steps in the time that the CPU takes for one, on a small model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", specta(optional))]
    pub speed: Option<f64>,
    /// The device's memory in bytes as its driver states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", specta(optional))]
    pub memory_bytes: Option<u64>,
    /// The half-precision types that it computes in and that passed: `bf16`, `f16`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "bindings", specta(optional))]
    pub half: Vec<String>,
    /// Kernels that the test compiled, where they were counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", specta(optional))]
    pub kernels: Option<usize>,
    /// The seconds after which the test was ended, where it took too long; with more time it may pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", specta(optional))]
    pub limit_seconds: Option<f64>,
    /// Those of the half-precision types that passed with products on tensor cores.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "bindings", specta(optional))]
    pub tensor_cores: Vec<String>,
    /// What went wrong when kernels on tensor cores were tried, where the device passed only without them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", specta(optional))]
    pub tensor_core_fault: Option<String>,
}

/// Progress of the preparation of a GPU: kernels compiled, of those expected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Preparing {
    /// The device's id.
    pub device: String,
    /// Kernels compiled so far.
    pub done: usize,
    /// Kernels in all; `null` while unknown.
    pub total: Option<usize>,
    /// Seconds left at the pace so far; `null` before there is one.
    pub eta_seconds: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `tagsmith --json devices` prints them.
    #[test]
    fn devices_before_and_after_their_test() {
        let listed = r#"[
            {"id":"cpu","name":"A processor","threads":2,"memory_bytes":9,"kind":"cpu","free_bytes":5},
            {"id":"vulkan:0","name":"A card","threads":null,"memory_bytes":null,"kind":"discrete",
             "driver":"radv 25.0","check":{"passed":true,"detail":"close","seconds":1.5,"speed":3.25,
             "memory_bytes":9,"half":["f16"]}},
            {"id":"vulkan:1","name":"Another","threads":null,"memory_bytes":null,"kind":"other",
             "check":{"passed":false,"detail":"it computes wrong numbers","seconds":0.5}},
            {"id":"vulkan:2","name":"A third","threads":null,"memory_bytes":null,"kind":"other",
             "check":{"passed":false,"detail":"its driver failed: x","reason":"driver-failed"}}]"#;
        let devices: Vec<ComputeDevice> = serde_json::from_str(listed).unwrap();
        assert_eq!(devices[0].check, None);
        assert_eq!(devices[1].kind, DeviceKind::Discrete);
        let check = devices[1].check.as_ref().unwrap();
        assert!(check.passed);
        assert_eq!(check.speed, Some(3.25));
        let check = devices[2].check.as_ref().unwrap();
        assert_eq!((check.passed, check.speed), (false, None));
        // As earlier versions wrote it.
        assert_eq!(check.reason, None);
        let check = devices[3].check.as_ref().unwrap();
        assert_eq!(check.reason, Some(DeviceRefusal::DriverFailed));
        let written = serde_json::to_value(check).unwrap();
        assert_eq!(written["reason"], "driver-failed");
    }
}
