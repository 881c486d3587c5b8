//! The names that numbers in tags stand for, as Hugging Face data sets describe their columns.

use std::cell::OnceCell;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::format::keys::{self, Role};
use crate::options::{ReadOptions, Surroundings};

/// A description of a data set that is larger is none.
const MOST: u64 = 16 << 20;

/// What numbers stand for: the names that somebody gave, else those of the column.
#[derive(Debug, Default)]
pub(super) struct Names {
    given: Option<Vec<String>>,
    /// For all columns.
    all: Option<Vec<String>>,
    columns: Columns,
    /// The file, in whose folder the description of the data set may lie; read when it is asked for.
    file: PathBuf,
    around: Surroundings,
    beside: OnceCell<Columns>,
}

/// What a description says of columns.
#[derive(Debug, Default)]
struct Columns {
    /// Those that have names for numbers.
    named: Vec<(String, Vec<String>)>,
    /// All of them.
    known: Vec<String>,
}

impl Columns {
    fn names(&self, column: &str) -> Option<&[String]> {
        let mut named = self.named.iter();
        let (_, names) = named.find(|(name, _)| name == column)?;
        Some(names)
    }

    /// The names for a column that may be called otherwise in the file: those of the only one that has some.
    fn names_beside(&self, column: &str) -> Option<&[String]> {
        let only = match &self.named[..] {
            [(_, names)] if !self.known.iter().any(|known| known == column) => Some(&names[..]),
            _ => None,
        };
        self.names(column).or(only)
    }
}

impl Names {
    /// `features` describes the columns, in either of the forms that are in use: an object with a
    /// feature for each column, or a list of `{"name", "type"}`.
    pub fn new(file: &Path, options: &ReadOptions, features: Option<&Value>) -> Self {
        Self {
            given: options.label_names.as_deref().map(numbered),
            all: features.and_then(|features| names_in(features.get(ALL)?, 0)),
            columns: features.map(columns).unwrap_or_default(),
            file: file.into(),
            around: options.around.clone(),
            beside: OnceCell::new(),
        }
    }

    /// The names that the file itself has for a column.
    pub fn own(&self, column: &str) -> Option<&[String]> {
        self.columns.names(column)
    }

    /// What its numbers stand for in a column of the file.
    pub fn of(&self, column: &str) -> Option<&[String]> {
        if let Some(given) = &self.given {
            return Some(given);
        }
        let own = self.columns.names(column).or(self.all.as_deref());
        own.or_else(|| {
            let beside = self.beside.get_or_init(|| self.beside());
            beside.names_beside(column)
        })
    }

    /// What is said of the columns in the folder of the file, or in the one above.
    fn beside(&self) -> Columns {
        let mut folders = self.file.ancestors().skip(1).take(2);
        if let Some(features) = folders.find_map(|folder| self.around.columns_of(folder)) {
            return columns(features);
        }
        // The content of a file may come without it, so that the path names nothing.
        match self.file.is_file() {
            true => beside(&self.file).as_ref().map(columns).unwrap_or_default(),
            false => Columns::default(),
        }
    }
}

/// The features in a description of a Hugging Face data set.
pub(super) fn described(description: &[u8]) -> Option<Value> {
    of_info(&serde_json::from_slice(description).ok()?)
}

/// The files of which a data set is made, as the `state.json` that `datasets` saves says.
pub(super) fn data_files(state: &[u8]) -> Option<Vec<String>> {
    let state: Value = serde_json::from_slice(state).ok()?;
    let files = state.get("_data_files")?.as_array()?;
    let name = |file: &Value| Some(file.get("filename")?.as_str()?.to_owned());
    files.iter().map(name).collect()
}

/// The name of a table that counts for all columns.
const ALL: &str = "*";

/// Numbers beyond are no numbers of labels.
const MOST_NUMBERS: usize = 100_000;

/// Names that are given each with its number, `7=PER`, at the places of these.
fn numbered(names: &[String]) -> Vec<String> {
    let pair = |name: &String| {
        let (number, name) = name.split_once('=')?;
        Some((number.trim().parse().ok()?, name.trim().to_owned()))
    };
    let pairs: Option<Vec<(usize, String)>> = names.iter().map(pair).collect();
    match pairs.filter(|pairs| !pairs.is_empty()).and_then(sparse) {
        Some(names) => names,
        None => names.to_vec(),
    }
}

