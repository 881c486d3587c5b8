//! Writes JSON records: our own, and those of the programs that people label with.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::words::{is_words_joined, scores, tags};
use crate::document::{Document, Span};
use crate::format::{WriteError, WriteReport};
use crate::offsets::OffsetMap;
use crate::scheme::Scheme;
use crate::words;

#[derive(Serialize)]
struct TokenRecord<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<u32>,
    tokens: Vec<&'a str>,
    ner_tags: Vec<String>,
    /// The numbers of the words whose annotation is unknown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<usize>,
}

#[derive(Serialize)]
struct SpanRecord<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<u32>,
    text: &'a str,
    entities: Vec<Entity<'a>>,
    /// The pieces of the text whose annotation is unknown, as start and end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<(usize, usize)>,
}

#[derive(Serialize)]
struct GlinerRecord<'a> {
    tokenized_text: Vec<&'a str>,
    /// First and last word, and the label.
    ner: Vec<(usize, usize, &'a str)>,
}

#[derive(Serialize)]
struct Entity<'a> {
    start: usize,
    end: usize,
    label: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f32>,
}

pub(super) fn tokens(
    document: &Document,
    scheme: Scheme,
    out: &mut impl Write,
    report: &mut WriteReport,
) -> Result<(), WriteError> {
    let words = 0..document.words.len();
    let record = TokenRecord {
        id: document.id.as_deref(),
        group: document.group,
        tokens: words.map(|i| document.word_text(i)).collect(),
        ner_tags: tags(document, scheme, report),
        unknown: document.unknown_words(),
    };
    report.changed_texts += usize::from(!is_words_joined(document));
    line(&record, out)
}

pub(super) fn spans(
    document: &Document,
    out: &mut impl Write,
    report: &mut WriteReport,
) -> Result<(), WriteError> {
    let map = OffsetMap::new(&document.text);
    let entities = entities(document, |byte| map.char_of_byte(byte), report);
    own_words(document, report);
    let char = |byte| map.char_of_byte(byte);
    let unknown = document.unknown.iter();
    let unknown = unknown.filter_map(|piece| Some((char(piece.start)?, char(piece.end)?)));
    let record = SpanRecord {
        id: document.id.as_deref(),
        group: document.group,
        text: &document.text,
        entities,
        unknown: unknown.collect(),
    };
    line(&record, out)
}

pub(super) fn spacy(
    document: &Document,
    out: &mut impl Write,
    report: &mut WriteReport,
) -> Result<(), WriteError> {
    own_words(document, report);
    report.lost_ids += usize::from(document.id.is_some());
    report.lost_groups += usize::from(document.group.is_some());
    report.lost_scores += scores(document);
    line(
        &json!([document.text, {"entities": triples(document, report)}]),
        out,
    )
}

pub(super) fn doccano(
    document: &Document,
    out: &mut impl Write,
    report: &mut WriteReport,
) -> Result<(), WriteError> {
    own_words(document, report);
    report.lost_scores += scores(document);
    let mut record = named(document);
    record.insert("text".into(), document.text.as_str().into());
    record.insert("label".into(), triples(document, report));
    line(&record, out)
}

/// As Prodigy's own recipes save it.
pub(super) fn prodigy(
    document: &Document,
    out: &mut impl Write,
    report: &mut WriteReport,
) -> Result<(), WriteError> {
    let map = OffsetMap::new(&document.text);
    let char = |byte: usize| map.char_of_byte(byte);
    let mut record = Map::new();
    record.insert("text".into(), document.text.as_str().into());
    let words = document
        .words_given
        .then(|| tokens_of(document, char))
        .flatten();
    if words.is_none() {
        own_words(document, report);
    }
    let with_tokens = words.is_some();
    if let Some(tokens) = words {
        record.insert("tokens".into(), tokens.into());
    }
    report.lost_scores += scores(document);
    let spans = entities(document, char, report).into_iter().map(|entity| {
        let mut span = json!({"start": entity.start, "end": entity.end});
        let words = || document.words.iter();
        let first = words().position(|w| char(w.start) == Some(entity.start));
        let last = words().position(|w| char(w.end) == Some(entity.end));
        if let (true, Some(first), Some(last)) = (with_tokens, first, last) {
            span["token_start"] = first.into();
            span["token_end"] = last.into();
        }
        span["label"] = entity.label.into();
        span
    });
    record.insert("spans".into(), spans.collect());
    if let Some(id) = &document.id {
        record.insert("meta".into(), json!({"id": id}));
    }
    if let Some(group) = document.group {
        record.insert("group".into(), group.into());
    }
    record.insert("answer".into(), "accept".into());
    line(&record, out)
}

/// Prodigy's tokens; `None` when some hold no visible character, which its readers pass over.
fn tokens_of(document: &Document, char: impl Fn(usize) -> Option<usize>) -> Option<Vec<Value>> {
    let mut tokens = Vec::with_capacity(document.words.len());
    for (id, word) in document.words.iter().enumerate() {
        let text = document.word_text(id);
        if text.trim().is_empty() {
            return None;
        }
        let space = document.text[word.end..].starts_with(' ');
        let (start, end) = (char(word.start)?, char(word.end)?);
        tokens.push(json!({"text": text, "start": start, "end": end, "id": id, "ws": space}));
    }
    Some(tokens)
}

