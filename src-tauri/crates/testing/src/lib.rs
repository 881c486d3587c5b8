//! What the tests of several crates share: models to test with, the program in a folder of its own, and
//! assertions about files. No program depends on it.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod durable;
mod models;
mod program;

pub use durable::assert_durable;
pub use models::{adapters, starter, tiny, tokenizers};
pub use program::isolated;

use serde_json::Value;
use std::path::Path;

/// A file of JSON.
pub fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}
