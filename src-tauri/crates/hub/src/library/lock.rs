//! The locks that keep two processes from one model: where downloads and merged models lie until they are complete,
//! and who is at work on one.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::Library;
use crate::HubError;

/// Keeps others from downloading the same model until it is dropped, or its process ends.
pub(crate) struct DownloadLock(#[expect(dead_code, reason = "held for its lock")] File);

impl DownloadLock {
    pub fn take(library: &Library, id: &str) -> Result<Self, HubError> {
        let parent = downloads_folder(library);
        fs::create_dir_all(&parent).map_err(HubError::io("create", &parent))?;
        let path = path(library, id);
        let file = open(&path).map_err(HubError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(HubError::Busy { id: id.into() }),
            Err(TryLockError::Error(failure)) => Err(HubError::io("lock", &path)(failure)),
        }
    }

    /// Whether a process is downloading the model.
    pub fn is_held(library: &Library, id: &str) -> bool {
        File::options()
            .write(true)
            .open(path(library, id))
            .is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }
}

/// Keeps others from merging an adapter, whichever it is, until it is dropped, or its process ends.
pub(super) struct MergeLock {
    folder: PathBuf,
    #[expect(dead_code, reason = "held for its lock")]
    file: File,
}

impl MergeLock {
    /// Waits for whoever has it.
    pub fn take(models: &Path) -> io::Result<Self> {
        // A name that starts with a dot is nobody's model.
        let folder = models.join(".merging");
        fs::create_dir_all(&folder)?;
        let file = open(&folder.join("lock"))?;
        file.lock()?;
        Ok(Self { folder, file })
    }

    /// Where a model lies until it is complete. What a process has left there that ended before is removed.
    pub fn unfinished(&self) -> io::Result<PathBuf> {
        let unfinished = self.folder.join("model");
        match fs::remove_dir_all(&unfinished) {
            Err(failure) if failure.kind() != io::ErrorKind::NotFound => Err(failure),
            _ => Ok(unfinished),
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
}

fn path(library: &Library, id: &str) -> PathBuf {
    downloads_folder(library).join(format!("{}.lock", joined(id)))
}

/// Where downloads lie until they are complete.
pub(crate) fn downloads_folder(library: &Library) -> PathBuf {
    library.models_folder().join(".download")
}

/// `ORG--NAME`; names of the Hub have no two hyphens of their own.
pub(crate) fn joined(id: &str) -> String {
    id.replacen('/', "--", 1)
}
