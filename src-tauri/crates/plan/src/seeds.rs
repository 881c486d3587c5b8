//! The same run with several seeds: how far its scores vary by chance alone.

use crate::error::PlanError;
use crate::plan::Plan;
use crate::results::{Scores, read_json};
use crate::task::{Needs, Task};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use tagsmith_files::{NewFolder, copy_files};
use tagsmith_protocol::Combination;

/// `seeds.json`: the same run with several seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seeds {
    /// Each seed, in order.
    pub runs: Vec<SeedRun>,
    /// The seed of the middle run: the median by dev F1, the lower one of two.
    pub middle: u64,
    /// F1 on dev.
    pub dev: Spread,
    /// F1 on test, where there is one.
    pub test: Option<Spread>,
    /// What the models of all runs are as one, where they were combined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub combined: Option<Combined>,
}

/// The models of all runs as one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Combined {
    /// How they became one.
    pub how: Combination,
    /// F1 on dev, 0–1; `null` without a dev file: each run has learned what others held out.
    pub dev_f1: Option<f64>,
    /// F1 on test, 0–1, where there is one.
    pub test_f1: Option<f64>,
}

/// A run with one of the seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeedRun {
    /// The seed.
    pub seed: u64,
    /// The run's folder, from that of the plan.
    pub run: PathBuf,
    /// F1 on dev, 0–1.
    pub dev_f1: f64,
    /// F1 on test, 0–1.
    pub test_f1: Option<f64>,
}

/// How numbers lie.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Their mean.
    pub mean: f64,
    /// Their sample standard deviation (over n − 1); `null` for a single number.
    pub standard_deviation: Option<f64>,
    /// The lowest.
    pub lowest: f64,
    /// The highest.
    pub highest: f64,
}

impl Spread {
    /// How these numbers lie; `None` for no numbers.
    pub fn of(numbers: &[f64]) -> Option<Self> {
        let lowest = numbers.iter().copied().reduce(f64::min)?;
        let n = numbers.len() as f64;
        let mean = numbers.iter().sum::<f64>() / n;
        let squares: f64 = numbers.iter().map(|x| (x - mean).powi(2)).sum();
        Some(Self {
            mean,
            standard_deviation: (n > 1.0).then(|| (squares / (n - 1.0)).sqrt()),
            lowest,
            highest: numbers.iter().copied().fold(lowest, f64::max),
        })
    }
}

/// The tasks `NAME-SEED` for each seed: runs as `config` says, with more arguments, in `runs/NAME-SEED`.
pub fn tasks(
    name: &str,
    config: &str,
    more: &[String],
    needs: &Needs,
    seeds: impl IntoIterator<Item = u64>,
) -> Vec<Task> {
    let task = |seed: u64| {
        let own = ["--seed".to_owned(), seed.to_string()];
        let more = more.iter().cloned().chain(own);
        training(&format!("{name}-{seed}"), config, more, needs)
    };
    seeds.into_iter().map(task).collect()
}

/// A run as `config` says, with more arguments, in `runs/ID`.
pub(crate) fn training(
    id: &str,
    config: &str,
    more: impl IntoIterator<Item = String>,
    needs: &Needs,
) -> Task {
    let run = format!("runs/{id}");
    let mut arguments: Vec<String> = ["train", "--config", config, "--out", &run]
        .map(Into::into)
        .into();
    arguments.extend(more);
    Task {
        id: id.into(),
        arguments,
        needs: needs.clone(),
        after: Vec::new(),
        outputs: vec![format!("{run}/report.json").into()],
    }
}

/// The file in the plan's folder; it is written last.
const REPORT: &str = "seeds.json";

impl Seeds {
    /// The report of seeds that are done, from their folder.
    ///
    /// # Errors
    /// There is none yet, or it is damaged.
    pub fn report(plan: &Path) -> Result<Self, PlanError> {
        read_json(&plan.join(REPORT))
    }

