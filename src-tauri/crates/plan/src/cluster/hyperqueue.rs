//! HyperQueue: arrays of tasks on loose machines, or on those that another scheduler grants.

use super::array::Array;
use super::command::{self, line};
use super::{Job, Scheduler, State};
use crate::error::PlanError;
use crate::runner::Phase;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

/// HyperQueue, whose server is found as `hq` finds it: `HQ_SERVER_DIR`, or in the home folder.
#[derive(Clone, Copy, Debug)]
pub struct HyperQueue;

/// What to do where a command fails.
const HINT: &str = "see whether `hq server info` answers here; `hq server start` starts the server, \
    `hq worker start` on each machine what runs the tasks";

impl Scheduler for HyperQueue {
    const NAME: &'static str = "HyperQueue";
    const FOLDER: &'static str = "hyperqueue";
    const COMMANDS: &'static [&'static str] = &["hq"];
    const INSTALLATION: &'static str =
        "put HyperQueue's one file there (https://github.com/It4innovations/hyperqueue)";
    const INDEX: &'static str = "HQ_TASK_ID";
    const BEAT: Duration = Duration::from_secs(2);

    fn submit(&self, array: &Array) -> Result<(), PlanError> {
        ask::<Value>(&submission(array), Path::new(&array.folder)).map(drop)
    }

    fn jobs(&self, folder: &Path) -> Result<Vec<Job>, PlanError> {
        let all: Vec<Listed> = ask(&list(), folder)?;
        let ours = all
            .iter()
            .filter(|job| Array::number_of(&job.name).is_some());
        let ours: Vec<String> = ours.map(|job| job.id.to_string()).collect();
        if ours.is_empty() {
            return Ok(Vec::new());
        }
        let described: Vec<Described> = ask(&description(&ours), folder)?;
        Ok(described
            .into_iter()
            .flat_map(|job| job.tasks_in(folder))
            .collect())
    }

    fn cancel(&self, jobs: &BTreeSet<String>) -> Result<(), PlanError> {
        ask::<Value>(&cancellation(jobs), Path::new(".")).map(drop)
    }
}

/// The start of each command line.
const HQ: [&str; 2] = ["hq", "--output-mode=json"];

/// The command line that submits an array.
fn submission(array: &Array) -> Vec<String> {
    let mut line = line(&HQ);
    line.push("submit".into());
    line.push(format!("--name={}", array.name()));
    line.push(format!("--array=0-{}", array.len - 1));
    line.push(format!("--cwd={}", array.folder));
    // What the tasks print goes to their own logs.
    line.extend(["--stdout=none", "--stderr=none"].map(str::to_owned));
    line.extend(array.needs.cpus.map(|cpus| format!("--cpus={cpus}")));
    line.extend(
        array
            .needs
            .gpus
            .filter(|gpus| *gpus > 0)
            .map(|gpus| format!("--resource=gpus/nvidia={gpus}")),
    );
    line.extend(
        array
            .mebibytes()
            .map(|mebibytes| format!("--resource=mem={mebibytes}")),
    );
    line.extend(["--", "sh", &array.script].map(str::to_owned));
    line
}

/// The command line that lists all jobs.
fn list() -> Vec<String> {
    [&HQ[..], &["job", "list", "--all"]]
        .concat()
        .into_iter()
        .map(str::to_owned)
        .collect()
}

/// The command line that describes jobs with their tasks.
fn description(jobs: &[String]) -> Vec<String> {
    let mut line = line(&HQ);
    line.extend(["job", "info", &jobs.join(",")].map(str::to_owned));
    line
}

/// The command line that takes jobs back. HyperQueue interrupts what runs, and kills it a little later.
fn cancellation(jobs: &BTreeSet<String>) -> Vec<String> {
    let jobs: Vec<&str> = jobs.iter().map(String::as_str).collect();
    let mut line = line(&HQ);
    line.extend(["job", "cancel", &jobs.join(",")].map(str::to_owned));
    line
}

/// What `hq job list` says of a job.
#[derive(Debug, Deserialize)]
struct Listed {
    id: u64,
    name: String,
}

/// What `hq job info` says of a job.
#[derive(Debug, Deserialize)]
struct Described {
    info: Listed,
    submits: Vec<Value>,
    tasks: Vec<DescribedTask>,
}

/// What it says of a task.
#[derive(Debug, Deserialize)]
struct DescribedTask {
    id: usize,
    state: String,
    error: Option<String>,
}

impl Described {
    /// Its tasks, where it is an array with this working directory.
    fn tasks_in(self, folder: &Path) -> Vec<Job> {
        let is_there = |submit: &Value| {
            let directory = submit.pointer("/array/program/cwd").and_then(Value::as_str);
            directory.is_some_and(|directory| Path::new(directory) == folder)
        };
        let (Some(array), true) = (
            Array::number_of(&self.info.name),
            self.submits.iter().any(is_there),
        ) else {
            return Vec::new();
        };
        let job = self.info.id.to_string();
        let tasks = self.tasks.into_iter().map(|task| Job {
            job: job.clone(),
            array,
            index: task.id,
            state: state_of(&task.state, task.error),
        });
        tasks.collect()
    }
}

