//! Public data sets as they are published. Skipped where they are absent.

mod support;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tagsmith_protocol::Diagnose;

use tagsmith_corpus::{
    ColumnChoice, Corpus, Format, ReadOptions, Scheme, Separator, WriteFormat, check, overlap,
    read, read_all, read_bytes, train_dev_split, write,
};

fn load(data: &Path, file: &str) -> Corpus {
    read(&data.join(file), &ReadOptions::default()).unwrap_or_else(|e| panic!("{file}: {e}"))
}

#[test]
fn sentences_and_schemes_are_as_published() {
    let Some(data) = support::data() else { return };
    // file, sentences, entities as seqeval 1.2.2 counts them, scheme, labels
    for (file, documents, entities, scheme, labels) in [
        ("wnut17/train.conll", 3394, 1975, Scheme::Iob2, 6),
        ("wnut17/dev.conll", 1009, 836, Scheme::Iob2, 6),
        ("wnut17/test.conll", 1287, 1079, Scheme::Iob2, 6),
        ("crossner-ai/train.conll", 100, 532, Scheme::Iob2, 14),
        ("crossner-ai/dev.conll", 350, 1549, Scheme::Iob2, 14),
        ("crossner-ai/test.conll", 431, 1809, Scheme::Iob2, 14),
        (
            "crossner-literature/train.conll",
            100,
            541,
            Scheme::Iob2,
            12,
        ),
        ("bc5cdr/train.tsv", 4560, 9385, Scheme::Iob2, 2),
        ("bc5cdr/dev.tsv", 4581, 9593, Scheme::Iob2, 2),
        ("bc5cdr/test.tsv", 4797, 9809, Scheme::Iob2, 2),
        ("bc5cdr-bioes/train.tsv", 4560, 9385, Scheme::Bioes, 2),
        ("bc5cdr-bioes/dev.tsv", 4581, 9593, Scheme::Bioes, 2),
        ("bc5cdr-bioes/test.tsv", 4797, 9809, Scheme::Bioes, 2),
        ("btc/train.conll", 6338, 8779, Scheme::Iob2, 3),
        ("btc/dev.conll", 1001, 1730, Scheme::Iob2, 3),
        ("btc/test.conll", 2001, 4376, Scheme::Iob2, 3),
        ("wikigold/all.conll", 1696, 3558, Scheme::Io, 4),
        ("sec-filings/train.conll", 1164, 1168, Scheme::Io, 4),
        ("sec-filings/test.conll", 303, 318, Scheme::Io, 4),
    ] {
        let corpus = load(&data, file);
        assert_eq!(corpus.documents.len(), documents, "{file}");
        assert_eq!(corpus.source.entities, entities, "{file}");
        assert_eq!(corpus.source.scheme, Some(scheme), "{file}");
        assert_eq!(
            tagsmith_corpus::labels(&corpus.documents).len(),
            labels,
            "{file}"
        );
        assert!(corpus.documents.iter().all(|doc| doc.words_given), "{file}");
    }
}

#[test]
fn bioes_and_iob2_give_the_same_spans() {
    let Some(data) = support::data() else { return };
    for split in ["train", "dev", "test"] {
        let iob2 = load(&data, &format!("bc5cdr/{split}.tsv"));
        let bioes = load(&data, &format!("bc5cdr-bioes/{split}.tsv"));
        let text = |c: &Corpus| {
            c.documents
                .iter()
                .map(|d| (d.text.clone(), d.spans.clone()))
                .collect::<Vec<_>>()
        };
        assert!(text(&iob2) == text(&bioes), "{split}");
        assert_eq!(
            (iob2.source.repaired_tags, bioes.source.repaired_tags),
            (0, 0),
            "{split}"
        );
    }
}

#[test]
fn source_documents_are_numbered_and_stay_whole() {
    let Some(data) = support::data() else { return };
    let corpus = load(&data, "wikigold/all.conll");
    let groups: Vec<u32> = corpus
        .documents
        .iter()
        .map(|doc| doc.group.unwrap())
        .collect();
    assert!(groups.is_sorted() && groups[0] == 0);
    assert_eq!(groups.last(), Some(&144));
    let (train, held) = train_dev_split(corpus.documents, 0.1, 1);
    assert!((130..=170).contains(&held.len()), "{}", held.len());
    assert!(
        train
            .iter()
            .all(|a| held.iter().all(|b| a.group != b.group))
    );
}

