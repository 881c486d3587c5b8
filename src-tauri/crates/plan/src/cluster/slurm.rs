//! Slurm: arrays of batch jobs.
//!
//! What a site wants beside – a partition, an account, a limit of time – is sbatch's own affair, which reads it
//! from its variables: `SBATCH_PARTITION`, `SBATCH_ACCOUNT`, `SBATCH_TIMELIMIT`.

use super::array::Array;
use super::command::{self, line};
use super::{Job, Scheduler, State};
use crate::error::PlanError;
use crate::runner::Phase;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

/// Slurm, from version 20.02 on.
#[derive(Clone, Copy, Debug)]
pub struct Slurm;

/// What to do where a command fails.
const HINT: &str = "see whether `sinfo` answers here; sbatch takes what your cluster wants beside from \
    variables such as SBATCH_PARTITION, SBATCH_ACCOUNT and SBATCH_TIMELIMIT";

/// A task that would be killed at the end of the granted time stops by itself so many seconds before.
const NOTICE: &str = "--signal=B:TERM@120";

impl Scheduler for Slurm {
    const NAME: &'static str = "Slurm";
    const FOLDER: &'static str = "slurm";
    const COMMANDS: &'static [&'static str] = &["sbatch", "squeue", "scancel"];
    const INSTALLATION: &'static str =
        "run this on a machine of the cluster that has Slurm's commands, such as its login node";
    const INDEX: &'static str = "SLURM_ARRAY_TASK_ID";
    const BEAT: Duration = Duration::from_secs(5);

    fn submit(&self, array: &Array) -> Result<(), PlanError> {
        command::run(&submission(array), Path::new(&array.folder), HINT).map(drop)
    }

    fn jobs(&self, folder: &Path) -> Result<Vec<Job>, PlanError> {
        let printed = command::run(&query(), folder, HINT)?;
        let found = printed.lines().map(|line| {
            parse(line, folder).map_err(|()| PlanError::Runner {
                message: format!("`squeue` printed `{line}`, which is not what it was asked for"),
                hint:
                    "this version of Slurm is not known here; run the tasks with `--runner local`"
                        .into(),
            })
        });
        found.filter_map(Result::transpose).collect()
    }

    fn record(&self, folder: &Path, array: usize, index: usize) -> Option<State> {
        // Fails where the site keeps no accounts.
        let printed = command::run(&records(array), folder, HINT).ok()?;
        let mut jobs = printed
            .lines()
            .filter_map(|line| parse_record(line, folder));
        Some(jobs.rfind(|job| job.index == index)?.state)
    }

    fn cancel(&self, jobs: &BTreeSet<String>) -> Result<(), PlanError> {
        command::run(&cancellation(jobs), Path::new("."), HINT).map(drop)
    }
}

/// The command line that submits an array.
fn submission(array: &Array) -> Vec<String> {
    let mut line = line(&["sbatch", "--parsable", "--ntasks=1", NOTICE]);
    // A task whose machine fails is submitted again by us, who count how often.
    line.push("--no-requeue".into());
    line.push(format!("--job-name={}", array.name()));
    line.push(format!("--array=0-{}", array.len - 1));
    line.push(format!("--chdir={}", array.folder));
    // What Slurm itself says of the tasks; what they print goes to their own logs.
    line.push(format!("--output={}", array.script.replace(".sh", ".log")));
    line.push("--open-mode=append".into());
    line.extend(
        array
            .needs
            .cpus
            .map(|cpus| format!("--cpus-per-task={cpus}")),
    );
    line.extend(
        array
            .needs
            .gpus
            .filter(|gpus| *gpus > 0)
            .map(|gpus| format!("--gres=gpu:{gpus}")),
    );
    line.extend(
        array
            .mebibytes()
            .map(|mebibytes| format!("--mem={mebibytes}M")),
    );
    line.push(array.script.clone());
    line
}

