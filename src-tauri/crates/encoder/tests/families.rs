//! Every family computes what transformers computes, forward and backward, and is written as it is read.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use serde_json::Value;
use std::path::{Path, PathBuf};
use support::{at_real, fixture, gradients_of, input, integers, ints, largest_difference};
use support::{numbers, values};
use tagsmith_encoder::burn::tensor::Device;
use tagsmith_encoder::model::{self, Head};
use tagsmith_encoder::ops::Kernels;
use tagsmith_encoder::weights::{self, Weights};
use tagsmith_encoder::{Config, TokenClassifier, families};
use tagsmith_testing::json;

/// Checkpoints that are refused, with a part of the reason.
const REFUSED: &[(&str, &str)] = &[(
    "jina_embeddings_v3",
    "`jina_embeddings_v3` is not supported",
)];

fn all_folders() -> Vec<PathBuf> {
    let all = std::fs::read_dir(fixture("families")).unwrap();
    let mut folders: Vec<PathBuf> = all.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

/// The checkpoints, with the values that transformers computes.
fn folders() -> Vec<PathBuf> {
    let mut folders = all_folders();
    folders.retain(|folder| REFUSED.iter().all(|(refused, _)| name(folder) != *refused));
    folders
}

fn name(folder: &Path) -> String {
    folder.file_name().unwrap().to_string_lossy().into_owned()
}

/// Loads a checkpoint with its head, or with a new one where it has none.
fn load(folder: &Path, device: &Device) -> (TokenClassifier, Config) {
    let labels = ["O".to_owned(), "B-X".to_owned()];
    model::load_with_dropout(folder, Some(0.0), device).unwrap_or_else(|_| {
        let (model, config, _) =
            model::load_for_labels(folder, &labels, Some(0.0), 1, device).unwrap();
        (model, config)
    })
}

#[test]
fn hidden_states_and_logits_equal_transformers() {
    let device = Device::flex();
    for folder in folders() {
        let reference = json(&folder.join("reference.json"));
        let (model, _) = load(&folder, &device);
        for kernels in [Kernels::Cpu, Kernels::Reference] {
            let model = model.clone().with_kernels(kernels);
            let compare = |what: &str, found: Vec<f64>| {
                if reference[what].is_null() {
                    return;
                }
                let expected = at_real(&reference, &numbers(&reference[what]));
                let difference = largest_difference(&found, &expected);
                let name = name(&folder);
                eprintln!("{name}, {kernels:?}: {what} differ by {difference:.1e}");
                assert!(difference < 1e-4, "{name}: {what} differ by {difference:e}");
            };
            let input = input(&reference, &device);
            compare("last_hidden_state", values(model.hidden(input.clone())));
            compare("logits", values(model.logits(input)));
        }
    }
}

#[test]
fn gradients_equal_transformers() {
    let device = Device::flex().autodiff();
    for folder in folders() {
        let Some(training) = training(&folder) else {
            continue;
        };
        let (model, _) = load(&folder, &device);
        for kernels in [Kernels::Cpu, Kernels::Reference] {
            let model = model.clone().with_kernels(kernels);
            compare_gradients(&folder, &model, &training, &device);
        }
    }
}

/// On the first GPU, which may be a software one.
#[cfg(feature = "gpu")]
#[test]
fn gradients_of_a_gpu_equal_transformers() {
    use tagsmith_encoder::burn::tensor::DeviceType;
    let Some(device) = Device::enumerate(DeviceType::Wgpu).into_iter().next() else {
        eprintln!("skipped: there is no GPU");
        return;
    };
    let device = device.autodiff();
    for folder in folders() {
        if let Some(training) = training(&folder) {
            let (model, _) = load(&folder, &device);
            compare_gradients(&folder, &model, &training, &device);
        }
    }
}

fn training(folder: &Path) -> Option<Value> {
    let path = folder.join("training.json");
    path.exists().then(|| json(&path))
}

fn compare_gradients(folder: &Path, model: &TokenClassifier, training: &Value, device: &Device) {
    let labels = integers(&training["labels"]).real(&integers(&training["attention_mask"]));
    let scored: Vec<i64> = (0..labels.len() as i64)
        .filter(|at| labels[*at as usize] >= 0)
        .collect();
    let targets: Vec<i64> = scored.iter().map(|at| labels[*at as usize]).collect();
    let count = scored.len();
    let logits = model.logits_at(input(training, device), ints(scored, device));
    let kernels = Kernels::best_on(device);
    let loss = kernels.cross_entropy(logits, ints(targets, device), count as f64);
    let found = f64::from(loss.clone().into_scalar::<f32>());
    let expected = numbers(&training["steps"][0]["loss"])[0];
    let name = name(folder);
    assert!(
        (found - expected).abs() < 1e-5,
        "{name}: {found} {expected}"
    );

    let reference = Weights::from_safetensors(&folder.join("gradients.safetensors")).unwrap();
    let gradients = gradients_of(model, loss);
    // The file also holds the loss itself.
    assert_eq!(gradients.len(), reference.tensors.len() - 1, "{name}");
    for (parameter, weight) in reference.tensors.iter().filter(|(name, _)| *name != "loss") {
        let expected = weight.read(parameter).unwrap().into_iter().map(f64::from);
        let expected: Vec<f64> = expected.collect();
        let largest = expected
            .iter()
            .fold(1.0f64, |top, value| top.max(value.abs()));
        let difference = largest_difference(&gradients[parameter], &expected);
        assert!(
            difference < 2e-5 * largest,
            "{name}: the gradient of {parameter} differs by {difference:e}"
        );
    }
}

#[test]
fn what_is_written_has_the_names_and_shapes_that_were_read() {
    let device = Device::flex();
    for folder in folders() {
        let (model, config) = load(&folder, &device);
        let written = weights::collect(&model, model.names());
        let shapes = written
            .iter()
            .map(|(name, stored)| (name.clone(), stored.shape.clone()));
        assert_eq!(
            tagsmith_checkpoint::fit::expected(&config),
            shapes.collect(),
            "{}",
            name(&folder)
        );
        let before = Weights::from_folder(&folder).unwrap();
        let is_whole = before
            .tensors
            .keys()
            .any(|name| name.starts_with("classifier."));
        for (name, weight) in before.tensors.iter().filter(|_| is_whole) {
            assert_eq!(weight.info.shape, written[name].shape, "{name}");
            assert_eq!(weight.read(name).unwrap(), written[name].values, "{name}");
        }
    }
}

#[test]
fn a_checkpoint_for_another_task_gets_a_new_head() {
    let labels = ["O".to_owned(), "B-X".to_owned()];
    let folder = fixture("families/roberta-masked-lm");
    let (_, config, report) =
        model::load_for_labels(&folder, &labels, None, 1, &Device::flex()).unwrap();
    assert_eq!(report.head, Head::New);
    let is_unused = |name: &str| report.unused.iter().any(|found| found == name);
    assert!(is_unused("lm_head.bias"), "{report:?}");
    let classes = config.raw["architectures"].as_array().unwrap();
    assert_eq!(classes[0], "RobertaForTokenClassification");
}

#[test]
fn real_weights_where_there_are_any() {
    let named = |name| std::env::var_os(name).map(PathBuf::from);
    let (Some(folder), Some(reference)) = (
        named("TAGSMITH_REAL_MODEL"),
        named("TAGSMITH_HIDDEN_STATES"),
    ) else {
        eprintln!("skipped: TAGSMITH_REAL_MODEL names no folder");
        return;
    };
    let (reference, device) = (json(&reference), Device::flex());
    let labels = ["O".to_owned()];
    let (model, _, report) = model::load_for_labels(&folder, &labels, None, 1, &device).unwrap();
    let found = values(model.hidden(input(&reference, &device)));
    let expected = at_real(&reference, &numbers(&reference["last_hidden_state"]));
    let difference = largest_difference(&found, &expected);
    eprintln!(
        "hidden states differ by {difference:.1e}; unused: {:?}",
        report.unused
    );
    assert!(difference < 1e-4, "hidden states differ by {difference:e}");
}

#[test]
fn what_is_not_read_is_refused_by_name() {
    for (name, reason) in REFUSED {
        let failure = Config::from_folder(&fixture("families").join(name)).unwrap_err();
        assert!(failure.to_string().contains(reason), "{failure}");
    }
}

#[test]
fn there_is_a_checkpoint_of_every_family() {
    let types: Vec<Value> = folders()
        .iter()
        .map(|folder| json(&folder.join("config.json"))["model_type"].take())
        .collect();
    for family in families::all() {
        // BERT's are those of the other tests.
        let is_there =
            family.model_type == "bert" || types.iter().any(|it| it == family.model_type);
        assert!(is_there, "{} has none", family.model_type);
    }
}
