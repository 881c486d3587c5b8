//! Repairs: what each does to data written by hand, and that nothing goes uncounted.
//!
//! One file, as all cases use the same few helpers.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde_json::json;
use tagsmith_corpus::repair::{ReplayError, apply, compare, merge, preview};
use tagsmith_corpus::{
    Dataset, Document, GroupBy, OffsetUnit, ReadError, ReadOptions, Recipe, Repair, RepairError,
    RepairReport, Span, Split, Stop, read_bytes,
};
use tagsmith_protocol::Diagnose;

fn read_split(name: &str, text: &str) -> Split {
    read_split_with(name, text, &ReadOptions::default()).unwrap()
}

fn read_split_with(name: &str, text: &str, options: &ReadOptions) -> Result<Split, ReadError> {
    let path = format!("{name}.jsonl");
    Ok(Split {
        name: name.into(),
        corpus: read_bytes(Path::new(&path), text.as_bytes(), options)?,
    })
}

/// One record: a text, and spans as start, end, label.
fn record(text: &str, spans: &[(usize, usize, &str)]) -> String {
    format!("{}\n", json!({"text": text, "entities": spans}))
}

/// A split of one document whose spans may be any, also such as no reader would let through.
fn crooked(text: &str, spans: &[(usize, usize, &str)]) -> Split {
    let mut split = read_split("train", &record(text, &[]));
    split.corpus.documents[0].spans = spans
        .iter()
        .map(|(start, end, label)| Span {
            start: *start,
            end: *end,
            label: (*label).into(),
            score: None,
        })
        .collect();
    split.corpus.source.entities = spans.len();
    split
}

fn shown(document: &Document) -> Vec<(&str, &str)> {
    let spans = document.spans.iter();
    spans
        .map(|span| (&document.text[span.start..span.end], span.label.as_str()))
        .collect()
}

fn texts(split: &Split) -> Vec<&str> {
    split
        .corpus
        .documents
        .iter()
        .map(|document| document.text.as_str())
        .collect()
}

fn repaired(dataset: &Dataset, repair: Repair) -> (Dataset, RepairReport) {
    let (after, mut report) = apply(dataset.clone(), &[repair]).unwrap();
    (after, report.remove(0))
}

/// One document, one repair: the spans that come out, and what is counted as changed, removed, left.
fn check(
    repair: Repair,
    text: &str,
    spans: &[(usize, usize, &str)],
    expected: &[(&str, &str)],
    counts: (usize, usize, usize),
) {
    let (after, done) = repaired(&vec![crooked(text, spans)], repair.clone());
    let document = &after[0].corpus.documents[0];
    assert_eq!(shown(document), expected, "{text:?}");
    assert_eq!(
        (done.changed_spans, done.removed_spans, done.left_spans),
        counts,
        "{text:?}"
    );
    assert_eq!(after[0].corpus.source.entities, expected.len());
    // Once is enough.
    let (again, done) = repaired(&after, repair);
    assert_eq!(again, after);
    assert!(done.is_nothing(), "{done:?}");
}

#[test]
fn spans_lose_white_space() {
    let check = |text, spans: &[_], expected: &[_], counts| {
        check(Repair::TrimSpans, text, spans, expected, counts);
    };
    check(
        "of Ada  in \u{a0}Oslo\u{3000}",
        &[(2, 7, "P"), (10, 20, "L")],
        &[("Ada", "P"), ("Oslo", "L")],
        (2, 0, 0),
    );
    check(
        "Ada Bo",
        &[(0, 3, "P"), (3, 4, "X")],
        &[("Ada", "P")],
        (0, 1, 0),
    );
    // Two that differ in a space alone are one; of two labels both stay.
    check(
        "Ada Bo",
        &[(0, 4, "P"), (0, 4, "Q"), (0, 3, "P")],
        &[("Ada", "P"), ("Ada", "Q")],
        (1, 1, 0),
    );
    check("Ada", &[(0, 3, "P")], &[("Ada", "P")], (0, 0, 0));
}

