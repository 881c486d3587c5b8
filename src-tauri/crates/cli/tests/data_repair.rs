//! `data split` and `data repair` from outside: what is written, what is shown, what is refused.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use serde_json::{Value, json};
use std::path::Path;
use support::{Printed, printed};

fn run(folder: &Path, arguments: &[&str]) -> Printed {
    printed(&support::run(folder, arguments))
}

/// A folder with these texts.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let files: Vec<_> = files
        .iter()
        .map(|(name, text)| (*name, text.as_bytes()))
        .collect();
    support::folder(&files)
}

fn text(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn a_file_is_split_by_shares() {
    let sentences: String = (0..20).map(|i| format!("word{i} B-X\nis O\n\n")).collect();
    let folder = folder(&[("all.conll", &sentences)]);
    let here = folder.path();
    let split = [
        "data",
        "split",
        "all.conll",
        "--out",
        "splits",
        "--seed",
        "3",
    ];
    let (code, out, err) = run(
        here,
        &[&split[..], &["--shares", "train=70%,test=30%", "--json"]].concat(),
    );
    assert_eq!(code, Some(0), "{err}");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        report["recipe"]["repairs"],
        json!([{"repair": "split", "shares": {"test": 0.3, "train": 0.7}, "seed": 3}])
    );
    assert_eq!(report["repairs"][0]["moved_documents"], 6);
    let words = |name: &str| -> Vec<String> {
        let text = text(here, name);
        let lines = text.lines().filter(|line| line.starts_with("word"));
        lines.map(str::to_owned).collect()
    };
    let (train, test) = (words("splits/train.conll"), words("splits/test.conll"));
    assert_eq!((train.len(), test.len()), (14, 6));
    let mut all: Vec<String> = [train, test].concat();
    all.sort();
    let mut expected: Vec<String> = (0..20).map(|i| format!("word{i}\tB-X")).collect();
    expected.sort();
    assert_eq!(all, expected);

    // Nothing is replaced unasked.
    let (code, _, err) = run(here, &split);
    assert_eq!(code, Some(1));
    assert!(err.contains("splits/train.conll` exists already"), "{err}");
    let (code, out, err) = run(here, &[&split[..], &["--force", "--sample", "10"]].concat());
    assert_eq!(code, Some(0), "{err}");
    assert!(
        out.contains("sample: 10 spans removed; 10 documents removed"),
        "{out}"
    );
    assert!(
        out.contains("wrote 8 documents with 8 entities to `splits/train.conll`"),
        "{out}"
    );
    let (code, _, err) = run(
        here,
        &[&split[..], &["--force", "--shares", "train=0.8,dev=0.1"]].concat(),
    );
    assert_eq!(code, Some(1));
    assert!(
        err.contains("the shares make 0.9 together") && err.contains("hint: "),
        "{err}"
    );
}

const CROOKED: &str = concat!(
    "{\"text\": \"Ada sang\", \"entities\": [[0, 4, \"PERS\"]]}\n",
    "{\"text\": \"in Oslo\", \"entities\": [[3, 6, \"LOC\"]]}\n",
    "{\"text\": \"in Oslo\", \"entities\": [[3, 7, \"LOC\"]]}\n",
);

