//! The models of several runs as one: an average of their weights, an ensemble, and what does not go together.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use support::{Small, sentences};
use tagsmith_corpus::Document;
use tagsmith_encoder::burn::tensor::Device;
use tagsmith_encoder::weights::Weights;
use tagsmith_protocol::{Combination, Diagnose};
use tagsmith_tagger::combine::{combine, score};
use tagsmith_tagger::{PredictOptions, Prediction, Tagger};

/// Runs with these seeds that begin with the same weights.
fn runs(small: &mut Small, seeds: &[u64]) -> Vec<PathBuf> {
    small.config.init_seed = Some(7);
    let run = |seed: &u64| {
        small.config.seed = *seed;
        let name = format!("seed-{seed}");
        small.train(&name, None).0.unwrap();
        small.out(&name)
    };
    seeds.iter().map(run).collect()
}

fn tensors(file: &Path) -> BTreeMap<String, Vec<f32>> {
    let weights = Weights::from_safetensors(file).unwrap();
    let read = |(name, weight): (&String, &tagsmith_encoder::weights::Weight)| {
        (name.clone(), weight.read(name).unwrap())
    };
    weights.tensors.iter().map(read).collect()
}

fn load(model: &Path) -> Tagger {
    Tagger::load(model, None, &Device::flex()).unwrap()
}

fn predicted(tagger: &Tagger) -> Vec<Prediction> {
    let texts = ["the oslo berg in the port", "in ship", "\u{200e} at oslo"];
    let documents = texts.map(Document::from_text);
    let options = PredictOptions::default();
    let (mut last, mut all) = (0, 0);
    let found = tagger.predict(&documents, &options, |done, of| (last, all) = (done, of));
    assert_eq!((last, all), (all, 3 * (1 + tagger.others.len())));
    found.unwrap()
}

