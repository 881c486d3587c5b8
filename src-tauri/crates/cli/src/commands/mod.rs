//! One file a command. Each takes its arguments, calls the engine, and prints.

pub mod bench;
pub mod data;
pub mod devices;
pub mod evaluate;
pub mod models;
mod plans;
pub mod pretrain;
pub mod queue;
pub mod score;
pub mod search;
pub mod seeds;
pub mod tag;
pub mod task;
pub mod train;

use crate::Done;
use crate::args::Command;
use crate::error::CommandError;
use crate::output;
use crate::preparing::Preparing;
use std::path::PathBuf;
use std::time::Duration;
use tagsmith_encoder::device::{Fault, Limits, Opened, Search, Watch, prepare_cuda};
use tagsmith_hub::Library;
use tagsmith_tagger::Error;

/// Does what a command says.
pub fn dispatch(command: Command, json: bool) -> Result<Done, CommandError> {
    match command {
        Command::Devices(devices) => devices::run(&devices, json),
        Command::Probe(probe) => devices::probe(&probe),
        Command::Models(models) => models::run(models, json),
        Command::Data(data) => data::run(data, json),
        Command::Train(train) => train::run(*train, json),
        Command::Pretrain(pretrain) => pretrain::run(*pretrain, json),
        Command::Resume(resume) => train::resume(&resume, json),
        Command::Seeds(seeds) => seeds::run(*seeds, json),
        Command::Search(search) => search::run(*search, json),
        Command::Queue(queue) => queue::run(queue, json),
        Command::Task(task) => task::run(&task),
        Command::Evaluate(evaluate) => evaluate::run(*evaluate, json),
        Command::Tag(tag) => tag::run(&tag, json),
        Command::Bench(bench) => bench::run(&bench, json),
        Command::Score(score) => score::run(&score, json),
    }
}

/// The folder of a model given by path or by its name in the library.
pub fn model_folder(name: &str) -> Result<PathBuf, CommandError> {
    Library::open()
        .resolve(name)
        .map_err(|failure| CommandError::of(&failure).with_code("model"))
}

/// Kernels are compiled by this many processes at once, on as many cores or more.
const COMPILERS: usize = 3;

/// With fewer cores processes at once would be no faster than one.
const LEAST_CORES: usize = 4;

/// How devices are looked for: by this program in a process of its own, results remembered in the
/// cache. Three variables are for tests: `TAGSMITH_SOFTWARE_GPU=1` offers software adapters too, which
/// have more time for their own test, `TAGSMITH_GPU_FAULT` names what a device does wrong, and
/// `TAGSMITH_GPU_COMPILERS` says how many processes compile kernels at once.
pub fn device_search() -> Search {
    let variable = |name| std::env::var(name).ok();
    let software = variable("TAGSMITH_SOFTWARE_GPU").is_some_and(|value| value == "1");
    let mut limits = Limits::default();
    if software {
        limits.on_request = Duration::from_secs(600);
    }
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let asked = variable("TAGSMITH_GPU_COMPILERS").and_then(|count| count.parse().ok());
    Search {
        compilers: asked.unwrap_or(if cores < LEAST_CORES { 1 } else { COMPILERS }),
        program: std::env::current_exe().ok(),
        memory: Some(Library::open().cache().join("devices.json")),
        kernels: Some(Library::open().kernels_folder()),
        limits,
        software,
        fault: variable("TAGSMITH_GPU_FAULT").and_then(|name| Fault::from_name(&name)),
    }
}

/// Finds what devices need of other software, before the first of them is touched. Called while no
/// thread but the first one runs.
#[allow(unsafe_code, reason = "the environment is changed")]
pub fn prepare_devices() {
    let library = Library::open();
    // SAFETY: `main` calls this before it starts any thread.
    unsafe { prepare_cuda(&library.home().join("cuda"), library.cache()) };
}

/// Opens a device to predict with, and says how far its test is, where it needs one, and which better
/// ones cannot be used. `json`: its progress as JSON lines.
pub fn open_device(id: &str, json: bool) -> Result<Opened, CommandError> {
    let mut preparing = Preparing::new(json);
    let mut watch = Watch {
        report: &mut |device, progress| preparing.show(device, progress),
        // An interrupt ends this process, and with it the one that tests.
        stops: &|| false,
    };
    let opened = device_search()
        .open(id, &mut watch)
        .map_err(Error::Device)?;
    for reason in &opened.passed_over {
        output::aside(format!("note: {reason}"));
    }
    Ok(opened)
}
