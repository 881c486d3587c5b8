//! Whole runs on a tiny model: the folder, the events, seeds, stopping, resuming, bad input.
//!
//! One file, as all cases are variations of one small run.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use support::{A_BATCH, Small, assert_begins_again, losses, only, sentences, watched, weights};
use tagsmith_corpus::{Document, Scheme, read};
use tagsmith_encoder::burn::tensor::Device;
use tagsmith_encoder::weights::Weights;
use tagsmith_encoder::{Precision, device};
use tagsmith_protocol::Diagnose;
use tagsmith_protocol::{Event, TimestampedEvent, TrainConfig};
use tagsmith_tagger::{Control, Error, Outcome, PredictOptions, Tagger, Tokenizer, resume, train};
use tagsmith_testing::{json, tiny};

#[test]
fn a_run_leaves_its_folder_and_tells_its_story_in_order() {
    let mut small = Small::new();
    small.config.test = small.config.dev.clone();
    let (result, events) = small.train("run", None);
    assert_eq!(result.unwrap(), Outcome::Finished);
    let out = small.out("run");

    assert_eq!(events[0]["event"], "started");
    assert_eq!(events.last().unwrap()["event"], "finished");
    assert_eq!(events[0]["steps"], 18);
    assert_eq!(only(&events, "step").len(), 18);
    assert_eq!(
        only(&events, "evaluated").len(),
        4,
        "three epochs of dev, then test"
    );
    assert_eq!(only(&events, "checkpoint").len(), 3);
    assert!(events.iter().all(|event| event["time"].is_string()));
    for key in [
        "step",
        "epoch",
        "loss",
        "lr",
        "tokens_per_second",
        "memory_bytes",
        "eta_seconds",
    ] {
        assert!(only(&events, "step")[0][key].is_number(), "{key}");
    }
    let logged = fs::read_to_string(out.join("events.jsonl")).unwrap();
    let logged: Vec<Value> = logged
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(logged, events);

    let run = json(&out.join("run.json"));
    assert_eq!(run["config"]["epochs"], 3);
    // Two data files, as dev and test are one, and four of the model and its tokenizer.
    let hashed = run["sha256"].as_object().unwrap();
    for name in [
        "train.conll",
        "dev.conll",
        "config.json",
        "tokenizer.json",
        "model.safetensors",
    ] {
        assert!(hashed.keys().any(|path| path.ends_with(name)), "{name}");
    }
    let report = json(&out.join("report.json"));
    let metrics = &report["splits"]["test"]["metrics"];
    assert_eq!(metrics["convention"], "conlleval");
    assert!(metrics["overall"]["f1"].is_number() && metrics["labels"]["LOC"].is_object());
    for name in [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
        "vocab.txt",
        "README.md",
    ] {
        assert!(out.join("model").join(name).exists(), "{name}");
    }
    let config = json(&out.join("model/config.json"));
    assert_eq!(
        config["id2label"],
        serde_json::json!({"0": "O", "1": "B-LOC", "2": "I-LOC"})
    );
    assert_eq!(config["architectures"][0], "BertForTokenClassification");
}

#[test]
fn a_file_in_its_folder_stops_a_run_and_does_not_stop_the_next_session() {
    let small = Small::new();
    let out = small.out("asked");
    let (result, events) = watched(None, |control, listener| {
        let mut ask = |event: &TimestampedEvent| {
            if let Event::Step { step: 3, .. } = &event.event {
                std::fs::write(out.join("stop"), "").unwrap();
            }
            listener(event);
        };
        train(small.config.clone(), &out, control, &mut ask)
    });
    assert_eq!(result.unwrap(), Outcome::Stopped);
    assert_eq!(events.last().unwrap()["step"], 3);
    let (result, _) = watched(None, |control, listener| resume(&out, control, listener));
    assert_eq!(result.unwrap(), Outcome::Finished);
    assert!(!out.join("stop").exists());
}

#[test]
fn trap_the_seed_reaches_everything_and_fixes_every_bit() {
    let mut small = Small::new();
    let (_, first) = small.train("a", None);
    let (_, again) = small.train("b", None);
    assert_eq!(losses(&first), losses(&again));
    assert_eq!(weights(&small.out("a")), weights(&small.out("b")));
    small.config.seed = 43;
    let (_, other) = small.train("c", None);
    assert_ne!(losses(&first), losses(&other));
}

/// The head, and the order of the sentences, are the same for all seeds here.
#[test]
fn trap_the_seed_reaches_dropout() {
    let mut small = Small::new();
    fs::write(&small.config.train, A_BATCH).unwrap();
    small.config.init_seed = Some(7);
    small.config.epochs = Some(1);
    let mut loss = |seed, dropout| {
        (small.config.seed, small.config.dropout) = (seed, Some(dropout));
        let (_, events) = small.train(&format!("{seed}-{dropout}"), None);
        only(&events, "step")[0]["loss"].as_f64().unwrap()
    };
    assert!((loss(1, 0.0) - loss(2, 0.0)).abs() < 1e-5);
    assert!((loss(1, 0.3) - loss(2, 0.3)).abs() > 1e-3);
}

