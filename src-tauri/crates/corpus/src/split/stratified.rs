//! Divides documents into any number of splits by fractions, and the spans of each label by the same
//! fractions.
//!
//! The way of iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011): labels are dealt out
//! one after the other, the rarest first because it has the least choice, and each unit that has
//! the label goes where most of its spans are still missing.

use std::cmp::Reverse;

use super::{GroupBy, Table, Ties, Unit, first_with_same, shuffled};
use crate::document::Document;
use crate::similarity::folded;

/// Where each document goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assignment {
    /// For each document the number of its split.
    pub splits: Vec<usize>,
    /// What was kept together.
    pub whole: GroupBy,
}

/// Divides documents by fractions (0–1, together 1).
///
/// `groups` has the source document of each where those are to stay whole. There are at least as
/// many documents as fractions. A split misses its size by at most `(splits − 1) · (largest unit − 1)`
/// documents, which is nothing where documents are divided one by one, and no split is empty. A label
/// found in several units gets into as many splits as it can, the larger splits first.
pub(crate) fn stratified_split(
    documents: &[&Document],
    groups: Option<&[usize]>,
    fractions: &[f64],
    seed: u64,
) -> Assignment {
    let n = documents.len();
    let wanted = sizes(n, fractions);
    let texts = first_with_same(documents.iter().map(|doc| folded(&doc.text)));
    let groups = groups.map(|groups| first_with_same(groups.iter()));
    let most = wanted.iter().copied().max().unwrap_or(n);
    // Source documents stay whole even where that misses the fractions by a good deal; a chain of
    // equal texts is no reason to.
    let (whole, units) = Ties {
        groups: groups.as_deref(),
        texts: &texts,
        sides: fractions.len(),
        smallest: wanted.iter().copied().min().unwrap_or(0) * 2,
        largest: [most, most.max(n * 4 / 5), most],
    }
    .units();
    let mut filling = Filling::new(&units, documents, &wanted, fractions);
    filling.one_of_each(seed);
    filling.by_label();
    filling.the_rest();
    filling.no_split_empty();
    let mut splits = vec![0; n];
    for (unit, split) in units.iter().zip(&filling.split_of) {
        unit.iter().for_each(|i| splits[*i] = split.unwrap_or(0));
    }
    Assignment { splits, whole }
}

/// `n` by fractions in whole numbers, the largest remainders rounded up; none is 0 where `n` suffices.
fn sizes(n: usize, fractions: &[f64]) -> Vec<usize> {
    let exact: Vec<f64> = fractions
        .iter()
        .map(|fraction| fraction * n as f64)
        .collect();
    // What is a whole number but for rounding is one.
    let mut sizes: Vec<usize> = exact.iter().map(|x| (x + 1e-6).floor() as usize).collect();
    let mut order: Vec<usize> = (0..fractions.len()).collect();
    order.sort_by(|a, b| {
        let rest = |i: usize| exact[i] - sizes[i] as f64;
        rest(*b).total_cmp(&rest(*a)).then(a.cmp(b))
    });
    let mut missing = n.saturating_sub(sizes.iter().sum());
    for split in order.iter().cycle() {
        if missing == 0 || fractions.is_empty() {
            break;
        }
        sizes[*split] += 1;
        missing -= 1;
    }
    while let Some(empty) = sizes.iter().position(|size| *size == 0) {
        match (0..sizes.len()).max_by_key(|split| (sizes[*split], Reverse(*split))) {
            Some(largest) if sizes[largest] > 1 => {
                sizes[largest] -= 1;
                sizes[empty] += 1;
            }
            _ => break,
        }
    }
    sizes
}

/// The splits while they are being filled.
struct Filling<'a> {
    units: &'a [Unit],
    table: Table,
    /// Labels, the rarest first.
    labels: Vec<usize>,
    /// The units in the order that the seed fixes.
    order: Vec<usize>,
    /// The splits, the largest fraction first.
    by_fraction: Vec<usize>,
    /// Documents that each split still lacks.
    room: Vec<i64>,
    /// For each label the spans that each split still lacks.
    lacks: Vec<Vec<f64>>,
    /// For each label the splits that have it.
    has: Vec<Vec<bool>>,
    /// Where each unit went.
    split_of: Vec<Option<usize>>,
}

