//! Shows what a repair would change before it is done.

use std::collections::HashSet;

use serde::Serialize;

use super::spans::SpanRepair;
use super::{Repair, RepairError, RepairReport, Split, Way, as_found};
use crate::check::reread;
use crate::document::{Document, Span};
use crate::issue::{Location, excerpt};
use crate::options::Stop;

/// What a repair would do: counts, and the first cases.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Preview {
    /// The counts that the repair itself would give.
    #[serde(flatten)]
    pub done: RepairReport,
    /// The first documents concerned.
    pub examples: Vec<Example>,
}

/// One document before and after.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Example {
    /// Where it stands now.
    pub place: Location,
    /// The beginning of its text.
    pub text: String,
    /// What happens to it.
    #[serde(flatten)]
    pub change: Change,
}

/// What happens to a document.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum Change {
    /// It gets other spans. The first of those that change are listed, no others.
    Spans {
        /// Spans that it has now and would not have.
        before: Vec<Piece>,
        /// Spans that it would have and has not now.
        after: Vec<Piece>,
    },
    /// It goes.
    Removed,
    /// It goes to another split.
    Moved {
        /// Which.
        to: String,
    },
}

/// Characters of a span that are shown.
const LONG: usize = 60;

/// A span with its text.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Piece {
    /// The byte of the document where it starts.
    pub start: usize,
    /// The byte behind its end.
    pub end: usize,
    /// Its label.
    pub label: String,
    /// Its text, or the beginning of it.
    pub text: String,
}

impl Piece {
    fn new(document: &Document, span: &Span) -> Self {
        let text = document.text.get(span.start..span.end).unwrap_or_default();
        Self {
            start: span.start,
            end: span.end,
            label: span.label.clone(),
            // The white space at its edges may be what it is about.
            text: match text.char_indices().nth(LONG) {
                Some((cut, _)) => format!("{}…", &text[..cut]),
                None => text.into(),
            },
        }
    }
}

/// What the repair would change, with at most `most` examples. Nothing is changed or copied.
///
/// # Errors
/// As [`super::apply`], or somebody asked for its end. A repair that concerns the reading is shown by
/// reading twice and [`compare`].
pub fn preview(
    dataset: &[Split],
    repair: &Repair,
    most: usize,
    stop: &Stop,
) -> Result<Preview, RepairError> {
    let repair = &*as_found(dataset, repair);
    let mut done = RepairReport::new(repair);
    let mut examples = Vec::new();
    match Way::find(dataset, repair, stop)? {
        Way::Spans(spans) => {
            done.unused_labels = spans.unused_labels(dataset);
            each(dataset, |split, at, document| {
                if stop.is_asked() {
                    return;
                }
                let Some(repaired) = spans.of(document) else {
                    return;
                };
                done.count_spans(&repaired);
                if repaired.changed + repaired.removed > 0 && examples.len() < most {
                    let change = spans_between(document, &document.spans, &repaired.spans);
                    examples.push(example(split, at, document, change));
                }
            });
        }
        Way::Documents(disposition) => {
            done.count_documents(dataset, &disposition);
            for (split, targets) in dataset.iter().zip(&disposition.of) {
                for (at, fate) in targets.iter().enumerate() {
                    let change = match fate {
                        _ if examples.len() >= most => break,
                        None => Change::Removed,
                        Some(to) if disposition.splits[*to] != split.name => Change::Moved {
                            to: disposition.splits[*to].clone(),
                        },
                        Some(_) => continue,
                    };
                    examples.push(example(split, at, &split.corpus.documents[at], change));
                }
            }
        }
        Way::Tags => {
            let sources = dataset.iter().map(|split| &split.corpus.source);
            done.repaired_tags = sources.map(|source| source.repaired_tags).sum();
        }
    }
    match stop.is_asked() {
        true => Err(RepairError::Stopped),
        false => Ok(Preview { done, examples }),
    }
}

