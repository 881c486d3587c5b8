//! `tagsmith seeds`, `search` and `queue`: what they leave, and that nothing is lost when they are stopped,
//! killed, or started twice.
#![cfg(unix)]
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use support::{Printed, printed, run, signal, tagsmith, text, tiny};
use tagsmith_testing::json;

const DOCUMENTS: &str =
    "the O\nport O\nin O\noslo B-LOC\n\nanna B-PER\nberg I-PER\nat O\nthe O\nship O\n\n";

/// A folder with training, dev and test files.
fn folder() -> tempfile::TempDir {
    let more = format!("{DOCUMENTS}the O\nport O\nin O\nrome B-LOC\n\n").repeat(8);
    let other = DOCUMENTS.replace("oslo", "rome");
    support::folder(&[
        ("train.conll", more.as_bytes()),
        ("dev.conll", DOCUMENTS.as_bytes()),
        ("test.conll", other.as_bytes()),
    ])
}

/// A command that trains, with the files of that folder.
fn training(command: &str, out: &str, more: &[&str]) -> Vec<String> {
    let model = tiny("bert-no-prefix");
    let common = [
        command,
        "--model",
        &model,
        "--train",
        "train.conll",
        "--dev",
        "dev.conll",
        "--batch-size",
        "4",
        "--max-length",
        "32",
        "--lr",
        "2e-3",
        "--out",
        out,
    ];
    common
        .iter()
        .chain(more)
        .map(|text| (*text).to_owned())
        .collect()
}

fn given(folder: &Path, arguments: &[String]) -> Printed {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    printed(&run(folder, &arguments))
}

fn good(folder: &Path, arguments: &[String]) -> String {
    let (code, out, aside) = given(folder, arguments);
    assert_eq!(code, Some(0), "{arguments:?}: {out}{aside}");
    out
}

/// What an error says, with its hint.
fn bad(folder: &Path, arguments: &[String]) -> String {
    let (code, _, aside) = given(folder, arguments);
    assert_eq!(code, Some(1), "{arguments:?}: {aside}");
    assert!(
        aside.contains("error: ") && aside.contains("\nhint: "),
        "{aside}"
    );
    assert!(!aside.contains("panicked"), "{aside}");
    aside
}

fn words(command: &str) -> Vec<String> {
    command.split(' ').map(str::to_owned).collect()
}

/// Starts a command that is to be disturbed.
fn start(folder: &Path, arguments: &[String]) -> Child {
    let mut command = tagsmith(folder);
    command
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Waits until a file has a text.
fn until(path: &Path, has: &str) {
    let began = Instant::now();
    while !fs::read_to_string(path).unwrap_or_default().contains(has) {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "no `{has}` in `{}`",
            path.display()
        );
        sleep(Duration::from_millis(5));
    }
}

