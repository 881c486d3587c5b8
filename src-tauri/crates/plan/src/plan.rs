//! A plan's folder: its tasks, and the right to work on them.

use crate::error::PlanError;
use crate::task::{Task, is_id};
use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tagsmith_files::write_bytes;

/// A folder with tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    folder: PathBuf,
    tasks: Vec<Task>,
}

/// The right to start a plan's tasks: a lock that ends with the process.
#[derive(Debug)]
pub struct PlanLock(#[allow(dead_code, reason = "it is held")] File);

impl Plan {
    /// The plan in `folder`; an empty one where there is none yet.
    ///
    /// # Errors
    /// `plan.jsonl` cannot be read, or a line of it is no task.
    pub fn open(folder: &Path) -> Result<Self, PlanError> {
        let folder = std::path::absolute(folder).map_err(PlanError::io("find", folder))?;
        let mut plan = Self {
            folder,
            tasks: Vec::new(),
        };
        let path = plan.path();
        let bytes = match fs::read(&path) {
            Err(failure) if failure.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read.map_err(PlanError::io("read", &path))?,
        };
        let mut ids = HashSet::new();
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
            check(&task, &mut ids).map_err(fault)?;
            plan.tasks.push(task);
        }
        Ok(plan)
    }

    /// A plan without tasks; nothing is read.
    pub fn empty(folder: &Path) -> Self {
        Self {
            folder: folder.into(),
            tasks: Vec::new(),
        }
    }

    /// Takes the plan, whose tasks no other program may then start. The folder is created where it is absent.
    ///
    /// # Errors
    /// Another program has it, or the file system refused.
    pub fn lock(&self) -> Result<PlanLock, PlanError> {
        self.create()?;
        match lock_after_glances(&self.folder.join("plan.lock"))? {
            Some(file) => Ok(PlanLock(file)),
            None => Err(PlanError::PlanInUse {
                plan: self.folder.clone(),
            }),
        }
    }

    fn create(&self) -> Result<(), PlanError> {
        fs::create_dir_all(&self.folder).map_err(PlanError::io("create", &self.folder))
    }

    /// Changes the list of tasks as it is on disk, and reads it again. Programs may do so at once, one of which
    /// works on the plan.
    ///
    /// # Errors
    /// What `change` returns; a task that cannot stand where it does; or the file system refused. The list
    /// is then as it was.
    pub fn change<T>(
        &mut self,
        change: impl FnOnce(&Self, &mut Vec<Task>) -> Result<T, PlanError>,
    ) -> Result<T, PlanError> {
        self.create()?;
        let path = self.folder.join("list.lock");
        let lock = File::create(&path).map_err(PlanError::io("write", &path))?;
        // Where a file system knows no locks there is nothing to wait for.
        let _ = lock.lock();
        let now = Self::open(&self.folder)?;
        let mut tasks = now.tasks.clone();
        let answer = change(&now, &mut tasks)?;
        let path = self.path();
        let mut ids = HashSet::new();
        for (index, task) in tasks.iter().enumerate() {
            check(task, &mut ids).map_err(|found| PlanError::Line {
                path: path.clone(),
                line: index + 1,
                found,
            })?;
        }
        let changed = Self {
            folder: self.folder.clone(),
            tasks,
        };
        let lines = changed.tasks.iter().map(|task| {
            let line = serde_json::to_string(task).expect("tasks are plain data");
            line + "\n"
        });
        write_bytes(&path, lines.collect::<String>().as_bytes())
            .map_err(PlanError::io("write", &path))?;
        *self = changed;
        Ok(answer)
    }

    /// Appends the tasks that are not there yet.
    ///
    /// # Errors
    /// As [`Self::change`].
    pub fn add(&mut self, tasks: impl IntoIterator<Item = Task>) -> Result<(), PlanError> {
        self.change(|now, list| {
            let is_new = |task: &Task| now.task(&task.id).is_err();
            list.extend(tasks.into_iter().filter(is_new));
            Ok(())
        })
    }

    fn path(&self) -> PathBuf {
        self.folder.join("plan.jsonl")
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

    /// The folder with what is known of a task: its log, its lock, its last attempt.
    pub fn task_folder(&self, id: &str) -> PathBuf {
        self.folder.join("tasks").join(id)
    }

    /// The file to which a task's output is appended.
    pub fn log(&self, id: &str) -> PathBuf {
        self.task_folder(id).join("log.txt")
    }

    /// A file that keeps a task from being started, and asks it to stop where it is under way, so that it can be
    /// continued.
    pub fn pause_file(&self, id: &str) -> PathBuf {
        self.task_folder(id).join("paused")
    }

    /// A file that a task's process leaves when it stops because it was paused: the pause may be over before it
    /// has stopped.
    pub fn pausing_file(&self, id: &str) -> PathBuf {
        self.task_folder(id).join("pausing")
    }

    /// A file that asks the program that works on the plan to stop.
    pub fn stop_file(&self) -> PathBuf {
        self.folder.join("stop")
    }

    /// Whether a program works on the plan now.
    pub fn is_worked_on(&self) -> bool {
        is_worked_on(&self.folder)
    }

    /// Whether a process, on this machine or on one that shares the folder, does the task now.
    pub fn is_under_way(&self, id: &str) -> bool {
        is_locked(&self.task_folder(id).join("lock"))
    }
}

/// Refuses a task that cannot come after those with these ids, and adds its own to them.
fn check(task: &Task, ids: &mut HashSet<String>) -> Result<(), String> {
    let id = &task.id;
    if !is_id(id) {
        return Err(format!(
            "the id is `{id}`, expected at most 100 letters, digits, `-`, `_` and `.`"
        ));
    }
    if task.arguments.is_empty() || task.outputs.is_empty() {
        return Err(format!("`{id}` lacks arguments or outputs"));
    }
    if let Some(other) = task.after.iter().find(|other| !ids.contains(*other)) {
        return Err(format!(
            "`{id}` comes after `{other}`, which is no task on an earlier line"
        ));
    }
    match ids.insert(id.clone()) {
        true => Ok(()),
        false => Err(format!("the id `{id}` stands there twice")),
    }
}

/// Whether a process works on the run or the plan in this folder.
pub fn is_worked_on(folder: &Path) -> bool {
    ["events.jsonl", "plan.lock"]
        .iter()
        .any(|file| is_locked(&folder.join(file)))
}

/// Whether another process has locked the file.
pub(crate) fn is_locked(path: &Path) -> bool {
    // Shared, so that several may look at once.
    File::open(path)
        .is_ok_and(|file| matches!(file.try_lock_shared(), Err(fs::TryLockError::WouldBlock)))
}

/// How long a lock that somebody only looked at may be taken.
const GLANCE: Duration = Duration::from_secs(1);

/// As [`try_lock`], and waits for those that only look whether it is taken.
pub(crate) fn lock_after_glances(path: &Path) -> Result<Option<File>, PlanError> {
    let began = Instant::now();
    loop {
        match try_lock(path)? {
            None if began.elapsed() < GLANCE => sleep(GLANCE / 20),
            found => return Ok(found),
        }
    }
}

/// The file, created where it is absent, with its lock; `None` where another process has that.
fn try_lock(path: &Path) -> Result<Option<File>, PlanError> {
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
