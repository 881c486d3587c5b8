//! Gathers documents of formats that keep a text and, apart from it, where its entities are.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::dataset::{Corpus, SourceInfo};
use crate::document::{Document, Word};
use crate::format::discontinuous::{self, Piece, joined};
use crate::format::{ReadError, spans};
use crate::formats::Format;
use crate::issue::{Issue, IssueCode, Issues, Severity, excerpt};
use crate::offset_inference::{OffsetEvidence, OffsetReading};
use crate::offsets::OffsetMap;
use crate::options::ReadOptions;

/// An entity as the file has it.
#[derive(Clone, Debug, Default)]
pub(super) struct Mark {
    pub line: usize,
    /// In order, counted from the start of the text; negative where they lie before it.
    pub pieces: Vec<(i64, i64)>,
    /// Empty where the file names none.
    pub label: String,
    /// What the file says that it covers.
    pub text: Option<String>,
    /// What a message shows of it.
    pub shown: String,
}

impl Mark {
    /// The same, a character nearer to the start of the text.
    pub fn one_before(&self) -> Self {
        let before = |(start, end): &(i64, i64)| (start.saturating_sub(1), end.saturating_sub(1));
        Self {
            pieces: self.pieces.iter().map(before).collect(),
            ..self.clone()
        }
    }

    /// As `spans` reads it.
    fn value(&self, (start, end): (i64, i64)) -> Value {
        let mut value = json!({"start": start, "end": end, "label": self.label});
        if let Some(text) = &self.text {
            value["text"] = text.as_str().into();
        }
        value
    }

    /// The whole of it, where it is one run of text.
    fn whole(&self, text: &str, map: &OffsetMap, options: &ReadOptions) -> Option<(i64, i64)> {
        if let [only] = self.pieces[..] {
            return Some(only);
        }
        let piece = |(start, end): &(i64, i64)| -> Option<Piece> {
            Some((u64::try_from(*start).ok()?, u64::try_from(*end).ok()?))
        };
        let pieces: Option<Vec<Piece>> = self.pieces.iter().map(piece).collect();
        let Some(pieces) = pieces else {
            // It starts before the text, which is found where it is read.
            return self.pieces.first().copied();
        };
        let (start, end) = joined(&pieces, text, map, options)?;
        Some((i64::try_from(start).ok()?, i64::try_from(end).ok()?))
    }
}

/// A text and what is marked in it.
#[derive(Default)]
pub(super) struct Text<'a> {
    pub id: Option<String>,
    pub group: Option<u32>,
    pub line: usize,
    pub text: &'a str,
    /// `None` where the file says nothing of words.
    pub words: Option<Vec<Word>>,
    pub marks: &'a [Mark],
}

/// What is known after the texts read so far.
pub(super) struct Standoff<'a> {
    pub options: &'a ReadOptions,
    pub source: SourceInfo,
    pub documents: Vec<Document>,
    pub issues: Issues,
    pub evidence: OffsetEvidence,
    /// What was left out because it is no entity, by its name.
    others: BTreeMap<String, usize>,
}

/// A document, and what `spans` found out on the way.
pub(super) struct Read {
    pub document: Document,
    pub issues: Issues,
    pub evidence: OffsetEvidence,
    invalid: usize,
}

/// Reads a file, and once more where the text that it gives with each entity proves that its offsets mean
/// something else than was thought.
pub(super) fn again(
    path: &Path,
    options: &ReadOptions,
    read: impl for<'o> Fn(&'o ReadOptions) -> Result<Standoff<'o>, ReadError>,
) -> Result<Corpus, ReadError> {
    let first = read(options)?;
    let asked = OffsetReading::of(options);
    let proven = first.evidence.proven();
    let Some(reading) = proven.filter(|_| asked == OffsetReading::default()) else {
        return first.finish(path);
    };
    let why = "because the text that is given with each span proves it";
    let mut corpus = read(&reading.within(options))?.finish(path)?;
    corpus.issues.insert(0, reading.taken(asked, why, path));
    Ok(corpus)
}

impl<'a> Standoff<'a> {
    pub fn new(path: &Path, format: Format, options: &'a ReadOptions) -> Self {
        Self {
            options,
            source: SourceInfo::new(path, format),
            documents: Vec::new(),
            issues: Issues::default(),
            evidence: OffsetEvidence::new(options),
            others: BTreeMap::new(),
        }
    }

