//! Reads a task of Label Studio's JSON export.

use serde_json::{Map, Value};

use super::{Read, Reader};
use crate::agreement::{Chosen, Version};
use crate::format::fields::split;
use crate::format::keys::{self, Role};
use crate::formats::Dialect;
use crate::issue::{Issue, IssueCode, Severity, excerpt};

/// The lists of annotations; the second is what versions before 1.0 wrote.
const ANNOTATIONS: [&str; 2] = ["annotations", "completions"];

/// A task has its text in `data`, and its labels elsewhere.
pub(super) fn is_task(object: &Map<String, Value>) -> bool {
    object.get("data").is_some_and(Value::is_object)
        && !object.contains_key("text")
        && !super::has_spans_beside(object)
        && (ANNOTATIONS.iter().any(|key| object.contains_key(*key))
            || object.contains_key("predictions")
            || !has_labels(&object["data"]))
}

/// Somebody's own record has its labels in `data` as well.
fn has_labels(data: &Value) -> bool {
    data.as_object().is_some_and(|data| {
        let lists = [Role::Spans, Role::Tags].map(|role| keys::fields(data, role));
        lists.iter().flatten().any(|(_, value)| value.is_array())
    })
}

impl Reader<'_> {
    pub(super) fn task(&mut self, line: usize, task: &Map<String, Value>) {
        self.spelling.get_or_insert(Dialect::LabelStudio);
        let data = task.get("data").and_then(Value::as_object);
        let list = |key: &str| task.get(key).and_then(Value::as_array);
        let annotations = ANNOTATIONS.into_iter().find_map(list);
        let cancelled = |annotation: &&Value| is_true(annotation, "was_cancelled");
        let valid: Vec<&Value> = annotations
            .into_iter()
            .flatten()
            .filter(|a| !cancelled(a))
            .collect();
        let chosen = valid.first().copied();
        if chosen.is_none() && annotations.is_some_and(|list| !list.is_empty()) {
            *self.skipped.entry("cancelled".into()).or_default() += 1;
            return;
        }
        self.pass_over(
            IssueCode::PredictionsIgnored,
            list("predictions").map_or(0, Vec::len),
        );
        let to_name = results_of(&valid).find_map(to_name_of);
        let Some((text, further)) = data.and_then(|data| text_of(data, to_name)) else {
            return self.bad_record(line, "a task without one `text` in its `data`");
        };
        // What is marked in another text of the task would lie anywhere in this one.
        let mut others: Vec<&str> = results_of(&valid).filter_map(to_name_of).collect();
        others.sort_unstable();
        others.dedup();
        others.retain(|name| {
            let own = data
                .and_then(|data| data.get(*name))
                .and_then(Value::as_str);
            own.is_some_and(|own| !std::ptr::eq(own, text))
        });
        self.pass_over(IssueCode::TextsIgnored, further.max(others.len()));
        let mut record = Map::new();
        let own = data
            .and_then(|data| data.get("id"))
            .or_else(|| task.get("id"));
        record.insert("id".into(), own.cloned().unwrap_or_default());
        if let Some(group) = data.and_then(|data| data.get("group")) {
            record.insert("group".into(), group.clone());
        }
        if let Some(split) = data.and_then(split) {
            record.insert("split".into(), split.into());
        }
        let Some(first) = chosen else {
            return self.text(line, text, &record);
        };
        if valid.len() == 1 {
            return self.annotation(line, text, &others, record, first);
        }
        // Each is read by a reader of its own, so that only the findings of the chosen one are reported.
        let mut readers = Vec::new();
        let mut versions = Vec::new();
        for (i, annotation) in valid.into_iter().enumerate() {
            let mut reader = Reader::new(self.path, self.names, self.options);
            reader.annotation(line, text, &others, record.clone(), annotation);
            if let Some(Read::Document(document)) = reader.read.pop() {
                versions.push(Version {
                    annotator: annotator(annotation)
                        .unwrap_or_else(|| format!("annotation {}", i + 1)),
                    ground_truth: is_true(annotation, "ground_truth"),
                    document,
                });
                readers.push(reader);
            }
        }
        let Chosen { at, spans } = self.annotators.choose(self.path, line, &versions);
        if at >= readers.len() {
            return;
        }
        self.join(readers.swap_remove(at));
        let mut document = versions.swap_remove(at).document;
        document.spans = spans.unwrap_or(document.spans);
        self.read.push(Read::Document(document));
    }

    fn annotation(
        &mut self,
        line: usize,
        text: &str,
        others: &[&str],
        mut record: Map<String, Value>,
        annotation: &Value,
    ) {
        let is_elsewhere =
            |result: &&Value| to_name_of(result).is_some_and(|name| others.contains(&name));
        let (elsewhere, own): (Vec<_>, Vec<_>) = results_of(&[annotation]).partition(is_elsewhere);
        self.pass_over(IssueCode::ResultsIgnored, elsewhere.len());
        let spans = own.into_iter().flat_map(|result| self.result(line, result));
        let spans: Vec<Value> = spans.collect();
        record.insert("entities".into(), spans.into());
        self.text(line, text, &record);
    }

    /// One span for each label of a result.
    fn result(&mut self, line: usize, result: &Value) -> Vec<Value> {
        let value = result.get("value");
        let Some(labels) = value
            .and_then(|value| value.get("labels").or_else(|| value.get("hypertextlabels")))
            .and_then(Value::as_array)
        else {
            self.pass_over(IssueCode::ResultsIgnored, 1);
            return Vec::new();
        };
        let field = |key: &str| value.and_then(|value| value.get(key)).cloned();
        let (Some(start), Some(end)) = (field("start"), field("end")) else {
            self.unreadable(line, result);
            return Vec::new();
        };
        if start.is_string() || field("startOffset").is_some() {
            self.unreadable(line, result);
            return Vec::new();
        }
        let span = |label: &Value| {
            let mut span = Map::new();
            span.insert("start".into(), start.clone());
            span.insert("end".into(), end.clone());
            span.insert("label".into(), label.clone());
            for (key, from) in [
                ("text", field("text")),
                ("score", result.get("score").cloned()),
            ] {
                if let Some(from) = from.filter(|value| !value.is_null()) {
                    span.insert(key.into(), from);
                }
            }
            Value::Object(span)
        };
        labels.iter().map(span).collect()
    }

    fn unreadable(&mut self, line: usize, result: &Value) {
        let message =
            "a region of a page or a dialogue has no place in a plain text and was left out";
        let (path, code) = (self.path, IssueCode::ResultUnreadable);
        self.issues.push(
            Issue::new(Severity::Warning, code, path, line, message)
                .found(excerpt(&result.to_string()))
                .fix("export the labels of a project with plain text"),
        );
    }
}

