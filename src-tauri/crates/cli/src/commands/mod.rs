//! One file a command. Each takes its arguments, calls the engine, and prints.

pub mod bench;
pub mod data;
pub mod devices;
pub mod evaluate;
pub mod models;
pub mod score;
pub mod tag;
pub mod train;

use crate::failure::Failure;
use std::path::PathBuf;
use tagsmith_encoder::device::{Fault, Opened, Search};
use tagsmith_hub::Library;
use tagsmith_tagger::Error;

/// The folder of a model given by path or by its name in the library.
pub fn model_folder(name: &str) -> Result<PathBuf, Failure> {
    Library::open()
        .resolve(name)
        .map_err(|failure| Failure::new(failure.to_string(), failure.hint()).with_code("model"))
}

/// How devices are looked for: by this program in a process of its own, results remembered in the
/// cache. Two variables are for tests: `TAGSMITH_SOFTWARE_GPU=1` offers software adapters too, and
/// `TAGSMITH_GPU_FAULT` names what a device does wrong.
pub fn device_search() -> Search {
    let variable = |name| std::env::var(name).ok();
    Search {
        program: std::env::current_exe().ok(),
        memory: Some(Library::open().cache().join("devices.json")),
        kernels: Some(Library::open().cache().join("kernels")),
        software: variable("TAGSMITH_SOFTWARE_GPU").is_some_and(|value| value == "1"),
        fault: variable("TAGSMITH_GPU_FAULT").and_then(|name| Fault::from_name(&name)),
    }
}

/// Opens a device to predict with, and says which better ones cannot be used.
pub fn open_device(id: &str) -> Result<Opened, Failure> {
    let opened = device_search().open(id).map_err(Error::Device)?;
    for reason in &opened.passed_over {
        eprintln!("note: {reason}");
    }
    Ok(opened)
}
