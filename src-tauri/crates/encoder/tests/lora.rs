//! Adapters (LoRA) compute what PEFT computes, forward and backward, and are merged and written without a loss.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use support::{at_real, fixture, gradients_of, input, integers, ints, largest_difference};
use support::{numbers, values};
use tagsmith_checkpoint::adapter::{NewAdapter, merge};
use tagsmith_encoder::burn::module::Module;
use tagsmith_encoder::burn::tensor::Device;
use tagsmith_encoder::ops::Kernels;
use tagsmith_encoder::weights::{self, Stored, Weights};
use tagsmith_encoder::{Config, LoraConfig, TokenClassifier, model};
use tagsmith_protocol::LoraTargets;
use tagsmith_testing::json;

const PREFIX: &str = "base_model.model.";

fn config(rank: usize, alpha: f64, targets: LoraTargets) -> LoraConfig {
    LoraConfig {
        rank,
        alpha,
        dropout: 0.0,
        targets,
    }
}

/// All numbers of a file by name, the prefix of PEFT left out.
fn read(path: &Path) -> BTreeMap<String, Stored> {
    let file = Weights::from_safetensors(path).unwrap();
    let read = file.tensors.iter().map(|(name, weight)| {
        let stored = Stored {
            shape: weight.info.shape.clone(),
            values: weight.read(name).unwrap(),
        };
        (name.replace(PREFIX, ""), stored)
    });
    read.collect()
}

/// The model with these values in the place of what is trained.
fn with_trained(model: TokenClassifier, trained: &BTreeMap<String, Stored>) -> TokenClassifier {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trained.safetensors");
    weights::write(&path, trained).unwrap();
    let names = model.names();
    weights::restore_trained(model, names, &Weights::from_safetensors(&path).unwrap()).unwrap()
}

fn wide(stored: &Stored) -> Vec<f64> {
    stored.values.iter().map(|x| f64::from(*x)).collect()
}

#[test]
fn logits_and_gradients_equal_pefts() {
    let cases = json(&fixture("lora/cases.json"));
    for (name, base) in cases["bases"].as_object().unwrap() {
        let folder = fixture("lora").join(name);
        let targets = match name.ends_with("-all") {
            true => LoraTargets::AllLinear,
            false => LoraTargets::QueryValue,
        };
        let device = Device::flex().autodiff();
        let base = fixture(base.as_str().unwrap());
        let (model, _) = model::load_with_dropout(&base, Some(0.0), &device).unwrap();
        let model = model.with_lora(&config(3, 5.0, targets), 1);
        let adapter = read(&folder.join("adapter_model.safetensors"));
        let ours: BTreeSet<String> = model.trained().into_keys().collect();
        assert_eq!(ours, adapter.keys().cloned().collect(), "{name}");
        let model = with_trained(model, &adapter);
        let reference = json(&folder.join("reference.json"));
        for kernels in [Kernels::Cpu, Kernels::Reference] {
            compare(
                name,
                &folder,
                &model.clone().with_kernels(kernels),
                &reference,
            );
        }
    }
}

fn compare(name: &str, folder: &Path, model: &TokenClassifier, reference: &Value) {
    let device = Device::flex().autodiff();
    let logits = model.logits(input(reference, &device));
    let expected = at_real(reference, &numbers(&reference["logits"]));
    let difference = largest_difference(&values(logits), &expected);
    assert!(difference < 2e-5, "{name}: logits differ by {difference:e}");

    let labels = integers(&reference["labels"]).real(&integers(&reference["attention_mask"]));
    let scored = (0..labels.len()).filter(|at| labels[*at] >= 0);
    let scored: Vec<i64> = scored.map(|at| at as i64).collect();
    let targets: Vec<i64> = scored.iter().map(|at| labels[*at as usize]).collect();
    let count = scored.len() as f64;
    let logits = model.logits_at(input(reference, &device), ints(scored, &device));
    let loss = Kernels::Cpu.cross_entropy(logits, ints(targets, &device), count);
    let mut expected = read(&folder.join("gradients.safetensors"));
    let wanted = expected.remove("loss").unwrap().values[0];
    let found = loss.clone().into_scalar::<f32>();
    assert!((found - wanted).abs() < 1e-5, "{name}: {found}, {wanted}");
    let found = gradients_of(model, loss);
    assert_eq!(found.len(), expected.len(), "{name}");
    for (parameter, expected) in &expected {
        let expected = wide(expected);
        let largest = expected.iter().fold(0.0f64, |top, x| top.max(x.abs()));
        let difference = largest_difference(&found[parameter], &expected);
        assert!(
            difference < 2e-5 * largest.max(1.0),
            "{name}: the gradient of {parameter} differs by {difference:e}"
        );
    }
}

/// A checkpoint of each family that is supported, with its configuration.
fn families() -> Vec<(PathBuf, Config)> {
    let mut found = vec![fixture("tiny/bert-token-classification")];
    let all = std::fs::read_dir(fixture("families")).unwrap();
    found.extend(all.map(|entry| entry.unwrap().path()));
    let open = |folder: PathBuf| Some((folder.clone(), Config::from_folder(&folder).ok()?));
    found.into_iter().filter_map(open).collect()
}

