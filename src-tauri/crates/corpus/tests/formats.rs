//! Any documents, in any format that can hold them, come back as they went in.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail them")]

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use tagsmith_corpus::{
    Document, ReadOptions, Scheme, Span, WordSpan, WriteFormat, WriteReport, brat_files, plan,
    read_brat, read_bytes, write,
};

const SPAN_FORMATS: [WriteFormat; 6] = [
    WriteFormat::JsonlSpans,
    WriteFormat::Spacy,
    WriteFormat::Prodigy,
    WriteFormat::Doccano,
    WriteFormat::LabelStudio,
    WriteFormat::Brat,
];

const TAG_FORMATS: [WriteFormat; 3] = [
    WriteFormat::ConllScheme(Scheme::Iob2),
    WriteFormat::JsonlTokens {
        scheme: Scheme::Bioes,
    },
    WriteFormat::Parquet {
        scheme: Scheme::Iob2,
    },
];

fn keeping() -> ReadOptions {
    ReadOptions {
        keep_overlaps: true,
        ..Default::default()
    }
}

fn written(docs: &[Document], target: &WriteFormat) -> (Vec<u8>, WriteReport) {
    let mut bytes = Vec::new();
    let report = write(docs, target, &mut bytes).expect("memory can be written to");
    assert_eq!(plan(docs, target).unwrap(), report, "{target:?}");
    (bytes, report)
}

fn again(docs: &[Document], target: &WriteFormat) -> (Vec<Document>, WriteReport) {
    let (bytes, report) = written(docs, target);
    let documents = if *target == WriteFormat::Brat {
        let pairs: Vec<_> = brat_files(docs)
            .0
            .into_iter()
            .map(|file| {
                let path = PathBuf::from(format!("d/{}.txt", file.name));
                (path, file.text.into_bytes(), file.annotations.into_bytes())
            })
            .collect();
        read_brat(&pairs, &keeping()).map(|corpus| corpus.documents)
    } else {
        read_bytes(Path::new("again"), &bytes, &keeping()).map(|corpus| corpus.documents)
    };
    let documents = documents
        .unwrap_or_else(|e| panic!("{target:?}: {e}\n{}", String::from_utf8_lossy(&bytes)));
    (documents, report)
}

/// Emoji, families of them, combining marks, right-to-left and CJK letters, invisible characters,
/// Windows line ends.
const TEXT: &str = "[a-zA-Z .,\r\n\t\"\\\\é\u{301}\u{5e9}\u{627}\u{4e16}\u{200d}\u{200b}\u{200f}\u{fe0f}\u{a0}\u{2028}👩👧😀𝒳-]{1,30}";
const WORD: &str = "[a-z#\\[{\"é\u{301}\u{5e9}\u{627}\u{4e16}\u{200d}\u{fe0f}👩😀-]{1,4}";

prop_compose! {
    /// Spans anywhere, of which some overlap.
    fn free_text()(
        text in TEXT,
        spans in prop::collection::vec((0usize..30, 1usize..12, 0usize..3), 0..6),
        id in prop::option::of("[a-z0-9]{1,4}"),
        group in prop::option::of(0u32..3),
    ) -> Document {
        let edges: Vec<usize> = text.char_indices().map(|(i, _)| i).chain([text.len()]).collect();
        let last = edges.len() - 1;
        let mut spans: Vec<Span> = spans
            .into_iter()
            .map(|(start, length, label)| {
                let start = start % last;
                let end = (start + length).min(last);
                let label = ["X", "werk-name", "Ort"][label].to_string();
                Span { start: edges[start], end: edges[end], label, score: None }
            })
            .collect();
        spans.sort_by(|a, b| (a.start, b.end, &a.label).cmp(&(b.start, a.end, &b.label)));
        spans.dedup();
        let mut doc = Document::from_text(text);
        doc.spans = spans;
        doc.id = id;
        doc.group = group;
        doc
    }
}

/// Words that splitting finds again.
const PLAIN: &str = "[a-zé\u{5e9}😀𝒳]{1,4}";

fn worded() -> impl Strategy<Value = Document> {
    words_of(WORD)
}

