//! `tagsmith tag` in shards: joined, they are what one `tag` writes, byte by byte.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};
use support::{Printed, folder, printed, run, signal, tagsmith, text, tiny};

const FILES: [(&str, &[u8]); 3] = [
    (
        "a.txt",
        b"EU won in Oslo\n\nAnna Berg is at the port of Oslo .\nthe ship\n",
    ),
    (
        "b.jsonl",
        b"{\"text\": \"Oslo\", \"id\": 7}\n{\"text\": \"Anna won\"}\n{\"text\": \"\"}\n",
    ),
    (
        "c.json",
        b"[\n {\"text\": \"EU\"},\n {\"text\": \"in Oslo\", \"id\": \"x\"}\n]\n",
    ),
];

fn tag(here: &Path, more: &[&str]) -> Vec<u8> {
    let model = tiny("bert-token-classification");
    let mut arguments = vec!["tag", "--model", &model];
    arguments.extend(more);
    let output = run(here, &arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    output.stdout
}

/// What `tag` says with arguments that it refuses.
fn refused(here: &Path, arguments: &[&str]) -> String {
    let (code, out, err) = printed(&run(here, &[&["tag"], arguments].concat()));
    assert_eq!((code, &*out), (Some(1), ""), "{err}");
    err
}

#[test]
fn shards_in_order_are_the_output_of_one_run() {
    let folder = folder(&FILES);
    let names = FILES.map(|(name, _)| name);
    for more in [&[][..], &["--whole"]] {
        let arguments = |shard: &str| -> Vec<u8> {
            let options = [&["--shard", shard][..], more, &names].concat();
            tag(folder.path(), &options)
        };
        let expected = tag(folder.path(), &[more, &names].concat());
        assert_eq!(
            expected.iter().filter(|byte| **byte == b'\n').count(),
            if more.is_empty() { 9 } else { 3 }
        );
        let joined: Vec<u8> = ["1/4", "2/4", "3/4", "4/4"].map(arguments).concat();
        assert_eq!(text(&joined), text(&expected));
    }
}

#[test]
fn an_output_file_is_there_when_it_is_whole_and_nothing_is_overwritten() {
    let folder = folder(&FILES);
    let here = folder.path();
    let expected = tag(here, &["a.txt"]);
    assert_eq!(tag(here, &["a.txt", "--out", "found.jsonl"]), b"");
    assert_eq!(fs::read(here.join("found.jsonl")).unwrap(), expected);
    let model = tiny("bert-token-classification");
    let refused = |arguments: &[&str]| refused(here, &[&["--model", &model], arguments].concat());
    assert!(refused(&["a.txt", "--out", "found.jsonl"]).contains("exists already"));
    assert!(refused(&["a.txt", "--out", "a.txt", "--force"]).contains("is read"));
    fs::write(
        here.join("bad.jsonl"),
        "{\"text\": \"a\"}\n{\"txt\": \"a\"}\n",
    )
    .unwrap();
    assert!(refused(&["bad.jsonl", "--out", "bad.out"]).contains("there is no `text`"));
    assert!(!here.join("bad.out").exists());
    assert!(refused(&["--shard", "1/2", "-"]).contains("standard input cannot be read in shards"));
    assert!(refused(&["--shard", "1/2", "."]).contains("not a regular file"));
}

/// Runs `tag` in shards.
fn in_shards(here: &Path, more: &[&str]) -> Printed {
    let model = tiny("bert-token-classification");
    printed(&run(
        here,
        &[&["tag", "--model", &model, "--out", "found.jsonl"], more].concat(),
    ))
}

#[test]
fn shards_as_tasks_are_joined_and_cleared_away() {
    let folder = folder(&FILES);
    let here = folder.path();
    let names = FILES.map(|(name, _)| name);
    let expected = tag(here, &names);
    let command = [
        &["--shards", "3", "--at-once", "2", "--threshold", "0"],
        &names[..],
    ]
    .concat();
    let (code, out, err) = in_shards(here, &command);
    assert_eq!((code, &*out), (Some(0), ""), "{err}");
    assert_eq!(
        text(&fs::read(here.join("found.jsonl")).unwrap()),
        text(&expected)
    );
    assert!(!here.join("found.jsonl.shards").exists());
    let (code, _, err) = in_shards(here, &command);
    assert_eq!(code, Some(1));
    assert!(err.contains("exists already"), "{err}");
}

#[test]
fn a_shard_that_fails_leaves_no_output_and_changed_files_are_noticed() {
    let good = "{\"text\": \"Oslo\"}\n".repeat(9);
    let bad = good.clone() + "{\"txt\": 1}\n";
    let folder = folder(&[("a.jsonl", bad.as_bytes())]);
    let here = folder.path();
    let (code, _, err) = in_shards(here, &["--shards", "2", "a.jsonl"]);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("shard-2: `"), "{err}");
    assert!(err.contains("line 10: there is no `text`"), "{err}");
    assert!(!here.join("found.jsonl").exists());
    assert!(here.join("found.jsonl.shards/shard-1.jsonl").exists());
    fs::write(here.join("a.jsonl"), &good).unwrap();
    let (code, _, err) = in_shards(here, &["--shards", "2", "a.jsonl"]);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("its `files` differs"), "{err}");
    assert!(err.contains("to begin anew"), "{err}");
    let (code, _, err) = in_shards(here, &["--shards", "3", "a.jsonl"]);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("differs"), "{err}");
}

