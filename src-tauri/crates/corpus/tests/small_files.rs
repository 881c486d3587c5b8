//! Files of a few documents, in which there is little to tell by how they are to be read: what is right is
//! not read otherwise by chance.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail them")]

mod support;

use std::path::Path;

use tagsmith_corpus::{Corpus, ReadOptions, Scheme, WriteFormat, read_bytes, write};

use support::{codes, pieces};

fn load(name: &str, text: &str) -> Corpus {
    let read = read_bytes(Path::new(name), text.as_bytes(), &ReadOptions::default());
    read.unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn groups(corpus: &Corpus) -> Vec<Option<u32>> {
    corpus
        .documents
        .iter()
        .map(|document| document.group)
        .collect()
}

/// A space beside a word must not make a reading right under which every end moves by one.
#[test]
fn one_wrong_offset_does_not_move_the_others() {
    let ends = r#"{"text": "Anna met Bob", "entities": [{"start": 0, "end": 3, "text": "Anna", "label": "PER"}]}
{"text": "Li sat", "entities": [{"start": 0, "end": 2, "text": "Li", "label": "PER"}]}"#;
    let corpus = load("ends.jsonl", ends);
    assert_eq!(pieces(&corpus), [[("Ann", "PER")], [("Li", "PER")]]);
    assert_eq!(codes(&corpus), ["span-text-differs", "span-cuts-word"]);
    let one = r#"{"text": "So Anna met Bob and Kim in Rome", "entities": [{"start": 3, "end": 7, "text": "Anna", "label": "PER"}, {"start": 12, "end": 15, "text": "Bob", "label": "PER"}, {"start": 21, "end": 23, "text": "Kim", "label": "PER"}]}"#;
    let corpus = load("one.jsonl", one);
    let found = pieces(&corpus);
    assert_eq!(found[0][..2], [("Anna", "PER"), ("Bob", "PER")]);
}

/// Where a Windows line end is counted once, the spans of the first line are right as they are.
#[test]
fn joined_line_ends_win_over_a_shift_that_fits_fewer_words() {
    let text = r#"[{"data": {"text": "Kim left\r\nAnna met Bob\r\nLi sat"}, "annotations": [{"result": [
        {"to_name": "text", "type": "labels", "value": {"start": 0, "end": 3, "labels": ["PER"]}},
        {"to_name": "text", "type": "labels", "value": {"start": 9, "end": 13, "text": "Anna", "labels": ["PER"]}},
        {"to_name": "text", "type": "labels", "value": {"start": 18, "end": 21, "text": "Bob", "labels": ["PER"]}},
        {"to_name": "text", "type": "labels", "value": {"start": 22, "end": 24, "labels": ["PER"]}}]}]}]"#;
    let corpus = load("studio.json", text);
    let expected = ["Kim", "Anna", "Bob", "Li"].map(|name| (name, "PER"));
    assert_eq!(pieces(&corpus), [expected]);
}

/// PubTator's first line has two bars, and so may a text and a word.
#[test]
fn bars_alone_are_not_pubtators() {
    let json = r#"{"text":"|a|b| Anna","entities":[[6,10,"PER"]]}"#;
    assert_eq!(pieces(&load("x.jsonl", json)), [[("Anna", "PER")]]);
    let words = "x|t|y\tO\nAnna\tB-PER\n";
    assert_eq!(pieces(&load("x.conll", words)), [[("Anna", "PER")]]);
    for title_alone in [
        "12|t|Anna sat\n12\t0\t4\tAnna\tPER\n",
        "\n12|t|Anna sat\n12|a|So.\n12\t0\t4\tAnna\tPER\n",
    ] {
        assert_eq!(pieces(&load("x.txt", title_alone)), [[("Anna", "PER")]]);
    }
}

#[test]
fn rows_may_be_numbered_from_nought() {
    let corpus = load(
        "x.conll",
        "0 Anna B-PER\n1 met O\n2 Bob B-PER\n\n0 Kim B-PER\n1 sat O\n",
    );
    assert_eq!(corpus.documents[0].text, "Anna met Bob");
    assert_eq!(pieces(&corpus)[1], [("Kim", "PER")]);
}

/// `tags` are parts of speech where another field has tags that begin and continue entities.
#[test]
fn sure_tags_win_over_the_better_name() {
    let one = r#"{"tokens": ["Anna", "met"], "tags": ["NNP", "VBD"], "ner": ["B-PER", "O"]}"#;
    assert_eq!(pieces(&load("x.jsonl", one)), [[("Anna", "PER")]]);
}

/// What is marked in the second text of a task is not put on the first.
#[test]
fn label_studios_second_text_is_left_aside() {
    let task = r#"[{"id": 1, "data": {"title": "Anna sat", "body": "Bob met"}, "annotations": [{"result": [
        {"to_name": "title", "type": "labels", "value": {"start": 0, "end": 4, "text": "Anna", "labels": ["PER"]}},
        {"to_name": "body", "type": "labels", "value": {"start": 0, "end": 3, "text": "Bob", "labels": ["PER"]}}]}]}]"#;
    let corpus = load("x.json", task);
    assert_eq!(pieces(&corpus), [[("Anna", "PER")]]);
    let mut found = codes(&corpus);
    found.sort_unstable();
    assert_eq!(found, ["results-ignored", "texts-ignored"]);
}

/// A table's column of covered texts proves how its offsets count, as it does in JSON.
#[test]
fn the_quotes_of_a_table_are_used() {
    let table = "text,start,end,mention,label\nHi Anna met Bob in,4,8,Anna,PER\nHi Anna met Bob in,13,16,Bob,PER\n";
    let corpus = load("x.csv", table);
    assert_eq!(pieces(&corpus), [[("Anna", "PER"), ("Bob", "PER")]]);
    assert_eq!(codes(&corpus), ["offsets-shifted"]);
}

/// Where a group is what stands together, a document behind others leaves it, and one without a group
/// joins none.
#[test]
fn groups_that_a_format_cannot_hold_are_counted() {
    let mixed = r#"{"group": 0, "text": "Anna", "entities": []}
{"text": "Bob", "entities": []}
{"group": 1, "text": "Kim", "entities": []}
{"group": 0, "text": "Lee", "entities": []}"#;
    let documents = load("x.jsonl", mixed).documents;
    let lost = |target| {
        let mut bytes = Vec::new();
        let report = write(&documents, &target, &mut bytes).unwrap();
        (report.lost_groups, bytes)
    };
    let (count, bytes) = lost(WriteFormat::ConllScheme(Scheme::Iob2));
    assert_eq!(count, 1);
    let again = load("x.conll", &String::from_utf8(bytes).unwrap());
    assert_eq!(groups(&again), [0, 1, 2, 3].map(Some));
    assert_eq!(lost(WriteFormat::BioC).0, 1);
    assert_eq!(lost(WriteFormat::Brat).0, 2);
}
