//! Scaled dot-product attention (Vaswani et al. 2017, section 3.2.1), head by head in parallel.
//!
//! Heads are read and written in place, `hidden` apart, so nothing is transposed or copied. The
//! weights are not kept: the backward pass computes them again from each row's maximum and sum, as
//! FlashAttention does (Dao et al. 2022, section 3.1), which saves `seq`² numbers a head.

use super::product::{Matrix, Shared, Target};
use super::simd::{exp, largest, sum, vectorised};
use super::{contiguous, from_values, values};
use crate::ops::random::Dropout;
use burn::backend::Flex;
use burn_autodiff::checkpoint::base::Checkpointer;
use burn_autodiff::checkpoint::strategy::CheckpointStrategy;
use burn_autodiff::grads::Gradients;
use burn_autodiff::ops::{Backward, Ops, OpsKind};
use burn_backend::tensor::FloatTensor;
use burn_flex::FlexTensor;
use rayon::prelude::*;
use std::sync::Arc;

type Autodiff<C> = burn::backend::Autodiff<Flex, C>;

/// The inputs of one attention, `[batch, seq, hidden]` each, and what its backward pass needs.
#[derive(Clone, Debug)]
pub(super) struct Attention {
    query: FlexTensor,
    key: FlexTensor,
    value: FlexTensor,
    /// What is added to the scores of each key, `[batch · seq]`.
    bias: Option<Arc<[f32]>>,
    heads: usize,
    dropout: Option<Dropout>,
    /// Largest score and sum of exponentials of each row, `[batch · heads · seq]` pairs.
    rows: Arc<[[f32; 2]]>,
}