#[test]
fn spans_grow_to_words() {
    let check = |text, spans: &[_], expected: &[_], counts| {
        check(Repair::SnapToWords, text, spans, expected, counts);
    };
    check(
        "Ada Lovelace of London",
        &[(1, 9, "P"), (16, 21, "L")],
        &[("Ada Lovelace", "P"), ("London", "L")],
        (2, 0, 0),
    );
    // Punctuation is a word of its own.
    check("(Oslo)", &[(1, 4, "L")], &[("Oslo", "L")], (1, 0, 0));
    // Two in one word: neither is dropped for the other.
    check(
        "NewYork x",
        &[(0, 3, "A"), (3, 6, "A")],
        &[("New", "A"), ("Yor", "A")],
        (0, 0, 2),
    );
    // The first would swallow the second, which is right already.
    check(
        "NewYork",
        &[(2, 3, "A"), (3, 7, "B")],
        &[("w", "A"), ("York", "B")],
        (0, 0, 2),
    );
    // One in the other grows to the same; of the same label they are one.
    check(
        "York x",
        &[(0, 4, "A"), (1, 3, "A")],
        &[("York", "A")],
        (0, 1, 0),
    );
    check(
        "York x",
        &[(0, 4, "A"), (1, 3, "B")],
        &[("York", "A"), ("York", "B")],
        (1, 0, 0),
    );
    // Letters of several bytes, a combining mark, an emoji of several characters.
    check(
        "caf\u{65}\u{301}s 👩\u{200d}🚀s",
        &[(0, 4, "A"), (8, 12, "B")],
        &[("caf\u{65}\u{301}s", "A"), ("👩\u{200d}🚀s", "B")],
        (2, 0, 0),
    );
}

#[test]
fn labels_are_renamed_merged_and_dropped() {
    let map = |pairs: &[(&str, Option<&str>)]| Repair::MapLabels {
        labels: pairs
            .iter()
            .map(|(from, to)| ((*from).to_owned(), to.map(str::to_owned)))
            .collect(),
    };
    let text = "Ada met Bo";
    let spans = &[(0, 3, "per"), (4, 7, "VERB"), (8, 10, "PERS")];
    check(
        map(&[("per", Some("PER")), ("PERS", Some("PER")), ("VERB", None)]),
        text,
        spans,
        &[("Ada", "PER"), ("Bo", "PER")],
        (2, 1, 0),
    );
    // Two that touch stay two; two that become equal are one.
    check(
        map(&[("A", Some("C")), ("B", Some("C"))]),
        "東京都",
        &[(0, 6, "A"), (0, 6, "B"), (6, 9, "B")],
        &[("東京", "C"), ("都", "C")],
        (2, 1, 0),
    );
    // All at once: labels can change places.
    let swap = map(&[("A", Some("B")), ("B", Some("A"))]);
    let dataset = vec![crooked("a b", &[(0, 1, "A"), (2, 3, "B")])];
    let (after, done) = repaired(&dataset, swap.clone());
    assert_eq!(
        shown(&after[0].corpus.documents[0]),
        [("a", "B"), ("b", "A")]
    );
    assert_eq!((done.changed_spans, done.changed_documents), (2, 1));
    assert_eq!(repaired(&after, swap).0, dataset);
    // A label that no span has is reported.
    let (_, done) = repaired(
        &dataset,
        map(&[("A", None), ("Aa", None), ("Z", Some("B"))]),
    );
    assert_eq!(done.unused_labels, ["Aa", "Z"]);
    let failure = apply(dataset, &[map(&[("A", Some(" "))])]).unwrap_err();
    assert_eq!(failure.to_string(), "the label `A` would become empty");
}

#[test]
fn the_first_of_equal_documents_stays() {
    let dataset = vec![
        read_split(
            "train",
            &[
                record("Ada  met Bo", &[(0, 3, "P")]),
                record("Bo", &[]),
                record(" Ada met Bo", &[(9, 11, "P")]),
                record("", &[]),
                record("", &[]),
                record("Bo", &[(0, 2, "P")]),
            ]
            .concat(),
        ),
        read_split("dev", &record("Bo", &[(0, 2, "P")])),
    ];
    let (after, done) = repaired(&dataset, Repair::DropDuplicates { near: false });
    assert_eq!(texts(&after[0]), ["Ada  met Bo", "Bo", "", ""]);
    assert_eq!(texts(&after[1]), ["Bo"]);
    assert_eq!((done.removed_documents, done.removed_spans), (2, 2));
    assert_eq!(after[0].corpus.documents[1].line, 2);
    assert_eq!(
        (
            after[0].corpus.source.documents,
            after[0].corpus.source.entities
        ),
        (4, 1)
    );
}

