//! `tagsmith pretrain`: its folder and its words, what `resume`, `train` and the queue make of it.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use serde_json::Value;
use std::fs;
use std::path::Path;
use support::training::{start, until_checkpoint, words};
use support::{folder, printed, run};

/// The options of a quick run into `out`.
fn pretraining(out: &str, more: &str) -> Vec<String> {
    let model =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../tagger/tests/fixtures/masked_lm/bert");
    let mut arguments: Vec<String> = ["pretrain", "--model", &model.display().to_string()]
        .map(str::to_owned)
        .into();
    let rest = format!(
        "--text text.txt more.txt --max-length 24 --batch-size 8 --lr 1e-3 --out {out} {more}"
    );
    arguments.extend(rest.split_whitespace().map(str::to_owned));
    arguments
}

fn files() -> tempfile::TempDir {
    let places = ["oslo", "ship", "port", "berg", "anna"];
    let line = |i: usize| {
        format!(
            "the {} in {} at {}\n",
            places[i % 5],
            places[i % 3],
            places[i % 4]
        )
    };
    let lines: String = (0..120).map(line).collect();
    let training: String = (0..30)
        .map(|i| format!("in\tO\n{}\tB-LOC\n\n", places[i % 5]))
        .collect();
    folder(&[
        ("text.txt", lines.as_bytes()),
        ("more.txt", b"anna in the port\n"),
        ("train.conll", training.as_bytes()),
    ])
}

fn done(folder: &Path, arguments: &[impl AsRef<str>]) -> (String, String) {
    let arguments: Vec<&str> = arguments.iter().map(AsRef::as_ref).collect();
    let (code, out, errors) = printed(&run(folder, &arguments));
    assert_eq!(code, Some(0), "{errors}");
    (out, errors)
}

#[test]
fn a_run_says_what_came_of_it_and_train_takes_its_folder() {
    let folder = files();
    let here = folder.path();
    let (out, _) = done(here, &pretraining("run", "--epochs 3 --json"));
    let events: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let log = fs::read_to_string(here.join("run/events.jsonl")).unwrap();
    assert_eq!(log, out, "the log has what was printed");
    assert_eq!(events[0]["event"], "started");
    assert_eq!(events[0]["config"]["text"].as_array().unwrap().len(), 2);
    let last = events.last().unwrap();
    assert_eq!(last["event"], "finished");
    for file in [
        "run.json",
        "report.json",
        "model/README.md",
        "model/tokenizer.json",
    ] {
        assert!(here.join("run").join(file).exists(), "{file}");
    }
    let (_, said) = done(here, &pretraining("again", "--epochs 3"));
    assert!(said.contains("held-out text before: loss"), "{said}");
    assert!(said.contains("fell from"), "{said}");
    let weights = |run: &str| fs::read(here.join(run).join("model/model.safetensors")).unwrap();
    assert_eq!(weights("run"), weights("again"), "the seed fixes all of it");
    let (code, _, said) = printed(&run(here, &["resume", "run"]));
    assert_eq!(code, Some(1));
    assert!(said.contains("it is finished"), "{said}");
    done(
        here,
        &words("train --model run --train train.conll --epochs 1 --max-length 24 --out tagger"),
    );
}

#[test]
fn ctrl_c_stops_after_the_step_and_resume_goes_on() {
    let folder = files();
    let here = folder.path();
    let child = start(
        here,
        &pretraining("run", "--epochs 60 --checkpoint-minutes 0"),
    );
    until_checkpoint(&here.join("run"));
    support::signal("-INT", child.id());
    let (code, _, said) = printed(&child.wait_with_output().unwrap());
    assert_eq!(code, Some(130), "{said}");
    assert!(said.contains("continue with `tagsmith resume`"), "{said}");
    assert!(here.join("run/model/model.safetensors").exists());
    let (out, _) = done(here, &words("resume run --json"));
    let first: Value = serde_json::from_str(out.lines().next().unwrap()).unwrap();
    assert_eq!(first["event"], "started");
    assert!(first["done_steps"].as_u64().unwrap() > 0, "{first}");
}

#[test]
fn it_can_wait_in_the_queue() {
    let folder = files();
    let here = folder.path();
    let command = [words("queue add"), pretraining("run", "--epochs 1")].concat();
    let (said, _) = done(here, &command);
    assert!(said.starts_with("pretrain-1"), "{said}");
    done(here, &words("queue run"));
    let (listed, _) = done(here, &words("queue list --json"));
    assert!(listed.contains("\"state\":\"done\""), "{listed}");
}
