//! Walks over the parameters of a model, which tell where each of them stands.

use crate::weights::ParamPath;
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::Tensor;

/// What looks at parameters.
pub trait Visitor {
    /// Looks at one.
    fn visit<const D: usize>(&mut self, path: &ParamPath, param: &Param<Tensor<D>>);
}

/// What changes parameters.
pub trait Mapper {
    /// Returns one as it is to be.
    fn map<const D: usize>(
        &mut self,
        path: &ParamPath,
        param: Param<Tensor<D>>,
    ) -> Param<Tensor<D>>;
}

/// Lets `visitor` look at all parameters of a model with these names.
pub fn visit(model: &impl Module, names: impl Into<ParamPath>, visitor: &mut impl Visitor) {
    let path = names.into();
    model.visit(&mut Walk { path, by: visitor });
}

/// The model with all parameters as `mapper` returns them.
pub fn map<M: Module>(model: M, names: impl Into<ParamPath>, mapper: &mut impl Mapper) -> M {
    let path = names.into();
    model.map(&mut Walk { path, by: mapper })
}

struct Walk<'a, T> {
    path: ParamPath,
    by: &'a mut T,
}

impl<T: Visitor> ModuleVisitor for Walk<'_, T> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.leave();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.by.visit(&self.path, param);
    }
}

impl<T: Mapper> ModuleMapper for Walk<'_, T> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.leave();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        self.by.map(&self.path, param)
    }
}
