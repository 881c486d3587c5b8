//! The arguments of the commands that work on plans.

use crate::args::TrainInputs;
use crate::error::CommandError;
use clap::{Subcommand, ValueEnum};
use std::path::PathBuf;
use tagsmith_plan::Needs;
use tagsmith_protocol::Combination;

/// Where tasks run.
#[derive(Clone, clap::Args)]
pub struct Running {
    /// What runs the tasks.
    #[arg(long, value_enum, default_value_t = RunnerName::Local)]
    pub runner: RunnerName,
    /// How many run at once on this machine, each with its share of the cores.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    pub at_once: u16,
    /// The cores of a cluster's machine that each task gets [default: as the scheduler does].
    #[arg(long, value_parser = at_least_one)]
    pub cpus: Option<usize>,
    /// The GPUs of a cluster's machine that each task gets.
    #[arg(long)]
    pub gpus: Option<usize>,
    /// The memory of a cluster's machine that each task gets, such as 16G or 800M.
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    pub memory: Option<u64>,
}

/// What runs tasks.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RunnerName {
    /// This machine.
    Local,
    /// Slurm, by `sbatch`, in a folder that all its machines share.
    Slurm,
    /// HyperQueue, by `hq`, in a folder that all its machines share.
    #[value(name = "hyperqueue")]
    HyperQueue,
}

impl Running {
    /// What each task is given beyond what it says that it needs.
    pub fn needs(&self) -> Needs {
        Needs {
            cpus: self.cpus,
            gpus: self.gpus,
            memory_bytes: self.memory,
        }
    }

    /// Refuses what the runner has no use for.
    ///
    /// # Errors
    /// An option for another runner is set.
    pub fn check(&self) -> Result<(), CommandError> {
        let is_local = self.runner == RunnerName::Local;
        let given = [
            (is_local && self.cpus.is_some(), "--cpus"),
            (is_local && self.gpus.is_some(), "--gpus"),
            (is_local && self.memory.is_some(), "--memory"),
            (!is_local && self.at_once != 1, "--at-once"),
        ];
        match given.into_iter().find(|(is_given, _)| *is_given) {
            None => Ok(()),
            Some((_, "--at-once")) => Err(CommandError::new(
                "--at-once is for this machine; a scheduler decides by itself how many tasks run",
                "leave it out",
            )),
            Some((_, option)) => Err(CommandError::new(
                format!("{option} is for the machines of a cluster, and --runner is local"),
                "leave it out, or name a runner; --at-once divides the cores of this machine",
            )),
        }
    }

    /// Refuses all of it in a command that has tasks only with another option.
    ///
    /// # Errors
    /// Something is set.
    pub fn refuse(&self, without: &str) -> Result<(), CommandError> {
        self.check()?;
        match self.runner == RunnerName::Local && self.at_once == 1 {
            true => Ok(()),
            false => Err(CommandError::new(
                format!("--runner and --at-once run tasks, and without {without} there are none"),
                format!("add {without}, or leave them out"),
            )),
        }
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("expected a whole number from 1 on".into()),
    }
}

/// A size as schedulers write it.
fn bytes(text: &str) -> Result<u64, String> {
    let expected = || "expected a size such as 16G or 800M".to_owned();
    let unit = text.trim_end_matches(['B', 'b']).to_ascii_uppercase();
    let shift = match unit.chars().last() {
        Some('M') => 20,
        Some('G') => 30,
        Some('T') => 40,
        _ => return Err(expected()),
    };
    let number: u64 = unit[..unit.len() - 1].parse().map_err(|_| expected())?;
    number
        .checked_mul(1 << shift)
        .filter(|bytes| *bytes > 0)
        .ok_or_else(expected)
}

#[derive(clap::Args)]
pub struct Task {
    /// The folder of the plan.
    #[arg(long)]
    pub plan: PathBuf,
    /// The task's id.
    pub id: String,
    /// Stop when standard input ends.
    #[arg(long)]
    pub attended: bool,
}

#[derive(clap::Args)]
pub struct Seeds {
    #[command(flatten)]
    pub inputs: TrainInputs,
    /// The folder for the runs, seeds.json and the model. The same command continues what is there.
    #[arg(long)]
    pub out: PathBuf,
    /// How many seeds: that of --seed and the numbers after it.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=100))]
    pub seeds: u64,
    /// Make one model of those of all runs, where otherwise that of the middle run is kept.
    #[arg(long, value_enum)]
    pub combine: Option<Combine>,
    #[command(flatten)]
    pub running: Running,
}

/// How the models of all runs become one.
#[derive(Clone, Copy, ValueEnum)]
pub enum Combine {
    /// An ordinary model with the mean of their weights. All runs begin with the same head.
    Average,
    /// A folder with all models, for tag and evaluate, in which the mean of their probabilities decides; it takes
    /// as many times as long.
    Ensemble,
}

impl From<Combine> for Combination {
    fn from(combine: Combine) -> Self {
        match combine {
            Combine::Average => Self::Average,
            Combine::Ensemble => Self::Ensemble,
        }
    }
}

#[derive(clap::Args)]
pub struct Search {
    #[command(flatten)]
    pub inputs: TrainInputs,
    /// The folder for the runs, search.json and the model. The same command continues what is there.
    #[arg(long)]
    pub out: PathBuf,
    /// How many combinations of settings are tried; the first is the untouched default.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u16).range(2..=1000))]
    pub trials: u16,
    /// The search space as JSON: {"learning_rate": {"low": 1e-5, "high": 1e-4, "log": true}, "batch_size":
    /// {"values": [8, 16]}} [default: around what a run would choose; settings given here stay as they are].
    #[arg(long)]
    pub space: Option<PathBuf>,
    /// Train every trial to its end. Otherwise all have short runs, and the best third of them longer ones.
    #[arg(long)]
    pub full: bool,
    /// With how many new seeds the winner and the default are trained at the end.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=100))]
    pub seeds: u64,
    #[command(flatten)]
    pub running: Running,
}

#[derive(clap::Args)]
pub struct Queue {
    /// The folder of the queue [default: `queue` in the program's folder for data].
    #[arg(long, global = true)]
    pub folder: Option<PathBuf>,
    #[command(subcommand)]
    pub action: QueueAction,
}

#[derive(Subcommand)]
pub enum QueueAction {
    /// Add a command: train, pretrain, seeds, search, or evaluate with --out. Its paths are taken from here.
    Add {
        /// The command as after `tagsmith`: train --model starter --train a.jsonl --out run.
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// List what waits, runs and is done.
    List,
    /// Move a command to a place in the list.
    Move {
        /// Its id, as `queue list` shows it.
        id: String,
        /// The place, counted from 1.
        position: usize,
    },
    /// Let a command wait. One that runs stops after its step, and continues from there later.
    Pause {
        /// Its id [default: all that are not done].
        id: Option<String>,
    },
    /// Let a paused command run when its turn comes.
    Resume {
        /// Its id [default: all].
        id: Option<String>,
    },
    /// Take a command off the list. What it has written stays.
    Remove {
        /// Its id.
        id: String,
    },
    /// Run what is in the queue, in order, until nothing is left. Commands can be added meanwhile.
    Run {
        /// Wait until nobody works on this run, seeds or search any more.
        #[arg(long, value_name = "DIR")]
        after: Vec<PathBuf>,
        #[command(flatten)]
        running: Running,
    },
}
