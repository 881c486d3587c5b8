//! Plans worked on with a runner that only pretends: what is started, in which order, and what comes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tagsmith_plan::search::space::{Settings, Space};
use tagsmith_plan::search::{Search, Verdict, rungs};
use tagsmith_plan::{
    Attempt, Complete, Completion, Ended, Outcome, Phase, Plan, PlanError, PlanEvent, Runner,
    Source, Standing, Task, drive,
};
use tagsmith_protocol::{
    Convention, Decoding, Event, Failure, Metrics, Report, Scores, SplitReport, TimestampedEvent,
};

/// Does each task when it is next asked about, as `outcome` says; `None` as if it had been killed.
struct Pretend<F> {
    slots: usize,
    running: BTreeSet<String>,
    started: Vec<String>,
    outcome: F,
}

impl<F: FnMut(&Plan, &str) -> Option<Outcome>> Pretend<F> {
    fn new(slots: usize, outcome: F) -> Self {
        Self {
            slots,
            running: BTreeSet::new(),
            started: Vec::new(),
            outcome,
        }
    }
}

impl<F: FnMut(&Plan, &str) -> Option<Outcome>> Runner for Pretend<F> {
    fn slots(&self) -> Option<usize> {
        Some(self.slots)
    }

    fn beat(&self) -> Duration {
        Duration::ZERO
    }

    fn start(&mut self, _: &Plan, tasks: &[&Task]) -> Result<(), PlanError> {
        for task in tasks {
            assert!(
                self.running.insert(task.id.clone()),
                "{} runs already",
                task.id
            );
            self.started.push(task.id.clone());
        }
        assert!(self.running.len() <= self.slots);
        Ok(())
    }

    fn under_way(&mut self, plan: &Plan) -> Result<BTreeMap<String, Phase>, PlanError> {
        if let Some(id) = self.running.pop_first() {
            let attempt = Attempt::begin(plan, &id).unwrap().unwrap();
            if let Some(outcome) = (self.outcome)(plan, &id) {
                attempt.end(outcome).unwrap();
            }
        }
        let running = self.running.iter();
        Ok(running.map(|id| (id.clone(), Phase::Running)).collect())
    }

    fn last_words(&self, _: &str) -> Option<String> {
        Some("killed by the test".into())
    }

    fn stop(&mut self, _: &Plan) -> Result<(), PlanError> {
        self.running.clear();
        Ok(())
    }
}

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

fn failed() -> Option<Outcome> {
    Some(Outcome::Failed(Failure::plain("test", "it was to fail")))
}

fn plan(folder: &Path, tasks: impl IntoIterator<Item = Task>) -> Plan {
    let mut plan = Plan::open(folder).unwrap();
    plan.add(tasks).unwrap();
    plan
}

