//! Looking at GPUs in a process of its own: a driver that crashes or hangs ends that one only.
//!
//! `PROGRAM probe` prints a [`ComputeDevice`] a line. `PROGRAM probe ID` prints [`ProbeLine`]s, how far it
//! is, then the result:
//!
//! ```json
//! {"progress": {"done": 12, "total": 48, "eta_seconds": 9.1}}
//! {"trying": "tensor-cores"}
//! {"passed": true, "detail": "…", "seconds": 12.4}
//! ```
//!
//! With `--without-tensor-cores` it does not try those; with `--compile PRECISION` it compiles what the
//! test computes in that precision, keeps it, and has no result. All are started with `--attended` and a
//! pipe as their standard input, and end when it ends: so none is left behind by a program that was
//! killed.

use super::{ComputeDevice, DeviceCheck, DeviceRefusal, Progress, check};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How long drivers may take to say which devices there are. They answer within two seconds.
const LISTING: Duration = Duration::from_secs(10);

/// How long a process may take to end: after its result, and after it was killed. One that waits inside
/// a driver cannot be ended, and is left alone.
const ENDING: Duration = Duration::from_secs(2);

/// How long after its child this process may be asked to end, when both are.
const TOGETHER: Duration = Duration::from_millis(500);

/// How often the caller is asked whether to go on.
pub(super) const BEAT: Duration = Duration::from_millis(20);

/// `CREATE_NEW_PROCESS_GROUP` of Windows.
#[cfg(windows)]
const NEW_GROUP: u32 = 0x200;

/// How a child process ended, or was ended.
#[derive(Debug)]
enum End {
    Exited(ExitStatus),
    TimedOut,
    Stopped,
    NotStarted,
}

/// The caller stopped the test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stopped;

/// The GPUs that `program probe` finds, and what went wrong where it did not come to its end.
pub(super) fn list(program: &Path) -> (Vec<ComputeDevice>, Option<String>) {
    let mut devices = Vec::new();
    let end = run(program, &["probe"], LISTING, &|| false, &mut |line| {
        devices.extend(read::<ComputeDevice>(line));
        false
    });
    let failure = match end {
        End::Exited(status) if status.success() => None,
        End::Exited(status) => Some(format!("looking for GPUs ended with {status}")),
        End::TimedOut => Some(format!(
            "the drivers did not say within {} seconds which GPUs there are",
            LISTING.as_secs()
        )),
        End::NotStarted | End::Stopped => Some("looking for GPUs could not be started".into()),
    };
    (devices, failure)
}

/// A line of `PROGRAM probe ID`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ProbeLine {
    /// How far it is.
    Progress {
        /// Kernels compiled.
        progress: Progress,
    },
    /// What it tries from here on.
    Trying {
        /// What may be the cause of all that follows.
        trying: Trying,
    },
    /// What it found. The last line.
    Result(Box<DeviceCheck>),
}

/// What may end a test, or leave a device dead in the process that tries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trying {
    /// Kernels on tensor cores.
    TensorCores,
}

/// What one process said of a device.
#[derive(Debug)]
pub(super) struct Tested {
    /// A failure of the process is one of the device.
    pub check: DeviceCheck,
    /// Whether kernels on tensor cores had been tried.
    pub tried_tensor_cores: bool,
}

/// What `program probe ID` says, with kernels on `tensor_cores` or without them. `report` hears how far
/// it is.
///
/// # Errors
/// `stops` answered `true`. The process has been killed.
pub(super) fn check(
    program: &Path,
    id: &str,
    tensor_cores: bool,
    limit: Duration,
    report: &mut dyn FnMut(&Progress),
    stops: &dyn Fn() -> bool,
) -> Result<Tested, Stopped> {
    let mut check = None;
    let mut last = None;
    let mut tried_tensor_cores = false;
    let arguments = ["probe", id, "--without-tensor-cores"];
    let arguments = &arguments[..if tensor_cores { 2 } else { 3 }];
    let end = run(program, arguments, limit, stops, &mut |line| {
        match read::<ProbeLine>(line) {
            Some(ProbeLine::Progress { progress }) => {
                last = Some(progress);
                report(&progress);
            }
            Some(ProbeLine::Trying { trying }) => match trying {
                Trying::TensorCores => tried_tensor_cores = true,
            },
            Some(ProbeLine::Result(result)) => check = Some(*result),
            // Drivers print what they like.
            None => {}
        }
        check.is_some()
    });
    let check = match check {
        Some(check) => check,
        None => unsaid(end, limit, last, stops)?,
    };
    Ok(Tested {
        check,
        tried_tensor_cores,
    })
}

