//! A plan whose tasks a person orders: what waits, what runs, and in which order.
//!
//! Whoever changes the list may do so while another program works on it: each change is made to the list as
//! it is on disk, and a pause is a file that the task's process sees.

use crate::attempt::{Ended, Outcome};
use crate::error::PlanError;
use crate::plan::Plan;
use crate::task::{Needs, Task};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::PathBuf;
use tagsmith_files::write_bytes;

/// How a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskState {
    /// Its turn has not come.
    Waiting,
    /// A process does it.
    Running,
    /// It was asked to pause and has not yet.
    Pausing,
    /// It does not run until it is resumed.
    Paused,
    /// Its last attempt was stopped, and can be continued.
    Stopped,
    /// Its last attempt failed.
    Failed,
    /// Its outputs are there.
    Done,
}

impl TaskState {
    /// As JSON and lists write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Pausing => "pausing",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Done => "done",
        }
    }
}

impl Plan {
    /// How a task stands.
    pub fn state(&self, task: &Task) -> TaskState {
        let id = &task.id;
        let is_paused = self.pause_file(id).exists();
        match Ended::read(self, id).map(|ended| ended.outcome) {
            _ if self.is_done(task) => TaskState::Done,
            _ if self.is_under_way(id) && is_paused => TaskState::Pausing,
            _ if self.is_under_way(id) => TaskState::Running,
            _ if is_paused => TaskState::Paused,
            Some(Outcome::Failed(_)) => TaskState::Failed,
            Some(Outcome::Stopped) => TaskState::Stopped,
            _ => TaskState::Waiting,
        }
    }

    /// Puts a command line at the end; returns its id, which is the command's name with a number.
    ///
    /// # Errors
    /// The file system refused.
    pub fn enqueue(
        &mut self,
        command: &str,
        arguments: Vec<String>,
        outputs: Vec<PathBuf>,
    ) -> Result<String, PlanError> {
        self.change(|now, tasks| {
            // Counted on, so that an id is not taken again while its log may still be read.
            let numbers = tasks
                .iter()
                .filter_map(|task| task.id.rsplit_once('-')?.1.parse::<usize>().ok());
            let mut number = numbers.max().unwrap_or(0) + 1;
            // One that was taken off the list may still have its log, or its turn to be put back.
            while now.task_folder(&format!("{command}-{number}")).exists() {
                number += 1;
            }
            let id = format!("{command}-{number}");
            tasks.push(Task {
                id: id.clone(),
                arguments,
                needs: Needs::default(),
                after: Vec::new(),
                outputs,
            });
            Ok(id)
        })
    }

    /// Moves a task to a place in the list, counted from 0; beyond the end is the end.
    ///
    /// # Errors
    /// There is no such task, or the file system refused.
    pub fn move_to(&mut self, id: &str, place: usize) -> Result<(), PlanError> {
        self.change(|now, tasks| {
            let task = now.task(id)?.clone();
            tasks.retain(|other| other.id != id);
            tasks.insert(place.min(tasks.len()), task);
            Ok(())
        })
    }

    /// Takes a task off the list, and what is known of its attempts; what it has written stays.
    ///
    /// # Errors
    /// There is no such task, a process does it, or the file system refused.
    pub fn take_off(&mut self, id: &str) -> Result<(), PlanError> {
        self.task(id)?;
        if self.is_under_way(id) {
            return Err(PlanError::TaskInUse { id: id.into() });
        }
        self.change(|_, tasks| {
            tasks.retain(|task| task.id != id);
            Ok(())
        })?;
        let _ = fs::remove_dir_all(self.task_folder(id));
        Ok(())
    }

    /// Lets a task wait; one that is under way stops after its step.
    ///
    /// # Errors
    /// The file system refused.
    pub fn pause(&self, id: &str) -> Result<(), PlanError> {
        let path = self.pause_file(id);
        let folder = self.task_folder(id);
        fs::create_dir_all(&folder).map_err(PlanError::io("create", &folder))?;
        write_bytes(&path, b"").map_err(PlanError::io("write", &path))
    }

    /// Lets a paused task run when its turn comes.
    ///
    /// # Errors
    /// The file system refused.
    pub fn unpause(&self, id: &str) -> Result<(), PlanError> {
        let path = self.pause_file(id);
        match path.exists() {
            true => fs::remove_file(&path).map_err(PlanError::io("delete", &path)),
            false => Ok(()),
        }
    }
}
