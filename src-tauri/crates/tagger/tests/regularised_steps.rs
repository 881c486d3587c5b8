//! Optimiser steps with methods of regularisation equal PyTorch's, and so does the loss of R-Drop.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use serde_json::Value;
use std::collections::BTreeMap;
use support::{ReferenceBatch, fixture};
use tagsmith_encoder::burn::module::{Module, ModuleVisitor, Param};
use tagsmith_encoder::burn::tensor::{Device, Int, Tensor, TensorData};
use tagsmith_encoder::ops::seed_dropout;
use tagsmith_encoder::weights::{self, Stored};
use tagsmith_encoder::{TokenClassifier, model};
use tagsmith_protocol::{TrainConfig, TrainSettings};
use tagsmith_tagger::average::Average;
use tagsmith_tagger::objective::Objective;
use tagsmith_tagger::optimizer::{AdamW, AdamWConfig, GradientSum};
use tagsmith_tagger::pretrained::{Beginning, Mixout};
use tagsmith_tagger::tags::TagSet;
use tagsmith_testing::{json, tiny};

/// What a run begins with that fine-tunes the tiny model further, its dropout off.
fn beginning(settings: TrainSettings) -> (TrainConfig, Beginning) {
    let config = TrainConfig {
        model: tiny("bert-token-classification"),
        settings: TrainSettings {
            dropout: Some(0.0),
            ..settings
        },
        ..TrainConfig::default()
    };
    let labels = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"].map(str::to_owned);
    let tags = TagSet::from_names(labels.to_vec(), None).unwrap();
    let loaded = Beginning::load(&config, &tags, &Device::flex().autodiff());
    (config, loaded.unwrap())
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

#[track_caller]
fn assert_near(found: f64, expected: &Value, allowed: f64, about: &str) {
    let expected = number(expected);
    let off = (found - expected).abs();
    assert!(off < allowed, "{about}: {found}, expected {expected}");
}

#[test]
fn ten_regularised_steps_equal_pytorchs() {
    let reference = json(&fixture("regularisation.json"));
    let device = Device::flex();
    let batch = ReferenceBatch::new(&reference, &device.clone().autodiff());
    let scoring = ReferenceBatch::new(&reference, &device);
    let courses = reference["courses"].as_array().unwrap();
    assert_eq!(courses.len(), 6);
    for course in courses {
        let mut settings = course["settings"].clone();
        let unfrozen = settings.as_object_mut().unwrap().remove("unfrozen_from");
        let unfrozen: Vec<usize> =
            serde_json::from_value(unfrozen.unwrap_or_default()).unwrap_or_default();
        let (config, begun) = beginning(serde_json::from_value(settings).unwrap());
        let mut model = begun.model;
        let mut optimizer = AdamW::new(AdamWConfig {
            pretrained_decay: config.pretrained_decay,
            ..AdamWConfig::default()
        })
        .with_layer_decay(&model, config.layer_decay())
        .with_pretrained(begun.pretrained);
        let mut average = Average::of(&config);
        for (step, expected) in course["steps"].as_array().unwrap().iter().enumerate() {
            let about = format!("{}, step {step}", course["settings"]);
            if !unfrozen.is_empty() {
                let open = unfrozen.iter().filter(|from| step >= **from).count();
                model = model.frozen(2 - open);
                if let Some(average) = &mut average {
                    average.include(&model);
                }
            }
            let loss = batch.loss(&model);
            let found = f64::from(loss.clone().into_scalar::<f32>());
            assert_near(found, &expected["loss"], 2e-5, &about);
            let mut gradients = GradientSum::default();
            gradients.add(&model, loss.backward());
            let norm;
            (model, norm) = optimizer.step(model, gradients, number(&reference["lr"]));
            let allowed = 2e-4 * number(&expected["grad_norm"]);
            assert_near(norm, &expected["grad_norm"], allowed, &about);
            if let Some(average) = &mut average {
                average.update(&model, None, optimizer.steps());
                let averaged = average.applied(model.clone()).valid();
                let found = f64::from(scoring.loss(&averaged).into_scalar::<f32>());
                assert_near(found, &expected["average_loss"], 2e-5, &about);
            }
        }
    }
}

#[test]
fn the_loss_of_r_drop_and_its_gradient_equal_pytorchs() {
    let reference = json(&fixture("regularisation.json"));
    let reference = &reference["r_drop"];
    let floats = |row: &Value| -> Vec<f32> {
        let numbers = row.as_array().unwrap().iter();
        numbers.map(|x| number(x) as f32).collect()
    };
    let rows =
        |rows: &Value| -> Vec<Vec<f32>> { rows.as_array().unwrap().iter().map(floats).collect() };
    let logits = rows(&reference["logits"]);
    let targets: Vec<i64> = serde_json::from_value(reference["targets"].clone()).unwrap();
    let device = Device::flex().autodiff();
    let cases = reference["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 4);
    for case in cases {
        let about = format!("{} {}", case["r_drop"], case["weights"]);
        let settings = TrainSettings {
            r_drop: number(&case["r_drop"]),
            ..TrainSettings::default()
        };
        let weights = (!case["weights"].is_null()).then(|| floats(&case["weights"]).into());
        let objective = Objective::new(&settings, weights);
        assert_eq!(objective.passes(), 2);
        let normaliser = objective.normaliser(targets.iter().map(|target| *target as usize));
        let shape = [logits.len(), logits[0].len()];
        let data = TensorData::new(logits.concat(), shape);
        let leaf = Tensor::<2>::from_data(data, &device).require_grad();
        let both = TensorData::new(targets.repeat(2), [logits.len()]);
        let both = Tensor::<1, Int>::from_data(both, &device);
        let loss = objective.loss(leaf.clone(), both, normaliser, 8.0);
        let found = f64::from(loss.clone().into_scalar::<f32>()) / 8.0;
        let allowed = 2e-6 * number(&case["loss"]);
        assert_near(found, &case["loss"], allowed, &about);
        let gradient = leaf.grad(&loss.backward()).unwrap() / 8.0;
        let gradient: Vec<f32> = gradient.into_data().try_to_vec().unwrap();
        let expected = rows(&case["gradient"]).concat();
        let largest = expected.iter().fold(0.0, |most: f32, g| most.max(g.abs()));
        for (found, expected) in gradient.iter().zip(&expected) {
            let off = (found - expected).abs();
            assert!(off < 2e-6 * largest, "{about}: {found} {expected}");
        }
    }
}

/// Whether each parameter is computed with gradient checkpointing.
struct Strategies(Vec<bool>);

impl ModuleVisitor for Strategies {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let expected = Tensor::<1>::zeros([1], &Device::flex().autodiff().gradient_checkpointing());
        let (found, expected) = (param.val(), expected.gradient_checkpointing_strategy());
        self.0
            .push(found.gradient_checkpointing_strategy() == expected);
    }
}

#[test]
fn trap_gradient_checkpointing_outlasts_a_step() {
    let device = Device::flex().autodiff().gradient_checkpointing();
    let folder = tiny("bert-token-classification");
    let (model, _) = model::load_with_dropout(&folder, Some(0.0), &device).unwrap();
    let batch = ReferenceBatch::new(&json(&fixture("regularisation.json")), &device);
    let mut gradients = GradientSum::default();
    gradients.add(&model, batch.loss(&model).backward());
    let (model, _) = AdamW::new(AdamWConfig::default()).step(model, gradients, 1e-3);
    let mut strategies = Strategies(Vec::new());
    model.visit(&mut strategies);
    assert!(!strategies.0.is_empty() && strategies.0.iter().all(|is_kept| *is_kept));
    batch.loss(&model).backward();
}

/// What is trained has moments before the first step, but for tables; the step is the same to the bit.
#[test]
fn room_for_moments_is_made_for_what_is_trained_and_changes_no_step() {
    let batch = ReferenceBatch::new(
        &json(&fixture("regularisation.json")),
        &Device::flex().autodiff(),
    );
    for rounding in [None, Some(7)] {
        let course = |has_room: bool| {
            let mut model = beginning(TrainSettings::default()).1.model.frozen(1);
            let mut optimizer = AdamW::new(AdamWConfig {
                rounding,
                ..AdamWConfig::default()
            });
            if has_room {
                optimizer.make_room(&model);
                let names: Vec<String> = optimizer.to_tensors().into_keys().collect();
                assert!(names.iter().any(|name| is_in(name, 1)), "{names:?}");
                let left_out = |name: &String| is_in(name, 0) || name.contains("embeddings");
                assert!(!names.iter().any(left_out), "{names:?}");
            }
            for _ in 0..2 {
                let mut gradients = GradientSum::default();
                gradients.add(&model, batch.loss(&model).backward());
                (model, _) = optimizer.step(model, gradients, 1e-3);
                // What is there already stays.
                if has_room {
                    optimizer.make_room(&model);
                }
            }
            let values = weights_of(&model).into_values();
            values.map(|stored| stored.values).collect::<Vec<_>>()
        };
        assert_eq!(course(true), course(false));
    }
}

fn weights_of(model: &TokenClassifier) -> BTreeMap<String, Stored> {
    weights::collect(model, model.names())
}

/// Whether a weight is of layer `layer`, or above all layers.
fn is_in(name: &str, layer: usize) -> bool {
    name.contains(&format!("layer.{layer}."))
}

#[test]
fn layers_that_are_drawn_anew_begin_as_before_pretraining() {
    let plain = weights_of(&beginning(TrainSettings::default()).1.model);
    let drawn = |seed| {
        let settings = TrainSettings {
            reinitialized_layers: 1,
            seed,
            ..TrainSettings::default()
        };
        weights_of(&beginning(settings).1.model)
    };
    let (found, again, other) = (drawn(1), drawn(1), drawn(2));
    for (name, weight) in &found {
        assert_eq!(weight.values, again[name].values, "{name}");
        if !is_in(name, 1) {
            assert_eq!(weight.values, plain[name].values, "{name}");
            continue;
        }
        let count = weight.values.len() as f64;
        let mean = weight.values.iter().map(|x| f64::from(*x)).sum::<f64>() / count;
        let squares = weight.values.iter().map(|x| f64::from(*x).powi(2));
        let deviation = (squares.sum::<f64>() / count).sqrt();
        match name.as_str() {
            name if name.ends_with("LayerNorm.weight") => {
                assert!(weight.values.iter().all(|x| *x == 1.0))
            }
            name if name.ends_with("bias") => assert!(weight.values.iter().all(|x| *x == 0.0)),
            _ => {
                assert_ne!(weight.values, other[name].values, "{name}");
                assert!(mean.abs() < 0.002, "{name}: {mean}");
                assert!((deviation - 0.02).abs() < 0.002, "{name}: {deviation}");
            }
        }
    }
    let matrices: Vec<&Vec<f32>> = found
        .iter()
        .filter(|(name, weight)| is_in(name, 1) && weight.shape == [32, 32])
        .map(|(_, weight)| &weight.values)
        .collect();
    assert_eq!(matrices.len(), 4);
    assert!(matrices.windows(2).all(|two| two[0] != two[1]));
}

/// A model whose weights are all moved away from the pretrained ones.
fn moved(model: TokenClassifier) -> TokenClassifier {
    let device = Device::flex().autodiff();
    let batch = ReferenceBatch::new(&json(&fixture("regularisation.json")), &device);
    let mut gradients = GradientSum::default();
    gradients.add(&model, batch.loss(&model).backward());
    AdamW::new(AdamWConfig::default())
        .step(model, gradients, 0.1)
        .0
}

/// The gradient of each weight.
struct Squares(Vec<Option<f32>>, tagsmith_encoder::burn::tensor::Gradients);

impl ModuleVisitor for Squares {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let gradient = param.val().grad(&self.1);
        let sum = gradient.map(|gradient| gradient.square().sum().into_scalar::<f32>());
        self.0.push(sum);
    }
}