#[test]
fn trap_a_checkpoint_in_bf16_is_trained_in_whole_precision() {
    let mut small = Small::new();
    small.config.model = tiny("bert-bf16");
    small.config.learning_rate = Some(1e-5);
    small.config.weight_decay = 0.0;
    small.train("run", None).0.unwrap();
    let read = |folder: &Path| Weights::from_folder(folder).unwrap();
    let (before, after) = (
        read(&small.config.model),
        read(&small.out("run").join("model")),
    );
    let mut moved = 0;
    for (name, weight) in &after.tensors {
        let old = before.tensors.get(name);
        let Some(old) = old.filter(|_| name.contains("encoder") && name.ends_with("weight")) else {
            continue;
        };
        let pairs = old
            .read(name)
            .unwrap()
            .into_iter()
            .zip(weight.read(name).unwrap());
        for (old, new) in pairs {
            assert!((old - new).abs() < 1e-3, "{name}: {old} {new}");
            // Less than half a step of bf16, in which it would be lost.
            moved += usize::from(old != new && (old - new).abs() < old.abs() / 512.0);
        }
    }
    assert!(moved > 1000, "{moved}");
    let header = fs::read(small.out("run/model/model.safetensors")).unwrap();
    let header = String::from_utf8_lossy(&header[..4096]).into_owned();
    assert!(
        header.contains("\"F32\"") && !header.contains("BF16"),
        "{header}"
    );
}

#[test]
fn trap_a_resumed_run_equals_an_uninterrupted_one_to_the_bit() {
    let small = Small::new();
    let (_, whole) = small.train("whole", None);
    // In the middle of an epoch, at its very end, and in the first step.
    for stop_after in [8, 12, 1] {
        let name = format!("stopped-{stop_after}");
        let (result, mut events) = small.train(&name, Some(stop_after));
        assert_eq!(result.unwrap(), Outcome::Stopped);
        assert_eq!(events.last().unwrap()["event"], "stopped");
        assert!(small.out(&name).join("report.json").exists());
        assert!(small.out(&name).join("model/model.safetensors").exists());
        let (result, rest) = watched(None, |control, listener| {
            resume(&small.out(&name), control, listener)
        });
        assert_eq!(result.unwrap(), Outcome::Finished, "after {stop_after}");
        events.extend(rest);
        assert_eq!(losses(&events), losses(&whole), "after {stop_after}");
        assert_eq!(
            weights(&small.out(&name)),
            weights(&small.out("whole")),
            "after {stop_after}"
        );
    }
}

#[test]
fn a_run_killed_while_it_wrote_a_line_goes_on_with_a_whole_log() {
    let small = Small::new();
    small.train("run", Some(8)).0.unwrap();
    let log = small.out("run").join("events.jsonl");
    let mut text = fs::read_to_string(&log).unwrap();
    text.push_str("{\"event\":\"step\",\"st");
    fs::write(&log, text).unwrap();
    let (result, _) = watched(None, |control, listener| {
        resume(&small.out("run"), control, listener)
    });
    assert_eq!(result.unwrap(), Outcome::Finished);
    let text = fs::read_to_string(&log).unwrap();
    assert!(
        text.lines()
            .all(|line| serde_json::from_str::<Value>(line).is_ok())
    );
}

#[test]
fn a_run_killed_before_its_first_checkpoint_starts_again_from_its_folder() {
    assert_begins_again(&Small::new());
}

#[test]
fn trap_touching_entities_are_counted_apart_by_a_model_of_io_tags() {
    let mut small = Small::new();
    small.config.scheme = Scheme::Io;
    fs::write(
        small.config.dev.as_ref().unwrap(),
        "the\tO\noslo\tB-LOC\nport\tB-LOC\n\n",
    )
    .unwrap();
    small.train("run", None).0.unwrap();
    let report = json(&small.out("run").join("report.json"));
    let metrics = &report["splits"]["dev"]["metrics"];
    assert_eq!(metrics["overall"]["support"], 2, "conlleval counts two");
}

#[test]
fn trap_the_score_stands_beside_its_convention_and_the_shared_documents() {
    let small = Small::new();
    small.train("run", None).0.unwrap();
    let report = json(&small.out("run").join("report.json"));
    assert_eq!(report["convention"], "conlleval");
    let dev = &report["splits"]["dev"];
    assert_eq!(dev["metrics"]["convention"], "conlleval");
    assert_eq!(dev["shared_with_train"], 7);
    let card = fs::read_to_string(small.out("run/model/README.md")).unwrap();
    assert!(
        card.contains("`conlleval`") && card.contains("7 of these documents"),
        "{card}"
    );
}

