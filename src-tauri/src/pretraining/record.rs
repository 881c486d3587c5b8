//! What the window remembers of a run of pretraining beside the engine's own folder.
//!
//! `pretraining/ID/` is the engine's run: its events, its checkpoints, its report, its model. What it does not
//! know lies in `pretraining/.records/`.

use crate::disk;
use crate::dto::{Failure, RunStatus};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The memory of one run of pretraining.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The name that the new model has or will have.
    pub name: String,
    /// RFC 3339.
    pub created: String,
    /// The base model's name in the library.
    pub model: String,
    /// The files of text.
    pub text: Vec<PathBuf>,
    /// Passes over the text, at most.
    pub epochs: Option<u32>,
    /// The compute device that was asked for.
    pub device: String,
    /// The engine's process while it works.
    pub pid: Option<u32>,
    /// It waits in the queue and has never begun.
    #[serde(default)]
    pub queued: bool,
    /// The person stopped it while it was the queue's turn: the queue does not continue it.
    #[serde(default)]
    pub left: bool,
    /// The name in the library of the model that was made.
    pub made: Option<String>,
    /// Where it stands.
    pub status: RunStatus,
    /// Why it failed.
    pub failure: Option<Failure>,
}

impl Record {
    /// The names of the files of text.
    pub fn text_names(&self) -> Vec<String> {
        let name = |path: &PathBuf| {
            let name = path.file_name().unwrap_or(path.as_os_str());
            name.to_string_lossy().into_owned()
        };
        self.text.iter().map(name).collect()
    }
}

/// The places of one run of pretraining.
#[derive(Clone, Debug)]
pub struct Places {
    all: PathBuf,
    id: String,
}

impl Places {
    /// Of the run `id` in the folder of all of them.
    pub fn new(all: &Path, id: &str) -> Self {
        Self {
            all: all.into(),
            id: id.into(),
        }
    }

    /// The run's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The engine's folder.
    pub fn folder(&self) -> PathBuf {
        self.all.join(&self.id)
    }

    /// The engine's report.
    pub fn report(&self) -> PathBuf {
        self.folder().join("report.json")
    }

    /// The engine's log of events.
    pub fn events(&self) -> PathBuf {
        self.folder().join("events.jsonl")
    }

    /// The model that it makes.
    pub fn model(&self) -> PathBuf {
        self.folder().join("model")
    }

    /// A file that asks the engine to stop.
    pub fn stop(&self) -> PathBuf {
        self.folder().join("stop")
    }

    /// The engine's messages.
    pub fn messages(&self) -> PathBuf {
        self.beside("log")
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let records = self.all.join(".records");
        records.join(format!("{}.{ending}", self.id))
    }

    /// Reads the record.
    pub fn read(&self) -> Option<Record> {
        disk::read_json(&self.beside("json"))
    }

    /// Writes the record.
    ///
    /// # Errors
    /// The file system refused.
    pub fn write(&self, record: &Record) -> Result<(), Failure> {
        disk::write_json(&self.beside("json"), record)
    }

    /// Deletes the run and everything about it but the model that was kept; returns the bytes freed.
    ///
    /// # Errors
    /// The file system refused.
    pub fn remove(&self) -> Result<u64, Failure> {
        let mut freed = 0;
        for path in [self.folder(), self.messages(), self.beside("json")] {
            if path.exists() {
                freed += disk::remove(&path)?;
            }
        }
        Ok(freed)
    }
}

/// The ids of all runs in a folder.
pub fn ids(all: &Path) -> Vec<String> {
    disk::names_of_json(&all.join(".records"))
}