/// The command line that lists the jobs of this person: array, place, state, machine, name, folder.
fn query() -> Vec<String> {
    let format = "--format=%F|%K|%T|%N|%j|%Z";
    line(&[
        "squeue",
        "--me",
        "--all",
        "--states=all",
        "--array",
        "--noheader",
        format,
    ])
}

/// The command line that lists what the accounts have of an array, with the same fields.
fn records(array: usize) -> Vec<String> {
    let fields = "--format=JobID,State,NodeList,JobName,WorkDir";
    let mut line = line(&[
        "sacct",
        "--noheader",
        "--parsable2",
        "--allocations",
        fields,
    ]);
    line.push(format!("--name={}", Array::name_of(array)));
    line.push("--starttime=now-30days".into());
    line
}

/// The command line that takes jobs back. Slurm asks what runs to stop, and kills it after `KillWait`.
fn cancellation(jobs: &BTreeSet<String>) -> Vec<String> {
    let mut line = line(&["scancel"]);
    line.extend(jobs.iter().cloned());
    line
}

/// A line of the list; `None` where it is another plan's, or none of ours.
fn parse(line: &str, folder: &Path) -> Result<Option<Job>, ()> {
    let fields: Vec<&str> = line.splitn(6, '|').collect();
    let [job, index, state, machine, name, directory] = fields[..] else {
        return Err(());
    };
    match (Array::number_of(name), Path::new(directory) == folder) {
        (Some(array), true) => Ok(Some(Job {
            job: job.into(),
            array,
            index: index.parse().map_err(drop)?,
            state: state_of(state, machine),
        })),
        _ => Ok(None),
    }
}

/// A line of the accounts, which writes `15_2` for a place in an array, and who cancelled it.
fn parse_record(line: &str, folder: &Path) -> Option<Job> {
    let fields: Vec<&str> = line.splitn(5, '|').collect();
    let [id, state, machine, name, directory] = fields[..] else {
        return None;
    };
    let (job, index) = id.split_once('_')?;
    let state = state.split(' ').next()?;
    let line = [job, index, state, machine, name, directory].join("|");
    parse(&line, folder).ok()?
}

