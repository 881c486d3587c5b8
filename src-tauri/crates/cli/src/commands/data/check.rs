//! `tagsmith data check`: what files hold and what is wrong with them.

use crate::failure::Failure;
use crate::{Done, output};
use std::path::Path;
use tagsmith_corpus::{CheckReport, Corpus, Issue, ReadOptions, Severity, check, read};

/// Findings that are printed for people; `--json` has more.
const LISTED: usize = 40;

pub fn run(files: &[String], options: &ReadOptions, json: bool) -> Result<Done, Failure> {
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
