//! AdamW with decoupled weight decay and a global gradient norm, its state kept by parameter name.

use crate::late::Late;
use std::collections::BTreeMap;
use tagsmith_encoder::TokenClassifier;
use tagsmith_encoder::burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use tagsmith_encoder::burn::tensor::{Device, Gradients, Tensor};
use tagsmith_encoder::ops::{self, Clip, Gradient, Kernels, Moments};
use tagsmith_encoder::weights::{Later, Path};

/// The constants of AdamW.
#[derive(Clone, Copy, Debug)]
pub struct AdamWConfig {
    /// Decay of the first moment, 0–1.
    pub beta1: f64,
    /// Decay of the second moment, 0–1.
    pub beta2: f64,
    /// Added to the denominator.
    pub epsilon: f64,
    /// Share of a weight taken away each step, times the learning rate. Biases and LayerNorm have
    /// none.
    pub weight_decay: f64,
    /// Gradients are scaled down to this global norm; 0 leaves them as they are.
    pub max_grad_norm: f64,
}

impl Default for AdamWConfig {
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.01,
            max_grad_norm: 1.0,
        }
    }
}

/// The gradients of all parameters by name, summed over the parts of a step.
#[derive(Default)]
pub struct GradientSum(BTreeMap<String, Gradient>);

impl GradientSum {
    /// Adds the gradients of one backward pass.
    pub fn add(&mut self, model: &TokenClassifier, gradients: Gradients) {
        let mut collector = GradientCollector {
            path: Path::default(),
            gradients,
            sum: &mut self.0,
        };
        model.visit(&mut collector);
    }

    /// The square root of the sum of all squares.
    pub fn norm(&self) -> f64 {
        self.kernels().sum_of_squares(self.0.values()).sqrt()
    }

    /// What computes with gradients, which are always in 32 bits.
    fn kernels(&self) -> Kernels {
        let dense = self.0.values().find_map(|gradient| match gradient {
            Gradient::Dense(gradient) => Some(gradient.device()),
            Gradient::Rows(_) => None,
        });
        dense.map_or(Kernels::Cpu, |device| Kernels::best_on(&device))
    }

    /// The sum of all squares as a tensor `[1]` on the device, which may still be computing it. `None`
    /// where gradients are of single rows, or there are none.
    fn unread_squares(&self) -> Option<Tensor<1>> {
        self.kernels().unread_sum_of_squares(self.0.values())
    }
}

struct GradientCollector<'a> {
    path: Path,
    gradients: Gradients,
    sum: &'a mut BTreeMap<String, Gradient>,
}

impl ModuleVisitor for GradientCollector<'_> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.leave();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(gradient) = Gradient::take(&param.val(), &mut self.gradients) else {
            return;
        };
        let name = self.path.name();
        let sum = match self.sum.remove(&name) {
            Some(sum) => sum.plus(gradient),
            None => gradient,
        };
        self.sum.insert(name, sum);
    }
}

/// AdamW (Loshchilov and Hutter 2019, algorithm 2), as `torch.optim.AdamW` computes it.
pub struct AdamW {
    config: AdamWConfig,
    steps: i32,
    moments: BTreeMap<String, Moments>,
}

impl AdamW {
    /// A new optimiser without state.
    pub fn new(config: AdamWConfig) -> Self {
        Self {
            config,
            steps: 0,
            moments: BTreeMap::new(),
        }
    }

    /// One step with the summed gradients. Returns the model and the norm before clipping.
    pub fn step(
        &mut self,
        model: TokenClassifier,
        gradients: GradientSum,
        learning_rate: f64,
    ) -> (TokenClassifier, f64) {
        self.step_scaled(model, gradients, learning_rate, 1.0)
    }

    /// The same with gradients that are `loss_scale` times too large. Where one of them is not finite
    /// nothing changes, and neither is the norm.
    pub fn step_scaled(
        &mut self,
        model: TokenClassifier,
        gradients: GradientSum,
        learning_rate: f64,
        loss_scale: f64,
    ) -> (TokenClassifier, f64) {
        let norm = gradients.norm() / loss_scale;
        if !norm.is_finite() {
            return (model, norm);
        }
        let limit = self.config.max_grad_norm;
        // The small constant is PyTorch's, in `clip_grad_norm_`.
        let scale = match limit > 0.0 {
            true => (limit / (norm + 1e-6)).min(1.0),
            false => 1.0,
        };
        let model = self.update(model, gradients, learning_rate, scale / loss_scale, None);
        (model, norm)
    }

