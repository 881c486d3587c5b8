//! The exponential moving average of a model's weights, which is scored and saved in place of the last ones.
//!
//! After step `t` the average becomes `d · average + (1 − d) · weights` with `d = min(decay, (1 + t) / (10 + t))`,
//! as in TensorFlow's `ExponentialMovingAverage` with `num_updates`: at first it follows the weights closely,
//! so that a short run is not judged by the weights that it began with. It begins with the weights after the
//! first step; those that are unfrozen later begin as they are then. It needs as much memory as the weights that
//! are trained.

use crate::optimizer::TRANSITIONS;
use crate::parameters::{replaced, trained};
use crate::transitions::Transitions;
use std::collections::BTreeMap;
use tagsmith_encoder::TokenClassifier;
use tagsmith_encoder::burn::tensor::{Device, Tensor, TensorData};
use tagsmith_encoder::ops::Kernels;
use tagsmith_encoder::weights::LazyTensor;
use tagsmith_protocol::TrainSettings;

/// The moving average of the weights of a model that is being trained.
#[derive(Clone, Debug)]
pub struct Average {
    /// 0–1.
    decay: f64,
    /// By name, with the shape; flat and without autodiff. Transitions between tags are among them.
    weights: BTreeMap<String, (Vec<usize>, Tensor<1>)>,
}

impl Average {
    /// An average that keeps this share of itself at each step, 0–1, once it is warmed up.
    pub fn new(decay: f64) -> Self {
        Self {
            decay,
            weights: BTreeMap::new(),
        }
    }

    /// The average that a run's settings ask for.
    pub fn of(settings: &TrainSettings) -> Option<Self> {
        (settings.ema_decay > 0.0).then(|| Self::new(settings.ema_decay))
    }

    /// Includes weights that are to be trained from the next step on, as they are, where others were before.
    pub fn include(&mut self, model: &TokenClassifier) {
        if !self.weights.is_empty() {
            for (name, weight) in trained(model) {
                let as_it_is = || (weight.shape, weight.flat);
                self.weights.entry(name).or_insert_with(as_it_is);
            }
        }
    }

    /// Takes the weights after `steps` steps of the optimiser, and the transitions of a conditional random
    /// field where there is one.
    pub fn update(
        &mut self,
        model: &TokenClassifier,
        transitions: Option<&Transitions>,
        steps: usize,
    ) {
        let steps = steps as f64;
        let share = 1.0 - self.decay.min((1.0 + steps) / (10.0 + steps));
        for (name, weight) in trained(model) {
            self.blend(name, weight.shape, weight.flat, share);
        }
        let device = self.tensors().next().map(Tensor::device);
        if let (Some(transitions), Some(device)) = (transitions, device) {
            // What is forbidden stays so, whatever number stands for it.
            let scores = transitions.scores().iter();
            let scores: Vec<f32> = scores
                .map(|score| if score.is_finite() { *score } else { 0.0 })
                .collect();
            let flat = Tensor::from_floats(&*scores, &device);
            self.blend(TRANSITIONS.into(), vec![scores.len()], flat, share);
        }
    }

    fn blend(&mut self, name: String, shape: Vec<usize>, flat: Tensor<1>, share: f64) {
        let average = match self.weights.remove(&name) {
            Some((_, average)) => {
                let kernels = Kernels::best_on(&average.device());
                kernels.blend(average, flat, share)
            }
            None => flat,
        };
        self.weights.insert(name, (shape, average));
    }

    /// The averaged transitions in the place of `transitions`.
    #[must_use]
    pub fn applied_to_transitions(&self, transitions: Transitions) -> Transitions {
        match self.weights.get(TRANSITIONS) {
            Some((_, average)) => {
                let scores: Vec<f32> = average.to_data().iter::<f32>().collect();
                transitions.updated(&scores)
            }
            None => transitions,
        }
    }

    /// `model` with the averaged weights.
    #[must_use]
    pub fn applied(&self, model: TokenClassifier) -> TokenClassifier {
        replaced(model, self.weights.clone())
    }

    /// All averaged weights.
    pub fn tensors(&self) -> impl Iterator<Item = &Tensor<1>> {
        self.weights.values().map(|(_, average)| average)
    }

    /// The averages, for a checkpoint.
    pub fn to_tensors(&self) -> BTreeMap<String, LazyTensor<'_>> {
        let lazy = |(name, (shape, average)): (&String, &(Vec<usize>, Tensor<1>))| {
            let average = average.clone();
            let tensor = LazyTensor {
                shape: shape.clone(),
                values: Box::new(move || average.to_data().iter::<f32>().collect()),
            };
            (name.clone(), tensor)
        };
        self.weights.iter().map(lazy).collect()
    }

    /// Puts back what [`Average::to_tensors`] gave.
    pub fn restore(&mut self, tensors: BTreeMap<String, (Vec<usize>, Vec<f32>)>, device: &Device) {
        let weight = |(name, (shape, values)): (String, (Vec<usize>, Vec<f32>))| {
            let size = values.len();
            let average = Tensor::from_data(TensorData::new(values, [size]), device);
            (name, (shape, average))
        };
        self.weights = tensors.into_iter().map(weight).collect();
    }
}
