//! Records as people have them: fields of any name, exports of many programs, one bad value among good ones.
//!
//! One file, as every case is a small file that is read and compared in the same way.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

mod support;

use std::path::Path;

use tagsmith_corpus::repair::apply;
use tagsmith_corpus::{
    Corpus, Dialect, Format, LineEnds, ReadError, ReadOptions, Repair, Severity, Split,
    WriteFormat, check, read, read_all, read_bytes, write,
};

use support::{codes, pieces};

fn read_with(name: &str, text: &str, options: &ReadOptions) -> Result<Corpus, ReadError> {
    read_bytes(Path::new(name), text.as_bytes(), options)
}

fn load(text: &str) -> Corpus {
    let read = read_with("x.jsonl", text, &ReadOptions::default());
    read.unwrap_or_else(|e| panic!("{text}: {e} {:?}", e.issues()))
}

fn fault(text: &str) -> ReadError {
    read_with("x.jsonl", text, &ReadOptions::default()).expect_err(text)
}

const ADA: [(&str, &str); 2] = [("Ada Lovelace", "PER"), ("York", "LOC")];

/// Whatever the fields are called.
#[test]
fn spans_under_any_known_name() {
    for line in [
        r#"{"text": "Ada Lovelace of York", "annotations": [{"label": "PER", "start_offset": 0, "end_offset": 12, "user": 1}, {"label": "LOC", "start_offset": 16, "end_offset": 20, "user": 1}]}"#,
        r#"{"text": "Ada Lovelace of York", "ents": [{"start": 0, "end": 12, "label": "PER"}, {"start": 16, "end": 20, "label": "LOC"}], "sents": [{"start": 0, "end": 20}]}"#,
        r#"{"content": "Ada Lovelace of York", "mentions": [{"begin": 0, "stop": 12, "category": "PER"}, {"begin": 16, "stop": 20, "category": "LOC"}]}"#,
        r#"{"sentence": "Ada Lovelace of York", "entities": [{"entity_group": "PER", "score": 0.5, "word": "ada lovelace", "start": 0, "end": 12}, {"entity_group": "LOC", "score": 0.5, "word": "york", "start": 16, "end": 20}]}"#,
        r#"{"text": "Ada Lovelace of York", "annotation": [{"offset": 0, "length": 12, "type": "PER"}, {"offset": 16, "length": 4, "type": "LOC"}]}"#,
        r#"{"text": "Ada Lovelace of York", "entities": [{"location": {"start": 0, "end": 12}, "name": "PER"}, {"location": {"start": 16, "end": 20}, "name": "LOC"}]}"#,
        r#"{"text": "Ada Lovelace of York", "entities": [{"offsets": [[0, 12]], "type": "PER"}, {"offsets": [[16, 20]], "type": "LOC"}]}"#,
        r#"{"text": "Ada Lovelace of York", "annotations": {"entities": [[0, 12, "PER"], [16, 20, "LOC"]]}}"#,
        r#"{"text": "Ada Lovelace of York", "entities": [["PER", 0, 12], ["LOC", 16, 20]]}"#,
        r#"{"text": "Ada Lovelace of York", "entities": [[0, 12, "PER", 0.9], [16, 20, "LOC", "York"]]}"#,
        r#"{"text": "Ada Lovelace of York", "entities": {"PER": [[0, 12]], "LOC": [[16, 20]]}}"#,
        r#"{"text": "Ada Lovelace of York", "entities": {"start": [0, 16], "end": [12, 20], "type": ["PER", "LOC"]}}"#,
        r#"{"document": "Ada Lovelace of York", "nerSpans": [{"startChar": 0, "endChar": 12, "tag": "PER"}, {"startChar": 16, "endChar": 20, "tag": "LOC"}]}"#,
        r#"{"doc": {"text": "Ada Lovelace of York"}, "labels": [[0, 12, "PER"], [16, 20, "LOC"]]}"#,
        r#"{"data": {"text": "Ada Lovelace of York", "ents": [[0, 12, "PER"], [16, 20, "LOC"]]}}"#,
        r#"{"text": "Ada Lovelace of York", "gold": {"entities": [[0, 12, "PER"], [16, 20, "LOC"]]}}"#,
        // Offsets as text, and with a point.
        r#"{"text": "Ada Lovelace of York", "entities": [["0", "12", "PER"], [16.0, 20.0, "LOC"]]}"#,
        r#"{"text": "Ada Lovelace of York", "entities": [{"start": "0", "end": "12.0", "label": ["PER"]}, {"start": 16, "end": 20, "label": {"name": "LOC"}}]}"#,
    ] {
        let corpus = load(line);
        assert_eq!(pieces(&corpus), [ADA], "{line}");
        assert_eq!(
            codes(&corpus),
            Vec::<&str>::new(),
            "{line}: {:?}",
            corpus.issues
        );
    }
    let options = ReadOptions {
        label_names: Some(["3=PER", "5=LOC"].map(String::from).to_vec()),
        ..Default::default()
    };
    let numbers = r#"{"text": "Ada Lovelace of York", "annotations": [{"label": 3, "start_offset": 0, "end_offset": 12}, {"label": 5, "start_offset": 16, "end_offset": 20}]}"#;
    assert_eq!(pieces(&read_with("x", numbers, &options).unwrap()), [ADA]);
    let failure = fault(numbers).to_string();
    assert!(failure.contains("2 invalid spans"), "{failure}");
    let first = fault(numbers).issues()[0].clone();
    assert!(first.message.contains("label number 3"), "{first:?}");
    assert!(first.fix.unwrap().contains("--label-names"));
}

