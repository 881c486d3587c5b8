//! Errors as programs and people read them: a stable code, a message, and what to do now.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt::Display;
use std::path::Path;

/// An error with a stable code for programs and, where there is advice, a hint for people.
pub trait Diagnose: Display {
    /// A stable, kebab-case name of the kind of error. Programs may act on it.
    fn code(&self) -> &'static str;

    /// What the person can do now.
    fn hint(&self) -> Option<Cow<'_, str>> {
        None
    }
}

/// An error that crosses from one program to another, or to the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Failure {
    /// Stable and kebab-case; programs may act on it.
    pub code: String,
    /// What went wrong, in words.
    pub message: String,
    /// What the person can do now.
    pub hint: Option<String>,
}

impl Failure {
    /// A failure with a hint.
    pub fn new(code: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..Self::plain(code, message)
        }
    }

    /// A failure that explains itself.
    pub fn plain(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            hint: None,
        }
    }

    /// For `map_err`: the file system, or the operating system, refused to do `doing` with `path`.
    pub fn io<E: Display>(doing: &str, path: &Path) -> impl FnOnce(E) -> Self + use<E> {
        let path = path.display().to_string();
        let doing = doing.to_owned();
        move |error| {
            Self::new(
                "io",
                format!("cannot {doing} `{path}`: {error}"),
                "check that the disk has room and that the folder may be written to",
            )
        }
    }
}

impl<E: Diagnose + ?Sized> Diagnose for &E {
    fn code(&self) -> &'static str {
        (**self).code()
    }

    fn hint(&self) -> Option<Cow<'_, str>> {
        (**self).hint()
    }
}

impl<E: Diagnose> From<E> for Failure {
    fn from(error: E) -> Self {
        Self {
            code: error.code().into(),
            message: error.to_string(),
            hint: error.hint().map(Cow::into_owned),
        }
    }
}
