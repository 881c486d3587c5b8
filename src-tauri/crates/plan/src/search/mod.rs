//! A search over settings by asynchronous successive halving (ASHA, Li et al. 2020).
//!
//! Each trial starts with a short run. The best third of the trials done so far gets a run three times as
//! long, and of those the best third one in full. Trial 0, the untouched default, goes all the way beside them,
//! and at least one other with it, so that there is something to compare it with.
//!
//! A short run is one of its own: its learning rate falls to 0 within its epochs. It is no part of the longer
//! one, which starts anew, because a run that is cut off while its rate is high says little about the model
//! that it would end with, and one continued with more epochs is not the run that those epochs would have
//! given. That costs less than half as much again for the trials that advance; and settings that learn fast
//! have an advantage in short runs.

mod begun;
mod epochs;
mod importance;
mod report;
pub mod space;

pub use begun::{Begun, TRIALS};
pub use epochs::{Epochs, is_refitted};
pub use importance::{Importance, importance};
pub use report::{SearchReport, TrialReport, TrialRun, Verdict};

use crate::drive::{Source, Standing};
use crate::error::PlanError;
use crate::plan::Plan;
use crate::results::Scores;
use crate::seeds::{self, training};
use crate::task::{Needs, Task};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use space::Settings;
use std::collections::HashMap;
use std::path::PathBuf;

/// One trial in so many advances, to a run so many times as long.
const REDUCTION: usize = 3;

/// The most rungs.
const MOST_RUNGS: usize = 3;

/// The file in the plan's folder with what all runs have in common.
pub const CONFIG: &str = "config.json";

/// A search, and how far it has come.
#[derive(Clone, Debug)]
pub struct Search {
    /// The settings of each trial; the first is the untouched default.
    pub trials: Vec<Settings>,
    /// The epochs of each rung's runs; `None` for as many as the settings say.
    pub rungs: Vec<Option<usize>>,
    /// The epochs that its runs are expected to take.
    pub epochs: Epochs,
    /// The seeds that the winner and the default are trained with at the end. The trials have another one.
    pub seeds: Vec<u64>,
    /// What a machine must have.
    pub needs: Needs,
    /// A file to score at the end, only by the runs with several seeds.
    pub test: Option<PathBuf>,
    /// What is held out where there is no dev file.
    pub held_out: Option<HeldOut>,
    /// Read once each.
    scores: HashMap<String, Scores>,
}

/// What a search compares settings by where there is no dev file: a part of the training set, the same for all trials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldOut {
    /// How many documents it has.
    pub documents: usize,
    /// How many there are in the training set.
    pub of: usize,
    /// The seed that they were drawn with, which all trials have.
    pub seed: u64,
    /// Whether the runs with several seeds, each of which holds out others, are trained anew on all documents
    /// once they know how long to train.
    pub refit: bool,
}

/// The rungs of a search: short runs first, while there are trials to be left behind and epochs to be saved.
pub fn rungs(trials: usize, epochs: usize) -> Vec<Option<usize>> {
    let mut rungs = vec![None];
    let (mut trials, mut epochs) = (trials / REDUCTION, epochs);
    while trials > 0 && rungs.len() < MOST_RUNGS && epochs > 1 {
        epochs = epochs.div_ceil(REDUCTION);
        rungs.insert(0, Some(epochs));
        trials /= REDUCTION;
    }
    rungs
}

/// The task of a trial's run on a rung.
pub fn trial_task(trial: usize, rung: usize) -> String {
    format!("trial-{trial:03}-rung-{rung}")
}

/// What the ids of a trial's runs with several seeds begin with: `NAME-SEED`.
pub fn final_name(trial: usize) -> String {
    format!("final-{trial:03}-seed")
}

impl Search {
    /// A search at its beginning.
    pub fn new(
        trials: Vec<Settings>,
        rungs: Vec<Option<usize>>,
        epochs: Epochs,
        seeds: Vec<u64>,
    ) -> Self {
        Self {
            trials,
            rungs,
            epochs,
            seeds,
            needs: Needs::default(),
            test: None,
            held_out: None,
            scores: HashMap::new(),
        }
    }

    /// The run of a trial on a rung.
    fn task(&self, trial: usize, rung: usize) -> Task {
        let mut settings = self.trials[trial].clone();
        if let Some(epochs) = self.rungs[rung] {
            let own = settings.get("epochs").and_then(Value::as_u64);
            let epochs = own.map_or(epochs as u64, |own| own.min(epochs as u64));
            settings.insert("epochs".into(), epochs.into());
        }
        if self.held_out.is_some() {
            // Only what is held out is compared: to learn that too would take as long again.
            settings.insert("refit".into(), false.into());
        }
        training(
            &trial_task(trial, rung),
            CONFIG,
            space::options(&settings),
            &self.needs,
        )
    }

    /// The runs of a trial with several seeds.
    fn final_tasks(&self, trial: usize) -> Vec<Task> {
        let mut settings = self.trials[trial].clone();
        if let Some(held_out) = self.held_out {
            settings.insert("refit".into(), held_out.refit.into());
        }
        let mut more = space::options(&settings);
        if let Some(test) = &self.test {
            more.extend(["--test".into(), test.display().to_string()]);
        }
        let seeds = self.seeds.iter().copied();
        seeds::tasks(&final_name(trial), CONFIG, &more, &self.needs, seeds)
    }

