//! Labelbox, Kili, LightTag, UBIAI and Argilla.

use serde_json::{Map, Value};

use super::{Plain, at, span, with_spans};
use crate::issue::IssueCode;

/// The text of a data row is there, or the address of a file that holds it.
fn is_address(text: &str) -> bool {
    ["http://", "https://", "gs://", "s3://"]
        .iter()
        .any(|start| text.starts_with(start))
        && !text.contains(char::is_whitespace)
}

/// Export 2, one row for each line: `projects` → `labels` → `annotations` → `objects`; and export 1:
/// `Label` → `objects`. The end of a span is its last character.
pub(super) fn labelbox(object: &Map<String, Value>) -> Option<Plain> {
    let row = object.get("data_row");
    let text = row
        .and_then(|row| row.get("row_data"))
        .or_else(|| object.get("Labeled Data"))?;
    let id = row
        .and_then(|row| row.get("global_key").filter(|key| key.is_string()))
        .or_else(|| row?.get("external_id").filter(|key| key.is_string()))
        .or_else(|| row?.get("id"))
        .or_else(|| object.get("External ID").filter(|key| key.is_string()))
        .or_else(|| object.get("ID"));
    let mut lists: Vec<&Vec<Value>> = Vec::new();
    let mut labelled = 0;
    if let Some(projects) = object.get("projects").and_then(Value::as_object) {
        let labels = projects
            .values()
            .filter_map(|p| p.get("labels")?.as_array());
        for label in labels.flatten() {
            labelled += 1;
            lists.extend(at(label, &["annotations", "objects"]).and_then(Value::as_array));
        }
    } else if let Some(label) = object.get("Label") {
        labelled += usize::from(label.is_object());
        lists.extend(label.get("objects").and_then(Value::as_array));
    }
    // Of several people the first one is read.
    let more = lists.len().saturating_sub(1);
    let mut others = 0;
    let spans = lists.first().map(|list| {
        let spans = list.iter().filter_map(|object| {
            let place = object
                .get("location")
                .or_else(|| at(object, &["data", "location"]));
            let label = ["name", "title", "value"]
                .iter()
                .find_map(|key| object.get(*key).filter(|name| name.is_string()));
            let found = place
                .and_then(|place| Some(span(place.get("start")?, place.get("end")?, label?, None)));
            others += usize::from(found.is_none());
            found
        });
        spans.collect::<Vec<Value>>()
    });
    let spans = spans.or((labelled > 0).then(Vec::new));
    let mut plain = Plain::of(with_spans(text, spans));
    if let Some(id) = id {
        plain.records[0].insert("id".into(), id.clone());
    }
    plain.passed_over = vec![
        (IssueCode::AnnotationsIgnored, more),
        (IssueCode::ResultsIgnored, others),
    ];
    if let Some(address) = text.as_str().filter(|text| is_address(text)) {
        plain.elsewhere = Some((address.into(), None));
    }
    Some(plain)
}

