//! The example files that the window's help shows: each is read as what it is shown as, and all say the same.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::fs;
use std::path::{Path, PathBuf};

use tagsmith_corpus::{Corpus, FormatName, ReadOptions, Severity, read_all};

mod support;
use support::pieces;

const TEXTS: [&str; 3] = [
    "Mara Lindt opened a tea shop in Ghent",
    "The shop sells Silver Needle and Ghent Breakfast",
    "Nobody answered the phone today",
];

/// The `kind` of each file's format, as the window names it.
const EXAMPLES: [(&str, &str); 16] = [
    ("words.conll", "conll"),
    ("spans.jsonl", "jsonl-spans"),
    ("tokens.jsonl", "jsonl-tokens"),
    ("doccano.jsonl", "jsonl-spans"),
    ("spacy.jsonl", "jsonl-spans"),
    ("prodigy.jsonl", "jsonl-spans"),
    ("label-studio.json", "jsonl-spans"),
    ("gliner.json", "jsonl-spans"),
    ("words.csv", "table-words"),
    ("texts.csv", "table-texts"),
    ("brat", "brat"),
    ("tea.gold_conll", "ontonotes"),
    ("webanno.tsv", "webanno"),
    ("tea.xmi", "uima-cas"),
    ("articles.bioc.xml", "bioc"),
    ("articles.pubtator", "pubtator"),
];

/// Text without labels, which nobody takes for a corpus by itself.
const PLAIN: &str = "plain.txt";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../ui/src/lib/help/examples")
}

fn load(name: &str, options: &ReadOptions) -> Corpus {
    let mut splits = read_all(&folder().join(name), options)
        .unwrap_or_else(|failure| panic!("{name}: {failure}"));
    assert_eq!(splits.len(), 1, "{name}");
    splits.remove(0).corpus
}

fn texts(corpus: &Corpus) -> Vec<&str> {
    corpus
        .documents
        .iter()
        .map(|document| document.text.as_str())
        .collect()
}

#[test]
fn all_examples_hold_the_same_documents() {
    let expected = [
        vec![("Mara Lindt", "PERSON"), ("Ghent", "PLACE")],
        vec![("Silver Needle", "PRODUCT"), ("Ghent Breakfast", "PRODUCT")],
        vec![],
    ];
    for (name, kind) in EXAMPLES {
        let corpus = load(name, &ReadOptions::default());
        let format = serde_json::to_value(&corpus.source.format).unwrap();
        assert_eq!(format["kind"], kind, "{name}");
        assert_eq!(texts(&corpus), TEXTS, "{name}");
        assert_eq!(pieces(&corpus), expected, "{name}");
        // Nothing in them needs a second look.
        let issues = corpus.issues.iter();
        let faults: Vec<_> = issues
            .filter(|issue| issue.severity != Severity::Info)
            .collect();
        assert!(faults.is_empty(), "{name}: {faults:?}");
    }
    let plain = ReadOptions {
        format: Some(FormatName::Text),
        ..ReadOptions::default()
    };
    let corpus = load(PLAIN, &plain);
    assert_eq!(texts(&corpus), TEXTS);
    assert_eq!(corpus.source.entities, 0);
}

#[test]
fn every_example_is_checked() {
    let mut found: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let known = EXAMPLES.iter().map(|(name, _)| *name);
    let mut known: Vec<&str> = known.chain([PLAIN]).collect();
    found.sort();
    known.sort_unstable();
    assert_eq!(found, known);
}
