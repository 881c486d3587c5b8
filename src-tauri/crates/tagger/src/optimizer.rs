//! AdamW with decoupled weight decay and a global gradient norm, its state kept by parameter name.

mod room;

use crate::deferred::DeferredScalar;
use crate::parameters::{in_place_of, replaced};
use crate::pretrained::Pretrained;
use crate::transitions::Transitions;
use std::collections::BTreeMap;
use tagsmith_encoder::burn::module::Param;
use tagsmith_encoder::burn::tensor::{Device, Gradients, Tensor};
use tagsmith_encoder::ops::{self, Clip, Gradient, Kernels, Moments, Parameter, derived_seed};
use tagsmith_encoder::walk::{self, Mapper, Visitor};
use tagsmith_encoder::weights::{LazyTensor, ParamPath};
use tagsmith_encoder::{TokenClassifier, Trainable};

/// The constants of AdamW.
#[derive(Clone, Copy, Debug)]
pub struct AdamWConfig {
    /// Decay of the first moment, 0–1.
    pub beta1: f64,
    /// Decay of the second moment, 0–1.
    pub beta2: f64,
    /// Added to the denominator.
    pub epsilon: f64,
    /// Share of a weight taken away each step, times the learning rate. Biases and norms have none.
    pub weight_decay: f64,
    /// The same towards the pretrained weights, for those that have them, biases and norms included. It then
    /// takes the place of the other.
    pub pretrained_decay: f64,
    /// Gradients are scaled down to this global norm; 0 leaves them as they are.
    pub max_grad_norm: f64,
    /// Where the moments are kept in bf16: the seed by which they are rounded.
    pub rounding: Option<u64>,
}

impl Default for AdamWConfig {
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.01,
            pretrained_decay: 0.0,
            max_grad_norm: 1.0,
            rounding: None,
        }
    }
}

/// The gradients of all parameters by name, summed over the parts of a step.
#[derive(Default)]
pub struct GradientSum(BTreeMap<String, Gradient>);

impl GradientSum {
    /// Adds the gradients of one backward pass.
    pub fn add(&mut self, model: &impl Trainable, gradients: Gradients) {
        let sum = &mut self.0;
        let mut collector = GradientCollector { gradients, sum };
        walk::visit(model, model.param_path(), &mut collector);
    }

    /// Adds the gradient of `tensor`, which stands for the weight `name`; nothing where it has none.
    pub fn add_of<const D: usize>(
        &mut self,
        name: &str,
        tensor: &Tensor<D>,
        gradients: &mut Gradients,
    ) {
        if let Some(gradient) = Gradient::take(tensor, gradients) {
            add(&mut self.0, name.to_owned(), gradient);
        }
    }

    /// The gradient of each weight by name.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Gradient)> {
        self.0.iter()
    }

    /// The square root of the sum of all squares.
    pub fn norm(&self) -> f64 {
        self.kernels().sum_of_squares(self.0.values()).sqrt()
    }

    /// What computes with gradients, by which weights of 32 bits are changed.
    fn kernels(&self) -> Kernels {
        let dense = self.0.values().find_map(|gradient| match gradient {
            Gradient::Dense(gradient) => Some(gradient.device()),
            Gradient::Rows(_) => None,
        });
        dense.map_or(Kernels::Cpu, |device| Kernels::best_on(&device))
    }

    /// The sum of all squares as a tensor `[1]` on the device, which may still be computing it. `None`
    /// where gradients are of single rows, or there are none.
    fn pending_squares(&self) -> Option<Tensor<1>> {
        self.kernels().unread_sum_of_squares(self.0.values())
    }
}

fn add(sum: &mut BTreeMap<String, Gradient>, name: String, gradient: Gradient) {
    let gradient = match sum.remove(&name) {
        Some(sum) => sum.plus(gradient),
        None => gradient,
    };
    sum.insert(name, gradient);
}

struct GradientCollector<'a> {
    gradients: Gradients,
    sum: &'a mut BTreeMap<String, Gradient>,
}