    /// The trials with a finished run on a rung, best first: by F1 on dev, then the loss there, then in order.
    fn ranked(&mut self, plan: &Plan, rung: usize) -> Result<Vec<(usize, Scores)>, PlanError> {
        let mut ranked = Vec::new();
        for trial in 0..self.trials.len() {
            let id = trial_task(trial, rung);
            let scores = match self.scores.get(&id) {
                Some(scores) => *scores,
                None => match plan.task(&id) {
                    Ok(task) if plan.is_done(task) => {
                        let run = plan.folder().join("runs").join(&id);
                        let scores = Scores::read(&run)?;
                        seeds::without_checkpoints(&run);
                        // The winner's comes from the runs with several seeds.
                        let _ = std::fs::remove_dir_all(run.join("model"));
                        self.scores.insert(id, scores);
                        scores
                    }
                    _ => continue,
                },
            };
            ranked.push((trial, scores));
        }
        ranked.sort_by(|(_, a), (_, b)| {
            let by_f1 = b.dev_f1.total_cmp(&a.dev_f1);
            by_f1.then(a.dev_loss.total_cmp(&b.dev_loss))
        });
        Ok(ranked)
    }

    /// The best trial of those that had a run in full; `None` before there is one.
    fn winner(&mut self, plan: &Plan) -> Result<Option<usize>, PlanError> {
        let ranked = self.ranked(plan, self.rungs.len() - 1)?;
        Ok(ranked.first().map(|(trial, _)| *trial))
    }
}

impl Source for Search {
    fn more(&mut self, plan: &Plan, standing: &Standing) -> Result<Vec<Task>, PlanError> {
        let is_new = |task: &Task| plan.task(&task.id).is_err();
        for rung in (1..self.rungs.len()).rev() {
            let below = self.ranked(plan, rung - 1)?;
            let (default, others): (Vec<_>, Vec<_>) =
                below.into_iter().partition(|(trial, _)| *trial == 0);
            let advance = others.len() / REDUCTION;
            let advancing = default.iter().chain(others.iter().take(advance));
            let mut tasks = advancing.map(|(trial, _)| self.task(*trial, rung));
            if let Some(task) = tasks.find(is_new) {
                return Ok(vec![task]);
            }
        }
        let next = (0..self.trials.len())
            .map(|trial| self.task(trial, 0))
            .find(is_new);
        if let Some(task) = next {
            return Ok(vec![task]);
        }
        if plan.tasks().iter().any(|task| !standing.is_over(&task.id)) {
            return Ok(Vec::new());
        }
        // Of few trials, or where some failed, a third may be none.
        for rung in 1..self.rungs.len() {
            let is_there = |trial| plan.task(&trial_task(trial, rung)).is_ok();
            if !(1..self.trials.len()).any(is_there) {
                let below = self.ranked(plan, rung - 1)?;
                if let Some((best, _)) = below.iter().find(|(trial, _)| *trial > 0) {
                    return Ok(vec![self.task(*best, rung)]);
                }
            }
        }
        let Some(winner) = self.winner(plan)? else {
            return Ok(Vec::new());
        };
        let mut last = self.final_tasks(0);
        if winner != 0 {
            last.extend(self.final_tasks(winner));
        }
        last.retain(is_new);
        Ok(last)
    }

    fn work(&self, task: &Task) -> f64 {
        let rung = task
            .id
            .rsplit_once("-rung-")
            .and_then(|(_, rung)| rung.parse::<usize>().ok());
        let epochs = match rung {
            Some(rung) => self.rungs.get(rung).copied().flatten(),
            None => Some(self.epochs.last),
        };
        epochs.unwrap_or(self.epochs.full) as f64
    }

    fn expected(&self, plan: &Plan) -> (usize, f64) {
        // The last runs come all at once.
        let is_last = |task: &Task| task.id.starts_with("final-");
        if plan.tasks().iter().any(is_last) {
            return (0, 0.0);
        }
        let (mut tasks, mut work) = (0, 0.0);
        let mut add = |of: usize, part: &str, epochs: usize| {
            let there = plan
                .tasks()
                .iter()
                .filter(|task| task.id.contains(part))
                .count();
            tasks += of.saturating_sub(there);
            work += (of.saturating_sub(there) * epochs) as f64;
        };
        let mut trials = self.trials.len();
        for (rung, epochs) in self.rungs.iter().enumerate() {
            add(
                trials,
                &format!("-rung-{rung}"),
                epochs.unwrap_or(self.epochs.full),
            );
            // The default advances in any case, and another one with it.
            let others = trials.saturating_sub(1);
            trials = 1 + (others / REDUCTION).max(others.min(1));
        }
        add(
            self.seeds.len() * self.trials.len().min(2),
            "-seed-",
            self.epochs.last,
        );
        (tasks, work)
    }
}

#[cfg(test)]
mod tests;
