//! Texts that several people have annotated, and answers of which only a part is known.

use std::path::Path;

use tagsmith_corpus::{Corpus, Issue, ReadOptions, Severity, read_bytes};

mod support;
use support::{by, pieces};

fn load(name: &str, text: &str, options: &ReadOptions) -> Corpus {
    read_bytes(Path::new(name), text.as_bytes(), options).unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn of<'c>(corpus: &'c Corpus, code: &str) -> Vec<&'c Issue> {
    corpus
        .issues
        .iter()
        .filter(|issue| issue.code.as_str() == code)
        .collect()
}

/// Who annotated a text, whether that is the truth, and which pieces of it have labels.
type Annotated<'a> = (&'a str, bool, &'a [(usize, usize, &'a str)]);

/// A task of Label Studio.
fn task(number: usize, annotations: &[Annotated]) -> String {
    let text = "Lena left Kite Works in Ulm";
    let annotations: Vec<String> = annotations
        .iter()
        .map(|(by, truth, spans)| {
            let results: Vec<String> = spans
                .iter()
                .map(|(start, end, label)| format!(r#"{{"from_name": "label", "to_name": "text", "type": "labels", "value": {{"start": {start}, "end": {end}, "text": "{}", "labels": ["{label}"]}}}}"#, &text[*start..*end]))
                .collect();
            format!(r#"{{"completed_by": {by}, "ground_truth": {truth}, "was_cancelled": false, "result": [{}]}}"#, results.join(", "))
        })
        .collect();
    format!(
        r#"{{"id": {number}, "data": {{"text": "{text}"}}, "annotations": [{}]}}"#,
        annotations.join(", ")
    )
}

#[test]
fn annotators_of_label_studio() {
    let ann = r#"{"id": 3, "email": "ann@x.org"}"#;
    let all: &[(usize, usize, &str)] = &[(0, 4, "PER"), (10, 20, "ORG"), (24, 27, "LOC")];
    let few: &[(usize, usize, &str)] = &[(0, 4, "PER"), (10, 14, "ORG")];
    let text = format!(
        "[\n{},\n{},\n{}\n]",
        task(
            1,
            &[(ann, false, all), ("7", false, few), ("8", false, few)]
        ),
        task(2, &[("7", false, few), (ann, true, all)]),
        task(3, &[("7", false, few)]),
    );
    let read = |rule: &str| load("tasks.json", &text, &by(rule));
    let (everything, little) = (
        vec![("Lena", "PER"), ("Kite Works", "ORG"), ("Ulm", "LOC")],
        vec![("Lena", "PER"), ("Kite", "ORG")],
    );
    for (rule, first, second) in [
        ("ground-truth", &everything, &everything),
        ("majority", &little, &everything),
        ("ann@x.org", &everything, &everything),
        ("7", &little, &little),
    ] {
        let corpus = read(rule);
        let expected = [first.clone(), second.clone(), little.clone()];
        assert_eq!(pieces(&corpus), expected, "{rule}");
        let [told] = of(&corpus, "several-annotators")[..] else {
            panic!("{rule}: {:?}", corpus.issues);
        };
        assert_eq!(told.severity, Severity::Info);
        for what in [
            "2 texts have annotations of several people (7, 8, ann@x.org)",
            "Krippendorff's alpha 0.",
            "ORG 0.",
        ] {
            assert!(told.message.contains(what), "{told}");
        }
        assert!(told.fix.as_deref().unwrap().contains("`--annotator`"));
        let differ: Vec<(usize, &str)> = of(&corpus, "annotators-differ")
            .iter()
            .map(|issue| (issue.line, issue.message.as_str()))
            .collect();
        let expected = [
            (
                2,
                "annotators differ on `Kite Works`: ann@x.org ORG, 7 ORG (`Kite`), 8 ORG (`Kite`)",
            ),
            (
                2,
                "annotators differ on `Ulm`: ann@x.org LOC, 7 nothing, 8 nothing",
            ),
            (
                3,
                "annotators differ on `Kite Works`: 7 ORG (`Kite`), ann@x.org ORG",
            ),
            (3, "annotators differ on `Ulm`: 7 nothing, ann@x.org LOC"),
        ];
        assert_eq!(differ, expected, "{rule}");
    }
    // Spans of an annotation that is not read cannot be at fault.
    let beyond = r#"{"data": {"text": "Ada"}, "annotations": [{"result": []}, {"result": [{"value": {"start": 0, "end": 9, "labels": ["X"]}}]}]}"#;
    assert_eq!(pieces(&load("t.json", beyond, &by("ground-truth"))), [[]]);
}

/// `ner.teach` asks for one entity at a time, and for nothing of the rest of the text.
#[test]
fn answers_of_yes_and_no_are_partly_labelled() {
    let text = r#"{"text": "Lena left Kite Works", "_is_binary": true, "_view_id": "ner", "spans": [{"start": 0, "end": 4, "label": "PER"}], "answer": "accept"}
{"text": "Lena left Kite Works", "_view_id": "ner", "spans": [{"start": 10, "end": 20, "label": "ORG"}], "answer": "accept"}
{"text": "Nobody came", "_is_binary": true, "spans": [{"start": 0, "end": 6, "label": "PER"}], "answer": "reject"}
{"text": "Bo came", "_view_id": "ner_manual", "spans": [], "answer": "accept"}
"#;
    let corpus = load("teach.jsonl", text, &ReadOptions::default());
    let [issue] = of(&corpus, "words-unknown")[..] else {
        panic!("{:?}", corpus.issues);
    };
    assert_eq!(issue.severity, Severity::Warning);
    assert!(
        issue.message.starts_with("5 words in 2 partly labelled"),
        "{issue}"
    );
    assert!(corpus.documents.iter().all(|doc| doc.unknown.is_empty()));
    let options = ReadOptions {
        mask_unknown: true,
        ..ReadOptions::default()
    };
    let corpus = load("teach.jsonl", text, &options);
    let known: Vec<Vec<bool>> = corpus
        .documents
        .iter()
        .map(|doc| doc.known_words())
        .collect();
    let expected = [
        vec![true, false, false, false],
        vec![false, false, true, true],
        vec![true, true],
    ];
    assert_eq!(known, expected);
}
