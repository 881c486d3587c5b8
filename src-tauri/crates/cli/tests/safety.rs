//! What the program never does: replace what it reads, let two processes write one run, end because its
//! messages cannot be written.
#![cfg(unix)]
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use support::{folder, run, signal, tagsmith, text, tiny};

const TRAIN: &str = "the O\nport O\nin O\noslo B-LOC\n\nanna B-PER\nberg I-PER\nat O\n\n";

fn training_folder() -> tempfile::TempDir {
    folder(&[("train.conll", TRAIN.repeat(20).as_bytes())])
}

/// `train` into `run` for this many epochs.
fn train(folder: &Path, seed: &str, epochs: &str) -> Command {
    let model = tiny("bert-no-prefix");
    let mut command = tagsmith(folder);
    let given = ["train", "--train", "train.conll", "--out", "run", "--json"];
    command.args(given).args(["--model", &model]);
    command.args(["--seed", seed, "--epochs", epochs, "--batch-size", "4"]);
    command.args(["--patience", "0"]);
    command
}

/// Two processes that start in one new folder: the run that is there is that of the one which went on.
#[test]
fn two_processes_do_not_start_one_run() {
    for round in 0..6 {
        let folder = training_folder();
        let here = folder.path();
        let begin = |seed| {
            let mut command = train(here, seed, "1");
            let pipes = command.stdout(Stdio::null()).stderr(Stdio::piped());
            pipes.spawn().unwrap()
        };
        let children = [begin("1"), begin("2")];
        let ends = children.map(|child| child.wait_with_output().unwrap());
        let codes = ends.each_ref().map(|end| end.status.code());
        let winner = match codes {
            [Some(0), Some(1)] => 1,
            [Some(1), Some(0)] => 2,
            codes => panic!(
                "round {round}: {codes:?}, {}{}",
                text(&ends[0].stderr),
                text(&ends[1].stderr)
            ),
        };
        let refused = text(&ends[2 - winner].stderr);
        let expected = ["another process", "is not empty"];
        assert!(
            expected.iter().any(|text| refused.contains(text)),
            "{refused}"
        );
        let written = fs::read(here.join("run/run.json")).unwrap();
        let written: Value = serde_json::from_slice(&written).unwrap();
        assert_eq!(written["config"]["seed"], winner, "round {round}");
    }
}

