//! What scores mean: intervals against published values, and one report for each thing to say.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

use serde_json::{Value, json};
use tagsmith_corpus::{f1_interval, judge, which_is_better};
use tagsmith_protocol::{Caveat, Judgement, MistakeKind, SplitReport};

/// A split whose labels have these counts: correct, predicted, gold; the errors follow as they are given.
fn split(labels: &[(&str, usize, usize, usize)], errors: &[Value], more: &Value) -> SplitReport {
    let scores = |correct: usize, predicted: usize, gold: usize| {
        let ratio = |of: usize| {
            if of == 0 {
                0.0
            } else {
                correct as f64 / of as f64
            }
        };
        let f1 = 2.0 * correct as f64 / ((predicted + gold).max(1)) as f64;
        json!({"precision": ratio(predicted), "recall": ratio(gold), "f1": f1, "support": gold})
    };
    let sum = |of: fn(&(&str, usize, usize, usize)) -> usize| labels.iter().map(of).sum::<usize>();
    let overall = scores(sum(|l| l.1), sum(|l| l.2), sum(|l| l.3));
    let by_label: serde_json::Map<String, Value> = labels
        .iter()
        .map(|(name, correct, predicted, gold)| {
            ((*name).to_owned(), scores(*correct, *predicted, *gold))
        })
        .collect();
    let confusion: Vec<Value> = labels
        .iter()
        .map(|(name, _, predicted, _)| json!({"gold": null, "predicted": name, "count": predicted}))
        .collect();
    let mut report = json!({
        "file": "f", "documents": 50, "words": 900, "words_without_pieces": 0, "moved_entities": 0,
        "lost_entities": 0, "cut_words": 0, "shared_with_train": 0, "unknown_labels": [], "loss": 0.5,
        "metrics": {"convention": "conlleval", "overall": overall, "macro": overall, "labels": by_label,
            "token_accuracy": 0.9},
        "confusion": confusion, "errors": errors,
    });
    for (key, value) in more.as_object().unwrap() {
        report[key] = value.clone();
    }
    serde_json::from_value(report).unwrap()
}

/// One document with one mistake: gold and predicted are `LABEL` or `LABEL score`, or empty.
fn error(document: usize, kind: &str, gold: &str, predicted: &str) -> Value {
    let entity = |text: &str| {
        let (label, score) = text.split_once(' ').unwrap_or((text, ""));
        match label {
            "" => Value::Null,
            label => json!({"start": 0, "end": 1, "label": label, "text": "x",
                "score": score.parse::<f32>().ok()}),
        }
    };
    json!({"document": document, "line": document + 1, "text": "x y",
        "errors": [{"kind": kind, "gold": entity(gold), "predicted": entity(predicted)}]})
}

fn judged(labels: &[(&str, usize, usize, usize)], errors: &[Value], more: &Value) -> Judgement {
    judge(&split(labels, errors, more))
}

#[test]
fn the_interval_is_wilsons_of_the_share_that_both_have() {
    // Wilson's interval without correction for continuity, Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of
    // 20, 1 of 29. The share p becomes F1 as 2p / (1 + p).
    let published = [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ];
    for (correct, all, low, high) in published {
        let (found_low, found_high) = f1_interval(correct, all, correct);
        let f1 = |share: f64| 2.0 * share / (1.0 + share);
        assert!(
            (found_low - f1(low)).abs() < 2e-4,
            "{correct} of {all}: {found_low}"
        );
        assert!(
            (found_high - f1(high)).abs() < 2e-4,
            "{correct} of {all}: {found_high}"
        );
    }
    assert_eq!(f1_interval(0, 0, 0), (0.0, 1.0));
}

#[test]
fn all_right_of_sixteen_is_not_certain() {
    let found = judged(
        &[("A", 16, 16, 16)],
        &[],
        &json!({"near_train": 9, "shared_with_train": 2}),
    );
    assert!(
        found.interval.0 < 0.9 && found.interval.1 == 1.0,
        "{found:?}"
    );
    assert_eq!(found.caveats[0], Caveat::Copies { same: 2, near: 9 });
    assert!(
        matches!(found.caveats[1], Caveat::FewEntities { enough: 17..=20 }),
        "{found:?}"
    );
    assert_eq!((found.weakest, found.worst), (None, vec![]));
}

