//! Reads CoNLL-style files: one word and its tag per line.

use std::path::Path;

use crate::dataset::{Corpus, SourceInfo};
use crate::format::rows::parse;
use crate::format::{ReadError, load, text};
use crate::formats::Format;
use crate::issue::{Issue, IssueCode, Issues};
use crate::options::{ColumnChoice, ReadOptions};
use crate::scheme::Tag;

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
pub fn read_tag_columns(path: &Path) -> Result<TagColumns, ReadError> {
    tag_columns_from_bytes(path, &load(path)?)
}

/// As [`read_tag_columns`], of the content of a file; the path serves the messages alone.
pub fn tag_columns_from_bytes(
    path_for_messages: &Path,
    bytes: &[u8],
) -> Result<TagColumns, ReadError> {
    let path = path_for_messages;
    let decoded = text::decode(path, bytes, None)?;
    let text = &*decoded.text;
    let mut issues = Issues::default();
    decoded
        .issues
        .into_iter()
        .for_each(|issue| issues.push(issue));
    let mut column = |at| -> Result<Vec<Vec<Tag>>, ReadError> {
        let options = ReadOptions {
            tag_column: Some(ColumnChoice::Index(at)),
            ..Default::default()
        };
        let mut here = Issues::default();
        let parsed = parse(path, text, &options, &mut here)?;
        parsed.builder.tags.reading.tell(path, &mut here);
        issues.join(here, &[IssueCode::BadTag]);
        Ok(parsed.builder.into_tags())
    };
    let (gold, predicted) = (column(-2)?, column(-1)?);
    if issues.has_errors() {
        return Err(ReadError::malformed(path, issues.into_vec()));
    }
    Ok(TagColumns {
        gold,
        predicted,
        issues: issues.into_vec(),
    })
}

pub(super) fn read(path: &Path, text: &str, options: &ReadOptions) -> Result<Corpus, ReadError> {
    let mut issues = Issues::default();
    let parsed = parse(path, text, options, &mut issues)?;
    if issues.has_errors() {
        return Err(ReadError::malformed(path, issues.into_vec()));
    }
    let layout = parsed.layout;
    let mut source = SourceInfo::new(
        path,
        Format::Conll {
            columns: layout.columns,
            separator: layout.separator,
            token_column: layout.token,
            tag_column: layout.tag,
            bare_labels: layout.notation.is_bare(),
        },
    );
    let builder = parsed.builder;
    let documents = builder.finish(path, options.scheme, &mut source, &mut issues);
    Ok(Corpus {
        documents,
        source,
        issues: issues.into_vec(),
        offset_evidence: None,
    })
}
