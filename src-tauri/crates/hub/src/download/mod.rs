//! Bringing a model from the Hub into the library.
//!
//! Everything is gathered in `models/.download/ORG--NAME@COMMIT`, a name that no listing shows: each
//! file as `FILE.part` until its bytes are proven, then as `FILE`. Only when all are there the
//! folder takes its final name, in one step. A kill at any moment thus leaves either no model or a
//! whole one, and what has arrived stays for the next attempt.

mod check;
mod meter;
mod partial;
mod transfer;

pub use meter::{Progress, State};
pub use partial::PartialDownload;

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tagsmith_files::{flush_folder, write_bytes};

use crate::library::DownloadLock;
use crate::remote::Remote;
use crate::starter;
use crate::{Cancel, Found, Hub, HubError, Library, RemoteFile, parse_id};
use meter::Meter;

/// Where a downloaded model keeps what it is.
pub(crate) const RECORD: &str = ".hub.json";

/// Bytes that stay free besides a download.
const MARGIN: u64 = 64 << 20;

/// What a downloaded model is: written into its folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    pub id: String,
    /// The name in the library: that of the Hub, but for the starter.
    #[serde(default)]
    pub name: String,
    /// The commit.
    pub revision: String,
    /// The revision that was asked for, where one was.
    pub requested: Option<String>,
    pub endpoint: String,
    pub license: Option<String>,
    pub files: Vec<RemoteFile>,
}

impl Record {
    pub fn read(folder: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(folder.join(RECORD)).ok()?).ok()
    }

    /// Size of all files in bytes.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Whether `folder` has every file at its length.
    fn is_whole(&self, folder: &Path) -> bool {
        self.files.iter().all(|file| {
            fs::metadata(folder.join(&file.path)).is_ok_and(|found| found.len() == file.bytes)
        })
    }
}

impl Hub {
    /// Downloads a model, named as [`parse_id`] takes it, into the library, and returns its folder.
    /// A model that is there already at that commit is not fetched again.
    ///
    /// When it is cancelled or fails, what has arrived is kept, and the next call continues from there.
    ///
    /// # Errors
    /// The model cannot be had, stored or used; or it was cancelled.
    pub async fn download(
        &self,
        id: &str,
        library: &Library,
        cancel: &Cancel,
        listener: impl Fn(Progress) + Send + Sync,
    ) -> Result<PathBuf, HubError> {
        self.online()?;
        // The starter is a model of the Hub like others, whose bytes are known beforehand.
        let pinned = (id.trim() == starter::NAME).then(starter::manifest);
        let (id, revision) = parse_id(pinned.map_or(id, |manifest| &manifest.model))?;
        let mut meter = Meter::new(&listener);
        meter.report(State::Waiting);
        let remote = self
            .remote(&id, revision.as_deref(), &self.download_retries, cancel)
            .await?;
        if !remote.lacks.is_empty() {
            return Err(HubError::Untrainable {
                id: remote.id,
                reasons: remote.lacks,
            });
        }
        let mut record = record(&remote, revision, &self.endpoint);
        if let Some(manifest) = pinned {
            pin(&mut record, manifest)?;
        }
        let _lock = DownloadLock::take(library, &record.name)?;
        meter.set_total(record.bytes());
        let target = library.models_folder().join(&record.name);
        let before = Record::read(&target);
        if let Some(before) = &before
            && before.revision == record.revision
            && before.is_whole(&target)
        {
            meter.add(record.bytes());
            meter.report(State::Done);
            return Ok(target);
        }
        if before.is_none() && fs::symlink_metadata(&target).is_ok() {
            return Err(HubError::Taken { folder: target });
        }
        let folder = partial::folder(library, &record.name, &record.revision);
        self.prepare(&folder, &record)?;
        self.fetch_files(&record, &folder, &mut meter, cancel)
            .await?;
        move_into_library(library, &folder, &target, before.is_some())?;
        partial::discard_others(library, &record.name);
        meter.report(State::Done);
        Ok(target)
    }

    /// Makes the folder, and sure that the disk can take what is to come.
    fn prepare(&self, folder: &Path, record: &Record) -> Result<(), HubError> {
        fs::create_dir_all(folder).map_err(HubError::io("create", folder))?;
        let bytes = serde_json::to_vec_pretty(record).map_err(std::io::Error::from);
        bytes
            .and_then(|bytes| write_bytes(&folder.join(RECORD), &bytes))
            .map_err(HubError::io("write to", folder))?;
        let here: u64 = record
            .files
            .iter()
            .map(|file| partial::here(folder, file).min(file.bytes))
            .sum();
        let needed = record.bytes() - here;
        let free =
            (self.space)(folder).map_err(HubError::io("ask for the free space of", folder))?;
        match needed == 0 || free >= needed.saturating_add(MARGIN) {
            true => Ok(()),
            false => Err(HubError::Disk {
                needed: needed.saturating_add(MARGIN),
                free,
                folder: folder.parent().unwrap_or(folder).into(),
            }),
        }
    }
}

fn record(remote: &Remote, requested: Option<String>, endpoint: &str) -> Record {
    Record {
        id: remote.id.clone(),
        name: remote.id.clone(),
        revision: remote.commit.clone(),
        requested,
        endpoint: endpoint.into(),
        license: Found::from(&remote.info).license,
        files: remote.files.clone(),
    }
}

/// Makes a record that of the starter: its name, its files, their true hashes.
fn pin(record: &mut Record, manifest: &starter::Manifest) -> Result<(), HubError> {
    record.name = starter::NAME.into();
    record.files.retain_mut(|file| {
        let pinned = manifest.needed().find(|pinned| pinned.file == file.path);
        if let Some(pinned) = pinned {
            file.sha256 = Some(pinned.sha256.clone());
        }
        pinned.is_some() || !starter::is_needed(&file.path)
    });
    match manifest
        .needed()
        .find(|pinned| record.files.iter().all(|file| file.path != pinned.file))
    {
        None => Ok(()),
        Some(absent) => Err(HubError::Untrainable {
            id: record.id.clone(),
            reasons: vec![format!("there is no `{}`", absent.file)],
        }),
    }
}

/// Gives a complete folder its final name. An older version makes room first; if that is where a
/// kill comes, the new one is complete in its temporary place, and asking for it again moves it.
fn move_into_library(
    library: &Library,
    folder: &Path,
    target: &Path,
    replace: bool,
) -> Result<(), HubError> {
    flush_folder(folder).map_err(HubError::io("flush", folder))?;
    let parent = target.parent().unwrap_or(target);
    fs::create_dir_all(parent).map_err(HubError::io("create", parent))?;
    if replace {
        library
            .delete_folder(target)
            .map_err(HubError::io("replace", target))?;
    }
    fs::rename(folder, target).map_err(HubError::io("rename the download to", target))?;
    flush_folder(parent).map_err(HubError::io("flush", parent))
}
