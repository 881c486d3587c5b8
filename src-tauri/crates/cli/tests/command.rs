//! The `tagsmith` program from outside: what it prints, where, and the code it exits with.
//!
//! One file, as most cases need the same trained model and the same way of asking.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use support::{run, signal, tagsmith, text, tiny};

/// Runs a command that must succeed; what it printed.
fn good(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{arguments:?}: {}",
        text(&output.stderr)
    );
    text(&output.stdout)
}

fn good_json(folder: &Path, arguments: &[&str]) -> Value {
    serde_json::from_str(&good(folder, arguments)).unwrap()
}

/// Runs a command that must fail with code 1, an `error:` and a `hint:` line, and nothing on stdout.
fn bad(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {message}");
    assert!(message.contains("error: "), "{arguments:?}: {message}");
    assert!(message.contains("\nhint: "), "{arguments:?}: {message}");
    assert!(!message.contains("panicked"), "{message}");
    message
}

const TRAIN: &str =
    "the O\nport O\nin O\noslo B-LOC\n\nanna B-PER\nberg I-PER\nat O\nthe O\nship O\n\n";

/// A folder with a training file and a model trained on it.
fn trained() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("train.conll"),
        format!("{TRAIN}é O\nthe O\nport O\nin O\noslo B-LOC\n\n").repeat(12),
    )
    .unwrap();
    std::fs::write(folder.path().join("dev.conll"), TRAIN).unwrap();
    let out = good(
        folder.path(),
        &[
            "train",
            "--json",
            "--model",
            &tiny("bert-no-prefix"),
            "--train",
            "train.conll",
            "--dev",
            "dev.conll",
            "--out",
            "run",
            "--epochs",
            "40",
            "--batch-size",
            "4",
            "--lr",
            "2e-3",
            "--max-length",
            "32",
        ],
    );
    let events: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events[0]["event"], "started");
    assert_eq!(events.last().unwrap()["event"], "finished");
    let model = folder.path().join("run/model").display().to_string();
    (folder, model)
}

#[test]
fn train_evaluate_and_tag() {
    let (folder, model) = trained();
    let here = folder.path();

    let report = good_json(
        here,
        &[
            "evaluate",
            "--json",
            "--model",
            &model,
            "--data",
            "dev.conll",
            "--predictions",
            "p.jsonl",
        ],
    );
    assert_eq!(report["metrics"]["convention"], "conlleval");
    assert_eq!(report["metrics"]["overall"]["f1"], 1.0);
    let again = [
        "evaluate",
        "--model",
        &model,
        "--data",
        "dev.conll",
        "--predictions",
        "p.jsonl",
    ];
    assert!(bad(here, &again).contains("exists already"));
    let first = std::fs::read_to_string(here.join("p.jsonl")).unwrap();
    let first: Value = serde_json::from_str(first.lines().next().unwrap()).unwrap();
    assert_eq!(first["tags"], serde_json::json!(["O", "O", "O", "B-LOC"]));

    // Lines, in order, an empty one too; offsets count characters.
    std::fs::write(
        here.join("text.txt"),
        "é the port in oslo\r\n\nanna berg at the ship",
    )
    .unwrap();
    let lines: Vec<Value> = good(here, &["tag", "--model", &model, "text.txt"])
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0]["text"], "é the port in oslo");
    let entity = &lines[0]["entities"][0];
    assert_eq!(
        (
            &entity["start"],
            &entity["end"],
            &entity["label"],
            &entity["text"]
        ),
        (&14.into(), &18.into(), &"LOC".into(), &"oslo".into())
    );
    assert!(entity["score"].as_f64().unwrap() > 0.5);
    assert_eq!(lines[1], serde_json::json!({"text": "", "entities": []}));
    assert_eq!(lines[2]["entities"][0]["text"], "anna berg");

    let whole = good(here, &["tag", "--whole", "--model", &model, "text.txt"]);
    assert_eq!(whole.lines().count(), 1);
    let none = good(
        here,
        &["tag", "--threshold", "1", "--model", &model, "text.txt"],
    );
    assert!(none.lines().all(|line| line.contains("\"entities\":[]")));

    std::fs::write(here.join("bad.jsonl"), "\n{\"sentence\": \"a\"}\nb\n").unwrap();
    let message = bad(here, &["tag", "--model", &model, "bad.jsonl"]);
    assert!(
        message.contains("line 2") && message.contains("`text`"),
        "{message}"
    );

    std::fs::write(
        here.join("t.jsonl"),
        "{\"text\": \"the port in oslo\", \"id\": 7}\n\n{\"text\": \"at\"}\n",
    )
    .unwrap();
    let records = good(here, &["tag", "--model", &model, "t.jsonl"]);
    assert!(
        records.starts_with("{\"id\":7,\"text\":\"the port in oslo\",\"entities\":[{\"start\":12"),
        "{records}"
    );

    // Comments before records, lists of records, and JSON over several lines are no text.
    let pretty = "[\n  {\n    \"text\": \"the port in oslo\"\n  },\n  {\"text\": \"at\"}\n]\n";
    for content in [
        "# exported\n\n{\"text\": \"the port in oslo\"}\n{\"text\": \"at\"}\n",
        "[{\"text\": \"the port in oslo\"}, {\"text\": \"at\"}]\n",
        pretty,
        &format!("\u{feff}\n# exported\n{pretty}"),
        &format!("\u{feff}{pretty}"),
    ] {
        std::fs::write(here.join("t.json"), content).unwrap();
        let tagged = good(here, &["tag", "--model", &model, "t.json"]);
        let texts: Vec<Value> = tagged
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["text"].take())
            .collect();
        assert_eq!(texts, ["the port in oslo", "at"], "{content}");
    }
    // Text that starts as JSON does stays text, every line of it.
    let prose = "# On ports\n[1]\n[\"See\n{ the port\n";
    for content in [prose, "[\"See\nthe port\n", "{\nthe port\n"] {
        std::fs::write(here.join("t.txt"), content).unwrap();
        let tagged = good(here, &["tag", "--model", &model, "t.txt"]);
        assert_eq!(tagged.lines().count(), content.lines().count(), "{content}");
    }

    // A model that was trained is refused as an output folder, and left alone.
    let message = bad(
        here,
        &[
            "train",
            "--model",
            &model,
            "--train",
            "train.conll",
            "--out",
            "run",
        ],
    );
    assert!(message.contains("is not empty"));
}

