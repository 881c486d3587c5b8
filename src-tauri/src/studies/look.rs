//! A study as its folder says: how far it is, its scores, and when it will be done.

use super::record::{Places, Record};
use super::runs_of::{RunOf, RunsOf};
use crate::dto::{
    CombinedModel, Often, RunStatus, SearchState, SearchVerdict, SeedRun, SeedScores, SeedSpread,
    SettingImportance, SettingValue, SpaceRange, Study, TaskStatus, Trial,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use tagsmith_plan::search::space::{Range, Settings, Space};
use tagsmith_plan::search::{
    Begun, Epochs, Importance, Search, SearchReport, Verdict, final_name, importance, trial_task,
};
use tagsmith_plan::seeds::{Seeds, Spread};
use tagsmith_plan::{Plan, Source, Task};

/// The seeds that the winner and the default of a search have at its end.
const FINAL_SEEDS: u64 = 3;

/// A share of the work that is too small to tell the rest.
const TOO_LITTLE: f64 = 0.005;

/// How much work a task is.
type WorkOf = Box<dyn Fn(&Task) -> f64>;

/// A study, as its folder and its record say.
pub fn look(places: &Places, record: &Record, stopping: bool, runs: &mut RunsOf) -> Study {
    let plan = Plan::open(&places.folder());
    let plan = plan.unwrap_or_else(|failure| {
        tracing::warn!("study `{}`: {failure}", places.id());
        Plan::empty(&places.folder())
    });
    let mut study = Study {
        id: places.id().into(),
        name: record.name.clone(),
        created: record.created.clone(),
        often: record.often.clone(),
        status: record.status,
        stopping: stopping && record.status == RunStatus::Running,
        model: record.model.clone(),
        data: record.data.clone(),
        data_name: record.data_name.clone(),
        settings: record.settings.clone(),
        done: 0,
        total: 0,
        share: None,
        seconds: 0.0,
        eta_seconds: None,
        failure: record.failure.clone(),
        seeds: SeedScores::default(),
        search: None,
        run: record.run.clone(),
        combined: None,
    };
    let (expected, work_of): ((usize, f64), WorkOf) = match &record.often {
        Often::Search { trials, space } => {
            let begun = Begun::read(&places.folder()).unwrap_or_default();
            let epochs = Epochs::new(record.epochs, record.refit);
            let search = Search::new(begun.trials, begun.rungs, epochs, begun.seeds);
            let expected = match search.trials.len() {
                // Until it has begun, about as much as it will be.
                0 => work_of_search(*trials as usize, epochs),
                _ => search.expected(&plan),
            };
            (study.seeds, study.search) =
                search_state(&plan, &search, &begun.space, space, places, runs);
            (expected, Box::new(move |task: &Task| search.work(task)))
        }
        often => {
            let seeds = match often {
                Often::Seeds { seeds, .. } => u64::from(*seeds),
                _ => 1,
            };
            let wanted = (0..seeds).map(|n| record.settings.seed.wrapping_add(n));
            study.seeds = seed_scores(&plan, "seed", wanted, runs);
            let missing = (seeds as usize).saturating_sub(plan.tasks().len());
            ((missing, missing as f64), Box::new(|_: &Task| 1.0))
        }
    };
    progress(&mut study, &plan, expected, &work_of, runs);
    if let Often::Seeds {
        combine: Some(_), ..
    } = &record.often
    {
        let report = Seeds::report(&places.folder()).ok();
        let combined = report.and_then(|seeds| seeds.combined);
        study.combined = combined.map(|combined| CombinedModel {
            how: combined.how,
            dev_f1: combined.dev_f1,
            test_f1: combined.test_f1,
            model: record.combined.clone(),
        });
    }
    if study.status == RunStatus::Finished {
        (study.total, study.share, study.eta_seconds) = (study.done, Some(1.0), None);
    }
    study
}

/// How many runs a search has that has not begun, and how many epochs in all.
pub fn work_of_search(trials: usize, epochs: Epochs) -> (usize, f64) {
    let rungs = tagsmith_plan::search::rungs(trials, epochs.full);
    let seeds = (0..FINAL_SEEDS).collect();
    let search = Search::new(vec![Settings::new(); trials], rungs, epochs, seeds);
    search.expected(&Plan::empty(Path::new("")))
}

fn progress(
    study: &mut Study,
    plan: &Plan,
    (missing, missing_work): (usize, f64),
    work_of: &dyn Fn(&Task) -> f64,
    runs: &mut RunsOf,
) {
    let (mut of, mut left, mut took) = (0.0, missing_work, 0.0);
    for task in plan.tasks() {
        let run = runs.look(plan, task);
        let (work, share) = (work_of(task), run.share());
        study.seconds += run.took();
        study.done += u32::from(run.status == TaskStatus::Done);
        if run.status == TaskStatus::Failed {
            continue;
        }
        of += work * share;
        left += work * (1.0 - share);
        took += run.took();
    }
    study.total = u32::try_from(plan.tasks().len() + missing).unwrap_or(u32::MAX);
    let share = of / (of + left).max(f64::MIN_POSITIVE);
    study.share = (of > 0.0).then_some(share);
    let is_known = study.status == RunStatus::Running && share > TOO_LITTLE;
    study.eta_seconds = (is_known && took > 1.0).then(|| took / of * left);
}

/// The runs `NAME-SEED`, with these seeds and those that there are.
fn seed_scores(
    plan: &Plan,
    name: &str,
    wanted: impl Iterator<Item = u64>,
    runs: &mut RunsOf,
) -> SeedScores {
    let mut all = BTreeMap::new();
    for seed in wanted {
        all.insert(seed, None);
    }
    for task in plan.tasks() {
        let rest = task
            .id
            .strip_prefix(name)
            .and_then(|rest| rest.strip_prefix('-'));
        if let Some(seed) = rest.and_then(|seed| seed.parse().ok()) {
            all.insert(seed, Some(task));
        }
    }
    let mut done = Vec::new();
    let listed: Vec<SeedRun> = all
        .iter()
        .map(|(seed, task)| {
            let unknown = RunOf::default();
            let run = match task {
                Some(task) => runs.look(plan, task),
                None => &unknown,
            };
            if let (Some(scores), Some(task)) = (run.scores, task) {
                done.push(tagsmith_plan::seeds::SeedRun {
                    seed: *seed,
                    run: task.id.clone().into(),
                    dev_f1: scores.dev_f1,
                    test_f1: scores.test_f1,
                });
            }
            let begun = run.summary.steps > 0;
            SeedRun {
                seed: *seed as f64,
                status: run.status,
                dev_f1: run.dev_f1(),
                test_f1: run.scores.and_then(|scores| scores.test_f1),
                curve: run.curve(),
                share: begun.then(|| run.share()),
                seconds: begun.then(|| run.took()),
                failure: run.failure.clone(),
            }
        })
        .collect();
    let complete = !done.is_empty() && done.len() == listed.len();
    let seeds = Seeds::of(done);
    SeedScores {
        dev: seeds.as_ref().map(|seeds| spread(seeds.dev)),
        test: seeds.as_ref().and_then(|seeds| seeds.test).map(spread),
        middle: seeds.filter(|_| complete).map(|seeds| seeds.middle as f64),
        runs: listed,
    }
}

fn spread(of: Spread) -> SeedSpread {
    SeedSpread {
        mean: of.mean,
        standard_deviation: of.standard_deviation,
        lowest: of.lowest,
        highest: of.highest,
    }
}

/// A search, and the default's runs with several seeds.
fn search_state(
    plan: &Plan,
    search: &Search,
    space: &Space,
    wanted: &[SpaceRange],
    places: &Places,
    runs: &mut RunsOf,
) -> (SeedScores, Option<SearchState>) {
    let mut first = Vec::new();
    let mut trials = Vec::new();
    for (number, settings) in search.trials.iter().enumerate() {
        let mut trial = Trial {
            trial: u32::try_from(number).unwrap_or(u32::MAX),
            values: settings
                .iter()
                .map(|(name, value)| (name.clone(), setting_value(value)))
                .collect(),
            status: TaskStatus::Waiting,
            rung: None,
            dev_f1: None,
            curve: Vec::new(),
            seconds: 0.0,
            failure: None,
        };
        for rung in 0..search.rungs.len() {
            let Ok(task) = plan.task(&trial_task(number, rung)) else {
                continue;
            };
            let run = runs.look(plan, task);
            if let (0, Some(scores), true) = (rung, run.scores, number > 0) {
                first.push((settings, scores.dev_f1));
            }
            trial.status = run.status;
            trial.rung = u32::try_from(rung).ok();
            trial.dev_f1 = run.dev_f1();
            trial.curve = run.curve();
            trial.seconds += run.took();
            trial.failure.clone_from(&run.failure);
        }
        trials.push(trial);
    }
    let report = SearchReport::read(&places.folder()).ok();
    let finalist = plan.tasks().iter().find_map(|task| {
        let number = task.id.strip_prefix("final-")?.split('-').next()?;
        number.parse::<usize>().ok().filter(|number| *number > 0)
    });
    let winner = report.as_ref().map(|report| report.winner).or(finalist);
    let final_seeds = |of: usize, runs: &mut RunsOf| {
        let begun = plan
            .tasks()
            .iter()
            .any(|task| task.id.starts_with("final-"));
        let wanted = search.seeds.iter().copied().filter(|_| begun);
        seed_scores(plan, &final_name(of), wanted, runs)
    };
    let default_seeds = final_seeds(0, runs);
    let winner_seeds = match winner {
        Some(winner) if winner > 0 => final_seeds(winner, runs),
        _ => SeedScores::default(),
    };
    let ranges = match space.0.is_empty() {
        true => wanted.to_vec(),
        false => ranges(space),
    };
    let state = SearchState {
        space: ranges,
        rungs: search
            .rungs
            .iter()
            .map(|epochs| epochs.and_then(|epochs| u32::try_from(epochs).ok()))
            .collect(),
        trials,
        importance: importance(&first)
            .into_iter()
            .map(shown_importance)
            .collect(),
        winner_seeds,
        winner: winner.and_then(|winner| u32::try_from(winner).ok()),
        verdict: report.map(|report| match report.verdict {
            Verdict::Default => SearchVerdict::Default,
            Verdict::Better => SearchVerdict::Better,
            Verdict::WithinSpread => SearchVerdict::WithinSpread,
            Verdict::NotBetter => SearchVerdict::NotBetter,
        }),
    };
    (default_seeds, Some(state))
}

fn shown_importance(of: Importance) -> SettingImportance {
    SettingImportance {
        setting: of.setting,
        share: of.share,
        direction: of.rank_correlation,
    }
}

/// A value as the page has it.
fn setting_value(value: &Value) -> SettingValue {
    match value {
        Value::Bool(flag) => SettingValue::Flag(*flag),
        Value::Number(number) => SettingValue::Number(number.as_f64().unwrap_or_default()),
        Value::String(text) => SettingValue::Text(text.clone()),
        other => SettingValue::Text(other.to_string()),
    }
}

/// A space as the page has it.
pub fn ranges(space: &Space) -> Vec<SpaceRange> {
    let range = |(name, range): (&String, &Range)| SpaceRange {
        setting: name.clone(),
        values: range.values.iter().map(setting_value).collect(),
        low: range.low,
        high: range.high,
        log: range.log,
    };
    space.0.iter().map(range).collect()
}

/// A space as the engine reads it.
pub fn space(ranges: &[SpaceRange]) -> Space {
    let value = |value: &SettingValue| match value {
        SettingValue::Flag(flag) => Value::from(*flag),
        // 8 and not 8.0: a whole number is another type.
        SettingValue::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            Value::from(*number as i64)
        }
        SettingValue::Number(number) => Value::from(*number),
        SettingValue::Text(text) => Value::from(text.clone()),
    };
    let range = |range: &SpaceRange| {
        let of = Range {
            values: range.values.iter().map(value).collect(),
            low: range.low,
            high: range.high,
            log: range.log,
        };
        (range.setting.clone(), of)
    };
    Space(ranges.iter().map(range).collect())
}
