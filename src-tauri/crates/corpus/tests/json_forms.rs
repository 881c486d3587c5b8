//! The exports of labelling programs and data sets, each as its program writes it.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail them")]

mod support;

use std::path::{Path, PathBuf};
use tagsmith_protocol::Diagnose;

use tagsmith_corpus::{
    Corpus, Dialect, Format, OffsetUnit, ReadOptions, Repair, Severity, read, read_bytes,
};

use support::{codes, pieces};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/json")
        .join(name)
}

fn load(name: &str) -> Corpus {
    read(&fixture(name), &ReadOptions::default()).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn load_text(text: &str, options: &ReadOptions) -> Corpus {
    let read = read_bytes(Path::new("x.jsonl"), text.as_bytes(), options);
    read.unwrap_or_else(|e| panic!("{text}: {e}"))
}

#[test]
fn label_studio() {
    let corpus = load("label-studio.json");
    let spelling = Dialect::LabelStudio;
    assert_eq!(corpus.source.format, Format::JsonlSpans { spelling });
    assert_eq!(
        pieces(&corpus),
        [vec![("Ada", "PER"), ("York", "LOC")], vec![]]
    );
    let expected = [
        "offsets-utf16",
        "partly-labelled",
        "answer-skipped",
        "predictions-ignored",
        "results-ignored",
        "several-annotators",
        "annotators-differ",
        "annotators-differ",
    ];
    assert_eq!(codes(&corpus), expected);
    assert_eq!(corpus.source.skipped_documents, 1);
    let warned = |i: &&tagsmith_corpus::Issue| i.severity == Severity::Warning;
    // That labels are missing in some, and where two people differ.
    assert_eq!(corpus.issues.iter().filter(warned).count(), 3);
    let found: Vec<_> = corpus
        .documents
        .iter()
        .map(|d| (d.id.as_deref(), d.line))
        .collect();
    assert_eq!(found, [(Some("11"), 2), (Some("12"), 23)]);
    let results = corpus
        .issues
        .iter()
        .find(|i| i.code.as_str() == "results-ignored");
    assert!(results.unwrap().message.starts_with("2 results"));
}

/// The short export names its list as the person named the labels.
#[test]
fn label_studios_short_export() {
    let corpus = load("label-studio-min.json");
    let expected = [vec![("Ada", "PER"), ("York", "LOC")], vec![("Ada", "PER")]];
    assert_eq!(pieces(&corpus), expected);
    assert_eq!(codes(&corpus), ["offsets-utf16"]);
}

/// A program that counts characters, and writes Label Studio's form, is believed.
#[test]
fn label_studios_form_with_characters() {
    let text = r#"{"id": 1, "data": {"text": "😀 Ada of York"}, "annotations": [{"result": [{"type": "labels", "value": {"start": 2, "end": 5, "text": "Ada", "labels": ["PER"]}}]}]}"#;
    let corpus = load_text(text, &ReadOptions::default());
    assert_eq!(pieces(&corpus), [[("Ada", "PER")]]);
    assert_eq!(codes(&corpus), Vec::<&str>::new());
}

/// Where bytes hit another piece that reads alike, the program's own count is believed: a line break
/// looks like the quoted space, a second `Ada` like the first.
#[test]
fn label_studios_own_count_over_a_chance_hit() {
    let one = |text: &str, (start, end): (usize, usize), quoted: &str| {
        let result = serde_json::json!({"type": "labels", "value": {"start": start, "end": end, "text": quoted, "labels": ["PER"]}});
        let task = serde_json::json!({"id": 1, "data": {"text": text}, "annotations": [{"result": [result]}]});
        let corpus = load_text(&task.to_string(), &ReadOptions::default());
        let spans = &corpus.documents[0].spans;
        let at = spans
            .iter()
            .map(|span| (span.start, span.end))
            .collect::<Vec<_>>();
        (at, codes(&corpus).contains(&"offsets-utf16"))
    };
    let loose = "\u{2028}😀,\"aA\u{301}a\r😀\tA ";
    assert_eq!(one(loose, (14, 15), " "), (vec![(21, 22)], true));
    let twice = "éé😀Ada Ada";
    assert_eq!(one(twice, (8, 11), "Ada"), (vec![(12, 15)], true));
}

/// Four spans that end in one space fit words if a line feed counts as two, but that is one edge, and a
/// start would lie within the end of the line.
#[test]
fn spans_with_an_edge_in_common_prove_nothing() {
    let one = r#"{"text": "y\"f\n\" ", "entities": [[2, 6, "A"], [4, 6, "B"], [4, 6, "C"], [5, 6, "C"]]}"#;
    let options = ReadOptions {
        keep_overlaps: true,
        ..ReadOptions::default()
    };
    let spans = &load_text(one, &options).documents[0].spans;
    let found: Vec<_> = spans.iter().map(|span| (span.start, span.end)).collect();
    assert_eq!(found, [(2, 6), (4, 6), (4, 6), (5, 6)]);
}

#[test]
fn label_studios_columns() {
    let corpus = load("label-studio.conll");
    let expected = [vec![("Ada Lovelace", "PER"), ("York", "LOC")], vec![]];
    assert_eq!(pieces(&corpus), expected);
}

#[test]
fn pieces_of_a_text() {
    let corpus = load("snips.json");
    let spelling = Dialect::Chunks;
    assert_eq!(corpus.source.format, Format::JsonlSpans { spelling });
    let expected = [vec![("Yo Ho", "track"), ("Björk 😀", "artist")], vec![]];
    assert_eq!(pieces(&corpus), expected);
    let lines: Vec<usize> = corpus.documents.iter().map(|d| d.line).collect();
    assert_eq!(lines, [2, 3]);
    let whole = r#"{"data": [{"text": "to "}, {"text": "Rome", "entity": "city"}]}"#;
    for text in [
        whole.to_string(),
        format!("{whole}\n{whole}"),
        format!("[{whole}]"),
    ] {
        let corpus = load_text(&text, &ReadOptions::default());
        assert_eq!(pieces(&corpus)[0], [("Rome", "city")], "{text}");
    }
}

#[test]
fn records_inside_of_an_object() {
    for (name, expected, found) in [
        ("rasa.json", vec![vec![("NYC", "city")], vec![]], &[][..]),
        (
            "viewer.json",
            vec![vec![("Ada Lovelace", "PER")], vec![]],
            &[],
        ),
        (
            "annotator.json",
            vec![vec![("Ada", "PER")], vec![]],
            &["empty-record"],
        ),
    ] {
        let corpus = load(name);
        assert_eq!(pieces(&corpus), expected, "{name}");
        assert_eq!(codes(&corpus), found, "{name}");
    }
    let text = r#"{"version": 1, "data": [{"text": "Ada ran", "entities": [[0, 3, "PER"]]}, {"text": "b"}]}"#;
    let corpus = load_text(text, &ReadOptions::default());
    assert_eq!(pieces(&corpus), [vec![("Ada", "PER")], vec![]]);
}

/// Relations are reported, columns of lists are rows, and a label may be a number with a name.
#[test]
fn other_fields() {
    let text = r#"{"text": "Ada ran", "entities": [{"id": 1, "label": "PER", "start_offset": 0, "end_offset": 3}], "relations": [{"from_id": 1, "to_id": 1, "type": "x"}]}"#;
    let corpus = load_text(text, &ReadOptions::default());
    assert_eq!(pieces(&corpus), [[("Ada", "PER")]]);
    assert_eq!(codes(&corpus), ["relations-ignored"]);

    let options = ReadOptions {
        label_names: Some(vec!["PER".into(), "LOC".into()]),
        ..Default::default()
    };
    let text = r#"{"text": "Ada of York", "entities": {"start": [0, 7], "end": [3, 11], "label": [0, 1]}}"#;
    assert_eq!(
        pieces(&load_text(text, &options)),
        [[("Ada", "PER"), ("York", "LOC")]]
    );

    let text = r#"{"words": ["Ada"], "ner": ["B-PER"]}"#;
    assert_eq!(pieces(&load_text(text, &options)), [[("Ada", "PER")]]);
}

#[test]
fn overlaps_may_be_kept() {
    let text = r#"{"text": "a b c d", "entities": [[2, 3, "IN"], [0, 3, "LONG"], [0, 1, "SHORT"], [2, 7, "CROSS"], [0, 3, "LONG"]]}"#;
    let options = ReadOptions {
        keep_overlaps: true,
        drop_invalid: true,
        ..Default::default()
    };
    let corpus = load_text(text, &options);
    let expected = [[
        ("a b", "LONG"),
        ("a", "SHORT"),
        ("b c d", "CROSS"),
        ("b", "IN"),
    ]];
    assert_eq!(pieces(&corpus), expected);
    // The same span twice is still one.
    assert_eq!(corpus.source.dropped_spans, 1);
}

/// Three spans behind an emoji and an umlaut, in every unit: 😀 is one character, two UTF-16 units
/// and four bytes; `ü` is one, one and two.
#[test]
fn offsets_in_any_unit() {
    let line = |spans: [[i64; 2]; 2]| {
        let [[a, b], [c, d]] = spans;
        format!(
            r#"{{"text": "😀 fü Ada of York", "entities": [[{a}, {b}, "P"], [{c}, {d}, "L"]]}}"#
        )
    };
    for (offsets, shift, spans) in [
        (OffsetUnit::Characters, 0, [[5, 8], [12, 16]]),
        (OffsetUnit::Characters, 1, [[4, 7], [11, 15]]),
        (OffsetUnit::Characters, -2, [[7, 10], [14, 18]]),
        (OffsetUnit::Utf16, 0, [[6, 9], [13, 17]]),
        (OffsetUnit::Bytes, 0, [[9, 12], [16, 20]]),
        (OffsetUnit::Bytes, -1, [[10, 13], [17, 21]]),
    ] {
        let options = ReadOptions {
            offsets,
            shift,
            ..Default::default()
        };
        let corpus = load_text(&line(spans), &options);
        assert_eq!(
            pieces(&corpus),
            [[("Ada", "P"), ("York", "L")]],
            "{offsets:?} {shift}"
        );
        let evidence = corpus.offset_evidence.unwrap();
        assert_eq!((evidence.spans, evidence.used_fit().at_words), (2, 2));
        assert_eq!(evidence.better(), None);
    }
}

/// What a file says that cannot be read as it is.
#[test]
fn wrong_units_are_recognised() {
    let check = |text: &str, repair: &Repair, hint: &str| {
        let error = read_bytes(Path::new("x"), text.as_bytes(), &ReadOptions::default());
        let error = error.unwrap_err();
        let issue = &error.issues()[0];
        assert_eq!(issue.repair.as_ref(), Some(repair), "{text}");
        assert!(issue.fix.as_ref().unwrap().contains(hint), "{issue:?}");
        assert!(error.hint().unwrap().contains(hint), "{error}");
    };
    let from = OffsetUnit::Bytes;
    check(
        r#"{"text": "üüü Ada of York", "entities": [[7, 10, "P"], [14, 18, "L"]]}"#,
        &Repair::ConvertOffsets { from },
        "--offsets bytes",
    );
    let from = OffsetUnit::Utf16;
    check(
        r#"{"text": "😀😀 Ada of York", "entities": [[5, 8, "P"], [12, 16, "L"]]}"#,
        &Repair::ConvertOffsets { from },
        "--offsets utf16",
    );
    // Counted from 1, each at the end of its text.
    let lines: Vec<String> = ["Ada", "Bob", "Cyd", "Dan", "Eve"]
        .iter()
        .map(|name| format!(r#"{{"text": "I am {name}", "entities": [[6, 9, "P"]]}}"#))
        .collect();
    check(
        &lines.join("\n"),
        &Repair::ShiftOffsets { by: -1 },
        "--shift -1",
    );
}

#[test]
fn a_span_that_is_not_the_text_it_names() {
    let text = r#"{"text": "Ada of York", "entities": [{"start": 0, "end": 3, "label": "P", "text": "York"}]}"#;
    let corpus = load_text(text, &ReadOptions::default());
    assert_eq!(codes(&corpus), ["span-text-differs"]);
    assert_eq!(
        corpus.issues[0].message,
        "a span covers `Ada`, but the file says that it is `York`"
    );
}

#[test]
fn a_second_list_of_tags_is_reported() {
    let of = |text: &str, options: &ReadOptions| {
        let corpus = load_text(text, options);
        let found = corpus.issues.into_iter();
        let mut found = found.filter(|issue| issue.code.as_str() == "several-tag-columns");
        found.next().map(|issue| issue.message)
    };
    let usual = ReadOptions::default();
    let two = concat!(
        "{\"tokens\": [\"It\", \"fell\"], \"chunk_tags\": [\"O\", \"O\"], \"ner_tags\": [\"O\", \"O\"]}\n",
        "{\"tokens\": [\"Ada\", \"left\"], \"chunk_tags\": [\"B-NP\", \"B-VP\"], \"ner_tags\": [\"B-PER\", \"O\"]}\n",
    );
    assert_eq!(
        of(two, &usual).as_deref(),
        Some("`chunk_tags` holds tags as well; `ner_tags` is read")
    );
    let chosen = ReadOptions {
        tag_column: Some(tagsmith_corpus::ColumnChoice::Name("chunk_tags".into())),
        ..ReadOptions::default()
    };
    assert_eq!(of(two, &chosen), None);
    let one = "{\"tokens\": [\"Ada\", \"left\"], \"pos\": [\"NNP\", \"VBD\"], \"ner_tags\": [\"B-PER\", \"O\"]}\n";
    assert_eq!(of(one, &usual), None);
}

fn fault(text: &str) -> String {
    let read = read_bytes(
        Path::new("x.jsonl"),
        text.as_bytes(),
        &ReadOptions::default(),
    );
    read.unwrap_err().findings()[0].message.clone()
}

#[test]
fn spans_under_an_unknown_name_beside_an_empty_list() {
    let in_text = r#""text": "Mira moved", "my_things": [{"start": 0, "end": 4, "label": "PER"}]"#;
    let in_tokens =
        r#""tokens": ["Mira", "moved"], "my_things": [{"start": 0, "end": 1, "label": "PER"}]"#;
    for record in [in_text, in_tokens] {
        let message = fault(&format!(r#"{{{record}, "entities": []}}"#));
        assert!(
            message.contains("`my_things` looks like a list of spans"),
            "{message}"
        );
    }
    // Beside a filled one they are reported, once for all records.
    for (record, filled) in [
        (in_text, r#"[[5, 10, "ACT"]]"#),
        (in_tokens, r#"[[1, 2, "ACT"]]"#),
    ] {
        let record = format!("{{{record}, \"entities\": {filled}}}\n");
        let corpus = load_text(&record.repeat(2), &ReadOptions::default());
        assert_eq!(pieces(&corpus), [[("moved", "ACT")], [("moved", "ACT")]]);
        let issues = corpus.issues.iter();
        let found: Vec<_> = issues
            .filter(|issue| issue.code.as_str() == "several-span-lists")
            .map(|issue| (issue.severity, issue.message.as_str()))
            .collect();
        let message = "in 2 records `my_things` looks like a list of spans as well, and only `entities` was read";
        assert_eq!(found, [(Severity::Warning, message)]);
    }
}

#[test]
fn spans_under_an_unknown_name_in_every_form() {
    for (value, what) in [
        (r#"{"start": [0], "end": [4], "label": ["PER"]}"#, "spans"),
        (
            r#"{"items": [{"start": 0, "end": 4, "label": "PER"}]}"#,
            "spans",
        ),
        (r#"[["0", "4", "PER"]]"#, "spans"),
        (r#"[null, [0, 4, "PER"]]"#, "spans"),
        (r#""[[0, 4, \"PER\"]]""#, "spans"),
    ] {
        let message = fault(&format!(
            r#"{{"text": "Mira moved", "my_things": {value}}}"#
        ));
        let expected = format!("`my_things` looks like a list of {what}");
        assert!(message.contains(&expected), "{value}: {message}");
    }
    let message = fault(r#"{"tokens": ["Mira", "moved"], "my_things": ["B-PER", null]}"#);
    assert!(
        message.contains("`my_things` looks like a list of tags"),
        "{message}"
    );
}

#[test]
fn one_faulty_span_among_those_of_tokens_is_an_error_of_its_own() {
    let text = r#"{"tokens": ["Mira", "moved"], "entities": [{"start": 0, "end": 1, "label": "PER"}, null]}"#;
    let message = fault(text);
    assert!(message.contains("`null` is no span"), "{message}");
    let options = ReadOptions {
        drop_invalid: true,
        ..ReadOptions::default()
    };
    assert_eq!(pieces(&load_text(text, &options)), [[("Mira", "PER")]]);
    for (end, expected) in [
        ("9", "past the end of the text, which has 2 tokens"),
        ("\"x\"", "the offset `\"x\"`, which is not a whole number"),
    ] {
        let span = format!(r#"{{"start": 1, "end": {end}, "label": "PER"}}"#);
        let message = fault(&text.replace("null", &span));
        assert!(message.contains(expected), "{end}: {message}");
    }
}

#[test]
fn tags_in_a_text_or_in_a_form_that_is_not_known() {
    for tags in [
        r#""B-PER O""#,
        r#""[\"B-PER\", \"O\"]""#,
        r#"[" B-PER ", "O"]"#,
    ] {
        let text = format!(r#"{{"tokens": ["Mira", "moved"], "ner_tags": {tags}}}"#);
        let corpus = load_text(&text, &ReadOptions::default());
        assert_eq!(pieces(&corpus), [[("Mira", "PER")]], "{tags}");
    }
    let no_tags = "`ner_tags` is not a list with one tag for each token";
    for (tags, expected) in [
        (r#"{"values": ["B-PER", "O"]}"#, no_tags),
        // They may be spans, and are none.
        (r#"[{"tag": "B-PER"}, {"tag": "O"}]"#, "has no `start`"),
        (r#"[["B-PER"], ["O"]]"#, "has not three parts"),
    ] {
        let text = format!(r#"{{"tokens": ["Mira", "moved"], "ner_tags": {tags}}}"#);
        let message = fault(&text);
        assert!(message.contains(expected), "{tags}: {message}");
    }
    // What a sentence is about is none of its tags.
    let text = r#"{"tokens": ["Mira", "moved"], "label": "news", "ner_tags": ["B-PER", "O"]}"#;
    assert_eq!(
        pieces(&load_text(text, &ReadOptions::default())),
        [[("Mira", "PER")]]
    );
}

#[test]
fn numbers_of_tags_that_were_written_as_text_have_names() {
    let options = ReadOptions {
        label_names: Some(["O", "B-PER"].map(String::from).to_vec()),
        ..ReadOptions::default()
    };
    let text = r#"{"tokens": ["Mira", "moved"], "ner_tags": ["1", "0"]}"#;
    assert_eq!(pieces(&load_text(text, &options)), [[("Mira", "PER")]]);
}