prop_compose! {
    fn words_of(word: &'static str)(
        words in prop::collection::vec(word, 1..8),
        spans in prop::collection::vec((0usize..3, 1usize..3, 0usize..2), 0..4),
        id in prop::option::of("[a-z0-9]{1,4}"),
    ) -> Document {
        let mut doc = Document::from_words(&words);
        let mut at = 0;
        let mut found = Vec::new();
        for (gap, length, label) in spans {
            let (first, end) = (at + gap, at + gap + length);
            if end <= words.len() {
                found.push(WordSpan { first, end, label: ["X", "Ort"][label].into() });
                at = end;
            }
        }
        doc.set_word_spans(&found);
        doc.id = id;
        doc
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn texts_with_any_spans_survive(docs in prop::collection::vec(free_text(), 1..5)) {
        for target in &SPAN_FORMATS {
            let (found, report) = again(&docs, target);
            prop_assert_eq!((found.len(), report.lost_spans, report.changed_strings), (docs.len(), 0, 0));
            for (a, b) in docs.iter().zip(&found) {
                prop_assert_eq!((&a.text, &a.spans, &a.words), (&b.text, &b.spans, &b.words), "{:?}", target);
            }
            if report.lost_ids == 0 && *target != WriteFormat::Brat {
                prop_assert!(docs.iter().zip(&found).all(|(a, b)| a.id == b.id), "{:?}", target);
            }
            if report.lost_groups == 0 && *target != WriteFormat::Brat {
                prop_assert!(docs.iter().zip(&found).all(|(a, b)| a.group == b.group), "{:?}", target);
            }
        }
    }

    #[test]
    fn words_survive(docs in prop::collection::vec(worded(), 1..5)) {
        for target in TAG_FORMATS.iter().chain([&WriteFormat::Prodigy]) {
            let (found, report) = again(&docs, target);
            prop_assert_eq!((report.lost_spans, report.moved_spans, report.changed_texts), (0, 0, 0));
            prop_assert_eq!(found.len(), docs.len());
            for (a, b) in docs.iter().zip(&found) {
                prop_assert_eq!((&a.text, &a.words, &a.spans), (&b.text, &b.words, &b.spans), "{:?}", target);
            }
        }
    }

    /// From every format to every other and back.
    #[test]
    fn in_out_in(docs in prop::collection::vec(words_of(PLAIN), 1..4)) {
        let all = || SPAN_FORMATS.iter().chain(&TAG_FORMATS);
        for first in all() {
            let (one, _) = again(&docs, first);
            for second in all() {
                let (two, _) = again(&one, second);
                let (three, _) = again(&two, first);
                prop_assert_eq!(three.len(), docs.len());
                for (a, b) in docs.iter().zip(&three) {
                    prop_assert_eq!((&a.text, spans(a)), (&b.text, spans(b)), "{:?} {:?}", first, second);
                }
            }
        }
    }

    /// What tags cannot say is counted before and while they are written.
    #[test]
    fn what_tags_cannot_hold_is_counted(docs in prop::collection::vec(free_text(), 1..5)) {
        for target in &TAG_FORMATS {
            let (_, report) = written(&docs, target);
            let spans: usize = docs.iter().map(|doc| doc.spans.len()).sum();
            prop_assert_eq!(report.entities + report.lost_spans, spans);
        }
    }
}

fn spans(doc: &Document) -> Vec<(&str, &str)> {
    let spans = doc.spans.iter();
    spans
        .map(|s| (&doc.text[s.start..s.end], s.label.as_str()))
        .collect()
}

fn example() -> Vec<Document> {
    let span = |start, end, label: &str| Span {
        start,
        end,
        label: label.into(),
        score: None,
    };
    let mut first = Document::from_text("😀 Ada of York");
    first.spans = vec![span(5, 8, "PER"), span(12, 16, "LOC")];
    first.id = Some("7".into());
    let mut second = Document::from_words(&["New", "York"]);
    second.spans = vec![span(0, 8, "LOC")];
    vec![first, second]
}

/// As the programs write them, by hand.
#[test]
fn each_form_is_that_of_its_program() {
    let text = |target: &WriteFormat| String::from_utf8(written(&example(), target).0).unwrap();
    assert_eq!(
        text(&WriteFormat::Spacy),
        "[\"😀 Ada of York\",{\"entities\":[[2,5,\"PER\"],[9,13,\"LOC\"]]}]\n[\"New York\",{\"entities\":[[0,8,\"LOC\"]]}]\n"
    );
    assert_eq!(
        text(&WriteFormat::Doccano),
        "{\"id\":\"7\",\"text\":\"😀 Ada of York\",\"label\":[[2,5,\"PER\"],[9,13,\"LOC\"]]}\n{\"text\":\"New York\",\"label\":[[0,8,\"LOC\"]]}\n"
    );
    assert_eq!(
        text(&WriteFormat::Prodigy),
        concat!(
            "{\"text\":\"😀 Ada of York\",\"spans\":[{\"start\":2,\"end\":5,\"label\":\"PER\"},{\"start\":9,\"end\":13,\"label\":\"LOC\"}],\"meta\":{\"id\":\"7\"},\"answer\":\"accept\"}\n",
            "{\"text\":\"New York\",\"tokens\":[{\"text\":\"New\",\"start\":0,\"end\":3,\"id\":0,\"ws\":true},{\"text\":\"York\",\"start\":4,\"end\":8,\"id\":1,\"ws\":false}],\"spans\":[{\"start\":0,\"end\":8,\"token_start\":0,\"token_end\":1,\"label\":\"LOC\"}],\"answer\":\"accept\"}\n",
        )
    );
    assert_eq!(
        text(&WriteFormat::LabelStudio).lines().nth(2).unwrap(),
        "{\"data\":{\"text\":\"New York\"},\"annotations\":[{\"id\":2,\"was_cancelled\":false,\"ground_truth\":false,\"result\":[{\"id\":\"d2s1\",\"from_name\":\"label\",\"to_name\":\"text\",\"type\":\"labels\",\"value\":{\"start\":0,\"end\":8,\"text\":\"New York\",\"labels\":[\"LOC\"]}}]}]}"
    );
    let studio: serde_json::Value = serde_json::from_str(&text(&WriteFormat::LabelStudio)).unwrap();
    let value = &studio[0]["annotations"][0]["result"][1]["value"];
    // Label Studio counts as JavaScript does.
    assert_eq!((&value["start"], &value["end"]), (&10.into(), &14.into()));
    let (files, _) = brat_files(&example());
    assert_eq!(
        files[0].annotations,
        "T1\tPER 2 5\tAda\nT2\tLOC 9 13\tYork\n"
    );
    assert_eq!((files[0].name.as_str(), files[1].name.as_str()), ("1", "2"));
}

/// What is lost is said before anything is written.
#[test]
fn plans() {
    let mut docs = example();
    docs[0].spans.push(Span {
        start: 12,
        end: 14,
        label: "X".into(),
        score: Some(0.5),
    });
    docs[0].group = Some(1);
    let report = |target| plan(&docs, &target).unwrap();
    let found = report(WriteFormat::Parquet {
        scheme: Scheme::Iob2,
    });
    assert_eq!(
        (found.lost_spans, found.overlapping_spans, found.lost_scores),
        (1, 1, 1)
    );
    let found = report(WriteFormat::Spacy);
    assert_eq!(
        (
            found.lost_spans,
            found.lost_ids,
            found.lost_groups,
            found.lost_scores
        ),
        (0, 1, 1, 1)
    );
    let found = report(WriteFormat::Doccano);
    assert_eq!(
        (found.lost_ids, found.lost_groups, found.lost_scores),
        (0, 0, 1)
    );
    let found = report(WriteFormat::LabelStudio);
    assert_eq!(found.notes(), Vec::<String>::new());
}

/// `tests/fixtures/binary/open.py` opens the file with Hugging Face's `datasets`.
#[test]
fn parquet_for_other_programs() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("written.parquet");
    let target = WriteFormat::Parquet {
        scheme: Scheme::Iob2,
    };
    let (bytes, report) = written(&example(), &target);
    assert_eq!((report.documents, report.entities), (2, 3));
    std::fs::write(path, &bytes).unwrap();
    let corpus = read_bytes(Path::new("p"), &bytes, &ReadOptions::default()).unwrap();
    assert_eq!(corpus.documents[0].id.as_deref(), Some("7"));
    assert_eq!(spans(&corpus.documents[1]), [("New York", "LOC")]);
    let (none, _) = written(&[], &target);
    assert!(read_bytes(Path::new("p"), &none, &ReadOptions::default()).is_err());
}
