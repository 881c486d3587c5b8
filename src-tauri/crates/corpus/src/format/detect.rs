//! Finds the reader for the content of a file.

use std::path::Path;

use crate::dataset::Corpus;
use crate::format::{ReadError, Reader, conll, reader, text};
use crate::formats::FormatName;
use crate::options::ReadOptions;

/// Reads a content that is not packed, by the format that the options name or that it looks like.
pub(super) fn read(path: &Path, bytes: &[u8], options: &ReadOptions) -> Result<Corpus, ReadError> {
    let decoded = || text::decode(path, bytes, options.encoding.as_deref());
    let binary = |name: &FormatName| matches!(reader(*name), Reader::Bytes(is, _) if is(bytes));
    let format = options
        .format
        .or_else(|| FormatName::ALL.into_iter().find(binary));
    let (decoded, corpus) = match format.map(reader) {
        Some(Reader::Bytes(_, read)) => return read(path, bytes, options),
        Some(Reader::Folder(_)) => return Err(lone(path)),
        Some(Reader::Text(_, read) | Reader::AnyText(read)) => {
            let decoded = decoded()?;
            let corpus = read(path, &decoded.text, options);
            (decoded, corpus)
        }
        None => {
            let decoded = decoded()?;
            let corpus = guess(path, &decoded.text, options);
            (decoded, corpus)
        }
    };
    let mut corpus = corpus.map_err(|error| match error {
        ReadError::NotACorpus { .. } if is_of_brat(path) => lone(path),
        other => other,
    })?;
    corpus.issues.splice(0..0, decoded.issues);
    Ok(corpus)
}

/// One of the two files that brat has for a text.
fn lone(path: &Path) -> ReadError {
    let instead = match reader(FormatName::Brat) {
        Reader::Folder(instead) => instead,
        _ => "name the folder that holds it",
    };
    ReadError::Unsupported {
        file: path.into(),
        what: "a lone file of a brat collection",
        instead,
    }
}

/// A file of annotations, or the text of one that lies beside it.
fn is_of_brat(path: &Path) -> bool {
    let ends = |ending: &str| {
        path.extension()
            .is_some_and(|own| own.eq_ignore_ascii_case(ending))
    };
    let beside = || {
        ["ann", "ANN"]
            .iter()
            .any(|ending| path.with_extension(ending).is_file())
    };
    ends("ann") || ends("txt") && beside()
}

/// The formats of text, those first that say what they are in their first bytes: a file of theirs would
/// pass for JSON, a table or rows of words as well.
fn texts() -> impl Iterator<Item = FormatName> {
    let general = |name: &FormatName| matches!(name, FormatName::Json | FormatName::Table);
    let (general, special): (Vec<_>, Vec<_>) = FormatName::ALL.into_iter().partition(general);
    special.into_iter().chain(general)
}

/// Takes the first format that the text looks like. What is left must be rows of words and tags:
/// running text is never taken for documents unless somebody says so, because a broken corpus would
/// pass for it.
fn guess(path: &Path, content: &str, options: &ReadOptions) -> Result<Corpus, ReadError> {
    let mut others = Vec::new();
    for name in texts() {
        if let Reader::Text(looks_like, read) = reader(name) {
            match looks_like(content, options) {
                Ok(()) => return read(path, content, options),
                Err(why) => others.push(why),
            }
        }
    }
    conll::read(path, content, options).map_err(|failure| match failure {
        ReadError::NotACorpus {
            file,
            line,
            found,
            expected,
            ..
        } => ReadError::NotACorpus {
            tried: [format!("CoNLL (no: {found})")]
                .into_iter()
                .chain(others)
                .collect(),
            file,
            line,
            found,
            expected,
        },
        other => other,
    })
}
