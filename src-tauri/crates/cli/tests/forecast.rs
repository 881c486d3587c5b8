//! The memory that a run takes is what was forecast before it began.
#![cfg(target_os = "linux")] // elsewhere the peak memory of a process is not reported
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use serde_json::Value;
use support::tagsmith;
use tagsmith_testing::starter;

/// `count` sentences that become windows of `length` word pieces.
fn sentences(count: usize, length: usize) -> String {
    let words = ["the", "house", "red", "king", "water", "day", "night"];
    let line = |at: usize| {
        let tag = if at % 7 == 3 { "B-X" } else { "O" };
        format!("{}\t{tag}\n", words[at % 7])
    };
    // Two pieces are the special ones at both ends.
    let sentence: String = (0..length - 2).map(line).collect();
    format!("{sentence}\n").repeat(count)
}

#[test]
fn the_forecast_is_within_a_quarter_of_the_peak() {
    let Some(starter) = starter() else { return };
    for (batch, length) in [(4, 16), (16, 32), (32, 32), (16, 128)] {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        std::fs::write(here.join("train.conll"), sentences(2 * batch, length)).unwrap();
        std::fs::write(here.join("dev.conll"), sentences(2, 12)).unwrap();
        let output = tagsmith(here)
            .args([
                "train",
                "--json",
                "--train",
                "train.conll",
                "--dev",
                "dev.conll",
            ])
            .args(["--out", "run", "--epochs", "1", "--device", "cpu"])
            .args([
                "--batch-size",
                &batch.to_string(),
                "--max-length",
                &length.to_string(),
            ])
            .arg("--model")
            .arg(&starter)
            .output()
            .unwrap();
        let events = String::from_utf8(output.stdout).unwrap();
        let number = |line: &str, key: &str| -> f64 {
            let event: Value = serde_json::from_str(line).unwrap();
            event[key]
                .as_f64()
                .unwrap_or_else(|| panic!("{key} in {line}"))
        };
        let forecast = number(events.lines().next().unwrap(), "forecast_bytes");
        let peak = number(events.lines().last().unwrap(), "peak_memory_bytes");
        let megabytes = |bytes: f64| bytes / 1e6;
        eprintln!(
            "{batch} x {length}: forecast {:.0} MB, peak {:.0} MB",
            megabytes(forecast),
            megabytes(peak)
        );
        assert!(
            (forecast / peak - 1.0).abs() < 0.25,
            "{batch} x {length}: {forecast} and {peak}"
        );
    }
}
