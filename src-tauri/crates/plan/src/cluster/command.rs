//! Running a scheduler's commands.

use crate::error::PlanError;
use std::env;
use std::path::Path;
use std::process::{Command, Output};

/// Whether a command is on PATH.
pub fn is_there(name: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

/// Runs a command line in a folder.
///
/// # Errors
/// It cannot be started.
pub fn output(line: &[String], folder: &Path) -> Result<Output, PlanError> {
    let (name, arguments) = line.split_first().expect("a command line has a command");
    let output = Command::new(name)
        .args(arguments)
        .current_dir(folder)
        .output();
    output.map_err(PlanError::io("start", Path::new(name)))
}

/// What a command line prints.
///
/// # Errors
/// It cannot be started, or fails; `hint` says what to do then.
pub fn run(line: &[String], folder: &Path, hint: &str) -> Result<String, PlanError> {
    let output = output(line, folder)?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(failed(line, &String::from_utf8_lossy(&output.stderr), hint)),
    }
}

/// A command failed, and said this.
pub fn failed(line: &[String], said: &str, hint: &str) -> PlanError {
    let said = match said.trim() {
        "" => "it said nothing",
        said => said,
    };
    PlanError::Runner {
        message: format!("`{}` failed: {said}", line.join(" ")),
        hint: hint.into(),
    }
}

/// A command line from pieces.
pub fn line(pieces: &[&str]) -> Vec<String> {
    pieces.iter().map(|piece| (*piece).to_owned()).collect()
}
