//! Writes WebAnno TSV 3.3, which INCEpTION imports: each document as a sentence, its entities in the
//! layer that every project has for them.

use std::fmt::Write as _;
use std::io::Write;

use super::words::scores;
use crate::document::{Document, Span, Word};
use crate::format::layers::NAMED_ENTITIES;
use crate::format::{WriteError, WriteReport};
use crate::offsets::OffsetMap;

pub(super) fn write(
    documents: &[Document],
    out: &mut impl Write,
) -> Result<WriteReport, WriteError> {
    let mut report = WriteReport::default();
    write!(
        out,
        "#FORMAT=WebAnno TSV 3.3\n#T_SP={NAMED_ENTITIES}|value\n\n"
    )?;
    let (mut sentence, mut offset, mut entity) = (0, 0, 0);
    for document in documents {
        let seen = |word: &&Word| !document.text[word.start..word.end].trim().is_empty();
        let words: Vec<Word> = document.words.iter().filter(seen).copied().collect();
        let (Some(first), Some(last)) = (words.first(), words.last()) else {
            report.empty_documents += 1;
            report.lost_spans += document.spans.len();
            continue;
        };
        sentence += 1;
        report.documents += 1;
        report.lost_ids += usize::from(document.id.is_some());
        report.lost_groups += usize::from(document.group.is_some());
        report.lost_scores += scores(document);
        // A sentence starts with its first word; white space around it has no place.
        let text = &document.text[first.start..last.end];
        let around = text.len() < document.text.len() || words.len() < document.words.len();
        report.changed_texts += usize::from(around);
        let mut rows = String::from("\n");
        for line in text.split('\n') {
            // Writing to a string cannot fail.
            let _ = writeln!(rows, "#Text={}", escaped_text(line));
        }
        let mut spans = Vec::with_capacity(document.spans.len());
        for span in &document.spans {
            let covers = |word: &Word| word.start < span.end && span.start < word.end;
            match words.iter().any(covers) {
                true => {
                    entity += 1;
                    spans.push((entity, span));
                    report.entities += 1;
                    let starts = words
                        .iter()
                        .any(|w| w.start <= span.start && span.start < w.end);
                    let ends = words
                        .iter()
                        .any(|w| w.start < span.end && span.end <= w.end);
                    let cut = !starts || !ends;
                    report.moved_spans += usize::from(cut);
                }
                false => report.lost_spans += 1,
            }
        }
        let map = OffsetMap::new(&document.text);
        // Edges of words and spans are edges of characters.
        let units = |byte: usize| map.utf16_of_byte(byte).unwrap_or_default();
        let at = |byte: usize| offset + units(byte) - units(first.start);
        for (i, word) in words.iter().enumerate() {
            let (start, end) = (at(word.start), at(word.end));
            let shown = escaped_text(&document.text[word.start..word.end]);
            let number = format!("{sentence}-{}", i + 1);
            let whole = |span: &Span| span.start <= word.start && word.end <= span.end;
            let values: Vec<String> = spans
                .iter()
                .filter(|(_, span)| whole(span))
                .map(|(id, span)| value(span, *id))
                .collect();
            let cell = if values.is_empty() {
                "_".into()
            } else {
                values.join("|")
            };
            let _ = writeln!(rows, "{number}\t{start}-{end}\t{shown}\t{cell}\t");
            // Entities that cover a part of a word have a row for that part.
            let parts = spans
                .iter()
                .filter(|(_, span)| !whole(span) && span.start < word.end && word.start < span.end);
            for (k, (id, span)) in parts.enumerate() {
                let (from, to) = (span.start.max(word.start), span.end.min(word.end));
                let shown = escaped_text(&document.text[from..to]);
                let (from, to) = (at(from), at(to));
                let value = value(span, *id);
                let _ = writeln!(rows, "{number}.{}\t{from}-{to}\t{shown}\t{value}\t", k + 1);
            }
        }
        offset = at(last.end) + 1;
        out.write_all(rows.as_bytes())?;
    }
    Ok(report)
}

/// The label of an entity, and a number that all its words share.
fn value(span: &Span, id: usize) -> String {
    let mut shown = String::with_capacity(span.label.len() + 4);
    let mut rest = span.label.as_str();
    while let Some(c) = rest.chars().next() {
        match c {
            '\t' => shown.push_str("\\t"),
            '\n' => shown.push_str("\\n"),
            '\\' | '[' | ']' | '|' | '_' | ';' | '*' => {
                shown.push('\\');
                shown.push(c);
            }
            '-' if rest.starts_with("->") => shown.push_str("\\-"),
            _ => shown.push(c),
        }
        rest = &rest[c.len_utf8()..];
    }
    format!("{shown}[{id}]")
}

/// A text as it stands in one line.
fn escaped_text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => shown.push_str("\\\\"),
            '\t' => shown.push_str("\\t"),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\u{c}' => shown.push_str("\\f"),
            '\u{8}' => shown.push_str("\\b"),
            c if c < ' ' => {
                shown.push('\\');
                shown.push(c);
            }
            c => shown.push(c),
        }
    }
    shown
}
