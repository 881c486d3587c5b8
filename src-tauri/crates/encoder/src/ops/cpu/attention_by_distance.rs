//! Attention in which distances have a say: near tokens alone, a number for each distance, or disentangled
//! attention (He et al. 2021, section 3.1).
//!
//! Distances count from `-(seq - 1)`, the last query and the first key, to `seq - 1`. What belongs to them is
//! gathered once for each sequence in that order, so that in each row of scores it lies side by side. As in
//! [`super::attention`] no weights are kept.

#![allow(unsafe_code, reason = "heads lie interleaved in one slice")]

use super::attention::{Attention, Head, softmax_backward_rows, softmax_rows};
use super::gemm::{Matrix, Number, Out, Shared, Target, to_bf16};
use super::simd::{exp, largest, sum as sum_of, vectorised};
use super::stored::{Stored, by_type};
use super::{contiguous, from_values, values, zeros};
use crate::ops::random::Dropout;
use crate::sequence_offsets::SequenceOffsets;
use burn::backend::Flex;
use burn_autodiff::checkpoint::base::Checkpointer;
use burn_autodiff::checkpoint::strategy::CheckpointStrategy;
use burn_autodiff::grads::Gradients;
use burn_autodiff::ops::{Backward, Ops, OpsKind};
use burn_backend::tensor::FloatTensor;
use burn_flex::FlexTensor;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

type Autodiff<C> = burn::backend::Autodiff<Flex, C>;

/// How many queries are looked at together where only near tokens count, or sequences are long.
const QUERIES: usize = 64;

/// An attention with what distances say.
#[derive(Clone, Debug)]
pub(super) struct Distances {
    inner: Attention,
    by: By,
    /// The row of a table for each distance, for the longest sequence.
    buckets: Arc<[u32]>,
}

#[derive(Clone, Debug)]
enum By {
    /// The largest distance that counts.
    Nearness(usize),
    /// `[buckets, heads]` in `f32`.
    Bias(FlexTensor),
    /// What distances are as keys and as queries, `[buckets, hidden]` each.
    Tables([FlexTensor; 2]),
}

/// Some queries of a sequence and the keys that they see.
struct Block {
    queries: Range<usize>,
    keys: Range<usize>,
}

/// A head's columns of both tables, a row for each distance in a sequence.
struct Gathered {
    as_key: Vec<f32>,
    as_query: Vec<f32>,
    width: usize,
}

impl Gathered {
    fn matrix<'a>(&self, rows: &'a [f32]) -> Matrix<'a> {
        Matrix::new(rows, rows.len() / self.width, self.width, self.width)
    }
}

/// Scratch memory of a thread.
#[derive(Default)]
struct Room {
    scores: Vec<f32>,
    gradient: Vec<f32>,
    band: Vec<f32>,
    heads: [Vec<f32>; 4],
    product: Vec<f32>,
}

/// What a head of a sequence contributes to the gradients of the tables, in the order of distances.
enum OfTables {
    None,
    Bias(Vec<f32>),
    Tables([Vec<f32>; 2]),
}

fn resized(room: &mut Vec<f32>, size: usize) -> &mut [f32] {
    room.clear();
    room.resize(size, 0.0);
    room
}

fn add(sums: &mut [f32], terms: &[f32]) {
    for (sum, term) in sums.iter_mut().zip(terms) {
        *sum += term;
    }
}

impl Distances {
    /// With a `distance`, near tokens alone count; else a second table that is empty says that the first one
    /// is a bias.
    pub(super) fn new(
        inner: Attention,
        [first, second]: [FlexTensor; 2],
        buckets: Arc<[u32]>,
        distance: Option<usize>,
    ) -> Self {
        let is_bias = second.layout().num_elements() == 0;
        let by = match distance {
            Some(distance) => By::Nearness(distance),
            None if is_bias => By::Bias(contiguous(first)),
            None => By::Tables([first, second].map(contiguous)),
        };
        Self { inner, by, buckets }
    }