#[test]
fn every_format_gives_the_same_documents_back() {
    let Some(data) = support::data() else { return };
    for file in [
        "wnut17/train.conll",
        "btc/test.conll",
        "wikigold/all.conll",
        "sec-filings/train.conll",
    ] {
        let corpus = load(&data, file);
        for scheme in [
            Scheme::Iob1,
            Scheme::Iob2,
            Scheme::Bioes,
            Scheme::Bilou,
            Scheme::Bmes,
        ] {
            for target in [
                WriteFormat::ConllScheme(scheme),
                WriteFormat::JsonlTokens { scheme },
            ] {
                let mut bytes = Vec::new();
                let report = write(&corpus.documents, &target, &mut bytes).unwrap();
                assert_eq!(report.notes(), Vec::<String>::new(), "{file} {target:?}");
                let again =
                    read_bytes(Path::new("again"), &bytes, &ReadOptions::default()).unwrap();
                assert_eq!(again.source.repaired_tags, 0, "{file} {target:?}");
                assert_eq!(again.documents.len(), corpus.documents.len());
                for (a, b) in corpus.documents.iter().zip(&again.documents) {
                    assert_eq!(
                        (&a.text, &a.words, &a.spans, a.group),
                        (&b.text, &b.words, &b.spans, b.group),
                        "{file} {target:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn overlap_and_unknown_labels_are_found() {
    let Some(data) = support::data() else { return };
    let (train, test) = (
        load(&data, "wnut17/train.conll"),
        load(&data, "wnut17/test.conll"),
    );
    let report = check(&[("train", &train), ("test", &test)]);
    let count = overlap(&train.documents, &test.documents);
    assert_eq!(
        report.issues.iter().any(|i| i.code.as_str() == "overlap"),
        count > 0
    );
    assert_eq!(
        report.files[0].labels.values().sum::<usize>(),
        train.source.entities
    );
}

/// What each small file of oddities gives: sentences and entities (counted with seqeval and
/// Python's json), or a piece of the error.
#[test]
fn every_oddity_reads_or_says_why_not() {
    let Some(data) = support::data() else { return };
    type Outcome = Result<(usize, usize), &'static str>;
    let expected: &[(&str, Outcome)] = &[
        ("bc5cdr-bio.tsv", Ok((40, 70))),
        ("bc5cdr-iobes.tsv", Ok((40, 70))),
        ("btc-dev-odd.conll", Ok((33, 65))),
        ("crossner-ai-dev.txt", Ok((80, 394))),
        ("crossner-ai-train.txt", Ok((100, 532))),
        ("doccano-example.conll", Ok((2, 2))),
        ("doccano-labeling.trailing.conll", Ok((1, 2))),
        ("german-ler-crlf.conll", Ok((40, 28))),
        ("germeval-nested.tsv", Ok((26, 37))),
        ("ner-wikipedia-ja.json", Ok((40, 95))),
        ("prodigy-answers.jsonl", Ok((8, 8))),
        ("prodigy-fashion.jsonl", Ok((10, 0))),
        ("prodigy-news.jsonl", Ok((40, 39))),
        ("seqscore-bad_label2.bio", Ok((1, 1))),
        ("seqscore-invalid1.bio", Ok((2, 3))),
        ("seqscore-minimal.io", Ok((2, 3))),
        ("seqscore-minimal_fields.iob", Ok((2, 3))),
        ("uner-ewt-comments.iob2", Ok((40, 13))),
        ("wikigold-iob1.conll", Ok((43, 96))),
        ("wnut17-dev-unicode.conll", Ok((41, 42))),
        ("wnut17-train.conll", Ok((60, 39))),
        ("LICENCES.tsv", Err("rows that end in no tag")),
        (
            "doccano-example.jsonl",
            Err(":3: found a record with `label`, `meta`"),
        ),
        (
            "doccano-example_overlapping.jsonl",
            Err(":1: span `[0,1,\"LOC\"]` is listed twice"),
        ),
        (
            "doccano-labeling.invalid.conll",
            Err(":1: found 1 column (`SOCCERO SOCCERO SOCCERO`)"),
        ),
        ("seqscore-bad_label1.bio", Err(":2: found 1 column (`is`)")),
        ("seqscore-bad_label3.bio", Err("rows that end in no tag")),
        (
            "snips-cesu8.json",
            Err(":253: not valid UTF-8 at byte 4233 (0xED)"),
        ),
        ("snips-utf8.json", Ok((100, 321))),
        (
            "standoff-8589722.ann",
            Err("a lone file of a brat collection"),
        ),
        (
            "standoff-8589722.txt",
            Err("a lone file of a brat collection"),
        ),
        (
            "standoff-8589723.ann",
            Err("a lone file of a brat collection"),
        ),
        (
            "standoff-8589723.txt",
            Err("a lone file of a brat collection"),
        ),
        (
            "standoff-8595416.ann",
            Err("a lone file of a brat collection"),
        ),
        (
            "standoff-8595416.txt",
            Err("a lone file of a brat collection"),
        ),
        (
            "standoff-8605116.ann",
            Err("a lone file of a brat collection"),
        ),
        (
            "standoff-8605116.txt",
            Err("a lone file of a brat collection"),
        ),
    ];
    let mut seen = 0;
    for entry in fs::read_dir(data.join("fixtures")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let result = read(&path, &ReadOptions::default());
        let Some((_, expected)) = expected.iter().find(|(file, _)| *file == name) else {
            continue;
        };
        seen += 1;
        match (result, expected) {
            (Ok(corpus), Ok(counts)) => {
                let source = corpus.source;
                assert_eq!((source.documents, source.entities), *counts, "{name}");
            }
            (Err(error), Err(piece)) => {
                assert!(error.to_string().contains(piece), "{name}: {error}");
                assert!(error.hint().is_some(), "{name}");
            }
            (found, _) => panic!("{name}: {found:?}"),
        }
    }
    assert_eq!(seen, expected.len());
}

/// One character in twelve records is written as two surrogates: its position is given as a byte, as
/// `grep -b` counts, and it is read on request. Records and entities are counted with `grep -c`.
#[test]
fn surrogates_are_told_by_byte_and_read_as_the_character_they_make() {
    let Some(data) = support::data() else { return };
    let path = data.join("fixtures/snips-cesu8.json");
    let error = read(&path, &ReadOptions::default()).unwrap_err();
    assert_eq!((error.line(), error.faults()), (Some(253), 1));
    let finding = error.findings().remove(0);
    assert_eq!((finding.code.as_str(), finding.line), ("not-utf8", 253));
    assert!(finding.message.contains("at byte 4233"), "{finding}");
    let hint = error.hint().unwrap();
    assert!(hint.contains("CESU-8") && hint.contains("cesu-8"), "{hint}");
    let options = ReadOptions {
        encoding: Some("cesu-8".into()),
        ..ReadOptions::default()
    };
    let corpus = read(&path, &options).unwrap();
    assert_eq!((corpus.documents.len(), corpus.source.entities), (12, 29));
    assert!(
        corpus
            .documents
            .iter()
            .any(|doc| doc.text.contains("rfection \u{1f355}"))
    );
}

/// Entities are the lines that start with `T`, counted with `grep -c`.
#[test]
fn a_folder_of_brat_files_is_one_data_set() {
    let Some(data) = support::data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let expected = [
        ("8589722", 2),
        ("8589723", 11),
        ("8595416", 5),
        ("8605116", 2),
    ];
    for (name, _) in expected {
        for ending in ["txt", "ann"] {
            let name = format!("standoff-{name}.{ending}");
            fs::copy(data.join("fixtures").join(&name), folder.path().join(&name)).unwrap();
        }
    }
    let splits = read_all(folder.path(), &ReadOptions::default()).unwrap();
    assert_eq!((splits.len(), splits[0].name.as_str()), (1, "train"));
    let documents = splits[0].corpus.documents.iter();
    let found: Vec<_> = documents
        .map(|doc| {
            (
                doc.id.clone().unwrap(),
                doc.spans.len(),
                doc.file.clone().unwrap(),
            )
        })
        .collect();
    let expected = expected.map(|(name, entities)| {
        let name = format!("standoff-{name}");
        let file: Arc<Path> = folder.path().join(format!("{name}.txt")).into();
        (name, entities, file)
    });
    assert_eq!(found, expected);
}

#[test]
fn several_megabytes_take_well_under_a_second() {
    let Some(data) = support::data() else { return };
    let bytes = fs::read(data.join("bc5cdr/train.tsv")).unwrap().repeat(5);
    let path = Path::new("large.tsv");
    let start = Instant::now();
    let corpus = read_bytes(path, &bytes, &ReadOptions::default()).unwrap();
    let conll = start.elapsed();
    let mut jsonl = Vec::new();
    write(&corpus.documents, &WriteFormat::JsonlSpans, &mut jsonl).unwrap();
    let start = Instant::now();
    let again = read_bytes(path, &jsonl, &ReadOptions::default()).unwrap();
    let json = start.elapsed();
    assert_eq!(
        (corpus.documents.len(), again.documents.len()),
        (22800, 22800)
    );
    eprintln!(
        "{} bytes of CoNLL in {conll:?}, {} of JSONL in {json:?}",
        bytes.len(),
        jsonl.len()
    );
    // An unoptimised build on a busy machine is ten times slower than a release build.
    let limit = if cfg!(debug_assertions) {
        Duration::from_secs(20)
    } else {
        Duration::from_secs(1)
    };
    assert!(conll < limit && json < limit, "{conll:?} {json:?}");
}

#[test]
fn columns_can_be_chosen() {
    let Some(data) = support::data() else { return };
    let path = data.join("fixtures/germeval-nested.tsv");
    let read_column = |at: isize| {
        let options = ReadOptions {
            tag_column: Some(ColumnChoice::Index(at)),
            ..Default::default()
        };
        read(&path, &options).unwrap()
    };
    let (outer, inner) = (read_column(2), read_column(-1));
    // As many as the columns have tags that begin with `B-`.
    assert_eq!((outer.source.entities, inner.source.entities), (37, 6));
    assert!(matches!(
        outer.source.format,
        Format::Conll {
            columns: 4,
            separator: Separator::Tab,
            token_column: 1,
            tag_column: 2,
            ..
        }
    ));
}
