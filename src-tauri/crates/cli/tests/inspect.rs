//! What is said of a model folder agrees with what training does with it.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tagsmith_encoder::burn::tensor::Device;
use tagsmith_encoder::model::load_for_labels;
use tagsmith_encoder::weights::{Stored, Weights, write};
use tagsmith_hub::inspect;
use tagsmith_testing::{json as read, tiny};
use tempfile::TempDir;

/// Asserts that both accept the folder, or both refuse it with this text; returns the notes.
#[track_caller]
fn agree(folder: &Path, refused: Option<&str>) -> Vec<String> {
    let loaded = load_for_labels(folder, &["O".to_owned()], None, 1, &Device::flex());
    let failure = loaded.err().map(|failure| failure.to_string());
    let (reasons, notes) = match inspect(folder) {
        Ok(summary) => {
            assert_eq!(summary.trainable, summary.reasons.is_empty());
            (
                summary.reasons,
                summary.notes.into_iter().map(|note| note.message).collect(),
            )
        }
        Err(failure) => (vec![failure.to_string()], Vec::new()),
    };
    let name = folder.display();
    assert_eq!(
        failure.is_none(),
        reasons.is_empty(),
        "{name}: {failure:?}, {reasons:?}"
    );
    assert_eq!(failure.is_some(), refused.is_some(), "{name}: {failure:?}");
    for text in failure.iter().chain(reasons.first()) {
        let expected = refused.unwrap();
        assert!(text.contains(expected), "{name}: {text} lacks {expected}");
    }
    notes
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(of).unwrap().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect()
}

#[test]
fn every_fixture_is_accepted_or_refused_by_both() {
    let fixtures = tiny("").parent().unwrap().to_owned();
    let refused: BTreeMap<&str, &str> = [
        ("bert-evil-pickle", "it was not run"),
        ("bert-evil-pickle-2018", "it was not run"),
        ("bert-truncated", "is damaged"),
        ("jina_embeddings_v3", "is not supported"),
    ]
    .into();
    let mut seen = 0;
    for folder in ["tiny", "families"]
        .iter()
        .flat_map(|of| folders(&fixtures.join(of)))
    {
        let name = folder.file_name().unwrap().to_str().unwrap();
        agree(&folder, refused.get(name).copied());
        seen += 1;
    }
    assert!(seen > 25, "{seen}");
}

/// A copy of a sound folder.
fn copy() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(tiny("bert-no-prefix")).unwrap().flatten() {
        fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    folder
}

fn configured(key: &str, value: Value) -> TempDir {
    let folder = copy();
    let path = folder.path().join("config.json");
    let mut config = read(&path);
    config[key] = value;
    fs::write(path, config.to_string()).unwrap();
    folder
}

/// A sound folder with other tensors.
fn with_tensors(change: impl Fn(&mut BTreeMap<String, Stored>)) -> TempDir {
    let folder = copy();
    let path = folder.path().join("model.safetensors");
    let weights = Weights::from_safetensors(&path).unwrap();
    let floats = weights
        .tensors
        .iter()
        .filter(|(name, _)| !name.ends_with("_ids"));
    let tensors = floats.map(|(name, weight)| {
        let shape = weight.info.shape.clone();
        let values = weight.read(name).unwrap();
        (name.clone(), Stored { shape, values })
    });
    let mut tensors = tensors.collect();
    change(&mut tensors);
    write(&path, &tensors).unwrap();
    folder
}

