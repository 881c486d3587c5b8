//! The conditional random field: its sums equal those over every sequence, and a run learns, keeps and uses
//! its transitions.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use serde_json::Value;
use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::sync::atomic::Ordering;
use support::{
    Small, assert_begins_again, assert_resumes_to_the_bit, fixture, losses, only, sentences,
    warnings, watched,
};
use tagsmith_corpus::{Document, Scheme};
use tagsmith_encoder::burn::tensor::{Device, Tensor, TensorData};
use tagsmith_protocol::Decoding;
use tagsmith_tagger::crf::{self, Crf, log_marginals};
use tagsmith_tagger::decode::{Emissions, decode};
use tagsmith_tagger::example::Example;
use tagsmith_tagger::tags::TagSet;
use tagsmith_tagger::transitions::Transitions;
use tagsmith_tagger::window::Window;
use tagsmith_tagger::{PredictOptions, Tagger, train};
use tagsmith_testing::json;

fn floats(row: &Value) -> Vec<f32> {
    let numbers = row.as_array().unwrap().iter();
    numbers.map(|x| x.as_f64().unwrap_or(-1.0) as f32).collect()
}

fn rows(rows: &Value) -> Vec<Vec<f32>> {
    rows.as_array().unwrap().iter().map(floats).collect()
}

/// The fixture, with its tags and their transitions.
fn reference() -> (Value, TagSet) {
    let reference = json(&fixture("crf.json"));
    let names = reference["tags"].as_array().unwrap().iter();
    let names = names
        .map(|name| name.as_str().unwrap().to_owned())
        .collect();
    let tags = TagSet::from_names(names, Some(Scheme::Iob2)).unwrap();
    let scores = rows(&reference["transitions"]);
    let edge = tags.len();
    let score =
        |from: Option<usize>, to: Option<usize>| scores[from.unwrap_or(edge)][to.unwrap_or(edge)];
    let learned = tags.transitions().clone().with_scores(score);
    (reference, tags.with_learned(learned))
}

/// An example of `words` neighbouring words with these right tags.
fn example(right: &[usize], opens: bool, closes: bool) -> Example {
    let first = usize::from(!opens);
    Example {
        window: Window {
            document: 0,
            ids: vec![0; right.len() + 2],
            scored: (0..right.len()).map(|at| (at + 1, first + at)).collect(),
            reaches_end: closes,
        },
        targets: right.to_vec(),
    }
}

fn close(found: &[f32], expected: &[f32], most: f32, about: &str) {
    assert_eq!(found.len(), expected.len(), "{about}");
    for (found, expected) in found.iter().zip(expected) {
        let is_close = found == expected || (found - expected).abs() < most;
        assert!(is_close, "{about}: {found} {expected}");
    }
}

/// The loss of some examples and its gradients by logits and transitions.
fn differentiated(
    transitions: &Transitions,
    logits: &[Vec<f32>],
    examples: &[&Example],
    scale: f64,
) -> (f32, Vec<f32>, Vec<f32>) {
    let device = Device::flex().autodiff();
    let shape = [logits.len(), transitions.tags()];
    let leaf = Tensor::<2>::from_data(TensorData::new(logits.concat(), shape), &device);
    let leaf = leaf.require_grad();
    let (loss, of_transitions) = crf::loss(transitions, leaf.clone(), examples, 1.0, scale);
    let gradients = loss.backward();
    let gradient = leaf.grad(&gradients).unwrap();
    (
        loss.into_scalar::<f32>(),
        gradient.into_data().try_to_vec().unwrap(),
        of_transitions.iter().map(|x| *x as f32).collect(),
    )
}

