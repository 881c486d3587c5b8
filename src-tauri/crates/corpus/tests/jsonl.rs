//! What JSON records may look like.

mod support;

use std::path::Path;
use tagsmith_protocol::Diagnose;

use tagsmith_corpus::{
    Corpus, Dialect, Format, ReadError, ReadOptions, Scheme, Severity, read_bytes,
};

use support::{codes, pieces};

fn read_with(text: &str, options: &ReadOptions) -> Result<Corpus, ReadError> {
    read_bytes(Path::new("x.jsonl"), text.as_bytes(), options)
}

fn load(text: &str) -> Corpus {
    read_with(text, &ReadOptions::default()).unwrap_or_else(|e| panic!("{text}: {e}"))
}

#[test]
fn every_spelling_of_spans() {
    // Characters, not bytes and not UTF-16 units: the emoji is one.
    let spans = [
        (
            r#"{"text": "😀 é Ada of York", "entities": [[4, 7, "P"], [11, 15, "L"]]}"#,
            Dialect::Plain,
        ),
        (
            r#"{"text": "😀 é Ada of York", "spans": [{"start": 4, "end": 7, "label": "P"}, {"start": 11, "end": 15, "label": "L"}]}"#,
            Dialect::Plain,
        ),
        (
            r#"{"id": 1, "text": "😀 é Ada of York", "label": [[4, 7, "P"], [11, 15, "L"]], "Comments": []}"#,
            Dialect::Doccano,
        ),
        (
            r#"{"text": "😀 é Ada of York", "labels": [[11, 15, "L"], [4, 7, "P"]]}"#,
            Dialect::Doccano,
        ),
        (
            r#"{"id": 1, "text": "😀 é Ada of York", "entities": [{"id": 9, "label": "P", "start_offset": 4, "end_offset": 7}, {"id": 8, "label": "L", "start_offset": 11, "end_offset": 15}], "relations": []}"#,
            Dialect::Doccano,
        ),
        (
            r#"["😀 é Ada of York", {"entities": [[4, 7, "P"], [11, 15, "L"]]}]"#,
            Dialect::Spacy,
        ),
        (
            r#"{"text": "😀 é Ada of York", "label": "X", "spans": [{"start": 4, "end": 7, "label": "P", "token_start": 2, "token_end": 2}, {"start": 11, "end": 15, "label": "L"}], "answer": "accept"}"#,
            Dialect::Prodigy,
        ),
        (
            r#"{"text": "😀 é Ada of York", "entities": [{"name": "Ada", "span": [4, 7], "type": "P"}, {"name": "York", "span": [11, 15], "type": "L"}]}"#,
            Dialect::Plain,
        ),
    ];
    for (line, spelling) in spans {
        let array = format!("[\n {line},\n\n {line}\n]\n");
        let one_line = format!("[{line}, {line}]");
        for text in [
            format!("{line}\n\n{line}\n"),
            format!("\u{feff}{line}\r\n{line}"),
            array,
            one_line,
        ] {
            let corpus = load(&text);
            assert_eq!(
                pieces(&corpus),
                [[("Ada", "P"), ("York", "L")]; 2],
                "{text}"
            );
            assert_eq!(
                corpus.source.format,
                Format::JsonlSpans { spelling },
                "{text}"
            );
            assert!(corpus.issues.is_empty(), "{:?}", corpus.issues);
            assert_eq!((corpus.source.entities, corpus.source.scheme), (4, None));
        }
    }
    let corpus = load("[\n {\"text\": \"a\"},\n\n {\"text\": \"b\"}\n]\n");
    assert_eq!(
        corpus.documents.iter().map(|d| d.line).collect::<Vec<_>>(),
        [2, 4]
    );
}