#[test]
fn runs_with_one_initialisation_seed_begin_with_the_same_head_and_learn_another_course() {
    let mut small = Small::new();
    small.config.epochs = Some(1);
    small.config.learning_rate = Some(1e-12);
    let head = |run: &Path| {
        tensors(&run.join("model/model.safetensors"))
            .remove("classifier.weight")
            .unwrap()
    };
    let [a, b] = [1, 2].map(|seed| runs(&mut small, &[seed]).remove(0));
    let same = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9);
    assert!(same(&head(&a), &head(&b)));
    small.config.init_seed = None;
    let apart = [3, 4].map(|seed| {
        small.config.seed = seed;
        let name = format!("apart-{seed}");
        small.train(&name, None).0.unwrap();
        head(&small.out(&name))
    });
    assert!(!same(&apart[0], &apart[1]));
    let events = |run: &Path| fs::read_to_string(run.join("events.jsonl")).unwrap();
    let losses = |run: &Path| -> Vec<String> {
        let of_step = |line: &&str| line.contains(r#""event":"step""#);
        let loss = |line: &str| line.split(r#""loss":"#).nth(1).unwrap()[..12].to_owned();
        events(run).lines().filter(of_step).map(loss).collect()
    };
    assert_ne!(losses(&a), losses(&b));
}

#[test]
fn an_average_has_the_mean_of_all_weights_and_is_a_model_like_any_other() {
    let mut small = Small::new();
    small.config.crf = true;
    small.config.test = Some(small.out("test.conll"));
    fs::write(small.out("test.conll"), sentences(5)).unwrap();
    let runs = runs(&mut small, &[1, 2, 3]);
    let model = small.out("model");
    fs::create_dir(&model).unwrap();
    fs::write(model.join("stale"), "").unwrap();
    combine(Combination::Average, &runs, &model).unwrap();
    assert!(!model.join("stale").exists());
    for file in ["model.safetensors", "crf.safetensors"] {
        let each: Vec<_> = runs
            .iter()
            .map(|run| tensors(&run.join("model").join(file)))
            .collect();
        for (name, found) in tensors(&model.join(file)) {
            for (at, found) in found.iter().enumerate() {
                let sum: f64 = each.iter().map(|one| f64::from(one[&name][at])).sum();
                let expected = sum / 3.0;
                let error = (f64::from(*found) - expected).abs();
                assert!(error <= 1e-6 * expected.abs().max(1e-3), "{name} {at}");
            }
        }
        assert_ne!(tensors(&model.join(file)), each[0]);
    }
    let tagger = load(&model);
    assert!(tagger.others.is_empty() && tagger.tags.learned().is_some());
    predicted(&tagger);

    let scores = score(
        Combination::Average,
        &runs,
        &model,
        &Device::flex(),
        |_, _| (),
    )
    .unwrap();
    assert_eq!(
        (
            scores.dev.unwrap().documents,
            scores.test.unwrap().documents
        ),
        (7, 5)
    );
    let card = fs::read_to_string(model.join("README.md")).unwrap();
    assert!(
        card.contains("Of 3 runs that differ in their seed. The weights are the mean"),
        "{card}"
    );
    assert!(
        card.contains("seeds 1, 2, 3") && card.contains("## Scores on test"),
        "{card}"
    );
    // It can be trained further, as any model can.
    small.config.model = model;
    small.config.test = None;
    small.train("further", None).0.unwrap();
}

/// The models of an ensemble by themselves, with transitions and without, whose probabilities are averaged by hand.
#[test]
fn an_ensemble_decides_by_the_mean_of_its_models_probabilities() {
    for crf in [false, true] {
        let mut small = Small::new();
        small.config.crf = crf;
        let runs = runs(&mut small, &[1, 2, 3]);
        let model = small.out("model");
        combine(Combination::Ensemble, &runs, &model).unwrap();
        let each: Vec<_> = runs
            .iter()
            .map(|run| predicted(&load(&run.join("model"))))
            .collect();
        let tagger = load(&model);
        assert_eq!(tagger.others.len(), 2);
        let together = predicted(&tagger);
        for (document, found) in together.iter().enumerate() {
            for (word, row) in found.emissions.iter().enumerate() {
                let rows = each.iter().map(|one| &one[document].emissions[word]);
                let rows: Vec<&Vec<f32>> = rows.flatten().collect();
                let Some(row) = row else {
                    assert!(rows.is_empty(), "{word} of {document}");
                    continue;
                };
                for (tag, log) in row.iter().enumerate() {
                    let sum: f64 = rows.iter().map(|row| f64::from(row[tag]).exp()).sum();
                    let found = f64::from(log.exp());
                    assert!((found - sum / 3.0).abs() < 1e-6, "{found} {sum}");
                }
            }
            // The scheme's own transitions alone: no entity begins inside.
            let starts_inside = found
                .ids
                .first()
                .is_some_and(|id| tagger.tags.names()[*id].starts_with("I-"));
            assert!(!starts_inside);
        }
        let scores = score(
            Combination::Ensemble,
            &runs,
            &model,
            &Device::flex(),
            |_, _| (),
        );
        let scores = scores.unwrap();
        assert!(scores.dev.is_some() && scores.test.is_none());
        let card = fs::read_to_string(model.join("README.md")).unwrap();
        assert!(
            card.contains("`member-1`") && card.contains("PATH/member-1"),
            "{card}"
        );

        // To train it further, one of its models is to be named.
        small.config.model = model.clone();
        let refused = small.train("further", None).0.unwrap_err();
        assert!(
            refused.to_string().contains("an ensemble of 3 models"),
            "{refused}"
        );
        assert!(refused.hint().unwrap().contains("member-1"));
        small.config.model = model.join("member-2");
        small.train("again", None).0.unwrap();
    }
}

/// What no run has held out for all of them cannot be scored as unseen.
#[test]
fn without_a_dev_file_only_test_is_scored() {
    let mut small = Small::new();
    small.config.dev = None;
    let runs = runs(&mut small, &[1, 2]);
    let model = small.out("model");
    combine(Combination::Average, &runs, &model).unwrap();
    let scores = score(
        Combination::Average,
        &runs,
        &model,
        &Device::flex(),
        |_, _| (),
    )
    .unwrap();
    assert!(scores.dev.is_none() && scores.test.is_none());
}

#[test]
fn models_that_do_not_go_together_are_refused_and_nothing_is_replaced() {
    let mut small = Small::new();
    let mut all = runs(&mut small, &[1]);
    let text = fs::read_to_string(&small.config.train).unwrap();
    fs::write(&small.config.train, text.replace("LOC", "PLACE")).unwrap();
    all.extend(runs(&mut small, &[2]));
    let model = small.out("model");
    fs::create_dir(&model).unwrap();
    fs::write(model.join("mine"), "").unwrap();
    for how in [Combination::Average, Combination::Ensemble] {
        let refused = combine(how, &all, &model).unwrap_err();
        let said = refused.to_string();
        assert!(
            said.contains("seed-2") && said.contains("config.json differs"),
            "{said}"
        );
        assert_eq!(refused.code(), "model");
    }
    assert!(model.join("mine").exists());

    // An ensemble that was put together by hand.
    combine(Combination::Ensemble, &all[..1], &model).unwrap();
    let other = model.join("member-2");
    fs::create_dir(&other).unwrap();
    for entry in fs::read_dir(all[1].join("model")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, other.join(path.file_name().unwrap())).unwrap();
    }
    let list = |text: &str| fs::write(model.join("ensemble.json"), text).unwrap();
    list(r#"{"members": ["member-1", "member-2"]}"#);
    let refused = Tagger::load(&model, None, &Device::flex()).err().unwrap();
    assert!(
        refused.to_string().contains("its labels differ"),
        "{refused}"
    );
    list(r#"{"members": ["member-1", "member-3"]}"#);
    let refused = Tagger::load(&model, None, &Device::flex()).err().unwrap();
    assert!(refused.to_string().contains("member-3"), "{refused}");
    list(r#"{"members": ["../seed-1/model"]}"#);
    let refused = Tagger::load(&model, None, &Device::flex()).err().unwrap();
    assert!(
        refused.to_string().contains("outside the folder"),
        "{refused}"
    );
}
