//! What training minimises, and the mean loss of documents that are only scored.
//!
//! Every mean here is a sum of weighted losses divided by a sum of weights, never by a number of words. The
//! losses of a word, with `p` the probabilities of its tags, `t` its right tag and `w` the weights of tags:
//!
//! - cross-entropy: `−w_t · ln p_t`; smoothed by `ε` over `C` tags as PyTorch does it,
//!   `−(1 − ε) · w_t · ln p_t − ε / C · Σ_c w_c · ln p_c`
//! - focal (Lin et al. 2017, equation 5, with the weight as α): `−w_t · (1 − p_t)^γ · ln p_t`
//! - self-adjusting dice (Li et al. 2020, the coefficient of one example, each tag against all
//!   others, γ = 1): with
//!   `x_c = (1 − p_c) · p_c` and `y_c` 1 for the right tag and 0 for others,
//!   `w_t · Σ_c (1 − (2 · x_c · y_c + 1) / (x_c + y_c + 1))`
//!
//! With R-Drop (Liang et al. 2021) each word is read in two passes with different dropout. Its loss is the mean of
//! both, as in the authors' program, plus `α · w_t · ½ · Σ_c (p_c − q_c) · (ln p_c − ln q_c)`, the mean of both
//! Kullback–Leibler divergences between the probabilities `p` and `q` of the passes. Words alone have a loss,
//! so neither padding nor further pieces of a word take part.
//!
//! What is only scored has the cross-entropy without weights, so that runs can be compared; with a conditional
//! random field, that of each word's marginal probabilities.

use crate::decode::Emissions;
use crate::transitions::Transitions;
use std::sync::Arc;
use tagsmith_encoder::burn::tensor::{Device, Int, Tensor, activation};
use tagsmith_encoder::ops::Kernels;
use tagsmith_protocol::{LossFunction, TrainSettings};

/// The loss of a word before its weight.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum WordLoss {
    #[default]
    CrossEntropy,
    /// The share of the target that is spread over all tags.
    Smoothed(f64),
    /// The exponent.
    Focal(f64),
    Dice,
}

/// The loss that training minimises: a weighted mean over words. By default the cross-entropy, all words
/// alike. With transitions it is the negative log-likelihood of a conditional random field (`crf`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Objective {
    word_loss: WordLoss,
    /// The weight of a word by its right tag, `[tags]`; `None`: all are 1.
    weights: Option<Arc<[f32]>>,
    /// How much it counts that two passes disagree: α of R-Drop, 0 for one pass.
    r_drop: f64,
    /// Those of a conditional random field, as learned so far.
    pub transitions: Option<Transitions>,
}

/// `1 − p` of the focal loss is this at least: a power below 1 has no finite slope at 0.
const LEAST_DOUBT: f64 = 1e-7;

impl Objective {
    /// The loss of these settings, with the weight of each tag, where they differ.
    pub fn new(settings: &TrainSettings, weights: Option<Arc<[f32]>>) -> Self {
        let word_loss = match settings.loss {
            LossFunction::CrossEntropy if settings.label_smoothing > 0.0 => {
                WordLoss::Smoothed(settings.label_smoothing)
            }
            LossFunction::Focal if settings.focal_gamma > 0.0 => {
                WordLoss::Focal(settings.focal_gamma)
            }
            LossFunction::CrossEntropy | LossFunction::Focal => WordLoss::CrossEntropy,
            LossFunction::Dice => WordLoss::Dice,
        };
        Self {
            word_loss,
            weights,
            r_drop: settings.r_drop,
            transitions: None,
        }
    }

    /// How often a word is read for one loss.
    pub fn passes(&self) -> usize {
        if self.r_drop > 0.0 { 2 } else { 1 }
    }

    /// The weight of a word whose right output is `target`.
    pub fn weight(&self, target: usize) -> f64 {
        self.weights
            .as_ref()
            .map_or(1.0, |weights| weights[target].into())
    }

    /// What the sum over the words with these targets is divided by: the sum of their weights; 1 where that
    /// is 0.
    pub fn normaliser(&self, targets: impl IntoIterator<Item = usize>) -> f64 {
        nonzero(targets.into_iter().map(|target| self.weight(target)).sum())
    }