/// A `resume` beside the living run neither rewrites its `run.json` nor takes the wish to stop away.
#[test]
fn a_second_resume_leaves_a_living_run_alone() {
    let folder = training_folder();
    let here = folder.path();
    let mut child = train(here, "1", "4000")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let step = |line: &std::io::Result<String>| line.as_ref().unwrap().contains("\"step\"");
    assert!(lines.any(|line| step(&line)));
    let before = fs::metadata(here.join("run/run.json")).unwrap();
    let second = run(here, &["resume", "run"]);
    assert_eq!(second.status.code(), Some(1));
    assert!(
        text(&second.stderr).contains("another process"),
        "{}",
        text(&second.stderr)
    );
    let after = fs::metadata(here.join("run/run.json")).unwrap();
    assert_eq!(after.modified().unwrap(), before.modified().unwrap());
    fs::write(here.join("run/stop"), "").unwrap();
    run(here, &["resume", "run"]);
    // Would never end otherwise.
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert!(
        rest.last().unwrap().contains("\"stopped\""),
        "{:?}",
        rest.last()
    );
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn force_never_replaces_what_is_read() {
    let folder = training_folder();
    let here = folder.path();
    let content = |name: &str| fs::read_to_string(here.join(name)).unwrap();
    fs::create_dir(here.join("set")).unwrap();
    fs::write(here.join("set/train.conll"), TRAIN).unwrap();
    fs::write(here.join("set/dev.conll"), TRAIN).unwrap();
    fs::hard_link(here.join("train.conll"), here.join("same.jsonl")).unwrap();
    std::os::unix::fs::symlink("train.conll", here.join("link.jsonl")).unwrap();
    let pipe = Command::new("mkfifo").arg(here.join("pipe")).status();
    assert!(pipe.unwrap().success());
    let model = tiny("bert-token-classification");
    let evaluate = [
        "evaluate",
        "--model",
        &model,
        "--data",
        "train.conll",
        "--force",
    ];
    let cases: [&[&str]; 12] = [
        &["data", "convert", "train.conll", "train.conll", "--force"],
        &["data", "convert", "train.conll", "same.jsonl", "--force"],
        &["data", "convert", "train.conll", "link.jsonl", "--force"],
        &["data", "convert", "train.conll", "pipe", "--force"],
        &["data", "convert", "set", "set/", "--to", "conll", "--force"],
        &["data", "split", "set", "--out", "set", "--force"],
        &[
            "data",
            "split",
            "set/train.conll",
            "--shares",
            "train=0.5,dev=0.5",
            "--out",
            "set",
            "--force",
        ],
        &[
            "data",
            "repair",
            "--trim",
            "train.conll",
            "same.jsonl",
            "--force",
        ],
        &[
            "data",
            "repair",
            "--trim",
            "train.conll",
            "new",
            "--save-recipe",
            "train.conll",
            "--force",
        ],
        &[&evaluate[..], &["--out", "train.conll"]].concat(),
        &[&evaluate[..], &["--predictions", "link.jsonl"]].concat(),
        &[&evaluate[..], &["--out", "pipe"]].concat(),
    ];
    for arguments in cases {
        let output = run(here, arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let message = text(&output.stderr);
        let known = ["is read", "not a regular file"];
        assert!(
            known.iter().any(|text| message.contains(text)),
            "{arguments:?}: {message}"
        );
        assert!(message.contains("\nhint: "), "{arguments:?}: {message}");
        assert_eq!(content("train.conll"), TRAIN.repeat(20), "{arguments:?}");
        for name in ["set/train.conll", "set/dev.conll"] {
            assert_eq!(content(name), TRAIN, "{arguments:?}");
        }
        assert_eq!(fs::read_dir(here.join("set")).unwrap().count(), 2);
    }
    let kind = fs::symlink_metadata(here.join("pipe")).unwrap().file_type();
    assert!(!kind.is_file(), "the pipe is one still");
    let known = ["set", "train.conll", "same.jsonl", "link.jsonl", "pipe"];
    for entry in fs::read_dir(here).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(known.contains(&&*name), "`{name}` was written");
    }
}

/// Messages go to a pipe that nobody reads any more, or to a disk that is full.
#[test]
fn a_standard_error_that_cannot_be_written_ends_nothing() {
    let folder = training_folder();
    let here = folder.path();
    let full = || fs::OpenOptions::new().write(true).open("/dev/full");
    fs::write(here.join("noted.conll"), "Ada I-PER\nran O\n").unwrap();
    let closed = || {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        Stdio::from(writer)
    };
    let check = |errors: Stdio| {
        let mut convert = tagsmith(here);
        convert
            .args(["data", "convert", "noted.conll", "-"])
            .stderr(errors);
        let output = convert.output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(output.stdout, b"Ada\tB-PER\nran\tO\n\n");
        // An error stays one, with its code.
        let absent = tagsmith(here)
            .args(["data", "check", "absent"])
            .stderr(closed())
            .status();
        assert_eq!(absent.unwrap().code(), Some(1));
    };
    check(closed());
    if let Ok(full) = full() {
        check(full.into());
    }

    // A run writes all its events there, and is stopped halfway.
    let mut child = train(here, "1", "4000");
    let mut child = child
        .stdout(Stdio::piped())
        .stderr(closed())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("\"step\"")));
    signal("-INT", child.id());
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert!(
        rest.last().unwrap().contains("\"stopped\""),
        "{:?}",
        rest.last()
    );
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let plain = tagsmith(here)
        .args(["resume", "run"])
        .stderr(closed())
        .stdout(Stdio::null())
        .spawn();
    let mut plain = plain.unwrap();
    // A wish that comes before the run is taken up is cleared away as one of an earlier session.
    let end = loop {
        fs::write(here.join("run/stop"), "").unwrap();
        std::thread::sleep(std::time::Duration::from_millis(200));
        if let Some(end) = plain.try_wait().unwrap() {
            break end;
        }
    };
    assert_eq!(end.code(), Some(130));
}
