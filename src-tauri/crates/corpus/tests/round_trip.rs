//! What is written is read back, and what a format cannot hold is counted.

use std::path::Path;

use proptest::prelude::*;
use tagsmith_corpus::{
    Document, ReadOptions, Scheme, Span, WordSpan, WriteFormat, WriteReport, check, read_bytes,
    read_tag_columns, summaries, tag_columns_from_bytes, write,
};

const SCHEMES: [Scheme; 5] = [
    Scheme::Iob1,
    Scheme::Iob2,
    Scheme::Bioes,
    Scheme::Bilou,
    Scheme::Bmes,
];

fn written(docs: &[Document], target: WriteFormat) -> (Vec<u8>, WriteReport) {
    let mut bytes = Vec::new();
    let report = write(docs, &target, &mut bytes).expect("memory can be written to");
    (bytes, report)
}

fn again(bytes: &[u8]) -> Vec<Document> {
    let text = String::from_utf8_lossy(bytes);
    let read = read_bytes(Path::new("again"), bytes, &ReadOptions::default());
    read.unwrap_or_else(|e| panic!("{e}\n{text}")).documents
}

/// Words with emoji, combining marks, CJK, right-to-left letters, invisible characters, spaces.
const WORD: &str =
    "[a-z#\\[{\"é\u{301}\u{5e9}\u{627}\u{4e16}\u{200d}\u{200b}\u{fe0f}\u{a0}👩😀-]{0,4}";
const TEXT: &str = "[a-z .,\r\n\t\"é\u{301}\u{5e9}\u{627}\u{4e16}\u{200d}\u{200b}\u{fe0f}\u{a0}\u{2028}👩😀-]{0,30}";

/// Cuts `0..n` into touching ranges and labels some of them.
fn ranges(n: usize, cuts: &[(usize, usize)]) -> Vec<(usize, usize, String)> {
    let (mut at, mut found) = (0, Vec::new());
    for (length, kind) in cuts {
        let end = (at + length).min(n);
        if at < end && *kind < 2 {
            found.push((at, end, ["X", "werk-name"][*kind].to_string()));
        }
        at = end;
    }
    found
}

prop_compose! {
    fn worded()(
        words in prop::collection::vec(WORD, 1..8),
        cuts in prop::collection::vec((1usize..4, 0usize..3), 0..6),
        id in prop::option::of("[a-z0-9]{1,4}"),
    ) -> Document {
        let mut doc = Document::from_words(&words);
        let spans: Vec<WordSpan> = ranges(words.len(), &cuts)
            .into_iter()
            .map(|(first, end, label)| WordSpan { first, end, label })
            .collect();
        doc.set_word_spans(&spans);
        doc.id = id;
        doc
    }
}

prop_compose! {
    fn free_text()(
        text in TEXT,
        cuts in prop::collection::vec((1usize..9, 0usize..3), 0..6),
    ) -> Document {
        let edges: Vec<usize> = text.char_indices().map(|(i, _)| i).chain([text.len()]).collect();
        let mut doc = Document::from_text(text);
        doc.spans = ranges(edges.len() - 1, &cuts)
            .into_iter()
            .map(|(a, b, label)| Span { start: edges[a], end: edges[b], label, score: None })
            .collect();
        doc
    }
}

