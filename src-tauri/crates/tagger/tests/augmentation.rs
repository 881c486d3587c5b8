//! Whole runs with additional training documents: windows, resuming, dev and test left alone, warnings.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use std::collections::BTreeSet;
use std::fs;
use support::{Small, assert_resumes_to_the_bit, sentences, warnings, watched};
use tagsmith_protocol::{Schedule, TrainConfig};
use tagsmith_tagger::corpus::{Document, Word, read};
use tagsmith_tagger::prepare::Splits;
use tagsmith_tagger::{Outcome, resume};

fn augmented() -> Small {
    let mut small = Small::new();
    small.config.augment = Some(0.5);
    small.config.typo_noise = 0.0;
    small.config.schedule = Some(Schedule::Linear);
    small
}

fn read_splits(config: &TrainConfig) -> Splits {
    let mut splits = Splits::read(config).unwrap();
    splits.augment(config).unwrap();
    splits
}

/// Half of 23 documents are 12, and 35 windows are 9 steps of 4.
#[test]
fn a_run_says_how_many_documents_were_added_and_reads_them() {
    let small = augmented();
    let (result, events) = small.train("run", None);
    assert_eq!(result.unwrap(), Outcome::Finished);
    let started = &events[0];
    assert_eq!(started["documents"]["train"], 23);
    assert_eq!(started["windows"], 35);
    assert_eq!(started["steps"], 27);
    let [message] = warnings(&events, "augmented")[..] else {
        panic!("it is said once");
    };
    let begin = "12 documents were made of the 23 of the training set and added to them: mention replacement in ";
    assert!(message.starts_with(begin), "{message}");
    // Without, nothing is said.
    let (_, events) = Small::new().train("run", Some(1));
    assert_eq!(events[0]["windows"], 23);
    assert!(warnings(&events, "augmented").is_empty());
}

#[test]
fn trap_a_resumed_run_has_the_same_documents() {
    assert_resumes_to_the_bit(&augmented(), [4, 9, 14]);
}

#[test]
fn trap_dev_and_test_are_not_augmented() {
    let mut small = augmented();
    small.config.augment = Some(2.0);
    let test = small.out("test.conll");
    fs::write(&test, sentences(5)).unwrap();
    small.config.test = Some(test.clone());
    let read_file = |path| read(path, &Default::default()).unwrap().documents;
    let dev = small.config.dev.clone().unwrap();
    let splits = read_splits(&small.config);
    assert_eq!(splits.dev, read_file(&dev));
    assert_eq!(splits.test.as_deref(), Some(&read_file(&test)[..]));
    assert_eq!(splits.of_file(), read_file(&small.config.train));
    assert_eq!((splits.train.len(), splits.augmented), (69, 46));

    // What is held out is held out first, and nothing of it gets into an added document.
    let places: Vec<String> = (0..40)
        .map(|at| format!("place{at}\tB-LOC\nthe\tO\n\n"))
        .collect();
    fs::write(&small.config.train, places.concat()).unwrap();
    let config = TrainConfig {
        dev: None,
        ..small.config.clone()
    };
    let splits = read_splits(&config);
    let plain = Splits::read(&config).unwrap();
    assert_eq!(splits.dev, plain.dev);
    assert_eq!(splits.of_file(), plain.train);
    let mentions = |documents: &[Document]| -> BTreeSet<String> {
        let words = documents.iter().flat_map(|document| {
            let words = document.words.iter();
            words.map(|Word { start, end }| document.text[*start..*end].to_lowercase())
        });
        words.filter(|word| word.starts_with("place")).collect()
    };
    assert!(mentions(&splits.train).is_disjoint(&mentions(&splits.dev)));
    assert_eq!(mentions(&splits.train), mentions(&plain.train));
}

#[test]
fn a_list_of_mentions_is_used_and_belongs_to_the_run() {
    let mut small = augmented();
    let list = small.out("mentions.tsv");
    fs::write(&list, "LOC\tanna\nSEA\tberg\n").unwrap();
    small.config.augment_mentions = Some(list.clone());
    small.config.mention_replacement = 1.0;
    small.config.augment = Some(3.0);
    let splits = read_splits(&small.config);
    let uses = |document: &&Document| document.text.to_lowercase().contains("anna");
    assert!(splits.train.iter().filter(uses).count() > 10);
    assert_eq!(splits.of_file().iter().filter(uses).count(), 0);
    let (result, events) = small.train("run", Some(2));
    assert_eq!(result.unwrap(), Outcome::Stopped);
    let message = warnings(&events, "augment-labels")[0];
    assert!(message.contains("the training set lacks: SEA"), "{message}");
    // A run whose list has changed is another run.
    fs::write(&list, "LOC\toslo\n").unwrap();
    let (result, _) = watched(None, |control, listener| {
        resume(&small.out("run"), control, listener)
    });
    let failure = result.unwrap_err().to_string();
    assert!(
        failure.contains("has changed since the run began"),
        "{failure}"
    );
    fs::write(&list, "oslo\n").unwrap();
    let failure = small.train("other", None).0.unwrap_err().to_string();
    assert!(
        failure.contains("mentions.tsv:1: found 1 columns"),
        "{failure}"
    );
}

/// 46 windows in batches of 8 are 6 steps: the epochs follow from what is read.
#[test]
fn a_small_set_is_varied_where_nothing_is_set() {
    let mut small = Small::new();
    let settings = &mut small.config.settings;
    (settings.augment, settings.resampling) = (None, None);
    (settings.epochs, settings.batch_size) = (None, None);
    let (result, events) = small.train("run", Some(8));
    assert_eq!(result.unwrap(), Outcome::Stopped);
    let started = &events[0];
    assert_eq!(started["windows"], 46);
    assert_eq!(started["config"]["augment"], 1.0);
    assert_eq!(started["config"]["resampling"], "repeat-factor");
    // Half of the 30 epochs that there may be.
    assert_eq!(started["steps"], 6 * 15);
    let chosen = started["decisions"].as_array().unwrap();
    let reason = |setting: &str| {
        let decision = chosen.iter().find(|one| one["setting"] == setting);
        decision.unwrap()["reason"].clone()
    };
    assert_eq!(reason("augment"), "varied-examples");
    assert_eq!(reason("resampling"), "rare-labels");
    assert_eq!(warnings(&events, "augmented").len(), 1);
    // A resumed run keeps to it.
    let (result, events) = watched(Some(9), |control, listener| {
        resume(&small.out("run"), control, listener)
    });
    assert_eq!(result.unwrap(), Outcome::Stopped);
    assert_eq!(events[0]["windows"], 46);
}
