//! Records of labelling programs that lie deeper than a text and a list: each is turned into a plain one.

mod clouds;
mod programs;
mod spacy2;

use std::path::Path;

use serde_json::{Map, Value};

use super::Reader;
use crate::format::fields::split;
use crate::format::json;
use crate::formats::Dialect;
use crate::issue::{IssueCode, excerpt};

/// A field that only records of one program have, and the program.
const FIELDS: [(&str, Dialect); 19] = [
    ("data_row", Dialect::Labelbox),
    ("Labeled Data", Dialect::Labelbox),
    ("jsonResponse", Dialect::Kili),
    ("externalId", Dialect::Kili),
    ("example_id", Dialect::Lighttag),
    ("seen_by", Dialect::Lighttag),
    ("documentName", Dialect::Ubiai),
    ("fields", Dialect::Argilla),
    ("annotation_agent", Dialect::Argilla),
    ("source-ref", Dialect::GroundTruth),
    ("source", Dialect::GroundTruth),
    ("Entities", Dialect::Comprehend),
    ("textSegmentAnnotations", Dialect::Vertex),
    ("text_segment_annotations", Dialect::Vertex),
    ("text_snippet", Dialect::Vertex),
    ("textSnippet", Dialect::Vertex),
    ("textGcsUri", Dialect::Vertex),
    ("location", Dialect::Azure),
    ("paragraphs", Dialect::Spacy2),
];

/// Has a record a field that only one program writes? It may still have another form.
pub(in crate::format) fn is_shape(object: &Map<String, Value>) -> bool {
    is_shape_of(object.keys()) || object.keys().any(|key| key.contains(".responses"))
}

pub(in crate::format) fn is_shape_of<'k>(mut keys: impl Iterator<Item = &'k String>) -> bool {
    keys.any(|key| FIELDS.iter().any(|(name, _)| name == key))
}

/// What a record of a program becomes.
pub(super) struct Plain {
    /// As the reader knows them: `text` or `tokens`, with `entities` or `ner_tags`.
    pub records: Vec<Map<String, Value>>,
    /// What was passed over.
    pub passed_over: Vec<(IssueCode, usize)>,
    /// The file that the text lies in, where the record has none; and the line in it, from 0, where
    /// the file has a text in each line.
    pub elsewhere: Option<(String, Option<usize>)>,
}

impl Plain {
    fn of(record: Map<String, Value>) -> Self {
        Self {
            records: vec![record],
            passed_over: Vec::new(),
            elsewhere: None,
        }
    }
}

impl Reader<'_> {
    /// Reads a record that has such a field; `false` where it is not of the form that the field promises.
    pub(super) fn shape(&mut self, line: usize, object: &Map<String, Value>) -> bool {
        let of = |dialect| match dialect {
            Dialect::Labelbox => programs::labelbox(object),
            Dialect::Kili => programs::kili(object),
            Dialect::Lighttag => programs::lighttag(object),
            Dialect::Ubiai => programs::ubiai(object),
            Dialect::Argilla => programs::argilla(object),
            Dialect::GroundTruth => clouds::ground_truth(object),
            Dialect::Comprehend => clouds::comprehend(object),
            Dialect::Vertex => clouds::vertex(object),
            Dialect::Azure => clouds::azure(object),
            Dialect::Spacy2 => spacy2::paragraphs(object),
            _ => None,
        };
        let argilla = object.keys().any(|key| key.contains(".responses"));
        let mut dialects = FIELDS
            .iter()
            .filter(|(field, _)| object.contains_key(*field))
            .map(|(_, dialect)| *dialect)
            .chain(argilla.then_some(Dialect::Argilla));
        let Some((dialect, mut plain)) = dialects.find_map(|d| Some((d, of(d)?))) else {
            return false;
        };
        self.spelling.get_or_insert(dialect);
        for (code, count) in plain.passed_over {
            self.pass_over(code, count);
        }
        if let Some((name, row)) = plain.elsewhere {
            match text_of_file(self.path, &name, row, self.options.encoding.as_deref()) {
                Ok(text) => {
                    for record in &mut plain.records {
                        record.insert("text".into(), text.as_str().into());
                    }
                }
                Err(why) => return self.text_missing(line, object, &name, &why),
            }
        }
        for record in plain.records {
            let id = record.get("id").or_else(|| object.get("id")).cloned();
            let mut record = record;
            if let Some(id) = id {
                record.insert("id".into(), id);
            }
            if let Some(split) = split(object) {
                record.insert("split".into(), split.into());
            }
            let tokens = self.tokens_of(&record);
            let tags = self.tags_of(&record, tokens.as_ref());
            match (tokens, record.get("text").and_then(Value::as_str)) {
                (Some(tokens), None) => self.tokens(line, &record, tokens, tags),
                (_, Some(text)) => self.text(line, text, &record),
                _ => self.neither(line, &record),
            }
        }
        true
    }

    fn text_missing(
        &mut self,
        line: usize,
        object: &Map<String, Value>,
        name: &str,
        why: &str,
    ) -> bool {
        let shown = excerpt(name);
        let message = format!("the text of this record lies in another file, `{shown}`, {why}");
        let fix = format!(
            "put `{shown}` into the folder of this file, and read the folder or this file; an archive must be unpacked first"
        );
        let found = excerpt(&Value::Object(object.clone()).to_string());
        self.error(IssueCode::TextMissing, line, &found, message, &fix);
        true
    }
}