impl<'a> Filling<'a> {
    fn new(
        units: &'a [Unit],
        documents: &[&Document],
        wanted: &[usize],
        fractions: &[f64],
    ) -> Self {
        let table = Table::new(units, |i| documents[i]);
        let mut totals = vec![0; table.units_with.len()];
        for (label, spans) in table.labels_of.iter().flatten() {
            totals[*label] += spans;
        }
        let mut labels: Vec<usize> = (0..totals.len()).collect();
        labels.sort_by_key(|label| table.units_with[*label].len());
        let mut by_fraction: Vec<usize> = (0..fractions.len()).collect();
        by_fraction.sort_by(|a, b| fractions[*b].total_cmp(&fractions[*a]).then(a.cmp(b)));
        Self {
            units,
            labels,
            order: Vec::new(),
            by_fraction,
            room: wanted.iter().map(|size| *size as i64).collect(),
            lacks: totals
                .iter()
                .map(|total| {
                    fractions
                        .iter()
                        .map(|fraction| fraction * *total as f64)
                        .collect()
                })
                .collect(),
            has: vec![vec![false; fractions.len()]; totals.len()],
            split_of: vec![None; units.len()],
            table,
        }
    }

    fn put(&mut self, unit: usize, split: usize) {
        self.split_of[unit] = Some(split);
        self.room[split] -= self.units[unit].len() as i64;
        for (label, spans) in &self.table.labels_of[unit] {
            self.lacks[*label][split] -= *spans as f64;
            self.has[*label][split] = true;
        }
    }

    fn fits(&self, unit: usize, split: usize) -> bool {
        self.units[unit].len() as i64 <= self.room[split]
    }

    /// Puts everything into the seed's order, and gives each split one unit with each label, as far as
    /// there are enough.
    fn one_of_each(&mut self, seed: u64) {
        self.order = shuffled(self.units.len(), seed);
        let mut rank = vec![0; self.units.len()];
        for (at, unit) in self.order.iter().enumerate() {
            rank[*unit] = at;
        }
        for units in &mut self.table.units_with {
            units.sort_unstable_by_key(|unit| rank[*unit]);
        }
        for at in 0..self.labels.len() {
            let label = self.labels[at];
            let splits = self.table.units_with[label].len();
            for place in 0..self.by_fraction.len().min(splits) {
                let split = self.by_fraction[place];
                if self.has[label][split] {
                    continue;
                }
                let free =
                    |unit: &&usize| self.split_of[**unit].is_none() && self.fits(**unit, split);
                if let Some(unit) = self.table.units_with[label].iter().find(free).copied() {
                    self.put(unit, split);
                }
            }
        }
    }

    /// Gives each unit with a label to the split that lacks most of it.
    fn by_label(&mut self) {
        for at in 0..self.labels.len() {
            let label = self.labels[at];
            for place in 0..self.table.units_with[label].len() {
                let unit = self.table.units_with[label][place];
                if self.split_of[unit].is_some() {
                    continue;
                }
                let best = (0..self.room.len())
                    .filter(|split| self.fits(unit, *split))
                    .max_by(|a, b| {
                        let lacks = &self.lacks[label];
                        let order = lacks[*a].total_cmp(&lacks[*b]);
                        order.then(self.room[*a].cmp(&self.room[*b])).then(b.cmp(a))
                    });
                let split = best.unwrap_or_else(|| self.roomiest());
                self.put(unit, split);
            }
        }
    }

    /// Units without labels fill what is left.
    fn the_rest(&mut self) {
        for at in 0..self.order.len() {
            let unit = self.order[at];
            if self.split_of[unit].is_none() {
                self.put(unit, self.roomiest());
            }
        }
    }

    fn roomiest(&self) -> usize {
        let splits = 0..self.room.len();
        splits
            .max_by_key(|split| (self.room[*split], Reverse(*split)))
            .unwrap_or(0)
    }

    /// A split that large units left nothing for gets the smallest unit of a split that has several.
    fn no_split_empty(&mut self) {
        loop {
            let mut counts = vec![0; self.room.len()];
            for split in self.split_of.iter().flatten() {
                counts[*split] += 1;
            }
            let Some(empty) = counts.iter().position(|count| *count == 0) else {
                return;
            };
            let spare = self.order.iter().copied().filter(|unit| {
                let split = self.split_of[*unit];
                split.is_some_and(|split| counts[split] > 1)
            });
            match spare.min_by_key(|unit| self.units[*unit].len()) {
                Some(unit) => self.split_of[unit] = Some(empty),
                None => return,
            }
        }
    }
}
