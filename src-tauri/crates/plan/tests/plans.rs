//! Plans worked on with a runner that only pretends: what is started, in which order, and what comes of it.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use support::{Pretend, failed, plan, work};
use tagsmith_plan::{
    Attempt, Complete, Completion, Ended, Outcome, Phase, Plan, PlanError, PlanEvent, Runner, Task,
    drive,
};

fn task(id: &str, after: &[&str]) -> Task {
    Task {
        id: id.into(),
        arguments: vec!["evaluate".into()],
        after: after.iter().map(|id| (*id).to_owned()).collect(),
        outputs: vec![PathBuf::from(id).with_extension("out")],
        ..Task::default()
    }
}

fn done(plan: &Plan, id: &str) -> Option<Outcome> {
    fs::write(plan.folder().join(id).with_extension("out"), "").unwrap();
    Some(Outcome::Done)
}

#[test]
fn a_damaged_line_is_named_with_what_was_found() {
    let folder = tempfile::tempdir().unwrap();
    let good = r#"{"id": "a", "arguments": ["evaluate"], "outputs": ["a"]}"#;
    for (bad, says) in [
        (r#"{"id": "b", "arguments": ["eval"#, "EOF"),
        (
            r#"{"id": "b", "arguments": ["evaluate"], "outputs": ["b"], "need": {}}"#,
            "`need`",
        ),
        (
            r#"{"id": "b", "arguments": "evaluate", "outputs": ["b"]}"#,
            "expected a sequence",
        ),
        (
            r#"{"id": "a", "arguments": ["evaluate"], "outputs": ["b"]}"#,
            "`a` stands there twice",
        ),
        (
            r#"{"id": "../b", "arguments": ["evaluate"], "outputs": ["b"]}"#,
            "the id is `../b`",
        ),
        (
            r#"{"id": "b", "arguments": ["evaluate"], "outputs": ["b"], "after": ["c"]}"#,
            "`c`",
        ),
        (
            r#"{"id": "b", "arguments": [], "outputs": ["b"]}"#,
            "lacks arguments",
        ),
        ("\u{0}", "line 1"),
    ] {
        fs::write(
            folder.path().join("plan.jsonl"),
            format!("{good}\n\n{bad}\n"),
        )
        .unwrap();
        let said = Plan::open(folder.path()).unwrap_err().to_string();
        assert!(
            said.contains("plan.jsonl`, line 3: ") && said.contains(says),
            "{said}"
        );
    }
}

#[test]
fn tasks_run_in_order_after_what_they_need_and_none_twice() {
    let folder = tempfile::tempdir().unwrap();
    let tasks = [
        task("a", &[]),
        task("b", &["a"]),
        task("c", &[]),
        task("d", &["b", "c"]),
    ];
    let mut plan = plan(folder.path(), tasks);
    let mut runner = Pretend::new(2, done);
    let (standing, events) = work(&mut plan, &mut runner, &mut Complete);
    assert_eq!(runner.started, ["a", "c", "b", "d"]);
    assert_eq!(standing.done.len(), 4);
    assert!(matches!(
        events.last(),
        Some(PlanEvent::Progress {
            done: 4,
            total: 4,
            eta_seconds: Some(0.0),
            ..
        })
    ));
    let mut again = Pretend::new(2, done);
    work(&mut plan, &mut again, &mut Complete);
    assert!(again.started.is_empty());
}

/// How far the first run is says how long all of them take, before any is done.
#[test]
fn the_time_left_follows_from_how_far_a_run_is() {
    let folder = tempfile::tempdir().unwrap();
    let run = |id: &str| Task {
        id: id.into(),
        arguments: vec!["train".into(), "--out".into(), format!("runs/{id}")],
        outputs: vec![format!("runs/{id}/report.json").into()],
        ..Task::default()
    };
    let mut plan = plan(folder.path(), [run("a"), run("b"), run("c")]);
    let mut runner = Pretend::new(2, |plan: &Plan, id: &str| {
        if id == "a" {
            // A quarter of `b` is done, and the rest takes 30 seconds: 40 for a whole one.
            let folder = plan.folder().join("runs/b");
            fs::create_dir_all(&folder).unwrap();
            let step = r#"{"event": "step", "time": "2026-01-01T00:00:00Z", "step": 25, "steps": 100,
                "epoch": 1.0, "loss": 1.0, "lr": 1e-5, "gradient_norm": 1.0, "tokens_per_second": 9.0,
                "memory_bytes": 1, "eta_seconds": 30.0}"#;
            fs::write(folder.join("events.jsonl"), step.replace('\n', "")).unwrap();
        }
        failed()
    });
    let (_, events) = work(&mut plan, &mut runner, &mut Complete);
    let left = events.iter().find_map(|event| match event {
        PlanEvent::Progress { eta_seconds, .. } => *eta_seconds,
        _ => None,
    });
    // 30 of `b` and 40 of `c`, two at once.
    assert!((left.unwrap() - 35.0).abs() < 1e-9, "{left:?}");
}