#[test]
fn broken_folders_are_refused_by_both_for_the_same_reason() {
    let configs = [
        ("hidden_act", json!("mish"), "`hidden_act`: \"mish\""),
        ("hidden_dropout_prob", json!(1.5), "`hidden_dropout_prob`"),
        (
            "num_attention_heads",
            json!(5),
            "a divisor of `hidden_size`",
        ),
        ("num_hidden_layers", json!(3), "is missing"),
        ("num_hidden_layers", json!(1), "belongs to no part"),
        ("intermediate_size", json!(48), "expected [48, 32]"),
        ("vocab_size", json!(4000), "expected [4000, 32]"),
        ("max_position_embeddings", json!(99), "expected [99, 32]"),
        ("max_position_embeddings", json!(2), "at least 3"),
        ("pad_token_id", json!(1_000_000), "`pad_token_id`"),
        (
            "position_embedding_type",
            json!("relative_key"),
            "relative_key",
        ),
        ("is_decoder", json!(true), "`is_decoder`"),
        ("model_type", json!("longformer"), "`longformer`"),
        ("layer_norm_eps", json!("small"), "`layer_norm_eps`"),
    ];
    for (key, value, expected) in configs {
        agree(configured(key, value).path(), Some(expected));
    }
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
    let adapter = r#"{"peft_type": "LORA", "base_model_name_or_path": "acme/base"}"#;
    type Change = fn(&Path, &str, &str);
    let changes: [(Change, &str); 8] = [
        (
            |it, pointer, _| fs::write(it.join("model.safetensors"), pointer).unwrap(),
            "LFS pointer",
        ),
        (
            |it, pointer, _| fs::write(it.join("config.json"), pointer).unwrap(),
            "LFS pointer",
        ),
        (
            |it, _, _| fs::remove_file(it.join("model.safetensors")).unwrap(),
            "holds no weights",
        ),
        (
            |it, _, adapter| {
                fs::remove_file(it.join("model.safetensors")).unwrap();
                fs::write(it.join("adapter_config.json"), adapter).unwrap();
            },
            "a LoRA adapter of `acme/base`",
        ),
        (
            |it, _, adapter| {
                fs::remove_file(it.join("config.json")).unwrap();
                fs::write(it.join("adapter_config.json"), adapter).unwrap();
            },
            "a LoRA adapter of `acme/base`",
        ),
        (
            |it, _, _| {
                let path = it.join("model.safetensors");
                let bytes = fs::read(&path).unwrap();
                fs::write(path, &bytes[..bytes.len() - 1]).unwrap();
            },
            "is damaged",
        ),
        (
            |it, _, _| {
                fs::remove_file(it.join("model.safetensors")).unwrap();
                let bytes = fs::read(tiny("bert-legacy-bin").join("pytorch_model.bin")).unwrap();
                fs::write(it.join("pytorch_model.bin"), &bytes[..bytes.len() / 2]).unwrap();
            },
            "is damaged",
        ),
        (
            |it, _, _| fs::write(it.join("config.json"), "[1]").unwrap(),
            "not a JSON object",
        ),
    ];
    for (change, expected) in changes {
        let folder = copy();
        change(folder.path(), pointer, adapter);
        agree(folder.path(), Some(expected));
    }
    let quantised = copy();
    let path = quantised.path().join("model.safetensors");
    let bytes = fs::read(&path).unwrap();
    // As many bytes of another type: whole numbers of four bytes.
    let size = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let header = String::from_utf8(bytes[8..8 + size].to_vec()).unwrap();
    let header = header.replacen("\"F32\"", "\"I32\"", 1);
    fs::write(
        &path,
        [&bytes[..8], header.as_bytes(), &bytes[8 + size..]].concat(),
    )
    .unwrap();
    agree(quantised.path(), Some("holds I32"));
    agree(
        with_tensors(|tensors| {
            let norm = tensors.remove("embeddings.LayerNorm.weight").unwrap();
            tensors.insert("embeddings.Norm.weight".into(), norm);
        })
        .path(),
        Some("`bert.embeddings.LayerNorm.weight` is missing"),
    );
}

#[test]
fn odd_folders_are_accepted_by_both_with_a_note() {
    let configs = [
        (
            "architectures",
            json!(["BertForQuestionAnswering"]),
            "question answering",
        ),
        ("id2label", json!({"0": 0, "1": 1}), "numbers"),
        ("id2label", json!({"0": "O", "5": "B-X"}), "`id2label`"),
    ];
    for (key, value, expected) in configs {
        let notes = agree(configured(key, value).path(), None);
        assert!(notes[0].contains(expected), "{notes:?}");
    }
    for wrapper in ["module.", "_orig_mod.", "model."] {
        let folder = with_tensors(|tensors| {
            let wrapped = std::mem::take(tensors).into_iter();
            tensors.extend(wrapped.map(|(name, stored)| (format!("{wrapper}{name}"), stored)));
        });
        let notes = agree(folder.path(), None);
        assert!(notes[0].contains("`module.`"), "{notes:?}");
    }
    let notes = agree(&tiny("bert-lightning"), None);
    assert!(notes[0].contains("under `state_dict`"), "{notes:?}");
    // A head for something else, beside the encoder.
    let folder = with_tensors(|tensors| {
        let shape = vec![2, 32];
        let values = vec![0.5; 64];
        tensors.insert("qa_outputs.weight".into(), Stored { shape, values });
    });
    assert_eq!(agree(folder.path(), None), [""; 0]);
}
