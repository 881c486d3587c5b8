//! Room for moments before the first step.
//!
//! They stay, while activations and gradients come and go. Where the first step puts them, between those, they
//! leave gaps that no tensor fits into: a twentieth of the memory of a run.
//!
//! Pretraining has none: with a new head the encoder is trained later than the head, and its moments, by which the
//! bias correction knows their age, begin late.

use super::AdamW;
use std::collections::BTreeMap;
use tagsmith_encoder::Trainable;
use tagsmith_encoder::burn::module::Param;
use tagsmith_encoder::burn::tensor::Tensor;
use tagsmith_encoder::ops::{Kernels, Moments};
use tagsmith_encoder::walk::{self, Visitor};
use tagsmith_encoder::weights::ParamPath;

impl AdamW {
    /// Makes room for the moments of what `model` trains on a CPU, where they are not there yet. Tables are left
    /// out, of which a step reads few rows.
    pub fn make_room(&mut self, model: &impl Trainable) {
        let is_half = self.config.rounding.is_some();
        let moments = &mut self.moments;
        walk::visit(model, model.param_path(), &mut Room { is_half, moments });
    }
}

struct Room<'a> {
    is_half: bool,
    moments: &'a mut BTreeMap<String, Moments>,
}

impl Visitor for Room<'_> {
    fn visit<const D: usize>(&mut self, path: &ParamPath, param: &Param<Tensor<D>>) {
        let weight = param.val();
        let device = weight.device().inner();
        let is_on_cpu = matches!(Kernels::best_on(&device), Kernels::Cpu);
        if is_on_cpu && weight.is_require_grad() && !path.is_table() {
            let size = weight.dims().iter().product();
            let zeros = || Moments::zeros(size, self.is_half, &device);
            self.moments.entry(path.name()).or_insert_with(zeros);
        }
    }
}
