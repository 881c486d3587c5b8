//! Splits documents: into a training and a held-out set here, by fractions in [`stratified`].

pub(crate) mod stratified;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::document::Document;
use crate::similarity::folded;

/// Holds out a `fraction` (0–1) of the documents; returns those to train on and those held out,
/// each in the order they came. The same documents, fraction and seed always give the same answer.
///
/// Sentences of one source document stay together where there are several source documents, and
/// so do identical texts, so that nothing held out has been seen in training. Labels that occur
/// in several places are found on both sides as far as the fraction allows.
pub fn train_dev_split(
    documents: Vec<Document>,
    fraction: f64,
    seed: u64,
) -> (Vec<Document>, Vec<Document>) {
    let all: Vec<&Document> = documents.iter().collect();
    let held = held_out(&all, fraction, seed);
    let mut sides = (Vec::with_capacity(documents.len()), Vec::new());
    for (document, held) in documents.into_iter().zip(held) {
        if held {
            sides.1.push(document)
        } else {
            sides.0.push(document)
        }
    }
    sides
}

/// For each document whether [`train_dev_split`] holds it out; a single one is not.
pub(crate) fn held_out(documents: &[&Document], fraction: f64, seed: u64) -> Vec<bool> {
    let n = documents.len();
    if n < 2 {
        return vec![false; n];
    }
    let wanted = ((n as f64 * fraction).round() as usize).clamp(1, n - 1);
    let texts = first_with_same(documents.iter().map(|doc| folded(&doc.text)));
    let grouped = documents.iter().all(|doc| doc.group.is_some());
    let groups = first_with_same(documents.iter().map(|doc| doc.group));
    let (_, units) = Ties {
        groups: grouped.then_some(&groups),
        texts: &texts,
        sides: 2,
        smallest: wanted * 2,
        largest: [n * 4 / 5; 3],
    }
    .units();
    choose(&units, documents, wanted, seed)
}

/// Documents, by index, that stay together.
pub(crate) type Unit = Vec<usize>;

/// What a split kept together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupBy {
    /// Source documents, and documents with the same text.
    SourcesAndTexts,
    /// Source documents alone: texts that many of them share would have tied all to each other.
    Sources,
    /// Documents with the same text.
    Texts,
    /// Only single documents: too many have the same text.
    Documents,
}

/// What ties documents to each other, and how far that may go.
struct Ties<'a> {
    /// For each document the first of its source document, where there are such.
    groups: Option<&'a [usize]>,
    /// For each document the first with the same text.
    texts: &'a [usize],
    /// At least so many units are needed.
    sides: usize,
    /// The smallest unit has at most so many documents.
    smallest: usize,
    /// The largest unit has at most so many documents, where sources and texts, sources, and texts
    /// are kept whole.
    largest: [usize; 3],
}

impl Ties<'_> {
    /// The strictest grouping that still allows splits of nearly the sizes asked for.
    fn units(&self) -> (GroupBy, Vec<Unit>) {
        let n = self.texts.len();
        let mut candidates: Vec<(GroupBy, Vec<&[usize]>, usize)> = Vec::new();
        if let Some(groups) = self.groups {
            let both = vec![groups, self.texts];
            candidates.push((GroupBy::SourcesAndTexts, both, self.largest[0]));
            candidates.push((GroupBy::Sources, vec![groups], self.largest[1]));
        }
        candidates.push((GroupBy::Texts, vec![self.texts], self.largest[2]));
        for (whole, ties, most) in candidates {
            let units = join_firsts(n, &ties);
            // One short sentence in every source document ties all of them to each other.
            let smallest = units.iter().map(Vec::len).min().unwrap_or(n);
            let largest = units.iter().map(Vec::len).max().unwrap_or(n);
            if units.len() >= self.sides && smallest <= self.smallest && largest <= most {
                return (whole, units);
            }
        }
        let by_text = join_firsts(n, &[self.texts]);
        if by_text.len() >= self.sides {
            (GroupBy::Texts, by_text)
        } else {
            (GroupBy::Documents, (0..n).map(|i| vec![i]).collect())
        }
    }
}

/// For each item the index of the first equal one.
fn first_with_same<T: std::hash::Hash + Eq>(items: impl Iterator<Item = T>) -> Vec<usize> {
    let mut first: HashMap<T, usize> = HashMap::new();
    items
        .enumerate()
        .map(|(i, item)| *first.entry(item).or_insert(i))
        .collect()
}

/// Joins what any of the ties connects (union-find), in the order of the first member.
pub(crate) fn join(n: usize, ties: &[(usize, usize)]) -> Vec<Unit> {
    let mut parent: Vec<usize> = (0..n).collect();
    for (a, b) in ties {
        let (a, b) = (root(&mut parent, *a), root(&mut parent, *b));
        parent[a.max(b)] = a.min(b);
    }
    let mut units: Vec<Unit> = vec![Vec::new(); n];
    for i in 0..n {
        let root = root(&mut parent, i);
        units[root].push(i);
    }
    units.retain(|unit| !unit.is_empty());
    units
}

