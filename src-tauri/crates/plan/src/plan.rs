//! A plan's folder: its tasks, and the right to work on them.

use crate::error::PlanError;
use crate::task::{Task, is_id};
use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use tagsmith_files::write_bytes;

/// A folder with tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    folder: PathBuf,
    tasks: Vec<Task>,
}

/// The right to start a plan's tasks and to change the list: a lock that ends with the process.
#[derive(Debug)]
pub struct PlanLock(#[allow(dead_code, reason = "it is held")] File);

impl Plan {
    /// The plan in `folder`; an empty one where there is none yet.
    ///
    /// # Errors
    /// `plan.jsonl` cannot be read, or a line of it is no task.
    pub fn open(folder: &Path) -> Result<Self, PlanError> {
        let folder = std::path::absolute(folder).map_err(PlanError::io("find", folder))?;
        let path = folder.join("plan.jsonl");
        let bytes = match fs::read(&path) {
            Err(failure) if failure.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read.map_err(PlanError::io("read", &path))?,
        };
        let mut plan = Self {
            folder,
            tasks: Vec::new(),
        };
        for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let fault = |found: String| PlanError::Line {
                path: path.clone(),
                line: index + 1,
                found,
            };
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let task =
                serde_json::from_slice(line).map_err(|failure| fault(failure.to_string()))?;
            plan.check(&task).map_err(fault)?;
            plan.tasks.push(task);
        }
        Ok(plan)
    }

    /// Refuses a task that cannot come next.
    fn check(&self, task: &Task) -> Result<(), String> {
        let ids: HashSet<&str> = self.tasks.iter().map(|task| &*task.id).collect();
        let id = &task.id;
        if !is_id(id) {
            return Err(format!(
                "the id is `{id}`, expected at most 100 letters, digits, `-`, `_` and `.`"
            ));
        }
        if ids.contains(&**id) {
            return Err(format!("the id `{id}` stands there twice"));
        }
        if task.arguments.is_empty() || task.outputs.is_empty() {
            return Err(format!("`{id}` lacks arguments or outputs"));
        }
        match task.after.iter().find(|other| !ids.contains(&***other)) {
            Some(other) => Err(format!(
                "`{id}` comes after `{other}`, which is no task on an earlier line"
            )),
            None => Ok(()),
        }
    }

    /// Takes the plan, which no other program may then work on. The folder is created where it is absent.
    ///
    /// # Errors
    /// Another program has it, or the file system refused.
    pub fn lock(&self) -> Result<PlanLock, PlanError> {
        fs::create_dir_all(&self.folder).map_err(PlanError::io("create", &self.folder))?;
        let path = self.folder.join("plan.lock");
        match try_lock(&path)? {
            Some(file) => Ok(PlanLock(file)),
            None => Err(PlanError::PlanInUse {
                plan: self.folder.clone(),
            }),
        }
    }

    /// Appends tasks, and writes the list. Whoever does so holds the plan's lock.
    ///
    /// # Errors
    /// A task cannot come next, or the file system refused.
    pub fn add(&mut self, tasks: impl IntoIterator<Item = Task>) -> Result<(), PlanError> {
        let mut longer = self.clone();
        for task in tasks {
            longer.check(&task).map_err(|found| PlanError::Line {
                path: self.folder.join("plan.jsonl"),
                line: longer.tasks.len() + 1,
                found,
            })?;
            longer.tasks.push(task);
        }
        longer.write()?;
        *self = longer;
        Ok(())
    }

    /// Puts `tasks` in the place of the list: another order, or fewer of them.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn replace(&mut self, tasks: Vec<Task>) -> Result<(), PlanError> {
        let mut other = Self {
            folder: self.folder.clone(),
            tasks: Vec::new(),
        };
        other.add(tasks)?;
        *self = other;
        Ok(())
    }

    fn write(&self) -> Result<(), PlanError> {
        let path = self.folder.join("plan.jsonl");
        let lines = self.tasks.iter().map(|task| {
            let line = serde_json::to_string(task).expect("tasks are plain data");
            line + "\n"
        });
        let text: String = lines.collect();
        write_bytes(&path, text.as_bytes()).map_err(PlanError::io("write", &path))
    }

    /// The folder, as an absolute path.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All tasks, in order.
    pub fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    /// A task by its id.
    ///
    /// # Errors
    /// There is none.
    pub fn task(&self, id: &str) -> Result<&Task, PlanError> {
        let task = self.tasks.iter().find(|task| task.id == id);
        task.ok_or_else(|| PlanError::NoTask {
            plan: self.folder.clone(),
            id: id.into(),
        })
    }

    /// Whether the task's outputs are there.
    pub fn is_done(&self, task: &Task) -> bool {
        task.is_done(&self.folder)
    }

    /// Whether all that must be done before a task is.
    pub fn is_ready(&self, task: &Task) -> bool {
        let is_done = |id: &String| self.task(id).is_ok_and(|other| self.is_done(other));
        task.after.iter().all(is_done)
    }

    /// The folder with what is known of a task: its log, its lock, its last attempt.
    pub fn task_folder(&self, id: &str) -> PathBuf {
        self.folder.join("tasks").join(id)
    }

    /// The file to which a task's output is appended.
    pub fn log(&self, id: &str) -> PathBuf {
        self.task_folder(id).join("log.txt")
    }
}

/// The file, created where it is absent, with its lock; `None` where another process has that.
pub(crate) fn try_lock(path: &Path) -> Result<Option<File>, PlanError> {
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .map_err(PlanError::io("write", path))?;
    match file.try_lock() {
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        // Where a file system knows no locks there is nothing to hold.
        _ => Ok(Some(file)),
    }
}