/// Each weight of a linear layer of the encoder is the pretrained one, or as far from it by `1 / (1 − p)` as
/// the weight is: the mean stays. Nothing else is mixed, and gradients reach the weights.
#[test]
fn mixout_replaces_weights_by_pretrained_ones() {
    let (config, begun) = beginning(TrainSettings {
        mixout: 0.4,
        reinitialized_layers: 1,
        ..TrainSettings::default()
    });
    let mixout = Mixout::new(&config, &begun.pretrained).unwrap();
    let pretrained = weights_of(&begun.model);
    let model = moved(begun.model);
    let (before, mixed) = (weights_of(&model), {
        seed_dropout(1);
        mixout.applied(&model)
    });
    let found = weights_of(&mixed);
    let (mut replaced, mut all) = (0, 0);
    for (name, weight) in &found {
        let is_mixed = is_in(name, 0) && name.ends_with("weight") && !name.contains("LayerNorm");
        if !is_mixed {
            assert_eq!(weight.values, before[name].values, "{name}");
            continue;
        }
        let old = &pretrained[name].values;
        for ((found, now), old) in weight.values.iter().zip(&before[name].values).zip(old) {
            all += 1;
            let kept = old + (now - old) / 0.6;
            match *found == *old {
                true => replaced += 1,
                false => assert!((found - kept).abs() < 1e-5, "{name}: {found} {kept}"),
            }
        }
    }
    let share = f64::from(replaced) / f64::from(all);
    assert!(
        all == 6 * 1024 + 2 * 1024 && (share - 0.4).abs() < 0.03,
        "{share} of {all}"
    );

    let device = Device::flex().autodiff();
    let batch = ReferenceBatch::new(&json(&fixture("regularisation.json")), &device);
    let mut gradients = Squares(Vec::new(), batch.loss(&mixed).backward());
    model.visit(&mut gradients);
    assert!(!gradients.0.is_empty());
    // All of them but what the reference has none of either.
    assert!(gradients.0.iter().all(Option::is_some));
}

