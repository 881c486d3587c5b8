//! A linear-chain conditional random field over the tags of the words of a text (Lafferty et al. 2001).
//!
//! A sequence of tags scores the sum of its words' emissions, which are their logits, and of its transitions,
//! which are learned. Its probability is the exponential of its score, divided by the sum `Z` of those of all
//! sequences that the tag scheme allows. Sums over sequences are computed by the forward–backward algorithm
//! (Rabiner 1989): on the processor, because there are few numbers and each word waits for the one before,
//! in f64, and as logarithms.
//!
//! Subtracting a number from all emissions of a word changes no probability: log-probabilities do as well as
//! logits.

mod file;
mod loss;

pub use file::{read, reordered, write};
pub use loss::loss;

use crate::decode::Emissions;
use crate::transitions::Transitions;

/// Transitions, prepared for sums over sequences.
pub struct Crf<'a> {
    transitions: &'a Transitions,
    /// The exponentials of the transitions between tags, `[tags][tags]`, from by to.
    factors: Vec<f64>,
}

/// Sums over all sequences of tags that some neighbouring words can have.
pub struct Sums {
    /// The logarithm of `Z`.
    pub log_partition: f64,
    /// The probability of each tag for each word, `[words][tags]`.
    pub marginals: Vec<Vec<f64>>,
    /// How often each transition is to be expected, in the order of [`Transitions::scores`].
    pub transitions: Vec<f64>,
}

impl<'a> Crf<'a> {
    /// A field with these transitions.
    pub fn new(transitions: &'a Transitions) -> Self {
        let tags = 0..transitions.tags();
        let pairs = tags
            .clone()
            .flat_map(|from| tags.clone().map(move |to| (from, to)));
        let score = |(from, to)| f64::from(transitions.score(Some(from), Some(to)));
        Self {
            transitions,
            factors: pairs.map(|pair| score(pair).exp()).collect(),
        }
    }

    /// The sums for words with these `emissions`, `[words][tags]`, of which there is at least one. A text
    /// `opens` with the first of them or not, and `closes` with the last; where it does not, any tag may be
    /// there.
    pub fn sums(&self, emissions: &[&[f32]], opens: bool, closes: bool) -> Sums {
        let (n, words) = (self.transitions.tags(), emissions.len());
        let plus = |sums: &[f64], row: &[f32]| -> Vec<f64> {
            let pairs = sums.iter().zip(row);
            pairs
                .map(|(sum, emission)| sum + f64::from(*emission))
                .collect()
        };
        // By word and its tag: the sum over the tags of the words before it, its own emission included; and
        // over those of the words after it.
        let mut before = vec![plus(&self.opening(opens), emissions[0])];
        for row in &emissions[1..] {
            let sums = self.forward(&before[before.len() - 1]);
            before.push(plus(&sums, row));
        }
        let mut after = vec![self.closing(closes); words];
        for word in (1..words).rev() {
            after[word - 1] = self.backward(&plus(&after[word], emissions[word]));
        }

        let last = before[words - 1].iter().zip(&after[words - 1]);
        let (most, shares) = scaled(&last.map(|(a, b)| a + b).collect::<Vec<_>>());
        let log_partition = most + shares.iter().sum::<f64>().ln();
        let marginal = |(a, b): (&f64, &f64)| (a + b - log_partition).exp();
        let marginals: Vec<Vec<f64>> = before
            .iter()
            .zip(&after)
            .map(|(before, after)| before.iter().zip(after).map(marginal).collect())
            .collect();

        let mut transitions = vec![0.0; (n + 1) * (n + 1)];
        for word in 1..words {
            let (most_before, before) = scaled(&before[word - 1]);
            let (most_after, after) = scaled(&plus(&after[word], emissions[word]));
            let common = (most_before + most_after - log_partition).exp();
            for (from, before) in before.iter().enumerate() {
                let row = &self.factors[from * n..(from + 1) * n];
                let expected = &mut transitions[from * (n + 1)..];
                for ((expected, factor), after) in expected.iter_mut().zip(row).zip(&after) {
                    *expected += common * before * factor * after;
                }
            }
        }
        for tag in 0..n {
            if opens {
                transitions[n * (n + 1) + tag] += marginals[0][tag];
            }
            if closes {
                transitions[tag * (n + 1) + n] += marginals[words - 1][tag];
            }
        }
        Sums {
            log_partition,
            marginals,
            transitions,
        }
    }

