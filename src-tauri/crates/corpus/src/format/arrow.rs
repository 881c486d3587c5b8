//! Reads Arrow files and streams, as Hugging Face's `datasets` keeps them.

mod lz4;
mod messages;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_buffer::Buffer;
use arrow_ipc::MessageHeader;
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::reader::{RecordBatchDecoder, read_dictionary};
use arrow_schema::{ArrowError, Schema, SchemaRef};
use serde_json::Value;

use crate::dataset::Corpus;
use crate::format::arrays::{self, Budget, flat};
use crate::format::features::Names;
use crate::format::{ReadError, catch_panic, jsonl, source};
use crate::formats::Format;
use crate::options::ReadOptions;
use messages::{MAGIC, Message};

/// A file begins with its name, a stream with the mark of a message.
pub(super) fn looks_like(bytes: &[u8]) -> bool {
    bytes.starts_with(b"ARROW1") || bytes.starts_with(b"\xff\xff\xff\xff")
}

pub(super) fn read(path: &Path, bytes: &[u8], options: &ReadOptions) -> Result<Corpus, ReadError> {
    unless_panicking(path, "Arrow", || {
        let table = Table::open(path, bytes)?;
        let format = |tokens| Format::Arrow { tokens };
        if flat::is_flat(&table.schema, options) {
            let names = table.names(options);
            let all = (0..table.schema.fields().len()).collect();
            let rows = table.batches(all);
            let size = bytes.len();
            let read = flat::read(path, size, &table.schema, rows, &names, format, options)?;
            if let Some(corpus) = read {
                return Ok(corpus);
            }
        }
        unless_no_corpus(path, &table.schema, options)?;
        jsonl::again(path, options, |options| {
            let names = table.names(options);
            let columns = arrays::columns(&table.schema, options);
            let rows = rows(path, bytes, table.batches(columns), options);
            jsonl::read_rows(path, rows, &names, format, options)
        })
    })
}

/// An Arrow file or stream.
struct Table<'a> {
    path: &'a Path,
    schema: SchemaRef,
    messages: Vec<Message<'a>>,
    /// The first that can bring rows.
    first: usize,
}

impl<'a> Table<'a> {
    fn open(path: &'a Path, bytes: &'a [u8]) -> Result<Self, ReadError> {
        let fault = |message: String| damaged(path, "Arrow", &message);
        // A file describes its columns at its end, a stream in its first message.
        let (schema, messages, first) = match bytes.starts_with(MAGIC) {
            true => {
                let file = messages::of_file(bytes).map_err(fault)?;
                (file.schema, file.messages, 0)
            }
            false => {
                let messages = messages::of_stream(bytes).map_err(fault)?;
                let schema = messages.first().and_then(|m| m.header.header_as_schema());
                let schema =
                    schema.ok_or_else(|| fault("it does not start with its columns".into()))?;
                (schema, messages, 1)
            }
        };
        unless_too_large(path, bytes, &messages)?;
        if !schema.endianness().equals_to_target_endianness() {
            return Err(fault("its numbers have another byte order".into()));
        }
        let schema = try_fb_to_schema(schema).map_err(|e| fault(e.to_string()))?;
        Ok(Self {
            path,
            schema: Arc::new(schema),
            messages,
            first,
        })
    }

    fn names(&self, options: &ReadOptions) -> Names {
        Names::new(self.path, options, arrays::features(&self.schema).as_ref())
    }

    /// Its rows, as far as these columns have some.
    fn batches(
        &self,
        columns: Vec<usize>,
    ) -> impl Iterator<Item = Result<RecordBatch, ReadError>> + '_ {
        let mut reader = Reader {
            columns,
            schema: self.schema.clone(),
            dictionaries: HashMap::new(),
        };
        let messages = self.messages.iter().enumerate().skip(self.first);
        messages.filter_map(move |(i, message)| {
            let batch = reader.batch(message).transpose()?;
            let fault =
                |failure| damaged(self.path, "Arrow", &format!("message {}: {failure}", i + 1));
            Some(batch.map_err(fault))
        })
    }
}

