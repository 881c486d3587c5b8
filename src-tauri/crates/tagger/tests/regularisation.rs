//! Whole runs with methods of regularisation: resuming, micro-batches, memory, precision, refusals.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};
use support::{A_BATCH, Small, assert_resumes_to_the_bit, losses, only, sentences, warnings};
use tagsmith_encoder::weights::{Weight, Weights};
use tagsmith_encoder::{Precision, device};
use tagsmith_protocol::MomentPrecision;
use tagsmith_tagger::{Control, Outcome, train};

type Method = (&'static str, fn(&mut Small));

/// Each method alone.
const METHODS: [Method; 8] = [
    ("head_dropout", |small| {
        small.config.head_dropout = Some(0.5)
    }),
    ("layer_decay", |small| small.config.layer_decay = Some(0.5)),
    ("reinitialized_layers", |small| {
        small.config.reinitialized_layers = 1;
    }),
    ("pretrained_decay", |small| {
        small.config.pretrained_decay = 50.0;
    }),
    ("mixout", |small| small.config.mixout = 0.5),
    ("gradual_unfreezing", |small| {
        small.config.gradual_unfreezing = 1.0;
    }),
    ("ema_decay", |small| small.config.ema_decay = 0.9),
    ("r_drop", |small| small.config.r_drop = 1.0),
];

fn all_methods() -> Small {
    let mut small = Small::new();
    for (_, switch_on) in METHODS {
        switch_on(&mut small);
    }
    small.config.learning_rate = Some(3e-3);
    small
}

fn weights(folder: &Path) -> BTreeMap<String, Vec<f32>> {
    let weights = Weights::from_folder(folder).unwrap();
    // Positions are whole numbers.
    let read = |(name, weight): (&String, &Weight)| Some((name.clone(), weight.read(name).ok()?));
    weights.tensors.iter().filter_map(read).collect()
}

#[test]
fn trap_each_method_resumes_to_the_bit() {
    // In the middle of an epoch and at its end.
    for (name, switch_on) in METHODS {
        eprintln!("{name}");
        let mut small = Small::new();
        switch_on(&mut small);
        assert_resumes_to_the_bit(&small, [8, 12]);
    }
}

#[test]
fn trap_all_methods_together_resume_to_the_bit() {
    assert_resumes_to_the_bit(&all_methods(), [3, 8, 12]);
}

/// In both halves.
#[test]
fn trap_a_refitted_run_with_all_methods_resumes_to_the_bit() {
    let mut small = all_methods();
    small.config.dev = None;
    small.config.refit = Some(true);
    std::fs::write(&small.config.train, sentences(40)).unwrap();
    let events = assert_resumes_to_the_bit(&small, [8, 31, 40]);
    assert_eq!(warnings(&events, "refit").len(), 1);
    assert!(only(&events, "step").len() > 40);
}

/// They are written in 32 bits, and rounded by the step that they belong to.
#[test]
fn trap_a_run_with_moments_in_16_bits_resumes_to_the_bit_and_has_a_course_of_its_own() {
    let mut small = Small::new();
    let (_, whole) = small.train("whole-moments", None);
    small.config.moments = MomentPrecision::Bf16;
    let half = assert_resumes_to_the_bit(&small, [3, 8, 12]);
    let (whole, half) = (losses(&whole), losses(&half));
    assert_eq!(whole[0], half[0]);
    assert_ne!(whole, half);
    let apart = |((_, whole), (_, half)): (&(u64, u64), &(u64, u64))| {
        (f64::from_bits(*whole) - f64::from_bits(*half)).abs()
    };
    let most = whole.iter().zip(&half).map(apart).fold(0.0, f64::max);
    assert!(most < 0.05, "{most}");
}

#[test]
fn trap_averaged_transitions_are_saved_and_resume_to_the_bit() {
    let mut small = Small::new();
    small.config.crf = true;
    small.config.ema_decay = 0.9;
    assert_resumes_to_the_bit(&small, [8, 12]);
    let learned = |folder: &Path| std::fs::read(folder.join("crf.safetensors")).unwrap();
    let run = small.out("whole");
    let checkpoint = std::fs::read_dir(run.join("checkpoints")).unwrap();
    let checkpoint = checkpoint.last().unwrap().unwrap().path();
    let saved = learned(&run.join("model"));
    assert_ne!(saved, learned(&checkpoint));
    assert_eq!(saved, learned(&small.out("stopped-8").join("model")));
}

#[test]
fn each_method_changes_the_course_or_the_model() {
    let course = |small: &Small| {
        let (result, events) = small.train("run", None);
        assert_eq!(result.unwrap(), Outcome::Finished);
        let model = weights(&small.out("run").join("model"));
        let head = model
            .into_iter()
            .find(|(name, _)| name == "classifier.weight");
        (
            losses(&events),
            head.unwrap()
                .1
                .iter()
                .map(|x| x.to_bits())
                .collect::<Vec<_>>(),
        )
    };
    let mut seen = vec![course(&Small::new())];
    for (name, switch_on) in METHODS {
        let mut small = Small::new();
        switch_on(&mut small);
        let found = course(&small);
        // An average changes the model alone.
        assert_eq!(found.0 == seen[0].0, name == "ema_decay", "{name}");
        assert!(!seen.contains(&found), "{name}");
        seen.push(found);
    }
}

/// Layers come one after the other, from the top; those that are frozen for good never.
#[test]
fn layers_are_unfrozen_epoch_by_epoch() {
    let mut small = Small::new();
    small.config.gradual_unfreezing = 1.0;
    let before = weights(&small.config.model);
    let changed = |small: &Small, name: &str, steps: usize| -> Vec<&str> {
        small.train(name, Some(steps)).0.unwrap();
        let checkpoints = std::fs::read_dir(small.out(name).join("checkpoints")).unwrap();
        let after = weights(&checkpoints.last().unwrap().unwrap().path());
        let parts = ["embeddings.", "layer.0.", "layer.1."];
        let differs = |part: &&str| {
            after.iter().any(|(name, values)| {
                let base = name.strip_prefix("bert.").unwrap_or(name);
                name.contains(*part) && before.get(base).is_some_and(|old| old != values)
            })
        };
        parts.into_iter().filter(differs).collect()
    };
    // An epoch has six steps.
    assert_eq!(changed(&small, "one", 6), [""; 0]);
    assert_eq!(changed(&small, "two", 12), ["layer.1."]);
    assert_eq!(
        changed(&small, "three", 15),
        ["embeddings.", "layer.0.", "layer.1."]
    );
    small.config.frozen_layers = 1;
    assert_eq!(changed(&small, "four", 15), ["layer.1."]);
}

#[test]
fn layers_that_are_never_unfrozen_are_told() {
    let mut small = Small::new();
    small.config.gradual_unfreezing = 2.0;
    let told = |small: &Small, run: &str| {
        let (_, events) = small.train(run, Some(1));
        let told = warnings(&events, "unfreezing");
        told.first()
            .map(|told| told.contains("the lowest 1 of the layers"))
    };
    assert_eq!(told(&small, "three"), Some(true));
    small.config.epochs = Some(5);
    assert_eq!(told(&small, "five"), None);
}

/// Dropout would fall elsewhere in other parts.
#[test]
fn gradient_accumulation_equals_the_larger_batch() {
    let mut small = all_methods();
    small.config.precision = Precision::F32;
    small.config.mixout = 0.0;
    small.config.head_dropout = None;
    small.config.r_drop = 0.0;
    small.config.dropout = Some(0.0);
    // One step an epoch, whatever their order.
    std::fs::write(&small.config.train, A_BATCH).unwrap();
    let (_, large) = small.train("large", None);
    small.config.batch_size = Some(2);
    small.config.gradient_accumulation = 2;
    let (_, parts) = small.train("parts", None);
    let of = |events: &[Value]| -> Vec<f64> {
        let steps = only(events, "step").into_iter();
        steps.map(|step| step["loss"].as_f64().unwrap()).collect()
    };
    assert_eq!(of(&large).len(), of(&parts).len());
    for (a, b) in of(&large).iter().zip(of(&parts)) {
        assert!((a - b).abs() < 1e-4 * a.abs().max(0.1), "{a} {b}");
    }
}

fn run_under(small: &Small, name: &str, control: &Control) -> Vec<Value> {
    let mut events = Vec::new();
    let result = train(
        small.config.clone(),
        &small.out(name),
        control,
        &mut |event| {
            events.push(serde_json::to_value(event).unwrap());
        },
    );
    assert_eq!(result.unwrap(), Outcome::Finished);
    events
}

/// Also where a run goes back to its beginning, and to a checkpoint.
#[test]
fn memory_that_runs_out_leaves_the_methods_as_they_are() {
    let small = all_methods();
    let windows = |events: &[Value]| only(events, "step").len();
    let whole = run_under(&small, "whole", &Control::default());
    let failing = Control {
        failing_passes: Arc::new(AtomicUsize::new(2)),
        ..Control::default()
    };
    assert_eq!(
        windows(&run_under(&small, "halved", &failing)),
        windows(&whole)
    );
    let failing = Control {
        failing_steps: Arc::new(Mutex::new(vec![3, 9])),
        ..Control::default()
    };
    run_under(&small, "late", &failing);
    assert!(failing.failing_steps.lock().unwrap().is_empty());
}

/// Without anything random a run that was rolled back takes the same course, the average included.
#[test]
fn trap_a_run_that_is_rolled_back_restores_what_it_keeps() {
    let mut small = all_methods();
    small.config.precision = Precision::F32;
    small.config.dropout = Some(0.0);
    small.config.head_dropout = None;
    small.config.mixout = 0.0;
    small.config.r_drop = 0.0;
    let whole = run_under(&small, "whole", &Control::default());
    let failing = Control {
        failing_steps: Arc::new(Mutex::new(vec![3, 9])),
        ..Control::default()
    };
    let back = run_under(&small, "back", &failing);
    let last = |events: &[Value]| {
        only(events, "step").last().unwrap()["loss"]
            .as_f64()
            .unwrap()
    };
    let (a, b) = (last(&whole), last(&back));
    assert!((a - b).abs() < 1e-3 * a.abs(), "{a} {b}");
    let [whole, back] = ["whole", "back"].map(|name| weights(&small.out(name).join("model")));
    for (name, values) in whole.iter().filter(|(name, _)| !name.ends_with("key.bias")) {
        for (a, b) in values.iter().zip(&back[name]) {
            assert!((a - b).abs() < 2e-3, "{name}: {a} {b}");
        }
    }
}

#[test]
fn all_methods_work_with_gradient_checkpointing_and_in_16_bits() {
    let last = |small: &Small, name: &str| {
        let events = run_under(small, name, &Control::default());
        only(&events, "step").last().unwrap()["loss"]
            .as_f64()
            .unwrap()
    };
    let mut small = all_methods();
    small.config.precision = Precision::F32;
    small.config.epochs = Some(6);
    let plain = last(&small, "plain");
    small.config.gradient_checkpointing = true;
    let again = last(&small, "again");
    assert!(
        (plain - again).abs() < 1e-4 * plain.abs().max(0.1),
        "{plain} {again}"
    );
    small.config.gradient_checkpointing = false;
    for precision in [Precision::Bf16, Precision::F16] {
        if device::precision_on(&device::list()[0], precision) == precision {
            small.config.precision = precision;
            let half = last(&small, precision.name());
            assert!(
                (plain - half).abs() < 0.3,
                "{precision:?}: {half}, f32 {plain}"
            );
        }
    }
}

#[test]
fn what_a_model_cannot_have_is_refused_by_name() {
    let refused = |change: fn(&mut Small)| {
        let mut small = Small::new();
        change(&mut small);
        small.train("run", None).0.unwrap_err().to_string()
    };
    let message = refused(|small| small.config.reinitialized_layers = 3);
    assert!(
        message.contains("`reinitialized_layers` is 3, expected at most 2"),
        "{message}"
    );
    let message = refused(|small| {
        small.config.reinitialized_layers = 2;
        small.config.frozen_layers = 1;
    });
    assert!(
        message.contains("at most 1, the layers that `frozen_layers` leaves"),
        "{message}"
    );
    let message = refused(|small| {
        small.config.r_drop = 1.0;
        small.config.dropout = Some(0.0);
    });
    assert!(
        message.contains("`r_drop` is 1, expected 0: nothing is dropped"),
        "{message}"
    );
}

/// The average follows the weights, and is what is scored and saved; a checkpoint has both.
#[test]
fn the_average_is_saved_and_lies_between_weights() {
    let mut small = Small::new();
    small.config.epochs = Some(1);
    small.config.ema_decay = 0.999;
    let (result, _) = small.train("run", None);
    result.unwrap();
    let run = small.out("run");
    let checkpoint = std::fs::read_dir(run.join("checkpoints")).unwrap();
    let checkpoint = checkpoint.last().unwrap().unwrap().path();
    let (last, saved) = (weights(&checkpoint), weights(&run.join("model")));
    let averaged = Weights::from_safetensors(&checkpoint.join("average.safetensors")).unwrap();
    assert!(!averaged.tensors.is_empty());
    assert_ne!(last["classifier.weight"], saved["classifier.weight"]);
    let bias = averaged.tensors["classifier.bias"]
        .read("classifier.bias")
        .unwrap();
    assert_eq!(bias, saved["classifier.bias"]);
}
