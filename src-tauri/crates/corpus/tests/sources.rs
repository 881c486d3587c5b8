//! Packed files, archives and folders.
//!
//! One file, as all of them are the same few documents in another wrapping.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use tagsmith_protocol::Diagnose;

use flate2::Compression;
use flate2::write::GzEncoder;
use tagsmith_corpus::check::check as check_parts;
use tagsmith_corpus::repair::merge;
use tagsmith_corpus::{
    Corpus, Document, FormatName, ReadError, ReadOptions, Severity, Split, read, read_all,
    read_bytes,
};

mod support;
use support::{folder, zip};

const TRAIN: &str = "Ada\tB-P\nof\tO\n\nYork\tB-L\n";
const DEV: &str = "Eve\tB-P\n";
const JSONL: &str = "{\"text\": \"Ada\", \"entities\": [[0, 3, \"P\"]]}\n";

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// Splits with their texts.
fn show(splits: &[Split]) -> String {
    let split = |split: &Split| {
        let texts: Vec<&str> = split
            .corpus
            .documents
            .iter()
            .map(|d| d.text.as_str())
            .collect();
        format!("{}: {}", split.name, texts.join("|"))
    };
    splits.iter().map(split).collect::<Vec<_>>().join(" / ")
}

/// Code, severity and the last split of the path of each finding about files.
fn reported(splits: &[Split]) -> Vec<(&'static str, Severity, String)> {
    let issues = splits.iter().flat_map(|split| &split.corpus.issues);
    let mut found: Vec<_> = issues
        .filter(|issue| {
            issue.code.as_str().contains("file") || issue.code.as_str().contains("split")
        })
        .map(|issue| {
            let name = issue
                .file
                .file_name()
                .unwrap()
                .to_string_lossy()
                .into_owned();
            (issue.code.as_str(), issue.severity, name)
        })
        .collect();
    found.sort_by(|a, b| a.2.cmp(&b.2));
    found
}

/// The same files as a folder and as an archive.
fn check(files: &[(&str, &[u8])], expected: &str) -> Vec<Split> {
    let folder = folder(files);
    let options = ReadOptions::default();
    let splits = read_all(folder.path(), &options).unwrap_or_else(|e| panic!("{files:?}: {e}"));
    assert_eq!(show(&splits), expected);
    let archive = folder.path().join("all.zip");
    fs::write(&archive, zip(files)).unwrap();
    let same = read_all(&archive, &options).unwrap_or_else(|e| panic!("{files:?}: {e}"));
    assert_eq!(show(&same), expected);
    // Their files have the same names, below the folder and below the archive.
    let below = |split: &Split, root: &Path| -> Vec<Document> {
        let mut documents = split.corpus.documents.clone();
        for file in documents.iter_mut().filter_map(|d| d.file.as_mut()) {
            *file = file.strip_prefix(root).unwrap().into();
        }
        documents
    };
    for (split, same) in splits.iter().zip(&same) {
        assert_eq!(below(split, folder.path()), below(same, &archive));
        assert_eq!(split.corpus.issues.len(), same.corpus.issues.len());
    }
    splits
}

#[test]
fn gzip_of_any_file() {
    let options = ReadOptions::default();
    for content in [TRAIN, JSONL, "id,word,tag\n1,Ada,B-P\n"] {
        let plain = read_bytes(Path::new("f"), content.as_bytes(), &options).unwrap();
        let packed = read_bytes(Path::new("f"), &gzip(content.as_bytes()), &options).unwrap();
        assert_eq!(plain, packed);
    }
    // Several members, one after the other, as `cat a.gz b.gz` makes them.
    let two = [gzip(TRAIN.as_bytes()), gzip(b"\nEve\tB-P\n")].concat();
    assert_eq!(
        read_bytes(Path::new("f"), &two, &options)
            .unwrap()
            .documents
            .len(),
        3
    );
    // UTF-16 within.
    let wide: Vec<u8> = "\u{feff}Zo\u{eb}\tB-P\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(
        read_bytes(Path::new("f"), &gzip(&wide), &options)
            .unwrap()
            .documents[0]
            .text,
        "Zo\u{eb}"
    );
    let folder = folder(&[("dev.conll.gz", &gzip(DEV.as_bytes()))]);
    let splits = read_all(&folder.path().join("dev.conll.gz"), &options).unwrap();
    assert_eq!(show(&splits), "dev: Eve");

    let mut cut = gzip(TRAIN.as_bytes());
    cut.truncate(cut.len() - 9);
    let error = read_bytes(Path::new("f.gz"), &cut, &options).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("cannot unpack `f.gz`: the gzip data is damaged or cut short"),
        "{error}"
    );
    let error = read_bytes(Path::new("f.gz"), &gzip(&gzip(b"a O")), &options).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot unpack `f.gz`: it is packed twice over"
    );
}

