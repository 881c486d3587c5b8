//! The texts of a batch: what files hold, and all of them in one file of JSON lines.

use super::{name_of, stopped};
use crate::data::DataSets;
use crate::dto::{BatchFile, BatchLook, BatchRequest};
use crate::living::Signals;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::ops::ControlFlow;
use std::path::Path;
use tagsmith_corpus::{ReadError, SourceText, TextOptions, each_text, text_columns, text_files};
use tagsmith_files::write_atomically;
use tagsmith_protocol::{Diagnose, Failure};

/// Texts that a person is shown before a batch starts.
const SHOWN: usize = 3;
/// Characters of each.
const EXCERPT: usize = 240;
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

fn failed(failure: &ReadError) -> Failure {
    Failure {
        code: failure.code().into(),
        message: failure.to_string(),
        hint: failure.hint().map(Into::into),
    }
}

/// What a file holds, as far as its beginning shows.
pub fn look(file: &BatchFile, whole: bool) -> BatchLook {
    let mut found = BatchLook {
        path: file.path.clone(),
        files: 1,
        columns: Vec::new(),
        column: None,
        texts: Vec::new(),
        failure: None,
    };
    let options = options(file, whole);
    let mut see = || -> Result<(), ReadError> {
        let files = text_files(Path::new(&file.path))?;
        found.files = u32::try_from(files.len()).unwrap_or(u32::MAX);
        let Some(first) = files.first() else {
            return Ok(());
        };
        if let Some(columns) = text_columns(first, &options)? {
            found.columns = columns.names;
            found.column = columns.text.and_then(|at| u32::try_from(at).ok());
        }
        for file in files.iter().take(SHOWN) {
            each_text(file, &options, &mut |text| {
                found.texts.push(text.text.chars().take(EXCERPT).collect());
                match found.texts.len() < SHOWN {
                    true => ControlFlow::Continue(()),
                    false => ControlFlow::Break(()),
                }
            })?;
            if found.texts.len() >= SHOWN {
                break;
            }
        }
        Ok(())
    };
    if let Err(failure) = see() {
        found.failure = Some(failed(&failure));
    }
    found
}

/// Writes all texts into `to`, which is there when all are in it; returns how many there are.
///
/// # Errors
/// A file cannot be read, the file system refused, or the batch was stopped.
pub fn write(
    request: &BatchRequest,
    data: &DataSets,
    to: &Path,
    signals: &Signals,
    mut on_read: impl FnMut(u32),
) -> Result<u32, Failure> {
    let mut number = 0;
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
            None => each_file(request, &mut |text, shown| {
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
            Ok(number)
        }
    }
}

/// Every text of every file, with the file's name as the person sees it.
fn each_file(
    request: &BatchRequest,
    take: &mut dyn FnMut(SourceText, &str) -> ControlFlow<()>,
) -> Result<(), Failure> {
    for file in &request.files {
        let options = options(file, request.whole);
        let root = Path::new(&file.path);
        for path in text_files(root).map_err(|failure| failed(&failure))? {
            // Of a folder the path within it.
            let shown = match path.strip_prefix(root) {
                Ok(within) if !within.as_os_str().is_empty() => within.display().to_string(),
                _ => name_of(&file.path),
            };
            let mut going = ControlFlow::Continue(());
            each_text(&path, &options, &mut |text| {
                going = take(text, &shown);
                going
            })
            .map_err(|failure| failed(&failure))?;
            if going.is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}
