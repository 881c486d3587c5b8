//! The operations of an encoder layer and of a training step, each in one place.
//!
//! The modules call these and nothing else of burn's tensor functions. On the CPU most have a fused
//! form (`fused`), elsewhere that of burn (`plain`). Both give the same result to rounding, forward
//! and backward, and drop the same elements.

mod fused;
mod plain;
mod random;

pub use fused::product;
pub use random::{normal, seed_dropout};

use crate::config::Activation;
use burn::backend::{Dispatch, Flex};
use burn::nn::{Embedding, LayerNorm, Linear};
use burn::tensor::{Bool, DType, Device, Int, Tensor, activation};
use burn_flex::FlexTensor;
use fused::FusedOps;
use random::Dropout;
use std::sync::atomic::{AtomicBool, Ordering};

static PLAIN: AtomicBool = AtomicBool::new(false);

/// Makes the CPU use burn's own operations, or the fused ones again: to compare the two.
pub fn use_plain(plain: bool) {
    PLAIN.store(plain, Ordering::Relaxed);
}

/// Whether there is a fused form for tensors like this one.
fn is_fused<const D: usize>(tensor: &Tensor<D>) -> bool {
    tensor.dtype() == DType::F32 && is_fused_on(&tensor.device())
}

fn is_fused_on(device: &Device) -> bool {
    !PLAIN.load(Ordering::Relaxed) && random::is_cpu(device)
}

/// Drops each element with probability `rate` (0–1) and scales the kept ones by `1 / (1 - rate)`.
///
/// Only active while training, that is, on a tensor of a device with autodiff. What is dropped
/// follows from the last [`seed_dropout`] of this thread.
/// Source: Srivastava et al. 2014, in the inverted form that PyTorch uses.
pub fn dropout<const D: usize>(input: Tensor<D>, rate: f64) -> Tensor<D> {
    match Dropout::next(rate, &input.device()) {
        Some(dropout) if is_fused(&input) => {
            let out = <Dispatch as FusedOps>::fused_dropout(input.into_dispatch(), dropout);
            Tensor::from_dispatch(out)
        }
        dropout => plain::dropout(input, dropout),
    }
}

/// The feed-forward non-linearity, element by element.
pub fn activate<const D: usize>(input: Tensor<D>, kind: Activation) -> Tensor<D> {
    match kind {
        Activation::Gelu if is_fused(&input) => {
            Tensor::from_dispatch(<Dispatch as FusedOps>::fused_gelu(input.into_dispatch()))
        }
        Activation::Gelu => activation::gelu(input),
        Activation::GeluTanh => activation::gelu_approximate(input),
        Activation::Relu => activation::relu(input),
    }
}

/// `input · weight + bias`.
///
/// # Shapes
/// - `input` `[…, from]`, result `[…, to]`
pub fn linear<const D: usize>(input: Tensor<D>, layer: &Linear) -> Tensor<D> {
    match &layer.bias {
        Some(bias) if is_fused(&input) => {
            Tensor::from_dispatch(<Dispatch as FusedOps>::fused_linear(
                input.into_dispatch(),
                layer.weight.val().into_dispatch(),
                bias.val().into_dispatch(),
            ))
        }
        _ => plain::linear(input, layer),
    }
}

/// The rows of a table.
///
/// # Shapes
/// - `ids` `[batch, seq]`, result `[batch, seq, width]`
pub fn embedding(table: &Embedding, ids: Tensor<2, Int>) -> Tensor<3> {
    let weight = table.weight.val();
    if !is_fused(&weight) {
        return table.forward(ids);
    }
    let (weight, ids) = (weight.into_dispatch(), ids.into_dispatch());
    Tensor::from_dispatch(<Dispatch as FusedOps>::fused_embedding(weight, ids))
}

/// `norm(dropout(input, rate) + residual)`, all of one shape. `epsilon` is the norm's own.
pub fn add_norm<const D: usize>(
    input: Tensor<D>,
    residual: Tensor<D>,
    norm: &LayerNorm,
    epsilon: f64,
    rate: f64,
) -> Tensor<D> {
    let dropout = Dropout::next(rate, &input.device());
    match &norm.beta {
        Some(beta) if is_fused(&input) && input.dims() == residual.dims() => {
            Tensor::from_dispatch(<Dispatch as FusedOps>::fused_add_norm(
                input.into_dispatch(),
                residual.into_dispatch(),
                norm.gamma.val().into_dispatch(),
                beta.val().into_dispatch(),
                epsilon as f32,
                dropout,
            ))
        }
        _ => plain::add_norm(input, residual, norm, dropout),
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
    let dropout = Dropout::next(dropout_rate, &query.device());
    if !is_fused(&query) {
        return plain::attention(query, key, value, heads, bias, dropout);
    }
    Tensor::from_dispatch(<Dispatch as FusedOps>::fused_attention(
        query.into_dispatch(),
        key.into_dispatch(),
        value.into_dispatch(),
        bias.map(|bias| bias.into_data().iter::<f32>().collect()),
        heads,
        dropout,
    ))
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

/// The numbers of one step of AdamW on one parameter.
#[derive(Clone, Copy, Debug)]
pub struct AdamWStep {
    /// Decay of the first moment, 0–1.
    pub beta1: f64,
    /// Decay of the second moment, 0–1.
    pub beta2: f64,
    /// Added to the denominator.
    pub epsilon: f64,
    /// Share of a weight taken away each step, times the learning rate.
    pub weight_decay: f64,
    /// The step's learning rate.
    pub learning_rate: f64,
    /// Gradients are multiplied by this first.
    pub gradient_scale: f64,
    /// How many steps have been gone, this one included.
    pub steps: i32,
}

impl AdamWStep {
    /// What the first moment, which begins at 0, still lacks.
    fn correction1(&self) -> f64 {
        1.0 - self.beta1.powi(self.steps)
    }

    /// The same of the second moment.
    fn correction2(&self) -> f64 {
        1.0 - self.beta2.powi(self.steps)
    }
}

/// One step of AdamW (Loshchilov and Hutter 2019, algorithm 2): the new weight and both moments.
///
/// All tensors are flat and without autodiff; absent moments are zeros. In place where nothing else
/// holds the tensors.
pub fn adamw(
    weight: Tensor<1>,
    gradient: Tensor<1>,
    moments: Option<[Tensor<1>; 2]>,
    step: &AdamWStep,
) -> (Tensor<1>, [Tensor<1>; 2]) {
    if !is_fused(&weight) {
        return plain::adamw(weight, gradient, moments, step);
    }
    let moments = moments.map(|moments| moments.map(on_cpu));
    let (weight, moments) = fused::adamw_step(on_cpu(weight), on_cpu(gradient), moments, step);
    let back = |tensor| Tensor::from_primitive::<Flex>(tensor);
    (back(weight), moments.map(back))
}

/// The sum of the squares of all elements of flat tensors without autodiff.
pub fn sum_of_squares<'a>(tensors: impl Iterator<Item = &'a Tensor<1>> + Clone) -> f64 {
    if tensors.clone().all(is_fused) {
        return tensors
            .map(|x| fused::sum_of_squares(on_cpu(x.clone())))
            .sum();
    }
    plain::sums_of_squares(tensors)
}

fn on_cpu(tensor: Tensor<1>) -> FlexTensor {
    tensor
        .try_into_primitive::<Flex>()
        .expect("the tensor was found to be on the CPU without autodiff")
}
