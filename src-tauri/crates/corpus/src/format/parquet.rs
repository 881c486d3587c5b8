//! Reads Parquet files, as Hugging Face's `datasets` writes them.

mod delta;
mod pages;
mod thrift;

use std::path::Path;

use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;

use crate::dataset::Corpus;
use crate::format::features::Names;
use crate::format::jsonl::First;
use crate::format::{ReadError, arrays, arrow, jsonl};
use crate::formats::Format;
use crate::options::ReadOptions;

pub(super) fn looks_like(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PAR1")
}

pub(super) fn read(path: &Path, bytes: &[u8], options: &ReadOptions) -> Result<Corpus, ReadError> {
    arrow::unless_panicking(path, "Parquet", || {
        jsonl::again(path, options, |options| read_table(path, bytes, options))
    })
}

fn read_table(path: &Path, bytes: &[u8], options: &ReadOptions) -> Result<First, ReadError> {
    let fault = |message: String| arrow::damaged(path, "Parquet", &message);
    let damaged = |error: &ParquetError| fault(error.to_string());
    pages::check_footer(bytes).map_err(fault)?;
    let bytes = Bytes::copy_from_slice(bytes);
    let table = ParquetRecordBatchReaderBuilder::try_new(bytes.clone()).map_err(|e| damaged(&e))?;
    let schema = table.schema().clone();
    arrow::unless_no_corpus(path, &schema, options)?;
    let names = Names::new(path, options, arrays::features(&schema).as_ref());
    let columns = arrays::columns(&schema, options);
    let columns = ProjectionMask::roots(table.parquet_schema(), columns);
    pages::check(&bytes, table.metadata(), &columns).map_err(fault)?;
    let table = table.with_projection(columns).build();
    let batches = table
        .map_err(|e| damaged(&e))?
        .map(|batch| batch.map_err(|error| arrow::damaged(path, "Parquet", &error.to_string())));
    let rows = arrow::rows(path, &bytes, batches);
    let format = |tokens| Format::Parquet { tokens };
    jsonl::read_rows(path, rows, &names, format, options)
}
