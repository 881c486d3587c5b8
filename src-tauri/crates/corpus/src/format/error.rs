//! Why a file could not be read or written, and what a person can do about it.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};
use tagsmith_protocol::Diagnose;

use crate::issue::{Issue, IssueCode, Severity};
use crate::recipe::Repair;

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
    /// `byte` is the first of `count` faulty places, from 0 at the start of the file.
    #[error("{}:{line}: {}", file.display(), self.finding())]
    NotUtf8 {
        file: PathBuf,
        line: usize,
        byte: usize,
        value: u8,
        count: usize,
        looks_like: Option<&'static str>,
    },
    /// As above, of a file in another encoding.
    #[error("{}:{line}: {}", file.display(), self.finding())]
    Undecodable {
        file: PathBuf,
        line: usize,
        byte: usize,
        count: usize,
        encoding: &'static str,
    },
    #[error("there is no encoding `{encoding}` to read `{}` in", file.display())]
    UnknownEncoding { file: PathBuf, encoding: String },
    /// A compressed file that is damaged, or that is no plain file inside.
    #[error("cannot unpack `{}`: {message}", file.display())]
    Archive { file: PathBuf, message: String },
    /// `limit` is in bytes.
    #[error("`{}` is too large: {}", file.display(), self.finding())]
    TooLarge { file: PathBuf, limit: u64 },
    /// A folder or an archive with several data files, where one was asked for.
    #[error("`{}` holds {} data files: {}", file.display(), names.len(), listed(names))]
    SeveralFiles { file: PathBuf, names: Vec<String> },
    #[error("`{}` holds no data file{}", file.display(), ignored_files(ignored))]
    NoData { file: PathBuf, ignored: Vec<String> },
    #[error("`{}`: {what} cannot be read here", file.display())]
    Unsupported {
        file: PathBuf,
        what: &'static str,
        instead: &'static str,
    },
    #[error("`{}` is not a corpus that can be read here: found {found}, expected {expected}", file.display())]
    NotACorpus {
        file: PathBuf,
        line: usize,
        found: String,
        expected: String,
        /// What it was taken for in turn, and why it is not that.
        tried: Vec<String>,
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
    /// A column of a table, of a type that no text and no label can be made of.
    #[error("the column `{column}` of `{}` is of the type {found}, which cannot be read here", file.display())]
    ColumnType {
        file: PathBuf,
        column: String,
        found: String,
    },
    /// A name that two columns have.
    #[error("`{}` has two columns that are called `{column}`", file.display())]
    SameColumn { file: PathBuf, column: String },
    /// A part of a file, packed in a way that is not read here.
    #[error("`{}` cannot be read as {kind}: it is compressed with {method}, which cannot be read here", file.display())]
    Compression {
        file: PathBuf,
        kind: &'static str,
        method: String,
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
    /// Somebody asked for it by the `stop` of the options.
    #[error("the reading of `{}` was stopped", file.display())]
    Stopped { file: PathBuf },
}

impl Diagnose for ReadError {
    fn code(&self) -> &'static str {
        "data"
    }

    fn hint(&self) -> Option<Cow<'_, str>> {
        self.advice().map(Into::into)
    }
}