/// Each name at its number; what is between them has none.
fn sparse(pairs: Vec<(usize, String)>) -> Option<Vec<String>> {
    let last = pairs.iter().map(|(number, _)| *number).max()?;
    if last > MOST_NUMBERS {
        return None;
    }
    let mut names = vec![String::new(); last + 1];
    for (number, name) in pairs {
        names[number] = name;
    }
    Some(names)
}

/// A table of names beside the records of a file, as the features of all columns: a list of names, of
/// `{"id": 1, "name": …}`, or an object from numbers to names or from names to numbers.
pub(super) fn table(value: &Value) -> Option<Value> {
    let number = |value: &Value| usize::try_from(value.as_u64()?).ok();
    let names = match value {
        Value::Array(list) if list.iter().all(Value::is_string) && !list.is_empty() => list
            .iter()
            .map(|name| name.as_str().map(String::from))
            .collect::<Option<Vec<_>>>()?,
        Value::Array(list) => {
            let pair = |entry: &Value| {
                let object = entry.as_object()?;
                let id = ["id", "number", "index", "value"]
                    .iter()
                    .find_map(|key| number(object.get(*key)?));
                let name = ["name", "text", "label"]
                    .iter()
                    .find_map(|key| object.get(*key)?.as_str());
                Some((id?, name?.to_owned()))
            };
            sparse(list.iter().map(pair).collect::<Option<Vec<_>>>()?)?
        }
        Value::Object(object) => {
            let pair = |(key, value): (&String, &Value)| match value {
                Value::String(name) => Some((key.parse().ok()?, name.clone())),
                value => Some((number(value)?, key.clone())),
            };
            sparse(object.iter().map(pair).collect::<Option<Vec<_>>>()?)?
        }
        _ => return None,
    };
    Some(json!({ALL: {"names": names}}))
}

/// The columns and those that have names for numbers. `features` describes all columns, in either of the
/// forms that are in use: an object with a feature for each, or a list of `{"name", "type"}`.
fn columns(features: &Value) -> Columns {
    let all: Vec<(&str, &Value)> = match features {
        Value::Object(object) => object
            .iter()
            .map(|(column, feature)| (column.as_str(), feature))
            .collect(),
        Value::Array(list) => list
            .iter()
            .filter_map(|feature| {
                let column = feature.get("name")?.as_str()?;
                Some((column, feature.get("type").unwrap_or(feature)))
            })
            .collect(),
        _ => Vec::new(),
    };
    Columns {
        named: all
            .iter()
            .filter_map(|(column, feature)| Some(((*column).to_owned(), names_in(feature, 0)?)))
            .collect(),
        known: all.iter().map(|(column, _)| (*column).to_owned()).collect(),
    }
}

/// The names of a `ClassLabel` in a feature, which may be a list or a record of others: of a record's fields
/// the one that is read as the label, else the first that has some.
fn names_in(feature: &Value, depth: usize) -> Option<Vec<String>> {
    if depth > 8 {
        return None;
    }
    match feature {
        Value::Object(object) => {
            if let Some(Value::Array(names)) = object.get("names") {
                return names
                    .iter()
                    .map(|name| name.as_str().map(String::from))
                    .collect();
            }
            let mut fields: Vec<(&String, &Value)> = object.iter().collect();
            fields.sort_by_key(|(name, _)| keys::rank(name, Role::Label).unwrap_or(u8::MAX));
            let mut fields = fields.into_iter();
            fields.find_map(|(_, inner)| names_in(inner, depth + 1))
        }
        Value::Array(list) => list.iter().find_map(|inner| names_in(inner, depth + 1)),
        _ => None,
    }
}

/// The features of the data set that a file belongs to, as `dataset_info.json` or the head of
/// `README.md` in its folder, or in the folder above, describe them.
fn beside(file: &Path) -> Option<Value> {
    let folder = file.parent()?;
    for folder in [Some(folder), folder.parent()].into_iter().flatten() {
        for name in ["dataset_info.json", "dataset_infos.json"] {
            let found = small_file(&folder.join(name))
                .and_then(|text| serde_json::from_str::<Value>(&text).ok())
                .and_then(|info| of_info(&info));
            if found.is_some() {
                return found;
            }
        }
        if let Some(found) = small_file(&folder.join("README.md")).and_then(|text| of_card(&text)) {
            return Some(found);
        }
    }
    None
}

fn small_file(path: &Path) -> Option<String> {
    let size = fs::metadata(path).ok().filter(fs::Metadata::is_file)?.len();
    (size <= MOST).then(|| fs::read_to_string(path).ok())?
}