impl Visitor for GradientCollector<'_> {
    fn visit<const D: usize>(&mut self, path: &ParamPath, param: &Param<Tensor<D>>) {
        let Some(gradient) = Gradient::take(&param.val(), &mut self.gradients) else {
            return;
        };
        add(self.sum, path.name(), gradient);
    }
}

/// The name of the transitions of a conditional random field; the model has no parameter with it.
pub(crate) const TRANSITIONS: &str = "crf.transitions";

/// AdamW (Loshchilov and Hutter 2019, algorithm 2), as `torch.optim.AdamW` computes it.
pub struct AdamW {
    config: AdamWConfig,
    steps: i32,
    moments: BTreeMap<String, Moments>,
    /// Steps before the first in which a parameter was trained, where there were any: its moments begin
    /// there, and so does their bias correction.
    late: BTreeMap<String, i32>,
    /// What the learning rate is multiplied by; 1 for those that are absent.
    factors: BTreeMap<String, f64>,
    pretrained: Pretrained,
}

impl AdamW {
    /// A new optimiser without state.
    pub fn new(config: AdamWConfig) -> Self {
        Self {
            config,
            steps: 0,
            moments: BTreeMap::new(),
            late: BTreeMap::new(),
            factors: BTreeMap::new(),
            pretrained: Pretrained::default(),
        }
    }

    /// The same with a learning rate that falls from layer to layer: that of the head is whole, and
    /// `decay`, 0–1, is the ratio of a layer's to that of the layer above (Clark et al. 2020, appendix B, with
    /// the exponents of Bao et al. 2022).
    #[must_use]
    pub fn with_layer_decay(mut self, model: &TokenClassifier, decay: f64) -> Self {
        if decay != 1.0 {
            let head = model.layers() + 1;
            let factor = |height: usize| decay.powi((head - height) as i32);
            let heights = model.heights().into_iter();
            self.factors = heights.map(|(name, at)| (name, factor(at))).collect();
        }
        self
    }

    /// The same with pretrained weights to decay towards.
    #[must_use]
    pub fn with_pretrained(self, pretrained: Pretrained) -> Self {
        Self { pretrained, ..self }
    }

    /// One step with the summed gradients. Returns the model and the norm before clipping.
    pub fn step<M: Trainable>(
        &mut self,
        model: M,
        gradients: GradientSum,
        learning_rate: f64,
    ) -> (M, f64) {
        self.step_scaled(model, gradients, learning_rate, 1.0)
    }

    /// The same with gradients that are `loss_scale` times too large. Where one of them is not finite
    /// nothing changes, and neither is the norm.
    pub fn step_scaled<M: Trainable>(
        &mut self,
        model: M,
        gradients: GradientSum,
        learning_rate: f64,
        loss_scale: f64,
    ) -> (M, f64) {
        let norm = gradients.norm() / loss_scale;
        if !norm.is_finite() {
            return (model, norm);
        }
        let scale = self.clip(norm);
        let model = self.update(model, gradients, learning_rate, scale / loss_scale, None);
        (model, norm)
    }

    /// As [`AdamW::step`], without waiting for the device where that can be.
    pub fn step_async<M: Trainable>(
        &mut self,
        model: M,
        gradients: GradientSum,
        learning_rate: f64,
    ) -> (M, DeferredScalar) {
        let Some(squares) = gradients.pending_squares() else {
            let (model, norm) = self.step(model, gradients, learning_rate);
            return (model, DeferredScalar::Ready(norm));
        };
        let limit = self.config.max_grad_norm;
        let clip = Clip {
            squares: squares.clone(),
            limit,
        };
        let model = self.update(model, gradients, learning_rate, 1.0, Some(clip));
        (model, DeferredScalar::Root(Box::new(squares)))
    }

