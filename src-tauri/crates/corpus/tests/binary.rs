//! Parquet, Arrow and spaCy's files, written by the programs whose formats they are.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail them")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use tagsmith_protocol::Diagnose;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{WriterProperties, WriterVersion};
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
    corpus
        .issues
        .iter()
        .map(|issue| issue.code.as_str())
        .collect()
}

#[test]
fn tokens_and_numbers_with_the_names_that_the_file_gives() {
    for (name, format) in [
        ("tokens.parquet", Format::Parquet { tokens: true }),
        ("tokens-gzip.parquet", Format::Parquet { tokens: true }),
        ("tokens-zstd.parquet", Format::Parquet { tokens: true }),
        ("tokens-plain.parquet", Format::Parquet { tokens: true }),
        ("tokens-delta.parquet", Format::Parquet { tokens: true }),
        ("tokens.arrow", Format::Arrow { tokens: true }),
        ("tokens-file.arrow", Format::Arrow { tokens: true }),
        ("tokens.feather", Format::Arrow { tokens: true }),
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
    // The third of them says nothing about entities, where the others do.
    assert_eq!(codes(&corpus), ["partly-labelled", "span-groups-ignored"]);

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
        "tokens-delta.parquet",
        "spans.parquet",
        "tokens.arrow",
        "tokens-file.arrow",
        "tokens.feather",
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

/// Where some bytes stand first.
fn place(bytes: &[u8], piece: &[u8]) -> usize {
    let mut windows = bytes.windows(piece.len());
    windows.position(|window| window == piece).unwrap()
}

/// A length that stands in a file and cannot be is found before anything is reserved for it, and the
/// message says where it stands.
#[test]
fn lengths_that_cannot_be() {
    let spoil = |name: &str, spoil: &dyn Fn(&mut Vec<u8>), expected: &str| {
        let mut bytes = std::fs::read(fixture(name)).unwrap();
        spoil(&mut bytes);
        let error = read_bytes(Path::new(name), &bytes, &ReadOptions::default()).unwrap_err();
        assert!(matches!(error, ReadError::Damaged { .. }), "{error}");
        let message = error.to_string();
        assert!(
            message.contains(expected),
            "{name}: {message}\nexpected: {expected}"
        );
    };
    // The description of the first message: its length stands behind the mark of a message.
    let long = |bytes: &mut Vec<u8>| bytes[4..8].copy_from_slice(&i32::MAX.to_le_bytes());
    let expected = "message 1: it says that it has 2147483647 bytes, where 1376 are left";
    spoil("tokens.arrow", &long, expected);
    spoil("tokens.arrow", &|bytes| bytes.truncate(1000), "are left");
    spoil(
        "tokens-file.arrow",
        &|bytes| bytes.truncate(1000),
        "does not end with a footer",
    );
    // A compressed buffer has the length of its content before it.
    for (name, mark) in [
        ("tokens-file.arrow", b"\x28\xb5\x2f\xfd"),
        ("tokens.feather", b"\x04\x22\x4d\x18"),
    ] {
        let unpacks = |length: i64| {
            move |bytes: &mut Vec<u8>| {
                let at = place(bytes, mark);
                bytes[at - 8..at].copy_from_slice(&length.to_le_bytes());
            }
        };
        let expected = "unpacks to 9223372036854775807 bytes";
        spoil(name, &unpacks(i64::MAX), expected);
        spoil(name, &unpacks(-2), "buffer 2: it says that it has -2 bytes");
        spoil(name, &unpacks(17), "");
    }
    // `15 1e` is the size of the first page when it is unpacked, in Thrift's numbers of seven bits.
    let most = *b"\x15\xfe\xff\xff\xff\x0f";
    let unpacks = move |bytes: &mut Vec<u8>| drop(bytes.splice(6..8, most));
    for (name, limit) in [
        ("tokens.parquet", "15 at most"),
        ("tokens-zstd.parquet", "15 at most"),
        ("tokens-plain.parquet", "15 at most"),
        ("tokens-gzip.parquet", "at most"),
    ] {
        spoil(
            name,
            &unpacks,
            "row group 1, column `id`: page 1: it says that it unpacks to 2147483647 bytes",
        );
        spoil(name, &unpacks, limit);
        // `15 06 15 00`: a dictionary of three values.
        let many = |bytes: &mut Vec<u8>| {
            let at = place(bytes, b"\x15\x06\x15\x00");
            bytes[at + 1] = 0x7e;
        };
        spoil(
            name,
            &many,
            "page 1: it says that it has 63 values in 15 bytes",
        );
    }
    spoil(
        "tokens.parquet",
        &|bytes| bytes.truncate(2000),
        "does not end with a footer",
    );
}

#[test]
fn a_compression_that_is_not_read_is_named_with_what_is() {
    let error = read(&fixture("tokens-lz4.parquet"), &ReadOptions::default()).unwrap_err();
    assert!(matches!(error, ReadError::Compression { .. }), "{error}");
    let message = error.to_string();
    let expected = "is compressed with LZ4, which cannot be read here";
    assert!(message.contains(expected), "{message}");
    assert!(error.hint().unwrap().contains("Zstandard"), "{error}");
}

/// A table of 200 texts with numbers, written as few programs write it.
fn delta_encoded(text: Encoding, version: WriterVersion, compression: Compression) -> Vec<u8> {
    let texts = StringArray::from_iter_values((0..200).map(|n| format!("Ada {n} of York")));
    let numbers = Int64Array::from_iter_values(0..200);
    let columns: [(&str, ArrayRef); 2] = [("text", Arc::new(texts)), ("id", Arc::new(numbers))];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_column_encoding("text".into(), text)
        .set_column_encoding("id".into(), Encoding::DELTA_BINARY_PACKED)
        .set_writer_version(version)
        .set_compression(compression)
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn values_that_are_counted_twice() {
    let path = Path::new("delta.parquet");
    for text in [
        Encoding::DELTA_BYTE_ARRAY,
        Encoding::DELTA_LENGTH_BYTE_ARRAY,
    ] {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            for compression in [Compression::UNCOMPRESSED, Compression::SNAPPY] {
                let bytes = delta_encoded(text, version, compression);
                let corpus = read_bytes(path, &bytes, &ReadOptions::default()).unwrap();
                let last = &corpus.documents[199];
                assert_eq!(last.text, "Ada 199 of York");
                assert_eq!(last.id.as_deref(), Some("199"));
            }
            let mut bytes = delta_encoded(text, version, Compression::UNCOMPRESSED);
            // Blocks of 128 in four parts, 200 values.
            let at = place(&bytes, b"\x80\x01\x04\xc8\x01") + 3;
            bytes[at..at + 2].copy_from_slice(b"\xff\x7f");
            let error = read_bytes(path, &bytes, &ReadOptions::default()).unwrap_err();
            let message = error.to_string();
            let expected = "column `text`: it says that it has 16383 values, and 200";
            assert!(message.contains(expected), "{message}");
        }
    }
}

/// The description of the columns is a tree, given by how many children each node has.
#[test]
fn a_column_of_too_many_parts() {
    let mut bytes = std::fs::read(fixture("tokens.parquet")).unwrap();
    let at = place(&bytes, b"schema\x15") + 7;
    assert_eq!(bytes[at], 8, "four columns, the sign being the lowest bit");
    bytes[at] = 0x7e;
    let error = read_bytes(Path::new("columns"), &bytes, &ReadOptions::default()).unwrap_err();
    let message = error.to_string();
    assert!(message.contains("more parts than there are"), "{message}");
}
