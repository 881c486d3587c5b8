//! What the distances in a sequence are as keys and as queries, for one head, and what they add to its scores.
//!
//! A band has a row for each token and a column for each distance, `-(seq - 1)` first: the part of row `at`
//! that belongs to the tokens of the sequence begins `at` before the middle.

use super::super::gemm::{Matrix, Number, Target};
use super::super::stored::by_type;
use super::super::values;
use super::Head;
use burn_flex::FlexTensor;

/// A head's columns of both tables, a row for each distance.
pub(super) struct Gathered {
    as_key: Vec<f32>,
    as_query: Vec<f32>,
    width: usize,
    seq: usize,
}

impl Gathered {
    /// From tables `[buckets, hidden]`; `rows` are those of the distances in the head's sequence.
    pub(super) fn new(tables: &[FlexTensor; 2], rows: &[u32], hidden: usize, head: &Head) -> Self {
        let gather = |table: &FlexTensor| {
            by_type!(table, E => {
                let all = values::<E>(table);
                let of_row = |row: &u32| {
                    let start = *row as usize * hidden + head.column;
                    all[start..start + head.width].iter().map(|value| value.as_f32())
                };
                rows.iter().flat_map(of_row).collect::<Vec<f32>>()
            })
        };
        let [as_key, as_query] = tables.each_ref().map(gather);
        Self {
            as_key,
            as_query,
            width: head.width,
            seq: head.seq,
        }
    }

    /// How many distances there are.
    fn reach(&self) -> usize {
        2 * self.seq - 1
    }

    /// Where in a band the part of row `at` begins that belongs to the sequence's tokens.
    fn start(&self, at: usize) -> usize {
        at * self.reach() + self.seq - 1 - at
    }

    /// Where in the band of the keys the number of a query and a key is.
    fn of_key(&self, query: usize, key: usize) -> usize {
        key * self.reach() + key + self.seq - 1 - query
    }

    fn matrix<'a>(&self, table: &'a [f32]) -> Matrix<'a> {
        Matrix::new(table, self.reach(), self.width, self.width)
    }

    /// Adds to `scores` `[seq, seq]` what distances are as keys to queries, and as queries to keys.
    pub(super) fn add_scores(
        &self,
        scores: &mut [f32],
        scale: f32,
        [query, key]: [Matrix; 2],
        band: &mut Vec<f32>,
    ) {
        let (seq, reach) = (self.seq, self.reach());
        let band = resized(band, seq * reach);
        let table = self.matrix(&self.as_key).transposed();
        Target::new(band, seq, reach).set(scale, query, table);
        for (at, row) in scores.chunks_exact_mut(seq).enumerate() {
            add(row, &band[self.start(at)..]);
        }
        let table = self.matrix(&self.as_query).transposed();
        Target::new(band, seq, reach).set(scale, key, table);
        for (at, row) in scores.chunks_exact_mut(seq).enumerate() {
            for (key, score) in row.iter_mut().enumerate() {
                *score += band[self.of_key(at, key)];
            }
        }
    }

    /// From the gradient of the scores those of both tables, a row for each distance; those of queries and
    /// keys `[seq, width]` grow by theirs. `band` and `product` are room.
    pub(super) fn backward(
        &self,
        of_scores: &[f32],
        scale: f32,
        [query, key]: [Matrix; 2],
        [of_query, of_key]: [&mut [f32]; 2],
        [band, product]: [&mut Vec<f32>; 2],
    ) -> [Vec<f32>; 2] {
        let (seq, reach) = (self.seq, self.reach());
        let mut half = |band: &[f32], own: Matrix, table: &[f32], of_own: &mut [f32]| {
            let changes = Matrix::new(band, seq, reach, reach);
            let product = resized(product, seq * self.width);
            Target::new(product, seq, self.width).set(scale, changes, self.matrix(table));
            add(of_own, product);
            let mut of_table = vec![0.0; reach * self.width];
            let target = Target::new(&mut of_table, reach, self.width);
            target.set(scale, changes.transposed(), own);
            of_table
        };
        let cells = resized(band, seq * reach);
        for (at, row) in of_scores.chunks_exact(seq).enumerate() {
            cells[self.start(at)..][..seq].copy_from_slice(row);
        }
        let as_key = half(cells, query, &self.as_key, of_query);
        let cells = resized(band, seq * reach);
        for (at, row) in of_scores.chunks_exact(seq).enumerate() {
            for (key, change) in row.iter().enumerate() {
                cells[self.of_key(at, key)] = *change;
            }
        }
        let as_query = half(cells, key, &self.as_query, of_key);
        [as_key, as_query]
    }
}

/// Adds to scores `[seq, seq]` a number for each distance.
pub(super) fn add_biases(scores: &mut [f32], biases: &[f32]) {
    let seq = biases.len().div_ceil(2);
    for (at, row) in scores.chunks_exact_mut(seq).enumerate() {
        add(row, &biases[seq - 1 - at..]);
    }
}

/// The sums of `[seq, seq]` for each distance: the gradient of such numbers.
pub(super) fn of_biases(changes: &[f32], seq: usize) -> Vec<f32> {
    let mut sums = vec![0.0; 2 * seq - 1];
    for (at, row) in changes.chunks_exact(seq).enumerate() {
        add(&mut sums[seq - 1 - at..], row);
    }
    sums
}

/// So many zeros.
pub(super) fn resized(room: &mut Vec<f32>, size: usize) -> &mut [f32] {
    room.clear();
    room.resize(size, 0.0);
    room
}

/// Adds as many terms as there are sums, or all of them where they are fewer.
pub(super) fn add(sums: &mut [f32], terms: &[f32]) {
    for (sum, term) in sums.iter_mut().zip(terms) {
        *sum += term;
    }
}
