//! Tasks on the machines of a cluster, by its scheduler.
//!
//! All tasks that can start become one array of the scheduler (one for each kind of machine that they need),
//! in the plan's folder, which all machines share. What is submitted is known from there and from the
//! scheduler, not from this process: one that was killed and started again finds its arrays by their working
//! directory and name. A task that fails, or whose machine does, is submitted again, and continues from its
//! checkpoint.

mod array;
mod command;
mod hyperqueue;
mod slurm;

pub use hyperqueue::HyperQueue;
pub use slurm::Slurm;

use crate::attempt::{Ended, Outcome};
use crate::error::PlanError;
use crate::plan::Plan;
use crate::runner::{Phase, Runner};
use crate::task::{Needs, Task};
use array::{Array, Arrays};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often a task that fails is submitted in one session.
const ATTEMPTS: usize = 3;

/// How often a task is submitted that the scheduler interrupts, as at the end of the time that it grants.
const CONTINUATIONS: usize = 100;

/// How long a shared file system may hide what another machine has written.
const HIDDEN: Duration = Duration::from_secs(30);

/// How long the scheduler may be out of reach.
const UNREACHABLE: Duration = Duration::from_secs(600);

/// A scheduler of a cluster: its commands and what they print.
pub trait Scheduler {
    /// Its name as people write it.
    const NAME: &'static str;
    /// The folder in the plan's for its arrays.
    const FOLDER: &'static str;
    /// The commands that it is used by.
    const COMMANDS: &'static [&'static str];
    /// What a person does who lacks one of them.
    const INSTALLATION: &'static str;
    /// The variable with a task's place in its array.
    const INDEX: &'static str;
    /// How often it is asked.
    const BEAT: Duration;

    /// Hands an array over.
    ///
    /// # Errors
    /// It refuses, or could not be asked.
    fn submit(&self, array: &Array) -> Result<(), PlanError>;

    /// All tasks of arrays with this working directory that it knows of, also some that have ended.
    ///
    /// # Errors
    /// It could not be asked, or its answer is not understood.
    fn jobs(&self, folder: &Path) -> Result<Vec<Job>, PlanError>;

    /// How a task of an array ended that it no longer lists, where it keeps records.
    fn record(&self, folder: &Path, array: usize, index: usize) -> Option<State> {
        let _ = (folder, array, index);
        None
    }

    /// Takes jobs back. Those of their tasks that run are asked to stop.
    ///
    /// # Errors
    /// It refuses, or could not be asked.
    fn cancel(&self, jobs: &BTreeSet<String>) -> Result<(), PlanError>;
}

/// A task of an array, as the scheduler knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The array's id with the scheduler.
    pub job: String,
    /// The array's number in the plan.
    pub array: usize,
    /// Its place in the array.
    pub index: usize,
    /// Where it is.
    pub state: State,
}

/// Where a task of an array is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits or runs.
    Alive(Phase),
    /// It has ended by itself, or failed; with the scheduler's words.
    Ended(String),
    /// The scheduler needed the machine, or the granted time was over.
    Interrupted(String),
    /// A person took it back.
    Cancelled,
}

/// Runs tasks by a scheduler, as processes of `tagsmith` on other machines.
#[derive(Debug)]
pub struct Cluster<S> {
    scheduler: S,
    program: PathBuf,
    arrays: Arrays,
    /// The tasks that are under way for all that others know.
    mine: BTreeMap<String, Tries>,
    last_words: BTreeMap<String, String>,
    stopping: bool,
    hidden: Duration,
    reached: Instant,
    known: BTreeMap<String, Phase>,
}

/// What was tried to get a task done.
#[derive(Debug, Default)]
struct Tries {
    failures: usize,
    interruptions: usize,
    /// Since when the scheduler says that it has ended.
    gone: Option<Instant>,
}

impl<S: Scheduler> Cluster<S> {
    /// Runs tasks by `program`, which is `tagsmith` under a path that all machines know. Each gets what is
    /// `given`, and beyond that what it needs.
    ///
    /// # Errors
    /// A command of the scheduler is not installed.
    pub fn new(scheduler: S, program: PathBuf, given: Needs) -> Result<Self, PlanError> {
        if let Some(absent) = S::COMMANDS.iter().find(|name| !command::is_there(name)) {
            return Err(PlanError::Runner {
                message: format!(
                    "the command `{absent}` of {} was not found on PATH",
                    S::NAME
                ),
                hint: format!(
                    "{}, or run the tasks on this machine: `--runner local`",
                    S::INSTALLATION
                ),
            });
        }
        Ok(Self {
            scheduler,
            program,
            arrays: Arrays::new(S::FOLDER, given),
            mine: BTreeMap::new(),
            last_words: BTreeMap::new(),
            stopping: false,
            hidden: HIDDEN,
            reached: Instant::now(),
            known: BTreeMap::new(),
        })
    }

    fn submit(&mut self, plan: &Plan, tasks: &[&Task]) -> Result<(), PlanError> {
        for array in self.arrays.make(plan, tasks, &self.program, S::INDEX)? {
            self.scheduler.submit(&array)?;
        }
        Ok(())
    }

    /// The latest state of each task that was ever submitted for the plan.
    fn states(&mut self, plan: &Plan) -> Result<BTreeMap<String, State>, PlanError> {
        let mut jobs = self.scheduler.jobs(plan.folder())?;
        // A task may be in several arrays: the living one counts, else the last.
        jobs.sort_by_key(|job| (matches!(job.state, State::Alive(_)), job.array));
        let mut states = BTreeMap::new();
        for job in jobs {
            if let Some(id) = self.arrays.task(plan, job.array, job.index) {
                states.insert(id, job.state);
            }
        }
        Ok(states)
    }