#[test]
fn a_task_that_fails_or_is_killed_leaves_the_others_and_is_tried_again_in_the_next_session() {
    let folder = tempfile::tempdir().unwrap();
    let tasks = [
        task("a", &[]),
        task("b", &[]),
        task("c", &["a"]),
        task("d", &[]),
    ];
    let mut plan = plan(folder.path(), tasks);
    let mut runner = Pretend::new(1, |plan: &Plan, id: &str| match id {
        "a" => failed(),
        "b" => None,
        _ => done(plan, id),
    });
    let (standing, _) = work(&mut plan, &mut runner, &mut Complete);
    assert_eq!(runner.started, ["a", "b", "d"]);
    assert_eq!(standing.failed["a"].message, "it was to fail");
    assert!(standing.failed["b"].message.contains("killed by the test"));
    assert!(matches!(
        Ended::read(&plan, "a").unwrap().outcome,
        Outcome::Failed(_)
    ));
    let mut again = Pretend::new(1, done);
    let (standing, _) = work(&mut plan, &mut again, &mut Complete);
    assert_eq!(again.started, ["a", "b", "c"]);
    assert!(standing.failed.is_empty());
}

#[test]
fn a_command_without_its_outputs_has_failed() {
    let folder = tempfile::tempdir().unwrap();
    let mut plan = plan(folder.path(), [task("a", &[])]);
    let mut runner = Pretend::new(1, |_: &Plan, _: &str| Some(Outcome::Done));
    let (standing, _) = work(&mut plan, &mut runner, &mut Complete);
    assert_eq!(standing.failed["a"].code, "no-output");
}

#[test]
fn a_paused_task_waits_and_what_is_added_meanwhile_runs() {
    let folder = tempfile::tempdir().unwrap();
    let mut plan = plan(folder.path(), [task("a", &[]), task("b", &[])]);
    fs::create_dir_all(plan.task_folder("a")).unwrap();
    fs::write(plan.pause_file("a"), "").unwrap();
    let mut runner = Pretend::new(1, |plan: &Plan, id: &str| {
        let mut other = Plan::open(plan.folder()).unwrap();
        other.add([task("c", &[])]).unwrap();
        done(plan, id)
    });
    let (standing, _) = work(&mut plan, &mut runner, &mut Complete);
    assert_eq!(runner.started, ["b", "c"]);
    assert!(!standing.done.contains("a") && standing.failed.is_empty());
    fs::remove_file(plan.pause_file("a")).unwrap();
    let mut again = Pretend::new(1, done);
    work(&mut plan, &mut again, &mut Complete);
    assert_eq!(again.started, ["a"]);
}

/// Its process had seen the pause, which was over before the process was.
#[test]
fn a_task_whose_pause_is_over_before_it_has_stopped_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut plan = plan(folder.path(), [task("a", &[])]);
    let mut attempts = 0;
    let mut runner = Pretend::new(1, |plan: &Plan, id: &str| {
        attempts += 1;
        if attempts > 1 {
            return done(plan, id);
        }
        fs::write(plan.pausing_file(id), "").unwrap();
        Some(Outcome::Stopped)
    });
    let (standing, _) = work(&mut plan, &mut runner, &mut Complete);
    assert!(standing.stopped.is_empty() && standing.done.contains("a"));
    assert_eq!(runner.started, ["a", "a"]);
    assert!(!plan.pausing_file("a").exists());
}

