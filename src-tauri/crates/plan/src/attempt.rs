//! One attempt at a task: the process that does it, and how it ended.

use crate::error::PlanError;
use crate::plan::{Plan, lock_after_glances};
use crate::task::Task;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::path::PathBuf;
use std::time::Instant;
use tagsmith_files::write_json;
use tagsmith_protocol::Failure;

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// The command did its work.
    Done,
    /// It was asked to stop, and can be continued.
    Stopped,
    /// It failed.
    Failed(Failure),
}

/// `attempt.json`: how a task's last attempt ended. A process that was killed leaves none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// How.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Seconds of work, including earlier attempts.
    pub seconds: f64,
}

/// A task that this process does.
#[derive(Debug)]
pub struct Attempt {
    task: Task,
    plan: PathBuf,
    path: PathBuf,
    seconds_before: f64,
    began: Instant,
    _lock: File,
}

impl Attempt {
    /// Takes the task. `None` where it is done.
    ///
    /// # Errors
    /// There is no such task, another process does it, or the file system refused.
    pub fn begin(plan: &Plan, id: &str) -> Result<Option<Self>, PlanError> {
        let task = plan.task(id)?.clone();
        let folder = plan.task_folder(id);
        fs::create_dir_all(&folder).map_err(PlanError::io("create", &folder))?;
        let began = Instant::now();
        let Some(lock) = lock_after_glances(&folder.join("lock"))? else {
            return Err(PlanError::TaskInUse { id: id.into() });
        };
        if plan.is_done(&task) {
            return Ok(None);
        }
        let seconds_before = Ended::read(plan, id).map_or(0.0, |ended| ended.seconds);
        let path = folder.join(ATTEMPT);
        // Until this attempt ends, how the last one did says nothing.
        let _ = fs::remove_file(&path);
        let _ = fs::remove_file(plan.pausing_file(id));
        // Only for whoever has to end it at once: where it cannot be written, nobody can.
        let _ = fs::write(folder.join(PROCESS), std::process::id().to_string());
        Ok(Some(Self {
            task,
            plan: plan.folder().into(),
            path,
            seconds_before,
            began,
            _lock: lock,
        }))
    }

    /// The arguments of `tagsmith` that do what is left of the task.
    pub fn arguments(&self) -> Vec<String> {
        self.task.arguments_now(&self.plan)
    }

    /// Writes down how it ended. A command that did its work without leaving its outputs has failed.
    ///
    /// # Errors
    /// The file system refused.
    pub fn end(self, mut outcome: Outcome) -> Result<Outcome, PlanError> {
        if outcome == Outcome::Done && !self.task.is_done(&self.plan) {
            outcome = Outcome::Failed(Failure::new(
                "no-output",
                format!("`{}` ended without all of its outputs", self.task.id),
                "compare the task's `arguments` and `outputs` in plan.jsonl",
            ));
        }
        let ended = Ended {
            outcome: outcome.clone(),
            seconds: self.seconds_before + self.began.elapsed().as_secs_f64(),
        };
        write_json(&self.path, &ended).map_err(PlanError::io("write", &self.path))?;
        Ok(outcome)
    }
}

const ATTEMPT: &str = "attempt.json";

const PROCESS: &str = "process";

impl Plan {
    /// The number of the process that does the task, or did it last, on the machine where it is.
    pub fn process_of(&self, id: &str) -> Option<u32> {
        let text = fs::read_to_string(self.task_folder(id).join(PROCESS)).ok()?;
        text.parse().ok()
    }
}

impl Ended {
    /// How a task's last attempt ended, where that is known.
    pub fn read(plan: &Plan, id: &str) -> Option<Self> {
        let text = fs::read(plan.task_folder(id).join(ATTEMPT)).ok()?;
        serde_json::from_slice(&text).ok()
    }
}
