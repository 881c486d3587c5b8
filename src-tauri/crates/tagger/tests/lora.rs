//! Runs that train an adapter (LoRA): what is trained, what is written, and that they resume to the bit.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use support::{Small, assert_resumes_to_the_bit, warnings};
use tagsmith_checkpoint::adapter::merge;
use tagsmith_encoder::weights::Weights;
use tagsmith_protocol::{LoraTargets, TrainSettings};
use tagsmith_testing::{json, tiny};

fn small(rank: usize) -> Small {
    let mut small = Small::new();
    small.config.settings = TrainSettings {
        lora_rank: rank,
        lora_targets: LoraTargets::QueryValue,
        lora_dropout: 0.1,
        checkpoint_minutes: 0.0,
        ..small.config.settings
    };
    small
}

/// All numbers of a file by name; stored position ids are no weights.
fn values(path: &Path) -> BTreeMap<String, Vec<f32>> {
    let file = Weights::from_safetensors(path).unwrap();
    let weights = file.tensors.iter();
    weights
        .filter(|(name, _)| !name.ends_with("position_ids"))
        .map(|(name, weight)| (name.clone(), weight.read(name).unwrap()))
        .collect()
}

#[test]
fn a_run_with_an_adapter_resumes_to_the_bit() {
    assert_resumes_to_the_bit(&small(4), [1, 8]);
}

#[test]
fn the_base_is_frozen_the_checkpoint_small_and_the_adapter_is_the_merged_model() {
    let small = small(4);
    let (result, events) = small.train("run", None);
    result.unwrap();
    let out = small.out("run");
    // A and B of queries and values in both layers, three labels' weights and biases.
    let count = 2 * 2 * (32 * 4 + 4 * 32) + 3 * 32 + 3;
    let note = warnings(&events, "adapter");
    assert!(note[0].starts_with(&format!("LoRA trains {count} of ")));

    let merged = values(&out.join("model/model.safetensors"));
    let base = values(&tiny("bert-no-prefix").join("model.safetensors"));
    for (name, values) in &merged {
        let Some(before) = base.get(name.trim_start_matches("bert.")) else {
            assert!(name.starts_with("classifier."), "{name}");
            continue;
        };
        let is_target = name.contains("query.weight") || name.contains("value.weight");
        assert_eq!(values != before, is_target, "{name}");
    }
    let folder = tempfile::tempdir().unwrap();
    merge(&out.join("adapter"), &small.config.model)
        .unwrap()
        .write(folder.path())
        .unwrap();
    for (name, found) in values(&folder.path().join("model.safetensors")) {
        let pairs = found.iter().zip(&merged[&name]);
        let largest = pairs.fold(0.0f32, |top, (a, b)| top.max((a - b).abs()));
        assert!(largest < 1e-6, "{name} differs by {largest:e}");
    }
    let adapter = json(&out.join("adapter/adapter_config.json"));
    assert_eq!(
        (adapter["r"].as_u64(), adapter["lora_alpha"].as_u64()),
        (Some(4), Some(8))
    );
    let classifier = serde_json::json!(["classifier"]);
    assert_eq!(adapter["modules_to_save"], classifier);

    // Of the optimiser and of the model, nothing but what is trained.
    let checkpoints = std::fs::read_dir(out.join("checkpoints")).unwrap();
    let checkpoint = checkpoints.last().unwrap().unwrap().path();
    let numbers = |name: &str| {
        let all = values(&checkpoint.join(name));
        all.values().map(Vec::len).sum::<usize>()
    };
    assert_eq!(numbers("trained.safetensors"), count);
    assert_eq!(numbers("optimizer.safetensors"), 2 * count);
    assert!(!checkpoint.join("model.safetensors").exists());
}

#[test]
fn a_rank_beyond_the_models_width_is_refused() {
    let (result, _) = small(33).train("run", None);
    let message = result.unwrap_err().to_string();
    assert!(
        message.contains("`lora_rank` is 33") && message.contains("at most 32"),
        "{message}"
    );
}