    pub(super) fn forward(mut self) -> FlexTensor {
        by_type!(self.inner.query, E => self.run::<E>())
    }

    /// What products of query and key are multiplied by.
    fn scale(&self) -> f32 {
        let terms = match self.by {
            By::Tables(_) => 3,
            _ => 1,
        };
        let width = terms * self.inner.dims()[1] / self.inner.heads;
        (1.0 / (width as f64).sqrt()) as f32
    }

    fn blocks(&self, seq: usize) -> Vec<Block> {
        let By::Nearness(distance) = self.by else {
            return vec![Block {
                queries: 0..seq,
                keys: 0..seq,
            }];
        };
        let starts = (0..seq).step_by(QUERIES);
        let block = |start: usize| {
            let end = (start + QUERIES).min(seq);
            Block {
                queries: start..end,
                keys: start.saturating_sub(distance)..(end + distance).min(seq),
            }
        };
        starts.map(block).collect()
    }

    /// The rows of a table for the distances in a sequence.
    fn rows_of(&self, seq: usize) -> &[u32] {
        let middle = self.buckets.len() / 2;
        &self.buckets[middle + 1 - seq..middle + seq]
    }

    fn gathered(&self, head: &Head) -> Option<Gathered> {
        let By::Tables(tables) = &self.by else {
            return None;
        };
        let (rows, hidden) = (self.rows_of(head.seq), self.inner.dims()[1]);
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
        Some(Gathered {
            as_key: gather(&tables[0]),
            as_query: gather(&tables[1]),
            width: head.width,
        })
    }

    /// The scores of a block, `[queries, keys]`. Those of tokens that are too far away are wrong.
    fn scores(
        &self,
        head: &Head,
        block: &Block,
        [query, key]: [Matrix; 2],
        gathered: Option<&Gathered>,
        scores: &mut [f32],
        band: &mut Vec<f32>,
    ) {
        let (seq, scale) = (head.seq, self.scale());
        let (queries, keys) = (block.queries.len(), block.keys.len());
        let own = query.row_block(block.queries.start, queries);
        let others = key.row_block(block.keys.start, keys);
        Target::new(scores, queries, keys).set(scale, own, others.transposed());
        let reach = 2 * seq - 1;
        match (&self.by, gathered) {
            (By::Bias(table), _) => {
                let table = values::<f32>(table);
                let of_row = |row: &u32| table[*row as usize * self.inner.heads + head.number];
                let biases: Vec<f32> = self.rows_of(seq).iter().map(of_row).collect();
                for (at, row) in scores.chunks_exact_mut(seq).enumerate() {
                    add(row, &biases[seq - 1 - at..]);
                }
            }
            (By::Tables(_), Some(gathered)) => {
                let band = resized(band, seq * reach);
                let as_key = gathered.matrix(&gathered.as_key).transposed();
                Target::new(band, seq, reach).set(scale, query, as_key);
                for (at, row) in scores.chunks_exact_mut(seq).enumerate() {
                    add(row, &band[at * reach + seq - 1 - at..]);
                }
                let as_query = gathered.matrix(&gathered.as_query).transposed();
                Target::new(band, seq, reach).set(scale, key, as_query);
                for (at, row) in scores.chunks_exact_mut(seq).enumerate() {
                    for (key, score) in row.iter_mut().enumerate() {
                        *score += band[key * reach + key + seq - 1 - at];
                    }
                }
            }
            _ => {}
        }
    }

    /// The keys that a query of a block sees, counted from the block's first one.
    fn seen(&self, block: &Block, query: usize) -> Range<usize> {
        let By::Nearness(distance) = self.by else {
            return 0..block.keys.len();
        };
        let first = query.saturating_sub(distance).max(block.keys.start);
        let end = (query + distance + 1).min(block.keys.end);
        first - block.keys.start..end - block.keys.start
    }

