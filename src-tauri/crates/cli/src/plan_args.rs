//! The arguments of the commands that work on plans.

use crate::args::TrainInputs;
use clap::{Subcommand, ValueEnum};
use std::path::PathBuf;

/// Where tasks run.
#[derive(Clone, clap::Args)]
pub struct Running {
    /// What runs the tasks.
    #[arg(long, value_enum, default_value_t = RunnerName::Local)]
    pub runner: RunnerName,
    /// How many run at once on this machine, each with its share of the cores.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    pub at_once: u16,
}

/// What runs tasks.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RunnerName {
    /// This machine.
    Local,
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
    #[command(flatten)]
    pub running: Running,
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
    /// Add a command: train, seeds, search, or evaluate with --out. Its paths are taken from here.
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
        #[command(flatten)]
        running: Running,
    },
}