    fn update<M: Trainable>(
        &mut self,
        model: M,
        gradients: GradientSum,
        learning_rate: f64,
        gradient_scale: f64,
        clip: Option<Clip>,
    ) -> M {
        self.steps += 1;
        let step = self.step_of(learning_rate, gradient_scale);
        let kernels = gradients.kernels();
        // Weights are taken out first, so that nothing else holds them and all are updated together.
        let mut taking = Taking {
            gradients: gradients.0,
            kernels,
            step: &step,
            optimizer: self,
            names: Vec::new(),
            parameters: Vec::new(),
            left: None,
        };
        let all = model.param_path();
        let model = walk::map(model, all, &mut taking);
        let Taking {
            names, parameters, ..
        } = taking;
        let done = kernels.adamw_all(parameters, &step, clip.as_ref());
        let mut weights = BTreeMap::new();
        for ((name, shape), (weight, moments)) in names.into_iter().zip(done) {
            self.moments.insert(name.clone(), moments);
            weights.insert(name, (shape, weight));
        }
        replaced(model, weights)
    }

    /// Updates the transitions of a conditional random field by their gradient in the order of
    /// [`Transitions::scores`], after the model was updated in the same step. They have no weight decay, and
    /// a gradient norm of their own.
    pub fn step_transitions(
        &mut self,
        transitions: Transitions,
        gradient: &[f64],
        learning_rate: f64,
        device: &Device,
    ) -> Transitions {
        let norm = gradient.iter().map(|x| x * x).sum::<f64>().sqrt();
        let tensor = |values: &[f32]| Tensor::from_floats(values, device);
        let gradient: Vec<f32> = gradient.iter().map(|x| *x as f32).collect();
        let step = ops::AdamWStep {
            weight_decay: 0.0,
            ..self.step_of(learning_rate, self.clip(norm))
        };
        // What is forbidden has no gradient, so any number may stand for its score.
        let scores: Vec<f32> = transitions
            .scores()
            .iter()
            .map(|score| score.max(f32::MIN))
            .collect();
        let (scores, moments) = Kernels::best_on(device).adamw(
            tensor(&scores),
            Gradient::Dense(tensor(&gradient)),
            self.moments.remove(TRANSITIONS),
            &step,
            None,
        );
        self.moments.insert(TRANSITIONS.into(), moments);
        let scores: Vec<f32> = scores.into_data().iter::<f32>().collect();
        transitions.updated(&scores)
    }

    /// The seed by which the moments of a weight are rounded in the present step: of its own, and the same
    /// where a run is resumed.
    fn rounding_of(&self, name: &str) -> Option<u64> {
        let of_step = derived_seed(self.config.rounding?, self.steps as usize);
        let mix = |seed, byte| derived_seed(seed, usize::from(byte));
        Some(name.bytes().fold(of_step, mix))
    }

    /// What gradients with this norm are multiplied by.
    fn clip(&self, norm: f64) -> f64 {
        let limit = self.config.max_grad_norm;
        // The small constant is PyTorch's, in `clip_grad_norm_`.
        match limit > 0.0 {
            true => (limit / (norm + 1e-6)).min(1.0),
            false => 1.0,
        }
    }

    fn step_of(&self, learning_rate: f64, gradient_scale: f64) -> ops::AdamWStep {
        ops::AdamWStep {
            beta1: self.config.beta1,
            beta2: self.config.beta2,
            epsilon: self.config.epsilon,
            weight_decay: self.config.weight_decay,
            learning_rate,
            gradient_scale,
            steps: self.steps,
        }
    }

    /// Steps taken: those whose gradients overflowed are not.
    pub fn steps(&self) -> usize {
        self.steps as usize
    }

    /// The state as tensors, for a checkpoint.
    pub fn to_tensors(&self) -> BTreeMap<String, LazyTensor<'_>> {
        let mut tensors = BTreeMap::new();
        for (name, moments) in &self.moments {
            for (moment, prefix) in ["first", "second"].into_iter().enumerate() {
                let later = LazyTensor {
                    shape: vec![moments.size()],
                    values: Box::new(move || moments.values_of(moment)),
                };
                tensors.insert(format!("{prefix}.{name}"), later);
            }
        }
        for (name, steps) in &self.late {
            let later = LazyTensor {
                shape: vec![1],
                values: Box::new(move || vec![*steps as f32]),
            };
            tensors.insert(format!("late.{name}"), later);
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
        // What is left.
        for (key, steps) in tensors {
            if let (Some(name), [steps]) = (key.strip_prefix("late."), &steps[..]) {
                self.late.insert(name.into(), *steps as i32);
            }
        }
    }
}

