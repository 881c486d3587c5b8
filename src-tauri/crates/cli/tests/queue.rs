//! `tagsmith queue`: order, pauses, and what is said of a task that fails.
#![cfg(unix)]
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use serde_json::Value;
use std::fs;
use std::path::Path;
use support::training::{
    LONG, bad, folder, good, start, training, until_checkpoint, until_last_event, weights, words,
};
use support::{signal, text};

fn states(folder: &Path) -> Vec<(String, String)> {
    let listed = good(folder, &words("queue list --json"));
    let lines = listed
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    lines
        .map(|task| (text(&task["id"]), text(&task["state"])))
        .collect()
}

#[test]
fn a_queue_runs_in_its_order_and_pauses_to_the_bit() {
    let folder = folder();
    let here = folder.path();
    good(here, &training("train", "alone", &LONG));
    let add = |out: &str, more: &[&str]| {
        let command = [words("queue add"), training("train", out, more)].concat();
        good(here, &command)
    };
    for out in ["one", "two", "three"] {
        add(out, &["--epochs", "1"]);
    }
    assert!(add("long", &LONG).starts_with("train-4"));
    let twice = [words("queue add"), training("train", "one", &[])].concat();
    assert!(bad(here, &twice).contains("`train-1` writes"));
    for (wrong, says) in [
        ("queue add data check x", "cannot wait in the queue"),
        ("queue add train --model m --trian t --out o", "--trian"),
        ("queue move train-9 1", "no task `train-9`"),
        ("queue pause train-9", "no task `train-9`"),
    ] {
        let said = bad(here, &words(wrong));
        assert!(said.contains(says), "{said}");
    }
    // What is there already would count as what the command made.
    let there = [words("queue add"), training("train", "alone", &LONG)].concat();
    assert!(bad(here, &there).contains("alone` is there already"));
    good(here, &words("queue move train-4 1"));
    good(here, &words("queue remove train-2"));
    good(here, &words("queue pause train-3"));
    let expected = |states: &[(&str, &str)]| -> Vec<(String, String)> {
        states
            .iter()
            .map(|(id, state)| ((*id).to_owned(), (*state).to_owned()))
            .collect()
    };
    let waiting = [
        ("train-4", "waiting"),
        ("train-1", "waiting"),
        ("train-3", "paused"),
    ];
    assert_eq!(states(here), expected(&waiting));

    // The first is paused while it runs, from another terminal; the next one has its turn.
    let child = start(here, &words("queue run"));
    until_checkpoint(&here.join("long"));
    assert!(bad(here, &words("queue run")).contains("another program"));
    assert!(bad(here, &words("queue remove train-4")).contains("is running"));
    good(here, &words("queue pause train-4"));
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    assert!(text(&ended.stderr).contains("2 paused"));
    let paused = [
        ("train-4", "paused"),
        ("train-1", "done"),
        ("train-3", "paused"),
    ];
    assert_eq!(states(here), expected(&paused));
    assert_eq!(until_last_event(&here.join("long"))["event"], "stopped");

    good(here, &words("queue resume"));
    good(here, &words("queue run"));
    let done = [
        ("train-4", "done"),
        ("train-1", "done"),
        ("train-3", "done"),
    ];
    assert_eq!(states(here), expected(&done));
    assert!(weights(&here.join("long")) == weights(&here.join("alone")));
    assert!(!here.join("two").exists());

    // A task that fails does not hold up the others, and is reported as failed.
    fs::remove_file(here.join("train.conll")).unwrap();
    add("four", &[]);
    let said = bad(here, &words("queue run"));
    assert!(
        said.contains("train-5: ") && said.contains("train.conll"),
        "{said}"
    );
    assert_eq!(states(here).last().unwrap().1, "failed");

    let plan = here.join("home/queue/plan.jsonl");
    let text = fs::read_to_string(&plan).unwrap();
    fs::write(&plan, text.replacen("\"id\"", "\"name\"", 2)).unwrap();
    let said = bad(here, &words("queue list"));
    assert!(
        said.contains("plan.jsonl`, line 1: ") && said.contains("`name`"),
        "{said}"
    );
}

/// What somebody else has started is waited for, so that two runs do not share the machine.
#[test]
fn a_queue_waits_until_nobody_works_on_a_run() {
    let folder = folder();
    let here = folder.path();
    let first = start(here, &training("train", "first", &LONG));
    until_checkpoint(&here.join("first"));
    let command = [
        words("queue add"),
        training("train", "second", &["--epochs", "1"]),
    ]
    .concat();
    good(here, &command);
    let queue = start(here, &words("queue run --after first"));
    // It has the queue, and begins nothing.
    let lock = here.join("home/queue/plan.lock");
    until_exists(&lock);
    assert_eq!(states(here), [("train-1".to_owned(), "waiting".to_owned())]);
    signal("-INT", first.id());
    first.wait_with_output().unwrap();
    let ended = queue.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    assert_eq!(states(here), [("train-1".to_owned(), "done".to_owned())]);
    let began = until_last_event(&here.join("second"))["time"]
        .as_str()
        .unwrap()
        .to_owned();
    let stopped = until_last_event(&here.join("first"))["time"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(stopped < began, "{stopped} {began}");
}

/// As the same command has it that does not wait.
#[test]
fn the_paths_of_a_queued_configuration_are_taken_from_where_it_was_added() {
    let folder = folder();
    let here = folder.path();
    good(here, &training("train", "first", &["--epochs", "1"]));
    let run = fs::read_to_string(here.join("first/run.json")).unwrap();
    let mut config = serde_json::from_str::<Value>(&run).unwrap()["config"].take();
    config["train"] = "train.conll".into();
    config["dev"] = "dev.conll".into();
    fs::write(here.join("c.json"), config.to_string()).unwrap();
    good(here, &words("queue add train --config c.json --out second"));
    good(here, &words("queue run"));
    assert_eq!(states(here), [("train-1".to_owned(), "done".to_owned())]);
}

fn until_exists(path: &Path) {
    let began = std::time::Instant::now();
    while !path.exists() {
        assert!(began.elapsed() < std::time::Duration::from_secs(60));
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}
