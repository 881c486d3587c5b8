//! Reads Parquet files, as Hugging Face's `datasets` writes them.

mod delta;
mod pages;
mod thrift;

use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{FieldRef, Fields, Schema, SchemaRef};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ConvertedType, LogicalType};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::schema::types::TypePtr;

use crate::dataset::Corpus;
use crate::format::arrays::flat;
use crate::format::features::Names;
use crate::format::{ReadError, arrays, arrow, jsonl};
use crate::formats::Format;
use crate::options::ReadOptions;

pub(super) fn looks_like(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PAR1")
}

pub(super) fn read(path: &Path, bytes: &[u8], options: &ReadOptions) -> Result<Corpus, ReadError> {
    arrow::unless_panicking(path, "Parquet", || {
        pages::check_footer(bytes).map_err(|fault| arrow::damaged(path, "Parquet", &fault))?;
        let table = Table {
            path,
            bytes: Bytes::copy_from_slice(bytes),
        };
        let schema = table.schema()?;
        let names =
            |options: &ReadOptions| Names::new(path, options, arrays::features(&schema).as_ref());
        let format = |tokens| Format::Parquet { tokens };
        if flat::is_flat(&schema, options) {
            let rows = table.batches((0..schema.fields().len()).collect())?;
            let (size, names) = (bytes.len(), names(options));
            let read = flat::read(path, size, &schema, rows, &names, format, options)?;
            if let Some(corpus) = read {
                return Ok(corpus);
            }
        }
        arrow::unless_no_corpus(path, &schema, options)?;
        jsonl::again(path, options, |options| {
            let batches = table.batches(arrays::columns(&schema, options))?;
            let rows = arrow::rows(path, bytes, batches, options);
            jsonl::read_rows(path, rows, &names(options), format, options)
        })
    })
}

/// A Parquet file.
struct Table<'a> {
    path: &'a Path,
    bytes: Bytes,
}

impl<'a> Table<'a> {
    fn open(&self) -> Result<ParquetRecordBatchReaderBuilder<Bytes>, ReadError> {
        ParquetRecordBatchReaderBuilder::try_new(self.bytes.clone()).map_err(|e| self.damaged(&e))
    }

    fn damaged(&self, error: &ParquetError) -> ReadError {
        arrow::damaged(self.path, "Parquet", &error.to_string())
    }

    /// Its columns; those of JSON are marked as Arrow marks them, whoever wrote the file.
    fn schema(&self) -> Result<SchemaRef, ReadError> {
        let table = self.open()?;
        let stored = table.parquet_schema().root_schema().get_fields();
        let mark = |(field, stored): (&FieldRef, &TypePtr)| {
            let info = stored.get_basic_info();
            let is_json = info.logical_type_ref() == Some(&LogicalType::Json)
                || info.converted_type() == ConvertedType::JSON;
            match is_json {
                true => Arc::new(arrays::as_json(field)),
                false => field.clone(),
            }
        };
        let fields: Fields = table
            .schema()
            .fields()
            .iter()
            .zip(stored)
            .map(mark)
            .collect();
        let metadata = table.schema().metadata().clone();
        Ok(Arc::new(Schema::new_with_metadata(fields, metadata)))
    }

    /// Its rows, as far as these columns have some.
    fn batches(
        &self,
        columns: Vec<usize>,
    ) -> Result<impl Iterator<Item = Result<RecordBatch, ReadError>> + use<'a>, ReadError> {
        let fault = |message: String| arrow::damaged(self.path, "Parquet", &message);
        let schema = self.schema()?.project(&columns);
        let schema = Arc::new(schema.map_err(|e| fault(e.to_string()))?);
        let table = self.open()?;
        let columns = ProjectionMask::roots(table.parquet_schema(), columns);
        self.unless_packed_otherwise(table.metadata(), &columns)?;
        pages::check(&self.bytes, table.metadata(), &columns).map_err(fault)?;
        let rows = table.with_projection(columns).build();
        let rows = rows.map_err(|e| self.damaged(&e))?;
        let path = self.path;
        Ok(rows.map(move |batch| {
            let batch = batch.and_then(|batch| batch.with_schema(schema.clone()));
            batch.map_err(|error| arrow::damaged(path, "Parquet", &error.to_string()))
        }))
    }

    /// Sees that the columns are compressed in ways that can be read here.
    fn unless_packed_otherwise(
        &self,
        metadata: &ParquetMetaData,
        columns: &ProjectionMask,
    ) -> Result<(), ReadError> {
        let groups = metadata.row_groups().iter();
        let columns = groups.flat_map(|group| {
            let all = group.columns().iter().enumerate();
            all.filter(|(leaf, _)| columns.leaf_included(*leaf))
        });
        let method = |compression| match compression {
            Compression::LZ4 | Compression::LZ4_RAW => Some("LZ4"),
            Compression::BROTLI(_) => Some("Brotli"),
            Compression::LZO => Some("LZO"),
            _ => None,
        };
        let mut methods = columns.filter_map(|(_, column)| method(column.compression()));
        match methods.next() {
            None => Ok(()),
            Some(method) => Err(ReadError::Compression {
                file: self.path.into(),
                kind: "Parquet",
                method: method.into(),
            }),
        }
    }
}
