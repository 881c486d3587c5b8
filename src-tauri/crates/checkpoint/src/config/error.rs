//! Why a `config.json` cannot be used.

use crate::{Adapter, pointer};
use std::borrow::Cow;
use std::path::PathBuf;
use tagsmith_protocol::Diagnose;

/// Why a `config.json` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is missing or unreadable.
    #[error("cannot read `{}`: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        source: std::io::Error,
    },
    /// The file is not a JSON object.
    #[error("`{}` is not a JSON object: {reason}", path.display())]
    NotJson {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        reason: String,
    },
    /// The file is a Git LFS pointer.
    #[error("`{}` is a Git LFS pointer, not the file itself", path.display())]
    Pointer {
        /// The file.
        path: PathBuf,
    },
    /// The folder holds an adapter and no model.
    #[error("`{}` is not a model folder: {adapter}", folder.display())]
    Adapter {
        /// The folder.
        folder: PathBuf,
        /// The adapter.
        adapter: Adapter,
    },
    /// The architecture is not one that this crate has.
    #[error("the model type `{found}` is not supported")]
    UnknownArchitecture {
        /// The value of `model_type`, or a note that there is none.
        found: String,
        /// Those that are, with commas between them.
        supported: String,
    },
    /// A key that the architecture needs is absent.
    #[error("`config.json` has no `{key}`")]
    Missing {
        /// The key.
        key: &'static str,
    },
    /// A key holds a value that the code does not know or that makes no sense.
    #[error("`config.json` has `{key}`: {found}, expected {expected}")]
    BadValue {
        /// The key.
        key: String,
        /// The value, as JSON.
        found: String,
        /// What would have been accepted.
        expected: String,
    },
}

impl Diagnose for ConfigError {
    fn code(&self) -> &'static str {
        "model"
    }

    fn hint(&self) -> Option<Cow<'_, str>> {
        let hint: String = match self {
            Self::Unreadable { .. } => {
                "a model folder holds config.json, the weights and the tokenizer's files".into()
            }
            Self::Pointer { .. } => pointer::HINT.into(),
            Self::Adapter { adapter, .. } => return adapter.hint(),
            Self::NotJson { .. } => "download the model again".into(),
            Self::UnknownArchitecture { supported, .. } => {
                format!("supported model types: {supported}")
            }
            Self::Missing { .. } | Self::BadValue { .. } => {
                "the model may need a newer version of Tagsmith, or its config.json was edited"
                    .into()
            }
        };
        Some(hint.into())
    }
}
