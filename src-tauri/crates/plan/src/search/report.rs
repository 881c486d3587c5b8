//! `search.json`: what was tried, what came of it, and whether it was worth it.

use super::importance::{Importance, importance};
use super::space::{Settings, Space};
use super::{HeldOut, Search, final_name, trial_task};
use crate::attempt::{Ended, Outcome};
use crate::error::PlanError;
use crate::plan::Plan;
use crate::results::{Point, curve, read_json};
use crate::seeds::Seeds;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use tagsmith_protocol::Failure;

/// The file in the plan's folder; it is written last.
const REPORT: &str = "search.json";

/// `search.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SearchReport {
    /// The space.
    pub space: Space,
    /// What trials were compared by, where there was no dev file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_out: Option<HeldOut>,
    /// The epochs of each rung's runs; `null` for as many as the settings say.
    pub rungs: Vec<Option<usize>>,
    /// All trials; the first is the untouched default.
    pub trials: Vec<TrialReport>,
    /// The trial with the best run in full.
    pub winner: usize,
    /// The winner with several seeds that had no part in choosing it.
    pub winner_seeds: Option<Seeds>,
    /// The untouched default with the same seeds.
    pub default_seeds: Option<Seeds>,
    /// What they say.
    pub verdict: Verdict,
    /// What the settings had to do with the scores of the first rung's runs.
    pub importance: Vec<Importance>,
}

/// Whether the winner is better than the untouched default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The winner is the default.
    Default,
    /// Its mean dev F1 with the new seeds is higher by more than both standard deviations.
    Better,
    /// Higher, but by no more than seeds alone make.
    WithinSpread,
    /// Not higher.
    NotBetter,
}

/// A trial.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TrialReport {
    /// Its number.
    pub trial: usize,
    /// Its settings where they differ from the default.
    pub settings: Settings,
    /// Its runs, the shortest first.
    pub runs: Vec<TrialRun>,
}

/// A run of a trial.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TrialRun {
    /// Its rung.
    pub rung: usize,
    /// Its folder, from that of the plan.
    pub run: PathBuf,
    /// F1 on dev, 0–1; `null` where it failed.
    pub dev_f1: Option<f64>,
    /// Dev F1 after each epoch.
    pub curve: Vec<Point>,
    /// Seconds of work.
    pub seconds: Option<f64>,
    /// Why it failed.
    pub failure: Option<Failure>,
}

impl Search {
    /// What came of a search whose tasks are over; `None` where no trial had a run in full.
    ///
    /// # Errors
    /// A report cannot be read.
    pub fn report(
        &mut self,
        plan: &Plan,
        space: &Space,
    ) -> Result<Option<SearchReport>, PlanError> {
        let Some(winner) = self.winner(plan)? else {
            return Ok(None);
        };
        let first: Vec<(usize, f64)> = {
            let ranked = self.ranked(plan, 0)?;
            // The default's values are not drawn.
            let drawn = ranked.into_iter().filter(|(trial, _)| *trial > 0);
            drawn
                .map(|(trial, scores)| (trial, scores.dev_f1))
                .collect()
        };
        let scored: Vec<(&Settings, f64)> = first
            .iter()
            .map(|(trial, f1)| (&self.trials[*trial], *f1))
            .collect();
        let default_seeds = Seeds::read(plan, &final_name(0), &self.seeds)?;
        let winner_seeds = Seeds::read(plan, &final_name(winner), &self.seeds)?;
        Ok(Some(SearchReport {
            space: space.clone(),
            held_out: self.held_out,
            rungs: self.rungs.clone(),
            importance: importance(&scored),
            trials: (0..self.trials.len())
                .map(|trial| self.trial(plan, trial))
                .collect(),
            winner,
            verdict: verdict(winner, winner_seeds.as_ref(), default_seeds.as_ref()),
            winner_seeds,
            default_seeds,
        }))
    }

    fn trial(&self, plan: &Plan, trial: usize) -> TrialReport {
        let run = |rung| {
            let id = trial_task(trial, rung);
            plan.task(&id).ok()?;
            let run = Path::new("runs").join(&id);
            let ended = Ended::read(plan, &id);
            Some(TrialRun {
                rung,
                curve: curve(&plan.folder().join(&run)),
                run,
                dev_f1: self.scores.get(&id).map(|scores| scores.dev_f1),
                seconds: ended.as_ref().map(|ended| ended.seconds),
                failure: match ended.map(|ended| ended.outcome) {
                    Some(Outcome::Failed(failure)) => Some(failure),
                    _ => None,
                },
            })
        };
        TrialReport {
            trial,
            settings: self.trials[trial].clone(),
            runs: (0..self.rungs.len()).filter_map(run).collect(),
        }
    }
}

fn verdict(winner: usize, of_winner: Option<&Seeds>, of_default: Option<&Seeds>) -> Verdict {
    let (Some(ours), Some(theirs)) = (of_winner, of_default) else {
        return Verdict::NotBetter;
    };
    let gain = ours.dev.mean - theirs.dev.mean;
    // One run says nothing of how far seeds differ.
    let spread = [ours, theirs].map(|seeds| seeds.dev.standard_deviation.unwrap_or(f64::INFINITY));
    match winner {
        0 => Verdict::Default,
        _ if gain <= 0.0 => Verdict::NotBetter,
        _ if gain > spread[0].max(spread[1]) => Verdict::Better,
        _ => Verdict::WithinSpread,
    }
}

impl SearchReport {
    /// The report of a search that is done, from its folder.
    ///
    /// # Errors
    /// There is none yet, or it is damaged.
    pub fn read(plan: &Path) -> Result<Self, PlanError> {
        read_json(&plan.join(REPORT))
    }

    /// The runs whose middle one is kept: the winner's, or the default's where that is no worse.
    pub fn best(&self) -> Option<&Seeds> {
        match self.verdict {
            Verdict::Better | Verdict::WithinSpread => self.winner_seeds.as_ref(),
            Verdict::Default | Verdict::NotBetter => self.default_seeds.as_ref(),
        }
    }
}
