//! Reads CoNLL-style files: one word and its tag per line.

use std::path::Path;

use crate::format::notation::Notation;
use crate::format::rows::{Parsed, parse};
use crate::format::{ColumnChoice, Corpus, Format, ReadError, ReadOptions, SourceInfo, load, text};
use crate::issue::{Issue, Issues, Severity};
use crate::scheme::{Scheme, Tag};

/// Two columns of tags, sentence by sentence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TagColumns {
    /// From the last column but one.
    pub gold: Vec<Vec<Tag>>,
    /// From the last column.
    pub predicted: Vec<Vec<Tag>>,
    /// What a person should know about the file.
    pub issues: Vec<Issue>,
}

/// Reads the last two columns as gold and predicted tags, as conlleval does. Ill-formed tags
/// stay as they are.
///
/// # Errors
/// The file cannot be read, or a row has no two tags at its end.
pub fn read_tag_columns(path: &Path) -> Result<TagColumns, ReadError> {
    tag_columns(path, &load(path)?)
}

/// As [`read_tag_columns`], from what is in memory already; `path` is for messages.
///
/// # Errors
/// A row has no two tags at its end.
pub fn tag_columns(path: &Path, bytes: &[u8]) -> Result<TagColumns, ReadError> {
    let text = text::decode(path, bytes)?;
    let mut found = Vec::new();
    let mut issues: Vec<Issue> = Vec::new();
    for column in [-2, -1] {
        let options = ReadOptions {
            tag_column: Some(ColumnChoice::Index(column)),
            ..Default::default()
        };
        let mut here = Issues::default();
        let parsed = parse(path, text, &options, &mut here)?;
        // What concerns the whole row is found twice.
        issues.extend(here.into_vec());
        found.push(
            parsed
                .sentences
                .into_iter()
                .map(|sentence| sentence.tags)
                .collect(),
        );
    }
    issues.sort_by_key(|issue| issue.line);
    issues.dedup();
    if issues.iter().any(|issue| issue.severity == Severity::Error) {
        return Err(ReadError::malformed(path, issues));
    }
    let predicted = found.pop().unwrap_or_default();
    Ok(TagColumns {
        gold: found.pop().unwrap_or_default(),
        predicted,
        issues,
    })
}

pub(super) fn read(path: &Path, text: &str, options: &ReadOptions) -> Result<Corpus, ReadError> {
    let mut issues = Issues::default();
    let parsed = parse(path, text, options, &mut issues)?;
    if issues.has_errors() {
        return Err(ReadError::malformed(path, issues.into_vec()));
    }
    let scheme = options.scheme.unwrap_or_else(|| scheme_of(&parsed));
    let layout = parsed.layout;
    let mut source = SourceInfo::new(
        path,
        Format::Conll {
            columns: layout.columns,
            separator: layout.separator,
            token_column: layout.token,
            tag_column: layout.tag,
            bare_labels: layout.notation == Notation::BareLabels,
        },
    );
    source.scheme = Some(scheme);
    let documents = parsed
        .sentences
        .into_iter()
        .map(|sentence| sentence.into_document(path, scheme, &mut source, &mut issues))
        .collect();
    Ok(Corpus {
        documents,
        source,
        issues: issues.into_vec(),
    })
}

fn scheme_of(parsed: &Parsed) -> Scheme {
    if parsed.layout.notation == Notation::BareLabels {
        return Scheme::Io;
    }
    let tags = parsed
        .sentences
        .iter()
        .map(|sentence| sentence.tags.as_slice());
    parsed
        .letters
        .unwrap_or_else(|| Scheme::detect(tags).scheme)
}
