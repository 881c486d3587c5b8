//! Turns rows of Arrow tables into records, as if they stood in a JSON file.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Schema};
use serde_json::{Map, Value};

use crate::format::jsonl::chosen;
use crate::options::ReadOptions;

/// The columns that a record may have; others, such as pictures, are not looked at.
const COLUMNS: [&str; 18] = [
    "id",
    "group",
    "meta",
    "answer",
    "text",
    "tokens",
    "words",
    "ner_tags",
    "tags",
    "labels",
    "ner",
    "label",
    "entities",
    "spans",
    "relations",
    "data",
    "annotations",
    "predictions",
];

/// The numbers of the columns that are looked at.
pub(super) fn columns(schema: &Schema, options: &ReadOptions) -> Vec<usize> {
    let wanted: Vec<&str> = COLUMNS.into_iter().chain(chosen(options)).collect();
    let fields = schema.fields().iter().enumerate();
    fields
        .filter(|(_, field)| wanted.contains(&field.name().as_str()))
        .map(|(i, _)| i)
        .collect()
}

/// The columns of a table and their types, for a message.
pub(super) fn shown(schema: &Schema) -> String {
    let fields: Vec<String> = schema
        .fields()
        .iter()
        .take(12)
        .map(|field| format!("`{}`", field.name()))
        .collect();
    match fields.is_empty() {
        true => "a table without columns".into(),
        false => format!("a table with the columns {}", fields.join(", ")),
    }
}

/// Does the table have what makes a record?
pub(super) fn is_corpus(schema: &Schema, options: &ReadOptions) -> bool {
    let has = |name: &str| schema.column_with_name(name).is_some();
    ["text", "tokens", "words"]
        .into_iter()
        .chain(chosen(options))
        .any(has)
}

/// What Hugging Face wrote about the columns in the table's own description.
pub(super) fn features(schema: &Schema) -> Option<Value> {
    let described: Value = serde_json::from_str(schema.metadata().get("huggingface")?).ok()?;
    described.get("info")?.get("features").cloned()
}

/// How many bytes of text a table may still become. Values are stored once and named often, so that
/// what a table holds says little of what its rows hold.
pub(super) struct Budget {
    left: u64,
}

/// What a value takes beside its text. The lists of spans and tokens are made of many.
const VALUE: u64 = 4;

impl Budget {
    pub fn new(bytes: u64) -> Self {
        Self { left: bytes }
    }

    /// Whether it is used up; then values are missing in the last row.
    pub fn is_spent(&self) -> bool {
        self.left == 0
    }

    fn spend(&mut self, text: usize) -> bool {
        self.left = self.left.saturating_sub(VALUE + text as u64);
        self.left > 0
    }
}

/// Row `row` as a record.
pub(super) fn record(batch: &RecordBatch, row: usize, budget: &mut Budget) -> Value {
    let schema = batch.schema();
    let fields = schema.fields().iter().zip(batch.columns());
    let fields = fields.map(|(field, column)| (field.name().clone(), value(column, row, budget)));
    // A column without a value is as good as none.
    Value::Object(fields.filter(|(_, value)| !value.is_null()).collect())
}

/// One value; `null` where it is of a kind that no record has, and once the budget is spent.
fn value(array: &dyn Array, row: usize, budget: &mut Budget) -> Value {
    if array.is_null(row) || !budget.spend(0) {
        return Value::Null;
    }
    let mut text = |text: &str| match budget.spend(text.len()) {
        true => text.into(),
        false => Value::Null,
    };
    match array.data_type() {
        DataType::Utf8 => text(array.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => text(array.as_string::<i64>().value(row)),
        DataType::Utf8View => text(array.as_string_view().value(row)),
        DataType::Boolean => array.as_boolean().value(row).into(),
        DataType::Int8 => array.as_primitive::<Int8Type>().value(row).into(),
        DataType::Int16 => array.as_primitive::<Int16Type>().value(row).into(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).into(),
        DataType::UInt8 => array.as_primitive::<UInt8Type>().value(row).into(),
        DataType::UInt16 => array.as_primitive::<UInt16Type>().value(row).into(),
        DataType::UInt32 => array.as_primitive::<UInt32Type>().value(row).into(),
        DataType::UInt64 => array.as_primitive::<UInt64Type>().value(row).into(),
        DataType::Float32 => array.as_primitive::<Float32Type>().value(row).into(),
        DataType::Float64 => array.as_primitive::<Float64Type>().value(row).into(),
        DataType::List(_) => list(&array.as_list::<i32>().value(row), budget),
        DataType::LargeList(_) => list(&array.as_list::<i64>().value(row), budget),
        DataType::ListView(_) => list(&array.as_list_view::<i32>().value(row), budget),
        DataType::FixedSizeList(..) => list(&array.as_fixed_size_list().value(row), budget),
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns();
            let fields = fields.iter().zip(columns);
            let fields =
                fields.map(|(field, column)| (field.name().clone(), value(column, row, budget)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        DataType::Dictionary(..) => {
            let one = array.slice(row, 1);
            let dictionary = one.as_any_dictionary();
            let key = dictionary.normalized_keys()[0];
            value(dictionary.values(), key, budget)
        }
        _ => Value::Null,
    }
}

fn list(items: &dyn Array, budget: &mut Budget) -> Value {
    let items = (0..items.len()).map_while(|i| {
        let item = value(items, i, budget);
        (!budget.is_spent()).then_some(item)
    });
    Value::Array(items.collect())
}