#[test]
fn leaking_documents_go_to_train() {
    let dataset = vec![
        read_split(
            "train",
            &[
                record("Ada sang", &[(0, 3, "P")]),
                record("Oslo is cold", &[]),
            ]
            .concat(),
        ),
        read_split(
            "dev",
            &[
                record("Ada  sang", &[(0, 3, "P")]), // the same, known already
                record("Ada sang", &[(0, 3, "Q")]),  // other labels: worth keeping
                record("only here", &[]),
                record("dev and test", &[(0, 3, "X")]),
            ]
            .concat(),
        ),
        read_split(
            "test",
            &[
                record("Oslo is cold", &[(0, 4, "L")]),
                record("dev and  test", &[(0, 3, "X")]),
                record("only  there", &[]),
            ]
            .concat(),
        ),
    ];
    let (after, done) = repaired(&dataset, Repair::MoveLeaking { near: false });
    assert_eq!(
        texts(&after[0]),
        [
            "Ada sang",
            "Oslo is cold",
            "Ada sang",
            "dev and test",
            "Oslo is cold"
        ]
    );
    assert_eq!(texts(&after[1]), ["only here"]);
    assert_eq!(texts(&after[2]), ["only  there"]);
    assert_eq!(
        (
            done.moved_documents,
            done.removed_documents,
            done.removed_spans
        ),
        (3, 2, 2)
    );
    // Lines of another file would mislead without its name.
    let documents = after[0].corpus.documents.iter();
    let lines: Vec<_> = documents
        .map(|d| (d.file.as_ref().map(|file| file.to_string_lossy()), d.line))
        .collect();
    let named = |file: &'static str, line| (Some(file.into()), line);
    assert_eq!(
        lines,
        [
            (None, 1),
            (None, 2),
            named("dev.jsonl", 2),
            named("dev.jsonl", 4),
            named("test.jsonl", 1)
        ]
    );
    assert_eq!(after[2].corpus.documents[0].line, 3);
    let (again, done) = repaired(&after, Repair::MoveLeaking { near: false });
    assert!(done.is_nothing());
    assert_eq!(again, after);
    let failure = apply(
        vec![read_split("dev", &record("a", &[]))],
        &[Repair::MoveLeaking { near: false }],
    );
    assert_eq!(
        failure.unwrap_err(),
        RepairError::NoSuchSplit {
            name: "train".into(),
            available: "`dev`".into()
        }
    );
}

/// One word of fifteen differs: nearly the same. Other words: not.
#[test]
fn nearly_equal_documents_are_found_on_request() {
    let sentence = |name: &str| {
        let text = format!(
            "{name} said on Monday that the harbour of the old town would be closed for repairs until the spring"
        );
        record(&text, &[(0, name.chars().count(), "P")])
    };
    let far =
        "Rain fell in the mountains, and the river rose by more than a metre during the night";
    let dataset = vec![
        read_split("train", &[sentence("Ada"), record(far, &[])].concat()),
        read_split(
            "dev",
            &[sentence("Bo"), sentence("Eva"), record("short", &[])].concat(),
        ),
    ];
    let (after, done) = repaired(&dataset, Repair::MoveLeaking { near: true });
    assert_eq!((done.moved_documents, done.removed_documents), (2, 0));
    assert_eq!(texts(&after[1]), ["short"]);
    assert!(
        repaired(&after, Repair::MoveLeaking { near: true })
            .1
            .is_nothing()
    );
    assert!(
        repaired(&dataset, Repair::MoveLeaking { near: false })
            .1
            .is_nothing()
    );
    let (after, done) = repaired(&dataset, Repair::DropDuplicates { near: true });
    assert_eq!((done.removed_documents, done.removed_spans), (1, 1));
    assert_eq!(after[1].corpus.documents.len(), 2);
    assert!(
        repaired(&dataset, Repair::DropDuplicates { near: false })
            .1
            .is_nothing()
    );
}

fn fractions(pairs: &[(&str, f64)]) -> BTreeMap<String, f64> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, fraction)| ((*name).into(), *fraction))
        .collect()
}

fn split(pairs: &[(&str, f64)], seed: u64) -> Repair {
    Repair::Split {
        fractions: fractions(pairs),
        seed,
        grouped: true,
    }
}

const USUAL: &[(&str, f64)] = &[("train", 0.8), ("dev", 0.1), ("test", 0.1)];

