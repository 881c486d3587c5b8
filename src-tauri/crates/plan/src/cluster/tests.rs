//! A cluster by a scheduler that only pretends: what is submitted, how often, and what is said of it.

use super::*;
use crate::attempt::Attempt;
use std::cell::RefCell;
use std::rc::Rc;
use tagsmith_protocol::Failure;
use tempfile::TempDir;

/// What the pretended scheduler knows.
#[derive(Default)]
struct Board {
    submitted: Vec<Array>,
    jobs: Vec<Job>,
    cancelled: BTreeSet<String>,
    record: Option<State>,
    is_down: bool,
}

#[derive(Clone, Default)]
struct Pretended(Rc<RefCell<Board>>);

impl Scheduler for Pretended {
    const NAME: &'static str = "Pretended";
    const FOLDER: &'static str = "pretended";
    const COMMANDS: &'static [&'static str] = &[];
    const INSTALLATION: &'static str = "";
    const INDEX: &'static str = "PLACE";
    const BEAT: Duration = Duration::ZERO;

    fn submit(&self, array: &Array) -> Result<(), PlanError> {
        let mut board = self.0.borrow_mut();
        board.jobs.extend((0..array.len).map(|index| Job {
            job: format!("job-{}", array.number),
            array: array.number,
            index,
            state: State::Alive(Phase::Queued),
        }));
        board.submitted.push(array.clone());
        Ok(())
    }

    fn jobs(&self, _: &Path) -> Result<Vec<Job>, PlanError> {
        let board = self.0.borrow();
        match board.is_down {
            true => Err(command::failed(&["ask".into()], "no answer", "wait")),
            false => Ok(board.jobs.clone()),
        }
    }

    fn record(&self, _: &Path, array: usize, index: usize) -> Option<State> {
        assert_eq!((array, index), (1, 0));
        self.0.borrow().record.clone()
    }

    fn cancel(&self, jobs: &BTreeSet<String>) -> Result<(), PlanError> {
        self.0.borrow_mut().cancelled.clone_from(jobs);
        Ok(())
    }
}

impl Pretended {
    /// Changes what the tasks of the latest array are said to be.
    fn say(&self, state: State) {
        let mut board = self.0.borrow_mut();
        let latest = board.submitted.last().unwrap().number;
        let jobs = board.jobs.iter_mut().filter(|job| job.array == latest);
        jobs.for_each(|job| job.state = state.clone());
    }

    fn submissions(&self) -> usize {
        self.0.borrow().submitted.len()
    }

    fn runner(&self) -> Cluster<Self> {
        let program = "/opt/it's here/tagsmith".into();
        let mut cluster = Cluster::new(self.clone(), program, Needs::default()).unwrap();
        cluster.hidden = Duration::ZERO;
        cluster
    }
}

/// A plan with these tasks, each of which needs so many cores.
fn plan(tasks: &[(&str, usize)]) -> (TempDir, Plan) {
    let folder = tempfile::tempdir().unwrap();
    let mut plan = Plan::open(folder.path()).unwrap();
    plan.add(tasks.iter().map(|(id, cpus)| Task {
        id: (*id).into(),
        arguments: vec!["evaluate".into()],
        needs: Needs {
            cpus: Some(*cpus),
            ..Needs::default()
        },
        outputs: vec![format!("{id}.out").into()],
        ..Task::default()
    }))
    .unwrap();
    (folder, plan)
}

fn start(runner: &mut Cluster<Pretended>, plan: &Plan) {
    let tasks: Vec<&Task> = plan.tasks().iter().collect();
    runner.start(plan, &tasks).unwrap();
}

fn ids(runner: &mut Cluster<Pretended>, plan: &Plan) -> Vec<String> {
    runner.under_way(plan).unwrap().into_keys().collect()
}

fn gone() -> State {
    State::Ended("Pretended says NODE_FAIL".into())
}

#[test]
fn tasks_that_need_the_same_are_one_array() {
    let (_folder, plan) = plan(&[("a", 1), ("b", 4), ("c", 1)]);
    let pretended = Pretended::default();
    let mut runner = pretended.runner();
    start(&mut runner, &plan);
    let arrays = pretended.0.borrow().submitted.clone();
    let shapes: Vec<_> = arrays
        .iter()
        .map(|array| (array.number, array.len, array.needs.cpus))
        .collect();
    assert_eq!(shapes, [(1, 2, Some(1)), (2, 1, Some(4))]);
    let list = fs::read_to_string(plan.folder().join("pretended/array-1.txt")).unwrap();
    assert_eq!(list, "a\nc\n");
    assert_eq!(ids(&mut runner, &plan), ["a", "b", "c"]);
}

