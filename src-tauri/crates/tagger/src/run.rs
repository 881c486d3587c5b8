//! A run's folder: what lies in it, who may write there, and the event log.

use crate::error::Error;
use crate::event::{self, RunEvent};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tagsmith_files::{flush_folder, folder_of, is_unfinished};
use tagsmith_protocol::Event;

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
