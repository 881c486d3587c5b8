//! `tagsmith data convert`: a file, an archive or a folder to another format or tag scheme.

use crate::error::CommandError;
use crate::{Done, output, outputs};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use tagsmith_corpus::{
    Document, Loss, ReadOptions, Scheme, Split, Target, WriteFormat, WriteReport, brat_files, pack,
    plan, read_all, write,
};
use tagsmith_files::write_bytes;

/// The options of the command, apart from how the input is read.
pub struct ConvertOptions {
    pub to: Option<Target>,
    pub scheme: Scheme,
    pub force: bool,
    /// List what would be lost, and write nothing.
    pub dry_run: bool,
}

pub fn run(
    input: &Path,
    output: &Path,
    asked: &ConvertOptions,
    options: &ReadOptions,
    json: bool,
) -> Result<Done, CommandError> {
    let target = asked.to.unwrap_or_else(|| by_name(output));
    let destination = OutputTarget::of(output, target);
    if !asked.dry_run {
        match destination {
            OutputTarget::StandardOutput => {}
            OutputTarget::File | OutputTarget::Archive => {
                outputs::check(output, &[input], asked.force)?
            }
            OutputTarget::Folder => outputs::unless_there(output, asked.force)?,
        }
    }
    let options = ReadOptions {
        keep_overlaps: options.keep_overlaps || !target.description().has_tags,
        ..options.clone()
    };
    let splits = read_all(input, &options)?;
    for split in &splits {
        output::notes(&split.corpus.issues);
    }
    // Standard output holds the data alone, so that it can be passed on as it is.
    let reporter = Reporter {
        aside: matches!(destination, OutputTarget::StandardOutput),
    };
    let format = target.with(asked.scheme);
    if asked.dry_run {
        let mut reports = BTreeMap::new();
        for split in &splits {
            let report = plan(&split.corpus.documents, &format)?;
            reports.insert(&*split.name, ExportReport::of(report, split, &format)?);
        }
        return reporter.reports(&reports, "would write", &destination.name(output), json);
    }
    let reports = match destination {
        OutputTarget::StandardOutput | OutputTarget::File => {
            let [split] = &splits[..] else {
                return Err(several(input, &splits));
            };
            let mut bytes = Vec::new();
            let report = write(&split.corpus.documents, &format, &mut bytes)?;
            if reporter.aside {
                let mut out = io::stdout().lock();
                out.write_all(&bytes)?;
                out.flush()?;
            } else {
                save(output, &bytes)?;
            }
            BTreeMap::from([(&*split.name, ExportReport::of(report, split, &format)?)])
        }
        OutputTarget::Archive | OutputTarget::Folder => {
            let mut files = Vec::new();
            let mut reports = BTreeMap::new();
            for split in &splits {
                let alone = splits.len() == 1;
                let report = write_split(split, alone, target, &format, &mut files)?;
                reports.insert(&*split.name, ExportReport::of(report, split, &format)?);
            }
            match destination {
                OutputTarget::Archive => save(output, &pack(&files)?)?,
                _ => save_all(input, output, &files)?,
            }
            reports
        }
    };
    reporter.reports(&reports, "wrote", &destination.name(output), json)
}

/// Where the result goes.
#[derive(Clone, Copy)]
enum OutputTarget {
    StandardOutput,
    File,
    /// A zip archive.
    Archive,
    Folder,
}

impl OutputTarget {
    fn of(output: &Path, target: Target) -> Self {
        let named_as_folder = output.as_os_str().as_encoded_bytes().ends_with(b"/");
        if output == Path::new("-") {
            Self::StandardOutput
        } else if ending(output) == Some("zip") {
            Self::Archive
        } else if output.is_dir() || named_as_folder || matches!(target, Target::Brat) {
            Self::Folder
        } else {
            Self::File
        }
    }

    fn name(self, output: &Path) -> String {
        match self {
            Self::StandardOutput => "standard output".into(),
            _ => format!("`{}`", output.display()),
        }
    }
}

fn ending(path: &Path) -> Option<&str> {
    path.extension().and_then(|ending| ending.to_str())
}

pub(super) fn by_name(output: &Path) -> Target {
    match ending(output) {
        Some("jsonl" | "json") => Target::Jsonl,
        Some("parquet") => Target::Parquet,
        _ => Target::Conll,
    }
}