#[test]
fn tags_under_any_known_name() {
    for line in [
        r#"{"tokens": ["Ada", "Lovelace", "of", "York"], "label": ["B-PER", "I-PER", "O", "B-LOC"]}"#,
        r#"{"words": ["Ada", "Lovelace", "of", "York"], "bio_tags": ["B-PER", "I-PER", "O", "B-LOC"]}"#,
        r#"{"text": ["Ada", "Lovelace", "of", "York"], "iob": ["B-PER", "I-PER", "O", "B-LOC"]}"#,
        r#"{"sentence": ["Ada", "Lovelace", "of", "York"], "entities": ["B-PER", "I-PER", "O", "B-LOC"]}"#,
        r#"[["Ada", "B-PER"], ["Lovelace", "I-PER"], ["of", "O"], ["York", "B-LOC"]]"#,
        r#"[["Ada", "Lovelace", "of", "York"], ["B-PER", "I-PER", "O", "B-LOC"]]"#,
        r#"{"tokens": ["Ada", "Lovelace", "of", "York"], "pos_tags": [1, 1, 2, 1], "ner_tags": ["B-PER", "I-PER", "O", "B-LOC"]}"#,
    ] {
        for text in [
            line.to_owned(),
            format!("{line}\n{line}\n"),
            format!("[{line},\n{line}]"),
        ] {
            let corpus = load(&text);
            assert_eq!(pieces(&corpus)[0], ADA, "{text}");
            assert_eq!(corpus.source.format, Format::JsonlTokens, "{text}");
        }
    }
    for table in [
        r#"{"labels": ["O", "B-PER", "I-PER", "B-LOC"], "data": [{"tokens": ["Ada", "Lovelace", "of", "York"], "ner_tags": [1, 2, 0, 3]}]}"#,
        r#"{"id2label": {"0": "O", "1": "B-PER", "2": "I-PER", "3": "B-LOC"}, "train": [{"tokens": ["Ada", "Lovelace", "of", "York"], "tags": [1, 2, 0, 3]}]}"#,
        "{\"label2id\": {\"O\": 0, \"B-PER\": 1, \"I-PER\": 2, \"B-LOC\": 3}}\n{\"tokens\": [\"Ada\", \"Lovelace\", \"of\", \"York\"], \"labels\": [1, 2, 0, 3]}\n",
    ] {
        assert_eq!(pieces(&load(table)), [ADA], "{table}");
    }
    let classes = r#"{"categories": [{"id": 7, "name": "PER"}, {"id": 9, "name": "LOC"}], "documents": [{"text": "Ada Lovelace of York", "entities": [{"label": 7, "start": 0, "end": 12}, {"label": 9, "start": 16, "end": 20}]}]}"#;
    assert_eq!(pieces(&load(classes)), [ADA]);
}

/// What looks like labels and is not understood stops the reading, and is named.
#[test]
fn labels_under_an_unknown_name_are_an_error() {
    for (text, name) in [
        (
            r#"{"text": "Ada ran", "findings": [[0, 3, "PER"]]}"#,
            "findings",
        ),
        (
            r#"{"text": "Ada ran", "found": [{"start": 0, "end": 3, "what": "PER"}]}"#,
            "found",
        ),
        (
            r#"{"text": "Ada ran", "found": [{"s": 0, "e": 3, "l": "PER"}]}"#,
            "found",
        ),
        (
            r#"{"tokens": ["Ada", "ran"], "mine": ["B-PER", "O"]}"#,
            "mine",
        ),
        (
            r#"{"tokens": ["Ada", "ran"], "classes_of": [1, 0]}"#,
            "classes_of",
        ),
    ] {
        let failure = fault(text);
        let issue = &failure.issues()[0];
        assert_eq!(issue.code.as_str(), "bad-spans", "{text}");
        assert!(issue.message.contains(&format!("`{name}`")), "{issue}");
        assert!(
            issue.fix.as_ref().unwrap().contains("--tag-column"),
            "{issue:?}"
        );
        let options = ReadOptions {
            tag_column: Some(name.parse().unwrap()),
            label_names: Some(["O", "B-PER"].map(String::from).to_vec()),
            ..Default::default()
        };
        let chosen = read_with("x", text, &options);
        if name != "found" {
            assert_eq!(pieces(&chosen.unwrap()), [[("Ada", "PER")]], "{text}");
        }
    }
    // Lists of other things say nothing.
    for text in [
        r#"{"tokens": ["Ada", "ran"], "attention_mask": [1, 1]}"#,
        r#"{"text": "Ada ran", "links": ["a", "b"], "boxes": [[0, 1], [2, 3]]}"#,
    ] {
        assert_eq!(codes(&load(text)), ["unlabelled"], "{text}");
    }
}

#[test]
fn records_without_labels_among_others_are_reported() {
    let text = "{\"text\": \"Ada\", \"label\": [[0, 3, \"PER\"]]}\n{\"text\": \"b\", \"label\": []}\n{\"text\": \"c\"}\n{\"text\": \"d\", \"label\": null}\n";
    let corpus = load(text);
    assert_eq!(codes(&corpus), ["partly-labelled"]);
    let issue = &corpus.issues[0];
    assert_eq!(
        (issue.severity, issue.line, issue.count),
        (Severity::Warning, 3, 2)
    );
    assert!(issue.message.starts_with("2 of 4 records"), "{issue}");
}

