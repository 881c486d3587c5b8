//! `tagsmith seeds`: the same run with several seeds.

use super::plans::{check_data, checked, needs, open, work_on_all, writing};
use super::{open_device, train};
use crate::error::CommandError;
use crate::plan_args::Seeds as Arguments;
use crate::{Done, output, progress};
use serde_json::json;
use std::path::PathBuf;
use tagsmith_files::write_json;
use tagsmith_plan::Plan;
use tagsmith_plan::results::begin;
use tagsmith_plan::seeds::{Combined, Seeds, Spread, tasks, without_checkpoints};
use tagsmith_protocol::{Combination, SplitReport};
use tagsmith_tagger::combine::{combine, score};

/// What the ids of the runs begin with.
const NAME: &str = "seed";

const CONFIG: &str = "config.json";

pub fn run(args: Arguments, json: bool) -> Result<Done, CommandError> {
    let mut config = train::config(args.inputs)?;
    let how = args.combine.map(Combination::from);
    if how.is_some() && args.seeds == 1 {
        return Err(CommandError::new(
            "there is nothing to combine: --seeds is 1",
            "give --seeds 3, or leave --combine out",
        ));
    }
    if how == Some(Combination::Average) {
        // Weights that were drawn apart have no mean.
        config
            .settings
            .init_seed
            .get_or_insert(config.settings.seed);
    }
    let common = checked(&config)?;
    check_data(&config)?;
    if config.dev.is_none() && !json {
        output::aside(
            "note: without --dev, each seed sets other documents aside, and is scored on those",
        );
    }
    let (mut plan, lock) = open(&args.out, CONFIG)?;
    begin(plan.folder(), CONFIG, &common)?;
    let numbers = (0..args.seeds).map(|n| config.seed.wrapping_add(n));
    let numbers: Vec<u64> = numbers.collect();
    let needs = needs(&config);
    plan.add(tasks(NAME, CONFIG, &[], &needs, numbers.iter().copied()))?;
    if !work_on_all(&mut plan, &lock, &args.running, json)? {
        return Ok(Done::Stopped);
    }
    let seeds = Seeds::read(&plan, NAME, &numbers)?;
    let mut seeds = seeds.expect("there is at least one, and all are done");
    let model = match how {
        None => seeds.keep_middle(&plan)?,
        Some(how) => {
            let (model, combined) = combined(how, &plan, &seeds, &config.device, json)?;
            seeds.combined = Some(combined);
            model
        }
    };
    for run in &seeds.runs {
        without_checkpoints(&plan.folder().join(&run.run));
    }
    // The last file, by which others know that all is done.
    let path = plan.folder().join("seeds.json");
    write_json(&path, &seeds).map_err(writing(&path))?;
    if json {
        output::json_line(
            &json!({"event": "finished", "report": path, "model": model, "seeds": seeds}),
        )?;
        return Ok(Done::Completely);
    }
    for run in &seeds.runs {
        let test = run
            .test_f1
            .map_or_else(String::new, |f1| format!("  test F1 {f1:.4}"));
        output::line(format!("seed {}: dev F1 {:.4}{test}", run.seed, run.dev_f1))?;
    }
    print("dev", Some(seeds.dev))?;
    print("test", seeds.test)?;
    match &seeds.combined {
        None => output::line(format!(
            "model of the middle run, seed {}: {}",
            seeds.middle,
            model.display()
        ))?,
        Some(combined) => output::line(format!(
            "{}: {}",
            in_words(combined, &seeds),
            model.display()
        ))?,
    }
    Ok(Done::Completely)
}

/// Combines the models of all runs into `model` of the plan, and scores it here: the tasks are done.
fn combined(
    how: Combination,
    plan: &Plan,
    seeds: &Seeds,
    device: &str,
    json: bool,
) -> Result<(PathBuf, Combined), CommandError> {
    let runs = seeds.runs.iter().map(|run| plan.folder().join(&run.run));
    let runs: Vec<PathBuf> = runs.collect();
    let model = plan.folder().join("model");
    combine(how, &runs, &model)?;
    // A cluster's machines may have devices that this one lacks.
    let opened = open_device(device, json).or_else(|failure| {
        output::aside(format!("note: {}: the CPU is taken", failure.message));
        open_device("cpu", json)
    })?;
    let bar = progress::bar("scoring", json);
    let scores = score(how, &runs, &model, &opened.device, |done, all| {
        progress::set(&bar, done, all);
    })?;
    bar.finish_and_clear();
    let f1 = |split: Option<SplitReport>| split.map(|split| split.metrics.overall.f1);
    let combined = Combined {
        how,
        dev_f1: f1(scores.dev),
        test_f1: f1(scores.test),
    };
    Ok((model, combined))
}

/// What came of combining, beside the mean of the runs.
fn in_words(combined: &Combined, seeds: &Seeds) -> String {
    let what = match combined.how {
        Combination::Average => "average of the weights",
        Combination::Ensemble => "ensemble",
    };
    let score = |split, f1: Option<f64>, of_runs: Option<Spread>| {
        let (f1, of_runs) = (f1?, of_runs?);
        let more = f1 - of_runs.mean;
        Some(format!(
            ", {split} F1 {f1:.4} ({more:+.4} to the mean of the runs)"
        ))
    };
    let dev = score("dev", combined.dev_f1, Some(seeds.dev)).unwrap_or_default();
    let test = score("test", combined.test_f1, seeds.test).unwrap_or_default();
    format!("{what}{dev}{test}")
}

/// Prints how F1 lies on a split, where it was scored.
pub fn print(split: &str, f1: Option<Spread>) -> Result<(), CommandError> {
    let Some(Spread {
        mean,
        standard_deviation,
        lowest,
        highest,
    }) = f1
    else {
        return Ok(());
    };
    let spread = standard_deviation.map_or_else(String::new, |spread| format!(" ± {spread:.4}"));
    output::line(format!(
        "{split} F1 {mean:.4}{spread}, from {lowest:.4} to {highest:.4}"
    ))
}
