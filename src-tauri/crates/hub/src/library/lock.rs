//! The lock that keeps two processes from one model: where downloads lie, and who is at work on one.

use std::fs::{self, File, TryLockError};
use std::path::PathBuf;

use super::Library;
use crate::HubError;

/// Keeps others from downloading the same model until it is dropped, or its process ends.
pub(crate) struct DownloadLock(#[expect(dead_code, reason = "held for its lock")] File);

impl DownloadLock {
    pub fn take(library: &Library, id: &str) -> Result<Self, HubError> {
        let parent = downloads_folder(library);
        fs::create_dir_all(&parent).map_err(HubError::io("create", &parent))?;
        let path = path(library, id);
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(HubError::io("open", &path))?;
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
