//! Reads and writes data files. The format is found by looking at the content.

mod arrays;
mod arrow;
mod bioc;
mod brat;
mod builder;
mod cas;
mod catch_panic;
mod columns;
mod conll;
mod detect;
mod discontinuous;
mod docbin;
mod encodings;
mod error;
mod expansion;
mod features;
mod fields;
mod json;
mod jsonl;
mod keys;
mod layers;
mod lenient;
mod ontonotes;
mod parquet;
mod partial;
mod plain;
mod pubtator;
mod ranges;
mod rows;
mod source;
mod span_fields;
mod span_groups;
mod spans;
mod standoff;
mod table;
mod tag_notation;
mod tagged;
mod text;
mod texts;
mod webanno;
mod write;
mod xml;

use std::fs;
use std::path::Path;

pub use brat::read_brat;
pub(crate) use cas::Types;
pub use conll::{TagColumns, read_tag_columns, tag_columns_from_bytes};
pub use error::{ReadError, WriteError};
pub(crate) use layers::Choice;
pub use source::{read_all, split_of};
pub(crate) use tag_notation::{means_outside, tags_among};
pub(crate) use text::decode;
pub use texts::{SourceText, TextColumns, TextOptions, each_text, text_columns, text_files};
pub use write::{
    BratFile, Loss, PredictionFormat, PredictionWriter, Target, WriteFormat, WriteReport,
    brat_files, pack, plan, write,
};

use crate::dataset::Corpus;
use crate::formats::FormatName;
use crate::options::ReadOptions;

/// Reads a file of any known format, packed or not. A folder or an archive is read where it holds
/// one data file; [`read_all`] reads any.
pub fn read(path: &Path, options: &ReadOptions) -> Result<Corpus, ReadError> {
    source::read_one(path, options)
}

/// Reads the content of a file; the path serves the messages alone.
pub fn read_bytes(
    path_for_messages: &Path,
    bytes: &[u8],
    options: &ReadOptions,
) -> Result<Corpus, ReadError> {
    source::read_content(path_for_messages, bytes, options)
}

/// The text of a file, whatever its encoding, as a reader of data would decode it.
///
/// # Errors
/// It cannot be read, is empty, or is no text.
pub fn read_text(path: &Path) -> Result<String, ReadError> {
    let bytes = load(path)?;
    Ok(text::decode(path, &bytes, None)?.text.into_owned())
}

pub(crate) fn load(path: &Path) -> Result<Vec<u8>, ReadError> {
    if path.is_dir() {
        return Err(ReadError::Directory { file: path.into() });
    }
    fs::read(path).map_err(|source| ReadError::Unreadable {
        file: path.into(),
        source,
    })
}

/// How the content of a file is read.
enum Reader {
    /// A binary file; whether its first bytes are those of the format.
    Bytes(fn(&[u8]) -> bool, Read<[u8]>),
    /// A text that shows what it is; otherwise why it is not of this format.
    Text(fn(&str, &ReadOptions) -> Result<(), String>, Read<str>),
    /// A text that anything might be, so that somebody must say so.
    AnyText(Read<str>),
    /// Several files together; what to name in place of one.
    Folder(&'static str),
}

type Read<T> = fn(&Path, &T, &ReadOptions) -> Result<Corpus, ReadError>;

/// The reader of each format.
fn reader(format: FormatName) -> Reader {
    match format {
        FormatName::Conll => Reader::AnyText(conll::read),
        FormatName::Json => Reader::Text(json::looks_like_json, jsonl::read),
        FormatName::Table => Reader::Text(table::looks_like_table, table::read),
        FormatName::Text => Reader::AnyText(plain::read),
        FormatName::Brat => Reader::Folder(
            "name the folder that holds both the `.txt` and the `.ann` files, or an archive of it",
        ),
        FormatName::Parquet => Reader::Bytes(parquet::looks_like, parquet::read),
        FormatName::Arrow => Reader::Bytes(arrow::looks_like, arrow::read),
        FormatName::DocBin => Reader::Bytes(docbin::looks_like, docbin::read),
        FormatName::OntoNotes => Reader::Text(ontonotes::looks_like, ontonotes::read),
        FormatName::WebAnno => Reader::Text(webanno::looks_like, webanno::read),
        FormatName::UimaCas => Reader::Text(cas::looks_like, cas::read),
        FormatName::BioC => Reader::Text(bioc::looks_like, bioc::read),
        FormatName::PubTator => Reader::Text(pubtator::looks_like, pubtator::read),
    }
}
