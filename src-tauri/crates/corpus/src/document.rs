//! A document: its text, its words as byte ranges, and the spans labelled in it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::words;
pub use crate::words::Word;

/// Half-open byte range with a label. The score (0–1) is there when a model gave the span.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// The byte where it starts.
    pub start: usize,
    /// The byte behind its end.
    pub end: usize,
    /// What kind of entity it is.
    pub label: String,
    /// How sure the model was, 0–1; `None` for gold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f32>,
}

/// A labelled range of words: half-open word indices.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WordSpan {
    /// The first word.
    pub first: usize,
    /// The word behind the last.
    pub end: usize,
    /// What kind of entity it is.
    pub label: String,
}

/// What [`Document::word_spans`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WordSpans {
    /// In order, without overlap.
    pub spans: Vec<WordSpan>,
    /// Spans with an edge inside a word, which was moved outward to the word's edge.
    pub moved: usize,
    /// Spans that touch no word, or overlap one that was kept.
    pub lost: usize,
}

/// A text, its words, and the spans labelled in it: one training example.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// As the file names it.
    pub id: Option<String>,
    /// The number of the source document this one is a sentence of (`-DOCSTART-`), from 0.
    pub group: Option<u32>,
    /// All offsets of words and spans count its bytes.
    pub text: String,
    /// In order, without overlap.
    pub words: Vec<Word>,
    /// Gold, or what a model found. Readers give them in order, without overlap.
    pub spans: Vec<Span>,
    /// The line of its file where it starts, from 1; 0 when it comes from no file.
    pub line: usize,
    /// The file that `line` counts in, where that is not the corpus's own: several files make one
    /// split. No format holds it.
    #[serde(skip)]
    pub file: Option<Arc<Path>>,
    /// What stands around it in its source document, where [`give_context`](crate::give_context) has looked.
    /// No format holds it.
    #[serde(skip)]
    pub context: Option<Context>,
    /// The split that its record names, until the reading has put it there. No format holds it.
    #[serde(skip)]
    pub split: Option<&'static str>,
    /// The words came from the file, not from our own splitting.
    pub words_given: bool,
    /// The pieces of the text of which nobody said whether they belong to an entity, in order:
    /// [`ReadOptions::mask_unknown`](crate::ReadOptions::mask_unknown) keeps them. Their words are left out of the loss.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<Word>,
}

impl Document {
    /// A document without spans, its words found by [`words::split`].
    pub fn from_text(text: impl Into<String>) -> Self {
        let text = text.into();
        let words = words::split(&text);
        Self {
            text,
            words,
            ..Self::default()
        }
    }

    /// A document without spans, its text being the words joined by one space.
    pub fn from_words<S: AsRef<str>>(words: &[S]) -> Self {
        let size = words.iter().map(|w| w.as_ref().len() + 1).sum();
        let mut text = String::with_capacity(size);
        let mut ranges = Vec::with_capacity(words.len());
        for (i, word) in words.iter().enumerate() {
            if i > 0 {
                text.push(' ');
            }
            let start = text.len();
            text.push_str(word.as_ref());
            ranges.push(Word {
                start,
                end: text.len(),
            });
        }
        Self {
            text,
            words: ranges,
            words_given: true,
            ..Self::default()
        }
    }

    /// Whether each word is known to belong to an entity or to none.
    pub fn known_words(&self) -> Vec<bool> {
        let mut unknown = self.unknown.iter().peekable();
        let known = |word: &Word| {
            // An empty word overlaps nothing, and is itself all the same.
            let behind = |piece: &&Word| piece.end <= word.start && *piece != word;
            while unknown.next_if(behind).is_some() {}
            let next = unknown.peek();
            next.is_none_or(|piece| piece.start >= word.end && *piece != word)
        };
        self.words.iter().map(known).collect()
    }

    /// The numbers of the words that are not known to belong to an entity or to none.
    pub fn unknown_words(&self) -> Vec<usize> {
        if self.unknown.is_empty() {
            return Vec::new();
        }
        let known = self.known_words().into_iter().enumerate();
        known.filter(|(_, known)| !known).map(|(i, _)| i).collect()
    }

    /// # Panics
    /// When there is no word `i`.
    pub fn word_text(&self, i: usize) -> &str {
        let word = self.words[i];
        &self.text[word.start..word.end]
    }