#[test]
fn stream_answers_each_line_before_the_next_and_survives_garbage() {
    let (folder, model) = trained();
    let mut child = tagsmith(folder.path())
        .args(["tag", "--stream", "--model", &model])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut ask = |request: &str| -> Value {
        writeln!(input, "{request}").unwrap();
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    };
    assert_eq!(
        ask(r#"{"text": "the port in oslo", "id": "a"}"#)["entities"][0]["text"],
        "oslo"
    );
    assert!(ask("garbage")["error"].is_string());
    assert!(
        ask(r#"{"id": 3}"#)["error"]
            .as_str()
            .unwrap()
            .contains("`text`")
    );
    assert_eq!(
        ask(r#"{"text": "", "id": "b"}"#),
        serde_json::json!({"id": "b", "text": "", "entities": []})
    );
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_after_the_step_keeps_the_model_and_the_run_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("train.conll"), TRAIN.repeat(40)).unwrap();
    let mut child = tagsmith(folder.path())
        .args([
            "train",
            "--json",
            "--model",
            &tiny("bert-no-prefix"),
            "--train",
            "train.conll",
        ])
        .args([
            "--out",
            "run",
            "--epochs",
            "400",
            "--batch-size",
            "2",
            "--patience",
            "0",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut last = String::new();
    for line in &mut lines {
        last = line.unwrap();
        if last.contains("\"event\":\"step\"") {
            break;
        }
    }
    assert!(last.contains("\"event\":\"step\""));
    signal("-INT", child.id());
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert!(
        rest.last().unwrap().contains("\"event\":\"stopped\""),
        "{:?}",
        rest.last()
    );
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let run = folder.path().join("run");
    assert!(run.join("report.json").exists() && run.join("model/model.safetensors").exists());
    assert_eq!(
        std::fs::read_dir(run.join("checkpoints")).unwrap().count(),
        1
    );
}

#[cfg(unix)]
#[test]
fn a_model_that_does_not_fit_on_the_disk_is_told_and_no_half_model_is_left() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("train.conll"), TRAIN.repeat(12)).unwrap();
    // A limit on the size of files stands in for the full disk: 40 KiB, half of the tiny model.
    let script = "ulimit -f 40; trap '' XFSZ; exec \"$@\"";
    let output = Command::new("bash")
        .args(["-c", script, "bash", env!("CARGO_BIN_EXE_tagsmith")])
        .args([
            "train",
            "--json",
            "--model",
            &tiny("bert-no-prefix"),
            "--train",
            "train.conll",
        ])
        .args(["--out", "run", "--epochs", "2", "--max-length", "32"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let out = text(&output.stdout);
    let last: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!(last["event"], "failed");
    assert!(
        last["message"].as_str().unwrap().contains("cannot write"),
        "{last}"
    );
    let model = folder.path().join("run/model");
    assert!(!model.join("model.safetensors").exists(), "no half model");
    for entry in std::fs::read_dir(model).unwrap().flatten() {
        assert!(
            !entry.file_name().to_string_lossy().contains(".part"),
            "{entry:?}"
        );
    }
}

#[test]
fn numbers_as_tags_can_be_trained_on() {
    let folder = tempfile::tempdir().unwrap();
    let line = "{\"tokens\": [\"the\", \"oslo\"], \"ner_tags\": [0, 1]}\n";
    std::fs::write(folder.path().join("n.jsonl"), line.repeat(8)).unwrap();
    let model = tiny("bert-no-prefix");
    let common = [
        "train", "--model", &model, "--train", "n.jsonl", "--out", "run", "--epochs", "1",
    ];
    assert!(bad(folder.path(), &common).contains("--label-names"));
    let with = [&common[..], &["--label-names", "O,B-LOC"]].concat();
    good(folder.path(), &with);
    assert!(folder.path().join("run/report.json").exists());
}

#[test]
fn data_is_checked_and_converted_there_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    std::fs::write(here.join("a.conll"), TRAIN).unwrap();
    let report = good_json(here, &["data", "check", "--json", "a.conll"]);
    assert_eq!(report["files"][0]["documents"], 2);
    assert_eq!(report["files"][0]["labels"]["PER"], 1);
    assert!(
        good(here, &["data", "check", "train=a.conll", "test=a.conll"])
            .contains("are in `train` as well")
    );

    good(here, &["data", "convert", "a.conll", "a.jsonl"]);
    good(
        here,
        &[
            "data",
            "convert",
            "a.jsonl",
            "b.conll",
            "--to-scheme",
            "bioes",
        ],
    );
    assert!(
        std::fs::read_to_string(here.join("b.conll"))
            .unwrap()
            .contains("oslo\tS-LOC")
    );
    good(here, &["data", "convert", "b.conll", "c.jsonl"]);
    let read = |name: &str| std::fs::read_to_string(here.join(name)).unwrap();
    assert_eq!(read("a.jsonl"), read("c.jsonl"));
    assert!(bad(here, &["data", "convert", "a.conll", "a.jsonl"]).contains("exists already"));
    good(here, &["data", "convert", "a.conll", "a.jsonl", "--force"]);
}

#[test]
fn score_prints_exactly_the_metrics() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("s.txt"),
        "a B-X B-X\nb I-X O\nc O O\n\nd B-Y B-Y\n",
    )
    .unwrap();
    let metrics = good_json(folder.path(), &["score", "--json", "s.txt"]);
    let keys: Vec<&String> = metrics.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        ["convention", "overall", "macro", "labels", "token_accuracy"]
    );
    assert_eq!(
        metrics["overall"],
        serde_json::json!({"precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 2})
    );
    assert_eq!(metrics["token_accuracy"], 0.75);
    assert!(good(folder.path(), &["score", "--mode", "strict", "s.txt"]).contains("`strict`"));
}

#[test]
fn score_reads_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = tagsmith(folder.path())
        .args(["score", "--json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"a B-X B-X\n")
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let metrics: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(metrics["overall"]["f1"], 1.0);
}

#[test]
fn check_looks_at_every_file_and_tells_each_fault_once() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    std::fs::write(here.join("latin.conll"), b"caf\xe9 O\n").unwrap();
    std::fs::write(here.join("good.conll"), TRAIN).unwrap();
    std::fs::write(here.join("short.conll"), "the O\nport\nin\nat O\n").unwrap();
    let output = run(
        here,
        &[
            "data",
            "check",
            "--json",
            "latin.conll",
            "good.conll",
            "short.conll",
        ],
    );
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
    assert_eq!(report["files"].as_array().unwrap().len(), 1);
    assert_eq!(report["issues"].as_array().unwrap().len(), 3);
    assert!(text(&output.stderr).contains("2 of 3 files"));
    let message = bad(here, &["data", "convert", "short.conll", "x.jsonl"]);
    assert_eq!(message.matches("short.conll:2").count(), 1, "{message}");
    // `device` is not `dev`.
    std::fs::write(here.join("device.conll"), TRAIN).unwrap();
    let report = good_json(here, &["data", "check", "--json", "device.conll"]);
    assert_eq!(report["files"][0]["split"], "train");
}

#[test]
fn devices_and_models_are_listed_and_inspected() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    assert_eq!(good_json(here, &["devices", "--json"])[0]["id"], "cpu");
    assert_eq!(
        good_json(here, &["models", "list", "--json"]),
        serde_json::json!([])
    );
    assert!(good(here, &["models", "list"]).contains("no models"));
    let summary = good_json(
        here,
        &["models", "inspect", "--json", &tiny("bert-no-prefix")],
    );
    assert_eq!(summary["trainable"], true);
    assert!(good(here, &["models", "inspect", &tiny("bert-truncated")]).contains("trainable"));
}

#[test]
fn wrong_usage_exits_with_two() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["fly"][..],
        &["train", "--out", "x"],
        &["tag"],
        &[
            "train", "--model", "a", "--train", "b", "--out", "c", "--epochs", "many",
        ],
        &["score", "--mode", "lax", "f"],
        &["tag", "--model", "a", "--threshold", "2"],
    ] {
        assert_eq!(
            run(folder.path(), arguments).status.code(),
            Some(2),
            "{arguments:?}"
        );
    }
}

