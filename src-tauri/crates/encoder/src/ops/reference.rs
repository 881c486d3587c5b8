//! The reference implementation: the operations by burn's own functions, on every device. The fused ones
//! are compared with it.

use super::random::Dropout;
use super::{AdamWStep, Rotation, Scores};
use crate::precision::cast;
use crate::sequence_offsets::SequenceOffsets;
use burn::nn::LayerNorm;
use burn::tensor::{Bool, DType, Device, Int, Tensor, TensorData, activation};
use std::sync::OnceLock;
use tagsmith_checkpoint::RelativePositions;

pub(super) fn dropout<const D: usize>(input: Tensor<D>, dropout: Option<Dropout>) -> Tensor<D> {
    match dropout {
        Some(dropout) => {
            let mask = dropout.mask(input.dims(), &input.device());
            input.clone() * cast(mask, input.dtype())
        }
        None => input,
    }
}

/// `x · Φ(x)`, Φ by the error function. burn's own GELU is the same forward, but its derivative is that
/// of the approximation by tanh, off by up to 3e-4 of the largest.
pub(super) fn gelu<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    // In half precision 1 − Φ would be rounded away where it matters.
    let dtype = input.dtype();
    let input = cast(input, DType::F32);
    let share = (input.clone() * std::f64::consts::FRAC_1_SQRT_2).erf();
    cast(input * (share * 0.5 + 0.5), dtype)
}

/// The approximation of GELU by tanh. In 32 bits: cubes of what half precision holds overflow it.
pub(super) fn gelu_tanh<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    let dtype = input.dtype();
    cast(activation::gelu_approximate(cast(input, DType::F32)), dtype)
}

pub(super) fn tanh<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    let dtype = input.dtype();
    cast(activation::tanh(cast(input, DType::F32)), dtype)
}

/// `x · σ(x)`. In 32 bits, like the others.
pub(super) fn silu<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    let dtype = input.dtype();
    cast(activation::silu(cast(input, DType::F32)), dtype)
}

pub(super) fn linear(input: Tensor<2>, weight: Tensor<2>, bias: Option<Tensor<1>>) -> Tensor<2> {
    // The weights are kept in 32 bits and cast to the type of the hidden states.
    let dtype = input.dtype();
    let product = input.matmul(cast(weight, dtype));
    match bias {
        Some(bias) => product + cast(bias, dtype).unsqueeze(),
        None => product,
    }
}

pub(super) fn add_norm<const D: usize>(
    input: Tensor<D>,
    residual: Tensor<D>,
    norm: &LayerNorm,
    dropped: Option<Dropout>,
) -> Tensor<D> {
    let dtype = input.dtype();
    let sum = cast(dropout(input, dropped), DType::F32) + cast(residual, DType::F32);
    cast(norm.forward(sum), dtype)
}

/// The sum of a row of each table, normalised. Added in the order of the fused implementations.
pub(super) fn embed(
    tables: [Tensor<2>; 3],
    indices: [Tensor<1, Int>; 3],
    norm: &LayerNorm,
) -> Tensor<2> {
    let [words, positions, token_types] = tables;
    let [ids, position_ids, token_type_ids] = indices;
    let others = token_types.select(0, token_type_ids) + positions.select(0, position_ids);
    norm.forward(words.select(0, ids) + others)
}

/// A third of the range of 32 bits: adding a score to it cannot overflow to −inf.
const LOWEST: f64 = -1.0e38;

/// The padded layout of a batch, `[sequences, length]`, which batched matrix products need.
#[derive(Clone, Debug)]
pub(super) struct PaddedLayout {
    sequences: usize,
    length: usize,
    /// `None` where all sequences are equally long: the layout is then the batch itself.
    padding: Option<Padding>,
    /// What follows from the length alone and all layers share, made when one first asks.
    buckets: OnceLock<Tensor<1, Int>>,
    nearness: OnceLock<(usize, Tensor<4>)>,
}

#[derive(Clone, Debug)]
struct Padding {
    /// The token at each padded index, `[sequences · length]`; any token at padding.
    tokens: Tensor<1, Int>,
    /// The padded index of each row, `[rows]`; any index for a row that is no token.
    indices: Tensor<1, Int>,
    /// True at padding, `[sequences, length]`.
    is_padding: Tensor<2, Bool>,
}