/// What the end of a process says that gave no result.
fn unsaid(
    end: End,
    limit: Duration,
    last: Option<Progress>,
    stops: &dyn Fn() -> bool,
) -> Result<DeviceCheck, Stopped> {
    match end {
        End::Stopped => Err(Stopped),
        End::TimedOut => Ok(check::timed_out(limit, last)),
        End::Exited(status) if is_from_outside(status) => {
            // A whole group of processes may be ended together, this one a moment later.
            let began = Instant::now();
            while began.elapsed() < TOGETHER {
                if stops() {
                    return Err(Stopped);
                }
                std::thread::sleep(BEAT);
            }
            Ok(check::ended_from_outside(&status.to_string()))
        }
        End::Exited(status) => Ok(check::refused(
            DeviceRefusal::Crashed,
            format!("its test ended with {status}"),
        )),
        End::NotStarted => Ok(check::refused(
            DeviceRefusal::NotStarted,
            "its test could not be started",
        )),
    }
}

/// Whether a person or the system ended the process, and not a fault of its own.
#[cfg(unix)]
fn is_from_outside(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    /// HUP, INT, KILL and TERM.
    const ASKED: [i32; 4] = [1, 2, 9, 15];
    status
        .signal()
        .is_some_and(|signal| ASKED.contains(&signal))
}

#[cfg(not(unix))]
fn is_from_outside(_: ExitStatus) -> bool {
    false
}

fn read<T: DeserializeOwned>(line: &str) -> Option<T> {
    serde_json::from_str(line).ok()
}

/// Runs a program until it ends, `limit` is over, `stops` answers `true`, or `take` has heard enough of
/// its lines.
fn run(
    program: &Path,
    arguments: &[&str],
    limit: Duration,
    stops: &dyn Fn() -> bool,
    take: &mut dyn FnMut(&str) -> bool,
) -> End {
    let began = Instant::now();
    let Some(mut process) = Process::start(program, arguments) else {
        return End::NotStarted;
    };
    loop {
        if stops() {
            return End::Stopped;
        }
        if began.elapsed() >= limit {
            return End::TimedOut;
        }
        match process.lines.recv_timeout(BEAT) {
            Ok(line) if take(&line) => return process.wait(ENDING),
            Ok(_) | Err(RecvTimeoutError::Timeout) => {}
            // It may close its output and not end.
            Err(RecvTimeoutError::Disconnected) => match process.wait(BEAT) {
                End::TimedOut => {}
                end => return end,
            },
        }
    }
}

/// A child process with its lines. It is killed when this is dropped.
pub(super) struct Process {
    child: Child,
    lines: Receiver<String>,
    /// What the child waits for the end of.
    _attending: Option<ChildStdin>,
}

