//! The operations of an encoder layer and of a training step, each in one place.
//!
//! The modules call these and nothing else of burn's tensor functions. On the CPU most have a fused
//! form (`fused`), elsewhere that of burn (`plain`). Both give the same result to rounding, forward
//! and backward, and drop the same elements.

mod fused;
#[cfg(feature = "gpu")]
mod gpu;
mod gradient;
mod moments;
mod plain;
mod random;

pub use fused::{Laid, Quantisation, product};
pub use gradient::{Gradient, RowGradients, sum_of_squares};
pub use moments::{Moments, RowMoments};
pub use random::{is_cpu, normal, seed_dropout};

use crate::bounds::Bounds;
use crate::config::Activation;
use burn::backend::{Dispatch, Flex};
use burn::nn::LayerNorm;
use burn::tensor::{DType, Device, Int, Tensor, activation};
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

/// Whether a device compiles and tunes kernels by the sizes of their tensors, so that sizes had better
/// be rounded up ([`Bounds::rounded_up`]).
pub fn compiles_by_size(device: &Device) -> bool {
    !random::is_cpu(device)
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
        Activation::Gelu => plain::gelu(input),
        Activation::GeluTanh => activation::gelu_approximate(input),
        Activation::Relu => activation::relu(input),
    }
}

/// `input · weight + bias`.
///
/// # Shapes
/// - `input` `[rows, from]`, `weight` `[from, to]`, `bias` `[to]`, result `[rows, to]`
pub fn linear(input: Tensor<2>, weight: Tensor<2>, bias: Tensor<1>) -> Tensor<2> {
    if !is_fused(&input) {
        return plain::linear(input, weight, bias);
    }
    Tensor::from_dispatch(<Dispatch as FusedOps>::fused_linear(
        input.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
    ))
}

/// `activate(input · W₁ + b₁) · W₂ + b₂`, the feed-forward block of a layer.
///
/// # Shapes
/// - `input` `[rows, hidden]`, `weights` `[hidden, inner]` and `[inner, hidden]`, `biases` `[inner]`
///   and `[hidden]`, result `[rows, hidden]`
pub fn feed_forward(
    input: Tensor<2>,
    [first, second]: [Tensor<2>; 2],
    [bias, other_bias]: [Tensor<1>; 2],
    kind: Activation,
) -> Tensor<2> {
    if kind != Activation::Gelu || !is_fused(&input) {
        let inner = activate(linear(input, first, bias), kind);
        return linear(inner, second, other_bias);
    }
    Tensor::from_dispatch(<Dispatch as FusedOps>::fused_feed_forward(
        input.into_dispatch(),
        first.into_dispatch(),
        second.into_dispatch(),
        bias.into_dispatch(),
        other_bias.into_dispatch(),
    ))
}

/// The weight `[from, to]` of a linear layer laid out for inference, on a device that gains by it.
pub fn lay_out(weight: Tensor<2>, quantisation: Quantisation) -> Option<Laid> {
    if !is_fused(&weight) || weight.device().is_autodiff() {
        return None;
    }
    Some(fused::lay_out(on_cpu(weight), quantisation))
}

/// [`linear`] with a weight that was laid out on the input's device.
pub fn linear_laid(input: Tensor<2>, weight: &Laid, bias: Tensor<1>) -> Tensor<2> {
    let out = fused::linear_laid(on_cpu(input), weight, on_cpu(bias));
    Tensor::from_primitive::<Flex>(out)
}

/// Some rows of a matrix, in the order of `places`.
///
/// # Shapes
/// - `matrix` `[rows, width]`, `places` `[count]`, result `[count, width]`
pub fn rows(matrix: Tensor<2>, places: Tensor<1, Int>) -> Tensor<2> {
    gather(matrix, places, false)
}

/// The same of a table that is a parameter and is read once a pass: its gradient may come as
/// [`Gradient::Rows`].
pub fn embedding(table: Tensor<2>, ids: Tensor<1, Int>) -> Tensor<2> {
    gather(table, ids, true)
}

