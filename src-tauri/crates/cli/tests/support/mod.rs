//! The program in a folder of its own, with an empty library whatever this machine has.
#![allow(dead_code)] // each test file uses a part

use std::path::Path;
use std::process::Command;

pub fn tagsmith(folder: &Path) -> Command {
    tagsmith_testing::isolated(env!("CARGO_BIN_EXE_tagsmith"), folder)
}

/// The path of a tiny random model, as an argument.
pub fn tiny(name: &str) -> String {
    tagsmith_testing::tiny(name).display().to_string()
}
