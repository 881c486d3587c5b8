//! What training with a conditional random field minimises: the negative log-likelihood of the right tags.

use super::Crf;
use crate::example::Example;
use crate::transitions::Transitions;
use tagsmith_encoder::burn::tensor::{Tensor, TensorData};

/// The negative log-likelihood of the right tags of a batch, divided by `normaliser` and multiplied by
/// `scale`; and its derivatives by the transitions, in the order of [`Transitions::scores`], not scaled.
///
/// The logits are read back from their device and differentiated here: the derivative of a word's logits is
/// the probability of each tag less 1 for the right one. The result is a tensor with that value and those
/// gradients, whatever the device.
///
/// # Shapes
/// - `logits` `[words, tags]`, those of all examples in their order, result `[1]`
pub fn loss(
    transitions: &Transitions,
    logits: Tensor<2>,
    examples: &[&Example],
    normaliser: f64,
    scale: f64,
) -> (Tensor<1>, Vec<f64>) {
    let mut of_transitions = vec![0.0; transitions.scores().len()];
    if logits.dims()[0] == 0 {
        return (logits.sum(), of_transitions);
    }
    let values: Vec<f32> = logits.to_data().iter::<f32>().collect();
    let mut rows = values.chunks(transitions.tags());
    let crf = Crf::new(transitions);
    let mut slopes: Vec<f32> = Vec::with_capacity(values.len());
    let mut total = 0.0;
    for example in examples {
        for chain in example.chains() {
            let emissions: Vec<&[f32]> = rows.by_ref().take(chain.words.len()).collect();
            let right = &example.targets[chain.words];
            let (opens, closes) = (chain.opens, chain.closes);
            let sums = crf.sums(&emissions, opens, closes);
            total += sums.log_partition - crf.score(&emissions, right, opens, closes);
            for (sum, expected) in of_transitions.iter_mut().zip(&sums.transitions) {
                *sum += expected / normaliser;
            }
            for step in crf.steps(right, opens, closes) {
                of_transitions[step] -= 1.0 / normaliser;
            }
            for (mut marginals, right) in sums.marginals.into_iter().zip(right) {
                marginals[*right] -= 1.0;
                slopes.extend(marginals.iter().map(|p| (p * scale / normaliser) as f32));
            }
        }
    }
    let linear = values.iter().zip(&slopes);
    let linear: f64 = linear
        .map(|(x, slope)| f64::from(*x) * f64::from(*slope))
        .sum();
    let slopes = TensorData::new(slopes, logits.dims());
    let slopes = Tensor::from_data(slopes, &logits.device());
    let rest = total * scale / normaliser - linear;
    ((logits * slopes).sum() + rest, of_transitions)
}