#[test]
fn empty_records_anywhere() {
    let record =
        r#"{"text": "Ada Lovelace of York", "entities": [[0, 12, "PER"], [16, 20, "LOC"]]}"#;
    for text in [
        format!("null\n{record}\n{{}}\n{record}\nnull\n"),
        format!("[null, {record}, {{}}, {record}]"),
        format!(
            "{{\"annotations\": [null, null, {record}, {{}}, {record}], \"classes\": [\"PER\"]}}"
        ),
        format!("{{\"text\": null}}\n{record}\n{record}"),
    ] {
        let corpus = load(&text);
        assert_eq!(pieces(&corpus), [ADA, ADA], "{text}");
        assert_eq!(codes(&corpus), ["empty-record"], "{text}");
    }
    let pair = r#"["Ada Lovelace of York\r", {"entities": [[0, 12, "PER"], [16, 20, "LOC"]]}]"#;
    let corpus = load(&format!(
        "{{\"classes\": [\"PER\"], \"annotations\": [null, {pair}, null]}}"
    ));
    assert_eq!(pieces(&corpus), [ADA]);
}

/// A browser and Python count one character for CR LF.
#[test]
fn line_ends_counted_otherwise() {
    let text = r"Ada Lovelace.\r\nOf York.\r\n😀 Bob Hill\r\nRome";
    let list = [[0, 12], [17, 21], [25, 33], [34, 38]];
    let labels = ["PER", "LOC", "PER", "LOC"];
    let spans = |quote: bool| -> String {
        let quotes = ["Ada Lovelace", "York", "Bob Hill", "Rome"];
        let span = |i: usize| match quote {
            true => format!(
                r#"{{"start": {}, "end": {}, "label": "{}", "text": "{}"}}"#,
                list[i][0], list[i][1], labels[i], quotes[i]
            ),
            false => format!(r#"[{}, {}, "{}"]"#, list[i][0], list[i][1], labels[i]),
        };
        (0..4).map(span).collect::<Vec<_>>().join(", ")
    };
    let expected = [[
        ("Ada Lovelace", "PER"),
        ("York", "LOC"),
        ("Bob Hill", "PER"),
        ("Rome", "LOC"),
    ]];
    for quote in [false, true] {
        let joined = format!(r#"{{"text": "{text}", "entities": [{}]}}"#, spans(quote));
        let corpus = load(&joined);
        assert_eq!(pieces(&corpus), expected, "{joined}");
        assert_eq!(codes(&corpus), ["line-ends-joined"]);
        assert!(corpus.documents[0].text.contains("\r\n"));
        // The converse: the text lost what the offsets count.
        let shifted = joined
            .replace(r"\r\n", r"\n")
            .replace("17", "18")
            .replace("21", "22");
        let shifted = shifted
            .replace("25", "27")
            .replace("33", "35")
            .replace("34", "37")
            .replace("38", "41");
        let corpus = load(&shifted);
        assert_eq!(pieces(&corpus), expected, "{shifted}");
        assert_eq!(codes(&corpus), ["line-ends-joined"]);
    }
    // Asked for, and as a repair.
    let one = r#"{"text": "Ada\r\nof York", "entities": [[7, 11, "LOC"]]}"#;
    let options = ReadOptions {
        line_ends: LineEnds::Joined,
        ..Default::default()
    };
    assert_eq!(
        pieces(&read_with("x", one, &options).unwrap()),
        [[("York", "LOC")]]
    );
}

#[test]
fn the_last_character_where_the_file_proves_it() {
    // Dataturks.
    let text = r#"{"content": "Ada Lovelace of York", "annotation": [{"label": ["PER"], "points": [{"start": 0, "end": 11, "text": "Ada Lovelace"}]}, {"label": ["LOC"], "points": [{"start": 16, "end": 19, "text": "York"}]}], "extras": null}
{"content": "Of York", "annotation": null, "extras": null}
{"content": "Of York", "annotation": [], "extras": null}"#;
    let corpus = load(text);
    assert_eq!(pieces(&corpus), [ADA.to_vec(), vec![], vec![]]);
    let spelling = Dialect::Dataturks;
    assert_eq!(corpus.source.format, Format::JsonlSpans { spelling });
    assert_eq!(codes(&corpus), ["offsets-inclusive", "partly-labelled"]);
    // One label for two places, and two labels for one.
    let text = r#"{"content": "Ada Lovelace of York", "annotation": [{"label": ["X"], "points": [{"start": 0, "end": 11, "text": "Ada Lovelace"}, {"start": 16, "end": 19, "text": "York"}]}]}"#;
    assert_eq!(
        pieces(&load(text)),
        [[("Ada Lovelace", "X"), ("York", "X")]]
    );
    // CLUENER.
    let text = r#"{"text": "Ada Lovelace of York", "label": {"PER": {"Ada Lovelace": [[0, 11]]}, "LOC": {"York": [[16, 19]]}}}"#;
    assert_eq!(pieces(&load(text)), [ADA]);
    // Without proof it is offered.
    let record =
        r#"{"text": "Ada Lovelace of York", "entities": [[0, 11, "PER"], [16, 19, "LOC"]]}"#;
    let corpus = load(&[record; 3].join("\n"));
    let report = check(&[("train", &corpus)]);
    let mut issues = report.issues.iter();
    let issue = issues
        .find(|issue| issue.code.as_str() == "offsets-inclusive")
        .unwrap();
    assert_eq!(issue.repair, Some(Repair::InclusiveEnds));
    let options = ReadOptions {
        inclusive_ends: true,
        ..Default::default()
    };
    assert_eq!(pieces(&read_with("x", record, &options).unwrap()), [ADA]);
}

#[test]
fn other_units_where_the_quotes_prove_them() {
    for (text, code) in [
        (
            r#"{"text": "üü Ada Lovelace of York", "entities": [{"start": 5, "end": 17, "label": "PER", "text": "Ada Lovelace"}, {"start": 21, "end": 25, "label": "LOC", "text": "York"}]}"#,
            "offsets-unit",
        ),
        (
            r#"{"text": "😀 Ada Lovelace of York", "entities": [{"start": 3, "end": 15, "label": "PER", "text": "Ada Lovelace"}, {"start": 19, "end": 23, "label": "LOC", "text": "York"}]}"#,
            "offsets-utf16",
        ),
        (
            r#"{"text": "Ada Lovelace of York", "entities": [{"start": 1, "end": 13, "label": "PER", "text": "Ada Lovelace"}, {"start": 17, "end": 21, "label": "LOC", "text": "York"}]}"#,
            "offsets-shifted",
        ),
    ] {
        let corpus = load(text);
        assert_eq!(pieces(&corpus), [ADA], "{text}");
        assert_eq!(codes(&corpus), [code], "{text}");
    }
}

/// Tags in other spellings, in every format that has tags.
#[test]
fn spellings_of_tags_are_the_same_everywhere() {
    let words = ["Ada", "Lovelace", "of", "York", "."];
    for tags in [
        ["PER-B", "PER-I", "O", "LOC-B", "O"],
        ["B_PER", "I_PER", "O", "B_LOC", "O"],
        ["B.PER", "I.PER", "O", "B.LOC", "O"],
        ["PER_B", "PER_I", "o", "LOC_B", "o"],
        ["B-PER", "I-PER", "o", "B-LOC", "o"],
        ["B-PER", "I-PER", "-", "B-LOC", "-"],
        ["B-PER", "I-PER", "0", "B-LOC", "0"],
        ["B-PER", "I-PER", "None", "B-LOC", "None"],
        ["B-PER", "I-PER", "OTHER", "B-LOC", "OTHER"],
        ["B-PER", "I-PER", "B-O", "B-LOC", "B-O"],
        ["PER", "PER", "0", "LOC", "0"],
        ["PER", "PER", "OTHER", "LOC", "OTHER"],
    ] {
        let rows = |separator: &str| -> String {
            let rows = words
                .iter()
                .zip(tags)
                .map(|(word, tag)| format!("{word}{separator}{tag}\n"));
            rows.collect()
        };
        let (tabs, spaces) = (rows("\t"), rows(" "));
        let json = format!("{{\"tokens\": {words:?}, \"ner_tags\": {tags:?}}}");
        let table = format!("word,tag\n{}", rows(","));
        let list = format!(
            "text,labels\n{},\"{}\"\n",
            words.join(" "),
            format!("{tags:?}").replace('"', "'")
        );
        for (name, text) in [
            ("tabs", format!("{tabs}\n{tabs}")),
            ("spaces", format!("{spaces}\n{spaces}")),
            ("json", format!("{json}\n{json}")),
            ("table", format!("{table}\n{}", rows(","))),
            ("list", list),
        ] {
            let corpus = read_with("x", &text, &ReadOptions::default());
            let corpus = corpus.unwrap_or_else(|e| panic!("{tags:?} {name}: {e}\n{text}"));
            assert_eq!(
                pieces(&corpus)[0],
                ADA,
                "{tags:?} {name}: {:?}",
                corpus.source.format
            );
            assert!(
                codes(&corpus).contains(&"tag-spelling"),
                "{tags:?} {name}: {:?}",
                codes(&corpus)
            );
        }
    }
}

/// A first row that is a tag in another spelling names no columns.
#[test]
fn a_lone_tag_in_the_first_row_is_no_name() {
    for text in [
        "Ada\tPER-B\nran\tO\n",
        "Ada,B_PER\nran,O\n",
        "Ada PER_B\nran O\n",
    ] {
        let corpus = read_with("x", text, &ReadOptions::default());
        let words = corpus.map(|corpus| corpus.source.words);
        assert!(
            words.is_err() || words.is_ok_and(|words| words == 2),
            "{text}"
        );
    }
}

/// Spans whose labels are tags, and spans labelled `O`: found, with a repair that gives the entities.
#[test]
fn labels_that_are_tags_are_repaired() {
    for [b, i, o] in [
        ["B-PER", "I-PER", "O"],
        ["B_PER", "I_PER", "o"],
        ["PER-B", "PER-I", "None"],
    ] {
        let text = format!(
            r#"{{"text": "Ada Lovelace and Bob ran", "entities": [[0, 3, "{b}"], [4, 12, "{i}"], [13, 16, "{o}"], [17, 20, "{b}"]]}}"#
        );
        let corpus = load(&text);
        let report = check(&[("train", &corpus)]);
        let repair = |code: &str| {
            let issue = report
                .issues
                .iter()
                .find(|issue| issue.code.as_str() == code);
            issue
                .unwrap_or_else(|| panic!("{code}"))
                .repair
                .clone()
                .unwrap()
        };
        let repairs = [repair("label-outside"), repair("label-has-prefix")];
        let dataset = vec![Split {
            name: "train".into(),
            corpus,
        }];
        let (after, done) = apply(dataset, &repairs).unwrap();
        assert_eq!(
            pieces(&after[0].corpus),
            [[("Ada Lovelace", "PER"), ("Bob", "PER")]]
        );
        assert_eq!((done[0].removed_spans, done[1].removed_spans), (1, 1));
    }
}

#[test]
fn gliner_counts_words_and_the_last_one_in() {
    let text = r#"[{"tokenized_text": ["Ada", "Lovelace", "of", "York"], "ner": [[0, 1, "PER"], [3, 3, "LOC"]]}, {"tokenized_text": ["of"], "ner": []}]"#;
    let corpus = load(text);
    assert_eq!(pieces(&corpus), [ADA.to_vec(), vec![]]);
    assert!(corpus.documents[0].words_given);
    assert_eq!(codes(&corpus), ["spans-of-tokens"]);
    let spelling = Dialect::Gliner;
    assert_eq!(corpus.source.format, Format::JsonlSpans { spelling });
    // Others count up to the word after it.
    let text = r#"{"tokens": ["Ada", "Lovelace", "of", "York"], "entities": [{"type": "PER", "start": 0, "end": 2}, {"type": "LOC", "start": 3, "end": 4}]}"#;
    assert_eq!(pieces(&load(text)), [ADA]);
    let wrong = r#"[{"tokenized_text": ["Ada", "ran"], "ner": [[0, 5, "PER"], [1, 1, "X"]]}]"#;
    let failure = fault(wrong);
    assert!(
        failure.issues()[0].message.contains("which has 2 tokens"),
        "{failure}"
    );
}

/// Exports of programs: written here after their documentation, and those in `made` by the programs.
#[test]
fn exports_of_programs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/records");
    for (name, dialect) in [
        ("labelbox.ndjson", Dialect::Labelbox),
        ("labelbox-1.json", Dialect::Labelbox),
        ("kili.json", Dialect::Kili),
        ("lighttag.json", Dialect::Lighttag),
        ("ubiai.json", Dialect::Ubiai),
        ("argilla-2.json", Dialect::Argilla),
        ("argilla-flat.jsonl", Dialect::Argilla),
        ("argilla-1.jsonl", Dialect::Argilla),
        ("ground-truth.manifest", Dialect::GroundTruth),
        ("vertex.jsonl", Dialect::Vertex),
        ("automl.jsonl", Dialect::Vertex),
        ("comprehend.jsonl", Dialect::Comprehend),
        ("gliner.json", Dialect::Gliner),
        ("dataturks.json", Dialect::Dataturks),
        ("made/label-studio-min.json", Dialect::LabelStudio),
        ("made/argilla-2.8.json", Dialect::Argilla),
        ("made/spacy-doc.json", Dialect::Spacy),
    ] {
        let corpus = read(&folder.join(name), &ReadOptions::default());
        let corpus = corpus.unwrap_or_else(|e| panic!("{name}: {e} {:?}", e.issues()));
        assert_eq!(pieces(&corpus), [ADA], "{name}");
        let Format::JsonlSpans { spelling } = corpus.source.format else {
            panic!("{name}: {:?}", corpus.source.format)
        };
        assert_eq!(spelling, dialect, "{name}");
    }
    for name in [
        "made/label-studio.csv",
        "made/label-studio.tsv",
        "made/label-studio.conll",
        "made/spacy-2.json",
        "made/annotations.parquet",
        "made/annotations.feather",
        "made/bio.parquet",
    ] {
        let corpus = read(&folder.join(name), &ReadOptions::default()).unwrap();
        assert_eq!(pieces(&corpus), [ADA], "{name}");
    }
    let failure = read(
        &folder.join("made/unknown.parquet"),
        &ReadOptions::default(),
    )
    .unwrap_err();
    assert!(failure.to_string().contains("`mine`"), "{failure}");
    let spacy2 = r#"[{"id": 0, "paragraphs": [{"raw": "Ada Lovelace of York. Bob", "sentences": [{"tokens": [{"id": 0, "orth": "Ada", "ner": "B-PER"}, {"id": 1, "orth": "Lovelace", "ner": "L-PER"}, {"orth": "of", "ner": "O"}, {"orth": "York", "ner": "U-LOC"}], "brackets": []}, {"tokens": [{"orth": "Bob", "ner": "-"}]}]}]}]"#;
    let corpus = load(spacy2);
    assert_eq!(pieces(&corpus), [ADA.to_vec(), vec![]]);
    // Discarded, and not yet answered.
    let argilla = r#"[{"id": "a", "fields": {"text": "Ada"}, "responses": {"span": [{"value": [{"start": 0, "end": 3, "label": "PER"}], "user_id": "u", "status": "discarded"}]}}, {"id": "b", "fields": {"text": "Bob"}, "responses": {}, "suggestions": {"span": {"value": []}}}, {"id": "c", "fields": {"text": "Cyd"}, "responses": {"span": [{"value": [{"start": 0, "end": 3, "label": "PER"}], "user_id": "u", "status": "submitted"}]}}]"#;
    let corpus = load(argilla);
    assert_eq!(pieces(&corpus), [vec![], vec![("Cyd", "PER")]]);
    assert!(
        codes(&corpus).contains(&"partly-labelled"),
        "{:?}",
        codes(&corpus)
    );
}

#[test]
fn label_studios_exports_with_own_names() {
    let json = r#"[{"r_TEXT": "Ada Lovelace of York", "id": 1, "names": [{"start": 0, "end": 12, "text": "Ada Lovelace", "labels": ["PER"]}, {"start": 16, "end": 20, "text": "York", "labels": ["LOC"]}], "annotator": 1, "annotation_id": 4, "created_at": "2024-01-02T10:00:00.000000Z", "updated_at": "2024-01-02T10:00:00.000000Z", "lead_time": 5.1}]"#;
    assert_eq!(pieces(&load(json)), [ADA]);
    let csv = "r_TEXT,id,names,annotator,annotation_id,created_at,updated_at,lead_time\nAda Lovelace of York,1,\"[{\"\"start\"\": 0, \"\"end\"\": 12, \"\"text\"\": \"\"Ada Lovelace\"\", \"\"labels\"\": [\"\"PER\"\"]}, {\"\"start\"\": 16, \"\"end\"\": 20, \"\"text\"\": \"\"York\"\", \"\"labels\"\": [\"\"LOC\"\"]}]\",1,4,2024-01-02T10:00:00.000000Z,2024-01-02T10:00:00.000000Z,5.1\nof York,2,,1,5,2024-01-02T10:00:00.000000Z,2024-01-02T10:00:00.000000Z,5.1\n";
    assert_eq!(pieces(&load(csv)), [ADA.to_vec(), vec![]]);
}

#[test]
fn tables_of_spans() {
    // AutoGluon.
    let csv = "text_snippet,entity_annotations\nAda Lovelace of York,\"[{\"\"entity_group\"\": \"\"PER\"\", \"\"start\"\": 0, \"\"end\"\": 12}, {\"\"entity_group\"\": \"\"LOC\"\", \"\"start\"\": 16, \"\"end\"\": 20}]\"\n";
    assert_eq!(pieces(&load(csv)), [ADA]);
    // One span in each row.
    let csv = "id,text,start,end,label\n1,Ada Lovelace of York,0,12,PER\n1,Ada Lovelace of York,16,20,LOC\n2,of York,,,\n";
    assert_eq!(pieces(&load(csv)), [ADA.to_vec(), vec![]]);
    // A list under a name that is not known.
    let csv =
        "text,finds\nAda Lovelace of York,\"[[0, 12, \"\"PER\"\"], [16, 20, \"\"LOC\"\"]]\"\n";
    let failure = fault(csv);
    let hint = tagsmith_protocol::Diagnose::hint(&failure)
        .unwrap()
        .into_owned();
    assert!(hint.contains("`finds`"), "{failure} {hint}");
    let options = ReadOptions {
        tag_column: Some("finds".parse().unwrap()),
        ..Default::default()
    };
    assert_eq!(pieces(&read_with("x", csv, &options).unwrap()), [ADA]);
}

/// The labels in one file, the texts in others.
#[test]
fn texts_in_other_files() {
    let folder = tempfile::tempdir().unwrap();
    let put =
        |name: &str, content: &str| std::fs::write(folder.path().join(name), content).unwrap();
    // Azure counts UTF-16 units.
    let azure = r#"{"projectFileVersion": "2022-05-01", "stringIndexType": "Utf16CodeUnit", "metadata": {"projectKind": "CustomEntityRecognition"}, "assets": {"projectKind": "CustomEntityRecognition", "entities": [{"category": "PER"}], "documents": [{"location": "train one.txt", "language": "en", "dataset": "Train", "entities": [{"regionOffset": 0, "regionLength": 23, "labels": [{"category": "PER", "offset": 3, "length": 12}, {"category": "LOC", "offset": 19, "length": 4}]}]}, {"location": "two.txt", "language": "en", "entities": []}]}}"#;
    put("labels.json", azure);
    let failure = read(&folder.path().join("labels.json"), &ReadOptions::default()).unwrap_err();
    assert_eq!(failure.issues()[0].code.as_str(), "text-missing");
    assert!(failure.to_string().contains("2 faults"), "{failure}");
    assert!(
        failure.issues()[0].message.contains("`train one.txt`"),
        "{failure}"
    );
    put("train one.txt", "😀 Ada Lovelace of York");
    put("two.txt", "of York");
    for path in [folder.path().join("labels.json"), folder.path().to_owned()] {
        let splits = read_all(&path, &ReadOptions::default()).unwrap();
        assert_eq!(
            pieces(&splits[0].corpus),
            [ADA.to_vec(), vec![]],
            "{}",
            path.display()
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let put =
        |name: &str, content: &str| std::fs::write(folder.path().join(name), content).unwrap();
    put(
        "annotations.csv",
        "File,Line,Begin Offset,End Offset,Type\ndocuments.txt,0,0,12,PER\ndocuments.txt,0,16,20,LOC\n",
    );
    let failure = read(
        &folder.path().join("annotations.csv"),
        &ReadOptions::default(),
    )
    .unwrap_err();
    assert!(failure.to_string().contains("`documents.txt`"), "{failure}");
    put("documents.txt", "Ada Lovelace of York\nof York\n");
    for path in [
        folder.path().join("annotations.csv"),
        folder.path().to_owned(),
    ] {
        let splits = read_all(&path, &ReadOptions::default()).unwrap();
        assert_eq!(
            pieces(&splits[0].corpus),
            [ADA.to_vec(), vec![]],
            "{}",
            path.display()
        );
    }
}

/// One bad value refuses no file, and nothing is left out unasked.
#[test]
fn bad_values_among_good_ones() {
    let good = r#"{"text": "Ada Lovelace of York", "entities": [[0, 12, "PER"], [16, 20, "LOC"]]}"#;
    let nan = r#"{"text": "Ada Lovelace of York", "entities": [[0, 12, "PER"], [16, 20, "LOC"]], "score": NaN}"#;
    for text in [
        format!("{good}\n{nan}\n"),
        format!("[{good},\n{nan}]"),
        format!("{nan}\n{nan}"),
        format!("{{\"data\": [{nan}]}}"),
    ] {
        let corpus = load(&text);
        assert_eq!(pieces(&corpus)[0], ADA, "{text}");
        assert!(codes(&corpus).contains(&"not-a-number"), "{text}");
    }
    let half = good.replace("of", r"\ud83d");
    let corpus = load(
        &format!("{good}\n{half}\n")
            .replace("16, 20", "15, 19")
            .replacen("15, 19", "16, 20", 1),
    );
    assert_eq!(pieces(&corpus), [ADA, ADA]);
    assert_eq!(codes(&corpus), ["lone-surrogate"]);
    assert_eq!(corpus.issues[0].line, 2);

    let broken = r#"{"text": "x", "entities": [[0, 1 "X"]]}"#;
    let lines =
        format!("{good}\n{broken}\n{good}\n{{\"no\": 1}}\n{{\"tokens\": [\"a\"], \"tags\": []}}\n");
    let array = format!(
        "[\n{good},\n{broken},\n{good},\n{{\"no\": 1}},\n{{\"tokens\": [\"a\"], \"tags\": []}}\n]"
    );
    for (text, first) in [(lines, 2), (array, 3)] {
        let failure = fault(&text);
        assert_eq!(failure.line(), Some(first), "{failure}");
        let found: Vec<_> = failure
            .issues()
            .iter()
            .map(|issue| (issue.code.as_str(), issue.line))
            .collect();
        let expected = [
            ("bad-json", first),
            ("bad-record", first + 2),
            ("tag-count", first + 3),
        ];
        assert_eq!(found[..2], expected[..2], "{text}");
        assert!(
            failure
                .issues()
                .iter()
                .all(|issue| issue.repair == Some(Repair::DropInvalid))
        );
        let options = ReadOptions {
            drop_invalid: true,
            ..Default::default()
        };
        let corpus = read_with("x", &text, &options).unwrap();
        assert_eq!(pieces(&corpus)[..2], [ADA, ADA], "{text}");
        assert!(corpus.issues.iter().all(
            |issue| issue.severity == Severity::Warning || issue.code.as_str() == "unlabelled"
        ));
        assert!(corpus.source.skipped_documents >= 2, "{:?}", corpus.source);
    }
    // Rows: their sentence goes, not half of it.
    let rows = "Ada B-PER\nLovelace I-PER\n\nYork\nran O\n\nYork B-LOC\n";
    let table = "word,tag\nAda,B-PER\nLovelace,I-PER\n\nYork,X-Y\nran,O\n\nYork,B-LOC\n";
    for text in [rows, table] {
        fault(text);
        let options = ReadOptions {
            drop_invalid: true,
            ..Default::default()
        };
        let corpus = read_with("x", text, &options).unwrap();
        assert_eq!(
            pieces(&corpus),
            [[("Ada Lovelace", "PER")], [("York", "LOC")]],
            "{text}"
        );
        assert_eq!(corpus.source.skipped_documents, 1);
    }
}

/// A finding that one format gets, every format gets.
#[test]
fn findings_are_the_same_everywhere() {
    let words: Vec<String> = (0..150).map(|i| format!("w{i}")).collect();
    let rows = |separator: char| -> String {
        words
            .iter()
            .map(|word| format!("{word}{separator}B-X\n"))
            .collect()
    };
    let json = format!(
        "{{\"tokens\": {words:?}, \"tags\": {:?}}}",
        vec!["B-X"; 150]
    );
    for text in [
        rows('\t'),
        rows(' '),
        format!("word,tag\n{}", rows(',')),
        json,
    ] {
        let corpus = load(&text);
        assert!(
            codes(&corpus).contains(&"one-sentence"),
            "{:?}",
            codes(&corpus)
        );
    }
    let letters = ["B", "I", "O"];
    let rows = |separator: char| -> String {
        letters
            .iter()
            .map(|tag| format!("w{separator}{tag}\n"))
            .collect()
    };
    let json = format!("{{\"tokens\": [\"a\", \"b\", \"c\"], \"tags\": {letters:?}}}");
    for text in [rows('\t'), format!("word,tag\n{}", rows(',')), json] {
        assert!(codes(&load(&text)).contains(&"no-labels"), "{text}");
    }
    let json = r#"{"tokens": ["a", "", "c"], "tags": ["B-X", "O", "O"]}"#;
    for text in ["a\tB-X\n\tO\nc\tO\n", "word,tag\na,B-X\n,O\nc,O\n", json] {
        assert!(codes(&load(text)).contains(&"empty-token"), "{text}");
    }
}

#[test]
fn gliner_is_written_as_it_is_read() {
    let text = r#"{"id": "a", "text": "Ada Lovelace of  York", "entities": [[0, 12, "PER"], [0, 3, "FIRST"], [17, 20, "LOC"]]}"#;
    let options = ReadOptions {
        keep_overlaps: true,
        ..Default::default()
    };
    let corpus = read_with("x", text, &options).unwrap();
    let mut out = Vec::new();
    let report = write(&corpus.documents, &WriteFormat::Gliner, &mut out).unwrap();
    let expected = r#"{"tokenized_text":["Ada","Lovelace","of","York"],"ner":[[0,1,"PER"],[0,0,"FIRST"],[3,3,"LOC"]]}"#;
    assert_eq!(
        String::from_utf8(out.clone()).unwrap(),
        format!("[\n{expected}\n]\n")
    );
    let counts = (
        report.documents,
        report.entities,
        report.moved_spans,
        report.changed_texts,
        report.lost_ids,
    );
    assert_eq!(counts, (1, 3, 1, 1, 1));
    let again = read_bytes(Path::new("x"), &out, &options).unwrap();
    let expected = [("Ada Lovelace", "PER"), ("Ada", "FIRST"), ("York", "LOC")];
    assert_eq!(pieces(&again), [expected]);
}

/// One object that holds many records: by their ids, or by columns, as pandas writes tables.
#[test]
fn records_by_id_and_by_column() {
    let expected = vec![vec![("Ada", "PER")], vec![], vec![("Oslo", "LOC")]];
    let texts = r#"["Ada left", "It rained", "to Oslo"]"#;
    let spans = r#"[[[0, 3, "PER"]], [], [[3, 7, "LOC"]]]"#;
    let tokens = r#"[["Ada", "left"], ["It", "rained"], ["to", "Oslo"]]"#;
    let tags = r#"[["B-PER", "O"], ["O", "O"], ["O", "B-LOC"]]"#;
    let rows =
        r#"[["Ada left", [[0, 3, "PER"]]], ["It rained", []], ["to Oslo", [[3, 7, "LOC"]]]]"#;
    for json in [
        r#"{"a": {"text": "Ada left", "entities": [[0, 3, "PER"]]}, "b": {"text": "It rained", "entities": []}, "c": {"text": "to Oslo", "entities": [[3, 7, "LOC"]]}}"#.to_owned(),
        r#"{"text": {"0": "Ada left", "1": "It rained", "2": "to Oslo"}, "entities": {"0": [[0, 3, "PER"]], "1": [], "2": [[3, 7, "LOC"]]}}"#.to_owned(),
        format!(r#"{{"text": {texts}, "entities": {spans}}}"#),
        format!(r#"{{"tokens": {tokens}, "ner_tags": {tags}}}"#),
        format!(r#"{{"columns": ["text", "entities"], "index": [0, 1, 2], "data": {rows}}}"#),
    ] {
        let corpus = read_bytes(Path::new("x.json"), json.as_bytes(), &ReadOptions::default());
        assert_eq!(pieces(&corpus.unwrap()), expected, "{json}");
    }
    // Words and the spans that count them are one record.
    let one = r#"{"tokens": ["Ada", "left", "Oslo"], "ner": [[0, 0, "PER"], [2, 2, "LOC"]]}"#;
    let corpus = read_bytes(Path::new("x.json"), one.as_bytes(), &ReadOptions::default()).unwrap();
    assert_eq!(pieces(&corpus), [[("Ada", "PER"), ("Oslo", "LOC")]]);
}

#[test]
fn spans_where_nobody_looked() {
    let of = |json: &str| {
        read_bytes(
            Path::new("x.jsonl"),
            json.as_bytes(),
            &ReadOptions::default(),
        )
    };
    for json in [
        // A name that tags have as well.
        r#"{"text": "Ada left", "gold": [{"start": 0, "end": 3, "label": "PER"}]}"#,
        // The text and its spans in an object each.
        r#"{"data": {"text": "Ada left"}, "annotation": {"entities": [[0, 3, "PER"]]}}"#,
        // The text of the span before its place.
        r#"{"text": "Ada left", "entities": [["Ada", 0, 3, "PER"]]}"#,
        r#"{"text": "Ada left", "entities": [[0, 3, "PER", "Ada"]]}"#,
        r#"{"text": "Ada left", "entities": [["PER", 0, 3, "Ada"]]}"#,
    ] {
        assert_eq!(pieces(&of(json).unwrap()), [[("Ada", "PER")]], "{json}");
    }
    // Objects one after the other, over several lines.
    let stream = "{\n  \"text\": \"Ada left\",\n  \"entities\": [[0, 3, \"PER\"]]\n}\n{\n  \"text\": \"Bo\",\n  \"entities\": []\n}\n";
    let corpus = of(stream).unwrap();
    assert_eq!(pieces(&corpus), [vec![("Ada", "PER")], vec![]]);
    assert_eq!(corpus.documents[1].line, 5);
}

/// A length that no text has is a span that cannot be used, and no sum beyond all numbers.
#[test]
fn a_length_beyond_all_numbers() {
    let json = r#"[{"externalId": "1", "content": "Ada left", "labels": [{"jsonResponse": {"JOB": {"annotations": [{"beginOffset": 18446744073709551615, "content": "Ada", "categories": [{"name": "PER"}]}]}}}]}]"#;
    let found = read_bytes(
        Path::new("x.json"),
        json.as_bytes(),
        &ReadOptions::default(),
    );
    let failure = found.unwrap_err();
    let code = failure.issues()[0].code.as_str();
    assert!(code.starts_with("span-"), "{failure}");
}
