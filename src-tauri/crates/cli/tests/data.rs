//! `data`, `score` and `evaluate` from outside: every file is looked at, nothing is replaced
//! unasked, and notes stay few.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use support::{Printed, folder, printed, tagsmith, tiny};

fn run(folder: &Path, arguments: &[&str]) -> Printed {
    printed(&support::run(folder, arguments))
}

fn run_with(folder: &Path, arguments: &[&str], input: &str) -> Printed {
    let mut child = tagsmith(folder)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    printed(&child.wait_with_output().unwrap())
}

const GOOD: &[u8] = b"the O\noslo B-LOC\n\nanna B-PER\nberg I-PER\n";

#[test]
fn every_file_is_checked_whatever_the_others_are() {
    let folder = folder(&[
        ("latin.conll", b"the O\ncaf\xe9 O\n"),
        ("good.conll", GOOD),
        ("short.conll", b"the O\nport\nin O\nx\noslo B-LOC\n"),
        ("broken.jsonl", b"{\"text\": \"a\"}\n{\"text\": }\n"),
        ("empty.conll", b""),
        ("prose.txt", b"one\ntwo\nthree\n"),
        (
            "spans.jsonl",
            b"{\"text\": \"oslo\", \"entities\": [[0, 9, \"X\"]]}\n",
        ),
    ]);
    let here = folder.path();
    let files = [
        "latin.conll",
        "good.conll",
        "short.conll",
        "absent.conll",
        "broken.jsonl",
        "empty.conll",
        "prose.txt",
        "spans.jsonl",
        ".",
    ];
    let (code, out, err) = run(here, &[&["data", "check", "--json"][..], &files].concat());
    assert_eq!(code, Some(1), "{err}");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["files"].as_array().unwrap().len(), 1);
    assert_eq!(report["files"][0]["path"], "good.conll");
    let found: Vec<(&str, &str, u64)> = report["issues"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|issue| issue["severity"] == "error")
        .map(|issue| {
            assert!(issue["fix"].is_string(), "{issue}");
            let text = |key: &str| issue[key].as_str().unwrap();
            (text("file"), text("code"), issue["line"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(
        found,
        [
            ("latin.conll", "not-utf8", 2),
            ("short.conll", "too-few-columns", 2),
            ("short.conll", "too-few-columns", 4),
            ("absent.conll", "unreadable", 0),
            ("broken.jsonl", "bad-json", 2),
            ("empty.conll", "empty-file", 0),
            ("prose.txt", "not-a-corpus", 1),
            ("spans.jsonl", "span-out-of-range", 1),
            // The folder is read as a data set, and its first file cannot be.
            ("./broken.jsonl", "bad-json", 2),
        ]
    );
    let last = "error: 8 of 9 files cannot be used as they are\nhint: ";
    assert!(err.contains(last) && err.lines().count() == 2, "{err}");

    let (code, out, err) = run(here, &[&["data", "check"][..], &files].concat());
    assert_eq!(code, Some(1));
    assert!(out.contains("good.conll (dev)\n  format    conll"), "{out}");
    for line in [
        "error: latin.conll:2: not valid UTF-8 at byte 9 (0xE9)\n  fix: correct it, save the file as UTF-8, or name its encoding",
        "error: broken.jsonl:2:10: not valid JSON",
        "error: absent.conll: cannot be read: No such file",
        "error: short.conll:4: found 1 column",
    ] {
        assert_eq!(out.matches(line).count(), 1, "{line}: {out}");
    }
    assert!(err.starts_with(last), "{err}");

    // Warnings and notes are no reason to fail.
    let (code, out, _) = run(
        here,
        &["data", "check", "train=good.conll", "test=good.conll"],
    );
    assert_eq!(code, Some(0));
    assert!(
        out.contains("warning: good.conll:1: 2 of 2 documents"),
        "{out}"
    );
    // With the invalid spans left out the file can be used.
    let drop = ["data", "check", "--drop-invalid", "spans.jsonl"];
    assert_eq!(run(here, &drop).0, Some(0));
}

/// Long lists of faults must not hide one another, nor be counted wrongly.
#[test]
fn errors_come_before_notes_and_the_rest_is_counted() {
    let repaired = "oslo I-LOC\n\n".repeat(60);
    let folder = folder(&[
        ("a.conll", format!("b B-X\n\n{repaired}").as_bytes()),
        ("b.conll", &[GOOD, "bad\n".repeat(1500).as_bytes()].concat()),
    ]);
    let (code, out, _) = run(
        folder.path(),
        &["data", "check", "--scheme", "iob2", "a.conll", "b.conll"],
    );
    assert_eq!(code, Some(1));
    let first = out
        .lines()
        .find(|line| !line.starts_with(' ') && line.contains(": "));
    assert!(first.unwrap().starts_with("error: b.conll:6: "), "{out}");
    // Of 1500 faults, 60 repairs and 59 repeated texts three each are listed; `X` has one example.
    for line in [
        "… and 1497 more of this kind",
        "… and 57 more of this kind",
        "… and 56 more of this kind",
        "\nfound 1500 errors, 61 warnings, 59 notes\n",
    ] {
        assert_eq!(out.matches(line).count(), 1, "{line}: {out}");
    }

    let (_, _, err) = run(folder.path(), &["data", "convert", "b.conll", "c.jsonl"]);
    assert!(err.starts_with("error: b.conll: 1500 faults, the first in line 6\n  b.conll:6: "));
    assert_eq!(err.matches("b.conll:6: ").count(), 1, "{err}");
    assert!(err.contains("\n  … and 1480 more\nhint: "), "{err}");
}

#[test]
fn splits_are_told_by_whole_parts_of_names() {
    let folder = folder(&[]);
    let here = folder.path();
    // The split that a file gets as the only one, and behind two others.
    for (name, alone, third) in [
        ("my-dev.jsonl", "dev", "dev"),
        ("device.jsonl", "train", "test"),
        ("attest.conll", "train", "test"),
        ("contest_train.conll", "train", "train"),
        ("eng.testa", "dev", "dev"),
        ("eng.testb", "test", "test"),
        ("Validation.txt", "dev", "dev"),
        ("constrained.conll", "train", "test"),
        ("train2.conll", "train", "train"),
        ("test=dev.conll", "test", "test"),
    ] {
        let file = name.strip_prefix("test=").unwrap_or(name);
        std::fs::write(here.join(file), GOOD).unwrap();
        std::fs::write(here.join("x.conll"), GOOD).unwrap();
        let split = |files: &[&str]| -> String {
            let (_, out, _) = run(here, &[&["data", "check", "--json"][..], files].concat());
            let report: Value = serde_json::from_str(&out).unwrap();
            let last = report["files"].as_array().unwrap().last().unwrap();
            last["split"].as_str().unwrap().into()
        };
        assert_eq!(split(&[name]), alone, "{name}");
        assert_eq!(split(&["x.conll", "x.conll", name]), third, "{name}");
    }
}

#[test]
fn notes_are_one_line_a_kind() {
    let text = "a I-X\n\n".repeat(1200) + "b B-X\n\n";
    let scored = "a O B-X B-X\n".repeat(3) + &"b O B-X B-X x\n".repeat(2);
    let folder = folder(&[("a.conll", text.as_bytes()), ("s.txt", scored.as_bytes())]);
    let here = folder.path();
    let convert = ["data", "convert", "a.conll", "a.jsonl", "--scheme", "iob2"];
    let (code, _, err) = run(here, &convert);
    assert_eq!(code, Some(0), "{err}");
    assert!(err.starts_with("note: a.conll:1: tag `I-X`"), "{err}");
    assert!(err.ends_with("(and 1199 more of this kind)\n"), "{err}");
    assert_eq!(err.lines().count(), 1, "{err}");

    let (code, _, err) = run(here, &["score", "s.txt"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(err.ends_with("(and 1 more of this kind)\n"), "{err}");
    assert_eq!(err.lines().count(), 1, "{err}");
}

#[test]
fn score_reads_standard_input() {
    let folder = folder(&[]);
    let input = "a B-X B-X\nb I-X O\nc O O\n\nd B-Y B-Y\n";
    let (code, out, err) = run_with(folder.path(), &["score", "--json", "-"], input);
    assert_eq!(code, Some(0), "{err}");
    let metrics: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(metrics["overall"]["support"], 2);
    let (code, _, err) = run_with(folder.path(), &["score", "-"], "a B-X B-X\nb O\n");
    assert_eq!(code, Some(1));
    assert!(err.contains("standard input:2: found 2 columns"), "{err}");
}

#[test]
fn convert_writes_to_standard_output_and_names_what_it_could_not_write() {
    let folder = folder(&[("a.conll", GOOD)]);
    let here = folder.path();
    let (code, out, err) = run(here, &["data", "convert", "a.conll", "-", "--to", "jsonl"]);
    assert_eq!(code, Some(0), "{err}");
    let records: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(records.len(), 2);
    assert_eq!(records[0]["text"], "the oslo");
    assert!(err.contains("wrote 2 documents with 2 entities"), "{err}");
    assert!(!here.join("-").exists());
    // What is no data goes to stderr, for machines too.
    let (_, out, err) = run(here, &["data", "convert", "--json", "a.conll", "-"]);
    assert_eq!(out, "the\tO\noslo\tB-LOC\n\nanna\tB-PER\nberg\tI-PER\n\n");
    let report: Value = serde_json::from_str(&err).unwrap();
    assert_eq!(report["documents"], 2);

    let (code, _, err) = run(here, &["data", "convert", "a.conll", "no/where.jsonl"]);
    assert_eq!(code, Some(1));
    assert!(
        err.starts_with("error: cannot write `no/where.jsonl`: No such file or directory"),
        "{err}"
    );
    assert!(!err.contains(".part"), "{err}");
}

#[test]
fn evaluate_replaces_nothing_unasked_and_says_what_it_could_not_score() {
    let model = tiny("bert-token-classification");
    let record = "{\"text\": \"the oslo \u{200b} berg\", \"tokens\": [{\"start\": 0, \"end\": 3}, {\"start\": 4, \"end\": 8}, {\"start\": 9, \"end\": 10}, {\"start\": 11, \"end\": 15}], \"spans\": [[5, 8, \"SHIP\"], [11, 13, \"PER\"], [13, 15, \"PER\"]]}\n";
    let folder = folder(&[("a.jsonl", record.as_bytes()), ("old", b"kept")]);
    let here = folder.path();
    let base = ["evaluate", "--model", &model, "--data", "a.jsonl"];
    for option in ["--out", "--predictions"] {
        let arguments = [&base[..], &[option, "old"]].concat();
        let (code, out, err) = run(here, &arguments);
        assert_eq!((code, out.as_str()), (Some(1), ""), "{err}");
        assert!(
            err.starts_with("error: `old` exists already\nhint: "),
            "{err}"
        );
        assert_eq!(std::fs::read(here.join("old")).unwrap(), b"kept");
        let (code, _, err) = run(here, &[&arguments[..], &["--force"]].concat());
        assert_eq!(code, Some(0), "{err}");
        assert_ne!(std::fs::read(here.join("old")).unwrap(), b"kept");
        std::fs::write(here.join("old"), "kept").unwrap();
    }
    let both = ["--out", "new", "--predictions", "new", "--force"];
    let (code, _, err) = run(here, &[&base[..], &both].concat());
    assert_eq!(code, Some(1));
    assert!(
        err.contains("--predictions") && !here.join("new").exists(),
        "{err}"
    );

    let (_, _, err) = run(here, &base);
    for note in [
        "note: the model does not have the label `SHIP` of the data; its entities count as missed",
        "note: 3 entities start or end inside a word and are scored as whole words",
        "note: 1 entity shares a word with another one, or has none, and is not scored",
        "note: 1 word gives the model nothing to read and counts as outside any entity",
    ] {
        assert_eq!(err.matches(note).count(), 1, "{note}: {err}");
    }
}

/// Every form goes out and comes back, a folder of splits stays one, and a plan writes nothing.
#[test]
fn convert_knows_the_forms_of_other_programs() {
    let folder = folder(&[("train.conll", GOOD), ("dev.conll", GOOD)]);
    let here = folder.path();
    for (to, output) in [
        ("spacy", "a.jsonl"),
        ("prodigy", "b.jsonl"),
        ("doccano", "c.jsonl"),
        ("label-studio", "d.json"),
        ("brat", "brat"),
        ("brat", "brat.zip"),
        ("parquet", "e.parquet"),
    ] {
        let (code, out, err) = run(
            here,
            &["data", "convert", "--to", to, "train.conll", output],
        );
        assert_eq!(code, Some(0), "{to}: {err}");
        assert!(out.contains("wrote 2 documents with 2 entities"), "{out}");
        let (code, back, err) = run(here, &["data", "convert", output, "-", "--to", "conll"]);
        assert_eq!(code, Some(0), "{to}: {err}");
        let expected = "the\tO\noslo\tB-LOC\n\nanna\tB-PER\nberg\tI-PER\n\n";
        assert_eq!(back.replace("-DOCSTART-\tO\n\n", ""), expected, "{to}");
    }
    assert!(here.join("brat/1.txt").exists() && here.join("brat/2.ann").exists());

    std::fs::create_dir(here.join("set")).unwrap();
    for name in ["train.conll", "dev.conll"] {
        std::fs::rename(here.join(name), here.join("set").join(name)).unwrap();
    }
    let (code, _, err) = run(here, &["data", "convert", "set", "one.jsonl"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("several splits (train, dev)"), "{err}");
    let plan = [
        "data",
        "convert",
        "--dry-run",
        "set",
        "out/",
        "--to",
        "spacy",
    ];
    let (code, out, err) = run(here, &plan);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("train: would write 2 documents"), "{out}");
    assert!(!here.join("out").exists());
    // What a format cannot hold is listed with its lines.
    std::fs::write(
        here.join("nested.jsonl"),
        "{\"text\": \"Ada\"}\n{\"text\": \"New York\", \"label\": [[0, 8, \"LOC\"], [4, 8, \"CITY\"]]}\n",
    )
    .unwrap();
    let plan = [
        "data",
        "convert",
        "--dry-run",
        "--keep-overlaps",
        "nested.jsonl",
        "-",
        "--to",
        "conll",
    ];
    let (code, _, err) = run(here, &plan);
    assert_eq!(code, Some(0), "{err}");
    assert!(
        err.contains(
            "note: 1 span had no word of its own, or overlapped another, and is gone (line 2)"
        ),
        "{err}"
    );
    for (output, to) in [
        ("out/", "doccano"),
        ("out.zip", "parquet"),
        ("standoff/", "brat"),
    ] {
        let (code, _, err) = run(here, &["data", "convert", "set", output, "--to", to]);
        assert_eq!(code, Some(0), "{err}");
        let (_, out, _) = run(here, &["data", "check", "--json", output]);
        let report: Value = serde_json::from_str(&out).unwrap();
        let mut splits: Vec<&str> = report["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|file| file["split"].as_str().unwrap())
            .collect();
        splits.sort_unstable();
        assert_eq!(splits, ["dev", "train"], "{output}");
    }
    assert!(here.join("out/train.jsonl").exists());
    assert!(here.join("standoff/dev/1.ann").exists());
}

/// Ten of any number: the same ones each time, entities marked, the file left as it is.
#[test]
fn augmentation_is_shown_and_written() {
    let text = b"in O\nnew B-LOC\nport I-LOC\n\nanna B-PER\nin O\noslo B-LOC\n\nthe O\nship O\n";
    let folder = folder(&[
        ("train.conll", text),
        ("list.tsv", b"LOC\trio\nGPE\tx\n"),
        ("bad.tsv", b"LOC\trio\nLOC rio\n"),
    ]);
    let here = folder.path();
    let only_mentions = [
        "--token-replacement=0",
        "--segment-shuffling=0",
        "--word-dropout=0",
        "--case-noise=0",
        "--typo-noise=0",
        "--mention-replacement=1",
    ];
    let augment = |more: &[&str]| {
        let arguments = [
            &["data", "augment", "train.conll"][..],
            &only_mentions,
            more,
        ]
        .concat();
        run(here, &arguments)
    };
    let (code, out, err) = augment(&["--count", "2"]);
    assert_eq!((code, &*err), (Some(0), ""));
    let mut shown: Vec<&str> = out.lines().collect();
    shown.sort_unstable();
    assert_eq!(
        shown,
        [
            "  [anna](PER) in [oslo](LOC)",
            "  in [new port](LOC)",
            "line 1: mention replacement",
            "line 5: mention replacement",
            "→ [anna](PER) in [new port](LOC)",
            "→ in [oslo](LOC)",
        ]
    );
    assert_eq!(augment(&["--count", "2"]).1, out);
    let (code, lines, err) = augment(&["--json", "--augment-mentions", "list.tsv"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(err.contains("`GPE`, which the data lacks"), "{err}");
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 10);
    for line in lines {
        assert_eq!(
            line["operations"],
            serde_json::json!(["mention-replacement"])
        );
        let after = &line["after"];
        let entity = after["entities"].as_array().unwrap().last().unwrap();
        assert_eq!(entity["label"], "LOC");
        let end = entity["end"].as_u64().unwrap() as usize;
        assert_eq!(after["text"].as_str().unwrap().len(), end);
    }
    let (code, out, err) = augment(&["--out", "new.jsonl", "--count", "3"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.starts_with("wrote 3 documents with "), "{out}");
    let (code, ..) = run(here, &["data", "check", "new.jsonl"]);
    assert_eq!(code, Some(0));
    assert_eq!(augment(&["--out", "new.jsonl"]).0, Some(1));
    let (code, _, err) = augment(&["--out", "train.conll", "--force"]);
    assert_eq!(code, Some(1), "{err}");
    let (code, _, err) = augment(&["--augment-mentions", "bad.tsv"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("bad.tsv:2: found 1 columns"), "{err}");
    assert_eq!(std::fs::read(here.join("train.conll")).unwrap(), text);
}
