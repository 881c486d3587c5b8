//! Writes a data set to where the person wants it, in the format of another program.

use super::documents::{all, count};
use super::jobs::{Work, cancelled};
use crate::dto::{ExportLoss, ExportPlan, ExportRequest};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use tagsmith_corpus::{WriteError, WriteFormat, plan as plan_of, write as write_documents};
use tagsmith_protocol::Failure;
use tagsmith_store::Store;

/// Places that are named of each kind of loss.
const SHOWN: usize = 5;

/// What an export would write, and what its format cannot hold.
///
/// # Errors
/// The documents cannot be read, or the person cancelled.
pub fn plan(
    store: &Store,
    request: &ExportRequest,
    work: &mut Work,
) -> Result<ExportPlan, Failure> {
    let mut plan = ExportPlan {
        documents: 0,
        entities: 0,
        losses: Vec::new(),
    };
    for split in &request.splits {
        let documents = all(store, split, work)?;
        work.at("checking", 0, 0)?;
        let report = plan_of(&documents, &format(request)).map_err(unwritten)?;
        plan.documents += count(report.documents);
        plan.entities += count(report.entities);
        let mut going = Ok(());
        let losses = report.losses(&documents, &format(request), SHOWN, |done| {
            going = work.at("checking", done, documents.len());
            match going {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        });
        going?;
        for loss in losses.map_err(unwritten)? {
            let concerned = loss.documents.iter().map(|number| &documents[*number]);
            // A line of one of several files says nothing without its name.
            let lines = concerned.filter(|document| document.file.is_none());
            let lines = lines.map(|document| document.line);
            plan.losses.push(ExportLoss {
                split: split.clone(),
                kind: loss.kind.into(),
                count: count(loss.count),
                what: loss.what.into(),
                lines: lines.filter(|line| *line > 0).map(count).collect(),
            });
        }
    }
    Ok(plan)
}

/// The name that an export gets where the person does not choose another: of a file for one split, of a
/// folder for several.
pub fn name(id: &str, request: &ExportRequest) -> String {
    match &request.splits[..] {
        [split] => format!("{id}-{split}.{}", request.format.description().extension),
        _ => id.into(),
    }
}

/// Writes the splits: one into a file, several into files of a new folder.
///
/// # Errors
/// The file system refused, the folder is there already, or the person cancelled.
pub fn write(
    store: &Store,
    request: &ExportRequest,
    path: &Path,
    work: &mut Work,
) -> Result<(), Failure> {
    let beside = beside(path);
    let _ = fs::remove_dir_all(&beside).or_else(|_| fs::remove_file(&beside));
    let written = match &request.splits[..] {
        [] => Err(Failure::plain("no-split", "no split was chosen")),
        [split] => one(store, request, split, &beside, work),
        several => match path.exists() {
            true => Err(Failure::new(
                "exists",
                format!("`{}` is there already", path.display()),
                "choose another name for the new folder",
            )),
            false => fs::create_dir_all(&beside)
                .map_err(Failure::io("make", &beside))
                .and_then(|()| {
                    several.iter().try_for_each(|split| {
                        let name = format!("{split}.{}", request.format.description().extension);
                        one(store, request, split, &beside.join(name), work)
                    })
                }),
        },
    };
    let kept = written.and_then(|()| fs::rename(&beside, path).map_err(Failure::io("write", path)));
    if kept.is_err() {
        let _ = fs::remove_dir_all(&beside).or_else(|_| fs::remove_file(&beside));
    }
    kept
}

fn one(
    store: &Store,
    request: &ExportRequest,
    split: &str,
    path: &Path,
    work: &mut Work,
) -> Result<(), Failure> {
    let documents = all(store, split, work)?;
    let file = File::create(path).map_err(Failure::io("write", path))?;
    let mut out = BufWriter::with_capacity(PIECE, Watched { file, work });
    let written = write_documents(&documents, &format(request), &mut out).map_err(unwritten);
    let written = written.and_then(|_| {
        let flushed = out.flush().and_then(|()| out.get_ref().file.sync_all());
        flushed.map_err(Failure::io("write", path))
    });
    match out.get_ref().work.goes_on() {
        true => written,
        false => Err(cancelled()),
    }
}

/// Bytes that are written between two looks whether the person cancelled.
const PIECE: usize = 1 << 16;

/// A file that refuses more when the person cancelled.
struct Watched<'a> {
    file: File,
    work: &'a mut Work,
}

impl Write for Watched<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let going = self.work.at("writing", 0, 0);
        going.map_err(|failure| io::Error::other(failure.message))?;
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn format(request: &ExportRequest) -> WriteFormat {
    request.format.with(request.scheme)
}

fn unwritten(failure: WriteError) -> Failure {
    Failure::new(
        "io",
        failure.to_string(),
        "check that the disk has room and that the folder may be written to",
    )
}

fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.partial"))
}