/// 600 documents with A, 300 with B, 100 with C: an eighth and twice a tenth of each are whole
/// numbers, so that nothing keeps a split from being exact.
#[test]
fn every_label_is_spread_by_the_fractions() {
    let content: String = (0..1000)
        .map(|i| {
            let label = match i % 10 {
                0..=5 => "A",
                6..=8 => "B",
                _ => "C",
            };
            record(&format!("text {i}"), &[(0, 4, label)])
        })
        .collect();
    let dataset = vec![read_split("train", &content)];
    let (first, _) = repaired(&dataset, split(USUAL, 0));
    for seed in 0..5 {
        let (after, done) = repaired(&dataset, split(USUAL, seed));
        assert_eq!(done.whole, Some(GroupBy::Texts));
        assert_eq!(done.moved_documents, 200);
        let found: Vec<(&str, [usize; 3])> = after
            .iter()
            .map(|split| {
                let count = |label: &str| {
                    let documents = split.corpus.documents.iter();
                    documents.filter(|d| d.spans[0].label == label).count()
                };
                (split.name.as_str(), ["A", "B", "C"].map(count))
            })
            .collect();
        assert_eq!(
            found,
            [
                ("train", [480, 240, 80]),
                ("dev", [60, 30, 10]),
                ("test", [60, 30, 10])
            ]
        );
        // In the order of the file, with the lines of the file.
        for split in &after {
            assert!(split.corpus.documents.is_sorted_by_key(|d| d.line));
            assert!(split.corpus.documents.iter().all(|d| d.line > 0));
        }
        assert_eq!(repaired(&dataset, split(USUAL, seed)).0, after);
        assert!(seed == 0 || after != first);
    }
}

/// Labels that are in few documents get into as many splits as they can, the large one first.
#[test]
fn rare_labels_get_into_every_split() {
    let content: String = (0..100)
        .map(|i| match i {
            3 => record(&format!("text {i}"), &[(0, 4, "ONE")]),
            4 | 50 => record(&format!("text {i}"), &[(0, 4, "TWO")]),
            7 | 8 | 60 => record(&format!("text {i}"), &[(0, 4, "THREE"), (5, 6, "A")]),
            _ => record(&format!("text {i}"), &[(0, 4, "A")]),
        })
        .collect();
    let dataset = vec![read_split("train", &content)];
    for seed in 0..20 {
        let (after, _) = repaired(&dataset, split(USUAL, seed));
        let sizes: Vec<usize> = after.iter().map(|p| p.corpus.documents.len()).collect();
        assert_eq!(sizes, [80, 10, 10]);
        let labels: Vec<Vec<String>> = after
            .iter()
            .map(|split| tagsmith_corpus::labels(&split.corpus.documents))
            .collect();
        assert_eq!(labels[0], ["A", "ONE", "THREE", "TWO"], "{seed}");
        assert_eq!(labels[1], ["A", "THREE", "TWO"], "{seed}");
        assert_eq!(labels[2], ["A", "THREE"], "{seed}");
    }
}

/// Ten source documents of ten sentences, in a file whose sentences are numbered by `-DOCSTART-`.
#[test]
fn source_documents_stay_whole() {
    let content: String = (0..10)
        .map(|source| {
            let sentences: String = (0..10)
                .map(|i| format!("word{source}x{i} B-X\nYes O\n\n"))
                .collect();
            format!("-DOCSTART- O\n\n{sentences}")
        })
        .collect();
    let file = |split: &str| Split {
        name: split.into(),
        corpus: read_bytes(
            Path::new(split),
            content.replace("word", split).as_bytes(),
            &ReadOptions::default(),
        )
        .unwrap(),
    };
    let dataset = vec![file("train")];
    let (after, done) = repaired(&dataset, split(USUAL, 1));
    assert_eq!(done.whole, Some(GroupBy::SourcesAndTexts));
    let sizes: Vec<usize> = after.iter().map(|p| p.corpus.documents.len()).collect();
    assert_eq!(sizes, [80, 10, 10]);
    let (_, done) = repaired(
        &dataset,
        Repair::Split {
            fractions: fractions(USUAL),
            seed: 1,
            grouped: false,
        },
    );
    assert_eq!(done.whole, Some(GroupBy::Texts));
    // Two files number their source documents from 0 each: 20 of them, not 10.
    let dataset = vec![file("train"), file("dev")];
    let (after, _) = repaired(&dataset, split(&[("train", 0.5), ("test", 0.5)], 3));
    let mut groups = Vec::new();
    for split in &after {
        let mut of_split: Vec<u32> = split
            .corpus
            .documents
            .iter()
            .map(|d| d.group.unwrap())
            .collect();
        assert_eq!(of_split.len(), 100);
        of_split.dedup();
        groups.extend(of_split);
    }
    groups.sort_unstable();
    groups.dedup();
    assert_eq!(groups.len(), 20);
}

