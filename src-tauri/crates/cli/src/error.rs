//! What ends a command with an error: a message, a code, a hint, and the findings of faulty data.

use std::borrow::Cow;
use std::io;
use std::path::Path;
use tagsmith_corpus::repair::ReplayError;
use tagsmith_corpus::{ReadError, RepairError, WriteError};
use tagsmith_protocol::{Diagnose, Failure};
use tagsmith_tagger::Error;

/// A message for a person, and what they can do now.
#[derive(Debug)]
pub struct CommandError {
    pub message: String,
    pub hint: Option<String>,
    /// A stable name of the kind of error.
    pub code: &'static str,
    /// Single findings, for errors that list several: the first of them.
    pub findings: Vec<String>,
    /// How many findings there are beyond those.
    pub more: usize,
    closed_pipe: bool,
    /// Whether the JSON output has it already, as an event or in a report.
    pub announced: bool,
}

/// Findings that are printed; the rest is counted.
const LISTED: usize = 20;

impl CommandError {
    /// An error with a hint.
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..Self::plain(message)
        }
    }

    /// Any error that knows its code and its hint.
    pub fn of(error: &impl Diagnose) -> Self {
        Self {
            hint: error.hint().map(Cow::into_owned),
            code: error.code(),
            ..Self::plain(error.to_string())
        }
    }

    /// An error that needs no hint.
    pub fn plain(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            code: "usage",
            findings: Vec::new(),
            more: 0,
            closed_pipe: false,
            announced: false,
        }
    }

    /// For `map_err`: the file system refused to do `action` with `path`.
    pub fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| {
            Error::Io {
                action,
                path,
                source: without_path(source),
            }
            .into()
        }
    }

    /// The reader of our output went away (`tagsmith … | head`): no error of ours.
    pub fn is_closed_pipe(&self) -> bool {
        self.closed_pipe
    }

    /// The same error with another code.
    pub fn with_code(mut self, code: &'static str) -> Self {
        self.code = code;
        self
    }

    /// The error as it crosses to another program.
    pub fn to_failure(&self) -> Failure {
        Failure {
            code: self.code.into(),
            message: self.message.clone(),
            hint: self.hint.clone(),
        }
    }

    /// The same error with another hint.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same error, which the JSON output has already.
    pub fn announced(mut self) -> Self {
        self.announced = true;
        self
    }
}

/// A file is written beside its final name first, and the library that does so adds that name to
/// what the system said. The person gave another one.
fn without_path(failure: io::Error) -> io::Error {
    let text = failure.to_string();
    match text.split_once(" at path ") {
        Some((said, _)) if failure.raw_os_error().is_none() => {
            io::Error::new(failure.kind(), said.to_owned())
        }
        _ => failure,
    }
}

impl From<ReadError> for CommandError {
    fn from(failure: ReadError) -> Self {
        // A single fault is the message itself.
        let listed = match failure.issues() {
            [] | [_] => &[],
            issues => &issues[..issues.len().min(LISTED)],
        };
        Self {
            findings: listed.iter().map(ToString::to_string).collect(),
            more: match listed {
                [] => 0,
                listed => failure.faults() - listed.len(),
            },
            hint: failure.hint().map(Cow::into_owned),
            code: "data",
            ..Self::plain(failure.to_string())
        }
    }
}

impl From<RepairError> for CommandError {
    fn from(failure: RepairError) -> Self {
        Self::of(&failure).with_code("data")
    }
}

impl From<ReplayError> for CommandError {
    fn from(failure: ReplayError) -> Self {
        match failure {
            ReplayError::Read(failure) => failure.into(),
            ReplayError::Repair(failure) => failure.into(),
        }
    }
}

impl From<WriteError> for CommandError {
    fn from(failure: WriteError) -> Self {
        Self::plain(failure.to_string())
    }
}

impl From<Error> for CommandError {
    fn from(failure: Error) -> Self {
        match failure {
            Error::Data(failure) => failure.into(),
            other => Self::of(&other),
        }
    }
}

/// Standard output failed.
impl From<io::Error> for CommandError {
    fn from(failure: io::Error) -> Self {
        Self {
            closed_pipe: failure.kind() == io::ErrorKind::BrokenPipe,
            ..Self::plain(format!("cannot write the output: {failure}"))
        }
    }
}

impl From<serde_json::Error> for CommandError {
    fn from(failure: serde_json::Error) -> Self {
        io::Error::from(failure).into()
    }
}
