//! Downloads that are under way or were left: where they lie, whose they are, how to be rid of them.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::Record;
use crate::library::{DownloadLock, RemoveError, bytes_on_disk, downloads_folder, joined};
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

pub(super) fn folder(library: &Library, id: &str, commit: &str) -> PathBuf {
    downloads_folder(library).join(format!("{}@{commit}", joined(id)))
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
    let Ok(entries) = fs::read_dir(downloads_folder(library)) else {
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
                running: DownloadLock::is_held(library, &id),
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
        let _lock = DownloadLock::take(self, id).map_err(|failure| match failure {
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
