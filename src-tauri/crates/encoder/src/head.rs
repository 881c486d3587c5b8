//! The classification head of a model: drawn, taken from a checkpoint, or put together of both.

use crate::config::Config;
use crate::layers::Linear;
use crate::ops;
use crate::weights::{Weights, WeightsError};
use burn::module::Param;
use burn::tensor::{Device, Tensor, TensorData};
use tagsmith_checkpoint::NameTable;

/// A head as Hugging Face draws one: weights from `N(0, classifier_range²)`, biases 0.
pub(crate) fn new_head(config: &Config, seed: u64, device: &Device) -> Linear {
    let (hidden, labels) = (config.hidden_size, config.labels().len());
    let weights = ops::normal(hidden * labels, config.classifier_range, seed);
    let weights = Tensor::from_data(TensorData::new(weights, [hidden, labels]), device);
    Linear::of(
        Param::from_tensor(weights),
        Param::from_tensor(Tensor::from_data(
            TensorData::new(vec![0.0f32; labels], [labels]),
            device,
        )),
    )
}

/// The checkpoint's own head: weights `[labels, hidden]` and biases `[labels]`.
pub(crate) fn old_head(
    weights: &Weights,
    names: &NameTable,
) -> Result<[Vec<f32>; 2], WeightsError> {
    let read = |parameter: &str| {
        let wanted = names.of_head(parameter);
        let mut stored = weights.tensors.iter();
        let found = stored.find(|(name, _)| names.canonical_name(name).0 == wanted);
        found.map_or(Ok(Vec::new()), |(name, weight)| weight.read(name))
    };
    Ok([read("weight")?, read("bias")?])
}

/// A head with some outputs taken from another one: output `i` from its output `rows[i]`.
pub(crate) fn with_rows(
    head: &Linear,
    [weights, biases]: &[Vec<f32>; 2],
    rows: &[Option<usize>],
    device: &Device,
) -> Linear {
    let [hidden, labels] = head.weight.dims();
    let mut weight: Vec<f32> = head.weight.val().to_data().iter::<f32>().collect();
    let mut bias = vec![0.0f32; labels];
    for (label, row) in rows.iter().enumerate() {
        let Some(row) = row else { continue };
        for (at, value) in weights[row * hidden..(row + 1) * hidden].iter().enumerate() {
            weight[at * labels + label] = *value;
        }
        bias[label] = biases.get(*row).copied().unwrap_or_default();
    }
    Linear::of(
        Param::from_data(TensorData::new(weight, [hidden, labels]), device),
        Param::from_data(TensorData::new(bias, [labels]), device),
    )
}

/// How many labels the checkpoint's head has, if it has one.
pub(crate) fn head_rows(weights: &Weights, names: &NameTable) -> Option<usize> {
    let mut tensors = weights.tensors.iter();
    let (_, head) =
        tensors.find(|(name, _)| names.canonical_name(name).0 == names.of_head("weight"))?;
    head.info.shape.first().copied()
}

/// For each of `labels` its row in the checkpoint, if both sets are the same.
pub(crate) fn order_of(labels: &[String], found: &[String]) -> Option<Vec<usize>> {
    if labels.len() != found.len() {
        return None;
    }
    labels
        .iter()
        .map(|label| found.iter().position(|other| other == label))
        .collect()
}

/// The head with its outputs in another order: output `i` was output `order[i]`.
pub(crate) fn reordered(head: &Linear, order: &[usize], device: &Device) -> Linear {
    // On the host: a tensor computed on a device with autodiff could not become a parameter.
    let take = |values: Vec<f32>| -> Vec<f32> {
        let rows = values.chunks(order.len());
        rows.flat_map(|row| order.iter().map(|index| row[*index]))
            .collect()
    };
    let [hidden, labels] = head.weight.dims();
    let weight: Vec<f32> = head.weight.val().to_data().iter::<f32>().collect();
    let bias: Vec<f32> = head
        .bias
        .as_ref()
        .map(|bias| bias.val().to_data().iter::<f32>().collect())
        .unwrap_or_default();
    Linear::of(
        Param::from_data(TensorData::new(take(weight), [hidden, labels]), device),
        Param::from_data(TensorData::new(take(bias), [labels]), device),
    )
}
