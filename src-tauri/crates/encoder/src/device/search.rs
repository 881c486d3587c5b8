//! Looking for devices, testing them, and opening one.

use super::auto::{Limits, choose, unusable};
use super::card::runtime;
use super::check::may_change_within;
use super::known::{Known, NoTurn};
use super::{
    ComputeDevice, DeviceCheck, DeviceError, DeviceKind, DeviceRefusal, Fault, ProbeLine, Progress,
    Trying, Watch,
};
use super::{check, child, compiling, cpu, progress};
use crate::Precision;
use burn::tensor::Device;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How devices are looked for. The default looks in this process and remembers nothing.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// A program that looks and tests in a process of its own when it is called as
    /// `PROGRAM probe [ID] --attended`, printing [`ComputeDevice`]s or [`ProbeLine`]s as lines of JSON, and
    /// ending when its standard input does.
    pub program: Option<PathBuf>,
    /// A file that remembers self-tests by device, driver and version of this program.
    pub memory: Option<PathBuf>,
    /// A folder where compiled kernels are kept from process to process.
    pub kernels: Option<PathBuf>,
    /// How many processes of `program` may compile kernels at once before a test; with fewer than two the
    /// test compiles them as it comes to them.
    pub compilers: usize,
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
            // What must be installed first is reported whatever an earlier test found.
            gpu.check = gpu.check.take().or_else(|| known.of(gpu));
            let stated = gpu.check.as_ref().and_then(|check| check.memory_bytes);
            gpu.memory_bytes = gpu.memory_bytes.or(stated);
        }
        (gpus, failure)
    }

    pub(super) fn known(&self) -> Known {
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
    pub fn check(
        &self,
        info: &ComputeDevice,
        watch: &mut Watch,
    ) -> Result<DeviceCheck, DeviceError> {
        let before = self.known().of(info);
        self.test(info, before.as_ref(), self.limits.on_request, watch)
    }

    /// Tests a device, or waits for another process that does, and remembers the result. `before` is
    /// what is remembered and does not suffice. Reports the beginning, and the end by as many kernels
    /// done as there are.
    pub(super) fn test(
        &self,
        info: &ComputeDevice,
        before: Option<&DeviceCheck>,
        limit: Duration,
        watch: &mut Watch,
    ) -> Result<DeviceCheck, DeviceError> {
        if info.kind == DeviceKind::Cpu {
            return Ok(check::of_the_cpu());
        }
        let mut done = 0;
        let mut report = |progress: &Progress| {
            done = progress.done;
            (watch.report)(info, progress);
        };
        let check = self.test_in_turn(info, before, limit, &mut report, watch.stops)?;
        (watch.report)(info, &Progress::complete(check.kernels.unwrap_or(done)));
        Ok(check)
    }

    fn test_in_turn(
        &self,
        info: &ComputeDevice,
        before: Option<&DeviceCheck>,
        limit: Duration,
        report: &mut dyn FnMut(&Progress),
        stops: &dyn Fn() -> bool,
    ) -> Result<DeviceCheck, DeviceError> {
        let known = self.known();
        let began = Instant::now();
        report(&Progress::at(
            0,
            self.expected_kernels(info),
            Duration::ZERO,
        ));
        let stopped = || DeviceError::Stopped {
            id: info.id.clone(),
            name: info.name.clone(),
        };
        let turn = match known.turn(limit, stops) {
            Ok(turn) => turn,
            Err(NoTurn::Stopped) => return Err(stopped()),
            Err(NoTurn::Busy) => {
                return Ok(check::refused(
                    DeviceRefusal::Busy,
                    "another program is testing devices all the time",
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
        let check = match &self.program {
            Some(program) => {
                let compiling = compiling::Compiling {
                    program,
                    id: &info.id,
                    processes: self.compilers_for(info),
                    expected: self.expected_kernels(info),
                };
                let check = compiling.then_check(limit, report, stops);
                check.map_err(|child::Stopped| stopped())?
            }
            None => self.check_here(&info.id, true, &|_| {})?,
        };
        known.remember(info, &check);
        Ok(check)
    }

    /// How many processes compile the kernels of a device before its test: none where an earlier process
    /// has kept some, or where cubecl keeps none from process to process. With Vulkan it is the driver that
    /// takes the time, and what it keeps is its own affair.
    fn compilers_for(&self, info: &ComputeDevice) -> usize {
        let is_kept = |folder: &PathBuf| has_kernels(folder, info);
        match &self.kernels {
            Some(folder) if runtime(info) == "cuda" && !is_kept(folder) => self.compilers,
            _ => 0,
        }
    }

    fn expected_kernels(&self, info: &ComputeDevice) -> usize {
        let estimate = || {
            let by_precision = self.compilers_for(info) > 1;
            progress::estimate(runtime(info), by_precision)
        };
        self.known().kernels(info).unwrap_or_else(estimate)
    }

    /// Tests a device in this very process, with kernels on `tensor_cores` or without them, and says how
    /// far it is and what it tries. A broken driver may end it.
    ///
    /// # Errors
    /// There is no such device.
    pub fn check_here(
        &self,
        id: &str,
        tensor_cores: bool,
        say: &(dyn Fn(ProbeLine) + Sync),
    ) -> Result<DeviceCheck, DeviceError> {
        let (mut info, device) = self.find(id)?;
        if let Some(incomplete) = info.check.take() {
            return Ok(incomplete);
        }
        let expected = self.expected_kernels(&info);
        let before = progress::kernels_compiled();
        let report = |progress: &Progress| {
            say(ProbeLine::Progress {
                progress: *progress,
            });
        };
        let trying = || {
            say(ProbeLine::Trying {
                trying: Trying::TensorCores,
            });
        };
        let check = progress::reporting(expected, &report, || {
            check::run(&info, &device, tensor_cores, self.fault, &trying)
        });
        let kernels = progress::kernels_compiled() - before;
        Ok(DeviceCheck {
            kernels: (kernels > 0).then_some(kernels),
            ..check
        })
    }

    /// Compiles what the test of a device computes in one precision in this very process, says how far it
    /// is, and keeps it for others. A broken driver may end it.
    ///
    /// # Errors
    /// There is no such device.
    pub fn compile_here(
        &self,
        id: &str,
        precision: Precision,
        say: &(dyn Fn(ProbeLine) + Sync),
    ) -> Result<(), DeviceError> {
        let (info, device) = self.find(id)?;
        let report = |progress: &Progress| {
            say(ProbeLine::Progress {
                progress: *progress,
            });
        };
        let expected = self.expected_kernels(&info);
        progress::reporting(expected, &report, || check::compile(&device, precision));
        Ok(())
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

    fn best(&self, watch: &mut Watch) -> Result<Opened, DeviceError> {
        let began = Instant::now();
        let (gpus, failure) = self.gpus();
        let mut choice = choose(
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
    pub(super) fn asked_for(
        &self,
        mut info: ComputeDevice,
        watch: &mut Watch,
    ) -> Result<Opened, DeviceError> {
        let limit = self.limits.on_request;
        let known = info.check.take();
        let check = match known {
            Some(check) if !may_change_within(&check, limit) => check,
            insufficient => self.test(&info, insufficient.as_ref(), limit, watch)?,
        };
        if !check.passed {
            return Err(unusable(&info, &check));
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

    /// The device of that id, with what its last test found.
    ///
    /// # Errors
    /// There is no such device.
    pub fn info(&self, id: &str) -> Result<ComputeDevice, DeviceError> {
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
    pub(super) fn find(&self, id: &str) -> Result<(ComputeDevice, Device), DeviceError> {
        let mut found = self.found().into_iter();
        let found = found.find(|(info, _)| info.id == id);
        #[cfg(feature = "gpu")]
        if let (Some((info, _)), Some(folder)) = (&found, &self.kernels) {
            super::kernels::recall(folder, info);
        }
        found.ok_or_else(|| self.unknown(id))
    }

    fn found(&self) -> Vec<(ComputeDevice, Device)> {
        #[cfg(feature = "gpu")]
        return super::gpu::find(self.software);
        #[cfg(not(feature = "gpu"))]
        Vec::new()
    }
}

/// Whether an earlier process kept kernels of a device.
fn has_kernels(folder: &Path, info: &ComputeDevice) -> bool {
    #[cfg(feature = "gpu")]
    return super::kernels::path(folder, info).exists();
    #[cfg(not(feature = "gpu"))]
    {
        let _ = (folder, info);
        false
    }
}