/// How the same files read in two ways differ: for repairs that concern the reading. Documents are
/// held against each other by their number, as far as both have them.
pub fn compare(before: &[Split], after: &[Split], repair: &Repair, most: usize) -> Preview {
    let mut done = RepairReport::new(repair);
    let mut examples = Vec::new();
    for split in before {
        let other = after.iter().find(|other| other.name == split.name);
        let others = other.map_or(&[][..], |other| &other.corpus.documents);
        for (at, document) in split.corpus.documents.iter().enumerate() {
            let change = match others.get(at) {
                None => {
                    done.removed_documents += 1;
                    done.removed_spans += document.spans.len();
                    Change::Removed
                }
                Some(other) if other.spans == document.spans => continue,
                Some(other) => {
                    let (old, new) = (document.spans.len(), other.spans.len());
                    done.changed_documents += 1;
                    done.changed_spans += only(&other.spans, &document.spans).len();
                    done.removed_spans += old.saturating_sub(new);
                    spans_between(other, &document.spans, &other.spans)
                }
            };
            if examples.len() < most {
                examples.push(example(split, at, document, change));
            }
        }
    }
    Preview { done, examples }
}

/// One document that a repair changes, for a quick look: of those at `places` the first, else the first of
/// all; `None` where there is none, or where only the whole repair could say. For the exact numbers there
/// is [`preview`].
pub fn glimpse(dataset: &[Split], repair: &Repair, places: &[&Location]) -> Option<Example> {
    let change_of = |document: &Document| -> Option<Change> {
        let spans = match repair {
            Repair::TrimSpans => SpanRepair::Trim.of(document)?.spans,
            Repair::SnapToWords => SpanRepair::Snap.of(document)?.spans,
            Repair::MapLabels { labels } => SpanRepair::Map(labels).of(document)?.spans,
            Repair::JoinTagged { tags } => SpanRepair::Join(tags).of(document)?.spans,
            _ => reread(document, repair)?,
        };
        (spans != document.spans).then(|| spans_between(document, &document.spans, &spans))
    };
    let at = |place: &&Location| {
        let split = dataset.iter().find(|split| split.name == place.split)?;
        Some((split, split.corpus.documents.get(place.document)?))
    };
    match repair {
        // A finding is about the repetition, which is what goes.
        Repair::DropDuplicates { near: false } => {
            let place = places.first()?;
            let (split, document) = at(place)?;
            Some(example(split, place.document, document, Change::Removed))
        }
        Repair::DropDuplicates { .. }
        | Repair::MoveLeaking { .. }
        | Repair::HoldOut { .. }
        | Repair::Split { .. }
        | Repair::Sample { .. }
        | Repair::RepairTags
        | Repair::DropInvalid
        | Repair::MaskUnknown
        | Repair::CountLineEnds { .. } => None,
        Repair::TrimSpans
        | Repair::SnapToWords
        | Repair::MapLabels { .. }
        | Repair::JoinTagged { .. }
        | Repair::ConvertOffsets { .. }
        | Repair::ShiftOffsets { .. }
        | Repair::InclusiveEnds => {
            let near = places.iter().find_map(|place| {
                let (split, document) = at(place)?;
                let change = change_of(document)?;
                Some(example(split, place.document, document, change))
            });
            near.or_else(|| {
                dataset.iter().find_map(|split| {
                    let mut documents = split.corpus.documents.iter().enumerate();
                    documents.find_map(|(at, document)| {
                        Some(example(split, at, document, change_of(document)?))
                    })
                })
            })
        }
    }
}

fn each<'a>(dataset: &'a [Split], mut see: impl FnMut(&'a Split, usize, &'a Document)) {
    for split in dataset {
        for (at, document) in split.corpus.documents.iter().enumerate() {
            see(split, at, document);
        }
    }
}

fn example(split: &Split, at: usize, document: &Document, change: Change) -> Example {
    Example {
        place: Location {
            split: split.name.clone(),
            document: at,
            range: None,
        },
        text: excerpt(&document.text),
        change,
    }
}

/// Spans of one document that are shown.
const SHOWN: usize = 20;

fn spans_between(document: &Document, before: &[Span], after: &[Span]) -> Change {
    let pieces = |spans: Vec<&Span>| {
        let shown = spans.into_iter().take(SHOWN);
        shown.map(|span| Piece::new(document, span)).collect()
    };
    Change::Spans {
        before: pieces(only(before, after)),
        after: pieces(only(after, before)),
    }
}

/// The spans that the others are not among.
fn only<'a>(spans: &'a [Span], others: &[Span]) -> Vec<&'a Span> {
    let key = |span: &'a Span| (span.start, span.end, span.label.as_str());
    let others: HashSet<(usize, usize, &str)> = others
        .iter()
        .map(|span| (span.start, span.end, span.label.as_str()))
        .collect();
    let new = spans.iter().filter(|span| !others.contains(&key(span)));
    new.collect()
}
