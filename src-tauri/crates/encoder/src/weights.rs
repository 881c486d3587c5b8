//! Weights from a file into a model, and from a model into a file.

pub use tagsmith_checkpoint::weights::*;

use crate::ops::Kernels;
use crate::walk::{self, Mapper, Visitor};
use burn::module::{Module, Param};
use burn::tensor::{Tensor, TensorData};
use std::collections::BTreeMap;
use tagsmith_checkpoint::fit::Fit;
use tagsmith_checkpoint::names::{slice, whole};
use tagsmith_checkpoint::{MaskedLmNames, NameTable};

/// Puts those of `weights` into `model` that `fit` has found, and leaves the rest of the model as it is.
///
/// # Errors
/// A tensor cannot be read.
pub fn apply<M: Module>(
    model: M,
    path: impl Into<ParamPath>,
    weights: &Weights,
    fit: &Fit,
) -> Result<M, WeightsError> {
    let mut applier = Applier {
        weights,
        fit,
        shared: BTreeMap::new(),
        failure: None,
    };
    let model = walk::map(model, path, &mut applier);
    match applier.failure {
        Some(failure) => Err(failure),
        None => Ok(model),
    }
}

/// The parameters of `model` under their Hugging Face names, in PyTorch's layout.
pub fn collect(model: &impl Module, names: &'static NameTable) -> BTreeMap<String, Stored> {
    let tensors = collect_lazy(model, names).into_iter();
    tensors
        .map(|(name, lazy)| {
            let values = (lazy.values)();
            let shape = lazy.shape;
            (name, Stored { shape, values })
        })
        .collect()
}

/// The same, each read from its device only when it is asked for.
pub fn collect_lazy(
    model: &impl Module,
    path: impl Into<ParamPath>,
) -> BTreeMap<String, LazyTensor<'static>> {
    let mut collector = Collector::default();
    walk::visit(model, path, &mut collector);
    merged(collector.tensors)
}

/// The parameters of `model` that are trained, each by itself, however a checkpoint joins them.
pub fn collect_trained(
    model: &impl Module,
    names: &'static NameTable,
) -> BTreeMap<String, LazyTensor<'static>> {
    let mut collector = Collector {
        only_trained: true,
        ..Collector::default()
    };
    walk::visit(model, names, &mut collector);
    collector.tensors
}

/// Puts parameters back that [`collect_trained`] has collected, and leaves the rest of the model as it is.
///
/// # Errors
/// One of them cannot be read, has another size, or is none of the model's.
pub fn restore_trained<M: Module>(
    model: M,
    names: &'static NameTable,
    trained: &Weights,
) -> Result<M, WeightsError> {
    let corrupt = |reason: String| WeightsError::Corrupt {
        path: trained.path.clone(),
        reason,
    };
    let mut values = BTreeMap::new();
    for (name, weight) in &trained.tensors {
        values.insert(name.clone(), weight.read(name)?);
    }
    let mut restorer = Restorer {
        values,
        misfit: None,
    };
    let model = walk::map(model, names, &mut restorer);
    if let Some(name) = restorer.misfit {
        return Err(corrupt(format!(
            "`{name}` has another size than the model's"
        )));
    }
    match restorer.values.keys().next() {
        None => Ok(model),
        Some(name) => Err(corrupt(format!("the model has no `{name}` to train"))),
    }
}

/// Parts that a checkpoint has in one tensor, one below the other.
fn merged(tensors: BTreeMap<String, LazyTensor<'static>>) -> BTreeMap<String, LazyTensor<'static>> {
    let mut all: BTreeMap<String, LazyTensor<'static>> = BTreeMap::new();
    // In the order of their numbers, since there are fewer than ten.
    for (name, tensor) in tensors {
        let Some(first) = all.remove(whole(&name)) else {
            all.insert(whole(&name).to_owned(), tensor);
            continue;
        };
        let mut shape = first.shape;
        shape[0] += tensor.shape[0];
        let values = Box::new(move || {
            let mut values = (first.values)();
            values.append(&mut (tensor.values)());
            values
        });
        all.insert(whole(&name).to_owned(), LazyTensor { shape, values });
    }
    all
}

/// The path of a parameter in a traversal of a model: the fields around it, and what kind of module each is.
pub struct ParamPath {
    names: &'static NameTable,
    /// Those of the head that predicts masked word pieces, where the model has it.
    masked_lm: Option<&'static MaskedLmNames>,
    segments: Vec<(String, Kind)>,
}

/// What kind of module a field belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Linear,
    Table,
    Other,
}

impl ParamPath {
    /// At the root of a model with these names.
    pub fn new(names: &'static NameTable) -> Self {
        Self {
            names,
            masked_lm: None,
            segments: Vec::new(),
        }
    }

    /// At the root of a model with a masked-language head.
    pub fn with_masked_lm(names: &'static NameTable, head: &'static MaskedLmNames) -> Self {
        Self {
            masked_lm: Some(head),
            ..Self::new(names)
        }
    }

    /// Enters a field.
    pub fn enter(&mut self, name: &str, container: &str) {
        let kind = match container {
            "Struct:Linear" => Kind::Linear,
            "Struct:Embedding" => Kind::Table,
            _ => Kind::Other,
        };
        self.segments.push((name.into(), kind));
    }

    /// Leaves it.
    pub fn leave(&mut self) {
        self.segments.pop();
    }

