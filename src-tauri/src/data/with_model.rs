//! What a model makes of a data set: its word pieces, its windows, the words that it does not know.
//!
//! The engine looks, because it has the tokenizer: at the files that a run would learn from.

use super::documents::{count, localise};
use super::jobs::Work;
use super::run_files::READING;
use crate::dto::{FindingGroup, Issue, ModelCheck, ModelReport, Split};
use crate::engine::{Engine, answer};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tagsmith_protocol::Failure;
use tagsmith_store::Store;

/// The kinds of findings that need a model.
const CODES: &str = "too-long,word-without-pieces,unknown-pieces";
/// How long the person waits at most for a cancel.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// As `tagsmith data check --json --model …` prints it.
#[derive(Deserialize)]
pub struct Answer {
    #[serde(default)]
    files: Vec<Documents>,
    issues: Vec<Issue>,
    groups: Vec<FindingGroup>,
    #[serde(default)]
    model: Vec<ModelReport>,
}

/// What the answer says of a file that is needed here.
#[derive(Deserialize)]
struct Documents {
    documents: usize,
}

impl Answer {
    /// Documents and windows of all files. A document without words has no window.
    pub fn windows(&self) -> (usize, usize) {
        let windows = self.model.iter().map(|split| split.windows).sum();
        (self.files.iter().map(|file| file.documents).sum(), windows)
    }
}

/// Asks the engine. Windows have at most `max_length` word pieces, special ones included.
///
/// # Errors
/// The engine refused or died, or the person cancelled.
pub async fn ask(
    engine: &Engine,
    model: &Path,
    files: &[(Split, PathBuf)],
    max_length: u32,
    work: &mut Work,
) -> Result<Answer, Failure> {
    work.at("checking", 0, 0)?;
    let mut arguments: Vec<OsString> = ["--json", "data", "check", "--code", CODES, "--model"]
        .map(OsString::from)
        .into();
    arguments.push(model.into());
    arguments.extend(["--max-length".into(), max_length.to_string().into()]);
    arguments.extend(READING.map(OsString::from));
    for (split, path) in files {
        let mut named = OsString::from(format!("{}=", split.name()));
        named.push(path);
        arguments.push(named);
    }
    let child = engine.start(engine.command(arguments))?;
    let mut output = std::pin::pin!(child.wait_with_output());
    let output = loop {
        // A child whose answer nobody waits for any more is ended.
        tokio::select! {
            output = &mut output => break output.map_err(Failure::io("hear", engine.program()))?,
            () = tokio::time::sleep(PROGRESS_INTERVAL) => work.at("checking", 0, 0)?,
        }
    };
    answer(&output)
}

/// The answer with its places in the data set: `files` has for each split the file that it came from.
///
/// # Errors
/// The store is damaged.
pub fn placed(
    answer: Answer,
    store: &Store,
    files: &BTreeMap<&str, &Path>,
) -> Result<ModelCheck, Failure> {
    let place = |mut issue: Issue| -> Result<Issue, Failure> {
        let Some(place) = issue.place.clone() else {
            return Ok(issue);
        };
        let stored = store.document(&place.split, place.document.into())?;
        let document = stored.as_ref().map(|stored| &stored.document);
        issue.line = document.map_or(0, |document| count(document.line));
        issue.file = match document.and_then(|document| document.file.as_deref()) {
            Some(file) => file.display().to_string(),
            None => files
                .get(&*place.split)
                .map_or_else(String::new, |file| file.display().to_string()),
        };
        localise(&mut issue, document);
        Ok(issue)
    };
    let group = |mut group: FindingGroup| -> Result<FindingGroup, Failure> {
        group.first = place(group.first)?;
        Ok(group)
    };
    Ok(ModelCheck {
        splits: answer.model,
        groups: answer
            .groups
            .into_iter()
            .map(group)
            .collect::<Result<_, _>>()?,
        issues: answer
            .issues
            .into_iter()
            .map(place)
            .collect::<Result<_, _>>()?,
    })
}
