//! Why a file could not be read or written, and what a person can do about it.

use std::io;
use std::path::{Path, PathBuf};

use crate::issue::{Issue, Severity};

/// Why a file could not be read.
#[allow(missing_docs, reason = "each message says what its fields are")]
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("cannot read `{}`: {source}", file.display())]
    Unreadable { file: PathBuf, source: io::Error },
    #[error("`{}` is a directory, not a file", file.display())]
    Directory { file: PathBuf },
    #[error("`{}` is empty", file.display())]
    Empty { file: PathBuf },
    /// `byte` counts from 0 at the start of the file.
    #[error("{}:{line}: {}", file.display(), self.finding())]
    NotUtf8 {
        file: PathBuf,
        line: usize,
        byte: usize,
        value: u8,
        looks_like: Option<&'static str>,
    },
    #[error("`{}` is no corpus that can be read here: found {found}, expected {expected}", file.display())]
    NotACorpus {
        file: PathBuf,
        line: usize,
        found: String,
        expected: String,
    },
    #[error("{}:{line}:{column}: {}", file.display(), self.finding())]
    Json {
        file: PathBuf,
        line: usize,
        column: usize,
        message: String,
    },
    /// A binary file that its reader cannot make sense of.
    #[error("`{}` cannot be read as {kind}: {message}", file.display())]
    Damaged {
        file: PathBuf,
        kind: &'static str,
        message: String,
    },
    #[error("`{}` has no column `{wanted}`; it has {available}", file.display())]
    NoSuchColumn {
        file: PathBuf,
        wanted: String,
        available: String,
    },
    /// Rows or records that cannot be understood. The message counts them; they are in the list.
    #[error("{}", headline(file, issues, "faults"))]
    Malformed { file: PathBuf, issues: Vec<Issue> },
    #[error("{}", headline(file, issues, "invalid spans"))]
    InvalidSpans { file: PathBuf, issues: Vec<Issue> },
}

impl ReadError {
    /// Of all that was found in the file, the faults.
    pub(super) fn malformed(path: &Path, issues: Vec<Issue>) -> Self {
        Self::Malformed {
            file: path.into(),
            issues: errors(issues),
        }
    }

    pub(super) fn invalid_spans(path: &Path, issues: Vec<Issue>) -> Self {
        Self::InvalidSpans {
            file: path.into(),
            issues: errors(issues),
        }
    }

    /// The file it is about.
    pub fn file(&self) -> &Path {
        match self {
            Self::Unreadable { file, .. }
            | Self::Directory { file }
            | Self::Empty { file }
            | Self::NotUtf8 { file, .. }
            | Self::NotACorpus { file, .. }
            | Self::Json { file, .. }
            | Self::Damaged { file, .. }
            | Self::NoSuchColumn { file, .. }
            | Self::Malformed { file, .. }
            | Self::InvalidSpans { file, .. } => file,
        }
    }

