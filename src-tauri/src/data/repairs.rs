//! Shows what a repair would change in a data set.

use super::documents::{self, count, shown};
use super::jobs::{Work, cancelled};
use super::make;
use super::record::Record;
use crate::dto::{Repair, RepairExample, RepairPreview};
use std::path::Path;
use tagsmith_corpus::repair::{Change, Example, Piece, compare, preview as preview_of};
use tagsmith_corpus::{Corpus, Dataset, Document, Format, RepairError, SourceInfo, Span, Split};
use tagsmith_protocol::Failure;
use tagsmith_store::Store;

/// Documents that are shown before and after.
const EXAMPLES: usize = 20;

/// What a repair would change.
///
/// # Errors
/// It cannot be done, the documents cannot be read, or the person cancelled.
pub fn preview(
    store: &Store,
    folder: &Path,
    record: &Record,
    repair: &Repair,
    work: &mut Work,
) -> Result<RepairPreview, Failure> {
    let before;
    let found = if repair.concerns_reading() {
        let Some(source) = &record.source else {
            return Err(Failure::plain(
                "no-source",
                "the files are not in the library",
            ));
        };
        let chosen = source.chosen(folder);
        let mut repairs = record.set.repairs.clone();
        before = make::before_check(&chosen, &repairs, work)?;
        repairs.push(repair.clone());
        let after = make::before_check(&chosen, &repairs, work)?;
        compare(&before, &after, repair, EXAMPLES)
    } else {
        before = loaded(store, record, work)?;
        work.at("repairing", 0, 0)?;
        preview_of(&before, repair, EXAMPLES, &work.stop()).map_err(|failure| match failure {
            RepairError::Stopped => cancelled(),
            other => other.into(),
        })?
    };
    Ok(RepairPreview {
        changed_documents: count(found.done.changed_documents),
        changed_spans: count(found.done.changed_spans),
        removed_documents: count(found.done.removed_documents),
        moved_documents: count(found.done.moved_documents),
        examples: found
            .examples
            .iter()
            .filter_map(|example| before_and_after(&before, example, usize::MAX))
            .collect(),
    })
}

/// A document before and after a repair; of a text with more than `most` characters the surroundings of
/// the first change.
pub fn before_and_after(
    dataset: &[Split],
    example: &Example,
    most: usize,
) -> Option<RepairExample> {
    let place = &example.place;
    let split = dataset.iter().find(|split| split.name == place.split)?;
    let document = split.corpus.documents.get(place.document)?;
    let changed = match &example.change {
        Change::Removed | Change::Moved { .. } => None,
        Change::Spans { before, after } => Some(changed(document, before, after)),
    };
    let at = match &example.change {
        Change::Spans { before, after } => {
            before.iter().chain(after).map(|piece| piece.start).min()
        }
        _ => None,
    };
    let show = |split: &str, document: &Document| {
        let shown_part = surroundings(document, at.unwrap_or_default(), most);
        shown(split, place.document, &shown_part)
    };
    Some(RepairExample {
        split: place.split.clone(),
        line: count(document.line),
        before: show(&place.split, document),
        after: match (&example.change, &changed) {
            (Change::Moved { to }, _) => Some(show(to, document)),
            (_, Some(changed)) => Some(show(&place.split, changed)),
            _ => None,
        },
    })
}

/// The document with other spans.
fn changed(document: &Document, before: &[Piece], after: &[Piece]) -> Document {
    let key = |span: &Span| (span.start, span.end, span.label.clone());
    let gone: Vec<_> = before
        .iter()
        .map(|piece| (piece.start, piece.end, piece.label.clone()))
        .collect();
    let mut spans: Vec<Span> = document
        .spans
        .iter()
        .filter(|span| !gone.contains(&key(span)))
        .cloned()
        .collect();
    spans.extend(after.iter().map(|piece| Span {
        start: piece.start,
        end: piece.end,
        label: piece.label.clone(),
        score: None,
    }));
    // Offsets of another reading need not fit this text.
    spans.retain(|span| document.text.get(span.start..span.end).is_some());
    spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    Document {
        spans,
        ..document.clone()
    }
}

/// At most about `most` characters around a byte of a text, with the spans that lie there.
fn surroundings(document: &Document, at: usize, most: usize) -> Document {
    let text = &document.text;
    if text.chars().nth(most).is_none() {
        return document.clone();
    }
    let at = (0..=at.min(text.len()))
        .rev()
        .find(|byte| text.is_char_boundary(*byte))
        .unwrap_or_default();
    let before = text[..at].char_indices().rev().take(most / 3).last();
    let start = before.map_or(at, |(byte, _)| byte);
    let end = text[start..].char_indices().nth(most);
    let end = end.map_or(text.len(), |(byte, _)| start + byte);
    let mark = |cut: bool| if cut { "…" } else { "" };
    let (left, right) = (mark(start > 0), mark(end < text.len()));
    let spans = document.spans.iter();
    let spans = spans.filter(|span| span.start >= start && span.end <= end);
    Document {
        text: format!("{left}{}{right}", &text[start..end]),
        spans: spans
            .map(|span| Span {
                start: span.start - start + left.len(),
                end: span.end - start + left.len(),
                ..span.clone()
            })
            .collect(),
        words: Vec::new(),
        ..document.clone()
    }
}

/// The documents of a store in memory, without what was found in them.
fn loaded(store: &Store, record: &Record, work: &mut Work) -> Result<Dataset, Failure> {
    let mut dataset = Vec::new();
    for split in store.splits() {
        let documents = documents::all(store, &split.name, work)?;
        let files = &record.set.check.files;
        let file = files.iter().find(|file| file.split == split.name);
        let source = SourceInfo {
            path: file.map_or_else(Default::default, |file| file.path.clone()),
            format: Format::JsonlTokens,
            other_formats: Vec::new(),
            scheme: None,
            documents: documents.len(),
            words: 0,
            entities: 0,
            repaired_tags: file.map_or(0, |file| file.repaired_tags),
            dropped_spans: 0,
            skipped_documents: 0,
            agreement: Vec::new(),
        };
        dataset.push(Split {
            name: split.name.clone(),
            corpus: Corpus {
                documents,
                source,
                issues: Vec::new(),
                offset_evidence: None,
            },
        });
    }
    Ok(dataset)
}