proptest! {
    #[test]
    fn words_survive_conll_and_json(docs in prop::collection::vec(worded(), 1..6), groups in any::<bool>()) {
        let mut docs = docs;
        for (i, doc) in docs.iter_mut().enumerate() {
            doc.group = groups.then_some(i as u32 / 2);
        }
        let has_spans = docs.iter().any(|doc| !doc.spans.is_empty());
        for scheme in SCHEMES {
            for target in [WriteFormat::ConllScheme(scheme), WriteFormat::JsonlTokens { scheme }] {
                let (bytes, report) = written(&docs, target);
                prop_assert_eq!((report.lost_spans, report.moved_spans, report.changed_texts), (0, 0, 0));
                let found = again(&bytes);
                prop_assert_eq!(found.len(), docs.len());
                for (a, b) in docs.iter().zip(&found) {
                    prop_assert_eq!((&a.text, &a.words, &a.spans, a.group), (&b.text, &b.words, &b.spans, b.group));
                }
                // Windows line ends change nothing.
                if let WriteFormat::ConllScheme(_) = target {
                    let text = String::from_utf8(bytes).unwrap().replace('\n', "\r\n");
                    let windows = again(text.as_bytes());
                    prop_assert!(windows.iter().zip(&found).all(|(a, b)| a.spans == b.spans && a.text == b.text));
                }
                prop_assert_eq!(found.iter().any(|doc| !doc.spans.is_empty()), has_spans);
            }
        }
    }

    #[test]
    fn texts_survive_json(docs in prop::collection::vec(free_text(), 1..5)) {
        let (bytes, report) = written(&docs, WriteFormat::JsonlSpans);
        prop_assert_eq!(report.notes(), Vec::<String>::new());
        let found = again(&bytes);
        for (i, (a, b)) in docs.iter().zip(&found).enumerate() {
            prop_assert_eq!((&a.text, &a.words, &a.spans, i + 1), (&b.text, &b.words, &b.spans, b.line));
        }
        prop_assert_eq!(found.len(), docs.len());
    }

    #[test]
    fn texts_survive_bioc(docs in prop::collection::vec(free_text(), 1..5), groups in any::<bool>()) {
        let mut docs = docs;
        for (i, doc) in docs.iter_mut().enumerate() {
            doc.group = groups.then_some(i as u32 / 2);
            let number = if groups { format!("a{}/{}", i / 2, i % 2 + 1) } else { format!("a{i}") };
            doc.id = Some(number);
        }
        // A last one that is alone in its group is no part of anything.
        if groups && docs.len() % 2 == 1 {
            docs.pop();
        }
        prop_assume!(!docs.is_empty());
        let (bytes, report) = written(&docs, WriteFormat::BioC);
        prop_assert_eq!(report.notes(), Vec::<String>::new());
        let found = again(&bytes);
        prop_assert_eq!(found.len(), docs.len());
        for (i, (a, b)) in docs.iter().zip(&found).enumerate() {
            prop_assert_eq!((&a.text, &a.words, &a.spans, &a.id), (&b.text, &b.words, &b.spans, &b.id));
            prop_assert_eq!(b.group, Some(if groups { i as u32 / 2 } else { i as u32 }));
        }
    }

    /// Its lines have no place for other line ends than one; nothing moves for it.
    #[test]
    fn texts_survive_pubtator(docs in prop::collection::vec(free_text(), 1..5)) {
        let (bytes, report) = written(&docs, WriteFormat::PubTator);
        let found = again(&bytes);
        prop_assert_eq!(found.len(), docs.len());
        let spans: usize = docs.iter().map(|doc| doc.spans.len()).sum();
        prop_assert_eq!((report.entities, report.lost_spans), (spans, 0));
        for (a, b) in docs.iter().zip(&found) {
            prop_assert_eq!(&a.spans, &b.spans);
            let parts = a.text.split_once('\n').filter(|(_, rest)| !rest.is_empty());
            let (title, rest) = parts.unwrap_or((&a.text, ""));
            let plain = |text: &str| text.replace(['\n', '\r', '\t'], " ");
            let end = if rest.is_empty() { "" } else { "\n" };
            prop_assert_eq!(format!("{}{end}{}", plain(title), plain(rest)), b.text.as_str());
        }
        let same = docs.iter().zip(&found).all(|(a, b)| a.text == b.text);
        prop_assert_eq!(same, report.changed_strings == 0);
    }

    /// What is not white space around a sentence comes back, also entities that cut a word.
    #[test]
    fn texts_survive_webanno_tsv(docs in prop::collection::vec(free_text(), 1..5)) {
        let (bytes, report) = written(&docs, WriteFormat::WebAnno);
        let spans: usize = docs.iter().map(|doc| doc.spans.len()).sum();
        prop_assert_eq!(report.documents + report.empty_documents, docs.len());
        prop_assert_eq!(report.entities + report.lost_spans, spans);
        if report.documents == 0 {
            return Ok(());
        }
        let options = ReadOptions { keep_overlaps: true, ..ReadOptions::default() };
        let found = read_bytes(Path::new("again"), &bytes, &options);
        let found = found.unwrap_or_else(|e| panic!("{e}\n{}", String::from_utf8_lossy(&bytes))).documents;
        prop_assert_eq!(found.len(), report.documents);
        prop_assert_eq!(found.iter().map(|doc| doc.spans.len()).sum::<usize>(), report.entities);
        let filled = docs.iter().filter(|doc| !doc.words.is_empty());
        for (a, b) in filled.zip(&found) {
            let words = |doc: &Document| (0..doc.words.len()).map(|i| doc.word_text(i).to_owned()).collect::<Vec<_>>();
            prop_assert_eq!(words(a), words(b));
            prop_assert!(a.text.contains(&b.text));
            if report.moved_spans + report.lost_spans == 0 {
                let pieces = |doc: &Document| doc.spans.iter().map(|s| (doc.text[s.start..s.end].to_owned(), s.label.clone())).collect::<Vec<_>>();
                prop_assert_eq!(pieces(a), pieces(b));
            }
        }
    }

    /// Free text goes to CoNLL by words: nothing disappears without being counted.
    #[test]
    fn what_conll_cannot_hold_is_counted(docs in prop::collection::vec(free_text(), 1..5)) {
        let (bytes, report) = written(&docs, WriteFormat::ConllScheme(Scheme::Iob2));
        prop_assert_eq!(report.documents + report.empty_documents, docs.len());
        let spans: usize = docs.iter().map(|doc| doc.spans.len()).sum();
        prop_assert_eq!(report.entities + report.lost_spans, spans);
        if report.documents > 0 {
            let found = again(&bytes);
            prop_assert_eq!(found.len(), report.documents);
            prop_assert_eq!(found.iter().map(|doc| doc.spans.len()).sum::<usize>(), report.entities);
        }
    }
}