#[test]
fn bad_input_is_told_with_place_and_hint() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let file = |name: &str, bytes: &[u8]| {
        std::fs::write(here.join(name), bytes).unwrap();
    };
    file("empty.conll", b"");
    file("short.conll", b"the O\nport\nin O\n");
    file("latin.conll", b"the O\ncaf\xe9 O\n");
    file("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0");
    file(
        "spans.jsonl",
        br#"{"text": "the port in oslo", "entities": [[0, 3, "X"], [2, 8, "Y"], [4, 99, "Z"]]}"#,
    );
    file(
        "broken.jsonl",
        b"{\"text\": \"a\", \"entities\": []}\n{\"text\": \n",
    );
    let model = tiny("bert-no-prefix");
    let train = |data: &str| {
        bad(
            here,
            &["train", "--model", &model, "--train", data, "--out", "out"],
        )
    };
    let cases = [
        ("absent.conll", "absent.conll"),
        ("empty.conll", "empty"),
        ("short.conll", ":2"),
        ("latin.conll", ":2:"),
        ("picture.png", "picture.png"),
        ("spans.jsonl", "99"),
        ("broken.jsonl", "2"),
        (".", "."),
    ];
    for (data, expected) in cases {
        let message = train(data);
        assert!(message.contains(expected), "{data}: {message}");
        assert!(!here.join("out").exists(), "{data}");
    }
    assert!(train("spans.jsonl").contains("--drop-invalid"));
    assert!(
        bad(
            here,
            &[
                "train",
                "--model",
                "no/such-model",
                "--train",
                "short.conll",
                "--out",
                "out"
            ]
        )
        .contains("no/such-model")
    );
    assert!(bad(here, &["tag", "--model", &model, "-"]).contains("tagsmith train"));
    file("config.json", br#"{"learnin_rate": 1}"#);
    assert!(
        bad(here, &["train", "--config", "config.json", "--out", "out"]).contains("learnin_rate")
    );
    let output = run(
        here,
        &[
            "train", "--json", "--model", "no/such", "--train", "a", "--out", "out",
        ],
    );
    let event: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
    assert_eq!(
        (&event["event"], output.status.code()),
        (&"failed".into(), Some(1))
    );
    // What is wrong is listed for machines too.
    let output = run(here, &["data", "check", "--json", "spans.jsonl"]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
    assert_eq!(report["issues"].as_array().unwrap().len(), 2);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_leaves_no_half_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.conll"), TRAIN).unwrap();
    // A device that is always full stands in for the disk, reached as a file in a folder of its own.
    let target = PathBuf::from("/dev/full");
    if !target.exists() {
        eprintln!("skipped: there is no /dev/full");
        return;
    }
    let output = tagsmith(folder.path())
        .args(["data", "check", "a.conll"])
        .stdout(
            std::fs::OpenOptions::new()
                .write(true)
                .open(target)
                .unwrap(),
        )
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("No space left"),
        "{}",
        text(&output.stderr)
    );
}

/// Whoever reads the output of any command finds its error as the last line, with a stable code.
#[test]
fn with_json_an_error_is_an_event_of_any_command() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    std::fs::write(here.join("bad.conll"), "EU\tB-ORG\nwon\tnonsense tag\tx\n").unwrap();
    for (arguments, code) in [
        (&["models", "inspect", "./absent"][..], "model"),
        (&["score", "absent.txt"], "data"),
        (&["data", "stats", "absent.conll"], "data"),
        (&["tag", "--model", "./absent"], "model"),
        (
            &["evaluate", "--model", "./absent", "--data", "bad.conll"],
            "model",
        ),
        (&["resume", "./absent"], "resume"),
    ] {
        let output = run(here, &[&["--json"], arguments].concat());
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let last = text(&output.stdout);
        let last: Value = serde_json::from_str(last.lines().next_back().unwrap()).unwrap();
        assert_eq!(last["event"], "failed", "{arguments:?}");
        assert_eq!(last["code"], code, "{arguments:?}: {last}");
        let message = last["message"].as_str().unwrap();
        assert!(text(&output.stderr).contains(message), "{arguments:?}");
    }
}
