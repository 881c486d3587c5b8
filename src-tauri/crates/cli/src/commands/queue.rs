//! `tagsmith queue`: commands that wait for each other.

use super::plans::{not_done, open, work};
use super::task::parse;
use crate::args::Command;
use crate::error::CommandError;
use crate::plan_args::{Queue, QueueAction};
use crate::{Done, output};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use tagsmith_files::write_bytes;
use tagsmith_hub::Library;
use tagsmith_plan::{Complete, Completion, Ended, Needs, Outcome, Plan, PlanError, Task};

pub fn run(args: Queue, json: bool) -> Result<Done, CommandError> {
    let folder = args
        .folder
        .unwrap_or_else(|| Library::open().home().join("queue"));
    let mut plan = Plan::open(&folder)?;
    match args.action {
        QueueAction::Add { arguments } => add(&mut plan, &arguments, json)?,
        QueueAction::List => list(&plan, json)?,
        QueueAction::Move { id, position } => {
            let moved = plan.change(|now, tasks| {
                let task = now.task(&id)?.clone();
                tasks.retain(|other| other.id != id);
                tasks.insert(position.saturating_sub(1).min(tasks.len()), task);
                Ok(())
            });
            moved?;
            list(&plan, json)?;
        }
        QueueAction::Pause { id } => {
            for task in chosen(&plan, id.as_deref())? {
                let path = plan.pause_file(&task.id);
                let folder = plan.task_folder(&task.id);
                fs::create_dir_all(&folder).map_err(PlanError::io("create", &folder))?;
                write_bytes(&path, b"").map_err(PlanError::io("write", &path))?;
            }
            list(&plan, json)?;
        }
        QueueAction::Resume { id } => {
            for task in chosen(&plan, id.as_deref())? {
                let path = plan.pause_file(&task.id);
                if path.exists() {
                    fs::remove_file(&path).map_err(PlanError::io("delete", &path))?;
                }
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
            plan.change(|_, tasks| {
                tasks.retain(|task| task.id != id);
                Ok(())
            })?;
            let _ = fs::remove_dir_all(plan.task_folder(&id));
            list(&plan, json)?;
        }
        QueueAction::Run { running } => {
            let (mut plan, lock) = open(&folder, "plan.jsonl")?;
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
    let arguments = with_absolute_paths(arguments)?;
    let (command, out) = match parse(&arguments)?.command {
        Command::Train(train) => ("train", train.out.join("report.json")),
        Command::Pretrain(pretrain) => ("pretrain", pretrain.out.join("report.json")),
        Command::Seeds(seeds) => ("seeds", seeds.out.join("seeds.json")),
        Command::Search(search) => ("search", search.out.join("search.json")),
        Command::Evaluate(evaluate) if evaluate.out.is_some() => {
            ("evaluate", evaluate.out.unwrap_or_default())
        }
        _ => {
            return Err(CommandError::new(
                format!("`{}` cannot wait in the queue", arguments[0]),
                "it takes train, pretrain, seeds, search, and evaluate with --out",
            ));
        }
    };
    let mut others = plan.tasks().iter();
    if let Some(other) = others.find(|task| task.outputs == [out.clone()]) {
        return Err(CommandError::new(
            format!("`{}` writes `{}` already", other.id, out.display()),
            "name another folder with --out",
        ));
    }
    let id = plan.change(|_, tasks| {
        // Counted on, so that an id is not taken again while its log may still be read.
        let numbers = tasks
            .iter()
            .filter_map(|task| task.id.rsplit_once('-')?.1.parse::<usize>().ok());
        let id = format!("{command}-{}", numbers.max().unwrap_or(0) + 1);
        tasks.push(Task {
            id: id.clone(),
            arguments,
            needs: Needs::default(),
            after: Vec::new(),
            outputs: vec![out],
        });
        Ok(id)
    })?;
    match json {
        true => output::json_line(&json!({"id": id})),
        false => output::line(format!("{id}; `tagsmith queue run` runs the queue")),
    }
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

/// The arguments for another working directory.
fn with_absolute_paths(arguments: &[String]) -> Result<Vec<String>, CommandError> {
    let absolute = |path: &str| -> Result<String, CommandError> {
        let found =
            std::path::absolute(path).map_err(CommandError::file("find", Path::new(path)))?;
        Ok(found.display().to_string())
    };
    // A model is a path only where there is such a folder.
    let is_path = |option: &str, value: &str| {
        PATHS.contains(&option) || (option == "--model" && PathBuf::from(value).exists())
    };
    let mut option = "";
    let mut all = Vec::new();
    for argument in arguments {
        let is_option = argument.starts_with("--");
        all.push(match argument.split_once('=') {
            Some((name, value)) if is_path(name, value) => format!("{name}={}", absolute(value)?),
            _ if !is_option && is_path(option, argument) => absolute(argument)?,
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
        let ended = Ended::read(plan, id);
        let is_paused = plan.pause_file(id).exists();
        let state = match ended.as_ref().map(|ended| &ended.outcome) {
            _ if plan.is_done(task) => "done",
            _ if plan.is_under_way(id) && is_paused => "pausing",
            _ if plan.is_under_way(id) => "running",
            _ if is_paused => "paused",
            Some(Outcome::Failed(_)) => "failed",
            Some(Outcome::Stopped) => "stopped",
            _ => "waiting",
        };
        match json {
            true => output::json_line(&json!({
                "id": id, "state": state, "arguments": task.arguments, "outputs": task.outputs,
                "ended": ended, "log": plan.log(id),
            }))?,
            false => output::line(format!("{id}  {state:7}  {}", task.arguments.join(" ")))?,
        }
    }
    Ok(())
}
