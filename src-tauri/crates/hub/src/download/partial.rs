//! Downloads that are under way or were left: where they lie, whose they are, how to be rid of them.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::Record;
use crate::library::{RemoveError, bytes_on_disk};
use crate::{HubError, Library, RemoteFile};

/// A download that has not come to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartialDownload {
    /// The model.
    pub id: String,
    /// The commit.
    pub revision: String,
    /// Where it lies.
    pub path: PathBuf,
    /// Bytes that are here.
    pub bytes: u64,
    /// Bytes in all, where that is known.
    pub total: Option<u64>,
    /// Whether some process is at it now.
    pub running: bool,
}

/// Keeps others from downloading the same model until it is dropped, or its process ends.
pub(crate) struct Lock(#[expect(dead_code, reason = "held for its lock")] File);

impl Lock {
    pub fn take(library: &Library, id: &str) -> Result<Self, HubError> {
        let parent = parent(library);
        fs::create_dir_all(&parent).map_err(HubError::io("create", &parent))?;
        let path = parent.join(format!("{}.lock", joined(id)));
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
}

/// Whether a process is downloading the model.
pub(crate) fn is_running(library: &Library, id: &str) -> bool {
    let path = parent(library).join(format!("{}.lock", joined(id)));
    File::options()
        .write(true)
        .open(path)
        .is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

pub(super) fn folder(library: &Library, id: &str, commit: &str) -> PathBuf {
    parent(library).join(format!("{}@{commit}", joined(id)))
}

/// Bytes of a file that are here, proven or not.
pub(super) fn here(folder: &Path, file: &RemoteFile) -> u64 {
    let length = |path: PathBuf| fs::metadata(path).map(|found| found.len());
    length(folder.join(&file.path))
        .or_else(|_| length(folder.join(format!("{}.part", file.path))))
        .unwrap_or(0)
}

/// Removes what is left of other revisions of a model that is complete now.
pub(super) fn discard_others(library: &Library, id: &str) {
    for left in all(library) {
        if left.id == id {
            // It only takes space, and is listed until it is gone.
            let _ = fs::remove_dir_all(&left.path);
        }
    }
}

/// Every download that was left.
pub(crate) fn all(library: &Library) -> Vec<PartialDownload> {
    let Ok(entries) = fs::read_dir(parent(library)) else {
        return Vec::new();
    };
    let mut found: Vec<PartialDownload> = entries
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let (joined, revision) = name.split_once('@')?;
            let id = joined.replacen("--", "/", 1);
            let path = entry.path();
            let record = Record::read(&path);
            Some(PartialDownload {
                bytes: bytes_on_disk(&path),
                total: record.map(|record| record.bytes()),
                running: is_running(library, &id),
                revision: revision.into(),
                path,
                id,
            })
        })
        .collect();
    found.sort_by(|a, b| (&a.id, &a.revision).cmp(&(&b.id, &b.revision)));
    found
}

impl Library {
    /// Downloads that are under way or were left, by name.
    pub fn partial_downloads(&self) -> Vec<PartialDownload> {
        all(self)
    }

    /// Deletes what was downloaded so far of a model, and returns the bytes freed.
    ///
    /// # Errors
    /// There is nothing, it is being downloaded right now, or the file system refused.
    pub fn discard_partial(&self, id: &str) -> Result<u64, RemoveError> {
        let left: Vec<_> = all(self).into_iter().filter(|left| left.id == id).collect();
        if left.is_empty() {
            return Err(RemoveError::Unknown { name: id.into() });
        }
        let _lock = Lock::take(self, id).map_err(|failure| match failure {
            HubError::Io { path, source, .. } => RemoveError::Io { path, source },
            _ => RemoveError::Busy { name: id.into() },
        })?;
        let mut freed = 0;
        for left in left {
            fs::remove_dir_all(&left.path).map_err(RemoveError::io(&left.path))?;
            freed += left.bytes;
        }
        Ok(freed)
    }
}

fn parent(library: &Library) -> PathBuf {
    library.models_folder().join(".download")
}

/// `ORG--NAME`; names of the Hub have no two hyphens of their own.
fn joined(id: &str) -> String {
    id.replacen('/', "--", 1)
}
