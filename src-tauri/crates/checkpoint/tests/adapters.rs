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
        let merged = merge(&adapter, &base).unwrap();
        assert_eq!(merged.left_out, ["classifier"], "{name}");
        merged.write(folder.path()).unwrap();
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

/// The adapter `plain` with other settings and other names of tensors, merged: what is left out of it.
fn changed(settings: Value, rename: impl Fn(&str) -> String) -> Result<Vec<String>, MergeError> {
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
    let merged = merge(folder.path(), &cases()["plain"])?;
    merged.write(out.path())?;
    Config::from_folder(out.path()).unwrap();
    Ok(merged.left_out)
}

#[test]
fn what_cannot_be_merged_is_refused_with_its_reason() {
    let same = |name: &str| name.to_owned();
    assert!(changed(json!({}), same).is_ok());
    let settings = [
        (
            json!({"peft_type": "IA3"}),
            "it is an adapter of the kind `IA3` of `acme/base`, not a whole model",
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
            "none of the adapter's changes is to a part of the base model: `base_model.model.roberta.",
        ),
        (
            "model.classifier",
            "model.qa_outputs",
            "these changes of the adapter are to no part of the base model: \
             `base_model.model.qa_outputs.bias`; `base_model.model.qa_outputs.weight`",
        ),
        (
            "bert.encoder.layer.0.attention.self.query",
            "encoder.layer.0.attention.self.queries",
            "no part of the base model: \
             `base_model.model.encoder.layer.0.attention.self.queries.lora_A.weight`; ",
        ),
    ];
    for (from, to, message) in names {
        let failure = changed(json!({}), |name| name.replace(from, to)).expect_err(to);
        assert!(failure.to_string().contains(message), "{to}: {failure}");
    }
}

/// The head of an adapter for another task is known by its configuration. What is named there and lies in the
/// encoder is no head.
#[test]
fn trap_only_heads_are_left_out() {
    let other_head = |name: &str| name.replace("classifier", "qa_outputs");
    let trained_whole = |name: &str| json!({"modules_to_save": [name]});
    let left_out = changed(trained_whole("qa_outputs"), other_head).unwrap();
    assert_eq!(left_out, ["qa_outputs"]);
    let unknown = |name: &str| name.replace("bert.encoder.layer.0", "encoder.layers.0");
    let failure = changed(trained_whole("encoder"), unknown).unwrap_err();
    assert!(
        failure.to_string().contains("encoder.layers.0"),
        "{failure}"
    );
    // A part of a checkpoint that token classification has no use for.
    let pooler = |name: &str| match name.contains("layer.1.attention.self.value") {
        true => name.replace("encoder.layer.1.attention.self.value", "pooler.dense"),
        false => name.to_owned(),
    };
    assert_eq!(
        changed(json!({}), pooler).unwrap(),
        ["bert.pooler", "classifier"]
    );
    let only_head = |name: &str| name.replace("bert.encoder", "classifier");
    let failure = changed(json!({}), only_head).unwrap_err();
    assert!(matches!(failure, MergeError::NothingFits), "{failure}");
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
    let merged = merge(&adapters().join("plain"), &bare).unwrap();
    merged.write(out.path()).unwrap();
    assert_ne!(tensors(out.path()), tensors(&bare));
}
