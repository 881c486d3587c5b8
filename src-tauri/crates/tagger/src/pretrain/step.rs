//! What a step computes: the loss of the masked pieces and its gradients, in bounded memory.
//!
//! Logits are as wide as the vocabulary, so a few positions at a time go through the head, forward and backward.
//! The encoder then gets the gradient of its hidden states in one backward pass.

use crate::batch::collate;
use crate::deferred::DeferredScalar;
use crate::example::Example;
use crate::optimizer::GradientSum;
use crate::step::StepOutput;
use crate::window::Window;
use tagsmith_encoder::MaskedLanguageModel;
use tagsmith_encoder::burn::tensor::{Device, Int, Tensor, TensorData};
use tagsmith_encoder::ops::Kernels;

/// Logits that are held at once: 64 MiB.
const LOGITS: usize = 1 << 24;

/// How many positions go through the head at once, with so many word pieces.
pub fn positions_at_once(pieces: usize) -> usize {
    (LOGITS / pieces).max(1)
}

/// The gradients of a step, before clipping, and its loss: the mean over the masked pieces of all `batches`. The
/// gradients are those of the loss times `scale`. `at_once` positions go through the head at once.
pub fn gradients(
    model: &MaskedLanguageModel,
    batches: &[Vec<&Example>],
    scale: f64,
    at_once: usize,
    device: &Device,
) -> (GradientSum, StepOutput) {
    let examples = batches.iter().flatten();
    let masked: usize = examples.map(|example| example.targets.len()).sum();
    let mut sum = GradientSum::default();
    let (mut losses, mut pieces) = (Vec::new(), 0);
    for examples in batches {
        let windows: Vec<&Window> = examples.iter().map(|example| &example.window).collect();
        let batch = collate(&windows, device);
        pieces += batch.pieces;
        let hidden = model.hidden_at(batch.input, batch.positions);
        let head = Head {
            model,
            targets: targets(examples),
            normaliser: masked.max(1) as f64,
            scale,
            at_once,
        };
        let of_hidden = head.backward(hidden.clone().inner(), &mut sum, &mut losses);
        if let Some(of_hidden) = of_hidden {
            let product = hidden * Tensor::from_inner(of_hidden);
            sum.add(model, product.sum().backward());
        }
    }
    let output = StepOutput {
        loss: DeferredScalar::Sum {
            parts: losses,
            factor: 1.0 / scale,
        },
        pieces,
        transitions: Vec::new(),
    };
    (sum, output)
}

fn targets(examples: &[&Example]) -> Vec<i64> {
    let targets = examples.iter().flat_map(|example| &example.targets);
    targets.map(|target| *target as i64).collect()
}

/// The loss of the masked pieces of a micro-batch.
struct Head<'a> {
    model: &'a MaskedLanguageModel,
    targets: Vec<i64>,
    /// Masked pieces of the step.
    normaliser: f64,
    scale: f64,
    at_once: usize,
}

impl Head<'_> {
    /// Adds up the gradients of the head's weights, and returns those of `hidden` `[masked, hidden]`, which has no
    /// autodiff; `None` where the encoder is not trained.
    fn backward(
        &self,
        hidden: Tensor<2>,
        sum: &mut GradientSum,
        losses: &mut Vec<Tensor<1>>,
    ) -> Option<Tensor<2>> {
        let model = self.model;
        let decoder = model.decoder();
        let table = model.table_name();
        let kernels = Kernels::best_on(&hidden.device());
        let mut of_hidden = Vec::new();
        let parts = self.targets.chunks(self.at_once);
        let mut start = 0;
        for part in parts {
            let states = hidden.clone().narrow(0, start, part.len());
            start += part.len();
            let states = Tensor::from_inner(states);
            let states = match model.is_encoder_frozen() {
                true => states,
                false => states.require_grad(),
            };
            let logits = model.predict(states.clone(), &decoder);
            let targets = TensorData::new(part.to_vec(), [part.len()]);
            let targets = Tensor::<1, Int>::from_data(targets, &logits.device());
            let loss = kernels.cross_entropy_scaled(logits, targets, self.normaliser, self.scale);
            let mut gradients = loss.backward();
            // Without its graph.
            losses.push(loss.inner());
            of_hidden.extend(states.grad_remove(&mut gradients));
            sum.add_of(&table, &decoder.0, &mut gradients);
            sum.add(model, gradients);
        }
        (!of_hidden.is_empty()).then(|| Tensor::cat(of_hidden, 0))
    }
}

/// The sum of the losses of the masked pieces of some windows. `model` and `device` are without autodiff.
pub fn loss_sum(model: &MaskedLanguageModel, examples: &[&Example], device: &Device) -> f64 {
    let windows: Vec<&Window> = examples.iter().map(|example| &example.window).collect();
    let batch = collate(&windows, device);
    let hidden = model.hidden_at(batch.input, batch.positions);
    let decoder = model.decoder();
    let kernels = Kernels::best_on(device);
    let (mut sum, mut start) = (0.0, 0);
    for part in targets(examples).chunks(positions_at_once(model.pieces())) {
        let states = hidden.clone().narrow(0, start, part.len());
        start += part.len();
        let logits = model.predict(states, &decoder);
        let targets = TensorData::new(part.to_vec(), [part.len()]);
        let targets = Tensor::<1, Int>::from_data(targets, device);
        let loss = kernels.cross_entropy(logits, targets, 1.0);
        sum += f64::from(loss.into_scalar::<f32>());
    }
    sum
}
