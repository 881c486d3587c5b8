//! Deleting a model: only what the library, a download or the cache owns, and never half.

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tagsmith_protocol::Diagnose;

use tagsmith_files::flush_folder;

use super::{DownloadLock, Library, ModelEntry, Source};
use crate::inspect::{self, DEEPEST};

/// Why a model was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    /// No model has the name.
    #[error("there is no model `{name}` in the library")]
    Unknown {
        /// The name.
        name: String,
    },
    /// The starter stays.
    #[error("the starter model is part of the set-up and is not removed")]
    Starter,
    /// It belongs to a run.
    #[error("`{name}` is the model of a run")]
    Run {
        /// The run's name.
        name: String,
        /// Its folder.
        folder: PathBuf,
    },
    /// It is being downloaded.
    #[error("`{name}` is being downloaded")]
    Busy {
        /// The name.
        name: String,
    },
    /// The file system refused.
    #[error("cannot remove `{}`: {source}", path.display())]
    Io {
        /// What was to be removed.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Diagnose for RemoveError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "not-found",
            Self::Starter => "starter",
            Self::Run { .. } => "run",
            Self::Busy { .. } => "busy",
            Self::Io { .. } => "io",
        }
    }

    fn hint(&self) -> Option<Cow<'_, str>> {
        let hint: String = match self {
            Self::Unknown { .. } => "`tagsmith models list` shows the names".into(),
            Self::Starter => "its folder can be deleted by hand".into(),
            Self::Run { folder, .. } => {
                format!("delete the run itself, `{}`", folder.display())
            }
            Self::Busy { .. } => "stop the download first".into(),
            Self::Io { .. } => "check the permissions of the folder".into(),
        };
        Some(hint.into())
    }
}

impl RemoveError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { path, source }
    }
}

impl Library {
    /// Deletes a model by name, with what was left of downloads of it, and returns the bytes freed.
    /// An added folder is only forgotten.
    ///
    /// # Errors
    /// There is none of that name, it is not the library's to delete, or the file system refused.
    pub fn remove(&self, name: &str) -> Result<u64, RemoveError> {
        let Some(entry) = self.models().into_iter().find(|entry| entry.name == name) else {
            // What remains of a download can be removed under the model's name, too.
            return self.discard_partial(name);
        };
        match entry.source {
            Source::Starter => Err(RemoveError::Starter),
            Source::Run => Err(RemoveError::Run {
                folder: entry.path.parent().unwrap_or(&entry.path).into(),
                name: entry.name,
            }),
            Source::Folder => {
                self.forget_folder(&entry.path).map_err(|failure| {
                    RemoveError::io(&entry.path)(io::Error::other(failure.to_string()))
                })?;
                Ok(0)
            }
            Source::Cache => self.remove_cached(&entry),
            Source::Library => self.remove_own(&entry),
        }
    }

    /// Size of a model in bytes, the files that its links lead to among them.
    pub fn size(&self, entry: &ModelEntry) -> u64 {
        inspect::bytes(&entry.path, DEEPEST)
    }

    /// Takes a folder's name away, then deletes it: a kill in between leaves only a folder that no
    /// listing shows. A link to a folder is only unlinked.
    pub(crate) fn delete_folder(&self, folder: &Path) -> io::Result<()> {
        if fs::symlink_metadata(folder)?.is_symlink() {
            return fs::remove_file(folder).or_else(|_| fs::remove_dir(folder));
        }
        let parent = folder.parent().ok_or(io::ErrorKind::InvalidInput)?;
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let hidden = (0..)
            .map(|number| parent.join(format!(".removed-{number}-{name}")))
            .find(|path| fs::symlink_metadata(path).is_err())
            .ok_or(io::ErrorKind::AlreadyExists)?;
        fs::rename(folder, &hidden)?;
        flush_folder(parent)?;
        fs::remove_dir_all(&hidden)
    }

    fn remove_own(&self, entry: &ModelEntry) -> Result<u64, RemoveError> {
        let busy = |_| RemoveError::Busy {
            name: entry.name.clone(),
        };
        // Only downloads have a lock; taking it for another name does no harm.
        let lock = DownloadLock::take(self, &entry.name).map_err(busy)?;
        let linked = fs::symlink_metadata(&entry.path).is_ok_and(|found| found.is_symlink());
        let freed = match linked {
            true => 0,
            false => bytes_on_disk(&entry.path),
        };
        self.delete_folder(&entry.path)
            .map_err(RemoveError::io(&entry.path))?;
        // The last model of an organisation takes its folder along; one with others in it stays.
        if let Some(parent) = entry.path.parent().filter(|it| *it != self.models_folder()) {
            let _ = fs::remove_dir(parent);
        }
        drop(lock);
        let left = self.discard_partial(&entry.name).unwrap_or(0);
        Ok(freed + left)
    }

    fn remove_cached(&self, entry: &ModelEntry) -> Result<u64, RemoveError> {
        let unknown = || RemoveError::Unknown {
            name: entry.name.clone(),
        };
        let folder = self.cache_repository(&entry.name).ok_or_else(unknown)?;
        let freed = bytes_on_disk(&folder);
        self.delete_folder(&folder)
            .map_err(RemoveError::io(&folder))?;
        Ok(freed + self.discard_partial(&entry.name).unwrap_or(0))
    }
}

/// Size of the files that lie in `folder` itself; what its links lead to is not deleted with it.
pub(crate) fn bytes_on_disk(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => bytes_on_disk(&entry.path()),
            Ok(found) if found.is_file() => found.len(),
            _ => 0,
        })
        .fold(0, u64::saturating_add)
}
