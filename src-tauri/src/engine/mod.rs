//! The engine: the program `tagsmith` beside this one, started as a child for every long piece of
//! work.
//!
//! [`Engine`] finds and starts it; [`lines`] reads what it writes, whatever that is.

mod last_word;
mod lines;

pub use last_word::LastWord;
pub use lines::lines;

use serde::de::DeserializeOwned;
use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;
use tagsmith_protocol::{Event, Failure};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Short commands that take longer hang; their process is then ended. The engine itself gives up on a
/// driver that hangs after 10 seconds, and must be heard out.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The engine's program.
#[derive(Clone, Debug)]
pub struct Engine {
    program: PathBuf,
}

impl Engine {
    /// The program that `TAGSMITH_ENGINE` names, else the one beside this program.
    pub fn find() -> Self {
        let named = std::env::var_os("TAGSMITH_ENGINE").filter(|program| !program.is_empty());
        let beside = || {
            let name = format!("tagsmith{}", std::env::consts::EXE_SUFFIX);
            std::env::current_exe()
                .ok()
                .map(|program| program.with_file_name(&name))
                .unwrap_or(PathBuf::from(name))
        };
        Self::at(named.map_or_else(beside, PathBuf::from))
    }

    /// The engine at this path.
    pub fn at(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
        }
    }

    /// Where it is.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// A command of the engine that ends with this program, unless stated otherwise.
    pub fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// A command that outlives this program: in a group of its own, so that a Ctrl-C or a closed
    /// session does not reach it, its messages in a file, because a pipe would break with us.
    ///
    /// # Errors
    /// The file for its messages cannot be made.
    pub fn lasting_command<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
        messages: &Path,
    ) -> Result<Command, Failure> {
        let folder = messages.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(Failure::io("make", folder))?;
        let log = File::create(messages).map_err(Failure::io("write", messages))?;
        let mut command = self.command(arguments);
        command.stderr(log).kill_on_drop(false);
        #[cfg(unix)]
        command.process_group(0);
        Ok(command)
    }

    /// Starts a command of the engine.
    ///
    /// # Errors
    /// The program is missing or cannot be started.
    pub fn start(&self, mut command: Command) -> Result<Child, Failure> {
        command.spawn().map_err(|failure| {
            Failure::new(
                "engine-missing",
                format!("cannot start `{}`: {failure}", self.program.display()),
                "install Tagsmith again: its two programs must be in the same folder",
            )
        })
    }

    /// Runs a short command to its end and reads the JSON that it prints.
    ///
    /// # Errors
    /// It cannot be started, ends with an error, or prints something else.
    pub async fn ask<T: DeserializeOwned>(&self, arguments: &[&str]) -> Result<T, Failure> {
        let child = self.start(self.command(arguments))?;
        let output = timeout(TIMEOUT, child.wait_with_output())
            .await
            .map_err(|_| {
                Failure::new(
                    "engine-hangs",
                    "the engine does not answer",
                    "a device's driver may hang: restart the computer, or update the driver",
                )
            })?
            .map_err(Failure::io("hear", &self.program))?;
        answer(&output)
    }
}

/// The JSON that a command printed which has come to its end.
///
/// # Errors
/// It ended with an error, or printed something else.
pub fn answer<T: DeserializeOwned>(output: &Output) -> Result<T, Failure> {
    if !output.status.success() {
        let messages = String::from_utf8_lossy(&output.stderr);
        return Err(ended(output.status, &output.stdout, &messages));
    }
    serde_json::from_slice(&output.stdout).map_err(|failure| {
        Failure::new(
            "engine-garbled",
            format!("the engine's answer cannot be read: {failure}"),
            "install Tagsmith again: its two programs must be of one version",
        )
    })
}

/// The failure in a line of the engine's output, where it is one.
pub fn failure_in(line: &str) -> Option<Failure> {
    match serde_json::from_str(line).ok()? {
        Event::Failed {
            code,
            message,
            hint,
        } => Some(Failure {
            code,
            message,
            hint,
        }),
        _ => None,
    }
}

/// Why a command failed: its last line of output says so, where it was asked for JSON; else the `error: …`
/// and `hint: …` lines of its messages; else its exit status shows what ended it.
pub fn ended(status: ExitStatus, output: &[u8], messages: &str) -> Failure {
    let output = String::from_utf8_lossy(output);
    if let Some(failure) = output.lines().next_back().and_then(failure_in) {
        return failure;
    }
    let last_after = |prefix: &str| {
        let line = messages.lines().rev().find_map(|l| l.strip_prefix(prefix));
        line.map(|line| line.trim().to_owned())
    };
    if let Some(message) = last_after("error: ") {
        return Failure {
            code: "engine-failed".into(),
            message,
            hint: last_after("hint: "),
        };
    }
    let (how, hint) = how(status);
    let last = messages.lines().rfind(|line| !line.trim().is_empty());
    let words = last.map_or_else(String::new, |line| format!("; its last words: {line}"));
    Failure::new(
        "engine-died",
        format!("the engine ended unexpectedly ({how}){words}"),
        hint,
    )
}

#[cfg(unix)]
fn how(status: ExitStatus) -> (String, &'static str) {
    use std::os::unix::process::ExitStatusExt;
    const KILLED: i32 = 9;
    match (status.signal(), status.code()) {
        (Some(KILLED), _) => (
            "it was killed".into(),
            "if no one did that, memory ran out: choose a smaller batch size or a shorter window",
        ),
        (Some(signal), _) => (
            format!("signal {signal}"),
            "try again; if it happens again, copy the diagnostics under Settings",
        ),
        (None, code) => exit_code(code),
    }
}

#[cfg(not(unix))]
fn how(status: ExitStatus) -> (String, &'static str) {
    exit_code(status.code())
}

fn exit_code(code: Option<i32>) -> (String, &'static str) {
    (
        code.map_or_else(|| "no exit code".into(), |code| format!("exit code {code}")),
        "try again; if it happens again, copy the diagnostics under Settings",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_failure_keeps_the_engines_code_or_follows_from_its_status() {
        use std::os::unix::process::ExitStatusExt;
        let failed = ended(
            ExitStatus::from_raw(1 << 8),
            b"",
            "note: x\nerror: no model `a`\nhint: fetch it\n",
        );
        assert_eq!(failed.message, "no model `a`");
        assert_eq!(failed.hint.as_deref(), Some("fetch it"));
        let coded = ended(
            ExitStatus::from_raw(1 << 8),
            b"{\"done\": 1}\n{\"event\":\"failed\",\"code\":\"memory\",\"message\":\"m\",\"hint\":null}\n",
            "error: m\n",
        );
        assert_eq!(coded, Failure::plain("memory", "m"));
        let killed = ended(ExitStatus::from_raw(9), b"", "");
        assert_eq!(killed.code, "engine-died");
        assert!(killed.hint.unwrap().contains("memory"));
        let crashed = ended(ExitStatus::from_raw(11), b"", "driver: bang\n\n");
        assert!(
            crashed
                .message
                .ends_with("(signal 11); its last words: driver: bang")
        );
    }
}
