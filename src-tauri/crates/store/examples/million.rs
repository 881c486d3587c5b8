//! Builds a store of many documents and times what the window asks of it: `million [DOCUMENTS] [FILE]`.
//!
//! The documents are sentences of words drawn as languages draw them (Zipf), with one label in a
//! hundred thousand documents for the rare case. Memory is the process's own peak, on Linux.
#![allow(clippy::print_stdout, missing_docs, clippy::unwrap_used)]

use std::path::PathBuf;
use std::time::{Duration, Instant};
use tagsmith_corpus::{Document, Issue, IssueCode, Location, Severity, WordSpan, WriteFormat};
use tagsmith_store::{FindingQuery, Page, Query, Store, Writer};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let documents: u64 = arguments.next().map_or(1_000_000, |n| n.parse().unwrap());
    let path = arguments
        .next()
        .map_or_else(|| std::env::temp_dir().join("million.db"), PathBuf::from);
    build(&path, documents);
    let (store, took) = timed(|| Store::open(&path).unwrap());
    println!("open                              {took:>10.2?}");
    let (page, took) = timed(|| store.page(&query("", None, 0), Duration::ZERO).unwrap());
    println!(
        "first page of all                 {took:>10.2?}  {} in all",
        page.total
    );
    let deep = documents as usize * 9 / 10;
    let (_, took) = timed(|| store.page(&query("", None, deep), Duration::ZERO).unwrap());
    println!("page at {deep:<12}              {took:>10.2?}");
    for (what, text, label) in [
        ("a frequent label", "", Some("PER")),
        ("a rare label", "", Some("RARE")),
        ("a frequent word", " kato ", None),
        ("a rare word", "mirotalusa", None),
        ("a word of nothing", "zzzyx", None),
        ("two letters", "ka", None),
        ("one letter", "k", None),
        ("two rare characters", "東京", None),
        ("a frequent word and a rare label", "ka", Some("RARE")),
        ("a word and a frequent label", "kato", Some("PER")),
    ] {
        let (_, took) = timed(|| store.page(&query(text, label, 0), Duration::ZERO).unwrap());
        let (all, whole) = timed(|| store.page(&query(text, label, 0), Duration::MAX).unwrap());
        let at = all.total as usize * 9 / 10;
        let (_, deep) = timed(|| store.page(&query(text, label, at), Duration::MAX).unwrap());
        let Page { total, .. } = all;
        println!(
            "{what:<32}  {took:>10.2?}  then all {total:>8} counted {whole:>10.2?}, page at 90 % {deep:>10.2?}"
        );
    }
    let (_, took) = timed(|| {
        let query = FindingQuery {
            code: Some("duplicate".into()),
            offset: 500,
            limit: 100,
            ..FindingQuery::default()
        };
        store.findings(&query).unwrap()
    });
    println!("a page of findings                {took:>10.2?}");
    let (_, took) = timed(|| {
        let format = WriteFormat::JsonlSpans;
        store
            .export("train", &format, &mut std::io::sink())
            .unwrap()
    });
    println!("export                            {took:>10.2?}");
    println!("peak memory with reading          {}", peak());
}

fn build(path: &std::path::Path, documents: u64) {
    let words = words();
    let mut random = Random(42);
    let began = Instant::now();
    let mut making = Duration::ZERO;
    let mut bytes = 0;
    let mut writer = Writer::create(path).unwrap();
    for number in 0..documents {
        let start = Instant::now();
        let document = document(&words, &mut random, number);
        bytes += document.text.len();
        making += start.elapsed();
        writer.add("train", &document).unwrap();
    }
    for number in (0..documents).step_by((documents as usize / 1000).max(1)) {
        let place = Location {
            split: "train".into(),
            document: number as usize,
            range: None,
        };
        let issue = Issue::new(
            Severity::Info,
            IssueCode::Duplicate,
            "x.jsonl",
            1,
            "the same again",
        )
        .place(place);
        writer.add_issue(&issue).unwrap();
    }
    let added = began.elapsed() - making;
    let (_, finished) = timed(|| writer.finish(|_| true).unwrap());
    let took = added + finished;
    let size = std::fs::metadata(path).unwrap().len();
    println!(
        "{documents} documents, {} MB of text: built in {took:.1?} ({:.0} documents/s, of it {finished:.1?} at the end), {} MB, peak memory {}",
        bytes / 1_000_000,
        documents as f64 / took.as_secs_f64(),
        size / 1_000_000,
        peak()
    );
}

fn document(words: &[String], random: &mut Random, number: u64) -> Document {
    let count = 8 + random.below(26);
    let mut chosen: Vec<&str> = (0..count)
        .map(|_| words[zipf(random, words.len())].as_str())
        .collect();
    if number % 5003 == 17 {
        chosen[0] = "東京都";
    }
    let mut document = Document::from_words(&chosen);
    document.line = number as usize + 1;
    let mut spans = Vec::new();
    for (first, label) in [(1, "PER"), (4, "LOC"), (6, "ORG")] {
        if random.below(3) > 0 {
            let end = first + 1 + random.below(2);
            spans.push(WordSpan {
                first,
                end,
                label: label.into(),
            });
        }
    }
    if number % 100_003 == 99 {
        spans.push(WordSpan {
            first: 0,
            end: 1,
            label: "RARE".into(),
        });
    }
    document.set_word_spans(&spans);
    document
}

fn words() -> Vec<String> {
    let mut random = Random(7);
    let mut words: Vec<String> = (0..60_000)
        .map(|rank: usize| -> String {
            let syllables = 1 + random.below(2) + (rank + 1).ilog10() as usize / 2;
            (0..syllables)
                .map(|_| {
                    let consonant = b"bdfgklmnprstvz"[random.below(14)] as char;
                    let vowel = b"aeiou"[random.below(5)] as char;
                    format!("{consonant}{vowel}")
                })
                .collect()
        })
        .collect();
    words[100] = "kato".into();
    words[59_000] = "mirotalusa".into();
    words
}

fn zipf(random: &mut Random, size: usize) -> usize {
    let uniform = random.below(1 << 30) as f64 / f64::from(1 << 30);
    (((size as f64).ln() * uniform).exp() as usize).min(size - 1)
}

/// A small generator of numbers (SplitMix64), so that every run measures the same.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }
}

fn query(text: &str, label: Option<&str>, offset: usize) -> Query {
    Query {
        text: text.into(),
        label: label.map(str::to_owned),
        offset,
        limit: 100,
        ..Query::default()
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    (work(), began.elapsed())
}

fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".into(), |line| line.trim().into())
}
