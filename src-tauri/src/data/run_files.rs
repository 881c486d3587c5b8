//! The files that a run learns from, written out of the store.

use crate::disk;
use crate::dto::DataSet;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use tagsmith_corpus::{
    Document, FormatName, Scheme, Span, WriteError, WriteFormat, write as write_documents,
};
use tagsmith_protocol::Failure;
use tagsmith_store::Store;

/// What the files are. It is given, so that the engine does not have to recognise it.
const FORMAT: FormatName = FormatName::Json;

/// How the engine is to read the files, as its options. What they name as unknown was asked to be left out
/// of the loss when it was imported.
pub const READING: [&str; 3] = ["--format", FORMAT.as_str(), "--mask-unknown"];

/// The same as a run's `reading`.
pub fn reading() -> Value {
    json!({ "format": FORMAT, "mask_unknown": true })
}

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
pub fn write(store: &Store, set: &DataSet, folder: &Path) -> Result<(), Failure> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let beside = folder.with_file_name(format!(".{name}"));
    let _ = fs::remove_dir_all(&beside);
    fs::create_dir_all(&beside).map_err(Failure::io("make", &beside))?;
    for split in store.splits() {
        let path = beside.join(format!("{}.jsonl", split.name));
        let file = set.check.files.iter().find(|file| file.split == split.name);
        let file = file.map_or(Path::new(""), |file| &file.path);
        let origins = one(store, &split.name, file, &path)?;
        disk::write_json(&origins_of(&path), &origins)?;
    }
    fs::rename(&beside, folder).map_err(Failure::io("make", folder))
}

/// Where a document came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The name of the imported file, where it is known.
    pub file: Option<String>,
    /// The line there, from 1.
    pub line: usize,
}

/// The origins of a split's documents, as they lie beside the file that a run reads.
#[derive(Default, Serialize, Deserialize)]
struct Origins {
    /// The names of the imported files.
    files: Vec<String>,
    /// For each document, in order, which of the files, and the line there.
    documents: Vec<(usize, usize)>,
}

impl Origins {
    fn add(&mut self, file: &Path, line: usize) {
        let name = file.file_name().unwrap_or(file.as_os_str());
        let name = name.to_string_lossy();
        // Documents of one file follow one another.
        let known = self.files.iter().rposition(|known| *known == name);
        let file = known.unwrap_or_else(|| {
            self.files.push(name.into_owned());
            self.files.len() - 1
        });
        self.documents.push((file, line));
    }
}

fn origins_of(file: &Path) -> PathBuf {
    file.with_extension("origins")
}

/// Where the documents of a file came from that [`write()`] wrote, or an earlier version of the program, which kept
/// the lines alone.
pub fn origins(file: &Path) -> Vec<Origin> {
    if let Some(Origins { files, documents }) = disk::read_json(&origins_of(file)) {
        let origin = |(at, line): (usize, usize)| Origin {
            file: files.get(at).filter(|name| !name.is_empty()).cloned(),
            line,
        };
        return documents.into_iter().map(origin).collect();
    }
    let lines: Vec<usize> = disk::read_json(&file.with_extension("lines")).unwrap_or_default();
    let origin = |line| Origin { file: None, line };
    lines.into_iter().map(origin).collect()
}

/// Writes one split of the data set; `file` is where it was read from, unless a document says otherwise.
fn one(store: &Store, split: &str, file: &Path, path: &Path) -> Result<Origins, Failure> {
    let mut out = BufWriter::new(File::create(path).map_err(Failure::io("write", path))?);
    let mut origins = Origins::default();
    let mut failed: Option<WriteError> = None;
    store.each(split, |stored| {
        let document = without_overlaps(stored.document);
        origins.add(document.file.as_deref().unwrap_or(file), document.line);
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
    Ok(origins)
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