#[test]
fn invalid_shares() {
    let dataset = vec![read_split(
        "train",
        &[record("a", &[]), record("b", &[])].concat(),
    )];
    for (pairs, message) in [
        (
            &[("train", 0.8), ("dev", 0.1)][..],
            "the shares make 0.9 together; expected 1",
        ),
        (
            &[("train", 1.0), ("dev", 0.0)],
            "the share of `dev` is 0; expected a number above 0, and at most 1",
        ),
        (
            &[("train", f64::NAN)],
            "the share of `train` is NaN; expected a number above 0, and at most 1",
        ),
        (&[], "the shares make 0 together; expected 1"),
        (
            &[("../train", 1.0)],
            "`../train` cannot be the name of a split",
        ),
        (USUAL, "2 documents cannot be divided into 3 splits"),
    ] {
        let failure = apply(dataset.clone(), &[split(pairs, 0)]).unwrap_err();
        assert_eq!(failure.to_string(), message);
        assert!(failure.hint().is_some_and(|hint| !hint.is_empty()));
    }
}

#[test]
fn a_sample_keeps_the_order() {
    let content: String = (0..50).map(|i| record(&format!("text {i}"), &[])).collect();
    let dataset = vec![read_split("train", &content), read_split("dev", &content)];
    let sample = |documents| Repair::Sample {
        split: "train".into(),
        documents,
        seed: 5,
    };
    let (ten, done) = repaired(&dataset, sample(10));
    assert_eq!(
        (done.removed_documents, ten[0].corpus.documents.len()),
        (40, 10)
    );
    assert_eq!(ten[1], dataset[1]);
    assert!(ten[0].corpus.documents.is_sorted_by_key(|d| d.line));
    // A larger sample holds the smaller one.
    let (twenty, _) = repaired(&dataset, sample(20));
    let all = texts(&twenty[0]);
    assert!(texts(&ten[0]).iter().all(|text| all.contains(text)));
    let (whole, done) = repaired(&dataset, sample(90));
    assert!(done.is_nothing());
    assert_eq!(whole, dataset);
}

#[test]
fn files_of_one_part_are_joined() {
    let splits = vec![
        read_split("test", &record("t", &[])),
        read_split("train", &record("a", &[(0, 1, "X")])),
        read_split("other", &record("o", &[])),
        read_split("train", &record("b", &[(0, 1, "Y")])),
    ];
    let dataset = merge(splits);
    let names: Vec<&str> = dataset.iter().map(|split| split.name.as_str()).collect();
    assert_eq!(names, ["train", "test", "other"]);
    assert_eq!(texts(&dataset[0]), ["a", "b"]);
    assert_eq!(dataset[0].corpus.source.entities, 2);
}

/// The findings of the reader go with their documents.
#[test]
fn findings_follow_their_documents() {
    use tagsmith_corpus::{Issue, IssueCode, Location, Severity};
    let mut dataset = vec![
        read_split("train", &[record("a", &[]), record("b", &[])].concat()),
        read_split(
            "dev",
            &[record("c", &[]), record("a", &[(0, 1, "X")])].concat(),
        ),
    ];
    let about = |split: &str, document: usize| {
        Issue::new(Severity::Info, IssueCode::Unlabelled, "f", 1, "about it").place(Location {
            split: split.into(),
            document,
            range: None,
        })
    };
    dataset[1].corpus.issues = vec![
        about("dev", 0),
        about("dev", 1),
        Issue::new(Severity::Info, IssueCode::TooLong, "f", 0, "about the file"),
    ];
    let (after, _) = repaired(&dataset, Repair::MoveLeaking { near: false });
    assert_eq!(after[0].corpus.issues, [about("train", 2)]);
    assert_eq!(after[1].corpus.issues.len(), 2);
    let (after, _) = repaired(
        &dataset,
        Repair::Sample {
            split: "dev".into(),
            documents: 0,
            seed: 1,
        },
    );
    assert_eq!(after[1].corpus.issues.len(), 1);
}

#[test]
fn repaired_tags_are_counted_and_accepted() {
    let read = |text: &str| {
        let corpus = read_bytes(
            Path::new("f"),
            text.as_bytes(),
            &ReadOptions {
                scheme: Some(tagsmith_corpus::Scheme::Iob2),
                ..Default::default()
            },
        );
        vec![Split {
            name: "train".into(),
            corpus: corpus.unwrap(),
        }]
    };
    let dataset = read("Ada I-P\nsang O\n\nBo B-P\nMo I-L\n");
    assert_eq!(dataset[0].corpus.issues.len(), 2);
    let (after, done) = repaired(&dataset, Repair::RepairTags);
    assert_eq!(done.repaired_tags, 2);
    assert_eq!(after[0].corpus.issues, []);
    assert_eq!(after[0].corpus.documents, dataset[0].corpus.documents);
}

