//! Repairs that move documents between splits or take them out: duplicates, leaks, splits, samples.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{RepairError, Split};
use crate::document::Document;
use crate::options::Stop;
use crate::similarity::{folded, nearly_same, nearly_same_within};
use crate::split::{GroupBy, held_out, join, shuffled, stratified};

/// The split that a model is trained on.
const TRAIN: &str = "train";

/// Where each document goes.
pub(super) struct Disposition {
    /// The names of the splits afterwards.
    pub splits: Vec<String>,
    /// For each document of each split the number of its new split; `None`: it goes.
    pub of: Vec<Vec<Option<usize>>>,
    /// What [`Repair::Split`](crate::Repair::Split) kept together.
    pub whole: Option<GroupBy>,
}

impl Disposition {
    /// Everything stays.
    fn stay(dataset: &[Split]) -> Self {
        Self {
            splits: dataset.iter().map(|split| split.name.clone()).collect(),
            of: dataset
                .iter()
                .enumerate()
                .map(|(p, split)| vec![Some(p); split.corpus.documents.len()])
                .collect(),
            whole: None,
        }
    }

    pub fn duplicates(dataset: &[Split], near: bool, stop: &Stop) -> Self {
        let mut disposition = Self::stay(dataset);
        for (disposition, split) in disposition.of.iter_mut().zip(dataset) {
            let mut seen = HashSet::new();
            let classes = classes(std::slice::from_ref(split), near, stop);
            for (fate, class) in disposition.iter_mut().zip(classes.into_iter().flatten()) {
                if class.is_some_and(|class| !seen.insert(class)) {
                    *fate = None;
                }
            }
        }
        disposition
    }

    pub fn leaking(dataset: &[Split], near: bool, stop: &Stop) -> Result<Self, RepairError> {
        let train = number_of(dataset, TRAIN)?;
        let mut disposition = Self::stay(dataset);
        let classes = classes(dataset, near, stop);
        // In which split a class stands, or that it stands in several.
        let mut found: HashMap<usize, Option<usize>> = HashMap::new();
        for (p, classes) in classes.iter().enumerate() {
            for class in classes.iter().flatten() {
                let place = found.entry(*class).or_insert(Some(p));
                if *place != Some(p) {
                    *place = None;
                }
            }
        }
        let leaks = |class: &Option<usize>| class.is_some_and(|class| found[&class].is_none());
        // What `train` has of the leaking texts, with their labels.
        let mut known: HashSet<Labelled> = HashSet::new();
        let documents = &dataset[train].corpus.documents;
        for (document, class) in documents.iter().zip(&classes[train]) {
            if leaks(class) {
                known.insert(labelled(document));
            }
        }
        for (p, split) in dataset.iter().enumerate().filter(|(p, _)| *p != train) {
            for (i, document) in split.corpus.documents.iter().enumerate() {
                if leaks(&classes[p][i]) {
                    disposition.of[p][i] = known.insert(labelled(document)).then_some(train);
                }
            }
        }
        Ok(disposition)
    }

