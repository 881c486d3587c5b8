//! Whole runs without a dev file: a held-out part decides how long to train, then all documents are learned.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use serde_json::Value;
use support::{Small, assert_resumes_to_the_bit, only, sentences, warnings};
use tagsmith_protocol::{Schedule, TrainConfig};
use tagsmith_tagger::Outcome;
use tagsmith_testing::json;

/// 23 documents, of which 5 are held out.
fn without_dev() -> Small {
    let mut small = Small::new();
    let all = small.config.train.clone();
    let settings = small.config.settings.clone();
    small.config = TrainConfig {
        model: small.config.model.clone(),
        train: all,
        settings,
        ..TrainConfig::default()
    };
    small.config.dev_share = 0.2;
    small.config.learning_rate = Some(3e-3);
    small
}

fn numbers(events: &[Value], kind: &str, key: &str) -> Vec<f64> {
    let events = only(events, kind).into_iter();
    events.map(|event| event[key].as_f64().unwrap()).collect()
}

/// 5 steps an epoch while 5 of 23 documents are held out, 6 when they are back.
#[test]
fn trap_what_is_held_out_is_learned_in_the_end_and_the_run_resumes_to_the_bit() {
    let small = without_dev();
    // In the first half, at its end, at the beginning of the second, and within it.
    let events = assert_resumes_to_the_bit(&small, [4, 15, 16, 24]);
    let started = only(&events, "started")[0];
    assert_eq!(started["config"]["refit"], true);
    assert_eq!(started["steps"], 3 * 5 + 3 * 6);
    let steps = numbers(&events, "step", "step");
    assert_eq!(steps, (1..=33).map(f64::from).collect::<Vec<_>>());
    let epochs = numbers(&events, "step", "epoch");
    assert!(epochs.is_sorted(), "{epochs:?}");
    assert_eq!((epochs[14], epochs[32]), (3.0, 6.0));
    // The rate has its whole course twice.
    let rates = numbers(&events, "step", "lr");
    assert_eq!((rates[0], rates[15]), (0.0, 0.0));
    assert!(rates[14] < 3e-4 && rates[32] < 3e-4, "{rates:?}");
    // Dev is scored in the first half alone, and what is reported of it is of that half's best model.
    let scored = numbers(&events, "evaluated", "step");
    assert!(scored.iter().all(|step| *step <= 15.0), "{scored:?}");
    let report = json(&small.out("whole").join("report.json"));
    let best = only(&events, "evaluated")
        .into_iter()
        .rfind(|event| event["best"] == true)
        .unwrap();
    let dev = &report["splits"]["dev"];
    assert_eq!(dev["metrics"]["overall"], best["metrics"]["overall"]);
    assert_eq!(dev["shared_with_train"], 0);
    assert_eq!(only(&events, "finished")[0]["best_step"], 33);
    assert!(warnings(&events, "refit")[0].contains("all 23 documents"));
}

/// What is off stays off.
#[test]
fn without_a_refit_the_held_out_part_only_chooses() {
    let mut small = without_dev();
    small.config.refit = Some(false);
    let (result, events) = small.train("run", None);
    assert_eq!(result.unwrap(), Outcome::Finished);
    assert_eq!(only(&events, "step").len(), 15);
    assert!(warnings(&events, "refit").is_empty());
}

/// An adaptive run is refitted for as many epochs as it had.
#[test]
fn the_length_that_dev_f1_decided_is_kept() {
    let mut small = without_dev();
    small.config.schedule = Some(Schedule::Adaptive);
    small.config.epochs = Some(12);
    let events = assert_resumes_to_the_bit(&small, [18, 60]);
    let first = numbers(&events, "evaluated", "epoch").pop().unwrap();
    let last = numbers(&events, "step", "epoch").pop().unwrap();
    assert_eq!(last, 2.0 * first);
    let rates = numbers(&events, "step", "lr");
    let held = rates.iter().filter(|rate| **rate == 3e-3).count();
    assert!(held > 0 && rates[rates.len() - 1] < 3e-4, "{rates:?}");
}

/// With a rate that never falls, the second half ends where the first was best.
#[test]
fn a_constant_rate_is_held_for_as_long_as_the_best_model_took() {
    let mut small = without_dev();
    small.config.schedule = Some(Schedule::Constant);
    small.config.epochs = Some(8);
    small.config.early_stopping_patience = Some(2);
    let (result, events) = small.train("run", None);
    assert_eq!(result.unwrap(), Outcome::Finished);
    let best = only(&events, "evaluated")
        .into_iter()
        .rfind(|event| event["best"] == true)
        .unwrap()["epoch"]
        .as_f64()
        .unwrap();
    let ended = numbers(&events, "evaluated", "epoch").pop().unwrap();
    let last = numbers(&events, "step", "epoch").pop().unwrap();
    assert_eq!(last, ended + best);
}

/// A dev file decides as ever, and stays out of the training set.
#[test]
fn with_a_dev_file_there_is_no_second_half() {
    let mut small = Small::new();
    small.config.refit = Some(true);
    let dev = small.folder.path().join("dev.conll");
    std::fs::write(dev, sentences(7)).unwrap();
    let (result, events) = small.train("run", None);
    assert_eq!(result.unwrap(), Outcome::Finished);
    assert_eq!(only(&events, "step").len(), 18);
    assert!(warnings(&events, "refit").is_empty());
}