#[test]
fn trap_a_word_in_several_pieces_gets_one_tag_and_entities_end_at_word_edges() {
    let mut small = Small::new();
    let tagger = tagger(&mut small);
    // `oslon` and `shipping` are one word of several pieces each.
    let document = Document::from_text("the oslon in oslo shipping berg");
    let prediction = tagger
        .predict(
            std::slice::from_ref(&document),
            &PredictOptions::default(),
            |_, _| (),
        )
        .unwrap()
        .remove(0);
    assert_eq!(prediction.ids.len(), 6, "one tag a word");
    for span in &prediction.spans {
        assert!(document.words.iter().any(|word| word.start == span.start));
        assert!(document.words.iter().any(|word| word.end == span.end));
    }
}

#[test]
fn a_cased_word_list_stays_cased_for_transformers() {
    let mut small = Small::new();
    let base = small.out("cased");
    fs::create_dir(&base).unwrap();
    for name in ["config.json", "model.safetensors", "vocab.txt"] {
        fs::copy(small.config.model.join(name), base.join(name)).unwrap();
    }
    let vocabulary = fs::read_to_string(base.join("vocab.txt")).unwrap();
    fs::write(
        base.join("vocab.txt"),
        vocabulary.replace("\nthe\n", "\nThe\n"),
    )
    .unwrap();
    small.config.model = base;
    small.train("run", None).0.unwrap();
    let written = json(&small.out("run/model/tokenizer_config.json"));
    assert_eq!(written["do_lower_case"], false);
    let fast = json(&small.out("run/model/tokenizer.json"));
    assert_eq!(fast["normalizer"]["lowercase"], false);
}

/// A copy of the tiny model with another file in it.
fn changed_base(small: &Small, name: &str, content: &str) -> PathBuf {
    let base = small.out("base");
    fs::create_dir(&base).unwrap();
    for entry in fs::read_dir(&small.config.model).unwrap().flatten() {
        fs::copy(entry.path(), base.join(entry.file_name())).unwrap();
    }
    fs::write(base.join(name), content).unwrap();
    base
}

#[test]
fn trap_a_tokenizer_whose_files_contradict_each_other_is_told_once() {
    let mut small = Small::new();
    let says = "{\"tokenizer_class\": \"BertTokenizer\", \"do_lower_case\": false}";
    small.config.model = changed_base(&small, "tokenizer_config.json", says);
    let (result, events) = small.train("run", None);
    result.unwrap();
    let told = only(&events, "warning");
    let told: Vec<_> = told
        .iter()
        .filter(|event| event["code"] == "tokenizer-rebuilt")
        .collect();
    assert_eq!(told.len(), 1);
    let log = fs::read_to_string(small.out("run/events.jsonl")).unwrap();
    assert_eq!(log.matches("tokenizer-rebuilt").count(), 1);
    let written = json(&small.out("run/model/tokenizer.json"));
    assert_eq!(written["normalizer"]["lowercase"], false);
}

#[test]
fn trap_placeholders_in_a_text_are_learned_as_one_word() {
    let small = Small::new();
    // The tiny model's vocabulary is full: one of its pieces serves as an added token.
    let base = changed_base(&small, "added_tokens.json", "{\"berg\": 0}");
    let list = fs::read_to_string(base.join("vocab.txt")).unwrap();
    let id = list.lines().position(|piece| piece == "berg").unwrap();
    fs::write(
        base.join("added_tokens.json"),
        format!("{{\"berg\": {id}}}"),
    )
    .unwrap();
    fs::remove_file(base.join("tokenizer.json")).unwrap();
    let tokenizer = Tokenizer::from_folder(&base).unwrap();
    let documents = [Document::from_text("the bergen ship")];
    let mut kept = documents.clone();
    tokenizer.keep_added_tokens(&mut kept);
    assert_eq!((documents[0].words.len(), kept[0].words.len()), (3, 4));
    let text = small.out("train.jsonl");
    let line = "{\"text\": \"the bergen ship\", \"entities\": [[4, 8, \"LOC\"]]}\n";
    fs::write(&text, line.repeat(8)).unwrap();
    let config = TrainConfig {
        model: base,
        train: text.clone(),
        dev: Some(text),
        ..small.config.clone()
    };
    let (result, events) = watched(None, |control, listener| {
        train(config, &small.out("run"), control, listener)
    });
    result.unwrap();
    // The entity ends inside no word.
    let codes: Vec<_> = only(&events, "warning");
    assert!(codes.iter().all(|event| event["code"] != "moved-span"));
    let report = json(&small.out("run/report.json"));
    assert_eq!(report["splits"]["dev"]["words"], 8 * 4);
}

