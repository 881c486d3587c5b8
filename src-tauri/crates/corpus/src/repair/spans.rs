//! Repairs of the spans of one document: trimmed, snapped to words, with other labels.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use super::Split;
use crate::document::{Document, Span};

/// What is done to each span.
#[derive(Clone, Copy)]
pub(super) enum SpanRepair<'a> {
    /// White space at the edges goes.
    Trim,
    /// Edges inside a word move to the word's edges.
    Snap,
    /// Labels are exchanged; `None` drops the span.
    Map(&'a BTreeMap<String, Option<String>>),
    /// Labels that are tags: what they say becomes entities.
    Join(&'a BTreeMap<String, String>),
}

/// The new spans of a document.
#[derive(Debug, PartialEq)]
pub(super) struct Repaired {
    /// By their starts, the longer first.
    pub spans: Vec<Span>,
    /// Spans that stay, and are not what they were.
    pub changed: usize,
    /// Spans that are gone.
    pub removed: usize,
    /// Spans that should have been changed and could not be.
    pub left: usize,
}

/// What becomes of one span.
enum Fate {
    Stays,
    Becomes(Span),
    Goes,
    /// It stays, though something is the matter with it.
    IsLeft,
}

impl SpanRepair<'_> {
    /// The labels that are to be exchanged and that no span has.
    pub fn unused_labels(self, dataset: &[Split]) -> Vec<String> {
        let mut labels: Vec<&String> = match self {
            Self::Map(labels) => labels.keys().collect(),
            Self::Join(tags) => tags.keys().collect(),
            Self::Trim | Self::Snap => return Vec::new(),
        };
        let mut unused: HashSet<&str> = labels.iter().map(|label| label.as_str()).collect();
        for document in dataset.iter().flat_map(|split| &split.corpus.documents) {
            for span in &document.spans {
                unused.remove(span.label.as_str());
            }
        }
        labels.retain(|label| unused.contains(label.as_str()));
        labels.into_iter().cloned().collect()
    }

    /// The spans of a document as they should be; `None` where they are so already.
    pub fn of(self, document: &Document) -> Option<Repaired> {
        if let Self::Join(tags) = self {
            return joined(document, tags);
        }
        let mut fates = Vec::with_capacity(document.spans.len());
        let edges = Edges::new(document);
        for span in &document.spans {
            fates.push(match self {
                Self::Trim => trimmed(document, span),
                Self::Snap => snapped(document, &edges, span),
                Self::Map(labels) => mapped(labels, span),
                // Done above, because it is about several spans.
                Self::Join(_) => Fate::Stays,
            });
        }
        if fates.iter().all(|fate| matches!(fate, Fate::Stays)) {
            return None;
        }
        let (mut removed, mut left) = (0, 0);
        let mut spans: Vec<(Span, bool)> = Vec::with_capacity(fates.len());
        for (span, fate) in document.spans.iter().zip(fates) {
            match fate {
                Fate::Stays => spans.push((span.clone(), false)),
                Fate::Becomes(other) => spans.push((other, true)),
                Fate::Goes => removed += 1,
                Fate::IsLeft => {
                    left += 1;
                    spans.push((span.clone(), false));
                }
            }
        }
        removed += join_equal(&mut spans);
        let changed = spans.iter().filter(|(_, changed)| *changed).count();
        Some(Repaired {
            spans: spans.into_iter().map(|(span, _)| span).collect(),
            changed,
            removed,
            left,
        })
    }
}

/// Puts spans in order. Of spans that a change made equal one stays; says how many went.
fn join_equal(spans: &mut Vec<(Span, bool)>) -> usize {
    spans.sort_by_key(|(span, _)| (span.start, Reverse(span.end)));
    let before = spans.len();
    let mut kept: Vec<(Span, bool)> = Vec::with_capacity(before);
    for (span, changed) in spans.drain(..) {
        // Spans with the same range follow each other.
        let same_range = kept
            .iter_mut()
            .rev()
            .take_while(|(other, _)| (other.start, other.end) == (span.start, span.end));
        let mut equal = same_range.filter(|(other, _)| other.label == span.label);
        match equal.next() {
            // The one that was there before is not changed by the other's coming.
            Some((_, other)) if changed || *other => *other &= changed,
            _ => kept.push((span, changed)),
        }
    }
    *spans = kept;
    before - spans.len()
}

