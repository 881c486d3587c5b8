//! Writes two columns separated by a tab.

use std::borrow::Cow;
use std::io::Write;

use super::words::{is_words_joined, tags};
use crate::document::Document;
use crate::format::{WriteError, WriteReport};
use crate::scheme::Scheme;

pub(super) fn write(
    document: &Document,
    scheme: Scheme,
    out: &mut impl Write,
    report: &mut WriteReport,
) -> Result<(), WriteError> {
    for (i, tag) in tags(document, scheme, report).iter().enumerate() {
        let (word, word_changed) = one_field(document.word_text(i));
        let (tag, tag_changed) = one_field(tag);
        // A word that says `-DOCSTART-` would be read as a boundary.
        let boundary = word.trim_start().starts_with("-DOCSTART-");
        let word = if boundary {
            word.trim_start_matches(|c: char| c == '-' || c.is_whitespace())
        } else {
            &word
        };
        report.changed_strings += usize::from(word_changed || boundary) + usize::from(tag_changed);
        writeln!(out, "{word}\t{}", tag.trim_end())?;
    }
    out.write_all(b"\n")?;
    report.changed_texts += usize::from(!is_words_joined(document));
    report.lost_ids += usize::from(document.id.is_some());
    Ok(())
}

/// The text without what separates columns and rows, and whether that changed it.
fn one_field(text: &str) -> (Cow<'_, str>, bool) {
    const SEPARATORS: [char; 3] = ['\t', '\n', '\r'];
    if text.contains(SEPARATORS) {
        (text.replace(SEPARATORS, " ").into(), true)
    } else {
        (text.into(), false)
    }
}
