//! What spaCy's files say beside their entities.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail them")]

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};
use tagsmith_corpus::{
    ColumnChoice, Corpus, ReadError, ReadOptions, Repair, Severity, read, read_bytes,
};

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

/// A token: its text, whether a space follows, its place in an entity (0 unknown, 1 inside, 2 outside, 3 the
/// first), and the label.
type Token<'a> = (&'a str, bool, u64, &'a str);

struct Bytes(Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

#[derive(Serialize)]
struct Bin {
    attrs: [u64; 3],
    tokens: Bytes,
    spaces: Bytes,
    lengths: Bytes,
    strings: Vec<String>,
}

/// What `DocBin.to_bytes` writes of these documents.
fn doc_bin(documents: &[&[Token]]) -> Vec<u8> {
    let mut bin = Bin {
        attrs: [65, 77, 78],
        tokens: Bytes(Vec::new()),
        spaces: Bytes(Vec::new()),
        lengths: Bytes(Vec::new()),
        strings: Vec::new(),
    };
    let mut strings = BTreeSet::new();
    for document in documents {
        let length = i32::try_from(document.len()).unwrap();
        bin.lengths.0.extend(length.to_le_bytes());
        for (text, space, place, label) in *document {
            for number in [number(text), *place, number(label)] {
                bin.tokens.0.extend(number.to_le_bytes());
            }
            bin.spaces.0.push(u8::from(*space));
            strings.extend([*text, *label]);
        }
    }
    bin.strings = strings.into_iter().map(String::from).collect();
    let packed = rmp_serde::to_vec_named(&bin).unwrap();
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    zlib.write_all(&packed).unwrap();
    zlib.finish().unwrap()
}

/// spaCy's number of a string that is none of its symbols: `MurmurHash64A` with the seed 1.
fn number(text: &str) -> u64 {
    const M: u64 = 0xc6a4_a793_5bd1_e995;
    let mixed = |k: u64| {
        let k = k.wrapping_mul(M);
        (k ^ (k >> 47)).wrapping_mul(M)
    };
    let bytes = text.as_bytes();
    if bytes.is_empty() {
        return 0;
    }
    let mut h = 1 ^ (bytes.len() as u64).wrapping_mul(M);
    let (blocks, rest) = bytes.as_chunks::<8>();
    for block in blocks {
        h = (h ^ mixed(u64::from_le_bytes(*block))).wrapping_mul(M);
    }
    if !rest.is_empty() {
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        h = (h ^ u64::from_le_bytes(last)).wrapping_mul(M);
    }
    let h = (h ^ (h >> 47)).wrapping_mul(M);
    h ^ (h >> 47)
}

fn of(documents: &[&[Token]], options: &ReadOptions) -> Corpus {
    read_bytes(Path::new("docs.spacy"), &doc_bin(documents), options).unwrap()
}

/// White space is a token to spaCy: an entity may begin with it, end with it, or run over it.
#[test]
fn entities_around_white_space() {
    let plain = ReadOptions::default();
    for (tokens, expected) in [
        (
            [
                ("Ulm", true, 3, "PLACE"),
                (" \n", false, 3, "PLACE"),
                ("Bonn", true, 1, "PLACE"),
            ],
            vec![("Ulm", "PLACE"), ("Bonn", "PLACE")],
        ),
        (
            [
                ("New", false, 3, "PLACE"),
                ("\n", false, 1, "PLACE"),
                ("York", true, 1, "PLACE"),
            ],
            vec![("New\nYork", "PLACE")],
        ),
        (
            [
                ("\n", false, 3, "PLACE"),
                ("New", true, 1, "PLACE"),
                ("York", true, 1, "PLACE"),
            ],
            vec![("New York", "PLACE")],
        ),
        (
            [
                ("Ulm", true, 3, "PLACE"),
                ("  ", false, 2, ""),
                ("Bonn", true, 3, "PLACE"),
            ],
            vec![("Ulm", "PLACE"), ("Bonn", "PLACE")],
        ),
        (
            [
                ("Ulm", true, 3, "PLACE"),
                ("  ", false, 3, "FIRM"),
                ("Bonn", true, 1, "FIRM"),
            ],
            vec![("Ulm", "PLACE"), ("Bonn", "FIRM")],
        ),
    ] {
        assert_eq!(pieces(&of(&[&tokens], &plain)), [expected], "{tokens:?}");
    }
}

/// Of documents that say nothing among others that do, nobody knows what is in them.
#[test]
fn documents_without_any_annotation_among_annotated_ones() {
    let known: &[Token] = &[("Ada", true, 3, "PER"), ("left", false, 2, "")];
    let never: &[Token] = &[("Bo", true, 0, ""), ("came", false, 0, "")];
    let none: &[Token] = &[("Nobody", false, 2, "")];
    let documents = [known, never, none, &[]];
    let corpus = of(&documents, &ReadOptions::default());
    let [issue] = &corpus.issues[..] else {
        panic!("{:?}", corpus.issues);
    };
    assert_eq!(issue.code.as_str(), "partly-labelled");
    assert_eq!((issue.severity, issue.line), (Severity::Warning, 2));
    assert_eq!(issue.repair, Some(Repair::MaskUnknown));
    assert!(issue.message.starts_with("1 of 3 documents"), "{issue}");
    assert!(corpus.documents.iter().all(|doc| doc.unknown.is_empty()));
    let masked = ReadOptions {
        mask_unknown: true,
        ..ReadOptions::default()
    };
    let corpus = of(&documents, &masked);
    let unknown: Vec<usize> = corpus.documents.iter().map(|d| d.unknown.len()).collect();
    assert_eq!(unknown, [0, 2, 0, 0]);
    let [issue] = &corpus.issues[..] else {
        panic!("{:?}", corpus.issues);
    };
    assert_eq!(issue.code.as_str(), "words-unknown");
    assert!(issue.message.starts_with("2 words in 1 "), "{issue}");
    // Where none says anything, it is text without labels.
    let corpus = of(&[never, never], &masked);
    assert_eq!(corpus.issues[0].code.as_str(), "unlabelled");
    assert!(corpus.documents.iter().all(|doc| doc.unknown.is_empty()));
}
