//! `run.json`: what a run is made of, of fine-tuning or of pretraining.

use crate::error::Error;
use crate::run::{RunFolder, RunLock};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};
use tagsmith_encoder::model::LoadReport;
use tagsmith_files::{sha256, write_json};
use tagsmith_protocol::TrainConfig;

/// The version of the run folder's layout.
pub(crate) const VERSION: u32 = 1;

/// The `run.json` of a kind of run.
pub(crate) trait RunJson: Serialize + DeserializeOwned {
    /// Of the file's layout.
    fn version(&self) -> u32;

    /// SHA-256 of every input file by its path.
    fn sha256(&self) -> &BTreeMap<String, String>;

    /// Writes it.
    ///
    /// # Errors
    /// The file system refused.
    fn write(&self, folder: &RunFolder) -> Result<(), Error> {
        let path = folder.run_json();
        write_json(&path, self).map_err(Error::writing(&path))
    }

    /// Reads it.
    ///
    /// # Errors
    /// There is none, or it is not one that this version reads.
    fn read(folder: &RunFolder) -> Result<Self, Error> {
        let run: Self = read_run_json(folder)?;
        match run.version() {
            VERSION => Ok(run),
            other => Err(unusable(
                folder,
                format!("it was written by another version ({other})"),
            )),
        }
    }

    /// Takes the folder of a run that is to go on.
    ///
    /// # Errors
    /// There is none that can, another process has taken it, or an input file is no longer what it was.
    fn take_up(folder: &RunFolder) -> Result<(Self, RunLock), Error> {
        // In a folder that holds no run nothing is made, not even the lock.
        Self::read(folder)?;
        let lock = folder.lock()?;
        let run = Self::read(folder)?;
        if folder.is_finished() {
            return Err(unusable(folder, "it is finished".into()));
        }
        // What asked an earlier session to stop does not ask this one. Before all that takes time: whoever
        // asks while model and data are being read does.
        let _ = fs::remove_file(folder.stop());
        for (file, expected) in run.sha256() {
            let changed = match sha256(Path::new(file)) {
                Ok(found) if found == *expected => continue,
                Ok(_) => format!("`{file}` has changed since the run began"),
                Err(failure) => format!("`{file}` cannot be read: {failure}"),
            };
            return Err(unusable(folder, changed));
        }
        Ok((run, lock))
    }
}

fn unusable(folder: &RunFolder, reason: String) -> Error {
    Error::Resume {
        folder: folder.path().into(),
        reason,
    }
}

/// The `run.json` of a fine-tuning.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RunFile {
    /// Of this file's layout.
    version: u32,
    /// UTC, RFC 3339.
    created: String,
    /// The programs' versions.
    versions: BTreeMap<String, String>,
    /// The device's id.
    device: String,
    /// The configuration as resolved.
    #[serde(deserialize_with = "crate::config::deserialize_strictly")]
    pub(crate) config: TrainConfig,
    /// The labels learned.
    labels: Vec<String>,
    /// What loading the base model did.
    head: LoadReport,
    /// SHA-256 of every input file by its path.
    sha256: BTreeMap<String, String>,
}

impl RunFile {
    /// Describes a run about to start.
    ///
    /// # Errors
    /// An input file cannot be read.
    pub(crate) fn new(
        config: TrainConfig,
        device: &str,
        labels: &[String],
        head: LoadReport,
    ) -> Result<Self, Error> {
        let data = [
            Some(&config.train),
            config.dev.as_ref(),
            config.test.as_ref(),
            config.augment_mentions.as_ref(),
        ];
        let hashes = hashes(data.into_iter().flatten(), &config.model)?;
        Ok(Self {
            version: VERSION,
            created: jiff::Timestamp::now().to_string(),
            versions: versions(),
            device: device.into(),
            config,
            labels: labels.to_vec(),
            head,
            sha256: hashes,
        })
    }
}

impl RunJson for RunFile {
    fn version(&self) -> u32 {
        self.version
    }

    fn sha256(&self) -> &BTreeMap<String, String> {
        &self.sha256
    }
}

/// The versions of the programs of a run.
pub(crate) fn versions() -> BTreeMap<String, String> {
    let versions = [
        ("tagsmith", env!("CARGO_PKG_VERSION")),
        ("burn", env!("BURN_VERSION")),
        ("platform", std::env::consts::OS),
        ("architecture", std::env::consts::ARCH),
    ];
    versions.map(|(name, v)| (name.into(), v.into())).into()
}

/// The `run.json` in a folder, of whatever kind of run.
///
/// # Errors
/// There is none, or it cannot be read as one.
pub(crate) fn read_run_json<T: DeserializeOwned>(folder: &RunFolder) -> Result<T, Error> {
    let failed = |reason| unusable(folder, reason);
    let text = fs::read_to_string(folder.run_json())
        .map_err(|failure| failed(format!("its run.json cannot be read: {failure}")))?;
    serde_json::from_str(&text)
        .map_err(|failure| failed(format!("its run.json is damaged: {failure}")))
}

/// The SHA-256 of data files, of all those in data folders, and of those of the folder `model` that a run can depend on, by path.
///
/// # Errors
/// A file cannot be read.
pub(crate) fn hashes<'a>(
    data: impl Iterator<Item = &'a PathBuf>,
    model: &Path,
) -> Result<BTreeMap<String, String>, Error> {
    let mut hashes = BTreeMap::new();
    let mut files = model_files(model)?;
    for path in data {
        files.append(&mut files_below(path).map_err(Error::reading(path))?);
    }
    for file in files {
        let digest = sha256(&file).map_err(Error::reading(&file))?;
        hashes.insert(file.display().to_string(), digest);
    }
    Ok(hashes)
}

/// The file itself, or those of a folder and of the folders in it, in order.
fn files_below(path: &Path) -> io::Result<Vec<PathBuf>> {
    /// Links may go round in a circle.
    const DEEPEST: usize = 8;
    let mut files = Vec::new();
    let mut open = vec![(path.to_path_buf(), 0)];
    while let Some((path, depth)) = open.pop() {
        if !path.is_dir() {
            files.push(path);
        } else if depth < DEEPEST {
            for entry in fs::read_dir(&path)? {
                open.push((entry?.path(), depth + 1));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The files of a model folder that a run can depend on: configuration, tokenizer, weights.
fn model_files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = fs::read_dir(folder).map_err(Error::reading(folder))?;
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let ending = path.extension().and_then(|ending| ending.to_str());
            path.is_file() && matches!(ending, Some("json" | "txt" | "safetensors" | "bin"))
        })
        .collect();
    files.sort();
    Ok(files)
}
