//! Several seeds and searches: followed by their folders, stopped and continued, and what is kept of them.

use crate::fake::{Desk, config, data, eventually, request as fake_request};
use crate::real::{Real, begin, ended, request, settings};
use std::fs;
use tagsmith_desktop::dto::{
    AppEvent, Combination, Often, RunStatus, SettingValue, SpaceRange, Study, TaskStatus,
};
use tagsmith_desktop::queueable::Queueable;
use tagsmith_desktop::studies::Studies;

/// Long enough to be stopped in the middle.
const LONG: usize = 400;

fn learning_rates() -> SpaceRange {
    SpaceRange {
        setting: "learning_rate".into(),
        values: Vec::new(),
        low: Some(1e-4),
        high: Some(1e-2),
        log: true,
    }
}

fn batch_sizes() -> SpaceRange {
    SpaceRange {
        setting: "batch_size".into(),
        values: [2.0, 4.0].map(SettingValue::Number).into(),
        low: None,
        high: None,
        log: false,
    }
}

fn studies(desk: &Desk, script: &str) -> Studies {
    let runs = desk.runs(script);
    Studies::open(desk.library(), desk.engine(script), desk.notify(), runs)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_models_of_all_seeds_are_one_model_of_the_library() {
    let Some(real) = Real::new() else { return };
    let desktop = real.with_data();
    for (name, how) in [
        ("Average", Combination::Average),
        ("Ensemble", Combination::Ensemble),
    ] {
        let often = Often::Seeds {
            seeds: 2,
            combine: Some(how),
        };
        let id = begin(&desktop, &request(name, 6, often));
        let study = ended(&desktop, &id).await;
        assert_eq!(study.status, RunStatus::Finished, "{:?}", study.failure);
        let combined = study.combined.unwrap();
        assert_eq!(combined.how, how);
        assert!(combined.dev_f1.is_some() && combined.test_f1.is_some());
        let model = combined.model.unwrap();
        let entry = desktop.library.models().into_iter();
        let entry = entry.clone().find(|entry| entry.name == model).unwrap();
        let known = desktop.models.describe(&entry).unwrap();
        assert_eq!(known.summary.labels, ["LOC", "PER"]);
        // The middle run is kept beside it.
        assert!(desktop.runs.get(study.run.as_deref().unwrap()).is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn seeds_give_a_mean_and_keep_the_middle_run_as_an_ordinary_one() {
    let Some(real) = Real::new() else { return };
    let desktop = real.with_data();
    let id = begin(
        &desktop,
        &request(
            "Three",
            6,
            Often::Seeds {
                seeds: 3,
                combine: None,
            },
        ),
    );
    assert_eq!(desktop.studies.living().len(), 1);
    // While it works, everything else waits, and its data cannot be deleted.
    assert!(desktop.is_busy());
    let study = ended(&desktop, &id).await;
    assert_eq!(study.status, RunStatus::Finished, "{:?}", study.failure);
    assert_eq!((study.done, study.total, study.share), (3, 3, Some(1.0)));
    let seeds: Vec<f64> = study.seeds.runs.iter().map(|run| run.seed).collect();
    assert_eq!(seeds, [42.0, 43.0, 44.0]);
    let mut dev: Vec<f64> = study
        .seeds
        .runs
        .iter()
        .map(|run| run.dev_f1.unwrap())
        .collect();
    let spread = study.seeds.dev.unwrap();
    assert!((spread.mean - dev.iter().sum::<f64>() / 3.0).abs() < 1e-12);
    assert!(study.seeds.test.is_some());
    for run in &study.seeds.runs {
        assert_eq!((run.status, run.curve.len()), (TaskStatus::Done, 6));
    }

    // The engine's own report says the same.
    let report = fs::read_to_string(real.home().join("studies").join(&id).join("seeds.json"));
    let report: serde_json::Value = serde_json::from_str(&report.unwrap()).unwrap();
    assert_eq!(report["middle"].as_f64(), study.seeds.middle);
    dev.sort_by(f64::total_cmp);
    let run = desktop.runs.get(study.run.as_deref().unwrap()).unwrap();
    assert_eq!(run.best_f1, Some(dev[1]));
    assert_eq!(run.status, RunStatus::Finished);
    assert!(run.has_report && run.has_model);
    assert_eq!(Some(run.settings.seed as f64), study.seeds.middle);
    // Its model has a name, highlights, and can be scored.
    desktop.library.named(&run.id).unwrap();
    assert!(
        desktop.runs.report(&run.id).is_ok() && !desktop.runs.events(&run.id).unwrap().is_empty()
    );

    // Deleting the study leaves the run that was kept.
    assert!(desktop.studies.remove(&id).unwrap() > 0);
    assert!(desktop.studies.get(&id).is_none());
    desktop.library.named(&run.id).unwrap();
    assert_eq!(
        desktop.studies.remove(&id).unwrap_err().code,
        "unknown-study"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_is_stopped_and_continued_and_has_a_verdict() {
    let Some(real) = Real::new() else { return };
    let desktop = real.with_data();
    let often = Often::Search {
        trials: 6,
        space: vec![learning_rates(), batch_sizes()],
    };
    let mut wanted = request("Search", 4, often);
    wanted.settings.learning_rate = None;
    wanted.settings.batch_size = None;
    let id = begin(&desktop, &wanted);
    let done = |least: u32| {
        let study = desktop.studies.get(&id)?;
        (study.done >= least).then_some(study)
    };
    eventually("two trials are done", || done(2)).await;
    desktop.studies.stop(&id).unwrap();
    let stopped = ended(&desktop, &id).await;
    assert_eq!(stopped.status, RunStatus::Stopped, "{:?}", stopped.failure);
    let before = stopped.search.clone().unwrap();
    assert_eq!(before.trials.len(), 6);
    assert_eq!(before.verdict, None);

    desktop.resume_study(&id).unwrap();
    let study = ended(&desktop, &id).await;
    assert_eq!(study.status, RunStatus::Finished, "{:?}", study.failure);
    let search = study.search.unwrap();
    assert!(search.verdict.is_some() && search.winner.is_some());
    assert_eq!(search.importance.len(), 2, "five trials are enough to tell");
    assert!(search.trials[0].values.is_empty(), "the untouched default");
    for trial in &search.trials {
        assert_eq!(trial.status, TaskStatus::Done);
        assert!(
            trial.dev_f1.is_some() && !trial.curve.is_empty(),
            "{trial:?}"
        );
    }
    // What was done before the stop is as it was.
    for (before, after) in before.trials.iter().zip(&search.trials) {
        assert_eq!(before.values, after.values);
    }
    assert_eq!(study.seeds.runs.len(), 3, "the default with three seeds");
    let kept = desktop.runs.get(&study.run.unwrap()).unwrap();
    assert!(kept.has_model && kept.has_report);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_study_goes_on_without_its_window_and_is_found_again() {
    let Some(real) = Real::new() else { return };
    let first = real.with_data();
    let id = begin(
        &first,
        &request(
            "Long",
            LONG,
            Often::Seeds {
                seeds: 2,
                combine: None,
            },
        ),
    );
    let steps = |desktop: &tagsmith_desktop::app::Desktop| {
        let study: Study = desktop.studies.get(&id)?;
        study.seeds.runs[0].share.filter(|share| *share > 0.0)
    };
    eventually("it trains", || steps(&first)).await;
    // The window is gone; its child is not.
    drop(first);
    let second = real.open();
    assert!(second.studies.is_living(&id));
    assert_eq!(second.studies.remove(&id).unwrap_err().code, "running");
    second.studies.stop(&id).unwrap();
    let study = ended(&second, &id).await;
    assert_eq!((study.status, study.failure), (RunStatus::Stopped, None));
    assert_eq!(study.seeds.runs[0].status, TaskStatus::Stopped);
}

/// Without a dev set the last runs of a search learn a part and then all, which takes twice as long.
#[tokio::test]
async fn the_time_left_of_a_search_without_a_dev_set_counts_both_halves() {
    let desk = Desk::new();
    let studies = studies(&desk, "mkdir -p $out; exec sleep 60");
    let mut wanted = fake_request("Search");
    wanted.settings.epochs = Some(4);
    wanted.often = Often::Search {
        trials: 2,
        space: vec![learning_rates()],
    };
    let mut with_dev = data();
    with_dev.dev = Some("dev.jsonl".into());
    for (data, eta) in [(data(), 270.0), (with_dev, 150.0)] {
        let id = studies.start(&wanted, &data).unwrap().id;
        let folder = desk.path().join("home/studies").join(&id);
        let run = folder.join("runs/trial-000-rung-0");
        fs::create_dir_all(&run).unwrap();
        let trials =
            r#"{"trials": [{}, {"learning_rate": 1e-4}], "rungs": [null], "seeds": [43, 44, 45]}"#;
        fs::write(folder.join("trials.json"), trials).unwrap();
        let task = r#"{"id": "trial-000-rung-0", "arguments": ["train", "--out", "runs/trial-000-rung-0"], "outputs": ["runs/trial-000-rung-0/report.json"]}"#;
        fs::write(folder.join("plan.jsonl"), format!("{task}\n")).unwrap();
        // Half of the first trial took ten seconds.
        let started = serde_json::json!({
            "event": "started", "time": "2026-01-01T00:00:00Z", "run": "r", "config": config(),
            "documents": {"train": 3}, "windows": 3, "steps": 8, "done_steps": 0, "parameters": 5,
            "labels": ["A"], "device": "cpu",
        });
        let step = serde_json::json!({
            "event": "step", "time": "2026-01-01T00:00:10Z", "step": 4, "steps": 8, "epoch": 2.0,
            "loss": 1.0, "lr": 1e-5, "gradient_norm": 1.0, "tokens_per_second": 9.0,
            "memory_bytes": 1, "eta_seconds": 10.0,
        });
        fs::write(run.join("events.jsonl"), format!("{started}\n{step}\n")).unwrap();
        let study = studies.get(&id).unwrap();
        // Two trials of 4 epochs, and 3 seeds of the winner and of the default, of 4 or 8: 2 epochs took 10
        // seconds, and 54 are left, or 30.
        assert_eq!((study.done, study.total), (0, 8));
        assert_eq!(study.eta_seconds, Some(eta));
        studies.kill(&id).unwrap();
    }
    studies.stop_all().await;
}

#[tokio::test]
async fn what_cannot_be_searched_is_refused_before_anything_runs() {
    let desk = Desk::new();
    let studies = studies(&desk, "exit 1");
    let search = |trials, space| {
        let mut request = fake_request("x");
        request.often = Often::Search { trials, space };
        request
    };
    let empty = SpaceRange {
        low: None,
        high: None,
        ..learning_rates()
    };
    let turned = SpaceRange {
        low: Some(1e-2),
        high: Some(1e-4),
        ..learning_rates()
    };
    let unknown = SpaceRange {
        setting: "learnin_rate".into(),
        ..learning_rates()
    };
    for (trials, space, says) in [
        (1, vec![learning_rates()], "compares nothing"),
        (4, vec![], "empty"),
        (4, vec![empty], "either `values`"),
        (4, vec![turned], "less than `high`"),
        (4, vec![unknown], "no setting"),
    ] {
        let failure = studies.start(&search(trials, space), &data()).unwrap_err();
        assert_eq!(failure.code, "setting");
        assert!(failure.message.contains(says), "{failure:?}");
    }
    assert!(studies.list().is_empty());
}

#[tokio::test]
async fn an_engine_that_dies_is_a_clear_failure() {
    let desk = Desk::new();
    let studies = studies(&desk, "echo 'note: x' >&2; kill -9 $$");
    let mut request = fake_request("a");
    request.often = Often::Seeds {
        seeds: 3,
        combine: None,
    };
    let id = studies.start(&request, &data()).unwrap().id;
    let study = eventually("it ends", || {
        (!studies.is_living(&id)).then(|| studies.get(&id).unwrap())
    })
    .await;
    assert_eq!(study.status, RunStatus::Failed);
    let failure = study.failure.unwrap();
    assert_eq!(failure.code, "engine-died");
    assert!(failure.hint.unwrap().contains("memory"));
    let mut told = desk.news().into_iter().filter_map(|news| match news {
        AppEvent::Study { study } => Some(study.status),
        _ => None,
    });
    assert_eq!(told.next_back(), Some(RunStatus::Failed));

    // A run of it that failed says more than the program that ran it.
    let script = r#"mkdir -p "$out/tasks/seed-42"
        echo '{"id":"seed-42","arguments":["train"],"outputs":["x"]}' >"$out/plan.jsonl"
        echo '{"outcome":"failed","code":"disk-full","message":"no space left","hint":"free some","seconds":1}' >"$out/tasks/seed-42/attempt.json"
        echo '{"event":"failed","code":"tasks-failed","message":"a task is not done","hint":null}'; exit 1"#;
    let full = Desk::new();
    let studies = self::studies(&full, script);
    let id = studies.start(&request, &data()).unwrap().id;
    let study = eventually("it ends", || {
        (!studies.is_living(&id)).then(|| studies.get(&id).unwrap())
    })
    .await;
    assert_eq!(study.failure.unwrap().code, "disk-full");
    for id in ["../home", "", ".records"] {
        assert!(studies.get(id).is_none());
        assert_eq!(studies.remove(id).unwrap_err().code, "unknown-study");
    }
}

#[tokio::test]
async fn a_study_that_was_cut_off_says_so() {
    let desk = Desk::new();
    let record = serde_json::json!({
        "name": "Cut", "created": "2026-01-01T00:00:00Z", "model": "tiny", "data": "d", "data_name": "D",
        "settings": settings(3), "often": {"kind": "seeds", "seeds": 3}, "epochs": 3, "pid": 1,
        "status": "running",
    });
    let records = desk.library().home().join("studies/.records");
    fs::create_dir_all(&records).unwrap();
    fs::write(records.join("cut.json"), record.to_string()).unwrap();
    fs::write(records.join("torn.json"), "{\"name\":").unwrap();
    let studies = studies(&desk, "exit 1");
    let listed = studies.list();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].status, RunStatus::Failed);
    assert_eq!(listed[0].failure.as_ref().unwrap().code, "cut-off");
    assert_eq!(listed[0].seeds.runs.len(), 3, "what was wanted is shown");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_middle_run_that_could_not_be_kept_is_kept_by_the_next_window() {
    let Some(real) = Real::new() else { return };
    let desktop = real.with_data();
    let id = begin(
        &desktop,
        &request(
            "Full",
            1,
            Often::Seeds {
                seeds: 2,
                combine: None,
            },
        ),
    );
    // A file where the folder of its copy should be, as a disk that is full refuses it.
    let runs = real.home().join("runs");
    fs::create_dir_all(&runs).unwrap();
    fs::write(runs.join(".importing-full"), "").unwrap();
    let study = ended(&desktop, &id).await;
    assert_eq!((study.status, study.run), (RunStatus::Finished, None));
    assert!(study.failure.unwrap().message.contains("copy a run"));
    drop(desktop);
    fs::remove_file(runs.join(".importing-full")).unwrap();
    let desktop = real.open();
    let study = desktop.studies.get(&id).unwrap();
    assert_eq!(study.failure, None);
    assert!(desktop.runs.get(&study.run.unwrap()).unwrap().has_model);
}
