//! `tagsmith queue`: commands that wait for each other.

use super::plans::{has_files, not_done, open, work};
use super::task::parse;
use crate::args::{Command, TrainInputs};
use crate::error::CommandError;
use crate::plan_args::{Queue, QueueAction};
use crate::{Done, output};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;
use tagsmith_hub::Library;
use tagsmith_plan::{Complete, Completion, Ended, Plan, Task, is_worked_on};
use tagsmith_tagger::config::from_file;

pub fn run(args: Queue, json: bool) -> Result<Done, CommandError> {
    let folder = args
        .folder
        .unwrap_or_else(|| Library::open().home().join("queue"));
    let mut plan = Plan::open(&folder)?;
    match args.action {
        QueueAction::Add { arguments } => add(&mut plan, &arguments, json)?,
        QueueAction::List => list(&plan, json)?,
        QueueAction::Move { id, position } => {
            plan.move_to(&id, position.saturating_sub(1))?;
            list(&plan, json)?;
        }
        QueueAction::Pause { id } => {
            for task in chosen(&plan, id.as_deref())? {
                plan.pause(&task.id)?;
            }
            list(&plan, json)?;
        }
        QueueAction::Resume { id } => {
            for task in chosen(&plan, id.as_deref())? {
                plan.unpause(&task.id)?;
            }
            list(&plan, json)?;
        }
        QueueAction::Remove { id } => {
            plan.task(&id)?;
            if plan.is_under_way(&id) {
                return Err(CommandError::new(
                    format!("`{id}` is running"),
                    format!("stop it first: `tagsmith queue pause {id}`"),
                ));
            }
            plan.take_off(&id)?;
            list(&plan, json)?;
        }
        QueueAction::Run { running, after } => {
            let (mut plan, lock) = open(&folder, "plan.jsonl")?;
            if !wait_for(&plan, &after) {
                return Ok(Done::Stopped);
            }
            let Completion::Finished(standing) =
                work(&mut plan, &lock, &mut Complete, &running, json)?
            else {
                return Ok(Done::Stopped);
            };
            if !standing.failed.is_empty() || !standing.stopped.is_empty() {
                return Err(not_done(&plan, &standing));
            }
            let paused = plan.tasks().len() - standing.done.len();
            if paused > 0 {
                output::aside(format!(
                    "{paused} paused; `tagsmith queue resume` lets them run"
                ));
            }
        }
    }
    Ok(Done::Completely)
}

/// The task with this id, or all that are not done.
fn chosen(plan: &Plan, id: Option<&str>) -> Result<Vec<Task>, CommandError> {
    match id {
        Some(id) => Ok(vec![plan.task(id)?.clone()]),
        None => {
            let tasks = plan.tasks().iter();
            Ok(tasks.filter(|task| !plan.is_done(task)).cloned().collect())
        }
    }
}

fn add(plan: &mut Plan, arguments: &[String], json: bool) -> Result<(), CommandError> {
    let mut arguments = with_absolute_paths(arguments)?;
    let command = parse(&arguments)?.command;
    let run = |out: &PathBuf| (Some(out.clone()), out.join("report.json"));
    let (name, (folder, out), inputs) = match &command {
        Command::Train(train) => ("train", run(&train.out), Some(&train.inputs)),
        Command::Pretrain(pretrain) => ("pretrain", run(&pretrain.out), None),
        Command::Seeds(seeds) => {
            let out = seeds.out.join("seeds.json");
            ("seeds", (None, out), Some(&seeds.inputs))
        }
        Command::Search(search) => {
            let out = search.out.join("search.json");
            ("search", (None, out), Some(&search.inputs))
        }
        Command::Evaluate(evaluate) if evaluate.out.is_some() => {
            let out = evaluate.out.clone().unwrap_or_default();
            ("evaluate", (None, out), None)
        }
        _ => {
            return Err(CommandError::new(
                format!("`{}` cannot wait in the queue", arguments[0]),
                "it takes train, pretrain, seeds, search, and evaluate with --out",
            ));
        }
    };
    // What is there would count as done by this command, or be continued in its place.
    if out.exists() || folder.as_deref().is_some_and(has_files) {
        return Err(CommandError::new(
            format!(
                "`{}` is there already",
                folder.as_ref().unwrap_or(&out).display()
            ),
            "name another place with --out, or remove what is there",
        ));
    }
    if let Some(inputs) = inputs {
        arguments.extend(paths_of_config(inputs)?);
    }
    let mut others = plan.tasks().iter();
    if let Some(other) = others.find(|task| task.outputs == [out.clone()]) {
        return Err(CommandError::new(
            format!("`{}` writes `{}` already", other.id, out.display()),
            "name another folder with --out",
        ));
    }
    let id = plan.enqueue(name, arguments, vec![out])?;
    match json {
        true => output::json_line(&json!({"id": id})),
        false => output::line(format!("{id}; `tagsmith queue run` runs the queue")),
    }
}