fn work<R: Runner>(
    plan: &mut Plan,
    runner: &mut R,
    source: &mut dyn Source,
) -> (Standing, Vec<PlanEvent>) {
    let lock = plan.lock().unwrap();
    let mut events = Vec::new();
    let stop = AtomicBool::new(false);
    let ended = drive(plan, &lock, runner, source, &stop, &mut |event| {
        events.push(event.clone())
    })
    .unwrap();
    match ended {
        Completion::Finished(standing) => (standing, events),
        Completion::Stopped => panic!("nobody stopped it"),
    }
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

/// Leaves a finished run with this F1 on dev and test.
fn trained(plan: &Plan, id: &str, f1: f64) -> Option<Outcome> {
    let run = plan.folder().join("runs").join(id);
    for part in ["model", "checkpoints"] {
        fs::create_dir_all(run.join(part)).unwrap();
        fs::write(run.join(part).join("weights"), id).unwrap();
    }
    let metrics = Metrics {
        overall: Scores {
            f1,
            ..Scores::default()
        },
        ..Metrics::default()
    };
    let split = SplitReport {
        file: "dev".into(),
        documents: 1,
        words: 1,
        words_without_pieces: 0,
        moved_entities: 0,
        lost_entities: 0,
        cut_words: 0,
        shared_with_train: None,
        unknown_labels: Vec::new(),
        loss: 1.0,
        metrics: metrics.clone(),
        confusion: Vec::new(),
        errors: Vec::new(),
    };
    let report = Report {
        convention: Convention::Conlleval,
        decoding: Decoding::Viterbi,
        splits: [("dev".to_owned(), split)].into(),
    };
    let evaluated = Event::Evaluated {
        split: "dev".into(),
        documents: None,
        step: 1,
        epoch: 1.0,
        loss: 1.0,
        metrics,
        best: true,
    };
    let finished = Event::Finished {
        report: PathBuf::new(),
        model: PathBuf::new(),
        best_f1: f1,
        best_step: 1,
        seconds: 1.0,
        peak_memory_bytes: 1,
    };
    let lines = [evaluated, finished].map(|event| {
        serde_json::to_string(&TimestampedEvent {
            event,
            time: String::new(),
        })
        .unwrap()
            + "\n"
    });
    fs::write(run.join("events.jsonl"), lines.concat()).unwrap();
    fs::write(
        run.join("report.json"),
        serde_json::to_string(&report).unwrap(),
    )
    .unwrap();
    Some(Outcome::Done)
}

/// The trial that a run's id names.
fn trial(id: &str) -> usize {
    id.split('-').nth(1).unwrap().parse().unwrap()
}

fn space() -> Space {
    serde_json::from_str(
        r#"{"dropout": {"low": 0.0, "high": 0.5}, "loss": {"values": ["focal", "dice"]}}"#,
    )
    .unwrap()
}

fn search(trials: usize, epochs: usize) -> Search {
    let trials: Vec<Settings> = space().trials(trials, 1);
    let rungs = rungs(trials.len(), epochs);
    Search::new(trials, rungs, epochs, vec![2, 3])
}

/// Trial 7 of nine is best, the default (0) worst; a trial's F1 is the same on every rung.
fn f1(id: &str) -> f64 {
    [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.9, 0.8][trial(id)]
}

#[test]
fn a_search_advances_the_best_third_and_the_default_and_compares_them_with_new_seeds() {
    for slots in [1, 4] {
        let folder = tempfile::tempdir().unwrap();
        let mut plan = plan(folder.path(), []);
        let mut search = search(9, 15);
        let mut runner = Pretend::new(slots, |plan: &Plan, id: &str| trained(plan, id, f1(id)));
        let (standing, events) = work(&mut plan, &mut runner, &mut search);
        assert!(standing.failed.is_empty());
        let on_rung = |rung: usize| {
            let ending = format!("-rung-{rung}");
            let ids = runner
                .started
                .iter()
                .filter(move |id| id.ends_with(&ending));
            ids.map(|id| trial(id)).collect::<BTreeSet<usize>>()
        };
        assert_eq!(on_rung(0).len(), 9);
        // The best three in the end, the default, and those that were among the best third when they advanced.
        assert!(
            on_rung(1).is_superset(&[0, 6, 7, 8].into()),
            "{:?}",
            on_rung(1)
        );
        assert!(on_rung(1).len() < 9 && on_rung(2).len() < on_rung(1).len());
        assert!(on_rung(2).is_superset(&[0, 7].into()));
        let finals: Vec<&String> = runner
            .started
            .iter()
            .filter(|id| id.starts_with("final"))
            .collect();
        assert_eq!(
            finals,
            [
                "final-000-seed-2",
                "final-000-seed-3",
                "final-007-seed-2",
                "final-007-seed-3"
            ]
        );
        assert!(
            matches!(events.last(), Some(PlanEvent::Progress { done, total, .. }) if done == total)
        );

        let report = search.report(&plan, &space()).unwrap().unwrap();
        assert_eq!((report.winner, report.verdict), (7, Verdict::Better));
        assert_eq!(report.trials[7].runs.len(), 3);
        assert_eq!(report.trials[7].runs[2].curve[0].dev_f1, 0.9);
        let model = report.best().unwrap().keep_middle(&plan).unwrap();
        assert_eq!(
            fs::read_to_string(model.join("weights")).unwrap(),
            "final-007-seed-2"
        );
        // What nobody needs any more is gone.
        let run = plan.folder().join("runs/trial-007-rung-0");
        assert!(
            run.join("report.json").exists()
                && !run.join("model").exists()
                && !run.join("checkpoints").exists()
        );
    }
}

#[test]
fn a_search_continues_where_it_was_and_ends_as_it_would_have() {
    let whole = {
        let folder = tempfile::tempdir().unwrap();
        let mut plan = plan(folder.path(), []);
        let mut runner = Pretend::new(1, |plan: &Plan, id: &str| trained(plan, id, f1(id)));
        work(&mut plan, &mut runner, &mut search(9, 15));
        runner.started
    };
    let folder = tempfile::tempdir().unwrap();
    let mut plan = plan(folder.path(), []);
    let mut started = Vec::new();
    let stop = AtomicBool::new(false);
    loop {
        stop.store(false, Ordering::Relaxed);
        let mut done = 0;
        let mut runner = Pretend::new(1, |plan: &Plan, id: &str| {
            done += 1;
            stop.store(done == 4, Ordering::Relaxed);
            trained(plan, id, f1(id))
        });
        let lock = plan.lock().unwrap();
        let ended = drive(
            &mut plan,
            &lock,
            &mut runner,
            &mut search(9, 15),
            &stop,
            &mut |_| (),
        )
        .unwrap();
        started.extend(runner.started);
        if matches!(ended, Completion::Finished(_)) {
            break;
        }
    }
    assert_eq!(started, whole);
}

#[test]
fn trials_that_fail_are_left_behind_and_a_default_that_wins_is_said_to() {
    let folder = tempfile::tempdir().unwrap();
    let mut plan = plan(folder.path(), []);
    let mut search = search(9, 15);
    let mut runner = Pretend::new(1, |plan: &Plan, id: &str| match trial(id) {
        0 => trained(plan, id, 0.95),
        7 => failed(),
        _ => trained(plan, id, f1(id)),
    });
    let (standing, _) = work(&mut plan, &mut runner, &mut search);
    assert_eq!(standing.failed.len(), 1);
    let report = search.report(&plan, &space()).unwrap().unwrap();
    assert_eq!((report.winner, report.verdict), (0, Verdict::Default));
    assert_eq!(
        report.trials[7].runs[0].failure.as_ref().unwrap().message,
        "it was to fail"
    );
    assert_eq!(report.default_seeds.unwrap().runs.len(), 2);
}