impl Process {
    pub(super) fn start(program: &Path, arguments: &[&str]) -> Option<Self> {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .arg("--attended")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        // A Ctrl-C is for this process, which ends the child; else the child's end could be seen first,
        // and taken for a fault of the device.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        #[cfg(windows)]
        std::os::windows::process::CommandExt::creation_flags(&mut command, NEW_GROUP);
        let mut child = command.spawn().ok()?;
        let output = child.stdout.take()?;
        let (sender, lines) = channel();
        // Not joined: something that the child left behind may keep the pipe open.
        std::thread::spawn(move || {
            for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Some(Self {
            _attending: child.stdin.take(),
            child,
            lines,
        })
    }

    /// The progress reported since the last call, and whether the process has ended. Of one that has
    /// ended this is all that it reported: what is still on its way is waited for.
    pub(super) fn progress(&mut self) -> (Option<Progress>, bool) {
        let has_ended = !matches!(self.child.try_wait(), Ok(None));
        let began = Instant::now();
        let lines = std::iter::from_fn(|| {
            if !has_ended {
                return self.lines.try_recv().ok();
            }
            let left = ENDING.saturating_sub(began.elapsed());
            self.lines.recv_timeout(left).ok()
        });
        let reported = lines.filter_map(|line| match read(&line) {
            Some(ProbeLine::Progress { progress }) => Some(progress),
            _ => None,
        });
        (reported.last(), has_ended)
    }

    fn wait(&mut self, limit: Duration) -> End {
        let began = Instant::now();
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return End::Exited(status),
                Ok(None) if began.elapsed() < limit => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Ok(None) | Err(_) => return End::TimedOut,
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Ok(Some(_)) = self.child.try_wait() {
            return;
        }
        let _ = self.child.kill();
        self.wait(ENDING);
    }
}

#[cfg(test)]
#[cfg(unix)] // the programs are scripts
mod tests {
    use super::*;
    use crate::device::tests::Script;

    const LONG: Duration = Duration::from_secs(20);

    fn check_with(program: &Path, stops: &dyn Fn() -> bool) -> Result<DeviceCheck, Stopped> {
        let tested = check(program, "vulkan:0", true, LONG, &mut |_| {}, stops)?;
        Ok(tested.check)
    }

    fn checked(script: &str, limit: Duration) -> (DeviceCheck, Vec<Progress>) {
        let script = Script::new(script);
        let mut reported = Vec::new();
        let tested = check(
            script.path(),
            "vulkan:0",
            true,
            limit,
            &mut |progress| reported.push(*progress),
            &|| false,
        );
        (tested.unwrap().check, reported)
    }

    #[test]
    fn trap_a_driver_that_crashes_takes_nothing_with_it() {
        let crashing = "kill -SEGV $$";
        let (devices, failure) = list(Script::new(crashing).path());
        assert_eq!(devices, []);
        assert!(failure.unwrap().contains("signal"));
        let (check, _) = checked(crashing, LONG);
        assert!(!check.passed);
        assert!(check.detail.contains("signal"), "{}", check.detail);
        assert_eq!(check.reason, Some(DeviceRefusal::Crashed));
        assert_eq!(check.limit_seconds, None, "no longer test would help");
    }

    #[test]
    fn trap_a_driver_that_hangs_is_given_up_and_ended() {
        let folder = tempfile::tempdir().unwrap();
        let pid = folder.path().join("pid");
        let hanging = format!(
            "echo $$ >{}; echo '{{\"progress\":{{\"done\":3,\"total\":9,\"eta_seconds\":null}}}}'; exec sleep 60",
            pid.display()
        );
        let (check, reported) = checked(&hanging, Duration::from_millis(500));
        assert_eq!(
            check.detail,
            "its test took longer than 0.5 seconds (3 of 9 kernels were compiled)"
        );
        assert_eq!(check.reason, Some(DeviceRefusal::TooSlow));
        assert_eq!((check.limit_seconds, check.kernels), (Some(0.5), None));
        assert_eq!((reported[0].done, reported[0].total), (3, Some(9)));
        assert!(!is_alive(&pid));
        let missing = Path::new("/nonexistent/program");
        assert!(list(missing).1.unwrap().contains("could not be started"));
    }

    #[test]
    fn a_stop_ends_the_test_and_its_process_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pid = folder.path().join("pid");
        let script = Script::new(&format!("echo $$ >{}; exec sleep 60", pid.display()));
        let began = Instant::now();
        let stops = || pid.is_file() && std::fs::read(&pid).is_ok_and(|text| !text.is_empty());
        assert_eq!(check_with(script.path(), &stops), Err(Stopped));
        assert!(began.elapsed() < Duration::from_secs(10));
        assert!(!is_alive(&pid));
    }

    #[test]
    fn trap_a_test_that_was_killed_from_outside_says_nothing_of_the_device() {
        let (check, _) = checked("kill -TERM $$", LONG);
        assert!(
            check.detail.contains("ended from outside"),
            "{}",
            check.detail
        );
        assert!(check::may_change_within(&check, LONG), "it is tested again");
        let script = Script::new("kill -TERM $$");
        let began = Instant::now();
        let soon = || began.elapsed() > Duration::from_millis(100);
        let stopped = check_with(script.path(), &soon);
        assert_eq!(stopped, Err(Stopped));
    }

    #[test]
    fn the_result_is_heard_after_progress_and_what_drivers_print() {
        let script = r#"echo 'driver says hello'
            echo '{"progress":{"done":0,"total":null,"eta_seconds":null}}'
            echo '{"progress":{"done":5,"total":9,"eta_seconds":1.5}}'
            echo '{"passed":true,"detail":"close","seconds":1.25,"kernels":9}'
            exec sleep 60"#;
        let began = Instant::now();
        let (check, reported) = checked(script, LONG);
        assert!(check.passed);
        assert_eq!((check.seconds, check.kernels), (1.25, Some(9)));
        let done: Vec<usize> = reported.iter().map(|progress| progress.done).collect();
        assert_eq!(done, [0, 5]);
        // A driver that hangs at its end does not hold up who has its result.
        assert!(began.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn what_is_still_on_its_way_when_the_process_ends_is_heard() {
        let late = r#"{"progress":{"done":5,"total":5,"eta_seconds":0}}"#;
        let script = Script::new(&format!("(sleep 0.3; echo '{late}') &"));
        let mut process = Process::start(script.path(), &[]).unwrap();
        assert!(matches!(process.wait(LONG), End::Exited(_)));
        let (progress, has_ended) = process.progress();
        assert!(has_ended);
        assert_eq!(progress.map(|progress| progress.done), Some(5));
    }

    #[test]
    fn lines_of_other_programs_in_between_are_no_devices() {
        let device =
            r#"{"id":"vulkan:0","name":"A","threads":null,"memory_bytes":1,"kind":"discrete"}"#;
        let script = Script::new(&format!("echo 'driver says hello'; echo '{device}'"));
        let (listed, failure) = list(script.path());
        assert_eq!((listed.len(), failure), (1, None));
        assert_eq!(listed[0].id, "vulkan:0");
    }

    /// Whether the process whose number a script wrote is there.
    fn is_alive(pid: &Path) -> bool {
        let pid = std::fs::read_to_string(pid).unwrap();
        let mut signal = Command::new("kill");
        signal.args(["-0", pid.trim()]).stderr(Stdio::null());
        signal.status().unwrap().success()
    }
}
