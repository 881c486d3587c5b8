//! What the check finds: nothing in clean data, every planted fault where it was planted, and in
//! published data what another program counts.
//!
//! One file, as every fault is planted into the same clean data.

#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::Path;

use proptest::prelude::*;
use tagsmith_corpus::Stop;
use tagsmith_corpus::check::{
    Bin, CheckError, CheckOptions, Stage, check_with, histogram, nearly_same, nearly_same_within,
    recognise, statistics, statistics_of_checked,
};
use tagsmith_corpus::{
    CheckReport, Corpus, Document, Issue, IssueCode, OffsetUnit, ReadOptions, Repair, Span,
    WriteFormat, check, read, read_bytes, write,
};

const PEOPLE: [&str; 8] = [
    "Ada Berg",
    "Ole Dahl",
    "Eva Lund",
    "Per Holm",
    "Ida Strand",
    "Jon Vik",
    "Liv Moe",
    "Tor Aas",
];
const CITIES: [&str; 8] = [
    "Oslo", "Bergen", "Tromsø", "Malmö", "Aarhus", "Turku", "Vaasa", "Bodø",
];
const FIRMS: [&str; 8] = [
    "Nordlys AS",
    "Havbruk",
    "Fjell Group",
    "Polar Bank",
    "Skog Ltd",
    "Isbre",
    "Viddene",
    "Kystlinjen",
];
/// The first half is for training, the other for development.
const SENTENCES: [&str; 8] = [
    "Last winter P travelled from C by train and met the board of F there .",
    "In C the press wrote that F would never again hire P for such a task .",
    "The letters which P once sent to F were found in a cellar near C .",
    "F has opened an office in C , as P said when the meeting was over .",
    "Nobody knows why P left F so early , but the house in C was sold .",
    "When prices rose , F asked P to look after its buyers around C .",
    "A bridge for C was planned by P long before F paid for the stones .",
    "It rained in C while P and the others from F waited at the gate .",
];

