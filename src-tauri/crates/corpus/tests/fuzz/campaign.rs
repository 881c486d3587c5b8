//! Spoils one file after the other, reads it, and collects what is wrong with the answers.

use std::time::{Duration, Instant};

use tagsmith_corpus::ReadOptions;

use super::judge::judge;
use super::memory::most;
use super::mutate::{Random, packed, spoil};
use super::seeds::{files, options};

/// No file of 64 KiB takes longer, on a busy machine.
pub const SLOWEST: Duration = Duration::from_secs(10);

/// Bytes held at most per byte of a file, and whatever its size. A row of two bytes makes a word, a
/// document and a finding.
pub const MEMORY: (usize, usize) = (600, 8 << 20);

/// A file with a wrong answer.
#[derive(Debug)]
pub struct Finding {
    /// Of the case: the same number makes the same file.
    pub case: u64,
    pub name: String,
    pub options: String,
    pub wrong: String,
    pub bytes: Vec<u8>,
}

#[derive(Debug, Default)]
pub struct Summary {
    pub cases: u64,
    /// Cases that could be read.
    pub read: u64,
    pub bytes: u64,
    pub slowest: Duration,
    /// The most memory per byte of a file of a KiB or more.
    pub memory: f64,
    pub findings: Vec<Finding>,
}

/// Runs cases from number `first` on until `enough` says so.
pub fn run(first: u64, mut enough: impl FnMut(&Summary) -> bool) -> Summary {
    let files = files();
    // Files that cannot be read, or not at once, are worth a try as well, but not most of the time.
    let (sound, faulty): (Vec<_>, Vec<_>) = files.iter().partition(|(name, file)| {
        let options = ReadOptions {
            drop_invalid: true,
            ..ReadOptions::default()
        };
        name.ends_with(".ann") || matches!(judge(name, file, &options), Ok(true))
    });
    let mut summary = Summary::default();
    while !enough(&summary) {
        let case = first + summary.cases;
        let mut random = Random(case.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let from = match faulty.is_empty() || !random.one_in(6) {
            true => &sound,
            false => &faulty,
        };
        let (name, file) = from[random.below(from.len())];
        let (_, other) = &files[random.below(files.len())];
        let options = options(&mut random);
        let content = match random.one_in(200) {
            true => file.clone(),
            false => spoil(&mut random, file, other),
        };
        let bytes = packed(&mut random, name, &content, other);
        // A packed file is as large as what is in it; a spoilt one may claim to be larger.
        let size = bytes.len().max(content.len());
        let tried = attempt(name, &bytes, size, &options);
        summary.cases += 1;
        summary.bytes += bytes.len() as u64;
        summary.slowest = summary.slowest.max(tried.took);
        if size >= 1024 {
            summary.memory = summary.memory.max(tried.held as f64 / size as f64);
        }
        summary.read += u64::from(tried.answer == Ok(true));
        if let Err(wrong) = tried.answer {
            summary.findings.push(Finding {
                case,
                name: name.clone(),
                options: format!("{options:?}"),
                wrong,
                bytes,
            });
        }
    }
    summary
}

/// How one file was read.
pub struct Attempt {
    /// Whether it could be read, or what is wrong with the answer.
    pub answer: Result<bool, String>,
    pub took: Duration,
    /// The most bytes that were held at once.
    pub held: usize,
}

/// Reads one file. `size` is what its memory is held against, in bytes.
pub fn attempt(name: &str, bytes: &[u8], size: usize, options: &ReadOptions) -> Attempt {
    let start = Instant::now();
    let (answer, held) = most(|| judge(name, bytes, options));
    let took = start.elapsed();
    let answer = match answer {
        Ok(_) if took > SLOWEST => Err(format!("took {took:?}")),
        Ok(_) if held > MEMORY.0 * size + MEMORY.1 => Err(format!("held {held} bytes")),
        other => other,
    };
    Attempt { answer, took, held }
}
