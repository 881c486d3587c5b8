//! Parquet, Arrow and spaCy's files, written by the programs whose formats they are.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail them")]

use std::path::{Path, PathBuf};

use tagsmith_corpus::{Corpus, Format, ReadError, ReadOptions, Scheme, read, read_bytes};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/binary")
        .join(name)
}

fn load(name: &str) -> Corpus {
    read(&fixture(name), &ReadOptions::default()).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The labelled pieces of each document.
fn pieces(corpus: &Corpus) -> Vec<Vec<(&str, &str)>> {
    let of = |doc: &'_ tagsmith_corpus::Document| -> Vec<(usize, usize, usize)> {
        let spans = doc.spans.iter().enumerate();
        spans.map(|(i, s)| (s.start, s.end, i)).collect()
    };
    corpus
        .documents
        .iter()
        .map(|doc| {
            let spans = of(doc).into_iter();
            spans
                .map(|(a, b, i)| (&doc.text[a..b], doc.spans[i].label.as_str()))
                .collect()
        })
        .collect()
}

fn codes(corpus: &Corpus) -> Vec<&str> {
    corpus.issues.iter().map(|issue| issue.code).collect()
}

#[test]
fn tokens_and_numbers_with_the_names_that_the_file_gives() {
    for (name, format) in [
        ("tokens.parquet", Format::Parquet { tokens: true }),
        ("tokens-gzip.parquet", Format::Parquet { tokens: true }),
        ("tokens-zstd.parquet", Format::Parquet { tokens: true }),
        ("tokens-plain.parquet", Format::Parquet { tokens: true }),
        ("tokens.arrow", Format::Arrow { tokens: true }),
        ("tokens-file.arrow", Format::Arrow { tokens: true }),
    ] {
        let corpus = load(name);
        let expected = [
            vec![("Ada Lovelace", "PER"), ("London", "LOC")],
            vec![("York", "LOC")],
            vec![],
        ];
        assert_eq!(pieces(&corpus), expected, "{name}");
        assert_eq!(corpus.source.format, format, "{name}");
        assert_eq!(corpus.source.scheme, Some(Scheme::Iob2), "{name}");
        assert_eq!(codes(&corpus), Vec::<&str>::new(), "{name}");
        let found: Vec<_> = corpus
            .documents
            .iter()
            .map(|d| (d.id.as_deref(), d.line, d.text.as_str()))
            .collect();
        let expected = [
            (Some("0"), 1, "Ada Lovelace of London"),
            (Some("1"), 2, "Ünï 😀 York"),
            (Some("2"), 3, ""),
        ];
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn texts_with_lists_of_spans() {
    let corpus = load("spans.parquet");
    assert_eq!(
        pieces(&corpus),
        [vec![("Ada", "PER"), ("York", "LOC")], vec![]]
    );
    assert_eq!(corpus.documents[0].text, "😀 Ada of York");
    // Words that our own splitting found are no words of the file, so that the texts are written.
    assert_eq!(corpus.source.format, Format::Parquet { tokens: false });
    assert!(!corpus.source.format.gives_words());
    assert!(corpus.documents.iter().all(|doc| !doc.words_given));
    assert!(load("tokens.arrow").source.format.gives_words());
}

#[test]
fn names_of_numbers_may_be_given_or_lie_beside_the_file() {
    let path = fixture("numbers.parquet");
    let error = read(&path, &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("2 faults"), "{error}");
    assert!(error.hint().unwrap().contains("--label-names"), "{error}");
    let names = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"].map(String::from);
    let options = ReadOptions {
        label_names: Some(names.to_vec()),
        ..Default::default()
    };
    let expected = [
        vec![("Ada Lovelace", "PER"), ("London", "LOC")],
        vec![("York", "LOC")],
        vec![],
    ];
    assert_eq!(pieces(&read(&path, &options).unwrap()), expected);

    let folder = std::env::temp_dir().join(format!("tagsmith-beside-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("data")).unwrap();
    let copy = folder.join("data/train.parquet");
    std::fs::copy(&path, &copy).unwrap();
    let info = r#"{"features": {"ner_tags": {"feature": {"names": ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"], "_type": "ClassLabel"}, "_type": "Sequence"}}}"#;
    for name in ["dataset_info.json", "data/dataset_info.json"] {
        std::fs::write(folder.join(name), info).unwrap();
        let corpus = read(&copy, &ReadOptions::default());
        assert_eq!(pieces(&corpus.unwrap()), expected, "{name}");
        std::fs::remove_file(folder.join(name)).unwrap();
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn other_types_of_columns() {
    let corpus = load("named.arrow");
    assert_eq!(pieces(&corpus), [vec![("a", "X"), ("a", "X")], vec![]]);
}

#[test]
fn tables_that_are_no_corpus() {
    let error = read(&fixture("other.parquet"), &ReadOptions::default()).unwrap_err();
    assert!(matches!(error, ReadError::NotACorpus { .. }), "{error}");
    let message = error.to_string();
    assert!(
        message.contains("a table with the columns `prompt`, `answer_text`"),
        "{message}"
    );
}

#[test]
fn spacys_documents() {
    let corpus = load("docs.spacy");
    let expected = [
        vec![
            ("Ada Lovelace", "PERSON"),
            ("mark", "PERSON"),
            ("Ünï😀", "X"),
            ("New York", "City name"),
        ],
        vec![],
        vec![],
        vec![("a", "X"), ("bc", "X")],
    ];
    assert_eq!(pieces(&corpus), expected);
    assert_eq!(corpus.source.format, Format::DocBin);
    let first = &corpus.documents[0];
    assert_eq!(
        first.text,
        "Ada Lovelace, in this case,  met mark Ünï😀 in New York."
    );
    let words: Vec<&str> = (0..first.words.len()).map(|i| first.word_text(i)).collect();
    let expected = [
        "Ada", "Lovelace", ",", "in", "this", "case", ",", "met", "mark", "Ünï", "😀", "in", "New",
        "York", ".",
    ];
    assert_eq!((words, first.words_given), (expected.to_vec(), true));
    assert_eq!(corpus.documents[3].text, "a bc ");
    assert_eq!(codes(&corpus), ["unlabelled", "span-groups-ignored"]);

    let few = load("few.spacy");
    assert_eq!(few.documents[0].spans, first.spans);
    let none = load("none.spacy");
    assert_eq!(codes(&none), ["unlabelled"]);
    assert_eq!(none.documents[0].text, first.text);
}

/// Whatever happens to a file on its way, there is a message and no panic.
#[test]
fn damaged_files() {
    for name in [
        "tokens.parquet",
        "tokens-zstd.parquet",
        "spans.parquet",
        "tokens.arrow",
        "tokens-file.arrow",
        "docs.spacy",
    ] {
        let whole = std::fs::read(fixture(name)).unwrap();
        let path = Path::new(name);
        let read = |bytes: &[u8]| read_bytes(path, bytes, &ReadOptions::default());
        for end in (8..whole.len()).step_by(97) {
            let error = read(&whole[..end]);
            // A stream may be cut between two messages, and says nothing of its length.
            assert!(
                error.is_err() || name == "tokens.arrow",
                "{name} cut at {end}"
            );
        }
        for at in (0..whole.len()).step_by(11) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x55;
            if let Err(error) = read(&bytes) {
                assert!(!error.to_string().is_empty());
            }
        }
    }
}
