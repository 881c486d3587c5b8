//! Parts documents into any number of parts by shares, so that each label is spread by the same shares.
//!
//! The way of iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011): labels are dealt out
//! one after the other, the rarest first because it has the least choice, and each unit that has
//! the label goes where most of its spans are still wanted.

use std::cmp::Reverse;

use super::{GroupBy, Table, Ties, Unit, first_with_same, shuffled};
use crate::document::Document;
use crate::similarity::folded;

/// Where each document goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parting {
    /// For each document the number of its part.
    pub parts: Vec<usize>,
    /// What was not parted.
    pub whole: GroupBy,
}

/// Parts documents by shares (0–1, together 1).
///
/// `groups` has the source document of each where those are to stay whole. There are at least as
/// many documents as shares. A part misses its share by at most `(parts − 1) · (largest unit − 1)`
/// documents, which is nothing where single documents are parted, and none is empty. A label that
/// stands in several units comes to as many parts as it can, the larger parts first.
pub(crate) fn stratified_split(
    documents: &[&Document],
    groups: Option<&[usize]>,
    shares: &[f64],
    seed: u64,
) -> Parting {
    let n = documents.len();
    let wanted = sizes(n, shares);
    let texts = first_with_same(documents.iter().map(|doc| folded(&doc.text)));
    let groups = groups.map(|groups| first_with_same(groups.iter()));
    let most = wanted.iter().copied().max().unwrap_or(n);
    // Source documents stay whole even where that misses the shares by a good deal; a chain of
    // equal texts is no reason to.
    let (whole, units) = Ties {
        groups: groups.as_deref(),
        texts: &texts,
        sides: shares.len(),
        smallest: wanted.iter().copied().min().unwrap_or(0) * 2,
        largest: [most, most.max(n * 4 / 5), most],
    }
    .units();
    let mut filling = Filling::new(&units, documents, &wanted, shares);
    filling.one_of_each(seed);
    filling.by_label();
    filling.the_rest();
    filling.no_part_empty();
    let mut parts = vec![0; n];
    for (unit, part) in units.iter().zip(&filling.part_of) {
        unit.iter().for_each(|i| parts[*i] = part.unwrap_or(0));
    }
    Parting { parts, whole }
}

/// `n` by shares in whole numbers, the largest remainders rounded up; none is 0 where `n` suffices.
fn sizes(n: usize, shares: &[f64]) -> Vec<usize> {
    let exact: Vec<f64> = shares.iter().map(|share| share * n as f64).collect();
    // What is a whole number but for rounding is one.
    let mut sizes: Vec<usize> = exact.iter().map(|x| (x + 1e-6).floor() as usize).collect();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by(|a, b| {
        let rest = |i: usize| exact[i] - sizes[i] as f64;
        rest(*b).total_cmp(&rest(*a)).then(a.cmp(b))
    });
    let mut missing = n.saturating_sub(sizes.iter().sum());
    for part in order.iter().cycle() {
        if missing == 0 || shares.is_empty() {
            break;
        }
        sizes[*part] += 1;
        missing -= 1;
    }
    while let Some(empty) = sizes.iter().position(|size| *size == 0) {
        match (0..sizes.len()).max_by_key(|part| (sizes[*part], Reverse(*part))) {
            Some(largest) if sizes[largest] > 1 => {
                sizes[largest] -= 1;
                sizes[empty] += 1;
            }
            _ => break,
        }
    }
    sizes
}

/// The parts while they are being filled.
struct Filling<'a> {
    units: &'a [Unit],
    table: Table,
    /// Labels, the rarest first.
    labels: Vec<usize>,
    /// The units in the order that the seed fixes.
    order: Vec<usize>,
    /// The parts, the largest share first.
    by_share: Vec<usize>,
    /// Documents that each part still wants.
    room: Vec<i64>,
    /// For each label the spans that each part still wants.
    wants: Vec<Vec<f64>>,
    /// For each label the parts that have it.
    has: Vec<Vec<bool>>,
    /// Where each unit went.
    part_of: Vec<Option<usize>>,
}