#[test]
fn what_is_given_replaces_what_a_task_needs() {
    let (_folder, plan) = plan(&[("a", 1), ("b", 4)]);
    let pretended = Pretended::default();
    let given = Needs {
        cpus: Some(8),
        ..Needs::default()
    };
    let mut runner = Cluster::new(pretended.clone(), "tagsmith".into(), given).unwrap();
    start(&mut runner, &plan);
    let arrays = &pretended.0.borrow().submitted;
    assert_eq!((arrays.len(), arrays[0].needs.cpus), (1, Some(8)));
}

#[cfg(unix)]
#[test]
fn the_script_of_an_array_starts_the_task_at_its_place() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, plan) = plan(&[("a", 3), ("b", 3)]);
    let program = folder.path().join("it's here");
    fs::write(
        &program,
        "#!/bin/sh\necho \"$RAYON_NUM_THREADS:$*\"; exit 7\n",
    )
    .unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let pretended = Pretended::default();
    let mut runner = Cluster::new(pretended, program, Needs::default()).unwrap();
    start(&mut runner, &plan);
    let status = std::process::Command::new("sh")
        .arg("pretended/array-1.sh")
        .current_dir(plan.folder())
        .env("PLACE", "1")
        .env_remove("RAYON_NUM_THREADS")
        .status();
    assert_eq!(status.unwrap().code(), Some(7));
    assert_eq!(
        fs::read_to_string(plan.log("b")).unwrap(),
        "3:task --plan . b\n"
    );
    assert!(!plan.log("a").exists());
}

#[test]
fn a_task_whose_machine_fails_is_submitted_again_but_not_for_ever() {
    let (_folder, plan) = plan(&[("a", 1)]);
    let pretended = Pretended::default();
    let mut runner = pretended.runner();
    start(&mut runner, &plan);
    for submissions in [2, 3] {
        pretended.say(State::Alive(Phase::Running));
        assert_eq!(runner.under_way(&plan).unwrap()["a"], Phase::Running);
        pretended.say(gone());
        assert_eq!(runner.under_way(&plan).unwrap()["a"], Phase::Queued);
        assert_eq!(pretended.submissions(), submissions);
    }
    pretended.say(gone());
    assert!(ids(&mut runner, &plan).is_empty());
    assert_eq!(pretended.submissions(), ATTEMPTS);
    assert_eq!(runner.last_words("a").unwrap(), "Pretended says NODE_FAIL");
    let log = fs::read_to_string(plan.log("a")).unwrap();
    assert!(
        log.starts_with("tagsmith: Pretended says NODE_FAIL; submitted again, 1 of 2 times\n"),
        "{log}"
    );
    // In another session it may be tried again.
    start(&mut runner, &plan);
    assert_eq!(ids(&mut runner, &plan), ["a"]);
}

#[test]
fn a_task_that_says_why_it_failed_is_submitted_again_too() {
    let (_folder, plan) = plan(&[("a", 1)]);
    let pretended = Pretended::default();
    let mut runner = pretended.runner();
    start(&mut runner, &plan);
    let attempt = Attempt::begin(&plan, "a").unwrap().unwrap();
    attempt
        .end(Outcome::Failed(Failure::new(
            "memory",
            "memory ran out",
            "take less",
        )))
        .unwrap();
    pretended.say(gone());
    assert_eq!(ids(&mut runner, &plan), ["a"]);
    assert!(
        fs::read_to_string(plan.log("a"))
            .unwrap()
            .contains("memory ran out; submitted again")
    );
}

#[test]
fn the_end_of_the_granted_time_is_no_failure() {
    let (_folder, plan) = plan(&[("a", 1)]);
    let pretended = Pretended::default();
    let mut runner = pretended.runner();
    start(&mut runner, &plan);
    for _ in 0..4 * ATTEMPTS {
        pretended.say(State::Interrupted("Pretended says TIMEOUT".into()));
        assert_eq!(ids(&mut runner, &plan), ["a"]);
        // It was asked in time, and stopped by itself.
        let attempt = Attempt::begin(&plan, "a").unwrap().unwrap();
        attempt.end(Outcome::Stopped).unwrap();
        pretended.say(gone());
        assert_eq!(ids(&mut runner, &plan), ["a"]);
    }
    assert_eq!(pretended.submissions(), 1 + 8 * ATTEMPTS);
}

