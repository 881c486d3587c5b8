//! Processes of runs that an earlier window started: whether they are there, and how they are ended.

use std::path::Path;
use std::time::Duration;

/// Whether the process is there and works on the run's folder; a number alone may be another's by
/// now. Where a system does not say, it is not.
pub fn works_on(pid: Option<u32>, folder: &Path) -> bool {
    let Some(pid) = pid else { return false };
    let command = command_line(pid);
    let folder = folder.as_os_str().as_encoded_bytes();
    command
        .split(|byte| *byte == 0)
        .any(|argument| argument == folder)
}

/// What a process was called with; for an instant after its start the system has no answer yet.
fn command_line(pid: u32) -> Vec<u8> {
    for _ in 0..20 {
        match std::fs::read(format!("/proc/{pid}/cmdline")) {
            Ok(command) if command.is_empty() => std::thread::sleep(Duration::from_millis(5)),
            Ok(command) => return command,
            Err(_) => break,
        }
    }
    Vec::new()
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
