//! `tagsmith bench` from outside: what it measures of a tiny model, and that it can be stopped.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use serde_json::Value;
use std::process::Output;
use support::{tagsmith, tiny};

fn bench(arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let mut command = tagsmith(folder.path());
    command.arg("bench").args(arguments).output().unwrap()
}

/// The results of a run that must succeed.
fn measured(arguments: &[&str]) -> Value {
    let output = bench(&[arguments, &["--quick", "--json"]].concat());
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {message}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_part_has_its_time_its_speed_and_its_memory() {
    let results = measured(&["--shape", "tiny", "--steps", "20"]);
    assert_eq!(results["device"]["id"], "cpu");
    assert_eq!(results["model"]["layers"], 2);
    let peak = results["peak_gflops"].as_f64().unwrap();
    let parts = results["parts"].as_array().unwrap();
    let names: Vec<&str> = parts.iter().map(|p| p["part"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "product:64",
            "own-product:64",
            "forward:2x8",
            "train:2x8",
            "forward-typical:8",
            "train-typical:8",
            "latency:8",
            "growth:20"
        ]
    );
    for part in parts {
        let name = part["part"].as_str().unwrap();
        let figure = |key: &str| part[key].as_f64().unwrap();
        assert!(figure("least_ms") > 0.0, "{name}");
        assert!(figure("least_ms") <= figure("median_ms"), "{name}");
        assert!(figure("median_ms") <= figure("p95_ms"), "{name}");
        let times = part["times_ms"].as_array().unwrap().len();
        match name {
            "latency:8" => assert_eq!(times, 8),
            "growth:20" => assert_eq!(times, 20),
            _ => assert_eq!(times, 2, "{name}"),
        }
        let memory = &part["memory"];
        let (loaded, after) = (&memory["loaded_bytes"], &memory["bytes"]);
        assert!(loaded.as_u64().unwrap() > 0 && after.as_u64().unwrap() > 0);
        if cfg!(target_os = "linux") {
            assert!(memory["peak_bytes"].as_u64() >= after.as_u64(), "{name}");
        }
        if name.contains(":2x8") {
            let share = figure("gflops") / peak;
            assert!((figure("share_of_peak") - share).abs() < 1e-9, "{name}");
            // 16 pieces a pass.
            let speed = 16.0 / (figure("median_ms") / 1e3);
            assert!((figure("tokens_per_second") / speed - 1.0).abs() < 1e-9);
        }
    }
    let course = parts[7]["course"].as_array().unwrap();
    let steps: Vec<u64> = course.iter().map(|c| c["step"].as_u64().unwrap()).collect();
    assert_eq!(steps, [2, 10, 20]);
}

#[test]
fn each_precision_is_measured_where_it_is_possible() {
    let folder = tempfile::tempdir().unwrap();
    let cpu = tagsmith(folder.path()).args(["devices", "--json"]).output();
    let has_bf16 = String::from_utf8_lossy(&cpu.unwrap().stdout).contains("BF16");
    for precision in ["bf16", "int8"] {
        if precision == "bf16" && !has_bf16 {
            let refused = bench(&[
                "--shape",
                "tiny",
                "--precision",
                precision,
                "--device",
                "cpu",
            ]);
            let message = String::from_utf8_lossy(&refused.stderr).into_owned();
            assert!(message.contains("does not compute in bf16"), "{message}");
            continue;
        }
        let results = measured(&["--shape", "tiny", "--precision", precision]);
        assert_eq!(results["precision"], precision);
        let parts = results["parts"].as_array().unwrap();
        let trained = parts.iter().any(|part| part["part"] == "train:2x8");
        assert_eq!(trained, precision != "int8", "{parts:?}");
        assert!(parts.iter().any(|part| part["part"] == "forward:2x8"));
    }
    let unknown = bench(&["--shape", "tiny", "--precision", "int4"]);
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn a_model_folder_is_measured_and_a_batch_it_cannot_read_is_refused() {
    let model = tiny("bert-no-prefix");
    let results = measured(&["--model", &model]);
    assert_eq!(results["parts"].as_array().unwrap().len(), 7);
    assert_eq!(results["model"]["name"], model.as_str());

    let long = ["--model", &model, "--only", "forward", "--batches", "2x41"];
    let output = bench(&long);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("a length of 40 at most"), "{message}");
    for nonsense in [["--batches", "16"], ["--shape", "huge"], ["--only", "heat"]] {
        assert_eq!(bench(&nonsense).status.code(), Some(2), "{nonsense:?}");
    }
}

#[test]
fn the_table_has_a_row_for_each_part() {
    let output = bench(&["--shape", "tiny", "--quick"]);
    let table = String::from_utf8(output.stdout).unwrap();
    for row in ["product 64 × 64", "training step 2 × 8", "one sentence"] {
        assert!(table.contains(row), "{table}");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_the_measuring_process_too() {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    let folder = tempfile::tempdir().unwrap();
    let endless = [
        "bench",
        "--shape",
        "tiny",
        "--only",
        "growth",
        "--steps",
        "100000000",
    ];
    let mut child = tagsmith(folder.path())
        .args(endless)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let id = child.id().to_string();
    let children = || {
        let list = Command::new("pgrep").args(["-P", &id]).output().unwrap();
        String::from_utf8(list.stdout).unwrap().trim().to_owned()
    };
    let began = Instant::now();
    let inner = loop {
        let found = children();
        if !found.is_empty() {
            break found;
        }
        assert!(began.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(20));
    };
    // To the outer process alone, as a service manager would.
    support::signal("-INT", child.id());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let alive = Command::new("kill")
        .args(["-0", &inner])
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(!alive.success(), "the measuring process {inner} still runs");
}
