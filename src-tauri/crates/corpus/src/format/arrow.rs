//! Reads Arrow files and streams, as Hugging Face's `datasets` keeps them.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_ipc::reader::{FileReader, StreamReader};
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
    jsonl::read_rows(path, rows(batches), &names, Format::Arrow, options)
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
