//! The compute devices of this machine: what there is, which may be used, and how one is opened.
//!
//! A device is always chosen by name. burn's own default is never taken: it may be a software
//! adapter that computes wrongly. A GPU is only used after it has passed a self-test
//! ([`crate::selftest`]), and it is looked at in a process of its own, because a broken driver can
//! end or hang the process that touches it.

mod check;
mod child;
mod cpu;
#[cfg(feature = "gpu")]
mod gpu;
#[cfg(feature = "gpu")]
mod kernels;
mod memory;

pub use check::{Check, Fault};
pub use cpu::{free_bytes as free_memory_bytes, on_cores, use_physical_cores};
#[cfg(feature = "gpu")]
pub use kernels::{compiled as compiled_kernels, keep as keep_kernels, launches, rehearse};

use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

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
        }
    }
}

/// How devices are looked for. The default looks in this process and remembers nothing.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// A program that looks and tests in a process of its own when it is called as
    /// `PROGRAM probe [ID]`, printing [`ComputeDevice`]s or a [`Check`] as lines of JSON.
    pub program: Option<PathBuf>,
    /// A file that remembers self-tests by device, driver and version of this program.
    pub memory: Option<PathBuf>,
    /// A folder where compiled kernels are kept from process to process.
    pub kernels: Option<PathBuf>,
    /// Offer software adapters too. For tests: they are slow, and some compute wrongly.
    pub software: bool,
    /// Makes a device seem to compute wrongly. For tests.
    pub fault: Option<Fault>,
}

/// A device that was opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Which one.
    pub info: ComputeDevice,
    /// The device, without autodiff.
    pub device: Device,
    /// Devices that `auto` would have preferred, and why they are not used.
    pub passed_over: Vec<String>,
}

impl Search {
    /// The devices found, best first after the CPU. Never empty: the CPU is always there.
    pub fn list(&self) -> Vec<ComputeDevice> {
        let mut devices = vec![cpu::describe()];
        let mut gpus = match &self.program {
            _ if !cfg!(feature = "gpu") => Vec::new(),
            Some(program) => child::list(program),
            None => self.list_here(),
        };
        let known = check::Known::read(self.memory.as_deref());
        for gpu in &mut gpus {
            gpu.check = known.of(gpu);
            let told = gpu.check.as_ref().and_then(|check| check.memory_bytes);
            gpu.memory_bytes = gpu.memory_bytes.or(told);
        }
        devices.append(&mut gpus);
        devices
    }

    /// The GPUs as this very process sees them. A broken driver may end it.
    pub fn list_here(&self) -> Vec<ComputeDevice> {
        self.found().into_iter().map(|(info, _)| info).collect()
    }

    /// Tests a device and remembers the result.
    ///
    /// # Errors
    /// There is no such device.
    pub fn check(&self, id: &str) -> Result<Check, DeviceError> {
        self.check_of(&self.info(id)?)
    }

    fn check_of(&self, info: &ComputeDevice) -> Result<Check, DeviceError> {
        let check = match &self.program {
            _ if info.kind == Kind::Cpu => return Ok(Check::of_the_cpu()),
            Some(program) => child::check(program, &info.id),
            None => self.check_here(&info.id)?,
        };
        check::Known::read(self.memory.as_deref()).remember(info, &check);
        Ok(check)
    }

    /// Tests a device in this very process. A broken driver may end it.
    ///
    /// # Errors
    /// There is no such device.
    pub fn check_here(&self, id: &str) -> Result<Check, DeviceError> {
        let (info, device) = self.find(id)?;
        Ok(check::run(&info, &device, self.fault))
    }

    /// Opens a device by its id; `auto` takes the fastest that passes its self-test.
    ///
    /// # Errors
    /// No device has that id, or it computes wrongly.
    pub fn open(&self, id: &str) -> Result<Opened, DeviceError> {
        match id {
            "cpu" => Ok(Self::cpu(Vec::new())),
            "auto" => Ok(self.best()),
            _ => self.open_tested(self.info(id)?),
        }
    }