    /// Counts what was left out because it is no entity.
    pub fn leave_out(&mut self, what: &str, count: usize) {
        if count > 0 {
            *self.others.entry(what.into()).or_default() += count;
        }
    }

    /// Reports a line that cannot be understood.
    pub fn fault(&mut self, file: &Path, line: usize, found: &str, what: &str, fix: &str) {
        let shown = excerpt(found);
        let message = format!("`{shown}` {what}");
        let code = IssueCode::BadAnnotation;
        let issue = Issue::new(Severity::Error, code, file, line, message);
        self.issues.push(issue.found(shown).fix(fix));
    }

    /// Reads a text, of whose marks `file` has the lines.
    pub fn read(&self, file: &Path, text: &Text) -> Read {
        let mut document = Document::from_text(text.text);
        if let Some(words) = &text.words {
            (document.words, document.words_given) = (words.clone(), true);
        }
        document.id.clone_from(&text.id);
        document.group = text.group;
        document.line = text.line;
        let map = OffsetMap::new(text.text);
        let mut issues = Issues::default();
        let (mut values, mut lines, mut lost) = (Vec::new(), Vec::new(), Vec::new());
        for mark in text.marks {
            if let Some(whole) = mark.whole(text.text, &map, self.options) {
                values.push(mark.value(whole));
                lines.push(mark.line);
                continue;
            }
            let (count, shown) = (mark.pieces.len(), excerpt(&mark.shown));
            let issue = discontinuous::issue(file, mark.line, count, &shown, self.options);
            issues.push(issue);
            lost.push(mark);
        }
        let place = spans::SpanContext {
            path: file,
            line: text.line,
            lines: &lines,
            text: text.text,
            tokens: None,
            words: &document.words,
            options: self.options,
            names: None,
        };
        let found = spans::read(&values, &map, &place, &mut issues);
        document.spans = found.spans;
        // They fit their text in no way.
        let mut evidence = found.evidence;
        let with_text = lost.iter().filter(|mark| mark.text.is_some());
        evidence.spans += lost.len();
        evidence.with_text += with_text.count();
        Read {
            document,
            issues,
            evidence,
            invalid: found.invalid + lost.len(),
        }
    }

    /// Takes a document that was read.
    pub fn take(&mut self, mut read: Read) {
        let document = std::mem::take(&mut read.document);
        self.evidence.join(&read.evidence);
        self.source.count(&document);
        self.documents.push(document);
        self.pass_over(read);
    }

    /// Takes what was found while a document was read, but not the document.
    pub fn pass_over(&mut self, read: Read) {
        for issue in read.issues.into_vec() {
            self.issues.push(issue);
        }
        self.source.dropped_spans += read.invalid;
    }

    /// Reads a text and takes its document.
    pub fn add(&mut self, file: &Path, text: &Text) {
        let read = self.read(file, text);
        self.take(read);
    }

    /// All documents, or why there are none.
    pub fn finish(mut self, path: &Path) -> Result<Corpus, ReadError> {
        if self.issues.has_errors() {
            let mut issues = self.issues.into_vec();
            if issues
                .iter()
                .any(|issue| issue.severity == Severity::Error && !issue.code.is_of_span())
            {
                return Err(ReadError::malformed(path, issues));
            }
            self.evidence.advise(&mut issues);
            return Err(ReadError::invalid_spans(path, issues));
        }
        for document in &self.documents {
            let file = document.file.as_deref().unwrap_or(path);
            spans::misfits(file, document, &mut self.issues);
        }
        if !self.others.is_empty() {
            let kinds = self.others.iter();
            let kinds: Vec<String> = kinds
                .map(|(what, count)| format!("{count} {what}"))
                .collect();
            let message = format!(
                "{} were left out: only the entities are used",
                kinds.join(", ")
            );
            let code = IssueCode::AnnotationsIgnored;
            self.issues
                .push(Issue::new(Severity::Info, code, path, 0, message));
        }
        Ok(Corpus {
            documents: self.documents,
            source: self.source,
            issues: self.issues.into_vec(),
            offset_evidence: (self.evidence.spans > 0).then_some(self.evidence),
        })
    }
}