fn trimmed(document: &Document, span: &Span) -> Fate {
    let Some(text) = document.text.get(span.start..span.end) else {
        return Fate::IsLeft;
    };
    let from_start = text.trim_start();
    let start = span.end - from_start.len();
    let end = start + from_start.trim_end().len();
    if (start, end) == (span.start, span.end) {
        return Fate::Stays;
    }
    match start < end {
        true => Fate::Becomes(Span {
            start,
            end,
            ..span.clone()
        }),
        false => Fate::Goes,
    }
}

/// Where the spans of a document start and end, each sorted.
struct Edges {
    starts: Vec<usize>,
    ends: Vec<usize>,
}

impl Edges {
    fn new(document: &Document) -> Self {
        let mut starts: Vec<usize> = document.spans.iter().map(|span| span.start).collect();
        let mut ends: Vec<usize> = document.spans.iter().map(|span| span.end).collect();
        starts.sort_unstable();
        ends.sort_unstable();
        Self { starts, ends }
    }

    /// Whether a span that grows to `start..end` overlaps one that it did not touch before.
    fn collides(&self, span: &Span, start: usize, end: usize) -> bool {
        let below = |edges: &[usize], edge: usize| edges.partition_point(|e| *e < edge);
        below(&self.ends, start + 1) < below(&self.ends, span.start + 1)
            || below(&self.starts, span.end) < below(&self.starts, end)
    }
}

fn snapped(document: &Document, edges: &Edges, span: &Span) -> Fate {
    if span.start >= span.end {
        return Fate::Stays;
    }
    // The word that an edge lies inside of, if any.
    let around = |edge: usize| {
        let next = document.words.partition_point(|word| word.end <= edge);
        let word = document.words.get(next)?;
        (word.start < edge).then_some(*word)
    };
    let start = around(span.start).map_or(span.start, |word| word.start);
    let end = around(span.end).map_or(span.end, |word| word.end);
    if (start, end) == (span.start, span.end) {
        return Fate::Stays;
    }
    // Two spans in one word: which of them is right, nobody can say but a person.
    if edges.collides(span, start, end) {
        return Fate::IsLeft;
    }
    Fate::Becomes(Span {
        start,
        end,
        ..span.clone()
    })
}

/// Spans of single words, each labelled with its tag, as the entities that conlleval finds in them. A span
/// goes on with the one before it where nothing but white space is between the two.
fn joined(document: &Document, tags: &BTreeMap<String, String>) -> Option<Repaired> {
    use crate::scheme::{Position, Tag};
    let tag = |span: &Span| Tag::parse(tags.get(&span.label)?).ok();
    if !document.spans.iter().any(|span| tag(span).is_some()) {
        return None;
    }
    let (mut changed, mut removed) = (HashSet::new(), 0);
    let mut spans: Vec<Span> = Vec::with_capacity(document.spans.len());
    // The entity that a span may go on with.
    let mut open = false;
    for span in &document.spans {
        let (position, label) = match tag(span) {
            None => {
                open = false;
                spans.push(span.clone());
                continue;
            }
            Some(Tag::Outside) => {
                removed += 1;
                continue;
            }
            Some(Tag::Entity(position, label)) => (position, label),
        };
        let inside = matches!(position, Position::Inside | Position::End);
        let at = spans.len();
        match spans.last_mut() {
            Some(last)
                if open
                    && inside
                    && last.label == label
                    && last.end <= span.start
                    && document
                        .text
                        .get(last.end..span.start)
                        .is_some_and(|between| between.trim().is_empty()) =>
            {
                last.end = span.end;
                removed += 1;
                changed.insert(at - 1);
            }
            _ => {
                spans.push(Span {
                    label,
                    ..span.clone()
                });
                changed.insert(at);
            }
        }
        open = !matches!(position, Position::End | Position::Single);
    }
    Some(Repaired {
        spans,
        changed: changed.len(),
        removed,
        left: 0,
    })
}

fn mapped(labels: &BTreeMap<String, Option<String>>, span: &Span) -> Fate {
    match labels.get(&span.label) {
        None => Fate::Stays,
        Some(None) => Fate::Goes,
        Some(Some(label)) if *label == span.label => Fate::Stays,
        Some(Some(label)) => Fate::Becomes(Span {
            label: label.clone(),
            ..span.clone()
        }),
    }
}
