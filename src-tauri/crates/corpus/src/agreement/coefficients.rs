//! Coefficients of agreement, word by word: Cohen's kappa for two people, Krippendorff's alpha for any
//! number of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

/// What one person says of each word of a text: the label of its entity, or that it has none.
pub(crate) struct Votes<'a> {
    pub annotator: &'a str,
    pub words: Vec<Option<String>>,
}

/// How far several people agree on one label: on which words it is and on which it is not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct LabelAgreement {
    /// The label.
    pub label: String,
    /// How often a person gave it to a word.
    pub votes: usize,
    /// Cohen's kappa, where there are two people; `None` where chance alone would agree as well.
    pub kappa: Option<f64>,
    /// Krippendorff's alpha for nominal data.
    pub alpha: Option<f64>,
}

/// How far several people agree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Agreement {
    /// Their names, sorted.
    pub annotators: Vec<String>,
    /// Texts that several of them have annotated.
    pub texts: usize,
    /// The words of these texts.
    pub words: usize,
    /// Cohen's kappa over all labels, outside of entities being one of them; where there are two people.
    pub kappa: Option<f64>,
    /// Krippendorff's alpha over all labels.
    pub alpha: Option<f64>,
    /// By label, sorted.
    pub labels: Vec<LabelAgreement>,
    /// Of what all this was computed, for further files.
    #[serde(skip)]
    pub(crate) counts: Counts,
}

impl Agreement {
    /// That of these texts and of others.
    pub(crate) fn with(&self, other: &Self) -> Self {
        let mut counts = self.counts.clone();
        counts.join(&other.counts);
        counts.agreement(self.texts + other.texts)
    }
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let two = self.annotators.len() == 2;
        let value = |kappa: Option<f64>, alpha: Option<f64>| {
            let found = if two { kappa } else { alpha };
            found.map_or("no value".into(), |value| format!("{value:.2}"))
        };
        let name = if two {
            "Cohen's kappa"
        } else {
            "Krippendorff's alpha"
        };
        let shown: Vec<&str> = self.annotators.iter().map(String::as_str).take(8).collect();
        let more = match self.annotators.len() - shown.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        write!(
            f,
            "{} texts have annotations of several people ({}{more}), who agree by words with {name} {}",
            self.texts,
            shown.join(", "),
            value(self.kappa, self.alpha)
        )?;
        for (i, label) in self.labels.iter().enumerate() {
            let before = if i == 0 { ": " } else { ", " };
            write!(
                f,
                "{before}{} {}",
                label.label,
                value(label.kappa, label.alpha)
            )?;
        }
        Ok(())
    }
}

/// What two people say of a word.
type Two = (Option<String>, Option<String>);

/// Numbers of words by what several people say of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Counts {
    annotators: BTreeSet<String>,
    words: usize,
    /// How often which labels meet in one word, weighted as Krippendorff's coincidences: each of the
    /// pairs among the people counts 1 / (people − 1).
    coincidences: BTreeMap<Two, f64>,
    /// How often the first of two people says the one and the second the other. With a second pair
    /// there is no kappa, and no further one is counted: of many people there are very many.
    pairs: BTreeMap<(String, String), BTreeMap<Two, usize>>,
}

impl Counts {
    /// Adds a text; the words of all votes are the same.
    pub fn add(&mut self, votes: &[Votes]) {
        let annotators = votes.iter().map(|votes| votes.annotator.to_owned());
        self.annotators.extend(annotators);
        let words = votes
            .iter()
            .map(|votes| votes.words.len())
            .min()
            .unwrap_or(0);
        self.words += words;
        let weight = 1.0 / (votes.len().max(2) - 1) as f64;
        for (i, one) in votes.iter().enumerate() {
            for (k, other) in votes.iter().enumerate().filter(|(k, _)| *k != i) {
                for (a, b) in one.words.iter().zip(&other.words).take(words) {
                    *self.coincidences.entry((a.clone(), b.clone())).or_default() += weight;
                }
                // Of each two people once, in the order of their names.
                if self.pairs.len() < 2 && (one.annotator, i) < (other.annotator, k) {
                    let pair = (one.annotator.to_owned(), other.annotator.to_owned());
                    let counts = self.pairs.entry(pair).or_default();
                    for (a, b) in one.words.iter().zip(&other.words).take(words) {
                        *counts.entry((a.clone(), b.clone())).or_default() += 1;
                    }
                }
            }
        }
    }