    /// The steps of a sequence of tags `[words]`, the edges of the text included: places in
    /// [`Transitions::scores`].
    pub fn steps(&self, tags: &[usize], opens: bool, closes: bool) -> Vec<usize> {
        let edge = self.transitions.tags();
        let open = opens.then_some(edge).into_iter();
        let close = closes.then_some(edge).into_iter();
        let ends: Vec<usize> = open.chain(tags.iter().copied()).chain(close).collect();
        let place = |pair: &[usize]| pair[0] * (edge + 1) + pair[1];
        ends.windows(2).map(place).collect()
    }

    /// The score of a sequence of tags `[words]`.
    pub fn score(&self, emissions: &[&[f32]], tags: &[usize], opens: bool, closes: bool) -> f64 {
        let emitted = tags.iter().zip(emissions).map(|(tag, row)| row[*tag]);
        let steps = self.steps(tags, opens, closes).into_iter();
        let moved = steps.map(|step| self.transitions.scores()[step]);
        emitted.chain(moved).map(f64::from).sum()
    }

    fn opening(&self, opens: bool) -> Vec<f64> {
        let score = |tag| f64::from(self.transitions.score(None, Some(tag)));
        let tags = 0..self.transitions.tags();
        tags.map(|tag| if opens { score(tag) } else { 0.0 })
            .collect()
    }

    fn closing(&self, closes: bool) -> Vec<f64> {
        let score = |tag| f64::from(self.transitions.score(Some(tag), None));
        let tags = 0..self.transitions.tags();
        tags.map(|tag| if closes { score(tag) } else { 0.0 })
            .collect()
    }

    /// From the sums for the tags of a word to those for the next word's.
    fn forward(&self, sums: &[f64]) -> Vec<f64> {
        let (most, shares) = scaled(sums);
        let mut totals = vec![0.0; sums.len()];
        for (row, share) in self.factors.chunks(sums.len()).zip(&shares) {
            for (total, factor) in totals.iter_mut().zip(row) {
                *total += share * factor;
            }
        }
        totals.iter().map(|total| most + total.ln()).collect()
    }

    /// The same from the last word to the first.
    fn backward(&self, sums: &[f64]) -> Vec<f64> {
        let (most, shares) = scaled(sums);
        let rows = self.factors.chunks(sums.len());
        let total = |row: &[f64]| row.iter().zip(&shares).map(|(a, b)| a * b).sum::<f64>();
        rows.map(|row| most + total(row).ln()).collect()
    }
}

/// The largest of some logarithms, and the exponential of each without it.
fn scaled(logarithms: &[f64]) -> (f64, Vec<f64>) {
    let most = logarithms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let shares = logarithms.iter().map(|x| (x - most).exp());
    (most, shares.collect())
}

/// The log-probabilities of each word's tags given the whole document. A word without an emission can only
/// be `outside`, and stays without one.
pub fn log_marginals(
    emissions: &Emissions,
    transitions: &Transitions,
    outside: usize,
) -> Emissions {
    if emissions.is_empty() {
        return Vec::new();
    }
    let mut only_outside = vec![f32::NEG_INFINITY; transitions.tags()];
    only_outside[outside] = 0.0;
    let rows = emissions
        .iter()
        .map(|row| row.as_ref().unwrap_or(&only_outside));
    let rows: Vec<&[f32]> = rows.map(Vec::as_slice).collect();
    let sums = Crf::new(transitions).sums(&rows, true, true);
    // A tag that the scheme forbids here has the least probability that has a logarithm.
    let log = |p: f64| p.max(f64::from(f32::MIN_POSITIVE)).ln() as f32;
    let marginals = emissions.iter().zip(sums.marginals);
    marginals
        .map(|(word, row)| word.as_ref().map(|_| row.into_iter().map(log).collect()))
        .collect()
}
