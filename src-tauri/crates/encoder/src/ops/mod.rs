//! The operations of an encoder layer, each in one place, so that a device can be given a faster form.
//!
//! The modules call these and nothing else of burn's tensor functions. Every form must give the
//! same result to rounding, forward and backward.

mod random;

pub use random::{normal, seed_dropout};

use crate::config::Activation;
use burn::tensor::{Bool, DType, Int, Tensor, activation};

/// Drops each element with probability `rate` (0–1) and scales the kept ones by `1 / (1 - rate)`.
///
/// Only active while training, that is, on a tensor of a device with autodiff. What is dropped
/// follows from the last [`seed_dropout`] of this thread.
/// Source: Srivastava et al. 2014, in the inverted form that PyTorch uses.
pub fn dropout<const D: usize>(input: Tensor<D>, rate: f64) -> Tensor<D> {
    if rate == 0.0 || !input.device().is_autodiff() {
        return input;
    }
    let mask = random::dropout_mask(input.dims(), rate, &input.device());
    input * mask
}

/// The feed-forward non-linearity, element by element.
pub fn activate<const D: usize>(input: Tensor<D>, kind: Activation) -> Tensor<D> {
    match kind {
        Activation::Gelu => activation::gelu(input),
        Activation::GeluTanh => activation::gelu_approximate(input),
        Activation::Relu => activation::relu(input),
    }
}

/// What is added to the attention scores: 0 for a real position, a large negative *finite* number
/// for padding, so that a row with nothing but padding gives an even mean instead of NaN.
///
/// # Shapes
/// - `mask` `[batch, seq]`, true at real positions
/// - result `[batch, 1, 1, seq]`
pub fn attention_bias(mask: Tensor<2, Bool>, dtype: DType) -> Tensor<4> {
    let [batch, seq] = mask.dims();
    // Half the type's range: adding a score to it cannot overflow to −inf.
    let lowest = match dtype {
        DType::F16 => -3.0e4,
        _ => -1.0e38,
    };
    let device = mask.device();
    Tensor::<2>::zeros([batch, seq], (&device, dtype))
        .mask_fill(mask.bool_not(), lowest)
        .reshape([batch, 1, 1, seq])
}

/// Scaled dot-product attention (Vaswani et al. 2017, section 3.2.1), with dropout on the weights.
///
/// # Shapes
/// - `query`, `key`, `value` `[batch, seq, hidden]`, `hidden` = `heads` × width of a head
/// - `bias` as from [`attention_bias`], absent where no position is padding
/// - result `[batch, seq, hidden]`
pub fn attention(
    query: Tensor<3>,
    key: Tensor<3>,
    value: Tensor<3>,
    heads: usize,
    bias: Option<Tensor<4>>,
    dropout_rate: f64,
) -> Tensor<3> {
    let [batch, seq, hidden] = query.dims();
    let width = hidden / heads;
    let split = |x: Tensor<3>| x.reshape([batch, seq, heads, width]).swap_dims(1, 2);
    let query = split(query * (1.0 / (width as f64).sqrt()));
    let scores = query.matmul(split(key).swap_dims(2, 3));
    let scores = match bias {
        Some(bias) => scores + bias,
        None => scores,
    };
    let weights = dropout(activation::softmax(scores, 3), dropout_rate);
    weights
        .matmul(split(value))
        .swap_dims(1, 2)
        .reshape([batch, seq, hidden])
}

/// The negative log-likelihood of `targets` summed over all rows, divided by `counted`.
///
/// The caller passes only rows that count, so an average over padding cannot happen; `counted` is
/// the number of rows of the whole step, which may be larger when gradients are accumulated. With no
/// row at all the loss is 0, not 0/0.
///
/// # Shapes
/// - `logits` `[scored, labels]`, `targets` `[scored]`, result `[1]`
pub fn cross_entropy(logits: Tensor<2>, targets: Tensor<1, Int>, counted: usize) -> Tensor<1> {
    let [scored, _] = logits.dims();
    if scored == 0 {
        return logits.sum();
    }
    let log_probabilities = activation::log_softmax(logits, 1);
    let of_targets = log_probabilities.gather(1, targets.reshape([scored, 1]));
    of_targets.sum() * (-1.0 / counted as f64)
}
