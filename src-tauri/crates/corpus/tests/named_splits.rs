//! Records that say themselves to which split they belong.
#![allow(missing_docs, clippy::unwrap_used)]

use std::path::Path;

use tagsmith_corpus::{ReadOptions, Severity, read, read_all};
use tempfile::TempDir;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

/// The texts of each split.
fn splits(path: &Path) -> Vec<(String, Vec<String>)> {
    let read = read_all(path, &ReadOptions::default()).unwrap();
    let split = read.into_iter().map(|split| {
        assert_eq!(split.corpus.source.documents, split.corpus.documents.len());
        let documents = split.corpus.documents.into_iter();
        let texts = documents.map(|document| {
            assert_eq!(document.split, None);
            document.text
        });
        (split.name, texts.collect())
    });
    split.collect()
}

fn expect(path: &Path, expected: &[(&str, &[&str])]) {
    let expected: Vec<(String, Vec<String>)> = expected
        .iter()
        .map(|(name, texts)| {
            let texts = texts.iter().map(|text| (*text).to_owned());
            ((*name).to_owned(), texts.collect())
        })
        .collect();
    assert_eq!(splits(path), expected);
}

#[test]
fn azure_and_vertex() {
    let document = |name: &str, split: &str| {
        format!(
            "{{\"location\": \"{name}\", \"language\": \"en-us\", {split}\"entities\": [{{\"category\": \"PER\", \"regionOffset\": 0, \"regionLength\": 8, \"labels\": [{{\"category\": \"PER\", \"offset\": 0, \"length\": 3}}]}}]}}"
        )
    };
    let labels = format!(
        "{{\"projectFileVersion\": \"2022-05-01\", \"assets\": {{\"projectKind\": \"CustomEntityRecognition\", \"documents\": [{}, {}, {}]}}}}",
        document("1.txt", "\"dataset\": \"Train\", "),
        document("2.txt", "\"dataset\": \"Test\", "),
        document("3.txt", ""),
    );
    let azure = folder(&[
        ("labels.json", &labels),
        ("1.txt", "Ada left"),
        ("2.txt", "Bob came"),
        ("3.txt", "Cyd sang"),
    ]);
    let expected: [(&str, &[&str]); 2] = [
        ("train", &["Ada left", "Cyd sang"]),
        ("test", &["Bob came"]),
    ];
    expect(azure.path(), &expected);
    expect(&azure.path().join("labels.json"), &expected);

    let record = |text: &str, ml_use: &str| {
        format!(
            "{{\"textContent\": \"{text}\", \"textSegmentAnnotations\": [{{\"startOffset\": 0, \"endOffset\": 3, \"displayName\": \"PER\"}}], \"dataItemResourceLabels\": {{\"aiplatform.googleapis.com/ml_use\": \"{ml_use}\"}}}}\n"
        )
    };
    let lines = record("Ada left", "test")
        + &record("Bob came", "validation")
        + &record("Cyd sang", "training");
    let vertex = folder(&[("data.jsonl", &lines)]);
    expect(
        &vertex.path().join("data.jsonl"),
        &[
            ("train", &["Cyd sang"]),
            ("dev", &["Bob came"]),
            ("test", &["Ada left"]),
        ],
    );
}

#[test]
fn plain_records_tokens_and_tables() {
    let lines = concat!(
        "{\"text\": \"Ada left\", \"entities\": [[0, 3, \"PER\"]], \"split\": \"train\"}\n",
        "{\"text\": \"Bob came\", \"entities\": [[0, 3, \"PER\"]], \"split\": \"test\"}\n",
    );
    let tokens = concat!(
        "{\"tokens\": [\"Ada\", \"left\"], \"ner_tags\": [\"B-PER\", \"O\"], \"split\": \"train\"}\n",
        "{\"tokens\": [\"Bob\", \"came\"], \"ner_tags\": [\"B-PER\", \"O\"], \"split\": \"test\"}\n",
    );
    let table = "text,entities,split\nAda left,\"[[0, 3, 'PER']]\",train\nBob came,\"[[0, 3, 'PER']]\",test\n";
    let only =
        "{\"text\": \"Bob came\", \"entities\": [[0, 3, \"PER\"]], \"split\": \"Validation\"}\n";
    let other =
        "{\"text\": \"Bob came\", \"entities\": [[0, 3, \"PER\"]], \"dataset\": \"conll2003\"}\n";
    let folder = folder(&[
        ("a.jsonl", lines),
        ("b.jsonl", tokens),
        ("c.csv", table),
        ("d.jsonl", only),
        ("e.jsonl", other),
    ]);
    let two: [(&str, &[&str]); 2] = [("train", &["Ada left"]), ("test", &["Bob came"])];
    for name in ["a.jsonl", "b.jsonl", "c.csv"] {
        expect(&folder.path().join(name), &two);
    }
    expect(&folder.path().join("d.jsonl"), &[("dev", &["Bob came"])]);
    expect(&folder.path().join("e.jsonl"), &[("train", &["Bob came"])]);

    // A file that is read as one split gets a finding.
    let one = read(&folder.path().join("a.jsonl"), &ReadOptions::default()).unwrap();
    assert_eq!(one.documents.len(), 2);
    let issue = &one.issues[0];
    assert_eq!(
        (issue.code.as_str(), issue.severity),
        ("splits-named", Severity::Warning)
    );
    assert!(
        issue.message.contains("1 `test`, 1 `train`"),
        "{}",
        issue.message
    );
}

/// A reading ends when somebody asks for it.
#[test]
fn a_reading_can_be_stopped() {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;
    use tagsmith_corpus::{ReadError, Stop};

    let folder = folder(&[
        ("a.jsonl", "{\"text\": \"Ada left\", \"entities\": []}\n"),
        ("b.conll", "Ada B-PER\n\nleft O\n\n"),
        ("c.csv", "word,tag\nAda,B-PER\nleft,O\n"),
    ]);
    for (flag, stops) in [(true, true), (false, false)] {
        let options = ReadOptions {
            stop: Stop::when(Arc::new(AtomicBool::new(flag))),
            ..ReadOptions::default()
        };
        for name in ["a.jsonl", "b.conll", "c.csv", ""] {
            let found = read_all(&folder.path().join(name), &options);
            assert_eq!(
                matches!(found, Err(ReadError::Stopped { .. })),
                stops,
                "{name}"
            );
        }
    }
}