#[test]
fn nothing_learned_and_nothing_to_find_are_told_apart() {
    let missed = error(0, "missed", "A", "");
    for predicted in [0, 12] {
        let found = judged(
            &[("A", 0, predicted, 40)],
            std::slice::from_ref(&missed),
            &json!({}),
        );
        assert_eq!(found.caveats, [Caveat::NothingLearned]);
        assert_eq!((found.correct, found.predicted), (0, predicted));
        assert!(found.weakest.is_none() && found.worst.len() == 1);
    }
    let found = judged(&[("A", 0, 3, 0)], &[], &json!({}));
    assert_eq!(found.caveats, [Caveat::NoEntities]);
}

#[test]
fn one_label_that_drags_the_others_is_named_with_what_they_reach() {
    let labels = [("A", 95, 100, 100), ("B", 92, 100, 100), ("C", 10, 60, 80)];
    let errors = [
        error(0, "label", "C", "B 0.9"),
        error(1, "missed", "C", ""),
        error(2, "label", "B", "C 0.7"),
        error(3, "spurious", "", "A 0.99"),
    ];
    let found = judged(&labels, &errors, &json!({}));
    let [Caveat::OneLabel { label, without }] = &found.caveats[..] else {
        panic!("{found:?}");
    };
    assert_eq!(label, "C");
    // 187 correct, 200 predicted, 200 gold.
    assert!((without - 0.935).abs() < 1e-9);
    let weakest = found.weakest.unwrap();
    assert_eq!(
        (weakest.label.as_str(), weakest.kind),
        ("C", MistakeKind::Label)
    );
    assert_eq!((weakest.of_kind, weakest.mistakes), (2, 3));
    assert_eq!(weakest.confused_with.as_deref(), Some("B"));
    // What it was surest of, and each in another document.
    let documents: Vec<usize> = found.worst.iter().map(|at| at.document).collect();
    assert_eq!(documents, [3, 0, 2]);
    // A label alone drags nobody.
    let alone = judged(&[("C", 100, 600, 800)], &errors[1..2], &json!({}));
    assert_eq!(alone.caveats, []);
}

#[test]
fn labels_that_the_model_does_not_have_are_no_weakness_of_it() {
    let errors = [error(0, "missed", "Z", ""), error(1, "missed", "A", "")];
    let labels = [("A", 300, 300, 301), ("Z", 0, 0, 20)];
    let found = judged(&labels, &errors, &json!({"unknown_labels": ["Z"]}));
    let unknown = Caveat::UnknownLabels {
        labels: vec!["Z".into()],
        entities: 20,
    };
    assert_eq!(found.caveats, [unknown]);
    assert_eq!(found.weakest.unwrap().label, "A");
    assert_eq!(found.worst.len(), 1);
}

#[test]
fn a_few_copies_among_many_documents_are_not_worth_a_word() {
    let found = judged(
        &[("A", 900, 910, 920)],
        &[],
        &json!({"documents": 1000, "near_train": 3}),
    );
    assert_eq!(found.caveats, []);
}

#[test]
fn two_models_differ_where_the_sign_test_says_so() {
    let with = |documents: std::ops::Range<usize>| {
        let errors: Vec<Value> = documents.map(|at| error(at, "missed", "A", "")).collect();
        split(&[("A", 10, 10, 10)], &errors, &json!({}))
    };
    // On six documents against none chance is at 3 %, on five at 6 %.
    for (documents, is_clear) in [(6, true), (5, false)] {
        let better = which_is_better(&with(0..0), &with(0..documents));
        assert_eq!(
            (better.first, better.second, better.is_clear),
            (documents, 0, is_clear)
        );
    }
    // The same mistakes on the same documents say nothing, however many.
    let same = which_is_better(&with(0..40), &with(0..40));
    assert_eq!((same.first, same.second, same.is_clear), (0, 0, false));
    let turned = which_is_better(&with(0..20), &with(15..18));
    assert_eq!(
        (turned.first, turned.second, turned.is_clear),
        (0, 17, true)
    );
}
