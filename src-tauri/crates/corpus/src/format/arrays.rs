//! Turns rows of Arrow tables into records, as if they stood in a JSON file.

pub(super) mod flat;

use std::collections::BTreeSet;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
    DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType, DurationSecondType,
    Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::extension::EXTENSION_TYPE_NAME_KEY;
use arrow_schema::{DataType, Field, FieldRef, Schema, TimeUnit};
use serde_json::{Map, Value};

use crate::format::ReadError;
use crate::format::jsonl::chosen;
use crate::format::keys::{self, Role};
use crate::options::ReadOptions;

/// The numbers of the columns that are looked at: those that a record may have by their names, and those of
/// another name which may hold spans, tags or a whole record. Others, such as pictures, are not.
pub(super) fn columns(schema: &Schema, options: &ReadOptions) -> Vec<usize> {
    let wanted: Vec<&str> = chosen(options).collect();
    let fields = schema.fields().iter().enumerate();
    fields
        .filter(|(_, field)| {
            let name = field.name();
            keys::is_known(name) || wanted.contains(&name.as_str()) || may_label(field, 0)
        })
        .map(|(i, _)| i)
        .collect()
}

/// What Arrow calls a text that is JSON.
const JSON: &str = "arrow.json";

/// Records in records that are looked into for spans.
const DEEPEST: usize = 3;

/// Can a column of this type hold spans or tags, or a record that has some?
fn may_label(field: &Field, depth: usize) -> bool {
    match field.data_type() {
        kind if item_of(kind).is_some() => item_of(kind).is_some_and(|item| is_part(item, depth)),
        DataType::Map(..) => true,
        DataType::Struct(fields) => {
            depth < DEEPEST && fields.iter().any(|field| may_label(field, depth + 1))
        }
        _ => is_json(field),
    }
}

/// Can an element of this type be a span, a tag, or a part of one?
fn is_part(item: &Field, depth: usize) -> bool {
    match item.data_type() {
        DataType::Struct(_) | DataType::Union(..) | DataType::Map(..) => true,
        DataType::Dictionary(_, value) => value.is_string(),
        kind if kind.is_string() || kind.is_integer() => true,
        kind if kind.is_binary() => depth == 0,
        kind => item_of(kind).is_some_and(|item| depth < DEEPEST && is_part(item, depth + 1)),
    }
}

/// What a list is made of.
fn item_of(kind: &DataType) -> Option<&FieldRef> {
    match kind {
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _) => Some(item),
        _ => None,
    }
}

/// A text that Arrow or Parquet knows to be JSON.
fn is_json(field: &Field) -> bool {
    let extension = field.metadata().get(EXTENSION_TYPE_NAME_KEY);
    extension.is_some_and(|name| name == JSON)
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

/// Does the table have what makes a record, here or one level deeper?
pub(super) fn is_corpus(schema: &Schema, options: &ReadOptions) -> bool {
    let wanted: Vec<&str> = chosen(options).collect();
    let is_content = |name: &str| keys::is(name, Role::Text) || keys::is(name, Role::Tokens);
    let mut fields = schema.fields().iter();
    fields.any(|field| {
        let name = field.name();
        let within = match field.data_type() {
            DataType::Struct(fields) => fields.iter().any(|field| is_content(field.name())),
            _ => false,
        };
        is_content(name) || within || wanted.contains(&name.as_str())
    })
}

/// The column as one of JSON.
pub(super) fn as_json(field: &Field) -> Field {
    let mut metadata = field.metadata().clone();
    metadata.insert(EXTENSION_TYPE_NAME_KEY.to_owned(), JSON.to_owned());
    field.clone().with_metadata(metadata)
}

/// What Hugging Face wrote about the columns in the table's own description.
pub(super) fn features(schema: &Schema) -> Option<Value> {
    let described: Value = serde_json::from_str(schema.metadata().get("huggingface")?).ok()?;
    described.get("info")?.get("features").cloned()
}

/// Columns that may be left out where their type cannot be read: no text and no label is lost.
const BESIDE: [&str; 5] = ["id", "meta", "group", "relations", "predictions"];

/// Sees that the columns that are looked at are of types that can be read.
pub(super) fn unless_unreadable(
    path: &Path,
    schema: &Schema,
    options: &ReadOptions,
) -> Result<(), ReadError> {
    let looked_at = columns(schema, options).into_iter();
    let mut seen = BTreeSet::new();
    let twice = looked_at
        .clone()
        .map(|i| schema.field(i).name())
        .find(|name| !seen.insert(name.as_str()));
    if let Some(column) = twice {
        return Err(ReadError::SameColumn {
            file: path.into(),
            column: column.clone(),
        });
    }
    let mut fields = looked_at.map(|i| schema.field(i));
    let fault = fields.find_map(|field| {
        let found = unreadable(field.data_type())?;
        let beside = BESIDE.contains(&field.name().as_str());
        (!beside).then(|| (field.name().clone(), found.to_string()))
    });
    match fault {
        None => Ok(()),
        Some((column, found)) => Err(ReadError::ColumnType {
            file: path.into(),
            column,
            found,
        }),
    }
}

/// The type in it that no value can be made of.
fn unreadable(kind: &DataType) -> Option<&DataType> {
    match kind {
        DataType::Interval(_) | DataType::Union(..) => Some(kind),
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _)
        | DataType::Map(item, _) => unreadable(item.data_type()),
        DataType::Struct(fields) => fields.iter().find_map(|f| unreadable(f.data_type())),
        DataType::Dictionary(_, value) => unreadable(value),
        DataType::RunEndEncoded(_, value) => unreadable(value.data_type()),
        _ => None,
    }
}

