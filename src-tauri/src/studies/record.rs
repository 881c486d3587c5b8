//! What the window remembers of a study beside the engine's own folder.
//!
//! `studies/ID/` is a plan of the engine: its tasks, their runs, its report. What it does not know lies in
//! `studies/.records/`.

use crate::disk;
use crate::dto::{Failure, Often, RunStatus, TrainSettings};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The memory of one study.
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
    /// How often it is run.
    pub often: Often,
    /// The epochs that a run in full is expected to take.
    pub epochs: usize,
    /// The last runs of its search are trained anew on all documents, which takes as long again.
    #[serde(default)]
    pub refit: bool,
    /// The engine's process while it works.
    pub pid: Option<u32>,
    /// It waits in the queue and has never begun.
    #[serde(default)]
    pub queued: bool,
    /// The person stopped it while it was the queue's turn: the queue does not continue it.
    #[serde(default)]
    pub left: bool,
    /// The id of the run that is kept of it.
    #[serde(default)]
    pub run: Option<String>,
    /// The name in the library of the model that all runs are together.
    #[serde(default)]
    pub combined: Option<String>,
    /// Where it stands.
    pub status: RunStatus,
    /// Why it failed.
    #[serde(default)]
    pub failure: Option<Failure>,
}

/// The places of one study.
#[derive(Clone, Debug)]
pub struct Places {
    studies: PathBuf,
    id: String,
}

impl Places {
    /// Of the study `id` in the folder of studies.
    pub fn new(studies: &Path, id: &str) -> Self {
        Self {
            studies: studies.into(),
            id: id.into(),
        }
    }

    /// The study's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The engine's folder.
    pub fn folder(&self) -> PathBuf {
        self.studies.join(&self.id)
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let records = self.studies.join(".records");
        records.join(format!("{}.{ending}", self.id))
    }

    /// The configuration that the engine was given.
    pub fn config(&self) -> PathBuf {
        self.beside("config.json")
    }

    /// The space that is searched.
    pub fn space(&self) -> PathBuf {
        self.beside("space.json")
    }

    /// The engine's messages.
    pub fn messages(&self) -> PathBuf {
        self.beside("log")
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

    /// The file that is written last: with it the study is done.
    pub fn report(&self, often: &Often) -> PathBuf {
        self.folder().join(match often {
            Often::Search { .. } => "search.json",
            _ => "seeds.json",
        })
    }

    /// The command line that does the study, or what is left of it.
    ///
    /// # Errors
    /// A path is no UTF-8.
    pub fn arguments(&self, often: &Often) -> Result<Vec<String>, Failure> {
        let (command, mut more) = match often {
            Often::Search { trials, .. } => {
                let space = disk::text(&self.space())?;
                let trials = trials.to_string();
                (
                    "search",
                    vec!["--trials".into(), trials, "--space".into(), space],
                )
            }
            Often::Seeds { seeds, combine } => {
                let mut more = vec!["--seeds".into(), seeds.to_string()];
                if let Some(how) = combine {
                    more.extend(["--combine".into(), how.name().into()]);
                }
                ("seeds", more)
            }
            Often::Once => ("seeds", vec!["--seeds".into(), "1".into()]),
        };
        let mut arguments = vec![command.into(), "--config".into()];
        arguments.push(disk::text(&self.config())?);
        arguments.append(&mut more);
        arguments.extend(["--out".into(), disk::text(&self.folder())?]);
        Ok(arguments)
    }

    /// Deletes the study and everything about it; returns the bytes freed.
    ///
    /// # Errors
    /// The file system refused.
    pub fn remove(&self) -> Result<u64, Failure> {
        let mut freed = 0;
        if self.folder().exists() {
            freed += disk::remove(&self.folder())?;
        }
        for ending in ["config.json", "space.json", "log", "json"] {
            let path = self.beside(ending);
            if path.exists() {
                freed += disk::remove(&path)?;
            }
        }
        Ok(freed)
    }
}

/// The ids of all studies in a folder.
pub fn ids(studies: &Path) -> Vec<String> {
    let mut names = disk::names_of_json(&studies.join(".records"));
    names.retain(|name| !name.ends_with(".config") && !name.ends_with(".space"));
    names
}
