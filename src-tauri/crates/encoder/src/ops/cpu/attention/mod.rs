//! Scaled dot-product attention (Vaswani et al. 2017, section 3.2.1), sequence by sequence and head by
//! head in parallel.
//!
//! Heads are read and written in place, `hidden` apart, so nothing is transposed or copied. The
//! weights are not kept: the backward pass computes them again from each row's maximum and sum, as
//! FlashAttention does (Dao et al. 2022, section 3.1), which saves `seq`² numbers a head. Heads in `bf16`
//! are converted one at a time: scores and weights are always `f32`.

mod by_distance;
mod tables;

pub(super) use by_distance::{Distances, tracked as tracked_by_distance};

use super::gemm::{Matrix, Out, Shared, Target, to_bf16, to_f32};
use super::simd::{exp, largest, sum, vectorised};
use super::stored::{Stored, by_type};
use super::{contiguous, from_values, values, zeros};
use crate::ops::random::Dropout;
use crate::sequence_offsets::SequenceOffsets;
use burn::backend::Flex;
use burn_autodiff::checkpoint::base::Checkpointer;
use burn_autodiff::checkpoint::strategy::CheckpointStrategy;
use burn_autodiff::grads::Gradients;
use burn_autodiff::ops::{Backward, Ops, OpsKind};
use burn_backend::DType;
use burn_backend::tensor::FloatTensor;
use burn_flex::FlexTensor;
use half::bf16;
use rayon::prelude::*;
use std::sync::Arc;

type Autodiff<C> = burn::backend::Autodiff<Flex, C>;

/// The inputs of one attention, `[tokens, hidden]` each, and what its backward pass needs.
#[derive(Clone, Debug)]
pub(super) struct Attention {
    query: FlexTensor,
    key: FlexTensor,
    value: FlexTensor,
    offsets: SequenceOffsets,
    heads: usize,
    dropout: Option<Dropout>,
    /// Largest score and sum of exponentials of each row, head by head, `[tokens · heads]`.
    rows: Arc<[[f32; 2]]>,
}

vectorised! {
    /// Turns scores into weights, row by row, at least one; `first` is the head's first row.
    fn softmax_rows(
        scores: &mut [f32],
        rows: &mut [[f32; 2]],
        first: usize,
        dropout: Option<Dropout>,
    ) {
        let seq = scores.len() / rows.len();
        for (at, (scores, row)) in scores.chunks_exact_mut(seq).zip(rows).enumerate() {
            let top = largest(scores);
            for score in scores.iter_mut() {
                *score = exp(*score - top);
            }
            let total = sum([scores], |[x]| x);
            *row = [top, total];
            let inverse = 1.0 / total;
            for score in scores.iter_mut() {
                *score *= inverse;
            }
            if let Some(dropout) = dropout {
                let factors = dropout.row(first + at);
                for (column, weight) in scores.iter_mut().enumerate() {
                    *weight *= factors.at(column);
                }
            }
        }
    }
}

vectorised! {
    /// From scores, at least one row, and the gradient of their dropped weights: `scores` becomes the
    /// dropped weights, `gradient` that of the scores before scaling, times `scale`.
    fn softmax_backward_rows(
        scores: &mut [f32],
        gradient: &mut [f32],
        rows: &[[f32; 2]],
        first: usize,
        dropout: Option<Dropout>,
        scale: f32,
    ) {
        let seq = scores.len() / rows.len();
        let pairs = scores.chunks_exact_mut(seq).zip(gradient.chunks_exact_mut(seq));
        for (at, ((scores, gradient), [top, total])) in pairs.zip(rows).enumerate() {
            let inverse = 1.0 / total;
            for score in scores.iter_mut() {
                *score = exp(*score - top) * inverse;
            }
            let factors = dropout.map(|dropout| dropout.row(first + at));
            if let Some(factors) = factors {
                for (column, gradient) in gradient.iter_mut().enumerate() {
                    *gradient *= factors.at(column);
                }
            }
            let along = sum([scores, gradient], |[p, g]| p * g);
            for (gradient, weight) in gradient.iter_mut().zip(scores.iter()) {
                *gradient = weight * (*gradient - along) * scale;
            }
            if let Some(factors) = factors {
                for (column, weight) in scores.iter_mut().enumerate() {
                    *weight *= factors.at(column);
                }
            }
        }
    }
}

/// One head of one sequence.
struct Head {
    /// The sequence's first token and how many it has.
    start: usize,
    seq: usize,
    /// Which head it is, from 0.
    number: usize,
    /// The first column of the head, and how many it has.
    column: usize,
    width: usize,
    /// The number of its first row among those that dropout knows.
    first_row: usize,
}