/// Sees that every message is sound, and that all of them together unpack to what a file of this size
/// may.
fn unless_too_large(path: &Path, bytes: &[u8], messages: &[Message<'_>]) -> Result<(), ReadError> {
    let limit = source::limit(bytes.len());
    let mut size = 0_u64;
    for (i, message) in messages.iter().enumerate() {
        let fault = |fault| damaged(path, "Arrow", &format!("message {}: {fault}", i + 1));
        size = size.saturating_add(message.size().map_err(fault)?);
        if size > limit {
            return Err(ReadError::TooLarge {
                file: path.into(),
                limit,
            });
        }
    }
    Ok(())
}

/// What is known after the messages read so far.
struct Reader {
    schema: SchemaRef,
    columns: Vec<usize>,
    dictionaries: HashMap<i64, ArrayRef>,
}

impl Reader {
    /// The rows that a message brings, where it brings some.
    fn batch(&mut self, message: &Message<'_>) -> Result<Option<RecordBatch>, ArrowError> {
        let unpacked = lz4::unpack(message).map_err(ArrowError::IpcError)?;
        let Some((meta, body)) = &unpacked else {
            return self.plain(message);
        };
        let message = messages::message(meta, body).map_err(ArrowError::IpcError)?;
        message.size().map_err(ArrowError::IpcError)?;
        self.plain(&message)
    }

    fn plain(&mut self, message: &Message<'_>) -> Result<Option<RecordBatch>, ArrowError> {
        let header = message.header;
        let version = header.version();
        let body = Buffer::from(message.body);
        if let Some(batch) = header.header_as_dictionary_batch() {
            let known = &mut self.dictionaries;
            read_dictionary(&body, batch, &self.schema, known, &version)?;
            return Ok(None);
        }
        let Some(batch) = header.header_as_record_batch() else {
            return match header.header_type() {
                MessageHeader::NONE => Ok(None),
                MessageHeader::Schema => self.another(message),
                other => Err(ArrowError::IpcError(format!(
                    "{other:?} where rows must be"
                ))),
            };
        };
        let schema = self.schema.clone();
        RecordBatchDecoder::try_new(&body, batch, schema, &self.dictionaries, &version)?
            .with_projection(Some(self.columns.as_slice()))
            .read_record_batch()
            .map(Some)
    }
}

impl Reader {
    /// Behind the end of a stream another one may begin, whose columns must be the same.
    fn another(&mut self, message: &Message<'_>) -> Result<Option<RecordBatch>, ArrowError> {
        let schema = message.header.header_as_schema().map(try_fb_to_schema);
        match schema.transpose()? {
            Some(schema) if schema.fields() == self.schema.fields() => {
                self.dictionaries.clear();
                Ok(None)
            }
            _ => Err(ArrowError::IpcError(
                "another table begins here, with other columns: keep each in a file of its own"
                    .into(),
            )),
        }
    }
}

/// The Arrow project's readers trust much that stands in a file; where it is wrong they may panic.
pub(super) fn unless_panicking<T>(
    path: &Path,
    kind: &'static str,
    read: impl FnOnce() -> Result<T, ReadError>,
) -> Result<T, ReadError> {
    catch_panic::caught(read)
        .unwrap_or_else(|| Err(damaged(path, kind, "its parts contradict each other")))
}

/// A record, or what is wrong with a row that is to be left out.
pub(super) type Row = Result<Value, String>;

/// The rows of all batches of a file as records; together they may become what a file of its size
/// may unpack to.
pub(super) fn rows(
    path: &Path,
    bytes: &[u8],
    mut batches: impl Iterator<Item = Result<RecordBatch, ReadError>>,
    options: &ReadOptions,
) -> impl Iterator<Item = Result<Row, ReadError>> {
    let limit = source::limit(bytes.len());
    let mut budget = Budget::new(limit);
    let mut open: Option<(RecordBatch, usize)> = None;
    let mut count = 0_usize;
    std::iter::from_fn(move || {
        loop {
            if let Some((batch, row)) = &mut open
                && *row < batch.num_rows()
            {
                let record = arrays::record(batch, *row, &mut budget);
                *row += 1;
                count += 1;
                if let Some(fault) = budget.fault() {
                    let fault = format!("row {count}, {fault}");
                    return Some(match options.drop_invalid {
                        true => Ok(Err(fault)),
                        false => Err(damaged(path, "a table", &fault)),
                    });
                }
                return Some(match budget.is_spent() {
                    false => Ok(Ok(record)),
                    true => Err(ReadError::TooLarge {
                        file: path.into(),
                        limit,
                    }),
                });
            }
            match batches.next()? {
                Ok(batch) => open = Some((batch, 0)),
                Err(fault) => return Some(Err(fault)),
            }
        }
    })
}

pub(super) fn unless_no_corpus(
    path: &Path,
    schema: &Schema,
    options: &ReadOptions,
) -> Result<(), ReadError> {
    if arrays::is_corpus(schema, options) {
        return arrays::unless_unreadable(path, schema, options);
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
