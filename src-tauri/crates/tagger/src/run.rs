//! A run's folder: what it is made of, who writes what, and the event log.

use crate::error::Error;
use crate::event::{self, RunEvent};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tagsmith_encoder::model::LoadReport;
use tagsmith_files::{flush_folder, folder_of, is_unfinished, sha256, write_json};
use tagsmith_protocol::{Event, TrainConfig};

/// The version of the run folder's layout.
pub const VERSION: u32 = 1;

/// The folder of a run.
#[derive(Clone, Debug)]
pub struct RunFolder(PathBuf);

impl RunFolder {
    /// A folder for a new run: it must not exist or be empty, save for what a run leaves that was killed
    /// before its `run.json` was written. Nothing is created yet.
    ///
    /// # Errors
    /// Something is there already.
    pub fn new(path: &Path) -> Result<Self, Error> {
        let folder = Self(path.into());
        folder.leftovers()?;
        Ok(folder)
    }

    /// What a run left there that was killed before its `run.json` was written: an empty log, and files
    /// that were not finished.
    fn leftovers(&self) -> Result<Vec<PathBuf>, Error> {
        let reading = || Error::reading(&self.0);
        let not_empty = || Error::OutputNotEmpty {
            path: self.0.clone(),
        };
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(failure) if failure.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(failure) if failure.kind() == io::ErrorKind::NotADirectory => {
                return Err(not_empty());
            }
            Err(failure) => return Err(reading()(failure)),
        };
        let mut unfinished = Vec::new();
        let mut has_log = false;
        for entry in entries {
            let entry = entry.map_err(reading())?;
            let about = match entry.metadata() {
                Ok(about) => about,
                // Another process has just given it its name, or taken it away.
                Err(failure) if failure.kind() == io::ErrorKind::NotFound => continue,
                Err(failure) => return Err(reading()(failure)),
            };
            if about.is_file() && about.len() == 0 && entry.path() == self.events() {
                has_log = true;
            } else if about.is_file() && is_unfinished(&entry.file_name().to_string_lossy()) {
                unfinished.push(entry.path());
            } else {
                return Err(not_empty());
            }
        }
        match has_log || unfinished.is_empty() {
            true => Ok(unfinished),
            false => Err(not_empty()),
        }
    }

    /// The folder of a run that was started earlier.
    pub fn existing(path: &Path) -> Self {
        Self(path.into())
    }

    /// Creates the folder and takes it for a new run.
    ///
    /// # Errors
    /// Another process has taken it, or something is there by now; nothing of it was changed. Or the file
    /// system refused.
    pub fn claim(&self) -> Result<RunLock, Error> {
        self.leftovers()?;
        fs::create_dir_all(&self.0).map_err(Error::io("create", &self.0))?;
        // The folder around it may be one that can be written to but not read.
        let _ = flush_folder(folder_of(&self.0));
        let lock = self.lock()?;
        // Another run may have come, and gone, before the lock was taken.
        for path in self.leftovers()? {
            fs::remove_file(&path).map_err(Error::io("delete", &path))?;
        }
        Ok(lock)
    }

    /// Takes the folder, of which nothing may be written or deleted before.
    ///
    /// # Errors
    /// Another process has taken it, or the file system refused.
    pub fn lock(&self) -> Result<RunLock, Error> {
        let path = self.events();
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(Error::writing(&path))?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => Err(Error::InUse {
                folder: self.0.clone(),
            }),
            _ => Ok(RunLock(file)),
        }
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// `run.json`.
    pub fn run_json(&self) -> PathBuf {
        self.0.join("run.json")
    }

    /// `events.jsonl`.
    pub fn events(&self) -> PathBuf {
        self.0.join("events.jsonl")
    }

    /// The folder of checkpoints.
    pub fn checkpoints(&self) -> PathBuf {
        self.0.join("checkpoints")
    }

    /// A file that asks the run to stop, whoever puts it there: a window that was closed and opened
    /// again is no parent of the process, and not every system has signals.
    pub fn stop(&self) -> PathBuf {
        self.0.join("stop")
    }

    /// The best model as a Hugging Face folder.
    pub fn model(&self) -> PathBuf {
        self.0.join("model")
    }

    /// The best model's adapter as PEFT writes it, where one was trained.
    pub fn adapter(&self) -> PathBuf {
        self.0.join("adapter")
    }

    /// Whether the run has come to its end: there is a report, and the last line of the event log says
    /// `finished`.
    pub fn is_finished(&self) -> bool {
        let log = fs::read_to_string(self.events()).unwrap_or_default();
        let last = log.lines().last().unwrap_or_default();
        self.report().exists() && last.contains("\"event\":\"finished\"")
    }

    /// `report.json`.
    pub fn report(&self) -> PathBuf {
        self.0.join("report.json")
    }
}

/// The right to change what is in a run's folder: two programs in one would destroy each other's files.
/// It is a lock on `events.jsonl`, and ends with the process, however that ends.
#[derive(Debug)]
pub struct RunLock(File);

