//! `tagsmith seeds` and `search`: what they leave, and that nothing is lost when they are stopped, killed, or
//! started twice.
#![cfg(unix)]
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};
use support::training::{
    LONG, bad, folder, given, good, modified, start, training, until_checkpoint, until_last_event,
    weights, words,
};
use support::{signal, text};
use tagsmith_testing::json;

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
    // What each run is worth is said when it ends.
    for event in events.iter().filter(|event| event["event"] == "task_ended") {
        assert_eq!(event["outcome"], "done");
        assert!(
            event["dev_f1"].is_number() && event["test_f1"].is_number(),
            "{event}"
        );
    }

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
    // Fewer: the report is of those.
    good(here, &command);
    let seeds = json(&here.join("all/seeds.json"));
    assert_eq!(seeds["runs"].as_array().unwrap().len(), 3);
    let other = training("seeds", "all", &["--epochs", "13", "--test", "test.conll"]);
    assert!(bad(here, &other).contains("its `epochs` differs"));
    let not_ours = training("seeds", ".", &[]);
    assert!(bad(here, &not_ours).contains("is not empty"));
}

#[test]
fn a_command_whose_files_are_wrong_leaves_its_folder_to_the_right_one() {
    let folder = folder();
    let here = folder.path();
    fs::write(here.join("empty.conll"), "the O\n\nport O\n").unwrap();
    for (command, more) in [
        ("seeds", vec!["--epochs", "1", "--seeds", "1"]),
        (
            "search",
            vec!["--epochs", "1", "--seeds", "1", "--trials", "2", "--full"],
        ),
    ] {
        let right = training(command, command, &more);
        for (file, says) in [
            ("trian.conll", "trian.conll"),
            ("empty.conll", "has no entity to learn"),
        ] {
            let mut wrong = right.clone();
            let train = wrong.iter_mut().find(|word| *word == "train.conll");
            *train.unwrap() = file.into();
            assert!(bad(here, &wrong).contains(says));
        }
        good(here, &right);
    }
}

#[test]
fn a_setting_that_is_given_is_not_searched_whatever_its_value() {
    let folder = folder();
    let here = folder.path();
    let more = words("--epochs 1 --trials 2 --seeds 1 --full --weight-decay 0.01 --json");
    let more: Vec<&str> = more.iter().map(String::as_str).collect();
    let printed = good(here, &training("search", "found", &more));
    let first: Value = serde_json::from_str(printed.lines().next().unwrap()).unwrap();
    let space = first["space"].as_object().unwrap();
    assert!(space.contains_key("dropout") && !space.contains_key("weight_decay"));
    assert!(!space.contains_key("learning_rate"));
}

