//! Reads tokens with spans that count them, as GLiNER and others have it: `[[0, 1, "PER"]]`.
//!
//! Some count the last token as part of a span, some the one after it. What the records of a file
//! prove decides, else the custom of the program that the fields are known from.

use serde_json::{Map, Value};

use super::Reader;
use crate::document::{Document, WordSpan};
use crate::format::keys;
use crate::format::spans::{self, SpanContext, are_tokens_of};
use crate::format::tagged::Sentence;
use crate::issue::{Issue, IssueCode, Severity};
use crate::offsets::OffsetMap;
use crate::options::{LineEnds, OffsetUnit, ReadOptions};

/// A record of this kind, until all have been seen.
#[derive(Default)]
pub(super) struct Counted {
    pub sentence: Sentence<'static>,
    pub spans: Vec<Value>,
    pub names: Option<Vec<String>>,
    /// Whether the program that writes such fields counts the last token as part of the span.
    pub inclusive: bool,
}

/// GLiNER's `tokenized_text` with `ner`, and lists of lists as relation extraction has them, are
/// inclusive; records with `start` and `end` are not.
pub(super) fn usual(object: &Map<String, Value>, key: &str) -> bool {
    let gliner = object.keys().any(|key| keys::bare(key) == "tokenizedtext");
    let lists = object[key].as_array().and_then(|list| list.first());
    gliner || keys::bare(key) == "ner" && lists.is_none_or(Value::is_array)
}

/// What the spans of a file prove.
#[derive(Clone, Copy, Default)]
pub(super) struct Proof {
    /// Spans that quote what lies before the token of their end, and those that quote that token as well.
    quoted: [usize; 2],
    /// Spans that start and end with the same token.
    single: usize,
    /// Spans that end behind the last token.
    behind: usize,
}

impl Proof {
    pub fn add(&mut self, counted: &Counted) {
        for span in &counted.spans {
            if let Ok(fields) = crate::format::span_fields::Fields::of(span)
                && let (Some(start), Some(end)) = (fields.start.as_u64(), fields.end.as_u64())
            {
                self.single += usize::from(start == end);
                let words = &counted.sentence.words;
                self.behind += usize::from(end == words.len() as u64);
                let Some(quote) = fields.quote else { continue };
                for (fits, further) in self.quoted.iter_mut().zip([0, 1]) {
                    let edges = usize::try_from(start).ok().zip(usize::try_from(end).ok());
                    let tokens =
                        edges.and_then(|(start, end)| words.get(start..end.checked_add(further)?));
                    *fits += usize::from(tokens.is_some_and(|tokens| are_tokens_of(quote, tokens)));
                }
            }
        }
    }

    /// Whether ends are inclusive, where the spans say so.
    pub fn inclusive(self) -> Option<bool> {
        let [after, last] = self.quoted;
        if after != last {
            return Some(last > after);
        }
        match (self.single, self.behind) {
            (1.., 0) => Some(true),
            (0, 1..) => Some(false),
            _ => None,
        }
    }
}

impl Reader<'_> {
    /// The document of such a record.
    pub(super) fn counted(&mut self, counted: Counted, inclusive: bool) -> Document {
        let sentence = counted.sentence;
        let mut document = Document::from_words(&sentence.words);
        document.id = sentence.id;
        document.group = sentence.group;
        document.split = sentence.split;
        document.line = sentence.line;
        // Offsets of tokens are those of characters in a text that has one for each of them.
        let text = "x".repeat(sentence.words.len());
        let options = ReadOptions {
            offsets: OffsetUnit::Characters,
            line_ends: LineEnds::AsWritten,
            inclusive_ends: inclusive,
            ..self.options.clone()
        };
        let place = SpanContext {
            path: self.path,
            line: document.line,
            lines: &[],
            text: &text,
            tokens: Some(&sentence.words),
            words: &[],
            options: &options,
            names: counted.names.as_deref(),
        };
        let map = OffsetMap::new(&text);
        let mut issues = crate::issue::Issues::default();
        let found = spans::read(&counted.spans, &map, &place, &mut issues);
        for issue in issues.into_vec() {
            self.issues.push(issue);
        }
        self.invalid_spans += found.invalid;
        let spans: Vec<WordSpan> = found
            .spans
            .into_iter()
            .map(|span| WordSpan {
                first: span.start,
                end: span.end,
                label: span.label,
            })
            .collect();
        document.set_word_spans(&spans);
        document
    }

    /// Says how the ends of such spans were read.
    pub(super) fn report_counting(&mut self, inclusive: bool, proven: bool) {
        let (what, how) = match inclusive {
            true => ("the last token of a span", "last"),
            false => ("the token after a span", "after"),
        };
        let message = match proven {
            true => format!("the spans count tokens, and their ends are {what}, as the file shows"),
            false => format!(
                "the spans count tokens; their ends were read as {what}, which nothing in the file proves"
            ),
        };
        let severity = match proven || how == "last" {
            true => Severity::Info,
            false => Severity::Warning,
        };
        let issue = Issue::new(severity, IssueCode::SpansOfTokens, self.path, 0, message);
        let fix = "if they are too short or too long by a token, read the file with `--inclusive-ends`, or correct the ends";
        self.issues.push(match proven {
            true => issue,
            false => issue.fix(fix),
        });
    }
}