    /// Opens a device that the caller has just seen pass its test, by its id, without another one.
    ///
    /// # Errors
    /// There is no such device.
    pub fn open_untested(&self, id: &str) -> Result<Device, DeviceError> {
        match id {
            "cpu" => Ok(Device::flex()),
            _ => self.find(id).map(|(_, device)| device),
        }
    }

    fn cpu(passed_over: Vec<String>) -> Opened {
        Opened {
            info: cpu::describe(),
            device: Device::flex(),
            passed_over,
        }
    }

    fn best(&self) -> Opened {
        let mut passed_over = Vec::new();
        let gpus = self.list().into_iter();
        for gpu in gpus.filter(|gpu| !matches!(gpu.kind, Kind::Cpu | Kind::Software)) {
            match self.open_tested(gpu) {
                // A small GPU can be slower than the processor beside it.
                Ok(opened) if opened.is_faster_than_cpu() => {
                    return Opened {
                        passed_over,
                        ..opened
                    };
                }
                Ok(_) => {}
                Err(failure) => passed_over.push(failure.to_string()),
            }
        }
        Self::cpu(passed_over)
    }

    fn open_tested(&self, mut info: ComputeDevice) -> Result<Opened, DeviceError> {
        let check = match info.check.take() {
            Some(check) => check,
            None => self.check_of(&info)?,
        };
        if !check.passed {
            return Err(DeviceError::Refused {
                id: info.id,
                name: info.name,
                reason: check.detail,
            });
        }
        info.memory_bytes = info.memory_bytes.or(check.memory_bytes);
        info.check = Some(check);
        let (_, device) = self.find(&info.id)?;
        Ok(Opened {
            info,
            device,
            passed_over: Vec::new(),
        })
    }

    fn info(&self, id: &str) -> Result<ComputeDevice, DeviceError> {
        let mut devices = self.list().into_iter();
        devices
            .find(|device| device.id == id)
            .ok_or_else(|| self.unknown(id))
    }

    fn unknown(&self, id: &str) -> DeviceError {
        DeviceError::Unknown {
            asked: id.into(),
            present: self.list().into_iter().map(|device| device.id).collect(),
        }
    }

    /// The GPU of that id, in this process.
    fn find(&self, id: &str) -> Result<(ComputeDevice, Device), DeviceError> {
        let mut found = self.found().into_iter();
        let found = found.find(|(info, _)| info.id == id);
        #[cfg(feature = "gpu")]
        if let (Some((info, _)), Some(folder)) = (&found, &self.kernels) {
            kernels::recall(folder, info);
        }
        found.ok_or_else(|| self.unknown(id))
    }

    fn found(&self) -> Vec<(ComputeDevice, Device)> {
        #[cfg(feature = "gpu")]
        return gpu::find(self.software);
        #[cfg(not(feature = "gpu"))]
        Vec::new()
    }
}

impl Opened {
    fn is_faster_than_cpu(&self) -> bool {
        let check = self.info.check.as_ref();
        check
            .and_then(|check| check.speed)
            .is_some_and(|speed| speed > 1.0)
    }
}

/// The devices found, looked for in this process.
pub fn list() -> Vec<ComputeDevice> {
    Search::default().list()
}

/// How many kernels this process has compiled; none in a build without GPUs.
#[cfg(not(feature = "gpu"))]
pub fn compiled_kernels() -> usize {
    0
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
mod tests {
    use super::*;

    #[test]
    fn the_cpu_is_always_listed_and_an_unknown_device_names_what_there_is() {
        assert_eq!(list()[0].id, "cpu");
        let failure = Search::default().open("cuda:7").unwrap_err();
        assert_eq!(failure.to_string(), "there is no device `cuda:7` here");
        assert!(failure.hint().contains("cpu"));
    }
}