#[test]
fn the_report_says_what_is_lost() {
    let span = |start, end| Span {
        start,
        end,
        label: "X".into(),
        score: None,
    };
    let mut doc = Document::from_text("ab  cd, ef");
    doc.id = Some("1".into());
    doc.spans = vec![span(1, 2), span(2, 4), span(4, 6)];
    let docs = [
        doc,
        Document::from_text(" \n"),
        Document::from_words(&["a\tb", "-DOCSTART-"]),
    ];
    let (bytes, report) = written(&docs, WriteFormat::ConllScheme(Scheme::Io));
    assert_eq!(
        String::from_utf8(bytes).unwrap(),
        "ab\tI-X\ncd\tI-X\n,\tO\nef\tO\n\na b\tO\nDOCSTART-\tO\n\n"
    );
    let expected = WriteReport {
        documents: 2,
        entities: 1,
        moved_spans: 1,
        lost_spans: 1,
        joined_spans: 1,
        empty_documents: 1,
        changed_texts: 1,
        changed_strings: 2,
        lost_ids: 1,
        ..WriteReport::default()
    };
    assert_eq!(report, expected);
    assert_eq!(report.notes().len(), 7);
    let target = WriteFormat::ConllScheme(Scheme::Io);
    let losses = report
        .losses(&docs, &target, 1, |_| std::ops::ControlFlow::Continue(()))
        .unwrap();
    let found: Vec<(&str, usize, &[usize])> = losses
        .iter()
        .map(|loss| (loss.kind, loss.count, &loss.documents[..]))
        .collect();
    let expected: [(&str, usize, &[usize]); 7] = [
        ("moved-spans", 1, &[0]),
        ("lost-spans", 1, &[0]),
        ("joined-spans", 1, &[0]),
        ("empty-documents", 1, &[1]),
        ("changed-texts", 1, &[0]),
        ("changed-strings", 2, &[2]),
        ("lost-ids", 1, &[0]),
    ];
    assert_eq!(found, expected);
    let (_, report) = written(&docs, WriteFormat::JsonlSpans);
    assert_eq!(
        (report.changed_words, report.lost_spans, report.entities),
        (1, 0, 3)
    );
}

/// A word that reads as a boundary would end its sentence, or its document.
#[test]
fn a_word_that_looks_like_a_boundary_stays_a_word() {
    for words in [
        ["-DOCSTART-", "a", "b"],
        ["a", "-DOCSTART-", "b"],
        ["a", "b", "-DOCSTART--DOCSTART-"],
        ["a", "\u{a0}-DOCSTART-x", " \t-DOCSTART-"],
    ] {
        let mut doc = Document::from_words(&words);
        doc.set_word_spans(&[WordSpan {
            first: 0,
            end: 3,
            label: "X".into(),
        }]);
        let (bytes, report) = written(&[doc], WriteFormat::ConllScheme(Scheme::Iob2));
        let changed = words.iter().filter(|w| w.contains("-DOCSTART-")).count();
        assert_eq!(report.changed_strings, changed, "{words:?}");
        let found = again(&bytes);
        assert_eq!(found.len(), 1, "{words:?}");
        assert_eq!((found[0].words.len(), found[0].spans.len()), (3, 1));
        assert_eq!(found[0].group, None);
    }
}

#[test]
fn scores_survive_to_the_digit() {
    let mut doc = Document::from_text("é Ada");
    doc.spans = vec![Span {
        start: 3,
        end: 6,
        label: "P".into(),
        score: Some(0.9),
    }];
    let (bytes, _) = written(&[doc.clone()], WriteFormat::JsonlSpans);
    assert_eq!(
        String::from_utf8_lossy(&bytes),
        "{\"text\":\"é Ada\",\"entities\":[{\"start\":2,\"end\":5,\"label\":\"P\",\"score\":0.9}]}\n"
    );
    assert_eq!(again(&bytes)[0].spans, doc.spans);
}