/// The files of one split: `train.jsonl`, or a folder `train` of brat's files; brat's files of a lone
/// split lie in no folder.
fn write_split(
    split: &Split,
    alone: bool,
    target: Target,
    format: &WriteFormat,
    files: &mut Vec<(String, Vec<u8>)>,
) -> Result<WriteReport, CommandError> {
    let documents: &[Document] = &split.corpus.documents;
    if matches!(target, Target::Brat) {
        let (pairs, report) = brat_files(documents);
        let folder = if alone {
            String::new()
        } else {
            format!("{}/", split.name)
        };
        for pair in pairs {
            let name = format!("{folder}{}", pair.name);
            files.push((format!("{name}.txt"), pair.text.into_bytes()));
            files.push((format!("{name}.ann"), pair.annotations.into_bytes()));
        }
        return Ok(report);
    }
    let mut bytes = Vec::new();
    let report = write(documents, format, &mut bytes)?;
    files.push((
        format!("{}.{}", split.name, target.description().extension),
        bytes,
    ));
    Ok(report)
}

fn save(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    write_bytes(path, bytes).map_err(CommandError::file("write", path))
}

/// The folder is new, or may be replaced; what was read may not, in it or as it.
fn save_all(input: &Path, folder: &Path, files: &[(String, Vec<u8>)]) -> Result<(), CommandError> {
    for (name, _) in files {
        outputs::check(&folder.join(name), &[input], true)?;
    }
    for (name, bytes) in files {
        let path: PathBuf = folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(CommandError::file("create", parent))?;
        }
        save(&path, bytes)?;
    }
    Ok(())
}

fn several(input: &Path, splits: &[Split]) -> CommandError {
    let names: Vec<&str> = splits.iter().map(|split| &*split.name).collect();
    CommandError::new(
        format!(
            "`{}` has several splits ({}), and one file holds one",
            input.display(),
            names.join(", ")
        ),
        "name a folder to write to, with a `/` at its end, or a file that ends in .zip",
    )
}

/// What was written of a split, and what is lost of it where.
#[derive(Serialize)]
struct ExportReport {
    #[serde(flatten)]
    report: WriteReport,
    losses: Vec<Lost>,
}

/// One kind of loss.
#[derive(Serialize)]
struct Lost {
    kind: &'static str,
    count: usize,
    what: &'static str,
    /// The lines of the first documents that it concerns.
    lines: Vec<usize>,
}

impl ExportReport {
    fn of(report: WriteReport, split: &Split, format: &WriteFormat) -> Result<Self, CommandError> {
        /// Lines that are named of each kind.
        const SHOWN: usize = 5;
        let documents = &split.corpus.documents;
        let losses = report.losses(documents, format, SHOWN, |_| ControlFlow::Continue(()))?;
        let lost = |loss: Loss| Lost {
            kind: loss.kind,
            count: loss.count,
            what: loss.what,
            lines: loss
                .documents
                .iter()
                .map(|number| &documents[*number])
                // A line of one of several files says nothing without its name.
                .filter(|document| document.line > 0 && document.file.is_none())
                .map(|document| document.line)
                .collect(),
        };
        Ok(Self {
            report,
            losses: losses.into_iter().map(lost).collect(),
        })
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.count, self.what)?;
        let lines: Vec<String> = self.lines.iter().map(usize::to_string).collect();
        match &lines[..] {
            [] => Ok(()),
            [line] => write!(f, " (line {line})"),
            several => write!(f, " (lines {}, …)", several.join(", ")),
        }
    }
}

struct Reporter {
    /// To standard error.
    aside: bool,
}

impl Reporter {
    fn line(&self, text: String) -> Result<(), CommandError> {
        if self.aside {
            output::aside(text);
            return Ok(());
        }
        output::line(text)
    }

    /// One report as it is; several by the names of their splits.
    fn reports(
        &self,
        reports: &BTreeMap<&str, ExportReport>,
        did: &str,
        name: &str,
        json: bool,
    ) -> Result<Done, CommandError> {
        let only = reports.values().next().filter(|_| reports.len() == 1);
        if json {
            self.line(match only {
                Some(report) => serde_json::to_string_pretty(report)?,
                None => serde_json::to_string_pretty(reports)?,
            })?;
            return Ok(Done::Completely);
        }
        for (split, ExportReport { report, losses }) in reports {
            let split = match only {
                Some(_) => String::new(),
                None => format!("{split}: "),
            };
            self.line(format!(
                "{split}{did} {} documents with {} entities to {name}",
                report.documents, report.entities
            ))?;
            for loss in losses {
                self.line(format!("{split}note: {loss}"))?;
            }
        }
        Ok(Done::Completely)
    }
}
