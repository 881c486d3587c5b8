//! `tagsmith data check|convert`.

use crate::args::{Data, Target};
use crate::failure::Failure;
use crate::{Done, output};
use std::io::{self, Write};
use std::path::Path;
use tagsmith_corpus::{
    CheckReport, Corpus, Issue, ReadOptions, Scheme, Severity, WriteFormat, check, read, write,
};
use tagsmith_encoder::file::write_atomically;

/// Findings that are printed for people; `--json` has more.
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
            if !is_standard_output(&output) {
                Failure::unless_free(&output, force)?;
            }
            let corpus = read(&input, &reading.into())?;
            convert(&corpus, &output, target(to, &output, to_scheme), json)
        }
    }
}

fn check_files(files: &[String], options: &ReadOptions, json: bool) -> Result<Done, Failure> {
    let mut corpora: Vec<(&str, Corpus)> = Vec::new();
    let mut issues: Vec<Issue> = Vec::new();
    let mut paths: Vec<&Path> = Vec::new();
    for (place, file) in files.iter().enumerate() {
        let (split, path) = split_of(file, place);
        let path = Path::new(path);
        paths.push(path);
        match read(path, options) {
            Ok(corpus) => corpora.push((split, corpus)),
            // What is wrong with a file that cannot be used is what was asked for.
            Err(failure) => issues.extend(failure.findings()),
        }
    }
    let named: Vec<(&str, &Corpus)> = corpora.iter().map(|(split, c)| (*split, c)).collect();
    let mut report = check(&named);
    issues.append(&mut report.issues);
    report.issues = issues;
    match json {
        true => output::json(&report)?,
        false => describe(&report)?,
    }
    let unusable = |path: &&&Path| {
        let mut issues = report.issues.iter();
        issues.any(|issue| issue.severity == Severity::Error && issue.file == **path)
    };
    match paths.iter().filter(unusable).count() {
        0 => Ok(Done::Completely),
        count => Err(Failure::new(
            format!(
                "{count} of {} {} cannot be used as {}",
                files.len(),
                if files.len() == 1 { "file" } else { "files" },
                if files.len() == 1 {
                    "it is"
                } else {
                    "they are"
                },
            ),
            "correct what the report calls an error; it says how for each",
        )
        .with_code("data")),
    }
}

/// `SPLIT=PATH`, or a path whose split is told by its name; the first file is taken for training.
fn split_of(file: &str, place: usize) -> (&str, &str) {
    if let Some((split, path)) = file.split_once('=')
        && ["train", "dev", "test"].contains(&split)
    {
        return (split, path);
    }
    let guess = tagsmith_corpus::split_of(Path::new(file));
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
    // What stops the work comes before what is worth knowing.
    let mut issues: Vec<&Issue> = report.issues.iter().collect();
    issues.sort_by_key(|issue| issue.severity);
    for issue in issues.iter().take(LISTED) {
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
    let rest: usize = issues.iter().skip(LISTED).map(|issue| issue.count).sum();
    match rest {
        _ if issues.is_empty() => output::line("nothing wrong was found"),
        0 => Ok(()),
        rest => output::line(format!(
            "… and {rest} more findings; --json lists more of them"
        )),
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

fn is_standard_output(path: &Path) -> bool {
    path == Path::new("-")
}

fn convert(corpus: &Corpus, path: &Path, format: WriteFormat, json: bool) -> Result<Done, Failure> {
    let mut bytes = Vec::new();
    let report = write(&corpus.documents, &format, &mut bytes)?;
    let to_stdout = is_standard_output(path);
    if to_stdout {
        let mut out = io::stdout().lock();
        out.write_all(&bytes)?;
        out.flush()?;
    } else {
        write_atomically(path, |out| out.write_all(&bytes))
            .map_err(Failure::file("write", path))?;
    }
    output::notes(&corpus.issues);
    // Standard output holds the data alone, so that it can be passed on as it is.
    let tell = |text: String| match to_stdout {
        true => {
            eprintln!("{text}");
            Ok(())
        }
        false => output::line(text),
    };
    if json {
        tell(serde_json::to_string_pretty(&report)?)?;
        return Ok(Done::Completely);
    }
    let name = match to_stdout {
        true => "standard output".into(),
        false => format!("`{}`", path.display()),
    };
    tell(format!(
        "wrote {} documents with {} entities to {name}",
        report.documents, report.entities
    ))?;
    for note in report.notes() {
        tell(format!("note: {note}"))?;
    }
    Ok(Done::Completely)
}