/// The results of annotations.
fn results_of<'a>(annotations: &[&'a Value]) -> impl Iterator<Item = &'a Value> + use<'a> {
    let lists = annotations
        .iter()
        .filter_map(|annotation| annotation.get("result")?.as_array());
    lists.flatten().collect::<Vec<_>>().into_iter()
}

/// The name of the text in which a result marks something.
fn to_name_of(result: &Value) -> Option<&str> {
    result.get("to_name").and_then(Value::as_str)
}

fn is_true(annotation: &Value, key: &str) -> bool {
    annotation.get(key).and_then(Value::as_bool) == Some(true)
}

/// Who made an annotation, by address or number.
fn annotator(annotation: &Value) -> Option<String> {
    let by = annotation.get("completed_by")?;
    let own = ["email", "username", "id"]
        .into_iter()
        .find_map(|key| by.get(key));
    match own.unwrap_or(by) {
        Value::String(name) => Some(name.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The text of the short export, which has the name that the project gives it: the longest string
/// beside what Label Studio adds.
pub(super) fn short_text(object: &Map<String, Value>) -> Option<(&str, &str)> {
    const OWN: [&str; 6] = [
        "id",
        "annotator",
        "annotation_id",
        "created_at",
        "updated_at",
        "lead_time",
    ];
    let texts = object
        .iter()
        .filter(|(key, _)| !OWN.contains(&key.as_str()))
        .filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)));
    texts.max_by_key(|(_, text)| text.len())
}

/// The text that was labelled, and how many others stand beside it where that had to be guessed.
fn text_of<'a>(data: &'a Map<String, Value>, to_name: Option<&str>) -> Option<(&'a str, usize)> {
    let named = |key: &str| data.get(key)?.as_str();
    if let Some(text) = named("text").or_else(|| named(to_name?)) {
        return Some((text, 0));
    }
    let texts: Vec<&str> = data
        .iter()
        .filter(|(key, _)| *key != "id")
        .filter_map(|(_, value)| value.as_str())
        .collect();
    let longest = texts.iter().max_by_key(|text| text.len())?;
    Some((longest, texts.len() - 1))
}