impl PaddedLayout {
    pub(super) fn new(offsets: &SequenceOffsets, device: &Device) -> Self {
        let (sequences, length) = (offsets.sequences(), offsets.padded_length());
        let ints = |values: Vec<i64>| {
            let size = values.len();
            Tensor::from_data(TensorData::new(values, [size]), device)
        };
        let is_the_batch = [offsets.rows(), sequences * length] == [offsets.tokens(); 2];
        let padding = (!is_the_batch).then(|| {
            let tokens: Vec<Option<usize>> = offsets.padded_tokens().collect();
            let is_padding: Vec<bool> = tokens.iter().map(Option::is_none).collect();
            Padding {
                tokens: ints(tokens.iter().map(|at| at.unwrap_or(0) as i64).collect()),
                indices: ints(offsets.padded_indices().map(|index| index as i64).collect()),
                is_padding: Tensor::from_data(
                    TensorData::new(is_padding, [sequences, length]),
                    device,
                ),
            }
        });
        Self {
            sequences,
            length,
            padding,
            buckets: OnceLock::new(),
            nearness: OnceLock::new(),
        }
    }

    /// `[rows, hidden]` → `[sequences, heads, length, width]`.
    fn heads(&self, flat: Tensor<2>, heads: usize) -> Tensor<4> {
        let [_, hidden] = flat.dims();
        let padded = match &self.padding {
            Some(padding) => flat.select(0, padding.tokens.clone()),
            None => flat,
        };
        padded
            .reshape([self.sequences, self.length, heads, hidden / heads])
            .swap_dims(1, 2)
    }

    /// `[sequences, heads, length, width]` → `[rows, hidden]`.
    fn flat(&self, padded: Tensor<4>) -> Tensor<2> {
        let [_, heads, _, width] = padded.dims();
        let rows = self.sequences * self.length;
        let padded = padded.swap_dims(1, 2).reshape([rows, heads * width]);
        match &self.padding {
            Some(padding) => padded.select(0, padding.indices.clone()),
            None => padded,
        }
    }

    /// The bucket of the distance of each query from each key, `[length · length]`.
    fn buckets(&self, positions: RelativePositions, device: &Device) -> Tensor<1, Int> {
        let make = || {
            let buckets = self.of_pairs(|query, key| positions.bucket(query, key) as i64);
            let size = buckets.len();
            Tensor::from_data(TensorData::new(buckets, [size]), device)
        };
        self.buckets.get_or_init(make).clone()
    }

    /// What is added to the scores so that tokens attend to those at most `distance` away alone, `[1, 1,
    /// length, length]`.
    fn nearness(&self, distance: usize, device: &Device) -> Tensor<4> {
        let make = |distance: usize| {
            let biases = self.of_pairs(|query, key| match query.abs_diff(key) <= distance {
                true => 0.0,
                false => LOWEST as f32,
            });
            let shape = [1, 1, self.length, self.length];
            Tensor::from_data(TensorData::new(biases, shape), device)
        };
        match self.nearness.get_or_init(|| (distance, make(distance))) {
            (known, bias) if *known == distance => bias.clone(),
            _ => make(distance),
        }
    }

    /// Something of each query and key of the layout, query by query.
    fn of_pairs<T>(&self, of: impl Fn(usize, usize) -> T) -> Vec<T> {
        let pairs =
            (0..self.length).flat_map(|query| (0..self.length).map(move |key| (query, key)));
        pairs.map(|(query, key)| of(query, key)).collect()
    }

    /// What is added to the scores of each key, `[sequences, 1, 1, length]`: 0 at a token, at
    /// padding a large negative *finite* number, so that a row with nothing but padding gives an
    /// even mean instead of NaN.
    fn bias(&self, device: &Device) -> Option<Tensor<4>> {
        let shape = [self.sequences, self.length];
        let padding = self.padding.as_ref()?;
        Some(
            Tensor::<2>::zeros(shape, (device, DType::F32))
                .mask_fill(padding.is_padding.clone(), LOWEST)
                .reshape([self.sequences, 1, 1, self.length]),
        )
    }
}

