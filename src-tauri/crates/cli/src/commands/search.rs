//! `tagsmith search`: a search over the settings of a run.

use super::plans::{check_data, checked, needs, not_done, open, work, writing};
use super::{seeds, train};
use crate::error::CommandError;
use crate::plan_args::Search as Arguments;
use crate::{Done, output};
use serde_json::{Value, json};
use std::path::Path;
use tagsmith_encoder::Config;
use tagsmith_files::write_json;
use tagsmith_plan::Completion;
use tagsmith_plan::results::begin;
use tagsmith_plan::search::space::{Settings, Space, check_settings, options};
use tagsmith_plan::search::{
    CONFIG, Epochs, HeldOut, Search, SearchReport, TRIALS, Verdict, is_refitted, rungs,
};
use tagsmith_plan::seeds::without_checkpoints;
use tagsmith_protocol::{Facts, TrainConfig, TrainSettings};
use tagsmith_tagger::Error;
use tagsmith_tagger::config::facts;
use tagsmith_tagger::prepare::Splits;

/// F1 of fewer documents is mostly chance.
const FEW: usize = 50;

pub fn run(args: Arguments, json: bool) -> Result<Done, CommandError> {
    let options = args.inputs.settings.0.clone();
    let mut config = train::config(args.inputs)?;
    let splits = check_data(&config)?;
    // Only scored at the end: what was looked at while searching says nothing new.
    let test = config.test.take();
    let common = checked(&config)?;
    let (about, held_out) = look(&config, &splits)?;
    drop(splits);
    if let Some(held_out) = held_out.filter(|held_out| held_out.documents < FEW) {
        output::aside(format!(
            "note: without --dev, settings are compared by {} documents that are held out, and F1 of so few says little: --dev-share 0.3 holds out more",
            held_out.documents
        ));
    }
    let space = match &args.space {
        Some(path) => Space::read(path)?,
        None => Space::around(&config.settings, about, &given(options, &config)?),
    };
    space.check(&config.settings)?;
    let trials = space.trials(args.trials.into(), config.seed);
    if trials.len() < args.trials.into() {
        let drawn = trials.len() - 1;
        output::aside(format!(
            "note: the space has {drawn} combinations besides the default: each is tried once"
        ));
    }
    for trial in &trials {
        check_settings(&config.settings, trial)?;
    }
    let epochs = Epochs::of(&config.settings, about);
    let rungs = match args.full {
        true => vec![None],
        false => rungs(trials.len(), epochs.full),
    };
    let new_seeds: Vec<u64> = (1..=args.seeds)
        .map(|n| config.seed.wrapping_add(n))
        .collect();
    let begun = json!({
        "space": space, "trials": trials, "rungs": rungs, "seeds": new_seeds, "test": test,
    });
    let mut search = Search::new(trials, rungs, epochs, new_seeds);
    search.needs = needs(&config);
    search.held_out = held_out;
    search.test = test;

    let (mut plan, lock) = open(&args.out, CONFIG)?;
    begin(plan.folder(), CONFIG, &common)?;
    begin(plan.folder(), TRIALS, &begun)?;
    if json {
        output::json_line(&beginning(&begun, epochs.full))?;
    }
    let Completion::Finished(standing) = work(&mut plan, &lock, &mut search, &args.running, json)?
    else {
        return Ok(Done::Stopped);
    };
    let report = search.report(&plan, &space)?;
    let is_missing = |task: &tagsmith_plan::Task| {
        task.id.starts_with("final-") && !standing.done.contains(&task.id)
    };
    let best = report.as_ref().and_then(SearchReport::best);
    let (Some(report), Some(best), false) = (&report, best, plan.tasks().iter().any(is_missing))
    else {
        return Err(not_done(&plan, &standing));
    };
    let model = best.keep_middle(&plan)?;
    for seeds in [&report.winner_seeds, &report.default_seeds]
        .into_iter()
        .flatten()
    {
        for run in &seeds.runs {
            without_checkpoints(&plan.folder().join(&run.run));
        }
    }
    // The last file, by which others know that all is done.
    let path = plan.folder().join("search.json");
    write_json(&path, &report).map_err(writing(&path))?;
    match json {
        true => output::json_line(&json!({
            "event": "finished", "report": path, "model": model, "winner": report.winner,
            "verdict": report.verdict,
        }))?,
        false => print(report, &path, &model)?,
    }
    Ok(Done::Completely)
}

