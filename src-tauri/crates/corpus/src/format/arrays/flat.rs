//! Tables of Parquet and Arrow with a word or a span in each row: as the same table would be read as CSV.

use std::path::Path;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema};
use serde_json::Value;

use super::{Budget, is_corpus, is_json, item_of, record};
use crate::dataset::Corpus;
use crate::format::features::Names;
use crate::format::keys::{self, Role};
use crate::format::{ReadError, arrow, source, table};
use crate::formats::Format;
use crate::options::ReadOptions;

/// Might a table have a word or a span in each row? Then all its columns are plain, and none makes a record.
pub(in crate::format) fn is_flat(schema: &Schema, options: &ReadOptions) -> bool {
    let has = |role| {
        let mut fields = schema.fields().iter();
        fields.any(|field| keys::is(field.name(), role) && is_plain(field))
    };
    let all = |roles: &[Role]| roles.iter().all(|role| has(*role));
    let words = || all(&[Role::Tokens, Role::Tags]);
    let spans = || all(&[Role::Text, Role::Start, Role::End, Role::Label]);
    let is_plain_table = schema.fields().iter().all(|field| is_plain(field));
    is_plain_table
        && schema.fields().len() > 1
        && (!is_corpus(schema, options) || words() || spans())
}

fn is_plain(field: &Field) -> bool {
    let kind = match field.data_type() {
        DataType::Dictionary(_, value) => value,
        kind => kind,
    };
    let nested = kind.is_nested() || item_of(kind).is_some();
    !nested && !kind.is_binary() && !is_json(field)
}

/// Reads such a table; `None` where it turns out to be none. Its lines are those of the CSV, whose first
/// names the columns. `format` is given whether it has a word in each row.
pub(in crate::format) fn read(
    path: &Path,
    size: usize,
    schema: &Schema,
    batches: impl Iterator<Item = Result<RecordBatch, ReadError>>,
    names: &Names,
    format: impl FnOnce(bool) -> Format,
    options: &ReadOptions,
) -> Result<Option<Corpus>, ReadError> {
    let columns: Vec<&str> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    let limit = source::limit(size);
    let mut budget = Budget::new(limit);
    let mut count = 0;
    let mut rows = csv::Writer::from_writer(Vec::new());
    // Into memory, where nothing can fail.
    let mut write = |cells: Vec<String>| {
        let _ = rows.write_record(cells);
    };
    write(columns.iter().map(|name| (*name).to_owned()).collect());
    for batch in batches {
        let batch = batch?;
        options.go_on(path)?;
        for row in 0..batch.num_rows() {
            let values = record(&batch, row, &mut budget);
            if budget.is_spent() {
                return Err(ReadError::TooLarge {
                    file: path.into(),
                    limit,
                });
            }
            count += 1;
            if let Some(fault) = budget.fault() {
                return Err(arrow::damaged(
                    path,
                    "a table",
                    &format!("row {count}, {fault}"),
                ));
            }
            let cell = |column: &&str| match values.get(*column) {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) => text.clone(),
                Some(number) => named(number, names.own(column)),
            };
            write(columns.iter().map(cell).collect());
        }
    }
    let content = rows.into_inner().unwrap_or_default();
    let content = String::from_utf8_lossy(&content);
    if table::looks_like_table(&content, options).is_err() {
        return Ok(None);
    }
    let mut corpus = table::read(path, &content, options)?;
    corpus.source.format = format(matches!(corpus.source.format, Format::TableWords { .. }));
    Ok(Some(corpus))
}

/// What a number stands for in its column.
fn named(number: &Value, names: Option<&[String]>) -> String {
    let at = number.as_u64().and_then(|at| usize::try_from(at).ok());
    let name = names.zip(at).and_then(|(names, at)| names.get(at));
    name.map_or_else(|| number.to_string(), Clone::clone)
}