/// Joins each item with the one that each of the lists names for it.
fn join_firsts(n: usize, lists: &[&[usize]]) -> Vec<Unit> {
    let ties: Vec<(usize, usize)> = lists
        .iter()
        .flat_map(|firsts| firsts.iter().copied().enumerate())
        .collect();
    join(n, &ties)
}

fn root(parent: &mut [usize], mut i: usize) -> usize {
    while parent[i] != i {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    i
}

fn choose(units: &[Unit], documents: &[&Document], wanted: usize, seed: u64) -> Vec<bool> {
    let Table {
        labels_of,
        units_with,
    } = Table::new(units, |i| documents[i]);
    let order = shuffled(units.len(), seed);
    let mut rank = vec![0; units.len()];
    for (at, unit) in order.iter().enumerate() {
        rank[*unit] = at;
    }
    let mut side = Side {
        left: units_with.iter().map(Vec::len).collect(),
        taken: vec![false; units.len()],
        size: 0,
    };

    // First one unit for each label, the rarest first because they have the least choice.
    let mut labels: Vec<usize> = (0..units_with.len())
        .filter(|l| units_with[*l].len() > 1)
        .collect();
    labels.sort_by_key(|label| units_with[*label].len());
    for label in labels {
        if units_with[label].iter().any(|unit| side.taken[*unit]) {
            continue;
        }
        let fits = |unit: &usize| {
            side.size + units[*unit].len() <= wanted && side.spares(&labels_of[*unit])
        };
        let best = units_with[label]
            .iter()
            .copied()
            .filter(fits)
            .min_by_key(|unit| rank[*unit]);
        if let Some(unit) = best {
            side.take(unit, &units[unit], &labels_of[unit]);
        }
    }
    // Then whatever comes, but not the last unit with some label.
    for &unit in &order {
        let fits = side.size + units[unit].len() <= wanted && !side.taken[unit];
        if fits && side.spares(&labels_of[unit]) {
            side.take(unit, &units[unit], &labels_of[unit]);
        }
    }
    if side.size == 0 {
        // Every unit is too large or too precious: the smallest will do.
        if let Some(&unit) = order.iter().min_by_key(|unit| units[**unit].len()) {
            side.take(unit, &units[unit], &labels_of[unit]);
        }
    }
    let mut held = vec![false; documents.len()];
    for (u, unit) in units.iter().enumerate() {
        unit.iter().for_each(|i| held[*i] = side.taken[u]);
    }
    held
}

/// Which units have which labels, the labels as numbers.
struct Table {
    /// For each unit its labels, and how many spans of each it has.
    labels_of: Vec<Vec<(usize, usize)>>,
    /// For each label the units that have it, in order.
    units_with: Vec<Vec<usize>>,
}

impl Table {
    fn new<'a>(units: &[Unit], document: impl Fn(usize) -> &'a Document) -> Self {
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut units_with: Vec<Vec<usize>> = Vec::new();
        let mut labels_of: Vec<Vec<(usize, usize)>> = vec![Vec::new(); units.len()];
        // Where the label stands among those of the unit at hand.
        let mut places: Vec<usize> = Vec::new();
        for (u, unit) in units.iter().enumerate() {
            for span in unit.iter().flat_map(|i| &document(*i).spans) {
                let label = *numbers.entry(&span.label).or_insert_with(|| {
                    units_with.push(Vec::new());
                    places.push(0);
                    units_with.len() - 1
                });
                if units_with[label].last() != Some(&u) {
                    units_with[label].push(u);
                    places[label] = labels_of[u].len();
                    labels_of[u].push((label, 0));
                }
                labels_of[u][places[label]].1 += 1;
            }
        }
        Self {
            labels_of,
            units_with,
        }
    }
}

/// The held-out side while it is being filled.
struct Side {
    /// Units with each label that stay for training.
    left: Vec<usize>,
    taken: Vec<bool>,
    /// Documents taken.
    size: usize,
}

impl Side {
    fn spares(&self, labels: &[(usize, usize)]) -> bool {
        labels.iter().all(|(label, _)| self.left[*label] > 1)
    }

    fn take(&mut self, at: usize, unit: &Unit, labels: &[(usize, usize)]) {
        self.taken[at] = true;
        self.size += unit.len();
        labels.iter().for_each(|(label, _)| self.left[*label] -= 1);
    }
}