/// What a search was begun with, as its first event.
fn beginning(begun: &Value, epochs: usize) -> Value {
    let mut line = json!({"event": "search", "epochs": epochs});
    for (name, value) in begun.as_object().into_iter().flatten() {
        line[name] = value.clone();
    }
    line
}

/// What the choices of a run depend on, and what is held out where there is no dev file.
fn look(config: &TrainConfig, splits: &Splits) -> Result<(Facts, Option<HeldOut>), CommandError> {
    let model = Config::from_folder(&config.model).map_err(Error::from)?;
    let held_out = match config.dev {
        Some(_) => 0,
        None => splits.dev.len(),
    };
    let of = splits.train.len() + held_out;
    let about = facts(config, &model, of);
    if about.has_dev {
        return Ok((about, None));
    }
    let held_out = HeldOut {
        documents: held_out,
        of,
        seed: config.seed,
        refit: is_refitted(&config.settings, false),
    };
    Ok((about, Some(held_out)))
}

/// The settings that the person has set: by an option, or in a configuration otherwise than a run has them.
fn given(options: Settings, config: &TrainConfig) -> Result<Settings, CommandError> {
    let [mine, default] = [&config.settings, &TrainSettings::default()].map(serde_json::to_value);
    let (mine, default) = (mine?, default?);
    let Value::Object(mut mine) = mine else {
        return Ok(Settings::new());
    };
    mine.retain(|name, value| default.get(name) != Some(value));
    mine.extend(options);
    Ok(mine)
}

fn print(report: &SearchReport, path: &Path, model: &Path) -> Result<(), CommandError> {
    for about in &report.importance {
        let direction = about
            .rank_correlation
            .map_or_else(String::new, |rank| format!(", rank correlation {rank:+.2}"));
        output::line(format!(
            "{}: {:.0} % of the variance of dev F1{direction}",
            about.setting,
            about.share * 100.0
        ))?;
    }
    if let Some(HeldOut {
        documents,
        of,
        seed,
        ..
    }) = report.held_out
    {
        output::line(format!(
            "trials were compared by {documents} of the {of} training documents, held out by seed {seed}"
        ))?;
    }
    let ended = match report.held_out {
        Some(HeldOut { refit: true, .. }) => {
            ", each of which held out others and then learned all documents"
        }
        Some(_) => ", each of which held out others",
        None => "",
    };
    for (name, seeds) in [
        ("default", &report.default_seeds),
        ("winner", &report.winner_seeds),
    ] {
        let (Some(seeds), true) = (seeds, name == "default" || report.winner != 0) else {
            continue;
        };
        let count = match seeds.runs.len() {
            1 => "a new seed".into(),
            count => format!("{count} new seeds"),
        };
        output::line(format!("{name}, {count}{ended}:"))?;
        seeds::print("  dev", Some(seeds.dev))?;
        seeds::print("  test", seeds.test)?;
    }
    let winner = options(&report.trials[report.winner].settings).join(" ");
    output::line(match report.verdict {
        Verdict::Default => "no trial was better than the default".into(),
        Verdict::NotBetter => format!(
            "trial {} did best in the search, but with new seeds the default is no worse: {winner}",
            report.winner
        ),
        Verdict::WithinSpread => format!(
            "trial {} is better by no more than seeds differ: {winner}",
            report.winner
        ),
        Verdict::Better => format!(
            "trial {} is better than the default: {winner}",
            report.winner
        ),
    })?;
    output::line(format!("model  {}", model.display()))?;
    output::line(format!("report {}", path.display()))
}