pub(super) fn attention(
    [query, key, value]: [Tensor<2>; 3],
    positions: Scores,
    layout: &PaddedLayout,
    relative: Option<RelativePositions>,
    heads: usize,
    dropped: Option<Dropout>,
) -> Tensor<2> {
    let [tokens, hidden] = query.dims();
    if tokens == 0 {
        return value;
    }
    let (dtype, device) = (query.dtype(), query.device());
    let scale = 1.0 / ((positions.terms() * hidden / heads) as f64).sqrt();
    let query = layout.heads(query * scale, heads);
    let key = layout.heads(key, heads);
    let scores = query.clone().matmul(key.clone().swap_dims(2, 3));
    let scores = cast(scores, DType::F32);
    let length = layout.length;
    let buckets = || relative.map(|relative| layout.buckets(relative, &device));
    let bias = match positions {
        Scores::Plain => None,
        Scores::Near(distance) => Some(layout.nearness(distance, &device)),
        Scores::Biased(table) => buckets().map(|buckets| {
            let chosen = table.select(0, buckets).swap_dims(0, 1);
            chosen.reshape([1, heads, length, length])
        }),
        Scores::Disentangled([as_key, as_query]) => buckets().map(|buckets| {
            let of_heads = |table: Tensor<2>| -> Tensor<4> {
                let [rows, _] = table.dims();
                let columns = table.reshape([1, rows, heads, hidden / heads]);
                columns.swap_dims(1, 2).swap_dims(2, 3)
            };
            let shape = [layout.sequences, heads, length, length];
            let buckets = buckets.reshape([1, 1, length, length]).expand(shape);
            let to_position = query.matmul(of_heads(as_key)).gather(3, buckets.clone());
            let of_position = (key * scale).matmul(of_heads(as_query));
            let of_position = of_position.gather(3, buckets.swap_dims(2, 3));
            cast(to_position + of_position.swap_dims(2, 3), DType::F32)
        }),
    };
    let biases = [bias, layout.bias(&device)];
    let scores = biases
        .into_iter()
        .flatten()
        .fold(scores, |scores, bias| scores + bias);
    let weights = cast(activation::softmax(scores, 3), dtype);
    let weights = dropout(weights, dropped);
    layout.flat(weights.matmul(layout.heads(value, heads)))
}

pub(super) fn rotate(input: Tensor<2>, rotation: &Rotation, heads: usize) -> Tensor<2> {
    let ([rows, hidden], dtype) = (input.dims(), input.dtype());
    let half = hidden / heads / 2;
    let points = cast(input, DType::F32).reshape([rows, heads, 2, half]);
    let [cosines, sines] = rotation
        .tables
        .clone()
        .map(|table| table.reshape([rows, 1, 1, half]));
    let first = points.clone().narrow(2, 0, 1);
    let second = points.narrow(2, 1, 1);
    let turned = Tensor::cat(
        vec![
            first.clone() * cosines.clone() - second.clone() * sines.clone(),
            second * cosines + first * sines,
        ],
        2,
    );
    cast(turned.reshape([rows, hidden]), dtype)
}

pub(super) fn norm(input: Tensor<2>, norm: &LayerNorm) -> Tensor<2> {
    let dtype = input.dtype();
    cast(norm.forward(cast(input, DType::F32)), dtype)
}

pub(super) fn rms_norm(input: Tensor<2>, norm: &LayerNorm, epsilon: f64) -> Tensor<2> {
    let dtype = input.dtype();
    let input = cast(input, DType::F32);
    let mean_square = input.clone().square().mean_dim(1);
    let rows = input / (mean_square + epsilon).sqrt() * norm.gamma.val().unsqueeze();
    let rows = match &norm.beta {
        Some(beta) => rows + beta.val().unsqueeze(),
        None => rows,
    };
    cast(rows, dtype)
}

pub(super) fn cross_entropy(
    logits: Tensor<2>,
    targets: Tensor<1, Int>,
    normaliser: f64,
) -> Tensor<1> {
    let [scored, _] = logits.dims();
    let log_probabilities = activation::log_softmax(logits, 1);
    let of_targets = log_probabilities.gather(1, targets.reshape([scored, 1]));
    of_targets.sum() * (-1.0 / normaliser)
}

pub(super) fn adamw(
    weight: Tensor<1>,
    gradient: Tensor<1>,
    moments: Option<[Tensor<1>; 2]>,
    step: &AdamWStep,
) -> (Tensor<1>, [Tensor<1>; 2]) {
    let gradient = gradient * step.gradient_scale;
    let squared = gradient.clone().square() * (1.0 - step.beta2);
    let moved = gradient * (1.0 - step.beta1);
    let [first, second] = match moments {
        Some([first, second]) => [first * step.beta1 + moved, second * step.beta2 + squared],
        None => [moved, squared],
    };
    let denominator = second.clone().sqrt() / step.correction2().sqrt() + step.epsilon;
    let delta = first.clone() / denominator * (step.learning_rate / step.correction1());
    let weight = weight * (1.0 - step.learning_rate * step.weight_decay) - delta;
    (weight, [first, second])
}

pub(super) fn blend(weight: Tensor<1>, other: Tensor<1>, share: f64) -> Tensor<1> {
    weight.clone() + (other - weight) * share
}

/// Of at least one tensor, `[1]`.
pub(super) fn sum_of_squares(tensors: &[&Tensor<1>]) -> Tensor<1> {
    let squares = tensors
        .iter()
        .map(|tensor| (*tensor).clone().square().sum());
    Tensor::cat(squares.collect(), 0).sum()
}
