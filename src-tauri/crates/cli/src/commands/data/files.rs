//! The files that a command names, each with its split.

use std::path::Path;
use tagsmith_corpus::repair::merge;
use tagsmith_corpus::{Corpus, Issue, ReadError, ReadOptions, Split, read_all};

/// What could be read of some files.
pub struct Files<'a> {
    /// The split of each file that can be used, and what it holds.
    pub corpora: Vec<(String, Corpus)>,
    /// What is wrong with the others.
    pub faults: Vec<Issue>,
    /// All of them.
    pub paths: Vec<&'a Path>,
}

impl Files<'_> {
    /// As checks and statistics take them.
    pub fn named(&self) -> Vec<(&str, &Corpus)> {
        let named = self.corpora.iter();
        named.map(|(split, corpus)| (&**split, corpus)).collect()
    }
}

/// Reads each file, archive or folder, whatever the others are.
pub fn read_files<'a>(files: &'a [String], options: &ReadOptions) -> Files<'a> {
    let mut read_so_far = Files {
        corpora: Vec::new(),
        faults: Vec::new(),
        paths: Vec::new(),
    };
    for (place, file) in files.iter().enumerate() {
        read_so_far.paths.push(named(file).1);
        match read_splits(file, place, options) {
            Ok(splits) => {
                let splits = splits.into_iter().map(|split| (split.name, split.corpus));
                read_so_far.corpora.extend(splits);
            }
            // What is wrong with a file that cannot be used is what was asked for.
            Err(failure) => read_so_far.faults.extend(failure.findings()),
        }
    }
    read_so_far
}

/// Reads what one argument names; `place` is its number among the arguments.
pub fn read_splits(
    file: &str,
    place: usize,
    options: &ReadOptions,
) -> Result<Vec<Split>, ReadError> {
    let (wanted, path) = named(file);
    let mut splits = read_all(path, options)?;
    let alone = splits.len() == 1;
    for split in &mut splits {
        match wanted {
            Some(name) => split.name = name.into(),
            // Its records may say another one.
            None if alone && split.name == "train" => split.name = split_of(path, place).into(),
            None => {}
        }
    }
    // A file may name several splits itself.
    Ok(match wanted {
        Some(_) => merge(splits),
        None => splits,
    })
}

/// `SPLIT=PATH`, or a path.
pub fn named(file: &str) -> (Option<&str>, &Path) {
    match file.split_once('=') {
        Some((split @ ("train" | "dev" | "test"), path)) => (Some(split), Path::new(path)),
        _ => (None, Path::new(file)),
    }
}

/// The split by a file's name, else by its place: the first file is taken for training.
fn split_of(path: &Path, place: usize) -> &'static str {
    tagsmith_corpus::split_of(path).unwrap_or(match place {
        0 => "train",
        1 => "dev",
        _ => "test",
    })
}
