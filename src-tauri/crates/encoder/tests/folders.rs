//! Model folders in and out: heads kept and replaced, faults named, names as transformers has them.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use std::path::Path;
use support::{input, largest_difference, values};
use tagsmith_encoder::burn::tensor::Device;
use tagsmith_encoder::model::{self, Head};
use tagsmith_encoder::weights::{self, Stored, Weights};
use tagsmith_protocol::Diagnose;
use tagsmith_testing::{json, tiny};

/// The error that loading a folder gives, with its hint.
fn refusal(folder: &Path) -> String {
    let labels = ["O".to_owned()];
    let failure = model::load_for_labels(folder, &labels, None, 1, &Device::flex()).unwrap_err();
    format!("{failure}\nhint: {}", failure.hint().unwrap_or_default())
}

fn copy(from: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    folder
}

#[test]
fn a_head_for_the_same_labels_is_kept_reordered_or_replaced() {
    let folder = tiny("bert-token-classification");
    let reference = json(&folder.join("reference.json"));
    let device = Device::flex();
    let (own, config) = model::load(&folder, &device).unwrap();
    let labels = config.labels().to_vec();
    let expected = values(own.logits(input(&reference, &device)));

    let (kept, _, report) = model::load_for_labels(&folder, &labels, None, 1, &device).unwrap();
    assert_eq!(report.head, Head::Kept);
    assert_eq!(values(kept.logits(input(&reference, &device))), expected);

    let mut turned = labels.clone();
    turned.rotate_left(1);
    let (model, config, report) =
        model::load_for_labels(&folder, &turned, None, 1, &device).unwrap();
    assert_eq!(report.head, Head::Reordered);
    assert_eq!(config.labels(), turned);
    let found: Vec<f64> = values(model.logits(input(&reference, &device)))
        .chunks(labels.len())
        .flat_map(|row| {
            let mut row = row.to_vec();
            row.rotate_right(1);
            row
        })
        .collect();
    assert!(largest_difference(&found, &expected) < 1e-6);
    // The same for training, where a parameter must be a leaf of the graph.
    let training = device.clone().autodiff();
    let (model, _, _) = model::load_for_labels(&folder, &turned, Some(0.0), 1, &training).unwrap();
    model.logits(input(&reference, &training)).sum().backward();

    let other = ["O".to_owned(), "B-NEW".to_owned()];
    let (_, config, report) = model::load_for_labels(&folder, &other, None, 1, &device).unwrap();
    assert_eq!((report.head, report.replaced_labels), (Head::New, labels));
    assert_eq!(config.labels(), other);
}

#[test]
fn the_seed_decides_the_new_head() {
    let folder = tiny("bert-no-prefix");
    let labels = ["O".to_owned(), "B-X".to_owned()];
    let device = Device::flex();
    let reference = json(&folder.join("reference.json"));
    let logits = |seed| {
        let (model, _, _) = model::load_for_labels(&folder, &labels, None, seed, &device).unwrap();
        values(model.logits(input(&reference, &device)))
    };
    assert_eq!(logits(3), logits(3));
    assert_ne!(logits(3), logits(4));
}

#[test]
fn saving_gives_the_same_names_and_values_back() {
    let folder = tiny("bert-token-classification");
    let device = Device::flex();
    let (model, config) = model::load(&folder, &device).unwrap();
    let out = tempfile::tempdir().unwrap();
    model::save(&model, &config, out.path()).unwrap();
    let before = Weights::from_folder(&folder).unwrap();
    let after = Weights::from_folder(out.path()).unwrap();
    let names = |weights: &Weights| weights.tensors.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&before), names(&after));
    for (name, weight) in &before.tensors {
        assert_eq!(weight.info.shape, after.tensors[name].info.shape, "{name}");
        assert_eq!(
            weight.read(name).unwrap(),
            after.tensors[name].read(name).unwrap(),
            "{name}"
        );
    }
    let (found, expected) = (
        json(&out.path().join("config.json")),
        json(&folder.join("config.json")),
    );
    assert_eq!(found["id2label"], expected["id2label"]);
    assert_eq!(found["label2id"], expected["label2id"]);
}

#[test]
fn a_base_model_cannot_predict() {
    let failure = model::load(&tiny("bert-no-prefix"), &Device::flex()).unwrap_err();
    assert!(
        failure.to_string().contains("no token-classification head"),
        "{failure}"
    );
    assert!(
        failure
            .hint()
            .unwrap_or_default()
            .contains("tagsmith train")
    );
}

#[test]
fn what_a_merged_adapter_lacks_is_said() {
    let folder = copy(&tiny("bert-no-prefix"));
    let merged = r#"{"adapter": "/lora", "base": "/base", "files": [], "left_out": []}"#;
    std::fs::write(folder.path().join("merged.json"), merged).unwrap();
    let failure = model::load(folder.path(), &Device::flex()).unwrap_err();
    let hint = failure.hint().unwrap();
    assert!(
        hint.starts_with("the adapter's head was left out"),
        "{hint}"
    );
    assert!(hint.contains("tagsmith train"), "{hint}");
}

