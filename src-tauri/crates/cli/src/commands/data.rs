//! `tagsmith data check|convert`.

use crate::args::{Data, Target};
use crate::failure::Failure;
use crate::{Done, output};
use std::path::Path;
use tagsmith_corpus::{
    CheckReport, Corpus, Issue, ReadError, ReadOptions, Scheme, Severity, WriteFormat, check, read,
    write,
};
use tagsmith_encoder::file::write_atomically;

/// Findings that are printed for people; `--json` has all.
const LISTED: usize = 40;

pub fn run(command: Data, json: bool) -> Result<Done, Failure> {
    match command {
        Data::Check { files, reading } => check_files(&files, &reading.into(), json),
        Data::Convert {
            input,
            output,
            to,
            to_scheme,
            force,
            reading,
        } => {
            if output.exists() && !force {
                return Err(Failure::new(
                    format!("`{}` exists already", output.display()),
                    "name another file, or replace it with --force",
                ));
            }
            let corpus = read(&input, &reading.into())?;
            convert(&corpus, &output, target(to, &output, to_scheme), json)
        }
    }
}

fn check_files(files: &[String], options: &ReadOptions, json: bool) -> Result<Done, Failure> {
    let mut corpora: Vec<(&str, Corpus)> = Vec::new();
    let mut faults: Vec<Issue> = Vec::new();
    let mut unusable = 0;
    for (place, file) in files.iter().enumerate() {
        let (split, path) = split_of(file, place);
        match read(Path::new(path), options) {
            Ok(corpus) => corpora.push((split, corpus)),
            Err(failure) => {
                // What is wrong with a file that cannot be used is what was asked for.
                unusable += 1;
                faults.extend(faults_of(&failure));
            }
        }
    }
    let named: Vec<(&str, &Corpus)> = corpora.iter().map(|(split, c)| (*split, c)).collect();
    let mut report = check(&named);
    faults.append(&mut report.issues);
    report.issues = faults;
    match json {
        true => output::json(&report)?,
        false => describe(&report)?,
    }
    let in_readable = |issue: &&Issue| {
        issue.severity == Severity::Error && report.files.iter().any(|file| file.path == issue.file)
    };
    unusable += usize::from(report.issues.iter().any(|issue| in_readable(&issue)));
    match unusable {
        0 => Ok(Done::Completely),
        _ => Err(Failure::new(
            format!(
                "{unusable} of {} files cannot be used as they are",
                files.len()
            ),
            "each finding above says what to do; --drop-invalid leaves out spans that cannot be used",
        )),
    }
}

/// A file that cannot be read, as findings about it.
fn faults_of(failure: &ReadError) -> Vec<Issue> {
    if !failure.issues().is_empty() {
        return failure.issues().to_vec();
    }
    let line = failure.line().unwrap_or_default();
    let mut issue = Issue::new(
        Severity::Error,
        "unreadable",
        failure.file(),
        line,
        failure.to_string(),
    );
    issue.fix = failure.hint();
    vec![issue]
}

/// `SPLIT=PATH`, or a path whose split is told by its name; the first file is taken for training.
fn split_of(file: &str, place: usize) -> (&str, &str) {
    if let Some((split, path)) = file.split_once('=')
        && ["train", "dev", "test"].contains(&split)
    {
        return (split, path);
    }
    let name = Path::new(file)
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default()
        .to_lowercase();
    let parts: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).collect();
    let guess = [
        ("train", "train"),
        ("dev", "dev"),
        ("valid", "dev"),
        ("validation", "dev"),
        ("test", "test"),
    ]
    .into_iter()
    .find(|(word, _)| parts.contains(word))
    .map(|(_, split)| split);
    match (guess, place) {
        (Some(split), _) => (split, file),
        (None, 0) => ("train", file),
        (None, 1) => ("dev", file),
        (None, _) => ("test", file),
    }
}

fn describe(report: &CheckReport) -> Result<(), Failure> {
    for file in &report.files {
        let format = serde_json::to_value(&file.format)?;
        let kind = format["kind"].as_str().unwrap_or_default().to_owned();
        let scheme = file
            .scheme
            .map_or_else(String::new, |scheme| format!(", scheme {scheme}"));
        output::line(format!("{} ({})", file.path.display(), file.split))?;
        output::line(format!("  format    {kind}{scheme}"))?;
        output::line(format!(
            "  size      {} documents, {} words, {} entities",
            file.documents, file.words, file.entities
        ))?;
        let labels: Vec<String> = file
            .labels
            .iter()
            .map(|(label, count)| format!("{label} {count}"))
            .collect();
        output::line(format!("  labels    {}", labels.join(", ")))?;
    }
    for issue in report.issues.iter().take(LISTED) {
        let severity = match issue.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "note",
        };
        output::line(format!("{severity}: {issue}"))?;
        if let Some(fix) = &issue.fix {
            output::line(format!("  fix: {fix}"))?;
        }
    }
    match report.issues.len() {
        0 => output::line("nothing wrong was found"),
        n if n > LISTED => output::line(format!(
            "… and {} more findings; --json lists all",
            n - LISTED
        )),
        _ => Ok(()),
    }
}

fn target(to: Option<Target>, output: &Path, scheme: Scheme) -> WriteFormat {
    let by_name = || match output.extension().and_then(|ending| ending.to_str()) {
        Some("jsonl" | "json") => Target::Jsonl,
        _ => Target::Conll,
    };
    match to.unwrap_or_else(by_name) {
        Target::Conll => WriteFormat::ConllScheme(scheme),
        Target::Jsonl => WriteFormat::JsonlSpans,
        Target::Tokens => WriteFormat::JsonlTokens { scheme },
    }
}

fn convert(corpus: &Corpus, path: &Path, format: WriteFormat, json: bool) -> Result<Done, Failure> {
    let mut bytes = Vec::new();
    let report = write(&corpus.documents, &format, &mut bytes)?;
    write_atomically(path, |out| out.write_all(&bytes)).map_err(Failure::file("write", path))?;
    output::notes(&corpus.issues);
    if json {
        output::json(&report)?;
        return Ok(Done::Completely);
    }
    output::line(format!(
        "wrote {} documents with {} entities to `{}`",
        report.documents,
        report.entities,
        path.display()
    ))?;
    for note in report.notes() {
        output::line(format!("note: {note}"))?;
    }
    Ok(Done::Completely)
}
