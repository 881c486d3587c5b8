//! Runs that go on with a model that already finds entities: where their head starts, and labels that are kept.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use std::path::PathBuf;
use support::{Small, assert_resumes_to_the_bit, sentences, warnings};
use tagsmith_corpus::{Convention, Document, ReadOptions, read};
use tagsmith_encoder::burn::tensor::Device;
use tagsmith_encoder::weights::Weights;
use tagsmith_protocol::HeadStart;
use tagsmith_tagger::{PredictOptions, Tagger, evaluate};
use tagsmith_testing::json;

/// Sentences with a place and a person, of which `marked` says what is marked.
fn both(count: usize, marked: &[&str]) -> String {
    let tag = |label: &str| match marked.contains(&label) {
        true => format!("B-{label}"),
        false => "O".into(),
    };
    let (loc, per) = (tag("LOC"), tag("PER"));
    let places = ["oslo", "ship", "port"];
    (0..count)
        .map(|at| {
            let place = places[at % 3];
            let more = "the\tO\n".repeat(at % 4);
            format!("{more}anna\t{per}\nin\tO\n{place}\t{loc}\n\n")
        })
        .collect()
}

/// A run on this training and dev text, long enough to learn it.
fn small(train: String, dev: String) -> Small {
    let mut small = Small::new();
    std::fs::write(&small.config.train, train).unwrap();
    std::fs::write(small.config.dev.as_ref().unwrap(), dev).unwrap();
    small.config.epochs = Some(12);
    small.config.learning_rate = Some(3e-3);
    // Random weights know nothing in their lower layers.
    small.config.layer_decay = Some(1.0);
    small
}

/// A model that finds places, in a folder that lasts as long as the first.
fn places() -> (Small, PathBuf) {
    let small = small(sentences(40), sentences(12));
    small.train("places", None).0.unwrap();
    let model = small.out("places").join("model");
    (small, model)
}

fn f1(model: &std::path::Path, documents: &[Document], label: &str) -> f64 {
    let tagger = Tagger::load(model, None, &Device::flex()).unwrap();
    let options = PredictOptions::default();
    let convention = Convention::Conlleval;
    let (report, _) = evaluate(&tagger, documents, "", &options, convention, |_, _| ()).unwrap();
    report.metrics.labels[label].f1
}

/// The data marks people alone, and half of what is at hand would be forgotten.
#[test]
fn old_labels_are_kept_where_that_is_asked_for() {
    let (before, model) = places();
    let mut run = small(both(30, &["PER"]), both(9, &["PER"]));
    run.config.epochs = Some(20);
    run.config.model = model.clone();
    let test = run.out("test.conll");
    std::fs::write(&test, both(12, &["LOC", "PER"])).unwrap();
    let test = read(&test, &ReadOptions::default()).unwrap().documents;
    let old = f1(&model, &test, "LOC");
    assert!(old > 0.5, "the old model has learned something: {old}");

    run.train("without", None).0.unwrap();
    run.config.keep_labels = true;
    let (result, events) = run.train("with", None);
    result.unwrap();
    let of = |name: &str, label: &str| f1(&run.out(name).join("model"), &test, label);
    let (with, without) = (of("with", "LOC"), of("without", "LOC"));
    assert!(
        with >= old - 0.1 && with > without,
        "{old}, {with}, {without}"
    );
    let new = of("with", "PER");
    assert!(new > 0.9, "{new}");
    let notes = warnings(&events, "keep-labels");
    assert_eq!(notes.len(), 2);
    assert!(notes[0].starts_with("train: ") && notes[0].ends_with(": LOC"));
    assert!(warnings(&events, "head")[0].contains("from the model's own head: LOC"));
    assert_eq!(events[0]["labels"], serde_json::json!(["LOC", "PER"]));
    drop(before);
}

#[test]
fn a_run_that_keeps_labels_resumes_to_the_bit() {
    let (_before, model) = places();
    let mut run = Small::new();
    std::fs::write(&run.config.train, both(16, &["PER"])).unwrap();
    run.config.model = model;
    run.config.keep_labels = true;
    assert_resumes_to_the_bit(&run, [2]);
}

/// In steps of no size nothing is learned, so that what is written is what the run began with.
#[test]
fn a_renamed_label_starts_from_the_old_one_and_a_new_one_from_random_numbers() {
    let (before, model) = places();
    let text = both(12, &["LOC", "PER"]).replace("B-LOC", "B-LOCATION");
    let mut run = small(text.clone(), text);
    run.config.model = model.clone();
    run.config.epochs = Some(1);
    run.config.learning_rate = Some(1e-30);
    let (result, events) = run.train("run", None);
    result.unwrap();
    assert_eq!(
        warnings(&events, "head"),
        [
            "these labels start from the model's own head: LOCATION (from LOC); others from random numbers"
        ]
    );
    let head = |folder: PathBuf| {
        let labels = json(&folder.join("config.json"))["id2label"].clone();
        let file = Weights::from_safetensors(&folder.join("model.safetensors")).unwrap();
        let values = file.tensors["classifier.weight"].read("").unwrap();
        let rows = values.chunks(32).map(<[f32]>::to_vec).enumerate();
        let named =
            rows.map(|(at, row)| (labels[at.to_string()].as_str().unwrap().to_owned(), row));
        named.collect::<std::collections::BTreeMap<_, _>>()
    };
    let (old, new) = (head(model), head(run.out("run").join("model")));
    assert_eq!(new["O"], old["O"]);
    assert_eq!(new["B-LOCATION"], old["B-LOC"]);
    assert_eq!(new["I-LOCATION"], old["I-LOC"]);
    assert!(old.values().all(|row| *row != new["B-PER"]));

    run.config.head_start = HeadStart::Fresh;
    run.train("fresh", None).0.unwrap();
    let fresh = head(run.out("fresh").join("model"));
    assert_ne!(fresh["B-LOCATION"], old["B-LOC"]);
    assert_eq!(fresh["B-PER"], new["B-PER"]);
    drop(before);
}

#[test]
fn labels_of_a_model_without_a_head_are_refused() {
    let mut run = Small::new();
    run.config.keep_labels = true;
    let message = run.train("keep", None).0.unwrap_err().to_string();
    assert!(
        message.contains("`keep_labels`") && message.contains("no head"),
        "{message}"
    );
    run.config.keep_labels = false;
    run.config.head_start = HeadStart::OldLabels;
    let message = run.train("old", None).0.unwrap_err().to_string();
    assert!(message.contains("`head_start` is old-labels"), "{message}");
}
