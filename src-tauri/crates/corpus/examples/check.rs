//! Reads and checks files as `tagsmith data check` does, without the rest of the program: for
//! measuring, and for looking at what the findings say.
//!
//!     cargo run --release --example check -- [--code CODE] [SPLIT=]FILE…

use std::error::Error;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use tagsmith_corpus::check::{CheckOptions, check_with};
use tagsmith_corpus::{Corpus, ReadOptions, read};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut code = None;
    if arguments
        .first()
        .is_some_and(|argument| argument == "--code")
    {
        arguments.remove(0);
        code = Some(arguments.remove(0));
    }
    let began = Instant::now();
    let mut corpora: Vec<(&str, Corpus)> = Vec::new();
    let mut bytes = 0;
    for argument in &arguments {
        let (split, path) = argument.split_once('=').unwrap_or(("train", argument));
        bytes += std::fs::metadata(path)?.len();
        corpora.push((split, read(Path::new(path), &ReadOptions::default())?));
    }
    let reading = began.elapsed().as_secs_f64();
    let held = peak().unwrap_or_else(|| "unknown".into());
    let named: Vec<(&str, &Corpus)> = corpora.iter().map(|(split, c)| (*split, c)).collect();
    let mut shown = None;
    let report = check_with(&named, &CheckOptions::default(), &mut |progress| {
        if shown != Some(progress.stage) {
            shown = Some(progress.stage);
            eprintln!(
                "{:6.3} s  {:?}",
                began.elapsed().as_secs_f64(),
                progress.stage
            );
        }
        ControlFlow::Continue(())
    })?;
    let all = began.elapsed().as_secs_f64();

    let mut out = io::stdout().lock();
    for group in &report.groups {
        writeln!(
            out,
            "{:?} {} × {}",
            group.severity,
            group.code.as_str(),
            group.count
        )?;
        writeln!(out, "    {}", group.first)?;
    }
    for issue in report
        .issues
        .iter()
        .filter(|issue| Some(issue.code.as_str()) == code.as_deref())
    {
        writeln!(out, "{issue}")?;
    }
    let documents: usize = report.files.iter().map(|file| file.documents).sum();
    let megabytes = bytes as f64 / 1e6;
    eprintln!(
        "read in {reading:.2} s, checked in {:.2} s: {documents} documents, {:.0} a second, {:.1} MB a second; peak memory {held} after reading, {} in the end",
        all - reading,
        documents as f64 / all,
        megabytes / all,
        peak().unwrap_or_else(|| "unknown".into())
    );
    Ok(())
}

/// The most memory that this process has held, as Linux reports it.
fn peak() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.trim_start_matches("VmHWM:").trim().into())
}
