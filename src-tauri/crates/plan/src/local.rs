//! Tasks on this machine, as children of this process.

use crate::error::PlanError;
use crate::plan::Plan;
use crate::runner::{Phase, Runner};
use crate::task::Task;
use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread::available_parallelism;
use std::time::Duration;

/// Runs tasks on this machine.
///
/// The standard input of each is a pipe, and a task stops cleanly when that ends: when it is asked to, or
/// when this process is gone, however it ended.
#[derive(Debug)]
pub struct Local {
    program: PathBuf,
    at_once: usize,
    children: BTreeMap<String, (Child, Option<ChildStdin>)>,
    last_words: BTreeMap<String, String>,
}

/// `CREATE_NEW_PROCESS_GROUP` of Windows.
#[cfg(windows)]
const NEW_GROUP: u32 = 0x200;

impl Local {
    /// Runs `at_once` tasks at a time, each with its share of the cores, by `program`, which is `tagsmith`.
    pub fn new(program: PathBuf, at_once: usize) -> Self {
        Self {
            program,
            at_once: at_once.max(1),
            children: BTreeMap::new(),
            last_words: BTreeMap::new(),
        }
    }

    /// The threads of a task; `None` for as many as the program takes by itself.
    fn threads(&self, task: &Task) -> Option<usize> {
        let cores = || available_parallelism().map_or(1, |cores| cores.get());
        let share = (self.at_once > 1).then(|| (cores() / self.at_once).max(1));
        task.needs.cpus.or(share)
    }

    fn start_one(&mut self, plan: &Plan, task: &Task) -> Result<(), PlanError> {
        let folder = plan.task_folder(&task.id);
        fs::create_dir_all(&folder).map_err(PlanError::io("create", &folder))?;
        let path = plan.log(&task.id);
        let writing = || PlanError::io("write", &path);
        let log = OpenOptions::new().create(true).append(true).open(&path);
        let log = log.map_err(writing())?;
        let mut command = Command::new(&self.program);
        command
            .args(["task", "--attended", "--plan"])
            .arg(plan.folder())
            .arg(&task.id)
            .current_dir(plan.folder())
            .stdin(Stdio::piped())
            .stdout(log.try_clone().map_err(writing())?)
            .stderr(log);
        if let Some(threads) = self.threads(task)
            && std::env::var_os("RAYON_NUM_THREADS").is_none()
        {
            command.env("RAYON_NUM_THREADS", threads.to_string());
        }
        // Ctrl-C is for this process, which tells its children.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        #[cfg(windows)]
        std::os::windows::process::CommandExt::creation_flags(&mut command, NEW_GROUP);
        let starting = PlanError::io("start", &self.program);
        let mut child = command.spawn().map_err(starting)?;
        let input = child.stdin.take();
        self.children.insert(task.id.clone(), (child, input));
        Ok(())
    }
}

impl Runner for Local {
    fn slots(&self) -> Option<usize> {
        Some(self.at_once)
    }

    fn beat(&self) -> Duration {
        Duration::from_millis(100)
    }

    fn start(&mut self, plan: &Plan, tasks: &[&Task]) -> Result<(), PlanError> {
        tasks.iter().try_for_each(|task| self.start_one(plan, task))
    }

    fn under_way(&mut self, plan: &Plan) -> Result<BTreeMap<String, Phase>, PlanError> {
        let Self {
            children,
            last_words,
            ..
        } = self;
        children.retain(|id, (child, _)| match child.try_wait() {
            Ok(None) => true,
            Ok(Some(status)) => {
                last_words.insert(id.clone(), format!("its process ended with {status}"));
                false
            }
            Err(failure) => {
                last_words.insert(id.clone(), failure.to_string());
                false
            }
        });
        // Those of an earlier process that are still about to stop count too.
        let ids = plan.tasks().iter().map(|task| &task.id);
        let under_way = ids.filter(|id| children.contains_key(*id) || plan.is_under_way(id));
        Ok(under_way.map(|id| (id.clone(), Phase::Running)).collect())
    }

    fn last_words(&self, id: &str) -> Option<String> {
        self.last_words.get(id).cloned()
    }

    fn stop(&mut self, _: &Plan) -> Result<(), PlanError> {
        for (_, input) in self.children.values_mut() {
            input.take();
        }
        Ok(())
    }
}
