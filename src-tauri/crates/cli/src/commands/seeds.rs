//! `tagsmith seeds`: the same run with several seeds.

use super::plans::{checked, needs, open, work_on_all, writing};
use super::train;
use crate::error::CommandError;
use crate::plan_args::Seeds as Arguments;
use crate::{Done, output};
use serde_json::json;
use tagsmith_files::write_json;
use tagsmith_plan::results::begin;
use tagsmith_plan::seeds::{Seeds, Spread, tasks, without_checkpoints};

/// What the ids of the runs begin with.
const NAME: &str = "seed";

const CONFIG: &str = "config.json";

pub fn run(args: Arguments, json: bool) -> Result<Done, CommandError> {
    let config = train::config(args.inputs)?;
    let common = checked(&config)?;
    if config.dev.is_none() && !json {
        output::aside(
            "note: without --dev, each seed sets other documents aside, and is scored on those",
        );
    }
    let (mut plan, lock) = open(&args.out, CONFIG)?;
    begin(plan.folder(), CONFIG, &common)?;
    let numbers = (0..args.seeds).map(|n| config.seed.wrapping_add(n));
    plan.add(tasks(NAME, CONFIG, &[], &needs(&config), numbers))?;
    if !work_on_all(&mut plan, &lock, &args.running, json)? {
        return Ok(Done::Stopped);
    }
    let seeds = Seeds::read(&plan, NAME)?.expect("there is at least one, and all are done");
    let model = seeds.keep_middle(&plan)?;
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
    output::line(format!(
        "model of the middle run, seed {}: {}",
        seeds.middle,
        model.display()
    ))?;
    Ok(Done::Completely)
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