/// Waits for the checkpoint after a run's first epoch.
fn until_checkpoint(run: &Path) {
    until(&run.join("events.jsonl"), r#""event":"checkpoint""#);
}

/// Waits until no process does the task, and says how the run's log ends.
fn until_last_event(run: &Path) -> Value {
    let began = Instant::now();
    loop {
        let events = fs::read_to_string(run.join("events.jsonl")).unwrap();
        let last: Option<Value> = events
            .lines()
            .next_back()
            .and_then(|line| serde_json::from_str(line).ok());
        match last {
            Some(last) if ["stopped", "finished"].contains(&last["event"].as_str().unwrap()) => {
                return last;
            }
            _ => assert!(began.elapsed() < Duration::from_secs(60), "{events}"),
        }
        sleep(Duration::from_millis(5));
    }
}

fn modified(path: &Path) -> std::time::SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

fn weights(run: &Path) -> Vec<u8> {
    fs::read(run.join("model/model.safetensors")).unwrap()
}

/// Enough epochs for a run to be disturbed in.
const LONG: [&str; 2] = ["--epochs", "60"];

#[test]
fn seeds_trains_with_each_and_keeps_the_middle_model() {
    let folder = folder();
    let here = folder.path();
    let command = training(
        "seeds",
        "all",
        &[
            "--epochs",
            "12",
            "--seeds",
            "3",
            "--test",
            "test.conll",
            "--json",
        ],
    );
    let printed = good(here, &command);
    let events: Vec<Value> = printed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let kinds: Vec<&str> = events
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds.iter().filter(|kind| **kind == "task_ended").count(),
        3,
        "{kinds:?}"
    );
    assert_eq!(kinds.last(), Some(&"finished"));

    // What each run says by itself is what is reported, and it is the run that `train` makes of the seed.
    let seeds = json(&here.join("all/seeds.json"));
    let mut by_f1 = Vec::new();
    for (run, seed) in seeds["runs"].as_array().unwrap().iter().zip(42..) {
        assert_eq!(run["seed"], seed);
        let report = json(
            &here
                .join("all")
                .join(run["run"].as_str().unwrap())
                .join("report.json"),
        );
        assert_eq!(
            run["dev_f1"],
            report["splits"]["dev"]["metrics"]["overall"]["f1"]
        );
        assert_eq!(
            run["test_f1"],
            report["splits"]["test"]["metrics"]["overall"]["f1"]
        );
        by_f1.push((run["dev_f1"].as_f64().unwrap(), seed));
    }
    assert_eq!(by_f1.len(), 3);
    by_f1.sort_by(|a, b| a.0.total_cmp(&b.0));
    assert_eq!(seeds["middle"], by_f1[1].1);
    let alone = training(
        "train",
        "alone",
        &["--epochs", "12", "--seed", "43", "--test", "test.conll"],
    );
    good(here, &alone);
    assert!(weights(&here.join("alone")) == weights(&here.join("all/runs/seed-43")));
    let middle = here.join(format!("all/runs/seed-{}", by_f1[1].1));
    assert!(weights(&here.join("all")) == weights(&middle));
    good(here, &words("evaluate --model all/model --data test.conll"));
    assert!(!middle.join("checkpoints").exists());

    // Again: nothing is run twice. More seeds: only those. Other settings: refused.
    let report = middle.join("report.json");
    let before = modified(&report);
    good(here, &command);
    let four = training(
        "seeds",
        "all",
        &["--epochs", "12", "--seeds", "4", "--test", "test.conll"],
    );
    assert!(good(here, &four).contains("seed 45: dev F1"));
    assert_eq!(modified(&report), before);
    let other = training("seeds", "all", &["--epochs", "13", "--test", "test.conll"]);
    assert!(bad(here, &other).contains("its `epochs` differs"));
    let not_ours = training("seeds", ".", &[]);
    assert!(bad(here, &not_ours).contains("is not empty"));
}