    /// Turns scores into weights; `rows` are those of the block's queries.
    fn weigh(&self, head: &Head, block: &Block, scores: &mut [f32], rows: &mut [[f32; 2]]) {
        let (dropout, width) = (self.inner.dropout, block.keys.len());
        if !matches!(self.by, By::Nearness(_)) {
            return softmax_rows(scores, rows, head.first_row, dropout);
        }
        let all = scores.chunks_exact_mut(width).zip(rows.iter_mut());
        for (query, (scores, row)) in block.queries.clone().zip(all) {
            let seen = self.seen(block, query);
            scores[..seen.start].fill(0.0);
            scores[seen.end..].fill(0.0);
            let weights = &mut scores[seen.clone()];
            softmax_rows_of_one(weights, row);
            if let Some(dropout) = dropout {
                let factors = dropout.row(head.first_row + query);
                for (at, weight) in weights.iter_mut().enumerate() {
                    *weight *= factors.at(block.keys.start + seen.start + at);
                }
            }
        }
    }

    /// From scores and the gradient of the dropped weights: `scores` become those weights, `gradient` that of
    /// the scores.
    fn weigh_backward(
        &self,
        head: &Head,
        block: &Block,
        scores: &mut [f32],
        gradient: &mut [f32],
        rows: &[[f32; 2]],
    ) {
        let (dropout, width) = (self.inner.dropout, block.keys.len());
        if !matches!(self.by, By::Nearness(_)) {
            return softmax_backward_rows(scores, gradient, rows, head.first_row, dropout, 1.0);
        }
        let all = scores
            .chunks_exact_mut(width)
            .zip(gradient.chunks_exact_mut(width));
        for (query, ((scores, gradient), [top, total])) in
            block.queries.clone().zip(all.zip(rows.iter()))
        {
            let seen = self.seen(block, query);
            for numbers in [&mut *scores, &mut *gradient] {
                numbers[..seen.start].fill(0.0);
                numbers[seen.end..].fill(0.0);
            }
            let factors = dropout.map(|dropout| dropout.row(head.first_row + query));
            let factor = |at: usize| {
                let column = block.keys.start + seen.start + at;
                factors.map_or(1.0, |factors| factors.at(column))
            };
            let (weights, gradient) = (&mut scores[seen.clone()], &mut gradient[seen.clone()]);
            softmax_of_known(weights, *top, *total);
            for (at, gradient) in gradient.iter_mut().enumerate() {
                *gradient *= factor(at);
            }
            softmax_gradient(weights, gradient);
            for (at, weight) in weights.iter_mut().enumerate() {
                *weight *= factor(at);
            }
        }
    }

    /// The result. Keeps what the backward pass needs.
    fn run<E: Stored>(&mut self) -> FlexTensor {
        let [tokens, hidden] = self.inner.dims();
        let mut out: Vec<E> = zeros(tokens * hidden);
        let mut rows = vec![[0.0; 2]; tokens * self.inner.heads];
        let heads = self.inner.all_heads();
        let mut rest = rows.as_mut_slice();
        let work: Vec<(&Head, &mut [[f32; 2]])> = heads
            .iter()
            .map(|head| {
                let (rows, others) = std::mem::take(&mut rest).split_at_mut(head.seq);
                rest = others;
                (head, rows)
            })
            .collect();
        let shared = E::out(Shared::new(&mut out));
        work.into_par_iter()
            .for_each_init(Room::default, |room, (head, rows)| {
                let [query_room, key_room, value_room, result] = &mut room.heads;
                let query = self.inner.head(&self.inner.query, head, query_room);
                let key = self.inner.head(&self.inner.key, head, key_room);
                let value = self.inner.head(&self.inner.value, head, value_room);
                let gathered = self.gathered(head);
                let result = resized(result, head.seq * head.width);
                for block in self.blocks(head.seq) {
                    let (queries, keys) = (block.queries.len(), block.keys.len());
                    let scores = resized(&mut room.scores, queries * keys);
                    let pair = [query, key];
                    self.scores(
                        head,
                        &block,
                        pair,
                        gathered.as_ref(),
                        scores,
                        &mut room.band,
                    );
                    self.weigh(head, &block, scores, &mut rows[block.queries.clone()]);
                    let seen = value.row_block(block.keys.start, keys);
                    let start = block.queries.start * head.width;
                    let target = &mut result[start..start + queries * head.width];
                    let weights = Matrix::new(scores, queries, keys, keys);
                    Target::new(target, queries, head.width).set(1.0, weights, seen);
                }
                put(shared, head, hidden, result);
            });
        self.inner.rows = rows.into();
        from_values(out, [tokens, hidden])
    }