#[test]
fn a_preview_tells_what_the_repair_does() {
    let dataset = vec![
        read_split(
            "train",
            &[
                record("Ada sang", &[(0, 4, "P")]),
                record("Oslo", &[(0, 4, "L")]),
                record("Bo sang", &[(0, 3, "P")]),
            ]
            .concat(),
        ),
        read_split("dev", &record("Oslo", &[(0, 4, "L")])),
    ];
    for repair in [
        Repair::TrimSpans,
        Repair::SnapToWords,
        Repair::RepairTags,
        Repair::DropDuplicates { near: false },
        Repair::MoveLeaking { near: false },
        split(&[("train", 0.5), ("dev", 0.5)], 1),
    ] {
        let seen = preview(&dataset, &repair, 10, &Stop::default()).unwrap();
        assert_eq!(seen.done, repaired(&dataset, repair).1);
    }
    let seen = preview(&dataset, &Repair::TrimSpans, 1, &Stop::default()).unwrap();
    assert_eq!(
        serde_json::to_value(&seen).unwrap(),
        json!({
            "repair": {"repair": "trim-spans"},
            "changed_documents": 2, "changed_spans": 2, "removed_spans": 0, "left_spans": 0,
            "removed_documents": 0, "moved_documents": 0, "repaired_tags": 0,
            "examples": [{
                "place": {"split": "train", "document": 0},
                "text": "Ada sang",
                "change": "spans",
                "before": [{"start": 0, "end": 4, "label": "P", "text": "Ada "}],
                "after": [{"start": 0, "end": 3, "label": "P", "text": "Ada"}],
            }],
        })
    );
    let seen = preview(
        &dataset,
        &Repair::MoveLeaking { near: false },
        5,
        &Stop::default(),
    )
    .unwrap();
    assert_eq!(
        serde_json::to_value(&seen.examples).unwrap(),
        json!([{"place": {"split": "dev", "document": 0}, "text": "Oslo", "change": "removed"}])
    );
}

#[test]
fn a_preview_that_was_ended_shows_nothing() {
    let dataset = vec![
        read_split("train", &record("Ada sang", &[(0, 4, "P")])),
        read_split("dev", &record("Oslo", &[(0, 4, "L")])),
    ];
    let ended = Stop::when(Arc::new(AtomicBool::new(true)));
    for repair in [
        Repair::TrimSpans,
        Repair::DropDuplicates { near: true },
        Repair::MoveLeaking { near: true },
    ] {
        let found = preview(&dataset, &repair, 10, &ended);
        assert!(matches!(found, Err(RepairError::Stopped)), "{repair:?}");
    }
}

fn hold_out(of: &[(&str, f64)], seed: u64) -> Repair {
    Repair::HoldOut {
        fractions: fractions(of),
        seed,
    }
}

#[test]
fn parts_that_are_missing_are_held_out_and_keep_their_lines() {
    let ten: String = (0..10)
        .map(|n| record(&format!("Text {n}"), &[(0, 4, "P")]))
        .collect();
    let names = |dataset: &Dataset| -> Vec<(String, usize)> {
        let splits = dataset.iter();
        splits
            .map(|split| (split.name.clone(), split.corpus.documents.len()))
            .collect()
    };
    let both = [("dev", 0.1), ("test", 0.2)];
    let (held, done) = apply(vec![read_split("train", &ten)], &[hold_out(&both, 1)]).unwrap();
    let expected = [("train", 7), ("dev", 1), ("test", 2)].map(|(split, n)| (split.to_owned(), n));
    assert_eq!(names(&held), expected);
    assert_eq!((done[0].moved_documents, done[0].removed_documents), (3, 0));
    // Every text once, with the line that it had.
    let mut lines: Vec<(usize, String)> = held
        .iter()
        .flat_map(|split| &split.corpus.documents)
        .map(|document| (document.line, document.text.clone()))
        .collect();
    lines.sort();
    let expected: Vec<(usize, String)> = (0..10).map(|n| (n + 1, format!("Text {n}"))).collect();
    assert_eq!(lines, expected);
    // The same choice as for a run without a dev file.
    let whole = read_split("train", &ten).corpus.documents;
    let (kept, out) = tagsmith_corpus::train_dev_split(whole, 0.2, 1);
    let (one, _) = apply(vec![read_split("train", &ten)], &[hold_out(&both[1..], 1)]).unwrap();
    assert_eq!(
        (&one[0].corpus.documents, &one[1].corpus.documents),
        (&kept, &out)
    );
    // Again there is nothing to do: the splits are there.
    let (again, done) = apply(held.clone(), &[hold_out(&both, 2)]).unwrap();
    assert_eq!((&again, done[0].is_nothing()), (&held, true));
    // Nor where there is nothing to take from.
    let test = vec![read_split("test", &ten)];
    assert_eq!(apply(test.clone(), &[hold_out(&both, 1)]).unwrap().0, test);
    let single = vec![read_split("train", &record("Ada", &[]))];
    assert_eq!(
        apply(single.clone(), &[hold_out(&both, 1)]).unwrap().0,
        single
    );
    for (wrong, message) in [
        (
            vec![("dev", 0.5), ("test", 0.5)],
            "the shares that are held out make 1 together; expected less than 1",
        ),
        (
            vec![("dev", 0.0)],
            "the share of `dev` is 0; expected a number above 0, and at most 1",
        ),
    ] {
        let failure = apply(single.clone(), &[hold_out(&wrong, 1)]).unwrap_err();
        assert_eq!(failure.to_string(), message);
    }
}

