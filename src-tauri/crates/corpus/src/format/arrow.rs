//! Reads Arrow files and streams, as Hugging Face's `datasets` keeps them.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_ipc::root_as_footer;
use arrow_schema::{ArrowError, Schema};
use serde_json::Value;

use crate::format::features::Names;
use crate::format::{Corpus, Format, ReadError, ReadOptions, arrays, jsonl};

/// A file starts with this; a stream does not.
const MAGIC: &[u8] = b"ARROW1";

pub(super) fn read(path: &Path, bytes: &[u8], options: &ReadOptions) -> Result<Corpus, ReadError> {
    unless_panicking(path, "Arrow", || read_table(path, bytes, options))
}

fn read_table(path: &Path, bytes: &[u8], options: &ReadOptions) -> Result<Corpus, ReadError> {
    let fault = |error: ArrowError| damaged(path, "Arrow", &error.to_string());
    if bytes.starts_with(MAGIC) {
        if !lies_inside(bytes) {
            return Err(damaged(path, "Arrow", "its footer points behind its end"));
        }
        let table = FileReader::try_new(Cursor::new(bytes), None).map_err(fault)?;
        let schema = table.schema();
        read_batches(
            path,
            &schema,
            table.map(|batch| batch.map_err(fault)),
            options,
        )
    } else {
        let table = StreamReader::try_new(Cursor::new(bytes), None).map_err(fault)?;
        let schema = table.schema();
        read_batches(
            path,
            &schema,
            table.map(|batch| batch.map_err(fault)),
            options,
        )
    }
}

/// Do all blocks that the footer of a file names lie in the file? Its reader asks for as much memory
/// as a block says it needs.
fn lies_inside(bytes: &[u8]) -> bool {
    let footer = || {
        let end = bytes.len().checked_sub(MAGIC.len() + 4)?;
        let length = i32::from_le_bytes(bytes[end..end + 4].try_into().ok()?);
        let start = end.checked_sub(usize::try_from(length).ok()?)?;
        root_as_footer(&bytes[start..end]).ok()
    };
    // What is no footer is the reader's to tell.
    let Some(footer) = footer() else { return true };
    let blocks = footer.recordBatches().into_iter().flatten();
    let mut blocks = blocks.chain(footer.dictionaries().into_iter().flatten());
    blocks.all(|block| {
        let sizes = [
            block.offset(),
            block.metaDataLength().into(),
            block.bodyLength(),
        ];
        let sizes = sizes.map(|size| u64::try_from(size).unwrap_or(u64::MAX));
        let end = sizes.into_iter().fold(0, u64::saturating_add);
        end <= bytes.len() as u64
    })
}

/// The Arrow project's readers trust lengths that stand in a file; where one is wrong they panic.
pub(super) fn unless_panicking(
    path: &Path,
    kind: &'static str,
    read: impl FnOnce() -> Result<Corpus, ReadError>,
) -> Result<Corpus, ReadError> {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(damaged(path, kind, "its parts contradict each other")))
}

fn read_batches(
    path: &Path,
    schema: &Schema,
    batches: impl Iterator<Item = Result<RecordBatch, ReadError>>,
    options: &ReadOptions,
) -> Result<Corpus, ReadError> {
    unless_no_corpus(path, schema, options)?;
    let names = Names::new(path, options, arrays::features(schema).as_ref());
    let columns = arrays::columns(schema, options);
    let batches = batches.map(|batch| {
        let fault = |error: ArrowError| damaged(path, "Arrow", &error.to_string());
        batch?.project(&columns).map_err(fault)
    });
    let format = |tokens| Format::Arrow { tokens };
    jsonl::read_rows(path, rows(batches), &names, format, options)
}

/// The rows of all batches as records.
pub(super) fn rows(
    batches: impl Iterator<Item = Result<RecordBatch, ReadError>>,
) -> impl Iterator<Item = Result<Value, ReadError>> {
    batches.flat_map(|batch| {
        let (batch, fault) = match batch {
            Ok(batch) => (Some(batch), None),
            Err(fault) => (None, Some(Err(fault))),
        };
        let rows = batch.into_iter().flat_map(|batch| {
            (0..batch.num_rows()).map(move |row| Ok(arrays::record(&batch, row)))
        });
        rows.chain(fault)
    })
}

pub(super) fn unless_no_corpus(
    path: &Path,
    schema: &Schema,
    options: &ReadOptions,
) -> Result<(), ReadError> {
    if arrays::is_corpus(schema, options) {
        return Ok(());
    }
    Err(ReadError::NotACorpus {
        file: path.into(),
        line: 0,
        found: arrays::shown(schema),
        expected: "the columns `tokens` and `ner_tags`, or `text` and `entities`".into(),
        tried: Vec::new(),
    })
}

/// A table that cannot be read, with what its reader says of it.
pub(super) fn damaged(path: &Path, kind: &'static str, message: &str) -> ReadError {
    ReadError::Damaged {
        file: path.into(),
        kind,
        message: message.into(),
    }
}
