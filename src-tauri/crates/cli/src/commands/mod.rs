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
use tagsmith_hub::Library;

/// The folder of a model given by path or by its name in the library.
pub fn model_folder(name: &str) -> Result<PathBuf, Failure> {
    Library::open()
        .resolve(name)
        .map_err(|failure| Failure::new(failure.to_string(), failure.hint()).with_code("model"))
}