/// The text of a file that a record names, in the folder of the file with the record or below it; else why
/// there is none.
pub(in crate::format) fn text_of_file(
    path: &Path,
    name: &str,
    row: Option<usize>,
    encoding: Option<&str>,
) -> Result<String, String> {
    const MOST: u64 = 64 << 20;
    let missing = || "which is not there".to_owned();
    let folder = path
        .parent()
        .filter(|_| path.is_file())
        .ok_or_else(missing)?;
    let plain = name.split(['?', '#']).next().unwrap_or(name);
    let plain = plain.split_once("://").map_or(plain, |(_, rest)| rest);
    let parts: Vec<&str> = plain
        .split(['/', '\\'])
        .filter(|part| !part.is_empty() && *part != "." && *part != "..")
        .collect();
    // The end of the path that the record has, as far as the folders are here.
    let found = (0..parts.len())
        .map(|from| folder.join(parts[from..].join("/")))
        .find(|file| file.is_file())
        .ok_or_else(missing)?;
    let size = std::fs::metadata(&found).map_or(0, |data| data.len());
    if size > MOST {
        return Err(format!("which is larger than {} MiB", MOST >> 20));
    }
    let bytes = std::fs::read(&found).map_err(|error| format!("which cannot be read: {error}"))?;
    let text = match crate::format::text::decode(&found, &bytes, encoding) {
        Ok(decoded) => decoded.text.into_owned(),
        Err(crate::format::ReadError::Empty { .. }) => String::new(),
        Err(failure) => return Err(format!("which cannot be read: {failure}")),
    };
    match row {
        None => Ok(text),
        Some(row) => {
            let line = text.lines().nth(row);
            line.map(String::from).ok_or_else(|| {
                format!(
                    "which has {} lines, and not line {row}, counted from 0",
                    text.lines().count()
                )
            })
        }
    }
}

/// The files in which the texts of records lie, where a content is of a kind whose records name some.
pub(in crate::format) fn refers(path: &Path, content: &str) -> Vec<String> {
    const HEAD: usize = 1 << 16;
    let mut end = HEAD.min(content.len());
    while !content.is_char_boundary(end) {
        end -= 1;
    }
    let head = &content[..end];
    let azure = head.contains("\"location\"") && head.contains("\"entities\"");
    let marks = ["\"source-ref\"", "\"textGcsUri\"", "\"BeginOffset\""];
    if !azure && !marks.iter().any(|mark| head.contains(mark)) {
        return Vec::new();
    }
    let store = std::cell::OnceCell::new();
    let options = crate::options::ReadOptions::default();
    let records = json::records(path, content, &options, &store);
    let names = records.into_iter().flat_map(|found| found.records);
    let names = names.filter_map(|record| {
        let (value, _) = json::parse(&record).ok()?;
        let keys = ["location", "source-ref", "textGcsUri", "File"];
        let name = keys.iter().find_map(|key| value.get(*key)?.as_str());
        name.map(String::from)
    });
    names.collect()
}

/// A span as the reader knows it.
fn span(start: &Value, end: &Value, label: &Value, quote: Option<&Value>) -> Value {
    let mut span = Map::new();
    span.insert("start".into(), start.clone());
    span.insert("end".into(), end.clone());
    span.insert("label".into(), label.clone());
    if let Some(quote) = quote.filter(|quote| quote.is_string()) {
        span.insert("text".into(), quote.clone());
    }
    Value::Object(span)
}

/// A record with a text and spans; without spans nothing is said of them.
fn with_spans(text: &Value, spans: Option<Vec<Value>>) -> Map<String, Value> {
    let mut record = Map::new();
    record.insert("text".into(), text.clone());
    if let Some(spans) = spans {
        record.insert("entities".into(), spans.into());
    }
    record
}

/// The value at the end of a path of fields.
fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, key| value.get(*key))
}