/// A trap that bites whoever unpacks before counting: a small file that fills the memory.
#[test]
fn a_bomb_is_refused() {
    let bomb = gzip(&vec![b'a'; 300 << 20]);
    assert!(bomb.len() < 400 << 10);
    for bytes in [bomb, zip(&[("a.conll", &vec![b'a'; 300 << 20])])] {
        let error = read_bytes(Path::new("f"), &bytes, &ReadOptions::default()).unwrap_err();
        assert!(matches!(error, ReadError::TooLarge { .. }), "{error}");
        assert!(error.to_string().contains("MiB"), "{error}");
    }
}

#[test]
fn a_lone_file_is_one_part() {
    let folder = folder(&[
        ("x.conll", TRAIN.as_bytes()),
        ("my-test.conll", DEV.as_bytes()),
    ]);
    let options = ReadOptions::default();
    for (name, expected) in [
        ("x.conll", "train: Ada of|York"),
        ("my-test.conll", "test: Eve"),
    ] {
        let splits = read_all(&folder.path().join(name), &options).unwrap();
        assert_eq!(show(&splits), expected);
    }
}

#[test]
fn a_folder_is_parted_by_the_names_of_its_files() {
    let splits = check(
        &[
            ("test.jsonl", JSONL.as_bytes()),
            ("train.conll", TRAIN.as_bytes()),
            ("dev.conll.gz", &gzip(DEV.as_bytes())),
            ("README.md", b"# About\n"),
            ("LICENCE", b"Do what you like.\n"),
            ("PROVENANCE.txt", b"From a tree.\n"),
            ("load.py", b"print(1)\n"),
            ("cover.png", b"\x89PNG"),
            (".gitattributes", b"* text"),
            ("more.zip", b"PK"),
        ],
        "train: Ada of|York / dev: Eve / test: Ada",
    );
    let ignored = |name: &str| ("file-ignored", Severity::Info, name.to_owned());
    assert_eq!(
        reported(&splits),
        [
            ".gitattributes",
            "LICENCE",
            "PROVENANCE.txt",
            "README.md",
            "cover.png",
            "load.py",
            "more.zip"
        ]
        .map(ignored)
    );
    // As Hugging Face and others name them.
    check(
        &[
            ("data/en/train/a.conll", TRAIN.as_bytes()),
            ("data/en/validation/a.conll", DEV.as_bytes()),
        ],
        "train: Ada of|York / dev: Eve",
    );
}

#[test]
fn shards_are_joined_in_order() {
    let line = |n: usize| format!("{{\"text\": \"{n}\", \"entities\": []}}\n").into_bytes();
    let shards: Vec<(String, Vec<u8>)> = (0..12)
        .rev()
        .map(|n| (format!("train-{n}-of-12.jsonl"), line(n)))
        .collect();
    let mut files: Vec<(&str, &[u8])> = shards
        .iter()
        .map(|(name, content)| (name.as_str(), &content[..]))
        .collect();
    files.push(("validation-00000-of-00001.jsonl", JSONL.as_bytes()));
    let splits = check(&files, "train: 0|1|2|3|4|5|6|7|8|9|10|11 / dev: Ada");
    let issue = &splits[0].corpus.issues[0];
    assert_eq!(
        (issue.code.as_str(), issue.severity),
        ("files-joined", Severity::Info)
    );
    assert!(
        issue
            .message
            .contains("12 files are put together as `train`, in this order: `train-0-of-12.jsonl`"),
        "{issue}"
    );
    assert_eq!(splits[0].corpus.source.documents, 12);
    // The source documents of two files are not the same.
    let text = b"-DOCSTART- O\n\na O\n\n-DOCSTART- O\n\nb B-X\n";
    let splits = check(
        &[("train1.conll", text), ("train2.conll", text)],
        "train: a|b|a|b",
    );
    let groups: Vec<_> = splits[0].corpus.documents.iter().map(|d| d.group).collect();
    assert_eq!(groups, [Some(0), Some(1), Some(2), Some(3)]);
    let splits = check(
        &[
            ("train-a.conll", TRAIN.as_bytes()),
            ("train-b.jsonl", JSONL.as_bytes()),
        ],
        "train: Ada of|York|Ada",
    );
    assert!(
        splits[0]
            .corpus
            .issues
            .iter()
            .any(|issue| issue.code.as_str() == "formats-differ")
    );
    assert_eq!(kinds(&splits[0]), ["conll", "jsonl-spans"]);
}

