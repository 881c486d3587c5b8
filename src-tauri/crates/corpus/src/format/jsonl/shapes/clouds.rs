//! Amazon SageMaker Ground Truth and Comprehend, Google Vertex AI, Azure AI Language.

use serde_json::{Map, Value};

use super::{Plain, at, span, with_spans};
use crate::issue::IssueCode;

/// `source` or `source-ref`, and under the name of the job `annotations` → `entities`, half open.
pub(super) fn ground_truth(object: &Map<String, Value>) -> Option<Plain> {
    let jobs: Vec<&Vec<Value>> = object
        .values()
        .filter_map(|job| at(job, &["annotations", "entities"])?.as_array())
        .collect();
    let reference = object.get("source-ref").and_then(Value::as_str);
    let text = object.get("source").filter(|text| text.is_string());
    if text.is_none() && reference.is_none() || jobs.is_empty() && reference.is_none() {
        return None;
    }
    // Of several jobs in a row the last one corrects the others.
    let spans = jobs.last().map(|list| (*list).clone());
    let mut plain = Plain::of(with_spans(text.unwrap_or(&Value::Null), spans));
    plain.passed_over = vec![(IssueCode::AnnotationsIgnored, jobs.len().saturating_sub(1))];
    if text.is_none() {
        plain.elsewhere = Some((reference?.into(), None));
    }
    Some(plain)
}

/// What Comprehend answers: `Entities` with `BeginOffset`, `EndOffset`, `Type` of a `File` and a `Line`.
pub(super) fn comprehend(object: &Map<String, Value>) -> Option<Plain> {
    let spans = object.get("Entities").and_then(Value::as_array)?;
    let text = object.get("Text").filter(|text| text.is_string());
    let mut plain = Plain::of(with_spans(
        text.unwrap_or(&Value::Null),
        Some(spans.clone()),
    ));
    if text.is_none() {
        let line = object.get("Line").and_then(Value::as_u64);
        let line = line.and_then(|line| usize::try_from(line).ok());
        plain.elsewhere = Some((object.get("File")?.as_str()?.into(), line));
    }
    Some(plain)
}

/// `textContent` or `textGcsUri` with `textSegmentAnnotations`; before that AutoML's `text_snippet` with
/// `annotations` → `text_extraction` → `text_segment`. Half open, the offsets often as text.
pub(super) fn vertex(object: &Map<String, Value>) -> Option<Plain> {
    let field = |names: &[&str]| names.iter().find_map(|name| object.get(*name));
    let snippet = field(&["text_snippet", "textSnippet"]);
    // A column of that name holds the text itself.
    if snippet.is_some_and(Value::is_string) {
        return None;
    }
    let text = field(&["textContent", "text_content"])
        .or_else(|| snippet?.get("content"))
        .filter(|text| text.is_string());
    let list = field(&[
        "textSegmentAnnotations",
        "text_segment_annotations",
        "annotations",
    ]);
    let spans = list.and_then(Value::as_array).map(|list| {
        list.iter()
            .map(|annotation| {
                let place = ["text_extraction", "textExtraction"]
                    .iter()
                    .find_map(|key| annotation.get(*key))
                    .and_then(|e| e.get("text_segment").or_else(|| e.get("textSegment")))
                    .unwrap_or(annotation);
                let edge = |names: [&str; 2]| names.iter().find_map(|name| place.get(*name));
                let label = ["display_name", "displayName"]
                    .iter()
                    .find_map(|key| annotation.get(*key));
                // Protocol buffers leave out what is 0.
                let zero = Value::from(0);
                let start = edge(["start_offset", "startOffset"]).unwrap_or(&zero);
                let (Some(end), Some(label)) = (edge(["end_offset", "endOffset"]), label) else {
                    return annotation.clone();
                };
                let quote = place.get("content");
                span(start, end, label, quote)
            })
            .collect()
    });
    let mut plain = Plain::of(with_spans(text.unwrap_or(&Value::Null), spans));
    if text.is_none() {
        let address = field(&["textGcsUri", "text_gcs_uri"])
            .or_else(|| at(snippet?, &["uri"]))?
            .as_str()?;
        plain.elsewhere = Some((address.into(), None));
    }
    Some(plain)
}

/// A document of `assets` → `documents`: its file under `location`, its `entities` → `labels` with `category`,
/// `offset` and `length`, which count in the whole document.
pub(super) fn azure(object: &Map<String, Value>) -> Option<Plain> {
    let name = object.get("location").and_then(Value::as_str)?;
    let regions = object.get("entities").or_else(|| object.get("extractors"));
    let regions = regions.and_then(Value::as_array)?;
    let lists = regions
        .iter()
        .map(|region| region.get("labels")?.as_array());
    let lists: Vec<&Vec<Value>> = lists.collect::<Option<_>>()?;
    // Other records have a place of another kind, and a text.
    if crate::format::keys::text(object).is_some() {
        return None;
    }
    let labels = lists.into_iter().flatten();
    let mut plain = Plain::of(with_spans(&Value::Null, Some(labels.cloned().collect())));
    plain.records[0].insert("id".into(), name.into());
    plain.elsewhere = Some((name.into(), None));
    Some(plain)
}