/// `run.json`: what a run is made of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunFile {
    /// Of this file's layout.
    pub version: u32,
    /// UTC, RFC 3339.
    pub created: String,
    /// The programs' versions.
    pub versions: BTreeMap<String, String>,
    /// The device's id.
    pub device: String,
    /// The configuration as resolved.
    #[serde(deserialize_with = "crate::config::deserialize_strictly")]
    pub config: TrainConfig,
    /// The labels learned.
    pub labels: Vec<String>,
    /// What loading the base model did.
    pub head: LoadReport,
    /// SHA-256 of every input file by its path.
    pub sha256: BTreeMap<String, String>,
}

impl RunFile {
    /// Describes a run about to start.
    ///
    /// # Errors
    /// An input file cannot be read.
    pub fn new(
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

    /// Writes `run.json`.
    ///
    /// # Errors
    /// The file system refused.
    pub fn write(&self, folder: &RunFolder) -> Result<(), Error> {
        let path = folder.run_json();
        write_json(&path, self).map_err(Error::writing(&path))
    }

    /// Reads `run.json`.
    ///
    /// # Errors
    /// There is none, or it is not one that this version reads.
    pub fn read(folder: &RunFolder) -> Result<Self, Error> {
        let run: Self = read_run_json(folder)?;
        check_version(folder, run.version)?;
        Ok(run)
    }

    /// Refuses to go on when an input file is no longer what it was.
    ///
    /// # Errors
    /// A file is missing or has changed.
    pub fn check_inputs(&self, folder: &RunFolder) -> Result<(), Error> {
        check_hashes(&self.sha256, folder)
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
    let failed = |reason: String| Error::Resume {
        folder: folder.path().into(),
        reason,
    };
    let text = fs::read_to_string(folder.run_json())
        .map_err(|failure| failed(format!("its run.json cannot be read: {failure}")))?;
    serde_json::from_str(&text)
        .map_err(|failure| failed(format!("its run.json is damaged: {failure}")))
}

/// Refuses a `run.json` of another version.
///
/// # Errors
/// It is one.
pub(crate) fn check_version(folder: &RunFolder, found: u32) -> Result<(), Error> {
    match found {
        VERSION => Ok(()),
        other => Err(Error::Resume {
            folder: folder.path().into(),
            reason: format!("it was written by another version ({other})"),
        }),
    }
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

/// Refuses to go on with the run in `folder` when an input file is no longer what it was.
///
/// # Errors
/// A file is missing or has changed.
pub(crate) fn check_hashes(
    hashes: &BTreeMap<String, String>,
    folder: &RunFolder,
) -> Result<(), Error> {
    for (file, expected) in hashes {
        let changed = match sha256(Path::new(file)) {
            Ok(found) if found == *expected => continue,
            Ok(_) => format!("`{file}` has changed since the run began"),
            Err(failure) => format!("`{file}` cannot be read: {failure}"),
        };
        return Err(Error::Resume {
            folder: folder.path().into(),
            reason: changed,
        });
    }
    Ok(())
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

/// Writes events to `events.jsonl` and hands them on.
pub struct EventLog<'a, E: RunEvent = Event> {
    file: Option<File>,
    /// The last write failed.
    broken: bool,
    listener: &'a mut dyn FnMut(&E::Stamped),
}

impl<'a, E: RunEvent> EventLog<'a, E> {
    /// A log that has no file yet.
    pub fn new(listener: &'a mut dyn FnMut(&E::Stamped)) -> Self {
        Self {
            file: None,
            broken: false,
            listener,
        }
    }

    /// Appends to the run's `events.jsonl` from now on, and keeps it locked.
    ///
    /// # Errors
    /// The file system refused.
    pub fn open(&mut self, folder: &RunFolder, lock: RunLock) -> Result<(), Error> {
        let path = folder.events();
        let RunLock(file) = lock;
        let repair = || -> io::Result<()> {
            // A kill may have left half a line, which the next event must not be glued to.
            let text = fs::read(&path)?;
            let whole = text
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(0, |last| last + 1);
            file.set_len(whole as u64)
        };
        repair().map_err(Error::writing(&path))?;
        self.file = Some(file);
        Ok(())
    }

    /// Stamps an event, writes it, and hands it on. A log that cannot be written to (a full disk)
    /// must not end a run whose model can still be saved, so the listener hears of it instead.
    pub fn send(&mut self, event: E) {
        let stamped = event::now(event);
        if let Some(file) = &mut self.file {
            let mut line = serde_json::to_string(&stamped).expect("events are plain data");
            line.push('\n');
            if self.broken {
                // Half a line may be there.
                line.insert(0, '\n');
            }
            // The file stays open, for its lock, and for when the disk has room again.
            let written = file.write_all(line.as_bytes());
            let was_broken = std::mem::replace(&mut self.broken, written.is_err());
            if let (Err(failure), false) = (written, was_broken) {
                let message = format!("events.jsonl cannot be written: {failure}");
                let warning = Event::warning("log", message);
                (self.listener)(&event::now(E::from(warning)));
            }
        }
        (self.listener)(&stamped);
    }
}