/// The formats of the files that a split is of, the first one first.
fn kinds(split: &Split) -> Vec<String> {
    let source = &split.corpus.source;
    let formats = std::iter::once(&source.format).chain(&source.other_formats);
    formats
        .map(|format| {
            let format = serde_json::to_value(format).unwrap();
            format["kind"].as_str().unwrap().to_owned()
        })
        .collect()
}

#[test]
fn a_split_of_several_files_knows_the_formats_of_all() {
    let split = |name: &str, content: &str| Split {
        name: "train".into(),
        corpus: read_bytes(Path::new(name), content.as_bytes(), &ReadOptions::default()).unwrap(),
    };
    let jsonl = split("a.jsonl", JSONL);
    let conll = split("b.conll", TRAIN);
    let joined = merge(vec![jsonl.clone(), conll, jsonl]);
    assert_eq!(kinds(&joined[0]), ["jsonl-spans", "conll"]);
    let report = check_parts(&[("train", &joined[0].corpus)]);
    assert_eq!(report.files[0].other_formats.len(), 1);
    // One that stands alone has nothing more to say, and its report no more fields.
    let alone = split("b.conll", TRAIN);
    let report = check_parts(&[("train", &alone.corpus)]);
    let file = serde_json::to_value(&report.files[0]).unwrap();
    assert!(file.get("other_formats").is_none());
}

#[test]
fn files_whose_names_tell_no_split() {
    let splits = check(
        &[
            ("corpus.conll", TRAIN.as_bytes()),
            ("test.conll", DEV.as_bytes()),
        ],
        "train: Ada of|York / test: Eve",
    );
    assert_eq!(
        reported(&splits),
        [("split-guessed", Severity::Info, "corpus.conll".into())]
    );
    let splits = check(
        &[
            ("train.conll", TRAIN.as_bytes()),
            ("extra.conll", DEV.as_bytes()),
        ],
        "train: Ada of|York",
    );
    assert_eq!(
        reported(&splits),
        [("file-ignored", Severity::Warning, "extra.conll".into())]
    );
    // No name says a split: all of them are one data set.
    let splits = check(
        &[("a.conll", TRAIN.as_bytes()), ("b.conll", DEV.as_bytes())],
        "train: Ada of|York|Eve",
    );
    assert_eq!(reported(&splits)[0].0, "files-joined");
}

#[test]
fn what_is_no_corpus_beside_one_is_left_aside_and_told() {
    let splits = check(
        &[
            ("all.conll", TRAIN.as_bytes()),
            ("words.txt", b"It was a dark night.\nThe rain fell down.\n"),
            ("weights.bin", b"\0\x01\x02\0\xff\xfe"),
        ],
        "train: Ada of|York",
    );
    let ignored = |name: &str| ("file-ignored", Severity::Warning, name.to_owned());
    assert_eq!(reported(&splits), ["weights.bin", "words.txt"].map(ignored));
    // A file that is a split of the data set by its name must be readable.
    let folder = folder(&[
        ("train.conll", TRAIN.as_bytes()),
        ("test.conll", b"one\ntwo\n"),
    ]);
    let error = read_all(folder.path(), &ReadOptions::default()).unwrap_err();
    assert!(matches!(error, ReadError::NotACorpus { .. }), "{error}");
    assert_eq!(error.file(), folder.path().join("test.conll"));
    // And so must what looks like a corpus and is broken.
    let folder = self::folder(&[
        ("a.conll", TRAIN.as_bytes()),
        ("b.conll", b"a\tO\nb\nc\tB-X\n"),
    ]);
    let error = read_all(folder.path(), &ReadOptions::default()).unwrap_err();
    assert!(matches!(error, ReadError::Malformed { .. }), "{error}");
}

#[test]
fn texts_alone_are_documents_without_labels() {
    let splits = check(
        &[
            ("b.txt", b"The rain fell down.\n"),
            ("a.txt", b"It was a dark night.\nIt was cold.\n"),
            ("c.txt", b"\n"),
        ],
        "train: It was a dark night.|It was cold.|The rain fell down.",
    );
    assert!(
        splits[0]
            .corpus
            .issues
            .iter()
            .any(|issue| issue.code.as_str() == "unlabelled")
    );
    // A .txt of words and tags is a corpus.
    check(
        &[("train.txt", TRAIN.as_bytes()), ("dev.txt", DEV.as_bytes())],
        "train: Ada of|York / dev: Eve",
    );
}