    /// Each split that is missing takes its fraction of all that `train` has at first.
    pub fn hold_out(
        dataset: &[Split],
        fractions: &BTreeMap<String, f64>,
        seed: u64,
    ) -> Result<Self, RepairError> {
        let sum = sum_of(fractions)?;
        if sum >= 1.0 {
            return Err(RepairError::HeldOut { sum });
        }
        let Ok(train) = number_of(dataset, TRAIN) else {
            return Ok(Self::stay(dataset));
        };
        let documents = &dataset[train].corpus.documents;
        let mut missing: Vec<&String> = fractions.keys().collect();
        missing.retain(|name| dataset.iter().all(|split| split.name != **name));
        // What is scored in the end comes before what chooses the model.
        missing.sort_by_key(|name| Reverse(super::moves::rank(name)));
        let mut left: Vec<usize> = (0..documents.len()).collect();
        let mut held: Vec<(&String, Vec<usize>)> = Vec::new();
        for name in missing {
            if left.len() < 2 {
                break;
            }
            let fraction = (fractions[name] * documents.len() as f64 / left.len() as f64).min(1.0);
            let rest: Vec<&Document> = left.iter().map(|i| &documents[*i]).collect();
            let mut goes = held_out(&rest, fraction, seed).into_iter();
            let (out, stays) = left.into_iter().partition(|_| goes.next() == Some(true));
            held.push((name, out));
            left = stays;
        }
        let mut names: Vec<String> = dataset.iter().map(|split| split.name.clone()).collect();
        names.extend(held.iter().map(|(name, _)| (*name).clone()));
        names.sort_by_key(|name| super::moves::rank(name));
        let number = |wanted: &str| names.iter().position(|name| name == wanted);
        let mut of: Vec<Vec<Option<usize>>> = dataset
            .iter()
            .map(|split| vec![number(&split.name); split.corpus.documents.len()])
            .collect();
        for (name, documents) in &held {
            for document in documents {
                of[train][*document] = number(name);
            }
        }
        Ok(Self {
            splits: names,
            of,
            whole: None,
        })
    }

    pub fn split(
        dataset: &[Split],
        fractions: &BTreeMap<String, f64>,
        seed: u64,
        grouped: bool,
    ) -> Result<Self, RepairError> {
        check_fractions(fractions)?;
        let documents: Vec<&Document> = dataset
            .iter()
            .flat_map(|split| &split.corpus.documents)
            .collect();
        if documents.len() < fractions.len() {
            return Err(RepairError::TooFewDocuments {
                documents: documents.len(),
                splits: fractions.len(),
            });
        }
        let mut names: Vec<String> = fractions.keys().cloned().collect();
        names.sort_by_key(|name| super::moves::rank(name));
        let groups = sources(dataset);
        let by_name: Vec<f64> = names.iter().map(|name| fractions[name]).collect();
        let groups = groups.filter(|_| grouped);
        let assignment =
            stratified::stratified_split(&documents, groups.as_deref(), &by_name, seed);
        let mut numbers = assignment.splits.into_iter().map(Some);
        Ok(Self {
            of: dataset
                .iter()
                .map(|split| {
                    numbers
                        .by_ref()
                        .take(split.corpus.documents.len())
                        .collect()
                })
                .collect(),
            splits: names,
            whole: Some(assignment.whole),
        })
    }

    pub fn sample(
        dataset: &[Split],
        split: &str,
        documents: usize,
        seed: u64,
    ) -> Result<Self, RepairError> {
        let split = number_of(dataset, split)?;
        let mut disposition = Self::stay(dataset);
        let order = shuffled(disposition.of[split].len(), seed);
        for i in order.into_iter().skip(documents) {
            disposition.of[split][i] = None;
        }
        Ok(disposition)
    }
}

fn number_of(dataset: &[Split], wanted: &str) -> Result<usize, RepairError> {
    let found = dataset.iter().position(|split| split.name == wanted);
    found.ok_or_else(|| {
        let names: Vec<String> = dataset
            .iter()
            .map(|split| format!("`{}`", split.name))
            .collect();
        RepairError::NoSuchSplit {
            name: wanted.into(),
            available: match names.is_empty() {
                true => "none".into(),
                false => names.join(", "),
            },
        }
    })
}

fn check_fractions(fractions: &BTreeMap<String, f64>) -> Result<(), RepairError> {
    let sum = sum_of(fractions)?;
    match (sum - 1.0).abs() < 1e-6 {
        true => Ok(()),
        false => Err(RepairError::Fractions { sum }),
    }
}

/// The sum of the fractions, after checking each name and number.
fn sum_of(fractions: &BTreeMap<String, f64>) -> Result<f64, RepairError> {
    for (name, fraction) in fractions {
        let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || !name.chars().all(plain) {
            return Err(RepairError::SplitName { name: name.clone() });
        }
        // NaN is not above 0 either.
        if !(*fraction > 0.0 && *fraction <= 1.0) {
            return Err(RepairError::Fraction {
                split: name.clone(),
                fraction: *fraction,
            });
        }
    }
    // The sum of nothing is −0, which reads oddly.
    Ok(fractions.values().sum::<f64>() + 0.0)
}

