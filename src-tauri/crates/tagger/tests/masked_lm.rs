//! The masked-language heads of all families: their loss and ten steps equal those of transformers.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use support::fixture;
use tagsmith_encoder::burn::module::Module;
use tagsmith_encoder::burn::tensor::{Device, Tensor, TensorData};
use tagsmith_encoder::{MaskedLanguageModel, families, masked_lm};
use tagsmith_tagger::batch::collate;
use tagsmith_tagger::example::Example;
use tagsmith_tagger::optimizer::{AdamW, AdamWConfig};
use tagsmith_tagger::pretrain::{gradients, loss_sum};
use tagsmith_tagger::window::Window;
use tagsmith_testing::{json, tiny};

/// Families whose models cannot be pretrained.
const REFUSED: [&str; 2] = ["electra", "eurobert"];

fn folders() -> Vec<PathBuf> {
    let entries = fs::read_dir(fixture("masked_lm")).unwrap();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

fn examples(training: &Value) -> Vec<Example> {
    let rows = training["rows"].as_array().unwrap().iter();
    let example = |row: &Value| {
        let ids: Vec<u32> = serde_json::from_value(row["ids"].clone()).unwrap();
        let labels: Vec<i64> = serde_json::from_value(row["labels"].clone()).unwrap();
        let predicted = labels.iter().enumerate().filter(|(_, label)| **label >= 0);
        let (scored, targets) = predicted
            .map(|(position, label)| ((position, 0), *label as usize))
            .unzip();
        Example {
            window: Window {
                document: 0,
                ids,
                scored,
                reaches_end: true,
            },
            targets,
        }
    };
    rows.map(example).collect()
}

fn mean_loss(model: &MaskedLanguageModel, examples: &[&Example]) -> f64 {
    let masked: usize = examples.iter().map(|example| example.targets.len()).sum();
    loss_sum(&model.valid(), examples, &Device::flex()) / masked as f64
}

#[track_caller]
fn assert_near(found: f64, expected: &Value, allowed: f64, about: &str) {
    let expected = expected.as_f64().unwrap();
    let off = (found - expected).abs();
    assert!(
        off < allowed * expected.max(1.0),
        "{about}: {found}, expected {expected}"
    );
}

/// All at once, in two micro-batches, and with few positions at a time in the head.
#[test]
fn ten_steps_equal_transformers() {
    let device = Device::flex().autodiff();
    let folders = folders();
    assert_eq!(folders.len(), 14);
    for folder in &folders {
        let training = json(&folder.join("training.json"));
        let examples = examples(&training);
        let examples: Vec<&Example> = examples.iter().collect();
        let (first, second) = examples.split_at(2);
        let whole = vec![examples.clone()];
        let halves = vec![first.to_vec(), second.to_vec()];
        for (batches, at_once) in [(&whole, 1000), (&halves, 1000), (&whole, 2)] {
            let name = folder.file_name().unwrap().to_string_lossy();
            let (mut model, _, report) = masked_lm::load(folder, Some(0.0), 1, &device).unwrap();
            assert_eq!(report.missing, [""; 0], "{name}");
            let mut optimizer = AdamW::new(AdamWConfig::default());
            for step in training["steps"].as_array().unwrap() {
                let about = format!("{name}, {at_once} at once, step {}", step["step"]);
                let (sum, output) = gradients(&model, batches, 1.0, at_once, &device);
                assert_near(output.loss.wait(), &step["loss"], 3e-5, &about);
                let norm;
                (model, norm) = optimizer.step(model, sum, step["lr"].as_f64().unwrap());
                assert_near(norm, &step["grad_norm"], 3e-4, &about);
            }
            let after = mean_loss(&model, &examples);
            assert_near(after, &training["loss_after"], 1e-4, &name);
        }
    }
}

/// What is written has the tensors that transformers wrote, and no other. With `TAGSMITH_WRITTEN_MASKED_LM`, a folder,
/// models are left there with logits for `open_masked_lm.py`.
#[test]
fn a_written_model_is_read_again_and_has_the_tensors_of_transformers() {
    let device = Device::flex();
    let kept = std::env::var_os("TAGSMITH_WRITTEN_MASKED_LM").map(PathBuf::from);
    for folder in folders() {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let temporary = tempfile::tempdir().unwrap();
        let out = match &kept {
            Some(kept) => kept.join(&name),
            None => temporary.path().to_path_buf(),
        };
        fs::create_dir_all(&out).unwrap();
        let (model, config, _) = masked_lm::load(&folder, None, 1, &device).unwrap();
        masked_lm::save(&model, &config, &out).unwrap();
        assert_eq!(tensor_names(&out), tensor_names(&folder), "{name}");
        let class = &json(&out.join("config.json"))["architectures"][0];
        assert!(class.as_str().unwrap().ends_with("ForMaskedLM"), "{class}");
        let (again, _, report) = masked_lm::load(&out, None, 2, &device).unwrap();
        assert!(!report.is_new);
        let examples = examples(&json(&folder.join("training.json")));
        let examples: Vec<&Example> = examples.iter().collect();
        assert_eq!(mean_loss(&again, &examples), mean_loss(&model, &examples));
        if kept.is_some() {
            let rows: Vec<Value> = examples
                .iter()
                .map(|example| row_of_logits(&model, example, &device))
                .collect();
            fs::write(out.join("logits.json"), json!(rows).to_string()).unwrap();
        }
    }
}

fn row_of_logits(model: &MaskedLanguageModel, example: &Example, device: &Device) -> Value {
    let batch = collate(&[&example.window], device);
    let hidden = model.hidden_at(batch.input, batch.positions);
    let logits = model.predict(hidden, &model.decoder());
    let logits: Vec<f32> = logits.into_data().iter::<f32>().collect();
    let positions: Vec<usize> = example.window.scored.iter().map(|at| at.0).collect();
    json!({"ids": example.window.ids, "positions": positions, "logits": logits})
}

fn tensor_names(folder: &Path) -> Vec<String> {
    let bytes = fs::read(folder.join("model.safetensors")).unwrap();
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let header: Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    let names = header.as_object().unwrap().keys();
    names
        .filter(|name| *name != "__metadata__")
        .cloned()
        .collect()
}

/// The decoder shares its memory with the embeddings, gets its own gradient, and both are added up.
#[test]
fn a_frozen_encoder_gets_no_gradient_and_neither_does_the_table() {
    let device = Device::flex().autodiff();
    let folder = fixture("masked_lm/bert");
    let training = json(&folder.join("training.json"));
    let examples = examples(&training);
    let batches = vec![examples.iter().collect::<Vec<&Example>>()];
    let (model, ..) = masked_lm::load(&folder, Some(0.0), 1, &device).unwrap();
    let names = |model: &MaskedLanguageModel| -> Vec<String> {
        let (sum, _) = gradients(model, &batches, 1.0, 1000, &device);
        sum.iter().map(|(name, _)| name.clone()).collect()
    };
    let frozen = model.clone().with_frozen_encoder(true);
    assert!(names(&frozen).iter().all(|name| name.starts_with("cls.")));
    assert_eq!(names(&frozen).len(), 5);
    let again = frozen.with_frozen_encoder(false);
    assert_eq!(names(&again), names(&model));
    assert!(names(&again).contains(&model.table_name()));
}

#[test]
fn a_new_head_is_drawn_from_the_seed() {
    let device = Device::flex();
    let hidden = || Tensor::<2>::from_data(TensorData::new(vec![0.5f32; 32], [1, 32]), &device);
    let logits = |seed| -> Vec<f32> {
        let (model, _, report) =
            masked_lm::load(&tiny("bert-no-prefix"), None, seed, &device).unwrap();
        assert!(report.is_new);
        assert_eq!(report.missing.len(), 5);
        let logits = model.predict(hidden(), &model.decoder());
        logits.into_data().iter::<f32>().collect()
    };
    assert_eq!(logits(1), logits(1));
    assert_ne!(logits(1), logits(2));
}

/// As the first checkpoints of BERT spelled their heads.
#[test]
fn old_checkpoints_have_their_head_too() {
    for name in ["bert-legacy-bin", "bert-legacy-2018"] {
        let (_, _, report) = masked_lm::load(&tiny(name), None, 1, &Device::flex()).unwrap();
        assert_eq!((report.is_new, report.missing.len()), (false, 0), "{name}");
    }
}

#[test]
fn every_family_has_a_head_or_says_why_not() {
    let known: Vec<String> = folders()
        .iter()
        .map(|folder| json(&folder.join("config.json"))["model_type"].to_string())
        .collect();
    for family in families::all() {
        let is_tested = known.contains(&format!("\"{}\"", family.model_type));
        let is_refused = REFUSED.contains(&family.model_type);
        assert!(is_tested != is_refused, "{}", family.model_type);
    }
    for name in REFUSED {
        let folder = fixture("../../../encoder/tests/fixtures/families").join(name);
        let failure = masked_lm::load(&folder, None, 1, &Device::flex()).unwrap_err();
        assert!(failure.to_string().contains(name), "{failure}");
    }
}