#[test]
fn dev_data_that_cannot_choose_a_model_is_refused_or_told() {
    let small = Small::new();
    fs::write(small.config.dev.as_ref().unwrap(), "the\tO\nship\tO\n\n").unwrap();
    let (_, events) = small.train("run", None);
    assert!(
        only(&events, "warning")
            .iter()
            .any(|event| event["code"] == "no-entities")
    );
}

#[test]
fn a_finished_run_and_one_with_changed_data_are_not_resumed() {
    let small = Small::new();
    let refused = |name: &str| {
        let (result, events) = watched(None, |control, listener| {
            resume(&small.out(name), control, listener)
        });
        assert_eq!(events.last().unwrap()["event"], "failed");
        result.unwrap_err().to_string()
    };
    small.train("run", None).0.unwrap();
    assert!(refused("run").contains("it is finished"));
    assert!(refused("nothing").contains("run.json cannot be read"));
    small.train("stopped", Some(8)).0.unwrap();
    fs::write(&small.config.train, sentences(5)).unwrap();
    assert!(refused("stopped").contains("has changed since the run began"));
}

#[test]
fn gradient_accumulation_equals_the_larger_batch() {
    let mut small = Small::new();
    small.config.dropout = Some(0.0);
    // One step an epoch, whatever their order.
    fs::write(&small.config.train, A_BATCH).unwrap();
    let (_, large) = small.train("large", None);
    small.config.batch_size = Some(2);
    small.config.gradient_accumulation = 2;
    let (_, parts) = small.train("parts", None);
    assert_eq!(only(&large, "step").len(), only(&parts, "step").len());
    for (a, b) in only(&large, "step").iter().zip(only(&parts, "step")) {
        let (a, b) = (a["loss"].as_f64().unwrap(), b["loss"].as_f64().unwrap());
        assert!((a - b).abs() < 1e-4, "{a} {b}");
    }
}

#[test]
fn frozen_layers_stay_as_they_are_and_the_others_learn() {
    let mut small = Small::new();
    small.config.frozen_layers = 1;
    small.train("run", None).0.unwrap();
    let read = |folder: &Path| Weights::from_folder(folder).unwrap();
    let (before, after) = (
        read(&small.config.model),
        read(&small.out("run").join("model")),
    );
    for (name, weight) in &after.tensors {
        let Some(old) = before
            .tensors
            .get(name)
            .filter(|_| !name.starts_with("classifier"))
        else {
            continue;
        };
        let same = old.read(name).unwrap() == weight.read(name).unwrap();
        let frozen = name.contains("embeddings") || name.contains("layer.0.");
        assert_eq!(same, frozen, "{name}");
    }
    small.config.frozen_layers = 3;
    let refused = small.train("more", None).0.unwrap_err().to_string();
    assert!(refused.contains("`frozen_layers`"), "{refused}");
    assert!(refused.contains("at most 2"), "{refused}");
}

#[test]
fn without_a_dev_file_a_part_is_held_out_and_said() {
    let mut small = Small::new();
    small.config.dev = None;
    let (result, events) = small.train("run", None);
    result.unwrap();
    let documents = &events[0]["documents"];
    assert_eq!(
        documents["train"].as_u64().unwrap() + documents["dev"].as_u64().unwrap(),
        23
    );
    assert!(documents["dev"].as_u64().unwrap() >= 1);
    assert!(
        only(&events, "warning")
            .iter()
            .any(|event| event["code"] == "held-out")
    );
}