    /// The loss of one batch without transitions: the weighted sum over its words, divided by `normaliser` and multiplied by
    /// `scale`. `normaliser` is [`Self::normaliser`] of all words of the step, so that the losses of its
    /// micro-batches add up to the weighted mean. With two passes, the words of the second stand after all
    /// of the first.
    ///
    /// # Shapes
    /// - `logits` `[words, tags]`, `targets` `[words]`, result `[1]`; with R-Drop twice as many rows
    pub fn loss(
        &self,
        logits: Tensor<2>,
        targets: Tensor<1, Int>,
        normaliser: f64,
        scale: f64,
    ) -> Tensor<1> {
        if self.r_drop > 0.0 {
            let one_pass = Self {
                r_drop: 0.0,
                ..self.clone()
            };
            let divergence = self.divergence(logits.clone(), targets.clone());
            let mean = one_pass.loss(logits, targets, 2.0 * normaliser, scale);
            return mean + divergence * (self.r_drop * scale / normaliser);
        }
        if *self == Self::default() {
            let kernels = Kernels::best_on(&logits.device());
            return kernels.cross_entropy_scaled(logits, targets, normaliser, scale);
        }
        if logits.dims()[0] == 0 {
            return logits.sum();
        }
        self.of_words(logits, targets).sum() * (scale / normaliser)
    }

    /// The weight of each tag, `[tags]`.
    fn by_tag(&self, tags: usize, device: &Device) -> Tensor<1> {
        match &self.weights {
            Some(weights) => Tensor::from_floats(&**weights, device),
            None => Tensor::ones([tags], device),
        }
    }

    /// The weighted sum over all words of how far two passes disagree, `[1]`.
    fn divergence(&self, logits: Tensor<2>, targets: Tensor<1, Int>) -> Tensor<1> {
        let [rows, tags] = logits.dims();
        if rows == 0 {
            return logits.sum();
        }
        let words = rows / 2;
        let weights = self.by_tag(tags, &logits.device());
        let weights = weights.select(0, targets.narrow(0, 0, words));
        let log = activation::log_softmax(logits, 1);
        let [log_p, log_q] = [0, words].map(|first| log.clone().narrow(0, first, words));
        let apart = log_p.clone().exp() - log_q.clone().exp();
        let divergences = (apart * (log_p - log_q)).sum_dim(1) * 0.5;
        (divergences * weights.reshape([words, 1])).sum()
    }

    /// The weighted loss of each word, `[words, 1]`.
    fn of_words(&self, logits: Tensor<2>, targets: Tensor<1, Int>) -> Tensor<2> {
        let [words, tags] = logits.dims();
        let by_tag = self.by_tag(tags, &logits.device());
        let weights = by_tag.clone().select(0, targets.clone());
        let weights = weights.reshape([words, 1]);
        let targets = targets.reshape([words, 1]);
        let log_p = activation::log_softmax(logits, 1);
        let log_right = log_p.clone().gather(1, targets.clone());
        match self.word_loss {
            WordLoss::CrossEntropy => -log_right * weights,
            WordLoss::Smoothed(share) => {
                let spread = (log_p * by_tag.unsqueeze()).sum_dim(1) * (share / tags as f64);
                -(log_right * weights * (1.0 - share) + spread)
            }
            WordLoss::Focal(gamma) => {
                let doubt = (-log_right.clone().exp() + 1.0).clamp_min(LEAST_DOUBT);
                -log_right * weights * doubt.powf_scalar(gamma)
            }
            WordLoss::Dice => {
                let p = log_p.exp();
                let x = (-p.clone() + 1.0) * p;
                // Of all tags as if none were right, then the right one's in its place.
                let wrong = |x: Tensor<2>| x.clone() / (x + 1.0);
                let right = x.clone().gather(1, targets);
                let all = wrong(x).sum_dim(1) - wrong(right.clone());
                let dice = (right.clone() * 2.0 + 1.0) / (right + 2.0);
                (all - dice + 1.0) * weights
            }
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
        objective: &Objective,
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
        mean.add_document(&Objective::default(), &emissions, &known);
        // −ln ¼ and −ln ⅛: 2.5 ln 2 on average.
        assert!((mean.value() - 2.5 * 2f64.ln()).abs() < 1e-6);
        let device = Device::flex();
        let loss = Objective::default().loss(
            Tensor::from_floats(logits, &device),
            Tensor::from_ints(targets, &device),
            Objective::default().normaliser([1, 0]),
            1.0,
        );
        let loss = f64::from(loss.into_scalar::<f32>());
        assert!((loss - mean.value()).abs() < 1e-6, "{loss}");
    }

    #[test]
    fn a_step_without_a_word_is_divided_by_one() {
        assert_eq!(Objective::default().normaliser([]), 1.0);
        assert_eq!(Objective::default().normaliser([0, 3, 3]), 3.0);
    }
}