/// Exports write several lists at once, most of them empty.
#[test]
fn the_list_that_holds_spans_is_read() {
    for line in [
        r#"{"text": "Ada of York", "entities": [], "spans": [[0, 3, "P"]]}"#,
        r#"{"text": "Ada of York", "label": [], "entities": null, "labels": [[0, 3, "P"]]}"#,
        r#"{"text": "Ada of York", "spans": [[0, 3, "P"]], "entities": [], "label": "news"}"#,
        // Names of categories are no spans.
        r#"{"text": "Ada of York", "spans": [[0, 3, "P"]], "labels": ["news", "people"]}"#,
        r#"["Ada of York", {"entities": [[0, 3, "P"]], "spans": []}]"#,
    ] {
        let corpus = load(line);
        assert_eq!(pieces(&corpus), [[("Ada", "P")]], "{line}");
        assert!(corpus.issues.is_empty(), "{line}: {:?}", corpus.issues);
    }
    let corpus = load(r#"{"text": "Ada", "entities": [], "labels": ["news"]}"#);
    assert_eq!((corpus.source.entities, corpus.issues.len()), (0, 0));
}

#[test]
fn ids_groups_and_scores() {
    let corpus = load(
        r#"{"id": 7, "text": "a", "entities": [{"start": 0, "end": 1, "label": "X", "score": 0.9}]}
{"text": "b", "meta": {"id": "m"}, "group": 3, "label": []}
{"text": "", "label": null}"#,
    );
    let found: Vec<_> = corpus
        .documents
        .iter()
        .map(|d| (d.id.as_deref(), d.group, d.words.len()))
        .collect();
    assert_eq!(
        found,
        [
            (Some("7"), None, 1),
            (Some("m"), Some(3), 1),
            (None, None, 0)
        ]
    );
    assert_eq!(corpus.documents[0].spans[0].score, Some(0.9));
    assert_eq!(codes(&corpus), ["partly-labelled"]);
    assert!(corpus.documents.iter().all(|d| !d.words_given));
}

#[test]
fn prodigys_answers_and_tokens() {
    let corpus = load(
        r#"{"text": "a b", "spans": [{"start": 0, "end": 1, "label": "X"}], "answer": "reject"}
{"text": "don't go", "tokens": [{"text": "do", "start": 0, "end": 2, "id": 0}, {"text": "n't", "start": 2, "end": 5, "id": 1}, {"text": " ", "start": 5, "end": 6, "id": 2}, {"text": "go", "start": 6, "end": 8, "id": 3}], "spans": [{"start": 0, "end": 2, "label": "X"}, {"start": 6, "end": 8, "label": "Y", "answer": "reject"}], "answer": "accept"}
{"text": "c", "answer": "ignore"}
{"text": "c d", "tokens": [{"text": "c", "start": 0, "end": 9}], "answer": "accept"}"#,
    );
    assert_eq!(pieces(&corpus), [vec![("do", "X")], vec![]]);
    assert_eq!(corpus.source.skipped_documents, 2);
    let doc = &corpus.documents[0];
    let words: Vec<&str> = (0..doc.words.len()).map(|i| doc.word_text(i)).collect();
    assert_eq!((words, doc.words_given), (vec!["do", "n't", "go"], true));
    assert!(!corpus.documents[1].words_given);
    let expected = [
        "tokens-misfit",
        "partly-labelled",
        "answer-skipped",
        "answer-skipped",
        "span-rejected",
    ];
    assert_eq!(codes(&corpus), expected);
}

#[test]
fn tokens_with_tags() {
    for (line, scheme) in [
        (
            r#"{"tokens": ["Ada", "Lovelace", "", "York"], "ner_tags": ["B-P", "I-P", "O", "B-L"]}"#,
            Scheme::Iob2,
        ),
        (
            r#"{"tokens": ["Ada", "Lovelace", "", "York"], "tags": ["B-P", "E-P", "O", "S-L"]}"#,
            Scheme::Bioes,
        ),
        (
            r#"{"tokens": ["Ada", "Lovelace", "", "York"], "labels": ["B-P", "L-P", "O", "U-L"]}"#,
            Scheme::Bilou,
        ),
        (
            r#"{"text": "unused", "tokens": ["Ada", "Lovelace", "", "York"], "tags": ["P", "P", "O", "L"]}"#,
            Scheme::Io,
        ),
        (
            r#"{"tokens": ["Ada", "Lovelace", "", "York"], "ner_tags": [3, 4, 0, 1]}"#,
            Scheme::Iob2,
        ),
    ] {
        let names = ["O", "B-L", "I-L", "B-P", "I-P"].map(String::from).to_vec();
        let options = ReadOptions {
            label_names: Some(names),
            ..Default::default()
        };
        let corpus = read_with(line, &options).unwrap();
        assert_eq!(
            pieces(&corpus),
            [[("Ada Lovelace", "P"), ("York", "L")]],
            "{line}"
        );
        assert_eq!(
            (&corpus.source.format, corpus.source.scheme),
            (&Format::JsonlTokens, Some(scheme))
        );
        assert!(corpus.documents[0].words_given);
    }
    let corpus = load(
        "{\"tokens\": [\"a\", \"b\"], \"tags\": [\"O\", \"I-X\"]}\n{\"tokens\": [\"c\"], \"tags\": [\"B-X\"]}\n{\"tokens\": [], \"tags\": []}",
    );
    assert_eq!(
        (corpus.source.repaired_tags, corpus.documents.len()),
        (1, 3)
    );
    assert_eq!(
        (corpus.issues[0].code.as_str(), corpus.issues[0].line),
        ("tag-repaired", 1)
    );
}

#[test]
fn faulty_records_are_all_listed() {
    fn check(text: &str, expected: &[(usize, &str)]) {
        let error = read_with(text, &ReadOptions::default()).expect_err(text);
        assert!(matches!(error, ReadError::Malformed { .. }), "{error}");
        let found: Vec<_> = error
            .issues()
            .iter()
            .map(|i| (i.line, i.message.as_str()))
            .collect();
        assert_eq!(found, expected);
        assert!(error.hint().is_some());
    }
    check(
        "{\"text\": \"a\", \"label\": []}\n{\"label\": []}\n7\n[1]\n",
        &[
            (
                2,
                "found a record with `label`, expected a record with `text` or `tokens`",
            ),
            (3, "found `7`, expected a record with `text` or `tokens`"),
            (
                4,
                "found an array that is not `[text, {\"entities\": …}]`, expected a record with `text` or `tokens`",
            ),
        ],
    );
    check(
        "{\"text\": \"a\", \"entities\": \"X\"}",
        &[(1, "`entities` is not a list of spans")],
    );
    check(
        "{\"text\": \"a\", \"spans\": [[0, 1, \"X\"]], \"label\": [[0, 1, \"Y\"]], \"entities\": []}",
        &[(
            1,
            "`spans` and `label` both hold spans; it is unclear which are meant",
        )],
    );
    check(
        "{\"tokens\": [\"a\", \"b\"], \"tags\": [\"O\"]}",
        &[(
            1,
            "found 2 tokens and 1 tags, expected one tag for each token",
        )],
    );
    check(
        "{\"tokens\": [\"a\"], \"ner_tags\": [1]}",
        &[(
            1,
            "the tags are numbers (`1`), and their names are not known",
        )],
    );
    check(
        "{\"tokens\": [\"a\", \"b\"], \"ner_tags\": [\"B-X\", \"X\"]}\n{\"tokens\": [\"a\"], \"ner_tags\": [\"O\"]}",
        &[(
            1,
            "`X` is not a tag; expected `O`, or a letter and a label such as `B-PER`",
        )],
    );
}

#[test]
fn invalid_spans_are_all_listed_and_can_be_dropped() {
    let text = concat!(
        r#"{"text": "Ada of York", "entities": [[0, 3, "P"], [0, 2, "Q"], [2, 6, "R"], [7, 11, "L"], [7, 11, "L"]]}"#,
        "\n",
        r#"{"text": "Ada", "entities": [[0, 9, "P"], [1, 1, "P"], [2, 1, "P"], [0.5, 1, "P"], [-1, 2, "P"]]}"#,
        "\n",
        r#"{"text": "Ada", "entities": [[0, 3], ["zero", 3, "P"], [0, 3, " "], [0, 3, 5], {"start": 0, "label": "P"}, "P"]}"#,
        "\n",
        r#"{"text": "😀 é", "entities": [[3, 4, "A"], [4, 7, "B"]]}"#,
        "\n",
    );
    let error = read_with(text, &ReadOptions::default()).unwrap_err();
    assert!(matches!(error, ReadError::InvalidSpans { .. }), "{error}");
    let found: Vec<_> = error
        .issues()
        .iter()
        .map(|i| (i.line, i.code.as_str(), i.message.as_str()))
        .collect();
    let expected = [
        (
            1,
            "span-overlapping",
            "span `[0,2,\"Q\"]` overlaps `Ada` (P)",
        ),
        (
            1,
            "span-overlapping",
            "span `[2,6,\"R\"]` overlaps `Ada` (P)",
        ),
        (1, "span-overlapping", "span `[7,11,\"L\"]` is listed twice"),
        (
            2,
            "span-out-of-range",
            "span `[0,9,\"P\"]` reaches past the end of the text, which has 3 characters",
        ),
        (2, "span-empty", "span `[1,1,\"P\"]` covers no character"),
        (
            2,
            "span-reversed",
            "span `[2,1,\"P\"]` ends before it starts",
        ),
        (
            2,
            "span-not-integer",
            "span `[0.5,1,\"P\"]` has the offset `0.5`, which is not a whole number",
        ),
        (
            2,
            "span-out-of-range",
            "span `[-1,2,\"P\"]` starts before the text",
        ),
        (3, "span-malformed", "span `[0,3]` has not three parts"),
        (
            3,
            "span-not-integer",
            "span `[\"zero\",3,\"P\"]` has the offset `\"zero\"`, which is not a whole number",
        ),
        (3, "span-malformed", "span `[0,3,\" \"]` has an empty label"),
        (
            3,
            "span-malformed",
            "span `[0,3,5]` has the label number 5, and the names of the numbers are not known",
        ),
        (
            3,
            "span-malformed",
            "span `{\"start\":0,\"label\":\"P\"}` has no `end`",
        ),
        (3, "span-malformed", "span `\"P\"` is no span"),
        (
            4,
            "span-out-of-range",
            "span `[3,4,\"A\"]` reaches past the end of the text, which has 3 characters",
        ),
        (
            4,
            "span-out-of-range",
            "span `[4,7,\"B\"]` reaches past the end of the text, which has 3 characters",
        ),
    ];
    assert_eq!(found, expected);
    assert!(error.hint().unwrap().contains("--drop-invalid"));
    assert_eq!(
        error.to_string(),
        "x.jsonl: 16 invalid spans, the first in line 1"
    );
    let fixes: Vec<_> = error.issues()[14..]
        .iter()
        .map(|i| i.fix.clone().unwrap())
        .collect();
    assert!(
        fixes[0].contains("UTF-16 units") && fixes[1].contains("bytes"),
        "{fixes:?}"
    );

    let options = ReadOptions {
        drop_invalid: true,
        ..Default::default()
    };
    let corpus = read_with(text, &options).unwrap();
    assert_eq!(
        pieces(&corpus),
        [vec![("Ada", "P"), ("York", "L")], vec![], vec![], vec![]]
    );
    assert_eq!(corpus.source.dropped_spans, 16);
    assert!(
        corpus
            .issues
            .iter()
            .all(|i| i.severity == Severity::Warning && i.message.ends_with("; left out"))
    );
}

#[test]
fn of_nested_spans_the_longest_that_starts_first_stays() {
    let options = ReadOptions {
        drop_invalid: true,
        ..Default::default()
    };
    let text = r#"{"text": "a b c d", "entities": [[2, 3, "IN"], [0, 3, "LONG"], [0, 1, "SHORT"], [2, 7, "CROSS"], [4, 5, "FREE"]]}"#;
    let corpus = read_with(text, &options).unwrap();
    assert_eq!(pieces(&corpus), [[("a b", "LONG"), ("c", "FREE")]]);
    assert_eq!(corpus.source.dropped_spans, 3);
}

#[test]
fn spans_that_cut_words_are_told() {
    let corpus = load(r#"{"text": "abc  def", "entities": [[1, 3, "X"], [3, 5, "Y"]]}"#);
    assert_eq!(codes(&corpus), ["span-cuts-word", "span-without-word"]);
    assert_eq!(corpus.source.entities, 2);
}

#[test]
fn of_several_lists_the_full_one_is_read_and_two_are_an_error() {
    let path = std::path::Path::new("a.jsonl");
    let read = |text: &str| tagsmith_corpus::read_bytes(path, text.as_bytes(), &Default::default());
    let one = read(r#"{"text": "Ada ran", "entities": [], "spans": [[0, 3, "PER"]]}"#).unwrap();
    assert_eq!(one.documents[0].spans.len(), 1);
    let two = r#"{"text": "Ada ran", "entities": [[0, 3, "PER"]], "spans": [[4, 7, "X"]]}"#;
    let message = read(two).unwrap_err().to_string();
    assert!(message.contains("`entities` and `spans`"), "{message}");
}
