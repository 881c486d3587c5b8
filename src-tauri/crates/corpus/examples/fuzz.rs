//! Corrupts files at random and reads them for the given time, then reports.
//!
//! `cargo run --release -p tagsmith-corpus --example fuzz -- SECONDS [FIRST-CASE] [FOLDER]`: files
//! with a wrong answer are written to the folder. The number of a case makes the same file again.
//! `… --example fuzz -- again FOLDER`: reads the files of such a folder once more.
#![allow(clippy::print_stdout)] // the report is what it is for

#[path = "../tests/fuzz/campaign.rs"]
mod campaign;
#[path = "../tests/fuzz/judge.rs"]
mod judge;
#[path = "../tests/fuzz/memory.rs"]
mod memory;
#[path = "../tests/fuzz/mutate.rs"]
mod mutate;
#[path = "../tests/fuzz/seeds.rs"]
mod seeds;

use std::time::{Duration, Instant};

#[global_allocator]
static COUNTING: memory::Counting = memory::Counting;

fn main() {
    let mut arguments = std::env::args().skip(1).peekable();
    if arguments.next_if(|first| first == "again").is_some() {
        std::panic::set_hook(Box::new(|_| {}));
        return again(&arguments.next().expect("the folder of the files"));
    }
    let mut number = |default: u64| {
        let given = arguments.next();
        given.map_or(default, |text| text.parse().unwrap_or(default))
    };
    let (seconds, first) = (number(60), number(1 << 40));
    let folder = arguments.next();
    std::panic::set_hook(Box::new(|_| {}));
    let start = Instant::now();
    let summary = campaign::run(first, |summary| {
        // A stack that overflows or a loop without end leaves nothing but this number.
        if summary.cases % 10_000 == 0 {
            eprintln!("from case {}", first + summary.cases);
        }
        start.elapsed() > Duration::from_secs(seconds) || summary.findings.len() == 100
    });
    for finding in &summary.findings {
        println!(
            "case {} ({}): {}\n  {}",
            finding.case, finding.name, finding.wrong, finding.options
        );
        if let Some(folder) = &folder {
            let path = std::path::Path::new(folder).join(finding.case.to_string());
            if let Err(failure) = std::fs::write(&path, &finding.bytes) {
                println!("  cannot write `{}`: {failure}", path.display());
            }
        }
    }
    println!(
        "{} files in {:.0?}, {} of them read, {} MB; slowest {:?}; at most {:.0} bytes of memory per byte; {} findings",
        summary.cases,
        start.elapsed(),
        summary.read,
        summary.bytes / 1_000_000,
        summary.slowest,
        summary.memory,
        summary.findings.len()
    );
}

/// Reads every file of a folder in the two ways in which most are read.
fn again(folder: &str) {
    let (mut files, mut wrong) = (0, 0);
    let entries = std::fs::read_dir(folder).expect("a folder");
    for entry in entries.map(|entry| entry.expect("an entry of the folder")) {
        let Ok(bytes) = std::fs::read(entry.path()) else {
            continue;
        };
        files += 1;
        let name = entry.file_name().to_string_lossy().into_owned();
        for drop_invalid in [true, false] {
            let options = tagsmith_corpus::ReadOptions {
                drop_invalid,
                ..Default::default()
            };
            let tried = campaign::attempt(&name, &bytes, bytes.len(), &options);
            if let Err(found) = tried.answer {
                wrong += 1;
                println!("{name}: {found}");
                break;
            }
        }
    }
    println!("{files} files, {wrong} of them with a wrong answer");
}
