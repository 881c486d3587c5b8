//! Why a command was refused: a stable code, a message, and what the person can do now.

use serde::{Deserialize, Serialize};
use specta::Type;
use std::fmt::Display;
use std::path::Path;
use tagsmith_hub::ResolveError;

/// A refusal, as the window gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Failure {
    /// Stable and kebab-case; the window may act on it.
    pub code: String,
    /// In words.
    pub message: String,
    /// What the person can do.
    pub hint: Option<String>,
}

impl From<ResolveError> for Failure {
    fn from(failure: ResolveError) -> Self {
        Self::new("unknown-model", failure.to_string(), failure.hint())
    }
}

impl Failure {
    /// A refusal with advice.
    pub fn new(code: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            hint: Some(hint.into()),
        }
    }

    /// A refusal without advice.
    pub fn plain(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            hint: None,
        }
    }

    /// What the file system or the operating system refused.
    pub fn io<E: Display>(doing: &str, path: &Path) -> impl FnOnce(E) -> Self + use<E> {
        let place = path.display().to_string();
        let doing = doing.to_owned();
        move |failure| {
            Self::new(
                "io",
                format!("cannot {doing} `{place}`: {failure}"),
                "check that the disk has room and that the folder may be written to",
            )
        }
    }
}