/// Each head with its part of `rows`, in which they follow each other.
fn by_head<'a, T>(heads: &'a [Head], mut rows: &'a [T]) -> Vec<(&'a Head, &'a [T])> {
    let mut next = |head: &'a Head| {
        let (own, others) = rows.split_at(head.seq);
        rows = others;
        (head, own)
    };
    heads.iter().map(&mut next).collect()
}

/// The same, to write to.
fn by_head_mut<'a, T>(heads: &'a [Head], mut rows: &'a mut [T]) -> Vec<(&'a Head, &'a mut [T])> {
    let mut next = |head: &'a Head| {
        let (own, others) = std::mem::take(&mut rows).split_at_mut(head.seq);
        rows = others;
        (head, own)
    };
    heads.iter().map(&mut next).collect()
}

impl Attention {
    pub(super) fn new(
        query: FlexTensor,
        key: FlexTensor,
        value: FlexTensor,
        offsets: SequenceOffsets,
        heads: usize,
        dropout: Option<Dropout>,
    ) -> Self {
        Self {
            query: contiguous(query),
            key: contiguous(key),
            value: contiguous(value),
            offsets,
            heads,
            dropout,
            rows: Arc::new([]),
        }
    }

    /// `[tokens, hidden]`.
    fn dims(&self) -> [usize; 2] {
        let shape = self.query.layout().shape();
        [shape[0], shape[1]]
    }

    /// What the scores are multiplied by.
    fn scale(&self) -> f32 {
        let width = self.dims()[1] / self.heads;
        (1.0 / (width as f64).sqrt()) as f32
    }

    /// All heads of all sequences that have a token.
    fn all_heads(&self) -> Vec<Head> {
        let width = self.dims()[1] / self.heads;
        let longest = self.offsets.longest();
        let tokens = self.offsets.iter().enumerate();
        tokens
            .filter(|(_, tokens)| !tokens.is_empty())
            .flat_map(|(sequence, tokens)| {
                (0..self.heads).map(move |head| Head {
                    start: tokens.start,
                    seq: tokens.len(),
                    number: head,
                    column: head * width,
                    width,
                    // As in the padded layout of `reference`, so that both drop the same elements.
                    first_row: (sequence * self.heads + head) * longest,
                })
            })
            .collect()
    }

    /// A head of a `[tokens, hidden]` tensor, `[seq, width]`; in `room` where it must be converted.
    fn head<'a>(&self, tensor: &'a FlexTensor, head: &Head, room: &'a mut Vec<f32>) -> Matrix<'a> {
        let (hidden, seq, width) = (self.dims()[1], head.seq, head.width);
        let start = head.start * hidden + head.column;
        if tensor.dtype() != DType::BF16 {
            return Matrix::new(&values(tensor)[start..], seq, width, hidden);
        }
        room.resize(seq * width, 0.0);
        let rows = values::<bf16>(tensor)[start..].chunks(hidden);
        for (from, out) in rows.zip(room.chunks_exact_mut(width)) {
            to_f32(&from[..width], out);
        }
        Matrix::new(room, seq, width, width)
    }

    /// The result. Keeps what the backward pass needs.
    fn run<E: Stored>(&mut self) -> FlexTensor {
        let [tokens, hidden] = self.dims();
        let mut out: Vec<E> = zeros(tokens * hidden);
        let mut rows = vec![[0.0; 2]; tokens * self.heads];
        let longest = self.offsets.longest();
        let heads = self.all_heads();
        let shared = E::out(Shared::new(&mut out));
        by_head_mut(&heads, &mut rows)
            .into_par_iter()
            .for_each_init(
                || (vec![0.0; longest * longest], Rooms::default()),
                |(weights, [query_room, key_room, value_room, room]), (head, rows)| {
                    let seq = head.seq;
                    let weights = &mut weights[..seq * seq];
                    let query = self.head(&self.query, head, query_room);
                    let key = self.head(&self.key, head, key_room);
                    Target::new(weights, seq, seq).set(self.scale(), query, key.transposed());
                    softmax_rows(weights, rows, head.first_row, self.dropout);
                    let weights = Matrix::new(weights, seq, seq, seq);
                    let value = self.head(&self.value, head, value_room);
                    self.write(shared, head, weights, value, room);
                },
            );
        self.rows = rows.into();
        from_values(out, [tokens, hidden])
    }

    pub(super) fn forward(mut self) -> FlexTensor {
        by_type!(self.query, E => self.run::<E>())
    }

