//! Processes of runs that an earlier window started: whether they are there, and how they are ended.

use std::path::Path;

/// Whether the process is there and works on the run's folder; a number alone may be another's by
/// now. Where a system does not tell, it is not.
pub fn works_on(pid: Option<u32>, folder: &Path) -> bool {
    let Some(pid) = pid else { return false };
    let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let folder = folder.as_os_str().as_encoded_bytes();
    command
        .split(|byte| *byte == 0)
        .any(|argument| argument == folder)
}

/// Ends a process at once.
pub fn end(pid: u32) {
    let pid = pid.to_string();
    let mut command = match cfg!(windows) {
        true => std::process::Command::new("taskkill"),
        false => std::process::Command::new("kill"),
    };
    let ended = match cfg!(windows) {
        true => command.args(["/F", "/PID", &pid]),
        false => command.args(["-9", &pid]),
    }
    .status();
    if let Err(failure) = ended {
        tracing::warn!("cannot end process {pid}: {failure}");
    }
}