    /// The gradients of query, key and value, and of both tables.
    fn backward<E: Stored>(&self, gradient: &FlexTensor) -> Vec<FlexTensor> {
        let [tokens, hidden] = self.inner.dims();
        let [mut query, mut key, mut value] = [(); 3].map(|()| zeros::<E>(tokens * hidden));
        let outs = [&mut query, &mut key, &mut value].map(|out| E::out(Shared::new(out)));
        let mut rest = &self.inner.rows[..];
        let heads = self.inner.all_heads();
        let work: Vec<(&Head, &[[f32; 2]])> = heads
            .iter()
            .map(|head| {
                let (rows, others) = rest.split_at(head.seq);
                rest = others;
                (head, rows)
            })
            .collect();
        let of_tables: Vec<OfTables> = work
            .into_par_iter()
            .map_init(Room::default, |room, (head, rows)| {
                self.backward_head(gradient, outs, head, rows, room)
            })
            .collect();
        let mut all = [query, key, value]
            .map(|out| from_values(out, [tokens, hidden]))
            .to_vec();
        all.extend(self.table_gradients::<E>(&heads, &of_tables));
        all
    }

    fn backward_head(
        &self,
        gradient: &FlexTensor,
        outs: [Out; 3],
        head: &Head,
        rows: &[[f32; 2]],
        room: &mut Room,
    ) -> OfTables {
        let hidden = self.inner.dims()[1];
        let (seq, width, scale) = (head.seq, head.width, self.scale());
        let [gradient_room, query_room, key_room, value_room] = &mut room.heads;
        let gradient = self.inner.head(gradient, head, gradient_room);
        let query = self.inner.head(&self.inner.query, head, query_room);
        let key = self.inner.head(&self.inner.key, head, key_room);
        let value = self.inner.head(&self.inner.value, head, value_room);
        let gathered = self.gathered(head);
        let [mut of_query, mut of_key, mut of_value] = [(); 3].map(|()| vec![0.0f32; seq * width]);
        let mut of_tables = OfTables::None;
        for block in self.blocks(seq) {
            let (queries, keys) = (block.queries.len(), block.keys.len());
            let scores = resized(&mut room.scores, queries * keys);
            let pair = [query, key];
            self.scores(
                head,
                &block,
                pair,
                gathered.as_ref(),
                scores,
                &mut room.band,
            );
            let of_scores = resized(&mut room.gradient, queries * keys);
            let own = gradient.row_block(block.queries.start, queries);
            let seen = value.row_block(block.keys.start, keys);
            Target::new(of_scores, queries, keys).set(1.0, own, seen.transposed());
            let rows = &rows[block.queries.clone()];
            self.weigh_backward(head, &block, scores, of_scores, rows);
            let weights = Matrix::new(scores, queries, keys, keys);
            let changes = Matrix::new(of_scores, queries, keys, keys);
            let mut sum = |into: &mut [f32], first: usize, scale, left: Matrix, right: Matrix| {
                let product = resized(&mut room.product, left.rows() * width);
                Target::new(product, left.rows(), width).set(scale, left, right);
                add(&mut into[first * width..], product);
            };
            let own_query = query.row_block(block.queries.start, queries);
            let own_key = key.row_block(block.keys.start, keys);
            sum(
                &mut of_value,
                block.keys.start,
                1.0,
                weights.transposed(),
                own,
            );
            sum(&mut of_query, block.queries.start, scale, changes, own_key);
            sum(
                &mut of_key,
                block.keys.start,
                scale,
                changes.transposed(),
                own_query,
            );
            of_tables = match (&self.by, &gathered) {
                (By::Bias(_), _) => OfTables::Bias(diagonals(of_scores, seq)),
                (By::Tables(_), Some(gathered)) => {
                    let reach = 2 * seq - 1;
                    let band = resized(&mut room.band, seq * reach);
                    for (at, row) in of_scores.chunks_exact(seq).enumerate() {
                        band[at * reach + seq - 1 - at..][..seq].copy_from_slice(row);
                    }
                    let changes = Matrix::new(band, seq, reach, reach);
                    sum(
                        &mut of_query,
                        0,
                        scale,
                        changes,
                        gathered.matrix(&gathered.as_key),
                    );
                    let mut as_key = vec![0.0; reach * width];
                    let target = Target::new(&mut as_key, reach, width);
                    target.set(scale, changes.transposed(), query);
                    let band = resized(&mut room.band, seq * reach);
                    for (at, row) in of_scores.chunks_exact(seq).enumerate() {
                        for (key, change) in row.iter().enumerate() {
                            band[key * reach + key + seq - 1 - at] = *change;
                        }
                    }
                    let changes = Matrix::new(band, seq, reach, reach);
                    sum(
                        &mut of_key,
                        0,
                        scale,
                        changes,
                        gathered.matrix(&gathered.as_query),
                    );
                    let mut as_query = vec![0.0; reach * width];
                    let target = Target::new(&mut as_query, reach, width);
                    target.set(scale, changes.transposed(), key);
                    OfTables::Tables([as_key, as_query])
                }
                _ => OfTables::None,
            };
        }
        for (out, numbers) in outs.into_iter().zip([of_query, of_key, of_value]) {
            put(out, head, hidden, &numbers);
        }
        of_tables
    }

