//! The program in a folder of its own, with an empty library whatever this machine has.
#![allow(dead_code)] // each test file uses a part

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

pub fn tagsmith(folder: &Path) -> Command {
    tagsmith_testing::isolated(env!("CARGO_BIN_EXE_tagsmith"), folder)
}

/// The path of a tiny random model, as an argument.
pub fn tiny(name: &str) -> String {
    tagsmith_testing::tiny(name).display().to_string()
}

/// What the program printed.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The devices that `devices --json` listed.
pub fn devices(output: &Output) -> Vec<Value> {
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
