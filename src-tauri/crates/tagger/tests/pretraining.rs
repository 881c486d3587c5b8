//! Whole runs of pretraining: resumed to the bit, stopped, judged, and what is refused.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use support::{fixture, losses, only, sentences, warnings};
use tagsmith_protocol::{
    Diagnose, Event, PretrainConfig, PretrainEvent, PretrainReport, TimestampedPretrainEvent,
    TrainConfig, TrainSettings,
};
use tagsmith_tagger::pretrain::{self, is_pretraining};
use tagsmith_tagger::{Control, Error, Outcome, train};
use tagsmith_testing::{json, tiny};

struct Small {
    folder: tempfile::TempDir,
    config: PretrainConfig,
}

impl Small {
    /// A quick run on 160 lines of plain text, of a model that has a head.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let words = ["oslo", "ship", "port", "the", "in", "at", "berg", "anna"];
        let line = |i: usize| -> String {
            let word = |k: usize| words[(i * 7 + k * (i % 5 + 1)) % 8];
            let line: Vec<&str> = (0..3 + i % 9).map(word).collect();
            line.join(" ") + &".".repeat(i % 3) + "\n"
        };
        let text = folder.path().join("text.txt");
        fs::write(&text, (0..160).map(line).collect::<String>()).unwrap();
        let config = PretrainConfig {
            model: fixture("masked_lm/bert"),
            text: vec![text],
            epochs: Some(3),
            batch_size: 16,
            learning_rate: Some(2e-3),
            max_length: 24,
            ..PretrainConfig::default()
        };
        Self { folder, config }
    }

    fn out(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, name: &str, stop: Option<usize>) -> (Result<Outcome, Error>, Vec<Value>) {
        watched(stop, |control, listener| {
            pretrain::pretrain(self.config.clone(), &self.out(name), control, listener)
        })
    }

    fn resume(&self, name: &str) -> (Result<Outcome, Error>, Vec<Value>) {
        watched(None, |control, listener| {
            pretrain::resume(&self.out(name), control, listener)
        })
    }

    fn report(&self, name: &str) -> PretrainReport {
        let text = fs::read_to_string(self.out(name).join("report.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }
}

fn watched(
    stop: Option<usize>,
    work: impl FnOnce(&Control, &mut dyn FnMut(&TimestampedPretrainEvent)) -> Result<Outcome, Error>,
) -> (Result<Outcome, Error>, Vec<Value>) {
    let control = Control::default();
    let mut events = Vec::new();
    let result = work(&control, &mut |event| {
        if let PretrainEvent::Shared(Event::Step { step, .. }) = &event.event
            && Some(*step) == stop
        {
            control.stop.store(true, Ordering::Relaxed);
        }
        events.push(serde_json::to_value(event).unwrap());
    });
    (result, events)
}

fn held_out(events: &[Value]) -> Vec<(u64, u64)> {
    let bits = |event: &&Value| {
        let loss = event["loss"].as_f64().unwrap();
        (event["step"].as_u64().unwrap(), loss.to_bits())
    };
    only(events, "evaluated").iter().map(bits).collect()
}

fn assert_resumes_to_the_bit(small: &Small, stops: &[usize]) -> Vec<Value> {
    let weights = |run: &str| fs::read(small.out(run).join("model/model.safetensors")).unwrap();
    let (result, whole) = small.run("whole", None);
    assert_eq!(result.unwrap(), Outcome::Finished);
    for stop in stops {
        let name = format!("stopped-{stop}");
        let (result, mut events) = small.run(&name, Some(*stop));
        assert_eq!(result.unwrap(), Outcome::Stopped);
        let (result, rest) = small.resume(&name);
        assert_eq!(result.unwrap(), Outcome::Finished);
        events.extend(rest);
        assert_eq!(losses(&events), losses(&whole), "after {stop}");
        assert_eq!(held_out(&events), held_out(&whole), "after {stop}");
        assert_eq!(weights(&name), weights("whole"), "after {stop}");
        assert_eq!(small.report(&name), small.report("whole"));
    }
    whole
}

#[test]
fn a_resumed_run_equals_an_uninterrupted_one_to_the_bit() {
    let small = Small::new();
    // Within an epoch, at its end, and in the last one.
    let events = assert_resumes_to_the_bit(&small, &[4, 9, 20]);
    assert!(is_pretraining(&small.out("whole")));
    assert_eq!(events[0]["event"], "started");
    assert_eq!(events[0]["documents"]["held-out"], 20);
    assert_eq!(events[0]["head_steps"], 0);
    let last = events.last().unwrap();
    assert_eq!(
        (&last["event"], &last["helped"]),
        (&"finished".into(), &true.into())
    );
    // Before the first step, and after each of three epochs of nine.
    let steps: Vec<u64> = held_out(&events).iter().map(|(step, _)| *step).collect();
    assert_eq!(steps, [0, 9, 18, 27]);
    let report = small.report("whole");
    assert!(report.helped && !report.new_head);
    assert!(report.verdict.contains("fell from"), "{}", report.verdict);
    assert!(report.evaluations.last().unwrap().loss < report.evaluations[0].loss);
}

#[test]
fn a_model_without_a_head_gets_a_new_one_that_learns_alone_first() {
    let mut small = Small::new();
    small.config.model = tiny("bert-no-prefix");
    small.config.epochs = Some(12);
    let events = assert_resumes_to_the_bit(&small, &[50, 112]);
    let head_steps = events[0]["head_steps"].as_u64().unwrap();
    assert_eq!(head_steps, 108, "as many as follow");
    assert_eq!(warnings(&events, "head").len(), 1);
    let before = &held_out(&events)[0];
    assert_eq!(before.0, head_steps, "the encoder as it was");
    let steps = only(&events, "step");
    let loss = |at: usize| steps[at]["loss"].as_f64().unwrap();
    assert!(loss(head_steps as usize - 1) < loss(0) - 1.0, "it learns");
    assert!(small.report("whole").new_head);
}

#[test]
fn fine_tuning_takes_what_was_pretrained() {
    let small = Small::new();
    small.run("run", None).0.unwrap();
    let data = small.out("train.conll");
    fs::write(&data, sentences(23)).unwrap();
    let config = TrainConfig {
        model: small.out("run/model"),
        train: data,
        settings: TrainSettings {
            epochs: Some(1),
            batch_size: Some(4),
            max_length: 24,
            ..TrainSettings::default()
        },
        ..TrainConfig::default()
    };
    let outcome = train(
        config,
        &small.out("tagger"),
        &Control::default(),
        &mut |_| (),
    );
    assert_eq!(outcome.unwrap(), Outcome::Finished);
    let class = &json(&small.out("tagger/model/config.json"))["architectures"][0];
    assert_eq!(class, "BertForTokenClassification");
}

#[test]
fn a_run_that_does_not_help_says_so_and_keeps_the_model_as_it_was() {
    let mut small = Small::new();
    small.config.epochs = Some(8);
    small.run("good", None).0.unwrap();
    small.config.model = small.out("good/model");
    small.config.learning_rate = Some(0.99);
    small.config.warmup_ratio = 0.0;
    let (result, events) = small.run("bad", None);
    assert_eq!(result.unwrap(), Outcome::Finished);
    let report = small.report("bad");
    assert!(!report.helped, "{:?}", report.evaluations);
    assert!(
        report.verdict.starts_with("this did not help: keep"),
        "{}",
        report.verdict
    );
    assert_eq!(
        report.evaluations.len(),
        3,
        "two that are no better, and it ends"
    );
    assert_eq!(warnings(&events, "early-stopping").len(), 1);
    let weights = |run: &str| fs::read(small.out(run).join("model/model.safetensors")).unwrap();
    assert!(
        weights("good") == weights("bad"),
        "the weights are as they were"
    );
}

#[test]
fn steps_limit_a_run() {
    let mut small = Small::new();
    small.config.epochs = None;
    small.config.steps = Some(12);
    let (_, events) = small.run("run", None);
    let steps: Vec<u64> = held_out(&events).iter().map(|(step, _)| *step).collect();
    assert_eq!(steps, [0, 9, 12]);
    assert_eq!(only(&events, "step").len(), 12);
}

#[test]
fn memory_that_runs_out_halves_the_micro_batches() {
    let small = Small::new();
    let control = Control::default();
    control.failing_passes.store(1, Ordering::Relaxed);
    let mut events = Vec::new();
    let out = small.out("run");
    let outcome = pretrain::pretrain(small.config.clone(), &out, &control, &mut |event| {
        events.push(serde_json::to_value(event).unwrap());
    });
    assert_eq!(outcome.unwrap(), Outcome::Finished);
    let [message] = &warnings(&events, "memory")[..] else {
        panic!("one warning");
    };
    assert!(message.contains("continues with 8"), "{message}");
}

#[test]
fn labels_are_not_looked_at_and_long_documents_become_windows() {
    let mut small = Small::new();
    let data = small.out("train.conll");
    fs::write(&data, sentences(150)).unwrap();
    let long = small.out("long.txt");
    fs::write(&long, format!("{}\n\u{200b}\n", "ship in oslo ".repeat(40))).unwrap();
    small.config.text = vec![data, long];
    small.config.epochs = Some(1);
    let (result, events) = small.run("run", None);
    result.unwrap();
    assert_eq!(warnings(&events, "plain-text").len(), 1);
    let [long] = &warnings(&events, "long-document")[..] else {
        panic!("one warning");
    };
    assert!(long.starts_with("1 documents"), "{long}");
    let report = small.report("run");
    let documents: usize = report.documents.values().sum();
    assert!(report.windows > documents - 30, "{report:?}");
}

#[test]
fn what_cannot_be_pretrained_is_refused_with_a_hint() {
    let small = Small::new();
    let families = Path::new(env!("CARGO_MANIFEST_DIR")).join("../encoder/tests/fixtures/families");
    let empty = small.out("empty.txt");
    fs::write(&empty, "").unwrap();
    let short = small.out("short.txt");
    fs::write(&short, "oslo\nport\n").unwrap();
    let full = small.out("full");
    fs::create_dir(&full).unwrap();
    fs::write(full.join("mine"), "x").unwrap();
    let hollow = small.out("hollow");
    fs::create_dir(&hollow).unwrap();
    type Change<'c> = &'c dyn Fn(&mut PretrainConfig);
    let cases: [(&str, &str, Change); 8] = [
        ("no-file", "absent.txt", &|c| {
            c.text = vec!["absent.txt".into()]
        }),
        ("empty", "is empty", &|c| c.text = vec![empty.clone()]),
        ("short", "too little text", &|c| {
            c.text = vec![short.clone()]
        }),
        ("hollow", "holds no file", &|c| {
            c.text = vec![hollow.clone()]
        }),
        ("electra", "ELECTRA", &|c| {
            c.model = families.join("electra")
        }),
        ("eurobert", "EuroBERT", &|c| {
            c.model = families.join("eurobert")
        }),
        ("share", "mask_share", &|c| c.mask_share = 1.5),
        ("full", "is not empty", &|_| ()),
    ];
    for (name, expected, change) in cases {
        let mut config = small.config.clone();
        change(&mut config);
        let out = small.out(name);
        let mut last = None;
        let result = pretrain::pretrain(config, &out, &Control::default(), &mut |event| {
            last = Some(serde_json::to_value(event).unwrap());
        });
        let failure = result.unwrap_err();
        assert!(failure.to_string().contains(expected), "{name}: {failure}");
        if name != "share" {
            assert!(failure.hint().is_some(), "{name} has a hint");
        }
        assert_eq!(last.unwrap()["event"], "failed");
        assert!(
            !out.join("run.json").exists(),
            "{name}: nothing was written"
        );
    }
    assert_eq!(fs::read_dir(&full).unwrap().count(), 1);
}

#[test]
fn a_finished_run_and_one_whose_text_changed_are_not_resumed() {
    let small = Small::new();
    small.run("run", Some(3)).0.unwrap();
    let text = &small.config.text[0];
    let before = fs::read_to_string(text).unwrap();
    fs::write(text, "something else").unwrap();
    let failure = small.resume("run").0.unwrap_err();
    assert!(failure.to_string().contains("has changed"), "{failure}");
    fs::write(text, before).unwrap();
    assert_eq!(small.resume("run").0.unwrap(), Outcome::Finished);
    let failure = small.resume("run").0.unwrap_err();
    assert!(failure.to_string().contains("it is finished"), "{failure}");
}
