//! Writes a data set to where the person wants it, in the format of another program.

use super::documents::count;
use crate::failure::Failure;
use crate::shapes::{
    ExportFormat, ExportPlan, ExportRequest, FindingGroup, Issue, Severity, mirror,
};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use tagsmith_corpus::{
    Document, WriteError, WriteFormat, plan as plan_of, write as write_documents,
};
use tagsmith_store::Store;

/// What an export would write, and what its format cannot hold.
///
/// # Errors
/// The documents cannot be read.
pub fn plan(store: &Store, request: &ExportRequest) -> Result<ExportPlan, Failure> {
    let mut plan = ExportPlan {
        documents: 0,
        entities: 0,
        losses: Vec::new(),
    };
    for split in &request.splits {
        let documents = documents(store, split)?;
        let report = plan_of(&documents, &format(request)).map_err(unwritten)?;
        plan.documents += count(report.documents);
        plan.entities += count(report.entities);
        for note in report.notes() {
            plan.losses.push(loss(split, &note));
        }
    }
    Ok(plan)
}

/// The name that an export gets where the person does not choose another: of a file for one part, of a
/// folder for several.
pub fn name(id: &str, request: &ExportRequest) -> String {
    match &request.splits[..] {
        [split] => format!("{id}-{split}.{}", ending(request.format)),
        _ => id.into(),
    }
}

/// Writes the parts: one into a file, several into files of a new folder.
///
/// # Errors
/// The file system refused, or the folder is there already.
pub fn write(store: &Store, request: &ExportRequest, path: &Path) -> Result<(), Failure> {
    let beside = beside(path);
    let _ = fs::remove_dir_all(&beside).or_else(|_| fs::remove_file(&beside));
    let written = match &request.splits[..] {
        [] => Err(Failure::plain("no-split", "no part was chosen")),
        [split] => one(store, request, split, &beside),
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
                        let name = format!("{split}.{}", ending(request.format));
                        one(store, request, split, &beside.join(name))
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

fn one(store: &Store, request: &ExportRequest, split: &str, path: &Path) -> Result<(), Failure> {
    let io = || Failure::io("write", path);
    let documents = documents(store, split)?;
    let mut out = BufWriter::new(File::create(path).map_err(io())?);
    write_documents(&documents, &format(request), &mut out).map_err(unwritten)?;
    out.flush()
        .and_then(|()| out.get_ref().sync_all())
        .map_err(io())
}

fn format(request: &ExportRequest) -> WriteFormat {
    let scheme = mirror(&request.scheme);
    match request.format {
        ExportFormat::Conll => WriteFormat::ConllScheme(scheme),
        ExportFormat::Jsonl => WriteFormat::JsonlSpans,
        ExportFormat::JsonlTokens => WriteFormat::JsonlTokens { scheme },
        ExportFormat::Spacy => WriteFormat::Spacy,
        ExportFormat::Prodigy => WriteFormat::Prodigy,
        ExportFormat::Doccano => WriteFormat::Doccano,
        ExportFormat::LabelStudio => WriteFormat::LabelStudio,
        ExportFormat::Brat => WriteFormat::Brat,
        ExportFormat::Parquet => WriteFormat::Parquet { scheme },
    }
}

fn documents(store: &Store, split: &str) -> Result<Vec<Document>, Failure> {
    let mut documents = Vec::new();
    store.each(split, |stored| {
        documents.push(stored.document);
        ControlFlow::Continue(())
    })?;
    Ok(documents)
}

fn ending(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Conll => "conll",
        ExportFormat::Jsonl
        | ExportFormat::JsonlTokens
        | ExportFormat::Spacy
        | ExportFormat::Prodigy
        | ExportFormat::Doccano => "jsonl",
        ExportFormat::LabelStudio => "json",
        ExportFormat::Brat => "zip",
        ExportFormat::Parquet => "parquet",
    }
}

fn loss(split: &str, note: &str) -> FindingGroup {
    // A note begins with its count.
    let counted = note.split(' ').next().and_then(|first| first.parse().ok());
    let first = Issue {
        severity: Severity::Warning,
        code: "export-loss".into(),
        file: split.into(),
        line: 0,
        column: None,
        found: String::new(),
        message: note.into(),
        why: None,
        fix: None,
        repair: None,
        place: None,
        count: counted.unwrap_or(1),
    };
    FindingGroup {
        code: first.code.clone(),
        severity: first.severity,
        count: first.count,
        why: None,
        fix: None,
        repair: None,
        first,
    }
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