/// `content`, and in `labels` (or `latestLabel`) a `jsonResponse` with a job of named entities.
pub(super) fn kili(object: &Map<String, Value>) -> Option<Plain> {
    let labels: Vec<&Value> = match object.get("labels") {
        Some(Value::Array(list)) => list.iter().collect(),
        _ => ["latestLabel", "label"]
            .iter()
            .filter_map(|key| object.get(*key))
            .collect(),
    };
    let own = object.get("jsonResponse");
    let is_gold = |label: &&&Value| {
        let kind = label.get("labelType").and_then(Value::as_str);
        !matches!(kind, Some("PREDICTION" | "INFERENCE" | "AUTOSAVE"))
    };
    let gold: Vec<&&Value> = labels.iter().filter(is_gold).collect();
    let predictions = labels.len() - gold.len();
    // A review counts more than what it looks at; otherwise the last label is the one that stands.
    let review =
        |label: &&&&Value| label.get("labelType").and_then(Value::as_str) == Some("REVIEW");
    let chosen = gold.iter().rev().find(review).or_else(|| gold.last());
    let response = chosen.and_then(|label| label.get("jsonResponse")).or(own);
    if response.is_none() && object.get("labels").is_none() {
        return None;
    }
    let text = object.get("content").filter(|text| text.is_string());
    let parsed;
    let jobs = match response {
        Some(Value::String(json)) => {
            parsed = serde_json::from_str::<Value>(json).ok()?;
            parsed.as_object()
        }
        other => other.and_then(Value::as_object),
    };
    let lists = jobs.into_iter().flat_map(Map::values);
    let annotations: Vec<&Value> = lists
        .filter_map(|job| job.get("annotations")?.as_array())
        .flatten()
        .collect();
    let mut others = 0;
    let spans: Vec<Value> = annotations
        .iter()
        .filter_map(|annotation| {
            let label = at(annotation, &["categories"]).and_then(|list| list.get(0)?.get("name"));
            let content = annotation.get("content");
            let (start, end) = (annotation.get("beginOffset"), annotation.get("endOffset"));
            let end = end.cloned().or_else(|| {
                // Older exports give the text alone.
                let length = content?.as_str()?.chars().count() as u64;
                Some(start?.as_u64()?.saturating_add(length).into())
            });
            let found = Some(span(start?, &end?, label?, content));
            others += usize::from(found.is_none());
            found
        })
        .collect();
    others += annotations.len() - spans.len();
    let text = match text {
        Some(text) => text.clone(),
        None => Value::Null,
    };
    let mut plain = Plain::of(with_spans(&text, response.map(|_| spans)));
    if let Some(id) = object.get("externalId").filter(|id| id.is_string()) {
        plain.records[0].insert("id".into(), id.clone());
    }
    plain.passed_over = vec![
        (IssueCode::PredictionsIgnored, predictions),
        (IssueCode::AnnotationsIgnored, gold.len().saturating_sub(1)),
        (IssueCode::ResultsIgnored, others),
    ];
    match text.as_str() {
        Some(address) if is_address(address) => plain.elsewhere = Some((address.into(), None)),
        Some(_) => {}
        None => {
            let name = object.get("externalId").and_then(Value::as_str)?;
            plain.elsewhere = Some((name.into(), None));
        }
    }
    Some(plain)
}

/// `content`, and `annotations` with `start`, `end`, `tag`, and `correct` where a reviewer has looked.
pub(super) fn lighttag(object: &Map<String, Value>) -> Option<Plain> {
    let text = object.get("content").filter(|text| text.is_string())?;
    let list = object.get("annotations").and_then(Value::as_array);
    let mut rejected = 0;
    let spans = list.map(|list| {
        let mut spans: Vec<Value> = Vec::new();
        for annotation in list {
            if annotation.get("correct") == Some(&Value::Bool(false)) {
                rejected += 1;
                continue;
            }
            let label = ["tag", "tag_name", "label"]
                .iter()
                .find_map(|key| annotation.get(*key));
            let found = annotation
                .get("start")
                .zip(annotation.get("end"))
                .zip(label);
            let read = match found {
                Some(((start, end), label)) => span(start, end, label, annotation.get("value")),
                None => annotation.clone(),
            };
            // What several people marked alike is there once for each.
            if !spans.contains(&read) {
                spans.push(read);
            }
        }
        spans
    });
    let mut plain = Plain::of(with_spans(text, spans));
    if let Some(id) = object.get("example_id").or_else(|| object.get("id")) {
        plain.records[0].insert("id".into(), id.clone());
    }
    plain.passed_over = vec![(IssueCode::SpanRejected, rejected)];
    Some(plain)
}

/// `document`, and the entities as `tokens` with an `entityLabel`, or as `annotation`.
pub(super) fn ubiai(object: &Map<String, Value>) -> Option<Plain> {
    let text = ["document", "text", "content"]
        .iter()
        .find_map(|key| object.get(*key).filter(|text| text.is_string()))?;
    let lists = ["tokens", "annotation", "annotations", "entities"];
    let list = lists
        .iter()
        .find_map(|key| object.get(*key).and_then(Value::as_array));
    let spans = list.map(|list| {
        list.iter()
            .map(|entity| {
                let label = ["entityLabel", "label", "entity_label"]
                    .iter()
                    .find_map(|key| entity.get(*key));
                let found = entity.get("start").zip(entity.get("end")).zip(label);
                found.map_or_else(
                    || entity.clone(),
                    |((start, end), label)| span(start, end, label, entity.get("text")),
                )
            })
            .collect()
    });
    let mut plain = Plain::of(with_spans(text, spans));
    if let Some(id) = object.get("documentName") {
        plain.records[0].insert("id".into(), id.clone());
    }
    let relations = object.get("relations").and_then(Value::as_array);
    plain.passed_over = vec![(IssueCode::RelationsIgnored, relations.map_or(0, Vec::len))];
    Some(plain)
}

