//! The losses of training equal PyTorch's, and so do their gradients; micro-batches add up to the batch.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use serde_json::Value;
use support::fixture;
use tagsmith_encoder::burn::tensor::{Device, Int, Tensor, TensorData};
use tagsmith_tagger::objective::Objective;
use tagsmith_testing::json;

/// Of some words: their logits, row by row, and their right tags.
#[derive(Clone)]
struct Words {
    logits: Vec<Vec<f32>>,
    targets: Vec<usize>,
}

/// The loss divided by `normaliser`, and its gradient.
fn loss_and_gradient(
    objective: &Objective,
    words: &Words,
    normaliser: f64,
    scale: f64,
) -> (f32, Vec<f32>) {
    let device = Device::flex().autodiff();
    let shape = [words.logits.len(), words.logits[0].len()];
    let leaf = Tensor::<2>::from_data(TensorData::new(words.logits.concat(), shape), &device);
    let leaf = leaf.require_grad();
    let targets: Vec<i64> = words.targets.iter().map(|target| *target as i64).collect();
    let targets = Tensor::<1, Int>::from_data(TensorData::new(targets, [shape[0]]), &device);
    let loss = objective.loss(leaf.clone(), targets, normaliser, scale);
    let gradients = loss.backward();
    let gradient = leaf.grad(&gradients).unwrap();
    (
        loss.into_scalar::<f32>(),
        gradient.into_data().try_to_vec().unwrap(),
    )
}

fn floats(row: &Value) -> Vec<f32> {
    let numbers = row.as_array().unwrap().iter();
    numbers.map(|x| x.as_f64().unwrap() as f32).collect()
}

fn rows(rows: &Value) -> Vec<Vec<f32>> {
    rows.as_array().unwrap().iter().map(floats).collect()
}

/// The words of the fixture, and its cases with the objective of each.
fn cases() -> (Words, Vec<(Value, Objective)>) {
    let reference = json(&fixture("losses.json"));
    let targets = reference["targets"].as_array().unwrap().iter();
    let words = Words {
        logits: rows(&reference["logits"]),
        targets: targets.map(|t| t.as_u64().unwrap() as usize).collect(),
    };
    let cases = reference["cases"].as_array().unwrap().iter().map(|case| {
        let settings = serde_json::from_value(case["settings"].clone()).unwrap();
        let weights = (!case["weights"].is_null()).then(|| floats(&case["weights"]).into());
        (case.clone(), Objective::new(&settings, weights))
    });
    (words, cases.collect())
}

#[test]
fn losses_and_their_gradients_equal_pytorchs() {
    let (words, cases) = cases();
    assert_eq!(cases.len(), 10);
    for (case, objective) in cases {
        let about = format!("{} {}", case["settings"], case["weights"]);
        let normaliser = objective.normaliser(words.targets.clone());
        // As in f16, where losses are scaled.
        for scale in [1.0, 1024.0] {
            let (loss, gradient) = loss_and_gradient(&objective, &words, normaliser, scale);
            let expected = case["loss"].as_f64().unwrap();
            let loss = f64::from(loss) / scale;
            assert!(
                (loss / expected - 1.0).abs() < 2e-6,
                "{about}: {loss} {expected}"
            );
            let expected = rows(&case["gradient"]).concat();
            let largest = expected.iter().fold(0.0, |most: f32, g| most.max(g.abs()));
            for (found, expected) in gradient.iter().zip(&expected) {
                let off = (found / scale as f32 - expected).abs();
                assert!(off < 2e-6 * largest, "{about}: {found} {expected}");
            }
        }
    }
}

/// In f32 a probability of 1 leaves no doubt at all, where a power below 1 has no slope.
#[test]
fn trap_certain_words_have_finite_gradients() {
    let certain = Words {
        logits: vec![vec![100.0, -100.0], vec![-100.0, 100.0]],
        targets: vec![0, 0],
    };
    for (case, _) in cases().1 {
        let settings = serde_json::from_value(case["settings"].clone()).unwrap();
        let objective = Objective::new(&settings, Some([1.0, 2.0].into()));
        let (loss, gradient) = loss_and_gradient(&objective, &certain, 2.0, 1.0);
        let is_finite = loss.is_finite() && gradient.iter().all(|g| g.is_finite());
        assert!(is_finite, "{}: {loss} {gradient:?}", case["settings"]);
    }
}

#[test]
fn micro_batches_give_the_gradients_of_their_batch() {
    let (words, cases) = cases();
    for (case, objective) in cases {
        let normaliser = objective.normaliser(words.targets.clone());
        let (whole, expected) = loss_and_gradient(&objective, &words, normaliser, 1.0);
        for size in 1..words.targets.len() {
            let (mut sum, mut found) = (0.0, Vec::new());
            for (logits, targets) in words.logits.chunks(size).zip(words.targets.chunks(size)) {
                let part = Words {
                    logits: logits.to_vec(),
                    targets: targets.to_vec(),
                };
                let (loss, gradient) = loss_and_gradient(&objective, &part, normaliser, 1.0);
                sum += loss;
                found.extend(gradient);
            }
            assert!((sum / whole - 1.0).abs() < 1e-5, "{case}: {size}");
            for (found, expected) in found.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-7, "{case}: {size}");
            }
        }
    }
}