#[test]
fn trap_shared_sentences_and_unknown_labels_are_told() {
    let mut small = Small::new();
    let dev = format!("{}berg\tB-SEA\n\n", sentences(3));
    fs::write(small.config.dev.as_ref().unwrap(), dev).unwrap();
    small.config.epochs = Some(1);
    let (result, events) = small.train("run", None);
    result.unwrap();
    let warnings = only(&events, "warning");
    let message = |code: &str| {
        let found = warnings.iter().find(|event| event["code"] == code);
        found.unwrap_or_else(|| panic!("{code}"))["message"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert!(message("overlap").contains("3 of the 4 dev documents"));
    assert!(message("unknown-label").contains("SEA"));
    // The unknown label counts as missed, not as absent.
    let report = json(&small.out("run").join("report.json"));
    assert_eq!(
        report["splits"]["dev"]["metrics"]["labels"]["SEA"]["support"],
        1
    );
}

#[test]
fn early_stopping_waits_for_the_first_entity_and_ends_a_run_that_no_longer_gets_better() {
    let mut small = Small::new();
    small.config.epochs = Some(60);
    small.config.early_stopping_patience = Some(3);
    small.config.learning_rate = Some(3e-3);
    let (result, events) = small.train("run", None);
    assert_eq!(result.unwrap(), Outcome::Finished);
    let f1: Vec<f64> = only(&events, "evaluated")
        .iter()
        .map(|event| event["metrics"]["overall"]["f1"].as_f64().unwrap())
        .collect();
    assert!(
        f1[..4].iter().all(|f1| *f1 == 0.0),
        "nothing is found for longer than the patience"
    );
    let highest = f1.iter().copied().fold(0.0, f64::max);
    let first = f1.iter().position(|f1| *f1 == highest).unwrap();
    assert!(highest > 0.0);
    assert_eq!(f1.len(), first + 1 + 3, "{f1:?}");
    assert!(
        only(&events, "warning")
            .iter()
            .any(|event| event["code"] == "early-stopping")
    );
}

/// A tiny tagger, trained until it finds something.
fn tagger(small: &mut Small) -> Tagger {
    small.config.epochs = Some(40);
    small.config.learning_rate = Some(3e-3);
    small.train("run", None).0.unwrap();
    Tagger::load(&small.out("run/model"), None, &Device::flex()).unwrap()
}

#[test]
fn trap_batch_size_does_not_change_results_and_no_row_is_read_twice() {
    let mut small = Small::new();
    let tagger = tagger(&mut small);
    let documents = read(&small.config.train, &Default::default())
        .unwrap()
        .documents;
    let predict = |batch_size| {
        let options = PredictOptions {
            batch_size,
            max_length: 24,
            stride: 6,
            ..Default::default()
        };
        tagger.predict(&documents, &options, |_, _| ()).unwrap()
    };
    let one = predict(1);
    for size in [2, 7, 32] {
        for (a, b) in one.iter().zip(predict(size)) {
            assert_eq!(a.ids, b.ids, "batch size {size}");
            for (a, b) in a
                .emissions
                .iter()
                .flatten()
                .zip(b.emissions.iter().flatten())
            {
                assert!(
                    a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5),
                    "batch size {size}"
                );
            }
        }
    }
}

/// Of a model whose names do not say whether an entity begins with `B-` or `I-`.
#[test]
fn trap_a_document_alone_gives_what_it_gives_among_others() {
    let mut small = Small::new();
    tagger(&mut small);
    let folder = small.out("run/model");
    let path = folder.join("config.json");
    let mut config = json(&path);
    let names = serde_json::json!({"0": "O", "1": "I-LOC", "2": "B-LOC"});
    assert_eq!(config["id2label"]["1"], "B-LOC");
    config["id2label"] = names;
    config["label2id"] = serde_json::json!({"O": 0, "I-LOC": 1, "B-LOC": 2});
    config.as_object_mut().unwrap().remove("tagsmith");
    fs::write(&path, config.to_string()).unwrap();
    let tagger = Tagger::load(&folder, None, &Device::flex()).unwrap();
    let documents = read(&small.config.train, &Default::default())
        .unwrap()
        .documents;
    let spans = |documents: &[Document]| -> Vec<Vec<(usize, usize)>> {
        let found = tagger
            .predict(documents, &PredictOptions::default(), |_, _| ())
            .unwrap();
        let spans = found.into_iter().map(|one| one.spans);
        spans
            .map(|spans| spans.iter().map(|span| (span.start, span.end)).collect())
            .collect()
    };
    let together = spans(&documents);
    assert!(
        together.iter().all(|spans| !spans.is_empty()),
        "{together:?}"
    );
    for (document, expected) in documents.iter().zip(&together) {
        assert_eq!(spans(std::slice::from_ref(document))[0], *expected);
    }
}

#[test]
fn trap_nothing_is_cut_off_a_document_longer_than_the_window() {
    let mut small = Small::new();
    let tagger = tagger(&mut small);
    let words: Vec<&str> = std::iter::repeat_n(["the", "ship", "in", "oslo"], 40)
        .flatten()
        .collect();
    let document = Document::from_words(&words);
    let options = PredictOptions {
        max_length: 24,
        stride: 6,
        ..Default::default()
    };
    let prediction = tagger
        .predict(&[document], &options, |_, _| ())
        .unwrap()
        .remove(0);
    assert_eq!(prediction.ids.len(), 160);
    assert!(
        prediction.emissions.iter().all(Option::is_some),
        "every word is scored"
    );
}

#[test]
fn trap_offsets_are_exact_in_any_script() {
    let mut small = Small::new();
    let tagger = tagger(&mut small);
    let texts = [
        "the ship in oslo",
        "🎉🎉 oslo!",
        "e\u{301}te\u{301} ship\r\nport",
        "北京oslo東京",
        "שלום oslo",
        "",
        "\u{200e}\u{fe0f}",
        "   ",
        "oslo\u{a0}port",
    ];
    let documents: Vec<Document> = texts
        .iter()
        .map(|text| Document::from_text(*text))
        .collect();
    let predictions = tagger
        .predict(
            &documents,
            &PredictOptions {
                max_length: 24,
                stride: 6,
                ..Default::default()
            },
            |_, _| (),
        )
        .unwrap();
    assert_eq!(predictions.len(), texts.len());
    let mut found = 0;
    for (text, prediction) in texts.iter().zip(&predictions) {
        for span in &prediction.spans {
            let inside = &text[span.start..span.end];
            assert!(
                !inside.is_empty() && inside.trim() == inside,
                "{inside:?} in {text:?}"
            );
            let score = span.score.unwrap();
            assert!((0.0..=1.0).contains(&score));
            found += 1;
        }
    }
    assert!(found > 0, "the trained model finds something");
}

#[test]
fn a_panic_becomes_an_error_with_what_it_said() {
    let failure = Error::catching::<()>(|| panic!("the driver lost the device")).unwrap_err();
    assert_eq!(failure.code(), "internal");
    assert!(failure.to_string().contains("the driver lost the device"));
}

/// The failure of a run whose configuration was spoilt, checked to have left nothing behind.
fn refusal(spoil: impl FnOnce(&mut Small)) -> (String, String) {
    let mut small = Small::new();
    spoil(&mut small);
    let (result, events) = small.train("run", None);
    let failure: Error = result.unwrap_err();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["event"], "failed");
    assert_eq!(events[0]["code"], failure.code());
    assert!(!small.out("run").exists(), "nothing is left behind");
    (
        failure.to_string(),
        failure.hint().unwrap_or_default().into_owned(),
    )
}