/// Argilla 2 (`fields`, `responses`, `suggestions`, also flat: `NAME.responses`), the feedback data sets of
/// 1.x, and their token classification (`annotation` beside `tokens`, the label first).
pub(super) fn argilla(object: &Map<String, Value>) -> Option<Plain> {
    if object.contains_key("annotation_agent") {
        return old_argilla(object);
    }
    let text = match object.get("fields") {
        Some(Value::Object(fields)) => {
            let texts = fields.values().filter(|value| value.is_string());
            fields
                .get("text")
                .or_else(|| texts.max_by_key(|text| text.as_str().map(str::len)))
        }
        _ => object.get("text"),
    };
    let text = text.filter(|text| text.is_string())?;
    let mut answers: Vec<&Vec<Value>> = Vec::new();
    let mut discarded = 0;
    let submitted = |status: Option<&Value>| {
        matches!(
            status.and_then(Value::as_str),
            None | Some("submitted" | "completed")
        )
    };
    let is_spans = |list: &Vec<Value>| list.iter().all(|span| span.get("start").is_some());
    match object.get("responses") {
        // By question: [{"value": […], "user_id", "status"}].
        Some(Value::Object(questions)) => {
            for answer in questions.values().filter_map(Value::as_array).flatten() {
                match answer
                    .get("value")
                    .and_then(Value::as_array)
                    .filter(|list| is_spans(list))
                {
                    Some(list) if submitted(answer.get("status")) => answers.push(list),
                    Some(_) => discarded += 1,
                    None => {}
                }
            }
        }
        // By person: [{"values": {"spans": {"value": […]}}, "status"}].
        Some(Value::Array(people)) => {
            for person in people {
                let values = person.get("values").and_then(Value::as_object);
                for value in values.into_iter().flat_map(Map::values) {
                    match value
                        .get("value")
                        .and_then(Value::as_array)
                        .filter(|list| is_spans(list))
                    {
                        Some(list) if submitted(person.get("status")) => answers.push(list),
                        Some(_) => discarded += 1,
                        None => {}
                    }
                }
            }
        }
        _ => {}
    }
    let mut suggestions = object
        .get("suggestions")
        .map_or(0, |list| list.as_object().map_or(0, Map::len));
    for (key, value) in object {
        if let Some(question) = key.strip_suffix(".responses") {
            let status = object.get(&format!("{question}.responses.status"));
            for (i, answer) in value.as_array().into_iter().flatten().enumerate() {
                match answer.as_array().filter(|list| is_spans(list)) {
                    Some(list) if submitted(status.and_then(|s| s.get(i))) => answers.push(list),
                    Some(_) => discarded += 1,
                    None => {}
                }
            }
        }
        suggestions += usize::from(key.ends_with(".suggestion") && !value.is_null());
    }
    let status = object.get("status").and_then(Value::as_str);
    let spans = answers.first().map(|list| (*list).clone());
    let mut plain = Plain::of(with_spans(text, spans));
    plain.passed_over = vec![
        (
            IssueCode::AnnotationsIgnored,
            answers.len().saturating_sub(1),
        ),
        (IssueCode::PredictionsIgnored, suggestions),
    ];
    if (discarded > 0 && answers.is_empty()) || status == Some("discarded") {
        plain.records.clear();
        plain.passed_over = vec![(IssueCode::AnswerSkipped, 1)];
    }
    Some(plain)
}

fn old_argilla(object: &Map<String, Value>) -> Option<Plain> {
    let text = object.get("text").filter(|text| text.is_string())?;
    let spans = object.get("annotation").and_then(Value::as_array).cloned();
    let mut record = with_spans(text, spans);
    if let Some(tokens) = object.get("tokens") {
        record.insert("tokens".into(), tokens.clone());
    }
    let mut plain = Plain::of(record);
    let predictions = object.get("prediction").and_then(Value::as_array);
    plain.passed_over = vec![(
        IssueCode::PredictionsIgnored,
        usize::from(predictions.is_some_and(|list| !list.is_empty())),
    )];
    if object.get("status").and_then(Value::as_str) == Some("Discarded") {
        plain.records.clear();
        plain.passed_over = vec![(IssueCode::AnswerSkipped, 1)];
    }
    Some(plain)
}