    /// The sums over all sequences, in their order.
    fn table_gradients<E: Stored>(&self, heads: &[Head], parts: &[OfTables]) -> Vec<FlexTensor> {
        let hidden = self.inner.dims()[1];
        match &self.by {
            By::Nearness(_) => Vec::new(),
            By::Bias(table) => {
                let shape = table.layout().shape().clone();
                let mut sums = vec![0.0; shape.num_elements()];
                for (head, part) in heads.iter().zip(parts) {
                    let OfTables::Bias(part) = part else { continue };
                    for (row, change) in self.rows_of(head.seq).iter().zip(part) {
                        sums[*row as usize * self.inner.heads + head.number] += change;
                    }
                }
                vec![from_values(sums, shape)]
            }
            By::Tables([table, _]) => {
                let shape = table.layout().shape().clone();
                let mut sums = [(); 2].map(|()| vec![0.0f32; shape.num_elements()]);
                for (head, part) in heads.iter().zip(parts) {
                    let OfTables::Tables(part) = part else {
                        continue;
                    };
                    for (sums, part) in sums.iter_mut().zip(part) {
                        let changes = part.chunks_exact(head.width);
                        for (row, change) in self.rows_of(head.seq).iter().zip(changes) {
                            add(&mut sums[*row as usize * hidden + head.column..], change);
                        }
                    }
                }
                let stored = |sums: Vec<f32>| {
                    let numbers: Vec<E> = sums.into_iter().map(E::of).collect();
                    from_values(numbers, shape.clone())
                };
                sums.map(stored).to_vec()
            }
        }
    }
}

