//! What scores mean: the interval around F1, what is against the figure, the weakest label, the mistakes to look
//! at first, and whether one model is better than another on the same documents.
//!
//! Everything follows from the counts of a report, so that one of any age can be judged.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use tagsmith_protocol::{
    Caveat, Judgement, MistakeAt, MistakeKind, Scores, SplitReport, WeakestLabel,
};

/// The quantile of the normal distribution for an interval of 95 %.
const Z: f64 = 1.96;
/// An interval of F1 (0–1) that is wider says little: settings rarely differ by more.
const WIDE: f64 = 0.1;
/// From this share of the documents on, copies of training texts flatter a score enough to be named.
const COPIES: f64 = 0.02;
/// Without the label, F1 (0–1) must be so much higher for it to be named.
const DRAG: f64 = 0.05;
/// A label with fewer entities is the weakest only where none has as many.
const FEW: usize = 5;
/// Mistakes to look at first.
const WORST: usize = 3;

/// What the scores of a split mean.
pub fn judge(split: &SplitReport) -> Judgement {
    let all = Counts::overall(split);
    let interval = f1_interval(all.correct, all.predicted, all.gold);
    let weakest = weakest(split);
    Judgement {
        interval,
        correct: all.correct,
        predicted: all.predicted,
        caveats: caveats(split, all, interval),
        worst: worst(
            split,
            weakest.as_ref().map(|weakest| weakest.label.as_str()),
        ),
        weakest,
    }
}

/// The 95 % interval of F1, 0–1, where of `gold` and `predicted` entities `correct` are the same.
///
/// Of the entities that gold or prediction has, the share that both have is a proportion, and F1 is
/// `2p / (1 + p)` of it, which rises with it: the interval is that of Wilson (1927) for the proportion, put
/// through the same formula. A bootstrap would call 16 right of 16 certain; this one does not. Entities of one
/// document are taken for independent, so that the interval is a little too narrow.
pub fn f1_interval(correct: usize, predicted: usize, gold: usize) -> (f64, f64) {
    let all = (predicted + gold).saturating_sub(correct);
    wilson(correct as f64, all as f64)
}

/// As [`f1_interval`], of any two counts.
fn wilson(correct: f64, all: f64) -> (f64, f64) {
    if all <= 0.0 {
        return (0.0, 1.0);
    }
    let share = correct / all;
    let z2 = Z * Z;
    let middle = share + z2 / (2.0 * all);
    let half = Z * (share * (1.0 - share) / all + z2 / (4.0 * all * all)).sqrt();
    let end = |share: f64| {
        let share = (share / (1.0 + z2 / all)).clamp(0.0, 1.0);
        2.0 * share / (1.0 + share)
    };
    (end(middle - half), end(middle + half))
}

/// On how many documents each of two models makes fewer mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Better {
    /// The first does.
    pub first: usize,
    /// The second does.
    pub second: usize,
    /// Chance alone would hardly make such a difference.
    pub is_clear: bool,
}

/// Compares two models on the same documents, by the sign test: on the documents where they differ, chance would
/// let each be ahead as often as the other. McNemar's form with the correction for continuity, at 5 %.
pub fn which_is_better(first: &SplitReport, second: &SplitReport) -> Better {
    let mut mistakes: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for document in &first.errors {
        mistakes.entry(document.document).or_default().0 += document.errors.len();
    }
    for document in &second.errors {
        mistakes.entry(document.document).or_default().1 += document.errors.len();
    }
    let ahead = |order| {
        let orders = mistakes.values().map(|(first, second)| first.cmp(second));
        orders.filter(|found| *found == order).count()
    };
    let (first, second) = (ahead(Ordering::Less), ahead(Ordering::Greater));
    let difference = first.abs_diff(second).saturating_sub(1) as f64;
    Better {
        first,
        second,
        is_clear: difference > Z * ((first + second) as f64).sqrt(),
    }
}

/// Entities of gold, of the prediction, and of both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    correct: usize,
    predicted: usize,
    gold: usize,
}

impl Counts {
    fn overall(split: &SplitReport) -> Self {
        Self::of(&split.metrics.overall, split, None)
    }

    fn label(label: &str, split: &SplitReport) -> Self {
        let scores = split.metrics.labels.get(label).copied();
        Self::of(&scores.unwrap_or_default(), split, Some(label))
    }

    /// `scores` as counts. A precision of 0 says nothing of how many were predicted; the confusion table does.
    fn of(scores: &Scores, split: &SplitReport, label: Option<&str>) -> Self {
        let gold = scores.support;
        let correct = (scores.recall * gold as f64).round() as usize;
        let predicted = match scores.precision > 0.0 {
            true => (correct as f64 / scores.precision).round() as usize,
            false => {
                let cells = split.confusion.iter().filter(|cell| match label {
                    None => cell.predicted.is_some(),
                    Some(label) => cell.predicted.as_deref() == Some(label),
                });
                cells.map(|cell| cell.count).sum()
            }
        };
        Self {
            correct,
            predicted,
            gold,
        }
    }

    fn without(self, other: Self) -> Self {
        Self {
            correct: self.correct.saturating_sub(other.correct),
            predicted: self.predicted.saturating_sub(other.predicted),
            gold: self.gold.saturating_sub(other.gold),
        }
    }

    fn f1(self) -> f64 {
        match self.predicted + self.gold {
            0 => 0.0,
            both => 2.0 * self.correct as f64 / both as f64,
        }
    }
}

