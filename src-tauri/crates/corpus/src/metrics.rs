//! Entity precision, recall and F1, counted as conlleval or as seqeval's strict mode counts.

use std::collections::{BTreeMap, HashSet};

use crate::document::WordSpan;
use crate::scheme::{Scheme, Tag, decode, decode_strict, detect};
pub use tagsmith_protocol::{Convention, Metrics, Scores};

/// Compares predicted with gold tags, sequence by sequence. A missing predicted tag counts as
/// `O`, a predicted tag too many is ignored. `scheme` matters to [`Convention::Strict`] alone;
/// `None` finds it in the gold tags.
pub fn score(
    gold: &[Vec<Tag>],
    predicted: &[Vec<Tag>],
    convention: Convention,
    scheme: Option<Scheme>,
) -> Metrics {
    let scheme = match (convention, scheme) {
        (Convention::Conlleval, _) => Scheme::Iob2, // not looked at
        (Convention::Strict, Some(scheme)) => scheme,
        (Convention::Strict, None) => detect(gold.iter().map(Vec::as_slice)).scheme,
    };
    let read = |tags: &[Tag]| match convention {
        Convention::Conlleval => decode(tags),
        Convention::Strict => decode_strict(tags, scheme),
    };
    let (mut words, mut same_words) = (0, 0);
    let mut counts: BTreeMap<String, Counts> = BTreeMap::new();
    for (i, gold) in gold.iter().enumerate() {
        let mut guess = predicted.get(i).cloned().unwrap_or_default();
        guess.resize(gold.len(), Tag::Outside);
        words += gold.len();
        same_words += gold.iter().zip(&guess).filter(|(a, b)| a == b).count();
        let (gold, guess) = (read(gold), read(&guess));
        let known: HashSet<&WordSpan> = gold.iter().collect();
        for span in &gold {
            counts.entry(span.label.clone()).or_default().gold += 1;
        }
        for span in &guess {
            let count = counts.entry(span.label.clone()).or_default();
            count.predicted += 1;
            count.correct += usize::from(known.contains(span));
        }
    }
    let mut all = Counts::default();
    for count in counts.values() {
        all.gold += count.gold;
        all.predicted += count.predicted;
        all.correct += count.correct;
    }
    let labels: BTreeMap<String, Scores> = counts
        .into_iter()
        .map(|(label, count)| (label, count.scores()))
        .collect();
    let mean = |of: fn(&Scores) -> f64| ratio(labels.values().map(of).sum(), labels.len());
    Metrics {
        convention,
        overall: all.scores(),
        macro_: Scores {
            precision: mean(|s| s.precision),
            recall: mean(|s| s.recall),
            f1: mean(|s| s.f1),
            support: all.gold,
        },
        token_accuracy: ratio(same_words as f64, words),
        labels,
    }
}

#[derive(Clone, Copy, Default)]
struct Counts {
    gold: usize,
    predicted: usize,
    correct: usize,
}

impl Counts {
    fn scores(self) -> Scores {
        let correct = self.correct as f64;
        let (precision, recall) = (ratio(correct, self.predicted), ratio(correct, self.gold));
        // The harmonic mean of the two; 2c/(g+p) is the same without a second division by 0.
        let f1 = ratio(2.0 * correct, self.gold + self.predicted);
        Scores {
            precision,
            recall,
            f1,
            support: self.gold,
        }
    }
}

fn ratio(part: f64, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part / whole as f64 }
}