    /// The spans as ranges of words. An edge inside a word is moved outward to the word's edge.
    /// Where two results overlap, the one that starts first stays, and of two that start
    /// together the longer one.
    pub fn word_spans(&self) -> WordSpans {
        let mut found = WordSpans::default();
        for span in &self.spans {
            // An empty word has no inside, so that it belongs to a span by its position.
            let first = self
                .words
                .partition_point(|w| w.end <= span.start && w.start < span.start);
            let end = self
                .words
                .partition_point(|w| w.start < span.end || w.end <= span.end);
            if first >= end {
                found.lost += 1;
                continue;
            }
            if self.words[first].start < span.start || self.words[end - 1].end > span.end {
                found.moved += 1;
            }
            found.spans.push(WordSpan {
                first,
                end,
                label: span.label.clone(),
            });
        }
        found
            .spans
            .sort_by_key(|span| (span.first, std::cmp::Reverse(span.end)));
        let before = found.spans.len();
        let mut covered = 0;
        found.spans.retain(|span| {
            let free = span.first >= covered;
            if free {
                covered = span.end;
            }
            free
        });
        found.lost += before - found.spans.len();
        found
    }

    /// Replaces the spans by ranges of words.
    ///
    /// # Panics
    /// When a range is empty or reaches past the last word.
    pub fn set_word_spans(&mut self, spans: &[WordSpan]) {
        self.spans = spans
            .iter()
            .map(|span| Span {
                start: self.words[span.first].start,
                end: self.words[span.end - 1].end,
                label: span.label.clone(),
                score: None,
            })
            .collect();
    }
}

/// The labels that occur in the documents' spans, sorted, each once.
pub fn labels(docs: &[Document]) -> Vec<String> {
    let distinct: BTreeSet<&str> = docs
        .iter()
        .flat_map(|doc| &doc.spans)
        .map(|span| span.label.as_str())
        .collect();
    distinct.into_iter().map(String::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: usize, end: usize, label: &str) -> Span {
        Span {
            start,
            end,
            label: label.into(),
            score: None,
        }
    }

    fn word_span(first: usize, end: usize, label: &str) -> WordSpan {
        WordSpan {
            first,
            end,
            label: label.into(),
        }
    }

    fn check(text: &str, spans: &[Span], expected: &[WordSpan], moved: usize, lost: usize) {
        let mut doc = Document::from_text(text);
        doc.spans = spans.to_vec();
        let found = doc.word_spans();
        assert_eq!(
            (&found.spans[..], found.moved, found.lost),
            (expected, moved, lost),
            "{text}"
        );
    }

    #[test]
    fn spans_become_word_ranges() {
        let text = "Ada Lovelace of London";
        check(
            text,
            &[span(0, 12, "P"), span(16, 22, "L")],
            &[word_span(0, 2, "P"), word_span(3, 4, "L")],
            0,
            0,
        );
        // Edges inside a word move outward; white space at an edge is no loss.
        check(text, &[span(1, 9, "P")], &[word_span(0, 2, "P")], 1, 0);
        check(text, &[span(3, 13, "P")], &[word_span(1, 2, "P")], 0, 0);
        // A span over a space alone has no word.
        check(text, &[span(3, 4, "P")], &[], 0, 1);
        // Two in one word collide once they are moved; of nested ones the longer stays.
        check(
            text,
            &[span(0, 1, "A"), span(1, 3, "B")],
            &[word_span(0, 1, "A")],
            2,
            1,
        );
        check(
            text,
            &[span(0, 3, "A"), span(0, 12, "B")],
            &[word_span(0, 2, "B")],
            0,
            1,
        );
        check("", &[], &[], 0, 0);
    }

    #[test]
    fn empty_words_keep_their_place() {
        let words = ["", "a", "", "b", ""];
        for first in 0..words.len() {
            for end in first + 1..=words.len() {
                let mut doc = Document::from_words(&words);
                let spans = [word_span(first, end, "X")];
                doc.set_word_spans(&spans);
                let found = doc.word_spans();
                assert_eq!(
                    (&found.spans[..], found.moved, found.lost),
                    (&spans[..], 0, 0)
                );
            }
        }
    }

    #[test]
    fn words_are_known_unless_a_piece_of_them_is_not() {
        let mut doc = Document::from_words(&["ab", "", "cd", "ef"]);
        assert_eq!(doc.known_words(), [true; 4]);
        doc.unknown = vec![doc.words[1], doc.words[3]];
        assert_eq!(doc.known_words(), [true, false, true, false]);
        doc.unknown = vec![Word { start: 1, end: 5 }];
        assert_eq!(doc.known_words(), [false, false, false, true]);
    }

    #[test]
    fn joined_words_keep_their_ranges() {
        let doc = Document::from_words(&["New York", "", "é😀"]);
        assert_eq!(doc.text, "New York  é😀");
        assert_eq!(
            (doc.word_text(0), doc.word_text(1), doc.word_text(2)),
            ("New York", "", "é😀")
        );
    }

    #[test]
    fn labels_are_sorted_and_distinct() {
        let mut doc = Document::from_text("a b c");
        doc.spans = vec![span(0, 1, "Z"), span(2, 3, "A"), span(4, 5, "Z")];
        assert_eq!(labels(&[doc]), ["A", "Z"]);
    }
}
