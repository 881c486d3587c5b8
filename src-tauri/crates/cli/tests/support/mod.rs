//! The program in a folder of its own, with an empty library whatever this machine has.
#![allow(dead_code)] // each test file uses a part

pub mod training;

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

/// Runs the program to its end.
pub fn run(folder: &Path, arguments: &[&str]) -> Output {
    tagsmith(folder).args(arguments).output().unwrap()
}

/// Exit code, standard output, standard error.
pub type Printed = (Option<i32>, String, String);

/// What a program left behind.
pub fn printed(output: &Output) -> Printed {
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// What the program printed, which is UTF-8.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A folder with these files.
pub fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

/// Sends a process a signal, such as `-INT`.
pub fn signal(name: &str, process: u32) {
    let number = process.to_string();
    let sent = Command::new("kill").args([name, &number]).status();
    assert!(sent.unwrap().success());
}

/// The devices that `devices --json` listed.
pub fn devices(output: &Output) -> Vec<Value> {
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