#[test]
fn the_description_of_a_data_set_names_its_tags() {
    let rows = b"{\"tokens\": [\"Ada\", \"of\"], \"ner_tags\": [1, 0]}\n";
    let info = br#"{"features": {"tokens": {"feature": {"dtype": "string"}}, "ner_tags": {"feature": {"names": ["O", "B-P"], "_type": "ClassLabel"}, "_type": "Sequence"}}}"#;
    let splits = check(
        &[("data/train.jsonl", rows), ("dataset_info.json", info)],
        "train: Ada of",
    );
    assert_eq!(splits[0].corpus.documents[0].spans[0].label, "P");
    // A description alone is no data.
    let folder = folder(&[("dataset_info.json", info), ("README.md", b"x")]);
    let error = read_all(folder.path(), &ReadOptions::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "`{}` holds no data file; left aside: `README.md`",
            folder.path().display()
        )
    );
}

#[test]
fn one_file_is_read_where_one_was_asked_for() {
    let options = ReadOptions::default();
    let bytes = zip(&[
        ("x/train.conll", TRAIN.as_bytes()),
        ("x/README", b"about"),
        ("__MACOSX/x/._train.conll", b"\0"),
    ]);
    let corpus = read_bytes(Path::new("a.zip"), &bytes, &options).unwrap();
    assert_eq!(corpus.documents.len(), 2);
    let bytes = zip(&[
        ("train.conll", TRAIN.as_bytes()),
        ("dev.conll", DEV.as_bytes()),
    ]);
    let error = read_bytes(Path::new("a.zip"), &bytes, &options).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`a.zip` holds 2 data files: `dev.conll`, `train.conll`"
    );
    assert!(error.hint().unwrap().starts_with("name one of them"));
    let folder = folder(&[("only.conll", TRAIN.as_bytes()), ("README.md", b"x")]);
    assert_eq!(read(folder.path(), &options).unwrap().documents.len(), 2);
}

#[test]
fn archives_that_hold_no_data() {
    let options = ReadOptions::default();
    let office = zip(&[
        ("[Content_Types].xml", b"<a/>"),
        ("xl/workbook.xml", b"<a/>"),
    ]);
    let error = read_bytes(Path::new("a.xlsx"), &office, &options).unwrap_err();
    assert!(
        error.hint().unwrap().contains("export the table as CSV"),
        "{error}"
    );
    let mut cut = zip(&[("train.conll", TRAIN.as_bytes())]);
    cut.truncate(cut.len() / 2);
    let error = read_bytes(Path::new("a.zip"), &cut, &options).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the zip archive is damaged or cut short"),
        "{error}"
    );
    let error = read_bytes(Path::new("a.zip"), &zip(&[]), &options).unwrap_err();
    assert_eq!(error.to_string(), "`a.zip` holds no data file");
    // A format that is named is not looked for in what holds none.
    let force = ReadOptions {
        format: Some(FormatName::Parquet),
        ..Default::default()
    };
    assert!(read_bytes(Path::new("a"), TRAIN.as_bytes(), &force).is_err());
}

#[test]
fn a_brat_folder_is_one_data_set() {
    let folder = folder(&[
        ("train/a.txt", b"Ada of York"),
        ("train/a.ann", b"T1\tP 0 3\tAda\n"),
        ("train/b.txt", b"York"),
        ("train/b.ann", b""),
        ("annotation.conf", b"[entities]\nP\n"),
    ]);
    match read_all(folder.path(), &ReadOptions::default()) {
        Ok(splits) => assert_eq!(show(&splits), "train: Ada of York|York"),
        Err(error) => assert!(matches!(error, ReadError::Unsupported { .. }), "{error}"),
    }
}

/// What the check says of several files that make the splits of a data set: file, line, message.
fn said(splits: &[Split], code: &str) -> Vec<(String, usize, String)> {
    let splits: Vec<(&str, &Corpus)> = splits
        .iter()
        .map(|split| (split.name.as_str(), &split.corpus))
        .collect();
    let report = check_parts(&splits);
    let issues = report
        .issues
        .iter()
        .filter(|issue| issue.code.as_str() == code);
    issues
        .map(|issue| {
            let file = issue.file.file_name().unwrap().to_string_lossy();
            (file.into_owned(), issue.line, issue.message.clone())
        })
        .collect()
}

fn one(file: &str, line: usize, message: &str) -> Vec<(String, usize, String)> {
    vec![(file.into(), line, message.into())]
}

const FIRST: &str = "in O\nOslo B-LOC\n\nBern B-LOC\n";
const SECOND: &str = "Bonn B-LOC\n\nin O\nOslo B-ORG\n";

