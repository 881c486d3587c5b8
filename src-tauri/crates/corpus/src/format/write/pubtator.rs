//! Writes PubTator's text files: the first line of a text as the title, the rest as the abstract.

use std::fmt::Write as _;
use std::io::Write;

use super::words::scores;
use crate::document::Document;
use crate::format::{WriteError, WriteReport};
use crate::offsets::OffsetMap;
use crate::words;

pub(super) fn write(
    document: &Document,
    number: usize,
    out: &mut impl Write,
    report: &mut WriteReport,
) -> Result<(), WriteError> {
    let id = document.id.as_deref().filter(|id| names_an_article(id));
    report.lost_ids += usize::from(id.is_none() && document.id.is_some());
    report.lost_groups += usize::from(document.group.is_some());
    report.lost_scores += scores(document);
    let own = document.words_given && document.words != words::split(&document.text);
    report.changed_words += usize::from(own);
    let id = id.map_or_else(|| number.to_string(), String::from);
    // A line end counts as one character, which is what stands in its place.
    let parts = document.text.split_once('\n');
    let parts = parts.filter(|(_, rest)| !rest.is_empty());
    let (title, rest) = parts.unwrap_or((&document.text, ""));
    let changed = [title, rest].iter().any(|part| part.contains(SEPARATORS));
    report.changed_strings += usize::from(changed);
    let mut text = format!("{id}|t|{}\n{id}|a|{}\n", one_line(title), one_line(rest));
    let map = OffsetMap::new(&document.text);
    for span in &document.spans {
        let edges = map.char_of_byte(span.start).zip(map.char_of_byte(span.end));
        let Some((start, end)) = edges.filter(|(start, end)| start < end) else {
            report.lost_spans += 1;
            continue;
        };
        report.entities += 1;
        let covered = one_line(&document.text[span.start..span.end]);
        let label = one_line(&span.label);
        report.changed_strings += usize::from(label != span.label);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{id}\t{start}\t{end}\t{covered}\t{label}\t-");
    }
    text.push('\n');
    out.write_all(text.as_bytes())?;
    Ok(())
}

/// What stands before `|t|`.
fn names_an_article(id: &str) -> bool {
    !id.is_empty() && !id.contains(|c: char| c == '|' || c.is_whitespace() || c.is_control())
}

const SEPARATORS: [char; 3] = ['\t', '\n', '\r'];

/// Each character that separates lines or columns as a space, so that no offset changes.
fn one_line(text: &str) -> String {
    text.replace(SEPARATORS, " ")
}