#[test]
fn gold_and_predicted_columns() {
    let path = std::env::temp_dir().join(format!("tagsmith-score-{}.txt", std::process::id()));
    std::fs::write(&path, "Ada NNP B-P I-P\nof IN O O\n\nYork NNP B-L B-L\n").unwrap();
    let found = read_tag_columns(&path).unwrap();
    let shown = |column: &[Vec<tagsmith_corpus::Tag>]| -> Vec<String> {
        column
            .iter()
            .map(|s| {
                s.iter()
                    .map(|t| t.render(Scheme::Iob2))
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect()
    };
    assert_eq!(
        (shown(&found.gold), shown(&found.predicted)),
        (
            vec!["B-P O".into(), "B-L".into()],
            vec!["I-P O".into(), "B-L".into()]
        )
    );
    std::fs::write(&path, "Ada B-P B-P\nof O\nin O O\n").unwrap();
    let error = read_tag_columns(&path).unwrap_err();
    assert_eq!(
        (error.issues().len(), error.line()),
        (1, Some(2)),
        "{error}"
    );
    std::fs::remove_file(&path).unwrap();
}

/// Both columns are read from the same rows: a fault of the row is one fault.
#[test]
fn faults_of_score_files_are_counted_once() {
    let read = |text: &str| tag_columns_from_bytes(Path::new("s"), text.as_bytes());
    let good = "a B-X B-X\n".repeat(4000);
    for (bad, count) in [
        ("of O\n".repeat(3), 3),
        ("of O\n".repeat(1200), 1200),
        ("of x O\n".repeat(1200), 1200),
        (format!("{}in O x\n", "of x O\n".repeat(1200)), 1201),
    ] {
        let error = read(&format!("{good}{bad}")).unwrap_err();
        assert_eq!((error.faults(), error.line()), (count, Some(4001)));
        let listed: usize = error.issues().iter().map(|issue| issue.count).sum();
        assert_eq!(listed, count);
    }
    assert_eq!(read(&good).unwrap().gold.len(), 1);
}

/// One line a kind, with all of them counted, also those that are not listed.
#[test]
fn notes_are_summed_up_by_kind() {
    let text = format!("{}{}", "a I-X\n\n".repeat(1300), "b B-Y\nc I-Z\nd O e\n\n");
    let options = ReadOptions {
        scheme: Some(Scheme::Iob2),
        ..Default::default()
    };
    let corpus = read_bytes(Path::new("f"), text.as_bytes(), &options).unwrap();
    let found = summaries(&corpus.issues);
    let codes: Vec<&str> = found.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, ["column-count", "tag-repaired"]);
    assert_eq!(
        found[1].1,
        "f:1: tag `I-X` of `a` at the start of a sentence breaks the scheme iob2; read as `B-X` (and 1300 more of this kind)"
    );
    assert!(!found[0].1.contains("more of this kind"), "{}", found[0].1);
    let whole = serde_json::to_value(&corpus.issues).unwrap();
    let last = whole.as_array().unwrap().last().unwrap();
    assert_eq!((&last["count"], whole[0].get("count")), (&301.into(), None));
    assert_eq!(summaries(&[]), []);
}

#[test]
fn checks_compare_the_files() {
    let load = |name: &str, text: &str| {
        read_bytes(Path::new(name), text.as_bytes(), &ReadOptions::default()).unwrap()
    };
    let train = load("train", "a B-X\nb O\n\nc B-Y\n\nc B-Y\n");
    let dev = load(
        "dev",
        "{\"text\": \"a  b\", \"entities\": [[0, 1, \"Z\"]]}\n{\"text\": \"\"}\n",
    );
    for corpora in [
        [("train", &train), ("dev", &dev)],
        [("dev", &dev), ("train", &train)],
    ] {
        let report = check(&corpora);
        let mut found: Vec<_> = report
            .issues
            .iter()
            .map(|i| (i.code.as_str(), i.file.to_str().unwrap(), i.line))
            .collect();
        found.sort_unstable();
        let expected = [
            ("duplicate", "train", 6),
            ("duplicate-labelled-differently", "dev", 1),
            ("empty-document", "dev", 2),
            ("label-not-in-train", "dev", 1),
            ("label-only-in-train", "train", 1),
            ("label-only-in-train", "train", 4),
            ("label-rare", "train", 1),
            ("label-rare", "train", 4),
            ("overlap", "dev", 1),
            ("partly-labelled", "dev", 2),
        ];
        assert_eq!(found, expected);
    }
    let report = serde_json::to_value(check(&[("train", &train)])).unwrap();
    assert_eq!(
        report["files"][0]["labels"],
        serde_json::json!({"X": 1, "Y": 2})
    );
    assert_eq!(report["files"][0]["format"]["kind"], "conll");
    assert_eq!(report["files"][0]["scheme"], "iob2");
}