#[test]
fn findings_in_one_of_several_files_name_it_and_the_other() {
    let folder = folder(&[
        ("train-00000.conll", FIRST.as_bytes()),
        ("train-00001.conll", SECOND.as_bytes()),
        ("test.conll", b"Bern B-LOC\n\nBonn B-LOC\n"),
    ]);
    let splits = read_all(folder.path(), &ReadOptions::default()).unwrap();
    let files: Vec<_> = splits[0]
        .corpus
        .documents
        .iter()
        .map(|d| d.file.clone())
        .collect();
    let shard = |n| -> Option<Arc<Path>> {
        Some(folder.path().join(format!("train-0000{n}.conll")).into())
    };
    assert_eq!(files, [shard(0), shard(0), shard(1), shard(1)]);
    assert!(splits[1].corpus.documents.iter().all(|d| d.file.is_none()));
    let expected = "the text is in `train` before, in line 1 of `train-00000.conll`";
    assert_eq!(
        said(&splits, "duplicate"),
        one("train-00001.conll", 3, expected)
    );
    let expected = "the same text is labelled differently in line 1 of `train-00000.conll`: `Oslo` is `ORG` here and `LOC` there";
    let found = said(&splits, "duplicate-labelled-differently");
    assert_eq!(found, one("train-00001.conll", 3, expected));
    let found = said(&splits, "overlap").pop();
    let expected = "the text is in `train` as well, in line 1 of `train-00001.conll`";
    assert_eq!(found, one("test.conll", 3, expected).pop());
    // What was read under two names of one split is put together in the same way.
    let split = |name: &str, text: &str| Split {
        name: "train".into(),
        corpus: read_bytes(Path::new(name), text.as_bytes(), &ReadOptions::default()).unwrap(),
    };
    let splits = merge(vec![split("a/x.conll", FIRST), split("b/x.conll", SECOND)]);
    assert_eq!(splits.len(), 1);
    let expected = "the text is in `train` before, in line 1 of `a/x.conll`";
    assert_eq!(said(&splits, "duplicate"), one("x.conll", 3, expected));
}

/// A split of many files is one split: what is too much to list is counted once for all of them.
#[test]
fn findings_of_many_files_are_listed_up_to_one_bound() {
    let text = "a B-X\n\n".repeat(300);
    let names: Vec<String> = (0..5).map(|n| format!("train-{n}.conll")).collect();
    let files: Vec<(&str, &[u8])> = names
        .iter()
        .map(|n| (n.as_str(), text.as_bytes()))
        .collect();
    let folder = folder(&files);
    let splits = read_all(folder.path(), &ReadOptions::default()).unwrap();
    let found = said(&splits, "duplicate");
    assert_eq!(found.len(), 1001);
    let message = "499 more issues of the kind `duplicate` (1499 in all)";
    let whole = folder.path().file_name().unwrap().to_string_lossy();
    assert_eq!(found[1000], (whole.into_owned(), 0, message.into()));
}

#[test]
fn findings_in_a_brat_folder_name_the_text() {
    let folder = folder(&[
        ("a.txt", b"Ada of York"),
        ("a.ann", b"T1\tP 0 3\tAda\n"),
        ("b.txt", b"Ada  of York"),
        (
            "b.ann",
            b"T1\tP 0 3\tAda\nT2\tL 8 12\tYork\nT3\tX 5 7\tof\n",
        ),
    ]);
    let splits = read_all(folder.path(), &ReadOptions::default()).unwrap();
    let expected = "the text is in `train` before, in line 1 of `a.txt`";
    assert_eq!(said(&splits, "duplicate"), one("b.txt", 1, expected));
    let expected = "the same text is labelled differently in line 1 of `a.txt`: `of` is `X` here and no entity there, and 1 more span differs";
    assert_eq!(
        said(&splits, "duplicate-labelled-differently"),
        one("b.txt", 1, expected)
    );
}

#[test]
fn any_archive_gives_an_answer() {
    use proptest::prelude::*;
    let good = zip(&[
        ("train.conll", TRAIN.as_bytes()),
        ("dev.conll", DEV.as_bytes()),
    ]);
    let packed = gzip(TRAIN.as_bytes());
    proptest!(|(at in 0usize..400, byte in any::<u8>(), cut in 0usize..400)| {
        for bytes in [&good, &packed] {
            let mut bytes = bytes.clone();
            let length = bytes.len();
            bytes[at % length] = byte;
            bytes.truncate(length - cut % length);
            let _ = read_bytes(Path::new("f"), &bytes, &ReadOptions::default());
        }
    });
}
