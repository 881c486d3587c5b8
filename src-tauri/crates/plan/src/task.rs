//! A task: one command line, what it needs, and what it leaves.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// A line of `plan.jsonl`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Its name in the plan, and that of its folder: letters, digits, `-`, `_` and `.`.
    pub id: String,
    /// The arguments of `tagsmith`. Relative paths start in the plan's folder.
    pub arguments: Vec<String>,
    /// What a machine must have for it.
    #[serde(default)]
    pub needs: Needs,
    /// The tasks, all on earlier lines, that must be done before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<String>,
    /// The task is done when these paths exist. Relative ones start in the plan's folder.
    pub outputs: Vec<PathBuf>,
}

/// What a machine must have for a task. What is `None` is left to whoever runs it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Needs {
    /// Processor cores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<usize>,
    /// GPUs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpus: Option<usize>,
    /// Memory in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
}

impl Needs {
    /// The same, with what is set in `other` in its place.
    pub fn with(&self, other: &Self) -> Self {
        Self {
            cpus: other.cpus.or(self.cpus),
            gpus: other.gpus.or(self.gpus),
            memory_bytes: other.memory_bytes.or(self.memory_bytes),
        }
    }
}

/// The longest id: it is a file name, and part of a job's name.
const LONGEST_ID: usize = 100;

/// Whether a text can be the id of a task.
pub(crate) fn is_id(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=LONGEST_ID).contains(&text.len())
        && !text.starts_with(['.', '-'])
        && text.chars().all(is_plain)
}

impl Task {
    /// The folder of its run, where it is a `train` or a `pretrain`.
    pub fn run_folder(&self, plan: &Path) -> Option<PathBuf> {
        let (command, rest) = self.arguments.split_first()?;
        let out = rest.iter().position(|argument| argument == "--out")?;
        let folder = matches!(command.as_str(), "train" | "pretrain")
            .then(|| rest.get(out + 1))
            .flatten()?;
        Some(plan.join(folder))
    }

    /// Whether its outputs are there. A run that was stopped has a report too, but is not done.
    pub fn is_done(&self, plan: &Path) -> bool {
        let is_there = |output: &PathBuf| plan.join(output).exists();
        self.outputs.iter().all(is_there)
            && self.run_folder(plan).is_none_or(|run| is_finished(&run))
    }

    /// The command line to start now: its own, or the one that continues its run.
    pub fn arguments_now(&self, plan: &Path) -> Vec<String> {
        match self.run_folder(plan) {
            Some(run) if run.join("run.json").exists() => {
                vec!["resume".into(), run.display().to_string()]
            }
            _ => self.arguments.clone(),
        }
    }
}

/// Whether a run's last event is `finished`.
fn is_finished(run: &Path) -> bool {
    let events = fs::read_to_string(run.join("events.jsonl")).unwrap_or_default();
    let last = events.lines().next_back().unwrap_or_default();
    serde_json::from_str::<Value>(last).is_ok_and(|last| last["event"] == "finished")
}
