//! The program under test, away from what this machine has.

use std::path::Path;
use std::process::{Command, Stdio};

/// A program started in `folder`, with an empty library there.
pub fn isolated(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env("TAGSMITH_HOME", folder.join("home"))
        .env("TAGSMITH_CACHE", folder.join("cache"))
        .env("HF_HOME", folder.join("hugging-face"))
        .env_remove("HF_HUB_CACHE")
        .stdin(Stdio::null());
    command
}