impl ReadError {
    fn advice(&self) -> Option<String> {
        let hint = match self {
            Self::Unreadable { source, .. } => match source.kind() {
                io::ErrorKind::NotFound => {
                    "check the path; relative paths start at the current folder"
                }
                io::ErrorKind::PermissionDenied => "check the permissions of the file",
                _ => return None,
            },
            Self::Stopped { .. } => return None,
            Self::Directory { .. } => "name one data file inside it",
            Self::NotUtf8 {
                looks_like: Some(what),
                ..
            } if what.contains("surrogate") => {
                return Some(format!(
                    "the file looks like {what}; `--encoding cesu-8` reads pairs of them as the characters they stand for, and single ones must be removed"
                ));
            }
            Self::NotUtf8 {
                looks_like: Some("UTF-32"),
                ..
            } => "the file looks like UTF-32; save it as UTF-8",
            Self::NotUtf8 {
                looks_like: Some(what),
                ..
            } => {
                return Some(match what.contains("archive") {
                    true => format!("the file looks like {what}: unpack it first"),
                    false => format!("the file looks like {what}, which holds no text to read"),
                });
            }
            Self::Undecodable { .. } => {
                "check that the file is whole; if it is in another encoding, name that with `--encoding`"
            }
            Self::UnknownEncoding { .. } => {
                "name it as web pages do: utf-8, utf-16le, windows-1252, iso-8859-2, shift_jis, gb18030, koi8-r …; or cesu-8"
            }
            Self::Archive { .. } => {
                "unpack it with another program, and name the data file inside it"
            }
            Self::TooLarge { .. } => {
                "if the file can be trusted, unpack it with another program and name what comes out"
            }
            Self::SeveralFiles { .. } => {
                "name one of them; where a whole data set is asked for, all of them are read, each for its split"
            }
            Self::NoData { .. } => {
                "name a folder or an archive with CoNLL, JSON, CSV or Parquet files in it"
            }
            Self::Unsupported { instead, .. } => instead,
            Self::Empty { .. } => "check that the export which made it was complete",
            Self::NotUtf8 { .. } => {
                "correct it, save the file as UTF-8, or name its encoding with `--encoding`, such as `windows-1252`"
            }
            Self::NotACorpus { tried, .. } if !tried.is_empty() => {
                return Some(format!(
                    "tried: {}. CoNLL files have one word and its tag per line; JSONL files have one record with `text` and `entities`, or `tokens` and `ner_tags`, per line; text without labels is read with `--format text`, and columns are chosen with `--token-column` and `--tag-column`",
                    tried.join("; ")
                ));
            }
            Self::NotACorpus { .. } => {
                "CoNLL files have one word and its tag per line; JSONL files have one record with `text` and `entities`, or `tokens` and `ner_tags`, per line; columns are chosen with `--token-column` and `--tag-column`"
            }
            Self::Json { .. } => {
                "each line must be one complete JSON value, or the whole file one JSON array"
            }
            Self::Damaged { .. } => {
                "check that the file is whole, or export the data again, as JSON lines if need be"
            }
            Self::ColumnType { .. } => {
                "write it as text, as whole numbers, or as lists or records of them, or leave it out of the file"
            }
            Self::SameColumn { .. } => {
                "rename one of them, or leave it out of the file, so that it is clear which is meant"
            }
            Self::Compression { .. } => {
                "write it with Zstandard, Snappy or gzip, or not compressed"
            }
            Self::NoSuchColumn { .. } => {
                "columns count from 0, or from the right with -1 for the last; names come from a `# global.columns = …` line"
            }
            Self::Malformed { issues, .. } => {
                return issues.iter().find_map(|issue| issue.fix.clone());
            }
            Self::InvalidSpans { issues, .. } => {
                let known = issues.iter().find(|issue| {
                    let repair = issue.repair.as_ref();
                    repair.is_some_and(Repair::concerns_offsets)
                });
                if let Some(fix) = known.and_then(|issue| issue.fix.clone()) {
                    return Some(fix);
                }
                "correct the spans, or read the file without them with `--drop-invalid`"
            }
        };
        Some(hint.into())
    }

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
            | Self::Undecodable { file, .. }
            | Self::UnknownEncoding { file, .. }
            | Self::Archive { file, .. }
            | Self::TooLarge { file, .. }
            | Self::SeveralFiles { file, .. }
            | Self::NoData { file, .. }
            | Self::Unsupported { file, .. }
            | Self::NotACorpus { file, .. }
            | Self::Json { file, .. }
            | Self::Damaged { file, .. }
            | Self::ColumnType { file, .. }
            | Self::SameColumn { file, .. }
            | Self::Compression { file, .. }
            | Self::NoSuchColumn { file, .. }
            | Self::Malformed { file, .. }
            | Self::InvalidSpans { file, .. }
            | Self::Stopped { file } => file,
        }
    }

    /// The first line at fault, from 1, where one is.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::NotUtf8 { line, .. }
            | Self::Undecodable { line, .. }
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
        match (self, self.issues()) {
            (Self::NotUtf8 { count, .. } | Self::Undecodable { count, .. }, _) => *count,
            (_, []) => 1,
            (_, issues) => count(issues),
        }
    }

    /// What is the matter as issues, for a report about several files: every fault that
    /// [`Self::issues`] lists, otherwise the failure itself.
    pub fn findings(&self) -> Vec<Issue> {
        let code = match self {
            Self::Malformed { issues, .. } | Self::InvalidSpans { issues, .. } => {
                return issues.clone();
            }
            Self::Unreadable { .. } | Self::Stopped { .. } => IssueCode::Unreadable,
            Self::Directory { .. } => IssueCode::Directory,
            Self::Empty { .. } => IssueCode::EmptyFile,
            Self::NotUtf8 { .. } => IssueCode::NotUtf8,
            Self::Undecodable { .. } => IssueCode::Undecodable,
            Self::UnknownEncoding { .. } => IssueCode::UnknownEncoding,
            Self::Archive { .. } => IssueCode::BadArchive,
            Self::TooLarge { .. } => IssueCode::TooLarge,
            Self::SeveralFiles { .. } => IssueCode::SeveralFiles,
            Self::NoData { .. } => IssueCode::NoData,
            Self::Unsupported { .. } => IssueCode::UnsupportedFormat,
            Self::NotACorpus { .. } => IssueCode::NotACorpus,
            Self::Json { .. } => IssueCode::BadJson,
            Self::Damaged { .. } => IssueCode::Damaged,
            Self::ColumnType { .. } | Self::SameColumn { .. } => IssueCode::ColumnType,
            Self::Compression { .. } => IssueCode::UnsupportedFormat,
            Self::NoSuchColumn { .. } => IssueCode::NoSuchColumn,
        };
        let line = self.line().unwrap_or(0);
        let mut issue = Issue::new(Severity::Error, code, self.file(), line, self.finding());
        issue.fix = self.advice();
        issue.count = self.faults();
        if let Self::Json { column, .. } = self {
            issue.column = Some(*column);
        }
        vec![issue]
    }

    /// The message without the file and the line: for where both are shown beside it.
    pub fn finding(&self) -> String {
        match self {
            Self::Unreadable { source, .. } => format!("cannot be read: {source}"),
            Self::Stopped { .. } => "was not read to its end: it was stopped".into(),
            Self::Directory { .. } => "is a directory, not a file".into(),
            Self::Empty { .. } => "is empty".into(),
            Self::NotUtf8 {
                byte, value, count, ..
            } => {
                let what = match value {
                    0 => "a zero byte, which no text has,",
                    _ => "not valid UTF-8",
                };
                format!("{what} at byte {byte} (0x{value:02X}){}", places(*count))
            }
            Self::Undecodable {
                byte,
                count,
                encoding,
                ..
            } => format!("not valid {encoding} at byte {byte}{}", places(*count)),
            Self::UnknownEncoding { encoding, .. } => {
                format!("there is no encoding `{encoding}`")
            }
            Self::Archive { message, .. } => format!("cannot be unpacked: {message}"),
            Self::TooLarge { limit, .. } => {
                let limit = limit >> 20;
                format!(
                    "it unpacks to more than {limit} MiB, as no honest data file of its size does"
                )
            }
            Self::SeveralFiles { names, .. } => {
                format!("holds {} data files: {}", names.len(), listed(names))
            }
            Self::NoData { ignored, .. } => format!("holds no data file{}", ignored_files(ignored)),
            Self::Unsupported { what, .. } => format!("{what} cannot be read here"),
            Self::NotACorpus {
                found, expected, ..
            } => format!("no corpus that can be read here: found {found}, expected {expected}"),
            Self::Json { message, .. } => format!("not valid JSON: {message}"),
            Self::Damaged { kind, message, .. } => format!("cannot be read as {kind}: {message}"),
            Self::ColumnType { column, found, .. } => {
                format!("its column `{column}` is of the type {found}, which cannot be read here")
            }
            Self::SameColumn { column, .. } => {
                format!("has two columns that are called `{column}`")
            }
            Self::Compression { kind, method, .. } => {
                format!(
                    "cannot be read as {kind}: it is compressed with {method}, which cannot be read here"
                )
            }
            Self::NoSuchColumn {
                wanted, available, ..
            } => format!("has no column `{wanted}`; it has {available}"),
            Self::Malformed { issues, .. } => several(issues, "faults"),
            Self::InvalidSpans { issues, .. } => several(issues, "invalid spans"),
        }
    }
}

