//! The texts of a batch: what files hold, and all of them in one file of JSON lines.

use super::{name_of, stopped};
use crate::data::DataSets;
use crate::dto::{BatchFile, BatchLook, BatchRequest, SkippedFile};
use crate::living::Signals;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::ops::ControlFlow;
use std::path::Path;
use tagsmith_corpus::{ReadError, SourceText, TextOptions, each_text, text_columns, text_files};
use tagsmith_files::write_atomically;
use tagsmith_protocol::Failure;

/// Texts that a person is shown before a batch starts.
const SHOWN: usize = 3;
/// Characters of each.
const EXCERPT: usize = 240;
/// Files of a folder that are looked at, to find before the start those that cannot be read.
const LOOKED_AT: usize = 200;
/// Bytes of a file that is looked at although the texts to be shown are there.
const SMALL: u64 = 1 << 20;
/// Documents between two words of how many were read.
const STEP: u32 = 500;

/// A line of the input: the text, and as its id where it is from, which the engine gives back.
#[derive(Serialize, Deserialize)]
pub struct Line<'a> {
    pub id: Place<'a>,
    pub text: Cow<'a, str>,
}

/// Where a text is from: the number of its file among those of the batch, from 0, or the split of a data set; and its line.
#[derive(Clone, Serialize, Deserialize)]
pub struct Place<'a> {
    /// As the person sees it.
    pub file: Cow<'a, str>,
    /// From 1.
    pub line: usize,
}

fn options(file: &BatchFile, whole: bool) -> TextOptions {
    TextOptions {
        column: file.column.clone(),
        whole,
    }
}

/// A file of a folder as the person sees it: by its path within that, or by its name where it was chosen itself.
fn shown(path: &Path, chosen: &str) -> String {
    match path.strip_prefix(chosen) {
        Ok(within) if !within.as_os_str().is_empty() => within.display().to_string(),
        _ => name_of(chosen),
    }
}

/// What a file holds, or the files of a folder, as far as its beginning shows.
pub fn look(file: &BatchFile, whole: bool) -> BatchLook {
    let mut found = BatchLook {
        path: file.path.clone(),
        files: 1,
        columns: Vec::new(),
        column: None,
        texts: Vec::new(),
        skipped: Vec::new(),
        failure: None,
    };
    let files = match text_files(Path::new(&file.path)) {
        Ok(files) => files,
        Err(failure) => {
            found.failure = Some(failure.into());
            return found;
        }
    };
    found.files = u32::try_from(files.len()).unwrap_or(u32::MAX);
    let options = options(file, whole);
    for path in files.iter().take(LOOKED_AT) {
        let before = found.texts.len();
        let is_small = || std::fs::metadata(path).is_ok_and(|metadata| metadata.len() <= SMALL);
        if before >= SHOWN && !is_small() {
            continue;
        }
        if let Err(failure) = look_into(path, &options, &mut found) {
            found.skipped.push(SkippedFile {
                file: shown(path, &file.path),
                failure: failure.into(),
                taken: u32::try_from(found.texts.len() - before).unwrap_or(u32::MAX),
            });
        }
    }
    found.texts.truncate(SHOWN);
    // A single file is not left out: it is all that there is.
    if files.len() == 1 || found.texts.is_empty() && found.skipped.len() == files.len() {
        found.failure = found
            .skipped
            .drain(..)
            .next()
            .map(|skipped| skipped.failure);
    }
    found
}

