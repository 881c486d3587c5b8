//! Scores of a model on documents with gold spans, and every wrong prediction.

use crate::error::Error;
use crate::objective::{MeanLoss, Objective};
use crate::options::PredictOptions;
use crate::predict::{Prediction, Tagger};
use std::borrow::Cow;
use std::collections::BTreeMap;
use tagsmith_corpus::{
    Convention, Document, OffsetMap, Scheme, Span, Tag, WordSpan, encode, labels, score,
};
use tagsmith_protocol::{Confusion, DocumentErrors, Entity, Mistake, MistakeKind, SplitReport};

/// Spans of a text as entities with character offsets, in their order.
pub fn entities(text: &str, spans: &[Span]) -> Vec<Entity> {
    let offsets = OffsetMap::new(text);
    let char_of = |byte| {
        offsets
            .char_of_byte(byte)
            .expect("spans lie on character edges of their text")
    };
    spans
        .iter()
        .map(|span| Entity {
            start: char_of(span.start),
            end: char_of(span.end),
            label: span.label.clone(),
            text: text[span.start..span.end].to_owned(),
            score: span.score,
        })
        .collect()
}

/// Predicts `documents` and compares with their gold spans.
///
/// # Errors
/// As [`Tagger::predict`].
pub fn evaluate(
    tagger: &Tagger,
    documents: &[Document],
    file: &str,
    options: &PredictOptions,
    convention: Convention,
    progress: impl FnMut(usize, usize),
) -> Result<(SplitReport, Vec<Prediction>), Error> {
    let predictions = tagger.predict(documents, options, progress)?;
    let report = compare(tagger, documents, &predictions, file, convention);
    Ok((report, predictions))
}

fn compare(
    tagger: &Tagger,
    documents: &[Document],
    predictions: &[Prediction],
    file: &str,
    convention: Convention,
) -> SplitReport {
    let tags = &tagger.tags;
    let scoring_scheme = match tags.scheme() {
        Scheme::Io => Scheme::Iob2,
        scheme => scheme,
    };
    let mut gold_tags: Vec<Vec<Tag>> = Vec::with_capacity(documents.len());
    let mut predicted_tags: Vec<Vec<Tag>> = Vec::with_capacity(documents.len());
    let mut errors = Vec::new();
    let mut confusion: BTreeMap<(Option<String>, Option<String>), usize> = BTreeMap::new();
    let (mut moved, mut lost, mut words, mut without) = (0, 0, 0, 0);
    let mut loss = MeanLoss::default();
    for (place, (document, prediction)) in documents.iter().zip(predictions).enumerate() {
        let gold = document.word_spans();
        moved += gold.moved;
        lost += gold.lost;
        words += document.words.len();
        without += prediction
            .emissions
            .iter()
            .filter(|word| word.is_none())
            .count();
        let right_tags = tags.tags_of(document.words.len(), &gold.spans);
        let mut targets: Vec<Option<usize>> = right_tags.iter().map(|tag| tags.id(tag)).collect();
        let mut ids = Cow::Borrowed(&prediction.ids);
        if !document.unknown.is_empty() {
            // What nobody has looked at is neither right nor wrong.
            let words = targets.iter_mut().zip(ids.to_mut());
            for ((target, id), known) in words.zip(document.known_words()) {
                if !known {
                    (*target, *id) = (None, tags.outside());
                }
            }
        }
        loss.add_document(&Objective::default(), &prediction.emissions, &targets);
        let found = tags.spans_of(&ids);
        let pairs = pair(&gold.spans, &found);
        for (gold, found) in &pairs {
            let label = |span: &Option<&WordSpan>| span.map(|span| span.label.clone());
            *confusion.entry((label(gold), label(found))).or_default() += 1;
        }
        if pairs.iter().any(|(gold, found)| gold != found) {
            let (right, wrong) = right_and_wrong(document, prediction, &found, &pairs);
            errors.push(DocumentErrors {
                document: place,
                line: document.line,
                file: None,
                text: document.text.clone(),
                right,
                errors: wrong,
            });
        }
        // Tags of IO cannot part two entities that touch: there the spans are compared instead.
        let words = document.words.len();
        gold_tags.push(match tags.scheme() {
            Scheme::Io => encode(words, &gold.spans, Scheme::Iob2),
            _ => right_tags,
        });
        predicted_tags.push(match tags.scheme() {
            Scheme::Io => encode(words, &found, Scheme::Iob2),
            _ => ids.iter().map(|id| tags.tag(*id).clone()).collect(),
        });
    }
    SplitReport {
        file: file.into(),
        documents: documents.len(),
        words,
        words_without_pieces: without,
        moved_entities: moved,
        lost_entities: lost,
        cut_words: predictions
            .iter()
            .map(|prediction| prediction.truncated_words)
            .sum(),
        shared_with_train: None,
        near_train: None,
        unknown_labels: labels(documents)
            .into_iter()
            .filter(|label| !tags.has_label(label))
            .collect(),
        loss: loss.value(),
        metrics: score(
            &gold_tags,
            &predicted_tags,
            convention,
            Some(scoring_scheme),
        ),
        confusion: confusion
            .into_iter()
            .map(|((gold, predicted), count)| Confusion {
                gold,
                predicted,
                count,
            })
            .collect(),
        errors,
        judgement: None,
    }
}

