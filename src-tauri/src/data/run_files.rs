//! The files that a run learns from, written out of the store.

use crate::disk;
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use tagsmith_corpus::{Document, Scheme, Span, WriteError, WriteFormat, write as write_documents};
use tagsmith_protocol::Failure;
use tagsmith_store::Store;

/// What the files are, as the engine's `--format` and a run's `reading` name it. It is given, so
/// that the engine does not have to recognise it.
pub const FORMAT: &str = "json";

/// The files of the data set that a run learns from.
#[derive(Clone, Debug)]
pub struct RunData {
    /// The data set's name.
    pub name: String,
    /// The file to learn from.
    pub train: PathBuf,
    /// The file to choose the best model by.
    pub dev: Option<PathBuf>,
    /// The file that is only scored.
    pub test: Option<PathBuf>,
    /// How they came from the files that were imported, for the run's own record.
    pub recipe: Option<Value>,
}

/// Writes every split into a folder, which gets its name when it is whole.
///
/// # Errors
/// The file system refused.
pub fn write(store: &Store, folder: &Path) -> Result<(), Failure> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let beside = folder.with_file_name(format!(".{name}"));
    let _ = fs::remove_dir_all(&beside);
    fs::create_dir_all(&beside).map_err(Failure::io("make", &beside))?;
    for split in store.splits() {
        let path = beside.join(format!("{}.jsonl", split.name));
        let lines = one(store, &split.name, &path)?;
        disk::write_json(&beside.join(format!("{}.lines", split.name)), &lines)?;
    }
    fs::rename(&beside, folder).map_err(Failure::io("make", folder))
}

/// Writes one split; returns the line of each document in the imported file.
fn one(store: &Store, split: &str, path: &Path) -> Result<Vec<usize>, Failure> {
    let mut out = BufWriter::new(File::create(path).map_err(Failure::io("write", path))?);
    let mut lines = Vec::new();
    let mut failed: Option<WriteError> = None;
    store.each(split, |stored| {
        let document = without_overlaps(stored.document);
        // A line of one of several files says nothing without its name.
        lines.push(match document.file {
            None => document.line,
            Some(_) => 0,
        });
        match write_documents(
            std::slice::from_ref(&document),
            &format(&document),
            &mut out,
        ) {
            Ok(_) => ControlFlow::Continue(()),
            Err(failure) => {
                failed = Some(failure);
                ControlFlow::Break(())
            }
        }
    })?;
    if let Some(failure) = failed {
        return Err(Failure::io("write", path)(failure));
    }
    out.flush()
        .and_then(|()| out.get_ref().sync_all())
        .map_err(Failure::io("write", path))?;
    Ok(lines)
}

/// Writes some documents into a file that a run could learn from.
///
/// # Errors
/// The file system refused.
pub fn write_some(documents: Vec<Document>, path: &Path) -> Result<(), Failure> {
    let mut out = BufWriter::new(File::create(path).map_err(Failure::io("write", path))?);
    for document in documents {
        let document = without_overlaps(document);
        write_documents(
            std::slice::from_ref(&document),
            &format(&document),
            &mut out,
        )
        .map_err(Failure::io("write", path))?;
    }
    out.flush().map_err(Failure::io("write", path))
}

/// A document whose words were given keeps them, where nothing else is in its text; another keeps its
/// text as it is.
fn format(document: &Document) -> WriteFormat {
    let mut at = 0;
    let joined = document.words.iter().enumerate().all(|(n, word)| {
        let fits = word.start == at + usize::from(n > 0)
            && (n == 0 || document.text.as_bytes()[at] == b' ');
        at = word.end;
        fits
    }) && at == document.text.len();
    let spans = document.word_spans();
    match document.words_given && joined && (spans.moved, spans.lost) == (0, 0) {
        true => WriteFormat::JsonlTokens {
            scheme: Scheme::Iob2,
        },
        false => WriteFormat::JsonlSpans,
    }
}

/// Of spans that overlap, which no run can learn, the first stays, and of two that start together the
/// longer one. The check has reported them.
fn without_overlaps(mut document: Document) -> Document {
    let sorted = |spans: &[Span]| spans.windows(2).all(|pair| pair[0].end <= pair[1].start);
    if !sorted(&document.spans) {
        let spans = &mut document.spans;
        spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
        let mut covered = 0;
        spans.retain(|span| {
            let free = span.start >= covered;
            if free {
                covered = span.end;
            }
            free
        });
    }
    document
}