#[test]
fn the_models_of_all_seeds_become_one() {
    let folder = folder();
    let here = folder.path();
    let more = [
        "--epochs",
        "6",
        "--seeds",
        "2",
        "--test",
        "test.conll",
        "--combine",
    ];
    let command = |out: &str, how: &str| {
        let mut command = training("seeds", out, &more);
        command.push(how.into());
        command
    };
    let init_seed = |out: &str, seed: u64| {
        let run = format!("{out}/runs/seed-{seed}/run.json");
        json(&here.join(run))["config"]["init_seed"].clone()
    };
    let said = good(here, &command("average", "average"));
    assert!(said.contains("average of the weights, dev F1 "), "{said}");
    assert!(said.contains("to the mean of the runs), test F1"), "{said}");
    assert_eq!(
        (init_seed("average", 42), init_seed("average", 43)),
        (42.into(), 42.into())
    );
    let said = good(here, &command("all", "ensemble"));
    assert!(said.contains("ensemble, dev F1 "), "{said}");
    assert_eq!(init_seed("all", 43), Value::Null);
    // The scores are those of the model that is there.
    for (out, how) in [("average", "average"), ("all", "ensemble")] {
        let combined = json(&here.join(out).join("seeds.json"))["combined"].clone();
        assert_eq!(combined["how"], how);
        for split in ["dev", "test"] {
            let scored = format!("evaluate --json --model {out}/model --data {split}.conll");
            let scored: Value = serde_json::from_str(&good(here, &words(&scored))).unwrap();
            assert_eq!(
                scored["metrics"]["overall"]["f1"],
                combined[format!("{split}_f1")]
            );
        }
    }
    let eight = "evaluate --model all/model --data dev.conll --precision int8";
    assert!(good(here, &words(eight)).contains("In eight bits"));
    // What is asked of an ensemble is answered as by a model, and what it is can be seen.
    fs::write(here.join("text.txt"), "anna berg in oslo").unwrap();
    let tagged = good(here, &words("tag --model all/model text.txt"));
    assert!(tagged.contains(r#""entities":["#), "{tagged}");
    let about: Value =
        serde_json::from_str(&good(here, &words("models inspect all/model --json"))).unwrap();
    assert_eq!(about["weights"]["files"][1], "member-2/model.safetensors");
    assert_eq!(about["trainable"], false);
    assert!(
        about["reasons"][0]
            .as_str()
            .unwrap()
            .contains("an ensemble of 2 models"),
        "{about}"
    );
    let mut further = training("train", "further", &[]);
    let at = further.iter().position(|part| part == "--model").unwrap();
    further[at + 1] = "all/model".into();
    assert!(bad(here, &further).contains("an ensemble of 2 models"));
    // One run cannot be combined; an average needs runs that were begun for it.
    let one = training("seeds", "one", &["--seeds", "1", "--combine", "average"]);
    assert!(bad(here, &one).contains("nothing to combine"));
    assert!(bad(here, &command("all", "average")).contains("its `init_seed` differs"));
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

    // The program is killed: its task notices that and stops, and the next program continues it.
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

/// Whoever only has the folder can stop it as Ctrl-C does; one that asked before it began is not heard.
#[test]
fn a_file_in_the_folder_stops_a_search_which_says_what_it_begins_with() {
    let folder = folder();
    let here = folder.path();
    fs::create_dir_all(here.join("found")).unwrap();
    let command = training(
        "search",
        "found",
        &["--trials", "3", "--epochs", "60", "--json"],
    );
    let child = start(here, &command);
    let run = here.join("found/runs/trial-000-rung-0");
    until_checkpoint(&run);
    fs::write(here.join("found/stop"), "").unwrap();
    let stopped = child.wait_with_output().unwrap();
    assert_eq!(
        stopped.status.code(),
        Some(130),
        "{}",
        text(&stopped.stderr)
    );
    assert_eq!(until_last_event(&run)["event"], "stopped");
    assert!(!here.join("found/stop").exists());
    let printed = text(&stopped.stdout);
    let first: Value = serde_json::from_str(printed.lines().next().unwrap()).unwrap();
    assert_eq!(first["event"], "search");
    assert_eq!(first["trials"].as_array().unwrap().len(), 3);
    assert_eq!(first["trials"][0], serde_json::json!({}));
    assert!(
        first["space"]["dropout"]["high"].is_number() && first["epochs"] == 60,
        "{first}"
    );
}

#[test]
fn a_search_without_a_dev_file_compares_by_the_same_documents_and_learns_all_in_the_end() {
    let folder = folder();
    let here = folder.path();
    let more = ["--trials", "2", "--seeds", "2", "--epochs", "3", "--full"];
    let mut command = training("search", "found", &more);
    let at = command.iter().position(|part| part == "--dev").unwrap();
    command.drain(at..at + 2);
    let (code, said, aside) = given(here, &command);
    assert_eq!(code, Some(0), "{aside}");
    assert!(aside.contains("F1 of so few says little"), "{aside}");
    // A tenth, and all documents with the same text as one of them.
    let line = "trials were compared by 8 of the 24 training documents, held out by seed 42";
    assert!(
        said.contains(line) && said.contains("then learned all"),
        "{said}"
    );
    let found = json(&here.join("found/search.json"));
    assert_eq!(found["held_out"]["documents"], 8);
    let config =
        |run: &str| json(&here.join("found/runs").join(run).join("run.json"))["config"].clone();
    let report = |run: &str| json(&here.join("found/runs").join(run).join("report.json"));
    for trial in ["trial-000-rung-0", "trial-001-rung-0"] {
        let config = config(trial);
        assert_eq!(
            (&config["refit"], &config["seed"]),
            (&false.into(), &42.into())
        );
        assert_eq!(report(trial)["splits"]["dev"]["documents"], 8);
    }
    for seed in [43, 44] {
        let last = config(&format!("final-000-seed-{seed}"));
        assert_eq!(
            (&last["refit"], &last["seed"]),
            (&true.into(), &seed.into())
        );
    }
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
    let (code, _, aside) = given(here, &training("search", "found", &["--trials", "1"]));
    assert_eq!(code, Some(2), "{aside}");
    assert!(!here.join("found").exists());
}