/// What a task's state means.
fn state_of(state: &str, error: Option<String>) -> State {
    let words = || format!("HyperQueue says {}", error.as_deref().unwrap_or(state));
    match state {
        "waiting" => State::Alive(Phase::Queued),
        "finished" | "failed" => State::Ended(words()),
        "canceled" | "aborted" => State::Cancelled,
        // While it is not known to have ended, it is not started again.
        _ => State::Alive(Phase::Running),
    }
}

/// What a command answers.
fn ask<T: DeserializeOwned>(line: &[String], folder: &Path) -> Result<T, PlanError> {
    let output = command::output(line, folder)?;
    let printed = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        let noted = String::from_utf8_lossy(&output.stderr);
        return Err(command::failed(
            line,
            error_in(&printed).as_deref().unwrap_or(&noted),
            HINT,
        ));
    }
    serde_json::from_str(&printed).map_err(|failure| PlanError::Runner {
        message: format!(
            "`{}` printed what is not understood: {failure}",
            line.join(" ")
        ),
        hint: "this version of HyperQueue is not known here; run the tasks with `--runner local`"
            .into(),
    })
}

/// The message of an error in JSON, without the places in HyperQueue's source that may follow it.
fn error_in(printed: &str) -> Option<String> {
    let answer: Value = serde_json::from_str(printed).ok()?;
    let message = answer.get("error")?.as_str()?;
    let message = message.split("Stack backtrace").next().unwrap_or_default();
    Some(message.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::Needs;

    macro_rules! recorded {
        ($name:literal) => {
            include_str!(concat!(
                "../../tests/fixtures/schedulers/hq-0.26.2-",
                $name,
                ".json"
            ))
        };
    }

    #[test]
    fn the_command_lines() {
        let array = Array {
            number: 3,
            folder: "/cluster/my plan".into(),
            script: "hyperqueue/array-3.sh".into(),
            len: 12,
            needs: Needs {
                cpus: Some(4),
                gpus: Some(1),
                memory_bytes: Some(3_000_000_001),
            },
        };
        assert_eq!(
            submission(&array).join(" "),
            "hq --output-mode=json submit --name=tagsmith-3 --array=0-11 --cwd=/cluster/my plan \
            --stdout=none --stderr=none --cpus=4 --resource=gpus/nvidia=1 --resource=mem=2862 \
            -- sh hyperqueue/array-3.sh"
        );
        assert_eq!(list().join(" "), "hq --output-mode=json job list --all");
        let jobs = ["7", "15"].map(str::to_owned);
        assert_eq!(
            description(&jobs).join(" "),
            "hq --output-mode=json job info 7,15"
        );
        assert_eq!(
            cancellation(&jobs.into()).join(" "),
            "hq --output-mode=json job cancel 15,7"
        );
    }

    /// The tasks of the plan in `/cluster/my plan`: array, place, state.
    fn tasks(printed: &str) -> Vec<(usize, usize, State)> {
        let jobs: Vec<Described> = serde_json::from_str(printed).unwrap();
        let tasks = jobs
            .into_iter()
            .flat_map(|job| job.tasks_in(Path::new("/cluster/my plan")));
        tasks.map(|job| (job.array, job.index, job.state)).collect()
    }

    #[test]
    fn what_hq_says_of_tasks_whose_worker_is_killed() {
        let listed: Vec<Listed> = serde_json::from_str(recorded!("job-list")).unwrap();
        assert_eq!(
            listed.iter().map(|job| job.id).collect::<Vec<_>>(),
            [1, 2, 3]
        );
        let ended = |words: &str| State::Ended(format!("HyperQueue says {words}"));
        let lost = "Task was running on a lost worker while never restart flag was set.";
        let (waits, runs) = (State::Alive(Phase::Queued), State::Alive(Phase::Running));
        let expected = [
            (1, 0, ended("finished")),
            (1, 1, ended("Program terminated with exit code 7.")),
            (1, 2, runs.clone()),
            (1, 3, ended(lost)),
            (1, 4, runs),
            (1, 5, ended(lost)),
            (2, 0, waits),
        ];
        assert_eq!(tasks(recorded!("job-info")), expected);
        let later = tasks(recorded!("job-info-later"));
        assert_eq!(later[2], (1, 2, ended("finished")));
        assert_eq!(later[6], (2, 0, State::Cancelled));
    }

    #[test]
    fn an_error_is_shown_without_places_in_the_source() {
        assert_eq!(
            error_in(recorded!("error")).unwrap(),
            "Invalid server directory Caused by: Error: \"/cluster/server\" is not a directory"
        );
        assert_eq!(error_in("{\"id\": 1}"), None);
    }
}