/// Launches everything that a step computes besides forward and backward, on one or two numbers.
/// `is_blending`: weights are averaged, or decay towards the pretrained ones.
pub fn rehearse(device: &Device, is_blending: bool) {
    let kernels = Kernels::best_on(device);
    let one = || Tensor::<1>::from_floats([1.0], device);
    let gradient = Gradient::Dense(one()).plus(Gradient::Dense(one()));
    let clip = kernels.squares_of(&[&one()]).map(|squares| Clip {
        squares,
        limit: 1.0,
    });
    let step = ops::AdamWStep {
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        weight_decay: 0.0,
        learning_rate: 0.0,
        gradient_scale: 1.0,
        steps: 1,
    };
    // Held, as weights are where a run goes back to them: they are copied first.
    let weight = one();
    if is_blending {
        let _ = kernels.blend(weight.clone(), one(), 0.0);
    }
    let _ = kernels.adamw(weight.clone(), gradient, None, &step, clip.as_ref());
}

/// Takes the weights that have a gradient out of a model, decayed towards the pretrained ones where they
/// have them, and leaves a number in the place of each.
struct Taking<'a> {
    gradients: BTreeMap<String, Gradient>,
    kernels: Kernels,
    step: &'a ops::AdamWStep,
    optimizer: &'a mut AdamW,
    /// Names and shapes of `parameters`.
    names: Vec<(String, Vec<usize>)>,
    parameters: Vec<Parameter>,
    /// What is left, one for all of them.
    left: Option<Tensor<1>>,
}

impl Taking<'_> {
    /// A parameter of `rank` dimensions.
    fn parameter(
        &mut self,
        name: &str,
        rank: usize,
        weight: Tensor<1>,
        gradient: Gradient,
    ) -> Parameter {
        let optimizer = &mut *self.optimizer;
        let factor = optimizer.factors.get(name).copied().unwrap_or(1.0);
        let learning_rate = self.step.learning_rate * factor;
        let moments = optimizer.moments.remove(name);
        if moments.is_none() && self.step.steps > 1 {
            optimizer.late.insert(name.into(), self.step.steps - 1);
        }
        let steps = self.step.steps - optimizer.late.get(name).copied().unwrap_or(0);
        let decay = optimizer.config.pretrained_decay;
        let pretrained = optimizer.pretrained.get(name).filter(|_| decay > 0.0);
        let (weight, weight_decay) = match pretrained {
            Some(pretrained) => {
                let share = learning_rate * decay;
                let pretrained = pretrained.clone();
                (self.kernels.blend(weight, pretrained, share), 0.0)
            }
            // For the matrices alone: biases and norms have one dimension.
            None if rank < 2 => (weight, 0.0),
            None => (weight, self.step.weight_decay),
        };
        Parameter {
            weight,
            gradient,
            moments,
            learning_rate,
            weight_decay,
            steps,
            rounding: optimizer.rounding_of(name),
        }
    }
}

impl Mapper for Taking<'_> {
    fn map<const D: usize>(
        &mut self,
        path: &ParamPath,
        param: Param<Tensor<D>>,
    ) -> Param<Tensor<D>> {
        let name = path.name();
        let Some(gradient) = self.gradients.remove(&name) else {
            return param;
        };
        let (id, value, mapper) = param.consume();
        let shape = value.dims();
        let device = value.device().inner();
        let number = || Tensor::from_floats([0.0], &device);
        let left = self.left.get_or_insert_with(number).clone();
        let left = in_place_of(&value, left.reshape([1; D]));
        let flat = value.inner().reshape([shape.iter().product::<usize>()]);
        let parameter = self.parameter(&name, D, flat, gradient);
        self.parameters.push(parameter);
        self.names.push((name, shape.to_vec()));
        Param::from_mapped_value(id, left, mapper)
    }
}
