//! The weights of a model by name, flat and without autodiff, out of it and back.

use std::collections::BTreeMap;
use tagsmith_encoder::Trainable;
use tagsmith_encoder::burn::module::Param;
use tagsmith_encoder::burn::tensor::Tensor;
use tagsmith_encoder::walk::{self, Mapper, Visitor};
use tagsmith_encoder::weights::ParamPath;

/// A weight of a model, taken out.
pub struct Weight {
    /// What the model has it as.
    pub shape: Vec<usize>,
    /// All its elements.
    pub flat: Tensor<1>,
    /// Whether it is the matrix of a linear layer.
    pub is_linear: bool,
}

/// The weights that are trained; they share their memory with the model.
pub fn trained(model: &impl Trainable) -> BTreeMap<String, Weight> {
    let mut taking = Trained(BTreeMap::new());
    walk::visit(model, model.param_path(), &mut taking);
    taking.0
}

/// The model with some weights replaced, each given by its name as shape and elements. They are trained as
/// those were in whose place they are.
pub fn replaced<M: Trainable>(model: M, weights: BTreeMap<String, (Vec<usize>, Tensor<1>)>) -> M {
    let path = model.param_path();
    walk::map(model, path, &mut Putting(weights))
}

/// A tensor without autodiff as a weight of a model in the place of `old`, whose gradient checkpointing it has.
pub fn in_place_of<const D: usize>(old: &Tensor<D>, new: Tensor<D>) -> Tensor<D> {
    let new = Tensor::from_inner(new);
    match old.gradient_checkpointing_strategy() {
        Some(strategy) => new.with_gradient_checkpointing_strategy(strategy),
        None => new,
    }
}

struct Trained(BTreeMap<String, Weight>);

impl Visitor for Trained {
    fn visit<const D: usize>(&mut self, path: &ParamPath, param: &Param<Tensor<D>>) {
        let value = param.val();
        if !value.is_require_grad() {
            return;
        }
        let shape = value.dims();
        let weight = Weight {
            shape: shape.to_vec(),
            flat: value.inner().reshape([shape.iter().product::<usize>()]),
            is_linear: path.is_linear_weight(D),
        };
        self.0.insert(path.name(), weight);
    }
}

struct Putting(BTreeMap<String, (Vec<usize>, Tensor<1>)>);

impl Mapper for Putting {
    fn map<const D: usize>(
        &mut self,
        path: &ParamPath,
        param: Param<Tensor<D>>,
    ) -> Param<Tensor<D>> {
        let Some((shape, weight)) = self.0.remove(&path.name()) else {
            return param;
        };
        let (id, old, mapper) = param.consume();
        let shape: [usize; D] = shape.try_into().expect("as many dimensions as before");
        let value = in_place_of(&old, weight.reshape(shape)).require_grad();
        Param::from_mapped_value(id, value, mapper)
    }
}