impl<'a> Filling<'a> {
    fn new(units: &'a [Unit], documents: &[&Document], wanted: &[usize], shares: &[f64]) -> Self {
        let table = Table::new(units, |i| documents[i]);
        let mut totals = vec![0; table.units_with.len()];
        for (label, spans) in table.labels_of.iter().flatten() {
            totals[*label] += spans;
        }
        let mut labels: Vec<usize> = (0..totals.len()).collect();
        labels.sort_by_key(|label| table.units_with[*label].len());
        let mut by_share: Vec<usize> = (0..shares.len()).collect();
        by_share.sort_by(|a, b| shares[*b].total_cmp(&shares[*a]).then(a.cmp(b)));
        Self {
            units,
            labels,
            order: Vec::new(),
            by_share,
            room: wanted.iter().map(|size| *size as i64).collect(),
            wants: totals
                .iter()
                .map(|total| shares.iter().map(|share| share * *total as f64).collect())
                .collect(),
            has: vec![vec![false; shares.len()]; totals.len()],
            part_of: vec![None; units.len()],
            table,
        }
    }

    fn put(&mut self, unit: usize, part: usize) {
        self.part_of[unit] = Some(part);
        self.room[part] -= self.units[unit].len() as i64;
        for (label, spans) in &self.table.labels_of[unit] {
            self.wants[*label][part] -= *spans as f64;
            self.has[*label][part] = true;
        }
    }

    fn fits(&self, unit: usize, part: usize) -> bool {
        self.units[unit].len() as i64 <= self.room[part]
    }

    /// Puts everything into the seed's order, and gives each part one unit with each label, as far as
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
            let parts = self.table.units_with[label].len();
            for place in 0..self.by_share.len().min(parts) {
                let part = self.by_share[place];
                if self.has[label][part] {
                    continue;
                }
                let free =
                    |unit: &&usize| self.part_of[**unit].is_none() && self.fits(**unit, part);
                if let Some(unit) = self.table.units_with[label].iter().find(free).copied() {
                    self.put(unit, part);
                }
            }
        }
    }

    /// Gives each unit with a label to the part that wants most of it.
    fn by_label(&mut self) {
        for at in 0..self.labels.len() {
            let label = self.labels[at];
            for place in 0..self.table.units_with[label].len() {
                let unit = self.table.units_with[label][place];
                if self.part_of[unit].is_some() {
                    continue;
                }
                let best = (0..self.room.len())
                    .filter(|part| self.fits(unit, *part))
                    .max_by(|a, b| {
                        let wants = &self.wants[label];
                        let order = wants[*a].total_cmp(&wants[*b]);
                        order.then(self.room[*a].cmp(&self.room[*b])).then(b.cmp(a))
                    });
                let part = best.unwrap_or_else(|| self.roomiest());
                self.put(unit, part);
            }
        }
    }

    /// Units without labels fill what is left.
    fn the_rest(&mut self) {
        for at in 0..self.order.len() {
            let unit = self.order[at];
            if self.part_of[unit].is_none() {
                self.put(unit, self.roomiest());
            }
        }
    }

    fn roomiest(&self) -> usize {
        let parts = 0..self.room.len();
        parts
            .max_by_key(|part| (self.room[*part], Reverse(*part)))
            .unwrap_or(0)
    }

    /// A part that large units left nothing for gets the smallest unit of a part that has several.
    fn no_part_empty(&mut self) {
        loop {
            let mut counts = vec![0; self.room.len()];
            for part in self.part_of.iter().flatten() {
                counts[*part] += 1;
            }
            let Some(empty) = counts.iter().position(|count| *count == 0) else {
                return;
            };
            let spare = self.order.iter().copied().filter(|unit| {
                let part = self.part_of[*unit];
                part.is_some_and(|part| counts[part] > 1)
            });
            match spare.min_by_key(|unit| self.units[*unit].len()) {
                Some(unit) => self.part_of[unit] = Some(empty),
                None => return,
            }
        }
    }
}
