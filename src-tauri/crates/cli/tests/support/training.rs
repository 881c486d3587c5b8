//! Commands that train a tiny model in a folder, and what they leave there.

use super::{Printed, printed, run, tagsmith, tiny};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const DOCUMENTS: &str =
    "the O\nport O\nin O\noslo B-LOC\n\nanna B-PER\nberg I-PER\nat O\nthe O\nship O\n\n";

/// A folder with training, dev and test files.
pub fn folder() -> tempfile::TempDir {
    let more = format!("{DOCUMENTS}the O\nport O\nin O\nrome B-LOC\n\n").repeat(8);
    let other = DOCUMENTS.replace("oslo", "rome");
    super::folder(&[
        ("train.conll", more.as_bytes()),
        ("dev.conll", DOCUMENTS.as_bytes()),
        ("test.conll", other.as_bytes()),
    ])
}

/// A command that trains, with the files of that folder.
pub fn training(command: &str, out: &str, more: &[&str]) -> Vec<String> {
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

pub fn given(folder: &Path, arguments: &[String]) -> Printed {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    printed(&run(folder, &arguments))
}

pub fn good(folder: &Path, arguments: &[String]) -> String {
    let (code, out, aside) = given(folder, arguments);
    assert_eq!(code, Some(0), "{arguments:?}: {out}{aside}");
    out
}

/// What an error says, with its hint.
pub fn bad(folder: &Path, arguments: &[String]) -> String {
    let (code, _, aside) = given(folder, arguments);
    assert_eq!(code, Some(1), "{arguments:?}: {aside}");
    assert!(
        aside.contains("error: ") && aside.contains("\nhint: "),
        "{aside}"
    );
    assert!(!aside.contains("panicked"), "{aside}");
    aside
}

pub fn words(command: &str) -> Vec<String> {
    command.split(' ').map(str::to_owned).collect()
}

/// Starts a command that is to be disturbed.
pub fn start(folder: &Path, arguments: &[String]) -> Child {
    let mut command = tagsmith(folder);
    command
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Waits until a file has a text.
pub fn until(path: &Path, has: &str) {
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
pub fn until_checkpoint(run: &Path) {
    until(&run.join("events.jsonl"), r#""event":"checkpoint""#);
}

/// Waits until no process does the task, and says how the run's log ends.
pub fn until_last_event(run: &Path) -> Value {
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

pub fn modified(path: &Path) -> std::time::SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

pub fn weights(run: &Path) -> Vec<u8> {
    fs::read(run.join("model/model.safetensors")).unwrap()
}

/// Enough epochs for a run to be disturbed in.
pub const LONG: [&str; 2] = ["--epochs", "60"];