fn gather(matrix: Tensor<2>, places: Tensor<1, Int>, compact: bool) -> Tensor<2> {
    if !is_fused(&matrix) {
        return matrix.select(0, places);
    }
    let (matrix, places) = (matrix.into_dispatch(), places.into_dispatch());
    Tensor::from_dispatch(<Dispatch as FusedOps>::fused_rows(matrix, places, compact))
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

/// The sequences of a batch as attention needs them on one device.
#[derive(Clone, Debug)]
pub struct Sequences {
    bounds: Bounds,
    /// Only where attention is computed on a padded grid.
    grid: Option<plain::Grid>,
    /// Whether the grid goes through burn's one operation.
    is_fused: bool,
}

impl Sequences {
    /// Prepares the sequences of a batch for all layers.
    pub fn new(bounds: Bounds, device: &Device) -> Self {
        Self::prepared(bounds, device, is_fused_on(device))
    }

    /// The same for layers that compute as `tokens` `[tokens, hidden]` do.
    pub fn of(bounds: Bounds, tokens: &Tensor<2>) -> Self {
        Self::prepared(bounds, &tokens.device(), is_fused(tokens))
    }

    fn prepared(bounds: Bounds, device: &Device, fused: bool) -> Self {
        // The fused form has no use for rounded sizes, and writes tokens alone.
        let grid = (!fused || bounds.has_room()).then(|| plain::Grid::new(&bounds, device));
        Self {
            bounds,
            grid,
            is_fused: false,
        }
    }

    /// Attention on a grid as one operation of burn's, which on a GPU keeps no scores. It knows no dropout
    /// and has no backward pass of its own, so with autodiff nothing changes.
    #[must_use]
    pub fn fused(self, is_fused: bool) -> Self {
        Self { is_fused, ..self }
    }
}

/// Scaled dot-product attention (Vaswani et al. 2017, section 3.2.1) of each sequence with itself,
/// with dropout on the weights.
///
/// # Shapes
/// - `query`, `key`, `value` `[rows, hidden]`, `hidden` = `heads` × width of a head
/// - result `[rows, hidden]`; what stands in rows that are no tokens means nothing
pub fn attention(
    query: Tensor<2>,
    key: Tensor<2>,
    value: Tensor<2>,
    sequences: &Sequences,
    heads: usize,
    dropout_rate: f64,
) -> Tensor<2> {
    let dropout = Dropout::next(dropout_rate, &query.device());
    if let Some(grid) = &sequences.grid {
        if sequences.is_fused && !query.device().is_autodiff() {
            return plain::fused_attention([query, key, value], grid, heads);
        }
        return plain::attention([query, key, value], grid, heads, dropout);
    }
    Tensor::from_dispatch(<Dispatch as FusedOps>::fused_attention(
        query.into_dispatch(),
        key.into_dispatch(),
        value.into_dispatch(),
        sequences.bounds.clone(),
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
    if is_fused(&logits) {
        let (logits, targets) = (logits.into_dispatch(), targets.into_dispatch());
        let scale = (1.0 / counted as f64) as f32;
        let loss = <Dispatch as FusedOps>::fused_cross_entropy(logits, targets, scale);
        return Tensor::from_dispatch(loss);
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

/// One step of AdamW (Loshchilov and Hutter 2019, algorithm 2): the new weight and its moments.
///
/// `weight` is flat and without autodiff; absent moments are zeros. In place where nothing else
/// holds the tensors. Rows of a table that never had a gradient are only decayed, which is what the
/// formula gives for them.
pub fn adamw(
    weight: Tensor<1>,
    gradient: Gradient,
    moments: Option<Moments>,
    step: &AdamWStep,
) -> (Tensor<1>, Moments) {
    let back = |tensor| Tensor::from_primitive::<Flex>(tensor);
    let gradient = match gradient {
        Gradient::Rows(gradient) => {
            let [size] = weight.dims();
            let mut moments = match moments {
                Some(moments) => moments.into_rows(gradient.width),
                None => RowMoments::new(size / gradient.width, gradient.width),
            };
            let weight = fused::adamw_rows(on_cpu(weight), &gradient, &mut moments, step);
            return (back(weight), Moments::Rows(moments));
        }
        Gradient::Dense(gradient) => gradient,
    };
    let moments = moments.map(|moments| moments.into_dense(&weight.device()));
    if !is_fused(&weight) {
        let (weight, moments) = plain::adamw(weight, gradient, moments, step);
        return (weight, Moments::Dense(Box::new(moments)));
    }
    let moments = moments.map(|moments| moments.map(on_cpu));
    let (weight, moments) = fused::adamw_step(on_cpu(weight), on_cpu(gradient), moments, step);
    (back(weight), Moments::Dense(Box::new(moments.map(back))))
}

fn on_cpu<const D: usize>(tensor: Tensor<D>) -> FlexTensor {
    tensor
        .try_into_primitive::<Flex>()
        .expect("the tensor was found to be on the CPU without autodiff")
}
