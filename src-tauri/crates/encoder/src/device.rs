//! The compute devices of this machine.
//!
//! A device is always chosen by name. burn's own default is never taken: it may be a software
//! adapter that computes wrongly.

use burn::tensor::Device;
use serde::Serialize;

/// A device as `tagsmith devices` lists it.
#[derive(Clone, Debug, Serialize)]
pub struct ComputeDevice {
    /// What `--device` takes: `cpu`, later also `vulkan:0`, `cuda:0`.
    pub id: String,
    /// The processor's or card's name.
    pub name: String,
    /// Threads that computing uses, where that is known.
    pub threads: Option<usize>,
    /// Memory in bytes, where that is known.
    pub memory_bytes: Option<u64>,
}

/// Why a device cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("there is no device `{asked}` here")]
pub struct DeviceError {
    /// What was asked for.
    pub asked: String,
    /// The ids that there are.
    pub present: Vec<String>,
}

impl DeviceError {
    /// What the person can do now.
    pub fn hint(&self) -> String {
        format!("devices here: {}, or `auto`", self.present.join(", "))
    }
}

/// The devices found. Never empty: the CPU is always there.
pub fn list() -> Vec<ComputeDevice> {
    vec![ComputeDevice {
        id: "cpu".into(),
        name: cpu_name().unwrap_or_else(|| std::env::consts::ARCH.into()),
        threads: std::thread::available_parallelism()
            .ok()
            .map(|threads| threads.get()),
        memory_bytes: memory_bytes(),
    }]
}

/// Opens a device by its id; `auto` takes the best one.
///
/// # Errors
/// No device has that id.
pub fn open(id: &str) -> Result<(String, Device), DeviceError> {
    match id {
        "cpu" | "auto" => Ok(("cpu".into(), Device::flex())),
        _ => Err(DeviceError {
            asked: id.into(),
            present: list().into_iter().map(|device| device.id).collect(),
        }),
    }
}

/// The processor's name as Linux tells it.
fn cpu_name() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    value_after(&text, "model name").map(str::to_owned)
}

/// The machine's memory as Linux tells it, in bytes.
fn memory_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let kibibytes = value_after(&text, "MemTotal")?.strip_suffix(" kB")?;
    Some(kibibytes.trim().parse::<u64>().ok()? * 1024)
}

fn value_after<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let line = text.lines().find(|line| line.starts_with(key))?;
    Some(line.split_once(':')?.1.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_is_always_listed_and_an_unknown_device_names_what_there_is() {
        assert_eq!(list()[0].id, "cpu");
        let failure = open("cuda:7").unwrap_err();
        assert_eq!(failure.to_string(), "there is no device `cuda:7` here");
        assert!(failure.hint().contains("cpu"));
    }
}
