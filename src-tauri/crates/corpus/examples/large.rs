//! Makes a large corpus out of small ones, by repeating and perturbing their sentences.
//!
//!     cargo run --release --example large -- 200000 /tmp/large a.conll b.tsv …
//!
//! writes `/tmp/large.conll` and `/tmp/large.jsonl` with the same documents. In each repetition
//! some words make room for others of the files, and some entities for others of their label, so
//! that the vocabulary and the labels stay real and hardly two sentences are the same. The same
//! arguments always give the same files.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use tagsmith_corpus::{Document, ReadOptions, Scheme, WordSpan, WriteFormat, read, write};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [number, out, files @ ..] = &arguments[..] else {
        return Err("expected: NUMBER OUT FILE…".into());
    };
    let number: usize = number.parse()?;
    let mut documents = Vec::new();
    for file in files {
        documents.extend(read(Path::new(file), &ReadOptions::default())?.documents);
    }
    documents.retain(|document| document.words.len() > 2);
    if documents.is_empty() {
        return Err("the files have no sentences".into());
    }
    let made = Perturb::new(&documents).make(number);
    for (ending, format) in [
        ("conll", WriteFormat::ConllScheme(Scheme::Iob2)),
        ("jsonl", WriteFormat::JsonlSpans),
    ] {
        let path = format!("{out}.{ending}");
        let mut file = BufWriter::new(File::create(&path)?);
        write(&made, &format, &mut file)?;
        file.flush()?;
        let words: usize = made.iter().map(|document| document.words.len()).sum();
        let bytes = std::fs::metadata(&path)?.len();
        eprintln!(
            "{path}: {} sentences, {words} words, {bytes} bytes",
            made.len()
        );
    }
    Ok(())
}

/// What sentences are made of.
struct Perturb<'a> {
    documents: &'a [Document],
    /// Words outside of entities, by whether they start with a capital, a digit or something else.
    words: BTreeMap<u8, Vec<&'a str>>,
    /// Entities as lists of words, by label.
    entities: BTreeMap<String, Vec<Vec<&'a str>>>,
    state: u64,
}

impl<'a> Perturb<'a> {
    fn new(documents: &'a [Document]) -> Self {
        let mut words: BTreeMap<u8, Vec<&str>> = BTreeMap::new();
        let mut entities: BTreeMap<String, Vec<Vec<&str>>> = BTreeMap::new();
        for document in documents {
            let mut inside = vec![false; document.words.len()];
            for span in document.word_spans().spans {
                inside[span.first..span.end].fill(true);
                let surface = (span.first..span.end).map(|i| document.word_text(i));
                entities
                    .entry(span.label)
                    .or_default()
                    .push(surface.collect());
            }
            for (i, inside) in inside.into_iter().enumerate() {
                let word = document.word_text(i);
                if !inside && !word.is_empty() {
                    words.entry(kind(word)).or_default().push(word);
                }
            }
        }
        Self {
            documents,
            words,
            entities,
            state: 42,
        }
    }

    fn make(&mut self, number: usize) -> Vec<Document> {
        let documents = self.documents;
        (0..number)
            .map(|i| {
                let document = &documents[i % documents.len()];
                let mut made = match i / documents.len() {
                    0 => document.clone(),
                    _ => self.vary(document),
                };
                made.id = None;
                made.group = None;
                made
            })
            .collect()
    }

    fn vary(&mut self, document: &Document) -> Document {
        let spans = document.word_spans().spans;
        let mut words: Vec<&str> = Vec::new();
        let mut kept = Vec::new();
        let mut at = 0;
        while at < document.words.len() {
            if let Some(span) = spans.iter().find(|span| span.first == at) {
                let first = words.len();
                let same = &self.entities[&span.label];
                let other = pick(&mut self.state, same).clone();
                match next(&mut self.state) % 2 {
                    0 => words.extend(other),
                    _ => words.extend((span.first..span.end).map(|i| document.word_text(i))),
                }
                kept.push(WordSpan {
                    first,
                    end: words.len(),
                    label: span.label.clone(),
                });
                at = span.end;
                continue;
            }
            let word = document.word_text(at);
            let varied: bool =
                word.chars().all(char::is_alphanumeric) && next(&mut self.state).is_multiple_of(6);
            words.push(match self.words.get(&kind(word)) {
                Some(others) if varied => *pick(&mut self.state, others),
                _ => word,
            });
            at += 1;
        }
        let mut made = Document::from_words(&words);
        made.set_word_spans(&kept);
        made
    }
}

fn kind(word: &str) -> u8 {
    match word.chars().next() {
        Some(c) if c.is_uppercase() => 0,
        Some(c) if c.is_numeric() => 1,
        Some(c) if c.is_alphabetic() => 2,
        _ => 3,
    }
}

fn pick<'a, T>(state: &mut u64, from: &'a [T]) -> &'a T {
    &from[(next(state) % from.len() as u64) as usize]
}

/// SplitMix64 (Steele, Lea and Flood 2014).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