/// Words and the first and last of each span, as GLiNER is trained with. Spans may lie in one another.
pub(super) fn gliner(
    documents: &[Document],
    out: &mut impl Write,
) -> Result<WriteReport, WriteError> {
    let mut report = WriteReport::default();
    out.write_all(b"[")?;
    for (i, document) in documents.iter().enumerate() {
        out.write_all(if i == 0 { b"\n" } else { b",\n" })?;
        let words = &document.words;
        let mut ner = Vec::with_capacity(document.spans.len());
        for span in &document.spans {
            // An empty word has no inside, so that it belongs to a span by its position.
            let first = words.partition_point(|w| w.end <= span.start && w.start < span.start);
            let end = words.partition_point(|w| w.start < span.end || w.end <= span.end);
            if first >= end {
                report.lost_spans += 1;
                continue;
            }
            let cut = words[first].start < span.start || words[end - 1].end > span.end;
            report.moved_spans += usize::from(cut);
            ner.push((first, end - 1, span.label.as_str()));
        }
        report.documents += 1;
        report.entities += ner.len();
        report.changed_texts += usize::from(!is_words_joined(document));
        report.lost_ids += usize::from(document.id.is_some());
        report.lost_groups += usize::from(document.group.is_some());
        report.lost_scores += scores(document);
        let words: Vec<&str> = (0..words.len()).map(|i| document.word_text(i)).collect();
        let record = GlinerRecord {
            tokenized_text: words,
            ner,
        };
        serde_json::to_writer(&mut *out, &record).map_err(io::Error::from)?;
    }
    out.write_all(b"\n]\n")?;
    Ok(report)
}

/// A task for each document, as Label Studio imports and exports them.
pub(super) fn tasks(
    documents: &[Document],
    out: &mut impl Write,
) -> Result<WriteReport, WriteError> {
    let mut report = WriteReport::default();
    out.write_all(b"[")?;
    for (i, document) in documents.iter().enumerate() {
        out.write_all(if i == 0 { b"\n" } else { b",\n" })?;
        let task = task(i, document, &mut report);
        serde_json::to_writer(&mut *out, &task).map_err(io::Error::from)?;
        report.documents += 1;
    }
    out.write_all(b"\n]\n")?;
    Ok(report)
}

fn task(number: usize, document: &Document, report: &mut WriteReport) -> Value {
    let map = OffsetMap::new(&document.text);
    own_words(document, report);
    let results: Vec<Value> = entities(document, |byte| map.utf16_of_byte(byte), report)
        .into_iter()
        .enumerate()
        .map(|(i, entity)| {
            let (from, to) = (map.byte_of_utf16(entity.start), map.byte_of_utf16(entity.end));
            let text = from.zip(to).and_then(|(from, to)| document.text.get(from..to));
            let mut result = json!({
                "id": format!("d{}s{}", number + 1, i + 1),
                "from_name": "label",
                "to_name": "text",
                "type": "labels",
                "value": {"start": entity.start, "end": entity.end, "text": text, "labels": [entity.label]},
            });
            if entity.score.is_some() {
                result["score"] = json!(entity.score);
            }
            result
        })
        .collect();
    let mut data = named(document);
    data.insert("text".into(), document.text.as_str().into());
    json!({
        "data": data,
        "annotations": [{"id": number + 1, "was_cancelled": false, "ground_truth": false, "result": results}],
    })
}

/// The fields that name a document.
fn named(document: &Document) -> Map<String, Value> {
    let mut record = Map::new();
    if let Some(id) = &document.id {
        record.insert("id".into(), id.as_str().into());
    }
    if let Some(group) = document.group {
        record.insert("group".into(), group.into());
    }
    record
}

fn triples(document: &Document, report: &mut WriteReport) -> Value {
    let map = OffsetMap::new(&document.text);
    entities(document, |byte| map.char_of_byte(byte), report)
        .into_iter()
        .map(|entity| json!([entity.start, entity.end, entity.label]))
        .collect()
}

/// The spans, their edges counted in another unit.
fn entities<'a>(
    document: &'a Document,
    edge: impl Fn(usize) -> Option<usize>,
    report: &mut WriteReport,
) -> Vec<Entity<'a>> {
    let place = |span: &Span| Some((edge(span.start)?, edge(span.end)?));
    let mut entities = Vec::with_capacity(document.spans.len());
    for span in &document.spans {
        match place(span) {
            // An entity of empty words alone covers no character.
            Some((start, end)) if start < end => entities.push(Entity {
                start,
                end,
                label: &span.label,
                score: span.score,
            }),
            _ => report.lost_spans += 1,
        }
    }
    report.entities += entities.len();
    entities
}

/// Counts a document whose own words are not those that splitting its text gives.
fn own_words(document: &Document, report: &mut WriteReport) {
    let own = document.words_given && document.words != words::split(&document.text);
    report.changed_words += usize::from(own);
}

fn line(record: &impl Serialize, out: &mut impl Write) -> Result<(), WriteError> {
    serde_json::to_writer(&mut *out, record).map_err(io::Error::from)?;
    out.write_all(b"\n")?;
    Ok(())
}
