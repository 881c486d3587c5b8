//! What the window remembers of a run beside the engine's own folder, and whether its process lives.
//!
//! `runs/ID/` belongs to the engine alone. What it does not know (the name a person gave, which data
//! set it was, what it said before its folder was there) lies in `runs/.records/`.

use super::summary::{RunFile, Summary};
use crate::disk;
use crate::dto::{Event, Run, RunStatus, TimestampedEvent, TrainSettings};
use serde::{Deserialize, Serialize};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use tagsmith_protocol::Failure;

/// The memory of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The name that the person gave.
    pub name: String,
    /// RFC 3339.
    pub created: String,
    /// The base model's name in the library.
    pub model: String,
    /// The data set's id.
    pub data: String,
    /// The data set's name at that time.
    pub data_name: String,
    /// What the person set.
    pub settings: TrainSettings,
    /// The engine's process while it works.
    pub pid: Option<u32>,
    /// It waits in the queue and has never begun.
    #[serde(default)]
    pub queued: bool,
    /// The person stopped it while it was the queue's turn: the queue does not continue it.
    #[serde(default)]
    pub left: bool,
    /// The person marked it as one to keep in sight.
    #[serde(default)]
    pub starred: bool,
    /// What the person wrote about it.
    #[serde(default)]
    pub note: String,
    /// Where the run stands, as far as the window saw it.
    pub summary: Summary,
}

impl Record {
    /// The run as lists show it.
    pub fn run(&self, places: &Places, stopping: bool) -> Run {
        let summary = &self.summary;
        Run {
            id: places.id.clone(),
            name: self.name.clone(),
            created: self.created.clone(),
            status: summary.status,
            model: self.model.clone(),
            data: self.data.clone(),
            data_name: self.data_name.clone(),
            settings: self.settings.clone(),
            best_f1: summary.best_f1,
            test_f1: summary.test_f1,
            seconds: summary.seconds,
            step: summary.step,
            steps: summary.steps,
            failure: summary.failure.clone(),
            starred: self.starred,
            note: self.note.clone(),
            stopping: stopping && summary.status == RunStatus::Running,
            has_report: places.report().is_file(),
            has_model: places.folder().join("model/config.json").is_file(),
        }
    }
}

/// The places of one run.
#[derive(Clone, Debug)]
pub struct Places {
    runs: PathBuf,
    id: String,
}

impl Places {
    /// Of the run `id` in the library's folder of runs.
    pub fn new(runs: &Path, id: &str) -> Self {
        Self {
            runs: runs.into(),
            id: id.into(),
        }
    }

    /// The run's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The engine's folder.
    pub fn folder(&self) -> PathBuf {
        self.runs.join(&self.id)
    }

    /// The engine's log of events.
    pub fn events(&self) -> PathBuf {
        self.folder().join("events.jsonl")
    }

    /// The engine's report.
    pub fn report(&self) -> PathBuf {
        self.folder().join("report.json")
    }

    /// A file that asks the engine to stop.
    pub fn stop(&self) -> PathBuf {
        self.folder().join("stop")
    }

    fn beside(&self, ending: &str) -> PathBuf {
        self.runs
            .join(".records")
            .join(format!("{}.{ending}", self.id))
    }

    /// The configuration that the engine was given.
    pub fn config(&self) -> PathBuf {
        self.beside("config.json")
    }

    /// The engine's messages.
    pub fn messages(&self) -> PathBuf {
        self.beside("log")
    }

    /// Reads the record. A run that was made by the command line has none: then what its own folder
    /// says.
    pub fn read(&self) -> Option<Record> {
        disk::read_json(&self.beside("json")).or_else(|| self.foreign())
    }

    /// Whether there is a record.
    pub fn has_record(&self) -> bool {
        self.beside("json").is_file()
    }

    /// Writes the record.
    ///
    /// # Errors
    /// The file system refused.
    pub fn write(&self, record: &Record) -> Result<(), Failure> {
        disk::write_json(&self.beside("json"), record)
    }

    /// What a finished run could be continued from, if it were not finished.
    pub fn checkpoints(&self) -> PathBuf {
        self.folder().join("checkpoints")
    }

    /// Deletes the checkpoints of a finished run, weights and optimiser, from which nothing will be continued;
    /// its best model is in a folder of its own. Returns the bytes freed.
    ///
    /// # Errors
    /// The file system refused.
    pub fn drop_checkpoints(&self) -> Result<u64, Failure> {
        match self.checkpoints().exists() {
            true => disk::remove(&self.checkpoints()),
            false => Ok(0),
        }
    }

    /// Deletes the run and everything about it; returns the bytes freed.
    ///
    /// # Errors
    /// The file system refused.
    pub fn remove(&self) -> Result<u64, Failure> {
        let mut freed = 0;
        if self.folder().exists() {
            freed += disk::remove(&self.folder())?;
        }
        for ending in ["config.json", "log", "json"] {
            let path = self.beside(ending);
            if path.exists() {
                freed += disk::remove(&path)?;
            }
        }
        Ok(freed)
    }

    /// The events so far; lines that are none are left out.
    pub fn past(&self) -> Vec<TimestampedEvent> {
        let text = std::fs::read(self.events()).unwrap_or_default();
        String::from_utf8_lossy(&text)
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    /// Whether a process works on the run: the engine keeps its log locked as long as it lives.
    pub fn is_alive(&self) -> bool {
        File::open(self.events())
            .is_ok_and(|log| matches!(log.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// The settings with nothing left open, once the run has started.
    pub fn resolved(&self) -> Option<TrainSettings> {
        let file: RunFile = disk::read_json(&self.folder().join("run.json"))?;
        Some(file.config.settings)
    }

    /// The training file, once the run has started.
    pub fn input(&self) -> Option<PathBuf> {
        let file: RunFile = disk::read_json(&self.folder().join("run.json"))?;
        Some(file.config.train)
    }

    fn foreign(&self) -> Option<Record> {
        let file: RunFile = disk::read_json(&self.folder().join("run.json"))?;
        let summary = Summary::of(&self.past());
        let last = |path: &Path| {
            let name = path.file_name().unwrap_or(path.as_os_str());
            name.to_string_lossy().into_owned()
        };
        Some(Record {
            name: self.id.clone(),
            created: file.created,
            model: last(&file.config.model),
            data: String::new(),
            data_name: last(&file.config.train),
            settings: file.config.settings,
            pid: None,
            queued: false,
            left: false,
            starred: false,
            note: String::new(),
            summary,
        })
    }
}

/// The last event of a run whose engine ended without one.
pub fn last_word(summary: &Summary, time: String) -> Option<TimestampedEvent> {
    let failure = summary.failure.clone()?;
    (summary.status == RunStatus::Failed).then_some(TimestampedEvent {
        event: Event::Failed {
            code: failure.code,
            message: failure.message,
            hint: failure.hint,
        },
        time,
    })
}