#[test]
fn the_loss_its_gradients_marginals_and_the_best_sequence_equal_those_over_every_sequence() {
    let (reference, tags) = reference();
    let transitions = tags.transitions();
    let cases = reference["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 6);
    let (mut all_logits, mut all_examples, mut all_losses) = (Vec::new(), Vec::new(), 0.0);
    for case in cases {
        let about = format!("{}", case["emissions"]);
        let (opens, closes) = (case["opens"] == true, case["closes"] == true);
        let emissions = rows(&case["emissions"]);
        let path =
            |name: &str| -> Vec<usize> { serde_json::from_value(case[name].clone()).unwrap() };
        let example = example(&path("right"), opens, closes);
        let expected = -case["log_likelihood"].as_f64().unwrap() as f32;
        // As in f16, where losses are scaled; transitions are not.
        for scale in [1.0, 1024.0] {
            let (loss, of_logits, of_transitions) =
                differentiated(transitions, &emissions, &[&example], scale);
            let scaled = |values: Vec<f32>| values.iter().map(|x| x * scale as f32).collect();
            close(&[loss / scale as f32], &[expected], 1e-5, &about);
            let expected: Vec<f32> = scaled(rows(&case["of_emissions"]).concat());
            let expected: Vec<f32> = expected.iter().map(|x| -x).collect();
            close(&of_logits, &expected, 1e-6 * scale as f32, &about);
            let expected = rows(&case["of_transitions"]).concat();
            let expected: Vec<f32> = expected.iter().map(|x| -x).collect();
            close(&of_transitions, &expected, 1e-6, &about);
        }
        let emitted: Vec<&[f32]> = emissions.iter().map(Vec::as_slice).collect();
        let sums = Crf::new(transitions).sums(&emitted, opens, closes);
        let log_partition = case["log_partition"].as_f64().unwrap();
        assert!((sums.log_partition - log_partition).abs() < 1e-5, "{about}");
        let marginals: Vec<f32> = sums.marginals.concat().iter().map(|p| *p as f32).collect();
        close(&marginals, &rows(&case["marginals"]).concat(), 1e-6, &about);
        if opens && closes {
            let whole: Emissions = emissions.iter().cloned().map(Some).collect();
            assert_eq!(
                decode(&whole, &tags, Decoding::Viterbi),
                path("best"),
                "{about}"
            );
            let logs = log_marginals(&whole, transitions, tags.outside());
            let logs: Vec<f32> = logs.into_iter().flatten().flatten().map(f32::exp).collect();
            close(&logs, &marginals, 1e-6, &about);
        }
        all_logits.extend(emissions);
        all_examples.push(example);
        all_losses += expected;
    }
    // Of unequal lengths in one batch.
    let examples: Vec<&Example> = all_examples.iter().collect();
    let (loss, ..) = differentiated(transitions, &all_logits, &examples, 1.0);
    assert!(
        (loss / all_losses - 1.0).abs() < 1e-6,
        "{loss} {all_losses}"
    );
}

fn random(seed: &Cell<u64>) -> f32 {
    let next = seed.get().wrapping_mul(6364136223846793005);
    seed.set(next.wrapping_add(1442695040888963407));
    ((seed.get() >> 40) as f32 / (1 << 24) as f32 - 0.5) * 8.0
}

#[test]
fn marginals_add_up_and_no_sequence_is_worth_more_than_all_of_them() {
    let labels = ["X".to_owned(), "Y".to_owned()];
    for scheme in [Scheme::Iob2, Scheme::Iob1, Scheme::Io, Scheme::Bioes] {
        let tags = TagSet::new(&labels, scheme);
        let seed = Cell::new(5);
        for words in [1, 2, 7, 300] {
            let transitions = tags.transitions().clone().with_scores(|_, _| random(&seed));
            let rows: Vec<Vec<f32>> = (0..words)
                .map(|_| (0..tags.len()).map(|_| 5.0 * random(&seed)).collect())
                .collect();
            let emissions: Vec<&[f32]> = rows.iter().map(Vec::as_slice).collect();
            let crf = Crf::new(&transitions);
            let sums = crf.sums(&emissions, true, true);
            for marginals in &sums.marginals {
                assert!((marginals.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            }
            let expected: f64 = sums.transitions.iter().sum();
            assert!((expected - (words + 1) as f64).abs() < 1e-6, "{expected}");
            let whole: Emissions = rows.iter().cloned().map(Some).collect();
            let learned = tags.clone().with_learned(transitions.clone());
            let best = decode(&whole, &learned, Decoding::Viterbi);
            let score = |path: &[usize]| crf.score(&emissions, path, true, true);
            assert!(score(&best) <= sums.log_partition + 1e-9);
            assert!(score(&vec![tags.outside(); words]) <= score(&best) + 1e-3);
        }
    }
}

/// Logits of a certain model, which are far apart, and a gradient that is 0 where there is nothing to learn.
#[test]
fn trap_large_logits_give_finite_sums() {
    let (_, tags) = reference();
    let row = |right: usize| {
        (0..5)
            .map(|tag| if tag == right { 300.0 } else { -300.0 })
            .collect()
    };
    let logits: Vec<Vec<f32>> = vec![row(1), row(2), row(0)];
    for right in [[1, 2, 0], [0, 3, 3]] {
        let (loss, of_logits, of_transitions) = differentiated(
            tags.transitions(),
            &logits,
            &[&example(&right, true, true)],
            1.0,
        );
        let is_right = right == [1, 2, 0];
        assert!(loss.is_finite() && is_right == (loss < 1e-3), "{loss}");
        let all = of_logits.iter().chain(&of_transitions);
        assert!(all.clone().all(|x| x.is_finite()), "{of_logits:?}");
        assert!(!is_right || all.clone().all(|x| x.abs() < 1e-3));
    }
}

/// A word without pieces parts what stands around it, and so does the edge of a window.
#[test]
fn only_neighbours_in_the_document_are_a_chain() {
    let mut example = example(&[0, 1, 2, 0], true, true);
    example.window.scored[3].1 = 4;
    let chains = |example: &Example| -> Vec<_> {
        let chains = example.chains().into_iter();
        chains
            .map(|chain| (chain.words, chain.opens, chain.closes))
            .collect()
    };
    assert_eq!(chains(&example), [(0..3, true, false), (3..4, false, true)]);
    example.window.reaches_end = false;
    example
        .window
        .scored
        .iter_mut()
        .for_each(|(_, word)| *word += 1);
    assert_eq!(
        chains(&example),
        [(0..3, false, false), (3..4, false, false)]
    );
}

fn small() -> Small {
    let mut small = Small::new();
    small.config.crf = true;
    small
}

fn learned(model: &Path) -> Vec<u8> {
    fs::read(model.join("crf.safetensors")).unwrap()
}

#[test]
fn trap_a_run_with_transitions_resumes_to_the_bit() {
    let small = small();
    let events = assert_resumes_to_the_bit(&small, [8, 12, 1]);
    for run in ["stopped-8", "stopped-12", "stopped-1"] {
        let model = |run: &str| learned(&small.out(run).join("model"));
        assert_eq!(model(run), model("whole"));
    }
    assert_eq!(events[0]["config"]["crf_learning_rate"], 0.1);
}

#[test]
fn trap_the_second_half_of_a_run_begins_with_new_transitions() {
    let mut small = small();
    small.config.dev = None;
    small.config.refit = Some(true);
    let events = assert_resumes_to_the_bit(&small, [15, 20]);
    let model = |run: &str| learned(&small.out(run).join("model"));
    assert_eq!(model("stopped-15"), model("whole"));
    // The first step of each half has the rate 0 and leaves them as they were.
    let steps = only(&events, "step").into_iter();
    let firsts: Vec<&Value> = steps.filter(|step| step["lr"] == 0.0).collect();
    let begun = usize::try_from(firsts[1]["step"].as_u64().unwrap()).unwrap();
    small.train("begun", Some(begun)).0.unwrap();
    let checkpoint = small.out(&format!("begun/checkpoints/step-{begun:08}-refit"));
    let fresh = tempfile::tempdir().unwrap();
    let tags = TagSet::new(&["LOC".into()], Scheme::Iob2);
    crf::write(fresh.path(), tags.transitions()).unwrap();
    assert_eq!(learned(&checkpoint), learned(fresh.path()));
}

#[test]
fn a_run_killed_before_its_first_checkpoint_begins_with_the_same_transitions() {
    let small = small();
    let model = assert_begins_again(&small).join("model");
    assert_eq!(learned(&model), learned(&small.out("whole/model")));
}

/// Memory runs out in the first pass: from then on batches go through in halves.
#[test]
fn micro_batches_add_up_also_where_documents_are_longer_than_a_window() {
    let mut small = small();
    small.config.dropout = Some(0.0);
    let text = sentences(23).replace("\n\nin", "\nin");
    fs::write(&small.config.train, text).unwrap();
    small.config.max_length = 12;
    small.config.overlap = Some(2);
    let run = |name: &str, failing: usize| {
        let (result, events) = watched(None, |control, listener| {
            control.failing_passes.store(failing, Ordering::Relaxed);
            train(small.config.clone(), &small.out(name), control, listener)
        });
        result.unwrap();
        events
    };
    let (whole, halves) = (run("whole", 0), run("halves", 1));
    assert_eq!(warnings(&whole, "long-document").len(), 1);
    assert_eq!(warnings(&halves, "memory").len(), 1);
    let numbers = |events: &[Value]| -> Vec<f32> {
        let bits = losses(events).into_iter();
        bits.map(|(_, bits)| f64::from_bits(bits) as f32).collect()
    };
    let first = numbers(&whole)[0];
    close(&numbers(&halves)[..1], &[first], 1e-5, "the first loss");
    close(
        &numbers(&halves),
        &numbers(&whole),
        1e-2 * first,
        "all losses",
    );
}

#[test]
fn a_model_is_used_with_its_transitions_and_trained_further_from_them() {
    let mut small = small();
    small.config.epochs = Some(6);
    small.train("run", None).0.unwrap();
    let model = small.out("run/model");
    let card = fs::read_to_string(model.join("README.md")).unwrap();
    assert!(card.contains("crf.safetensors"), "{card}");

    let load = || Tagger::load(&model, None, &Device::flex()).unwrap();
    let tagger = load();
    let transitions = tagger.tags.learned().unwrap();
    assert!(
        !transitions.allows(None, Some(2)),
        "the scheme still forbids what it did"
    );
    assert!(transitions.score(Some(1), Some(2)).abs() > 1e-3);
    let documents = [Document::from_text("the oslo berg in the port")];
    let options = PredictOptions::default();
    let predicted = |tagger: &Tagger| tagger.predict(&documents, &options, |_, _| ()).unwrap();
    let found = predicted(&tagger);
    for row in found[0].emissions.iter().flatten() {
        let sum: f32 = row.iter().map(|log| log.exp()).sum();
        assert!((sum - 1.0).abs() < 1e-4, "{row:?}");
    }
    // A transition that costs everything: no entity is found any more.
    let never = transitions
        .clone()
        .with_scores(|from, to| match (from, to) {
            (_, Some(1)) => -100.0,
            _ => 0.0,
        });
    let mut changed = load();
    changed.tags = changed.tags.with_learned(never);
    assert!(!found[0].spans.is_empty() && predicted(&changed)[0].spans.is_empty());

    let mut further = Small::new();
    further.config.model = model.clone();
    let (_, events) = further.train("without", None);
    let said = warnings(&events, "head");
    assert!(said.iter().any(|text| text.contains("`crf`")), "{said:?}");
    assert!(!further.out("without/model/crf.safetensors").exists());
    further.config.crf = true;
    further.config.learning_rate = Some(1e-9);
    further.train("with", None).0.unwrap();
    let again = Tagger::load(&further.out("with/model"), None, &Device::flex()).unwrap();
    let (again, before) = (
        again.tags.learned().unwrap(),
        tagger.tags.learned().unwrap(),
    );
    close(
        again.scores(),
        before.scores(),
        1e-3,
        "transitions taken over",
    );
}

#[test]
fn damaged_transitions_are_refused_with_what_was_found() {
    let small = small();
    small.train("run", None).0.unwrap();
    let model = small.out("run/model");
    let other = TagSet::new(&["A".into(), "B".into()], Scheme::Iob2);
    crf::write(&model, other.transitions()).unwrap();
    let refused = Tagger::load(&model, None, &Device::flex()).err().unwrap();
    let text = refused.to_string();
    assert!(text.contains("[5, 5], expected [3, 3]"), "{text}");
    fs::write(model.join("crf.safetensors"), "no").unwrap();
    let refused = Tagger::load(&model, None, &Device::flex()).err().unwrap();
    assert!(refused.to_string().contains("crf.safetensors"), "{refused}");
}
