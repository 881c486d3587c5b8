//! Data sets that an earlier version of the program imported: their files become what the store is made of.
//!
//! Such a data set has `SPLIT.jsonl`, the documents as the engine reads them, and `SPLIT.lines`, the line of
//! each in the imported file. Both stay where they are: runs that were stopped go on with them.

use super::jobs::Work;
use super::record::{Record, Source, SourceFile};
use crate::disk;
use crate::dto::{FileReport, FormatName, Reading, Split};
use std::path::Path;
use tagsmith_corpus::Document;
use tagsmith_protocol::Failure;

/// Makes the store of a data set that has none.
///
/// # Errors
/// A file is missing or damaged.
pub fn from_files(folder: &Path, record: &mut Record, work: &mut Work) -> Result<(), Failure> {
    let old = record.set.check.clone();
    let split_of = |file: &FileReport| Split::ALL.into_iter().find(|s| s.name() == file.split);
    let file = |file: &FileReport| {
        let split = split_of(file)?;
        Some(SourceFile {
            path: file.path.clone(),
            copy: format!("{}.jsonl", split.name()).into(),
            split: Some(split),
            reading: Reading {
                format: Some(FormatName::Json),
                ..Reading::default()
            },
        })
    };
    record.source = Some(Source {
        number: None,
        files: old.files.iter().filter_map(file).collect(),
    });
    super::changes::remade(folder, record, work).map_err(|failure| {
        match failure.code.as_str() {
            "bad-data" => Failure::new(
                "damaged",
                failure.message,
                "delete this data set and import its file again",
            ),
            _ => failure,
        }
    })?;
    // What was known of the imported files, and found in them, is more than their copies notify.
    let check = &mut record.set.check;
    for file in &mut check.files {
        let same = |old: &&FileReport| old.split == file.split && old.documents == file.documents;
        if let Some(old) = old.files.iter().find(same) {
            *file = old.clone();
        }
    }
    let new = |code: &str| check.issues.iter().all(|issue| issue.code != code);
    let lost: Vec<_> = old.issues.into_iter().filter(|i| new(&i.code)).collect();
    check.issues.extend(lost);
    Ok(())
}

/// Gives the documents of a file the lines that are noted beside it.
pub fn put_lines(file: &Path, documents: &mut [Document]) {
    let beside = file.with_extension("lines");
    if !beside.is_file() {
        return;
    }
    let lines: Vec<usize> = disk::read_json(&beside).unwrap_or_default();
    for (document, line) in documents.iter_mut().zip(lines) {
        document.line = line;
    }
}