/// The numbers below `n` in an order that the seed fixes: Fisher and Yates' shuffle with
/// SplitMix64 (Steele, Lea and Flood 2014), which is the same on every platform.
pub(crate) fn shuffled(n: usize, seed: u64) -> Vec<usize> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let mut order: Vec<usize> = (0..n).collect();
    for i in (1..n).rev() {
        // The high half of the product is below the bound; its bias is below 2⁻³² for any file.
        let bound = i as u128 + 1;
        order.swap(i, ((u128::from(next()) * bound) >> 64) as usize);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Span;
    use proptest::prelude::*;

    fn doc(text: &str, group: Option<u32>, labels: &[&str]) -> Document {
        let mut doc = Document::from_text(text);
        doc.group = group;
        doc.spans = labels
            .iter()
            .map(|label| Span {
                start: 0,
                end: 1,
                label: (*label).into(),
                score: None,
            })
            .collect();
        doc
    }

    #[test]
    fn small_numbers() {
        assert_eq!(train_dev_split(vec![], 0.1, 1), (vec![], vec![]));
        let one = vec![doc("a", None, &[])];
        assert_eq!(train_dev_split(one.clone(), 0.9, 1), (one, vec![]));
        for fraction in [0.0, 0.1, 0.5, 1.0, f64::NAN, -3.0, 7.0] {
            let (train, held) = train_dev_split(
                vec![doc("a", None, &["X"]), doc("b", None, &["Y"])],
                fraction,
                1,
            );
            assert_eq!((train.len(), held.len()), (1, 1), "{fraction}");
            let (train, held) =
                train_dev_split(vec![doc("a", None, &[]), doc("a", None, &[])], fraction, 1);
            assert_eq!((train.len(), held.len()), (1, 1), "{fraction}");
        }
    }

    /// From a Python version of SplitMix64 that gives its published first output for the seed 0,
    /// 0xe220a8397b1dcdaf.
    #[test]
    fn the_order_is_the_same_everywhere() {
        assert_eq!(shuffled(10, 0), [4, 9, 2, 5, 1, 7, 6, 0, 3, 8]);
        assert_eq!(shuffled(10, 42), [8, 3, 6, 5, 4, 0, 9, 2, 1, 7]);
    }

    #[test]
    fn source_documents_stay_whole() {
        let docs: Vec<Document> = (0..100)
            .map(|i| doc(&format!("sentence {i}"), Some(i / 10), &["X"]))
            .chain([doc("Sentence  0", Some(10), &[])])
            .collect();
        for seed in 0..20 {
            let (train, held) = train_dev_split(docs.clone(), 0.2, seed);
            assert!((10..=20).contains(&held.len()), "{}", held.len());
            assert!(
                train
                    .iter()
                    .all(|a| held.iter().all(|b| a.group != b.group))
            );
        }
        // A sentence that stands in every document does not tie all of them together.
        let tied: Vec<Document> = (0..40)
            .map(|i| doc(if i % 2 == 0 { "Yes." } else { "no" }, Some(i / 4), &[]))
            .collect();
        let (train, held) = train_dev_split(tied, 0.2, 3);
        assert_eq!(held.len(), 8);
        assert!(
            train
                .iter()
                .all(|a| held.iter().all(|b| a.group != b.group))
        );
    }

    #[test]
    fn one_source_document_is_split_by_sentence() {
        let docs: Vec<Document> = (0..50).map(|i| doc(&i.to_string(), Some(0), &[])).collect();
        let (train, held) = train_dev_split(docs, 0.1, 7);
        assert_eq!((train.len(), held.len()), (45, 5));
    }

    #[test]
    fn rare_labels_come_to_both_sides() {
        let docs: Vec<Document> = (0..200)
            .map(|i| match i {
                3 | 77 => doc(&i.to_string(), None, &["RARE"]),
                9..=11 => doc(&i.to_string(), None, &["SELDOM", "COMMON"]),
                50 => doc(&i.to_string(), None, &["ONCE"]),
                _ => doc(&i.to_string(), None, &["COMMON"]),
            })
            .collect();
        for seed in 0..20 {
            let (train, held) = train_dev_split(docs.clone(), 0.1, seed);
            assert_eq!(held.len(), 20);
            assert_eq!(crate::document::labels(&held), ["COMMON", "RARE", "SELDOM"]);
            assert_eq!(
                crate::document::labels(&train),
                ["COMMON", "ONCE", "RARE", "SELDOM"]
            );
        }
    }

    proptest! {
        #[test]
        fn nothing_is_lost_divided_or_reordered(
            texts in prop::collection::vec("[a-d]{1,2}", 2..40),
            fraction in 0.0f64..1.0,
            seed in any::<u64>(),
        ) {
            let docs: Vec<Document> =
                texts.iter().enumerate().map(|(i, t)| Document { line: i + 1, ..doc(t, None, &[&t[..1]]) }).collect();
            let (train, held) = train_dev_split(docs.clone(), fraction, seed);
            prop_assert_eq!(&train_dev_split(docs.clone(), fraction, seed), &(train.clone(), held.clone()));
            prop_assert!(!train.is_empty() && !held.is_empty());
            prop_assert!(train.is_sorted_by_key(|d| d.line) && held.is_sorted_by_key(|d| d.line));
            prop_assert_eq!(train.len() + held.len(), docs.len());
            let distinct: std::collections::HashSet<&String> = texts.iter().collect();
            if distinct.len() > 1 {
                prop_assert_eq!(crate::check::overlap(&train, &held), 0);
            }
        }
    }
}