/// Adds the columns of a file, where none are known yet, and its first texts.
fn look_into(path: &Path, options: &TextOptions, found: &mut BatchLook) -> Result<(), ReadError> {
    if found.columns.is_empty()
        && let Some(columns) = text_columns(path, options)?
    {
        found.columns = columns.names;
        found.column = columns.text.and_then(|at| u32::try_from(at).ok());
    }
    each_text(path, options, &mut |text| {
        found.texts.push(text.text.chars().take(EXCERPT).collect());
        match found.texts.len() < SHOWN {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    })
}

/// What was read for a batch.
pub struct Collected {
    /// How many texts there are.
    pub texts: u32,
    /// Of several files, those that could not be read.
    pub skipped: Vec<SkippedFile>,
}

/// Writes all texts into `to`, which is there when all are in it. Of several files, one that cannot be read is
/// left out.
///
/// # Errors
/// No file can be read, the file system refused, or the batch was stopped.
pub fn write(
    request: &BatchRequest,
    data: &DataSets,
    to: &Path,
    signals: &Signals,
    mut on_read: impl FnMut(u32),
) -> Result<Collected, Failure> {
    let mut number = 0;
    let mut skipped = Vec::new();
    let mut failure = None;
    let written = write_atomically(to, |out| {
        let mut broken = None;
        let mut put = |text: &str, file: &str, line: usize| -> ControlFlow<()> {
            let line = Line {
                id: Place {
                    file: file.into(),
                    line,
                },
                text: text.into(),
            };
            let written = serde_json::to_writer(&mut *out, &line)
                .map_err(std::io::Error::from)
                .and_then(|()| out.write_all(b"\n"));
            if let Err(failure) = written {
                broken = Some(failure);
                return ControlFlow::Break(());
            }
            number += 1;
            if number % STEP == 0 {
                on_read(number);
            }
            match signals.is_asked() {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        };
        let read = match &request.data {
            Some(id) => data.each_document(id, &mut |split, document| match document
                .text
                .trim()
                .is_empty()
            {
                true => ControlFlow::Continue(()),
                false => put(&document.text, split, document.line),
            }),
            None => each_file(request, &mut skipped, &mut |text, shown| {
                put(&text.text, shown, text.line)
            }),
        };
        if let Some(broken) = broken {
            return Err(broken);
        }
        let ended = match read {
            Err(why) => Some(why),
            Ok(()) if signals.is_asked() => Some(stopped()),
            Ok(()) if number == 0 => Some(Failure::new(
                "no-texts",
                "there is no text in what was chosen",
                "choose other files, or another column",
            )),
            Ok(()) => None,
        };
        match ended {
            None => Ok(()),
            Some(why) => {
                failure = Some(why);
                Err(std::io::Error::other("it is not finished"))
            }
        }
    });
    match (failure, written) {
        (Some(failure), _) => Err(failure),
        (None, written) => {
            written.map_err(Failure::io("write", to))?;
            Ok(Collected {
                texts: number,
                skipped,
            })
        }
    }
}

/// Every text of every file, with the file's name as the person sees it. Files that cannot be read are collected,
/// unless there is no other.
fn each_file(
    request: &BatchRequest,
    skipped: &mut Vec<SkippedFile>,
    take: &mut dyn FnMut(SourceText, &str) -> ControlFlow<()>,
) -> Result<(), Failure> {
    let mut readable = 0;
    for file in &request.files {
        let options = options(file, request.whole);
        let files = match text_files(Path::new(&file.path)) {
            Ok(files) => files,
            Err(failure) => {
                skipped.push(SkippedFile {
                    file: name_of(&file.path),
                    failure: failure.into(),
                    taken: 0,
                });
                continue;
            }
        };
        for path in files {
            let shown = shown(&path, &file.path);
            let mut going = ControlFlow::Continue(());
            let mut taken = 0;
            let read = each_text(&path, &options, &mut |text| {
                going = take(text, &shown);
                taken += 1;
                going
            });
            match read {
                Ok(()) => readable += 1,
                Err(failure) => skipped.push(SkippedFile {
                    file: shown,
                    failure: failure.into(),
                    taken,
                }),
            }
            if going.is_break() {
                return Ok(());
            }
        }
    }
    match skipped.first() {
        Some(first) if readable == 0 => Err(first.failure.clone()),
        _ => Ok(()),
    }
}
