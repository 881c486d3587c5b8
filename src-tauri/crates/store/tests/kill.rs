//! A process killed at any moment of building leaves the old file or the new one, whole.
#![cfg(unix)] // Elsewhere nothing kills as surely.
#![allow(missing_docs, clippy::unwrap_used)]

mod support;

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use support::document;
use tagsmith_store::{Store, Writer};

const DOCUMENTS: u64 = 3000;

/// Builds generation `number` of a file; every document names it.
fn build(path: &Path, number: u64) {
    let mut writer = Writer::create(path).unwrap();
    for n in 0..DOCUMENTS {
        writer
            .add(
                "train",
                &document(&format!("{number}: text {n}"), &[(0, 1, "X")]),
            )
            .unwrap();
    }
    writer.put("generation", &number).unwrap();
    writer.finish(|_| true).unwrap();
}

/// Not a test of its own: the process that is killed, builds the file again and again.
#[test]
#[ignore = "started by the other test"]
fn the_builder() {
    let Some(path) = std::env::var_os("TAGSMITH_TEST_STORE") else {
        return;
    };
    for number in 1.. {
        build(Path::new(&path), number);
    }
}

#[test]
fn a_kill_at_any_moment_leaves_a_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("documents.db");
    build(&path, 0);
    let mut newest = 0;
    for round in 0..16_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "the_builder"])
            .env("TAGSMITH_TEST_STORE", &path)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // Spread over the length of some buildings, at odd places.
        std::thread::sleep(Duration::from_millis(20 + round * 37 % 400));
        child.kill().unwrap();
        child.wait().unwrap();
        let store = Store::open(&path).unwrap();
        let generation: u64 = store.value("generation").unwrap().unwrap();
        newest = newest.max(generation);
        let mut documents = 0;
        let begin = format!("{generation}: ");
        store
            .each("train", |stored| {
                assert!(stored.document.text.starts_with(&begin));
                documents += 1;
                ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!(documents, DOCUMENTS);
    }
    assert!(newest > 0, "no building ended before its kill");
    // What killed processes left is gone with the next building.
    build(&path, 99);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
