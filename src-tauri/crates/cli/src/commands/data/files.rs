//! The files that a command names, each with its split.

use std::path::Path;
use tagsmith_corpus::{Corpus, Issue, ReadOptions, read};

/// What could be read of some files.
pub struct Files<'a> {
    /// The split of each file that can be used, and what it holds.
    pub corpora: Vec<(&'a str, Corpus)>,
    /// What is wrong with the others.
    pub faults: Vec<Issue>,
    /// All of them.
    pub paths: Vec<&'a Path>,
}

/// Reads each file, whatever the others are.
pub fn read_files<'a>(files: &'a [String], options: &ReadOptions) -> Files<'a> {
    let mut read_so_far = Files {
        corpora: Vec::new(),
        faults: Vec::new(),
        paths: Vec::new(),
    };
    for (place, file) in files.iter().enumerate() {
        let (split, path) = split_of(file, place);
        let path = Path::new(path);
        read_so_far.paths.push(path);
        match read(path, options) {
            Ok(corpus) => read_so_far.corpora.push((split, corpus)),
            // What is wrong with a file that cannot be used is what was asked for.
            Err(failure) => read_so_far.faults.extend(failure.findings()),
        }
    }
    read_so_far
}

/// What splits are called in the names of files. CoNLL-2003 has `testa` for dev.
const NAMES: [(&str, &[&str]); 3] = [
    ("train", &["train", "training"]),
    (
        "dev",
        &[
            "dev",
            "devel",
            "development",
            "val",
            "valid",
            "validation",
            "testa",
        ],
    ),
    ("test", &["test", "testing", "testb"]),
];

/// `SPLIT=PATH`, or a path whose split is told by its name; the first file is taken for training.
fn split_of(file: &str, place: usize) -> (&str, &str) {
    if let Some((split, path)) = file.split_once('=')
        && ["train", "dev", "test"].contains(&split)
    {
        return (split, path);
    }
    let name = Path::new(file)
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default()
        .to_lowercase();
    // Whole parts of the name, numbers behind them aside: `device.jsonl` is not dev.
    let mut parts = name
        .split(|c: char| !c.is_alphanumeric())
        .map(|part| part.trim_end_matches(|c: char| c.is_ascii_digit()));
    let guess = parts.find_map(|part| {
        let (split, _) = NAMES.iter().find(|(_, names)| names.contains(&part))?;
        Some(*split)
    });
    match (guess, place) {
        (Some(split), _) => (split, file),
        (None, 0) => ("train", file),
        (None, 1) => ("dev", file),
        (None, _) => ("test", file),
    }
}