    /// The run in the middle.
    pub fn middle_run(&self) -> Option<&SeedRun> {
        self.runs.iter().find(|run| run.seed == self.middle)
    }

    /// What the tasks `NAME-SEED` of these seeds gave that are done; `None` where none is.
    ///
    /// # Errors
    /// A report cannot be read.
    pub fn read(plan: &Plan, name: &str, seeds: &[u64]) -> Result<Option<Self>, PlanError> {
        let mut runs = Vec::new();
        for task in plan.tasks() {
            let seed = task
                .id
                .strip_prefix(name)
                .and_then(|rest| rest.strip_prefix('-'));
            let seed = seed.and_then(|seed| seed.parse().ok());
            let Some(seed) = seed.filter(|seed| seeds.contains(seed) && plan.is_done(task)) else {
                continue;
            };
            let run = Path::new("runs").join(&task.id);
            let scores = Scores::read(&plan.folder().join(&run))?;
            runs.push(SeedRun {
                seed,
                run,
                dev_f1: scores.dev_f1,
                test_f1: scores.test_f1,
            });
        }
        runs.sort_by_key(|run| run.seed);
        Ok(Self::of(runs))
    }

    /// What these runs gave; `None` of none.
    pub fn of(runs: Vec<SeedRun>) -> Option<Self> {
        let mut by_f1: Vec<&SeedRun> = runs.iter().collect();
        by_f1.sort_by(|a, b| a.dev_f1.total_cmp(&b.dev_f1));
        let middle = by_f1.get(by_f1.len().checked_sub(1)? / 2)?.seed;
        let dev: Vec<f64> = runs.iter().map(|run| run.dev_f1).collect();
        let test: Vec<f64> = runs.iter().filter_map(|run| run.test_f1).collect();
        Some(Self {
            middle,
            dev: Spread::of(&dev)?,
            test: Spread::of(&test),
            combined: None,
            runs,
        })
    }

    /// Copies the model of the middle run to `model` in the plan's folder.
    ///
    /// # Errors
    /// The file system refused; what was there before is then still there, or gone.
    pub fn keep_middle(&self, plan: &Plan) -> Result<PathBuf, PlanError> {
        let middle = self.middle_run().expect("it is one of them");
        let from = plan.folder().join(&middle.run).join("model");
        let to = plan.folder().join("model");
        let copied = NewFolder::beside(&to).and_then(|new| {
            copy_files(&from, new.path(), |_| true)?;
            new.put()
        });
        copied.map_err(PlanError::io("copy a model to", &to))?;
        Ok(to)
    }
}

/// Deletes the checkpoints of a finished run, which nothing will be continued from.
pub fn without_checkpoints(run: &Path) {
    let _ = fs::remove_dir_all(run.join("checkpoints"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_run_and_the_spread() {
        let run = |seed, dev_f1, test_f1| SeedRun {
            seed,
            run: PathBuf::new(),
            dev_f1,
            test_f1,
        };
        let seeds = Seeds::of(vec![
            run(1, 0.9, Some(0.5)),
            run(2, 0.5, Some(0.7)),
            run(3, 0.7, Some(0.9)),
        ]);
        let seeds = seeds.unwrap();
        assert_eq!(seeds.middle, 3);
        let test = seeds.test.unwrap();
        // Python: statistics.stdev([0.5, 0.7, 0.9]) is 0.2.
        assert!((test.mean - 0.7).abs() < 1e-12);
        assert!((test.standard_deviation.unwrap() - 0.2).abs() < 1e-12);
        assert_eq!((test.lowest, test.highest), (0.5, 0.9));
        let two = Seeds::of(vec![run(1, 0.9, None), run(2, 0.5, None)]).unwrap();
        assert_eq!((two.middle, two.test), (2, None));
        assert_eq!(Seeds::of(Vec::new()), None);
        assert_eq!(Spread::of(&[0.4]).unwrap().standard_deviation, None);
    }
}