    /// As [`AdamW::step`], without waiting for the device where that can be.
    pub fn step_unread(
        &mut self,
        model: TokenClassifier,
        gradients: GradientSum,
        learning_rate: f64,
    ) -> (TokenClassifier, Late) {
        let Some(squares) = gradients.unread_squares() else {
            let (model, norm) = self.step(model, gradients, learning_rate);
            return (model, Late::Known(norm));
        };
        let limit = self.config.max_grad_norm;
        let clip = Clip {
            squares: squares.clone(),
            limit,
        };
        let model = self.update(model, gradients, learning_rate, 1.0, Some(clip));
        (model, Late::Root(squares))
    }

    fn update(
        &mut self,
        model: TokenClassifier,
        gradients: GradientSum,
        learning_rate: f64,
        gradient_scale: f64,
        clip: Option<Clip>,
    ) -> TokenClassifier {
        self.steps += 1;
        let mut update = Update {
            path: Path::default(),
            kernels: gradients.kernels(),
            gradients: gradients.0,
            clip,
            step: ops::AdamWStep {
                beta1: self.config.beta1,
                beta2: self.config.beta2,
                epsilon: self.config.epsilon,
                weight_decay: self.config.weight_decay,
                learning_rate,
                gradient_scale,
                steps: self.steps,
            },
            moments: &mut self.moments,
        };
        model.map(&mut update)
    }

    /// Steps taken: those whose gradients overflowed are not.
    pub fn steps(&self) -> usize {
        self.steps as usize
    }

    /// The state as tensors, for a checkpoint.
    pub fn to_tensors(&self) -> BTreeMap<String, Later<'_>> {
        let mut tensors = BTreeMap::new();
        for (name, moments) in &self.moments {
            for (moment, prefix) in ["first", "second"].into_iter().enumerate() {
                let later = Later {
                    shape: vec![moments.size()],
                    values: Box::new(move || moments.values_of(moment)),
                };
                tensors.insert(format!("{prefix}.{name}"), later);
            }
        }
        tensors
    }

    /// Puts back a state written by [`AdamW::to_tensors`] after `steps` steps.
    pub fn restore(
        &mut self,
        steps: usize,
        mut tensors: BTreeMap<String, Vec<f32>>,
        device: &Device,
    ) {
        self.steps = steps as i32;
        let firsts: Vec<String> = tensors
            .keys()
            .filter_map(|key| key.strip_prefix("first."))
            .map(str::to_owned)
            .collect();
        for name in firsts {
            let values = ["first", "second"].map(|prefix| {
                let key = format!("{prefix}.{name}");
                tensors.remove(&key).unwrap_or_default()
            });
            let moments = Moments::from_values(values, device);
            self.moments.insert(name, moments);
        }
    }
}

struct Update<'a> {
    path: Path,
    gradients: BTreeMap<String, Gradient>,
    kernels: Kernels,
    /// What gradients are scaled down to where their norm is not known here yet.
    clip: Option<Clip>,
    step: ops::AdamWStep,
    moments: &'a mut BTreeMap<String, Moments>,
}

impl ModuleMapper for Update<'_> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.leave();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = self.path.name();
        let Some(gradient) = self.gradients.remove(&name) else {
            return param;
        };
        let mut step = self.step;
        if !is_decayed(&name) {
            step.weight_decay = 0.0;
        }
        let moments = self.moments.remove(&name);
        let (id, value, mapper) = param.consume();
        let shape = value.dims();
        let flat = value.inner().reshape([shape.iter().product::<usize>()]);
        let clip = self.clip.as_ref();
        let (weight, moments) = self.kernels.adamw(flat, gradient, moments, &step, clip);
        self.moments.insert(name, moments);
        let value = Tensor::from_inner(weight.reshape(shape)).require_grad();
        Param::from_mapped_value(id, value, mapper)
    }
}

/// Weight decay is for the matrices: not for biases, not for LayerNorm.
fn is_decayed(name: &str) -> bool {
    !name.ends_with(".bias") && !name.contains("LayerNorm")
}
