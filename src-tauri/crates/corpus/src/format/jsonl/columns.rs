//! Files that are one object and hold many records: by their ids, or by columns, as pandas writes tables.

use serde_json::{Map, Value};

use crate::format::json::{self, Record};
use crate::format::keys::{self, Role};

/// The records in the one object of a file, each with its line; `None` where it is a record itself.
pub(super) fn records(only: &Record) -> Option<Vec<(usize, Value)>> {
    if !only.json.starts_with('{') {
        return None;
    }
    let (value, _) = json::parse(only).ok()?;
    let object = value.as_object()?;
    let found = by_id(object)
        .or_else(|| in_cells(object))
        .or_else(|| split(object))
        .or_else(|| in_lists(object))?;
    // Where each begins is not known.
    Some(
        found
            .into_iter()
            .map(|record| (only.line, record))
            .collect(),
    )
}

/// `{"a": {"text": …}, "b": {"text": …}}`.
fn by_id(object: &Map<String, Value>) -> Option<Vec<Value>> {
    let is_record = |value: &Value| {
        let object = value.as_object();
        object.is_some_and(|object| {
            let tokens = || keys::fields(object, Role::Tokens);
            keys::text(object).is_some() || tokens().iter().any(|(_, value)| value.is_array())
        })
    };
    let several = object.len() > 1 && object.values().all(is_record);
    several.then(|| {
        let records = object.iter().map(|(id, record)| {
            let mut record = record.as_object().cloned().unwrap_or_default();
            record.entry("id").or_insert_with(|| id.as_str().into());
            Value::Object(record)
        });
        records.collect()
    })
}

/// Is a field of a text, of words, of tags or of spans among these?
fn is_table<'k>(mut names: impl Iterator<Item = &'k String> + Clone) -> bool {
    let mut again = names.clone();
    let text = again.any(|name| keys::is(name, Role::Text) || keys::is(name, Role::Tokens));
    text && names.any(|name| keys::is(name, Role::Spans) || keys::is(name, Role::Tags))
}

fn rows(columns: Vec<(&String, Vec<&Value>)>) -> Vec<Value> {
    let count = columns.first().map_or(0, |(_, cells)| cells.len());
    let row = |at: usize| {
        let cells = columns.iter();
        let cells =
            cells.filter_map(|(name, cells)| Some(((*name).clone(), (*cells.get(at)?).clone())));
        Value::Object(cells.collect())
    };
    (0..count).map(row).collect()
}

/// `{"text": {"0": …, "1": …}, "entities": {"0": …, "1": …}}`.
fn in_cells(object: &Map<String, Value>) -> Option<Vec<Value>> {
    let columns: Option<Vec<(&String, &Map<String, Value>)>> = object
        .iter()
        .map(|(name, cells)| Some((name, cells.as_object()?)))
        .collect();
    let columns = columns.filter(|columns| columns.len() > 1 && is_table(object.keys()))?;
    let (_, first) = columns.first()?;
    let same = |cells: &Map<String, Value>| {
        cells.len() == first.len() && cells.keys().all(|row| first.contains_key(row))
    };
    if first.is_empty() || !columns.iter().all(|(_, cells)| same(cells)) {
        return None;
    }
    let columns = columns.iter().map(|(name, cells)| {
        let cells = first.keys().filter_map(|row| cells.get(row));
        (*name, cells.collect())
    });
    Some(rows(columns.collect()))
}

/// `{"columns": ["text", "entities"], "data": [[…, …], …]}`.
fn split(object: &Map<String, Value>) -> Option<Vec<Value>> {
    let names = object.get("columns")?.as_array()?;
    let names: Vec<String> = names
        .iter()
        .map(|name| name.as_str().map(String::from))
        .collect::<Option<_>>()?;
    if !is_table(names.iter()) {
        return None;
    }
    let row = |row: &Value| {
        let cells = row.as_array().filter(|cells| cells.len() == names.len())?;
        let cells = names.iter().cloned().zip(cells.iter().cloned());
        Some(Value::Object(cells.collect()))
    };
    object.get("data")?.as_array()?.iter().map(row).collect()
}

/// `{"text": ["…", "…"], "entities": [[[0, 3, "PER"]], []]}`, or lists of tokens and of their tags.
fn in_lists(object: &Map<String, Value>) -> Option<Vec<Value>> {
    if !is_table(object.keys()) {
        return None;
    }
    let lists = object.iter();
    let lists: Vec<(&String, &Vec<Value>)> = lists
        .filter_map(|(name, list)| Some((name, list.as_array()?)))
        .collect();
    let nested = |list: &[Value]| {
        let of_lists = |cell: &Value| match cell {
            Value::Null => true,
            Value::Array(cell) => cell.iter().all(|part| part.is_array() || part.is_object()),
            _ => false,
        };
        list.iter().all(of_lists)
            && list
                .iter()
                .any(|cell| cell.as_array().is_some_and(|c| !c.is_empty()))
    };
    let of = |list: &[Value], is: fn(&Value) -> bool| !list.is_empty() && list.iter().all(is);
    let mut all = lists.iter();
    let texts = all.find(|(name, list)| keys::is(name, Role::Text) && of(list, Value::is_string));
    let spans = lists
        .iter()
        .any(|(name, list)| keys::is(name, Role::Spans) && nested(list));
    let tokens = lists
        .iter()
        .find(|(name, list)| keys::is(name, Role::Tokens) && of(list, Value::is_array));
    let tags = lists
        .iter()
        .any(|(name, list)| keys::is(name, Role::Tags) && of(list, Value::is_array));
    let (_, by) = texts
        .filter(|_| spans)
        .or_else(|| tokens.filter(|_| tags))?;
    let columns = lists.iter().filter(|(_, list)| list.len() == by.len());
    let columns = columns.map(|(name, list)| (*name, list.iter().collect()));
    Some(rows(columns.collect()))
}
