//! Why what a person wrote means no model, and what they can do about it.

use std::borrow::Cow;
use std::path::PathBuf;
use tagsmith_checkpoint::Adapter;
use tagsmith_checkpoint::adapter::MergeError;
use tagsmith_protocol::Diagnose;

use crate::inspect::MODEL_FOLDER;
use crate::starter::{FETCH, StarterError};

/// How many names a hint lists.
const SHOWN: usize = 8;

/// Why there is no model of that name or path.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// Nothing was written.
    #[error("the name of the model is empty")]
    Empty,
    /// A path that leads nowhere.
    #[error("there is no folder `{}`", path.display())]
    NoSuchFolder {
        /// The path.
        path: PathBuf,
    },
    /// A path to something else.
    #[error("`{}` is a file, not a model folder", path.display())]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// A folder that holds something else.
    #[error("`{}` is not a model folder: it has no `config.json`", folder.display())]
    NotAModel {
        /// The folder.
        folder: PathBuf,
    },
    /// A folder that holds an adapter whose base model is not there.
    #[error("`{}` is not a model folder: {adapter}", folder.display())]
    Adapter {
        /// The folder.
        folder: PathBuf,
        /// The adapter.
        adapter: Adapter,
    },
    /// An adapter that cannot be merged with its base model.
    #[error("cannot merge `{}` with its base model: {source}", folder.display())]
    Merge {
        /// The adapter's folder.
        folder: PathBuf,
        /// Why.
        source: MergeError,
    },
    /// The folder of a run that has not saved a model.
    #[error("the run `{}` has not saved a model yet", folder.display())]
    RunWithoutModel {
        /// The folder of the run.
        folder: PathBuf,
    },
    /// The starter model was never fetched.
    #[error(
        "the starter model is not on this machine; looked in {}",
        quoted(places)
    )]
    NoStarter {
        /// Where it would be.
        places: Vec<PathBuf>,
    },
    /// The starter model is not what it must be.
    #[error("the starter model is damaged: {0}")]
    DamagedStarter(#[from] StarterError),
    /// A name that the library does not have.
    #[error("there is no model `{name}` in the library and no folder of that name")]
    UnknownName {
        /// What was asked for.
        name: String,
        /// The names that there are.
        available: Vec<String>,
    },
}

impl Diagnose for ResolveError {
    fn code(&self) -> &'static str {
        "unknown-model"
    }

    fn hint(&self) -> Option<Cow<'_, str>> {
        let hint: String = match self {
            Self::Empty => {
                "give the folder of a model, or a name that `tagsmith models list` shows".into()
            }
            Self::NoSuchFolder { .. } => {
                "check the path; relative paths start at the current folder".into()
            }
            Self::NotAFolder { .. } => {
                "give the folder that holds config.json, the weights and the tokenizer's files"
                    .into()
            }
            Self::NotAModel { .. } => MODEL_FOLDER.into(),
            Self::Adapter { adapter, .. } => return adapter.hint(),
            Self::Merge { source, .. } => return source.hint(),
            Self::RunWithoutModel { folder } => {
                format!("continue the run: `tagsmith resume {}`", folder.display())
            }
            Self::NoStarter { .. } => format!("{FETCH}, or give the folder of another model"),
            Self::DamagedStarter(reason) => return reason.hint(),
            Self::UnknownName { name, available } => unknown(name, available),
        };
        Some(hint.into())
    }
}

fn unknown(name: &str, available: &[String]) -> String {
    let there = match available {
        [] => "the library is empty".into(),
        _ => {
            let mut names: Vec<String> = available
                .iter()
                .take(SHOWN)
                .map(|name| format!("`{name}`"))
                .collect();
            if available.len() > SHOWN {
                names.push(format!("{} more", available.len() - SHOWN));
            }
            format!("the library has {}", names.join(", "))
        }
    };
    if name.contains('/') {
        format!(
            "`tagsmith models download {name}` fetches it from the Hub, if it is there; {there}"
        )
    } else {
        format!("give one of these names or the folder of a model; {there}")
    }
}

fn quoted(places: &[PathBuf]) -> String {
    let places: Vec<_> = places
        .iter()
        .map(|place| format!("`{}`", place.display()))
        .collect();
    places.join(" and ")
}
