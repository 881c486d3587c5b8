//! The texts of a Parquet file, a batch of rows in memory at a time.

use std::fs::File;
use std::ops::ControlFlow;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::{SAMPLE, SHOWN, TextColumns, TextOptions, text_column, unreadable};
use crate::format::ReadError;
use crate::format::arrow::unless_panicking;

/// Rows that are in memory at once.
const BATCH: usize = 1024;

fn damaged(path: &Path, failure: &dyn std::fmt::Display) -> ReadError {
    ReadError::Damaged {
        file: path.into(),
        kind: "Parquet",
        message: failure.to_string(),
    }
}

fn open(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, ReadError> {
    let file = File::open(path).map_err(unreadable(path))?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|failure| damaged(path, &failure))
}

/// The columns that can hold a text, by their numbers.
fn candidates(schema: &Schema) -> Vec<usize> {
    let fields = schema.fields().iter().enumerate();
    fields
        .filter(|(_, field)| is_text(field.data_type()) || is_words(field.data_type()))
        .map(|(at, _)| at)
        .collect()
}

fn is_text(kind: &DataType) -> bool {
    matches!(
        kind,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View
    )
}

fn is_words(kind: &DataType) -> bool {
    matches!(kind, DataType::List(item) | DataType::LargeList(item) if is_text(item.data_type()))
}

/// The text in a row of a column; nothing where there is none.
fn cell(column: &ArrayRef, row: usize) -> String {
    if column.is_null(row) {
        return String::new();
    }
    let words = |values: ArrayRef| {
        let words: Vec<String> = (0..values.len()).map(|at| cell(&values, at)).collect();
        words.join(" ")
    };
    match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().value(row).into(),
        DataType::LargeUtf8 => column.as_string::<i64>().value(row).into(),
        DataType::Utf8View => column.as_string_view().value(row).into(),
        DataType::List(_) => words(column.as_list::<i32>().value(row)),
        DataType::LargeList(_) => words(column.as_list::<i64>().value(row)),
        _ => String::new(),
    }
}

/// The columns that can hold a text, with their first rows.
pub(super) fn columns(path: &Path, options: &TextOptions) -> Result<TextColumns, ReadError> {
    unless_panicking(path, "Parquet", || {
        let table = open(path)?;
        let schema = table.schema().clone();
        let candidates = candidates(&schema);
        let mask = ProjectionMask::roots(table.parquet_schema(), candidates.iter().copied());
        let mut columns = TextColumns {
            names: candidates
                .iter()
                .map(|at| schema.field(*at).name().clone())
                .collect(),
            ..TextColumns::default()
        };
        let table = table.with_projection(mask).with_batch_size(SAMPLE).build();
        let mut batches = table.map_err(|failure| damaged(path, &failure))?;
        if let Some(batch) = batches.next() {
            let batch = batch.map_err(|failure| damaged(path, &failure))?;
            for row in 0..batch.num_rows() {
                let cells = batch.columns().iter().map(|column| cell(column, row));
                columns.rows.push(cells.collect());
            }
        }
        columns.text = text_column(path, &columns.names, &columns.rows, options)?;
        columns.rows.truncate(SHOWN);
        Ok(columns)
    })
}

/// Hands over the text of each row with the row's number, from 1.
pub(super) fn each(
    path: &Path,
    options: &TextOptions,
    put: &mut dyn FnMut(String, usize) -> ControlFlow<()>,
) -> Result<(), ReadError> {
    let columns = columns(path, options)?;
    let Some(name) = columns.text.and_then(|at| columns.names.get(at)) else {
        return Ok(());
    };
    unless_panicking(path, "Parquet", || {
        let table = open(path)?;
        let at = table.schema().index_of(name);
        let at = at.map_err(|failure| damaged(path, &failure))?;
        let mask = ProjectionMask::roots(table.parquet_schema(), [at]);
        let table = table.with_projection(mask).with_batch_size(BATCH).build();
        let mut number = 0;
        for batch in table.map_err(|failure| damaged(path, &failure))? {
            let batch = batch.map_err(|failure| damaged(path, &failure))?;
            for row in 0..batch.num_rows() {
                number += 1;
                if put(cell(batch.column(0), row), number).is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    })
}
