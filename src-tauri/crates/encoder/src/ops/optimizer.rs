//! What changes the weights: a step of AdamW, and the blending of weights with others.

#[cfg(feature = "gpu")]
use super::gpu;
use super::{Gradient, Kernels, Moments, RowMoments, cpu, on_cpu, reference};
use burn::backend::Flex;
use burn::tensor::{FloatDType, Tensor};

impl Kernels {
    /// One step of AdamW (Loshchilov and Hutter 2019, algorithm 2): the new weight and its moments.
    ///
    /// `weight` is flat and without autodiff; absent moments are zeros. In place where nothing else
    /// holds the tensors. Rows of a table that never had a gradient are only decayed, which is what the
    /// formula gives for them.
    pub fn adamw(
        self,
        weight: Tensor<1>,
        gradient: Gradient,
        moments: Option<Moments>,
        step: &AdamWStep,
        clip: Option<&Clip>,
    ) -> (Tensor<1>, Moments) {
        let parameter = Parameter {
            weight,
            gradient,
            moments,
            learning_rate: step.learning_rate,
            weight_decay: step.weight_decay,
            steps: step.steps,
            rounding: None,
        };
        let mut done = self.adamw_all(vec![parameter], step, clip);
        done.pop().expect("there is one for each parameter")
    }

    /// The same of many parameters, each with a learning rate, a weight decay and a number of steps in place
    /// of the step's; their new weights and moments in their order. A GPU updates several in one launch.
    pub fn adamw_all(
        self,
        parameters: Vec<Parameter>,
        step: &AdamWStep,
        clip: Option<&Clip>,
    ) -> Vec<(Tensor<1>, Moments)> {
        #[cfg(feature = "gpu")]
        if matches!(self, Self::Gpu(_)) {
            let done = gpu::adamw(parameters, step, clip).into_iter();
            return done
                .map(|(weight, moments)| (weight, Moments::Dense(Box::new(moments))))
                .collect();
        }
        let step_of = |parameter: Parameter| {
            let step = step.of(&parameter);
            self.adamw_one(parameter, &step, clip)
        };
        parameters.into_iter().map(step_of).collect()
    }

    fn adamw_one(
        self,
        parameter: Parameter,
        step: &AdamWStep,
        clip: Option<&Clip>,
    ) -> (Tensor<1>, Moments) {
        let Parameter {
            weight,
            gradient,
            moments,
            rounding,
            ..
        } = parameter;
        let back = |tensor| Tensor::from_primitive::<Flex>(tensor);
        let gradient = match gradient {
            Gradient::Rows(gradient) => {
                let [size] = weight.dims();
                let mut moments = match moments {
                    Some(moments) => moments.into_rows(gradient.width),
                    None => RowMoments::new(size / gradient.width, gradient.width),
                };
                let weight = cpu::adamw_rows(on_cpu(weight), &gradient, &mut moments, step);
                return (back(weight), Moments::Rows(moments));
            }
            Gradient::Dense(gradient) => gradient,
        };
        let moments = moments.map(|moments| moments.into_dense(&weight.device()));
        let (weight, moments) = match self {
            Self::Cpu if clip.is_none() => {
                let moments = moments.map(|moments| moments.map(on_cpu));
                let (weight, moments) =
                    cpu::adamw_step(on_cpu(weight), on_cpu(gradient), moments, step, rounding);
                (back(weight), moments.map(back))
            }
            _ => {
                let gradient = match clip {
                    Some(clip) => gradient * clip.factor(step.gradient_scale),
                    None => gradient,
                };
                let moments =
                    moments.map(|moments| moments.map(|moment| moment.cast(FloatDType::F32)));
                reference::adamw(weight, gradient, moments, step)
            }
        };
        (weight, Moments::Dense(Box::new(moments)))
    }

    /// `weight + share · (other − weight)`, all flat, in 32 bits and without autodiff: what equals `other`
    /// stays as it is, to the bit. In place where nothing else holds `weight`.
    pub fn blend(self, weight: Tensor<1>, other: Tensor<1>, share: f64) -> Tensor<1> {
        match self {
            #[cfg(feature = "gpu")]
            Self::Gpu(_) => gpu::blend(weight, other, share as f32),
            Self::Cpu => {
                let blended = cpu::blend(on_cpu(weight), on_cpu(other), share as f32);
                Tensor::from_primitive::<Flex>(blended)
            }
            _ => reference::blend(weight, other, share),
        }
    }
}

/// A parameter before a step: flat, without autodiff.
pub struct Parameter {
    /// `[size]`.
    pub weight: Tensor<1>,
    /// Of the same size.
    pub gradient: Gradient,
    /// Zeros where they are absent.
    pub moments: Option<Moments>,
    /// Its learning rate in this step.
    pub learning_rate: f64,
    /// Share of a weight that is subtracted each step, times the learning rate.
    pub weight_decay: f64,
    /// How many steps it has had, this one included.
    pub steps: i32,
    /// Where its moments are kept in bf16: the seed by which this step rounds them. Only the CPU does so, and
    /// not for the rows of a table.
    pub rounding: Option<u64>,
}

/// Clips the global norm of gradients, where it is only known on the device.
#[derive(Clone, Debug)]
pub struct Clip {
    /// The sum of the squares of all of them, `[1]`. Where it is not finite, a step on a GPU changes
    /// nothing.
    pub squares: Tensor<1>,
    /// The largest norm that they keep once they are multiplied by the step's `gradient_scale`; at 0 they
    /// are left as they are.
    pub limit: f64,
}

impl Clip {
    /// What gradients that are first multiplied by `scale` are then multiplied by, `[1]`. The small
    /// constant is PyTorch's, in `clip_grad_norm_`.
    fn factor(&self, scale: f64) -> Tensor<1> {
        if self.limit <= 0.0 {
            return self.squares.ones_like();
        }
        let norm = self.squares.clone().sqrt() * scale.abs();
        ((norm + 1e-6).recip() * self.limit).clamp_max(1.0)
    }
}

/// The hyperparameters of one step of AdamW on one parameter.
#[derive(Clone, Copy, Debug)]
pub struct AdamWStep {
    /// Decay of the first moment, 0–1.
    pub beta1: f64,
    /// Decay of the second moment, 0–1.
    pub beta2: f64,
    /// Added to the denominator.
    pub epsilon: f64,
    /// Share of a weight that is subtracted each step, times the learning rate.
    pub weight_decay: f64,
    /// The step's learning rate.
    pub learning_rate: f64,
    /// Gradients are multiplied by this first.
    pub gradient_scale: f64,
    /// How many steps there have been, this one included.
    pub steps: i32,
}

impl AdamWStep {
    /// The bias correction of the first moment, which begins at 0.
    pub(super) fn correction1(&self) -> f64 {
        1.0 - self.beta1.powi(self.steps)
    }

    /// The bias correction of the second moment.
    pub(super) fn correction2(&self) -> f64 {
        1.0 - self.beta2.powi(self.steps)
    }

    /// The same for a parameter with hyperparameters of its own.
    pub(super) fn of(&self, parameter: &Parameter) -> Self {
        Self {
            learning_rate: parameter.learning_rate,
            weight_decay: parameter.weight_decay,
            steps: parameter.steps,
            ..*self
        }
    }
}