vectorised! {
    /// Turns the scores of one head into weights, row by row; `first` is the head's first row.
    fn softmax_rows(
        scores: &mut [f32],
        bias: Option<&[f32]>,
        rows: &mut [[f32; 2]],
        first: usize,
        dropout: Option<Dropout>,
    ) {
        let seq = rows.len();
        for (at, (scores, row)) in scores.chunks_exact_mut(seq).zip(rows).enumerate() {
            add_bias(scores, bias);
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

#[inline(always)]
fn add_bias(scores: &mut [f32], bias: Option<&[f32]>) {
    if let Some(bias) = bias {
        for (score, bias) in scores.iter_mut().zip(bias) {
            *score += bias;
        }
    }
}

vectorised! {
    /// From the scores of one head and the gradient of its dropped weights: `scores` becomes the
    /// dropped weights, `gradient` that of the scores before scaling, times `scale`.
    fn softmax_backward_rows(
        scores: &mut [f32],
        gradient: &mut [f32],
        bias: Option<&[f32]>,
        rows: &[[f32; 2]],
        first: usize,
        dropout: Option<Dropout>,
        scale: f32,
    ) {
        let seq = rows.len();
        let pairs = scores.chunks_exact_mut(seq).zip(gradient.chunks_exact_mut(seq));
        for (at, ((scores, gradient), [top, total])) in pairs.zip(rows).enumerate() {
            add_bias(scores, bias);
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

impl Attention {
    pub(super) fn new(
        query: FlexTensor,
        key: FlexTensor,
        value: FlexTensor,
        bias: Option<Vec<f32>>,
        heads: usize,
        dropout: Option<Dropout>,
    ) -> Self {
        Self {
            query: contiguous(query),
            key: contiguous(key),
            value: contiguous(value),
            bias: bias.map(Into::into),
            heads,
            dropout,
            rows: Arc::new([]),
        }
    }

    /// `[batch, seq, hidden]`.
    fn dims(&self) -> [usize; 3] {
        let shape = self.query.layout().shape();
        [shape[0], shape[1], shape[2]]
    }

    /// What the scores are multiplied by.
    fn scale(&self) -> f32 {
        let width = self.dims()[2] / self.heads;
        (1.0 / (width as f64).sqrt()) as f32
    }

    /// Where head `index`, counted through the batch, begins in a `[batch, seq, hidden]` tensor.
    fn offset(&self, index: usize) -> usize {
        let [_, seq, hidden] = self.dims();
        let (row, head) = (index / self.heads, index % self.heads);
        row * seq * hidden + head * (hidden / self.heads)
    }

    /// Head `index` of a tensor of that shape, `[seq, width]`.
    fn head<'a>(&self, tensor: &'a FlexTensor, index: usize) -> Matrix<'a> {
        let [_, seq, hidden] = self.dims();
        let values = &values(tensor)[self.offset(index)..];
        Matrix::new(values, seq, hidden / self.heads, hidden)
    }

    fn bias_of(&self, index: usize) -> Option<&[f32]> {
        let seq = self.dims()[1];
        let start = index / self.heads * seq;
        self.bias.as_ref().map(|bias| &bias[start..start + seq])
    }

    /// `scale · Q Kᵀ` of head `index`.
    fn scores(&self, index: usize, out: &mut [f32]) {
        let seq = self.dims()[1];
        let (query, key) = (self.head(&self.query, index), self.head(&self.key, index));
        Target::new(out, seq, seq).set(self.scale(), query, key.transposed());
    }

    /// The result. Keeps what the backward pass needs.
    fn run(&mut self) -> FlexTensor {
        let [batch, seq, hidden] = self.dims();
        let mut out = vec![0.0; batch * seq * hidden];
        let mut rows = vec![[0.0; 2]; batch * self.heads * seq];
        if !out.is_empty() {
            let shared = Shared::new(&mut out);
            rows.par_chunks_mut(seq).enumerate().for_each_init(
                || vec![0.0; seq * seq],
                |weights, (index, rows)| {
                    self.scores(index, weights);
                    let first = index * seq;
                    softmax_rows(weights, self.bias_of(index), rows, first, self.dropout);
                    let value = self.head(&self.value, index);
                    self.write(shared, index, Matrix::new(weights, seq, seq, seq), value);
                },
            );
        }
        self.rows = rows.into();
        from_values(out, [batch, seq, hidden])
    }

    pub(super) fn forward(mut self) -> FlexTensor {
        self.run()
    }

    /// Writes `left · right` over head `index` of `out`.
    #[allow(unsafe_code, reason = "heads lie interleaved in one slice")]
    fn write(&self, out: Shared, index: usize, left: Matrix, right: Matrix) {
        let [_, seq, hidden] = self.dims();
        let width = hidden / self.heads;
        // SAFETY: heads share no element, and each is written by the one task that works on it.
        let target = unsafe { out.target(self.offset(index), seq, width, hidden) };
        target.set(1.0, left, right);
    }

    /// The gradients of query, key and value from that of the result.
    fn backward(&self, gradient: &FlexTensor) -> [FlexTensor; 3] {
        let [batch, seq, hidden] = self.dims();
        let size = batch * seq * hidden;
        let (mut query, mut key, mut value) = (vec![0.0; size], vec![0.0; size], vec![0.0; size]);
        if size > 0 {
            let outs = [&mut query, &mut key, &mut value].map(|out| Shared::new(out));
            let [of_query, of_key, of_value] = outs;
            self.rows.par_chunks(seq).enumerate().for_each_init(
                || (vec![0.0; seq * seq], vec![0.0; seq * seq]),
                |(weights, scores), (index, rows)| {
                    let gradient = self.head(gradient, index);
                    let value = self.head(&self.value, index);
                    self.scores(index, weights);
                    Target::new(scores, seq, seq).set(1.0, gradient, value.transposed());
                    let (bias, first) = (self.bias_of(index), index * seq);
                    let (dropout, scale) = (self.dropout, self.scale());
                    softmax_backward_rows(weights, scores, bias, rows, first, dropout, scale);
                    let weights = Matrix::new(weights, seq, seq, seq);
                    let scores = Matrix::new(scores, seq, seq, seq);
                    self.write(of_value, index, weights.transposed(), gradient);
                    self.write(of_query, index, scores, self.head(&self.key, index));
                    let query = self.head(&self.query, index);
                    self.write(of_key, index, scores.transposed(), query);
                },
            );
        }
        [query, key, value].map(|out| from_values(out, [batch, seq, hidden]))
    }
}

#[derive(Debug)]
struct AttentionOp;

impl Backward<Flex, 3> for AttentionOp {
    type State = Attention;

    fn backward(self, ops: Ops<Attention, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = contiguous(grads.consume::<Flex>(&ops.node));
        let gradients = ops.state.backward(&gradient);
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
    bias: Option<Vec<f32>>,
    heads: usize,
    dropout: Option<Dropout>,
) -> FloatTensor<Autodiff<C>> {
    let (query, query_node) = query.into_parts();
    let (key, key_node) = key.into_parts();
    let (value, value_node) = value.into_parts();
    let mut attention = Attention::new(query, key, value, bias, heads, dropout);
    let out = attention.run();
    let prep = AttentionOp
        .prepare::<C>([query_node, key_node, value_node])
        .compute_bound()
        .stateful();
    match prep {
        OpsKind::UnTracked(prep) => prep.finish(out),
        OpsKind::Tracked(prep) => prep.finish(attention, out),
    }
}
