//! The folder of a run: who may write into it, what a kill leaves there, and how sure its files are.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Barrier;
use std::time::SystemTime;
use support::{Small, watched};
use tagsmith_protocol::Diagnose;
use tagsmith_tagger::{resume, train};
use tagsmith_testing::json;

/// Every file of a run with its content and when it was written.
fn everything(run: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let mut found = BTreeMap::new();
    let mut folders = vec![run.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let about = entry.metadata().unwrap();
            match about.is_dir() {
                true => folders.push(entry.path()),
                false => {
                    let content = fs::read(entry.path()).unwrap();
                    found.insert(entry.path(), (content, about.modified().unwrap()));
                }
            }
        }
    }
    found
}

/// A run that lives: its log is locked, as a process of its own does.
fn locked(run: &Path) -> fs::File {
    let log = run.join("events.jsonl");
    let log = fs::OpenOptions::new().append(true).open(log).unwrap();
    log.lock().unwrap();
    log
}

#[test]
fn a_refused_resume_changes_nothing_of_a_run_that_lives() {
    for has_checkpoint in [true, false] {
        let small = Small::new();
        small.train("run", Some(3)).0.unwrap();
        let run = small.out("run");
        if !has_checkpoint {
            fs::remove_dir_all(run.join("checkpoints")).unwrap();
        }
        let live = locked(&run);
        fs::write(run.join("stop"), "").unwrap();
        let before = everything(&run);
        let (result, _) = watched(None, |control, listener| resume(&run, control, listener));
        let failure = result.unwrap_err();
        assert_eq!(failure.code(), "in-use", "{failure}");
        assert!(failure.to_string().contains("another process"));
        assert!(everything(&run) == before, "{has_checkpoint}");
        drop(live);
    }
}

/// Each `train` looks for an empty folder, reads model and data, and only then writes: two that start
/// together both find it empty.
#[test]
fn of_two_runs_that_start_in_one_folder_one_is_refused_and_writes_nothing() {
    for round in 0..6 {
        let small = Small::new();
        let at_once = Barrier::new(2);
        let begin = |seed: u64| {
            let mut config = small.config.clone();
            config.seed = seed;
            config.epochs = Some(1);
            at_once.wait();
            watched(None, |control, listener| {
                train(config, &small.out("run"), control, listener)
            })
            .0
        };
        let (first, second) = std::thread::scope(|scope| {
            let other = scope.spawn(|| begin(2));
            (begin(1), other.join().unwrap())
        });
        let (winner, refused) = match (first, second) {
            (Ok(_), Err(refused)) => (1, refused),
            (Err(refused), Ok(_)) => (2, refused),
            other => panic!("round {round}: {other:?}"),
        };
        assert!(
            matches!(refused.code(), "in-use" | "output-not-empty"),
            "{refused}"
        );
        let run = json(&small.out("run").join("run.json"));
        assert_eq!(run["config"]["seed"], winner, "round {round}");
        let log = fs::read_to_string(small.out("run").join("events.jsonl")).unwrap();
        assert!(!log.contains("\"failed\""), "{log}");
    }
}

#[test]
fn a_folder_of_a_run_killed_before_its_run_json_is_taken_for_a_new_one() {
    let small = Small::new();
    let run = small.out("run");
    fs::create_dir(&run).unwrap();
    fs::write(run.join("events.jsonl"), "").unwrap();
    fs::write(run.join(".aB3dE6.part"), "{\"version\": 1, \"crea").unwrap();
    let (result, _) = watched(None, |control, listener| resume(&run, control, listener));
    let failure = result.unwrap_err();
    assert!(failure.hint().unwrap().contains("`tagsmith train`"));
    small.train("run", Some(1)).0.unwrap();
    assert!(!run.join(".aB3dE6.part").exists());

    // A log with events in it is that of a run.
    let run = small.out("other");
    fs::create_dir(&run).unwrap();
    fs::write(run.join("events.jsonl"), "{}\n").unwrap();
    let failure = small.train("other", None).0.unwrap_err();
    assert_eq!(failure.code(), "output-not-empty");
}

/// A folder without a run gets no lock either.
#[test]
fn a_resume_of_no_run_creates_nothing() {
    let small = Small::new();
    for name in ["absent", "empty"] {
        let run = small.out(name);
        if name == "empty" {
            fs::create_dir(&run).unwrap();
        }
        let (result, _) = watched(None, |control, listener| resume(&run, control, listener));
        assert_eq!(result.unwrap_err().code(), "resume");
        assert!(!run.join("events.jsonl").exists());
    }
}

#[test]
fn a_damaged_checkpoint_is_not_taken_for_a_download() {
    for name in ["model.safetensors", "optimizer.safetensors", "state.json"] {
        let small = Small::new();
        small.train("run", Some(3)).0.unwrap();
        let run = small.out("run");
        let checkpoint = fs::read_dir(run.join("checkpoints")).unwrap().next();
        let path = checkpoint.unwrap().unwrap().path().join(name);
        let content = fs::read(&path).unwrap();
        fs::write(&path, &content[..content.len() - 7]).unwrap();
        let (result, _) = watched(None, |control, listener| resume(&run, control, listener));
        let failure = result.unwrap_err();
        let message = failure.to_string();
        assert!(
            message.contains("checkpoint") && message.contains(name),
            "{message}"
        );
        let hint = failure.hint().unwrap();
        assert!(hint.contains("tagsmith train"), "{hint}");
        assert!(
            !hint.contains("download") && !hint.contains("fetch"),
            "{hint}"
        );
    }
}

/// Weights that nobody but their owner may read serve no service that runs as somebody else.
#[cfg(unix)]
#[test]
fn all_files_of_a_run_have_the_mode_that_the_umask_leaves() {
    use std::os::unix::fs::PermissionsExt;
    let small = Small::new();
    small.train("run", Some(3)).0.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let usual = mode(&small.config.train);
    let files = everything(&small.out("run"));
    assert!(files.len() >= 8, "{:?}", files.keys());
    for path in files.keys() {
        assert_eq!(mode(path), usual, "`{}`", path.display());
    }
}
