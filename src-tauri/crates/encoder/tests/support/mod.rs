//! Reading the fixtures that PyTorch made.
#![allow(dead_code)] // each test file uses a part

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tagsmith_checkpoint::names::whole;
use tagsmith_encoder::burn::module::Param;
use tagsmith_encoder::burn::tensor::{Device, Gradients, Int, Tensor, TensorData};
use tagsmith_encoder::walk::{self, Visitor};
use tagsmith_encoder::weights::ParamPath;
use tagsmith_encoder::{Input, SequenceOffsets, TokenClassifier, ops};

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

/// All numbers of a nested list, row by row.
pub fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        other => vec![other.as_f64().unwrap()],
    }
}

pub fn integers(value: &Value) -> Tensor2 {
    let rows = value.as_array().unwrap();
    let columns = rows[0].as_array().unwrap().len();
    Tensor2 {
        shape: [rows.len(), columns],
        values: numbers(value).iter().map(|n| *n as i64).collect(),
    }
}

pub struct Tensor2 {
    pub shape: [usize; 2],
    pub values: Vec<i64>,
}

impl Tensor2 {
    pub fn row(&self, row: usize, length: usize) -> Vec<i64> {
        let start = row * self.shape[1];
        self.values[start..start + length].to_vec()
    }

    /// The numbers at the real positions of `mask`, one after the other.
    pub fn real(&self, mask: &Tensor2) -> Vec<i64> {
        let pairs = self.values.iter().zip(&mask.values);
        pairs.filter(|(_, m)| **m != 0).map(|(v, _)| *v).collect()
    }

    /// How many real positions each row of a mask has.
    pub fn lengths(&self) -> impl Iterator<Item = usize> + '_ {
        let rows = self.values.chunks(self.shape[1]);
        rows.map(|row| row.iter().sum::<i64>() as usize)
    }
}

pub fn ints(values: Vec<i64>, device: &Device) -> Tensor<1, Int> {
    let size = values.len();
    Tensor::from_data(TensorData::new(values, [size]), device)
}

/// The batch of a reference file, which is padded, without its padding.
pub fn input(reference: &Value, device: &Device) -> Input {
    let mask = integers(&reference["attention_mask"]);
    Input {
        ids: ints(integers(&reference["input_ids"]).real(&mask), device),
        types: ints(integers(&reference["token_type_ids"]).real(&mask), device),
        offsets: SequenceOffsets::new(mask.lengths()),
    }
}

/// Of numbers `[batch, seq, width]` those at the real positions of a reference file.
pub fn at_real(reference: &Value, values: &[f64]) -> Vec<f64> {
    let mask = integers(&reference["attention_mask"]).values;
    let rows = values.chunks(values.len() / mask.len()).zip(mask);
    let real = rows.filter(|(_, real)| *real != 0);
    real.flat_map(|(row, _)| row.to_vec()).collect()
}

pub fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f32>().map(f64::from).collect()
}

/// The largest absolute difference; infinite where a number is not finite.
pub fn largest_difference(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    found
        .iter()
        .zip(expected)
        .map(|(a, b)| (a - b).abs())
        .map(|d| if d.is_finite() { d } else { f64::INFINITY })
        .fold(0.0, f64::max)
}

/// The gradient of each parameter that is trained, by Hugging Face name, in PyTorch's layout.
pub fn gradients_of(model: &TokenClassifier, loss: Tensor<1>) -> BTreeMap<String, Vec<f64>> {
    struct Reader {
        gradients: Gradients,
        found: BTreeMap<String, Vec<f64>>,
    }
    impl Visitor for Reader {
        fn visit<const D: usize>(&mut self, path: &ParamPath, param: &Param<Tensor<D>>) {
            if !param.is_require_grad() {
                return;
            }
            let value = param.val();
            let gradient = ops::Gradient::take(&value, &mut self.gradients).unwrap();
            let dims = value.dims();
            let mut gradient = gradient.values(dims.iter().product());
            if path.is_linear_weight(D) {
                let columns = (0..dims[1]).map(|column| gradient.iter().skip(column));
                gradient = columns
                    .flat_map(|column| column.step_by(dims[1]).copied().collect::<Vec<_>>())
                    .collect();
            }
            let gradient = gradient.into_iter().map(f64::from).collect();
            self.found.insert(path.name(), gradient);
        }
    }
    let mut reader = Reader {
        gradients: loss.backward(),
        found: Default::default(),
    };
    walk::visit(model, model.names(), &mut reader);
    // Parts that a checkpoint has in one tensor, one below the other.
    let mut all: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (name, mut gradient) in reader.found {
        all.entry(whole(&name).into())
            .or_default()
            .append(&mut gradient);
    }
    all
}
