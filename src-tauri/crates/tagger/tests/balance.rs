//! Whole runs with the settings for rare labels: steps, resuming, gradient accumulation, warnings.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use std::fs;
use support::{A_BATCH, Small, assert_resumes_to_the_bit, losses, only, sentences, warnings};
use tagsmith_protocol::{ClassWeights, LossFunction, Resampling, Schedule};
use tagsmith_tagger::Outcome;

/// 20 sentences with `LOC`, 2 with `SEA`, 10 without entities.
fn unbalanced() -> Small {
    let small = Small::new();
    let [sea, none] = ["the\tO\nberg\tB-SEA\n\n", "in\tO\nthe\tO\nport\tO\n\n"];
    let text = sentences(20) + &sea.repeat(2) + &none.repeat(10);
    fs::write(&small.config.train, text).unwrap();
    small
}

fn balanced() -> Small {
    let mut small = unbalanced();
    small.config.class_weights = ClassWeights::Inverse;
    small.config.outside_weight = Some(0.5);
    small.config.loss = LossFunction::Focal;
    small.config.resampling = Some(Resampling::RepeatFactor);
    small.config.resampling_threshold = Some(0.5);
    small.config.empty_documents = 0.5;
    small.config.schedule = Some(Schedule::Linear);
    small
}

/// 20 windows, 2 times √(0.5 / (2 / 32)), half of 10: 30.66, so 31 windows and 8 steps of 4 in an epoch.
#[test]
fn steps_are_counted_by_the_windows_of_an_epoch() {
    let small = balanced();
    let (result, events) = small.train("run", None);
    assert_eq!(result.unwrap(), Outcome::Finished);
    assert_eq!(
        (&events[0]["windows"], &events[0]["steps"]),
        (&32.into(), &24.into())
    );
    let steps = only(&events, "step");
    assert_eq!(steps.len(), 24);
    assert_eq!(steps[7]["epoch"], 1.0);
    assert_eq!(steps[23]["epoch"], 3.0);
    assert!(steps[23]["lr"].as_f64().unwrap() < steps[22]["lr"].as_f64().unwrap());
    assert!(warnings(&events, "rare-label")[0].contains("`SEA` (2)"));
}

/// What is chosen by the size of the set is chosen by the windows that are read.
#[test]
fn what_is_left_open_follows_from_the_windows_of_an_epoch() {
    let started = |empty: usize| {
        let mut small = Small::new();
        small.config.epochs = None;
        small.config.empty_documents = 0.0;
        let text = sentences(20) + &"in\tO\nthe\tO\nport\tO\n\n".repeat(empty);
        fs::write(&small.config.train, text).unwrap();
        small.train("run", Some(1)).1.remove(0)
    };
    let (without, with) = (started(0), started(900));
    assert_eq!(with["windows"], 920);
    assert_eq!(with["config"]["epochs"], without["config"]["epochs"]);
    assert_eq!(with["steps"], without["steps"]);
}

#[test]
fn trap_a_resumed_run_draws_the_same_windows() {
    assert_resumes_to_the_bit(&balanced(), [5, 8, 13]);
}

#[test]
fn each_setting_reaches_the_training() {
    let plain = losses(&unbalanced().train("run", Some(12)).1);
    let spoils: [fn(&mut Small); 7] = [
        |small| small.config.class_weights = ClassWeights::Inverse,
        |small| small.config.class_weights = ClassWeights::Effective,
        |small| small.config.outside_weight = Some(0.5),
        |small| small.config.loss = LossFunction::Dice,
        |small| small.config.label_smoothing = 0.1,
        |small| small.config.resampling = Some(Resampling::RepeatFactor),
        |small| small.config.empty_documents = 0.5,
    ];
    let mut seen = vec![plain];
    for spoil in spoils {
        let mut small = unbalanced();
        spoil(&mut small);
        let found = losses(&small.train("run", Some(12)).1);
        assert!(!seen.contains(&found));
        seen.push(found);
    }
}

#[test]
fn gradient_accumulation_equals_the_larger_batch_with_weights_too() {
    let mut small = Small::new();
    small.config.dropout = Some(0.0);
    small.config.class_weights = ClassWeights::Inverse;
    small.config.label_smoothing = 0.1;
    // One step an epoch, whatever their order.
    fs::write(&small.config.train, A_BATCH).unwrap();
    let (_, large) = small.train("large", None);
    small.config.batch_size = Some(2);
    small.config.gradient_accumulation = 2;
    let (_, parts) = small.train("parts", None);
    assert_eq!(only(&large, "step").len(), only(&parts, "step").len());
    for (a, b) in only(&large, "step").iter().zip(only(&parts, "step")) {
        let (a, b) = (a["loss"].as_f64().unwrap(), b["loss"].as_f64().unwrap());
        assert!((a - b).abs() < 1e-4, "{a} {b}");
    }
}

#[test]
fn equal_documents_are_reported() {
    let small = Small::new();
    let text = "the\tO\nin\tO\nship\tB-LOC\n\n".repeat(16);
    fs::write(&small.config.train, text).unwrap();
    let (_, events) = small.train("run", Some(1));
    assert!(warnings(&events, "equal-documents")[0].contains("all 16"));
}

#[test]
fn weights_that_were_limited_are_told() {
    let mut small = unbalanced();
    small.config.class_weights = ClassWeights::Inverse;
    let rare = sentences(200) + "berg\tB-SEA\n\n";
    fs::write(&small.config.train, rare).unwrap();
    let (_, events) = small.train("run", Some(1));
    assert!(warnings(&events, "clipped-weights")[0].contains("`SEA` from "));
}