/// Ctrl-C, a second program, a kill of the whole program, a kill of a task: each time the same command goes on,
/// and the runs end as if nothing had happened.
#[test]
fn what_was_stopped_or_killed_is_continued_by_the_same_command() {
    let folder = folder();
    let here = folder.path();
    good(here, &training("train", "alone", &LONG));
    let command = training("seeds", "all", &[LONG[0], LONG[1], "--seeds", "2"]);
    let run = here.join("all/runs/seed-42");

    let child = start(here, &command);
    until_checkpoint(&run);
    assert!(bad(here, &command).contains("another program is working on the plan"));
    signal("-INT", child.id());
    let stopped = child.wait_with_output().unwrap();
    assert_eq!(
        stopped.status.code(),
        Some(130),
        "{}",
        text(&stopped.stderr)
    );
    assert_eq!(until_last_event(&run)["event"], "stopped");
    assert!(!here.join("all/seeds.json").exists());
    let attempt = json(&here.join("all/tasks/seed-42/attempt.json"));
    assert_eq!(attempt["outcome"], "stopped");

    // The program is gone without a word: its task notices, stops, and is continued by the next.
    let count = |what: &str| {
        fs::read_to_string(run.join("events.jsonl"))
            .unwrap()
            .matches(what)
            .count()
    };
    let mut child = start(here, &command);
    let began = Instant::now();
    while count(r#""event":"started""#) < 2 {
        assert!(began.elapsed() < Duration::from_secs(60));
        sleep(Duration::from_millis(5));
    }
    signal("-KILL", child.id());
    child.wait().unwrap();

    // The task itself is killed: it has failed, the other seed goes on.
    let child = start(here, &command);
    while count(r#""event":"started""#) < 3 {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "{}",
            fs::read_to_string(here.join("all/tasks/seed-42/log.txt")).unwrap()
        );
        sleep(Duration::from_millis(5));
    }
    for task in children(child.id()) {
        signal("-KILL", task);
    }
    let killed = child.wait_with_output().unwrap();
    let said = text(&killed.stderr);
    assert_eq!(killed.status.code(), Some(1), "{said}");
    assert!(
        said.contains("seed-42") && said.contains("signal: 9"),
        "{said}"
    );
    assert!(here.join("all/runs/seed-43/report.json").exists());

    good(here, &command);
    assert!(weights(&run) == weights(&here.join("alone")));
    assert_eq!(
        json(&here.join("all/seeds.json"))["runs"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

/// The processes that a process has started.
fn children(of: u32) -> Vec<u32> {
    let is_child = |folder: &PathBuf| {
        let stat = fs::read_to_string(folder.join("stat")).unwrap_or_default();
        let after_name = stat
            .rsplit_once(") ")
            .map(|(_, rest)| rest.to_owned())
            .unwrap_or_default();
        after_name.split(' ').nth(1) == Some(&of.to_string())
    };
    let processes = fs::read_dir("/proc")
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let found = processes.filter(is_child);
    found
        .filter_map(|path| path.file_name()?.to_str()?.parse().ok())
        .collect()
}

#[test]
fn a_search_compares_the_winner_with_the_default() {
    let folder = folder();
    let here = folder.path();
    let space = r#"{"learning_rate": {"low": 1e-5, "high": 5e-3, "log": true}, "dropout": {"values": [0.0, 0.1]}}"#;
    fs::write(here.join("space.json"), space).unwrap();
    let more = [
        "--trials",
        "4",
        "--space",
        "space.json",
        "--seeds",
        "2",
        "--epochs",
        "6",
        "--test",
        "test.conll",
        "--at-once",
        "2",
    ];
    let command = training("search", "found", &more);
    let said = good(here, &command);
    assert!(
        said.contains("default, 2 new seeds:") && said.contains("test F1"),
        "{said}"
    );
    let found = json(&here.join("found/search.json"));
    assert_eq!(found["rungs"], serde_json::json!([2, null]));
    let trials = found["trials"].as_array().unwrap();
    assert_eq!(trials.len(), 4);
    assert_eq!(trials[0]["settings"], serde_json::json!({}));
    assert_eq!(
        trials[0]["runs"].as_array().unwrap().len(),
        2,
        "the default goes all the way"
    );
    for trial in trials {
        let first = &trial["runs"][0];
        assert!(
            first["dev_f1"].is_number() && !first["curve"].as_array().unwrap().is_empty(),
            "{first}"
        );
        // The run had these settings, the epochs of its rung, and no test set.
        let run = json(
            &here
                .join("found")
                .join(first["run"].as_str().unwrap())
                .join("run.json"),
        );
        assert_eq!(
            (&run["config"]["epochs"], &run["config"]["test"]),
            (&2.into(), &Value::Null)
        );
        for (name, value) in trial["settings"].as_object().unwrap() {
            assert_eq!(&run["config"][name], value, "{name}");
        }
    }
    assert_eq!(found["default_seeds"]["runs"][0]["seed"], 43);
    assert!(found["default_seeds"]["test"]["mean"].is_number());
    assert!(
        ["default", "better", "within-spread", "not-better"]
            .contains(&found["verdict"].as_str().unwrap())
    );
    good(
        here,
        &words("evaluate --model found/model --data test.conll"),
    );
    // A line for each task that was done, none twice.
    let tasks = fs::read_to_string(here.join("found/plan.jsonl")).unwrap();
    assert!(tasks.lines().count() >= 7);
    let before = modified(&here.join("found/runs/trial-000-rung-0/report.json"));
    good(here, &command);
    assert_eq!(
        modified(&here.join("found/runs/trial-000-rung-0/report.json")),
        before
    );
}

#[test]
fn a_search_that_cannot_be_is_refused_before_anything_runs() {
    let folder = folder();
    let here = folder.path();
    for (space, says) in [
        (
            r#"{"learnin_rate": {"low": 1, "high": 2}}"#,
            "`learnin_rate` is no setting of a run",
        ),
        (
            r#"{"dropout": {"low": 0.5, "high": 0.1}}"#,
            "a `low` that is less than `high`",
        ),
        (
            r#"{"label_smoothing": {"values": [0.1]}}"#,
            "`label_smoothing` is 0.1",
        ),
        (
            r#"{"dropout": {"values": [0.1], "steps": 3}}"#,
            "unknown field `steps`",
        ),
        ("{}", "at least one setting"),
        ("{", "space.json` is damaged"),
    ] {
        fs::write(here.join("space.json"), space).unwrap();
        let command = training(
            "search",
            "found",
            &["--space", "space.json", "--loss", "focal"],
        );
        let said = bad(here, &command);
        assert!(said.contains(says), "{said}");
    }
    let mut without_dev = training("search", "found", &[]);
    without_dev.retain(|argument| !argument.contains("dev"));
    assert!(bad(here, &without_dev).contains("needs a dev set"));
    let (code, _, aside) = given(here, &training("search", "found", &["--trials", "1"]));
    assert_eq!(code, Some(2), "{aside}");
    assert!(!here.join("found").exists());
}

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

    // A task that fails does not keep the others, and is said to have failed.
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