/// Sentences in which each name always has its label.
fn clean(split: &str, number: usize) -> Vec<Document> {
    let half = SENTENCES.len() / 2;
    let templates = if split == "train" {
        &SENTENCES[..half]
    } else {
        &SENTENCES[half..]
    };
    let name = |names: &[&'static str; 8], i: usize| names[i % names.len()];
    let documents = (0..number).map(|i| {
        let (turn, round) = (i / half, i / half / 8);
        let mut words: Vec<&str> = Vec::new();
        let mut spans: Vec<(usize, usize, &str)> = Vec::new();
        for word in templates[i % half].split(' ') {
            let (filled, label) = match word {
                "P" => (name(&PEOPLE, turn), "PER"),
                "C" => (name(&CITIES, turn + round), "LOC"),
                "F" => (name(&FIRMS, turn + 3 * round), "ORG"),
                word => (word, ""),
            };
            if !label.is_empty() {
                spans.push((words.len(), words.len() + filled.split(' ').count(), label));
            }
            words.extend(filled.split(' '));
        }
        let mut document = Document::from_text(words.join(" "));
        let given = Document::from_words(&words).words;
        let span = |(first, end, label): (usize, usize, &str)| Span {
            start: given[first].start,
            end: given[end - 1].end,
            label: label.into(),
            score: None,
        };
        document.spans = spans.into_iter().map(span).collect();
        document
    });
    documents.collect()
}

/// As it would be read from a file of JSON lines, so that lines are those of the file.
fn corpus(name: &str, documents: &[Document]) -> Corpus {
    let mut bytes = Vec::new();
    write(documents, &WriteFormat::JsonlSpans, &mut bytes).unwrap();
    read_bytes(Path::new(name), &bytes, &ReadOptions::default()).unwrap()
}

fn found(report: &CheckReport) -> BTreeMap<&str, usize> {
    report
        .groups
        .iter()
        .map(|group| (group.code.as_str(), group.count))
        .collect()
}

#[test]
fn clean_data_gives_no_finding() {
    let (train, dev) = (clean("train", 200), clean("dev", 120));
    let report = check(&[("train", &corpus("a", &train)), ("dev", &corpus("b", &dev))]);
    assert_eq!(report.issues, []);
    assert_eq!(report.groups, []);
    assert_eq!(report.files[0].labels["LOC"], 200);
}

/// A fault, where it is planted, and all that must be found then: codes and lines of either file.
#[test]
fn planted_faults_are_found_where_they_are() {
    type Plant = fn(&mut Vec<Document>, &mut Vec<Document>);
    type Expected = &'static [(&'static str, &'static str, &'static [usize])];
    let faults: [(Plant, Expected); 12] = [
        // One character of white space inside the span.
        (
            |train, _| {
                [3, 50, 90]
                    .iter()
                    .for_each(|i: &usize| train[*i].spans[0].end += 1)
            },
            &[("span-edge-space", "train", &[4, 51, 91])],
        ),
        // The first entity of the first sentence is a person, and its second letter is ASCII.
        (
            |train, _| {
                [0, 40]
                    .iter()
                    .for_each(|i: &usize| train[*i].spans[0].start += 1)
            },
            &[("span-cuts-word", "train", &[1, 41])],
        ),
        // Labelled 200 times in train and dev, and here not.
        (
            |_, dev| drop(dev[7].spans.remove(0)),
            &[("likely-missed", "dev", &[8])],
        ),
        (
            |train, _| train[11].spans[0].label = "LOC".into(),
            &[("label-unusual", "train", &[12])],
        ),
        (
            |train, dev| {
                dev.extend_from_slice(&train[20..23]);
            },
            &[("overlap", "dev", &[121, 122, 123])],
        ),
        (
            |train, _| {
                let again = train[5].clone();
                train.push(again);
            },
            &[("duplicate", "train", &[201])],
        ),
        // The last word of the sentence is another one: two letters of some seventy.
        (
            |train, dev| {
                for i in [8, 12] {
                    let mut near = train[i].clone();
                    near.text = near.text.replace(" there .", " then .");
                    dev.push(near);
                }
            },
            &[("near-overlap", "dev", &[121, 122])],
        ),
        (
            |train, dev| {
                train[1].text.push('\u{200b}');
                dev[2].text.push('\u{7}');
            },
            &[
                ("control-character", "dev", &[3]),
                ("format-character", "train", &[2]),
            ],
        ),
        (
            |_, dev| {
                dev[4].text.push_str(" Ã¼");
                dev[5].text.push('\u{fffd}');
            },
            &[
                ("mojibake", "dev", &[5]),
                ("replacement-character", "dev", &[6]),
            ],
        ),
        // Another label in one split: not learned, few, and not the usual one for these words.
        (
            |_, dev| dev[9].spans[2].label = "NATION".into(),
            &[
                ("label-not-in-train", "dev", &[10]),
                ("label-unusual", "dev", &[10]),
            ],
        ),
        (
            |train, _| train[9].spans[2].label = "WATER".into(),
            &[
                ("label-only-in-train", "train", &[10]),
                ("label-rare", "train", &[10]),
                ("label-unusual", "train", &[10]),
            ],
        ),
        (
            |_, dev| dev.push(Document::from_text("")),
            &[("empty-document", "dev", &[121])],
        ),
    ];
    for (plant, expected) in faults {
        let (mut train, mut dev) = (clean("train", 200), clean("dev", 120));
        plant(&mut train, &mut dev);
        let report = check(&[
            ("train", &corpus("train", &train)),
            ("dev", &corpus("dev", &dev)),
        ]);
        let found: BTreeSet<(&str, String, usize)> = report
            .issues
            .iter()
            .map(|issue| {
                (
                    issue.code.as_str(),
                    issue.file.display().to_string(),
                    issue.line,
                )
            })
            .collect();
        let expected: BTreeSet<(&str, String, usize)> = expected
            .iter()
            .flat_map(|(code, file, lines)| {
                lines.iter().map(|line| (*code, file.to_string(), *line))
            })
            .collect();
        assert_eq!(found, expected);
        for issue in &report.issues {
            let place = issue.place.as_ref().unwrap();
            assert_eq!(
                (place.split.as_str(), place.document + 1),
                (issue.file.to_str().unwrap(), issue.line)
            );
        }
    }
}

