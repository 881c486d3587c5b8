//! `tagsmith data check`: what files hold and what is wrong with them.

use super::files::read_files;
use crate::args::Checking;
use crate::commands::model_folder;
use crate::error::CommandError;
use crate::{Done, output, progress};
use std::ops::ControlFlow;
use std::path::Path;
use tagsmith_corpus::check::{CheckOptions, Group, Model, ModelReport, check_with};
use tagsmith_corpus::{CheckReport, Issue, ReadOptions, Severity};
use tagsmith_tagger::tokenizer::{SPECIAL, Tokenizer};

/// Findings of one kind that are printed for people; `--all` prints all that are kept.
const SHOWN: usize = 3;

pub fn run(
    files: &[String],
    checking: &Checking,
    options: &ReadOptions,
    json: bool,
) -> Result<Done, CommandError> {
    let tokenizer = match &checking.model {
        Some(model) => Some(Tokenizer::from_folder(&model_folder(model)?)?),
        None => None,
    };
    let mut read = read_files(files, options);
    if let Some(tokenizer) = &tokenizer {
        for note in tokenizer.notes() {
            output::aside(format!("note: {}", note.message));
        }
        for (_, corpus) in &mut read.corpora {
            tokenizer.keep_added_tokens(&mut corpus.documents);
        }
    }
    let options = CheckOptions {
        listed: match checking.all {
            true => usize::MAX,
            false => CheckOptions::default().listed,
        },
        model: tokenizer.as_ref().map(|pieces| Model {
            pieces,
            max_length: checking.max_length,
            special: SPECIAL,
            // As in training.
            overlap: checking.max_length / 4,
        }),
        ..CheckOptions::default()
    };
    let bar = progress::bar("checking", json);
    let checked = check_with(&read.named(), &options, &mut |now| {
        progress::set(&bar, now.done, now.total);
        ControlFlow::Continue(())
    });
    bar.finish_and_clear();
    let mut report = checked.map_err(|failure| CommandError::plain(failure.to_string()))?;
    report.prepend(read.faults);
    let unusable = |path: &&&Path| {
        let mut issues = report.issues.iter();
        issues.any(|issue| issue.severity == Severity::Error && issue.file.starts_with(path))
    };
    let unusable = read.paths.iter().filter(unusable).count();
    if !checking.code.is_empty() {
        report
            .issues
            .retain(|issue| checking.code.iter().any(|code| code == issue.code.as_str()));
        report
            .groups
            .retain(|group| checking.code.iter().any(|code| code == group.code.as_str()));
    }
    match json {
        true => output::json(&report)?,
        false => describe(&report, checking.all)?,
    }
    match unusable {
        0 => Ok(Done::Completely),
        count => Err(CommandError::new(
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
        .with_code("data")
        .announced()),
    }
}

fn describe(report: &CheckReport, all: bool) -> Result<(), CommandError> {
    for (i, file) in report.files.iter().enumerate() {
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
        if let Some(model) = report.model.get(i) {
            output::line(format!("  model     {}", of_model(model)))?;
        }
    }
    // The groups come with what stops the work first.
    for group in &report.groups {
        describe_group(report, group, all)?;
    }
    let count = |severity| -> usize {
        let alike = report
            .issues
            .iter()
            .filter(|issue| issue.severity == severity);
        alike.map(|issue| issue.count).sum()
    };
    let counts = [
        (count(Severity::Error), "error"),
        (count(Severity::Warning), "warning"),
        (count(Severity::Info), "note"),
    ];
    let counts: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}{}", if count == 1 { "" } else { "s" }))
        .collect();
    match counts.is_empty() {
        true => output::line("nothing wrong was found"),
        false => output::line(format!("found {}", counts.join(", "))),
    }
}

fn of_model(model: &ModelReport) -> String {
    let unknown = match model.unknown {
        0 => "none unknown".into(),
        n => format!("{n} unknown"),
    };
    format!(
        "{} word pieces, {unknown}; the longest document has {}; {} windows, {} documents need more than one",
        model.pieces, model.longest, model.windows, model.split_documents
    )
}

/// The first findings of one code, what to do about them, and why.
fn describe_group(report: &CheckReport, group: &Group, all: bool) -> Result<(), CommandError> {
    let mut issues: Vec<&Issue> = report
        .issues
        .iter()
        .filter(|issue| issue.code == group.code)
        .collect();
    issues.sort_by_key(|issue| issue.severity);
    let most = if all { usize::MAX } else { SHOWN };
    // Findings that are only counted are in the line below.
    issues.retain(|issue| issue.count == 1 || issue.line > 0);
    issues.truncate(most);
    for (i, issue) in issues.iter().enumerate() {
        let severity = match issue.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "note",
        };
        output::line(format!("{severity}: {issue}"))?;
        // What several have in common is printed once.
        if let Some(fix) = &issue.fix
            && issues
                .get(i + 1)
                .is_none_or(|next| next.fix.as_ref() != Some(fix))
        {
            output::line(format!("  fix: {fix}"))?;
        }
    }
    let shown: usize = issues.iter().map(|issue| issue.count).sum();
    if group.count > shown {
        let more = group.count - shown;
        let all = if all { "" } else { "; --all lists them" };
        output::line(format!("  … and {more} more of this kind{all}"))?;
    }
    match group.why {
        Some(why) => output::line(format!("  why: {why} [{}]", group.code)),
        None => output::line(format!("  [{}]", group.code)),
    }
}
