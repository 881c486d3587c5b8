//! The splits of a data set: read from what a person names, written as one file each.

use super::files::{named, read_splits};
use crate::args::Writing;
use crate::error::CommandError;
use crate::{output, outputs};
use serde::Serialize;
use std::path::{Path, PathBuf};
use tagsmith_corpus::repair::merge;
use tagsmith_corpus::{
    Dataset, GroupBy, ReadError, Recipe, Repair, RepairReport, Split, Target, WriteReport, write,
};
use tagsmith_files::write_bytes;

/// Reads everything named, each as PATH or as SPLIT=PATH, as one data set.
pub fn open(files: &[String], recipe: &Recipe) -> Result<Dataset, ReadError> {
    let mut splits = Vec::new();
    for (place, file) in files.iter().enumerate() {
        let options = recipe.reading_of(named(file).1);
        splits.append(&mut read_splits(file, place, &options)?);
    }
    Ok(merge(splits))
}

/// What was written, for `--json`.
#[derive(Serialize)]
pub struct Report<'a> {
    /// One for each file.
    pub files: Vec<Written>,
    /// What each repair changed.
    pub repairs: &'a [RepairReport],
    /// How to do all of it again.
    pub recipe: &'a Recipe,
}

/// One file that was written.
#[derive(Serialize)]
pub struct Written {
    /// The split in it.
    pub split: String,
    /// Where it is.
    pub path: PathBuf,
    /// What could be written, and what the format does not hold.
    #[serde(flatten)]
    pub report: WriteReport,
}

/// Where each split goes: into `folder`, by its name.
pub fn in_folder(dataset: &[Split], folder: &Path, writing: &Writing) -> Vec<(PathBuf, Target)> {
    let words = |split: &Split| split.corpus.source.format.gives_words();
    let paths = dataset.iter().map(|split| {
        let target = writing.to.unwrap_or(match words(split) {
            true => Target::Conll,
            false => Target::Jsonl,
        });
        let name = format!("{}.{}", split.name, target.description().extension);
        (folder.join(name), target)
    });
    paths.collect()
}

/// Writes each split to its place; `files` are those that were read, as [`open`] takes them.
pub fn save(
    dataset: &[Split],
    places: Vec<(PathBuf, Target)>,
    files: &[String],
    writing: &Writing,
) -> Result<Vec<Written>, CommandError> {
    let inputs: Vec<&Path> = files.iter().map(|file| named(file).1).collect();
    // All of them before anything is written.
    for (path, _) in &places {
        outputs::check(path, &inputs, writing.force)?;
    }
    let mut written = Vec::with_capacity(places.len());
    for (split, (path, target)) in dataset.iter().zip(places) {
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder).map_err(CommandError::file("create", folder))?;
        }
        let mut bytes = Vec::new();
        let format = target.with(writing.to_scheme);
        let report = write(&split.corpus.documents, &format, &mut bytes)?;
        write_bytes(&path, &bytes).map_err(CommandError::file("write", &path))?;
        written.push(Written {
            split: split.name.clone(),
            path,
            report,
        });
    }
    Ok(written)
}

/// Prints what was done and written.
pub fn print(report: &Report, json: bool) -> Result<(), CommandError> {
    if json {
        return output::json(report);
    }
    for done in report.repairs {
        output::line(format!("{}: {}", done.repair.name(), summary(done)))?;
    }
    for file in &report.files {
        output::line(format!(
            "wrote {} documents with {} entities to `{}` ({})",
            file.report.documents,
            file.report.entities,
            file.path.display(),
            file.split
        ))?;
        for note in file.report.notes() {
            output::line(format!("note: {note}"))?;
        }
    }
    Ok(())
}

/// What a repair changed, in one line.
pub fn summary(done: &RepairReport) -> String {
    let mut notes: Vec<String> = Vec::new();
    let mut add = |count: usize, one: &str, many: &str| match count {
        0 => {}
        1 => notes.push(format!("1 {one}")),
        _ => notes.push(format!("{count} {many}")),
    };
    add(done.changed_spans, "span changed", "spans changed");
    add(done.removed_spans, "span removed", "spans removed");
    add(
        done.left_spans,
        "span left as it is, because it would overlap another",
        "spans left as they are, because they would overlap others",
    );
    add(
        done.removed_documents,
        "document removed",
        "documents removed",
    );
    add(
        done.moved_documents,
        "document in another split than before",
        "documents in another split than before",
    );
    add(done.repaired_tags, "tag repaired", "tags repaired");
    if !done.unused_labels.is_empty() {
        let labels: Vec<String> = done
            .unused_labels
            .iter()
            .map(|l| format!("`{l}`"))
            .collect();
        notes.push(format!("no span has the label {}", labels.join(", ")));
    }
    let whole = match (&done.repair, done.whole) {
        (_, Some(GroupBy::SourcesAndTexts)) => "source documents and equal texts were kept whole",
        (_, Some(GroupBy::Sources)) => {
            "source documents were kept whole; some texts are in several splits, because they tie most source documents to each other"
        }
        (Repair::Split { grouped: true, .. }, Some(GroupBy::Documents)) => {
            "too many documents have the same text: some texts are in several splits"
        }
        (_, Some(GroupBy::Texts)) => "equal texts were kept in one split",
        _ => "",
    };
    if !whole.is_empty() {
        notes.push(whole.into());
    }
    match notes.is_empty() {
        true => "nothing to do".into(),
        false => notes.join("; "),
    }
}