#[test]
fn a_pickle_that_asks_for_more_than_tensors_is_refused_and_not_run() {
    for name in ["bert-evil-pickle", "bert-evil-pickle-2018"] {
        let message = refusal(&tiny(name));
        assert!(message.contains("it was not run"), "{name}: {message}");
        assert!(message.contains("system"), "{name}: {message}");
        assert!(!Path::new("OWNED").exists() && !tiny(name).join("OWNED").exists());
    }
}

#[test]
fn trap_a_partial_load_is_never_silent() {
    // A layer too many in the file, and one too few: both are reported by name.
    for (layers, expected) in [(1, "belongs to no part of the model"), (3, "is missing")] {
        let folder = copy(&tiny("bert-no-prefix"));
        let path = folder.path().join("config.json");
        let mut config = json(&path);
        config["num_hidden_layers"] = layers.into();
        std::fs::write(&path, config.to_string()).unwrap();
        let message = refusal(folder.path());
        assert!(message.contains(expected), "{message}");
        assert!(message.contains("encoder.layer."), "{message}");
    }
    let folder = copy(&tiny("bert-no-prefix"));
    let path = folder.path().join("config.json");
    let mut config = json(&path);
    config["intermediate_size"] = 48.into();
    std::fs::write(&path, config.to_string()).unwrap();
    assert!(refusal(folder.path()).contains("expected [48, 32]"));
}

#[test]
fn damaged_folders_are_told_from_each_other() {
    let message = refusal(&tiny("bert-truncated"));
    assert!(
        message.contains("is damaged") && message.contains("fetch the model again"),
        "{message}"
    );

    let folder = copy(&tiny("bert-no-prefix"));
    std::fs::remove_file(folder.path().join("model.safetensors")).unwrap();
    assert!(refusal(folder.path()).contains("holds no weights"));

    for garbage in [
        &b""[..],
        b"\x10",
        b"not a header at all, but text",
        &[0xff; 64],
    ] {
        std::fs::write(folder.path().join("model.safetensors"), garbage).unwrap();
        assert!(refusal(folder.path()).contains("is damaged"));
    }
    std::fs::remove_file(folder.path().join("model.safetensors")).unwrap();
    for garbage in [&b""[..], b"PK\x03\x04 nonsense", b"\x80\x02garbage"] {
        std::fs::write(folder.path().join("pytorch_model.bin"), garbage).unwrap();
        let message = refusal(folder.path());
        assert!(
            message.contains("is damaged") || message.contains("cannot read"),
            "{message}"
        );
    }

    std::fs::write(folder.path().join("config.json"), "[1]").unwrap();
    assert!(refusal(folder.path()).contains("not a JSON object"));
    std::fs::remove_file(folder.path().join("config.json")).unwrap();
    assert!(refusal(folder.path()).contains("cannot read"));
}

#[test]
fn weights_that_are_no_numbers_are_refused_by_name() {
    let name = "encoder.layer.1.output.dense.weight";
    let spoilt = |spoil: fn(&mut [f32])| {
        let folder = copy(&tiny("bert-no-prefix"));
        let path = folder.path().join("model.safetensors");
        let weights = Weights::from_safetensors(&path).unwrap();
        let floats = weights
            .tensors
            .iter()
            .filter(|(own, _)| !own.ends_with("_ids"));
        let tensors = floats.map(|(own, weight)| {
            let mut values = weight.read(own).unwrap();
            if own.ends_with(name) {
                spoil(&mut values);
            }
            let shape = weight.info.shape.clone();
            (own.clone(), Stored { shape, values })
        });
        weights::write(&path, &tensors.collect()).unwrap();
        folder
    };
    let untouched = spoilt(|_| ());
    let labels = ["O".to_owned()];
    model::load_for_labels(untouched.path(), &labels, None, 1, &Device::flex()).unwrap();
    type Spoil = fn(&mut [f32]);
    let cases: [(&str, Spoil); 3] = [
        ("NaN as value 0 of", |values| values[0] = f32::NAN),
        ("-inf as value 7 of", |values| values[7] = f32::NEG_INFINITY),
        ("inf as value 9 of", |values| {
            values[9] = f32::INFINITY;
            values[12] = f32::NAN;
        }),
    ];
    for (expected, spoil) in cases {
        let message = refusal(spoilt(spoil).path());
        assert!(
            message.contains(name) && message.contains(expected),
            "{message}"
        );
    }
}

#[test]
fn an_index_may_not_reach_outside_the_folder() {
    let folder = copy(&tiny("bert-sharded"));
    let path = folder.path().join("model.safetensors.index.json");
    std::fs::write(&path, r#"{"weight_map": {"a": "../secret.safetensors"}}"#).unwrap();
    assert!(refusal(folder.path()).contains("outside the folder"));
}
