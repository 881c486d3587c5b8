//! Loads weights into a model and collects them from it, with a strict account of missing and unused ones.

use super::{LazyTensor, NameTable, Stored, Weights, WeightsError};
use crate::model::TokenClassifier;
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};
use std::collections::{BTreeMap, BTreeSet};

/// What loading found.
#[derive(Debug, Default)]
pub struct LoadResult {
    /// Parameters of the model that the file lacks; they keep their values.
    pub missing: Vec<String>,
    /// Tensors of the file that the model has no parameter for, with their shapes.
    pub unused: Vec<(String, Vec<usize>)>,
    /// Parameters whose tensor has another shape: name, shape expected, shape found.
    pub shape_mismatches: Vec<(String, Vec<usize>, Vec<usize>)>,
}

/// Puts `weights` into `model` by Hugging Face names, except those under the prefixes in `skip`.
///
/// # Errors
/// A tensor cannot be read. Names and shapes that do not fit are reported, not errors: what is
/// acceptable depends on the caller.
pub fn apply(
    model: TokenClassifier,
    weights: &Weights,
    skip: &[&str],
) -> Result<(TokenClassifier, LoadResult), WeightsError> {
    let names = model.names();
    let found = weights.tensors.keys();
    let mut applier = Applier {
        weights,
        by_canonical_name: found
            .map(|name| (names.canonical_name(name), name.as_str()))
            .collect(),
        skip,
        path: ParamPath::new(&model),
        used: BTreeSet::new(),
        result: LoadResult::default(),
        failure: None,
    };
    let model = model.map(&mut applier);
    if let Some(failure) = applier.failure {
        return Err(failure);
    }
    let mut result = applier.result;
    result.unused = applier
        .by_canonical_name
        .iter()
        .filter(|(name, _)| !applier.used.contains(*name))
        .map(|(name, original)| (name.clone(), weights.tensors[*original].shape.clone()))
        .collect();
    Ok((model, result))
}

/// The parameters of `model` under their Hugging Face names, in PyTorch's layout.
pub fn collect(model: &TokenClassifier) -> BTreeMap<String, Stored> {
    let tensors = collect_lazy(model).into_iter();
    tensors
        .map(|(name, lazy)| {
            let values = (lazy.values)();
            let shape = lazy.shape;
            (name, Stored { shape, values })
        })
        .collect()
}

/// The same, each read from its device only when it is asked for.
pub fn collect_lazy(model: &TokenClassifier) -> BTreeMap<String, LazyTensor<'static>> {
    let mut collector = Collector {
        path: ParamPath::new(model),
        tensors: BTreeMap::new(),
    };
    model.visit(&mut collector);
    collector.tensors
}

/// The path of a parameter in a traversal of a model: the fields around it, and whether each is a linear
/// layer.
pub struct ParamPath {
    names: &'static NameTable,
    segments: Vec<(String, bool)>,
}

impl ParamPath {
    /// At the root of a model.
    pub fn new(model: &TokenClassifier) -> Self {
        Self {
            names: model.names(),
            segments: Vec::new(),
        }
    }

    /// Enters a field.
    pub fn enter(&mut self, name: &str, container: &str) {
        self.segments
            .push((name.into(), container == "Struct:Linear"));
    }

    /// Leaves it.
    pub fn leave(&mut self) {
        self.segments.pop();
    }

    /// The Hugging Face name of the parameter at this path.
    pub fn name(&self) -> String {
        let segments = self.segments.iter();
        self.names.hf_name(segments.map(|(name, _)| name.as_str()))
    }

    /// PyTorch keeps the weight of a linear layer as `[out, in]`, burn as `[in, out]`.
    fn is_transposed(&self, rank: usize) -> bool {
        rank == 2 && self.segments.iter().any(|(_, linear)| *linear)
    }
}

struct Applier<'a> {
    weights: &'a Weights,
    by_canonical_name: BTreeMap<String, &'a str>,
    skip: &'a [&'a str],
    path: ParamPath,
    used: BTreeSet<String>,
    result: LoadResult,
    failure: Option<WeightsError>,
}

impl ModuleMapper for Applier<'_> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.leave();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = self.path.name();
        if self.failure.is_some() || self.skip.iter().any(|prefix| name.starts_with(prefix)) {
            return param;
        }
        let Some(original) = self.by_canonical_name.get(&name).copied() else {
            self.result.missing.push(name);
            return param;
        };
        let weight = &self.weights.tensors[original];
        let transposed = self.path.is_transposed(D);
        let mut expected = param.lazy_shape().to_vec();
        if transposed {
            expected.reverse();
        }
        self.used.insert(name.clone());
        if weight.shape != expected {
            let found = weight.shape.clone();
            self.result.shape_mismatches.push((name, expected, found));
            return param;
        }
        let values = match weight.read(original) {
            Ok(values) => values,
            Err(failure) => {
                self.failure = Some(failure);
                return param;
            }
        };
        let device = param.lazy_device();
        // Transposed in memory: a view would be read column by column at each step.
        let values = if transposed {
            transpose(&values, expected[0], expected[1])
        } else {
            values
        };
        let data = TensorData::new(values, param.lazy_shape());
        Param::from_tensor(Tensor::from_data(data, &device))
    }
}

/// `[rows, columns]` row by row → `[columns, rows]` row by row.
fn transpose(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    let mut turned = Vec::with_capacity(values.len());
    for column in 0..columns {
        turned.extend((0..rows).map(|row| values[row * columns + column]));
    }
    turned
}

struct Collector {
    path: ParamPath,
    tensors: BTreeMap<String, LazyTensor<'static>>,
}

impl ModuleVisitor for Collector {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.leave();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.val();
        let mut shape = tensor.dims().to_vec();
        let turned = self.path.is_transposed(D).then(|| (shape[0], shape[1]));
        if turned.is_some() {
            shape.reverse();
        }
        let values = Box::new(move || {
            let values: Vec<f32> = tensor.to_data().iter::<f32>().collect();
            match turned {
                Some((rows, columns)) => transpose(&values, rows, columns),
                None => values,
            }
        });
        self.tensors
            .insert(self.path.name(), LazyTensor { shape, values });
    }
}
