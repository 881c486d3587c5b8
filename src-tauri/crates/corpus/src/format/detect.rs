//! Finds the reader for a content: the one table of formats.

use std::path::Path;

use crate::dataset::Corpus;
use crate::format::{ReadError, arrow, conll, docbin, json, jsonl, parquet, plain, table, text};
use crate::options::{FormatName, ReadOptions};

/// Reads a content that is not packed, by the format that the options name or that it looks like.
pub(super) fn read(path: &Path, bytes: &[u8], options: &ReadOptions) -> Result<Corpus, ReadError> {
    match options.format.or_else(|| binary(bytes)) {
        Some(FormatName::Parquet) => parquet::read(path, bytes, options),
        Some(FormatName::Arrow) => arrow::read(path, bytes, options),
        Some(FormatName::DocBin) => docbin::read(path, bytes, options),
        Some(FormatName::Brat) => Err(ReadError::Unsupported {
            file: path.into(),
            what: "a lone file of a brat collection",
            instead: "name the folder with the `.txt` and `.ann` files, or an archive of it",
        }),
        name => {
            let decoded = text::decode(path, bytes, options.encoding.as_deref())?;
            let content = &*decoded.text;
            let mut corpus = match name {
                Some(FormatName::Conll) => conll::read(path, content, options),
                Some(FormatName::Json) => jsonl::read(path, content, options),
                Some(FormatName::Table) => table::read(path, content, options),
                Some(FormatName::Text) => Ok(plain::read(path, content)),
                _ => guess(path, content, options),
            }?;
            corpus.issues.splice(0..0, decoded.issues);
            Ok(corpus)
        }
    }
}

/// Files that hold no text, by the bytes they start with.
fn binary(bytes: &[u8]) -> Option<FormatName> {
    if bytes.starts_with(b"PAR1") {
        Some(FormatName::Parquet)
    } else if bytes.starts_with(b"ARROW1") || bytes.starts_with(b"\xff\xff\xff\xff") {
        Some(FormatName::Arrow)
    } else {
        docbin::looks_like(bytes).then_some(FormatName::DocBin)
    }
}

/// JSON shows itself by its first character, a table by its first row. What is left must be rows
/// of words and tags: running text is never taken for documents unless somebody says so, because a
/// broken corpus would pass for it.
fn guess(path: &Path, content: &str, options: &ReadOptions) -> Result<Corpus, ReadError> {
    if json::looks_like_json(content) {
        return jsonl::read(path, content, options);
    }
    let why_no_table = match table::looks_like_table(content, options) {
        Ok(()) => return table::read(path, content, options),
        Err(why) => why,
    };
    conll::read(path, content, options).map_err(|failure| match failure {
        ReadError::NotACorpus {
            file,
            line,
            found,
            expected,
            ..
        } => ReadError::NotACorpus {
            tried: vec![
                format!("CoNLL (no: {found})"),
                "JSON (no: it does not start with `{` or `[`)".into(),
                format!("a table (no: {why_no_table})"),
            ],
            file,
            line,
            found,
            expected,
        },
        other => other,
    })
}
