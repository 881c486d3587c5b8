//! What is unusual about the data of a run, and worth a warning before it begins.

use std::collections::{BTreeMap, BTreeSet};
use tagsmith_corpus::{Document, overlap};
use tagsmith_protocol::Event;

/// With fewer entities to learn from, a label is hardly learned.
const FEW: usize = 5;

/// What is unusual about the training set. `labels` are those to learn, which a set has none of where all
/// their documents were held out.
pub fn of_training(train: &[Document], labels: &[String]) -> Vec<Event> {
    let mut warnings = Vec::new();
    let mut counts: BTreeMap<&str, usize> = labels.iter().map(|label| (&**label, 0)).collect();
    for span in train.iter().flat_map(|document| &document.spans) {
        *counts.entry(&span.label).or_default() += 1;
    }
    let few: Vec<String> = counts
        .iter()
        .filter(|(_, count)| **count < FEW)
        .map(|(label, count)| format!("`{label}` ({count})"))
        .collect();
    if !few.is_empty() {
        warnings.push(Event::warning(
            "rare-label",
            format!(
                "labels with fewer than {FEW} entities to learn from: {}; mark more of them, join them with another label, or leave them out",
                few.join(", ")
            ),
        ));
    }
    if let [first, second, ..] = train
        && train.iter().all(|document| document.text == first.text)
        && first.text == second.text
    {
        warnings.push(Event::warning(
            "equal-documents",
            format!(
                "all {} training documents have the same text: the model can learn nothing but that; check how the file was read",
                train.len()
            ),
        ));
    }
    warnings
}

/// What is unusual about the split `name` compared with the training set.
pub fn compared(
    name: &str,
    train: &[Document],
    other: &[Document],
    labels: &[String],
) -> Vec<Event> {
    let mut warnings = Vec::new();
    if other.iter().all(|document| document.spans.is_empty()) {
        warnings.push(Event::warning(
            "no-entities",
            format!("the {name} data has no entity: its F1 is 0 whatever the model finds"),
        ));
    }
    let shared = overlap(train, other);
    if shared > 0 {
        warnings.push(Event::warning(
            "overlap",
            format!(
                "{shared} of the {} {name} documents are also in the training set: the {name} score is too good",
                other.len()
            ),
        ));
    }
    let unknown: BTreeSet<&str> = other
        .iter()
        .flat_map(|document| &document.spans)
        .map(|span| span.label.as_str())
        .filter(|label| !labels.iter().any(|known| known == label))
        .collect();
    if !unknown.is_empty() {
        let list: Vec<&str> = unknown.into_iter().collect();
        warnings.push(Event::warning(
            "unknown-label",
            format!(
                "the {name} data has labels that training never shows: {}; they count as missed",
                list.join(", ")
            ),
        ));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use tagsmith_corpus::Span;

    fn document(text: &str, labels: &[&str]) -> Document {
        let mut document = Document::from_text(text);
        document.spans = labels
            .iter()
            .map(|label| Span {
                start: 0,
                end: 1,
                label: (*label).into(),
                score: None,
            })
            .collect();
        document
    }

    fn check(train: &[Document], expected: &[(&str, &str)]) {
        let warnings = of_training(train, &["GONE".into(), "OFTEN".into()]);
        assert_eq!(warnings.len(), expected.len(), "{warnings:?}");
        for (warning, (wanted, part)) in warnings.iter().zip(expected) {
            let Event::Warning { code, message } = warning else {
                panic!("{warning:?}");
            };
            assert_eq!(code, wanted);
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn rare_labels_and_equal_documents_are_named() {
        let often = ["OFTEN"; 5];
        let mixed = [
            document("a", &often),
            document("b", &["SELDOM", "SELDOM"]),
            document("c", &["GONE"; 4]),
        ];
        let few = "`GONE` (4), `SELDOM` (2)";
        check(&mixed, &[("rare-label", few)]);
        let equal = [document("a", &often), document("a", &[])];
        check(
            &equal,
            &[("rare-label", "`GONE` (0)"), ("equal-documents", "all 2")],
        );
        check(&equal[..1], &[("rare-label", "`GONE` (0)")]);
        let enough = [document("a", &["GONE"; 5]), document("b", &often)];
        check(&enough, &[]);
    }
}