#[test]
fn offsets_are_recognised_by_trying() {
    // Names behind an emoji and behind letters of two bytes.
    let texts = [
        "😀 Oslo is near Bergen",
        "From Malmö to Tromsø by 🚂 and to Bodø",
        "Åse met Ida 😀 in Turku",
        "Oslo is big",
    ];
    let names = ["Oslo", "Bergen", "Malmö", "Tromsø", "Bodø", "Turku", "Ida"];
    let count = |text: &str, unit| match unit {
        OffsetUnit::Characters => text.chars().count(),
        OffsetUnit::Bytes => text.len(),
        OffsetUnit::Utf16 => text.encode_utf16().count(),
    } as i64;
    let records = |unit, shift: i64, last: i64| -> Vec<(&str, Vec<(i64, i64)>)> {
        let spans = |text: &'static str| {
            let places = names
                .iter()
                .filter_map(|name| Some((text.find(name)?, name)));
            places
                .map(|(at, name)| {
                    let start = count(&text[..at], unit) + shift;
                    (start, start + count(name, unit) - last)
                })
                .collect()
        };
        texts.iter().map(|text| (*text, spans(text))).collect()
    };
    let seen = |unit, shift, last| {
        recognise(&records(unit, shift, last)).map(|found| {
            (
                found.unit,
                found.shift,
                found.inclusive,
                found.fitting,
                found.tried,
            )
        })
    };
    let characters = OffsetUnit::Characters;
    assert_eq!(seen(characters, 0, 0), None);
    // A shift found is what must be added to set it right.
    for shift in [-3, -1, 1, 2, 12] {
        assert_eq!(
            seen(characters, shift, 0),
            Some((characters, -shift, false, 8, 8)),
            "{shift}"
        );
    }
    assert_eq!(seen(characters, 0, 1), Some((characters, 0, true, 8, 8)));
    // Counting from 1, the end included.
    assert_eq!(seen(characters, 1, 1), Some((characters, -1, true, 8, 8)));
    for unit in [OffsetUnit::Bytes, OffsetUnit::Utf16] {
        assert_eq!(seen(unit, 0, 0), Some((unit, 0, false, 8, 8)));
        assert_eq!(seen(unit, 1, 0), Some((unit, -1, false, 8, 8)));
    }
    // Too little to say, nonsense, and offsets beyond all bounds.
    assert_eq!(recognise(&[]), None);
    assert_eq!(recognise(&[("Oslo is big", vec![(1, 5)])]), None);
    assert_eq!(
        recognise(&[(
            "Oslo is big",
            vec![(5, 1), (i64::MAX, i64::MIN), (-1, i64::MAX), (3, 3)]
        )]),
        None
    );
    // Half of the spans are wrong by hand: no constant is at fault.
    let mixed = vec![(0, 4), (5, 7), (1, 5), (8, 11), (6, 8)];
    assert_eq!(recognise(&[("Oslo is big", mixed)]), None);
}

/// The text as the module says it is compared, written another way.
fn pieces(text: &str) -> BTreeSet<String> {
    let letters: String = text
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let folded = letters
        .to_lowercase()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let chars: Vec<char> = folded.chars().collect();
    chars
        .windows(5)
        .map(|piece| piece.iter().collect())
        .collect()
}

fn likeness(a: &str, b: &str) -> f64 {
    let (a, b) = (pieces(a), pieces(b));
    a.intersection(&b).count() as f64 / a.union(&b).count() as f64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    /// Each pair that is reported is as alike as it says, and pairs above 0.9 are not overlooked.
    #[test]
    fn near_texts_are_as_alike_as_counted(
        words in prop::collection::vec("[a-zA-Zäé]{1,9}", 12..40),
        at in prop::collection::vec((any::<prop::sample::Index>(), "[a-zA-Zäé]{1,9}"), 0..4),
        mark in "[.,;!?] {0,3}",
    ) {
        let text = words.join(" ");
        let mut other = words.clone();
        for (index, word) in at {
            other[index.index(words.len())] = word;
        }
        let other = other.join(&mark).to_uppercase();
        let known = ["something else entirely, long enough to be compared", &text];
        let expected = likeness(&text, &other);
        match nearly_same(&known, &[other.as_str()], &Stop::default())[0] {
            Some(near) => {
                prop_assert_eq!(near.document, 1);
                prop_assert!((near.likeness - expected).abs() < 1e-9 && expected >= 0.8);
            }
            // Four keys of eight bands: one pair in 4,000 escapes at 0.9, and hardly any above.
            None => prop_assert!(expected < 0.95, "{expected} {text} {other}"),
        }
    }
}

