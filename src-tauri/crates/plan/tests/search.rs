//! Searches worked on with a runner that only pretends: which trials advance, and what is said in the end.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use support::{Pretend, failed, plan, work};
use tagsmith_plan::search::space::{Settings, Space};
use tagsmith_plan::search::{Epochs, Search, Verdict, rungs};
use tagsmith_plan::{Completion, Outcome, Plan, PlanEvent, drive};
use tagsmith_protocol::{
    Convention, Decoding, Event, Metrics, Report, Scores, SplitReport, TimestampedEvent,
};

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
        near_train: None,
        unknown_labels: Vec::new(),
        loss: 1.0,
        metrics: metrics.clone(),
        confusion: Vec::new(),
        errors: Vec::new(),
        judgement: None,
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
    Search::new(trials, rungs, Epochs::new(epochs, false), vec![2, 3])
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

/// However well the default does in short runs, and however few the others are.
#[test]
fn the_default_is_always_compared_with_another_trial_in_full() {
    for trials in [2, 3, 4, 9] {
        for default in [0.0, 0.95] {
            let folder = tempfile::tempdir().unwrap();
            let mut plan = plan(folder.path(), []);
            let mut search = search(trials, 15);
            let last = format!("-rung-{}", search.rungs.len() - 1);
            let mut runner = Pretend::new(1, |plan: &Plan, id: &str| match trial(id) {
                0 => trained(plan, id, default),
                _ => trained(plan, id, f1(id)),
            });
            let (_, events) = work(&mut plan, &mut runner, &mut search);
            let in_full = runner.started.iter().filter(|id| id.ends_with(&last));
            let in_full: BTreeSet<usize> = in_full.map(|id| trial(id)).collect();
            assert!(
                in_full.contains(&0) && in_full.len() > 1,
                "{trials}: {in_full:?}"
            );
            assert!(
                matches!(events.last(), Some(PlanEvent::Progress { done, total, .. }) if done == total)
            );
        }
    }
}

#[test]
fn one_seed_cannot_show_that_a_trial_is_better() {
    let folder = tempfile::tempdir().unwrap();
    let mut plan = plan(folder.path(), []);
    let mut search = search(4, 15);
    search.seeds = vec![2];
    let mut runner = Pretend::new(1, |plan: &Plan, id: &str| trained(plan, id, f1(id)));
    work(&mut plan, &mut runner, &mut search);
    let report = search.report(&plan, &space()).unwrap().unwrap();
    assert_eq!((report.winner, report.verdict), (3, Verdict::WithinSpread));
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