#[test]
fn bad_input_is_refused_clearly_and_leaves_nothing_behind() {
    type Spoil = Box<dyn FnOnce(&mut Small)>;
    let cases: [(&str, Spoil); 9] = [
        (
            "cannot read",
            Box::new(|s| s.config.train = s.out("absent.conll")),
        ),
        (
            "empty",
            Box::new(|s| fs::write(&s.config.train, "").unwrap()),
        ),
        (
            "no entity to learn",
            Box::new(|s| fs::write(&s.config.train, "the O\nship O\n\nin O\n").unwrap()),
        ),
        (
            "there is no device `cuda:0`",
            Box::new(|s| s.config.device = "cuda:0".into()),
        ),
        (
            "no tokenizer.json",
            Box::new(|s| {
                let folder = s.out("bare");
                fs::create_dir(&folder).unwrap();
                for name in ["config.json", "model.safetensors"] {
                    fs::copy(s.config.model.join(name), folder.join(name)).unwrap();
                }
                s.config.model = folder;
            }),
        ),
        (
            "is damaged",
            Box::new(|s| s.config.model = tiny("bert-truncated")),
        ),
        (
            "it was not run",
            Box::new(|s| s.config.model = tiny("bert-evil-pickle")),
        ),
        (
            "config.json",
            Box::new(|s| s.config.model = s.out("no-such-model")),
        ),
        (
            "`batch_size` is 0",
            Box::new(|s| s.config.batch_size = Some(0)),
        ),
    ];
    for (expected, spoil) in cases {
        let (message, hint) = refusal(spoil);
        assert!(
            message.to_lowercase().contains(&expected.to_lowercase()),
            "{message} lacks {expected}"
        );
        assert!(
            !hint.is_empty() || expected.contains("batch_size"),
            "{message}"
        );
    }
}

#[test]
fn an_output_folder_that_holds_something_is_left_alone() {
    let small = Small::new();
    let out = small.out("run");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("thesis.txt"), "ten years").unwrap();
    let (result, _) = small.train("run", None);
    assert!(result.unwrap_err().to_string().contains("is not empty"));
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
    assert_eq!(
        fs::read_to_string(out.join("thesis.txt")).unwrap(),
        "ten years"
    );
}

/// Trains in 32 bits, and without dropout, which would fall elsewhere in smaller parts, under a `control`.
fn under(small: &mut Small, name: &str, control: &Control) -> Vec<Value> {
    small.config.precision = Precision::F32;
    trained_under(small, name, control)
}

fn trained_under(small: &mut Small, name: &str, control: &Control) -> Vec<Value> {
    small.config.dropout = Some(0.0);
    let mut events = Vec::new();
    let result = train(
        small.config.clone(),
        &small.out(name),
        control,
        &mut |event| {
            events.push(serde_json::to_value(event).unwrap());
        },
    );
    assert_eq!(result.unwrap(), Outcome::Finished);
    events
}

/// The losses of two runs are equal but for the order in which numbers were added up.
fn assert_same_course(a: &[Value], b: &[Value]) {
    assert_course_within(1e-4, a, b);
}