/// How many bytes of text a table may still become. Values are stored once and named often, so that
/// what a table holds says little of what its rows hold.
pub(super) struct Budget {
    left: u64,
    /// A value that could not be made, and why.
    fault: Option<String>,
}

/// What a value takes beside its text. The lists of spans and tokens are made of many.
const VALUE: u64 = 4;

impl Budget {
    pub fn new(bytes: u64) -> Self {
        Self {
            left: bytes,
            fault: None,
        }
    }

    /// Whether it is used up; then values are missing in the last row.
    pub fn is_spent(&self) -> bool {
        self.left == 0
    }

    /// What the last row holds that is no value.
    pub fn fault(&mut self) -> Option<String> {
        self.fault.take()
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
    let mut fault = None;
    let mut record = Map::new();
    for (field, column) in fields {
        let found = value(field, column, row, budget);
        let wrong = budget.fault.take();
        if let Some(wrong) = wrong
            && !BESIDE.contains(&field.name().as_str())
        {
            fault.get_or_insert_with(|| format!("column `{}`: {wrong}", field.name()));
        }
        // A column without a value is as good as none.
        if !found.is_null() {
            record.insert(field.name().clone(), found);
        }
    }
    budget.fault = fault;
    Value::Object(record)
}

/// One value; `null` where it is one, once the budget is spent, and where it cannot be made, which
/// the budget then says.
fn value(field: &Field, array: &dyn Array, row: usize, budget: &mut Budget) -> Value {
    if array.is_null(row) || !budget.spend(0) {
        return Value::Null;
    }
    macro_rules! number {
        ($kind:ty) => {
            array.as_primitive::<$kind>().value(row).into()
        };
    }
    match array.data_type() {
        DataType::Null => Value::Null,
        DataType::Utf8 => text(field, array.as_string::<i32>().value(row), budget),
        DataType::LargeUtf8 => text(field, array.as_string::<i64>().value(row), budget),
        DataType::Utf8View => text(field, array.as_string_view().value(row), budget),
        DataType::Binary => bytes(field, array.as_binary::<i32>().value(row), budget),
        DataType::LargeBinary => bytes(field, array.as_binary::<i64>().value(row), budget),
        DataType::BinaryView => bytes(field, array.as_binary_view().value(row), budget),
        DataType::FixedSizeBinary(_) => {
            bytes(field, array.as_fixed_size_binary().value(row), budget)
        }
        DataType::Boolean => array.as_boolean().value(row).into(),
        DataType::Int8 => number!(Int8Type),
        DataType::Int16 => number!(Int16Type),
        DataType::Int32 => number!(Int32Type),
        DataType::Int64 => number!(Int64Type),
        DataType::UInt8 => number!(UInt8Type),
        DataType::UInt16 => number!(UInt16Type),
        DataType::UInt32 => number!(UInt32Type),
        DataType::UInt64 => number!(UInt64Type),
        DataType::Float16 => f32::from(array.as_primitive::<Float16Type>().value(row)).into(),
        DataType::Float32 => number!(Float32Type),
        DataType::Float64 => number!(Float64Type),
        // Whole numbers by which a record may be named or dated.
        DataType::Decimal32(..) => {
            decimal(array.as_primitive::<Decimal32Type>().value_as_string(row))
        }
        DataType::Decimal64(..) => {
            decimal(array.as_primitive::<Decimal64Type>().value_as_string(row))
        }
        DataType::Decimal128(..) => {
            decimal(array.as_primitive::<Decimal128Type>().value_as_string(row))
        }
        DataType::Decimal256(..) => {
            decimal(array.as_primitive::<Decimal256Type>().value_as_string(row))
        }
        DataType::Date32 => number!(Date32Type),
        DataType::Date64 => number!(Date64Type),
        DataType::Time32(TimeUnit::Second) => number!(Time32SecondType),
        DataType::Time32(_) => number!(Time32MillisecondType),
        DataType::Time64(TimeUnit::Microsecond) => number!(Time64MicrosecondType),
        DataType::Time64(_) => number!(Time64NanosecondType),
        DataType::Timestamp(TimeUnit::Second, _) => number!(TimestampSecondType),
        DataType::Timestamp(TimeUnit::Millisecond, _) => number!(TimestampMillisecondType),
        DataType::Timestamp(TimeUnit::Microsecond, _) => number!(TimestampMicrosecondType),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => number!(TimestampNanosecondType),
        DataType::Duration(TimeUnit::Second) => number!(DurationSecondType),
        DataType::Duration(TimeUnit::Millisecond) => number!(DurationMillisecondType),
        DataType::Duration(TimeUnit::Microsecond) => number!(DurationMicrosecondType),
        DataType::Duration(TimeUnit::Nanosecond) => number!(DurationNanosecondType),
        DataType::List(item) => list(item, &array.as_list::<i32>().value(row), budget),
        DataType::LargeList(item) => list(item, &array.as_list::<i64>().value(row), budget),
        DataType::ListView(item) => list(item, &array.as_list_view::<i32>().value(row), budget),
        DataType::LargeListView(item) => {
            list(item, &array.as_list_view::<i64>().value(row), budget)
        }
        DataType::FixedSizeList(item, _) => {
            list(item, &array.as_fixed_size_list().value(row), budget)
        }
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns();
            let fields = fields.iter().zip(columns);
            let fields = fields
                .map(|(field, column)| (field.name().clone(), value(field, column, row, budget)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        DataType::Map(item, _) => map(list(item, &array.as_map().value(row), budget)),
        DataType::Dictionary(..) => {
            let one = array.slice(row, 1);
            let dictionary = one.as_any_dictionary();
            let key = dictionary.normalized_keys()[0];
            value(field, dictionary.values(), key, budget)
        }
        DataType::RunEndEncoded(ends, item) => {
            macro_rules! run {
                ($kind:ty) => {
                    array.as_run_opt::<$kind>().map_or(Value::Null, |runs| {
                        value(item, runs.values(), runs.get_physical_index(row), budget)
                    })
                };
            }
            match ends.data_type() {
                DataType::Int16 => run!(Int16Type),
                DataType::Int32 => run!(Int32Type),
                _ => run!(Int64Type),
            }
        }
        // Found before anything is read, unless it stands in a column that may be left out.
        DataType::Interval(_) | DataType::Union(..) => Value::Null,
    }
}

/// A text; or what it says, where the column is of JSON: `datasets` 5 writes each value of its type
/// `Json` as a text, and a list of mixed things may be nothing else.
fn text(field: &Field, text: &str, budget: &mut Budget) -> Value {
    if !budget.spend(text.len()) {
        return Value::Null;
    }
    if is_json(field)
        && let Ok(value) = serde_json::from_str(text)
    {
        return value;
    }
    text.into()
}

fn bytes(field: &Field, bytes: &[u8], budget: &mut Budget) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(found) => text(field, found, budget),
        Err(_) => {
            budget.fault = Some("it holds bytes that are no text in UTF-8".into());
            Value::Null
        }
    }
}

/// A whole number as one; what has digits behind the point stays a text.
fn decimal(text: String) -> Value {
    match text.parse::<i64>() {
        Ok(number) => number.into(),
        Err(_) => text.into(),
    }
}

/// The entries of a map as an object, where their keys are texts.
fn map(entries: Value) -> Value {
    let entry = |entry: &Value| {
        let mut parts = entry.as_object()?.values();
        let key = parts.next()?.as_str()?.to_owned();
        Some((key, parts.next()?.clone()))
    };
    let object = |entries: &Vec<Value>| entries.iter().map(entry).collect::<Option<Map<_, _>>>();
    match entries.as_array().and_then(object) {
        Some(object) => Value::Object(object),
        None => entries,
    }
}

fn list(item: &Field, items: &dyn Array, budget: &mut Budget) -> Value {
    let items = (0..items.len()).map_while(|i| {
        let item = value(item, items, i, budget);
        (!budget.is_spent()).then_some(item)
    });
    Value::Array(items.collect())
}