#[test]
fn files_may_be_read_in_different_ways() {
    let text = r#"{"reading":{"shift":1},"files":{"dev.jsonl":{"shift":5},"b/dev.jsonl":{"shift":9}},"repairs":[{"repair":"shift-offsets","by":-1}]}"#;
    let recipe: Recipe = serde_json::from_str(text).unwrap();
    let shift = |path: &str| recipe.reading_of(Path::new(path)).shift;
    assert_eq!((shift("a/dev.jsonl"), shift("train.jsonl")), (4, 0));
    assert_eq!((shift("x/b/dev.jsonl"), shift("bdev.jsonl")), (8, 0));
    assert_eq!(recipe.reading().shift, 0);
}

/// What a library or a run has written once must be read by every later version.
#[test]
fn recipes_are_written_as_they_always_were() {
    let text = r#"{"reading":{"drop_invalid":false,"tag_column":null,"token_column":null,"scheme":null,"label_names":null,"format":null,"encoding":null,"sentence_column":null,"offsets":"characters","shift":0,"keep_overlaps":false},"repairs":[{"repair":"convert-offsets","from":"utf16"},{"repair":"shift-offsets","by":-1},{"repair":"drop-invalid"},{"repair":"trim-spans"},{"repair":"snap-to-words"},{"repair":"repair-tags"},{"repair":"map-labels","labels":{"PERS":"PER","X":null}},{"repair":"drop-duplicates","near":false},{"repair":"move-leaking","near":true},{"repair":"hold-out","shares":{"dev":0.1,"test":0.2},"seed":3},{"repair":"split","shares":{"dev":0.1,"test":0.1,"train":0.8},"seed":42},{"repair":"split","shares":{"train":1.0},"seed":1,"grouped":false},{"repair":"sample","split":"train","documents":100,"seed":7}]}"#;
    let recipe = Recipe {
        reading: ReadOptions::default(),
        files: BTreeMap::new(),
        repairs: vec![
            Repair::ConvertOffsets {
                from: OffsetUnit::Utf16,
            },
            Repair::ShiftOffsets { by: -1 },
            Repair::DropInvalid,
            Repair::TrimSpans,
            Repair::SnapToWords,
            Repair::RepairTags,
            Repair::MapLabels {
                labels: [("PERS".into(), Some("PER".into())), ("X".into(), None)].into(),
            },
            Repair::DropDuplicates { near: false },
            Repair::MoveLeaking { near: true },
            hold_out(&[("dev", 0.1), ("test", 0.2)], 3),
            split(USUAL, 42),
            Repair::Split {
                fractions: fractions(&[("train", 1.0)]),
                seed: 1,
                grouped: false,
            },
            Repair::Sample {
                split: "train".into(),
                documents: 100,
                seed: 7,
            },
        ],
    };
    let read: Recipe = serde_json::from_str(text).unwrap();
    assert_eq!(read, recipe);
    // Options for reading may be added behind; what is there keeps its name.
    let written = serde_json::to_value(&recipe).unwrap();
    let expected: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(written["repairs"], expected["repairs"]);
    for (name, value) in expected["reading"].as_object().unwrap() {
        assert_eq!(written["reading"][name], *value, "{name}");
    }
    let short: Recipe =
        serde_json::from_str(r#"{"repairs":[{"repair":"drop-duplicates"}]}"#).unwrap();
    assert_eq!(short.repairs, [Repair::DropDuplicates { near: false }]);
    for wrong in [
        r#"{"repairs":[{"repair":"polish"}]}"#,
        r#"{"steps":[]}"#,
        r#"{"repairs":[{"repair":"sample","split":"train","documents":1,"seed":1,"more":2}]}"#,
    ] {
        assert!(serde_json::from_str::<Recipe>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn repairs_of_the_reading_are_read_again() {
    let recipe = Recipe::default()
        .then(Repair::TrimSpans)
        .then(Repair::ShiftOffsets { by: -1 })
        .then(Repair::ShiftOffsets { by: 3 })
        .then(Repair::DropInvalid)
        .then(Repair::ConvertOffsets {
            from: OffsetUnit::Bytes,
        });
    let reading = recipe.reading();
    assert_eq!(
        (reading.shift, reading.drop_invalid, reading.offsets),
        (2, true, OffsetUnit::Bytes)
    );
    assert_eq!(recipe.steps(), [Repair::TrimSpans]);
    let failure = apply(Vec::new(), &[Repair::DropInvalid]).unwrap_err();
    assert_eq!(
        failure.to_string(),
        "`drop-invalid` changes how the files are read: they must be read again"
    );

    // One span that cannot be used, one with a space: read again, then repaired.
    let content = record("Ada sang", &[(0, 4, "P"), (6, 99, "P")]);
    let mut read =
        |recipe: &Recipe| read_split_with("train", &content, &recipe.reading()).map(|p| vec![p]);
    let recipe = Recipe::default().then(Repair::TrimSpans);
    let failure = recipe.replay(&mut read).unwrap_err();
    assert!(matches!(
        failure,
        ReplayError::Read(ReadError::InvalidSpans { .. })
    ));
    let recipe = recipe.then(Repair::DropInvalid);
    let (after, done) = recipe.replay(&mut read).unwrap();
    assert_eq!(shown(&after[0].corpus.documents[0]), [("Ada", "P")]);
    assert_eq!((done.len(), after[0].corpus.source.dropped_spans), (1, 1));
    // Taking the step back and replaying gives what was there before.
    let (recipe, last) = recipe.then(Repair::SnapToWords).undo().unwrap();
    assert_eq!(last, Repair::SnapToWords);
    assert_eq!(recipe.replay(&mut read).unwrap().0, after);
    assert_eq!(Recipe::default().undo(), None);
}

#[test]
fn two_readings_are_compared() {
    let before = vec![crooked("Ada sang", &[(1, 4, "P"), (5, 6, "X")])];
    let after = vec![crooked("Ada sang", &[(0, 3, "P")])];
    let repair = Repair::ShiftOffsets { by: -1 };
    let seen = compare(&before, &after, &repair, 5);
    assert_eq!(
        (
            seen.done.changed_documents,
            seen.done.changed_spans,
            seen.done.removed_spans
        ),
        (1, 1, 1)
    );
    assert_eq!(
        serde_json::to_value(&seen.examples[0]).unwrap()["after"],
        json!([{"start": 0, "end": 3, "label": "P", "text": "Ada"}])
    );
}

/// Tags that nobody lists are found among the labels.
#[test]
fn tags_among_the_labels_are_joined() {
    let text = "Ada Lovelace left Rome";
    let spans = [
        (0, 3, "B-PER"),
        (4, 12, "I-PER"),
        (13, 17, "O"),
        (18, 22, "B-LOC"),
    ];
    let dataset = vec![crooked(text, &spans)];
    let by_looking = Repair::JoinTagged {
        tags: BTreeMap::new(),
    };
    let (after, done) = repaired(&dataset, by_looking.clone());
    let document = &after[0].corpus.documents[0];
    assert_eq!(shown(document), [("Ada Lovelace", "PER"), ("Rome", "LOC")]);
    let Repair::JoinTagged { tags } = &done.repair else {
        panic!("{done:?}")
    };
    assert!(tags.contains_key("I-PER"), "{tags:?}");
    let shown = preview(&dataset, &by_looking, 1, &Stop::default()).unwrap();
    assert_eq!(shown.done, done);
    let written: Repair = serde_json::from_str(r#"{"repair":"join-tagged"}"#).unwrap();
    assert_eq!(written, by_looking);
}