/// The losses of two runs are apart by less than a fraction of them.
fn assert_course_within(fraction: f64, a: &[Value], b: &[Value]) {
    let losses = |events: &[Value]| -> Vec<f64> {
        let steps = only(events, "step").into_iter();
        steps.map(|step| step["loss"].as_f64().unwrap()).collect()
    };
    let (a, b) = (losses(a), losses(b));
    assert!(!a.is_empty() && a.len() == b.len());
    for (a, b) in a.iter().zip(&b) {
        assert!((a - b).abs() < fraction * a.abs(), "{a} and {b}");
    }
}

#[test]
fn memory_that_runs_out_makes_passes_smaller_and_steps_stay_as_they_are() {
    let mut small = Small::new();
    let whole = under(&mut small, "whole", &Control::default());
    let control = Control {
        failing_passes: Arc::new(AtomicUsize::new(2)),
        ..Control::default()
    };
    let halved = under(&mut small, "halved", &control);
    assert_eq!(control.failing_passes.load(Ordering::Relaxed), 0);
    assert_same_course(&whole, &halved);
    let reported: Vec<&Value> = only(&halved, "warning").into_iter().collect();
    let reported = reported
        .iter()
        .filter(|event| event["code"] == "memory")
        .count();
    assert_eq!(reported, 2, "from 4 to 2, from 2 to 1");
    let run = json(&small.out("halved/run.json"));
    assert_eq!(run["config"]["batch_size"], 4);
}

/// In 16 bits, which the gradient of each part is rounded to, steps differ by that.
#[test]
fn smaller_passes_in_16_bits_give_nearly_the_same_steps() {
    let mut small = Small::new();
    small.config.precision = Precision::Bf16;
    let whole = trained_under(&mut small, "whole", &Control::default());
    let control = Control {
        failing_passes: Arc::new(AtomicUsize::new(2)),
        ..Control::default()
    };
    let halved = trained_under(&mut small, "halved", &control);
    assert_course_within(1e-3, &whole, &halved);
}

