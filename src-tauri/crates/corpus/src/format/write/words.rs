//! From spans to tags, and what is lost on that way.

use crate::document::Document;
use crate::format::WriteReport;
use crate::scheme::{Scheme, decode, encode};

/// The tags of a document's words, and what they cannot say.
pub(super) fn tags(document: &Document, scheme: Scheme, report: &mut WriteReport) -> Vec<String> {
    let found = document.word_spans();
    let tags = encode(document.words.len(), &found.spans, scheme);
    let kept = if scheme == Scheme::Io {
        decode(&tags).len()
    } else {
        found.spans.len()
    };
    report.moved_spans += found.moved;
    report.lost_spans += found.lost;
    report.overlapping_spans += overlapping(document).min(found.lost);
    report.lost_scores += scores(document);
    report.joined_spans += found.spans.len() - kept;
    report.entities += kept;
    tags.iter().map(|tag| tag.render(scheme)).collect()
}

/// Can the text be rebuilt by joining the words with one space?
pub(super) fn is_words_joined(document: &Document) -> bool {
    let mut at = 0;
    for (i, word) in document.words.iter().enumerate() {
        let gap = usize::from(i > 0);
        if word.start != at + gap || !document.text[at..word.start].bytes().all(|b| b == b' ') {
            return false;
        }
        at = word.end;
    }
    at == document.text.len()
}

/// Spans that lie in another one or cross one.
pub(super) fn overlapping(document: &Document) -> usize {
    let mut spans: Vec<_> = document.spans.iter().map(|s| (s.start, s.end)).collect();
    spans.sort_by_key(|(start, end)| (*start, std::cmp::Reverse(*end)));
    let mut covered = 0;
    let mut count = 0;
    for (start, end) in spans {
        count += usize::from(start < covered);
        covered = covered.max(end);
    }
    count
}

pub(super) fn scores(document: &Document) -> usize {
    document
        .spans
        .iter()
        .filter(|span| span.score.is_some())
        .count()
}