/// `dataset_info.json` has the features at its top; older files have one such record for each
/// configuration.
fn of_info(info: &Value) -> Option<Value> {
    let own = |info: &Value| info.get("features").filter(|f| !f.is_null()).cloned();
    own(info).or_else(|| info.as_object()?.values().find_map(own))
}

/// The features in the YAML head of a data set card. Only what class labels need is read there: the
/// column's `name`, and below it `names` with one `'0': O` per line.
fn of_card(card: &str) -> Option<Value> {
    let mut lines = card.lines();
    lines.next().filter(|line| line.trim_end() == "---")?;
    let mut features = Map::new();
    let mut column: Option<String> = None;
    let mut names: Option<(usize, Vec<String>)> = None;
    for line in lines.take_while(|line| line.trim_end() != "---") {
        let indent = line.len() - line.trim_start().len();
        let content = line.trim();
        if let Some((start, found)) = &mut names {
            let entry = content.split_once(':').filter(|_| indent > *start);
            if let Some((number, name)) = entry
                && unquoted(number).parse() == Ok(found.len())
            {
                found.push(unquoted(name).into());
                continue;
            }
            let (_, found) = names.take().unwrap_or_default();
            if let Some(column) = column.take().filter(|_| !found.is_empty()) {
                features.entry(column).or_insert(json!({"names": found}));
            }
        }
        if let Some(name) = content.strip_prefix("- name:") {
            column = Some(unquoted(name).into());
        } else if content == "names:" {
            names = Some((indent, Vec::new()));
        }
    }
    if let (Some((_, found)), Some(column)) = (names, column) {
        features.entry(column).or_insert(json!({"names": found}));
    }
    (!features.is_empty()).then_some(Value::Object(features))
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let inner = |quote| text.strip_prefix(quote)?.strip_suffix(quote);
    inner('\'').or_else(|| inner('"')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(features: Option<Value>, column: &str, expected: Option<&[&str]>) {
        let names = Names::new(
            Path::new("none"),
            &ReadOptions::default(),
            features.as_ref(),
        );
        let found = names.of(column);
        let found: Option<Vec<&str>> = found.map(|f| f.iter().map(String::as_str).collect());
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    fn every_form_of_features() {
        let old = json!({"ner_tags": {"feature": {"num_classes": 2, "names": ["O", "B-X"], "_type": "ClassLabel"}, "length": -1, "_type": "Sequence"}});
        let new = json!({"tokens": {"feature": {"dtype": "string", "_type": "Value"}, "_type": "List"}, "ner_tags": {"feature": {"names": ["O", "B-X"], "_type": "ClassLabel"}, "_type": "List"}});
        let rows = json!([{"feature_idx": 0, "name": "ner_tags", "type": {"feature": {"names": ["O", "B-X"], "_type": "ClassLabel"}, "_type": "Sequence"}}]);
        let nested = json!({"spans": [{"label": {"names": ["O", "B-X"], "_type": "ClassLabel"}}], "ner_tags": 1});
        for features in [&old, &new, &rows] {
            check(Some(features.clone()), "ner_tags", Some(&["O", "B-X"]));
            check(Some(features.clone()), "tokens", None);
        }
        check(Some(nested), "spans", Some(&["O", "B-X"]));
        check(None, "ner_tags", None);
        let info = json!({"features": old, "splits": {}});
        check(of_info(&info), "ner_tags", Some(&["O", "B-X"]));
        check(
            of_info(&json!({"conll2003": info})),
            "ner_tags",
            Some(&["O", "B-X"]),
        );
        check(of_info(&json!({"description": ""})), "ner_tags", None);
    }

    #[test]
    fn the_head_of_a_card() {
        let card = "---\nlanguage:\n- en\ndataset_info:\n  features:\n  - name: id\n    dtype: string\n  - name: pos_tags\n    sequence:\n      class_label:\n        names:\n          '0': '\"'\n          '1': ''''''\n  - name: ner_tags\n    sequence:\n      class_label:\n        names:\n          '0': O\n          '1': B-PER\n          '2': \"I-PER\"\n  splits:\n  - name: train\n    num_bytes: 7\n---\n# names:\n";
        check(of_card(card), "ner_tags", Some(&["O", "B-PER", "I-PER"]));
        check(of_card(card), "train", None);
        check(of_card("# no head\n"), "ner_tags", None);
        check(
            of_card("---\n- name: a\n  names:\n    '0': O"),
            "a",
            Some(&["O"]),
        );
    }
}
