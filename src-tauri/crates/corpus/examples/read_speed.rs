//! Measures how fast a file is read: `cargo run --release -p tagsmith-corpus --example read_speed -- FILE [REPEAT]`.
//!
//! The content is repeated in memory before the clock starts. Prints the best of five readings, in
//! megabytes (10^6 bytes) and documents per second, and the most memory that the process ever had.

#![allow(clippy::print_stdout, reason = "an example's output is for people")]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use tagsmith_corpus::{ReadOptions, read_bytes};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let file = args.next().ok_or("name a file")?;
    let repeat = args.next().map_or(Ok(1), |n| n.parse())?;
    let bytes = fs::read(&file)?.repeat(repeat);
    let mut best = Duration::MAX;
    let mut counts = (0, 0);
    for _ in 0..5 {
        let start = Instant::now();
        let corpus = read_bytes(Path::new(&file), &bytes, &ReadOptions::default())?;
        best = best.min(start.elapsed());
        counts = (corpus.source.documents, corpus.source.words);
    }
    let (megabytes, seconds) = (bytes.len() as f64 / 1e6, best.as_secs_f64());
    println!(
        "{megabytes:.1} MB, {} documents, {} words in {seconds:.3} s: {:.1} MB/s, {:.0} documents/s",
        counts.0,
        counts.1,
        megabytes / seconds,
        counts.0 as f64 / seconds
    );
    if let Some(peak) = peak_memory() {
        println!(
            "peak memory {peak:.1} MB, {:.1} times the content",
            peak / megabytes
        );
    }
    Ok(())
}

/// In megabytes, where the system reports it.
fn peak_memory() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kibibytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024.0 / 1e6)
}