    /// Writes `left · right` over a head of `out`, through `room` where it must be converted.
    #[allow(unsafe_code, reason = "heads lie interleaved in one slice")]
    fn write(&self, out: Out, head: &Head, left: Matrix, right: Matrix, room: &mut Vec<f32>) {
        let hidden = self.dims()[1];
        let offset = head.start * hidden + head.column;
        match out {
            Out::F32(out) => {
                // SAFETY: heads share no element, and each is written by the one task that works on it.
                let target = unsafe { out.target(offset, head.seq, head.width, hidden) };
                target.set(1.0, left, right);
            }
            Out::Bf16(out) => {
                room.resize(head.seq * head.width, 0.0);
                Target::new(room, head.seq, head.width).set(1.0, left, right);
                for (row, sums) in room.chunks_exact(head.width).enumerate() {
                    // SAFETY: as above.
                    let out = unsafe { out.piece(offset + row * hidden, head.width) };
                    to_bf16(sums, out);
                }
            }
        }
    }

    /// The gradients of query, key and value from that of the result.
    fn backward<E: Stored>(&self, gradient: &FlexTensor) -> [FlexTensor; 3] {
        let [tokens, hidden] = self.dims();
        let size = tokens * hidden;
        let [mut query, mut key, mut value] = [(); 3].map(|()| zeros::<E>(size));
        let [of_query, of_key, of_value] =
            [&mut query, &mut key, &mut value].map(|out| E::out(Shared::new(out)));
        let longest = self.offsets.longest();
        let heads = self.all_heads();
        by_head(&heads, &self.rows).into_par_iter().for_each_init(
            || {
                (
                    [(); 2].map(|()| vec![0.0; longest * longest]),
                    Rooms::default(),
                    Vec::new(),
                )
            },
            |([weights, scores], rooms, out), (head, rows)| {
                let seq = head.seq;
                let (weights, scores) = (&mut weights[..seq * seq], &mut scores[..seq * seq]);
                let [gradient_room, value_room, query_room, key_room] = rooms;
                let gradient = self.head(gradient, head, gradient_room);
                let value = self.head(&self.value, head, value_room);
                let query = self.head(&self.query, head, query_room);
                let key = self.head(&self.key, head, key_room);
                Target::new(weights, seq, seq).set(self.scale(), query, key.transposed());
                Target::new(scores, seq, seq).set(1.0, gradient, value.transposed());
                let (dropout, scale) = (self.dropout, self.scale());
                softmax_backward_rows(weights, scores, rows, head.first_row, dropout, scale);
                let weights = Matrix::new(weights, seq, seq, seq);
                let scores = Matrix::new(scores, seq, seq, seq);
                self.write(of_value, head, weights.transposed(), gradient, out);
                self.write(of_query, head, scores, key, out);
                self.write(of_key, head, scores.transposed(), query, out);
            },
        );
        [query, key, value].map(|out| from_values(out, [tokens, hidden]))
    }
}

/// Scratch memory for heads that are converted.
type Rooms = [Vec<f32>; 4];

#[derive(Debug)]
struct AttentionOp;

impl Backward<Flex, 3> for AttentionOp {
    type State = Attention;

    fn backward(self, ops: Ops<Attention, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = contiguous(grads.consume::<Flex>(&ops.node));
        let gradients = by_type!(gradient, E => ops.state.backward::<E>(&gradient));
        for (parent, gradient) in ops.parents.into_iter().zip(gradients) {
            if let Some(parent) = parent {
                grads.register::<Flex>(parent.id, gradient);
            }
        }
    }
}

pub(super) fn tracked<C: CheckpointStrategy>(
    query: FloatTensor<Autodiff<C>>,
    key: FloatTensor<Autodiff<C>>,
    value: FloatTensor<Autodiff<C>>,
    offsets: SequenceOffsets,
    heads: usize,
    dropout: Option<Dropout>,
) -> FloatTensor<Autodiff<C>> {
    let (query, query_node) = query.into_parts();
    let (key, key_node) = key.into_parts();
    let (value, value_node) = value.into_parts();
    let mut attention = Attention::new(query, key, value, offsets, heads, dropout);
    let out = by_type!(attention.query, E => attention.run::<E>());
    let prep = AttentionOp
        .prepare::<C>([query_node, key_node, value_node])
        .compute_bound()
        .stateful();
    match prep {
        OpsKind::UnTracked(prep) => prep.finish(out),
        OpsKind::Tracked(prep) => prep.finish(attention, out),
    }
}
