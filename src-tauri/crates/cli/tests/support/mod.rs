//! The program in a folder of its own, with an empty library whatever this machine has.

use std::path::Path;
use std::process::{Command, Stdio};

pub fn tagsmith(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tagsmith"));
    command
        .current_dir(folder)
        .env("TAGSMITH_HOME", folder.join("home"))
        .env("TAGSMITH_CACHE", folder.join("cache"))
        .env("HF_HOME", folder.join("hugging-face"))
        .env_remove("HF_HUB_CACHE")
        .stdin(Stdio::null());
    command
}