/// For each document its source document, numbered over all splits; one that has none is its own.
/// `None` where no document has one.
fn sources(dataset: &[Split]) -> Option<Vec<usize>> {
    let mut numbers: HashMap<(usize, u32), usize> = HashMap::new();
    let mut next = 0;
    let mut found = Vec::new();
    for (p, split) in dataset.iter().enumerate() {
        for document in &split.corpus.documents {
            let number = match document.group {
                Some(group) => *numbers.entry((p, group)).or_insert(next),
                None => next,
            };
            next = next.max(number + 1);
            found.push(number);
        }
    }
    (!numbers.is_empty()).then_some(found)
}

/// For each document of each split a number that those with the same text share, white space aside,
/// and those with nearly the same text where that is asked for.
/// A document without words has none: it teaches nothing, and gives nothing away.
fn classes(dataset: &[Split], near: bool, stop: &Stop) -> Vec<Vec<Option<usize>>> {
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut classes: Vec<Vec<Option<usize>>> = Vec::with_capacity(dataset.len());
    for split in dataset {
        let of_split = split.corpus.documents.iter().map(|document| {
            let next = numbers.len();
            (!document.words.is_empty())
                .then(|| *numbers.entry(folded(&document.text)).or_insert(next))
        });
        classes.push(of_split.collect());
    }
    if near {
        let mut texts = vec![String::new(); numbers.len()];
        for (text, number) in numbers {
            texts[number] = text;
        }
        let same = nearly_same_classes(&texts, &classes, stop);
        for class in classes.iter_mut().flatten().flatten() {
            *class = same[*class];
        }
    }
    classes
}

/// For each text the first of those that are nearly the same as it, or as one that is so.
fn nearly_same_classes(
    texts: &[String],
    classes: &[Vec<Option<usize>>],
    stop: &Stop,
) -> Vec<usize> {
    let mut ties: Vec<(usize, usize)> = nearly_same_within(texts, stop)
        .iter()
        .enumerate()
        .filter_map(|(text, near)| Some((text, near.as_ref()?.document)))
        .collect();
    // Of several texts that are nearly the same, one is named, which may be one of the same split:
    // the splits are held against each other as well.
    let splits: Vec<Vec<usize>> = classes
        .iter()
        .map(|split| split.iter().flatten().copied().collect::<BTreeSet<usize>>())
        .map(|numbers| numbers.into_iter().collect())
        .collect();
    let texts_of = |split: &[usize]| -> Vec<&str> {
        split.iter().map(|number| texts[*number].as_str()).collect()
    };
    for (p, known) in splits.iter().enumerate() {
        for other in &splits[p + 1..] {
            let found = nearly_same(&texts_of(known), &texts_of(other), stop);
            let found = found.iter().zip(other);
            ties.extend(
                found.filter_map(|(near, text)| Some((*text, known[near.as_ref()?.document]))),
            );
        }
    }
    let mut firsts: Vec<usize> = (0..texts.len()).collect();
    for unit in join(texts.len(), &ties) {
        for text in &unit {
            firsts[*text] = unit[0];
        }
    }
    firsts
}

/// A text and its spans, white space aside: what must be equal for a document to be known already.
type Labelled = (String, Vec<(usize, usize, String)>);

fn labelled(document: &Document) -> Labelled {
    // The number of characters other than white space before each edge.
    let count = |edge: usize| {
        let before = document.text.get(..edge).unwrap_or(&document.text);
        before.chars().filter(|c| !c.is_whitespace()).count()
    };
    let mut spans: Vec<(usize, usize, String)> = document
        .spans
        .iter()
        .map(|span| (count(span.start), count(span.end), span.label.clone()))
        .collect();
    spans.sort_unstable();
    (folded(&document.text), spans)
}
