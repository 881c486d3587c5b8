//! The negative log-likelihood of the rows of logits, and its gradient, softmax − one-hot, in one pass.

use super::rows::numbers;
use super::simd::{exp, largest, sum, vectorised};
use super::{contiguous, from_values, tracked_unary, values, values_mut};
use burn::backend::Flex;
use burn_autodiff::checkpoint::base::Checkpointer;
use burn_autodiff::checkpoint::strategy::CheckpointStrategy;
use burn_autodiff::grads::Gradients;
use burn_autodiff::ops::{Backward, Ops, OpsKind};
use burn_backend::tensor::FloatTensor;
use burn_flex::FlexTensor;

type Autodiff<C> = burn::backend::Autodiff<Flex, C>;

vectorised! {
    /// Returns the loss of a row of logits, which become the gradient times `scale`.
    fn row(logits: &mut [f32], target: usize, scale: f32) -> f32 {
        let top = largest(logits);
        let of_target = logits[target] - top;
        for logit in logits.iter_mut() {
            *logit = exp(*logit - top);
        }
        let total = sum([logits], |[x]| x);
        let factor = scale / total;
        for logit in logits.iter_mut() {
            *logit *= factor;
        }
        logits[target] -= scale;
        total.ln() - of_target
    }
}

/// `logits` `[rows, labels]`, `targets` `[rows]` → the sum of the rows' losses times `scale`, `[1]`.
/// The logits become the gradient.
fn run(logits: FlexTensor, targets: FlexTensor, scale: f32) -> (FlexTensor, FlexTensor) {
    let mut gradient = contiguous(logits);
    let labels = gradient.layout().shape()[1];
    let targets = numbers(targets);
    let rows = values_mut(&mut gradient).chunks_exact_mut(labels);
    let losses = rows.zip(targets).map(|(logits, target)| {
        assert!(target < labels, "a target is one of the {labels} labels");
        f64::from(row(logits, target, scale))
    });
    let loss = losses.sum::<f64>() * f64::from(scale);
    (from_values(vec![loss as f32], [1]), gradient)
}

pub(super) fn forward(logits: FlexTensor, targets: FlexTensor, scale: f32) -> FlexTensor {
    run(logits, targets, scale).0
}

#[derive(Debug)]
struct CrossEntropy;

impl Backward<Flex, 1> for CrossEntropy {
    /// The gradient of the logits.
    type State = FlexTensor;

    fn backward(self, ops: Ops<FlexTensor, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        tracked_unary(ops, grads, |upstream, mut gradient| {
            let factor = values::<f32>(&contiguous(upstream))[0];
            for value in values_mut::<f32>(&mut gradient) {
                *value *= factor;
            }
            gradient
        });
    }
}

pub(super) fn tracked<C: CheckpointStrategy>(
    logits: FloatTensor<Autodiff<C>>,
    targets: FlexTensor,
    scale: f32,
) -> FloatTensor<Autodiff<C>> {
    let (logits, node) = logits.into_parts();
    let (loss, gradient) = run(logits, targets, scale);
    match CrossEntropy.prepare::<C>([node]).compute_bound().stateful() {
        OpsKind::UnTracked(prep) => prep.finish(loss),
        OpsKind::Tracked(prep) => prep.finish(gradient, loss),
    }
}