    /// The Hugging Face name of the parameter at this path.
    pub fn name(&self) -> String {
        let segments: Vec<&str> = self
            .segments
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        if let (Some(head), ["bias"]) = (self.masked_lm, &segments[..]) {
            return head.bias().to_owned();
        }
        let Some(([root, part @ ..], parameter)) = segments
            .split_last()
            .map(|(parameter, path)| (path, *parameter))
        else {
            return segments.join(".");
        };
        let parameter = match parameter {
            "gamma" => "weight",
            "beta" => "bias",
            // As PEFT calls them.
            "down" => "lora_A.weight",
            "up" => "lora_B.weight",
            other => other,
        };
        let part = match part {
            [part @ .., "lora"] => part,
            part => part,
        };
        match *root {
            "encoder" => self.names.of_part(&part.join("."), parameter),
            "transform" => match self.masked_lm {
                Some(head) => head.of_part(&part.join("."), parameter),
                None => self.names.of_transform(&part.join("."), parameter),
            },
            _ => self.names.of_head(parameter),
        }
    }

    /// A parameter of the shape of `param` with values in PyTorch's layout.
    fn filled<const D: usize>(
        &self,
        param: &Param<Tensor<D>>,
        values: Vec<f32>,
    ) -> Param<Tensor<D>> {
        let (shape, device) = (param.lazy_shape(), param.lazy_device());
        // Transposed in memory: a view would be read column by column at each step.
        let values = match self.is_linear_weight(D) {
            true => transpose(&values, shape[1], shape[0]),
            false => values,
        };
        Param::from_tensor(Tensor::from_data(TensorData::new(values, shape), &device))
    }

    /// The fields of the encoder around the parameter, and its own, such as `groups.0.3.attention.query.bias`;
    /// `None` outside the encoder.
    pub(crate) fn in_encoder(&self) -> Option<String> {
        let (root, fields) = self.segments.split_first()?;
        let fields: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        (root.0 == "encoder").then(|| fields.join("."))
    }

    /// Whether a parameter of this rank is the weight of a linear layer. PyTorch keeps it as `[out, in]`,
    /// burn as `[in, out]`.
    pub fn is_linear_weight(&self, rank: usize) -> bool {
        rank == 2 && self.is_in(Kind::Linear)
    }

    /// Whether the parameter is a table of embeddings, of which a batch reads some rows.
    pub fn is_table(&self) -> bool {
        self.is_in(Kind::Table)
    }

    fn is_in(&self, kind: Kind) -> bool {
        self.segments.iter().any(|(_, of)| *of == kind)
    }
}

impl From<&'static NameTable> for ParamPath {
    fn from(names: &'static NameTable) -> Self {
        Self::new(names)
    }
}

/// A model that can be trained: its weights have names in a checkpoint.
pub trait Trainable: Module {
    /// The root of a traversal.
    fn param_path(&self) -> ParamPath;

    /// The kernels that compute it.
    fn kernels(&self) -> Kernels;
}

struct Applier<'a> {
    weights: &'a Weights,
    fit: &'a Fit,
    /// Tensors that are several parts of the model, until the last part has taken its share.
    shared: BTreeMap<String, Vec<f32>>,
    failure: Option<WeightsError>,
}

impl Applier<'_> {
    /// The values of a parameter with this name, from the tensor that the file calls `source`.
    fn read(&mut self, name: &str, source: &str) -> Result<Vec<f32>, WeightsError> {
        let weight = &self.weights.tensors[source];
        let Some((at, of)) = slice(name) else {
            return weight.read(source);
        };
        let values = match self.shared.remove(source) {
            Some(values) => values,
            None => weight.read(source)?,
        };
        let size = values.len() / of;
        let part = values[at * size..(at + 1) * size].to_vec();
        if at + 1 < of {
            self.shared.insert(source.to_owned(), values);
        }
        Ok(part)
    }
}

impl Mapper for Applier<'_> {
    fn map<const D: usize>(
        &mut self,
        path: &ParamPath,
        param: Param<Tensor<D>>,
    ) -> Param<Tensor<D>> {
        let name = path.name();
        let (None, Some(source)) = (&self.failure, self.fit.sources.get(whole(&name))) else {
            return param;
        };
        let values = match self.read(&name, source) {
            Ok(values) => values,
            Err(failure) => {
                self.failure = Some(failure);
                return param;
            }
        };
        path.filled(&param, values)
    }
}

/// Puts values into the parameters that are trained.
struct Restorer {
    /// Those not yet used.
    values: BTreeMap<String, Vec<f32>>,
    /// A parameter whose values are of another number.
    misfit: Option<String>,
}

impl Mapper for Restorer {
    fn map<const D: usize>(
        &mut self,
        path: &ParamPath,
        param: Param<Tensor<D>>,
    ) -> Param<Tensor<D>> {
        let name = path.name();
        let Some(values) = self.values.remove(&name) else {
            return param;
        };
        if values.len() != param.lazy_shape().num_elements() {
            self.misfit = Some(name);
            return param;
        }
        path.filled(&param, values)
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

#[derive(Default)]
struct Collector {
    tensors: BTreeMap<String, LazyTensor<'static>>,
    only_trained: bool,
}

impl Visitor for Collector {
    fn visit<const D: usize>(&mut self, path: &ParamPath, param: &Param<Tensor<D>>) {
        if self.only_trained && !param.is_require_grad() {
            return;
        }
        let tensor = param.val();
        let mut shape = tensor.dims().to_vec();
        let turned = path.is_linear_weight(D).then(|| (shape[0], shape[1]));
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
            .insert(path.name(), LazyTensor { shape, values });
    }
}