#[test]
fn repairs_are_shown_done_and_done_again() {
    let folder = folder(&[("train.jsonl", CROOKED), ("new.jsonl", CROOKED)]);
    let here = folder.path();
    let options = [
        "--trim",
        "--snap",
        "--rename",
        "PERS=PER",
        "--drop-duplicates",
    ];
    let (code, out, err) = run(
        here,
        &[
            &["data", "repair", "train.jsonl", "--dry-run"][..],
            &options,
        ]
        .concat(),
    );
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(
        out,
        "trim-spans: 1 span changed\n  train 1: [Ada ](PERS) → [Ada](PERS)\n\
         snap-to-words: 1 span changed\n  train 2: [Osl](LOC) → [Oslo](LOC)\n\
         map-labels: 1 span changed\n  train 1: [Ada](PERS) → [Ada](PER)\n\
         drop-duplicates: 1 span removed; 1 document removed\n  train 3: removed: in Oslo\n"
    );
    let (code, _, err) = run(
        here,
        &[&["data", "repair", "train.jsonl"][..], &options].concat(),
    );
    assert_eq!(code, Some(1));
    assert!(
        err.contains("nothing to write to") && err.contains("--dry-run"),
        "{err}"
    );

    let write = [
        "data",
        "repair",
        "train.jsonl",
        "good.jsonl",
        "--save-recipe",
        "r.json",
    ];
    let (code, _, err) = run(here, &[&write[..], &options].concat());
    assert_eq!(code, Some(0), "{err}");
    let good = concat!(
        "{\"text\":\"Ada sang\",\"entities\":[{\"start\":0,\"end\":3,\"label\":\"PER\"}]}\n",
        "{\"text\":\"in Oslo\",\"entities\":[{\"start\":3,\"end\":7,\"label\":\"LOC\"}]}\n",
    );
    assert_eq!(text(here, "good.jsonl"), good);
    // The imported file itself is never changed.
    assert_eq!(text(here, "train.jsonl"), CROOKED);
    let recipe: Value = serde_json::from_str(&text(here, "r.json")).unwrap();
    assert_eq!(
        recipe["repairs"],
        json!([
            {"repair": "trim-spans"},
            {"repair": "snap-to-words"},
            {"repair": "map-labels", "labels": {"PERS": "PER"}},
            {"repair": "drop-duplicates", "near": false},
        ])
    );
    let again = [
        "data",
        "repair",
        "new.jsonl",
        "again.jsonl",
        "--recipe",
        "r.json",
    ];
    let (code, _, err) = run(here, &again);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(text(here, "again.jsonl"), good);
    std::fs::write(
        here.join("r.json"),
        r#"{"repairs": [{"repair": "polish"}]}"#,
    )
    .unwrap();
    let (code, _, err) = run(here, &[&again[..], &["--force"]].concat());
    assert_eq!(code, Some(1));
    assert!(
        err.contains("`r.json` is not a recipe") && err.contains("polish"),
        "{err}"
    );
}

#[test]
fn leaking_documents_are_moved_between_files() {
    let folder = folder(&[
        ("train.conll", "Ada B-PER\nsang O\n\nOslo B-LOC\n\n"),
        ("test.conll", "Ada B-PER\nsang O\n\nBo B-PER\n\n"),
    ]);
    let here = folder.path();
    let (code, out, err) = run(
        here,
        &[
            "data",
            "repair",
            "train.conll",
            "test.conll",
            "out",
            "--move-leaking",
            "--merge",
            "PER,LOC=NAME",
        ],
    );
    assert_eq!(code, Some(0), "{err}");
    assert!(
        out.contains("move-leaking: 1 span removed; 1 document removed"),
        "{out}"
    );
    assert_eq!(
        text(here, "out/train.conll"),
        "Ada\tB-NAME\nsang\tO\n\nOslo\tB-NAME\n\n"
    );
    assert_eq!(text(here, "out/test.conll"), "Bo\tB-NAME\n\n");
}

/// The window writes such recipes with its runs: splits held out at the import, files read in two ways.
#[test]
fn splits_are_held_out_and_files_read_in_their_own_ways() {
    let ten: String = (0..10).map(|n| format!("word{n}\tB-X\n\n")).collect();
    let folder = folder(&[("train.conll", &ten), ("dev.conll", "B-Y\tword\n\n")]);
    let here = folder.path();
    let hold = [
        "data",
        "repair",
        "train.conll",
        "out",
        "--hold-out",
        "test=0.2,dev=10%",
    ];
    let (code, out, err) = run(here, &[&hold[..], &["--save-recipe", "r.json"]].concat());
    assert_eq!(code, Some(0), "{err}");
    assert!(
        out.contains("hold-out: 3 documents in another split than before"),
        "{out}"
    );
    let sentences = |name: &str| text(here, name).matches("word").count();
    let sizes = ["out/train.conll", "out/dev.conll", "out/test.conll"].map(sentences);
    assert_eq!(sizes, [7, 1, 2]);
    let mut recipe: Value = serde_json::from_str(&text(here, "r.json")).unwrap();
    assert_eq!(
        recipe["repairs"],
        json!([{"repair": "hold-out", "shares": {"dev": 0.1, "test": 0.2}, "seed": 42}])
    );

    recipe["files"] = json!({"dev.conll": {"token_column": 1, "tag_column": 0}});
    std::fs::write(here.join("r.json"), recipe.to_string()).unwrap();
    let again = [
        "data",
        "repair",
        "train.conll",
        "dev.conll",
        "both",
        "--recipe",
        "r.json",
    ];
    let (code, _, err) = run(here, &again);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(text(here, "both/dev.conll"), "word\tB-Y\n\n");
    assert_eq!(sentences("both/train.conll"), 8);
    let (code, _, err) = run(
        here,
        &["data", "repair", "train.conll", "x", "--hold-out", "dev=1"],
    );
    assert_eq!(code, Some(1));
    assert!(err.contains("expected less than 1"), "{err}");
}