#[test]
fn a_task_that_is_done_cancelled_or_paused_is_not_submitted_again() {
    let (_folder, plan) = plan(&[("a", 1), ("b", 1)]);
    let pretended = Pretended::default();
    let mut runner = pretended.runner();
    start(&mut runner, &plan);
    fs::write(plan.folder().join("a.out"), "").unwrap();
    fs::write(plan.pause_file("b"), "").unwrap();
    pretended.say(gone());
    assert!(ids(&mut runner, &plan).is_empty());
    fs::remove_file(plan.pause_file("b")).unwrap();
    runner.start(&plan, &[plan.task("b").unwrap()]).unwrap();
    pretended.say(State::Cancelled);
    assert!(ids(&mut runner, &plan).is_empty());
    assert_eq!(pretended.submissions(), 2);
}

#[test]
fn what_the_scheduler_no_longer_lists_is_looked_up_in_its_records() {
    for (record, is_continued) in [
        (None, true),
        (Some(gone()), true),
        (Some(State::Cancelled), false),
    ] {
        let (_folder, plan) = plan(&[("a", 1)]);
        let pretended = Pretended::default();
        let mut runner = pretended.runner();
        start(&mut runner, &plan);
        pretended.0.borrow_mut().jobs.clear();
        pretended.0.borrow_mut().record = record;
        assert_eq!(!ids(&mut runner, &plan).is_empty(), is_continued);
    }
}

#[test]
fn an_end_that_cannot_be_seen_from_here_yet_is_waited_for() {
    let (_folder, plan) = plan(&[("a", 1)]);
    let pretended = Pretended::default();
    let mut runner = pretended.runner();
    runner.hidden = HIDDEN;
    start(&mut runner, &plan);
    pretended.say(gone());
    assert_eq!(runner.under_way(&plan).unwrap()["a"], Phase::Running);
    fs::write(plan.folder().join("a.out"), "").unwrap();
    assert!(ids(&mut runner, &plan).is_empty());
    assert_eq!(pretended.submissions(), 1);
}

#[test]
fn another_process_finds_what_was_submitted_and_can_stop_it() {
    let (_folder, plan) = plan(&[("a", 1), ("b", 1)]);
    let pretended = Pretended::default();
    start(&mut pretended.runner(), &plan);
    pretended.0.borrow_mut().jobs[0].state = gone();
    let mut other = pretended.runner();
    // What ended before it began is for whoever drives the plan to start.
    assert_eq!(ids(&mut other, &plan), ["b"]);
    other.start(&plan, &[plan.task("a").unwrap()]).unwrap();
    assert_eq!(pretended.0.borrow().submitted[1].number, 2);
    other.stop(&plan).unwrap();
    assert_eq!(
        pretended.0.borrow().cancelled,
        ["job-1", "job-2"].map(str::to_owned).into()
    );
    pretended
        .0
        .borrow_mut()
        .jobs
        .iter_mut()
        .for_each(|job| job.state = gone());
    assert!(ids(&mut other, &plan).is_empty());
    assert_eq!(pretended.submissions(), 2);
}

#[test]
fn a_scheduler_that_does_not_answer_for_a_while_ends_nothing() {
    let (_folder, plan) = plan(&[("a", 1)]);
    let pretended = Pretended::default();
    let mut runner = pretended.runner();
    pretended.0.borrow_mut().is_down = true;
    let failure = runner.under_way(&plan).unwrap_err().to_string();
    assert_eq!(failure, "`ask` failed: no answer");
    pretended.0.borrow_mut().is_down = false;
    start(&mut runner, &plan);
    assert_eq!(ids(&mut runner, &plan), ["a"]);
    pretended.0.borrow_mut().is_down = true;
    assert_eq!(ids(&mut runner, &plan), ["a"]);
}

#[test]
fn a_scheduler_that_is_not_installed_is_named_with_what_to_do() {
    #[derive(Debug)]
    struct Absent;
    impl Scheduler for Absent {
        const NAME: &'static str = "Slurm";
        const FOLDER: &'static str = "";
        const COMMANDS: &'static [&'static str] = &["sh", "no-such-command"];
        const INSTALLATION: &'static str = "install it";
        const INDEX: &'static str = "";
        const BEAT: Duration = Duration::ZERO;
        fn submit(&self, _: &Array) -> Result<(), PlanError> {
            unreachable!()
        }
        fn jobs(&self, _: &Path) -> Result<Vec<Job>, PlanError> {
            unreachable!()
        }
        fn cancel(&self, _: &BTreeSet<String>) -> Result<(), PlanError> {
            unreachable!()
        }
    }
    let failure = Cluster::new(Absent, "tagsmith".into(), Needs::default()).unwrap_err();
    assert_eq!(
        failure.to_string(),
        "the command `no-such-command` of Slurm was not found on PATH"
    );
    let PlanError::Runner { hint, .. } = failure else {
        panic!("{failure:?}");
    };
    assert_eq!(
        hint,
        "install it, or run the tasks on this machine: `--runner local`"
    );
}
