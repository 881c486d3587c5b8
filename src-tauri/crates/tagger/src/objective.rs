//! What training minimises, and the same figure for documents that are only scored.
//!
//! Every mean here is a sum of weighted losses divided by a sum of weights, never by a number of words. An
//! objective with other weights than 1 therefore changes [`Objective::weight`], and [`Objective::loss`] needs
//! an operation that multiplies the loss of each word by its weight; nothing else knows of weights.

use crate::decode::Emissions;
use tagsmith_encoder::burn::tensor::{Int, Tensor};
use tagsmith_encoder::ops::Kernels;

/// The loss that training minimises: a weighted mean over words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Objective {
    /// The negative log-likelihood of each word's right tag, all words alike.
    #[default]
    CrossEntropy,
}

impl Objective {
    /// The weight of a word whose right output is `target`.
    pub fn weight(self, _target: usize) -> f64 {
        match self {
            Self::CrossEntropy => 1.0,
        }
    }

    /// What the sum over the words with these targets is divided by: the sum of their weights; 1 where that
    /// is 0.
    pub fn normaliser(self, targets: impl IntoIterator<Item = usize>) -> f64 {
        nonzero(targets.into_iter().map(|target| self.weight(target)).sum())
    }

    /// The loss of one batch: the weighted sum over its words, divided by `normaliser` and multiplied by
    /// `scale`. `normaliser` is [`Self::normaliser`] of all words of the step, so that the losses of its
    /// micro-batches add up to the weighted mean.
    ///
    /// # Shapes
    /// - `logits` `[words, tags]`, `targets` `[words]`, result `[1]`
    pub fn loss(
        self,
        logits: Tensor<2>,
        targets: Tensor<1, Int>,
        normaliser: f64,
        scale: f64,
    ) -> Tensor<1> {
        let kernels = Kernels::best_on(&logits.device());
        match self {
            Self::CrossEntropy => kernels.cross_entropy_scaled(logits, targets, normaliser, scale),
        }
    }
}

/// A sum of weights to divide by.
fn nonzero(weight: f64) -> f64 {
    if weight > 0.0 { weight } else { 1.0 }
}

/// The mean loss of documents that a model has read.
#[derive(Clone, Copy, Debug, Default)]
pub struct MeanLoss {
    sum: f64,
    weight: f64,
}

impl MeanLoss {
    /// Adds a document by the log-probabilities of its words and the right output of each; words that lack
    /// one of the two are left out.
    pub fn add_document(
        &mut self,
        objective: Objective,
        emissions: &Emissions,
        targets: &[Option<usize>],
    ) {
        for (emission, target) in emissions.iter().zip(targets) {
            if let (Some(emission), Some(target)) = (emission, *target) {
                self.add_word(-f64::from(emission[target]), objective.weight(target));
            }
        }
    }

    fn add_word(&mut self, loss: f64, weight: f64) {
        self.sum += weight * loss;
        self.weight += weight;
    }

    /// The mean so far; 0 where there were no words.
    pub fn value(self) -> f64 {
        self.sum / nonzero(self.weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tagsmith_encoder::burn::tensor::Device;

    /// By hand: −ln ½ weighs 2, −ln ¼ weighs ½: (2 ln 2 + ½ · 2 ln 2) / 2.5 = 1.2 ln 2.
    #[test]
    fn a_mean_loss_is_weighted() {
        let mut mean = MeanLoss::default();
        assert_eq!(mean.value(), 0.0);
        mean.add_word(2f64.ln(), 2.0);
        mean.add_word(4f64.ln(), 0.5);
        assert!((mean.value() - 1.2 * 2f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn training_and_scoring_have_one_loss() {
        let probabilities = [[0.5f32, 0.25, 0.25], [0.125, 0.75, 0.125]];
        let logits = probabilities.map(|row| row.map(f32::ln));
        let targets = [1, 0];
        let mut mean = MeanLoss::default();
        let emissions: Emissions = vec![Some(logits[0].into()), None, Some(logits[1].into())];
        let known = [Some(1), Some(2), Some(0)];
        mean.add_document(Objective::CrossEntropy, &emissions, &known);
        // −ln ¼ and −ln ⅛: 2.5 ln 2 on average.
        assert!((mean.value() - 2.5 * 2f64.ln()).abs() < 1e-6);
        let device = Device::flex();
        let loss = Objective::CrossEntropy.loss(
            Tensor::from_floats(logits, &device),
            Tensor::from_ints(targets, &device),
            Objective::CrossEntropy.normaliser([1, 0]),
            1.0,
        );
        let loss = f64::from(loss.into_scalar::<f32>());
        assert!((loss - mean.value()).abs() < 1e-6, "{loss}");
    }

    #[test]
    fn a_step_without_a_word_is_divided_by_one() {
        assert_eq!(Objective::CrossEntropy.normaliser([]), 1.0);
        assert_eq!(Objective::CrossEntropy.normaliser([0, 3, 3]), 3.0);
    }
}
