//! One optimiser step: forward and backward over one or several batches, clipping, update.

use crate::batch::collate;
use crate::crf;
use crate::deferred::DeferredScalar;
use crate::example::Example;
use crate::objective::Objective;
use crate::optimizer::{AdamW, GradientSum};
use crate::pretrained::Mixout;
use crate::window::Window;
use tagsmith_encoder::TokenClassifier;
use tagsmith_encoder::burn::tensor::{Device, Int, Tensor, TensorData};
use tagsmith_encoder::ops;

/// What a step did.
#[derive(Clone, Copy, Debug)]
pub struct StepResult {
    /// Mean loss of all scored words.
    pub loss: f64,
    /// Global gradient norm before clipping.
    pub gradient_norm: f64,
    /// Word pieces without padding.
    pub pieces: usize,
}

/// The loss of one batch.
pub struct BatchLoss {
    /// The loss, `[1]`.
    pub loss: Tensor<1>,
    /// The gradient of the transitions, as in [`StepOutput`].
    pub transitions: Vec<f64>,
    /// Word pieces.
    pub pieces: usize,
}

/// The loss of one batch, as [`Objective::loss`] gives it for the step's `normaliser`, the sum of its words'
/// weights, multiplied by `scale`. With R-Drop each window stands in the batch twice, and what is dropped of
/// both differs.
pub fn loss(
    model: &TokenClassifier,
    examples: &[&Example],
    objective: &Objective,
    normaliser: f64,
    scale: f64,
    device: &Device,
) -> BatchLoss {
    let passes = objective.passes();
    let examples = examples.repeat(passes);
    let windows: Vec<&Window> = examples.iter().map(|example| &example.window).collect();
    let batch = collate(&windows, device);
    let (words, pieces) = (batch.words.tokens(), batch.pieces / passes);
    let logits = batch.logits(model);
    if let Some(transitions) = &objective.transitions {
        let (loss, transitions) = crf::loss(transitions, logits, &examples, normaliser, scale);
        return BatchLoss {
            loss,
            transitions,
            pieces,
        };
    }
    let targets: Vec<i64> = examples
        .iter()
        .flat_map(|example| example.targets.iter().map(|target| *target as i64))
        .collect();
    let targets = Tensor::<1, Int>::from_data(TensorData::new(targets, [words]), device);
    BatchLoss {
        loss: objective.loss(logits, targets, normaliser, scale),
        transitions: Vec::new(),
        pieces,
    }
}

/// What forward and backward of a step give besides gradients.
#[derive(Clone, Debug)]
pub struct StepOutput {
    /// Mean loss of all scored words.
    pub loss: DeferredScalar,
    /// Word pieces without padding.
    pub pieces: usize,
    /// The gradient of the transitions of a conditional random field, in the order of
    /// [`Transitions::scores`] and not scaled; empty without one.
    ///
    /// [`Transitions::scores`]: crate::transitions::Transitions::scores
    pub transitions: Vec<f64>,
}

/// The gradients of a step, before clipping, and its loss, which is not waited for.
///
/// Each of `batches` is a micro-batch; together they are one step, with the loss averaged over all
/// their words by weight. The gradients are those of the loss times `scale`. With mixout each micro-batch
/// has a mixture of its own.
pub fn gradients(
    model: &TokenClassifier,
    batches: &[Vec<&Example>],
    objective: &Objective,
    mixout: Option<&Mixout>,
    scale: f64,
    device: &Device,
) -> (GradientSum, StepOutput) {
    let examples = batches.iter().flatten();
    let targets = examples.flat_map(|example| example.targets.iter().copied());
    let normaliser = objective.normaliser(targets);
    let mut gradients = GradientSum::default();
    let mut losses = Vec::new();
    let mut pieces = 0;
    let mut transitions = vec![
        0.0;
        objective
            .transitions
            .as_ref()
            .map_or(0, |own| own.scores().len())
    ];
    for examples in batches {
        let mixed = mixout.map(|mixout| mixout.applied(model));
        let reading = mixed.as_ref().unwrap_or(model);
        let batch = loss(reading, examples, objective, normaliser, scale, device);
        pieces += batch.pieces;
        for (sum, part) in transitions.iter_mut().zip(&batch.transitions) {
            *sum += part;
        }
        gradients.add(model, batch.loss.backward());
        // Without its graph, which holds all activations.
        losses.push(batch.loss.inner());
    }
    let loss = match losses.is_empty() {
        true => DeferredScalar::Ready(0.0),
        false => DeferredScalar::Sum {
            parts: losses,
            factor: 1.0 / scale,
        },
    };
    let output = StepOutput {
        loss,
        pieces,
        transitions,
    };
    (gradients, output)
}

/// One optimiser step with the gradients of all `batches` together.
pub fn step(
    model: TokenClassifier,
    optimizer: &mut AdamW,
    batches: &[Vec<&Example>],
    learning_rate: f64,
    device: &Device,
) -> (TokenClassifier, StepResult) {
    let (gradients, output) = gradients(&model, batches, &Objective::default(), None, 1.0, device);
    let loss = output.loss.wait();
    let (model, gradient_norm) = optimizer.step(model, gradients, learning_rate);
    let result = StepResult {
        loss,
        gradient_norm,
        pieces: output.pieces,
    };
    (model, result)
}

/// The seed of a step's dropout. Depends on nothing but the run's seed and the step, so that a
/// resumed run draws what an uninterrupted one does.
pub fn dropout_seed(seed: u64, step: usize) -> u64 {
    ops::derived_seed(seed, step)
}