/// Without a step, nothing is mixed: a model equals the pretrained one to the bit.
#[test]
fn mixout_of_pretrained_weights_is_the_pretrained_model() {
    let (config, begun) = beginning(TrainSettings {
        mixout: 0.9,
        ..TrainSettings::default()
    });
    let mixout = Mixout::new(&config, &begun.pretrained).unwrap();
    let mixed = weights_of(&mixout.applied(&begun.model));
    for (name, weight) in weights_of(&begun.model) {
        assert_eq!(weight.values, mixed[&name].values, "{name}");
    }
}

/// What stands in a model's table of names is as high as its layer.
#[test]
fn weights_stand_as_high_as_their_layers_in_every_family() {
    let families = tiny("..").join("families");
    let mut checked = 0;
    for entry in std::fs::read_dir(families).unwrap() {
        let folder = entry.unwrap().path();
        let labels = ["O".to_owned()];
        let device = Device::flex();
        let loaded = model::load_for_labels(&folder, &labels, None, 1, &device);
        let Ok((model, config, _)) = loaded else {
            continue;
        };
        let layers = config.num_hidden_layers;
        assert_eq!(model.layers(), layers);
        let heights = model.heights();
        let are_shared = config.groups.count * config.groups.layers < layers;
        for (name, height) in &heights {
            let mut numbers = name
                .split('.')
                .filter_map(|part| part.parse::<usize>().ok());
            let about = format!("{}: {name} has {height}", folder.display());
            match numbers.next_back() {
                Some(layer) if !are_shared => assert_eq!(*height, layer + 1, "{about}"),
                Some(_) => assert!((1..=layers).contains(height), "{about}"),
                None if name.contains("rel") => assert_eq!(*height, layers, "{about}"),
                None if name.contains("conv") => assert_eq!(*height, 1, "{about}"),
                None if name.contains("mbed") => assert_eq!(*height, 0, "{about}"),
                None => {}
            }
        }
        let head = model.names().of_head("weight");
        assert_eq!(heights[&head], layers + 1);
        assert!((0..=layers + 1).all(|at| are_shared || heights.values().any(|h| *h == at)));
        checked += 1;
    }
    assert!(checked >= 8, "{checked} families");
}
