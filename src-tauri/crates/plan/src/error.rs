//! What can be wrong with a plan.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};
use tagsmith_protocol::Diagnose;
use thiserror::Error;

/// What can be wrong with a plan.
#[derive(Debug, Error)]
pub enum PlanError {
    /// A line of `plan.jsonl` is no task.
    #[error("`{}`, line {line}: {found}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What was found and what was expected.
        found: String,
    },
    /// There is no such task.
    #[error("the plan in `{}` has no task `{id}`", plan.display())]
    NoTask {
        /// The plan's folder.
        plan: PathBuf,
        /// The id.
        id: String,
    },
    /// Another program has locked the plan.
    #[error("another program is working on the plan in `{}`", plan.display())]
    PlanInUse {
        /// The plan's folder.
        plan: PathBuf,
    },
    /// Another process does the task.
    #[error("another process is doing the task `{id}`")]
    TaskInUse {
        /// The task.
        id: String,
    },
    /// The file system, or the operating system, refused.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was to be done.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A search space is wrong.
    #[error("the search space: `{setting}` is {found}, expected {expected}")]
    Space {
        /// The setting.
        setting: String,
        /// What stands there.
        found: String,
        /// What would have been accepted.
        expected: String,
    },
    /// The folder was begun with other settings, files or numbers.
    #[error("`{}` holds something else than this command would make: its `{what}` differs", folder.display())]
    Other {
        /// The folder.
        folder: PathBuf,
        /// What differs.
        what: String,
    },
    /// A file of the plan cannot be understood.
    #[error("`{}` is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where and how.
        reason: String,
    },
    /// A scheduler refused, or could not be asked.
    #[error("{message}")]
    Runner {
        /// What happened, with what the scheduler said.
        message: String,
        /// What the person can do.
        hint: String,
    },
}

impl Diagnose for PlanError {
    fn code(&self) -> &'static str {
        match self {
            Self::Line { .. } | Self::NoTask { .. } | Self::Other { .. } => "plan",
            Self::Damaged { .. } => "plan",
            Self::Space { .. } => "setting",
            Self::PlanInUse { .. } | Self::TaskInUse { .. } => "in-use",
            Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => "disk-full",
            Self::Io { .. } => "io",
            Self::Runner { .. } => "runner",
        }
    }

    fn hint(&self) -> Option<Cow<'_, str>> {
        Some(match self {
            Self::Line { .. } => {
                "correct or delete the line; each is an object with `id`, `arguments` and `outputs`"
                    .into()
            }
            Self::NoTask { .. } => "its tasks are listed in plan.jsonl".into(),
            Self::Space { .. } => {
                "each setting has `values`, or `low` and `high` and, for steps by factors, `log`; `tagsmith train --help` lists the settings".into()
            }
            Self::Other { .. } => {
                "give the same arguments to continue it, or name another folder with --out".into()
            }
            Self::Damaged { .. } => "delete it, and give the same command again".into(),
            Self::PlanInUse { .. } => "wait until it is done, or stop it first".into(),
            Self::TaskInUse { .. } => "wait until it is done".into(),
            Self::Io { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull => {
                    "free some space; what was done before is unharmed".into()
                }
                io::ErrorKind::PermissionDenied => "check the permissions of the folder".into(),
                _ => "check the path".into(),
            },
            Self::Runner { hint, .. } => hint.into(),
        })
    }
}

impl PlanError {
    /// For `map_err`: the file system refused to do `action` with `path`.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}