/// As on a GPU, where a step's numbers are read when the weights have long been updated.
#[test]
fn memory_that_runs_out_unnoticed_sends_a_run_back_to_its_last_good_state() {
    let mut small = Small::new();
    let whole = under(&mut small, "whole", &Control::default());
    // Once before there is a checkpoint, once after the first of three epochs.
    let faulty = || Control {
        failing_steps: Arc::new(Mutex::new(vec![3, 9])),
        ..Control::default()
    };
    let control = faulty();
    let events = under(&mut small, "back", &control);
    assert!(control.failing_steps.lock().unwrap().is_empty());
    let steps = |events: &[Value]| -> Vec<u64> {
        let steps = only(events, "step").into_iter();
        steps.map(|step| step["step"].as_u64().unwrap()).collect()
    };
    let again: Vec<u64> = [1..=2, 1..=8, 7..=18].into_iter().flatten().collect();
    assert_eq!(steps(&events), again);
    // Each repeated step gives what it gave before, and so do all that follow.
    let last: Vec<Value> = (1..=18)
        .map(|step| {
            let mut reported = events.iter().rev();
            let reported = reported.find(|e| e["event"] == "step" && e["step"] == step);
            reported.unwrap().clone()
        })
        .collect();
    assert_same_course(&whole, &last);
    let scores = |events: &[Value]| -> Vec<Value> {
        let scored = only(events, "evaluated").into_iter();
        scored.map(|event| event["metrics"].clone()).collect()
    };
    assert_eq!(scores(&whole), scores(&events));
    assert_eq!(events.last().unwrap()["event"], "finished");
    let reported: Vec<String> = only(&events, "warning")
        .iter()
        .filter(|event| event["code"] == "memory")
        .map(|event| event["message"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(reported.len(), 2, "{reported:?}");
    assert!(
        reported[0]
            .contains("with micro-batches of 4 windows: training continues from step 0 with 2")
    );
    assert!(
        reported[1]
            .contains("with micro-batches of 2 windows: training continues from step 6 with 1")
    );
    // The same again, to the bit.
    under(&mut small, "again", &faulty());
    assert_eq!(weights(&small.out("back")), weights(&small.out("again")));
}

#[test]
fn a_run_whose_memory_never_suffices_ends_and_can_be_resumed() {
    let small = Small::new();
    let control = Control {
        // One at a time does not fit either.
        failing_steps: Arc::new(Mutex::new(vec![7, 7, 7])),
        ..Control::default()
    };
    let out = small.out("short");
    let mut events = Vec::new();
    let result = train(small.config.clone(), &out, &control, &mut |event| {
        events.push(serde_json::to_value(event).unwrap());
    });
    assert_eq!(result.unwrap_err().code(), "memory");
    assert_eq!(events.last().unwrap()["code"], "memory");
    let (result, _) = watched(None, |control, listener| resume(&out, control, listener));
    assert_eq!(result.unwrap(), Outcome::Finished);
}

#[test]
fn a_run_that_would_not_fit_begins_with_smaller_micro_batches() {
    let mut small = Small::new();
    let whole = under(&mut small, "whole", &Control::default());
    let forecast = |events: &[Value]| events[0]["forecast_bytes"].as_u64().unwrap();
    let control = Control {
        free_bytes: Some(1),
        ..Control::default()
    };
    let single = under(&mut small, "single", &control);
    assert_same_course(&whole, &single);
    assert!(forecast(&whole) > 0);
    let reported = only(&single, "warning");
    let reported: Vec<&str> = reported
        .iter()
        .filter_map(|event| event["message"].as_str())
        .collect();
    assert!(
        reported
            .iter()
            .any(|text| text.contains("micro-batches of 1 are used")),
        "{reported:?}"
    );
}

/// A run's losses in a precision, without dropout.
fn losses_in(small: &mut Small, precision: Precision) -> Vec<f64> {
    small.config.precision = precision;
    let events = trained_under(small, precision.name(), &Control::default());
    let taken = device::precision_on(&device::list()[0], precision);
    assert_eq!(events[0]["config"]["precision"], taken.name());
    let steps = only(&events, "step").into_iter();
    steps.map(|step| step["loss"].as_f64().unwrap()).collect()
}

#[test]
fn half_precision_trains_as_whole_precision_does() {
    let mut small = Small::new();
    let whole = losses_in(&mut small, Precision::F32);
    for precision in [Precision::Bf16, Precision::F16] {
        if device::precision_on(&device::list()[0], precision) != precision {
            eprintln!(
                "skipped: the processor has no instructions for {}",
                precision.name()
            );
            continue;
        }
        let half = losses_in(&mut small, precision);
        assert_eq!(whole.len(), half.len());
        assert_ne!(whole, half);
        for (step, (whole, half)) in whole.iter().zip(&half).enumerate() {
            let allowed = 0.05 * whole.abs().max(0.2);
            assert!(
                (whole - half).abs() < allowed,
                "{precision:?}, step {step}: {half}, f32 {whole}"
            );
        }
    }
}

#[test]
fn trap_f16_overflows_are_stepped_over_and_a_resumed_run_goes_on_with_the_same_scale() {
    let mut small = Small::new();
    small.config.precision = Precision::F16;
    let (result, whole) = small.train("whole", None);
    assert_eq!(result.unwrap(), Outcome::Finished);
    let (result, first) = small.train("parts", Some(7));
    assert_eq!(result.unwrap(), Outcome::Stopped);
    let (result, second) = watched(None, |control, listener| {
        resume(&small.out("parts"), control, listener)
    });
    assert_eq!(result.unwrap(), Outcome::Finished);
    let parts: Vec<Value> = first.into_iter().chain(second).collect();
    assert_eq!(losses(&whole), losses(&parts));
    assert_eq!(weights(&small.out("whole")), weights(&small.out("parts")));
}

/// Steps that were left out are none of the optimiser's: its corrections count those it took.
#[test]
fn trap_a_run_resumed_after_overflows_equals_an_uninterrupted_one() {
    let mut small = Small::new();
    small.config.precision = Precision::F16;
    let (result, _) = small.train("whole", Some(2));
    assert_eq!(result.unwrap(), Outcome::Stopped);
    // A scale under which the next gradients must overflow.
    let checkpoint = fs::read_dir(small.out("whole").join("checkpoints")).unwrap();
    let state = checkpoint
        .last()
        .unwrap()
        .unwrap()
        .path()
        .join("state.json");
    let mut position = json(&state);
    position["loss_scale"]["factor"] = serde_json::json!(1e9);
    fs::write(&state, position.to_string()).unwrap();
    copy(&small.out("whole"), &small.out("parts"));
    let go_on = |name: &str, stop_after| {
        let (result, events) = watched(stop_after, |control, listener| {
            resume(&small.out(name), control, listener)
        });
        (result.unwrap(), events)
    };
    let (outcome, whole) = go_on("whole", None);
    assert_eq!(outcome, Outcome::Finished);
    let norms = only(&whole, "step").into_iter();
    let left_out = norms.filter(|step| step["gradient_norm"] == 0.0).count();
    assert!(left_out > 2, "{left_out}");
    assert_eq!(go_on("parts", Some(12)).0, Outcome::Stopped);
    assert_eq!(go_on("parts", None).0, Outcome::Finished);
    assert_eq!(weights(&small.out("whole")), weights(&small.out("parts")));
}

/// A folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy(&path, &to),
            false => {
                fs::copy(&path, &to).unwrap();
            }
        }
    }
}
