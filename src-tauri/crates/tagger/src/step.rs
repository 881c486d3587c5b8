//! One optimiser step: forward and backward over one or several batches, clipping, update.

use crate::batch::collate;
use crate::optimizer::{AdamW, GradientSum};
use crate::prepare::Example;
use crate::window::Window;
use tagsmith_encoder::burn::tensor::{Device, Int, Tensor, TensorData};
use tagsmith_encoder::{TokenClassifier, ops};

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

/// The loss of one batch, `[1]`: the sum over its scored words divided by `counted`.
pub fn loss(
    model: &TokenClassifier,
    examples: &[&Example],
    counted: usize,
    device: &Device,
) -> (Tensor<1>, usize) {
    let windows: Vec<&Window> = examples.iter().map(|example| &example.window).collect();
    let batch = collate(&windows, device);
    let targets: Vec<i64> = examples
        .iter()
        .flat_map(|example| example.targets.iter().map(|target| *target as i64))
        .collect();
    let targets = Tensor::<1, Int>::from_data(TensorData::new(targets, [batch.scored]), device);
    let logits = model.logits_at(batch.input, batch.positions);
    (ops::cross_entropy(logits, targets, counted), batch.pieces)
}

/// The loss of a step, which the device may still be computing.
#[derive(Clone, Debug)]
pub struct StepLoss {
    /// Of each part, `[1]`.
    parts: Vec<Tensor<1>>,
    /// Word pieces without padding.
    pub pieces: usize,
}

impl StepLoss {
    /// The mean loss of all scored words. Waits for the device.
    pub fn read(self) -> f64 {
        if self.parts.is_empty() {
            return 0.0;
        }
        let parts = Tensor::cat(self.parts, 0).into_data();
        parts.iter::<f32>().map(f64::from).sum()
    }
}

/// The gradients of a step, before clipping, and its loss. Each of `batches` is passed through by
/// itself; together they are one step, with the loss averaged over all their words. The gradients
/// are those of the loss times `scale`.
pub fn gradients(
    model: &TokenClassifier,
    batches: &[Vec<&Example>],
    scale: f64,
    device: &Device,
) -> (GradientSum, StepLoss) {
    let counted = batches
        .iter()
        .flatten()
        .map(|example| example.targets.len())
        .sum::<usize>()
        .max(1);
    let mut gradients = GradientSum::default();
    let mut result = StepLoss {
        parts: Vec::new(),
        pieces: 0,
    };
    for examples in batches {
        let (loss, pieces) = loss(model, examples, counted, device);
        result.pieces += pieces;
        let scaled = match scale == 1.0 {
            true => loss.clone(),
            false => loss.clone() * scale,
        };
        gradients.add(model, scaled.backward());
        // Without its graph, which holds all activations.
        result.parts.push(loss.inner());
    }
    (gradients, result)
}

/// Goes one step with the gradients of all `batches` together.
pub fn step(
    model: TokenClassifier,
    optimizer: &mut AdamW,
    batches: &[Vec<&Example>],
    learning_rate: f64,
    device: &Device,
) -> (TokenClassifier, StepResult) {
    let (gradients, loss) = gradients(&model, batches, 1.0, device);
    let pieces = loss.pieces;
    let loss = loss.read();
    let (model, gradient_norm) = optimizer.step(model, gradients, learning_rate);
    let result = StepResult {
        loss,
        gradient_norm,
        pieces,
    };
    (model, result)
}

/// The seed of a step's dropout. Depends on nothing but the run's seed and the step, so that a
/// resumed run draws what an uninterrupted one does. Mixing as in SplitMix64 (Steele et al. 2014).
pub fn dropout_seed(seed: u64, step: usize) -> u64 {
    let mut mixed = seed ^ (step as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