type Pair<'a> = (Option<&'a WordSpan>, Option<&'a WordSpan>);

/// Each gold and each predicted span exactly once: equal ones together, then same words, then
/// overlapping ones with the most shared words first in text order; the rest alone.
fn pair<'a>(gold: &'a [WordSpan], found: &'a [WordSpan]) -> Vec<Pair<'a>> {
    let mut free: Vec<&WordSpan> = found.iter().collect();
    let mut partner: Vec<Option<&WordSpan>> = vec![None; gold.len()];
    let closeness: [fn(&WordSpan, &WordSpan) -> bool; 4] = [
        |a, b| a == b,
        |a, b| (a.first, a.end) == (b.first, b.end),
        |a, b| a.label == b.label && overlap(a, b),
        overlap,
    ];
    for close in closeness {
        for (gold, partner) in gold.iter().zip(&mut partner) {
            if partner.is_none()
                && let Some(place) = free.iter().position(|span| close(gold, span))
            {
                *partner = Some(free.remove(place));
            }
        }
    }
    let mut pairs: Vec<Pair> = gold.iter().map(Some).zip(partner).collect();
    pairs.extend(free.into_iter().map(|span| (None, Some(span))));
    pairs.sort_by_key(|(gold, found)| gold.or(*found).map(|span| span.first));
    pairs
}

fn overlap(a: &WordSpan, b: &WordSpan) -> bool {
    a.first < b.end && b.first < a.end
}

/// The predictions of a document that are right, and the mistakes in it.
fn right_and_wrong(
    document: &Document,
    prediction: &Prediction,
    found: &[WordSpan],
    pairs: &[Pair],
) -> (Vec<Entity>, Vec<Mistake>) {
    // Predicted spans and word spans are the same entities in the same order.
    let scored = entities(&document.text, &prediction.spans);
    let entity_of = |span: &WordSpan| {
        let place = found.iter().position(|other| other == span)?;
        scored.get(place).cloned()
    };
    let gold_entity = |span: &WordSpan| {
        let span = Span {
            start: document.words[span.first].start,
            end: document.words[span.end - 1].end,
            label: span.label.clone(),
            score: None,
        };
        entities(&document.text, &[span]).pop()
    };
    let (right, wrong): (Vec<&Pair>, Vec<&Pair>) =
        pairs.iter().partition(|(gold, found)| gold == found);
    let right = right.into_iter().filter_map(|(_, found)| *found);
    let wrong = wrong.into_iter().map(|(gold, found)| Mistake {
        kind: kind(*gold, *found),
        gold: gold.and_then(gold_entity),
        predicted: found.and_then(entity_of),
    });
    (right.filter_map(entity_of).collect(), wrong.collect())
}

fn kind(gold: Option<&WordSpan>, found: Option<&WordSpan>) -> MistakeKind {
    match (gold, found) {
        (None, _) => MistakeKind::Spurious,
        (_, None) => MistakeKind::Missed,
        (Some(a), Some(b)) if (a.first, a.end) == (b.first, b.end) => MistakeKind::Label,
        (Some(a), Some(b)) if a.label == b.label => MistakeKind::Boundary,
        _ => MistakeKind::LabelAndBoundary,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(text: &str) -> Vec<WordSpan> {
        text.split_whitespace()
            .map(|part| {
                let (label, range) = part.split_once(':').unwrap();
                let (first, end) = range.split_once('-').unwrap();
                WordSpan {
                    first: first.parse().unwrap(),
                    end: end.parse().unwrap(),
                    label: label.into(),
                }
            })
            .collect()
    }

    #[test]
    fn each_mistake_has_one_kind() {
        use MistakeKind::{Boundary, Label, LabelAndBoundary, Missed, Spurious};
        let cases: [(&str, &str, &[MistakeKind]); 7] = [
            ("X:0-2", "X:0-2", &[]),
            ("X:0-2", "", &[Missed]),
            ("", "X:0-2", &[Spurious]),
            ("X:0-2", "Y:0-2", &[Label]),
            ("X:0-2", "X:1-3", &[Boundary]),
            ("X:0-2", "Y:1-3", &[LabelAndBoundary]),
            ("X:0-4", "X:0-1 X:2-4", &[Boundary, Spurious]),
        ];
        for (gold, found, expected) in cases {
            let (gold, found) = (spans(gold), spans(found));
            let kinds: Vec<MistakeKind> = pair(&gold, &found)
                .iter()
                .filter(|(gold, found)| gold != found)
                .map(|(gold, found)| kind(*gold, *found))
                .collect();
            assert_eq!(kinds, expected);
        }
    }

    #[test]
    fn entities_count_characters_not_bytes() {
        let text = "Zoë 🎉 Müller";
        let start = text.find('M').unwrap();
        let span = Span {
            start,
            end: text.len(),
            label: "P".into(),
            score: None,
        };
        let entity = &entities(text, &[span])[0];
        assert_eq!(
            (entity.start, entity.end, entity.text.as_str()),
            (6, 12, "Müller")
        );
    }
}
