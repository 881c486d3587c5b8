//! Writes documents in a format, and counts what the format cannot hold.

use std::io::Write;

use serde::{Deserialize, Serialize};

use crate::document::Document;
use crate::format::error::WriteError;
use crate::scheme::Scheme;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WriteFormat {
    /// Two columns parted by a tab.
    ConllScheme(Scheme),
    /// `{"text", "entities": [{"start", "end", "label"}]}`, offsets in characters.
    JsonlSpans,
    /// `{"tokens", "ner_tags"}`, the tags by name.
    JsonlTokens { scheme: Scheme },
}

/// What was written, and what the format could not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WriteReport {
    pub documents: usize,
    pub entities: usize,
    /// Spans with an edge inside a word, widened to the whole word.
    pub moved_spans: usize,
    /// Spans without any word, or overlapping another.
    pub lost_spans: usize,
    /// Touching entities of one label that IO makes one.
    pub joined_spans: usize,
    /// Documents without words, which CoNLL has no way to write.
    pub empty_documents: usize,
    /// Documents whose text cannot be rebuilt from their words (white space, joined words).
    pub changed_texts: usize,
    /// Documents whose own words are not what splitting their text gives.
    pub changed_words: usize,
    /// Words and labels in which a tab or line break became a space.
    pub changed_strings: usize,
    pub lost_ids: usize,
}

pub fn write(
    documents: &[Document],
    target: &WriteFormat,
    out: &mut impl Write,
) -> Result<WriteReport, WriteError> {
    let _ = (documents, target, out);
    todo!()
}