    /// The first line at fault, from 1, where one is.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::NotUtf8 { line, .. }
            | Self::NotACorpus { line, .. }
            | Self::Json { line, .. } => Some(*line),
            Self::Malformed { issues, .. } | Self::InvalidSpans { issues, .. } => {
                issues.first().map(|issue| issue.line)
            }
            _ => None,
        }
    }

    /// Every fault that was found, where the error lists several.
    pub fn issues(&self) -> &[Issue] {
        match self {
            Self::Malformed { issues, .. } | Self::InvalidSpans { issues, .. } => issues,
            _ => &[],
        }
    }

    /// How many faults were found. [`Self::issues`] lists the first of each kind one by one.
    pub fn faults(&self) -> usize {
        match self.issues() {
            [] => 1,
            issues => issues.iter().map(|issue| issue.count).sum(),
        }
    }

    /// What is the matter as issues, for a report about several files: every fault that
    /// [`Self::issues`] lists, otherwise the failure itself.
    pub fn findings(&self) -> Vec<Issue> {
        let code = match self {
            Self::Malformed { issues, .. } | Self::InvalidSpans { issues, .. } => {
                return issues.clone();
            }
            Self::Unreadable { .. } => "unreadable",
            Self::Directory { .. } => "directory",
            Self::Empty { .. } => "empty-file",
            Self::NotUtf8 { .. } => "not-utf8",
            Self::NotACorpus { .. } => "not-a-corpus",
            Self::Json { .. } => "bad-json",
            Self::Damaged { .. } => "damaged",
            Self::NoSuchColumn { .. } => "no-such-column",
        };
        let line = self.line().unwrap_or(0);
        let mut issue = Issue::new(Severity::Error, code, self.file(), line, self.finding());
        issue.fix = self.hint();
        if let Self::Json { column, .. } = self {
            issue.column = Some(*column);
        }
        vec![issue]
    }

    /// The message without the place.
    fn finding(&self) -> String {
        match self {
            Self::Unreadable { source, .. } => format!("cannot be read: {source}"),
            Self::Directory { .. } => "is a directory, not a file".into(),
            Self::Empty { .. } => "is empty".into(),
            Self::NotUtf8 { byte, value, .. } => {
                format!("not valid UTF-8 at byte {byte} (0x{value:02X})")
            }
            Self::NotACorpus {
                found, expected, ..
            } => format!("no corpus that can be read here: found {found}, expected {expected}"),
            Self::Json { message, .. } => format!("not valid JSON: {message}"),
            Self::Damaged { kind, message, .. } => format!("cannot be read as {kind}: {message}"),
            Self::NoSuchColumn {
                wanted, available, ..
            } => format!("has no column `{wanted}`; it has {available}"),
            Self::Malformed { .. } | Self::InvalidSpans { .. } => self.to_string(),
        }
    }

    /// What a person can do now.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Unreadable { source, .. } => match source.kind() {
                io::ErrorKind::NotFound => {
                    "check the path; relative paths start at the current folder"
                }
                io::ErrorKind::PermissionDenied => "check the permissions of the file",
                _ => return None,
            },
            Self::Directory { .. } => "name one data file inside it",
            Self::Empty { .. } => "check that the export which made it was complete",
            Self::NotUtf8 {
                looks_like: Some(encoding),
                ..
            } => {
                return Some(format!("the file looks like {encoding}; save it as UTF-8"));
            }
            Self::NotUtf8 { .. } => "save the file as UTF-8",
            Self::NotACorpus { .. } => {
                "CoNLL files have one word and its tag per line; JSONL files have one record with `text` and `entities`, or `tokens` and `ner_tags`, per line"
            }
            Self::Json { .. } => {
                "each line must be one complete JSON value, or the whole file one JSON array"
            }
            Self::Damaged { .. } => {
                "check that the file is whole, or export the data again, as JSON lines if need be"
            }
            Self::NoSuchColumn { .. } => {
                "columns count from 0, or from the right with -1 for the last; names come from a `# global.columns = …` line"
            }
            Self::Malformed { issues, .. } => {
                return issues.iter().find_map(|issue| issue.fix.clone());
            }
            Self::InvalidSpans { issues, .. } => {
                let known = issues.iter().find(|issue| issue.repair.is_some());
                if let Some(fix) = known.and_then(|issue| issue.fix.clone()) {
                    return Some(fix);
                }
                "correct the spans, or read the file without them with `--drop-invalid`"
            }
        };
        Some(hint.into())
    }
}

fn errors(mut issues: Vec<Issue>) -> Vec<Issue> {
    issues.retain(|issue| issue.severity == Severity::Error);
    issues
}

/// A single fault speaks for itself.
fn headline(file: &Path, issues: &[Issue], what: &str) -> String {
    match issues {
        [only] => only.to_string(),
        [first, ..] => {
            let count: usize = issues.iter().map(|issue| issue.count).sum();
            let (file, line) = (file.display(), first.line);
            format!("{file}: {count} {what}, the first in line {line}")
        }
        [] => format!("{}: {what}", file.display()),
    }
}

/// Why documents could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file or the disk under it refused.
    #[error("cannot write: {0}")]
    Io(#[from] io::Error),
}