/// What a job's state, in its long form, means.
fn state_of(state: &str, machine: &str) -> State {
    let words = match machine {
        "" => format!("Slurm says {state}"),
        machine => format!("Slurm says {state} on {machine}"),
    };
    match state {
        "PENDING" | "CONFIGURING" | "REQUEUED" | "REQUEUE_HOLD" | "REQUEUE_FED"
        | "RESV_DEL_HOLD" | "SPECIAL_EXIT" => State::Alive(Phase::Queued),
        "CANCELLED" | "REVOKED" => State::Cancelled,
        "PREEMPTED" | "TIMEOUT" | "DEADLINE" => State::Interrupted(words),
        "COMPLETED" | "FAILED" | "NODE_FAIL" | "BOOT_FAIL" | "LAUNCH_FAILED" | "OUT_OF_MEMORY" => {
            State::Ended(words)
        }
        // Running, or about to end: while it is not known to have ended, it is not started again.
        _ => State::Alive(Phase::Running),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::Needs;

    #[test]
    fn the_command_lines() {
        let array = Array {
            number: 3,
            folder: "/cluster/my plan".into(),
            script: "slurm/array-3.sh".into(),
            len: 12,
            needs: Needs {
                cpus: Some(4),
                gpus: Some(1),
                memory_bytes: Some(3_000_000_001),
            },
        };
        let expected = "sbatch --parsable --ntasks=1 --signal=B:TERM@120 --no-requeue --job-name=tagsmith-3 \
            --array=0-11 --chdir=/cluster/my plan --output=slurm/array-3.log --open-mode=append \
            --cpus-per-task=4 --gres=gpu:1 --mem=2862M slurm/array-3.sh";
        assert_eq!(submission(&array).join(" "), expected);
        let small = Array {
            needs: Needs::default(),
            len: 1,
            ..array
        };
        let expected = "sbatch --parsable --ntasks=1 --signal=B:TERM@120 --no-requeue --job-name=tagsmith-3 \
            --array=0-0 --chdir=/cluster/my plan --output=slurm/array-3.log --open-mode=append slurm/array-3.sh";
        assert_eq!(submission(&small).join(" "), expected);
        assert_eq!(
            query().join(" "),
            "squeue --me --all --states=all --array --noheader --format=%F|%K|%T|%N|%j|%Z"
        );
        let jobs = ["7", "15"].map(str::to_owned).into();
        assert_eq!(cancellation(&jobs).join(" "), "scancel 15 7");
    }

    /// The tasks of the plan in `/cluster/my plan` in what `squeue` printed: array, place, state.
    fn parsed(printed: &str) -> Vec<(usize, usize, State)> {
        let folder = Path::new("/cluster/my plan");
        let found = printed.lines().map(|line| parse(line, folder).unwrap());
        let mut jobs: Vec<_> = found
            .flatten()
            .map(|job| (job.array, job.index, job.state))
            .collect();
        jobs.sort_by_key(|(array, index, _)| (*array, *index));
        jobs
    }

    #[test]
    fn what_squeue_prints_while_tasks_wait_run_and_end() {
        let ended = |words: &str| State::Ended(format!("Slurm says {words}"));
        let (waits, runs) = (State::Alive(Phase::Queued), State::Alive(Phase::Running));
        let early = parsed(include_str!(
            "../../tests/fixtures/schedulers/squeue-22.05.8-early.txt"
        ));
        let expected = [
            (1, 0, ended("COMPLETED on node1")),
            (1, 1, ended("FAILED on node2")),
            (1, 2, runs.clone()),
            (1, 3, runs.clone()),
            (1, 4, runs),
            (1, 5, waits.clone()),
            (1, 6, waits.clone()),
            (1, 7, waits.clone()),
            (2, 0, waits.clone()),
            (2, 1, waits),
        ];
        assert_eq!(early, expected);
        let late = parsed(include_str!(
            "../../tests/fixtures/schedulers/squeue-22.05.8-late.txt"
        ));
        let state = |array, index| {
            let found = late.iter().find(|(a, i, _)| (*a, *i) == (array, index));
            found.map(|(_, _, state)| state.clone()).unwrap()
        };
        assert_eq!(state(1, 6), ended("NODE_FAIL on node2"));
        assert_eq!(
            state(1, 5),
            State::Interrupted("Slurm says TIMEOUT on node1".into())
        );
        assert_eq!(state(3, 1), State::Cancelled);
        assert_eq!(late.len(), 12);
    }

    #[test]
    fn what_sacct_prints_of_jobs_that_squeue_has_forgotten() {
        assert_eq!(
            records(1).join(" "),
            "sacct --noheader --parsable2 --allocations --format=JobID,State,NodeList,JobName,WorkDir \
            --name=tagsmith-1 --starttime=now-30days"
        );
        let printed = include_str!("../../tests/fixtures/schedulers/sacct-22.05.8.txt");
        let folder = Path::new("/cluster/my plan");
        let jobs = printed
            .lines()
            .filter_map(|line| parse_record(line, folder));
        let states: Vec<(usize, State)> = jobs.map(|job| (job.index, job.state)).collect();
        let ended = |words: &str| State::Ended(format!("Slurm says {words}"));
        let expected = [
            (0, ended("COMPLETED on node1")),
            (1, ended("FAILED on node2")),
            (2, ended("COMPLETED on node3")),
            (3, ended("NODE_FAIL on node1")),
            (4, State::Cancelled),
        ];
        assert_eq!(states, expected);
        assert_eq!(
            parse_record("2_[3-5]|PENDING||tagsmith-1|/cluster/my plan", folder),
            None
        );
    }

    #[test]
    fn an_unknown_state_is_not_taken_for_an_end() {
        assert_eq!(state_of("SIGNALING", "node2"), State::Alive(Phase::Running));
        assert_eq!(state_of("SOMETHING_NEW", ""), State::Alive(Phase::Running));
        assert!(parse("slurm_load_jobs error", Path::new("/")).is_err());
    }
}