    fn join(&mut self, other: &Self) {
        self.annotators.extend(other.annotators.iter().cloned());
        self.words += other.words;
        for (labels, weight) in &other.coincidences {
            *self.coincidences.entry(labels.clone()).or_default() += weight;
        }
        for (pair, counts) in &other.pairs {
            let own = self.pairs.entry(pair.clone()).or_default();
            for (labels, count) in counts {
                *own.entry(labels.clone()).or_default() += count;
            }
        }
    }

    /// `texts` is of how many texts these words are.
    pub fn agreement(&self, texts: usize) -> Agreement {
        let said = self
            .coincidences
            .keys()
            .filter_map(|(label, _)| label.clone());
        let labels: BTreeSet<String> = said.collect();
        let of = |label: &String| LabelAgreement {
            label: label.clone(),
            votes: self.votes(label),
            kappa: self.kappa(|said| said.as_deref() == Some(label)),
            alpha: self.alpha(|said| said.as_deref() == Some(label)),
        };
        Agreement {
            annotators: self.annotators.iter().cloned().collect(),
            texts,
            words: self.words,
            kappa: self.kappa(Option::clone),
            alpha: self.alpha(Option::clone),
            labels: labels.iter().map(of).collect(),
            counts: self.clone(),
        }
    }

    /// How often a label was given: the coincidences of one vote add up to 1.
    fn votes(&self, label: &str) -> usize {
        let given = self.coincidences.iter();
        let given = given.filter(|((said, _), _)| said.as_deref() == Some(label));
        given.map(|(_, weight)| weight).sum::<f64>().round() as usize
    }

    /// Cohen's kappa (1960) of the two people there are, of words put into classes.
    fn kappa<C: Ord>(&self, class: impl Fn(&Option<String>) -> C) -> Option<f64> {
        let mut pairs = self.pairs.values();
        let (Some(counts), None) = (pairs.next(), pairs.next()) else {
            return None;
        };
        let (mut all, mut same) = (0.0, 0.0);
        let mut margins: BTreeMap<C, (f64, f64)> = BTreeMap::new();
        for ((a, b), count) in counts {
            let count = *count as f64;
            let (a, b) = (class(a), class(b));
            all += count;
            same += if a == b { count } else { 0.0 };
            margins.entry(a).or_default().0 += count;
            margins.entry(b).or_default().1 += count;
        }
        let chance: f64 = margins.values().map(|(a, b)| a * b).sum::<f64>() / (all * all);
        (all > 0.0 && chance < 1.0).then(|| (same / all - chance) / (1.0 - chance))
    }

    /// Krippendorff's alpha (2011) for nominal data, of words put into classes.
    fn alpha<C: Ord>(&self, class: impl Fn(&Option<String>) -> C) -> Option<f64> {
        let (mut all, mut apart) = (0.0, 0.0);
        let mut values: BTreeMap<C, f64> = BTreeMap::new();
        for ((a, b), weight) in &self.coincidences {
            let (a, b) = (class(a), class(b));
            all += weight;
            apart += if a == b { 0.0 } else { *weight };
            *values.entry(a).or_default() += weight;
        }
        let same: f64 = values.values().map(|n| n * (n - 1.0)).sum();
        let chance = all * (all - 1.0) - same;
        (chance > 0.0).then(|| 1.0 - (all - 1.0) * apart / chance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_people_take_little_room() {
        let names: Vec<String> = (0..300).map(|number| number.to_string()).collect();
        let votes: Vec<Votes> = names
            .iter()
            .map(|name| Votes {
                annotator: name,
                words: vec![None, Some("PER".into())],
            })
            .collect();
        let mut counts = Counts::default();
        counts.add(&votes);
        assert_eq!(counts.pairs.len(), 2);
        let agreement = counts.agreement(1);
        assert_eq!((agreement.kappa, agreement.alpha), (None, Some(1.0)));
    }

    #[test]
    fn the_agreement_of_two_files_is_that_of_their_texts_together() {
        let label = |text: &str| (text != "-").then(|| text.to_owned());
        let votes = |annotator, words: &str| Votes {
            annotator,
            words: words.split(' ').map(label).collect(),
        };
        let first = [votes("a", "X - Y"), votes("b", "X X Y")];
        let second = [votes("a", "- -"), votes("b", "- Y")];
        let (mut one, mut other, mut both) =
            (Counts::default(), Counts::default(), Counts::default());
        one.add(&first);
        other.add(&second);
        both.add(&first);
        both.add(&second);
        let joined = one.agreement(1).with(&other.agreement(1));
        assert_eq!(joined, both.agreement(2));
        assert_eq!((joined.texts, joined.words), (2, 5));
        assert!(joined.kappa.is_some());
    }
}
