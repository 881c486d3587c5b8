//! Looking at GPUs in a process of its own: a driver that crashes or hangs ends that one only.

use super::{Check, ComputeDevice};
use serde::de::DeserializeOwned;
use std::io::Read;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Drivers answer in a fraction of a second.
const LISTING: Duration = Duration::from_secs(30);

/// Kernels are compiled for the card during its first test.
const TESTING: Duration = Duration::from_secs(600);

/// How a child process ended.
enum End {
    Exited(ExitStatus),
    TimedOut,
    NotStarted,
}

/// The GPUs that `program probe` finds; none where it fails.
pub(super) fn list(program: &Path) -> Vec<ComputeDevice> {
    lines(&ask(program, &["probe"], LISTING).1)
}

/// What `program probe ID` says; a failure of the process is one of the device.
pub(super) fn check(program: &Path, id: &str) -> Check {
    let (end, output) = ask(program, &["probe", id], TESTING);
    match (lines(&output).pop(), end) {
        (Some(check), _) => check,
        (None, End::Exited(status)) => Check::failed(format!("its test ended with {status}")),
        (None, End::TimedOut) => Check::failed(format!(
            "its test was not done after {} seconds",
            TESTING.as_secs()
        )),
        (None, End::NotStarted) => Check::failed("its test could not be started"),
    }
}

fn lines<T: DeserializeOwned>(text: &str) -> Vec<T> {
    text.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

/// Runs a program to its end, or to the end of `limit`; what it printed.
fn ask(program: &Path, arguments: &[&str], limit: Duration) -> (End, String) {
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else {
        return (End::NotStarted, String::new());
    };
    let mut pipe = child.stdout.take().expect("standard output is piped");
    let reader = std::thread::spawn(move || {
        let mut text = Vec::new();
        let _ = pipe.read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    });
    let began = Instant::now();
    let end = loop {
        match child.try_wait() {
            Ok(Some(status)) => break End::Exited(status),
            Ok(None) if began.elapsed() < limit => std::thread::sleep(Duration::from_millis(5)),
            Ok(None) | Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                break End::TimedOut;
            }
        }
    };
    (end, reader.join().unwrap_or_default())
}

#[cfg(test)]
#[cfg(unix)] // the programs are scripts
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::sync::Mutex;

    /// A file that is being written while another test starts a process stays open in that one, and
    /// cannot be run: one test at a time.
    static ONE: Mutex<()> = Mutex::new(());

    fn script(text: &str) -> tempfile::TempPath {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("#!/bin/sh\n{text}\n")).unwrap();
        let all = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(file.path(), all).unwrap();
        file.into_temp_path()
    }

    #[test]
    fn trap_a_driver_that_crashes_takes_nothing_with_it() {
        let _one = ONE.lock();
        let crashing = script("kill -SEGV $$");
        assert_eq!(list(&crashing), []);
        let check = check(&crashing, "vulkan:0");
        assert!(!check.passed);
        assert!(check.detail.contains("signal"), "{}", check.detail);
    }

    #[test]
    fn trap_a_driver_that_hangs_is_given_up() {
        let _one = ONE.lock();
        let (end, _) = ask(
            &script("exec sleep 60"),
            &["probe"],
            Duration::from_millis(200),
        );
        assert!(matches!(end, End::TimedOut));
        assert!(matches!(
            ask(Path::new("/nonexistent/program"), &[], LISTING).0,
            End::NotStarted
        ));
    }

    #[test]
    fn lines_of_other_programs_in_between_are_no_devices() {
        let _one = ONE.lock();
        let device =
            r#"{"id":"vulkan:0","name":"A","threads":null,"memory_bytes":1,"kind":"discrete"}"#;
        let listed = list(&script(&format!(
            "echo 'driver says hello'; echo '{device}'"
        )));
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].id, "vulkan:0");
    }
}
