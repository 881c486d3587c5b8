//! Attention in which distances have a say: near tokens alone, a number for each distance, or disentangled
//! attention (He et al. 2021, section 3.1).
//!
//! Distances count from `-(seq - 1)`, the last query and the first key, to `seq - 1`. What belongs to them is
//! gathered once for each sequence in that order, so that in each row of scores it lies side by side. As in
//! [`super`] no weights are kept.

#![allow(unsafe_code, reason = "heads lie interleaved in one slice")]

use super::super::gemm::{Matrix, Out, Shared, Target, to_bf16};
use super::super::stored::{Stored, by_type};
use super::super::{contiguous, from_values, values, zeros};
use super::tables::{Gathered, add, add_biases, of_biases, resized};
use super::{Attention, Head, by_head, by_head_mut, softmax_backward_rows, softmax_rows};
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
use std::slice::{from_mut, from_ref};
use std::sync::Arc;

type Autodiff<C> = burn::backend::Autodiff<Flex, C>;

/// How many queries are looked at together where only near tokens count, or sequences are long.
const QUERIES: usize = 64;

/// An attention with what distances say.
#[derive(Clone, Debug)]
pub(in super::super) struct Distances {
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

/// Scratch memory of a thread.
#[derive(Default)]
struct Room {
    scores: Vec<f32>,
    gradient: Vec<f32>,
    band: Vec<f32>,
    /// For heads of query, key and value that are converted.
    heads: [Vec<f32>; 3],
    /// For a head of the result, or of its gradient.
    result: Vec<f32>,
    product: Vec<f32>,
}

/// What a head of a sequence attends with, `[seq, width]` each.
struct Opened<'a> {
    query: Matrix<'a>,
    key: Matrix<'a>,
    value: Matrix<'a>,
    gathered: Option<Gathered>,
}

/// What a head of a sequence contributes to the gradients of the tables, in the order of distances.
enum OfTables {
    None,
    Bias(Vec<f32>),
    Tables([Vec<f32>; 2]),
}

impl Distances {
    /// With a `distance`, near tokens alone count; else a second table that is empty says that the first one
    /// is a bias.
    pub(in super::super) fn new(
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

    pub(in super::super) fn forward(mut self) -> FlexTensor {
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

    /// `rooms` are for what must be converted.
    fn open<'a>(&'a self, head: &Head, rooms: &'a mut [Vec<f32>; 3]) -> Opened<'a> {
        let inner = &self.inner;
        let gathered = match &self.by {
            By::Tables(tables) => {
                let (rows, hidden) = (self.rows_of(head.seq), inner.dims()[1]);
                Some(Gathered::new(tables, rows, hidden, head))
            }
            _ => None,
        };
        let [query, key, value] = rooms;
        Opened {
            query: inner.head(&inner.query, head, query),
            key: inner.head(&inner.key, head, key),
            value: inner.head(&inner.value, head, value),
            gathered,
        }
    }

    /// The scores of a block, `[queries, keys]`. Those of tokens that are too far away are wrong.
    fn scores<'a>(
        &self,
        head: &Head,
        block: &Block,
        opened: &Opened,
        scores: &'a mut Vec<f32>,
        band: &mut Vec<f32>,
    ) -> &'a mut [f32] {
        let scale = self.scale();
        let (queries, keys) = (block.queries.len(), block.keys.len());
        let scores = resized(scores, queries * keys);
        let own = opened.query.row_block(block.queries.start, queries);
        let others = opened.key.row_block(block.keys.start, keys);
        Target::new(scores, queries, keys).set(scale, own, others.transposed());
        if let By::Bias(table) = &self.by {
            let table = values::<f32>(table);
            let of_row = |row: &u32| table[*row as usize * self.inner.heads + head.number];
            let biases: Vec<f32> = self.rows_of(head.seq).iter().map(of_row).collect();
            add_biases(scores, &biases);
        }
        if let Some(gathered) = &opened.gathered {
            gathered.add_scores(scores, scale, [opened.query, opened.key], band);
        }
        scores
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
            softmax_rows(weights, from_mut(row), 0, None);
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
        for (query, ((scores, gradient), row)) in block.queries.clone().zip(all.zip(rows)) {
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
            for (at, gradient) in gradient.iter_mut().enumerate() {
                *gradient *= factor(at);
            }
            softmax_backward_rows(weights, gradient, from_ref(row), 0, None, 1.0);
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
        let shared = E::out(Shared::new(&mut out));
        by_head_mut(&heads, &mut rows)
            .into_par_iter()
            .for_each_init(Room::default, |room, (head, rows)| {
                let opened = self.open(head, &mut room.heads);
                let result = resized(&mut room.result, head.seq * head.width);
                for block in self.blocks(head.seq) {
                    let (queries, keys) = (block.queries.len(), block.keys.len());
                    let scores =
                        self.scores(head, &block, &opened, &mut room.scores, &mut room.band);
                    self.weigh(head, &block, scores, &mut rows[block.queries.clone()]);
                    let seen = opened.value.row_block(block.keys.start, keys);
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
        let heads = self.inner.all_heads();
        let of_tables: Vec<OfTables> = by_head(&heads, &self.inner.rows)
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
        let opened = self.open(head, &mut room.heads);
        let gradient = self.inner.head(gradient, head, &mut room.result);
        let [mut of_query, mut of_key, mut of_value] = [(); 3].map(|()| vec![0.0f32; seq * width]);
        let mut of_tables = OfTables::None;
        for block in self.blocks(seq) {
            let (queries, keys) = (block.queries.len(), block.keys.len());
            let scores = self.scores(head, &block, &opened, &mut room.scores, &mut room.band);
            let of_scores = resized(&mut room.gradient, queries * keys);
            let own = gradient.row_block(block.queries.start, queries);
            let seen = opened.value.row_block(block.keys.start, keys);
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
            let own_query = opened.query.row_block(block.queries.start, queries);
            let own_key = opened.key.row_block(block.keys.start, keys);
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
            of_tables = match (&self.by, &opened.gathered) {
                (By::Bias(_), _) => OfTables::Bias(of_biases(of_scores, seq)),
                (_, Some(gathered)) => OfTables::Tables(gathered.backward(
                    of_scores,
                    scale,
                    [opened.query, opened.key],
                    [&mut of_query, &mut of_key],
                    [&mut room.band, &mut room.product],
                )),
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
pub(in super::super) type Others = (
    Arc<[u32]>,
    Option<usize>,
    SequenceOffsets,
    usize,
    Option<Dropout>,
);

/// Query, key, value and both tables.
pub(in super::super) fn tracked<C: CheckpointStrategy>(
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