/// The weights of the encoder as PEFT's files give them back equal those of the model that is written.
#[test]
fn merged_and_written_adapters_are_the_model_that_was_trained() {
    let device = Device::flex().autodiff();
    let families = families();
    assert!(families.len() >= 12);
    for (folder, _) in families {
        for targets in [
            LoraTargets::QueryValue,
            LoraTargets::Attention,
            LoraTargets::AllLinear,
        ] {
            let name = format!("{}, {targets:?}", folder.display());
            let labels = ["O".to_owned(), "B-X".to_owned(), "I-X".to_owned()];
            let (model, ..) =
                model::load_for_labels(&folder, &labels, Some(0.0), 1, &device).unwrap();
            let before = model.num_params();
            let model = model.with_lora(&config(2, 3.0, targets), 5);
            let mut trained: BTreeMap<String, Stored> = BTreeMap::new();
            for (name, tensor) in model.trained() {
                let shape = tensor.shape.clone();
                let mut values = (tensor.values)();
                if name.contains("lora_B") {
                    assert!(values.iter().all(|value| *value == 0.0), "{name}");
                    let wave = |at: usize| 0.2 * (at as f32 + 1.0).sin();
                    values = (0..values.len()).map(wave).collect();
                }
                trained.insert(name, Stored { shape, values });
            }
            let model = with_trained(model, &trained);
            let reference = json(&folder.join("reference.json"));
            let expected = values(model.logits(input(&reference, &device)));
            let merged = model.clone().valid().merged();
            assert_eq!(merged.num_params(), before);
            let difference = largest_difference(
                &values(merged.logits(input(&reference, &Device::flex()))),
                &expected,
            );
            assert!(difference < 1e-5, "{name}: {difference:e}");

            let out = tempfile::tempdir().unwrap();
            let adapter = NewAdapter {
                base: &folder,
                names: model.names(),
                rank: 2,
                alpha: 3.0,
                dropout: 0.0,
                trained,
            };
            adapter.write(out.path()).unwrap();
            let read_back = tempfile::tempdir().unwrap();
            let from_files = merge(out.path(), &folder).unwrap();
            assert!(from_files.left_out.iter().any(|it| it == "classifier"));
            from_files.write(read_back.path()).unwrap();
            let from_files = read(&read_back.path().join("model.safetensors"));
            for (weight, stored) in weights::collect(&merged, merged.names()) {
                if merged.names().is_of_head(&weight) {
                    continue;
                }
                let difference = largest_difference(&wide(&stored), &wide(&from_files[&weight]));
                assert!(
                    difference < 1e-6,
                    "{name}: {weight} differs by {difference:e}"
                );
            }
        }
    }
}

#[test]
fn the_seed_fixes_the_adapter_and_only_it_and_the_head_are_trained() {
    let device = Device::flex().autodiff();
    let folder = fixture("tiny/bert-token-classification");
    let trained = |seed| {
        let (model, _) = model::load_with_dropout(&folder, Some(0.0), &device).unwrap();
        let model = model.with_lora(&config(4, 8.0, LoraTargets::QueryValue), seed);
        let all = model.trained().into_iter();
        all.map(|(name, tensor)| (name, (tensor.values)()))
            .collect()
    };
    let first: BTreeMap<String, Vec<f32>> = trained(7);
    assert_eq!(first, trained(7));
    // A of queries and values in two layers, B of both, weights and bias of the head.
    assert_eq!(first.len(), 2 * 2 * 2 + 2);
    let query = "bert.encoder.layer.0.attention.self.query.lora_A.weight";
    assert_ne!(first[query], trained(8)[query]);
    let value = query.replace("query", "value");
    assert_ne!(first[query], first[&value]);
    // As PEFT draws it: uniformly within one over the square root of the width.
    let bound = 32f32.powf(-0.5);
    let largest = first[query].iter().fold(0.0f32, |top, x| top.max(x.abs()));
    assert!(largest <= bound && largest > 0.9 * bound, "{largest}");
}

#[test]
fn values_of_another_model_are_refused() {
    let device = Device::flex().autodiff();
    let folder = fixture("tiny/bert-token-classification");
    let (model, _) = model::load_with_dropout(&folder, None, &device).unwrap();
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("trained.safetensors");
    let small = model
        .clone()
        .with_lora(&config(2, 4.0, LoraTargets::QueryValue), 1);
    weights::write(&path, &small.trained()).unwrap();
    let file = Weights::from_safetensors(&path).unwrap();
    let restore = |model: TokenClassifier| {
        let names = model.names();
        weights::restore_trained(model, names, &file)
            .unwrap_err()
            .to_string()
    };
    let large = model
        .clone()
        .with_lora(&config(3, 6.0, LoraTargets::QueryValue), 1);
    assert!(restore(large).contains("another size"));
    assert!(restore(model).contains("no `bert.encoder.layer.0"));
}
