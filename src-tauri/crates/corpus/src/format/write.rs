//! Writes documents in a format, and counts what the format cannot hold.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use crate::document::{Document, Span};
use crate::format::error::WriteError;
use crate::offsets::OffsetMap;
use crate::scheme::{Scheme, decode, encode};
use crate::words;

/// What to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WriteFormat {
    /// Two columns parted by a tab.
    ConllScheme(Scheme),
    /// `{"text", "entities": [{"start", "end", "label"}]}`, offsets in characters.
    JsonlSpans,
    /// `{"tokens", "ner_tags"}`, the tags by name.
    JsonlTokens {
        /// Of the tags.
        scheme: Scheme,
    },
}

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
    /// Documents with an id, which CoNLL has no place for.
    pub lost_ids: usize,
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
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect()
    }
}

/// Writes all documents, in order.
pub fn write(
    documents: &[Document],
    target: &WriteFormat,
    out: &mut impl Write,
) -> Result<WriteReport, WriteError> {
    let mut report = WriteReport::default();
    let mut group = None;
    for document in documents {
        report.documents += 1;
        match target {
            WriteFormat::ConllScheme(scheme) => {
                if document.words.is_empty() {
                    report.documents -= 1;
                    report.empty_documents += 1;
                    report.lost_spans += document.spans.len();
                    continue;
                }
                if document.group != group && document.group.is_some() {
                    out.write_all(b"-DOCSTART-\tO\n\n")?;
                }
                group = document.group;
                conll(document, *scheme, out, &mut report)?;
            }
            WriteFormat::JsonlSpans => json_spans(document, out, &mut report)?,
            WriteFormat::JsonlTokens { scheme } => {
                let record = TokenRecord {
                    id: document.id.as_deref(),
                    group: document.group,
                    tokens: (0..document.words.len())
                        .map(|i| document.word_text(i))
                        .collect(),
                    ner_tags: tags(document, *scheme, &mut report),
                };
                report.changed_texts += usize::from(!is_words_joined(document));
                line(&record, out)?;
            }
        }
    }
    Ok(report)
}

#[derive(Serialize)]
struct TokenRecord<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<u32>,
    tokens: Vec<&'a str>,
    ner_tags: Vec<String>,
}

#[derive(Serialize)]
struct SpanRecord<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<u32>,
    text: &'a str,
    entities: Vec<Entity<'a>>,
}

/// Offsets in characters.
#[derive(Serialize)]
struct Entity<'a> {
    start: usize,
    end: usize,
    label: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f32>,
}

fn line(record: &impl Serialize, out: &mut impl Write) -> Result<(), WriteError> {
    serde_json::to_writer(&mut *out, record).map_err(io::Error::from)?;
    out.write_all(b"\n")?;
    Ok(())
}

fn conll(
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

/// The text without what parts columns and rows, and whether that changed it.
fn one_field(text: &str) -> (Cow<'_, str>, bool) {
    const PARTING: [char; 3] = ['\t', '\n', '\r'];
    if text.contains(PARTING) {
        (text.replace(PARTING, " ").into(), true)
    } else {
        (text.into(), false)
    }
}

fn json_spans(
    document: &Document,
    out: &mut impl Write,
    report: &mut WriteReport,
) -> Result<(), WriteError> {
    let map = OffsetMap::new(&document.text);
    let entity = |span: &'_ Span| -> Option<(usize, usize)> {
        Some((map.char_of_byte(span.start)?, map.char_of_byte(span.end)?))
    };
    let mut entities = Vec::with_capacity(document.spans.len());
    for span in &document.spans {
        match entity(span) {
            // An entity of empty words alone covers no character.
            Some((start, end)) if start < end => {
                entities.push(Entity {
                    start,
                    end,
                    label: &span.label,
                    score: span.score,
                });
            }
            _ => report.lost_spans += 1,
        }
    }
    report.entities += entities.len();
    let own_words = document.words_given && document.words != words::split(&document.text);
    report.changed_words += usize::from(own_words);
    let (id, group) = (document.id.as_deref(), document.group);
    line(
        &SpanRecord {
            id,
            group,
            text: &document.text,
            entities,
        },
        out,
    )
}

fn tags(document: &Document, scheme: Scheme, report: &mut WriteReport) -> Vec<String> {
    let found = document.word_spans();
    let tags = encode(document.words.len(), &found.spans, scheme);
    let kept = if scheme == Scheme::Io {
        decode(&tags).len()
    } else {
        found.spans.len()
    };
    report.moved_spans += found.moved;
    report.lost_spans += found.lost;
    report.joined_spans += found.spans.len() - kept;
    report.entities += kept;
    tags.iter().map(|tag| tag.render(scheme)).collect()
}

/// Can the text be rebuilt by joining the words with one space?
fn is_words_joined(document: &Document) -> bool {
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
