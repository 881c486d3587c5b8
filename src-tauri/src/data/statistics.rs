//! A data set in numbers: how long, how dense, how labelled, and what its splits share.

use super::documents::count;
use crate::dto::{Bin, Overlap, SplitStatistics, Statistics};
use tagsmith_corpus::check::{SharedTexts, statistics_of_checked};
use tagsmith_corpus::{Corpus, Document, Split};

/// The numbers of each split, and of each pair, whose texts in common the check has found.
pub fn of(dataset: &[Split], shared: &[SharedTexts]) -> Statistics {
    let words = |document: &Document| document.words.len();
    let entities = |document: &Document| document.spans.len();
    let long = Bins::new(all(dataset).map(words).collect());
    let many = Bins::new(all(dataset).map(entities).collect());
    let named: Vec<(&str, &Corpus)> = dataset
        .iter()
        .map(|split| (split.name.as_str(), &split.corpus))
        .collect();
    let found = statistics_of_checked(&named, shared);
    let splits = found
        .splits
        .into_iter()
        .zip(dataset)
        .map(|(numbers, split)| {
            let documents = &split.corpus.documents;
            SplitStatistics {
                split: numbers.split,
                documents: count(numbers.documents),
                words: count(numbers.words),
                entities: count(numbers.entities),
                labels: numbers
                    .labels
                    .into_iter()
                    .map(|label| (label.label, count(label.count)))
                    .collect(),
                lengths: long.filled(documents.iter().map(words)),
                longest_words: count(numbers.longest),
                entities_per_document: many.filled(documents.iter().map(entities)),
                without_entities: count(numbers.without_entities),
                density: numbers.density,
            }
        });
    let overlaps = found.overlaps.into_iter().map(|overlap| Overlap {
        first: overlap.known,
        second: overlap.split,
        same: count(overlap.same_texts),
        near: count(overlap.near_texts),
    });
    Statistics {
        splits: splits.collect(),
        overlaps: overlaps.collect(),
    }
}

/// Documents of the whole data set by words, and the words of the longest.
pub fn lengths(dataset: &[Split]) -> (Vec<Bin>, u32) {
    let words = || all(dataset).map(|document| document.words.len());
    let bins = Bins::new(words().collect());
    (bins.filled(words()), count(words().max().unwrap_or(0)))
}

fn all(dataset: &[Split]) -> impl Iterator<Item = &Document> {
    dataset.iter().flat_map(|split| &split.corpus.documents)
}

/// Bins of one round width (1, 2 or 5 times a power of ten), at most 24 of them; what is longer
/// than nearly all of the rest is in the last.
struct Bins {
    width: usize,
    count: usize,
    longest: usize,
}

impl Bins {
    fn new(mut found: Vec<usize>) -> Self {
        const BINS: usize = 24;
        found.sort_unstable();
        let Some(longest) = found.last().copied() else {
            return Self {
                width: 1,
                count: 0,
                longest: 0,
            };
        };
        // One very long document must not squeeze all others into the first bin.
        let most = found[(found.len() - 1) * 99 / 100];
        let reach = if most * 2 < longest { most } else { longest };
        let widths = (0..).flat_map(|power| [1, 2, 5].map(|n| n * 10_usize.pow(power)));
        let width = widths
            .into_iter()
            .find(|width| (reach + 1).div_ceil(*width) <= BINS)
            .expect("widths grow without end");
        Self {
            width,
            count: (reach + 1).div_ceil(width).max(1),
            longest,
        }
    }

    fn filled(&self, values: impl Iterator<Item = usize>) -> Vec<Bin> {
        let mut counts = vec![0; self.count];
        for value in values {
            counts[(value / self.width).min(self.count - 1)] += 1;
        }
        counts
            .into_iter()
            .enumerate()
            .map(|(i, n)| Bin {
                from: i * self.width,
                to: if i + 1 == self.count {
                    self.longest + 1
                } else {
                    (i + 1) * self.width
                },
                count: n,
            })
            .collect()
    }
}
