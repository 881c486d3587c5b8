//! What was written, and what a format could not hold.

use serde::Serialize;

/// What was written, and what the format could not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WriteReport {
    /// Documents written.
    pub documents: usize,
    /// Entities written.
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
    /// Documents with an id, which the format has no place for.
    pub lost_ids: usize,
    /// Of the spans that are lost, those that lie in another or cross one.
    pub overlapping_spans: usize,
    /// Documents that belong to a group, which the format has no place for.
    pub lost_groups: usize,
    /// Spans with a score, which the format has no place for.
    pub lost_scores: usize,
}

impl WriteReport {
    /// What the format could not hold, in sentences; nothing when all of it is there.
    pub fn notes(&self) -> Vec<String> {
        [
            (
                self.moved_spans,
                "spans started or ended inside a word and now cover all of it",
            ),
            (
                self.lost_spans,
                "spans had no word of their own, or overlapped another, and are gone",
            ),
            (
                self.joined_spans,
                "spans touched one of the same label, which IO cannot keep apart",
            ),
            (self.empty_documents, "documents had no words and are gone"),
            (
                self.changed_texts,
                "documents lost their own white space: only the words are kept",
            ),
            (
                self.changed_words,
                "documents lost their own division into words",
            ),
            (
                self.changed_strings,
                "words or labels held a tab or a line break, now a space",
            ),
            (self.lost_ids, "documents lost their id"),
            (
                self.overlapping_spans,
                "of the spans that are gone lay in another one, or crossed one",
            ),
            (
                self.lost_groups,
                "documents lost the name of the source document they are a part of",
            ),
            (self.lost_scores, "spans lost their score"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect()
    }
}
