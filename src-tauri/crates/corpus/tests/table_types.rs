//! Types of columns that are not usual, in Parquet and Arrow files of the programs that write them.

use std::path::{Path, PathBuf};
use tagsmith_protocol::Diagnose;

use tagsmith_corpus::{Corpus, ReadError, ReadOptions, read};

mod support;
use support::pieces;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/binary")
        .join(name)
}

fn load(name: &str) -> Result<Corpus, ReadError> {
    read(&fixture(name), &ReadOptions::default())
}

#[test]
fn json_in_a_column_is_read_as_what_it_says() {
    for name in ["json.parquet", "json.arrow", "json-whole.parquet"] {
        let corpus = load(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        let first = vec![("Anna", "PER"), ("Bo", "PER"), ("Ulm", "LOC")];
        assert_eq!(pieces(&corpus), [first, vec![]], "{name}");
        assert!(corpus.issues.is_empty(), "{name}: {:?}", corpus.issues);
    }
}

#[test]
fn views_bytes_and_numbered_values() {
    for name in [
        "views.arrow",
        "bytes.parquet",
        "enum.parquet",
        "enum.arrow",
        "categorical.parquet",
    ] {
        let corpus = load(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        let first = vec![("Anna Berg", "PER"), ("Ulm", "LOC")];
        assert_eq!(pieces(&corpus), [first, vec![]], "{name}");
        assert!(corpus.issues.is_empty(), "{name}: {:?}", corpus.issues);
    }
    let ids = load("bytes.parquet").unwrap().documents;
    let ids: Vec<_> = ids.iter().map(|doc| doc.id.as_deref()).collect();
    assert_eq!(ids, [Some("7"), Some("8")]);
}

#[test]
fn what_cannot_be_read_is_named_and_never_nothing() {
    let error = load("interval.arrow").unwrap_err();
    assert!(matches!(error, ReadError::ColumnType { .. }), "{error}");
    let message = error.to_string();
    assert!(message.contains("the column `entities`"), "{message}");
    assert!(message.contains("Interval(MonthDayNano)"), "{message}");
    assert!(error.hint().unwrap().contains("lists"), "{error}");
    assert_eq!(error.findings()[0].code.as_str(), "column-type");

    let message = load("latin1.parquet").unwrap_err().to_string();
    assert!(message.contains("row 2, column `text`"), "{message}");
    assert!(message.contains("no text in UTF-8"), "{message}");
    let options = ReadOptions {
        drop_invalid: true,
        ..ReadOptions::default()
    };
    let corpus = read(&fixture("latin1.parquet"), &options).unwrap();
    assert_eq!(corpus.documents.len(), 1);
    let left_out = corpus.issues.iter().find(|issue| issue.line == 2).unwrap();
    assert!(
        left_out.message.contains("column `text`"),
        "{}",
        left_out.message
    );

    let corpus = load("runs.arrow").unwrap();
    let texts: Vec<_> = corpus.documents.iter().map(|d| d.text.as_str()).collect();
    assert_eq!(texts, ["Anna", "Bo"]);
}