#[test]
fn two_programs_do_not_work_on_a_plan_at_once_and_two_processes_not_on_a_task() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(folder.path(), [task("a", &[])]);
    let lock = plan.lock().unwrap();
    let other = Plan::open(folder.path()).unwrap();
    assert!(matches!(other.lock(), Err(PlanError::PlanInUse { .. })));
    drop(lock);
    other.lock().unwrap();
    let attempt = Attempt::begin(&plan, "a").unwrap().unwrap();
    assert!(plan.is_under_way("a"));
    assert!(matches!(
        Attempt::begin(&plan, "a"),
        Err(PlanError::TaskInUse { .. })
    ));
    drop(attempt);
    assert!(!plan.is_under_way("a"));
}

#[test]
fn a_stop_leaves_what_is_under_way_for_the_next_session() {
    let folder = tempfile::tempdir().unwrap();
    let mut plan = plan(folder.path(), [task("a", &[]), task("b", &[])]);
    let stop = AtomicBool::new(false);
    let mut runner = Pretend::new(1, |_: &Plan, _: &str| {
        stop.store(true, Ordering::Relaxed);
        Some(Outcome::Stopped)
    });
    let lock = plan.lock().unwrap();
    let ended = drive(
        &mut plan,
        &lock,
        &mut runner,
        &mut Complete,
        &stop,
        &mut |_| (),
    )
    .unwrap();
    assert!(matches!(ended, Completion::Stopped), "{ended:?}");
    drop(lock);
    assert!(runner.started.contains(&"a".to_owned()));
    let mut again = Pretend::new(1, done);
    let (standing, _) = work(&mut plan, &mut again, &mut Complete);
    assert_eq!(standing.done.len(), 2);
}

/// The program was killed while a task ran: the next one waits for it, and then continues it.
#[test]
fn a_task_of_an_earlier_session_is_waited_for_and_continued() {
    let folder = tempfile::tempdir().unwrap();
    let mut plan = plan(folder.path(), [task("a", &[]), task("b", &[])]);
    for end in [Some(Outcome::Stopped), None] {
        let mut first = Some(end);
        let mut runner = Pretend::new(1, |plan: &Plan, id: &str| match first.take() {
            Some(end) => end,
            None => done(plan, id),
        });
        runner.running.insert("a".into());
        // The task is under way when the session begins.
        let (standing, _) = {
            let mut waiting = Late(runner, true);
            let ended = work(&mut plan, &mut waiting, &mut Complete);
            runner = waiting.0;
            ended
        };
        assert_eq!(runner.started, ["a", "b"]);
        assert_eq!(standing.done.len(), 2);
        for id in ["a", "b"] {
            fs::remove_file(folder.path().join(id).with_extension("out")).unwrap();
        }
    }
}

/// Tells once what is under way without going on with it.
struct Late<F>(Pretend<F>, bool);

impl<F: FnMut(&Plan, &str) -> Option<Outcome>> Runner for Late<F> {
    fn slots(&self) -> Option<usize> {
        self.0.slots()
    }

    fn beat(&self) -> Duration {
        Duration::ZERO
    }

    fn start(&mut self, plan: &Plan, tasks: &[&Task]) -> Result<(), PlanError> {
        self.0.start(plan, tasks)
    }

    fn under_way(&mut self, plan: &Plan) -> Result<BTreeMap<String, Phase>, PlanError> {
        match std::mem::take(&mut self.1) {
            true => Ok([("a".to_owned(), Phase::Running)].into()),
            false => self.0.under_way(plan),
        }
    }

    fn stop(&mut self, plan: &Plan) -> Result<(), PlanError> {
        self.0.stop(plan)
    }
}
