//! Whole runs whose length depends on dev F1, and of whose dev set a sample is scored.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use serde_json::Value;
use std::fs;
use support::{Small, assert_resumes_to_the_bit, only, sentences};
use tagsmith_protocol::Schedule;
use tagsmith_tagger::Outcome;
use tagsmith_testing::json;

fn numbers(events: &[Value], kind: &str, key: &str) -> Vec<f64> {
    let events = only(events, kind).into_iter();
    events.map(|event| event[key].as_f64().unwrap()).collect()
}

/// Two thirds of 12 epochs are held at most, and the fall is half as long.
#[test]
fn trap_an_adaptive_run_holds_its_rate_then_falls_and_resumes_to_the_bit() {
    let mut small = Small::new();
    small.config.schedule = Some(Schedule::Adaptive);
    small.config.epochs = Some(12);
    small.config.learning_rate = Some(3e-3);
    // In the warm-up, while the rate is held, and while it falls.
    let events = assert_resumes_to_the_bit(&small, [3, 20, 40]);
    let steps = only(&events, "step").len();
    assert!((6 * 6..=12 * 6).contains(&steps), "{steps}");
    let rates = numbers(&events, "step", "lr");
    let held = rates.iter().filter(|rate| **rate == 3e-3).count();
    // 6 epochs are expected at first: a tenth of their 36 steps is the warm-up.
    let epochs = (held + 4).div_euclid(6);
    assert_eq!(steps, 6 * (epochs + epochs.div_ceil(2)).min(12));
    assert!(rates[rates.len() - 1] < 3e-4, "{rates:?}");
    let expected = numbers(&events, "step", "steps");
    assert_eq!(expected[expected.len() - 1], steps as f64);
}

/// Of 200 dev documents 64 are scored after some epochs, and all of them at the end.
#[test]
fn a_sample_of_dev_is_scored_while_training_and_all_of_it_decides() {
    let mut small = Small::new();
    small.config.epochs = Some(30);
    small.config.learning_rate = Some(3e-3);
    fs::write(small.config.dev.as_ref().unwrap(), sentences(200)).unwrap();
    let (result, events) = small.train("run", None);
    assert_eq!(result.unwrap(), Outcome::Finished);
    let mut scored = numbers(&events, "evaluated", "documents");
    assert_eq!(scored.pop(), Some(200.0));
    assert!(!scored.is_empty() && scored.len() < 30, "{scored:?}");
    assert!(scored.iter().all(|documents| *documents == 64.0));
    // What is reported of the model is of all of dev.
    let report = json(&small.out("run").join("report.json"));
    let dev = &report["splits"]["dev"];
    assert_eq!(dev["documents"], 200);
    let finished = only(&events, "finished")[0];
    assert_eq!(finished["best_f1"], dev["metrics"]["overall"]["f1"]);
    let last = *only(&events, "evaluated").last().unwrap();
    if finished["best_step"] == last["step"] {
        assert_eq!(last["best"], true);
        assert_eq!(last["metrics"]["overall"], dev["metrics"]["overall"]);
    }
}
