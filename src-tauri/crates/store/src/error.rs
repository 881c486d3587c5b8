//! Why a store could not be built, opened or read, and what a person can do about it.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;
use tagsmith_protocol::Diagnose;

/// Why a store could not be built, opened or read.
#[allow(missing_docs, reason = "each message says what its fields are")]
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("there is no file `{}`", file.display())]
    Missing { file: PathBuf },
    #[error("`{}` is damaged: {found}", file.display())]
    Damaged { file: PathBuf, found: String },
    #[error("`{}` was written by a newer version (its form is {found}, this one knows {known})", file.display())]
    Newer {
        file: PathBuf,
        found: u32,
        known: u32,
    },
    #[error("cannot read or write `{}`: {source}", file.display())]
    Io { file: PathBuf, source: io::Error },
    #[error("cannot read or write `{}`: {message}", file.display())]
    Database { file: PathBuf, message: String },
    #[error("stopped on request")]
    Stopped,
    #[error("cannot write the documents of `{split}`: {message}")]
    Export { split: String, message: String },
}

impl Diagnose for StoreError {
    fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } | Self::Damaged { .. } => "damaged",
            Self::Newer { .. } => "newer",
            Self::Stopped => "cancelled",
            Self::Io { .. } | Self::Database { .. } | Self::Export { .. } => "io",
        }
    }

    fn hint(&self) -> Option<Cow<'_, str>> {
        let hint = match self {
            Self::Missing { .. } | Self::Damaged { .. } => {
                "delete this data set and import its files again"
            }
            Self::Newer { .. } => "open it with the version that wrote it, or a newer one",
            Self::Io { .. } | Self::Database { .. } | Self::Export { .. } => {
                "check that the disk has room and that the folder may be written to"
            }
            Self::Stopped => return None,
        };
        Some(hint.into())
    }
}