#[test]
fn near_texts_in_one_list() {
    let texts = [
        "The quick brown fox jumps over the lazy dog.",
        "the QUICK brown fox -- jumps over the lazy dog",
        "Something else entirely, long enough to be compared.",
        "short",
        "short",
        "The quick brown fox jumps over the lazy dog.",
    ];
    let found: Vec<Option<usize>> = nearly_same_within(&texts, &Stop::default())
        .iter()
        .map(|near| near.map(|near| near.document))
        .collect();
    assert_eq!(found, [None, Some(0), None, None, None, Some(0)]);
    assert_eq!(
        nearly_same::<&str>(
            &[],
            &["The quick brown fox jumps over the lazy dog."],
            &Stop::default()
        ),
        [None]
    );
}

#[test]
fn long_lists_of_findings_are_bounded_and_counted() {
    let documents: Vec<Document> = clean("train", 200).into_iter().cycle().take(2300).collect();
    let corpus = corpus("f", &documents);
    let report = check(&[("train", &corpus)]);
    assert_eq!(found(&report), BTreeMap::from([("duplicate", 2100)]));
    assert_eq!(report.issues.len(), 1001);
    assert_eq!(
        (report.issues[1000].count, report.issues[1000].line),
        (1100, 0)
    );
    let all = CheckOptions {
        listed: usize::MAX,
        ..CheckOptions::default()
    };
    let report = check_with(&[("train", &corpus)], &all, &mut |_| {
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!((report.issues.len(), report.groups[0].count), (2100, 2100));
    assert_eq!(
        report.groups[0].repair,
        Some(Repair::DropDuplicates { near: false })
    );
}

#[test]
fn progress_goes_forward_to_the_end_and_stops_when_told() {
    let (train, dev) = (
        corpus("a", &clean("train", 9000)),
        corpus("b", &clean("dev", 5000)),
    );
    let corpora = [("train", &train), ("dev", &dev)];
    let mut reported = Vec::new();
    let options = CheckOptions::default();
    check_with(&corpora, &options, &mut |progress| {
        reported.push(progress);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(reported.is_sorted_by_key(|progress| progress.done));
    let last = reported.last().unwrap();
    assert_eq!((last.done, last.stage), (last.total, Stage::Consistency));
    assert!(reported.iter().all(|progress| progress.total == last.total) && reported.len() > 10);
    for stop in [0, 3, reported.len() - 1] {
        let mut heard = 0;
        let stopped = check_with(&corpora, &options, &mut |_| {
            heard += 1;
            if heard > stop {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        assert_eq!((stopped, heard), (Err(CheckError::Stopped), stop + 1));
    }
}

/// Documents that no reader would give must not make it fail.
#[test]
fn odd_documents_are_checked() {
    let mut documents = vec![
        Document::default(),
        Document::from_words(&["", "é", ""]),
        Document::from_text("é😀 x\u{0}"),
    ];
    for (i, document) in documents.iter_mut().enumerate() {
        document.spans = [(0, 1), (1, 2), (0, 99), (5, 3), (2, 2), (0, 6)]
            .map(|(start, end)| Span {
                start,
                end,
                label: ["", "B-", "é"][i].into(),
                score: None,
            })
            .to_vec();
    }
    let mut odd = corpus("f", &clean("train", 1));
    odd.documents.append(&mut documents);
    let empty = Corpus {
        documents: Vec::new(),
        ..odd.clone()
    };
    for corpora in [
        &[("train", &odd)][..],
        &[("train", &empty), ("dev", &odd)],
        &[("x", &odd), ("x", &odd)],
        &[],
    ] {
        let report = check(corpora);
        assert_eq!(report.files.len(), corpora.len());
        let numbers = statistics(corpora);
        assert_eq!(numbers.splits.len(), corpora.len());
        assert_eq!(statistics_of_checked(corpora, &report.shared), numbers);
    }
}

#[test]
fn spans_that_lie_in_one_another_are_told() {
    let mut nested = corpus("f", &clean("train", 1));
    let document = &mut nested.documents[0];
    *document = Document::from_text("University of Oslo here");
    document.line = 1;
    document.spans = [(0, 18, "ORG"), (14, 18, "LOC"), (11, 23, "X")]
        .map(|(start, end, label)| Span {
            start,
            end,
            label: label.into(),
            score: None,
        })
        .to_vec();
    let messages: Vec<String> = check(&[("dev", &nested)])
        .issues
        .into_iter()
        .filter(|i| i.code.as_str() == "span-overlapping")
        .map(|i| i.message)
        .collect();
    assert_eq!(
        messages,
        [
            "`Oslo` (LOC) lies in `University of Oslo` (ORG)",
            "`of Oslo here` (X) overlaps `University of Oslo` (ORG)",
        ]
    );
}

#[test]
fn numbers_are_those_counted_by_hand() {
    let load = |name: &str, text: &str| {
        read_bytes(Path::new(name), text.as_bytes(), &ReadOptions::default()).unwrap()
    };
    let train = load(
        "a",
        "Ada B-PER\nBerg I-PER\nsaw O\nOslo B-LOC\n\nin O\nOslo B-LOC\n\nno O\n",
    );
    let dev = load("b", "in O\nOslo B-LOC\n\nAda B-PER\nsaw O\nRome B-LOC\n");
    let corpora = [("train", &train), ("dev", &dev)];
    let numbers = statistics(&corpora);
    // What the check has found to be shared is not looked for again.
    let shared = check(&corpora).shared;
    assert_eq!(statistics_of_checked(&corpora, &shared), numbers);
    let split = &numbers.splits[0];
    assert_eq!(
        (
            split.documents,
            split.words,
            split.vocabulary,
            split.characters,
            split.entities,
            split.without_entities,
            split.longest,
            split.groups
        ),
        // "Ada Berg saw Oslo" 17, "in Oslo" 7, "no" 2; Oslo stands twice.
        (3, 7, 6, 26, 3, 1, 4, None)
    );
    assert!((split.density - 4.0 / 7.0).abs() < 1e-12);
    let bins = |bins: &[Bin]| -> Vec<(usize, usize, usize)> {
        bins.iter().map(|b| (b.from, b.to, b.count)).collect()
    };
    assert_eq!(
        bins(&split.lengths),
        [(0, 1, 0), (1, 2, 1), (2, 3, 1), (3, 4, 0), (4, 5, 1)]
    );
    assert_eq!(
        bins(&split.entities_per_document),
        [(0, 1, 1), (1, 2, 1), (2, 3, 1)]
    );
    assert_eq!(
        bins(&split.entity_lengths),
        [(0, 1, 0), (1, 2, 2), (2, 3, 1)]
    );
    let loc = &split.labels[0];
    assert_eq!(
        (loc.label.as_str(), loc.count, loc.documents, loc.surfaces),
        ("LOC", 2, 2, 1)
    );
    assert_eq!(
        (loc.examples[0].text.as_str(), loc.examples[0].count),
        ("Oslo", 2)
    );
    assert_eq!(
        (split.labels[1].words, split.labels[1].fraction),
        (2.0, 1.0 / 3.0)
    );
    let both = &numbers.overlaps[0];
    assert_eq!(
        (
            both.known.as_str(),
            both.split.as_str(),
            both.documents,
            both.same_texts,
            both.near_texts
        ),
        ("train", "dev", 2, 1, 0)
    );
    // Of Oslo, Ada and Rome only Oslo is an entity of the training data.
    assert_eq!(
        (
            both.entities,
            both.known_entities,
            both.surfaces,
            both.known_surfaces
        ),
        (3, 1, 3, 1)
    );
}

#[test]
fn histograms_have_round_bins() {
    let bins = |values: Vec<usize>| -> Vec<(usize, usize, usize)> {
        histogram(values)
            .iter()
            .map(|b| (b.from, b.to, b.count))
            .collect()
    };
    assert_eq!(bins(vec![]), []);
    assert_eq!(bins(vec![0]), [(0, 1, 1)]);
    assert_eq!(bins(vec![3, 49, 30, 10]).len(), 10);
    assert_eq!(
        bins(vec![3, 49, 30, 10])[..3],
        [(0, 5, 1), (5, 10, 0), (10, 15, 1)]
    );
    // One that is far from the others is in the last bin.
    let mut values = vec![10; 200];
    values.push(5000);
    assert_eq!(bins(values).last(), Some(&(10, 5001, 201)));
    assert_eq!(histogram(vec![usize::MAX - 1; 3]).len(), 19);
}

/// Counted by a Python script of its own over the same files.
#[test]
fn published_data_gives_what_another_program_counts() {
    let Some(data) = support::data() else { return };
    for (set, ending, expected, known, density) in [
        (
            "wnut17",
            "conll",
            [("duplicate", 113), ("likely-missed", 2), ("overlap", 0)],
            [(836, 0, 747, 0), (1079, 0, 955, 0)],
            3160.0 / 62730.0,
        ),
        (
            "bc5cdr",
            "tsv",
            [("duplicate", 28), ("likely-missed", 77), ("overlap", 53)],
            [(9593, 5833, 2604, 902), (9809, 5829, 2715, 901)],
            14203.0 / 118_170.0,
        ),
    ] {
        let load = |split: &str| {
            read(
                &data.join(format!("{set}/{split}.{ending}")),
                &ReadOptions::default(),
            )
            .unwrap()
        };
        let (train, dev, test) = (load("train"), load("dev"), load("test"));
        let corpora = [("train", &train), ("dev", &dev), ("test", &test)];
        let report = check(&corpora);
        let found = found(&report);
        for (code, count) in expected {
            assert_eq!(found.get(code).copied().unwrap_or(0), count, "{set} {code}");
        }
        let numbers = statistics(&corpora);
        assert!((numbers.splits[0].density - density).abs() < 1e-12, "{set}");
        for (overlap, expected) in numbers.overlaps.iter().zip(known) {
            let counts = (
                overlap.entities,
                overlap.known_entities,
                overlap.surfaces,
                overlap.known_surfaces,
            );
            assert_eq!(counts, expected, "{set} {}", overlap.split);
        }
    }
}

/// Growing and trimming need no decision, unless the offsets of the document are in doubt: both edges of a
/// span are off in one direction, or a span would grow into another.
#[test]
fn what_may_be_shifted_is_not_repaired_without_asking() {
    let folder = tempfile::tempdir().unwrap();
    let safe = |records: &str| -> Vec<(&'static str, bool)> {
        let path = folder.path().join("a.jsonl");
        std::fs::write(&path, records).unwrap();
        let corpus = read(&path, &ReadOptions::default()).unwrap();
        let report = check(&[("train", &corpus)]);
        let cut = |issue: &&Issue| {
            [IssueCode::SpanCutsWord, IssueCode::SpanEdgeSpace].contains(&issue.code)
        };
        let found = report.issues.iter().filter(cut);
        found
            .map(|issue| (issue.code.as_str(), issue.is_safely_repaired()))
            .collect()
    };
    let record = |spans: &str| {
        format!(r#"{{"text": "Sam Okafor says that Orbit broke", "entities": [{spans}]}}"#)
    };
    // A single edge.
    let cut = record(r#"[0, 9, "PERSON"]"#);
    assert_eq!(safe(&cut), [("span-cuts-word", true)]);
    let wide = record(r#"[0, 11, "PERSON"]"#);
    assert_eq!(safe(&wide), [("span-edge-space", true)]);
    // Both by one to the right, and with them the other span of the document, which alone would be fine.
    let shifted = record(r#"[1, 11, "PERSON"], [21, 27, "PRODUCT"]"#);
    let found = safe(&shifted);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found.iter().all(|(_, safe)| !safe), "{found:?}");
    // Both would grow to the same word.
    let halves = record(r#"[4, 7, "PERSON"], [7, 10, "PRODUCT"]"#);
    assert_eq!(safe(&halves), [("span-cuts-word", false); 2]);
}
