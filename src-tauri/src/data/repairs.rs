//! Shows what a repair would change in a data set.

use super::documents::{self, count, shown};
use super::jobs::Work;
use super::make;
use super::record::Record;
use crate::dto::{Repair, RepairExample, RepairPreview};
use std::path::Path;
use tagsmith_corpus::repair::{Change, Example, compare, preview as preview_of};
use tagsmith_corpus::{Corpus, Dataset, Document, Format, SourceInfo, Span, Split};
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
        preview_of(&before, repair, EXAMPLES)?
    };
    let example = |example: &Example| {
        let place = &example.place;
        let split = before.iter().find(|split| split.name == place.split)?;
        let document = split.corpus.documents.get(place.document)?;
        let show = |split: &str, document| shown(split, place.document, document);
        Some(RepairExample {
            split: place.split.clone(),
            line: count(document.line),
            before: show(&place.split, document),
            after: match &example.change {
                Change::Removed => None,
                Change::Moved { to } => Some(show(to, document)),
                Change::Spans { before, after } => {
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
                    let document = Document {
                        spans,
                        ..document.clone()
                    };
                    Some(show(&place.split, &document))
                }
            },
        })
    };
    Ok(RepairPreview {
        changed_documents: count(found.done.changed_documents),
        changed_spans: count(found.done.changed_spans),
        removed_documents: count(found.done.removed_documents),
        moved_documents: count(found.done.moved_documents),
        examples: found.examples.iter().filter_map(example).collect(),
    })
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
            scheme: None,
            documents: documents.len(),
            words: 0,
            entities: 0,
            repaired_tags: file.map_or(0, |file| file.repaired_tags),
            dropped_spans: 0,
            skipped_documents: 0,
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