fn places(count: usize) -> String {
    match count {
        0 | 1 => String::new(),
        _ => format!(", the first of {count} places"),
    }
}

/// The first few names.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<String> = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("`{name}`"))
        .collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn ignored_files(names: &[String]) -> String {
    match names {
        [] => String::new(),
        _ => format!("; left aside: {}", listed(names)),
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
            let (file, count, line) = (file.display(), count(issues), first.line);
            format!("{file}: {count} {what}, the first in line {line}")
        }
        [] => format!("{}: {what}", file.display()),
    }
}

/// The same without the place: the first fault says what it is.
fn several(issues: &[Issue], what: &str) -> String {
    match issues {
        [only] => only.message.clone(),
        [first, ..] => format!("{} {what}; the first: {}", count(issues), first.message),
        [] => what.to_owned(),
    }
}

fn count(issues: &[Issue]) -> usize {
    issues.iter().map(|issue| issue.count).sum()
}

/// Why documents could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file or the disk under it refused.
    #[error("cannot write: {0}")]
    Io(#[from] io::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_names_neither_the_file_nor_the_line() {
        let issue = |line, message| {
            Issue::new(Severity::Error, IssueCode::BadTag, "a.conll", line, message)
        };
        let (first, second) = (issue(7, "`X` is not a tag"), issue(9, "`Y` is not a tag"));
        let check = |issues: &[Issue], message: &str, finding: &str| {
            let error = ReadError::malformed(Path::new("a.conll"), issues.to_vec());
            assert_eq!(error.to_string(), message);
            assert_eq!(error.finding(), finding);
            assert_eq!(error.line(), Some(7));
        };
        check(
            std::slice::from_ref(&first),
            "a.conll:7: `X` is not a tag",
            "`X` is not a tag",
        );
        check(
            &[first, second.count(3)],
            "a.conll: 4 faults, the first in line 7",
            "4 faults; the first: `X` is not a tag",
        );
    }
}