#[test]
fn what_was_interrupted_goes_on_and_no_shard_is_tagged_twice() {
    let lines = "the ship of Anna Berg is at the port of Oslo and EU won\n".repeat(9_000);
    let folder = folder(&[("a.txt", lines.as_bytes())]);
    let here = folder.path();
    let model = tiny("bert-token-classification");
    let command = ["--shards", "3", "a.txt"];
    let child = tagsmith(here)
        .args(["tag", "--model", &model, "--out", "found.jsonl"])
        .args(command)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let began = Instant::now();
    while !here.join("found.jsonl.shards/shard-1.jsonl").exists() {
        assert!(began.elapsed() < Duration::from_secs(60));
        sleep(Duration::from_millis(10));
    }
    signal("-INT", child.id());
    let stopped = child.wait_with_output().unwrap();
    assert_eq!(
        stopped.status.code(),
        Some(130),
        "{}",
        text(&stopped.stderr)
    );
    assert!(!here.join("found.jsonl").exists());
    let (code, _, err) = in_shards(here, &command);
    assert_eq!(code, Some(0), "{err}");
    assert!(
        !err.contains("shard-1: done") && err.contains("shard-3: done"),
        "{err}"
    );
    let found = fs::read(here.join("found.jsonl")).unwrap();
    assert!(found == tag(here, &["a.txt"]));
}

#[test]
fn a_runner_that_cannot_be_used_is_refused_before_anything_runs() {
    let folder = folder(&FILES);
    let here = folder.path();
    let model = tiny("bert-token-classification");
    for (runner, command) in [("slurm", "sbatch"), ("hyperqueue", "hq")] {
        let output = tagsmith(here)
            .args([
                "tag", "--model", &model, "--out", "found", "--shards", "2", "a.txt",
            ])
            .args(["--runner", runner])
            .env("PATH", here)
            .output()
            .unwrap();
        let (code, _, err) = printed(&output);
        assert_eq!(code, Some(1), "{err}");
        assert!(err.contains(&format!("the command `{command}`")), "{err}");
        assert!(err.contains("`--runner local`"), "{err}");
        assert!(!here.join("found.shards/tasks").exists());
    }
    let refused = |more: &[&str]| refused(here, &[&["--model", &model, "a.txt"], more].concat());
    assert!(refused(&["--runner", "slurm"]).contains("add --shards"));
    assert!(refused(&["--at-once", "2"]).contains("add --shards"));
    let shards = ["--shards", "2", "--out", "found"];
    assert!(refused(&[&shards[..], &["--cpus", "2"]].concat()).contains("--cpus is for"));
    let both = ["--runner", "slurm", "--at-once", "2"];
    assert!(refused(&[&shards[..], &both].concat()).contains("--at-once is for this machine"));
}
