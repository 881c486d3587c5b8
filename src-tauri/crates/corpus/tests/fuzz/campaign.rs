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
        let start = Instant::now();
        let (answer, held) = most(|| judge(name, &bytes, &options));
        let took = start.elapsed();
        summary.cases += 1;
        summary.bytes += bytes.len() as u64;
        summary.slowest = summary.slowest.max(took);
        if size >= 1024 {
            summary.memory = summary.memory.max(held as f64 / size as f64);
        }
        let wrong = match answer {
            Ok(_) if took > SLOWEST => Some(format!("took {took:?}")),
            Ok(_) if held > bound(name, &bytes, size) => Some(format!("held {held} bytes")),
            Ok(read) => {
                summary.read += u64::from(read);
                None
            }
            Err(wrong) => Some(wrong),
        };
        if let Some(wrong) = wrong {
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

/// What a file may take. The Arrow project's readers reserve memory by the lengths that stand in a
/// file, before they look whether there is so much: up to 64 MiB for an Arrow stream, and for a
/// page of Parquet what its header says. Reserved is not used, but the allocator cannot tell.
fn bound(name: &str, bytes: &[u8], size: usize) -> usize {
    let holds = |magic: &[u8]| bytes.windows(magic.len()).any(|piece| piece == magic);
    let bound = MEMORY.0 * size + MEMORY.1;
    if name.ends_with(".parquet") || holds(b"PAR1") {
        return usize::MAX;
    }
    match name.ends_with(".arrow") || holds(b"ARROW1") {
        true => bound + (64 << 20),
        false => bound,
    }
}