    /// What the scheduler's records say of the end of a task.
    fn recorded(&self, plan: &Plan, id: &str) -> Option<State> {
        let (array, index) = self.arrays.latest(id)?;
        let state = self.scheduler.record(plan.folder(), array, index)?;
        // They lag behind.
        (!matches!(state, State::Alive(_))).then_some(state)
    }

    /// Whether a task that has ended is to be submitted again.
    fn is_to_continue(&mut self, plan: &Plan, id: &str, state: Option<&State>) -> bool {
        let Some(tries) = self.mine.get_mut(id) else {
            return false;
        };
        let ended = Ended::read(plan, id).map(|ended| ended.outcome);
        let interrupted = matches!(state, Some(State::Interrupted(_)))
            || matches!(
                (&ended, state),
                (Some(Outcome::Stopped), Some(State::Ended(_)))
            );
        if self.stopping || state == Some(&State::Cancelled) || plan.pause_file(id).exists() {
            return false;
        }
        let (tried, most) = match interrupted {
            true => (&mut tries.interruptions, CONTINUATIONS),
            false => (&mut tries.failures, ATTEMPTS),
        };
        *tried += 1;
        if *tried >= most {
            return false;
        }
        let why = match (&ended, state) {
            (Some(Outcome::Failed(failure)), _) => failure.message.clone(),
            (_, Some(state)) => state.words(),
            (_, None) => format!("{} does not know it any more", S::NAME),
        };
        tries.gone = None;
        note(
            plan,
            id,
            &format!("{why}; submitted again, {} of {} times", *tried, most - 1),
        );
        true
    }
}

impl State {
    fn words(&self) -> String {
        match self {
            Self::Ended(words) | Self::Interrupted(words) => words.clone(),
            Self::Cancelled => "somebody cancelled it".into(),
            Self::Alive(_) => "it is under way".into(),
        }
    }
}

/// A line in the log of a task. Where the log cannot be written, the task itself will say so.
fn note(plan: &Plan, id: &str, text: &str) {
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .open(plan.log(id));
    let _ = log.and_then(|mut log| writeln!(log, "tagsmith: {text}"));
}

impl<S: Scheduler> Runner for Cluster<S> {
    fn slots(&self) -> Option<usize> {
        None
    }

    fn beat(&self) -> Duration {
        S::BEAT
    }

    fn start(&mut self, plan: &Plan, tasks: &[&Task]) -> Result<(), PlanError> {
        self.submit(plan, tasks)?;
        for task in tasks {
            self.mine.insert(task.id.clone(), Tries::default());
        }
        Ok(())
    }

    fn under_way(&mut self, plan: &Plan) -> Result<BTreeMap<String, Phase>, PlanError> {
        let states = match self.states(plan) {
            Ok(states) => states,
            // It may be restarted, or the network slow: that is no reason to give a long plan up.
            Err(_) if self.reached.elapsed() < UNREACHABLE && !self.known.is_empty() => {
                return Ok(self.known.clone());
            }
            Err(failure) => return Err(failure),
        };
        self.reached = Instant::now();
        let mut under_way = BTreeMap::new();
        for (id, state) in &states {
            if let State::Alive(phase) = state {
                under_way.insert(id.clone(), *phase);
                self.mine.entry(id.clone()).or_default().gone = None;
            }
        }
        let mut again = Vec::new();
        let ended: Vec<String> = self
            .mine
            .keys()
            .filter(|id| !under_way.contains_key(*id))
            .cloned()
            .collect();
        for id in ended {
            let Ok(task) = plan.task(&id) else {
                self.mine.remove(&id);
                continue;
            };
            if !is_told(plan, task) && !self.stopping {
                let gone = self.mine.entry(id.clone()).or_default();
                if gone.gone.get_or_insert_with(Instant::now).elapsed() < self.hidden {
                    under_way.insert(id, Phase::Running);
                    continue;
                }
            }
            if plan.is_done(task) {
                self.mine.remove(&id);
                continue;
            }
            let state = states.get(&id).cloned();
            let state = state.or_else(|| self.recorded(plan, &id));
            if let Some(state) = &state {
                self.last_words.insert(id.clone(), state.words());
            }
            if self.is_to_continue(plan, &id, state.as_ref()) {
                again.push(task);
                under_way.insert(id, Phase::Queued);
            } else {
                self.mine.remove(&id);
            }
        }
        self.submit(plan, &again)?;
        self.known.clone_from(&under_way);
        Ok(under_way)
    }

    fn last_words(&self, id: &str) -> Option<String> {
        self.last_words.get(id).cloned()
    }

    fn stop(&mut self, plan: &Plan) -> Result<(), PlanError> {
        self.stopping = true;
        let jobs = self.scheduler.jobs(plan.folder())?;
        let alive = jobs
            .into_iter()
            .filter(|job| matches!(job.state, State::Alive(_)));
        let alive: BTreeSet<String> = alive.map(|job| job.job).collect();
        match alive.is_empty() {
            true => Ok(()),
            false => self.scheduler.cancel(&alive),
        }
    }
}

/// Whether it can be seen from here how a task ended.
fn is_told(plan: &Plan, task: &Task) -> bool {
    // Reading a folder makes a network file system look at what is in it now.
    for folder in task.outputs.iter().filter_map(|output| output.parent()) {
        let _ = fs::read_dir(plan.folder().join(folder)).map(Iterator::count);
    }
    let _ = fs::read_dir(plan.task_folder(&task.id)).map(Iterator::count);
    plan.is_done(task) || Ended::read(plan, &task.id).is_some()
}

#[cfg(test)]
mod tests;
