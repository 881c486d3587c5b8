//! What the commands that work on plans share.

use crate::error::CommandError;
use crate::plan_args::{RunnerName, Running};
use crate::plan_progress::PlanWatcher;
use crate::signal;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tagsmith_plan::{
    Cluster, Complete, Completion, HyperQueue, Local, Needs, Plan, PlanError, PlanLock, Runner,
    Slurm, Source, Standing, drive,
};
use tagsmith_protocol::TrainConfig;
use tagsmith_tagger::prepare::Splits;

/// How much a file system's clock may be behind.
const CLOCK: Duration = Duration::from_millis(20);

/// Takes the plan in the folder `out`, a new one or one that has the file `begun` already.
pub fn open(out: &Path, begun: &str) -> Result<(Plan, PlanLock), CommandError> {
    if has_files(out) && !out.join(begun).exists() && !out.join("plan.lock").exists() {
        return Err(CommandError::new(
            format!("`{}` is not empty, and holds no {begun}", out.display()),
            "name a new folder with --out",
        ));
    }
    let plan = Plan::open(out)?;
    let lock = plan.lock()?;
    // What is older than this process was meant for another one.
    let asked = fs::metadata(plan.stop_file()).and_then(|file| file.modified());
    if asked.is_ok_and(|asked| asked + CLOCK < *signal::BEGAN) {
        let _ = fs::remove_file(plan.stop_file());
    }
    // Another program may have changed it before the lock was taken.
    Ok((Plan::open(out)?, lock))
}

/// Whether a folder is there, and not empty.
pub fn has_files(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
}

fn runner(running: &Running) -> Result<Box<dyn Runner>, CommandError> {
    let program = std::env::current_exe();
    let program = program.map_err(CommandError::file("find", Path::new("tagsmith")))?;
    running.check()?;
    let given = running.needs();
    Ok(match running.runner {
        RunnerName::Local => Box::new(Local::new(program, running.at_once.into())),
        RunnerName::Slurm => Box::new(Cluster::new(Slurm, program, given)?),
        RunnerName::HyperQueue => Box::new(Cluster::new(HyperQueue, program, given)?),
    })
}

/// Works on a plan until nothing is left to be started, or Ctrl-C.
pub fn work(
    plan: &mut Plan,
    lock: &PlanLock,
    source: &mut dyn Source,
    running: &Running,
    json: bool,
) -> Result<Completion, CommandError> {
    // The file is looked for now and then, which may be after the first task was started.
    let stop = Arc::new(AtomicBool::new(plan.stop_file().exists()));
    signal::listen(
        &stop,
        "stopping; the same command continues (Ctrl-C again does not wait)",
    );
    signal::stop_at(plan.stop_file(), None);
    let watcher = PlanWatcher::new(json);
    let mut runner = runner(running)?;
    let ended = drive(plan, lock, &mut *runner, source, &stop, &mut |event| {
        watcher.show(event);
    });
    watcher.end();
    let _ = fs::remove_file(plan.stop_file());
    Ok(ended?)
}

/// Works on all tasks of a plan, and says whether they are done: `false` after Ctrl-C.
///
/// # Errors
/// A task is not done when nothing is left to be started.
pub fn work_on_all(
    plan: &mut Plan,
    lock: &PlanLock,
    running: &Running,
    json: bool,
) -> Result<bool, CommandError> {
    let Completion::Finished(standing) = work(plan, lock, &mut Complete, running, json)? else {
        return Ok(false);
    };
    let mut tasks = plan.tasks().iter();
    match tasks.all(|task| standing.done.contains(&task.id)) {
        true => Ok(true),
        false => Err(not_done(plan, &standing)),
    }
}

/// What a machine must have for a run.
pub fn needs(config: &TrainConfig) -> Needs {
    needs_on(&config.device)
}

/// What a machine must have to compute on a device.
pub fn needs_on(device: &str) -> Needs {
    let is_gpu = !matches!(device, "auto" | "cpu");
    Needs {
        gpus: is_gpu.then_some(1),
        ..Needs::default()
    }
}

/// The error of tasks that are not done.
pub fn not_done(plan: &Plan, standing: &Standing) -> CommandError {
    let failed = standing.failed.iter();
    let mut findings: Vec<String> = failed
        .map(|(id, failure)| format!("{id}: {}", failure.message))
        .collect();
    let stopped = standing.stopped.iter();
    findings.extend(stopped.map(|id| format!("{id}: stopped")));
    let first = standing.failed.keys().chain(&standing.stopped).next();
    let log = first.map_or_else(|| plan.folder().to_owned(), |id| plan.log(id));
    let mut error = CommandError::new(
        match findings.len() {
            1 => "a task is not done".into(),
            n => format!("{n} tasks are not done"),
        },
        format!("see `{}`; the same command tries them again", log.display()),
    )
    .with_code("tasks-failed");
    error.findings = findings;
    error
}

/// The configuration of runs as JSON for `train --config`.
///
/// # Errors
/// A setting makes no sense.
pub fn checked(config: &TrainConfig) -> Result<serde_json::Value, CommandError> {
    config.check().map_err(tagsmith_tagger::Error::from)?;
    Ok(serde_json::to_value(config)?)
}

/// Reads the files that all runs read, before a folder is begun for them: what is wrong with them is then
/// said once, and the corrected command can have the folder.
///
/// # Errors
/// A file cannot be read, or holds nothing to learn from.
pub fn check_data(config: &TrainConfig) -> Result<Splits, CommandError> {
    Ok(Splits::read(config)?)
}

/// For `map_err`: the file system refused to write `path`.
pub fn writing(path: &Path) -> impl FnOnce(std::io::Error) -> CommandError {
    let failed = PlanError::io("write", path);
    move |failure| failed(failure).into()
}