/// How often a run that is waited for is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// Waits until no process works on these runs and plans; `false` where it was asked to stop meanwhile.
fn wait_for(plan: &Plan, folders: &[PathBuf]) -> bool {
    let is_under_way = |folder: &PathBuf| is_worked_on(folder);
    while folders.iter().any(is_under_way) {
        if plan.stop_file().exists() {
            return false;
        }
        sleep(LOOK);
    }
    true
}

/// The options that give the paths of a configuration their place, which are taken from the current folder
/// as `train --config` takes them.
fn paths_of_config(inputs: &TrainInputs) -> Result<Vec<String>, CommandError> {
    let Some(path) = &inputs.config else {
        return Ok(Vec::new());
    };
    let config = from_file(path)?;
    let mut options = Vec::new();
    let mut put = |option: &str, is_given: bool, path: Option<&Path>| -> Result<(), CommandError> {
        let path = path.filter(|path| !is_given && path.is_relative());
        if let Some(path) = path.filter(|path| !path.as_os_str().is_empty()) {
            options.push(format!("{option}={}", absolute(path)?));
        }
        Ok(())
    };
    put("--train", inputs.train.is_some(), Some(&config.train))?;
    put("--dev", inputs.dev.is_some(), config.dev.as_deref())?;
    put("--test", inputs.test.is_some(), config.test.as_deref())?;
    let mentions = config.settings.augment_mentions.as_deref();
    let is_given = inputs.settings.0.contains_key("augment_mentions");
    put("--augment-mentions", is_given, mentions)?;
    // A model is a path only where there is such a folder.
    let model = Some(&*config.model).filter(|model| model.is_dir());
    put("--model", inputs.model.is_some(), model)?;
    Ok(options)
}

/// Options whose value is a path.
const PATHS: [&str; 10] = [
    "--text",
    "--train",
    "--dev",
    "--test",
    "--out",
    "--config",
    "--data",
    "--predictions",
    "--space",
    "--augment-mentions",
];

/// A path that means the same in another working directory.
fn absolute(path: &Path) -> Result<String, CommandError> {
    let found = std::path::absolute(path).map_err(CommandError::file("find", path))?;
    Ok(found.display().to_string())
}

/// The arguments for another working directory.
fn with_absolute_paths(arguments: &[String]) -> Result<Vec<String>, CommandError> {
    // A model is a path only where there is such a folder.
    let is_path = |option: &str, value: &str| {
        PATHS.contains(&option) || (option == "--model" && PathBuf::from(value).exists())
    };
    let mut option = "";
    let mut all = Vec::new();
    for argument in arguments {
        let is_option = argument.starts_with("--");
        all.push(match argument.split_once('=') {
            Some((name, value)) if is_path(name, value) => {
                format!("{name}={}", absolute(Path::new(value))?)
            }
            _ if !is_option && is_path(option, argument) => absolute(Path::new(argument))?,
            _ => argument.clone(),
        });
        // Its files follow one another.
        let goes_on = option == "--text" && !is_option;
        option = if goes_on { option } else { argument };
    }
    Ok(all)
}

fn list(plan: &Plan, json: bool) -> Result<(), CommandError> {
    for task in plan.tasks() {
        let id = &task.id;
        let state = plan.state(task).name();
        match json {
            true => output::json_line(&json!({
                "id": id, "state": state, "arguments": task.arguments, "outputs": task.outputs,
                "ended": Ended::read(plan, id), "log": plan.log(id),
            }))?,
            false => output::line(format!("{id}  {state:7}  {}", task.arguments.join(" ")))?,
        }
    }
    Ok(())
}
