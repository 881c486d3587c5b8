//! Adapters merged with their base models, against what PEFT makes of them.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tagsmith_checkpoint::adapter::{MergeError, merge};
use tagsmith_checkpoint::fit::{self, HeadUse};
use tagsmith_checkpoint::weights::Weights;
use tagsmith_checkpoint::{Config, adapter};
use tagsmith_protocol::Diagnose;
use tagsmith_testing::adapters;

/// The largest difference from PEFT's weights, which are sums of a few products in f32.
const BOUND: f32 = 1e-6;

fn cases() -> BTreeMap<String, PathBuf> {
    let text = fs::read_to_string(adapters().join("cases.json")).unwrap();
    let cases: Value = serde_json::from_str(&text).unwrap();
    let bases = cases["bases"].as_object().unwrap().iter();
    let folder = |base: &Value| adapters().parent().unwrap().join(base.as_str().unwrap());
    bases
        .map(|(name, base)| (name.clone(), folder(base)))
        .collect()
}

/// Every tensor of a folder by its present name.
fn tensors(folder: &Path) -> BTreeMap<String, Vec<f32>> {
    // With a label of its own, because a merged model has none.
    let config = Config::from_folder(folder).unwrap();
    let config = config.with_labels(&["O".to_owned()]);
    let weights = Weights::from_folder(folder).unwrap();
    let fit = fit::check(&config, weights.infos(), HeadUse::Replaced).unwrap();
    let read = |name: &String| weights.tensors[name].read(name).unwrap();
    let sources = fit.sources.iter();
    sources
        .map(|(name, source)| (name.clone(), read(source)))
        .collect()
}

#[test]
fn what_is_merged_is_what_peft_merges() {
    for (name, base) in cases() {
        let folder = tempfile::tempdir().unwrap();
        let adapter = adapters().join(&name);
        merge(&adapter, &base, folder.path()).unwrap();
        let (before, after) = (tensors(&base), tensors(folder.path()));
        assert!(after.keys().eq(before.keys()), "{name}");
        let expected = Weights::from_safetensors(&adapter.join("merged.safetensors")).unwrap();
        let mut largest: f32 = 0.0;
        for (tensor, values) in &after {
            let expected = match expected.tensors.get(tensor) {
                Some(weight) => &weight.read(tensor).unwrap(),
                None => &before[tensor],
            };
            assert_eq!(values.len(), expected.len(), "{name} {tensor}");
            let differences = values.iter().zip(expected).map(|(a, b)| (a - b).abs());
            largest = differences.fold(largest, f32::max);
        }
        assert!(largest <= BOUND, "{name}: {largest}");
    }
}

/// The adapter `plain` with other settings and other names of tensors, merged.
fn changed(settings: Value, rename: impl Fn(&str) -> String) -> Result<Config, MergeError> {
    let (folder, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let plain = adapters().join("plain");
    let text = fs::read_to_string(plain.join(adapter::CONFIG)).unwrap();
    let mut config: Value = serde_json::from_str(&text).unwrap();
    let settings = settings.as_object().unwrap().clone();
    config.as_object_mut().unwrap().extend(settings);
    fs::write(folder.path().join(adapter::CONFIG), config.to_string()).unwrap();
    let file = "adapter_model.safetensors";
    let bytes = fs::read(plain.join(file)).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let tensors = tensors.iter().map(|(name, view)| (rename(name), view));
    safetensors::serialize_to_file(tensors, None, &folder.path().join(file)).unwrap();
    merge(folder.path(), &cases()["plain"], out.path())?;
    Ok(Config::from_folder(out.path()).unwrap())
}

#[test]
fn what_cannot_be_merged_is_refused_with_its_reason() {
    let same = |name: &str| name.to_owned();
    assert!(changed(json!({}), same).is_ok());
    let settings = [
        (
            json!({"peft_type": "IA3"}),
            "it is a IA3 adapter",
            "fine-tune `acme/base` instead",
        ),
        (
            json!({"init_lora_weights": "pissa"}),
            "`init_lora_weights`: \"pissa\"",
            "merge_and_unload",
        ),
        (
            json!({"trainable_token_indices": [3]}),
            "`trainable_token_indices`: [3]",
            "merge_and_unload",
        ),
        (
            json!({"use_qalora": true}),
            "`use_qalora`: true",
            "merge_and_unload",
        ),
        (
            json!({"alpha_pattern": {"layer\\.[01].*": 4}}),
            "`alpha_pattern`",
            "merge_and_unload",
        ),
        (
            json!({"lora_alpha": "much"}),
            "`lora_alpha`: \"much\", expected a number",
            "merge_and_unload",
        ),
    ];
    for (settings, message, hint) in settings {
        let failure = changed(settings.clone(), same).expect_err(&settings.to_string());
        assert!(failure.to_string().contains(message), "{failure}");
        assert!(
            failure.hint().unwrap().contains(hint),
            "{:?}",
            failure.hint()
        );
    }
    let names = [
        (
            "self.query",
            "self.queries",
            "the base model has no such part",
        ),
        ("lora_A", "lora_C", "the base model has no such part"),
        (
            "lora_A.weight",
            "lora_A.other",
            "the base model has no such part",
        ),
        ("self.query.lora_B", "output.dense.lora_B", "is missing"),
        (
            "attention.self.query",
            "intermediate.dense",
            "do not make one of the weight's shape [64, 32]",
        ),
        (
            "model.bert.",
            "model.roberta.",
            "none of the adapter's changes is to a part",
        ),
    ];
    for (from, to, message) in names {
        let failure = changed(json!({}), |name| name.replace(from, to)).expect_err(to);
        assert!(failure.to_string().contains(message), "{to}: {failure}");
    }
}

/// Newer names of what was trained whole, and an adapter of a base model whose weights have no prefix.
#[test]
fn names_of_other_versions_are_understood() {
    let wrapped = |name: &str| match name.strip_suffix("classifier.weight") {
        Some(before) => format!("{before}classifier.modules_to_save.default.weight"),
        None => name.to_owned(),
    };
    assert!(changed(json!({}), wrapped).is_ok());
    let out = tempfile::tempdir().unwrap();
    let bare = tagsmith_testing::tiny("bert-no-prefix");
    merge(&adapters().join("plain"), &bare, out.path()).unwrap();
    assert_ne!(tensors(out.path()), tensors(&bare));
}
