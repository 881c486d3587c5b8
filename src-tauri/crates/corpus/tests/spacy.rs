//! What spaCy's files say beside their entities.

use std::path::{Path, PathBuf};

use tagsmith_corpus::{ColumnChoice, Corpus, ReadError, ReadOptions, Severity, read};

mod support;
use support::pieces;

fn load(name: &str, options: &ReadOptions) -> Result<Corpus, ReadError> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/binary")
        .join(name);
    read(&path, options)
}

/// A blocked token is one that must not be part of an entity, and no entity of its own.
#[test]
fn blocked_tokens_are_no_entities_and_unknown_ones_are_counted() {
    let corpus = load("blocked.spacy", &ReadOptions::default()).unwrap();
    assert_eq!(pieces(&corpus), [vec![("Anna", "PER")], vec![]]);
    let [issue] = &corpus.issues[..] else {
        panic!("{:?}", corpus.issues);
    };
    assert_eq!(issue.code.as_str(), "words-unknown");
    assert_eq!(issue.severity, Severity::Warning);
    assert!(issue.message.starts_with("4 words in 1 partly"), "{issue}");
    assert!(issue.fix.as_deref().unwrap().contains("--mask-unknown"));
    assert!(corpus.documents.iter().all(|doc| doc.unknown.is_empty()));

    let options = ReadOptions {
        mask_unknown: true,
        ..ReadOptions::default()
    };
    let corpus = load("blocked.spacy", &options).unwrap();
    let document = &corpus.documents[0];
    let unknown = document.unknown.iter();
    let unknown: Vec<_> = unknown.map(|w| &document.text[w.start..w.end]).collect();
    assert_eq!(unknown, ["went", "to", "Ulm", "yesterday"]);
    let known = [true, true, true, false, false, false, false];
    assert_eq!(document.known_words(), known);
    assert!(corpus.documents[1].unknown.is_empty());
    assert_eq!(corpus.issues[0].severity, Severity::Info);
}

#[test]
fn span_groups_are_told_by_name_and_read_on_request() {
    let corpus = load("groups.spacy", &ReadOptions::default()).unwrap();
    let mut issues = corpus.issues.iter();
    let issue = issues.rfind(|issue| issue.code.as_str() == "span-groups-ignored");
    let issue = issue.unwrap();
    for what in [
        "`again` (2 spans in 2 documents)",
        "`none` (0 spans in 1 documents)",
        "`sc` (3 spans in 1 documents)",
    ] {
        assert!(issue.message.contains(what), "{issue}");
    }
    let named = |name: &str| ReadOptions {
        tag_column: Some(ColumnChoice::Name(name.into())),
        ..ReadOptions::default()
    };
    let corpus = load("groups.spacy", &named("again")).unwrap();
    let expected = [[("Lake House", "ORG")], [("Lake House", "ORG")]];
    assert_eq!(pieces(&corpus), expected);
    // Those of a span categoriser may overlap.
    let error = load("groups.spacy", &named("sc")).unwrap_err();
    assert!(matches!(error, ReadError::InvalidSpans { .. }), "{error}");
    let kept = ReadOptions {
        keep_overlaps: true,
        ..named("sc")
    };
    let corpus = load("groups.spacy", &kept).unwrap();
    let first = vec![("Ünï", "X"), ("Lake House", "ORG"), ("Lake", "LOC")];
    assert_eq!(pieces(&corpus), [first, vec![]]);
    let message = load("groups.spacy", &named("nowhere"))
        .unwrap_err()
        .to_string();
    assert!(message.contains("`again`, `none`, `sc`"), "{message}");
}

/// `Doc.to_json` of spaCy 3.8: entities are called `ents`, and the groups of spans are an object.
#[test]
fn documents_as_json() {
    let text = r#"{"text": "Ünï 😀 Lake House", "ents": [{"start": 0, "end": 3, "label": "X"}], "tokens": [{"id": 0, "start": 0, "end": 3}, {"id": 1, "start": 4, "end": 5}, {"id": 2, "start": 6, "end": 10}, {"id": 3, "start": 11, "end": 16}], "spans": {"sc": [{"start": 6, "end": 16, "label": "ORG", "kb_id": ""}], "none": []}}
{"text": "Nobody", "tokens": [{"id": 0, "start": 0, "end": 6}], "spans": {}}
"#;
    let of = |options: &ReadOptions| {
        tagsmith_corpus::read_bytes(Path::new("docs.jsonl"), text.as_bytes(), options).unwrap()
    };
    let corpus = of(&ReadOptions::default());
    assert_eq!(pieces(&corpus), [vec![("Ünï", "X")], vec![]]);
    assert!(corpus.documents.iter().all(|document| document.words_given));
    let codes: Vec<_> = corpus
        .issues
        .iter()
        .map(|issue| issue.code.as_str())
        .collect();
    assert_eq!(codes, ["partly-labelled", "span-groups-ignored"]);
    let message = &corpus.issues[1].message;
    assert!(
        message.contains("`none` (0 spans in 1 documents), `sc` (1 spans in 1 documents)"),
        "{message}"
    );
    let named = ReadOptions {
        tag_column: Some(ColumnChoice::Name("sc".into())),
        ..ReadOptions::default()
    };
    assert_eq!(pieces(&of(&named)), [vec![("Lake House", "ORG")], vec![]]);
}
