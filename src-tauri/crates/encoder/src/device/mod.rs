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
mod cpu;
#[cfg(feature = "gpu")]
mod gpu;
mod known;
mod memory;
mod progress;

pub use auto::Limits;
pub use check::{Check, Fault};
pub use cpu::{free_bytes as free_memory_bytes, on_cores, use_physical_cores};
pub use progress::{Progress, Watch, kernel_compiled, kernels_compiled};

use auto::refused;
use burn::tensor::Device;
use known::{Known, NoTurn};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::{Duration, Instant};

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
            Self::Stopped { .. } => {
                "nothing of it is kept; the device is tested when it is next asked for".into()
            }
        }
    }
}

/// How devices are looked for. The default looks in this process and remembers nothing.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// A program that looks and tests in a process of its own when it is called as
    /// `PROGRAM probe [ID] --attended`, printing [`ComputeDevice`]s, or [`Progress`] and a [`Check`], as
    /// lines of JSON, and ending when its standard input does.
    pub program: Option<PathBuf>,
    /// A file that remembers self-tests by device, driver and version of this program.
    pub memory: Option<PathBuf>,
    /// How long tests may take, where `program` does them.
    pub limits: Limits,
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
        devices.append(&mut self.gpus().0);
        devices
    }

    /// The GPUs with what their last tests found, and what went wrong where they could not be looked
    /// for.
    fn gpus(&self) -> (Vec<ComputeDevice>, Option<String>) {
        let (mut gpus, failure) = match &self.program {
            _ if !cfg!(feature = "gpu") => (Vec::new(), None),
            Some(program) => child::list(program),
            None => (self.list_here(), None),
        };
        let known = self.known();
        for gpu in &mut gpus {
            gpu.check = known.of(gpu);
            let stated = gpu.check.as_ref().and_then(|check| check.memory_bytes);
            gpu.memory_bytes = gpu.memory_bytes.or(stated);
        }
        (gpus, failure)
    }

    fn known(&self) -> Known {
        Known::at(self.memory.as_deref())
    }

    /// The GPUs as this very process sees them. A broken driver may end it.
    pub fn list_here(&self) -> Vec<ComputeDevice> {
        self.found().into_iter().map(|(info, _)| info).collect()
    }

    /// Tests a device anew, and remembers the result in the place of an earlier one. A test that takes
    /// longer than [`Limits::on_request`] is a failed one.
    ///
    /// # Errors
    /// It was stopped, or the device is gone.
    pub fn check(&self, info: &ComputeDevice, watch: &mut Watch) -> Result<Check, DeviceError> {
        let before = self.known().of(info);
        self.test(info, before.as_ref(), self.limits.on_request, watch)
    }

    /// Tests a device, or waits for another process that does, and remembers the result. `before` is
    /// what is remembered and does not suffice.
    fn test(
        &self,
        info: &ComputeDevice,
        before: Option<&Check>,
        limit: Duration,
        watch: &mut Watch,
    ) -> Result<Check, DeviceError> {
        if info.kind == Kind::Cpu {
            return Ok(Check::of_the_cpu());
        }
        let known = self.known();
        let began = Instant::now();
        let expected = known.kernels(info).unwrap_or(progress::ESTIMATE);
        (watch.report)(info, &Progress::at(0, expected, Duration::ZERO));
        let stopped = || DeviceError::Stopped {
            id: info.id.clone(),
            name: info.name.clone(),
        };
        let turn = match known.turn(limit, watch.stops) {
            Ok(turn) => turn,
            Err(NoTurn::Stopped) => return Err(stopped()),
            Err(NoTurn::Busy) => {
                return Ok(Check::failed(
                    "another program is testing a device all the time",
                ));
            }
        };
        // The one that was waited for may have tested this very device.
        if turn.waited
            && let Some(check) = known.of(info)
            && before != Some(&check)
        {
            return Ok(check);
        }
        let limit = limit.saturating_sub(began.elapsed());
        let mut report = |progress: &Progress| (watch.report)(info, progress);
        let check = match &self.program {
            Some(program) => child::check(program, &info.id, limit, &mut report, watch.stops)
                .map_err(|child::Stopped| stopped())?,
            None => self.check_here(&info.id, &mut |_| {})?,
        };
        report(&Progress::complete(check.kernels.unwrap_or(expected)));
        known.remember(info, &check);
        Ok(check)
    }

    /// Tests a device in this very process, and reports how far it is. A broken driver may end it.
    ///
    /// # Errors
    /// There is no such device.
    pub fn check_here(
        &self,
        id: &str,
        report: &mut (dyn FnMut(&Progress) + Send),
    ) -> Result<Check, DeviceError> {
        #[cfg(feature = "gpu")]
        progress::count_kernels();
        let (info, device) = self.find(id)?;
        let expected = self.known().kernels(&info).unwrap_or(progress::ESTIMATE);
        let before = kernels_compiled();
        let check =
            progress::reporting(expected, report, || check::run(&info, &device, self.fault));
        let kernels = kernels_compiled() - before;
        Ok(Check {
            kernels: (kernels > 0).then_some(kernels),
            ..check
        })
    }

    /// Opens a device by its id; `auto` takes the fastest that passes its self-test, and does not take
    /// longer for it than [`Limits::of_auto`].
    ///
    /// # Errors
    /// No device has that id, it computes wrongly, or its test was stopped.
    pub fn open(&self, id: &str, watch: &mut Watch) -> Result<Opened, DeviceError> {
        match id {
            "cpu" => Ok(Self::cpu(Vec::new())),
            "auto" => self.best(watch),
            _ => self.asked_for(self.info(id)?, watch),
        }
    }

    fn cpu(passed_over: Vec<String>) -> Opened {
        Opened {
            info: cpu::describe(),
            device: Device::flex(),
            passed_over,
        }
    }

    fn best(&self, watch: &mut Watch) -> Result<Opened, DeviceError> {
        let began = Instant::now();
        let (gpus, failure) = self.gpus();
        let mut choice = auto::choose(
            &gpus,
            &self.limits,
            || began.elapsed(),
            |gpu, limit| self.test(gpu, gpu.check.as_ref(), limit, watch),
        )?;
        choice.passed_over.extend(failure);
        match choice.device.map(|gpu| self.opened(gpu)) {
            Some(Ok(opened)) => Ok(Opened {
                passed_over: choice.passed_over,
                ..opened
            }),
            Some(Err(failure)) => {
                choice.passed_over.push(failure.to_string());
                Ok(Self::cpu(choice.passed_over))
            }
            None => Ok(Self::cpu(choice.passed_over)),
        }
    }

    /// A device that the person named: its test may take longer than in `auto`.
    fn asked_for(&self, mut info: ComputeDevice, watch: &mut Watch) -> Result<Opened, DeviceError> {
        let limit = self.limits.on_request;
        let known = info.check.take();
        let check = match known {
            Some(check) if !check.may_change_within(limit) => check,
            insufficient => self.test(&info, insufficient.as_ref(), limit, watch)?,
        };
        if !check.passed {
            return Err(refused(&info, &check.detail));
        }
        info.check = Some(check);
        self.opened(info)
    }

    /// Opens a device that has passed.
    fn opened(&self, mut info: ComputeDevice) -> Result<Opened, DeviceError> {
        let stated = info.check.as_ref().and_then(|check| check.memory_bytes);
        info.memory_bytes = info.memory_bytes.or(stated);
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
        found
            .find(|(info, _)| info.id == id)
            .ok_or_else(|| self.unknown(id))
    }

    fn found(&self) -> Vec<(ComputeDevice, Device)> {
        #[cfg(feature = "gpu")]
        return gpu::find(self.software);
        #[cfg(not(feature = "gpu"))]
        Vec::new()
    }
}

/// The devices found, looked for in this process.
pub fn list() -> Vec<ComputeDevice> {
    Search::default().list()
}

/// Opens a device that the caller has just seen pass its test, by its id, without another one.
///
/// # Errors
/// There is no such device.
pub fn open_untested(id: &str) -> Result<Device, DeviceError> {
    match id {
        "cpu" => Ok(Device::flex()),
        _ => Search::default().find(id).map(|(_, device)| device),
    }
}

#[cfg(test)]
mod tests;