/// The sums along the diagonals of `[seq, seq]`, from the lowest distance up.
fn diagonals(changes: &[f32], seq: usize) -> Vec<f32> {
    let mut sums = vec![0.0; 2 * seq - 1];
    for (at, row) in changes.chunks_exact(seq).enumerate() {
        add(&mut sums[seq - 1 - at..], row);
    }
    sums
}

/// Writes a head `[seq, width]` into rows of `hidden` columns.
fn put(out: Out, head: &Head, hidden: usize, numbers: &[f32]) {
    let start = head.start * hidden + head.column;
    for (row, numbers) in numbers.chunks_exact(head.width).enumerate() {
        let start = start + row * hidden;
        match out {
            Out::F32(out) => {
                // SAFETY: heads share no element, and each is written by the one task that works on it.
                unsafe { out.piece(start, head.width) }.copy_from_slice(numbers);
            }
            Out::Bf16(out) => {
                // SAFETY: as above.
                to_bf16(numbers, unsafe { out.piece(start, head.width) });
            }
        }
    }
}

vectorised! {
    /// Turns the scores of one row into weights; `row` becomes the largest score and the sum of
    /// exponentials.
    fn softmax_rows_of_one(scores: &mut [f32], row: &mut [f32; 2]) {
        let top = largest(scores);
        for score in scores.iter_mut() {
            *score = exp(*score - top);
        }
        let total = sum_of([scores], |[x]| x);
        *row = [top, total];
        let inverse = 1.0 / total;
        for score in scores.iter_mut() {
            *score *= inverse;
        }
    }
}

vectorised! {
    /// The same with the largest score and the sum of exponentials known.
    fn softmax_of_known(scores: &mut [f32], top: f32, total: f32) {
        let inverse = 1.0 / total;
        for score in scores.iter_mut() {
            *score = exp(*score - top) * inverse;
        }
    }
}

vectorised! {
    /// `gradient` of a row's weights becomes that of its scores.
    fn softmax_gradient(weights: &[f32], gradient: &mut [f32]) {
        let along = sum_of([weights, gradient], |[p, g]| p * g);
        for (gradient, weight) in gradient.iter_mut().zip(weights) {
            *gradient = weight * (*gradient - along);
        }
    }
}

#[derive(Debug)]
struct AttentionByDistance;

impl Backward<Flex, 5> for AttentionByDistance {
    type State = Distances;

    fn backward(self, ops: Ops<Distances, 5>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = contiguous(grads.consume::<Flex>(&ops.node));
        let gradients = by_type!(gradient, E => ops.state.backward::<E>(&gradient));
        for (parent, gradient) in ops.parents.into_iter().zip(gradients) {
            if let Some(parent) = parent {
                grads.register::<Flex>(parent.id, gradient);
            }
        }
    }
}

/// Buckets, the largest distance, sequences, heads, dropout.
pub(super) type Others = (
    Arc<[u32]>,
    Option<usize>,
    SequenceOffsets,
    usize,
    Option<Dropout>,
);

/// Query, key, value and both tables.
pub(super) fn tracked<C: CheckpointStrategy>(
    inputs: [FloatTensor<Autodiff<C>>; 5],
    (buckets, distance, offsets, heads, dropout): Others,
) -> FloatTensor<Autodiff<C>> {
    let [
        (query, query_node),
        (key, key_node),
        (value, value_node),
        (first, first_node),
        (second, second_node),
    ] = inputs.map(|input| input.into_parts());
    let inner = Attention::new(query, key, value, offsets, heads, dropout);
    let mut attention = Distances::new(inner, [first, second], buckets, distance);
    let out = by_type!(attention.inner.query, E => attention.run::<E>());
    let nodes = [query_node, key_node, value_node, first_node, second_node];
    let prep = AttentionByDistance
        .prepare::<C>(nodes)
        .compute_bound()
        .stateful();
    match prep {
        OpsKind::UnTracked(prep) => prep.finish(out),
        OpsKind::Tracked(prep) => prep.finish(attention, out),
    }
}
