//! Spans whose edges are not those of words, spans without a word, and spans on top of one another.

use crate::check::View;
use crate::document::{Document, Span};
use crate::issue::{Issue, IssueCode, Severity, excerpt};
use crate::recipe::Repair;
use crate::words::is_unspaced;

/// What is to be said about the spans of one document.
pub(super) fn look(view: &View<'_>, number: usize, document: &Document) -> Vec<Issue> {
    let mut issues = Vec::new();
    let mut before: Option<&Span> = None;
    let mut doubtful = false;
    for (place, span) in document.spans.iter().enumerate() {
        // Spans of a faulty program, not of a reader: they must not make the check fail.
        let Some(text) = document.text.get(span.start..span.end) else {
            continue;
        };
        let add_issue = |severity, code, message: String| {
            view.issue(
                severity,
                code,
                number,
                Some((span.start, span.end)),
                message,
            )
            .found(excerpt(text))
        };
        let shown = format!("`{}` ({})", excerpt(text), span.label);
        if let Some(other) = before.filter(|other| span.start < other.end) {
            let outer = document
                .text
                .get(other.start..other.end)
                .unwrap_or_default();
            let how = if span.end <= other.end {
                "lies in"
            } else {
                "overlaps"
            };
            let message = format!("{shown} {how} `{}` ({})", excerpt(outer), other.label);
            let fix = "keep one of the two for training; conversion and the library hold both";
            issues.push(add_issue(Severity::Warning, IssueCode::SpanOverlapping, message).fix(fix));
        }
        let reached = before.map_or(0, |other| other.end);
        if reached < span.end {
            before = Some(span);
        }
        let (first, end) = words(document, span);
        if first >= end {
            let visible = text.chars().any(|c| !c.is_whitespace());
            let what = if visible {
                shown
            } else {
                format!("a span of white space ({})", span.label)
            };
            let message = format!("{what} has no word of its own");
            let fix = "take the span away, or place it on a word";
            issues.push(add_issue(Severity::Warning, IssueCode::SpanWithoutWord, message).fix(fix));
            continue;
        }
        let aligned =
            document.words[first].start == span.start && document.words[end - 1].end == span.end;
        if aligned {
            continue;
        }
        let next = document.spans.get(place + 1);
        let whole = (document.words[first].start, document.words[end - 1].end);
        doubtful |= whole.0 < reached
            || next.is_some_and(|other| other.start < whole.1)
            || is_shifted(span, text, whole, end - first);
        let trimmed = text.trim();
        if trimmed.len() < text.len() {
            let at = edges(
                text.starts_with(char::is_whitespace),
                text.ends_with(char::is_whitespace),
            );
            let message = format!("{shown} {} white space", at.with);
            let fix = format!("trim it to `{}`", excerpt(trimmed));
            let issue = add_issue(Severity::Warning, IssueCode::SpanEdgeSpace, message);
            issues.push(issue.fix(fix).repair(Repair::TrimSpans));
        }
        issues.extend(cut(document, span, (first, end), &shown, &add_issue));
    }
    // What one span of a document shows is true of its others: they were made by the same program.
    for issue in &mut issues {
        issue.doubtful =
            doubtful && [IssueCode::SpanCutsWord, IssueCode::SpanEdgeSpace].contains(&issue.code);
    }
    issues
}

/// Whether both edges of a span are off in the same direction, as where all offsets of its document are.
/// `whole` are the edges of the `number` words that it touches.
fn is_shifted(span: &Span, text: &str, whole: (usize, usize), number: usize) -> bool {
    let (starts_inside, ends_inside) = (whole.0 < span.start, span.end < whole.1);
    starts_inside && text.ends_with(char::is_whitespace)
        || ends_inside && text.starts_with(char::is_whitespace)
        || starts_inside && ends_inside && number > 1
}

/// The words that a span touches, as half-open indices. An empty word has no inside, so that it
/// belongs to a span by its position.
pub(super) fn words(document: &Document, span: &Span) -> (usize, usize) {
    let words = &document.words;
    let first = words.partition_point(|w| w.end <= span.start && w.start < span.start);
    let end = words.partition_point(|w| w.start < span.end || w.end <= span.end);
    (first, end)
}

/// An edge inside a word.
fn cut(
    document: &Document,
    span: &Span,
    (first, end): (usize, usize),
    shown: &str,
    add_issue: &dyn Fn(Severity, IssueCode, String) -> Issue,
) -> Option<Issue> {
    let whole = (document.words[first].start, document.words[end - 1].end);
    let (starts, ends) = (whole.0 < span.start, span.end < whole.1);
    if !starts && !ends {
        return None;
    }
    let at = edges(starts, ends);
    // White space at an edge is no part of what the span grows to, but stays where it is.
    let grown = (whole.0.min(span.start), whole.1.max(span.end));
    let words = document
        .text
        .get(grown.0..grown.1)
        .unwrap_or_default()
        .trim();
    let unspaced = |byte: usize| {
        let (before, behind) = document.text.split_at(byte);
        let is = |c: Option<char>| c.is_some_and(is_unspaced);
        is(before.chars().next_back()) || is(behind.chars().next())
    };
    if (!starts || unspaced(span.start)) && (!ends || unspaced(span.end)) {
        let message = format!("{shown} {} inside `{}`", at.inside, excerpt(words));
        let fix = "give the words yourself, as tokens or in columns, where the edge must be exact";
        return Some(add_issue(Severity::Info, IssueCode::SpanCutsRun, message).fix(fix));
    }
    let word = |i: usize| excerpt(document.word_text(i));
    let inside = match (starts, ends) {
        (true, true) if first + 1 < end => {
            format!("the words `{}` and `{}`", word(first), word(end - 1))
        }
        (true, _) => format!("the word `{}`", word(first)),
        _ => format!("the word `{}`", word(end - 1)),
    };
    let message = format!("{shown} {} inside {inside}", at.inside);
    let fix = format!("grow it to `{}`", excerpt(words));
    let issue = add_issue(Severity::Warning, IssueCode::SpanCutsWord, message);
    Some(issue.fix(fix).repair(Repair::SnapToWords))
}

struct Edges {
    with: &'static str,
    inside: &'static str,
}

fn edges(start: bool, end: bool) -> Edges {
    let (with, inside) = match (start, end) {
        (true, true) => ("starts and ends with", "starts and ends"),
        (true, false) => ("starts with", "starts"),
        _ => ("ends with", "ends"),
    };
    Edges { with, inside }
}
