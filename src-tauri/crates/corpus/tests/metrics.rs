//! Our scores against those of seqeval and conlleval, stored by `tests/reference/metrics.py`.

use std::collections::BTreeMap;

use serde::Deserialize;
use tagsmith_corpus::{Convention, Metrics, Scheme, Scores, Tag, score};

#[derive(Deserialize)]
struct Reference {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    scheme: Scheme,
    gold: Vec<String>,
    predicted: Vec<String>,
    token_accuracy: f64,
    seqeval_strict: Expected,
    seqeval_default: Expected,
    conlleval: Counts,
}

/// Precision, recall, F1, support.
type Row = (f64, f64, f64, usize);

#[derive(Deserialize)]
struct Expected {
    overall: Row,
    r#macro: Row,
    labels: BTreeMap<String, Row>,
}

/// Gold, predicted, correct.
#[derive(Deserialize)]
struct Counts {
    overall: (usize, usize, usize),
    labels: BTreeMap<String, (usize, usize, usize)>,
    tags: (usize, usize, usize),
}

fn tags(lines: &[String]) -> Vec<Vec<Tag>> {
    let read = |line: &String| {
        line.split(' ')
            .map(|t| Tag::parse(t).expect("the fixture holds tags"))
            .collect()
    };
    lines.iter().map(read).collect()
}

fn check(found: Scores, expected: Row, what: &str) {
    let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
    assert!(
        close(found.precision, expected.0)
            && close(found.recall, expected.1)
            && close(found.f1, expected.2)
            && found.support == expected.3,
        "{what}: {found:?}, expected {expected:?}"
    );
}

fn check_all(found: &Metrics, expected: &Expected, what: &str) {
    check(found.overall, expected.overall, what);
    check(found.macro_, expected.r#macro, what);
    assert!(
        found.labels.keys().eq(expected.labels.keys()),
        "{what}: {:?}",
        found.labels
    );
    for (label, row) in &expected.labels {
        check(found.labels[label], *row, what);
    }
}

/// What the conlleval program prints for these counts: 0 where there is nothing to divide by.
fn row((gold, predicted, correct): (usize, usize, usize)) -> Row {
    let ratio = |whole: usize| {
        if whole == 0 {
            0.0
        } else {
            correct as f64 / whole as f64
        }
    };
    let (p, r) = (ratio(predicted), ratio(gold));
    (
        p,
        r,
        if p + r == 0.0 {
            0.0
        } else {
            2.0 * p * r / (p + r)
        },
        gold,
    )
}

#[test]
fn scores_equal_seqeval_and_conlleval() {
    let reference: Reference = serde_json::from_str(include_str!("fixtures/metrics.json")).unwrap();
    assert!(reference.cases.len() >= 200);
    for (i, case) in reference.cases.iter().enumerate() {
        let (gold, predicted) = (tags(&case.gold), tags(&case.predicted));
        let strict = score(&gold, &predicted, Convention::Strict, Some(case.scheme));
        check_all(&strict, &case.seqeval_strict, &format!("case {i}, strict"));

        let found = score(&gold, &predicted, Convention::Conlleval, None);
        check_all(&found, &case.seqeval_default, &format!("case {i}, default"));
        assert!(
            (found.token_accuracy - case.token_accuracy).abs() < 1e-12,
            "case {i}"
        );

        let counts = &case.conlleval;
        check(
            found.overall,
            row(counts.overall),
            &format!("case {i}, conlleval"),
        );
        for (label, counts) in &counts.labels {
            check(
                found.labels[label],
                row(*counts),
                &format!("case {i}, conlleval {label}"),
            );
        }
        assert_eq!(counts.tags.0, gold.iter().map(Vec::len).sum::<usize>());
        let accuracy = counts.tags.2 as f64 / counts.tags.0 as f64;
        assert!((found.token_accuracy - accuracy).abs() < 1e-12, "case {i}");
    }
}

#[test]
fn nothing_to_score_is_zero_and_not_nan() {
    for (gold, predicted) in [(vec![], vec![]), (vec![vec![Tag::Outside]], vec![])] {
        for convention in [Convention::Conlleval, Convention::Strict] {
            let found = score(&gold, &predicted, convention, None);
            assert_eq!((found.overall, found.macro_), Default::default());
            assert!(found.labels.is_empty() && found.token_accuracy.is_finite());
        }
    }
}

#[test]
fn missing_predictions_count_as_outside() {
    let gold = tags(&["B-X O B-X".into(), "B-X".into()]);
    let predicted = tags(&["B-X".into()]);
    let found = score(&gold, &predicted, Convention::Conlleval, None);
    assert_eq!((found.overall.support, found.overall.precision), (3, 1.0));
    assert!((found.overall.recall - 1.0 / 3.0).abs() < 1e-12);
    assert!((found.token_accuracy - 0.5).abs() < 1e-12);
}

#[test]
fn json_has_the_agreed_shape() {
    let gold = tags(&["B-X O".into()]);
    let found = score(&gold, &gold, Convention::Conlleval, None);
    let row = r#"{"precision":1.0,"recall":1.0,"f1":1.0,"support":1}"#;
    let expected = format!(
        r#"{{"convention":"conlleval","overall":{row},"macro":{row},"labels":{{"X":{row}}},"token_accuracy":1.0}}"#
    );
    let text = serde_json::to_string(&found).unwrap();
    assert_eq!(text, expected);
    assert_eq!(serde_json::from_str::<Metrics>(&text).unwrap(), found);
}
