//! Columns of Parquet and Arrow files and of saved data sets in the forms that people's tools make of them.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail them")]

use std::path::{Path, PathBuf};

use tagsmith_corpus::{Corpus, ReadError, ReadOptions, read, read_all};
use tagsmith_protocol::Diagnose;

mod support;
use support::pieces;

fn fixture(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/columns");
    folder.join(name)
}

fn load(name: &str) -> Result<Corpus, ReadError> {
    read(&fixture(name), &ReadOptions::default())
}

fn check(name: &str, corpus: &Corpus) {
    let first = vec![("Mira Holt", "PER"), ("Oslo", "LOC")];
    assert_eq!(pieces(corpus), [first, vec![]], "{name}");
}

#[test]
fn the_same_sentences_in_every_form() {
    for name in [
        "two-labels.parquet",
        "gliner.parquet",
        "map.parquet",
        "record.parquet",
        "words.parquet",
        "bytes-id.parquet",
        "json-type.parquet",
    ] {
        let corpus = load(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        check(name, &corpus);
    }
}

/// The file has numbers for its labels, and so has another column of it.
#[test]
fn a_saved_data_set_without_its_caches() {
    let splits = read_all(&fixture("saved"), &ReadOptions::default()).unwrap();
    assert_eq!(splits.len(), 1);
    let corpus = &splits[0].corpus;
    check("saved", corpus);
    let left = corpus
        .issues
        .iter()
        .filter(|i| i.code.as_str() == "file-ignored");
    let left: Vec<&str> = left.map(|issue| issue.message.as_str()).collect();
    assert!(
        left.iter().any(|message| message.contains("`state.json`")),
        "{left:?}"
    );
}

#[test]
fn a_row_for_each_span() {
    // A text without spans has no row.
    let corpus = load("spans.feather").unwrap();
    assert_eq!(pieces(&corpus), [[("Mira Holt", "PER"), ("Oslo", "LOC")]]);
}

#[test]
fn streams_behind_each_other_are_all_read() {
    let corpus = load("two-streams.arrow").unwrap();
    let sentence = vec![("Mira Holt", "PER"), ("Oslo", "LOC")];
    let none = Vec::new();
    assert_eq!(
        pieces(&corpus),
        [sentence.clone(), none.clone(), sentence, none]
    );
}

#[test]
fn whole_numbers_of_any_type_need_their_names() {
    let error = load("decimals.parquet").unwrap_err();
    assert!(error.hint().unwrap().contains("--label-names"), "{error}");
    let options = ReadOptions {
        label_names: Some(["O", "B-PER", "I-PER", "B-LOC"].map(String::from).to_vec()),
        ..ReadOptions::default()
    };
    let corpus = read(&fixture("decimals.parquet"), &options).unwrap();
    check("decimals.parquet", &corpus);
}

#[test]
fn labels_under_an_unknown_name_are_an_error_in_every_type() {
    for name in [
        "unknown-columns.parquet",
        "unknown-items.parquet",
        "unknown-categories.parquet",
        "unknown-beside.parquet",
    ] {
        let findings = load(name).unwrap_err().findings();
        let message = &findings[0].message;
        assert!(
            message.contains("`my_things` looks like a list of"),
            "{name}: {message}"
        );
    }
}

#[test]
fn two_columns_of_one_name_are_an_error() {
    let error = load("twice.parquet").unwrap_err();
    assert!(
        error
            .to_string()
            .contains("two columns that are called `ner_tags`"),
        "{error}"
    );
    assert!(error.hint().unwrap().contains("rename"), "{error}");
}