fn caveats(split: &SplitReport, all: Counts, interval: (f64, f64)) -> Vec<Caveat> {
    if all.gold == 0 {
        return vec![Caveat::NoEntities];
    }
    let mut found = Vec::new();
    if all.correct == 0 {
        found.push(Caveat::NothingLearned);
    }
    let unknown: usize = split
        .unknown_labels
        .iter()
        .map(|label| Counts::label(label, split).gold)
        .sum();
    if unknown > 0 {
        found.push(Caveat::UnknownLabels {
            labels: split.unknown_labels.clone(),
            entities: unknown,
        });
    }
    if all.correct == 0 {
        return found;
    }
    let (same, near) = (
        split.shared_with_train.unwrap_or_default(),
        split.near_train.unwrap_or_default(),
    );
    if same + near > 0 && (same + near) as f64 >= COPIES * split.documents as f64 {
        found.push(Caveat::Copies { same, near });
    }
    if interval.1 - interval.0 > WIDE {
        found.push(Caveat::FewEntities {
            enough: enough(all),
        });
    }
    found.extend(one_label(split, all));
    found
}

/// About how many gold entities make the interval narrow, two digits of it, where mistakes are as often as now.
fn enough(now: Counts) -> usize {
    let all = (now.predicted + now.gold).saturating_sub(now.correct) as f64;
    let is_narrow = |times: f64| {
        let (low, high) = wilson(now.correct as f64 * times, all * times);
        high - low <= WIDE
    };
    let (mut few, mut many) = (1.0, 2.0);
    while !is_narrow(many) {
        (few, many) = (many, many * 2.0);
    }
    for _ in 0..40 {
        let middle = f64::midpoint(few, many);
        match is_narrow(middle) {
            true => many = middle,
            false => few = middle,
        }
    }
    let entities = now.gold as f64 * many;
    let unit = 10_f64.powf((entities.log10().floor() - 1.0).max(0.0));
    ((entities / unit).ceil() * unit) as usize
}

/// The label without which F1 would be clearly higher: the one without which it would be highest.
fn one_label(split: &SplitReport, all: Counts) -> Option<Caveat> {
    let known = known_labels(split);
    if known.len() < 2 {
        return None;
    }
    let without = |label: &str| all.without(Counts::label(label, split)).f1();
    let label = known
        .into_iter()
        .max_by(|a, b| without(a).total_cmp(&without(b)).then(b.cmp(a)))?;
    let without = without(label);
    (without - all.f1() >= DRAG).then(|| Caveat::OneLabel {
        label: label.to_owned(),
        without,
    })
}

/// The labels of the data that the model has.
fn known_labels(split: &SplitReport) -> Vec<&str> {
    let labels = split.metrics.labels.iter();
    labels
        .filter(|(label, scores)| scores.support > 0 && !split.unknown_labels.contains(label))
        .map(|(label, _)| label.as_str())
        .collect()
}

fn weakest(split: &SplitReport) -> Option<WeakestLabel> {
    let known = known_labels(split);
    let scores = |label: &str| split.metrics.labels[label];
    let enough: Vec<&str> = known
        .iter()
        .copied()
        .filter(|label| scores(label).support >= FEW)
        .collect();
    let some = if enough.is_empty() { known } else { enough };
    let label = some.into_iter().min_by(|a, b| {
        let (a, b) = (scores(a), scores(b));
        a.f1.total_cmp(&b.f1).then(b.support.cmp(&a.support))
    })?;
    let mut kinds: BTreeMap<MistakeKind, usize> = BTreeMap::new();
    let mut others: BTreeMap<&str, usize> = BTreeMap::new();
    for mistake in split.errors.iter().flat_map(|document| &document.errors) {
        let gold = mistake.gold.as_ref().map(|entity| entity.label.as_str());
        let predicted = mistake
            .predicted
            .as_ref()
            .map(|entity| entity.label.as_str());
        if gold != Some(label) && predicted != Some(label) {
            continue;
        }
        *kinds.entry(mistake.kind).or_default() += 1;
        let both = [gold, predicted].into_iter().flatten();
        for other in both.filter(|other| *other != label) {
            *others.entry(other).or_default() += 1;
        }
    }
    // Of what is as frequent, the first in order.
    let (kind, of_kind) = kinds
        .iter()
        .max_by_key(|(kind, count)| (**count, std::cmp::Reverse(**kind)))?;
    let other = others
        .iter()
        .max_by_key(|(name, count)| (**count, std::cmp::Reverse(**name)));
    (split.metrics.overall.f1 > 0.0).then(|| WeakestLabel {
        label: label.to_owned(),
        f1: scores(label).f1,
        kind: *kind,
        of_kind: *of_kind,
        mistakes: kinds.values().sum(),
        confused_with: other.map(|(name, _)| (*name).to_owned()),
    })
}

/// First what the model is surest of and is wrong, because that shows what it misunderstands, or what the
/// annotators did; then what it missed, of the weakest label first.
fn worst(split: &SplitReport, weakest: Option<&str>) -> Vec<MistakeAt> {
    let mut all: Vec<(f32, MistakeAt)> = Vec::new();
    for (document, errors) in split.errors.iter().enumerate() {
        for (mistake, wrong) in errors.errors.iter().enumerate() {
            let gold = wrong.gold.as_ref().map(|entity| entity.label.as_str());
            if gold.is_some_and(|label| split.unknown_labels.iter().any(|other| other == label)) {
                continue;
            }
            let weight = match &wrong.predicted {
                Some(entity) => entity.score.unwrap_or_default(),
                None if gold == weakest => -1.0,
                None => -2.0,
            };
            all.push((weight, MistakeAt { document, mistake }));
        }
    }
    // A stable sort: of those alike, the first in the file.
    all.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let mut taken: Vec<MistakeAt> = Vec::new();
    for (_, at) in all {
        if taken.len() < WORST && taken.iter().all(|other| other.document != at.document) {
            taken.push(at);
        }
    }
    taken
}
