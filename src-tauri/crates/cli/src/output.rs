//! Lines on standard output, and tables in them.

use crate::error::CommandError;
use serde::Serialize;
use std::io::{self, Write};
use tagsmith_corpus::{Issue, Metrics, Scores, summaries};
use tagsmith_protocol::Event;

/// Prints one line.
pub fn line(text: impl AsRef<str>) -> Result<(), CommandError> {
    writeln!(io::stdout().lock(), "{}", text.as_ref()).map_err(CommandError::from)
}

/// Prints a value as indented JSON.
pub fn json(value: &impl Serialize) -> Result<(), CommandError> {
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, value)?;
    writeln!(out)?;
    Ok(())
}

/// Prints a value as one line of JSON, and passes it on at once.
pub fn json_line(value: &impl Serialize) -> Result<(), CommandError> {
    let mut out = io::stdout().lock();
    json_line_into(&mut out, value)?;
    Ok(out.flush()?)
}

/// Writes a value as one line of JSON.
pub fn json_line_into(out: &mut dyn Write, value: &impl Serialize) -> Result<(), CommandError> {
    serde_json::to_writer(&mut *out, value)?;
    Ok(out.write_all(b"\n")?)
}

/// Prints a message on stderr. Where that fails (a full disk, a closed pipe) the work continues:
/// `eprintln` would end it.
pub fn aside(text: impl AsRef<str>) {
    let _ = writeln!(io::stderr().lock(), "{}", text.as_ref());
}

/// Prints an error: on stderr for people, and with `json` as an event, the last line on stdout, for programs.
pub fn error(error: &CommandError, json: bool) {
    if json && !error.announced {
        // Where nobody reads stdout any more, the message on stderr has to do.
        let _ = json_line(&Event::Failed {
            code: error.code.into(),
            message: error.message.clone(),
            hint: error.hint.clone(),
        });
    }
    aside(format!("error: {}", error.message));
    for finding in &error.findings {
        aside(format!("  {finding}"));
    }
    if error.more > 0 {
        aside(format!("  … and {} more", error.more));
    }
    if let Some(hint) = &error.hint {
        aside(format!("hint: {hint}"));
    }
}

/// Prints on stderr what should be known about a file, one line for each kind of finding.
pub fn notes(issues: &[Issue]) {
    for (_, note) in summaries(issues) {
        aside(format!("note: {note}"));
    }
}

/// Prints scores as a table, labels first, then all entities together.
pub fn metrics(metrics: &Metrics) -> Result<(), CommandError> {
    let width = metrics
        .labels
        .keys()
        .map(|label| label.chars().count())
        .max()
        .unwrap_or(0)
        .max("macro average".len());
    let row = |name: &str, scores: &Scores| {
        line(format!(
            "{name:width$}  {:9.4}  {:9.4}  {:9.4}  {:8}",
            scores.precision, scores.recall, scores.f1, scores.support
        ))
    };
    line(format!(
        "{:width$}  {:>9}  {:>9}  {:>9}  {:>8}",
        "label", "precision", "recall", "F1", "entities"
    ))?;
    for (label, scores) in &metrics.labels {
        row(label, scores)?;
    }
    row("macro average", &metrics.macro_)?;
    row("all", &metrics.overall)?;
    line(format!(
        "token accuracy {:.4}; entities counted by the `{}` convention",
        metrics.token_accuracy,
        serde_json::to_value(metrics.convention)?
            .as_str()
            .unwrap_or_default()
    ))
}

/// A number of bytes for people.
pub fn bytes(bytes: u64) -> String {
    indicatif::HumanBytes(bytes).to_string()
}
