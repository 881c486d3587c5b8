//! Reads JSON records with labelled spans or tagged tokens, in all known spellings.

mod chunks;
mod finish;
mod spacy_doc;
mod studio;
mod text;
mod tokens;

pub(super) use tokens::chosen;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};

use crate::agreement::Annotators;
use crate::dataset::Corpus;
use crate::document::Document;
use crate::format::features::Names;
use crate::format::json::{self, Record};
use crate::format::tagged::Sentence;
use crate::format::{ReadError, partial, span_groups};
use crate::formats::{Dialect, Format};
use crate::issue::{Issue, IssueCode, Issues, Severity, excerpt};
use crate::offset_inference::OffsetEvidence;
use crate::options::{OffsetUnit, ReadOptions};

/// A record, read as far as one can without having seen the others.
enum Read {
    Document(Document),
    /// The tags are text until all of them have been seen.
    Tagged(Sentence<'static>, Vec<String>),
}

/// What is known after the records read so far.
struct Reader<'a> {
    path: &'a Path,
    options: &'a ReadOptions,
    names: &'a Names,
    read: Vec<Read>,
    spelling: Option<Dialect>,
    evidence: OffsetEvidence,
    /// Some text with spans has a character that is two UTF-16 units.
    wide: bool,
    invalid_spans: usize,
    /// How much was skipped, by the code that reports it.
    passed_over: BTreeMap<IssueCode, usize>,
    /// Records by the answer that makes them no gold.
    skipped: BTreeMap<String, usize>,
    /// Records that answer yes to one entity and say nothing of the rest, and the words of that.
    partly: (usize, usize),
    annotators: Annotators,
    span_groups: span_groups::Ignored,
    issues: Issues,
}

/// Reads the records of a JSON file or of JSON lines.
pub(super) fn read(path: &Path, text: &str, options: &ReadOptions) -> Result<Corpus, ReadError> {
    let found = json::records(path, text)?;
    let names = Names::new(path, options, found.features.as_ref());
    let run = |options| run(path, &found.records, &names, options);
    let reader = run(options)?;
    if !reader.counts_utf16() {
        return reader.finish(None);
    }
    let utf16 = ReadOptions {
        offsets: OffsetUnit::Utf16,
        ..options.clone()
    };
    let mut reader = run(&utf16)?;
    let message = "the offsets were read as UTF-16 units, which Label Studio counts";
    let issue = Issue::new(Severity::Info, IssueCode::OffsetsUtf16, path, 0, message);
    reader.issues.push(issue);
    reader.finish(None)
}

fn run<'a>(
    path: &'a Path,
    records: &[Record],
    names: &'a Names,
    options: &'a ReadOptions,
) -> Result<Reader<'a>, ReadError> {
    let mut reader = Reader::new(path, names, options);
    for record in records {
        let value: Value = json::parse(path, record)?;
        reader.record(record.line, &value);
    }
    reader.unless_no_corpus(
        records.len(),
        records.first().map_or(1, |record| record.line),
    )
}

/// Reads the rows of a table whose columns are named as the fields of records are; each row's line
/// is its number, from 1. `format` names what they came from, given whether they are lists of tokens.
pub(super) fn read_rows(
    path: &Path,
    rows: impl Iterator<Item = Result<Value, ReadError>>,
    names: &Names,
    format: impl FnOnce(bool) -> Format,
    options: &ReadOptions,
) -> Result<Corpus, ReadError> {
    let mut reader = Reader::new(path, names, options);
    let mut line = 0;
    for row in rows {
        line += 1;
        reader.record(line, &row?);
    }
    let reader = reader.unless_no_corpus(line, 1)?;
    let tokens = matches!(reader.read.first(), Some(Read::Tagged(..)));
    reader.finish(Some(format(tokens)))
}

/// Did a person of Prodigy only say whether one entity is right? The rest was not asked for.
fn is_binary(object: &Map<String, Value>) -> bool {
    object.get("_is_binary").and_then(Value::as_bool) == Some(true)
        || object.get("_view_id").and_then(Value::as_str) == Some("ner")
}

impl<'a> Reader<'a> {
    fn new(path: &'a Path, names: &'a Names, options: &'a ReadOptions) -> Self {
        Self {
            path,
            options,
            names,
            read: Vec::new(),
            spelling: None,
            evidence: OffsetEvidence::new(options),
            wide: false,
            invalid_spans: 0,
            passed_over: BTreeMap::new(),
            skipped: BTreeMap::new(),
            partly: (0, 0),
            annotators: Annotators::new(&options.annotator),
            span_groups: span_groups::Ignored::default(),
            issues: Issues::default(),
        }
    }

    /// Takes what another reader found out about a record, except for its document.
    fn join(&mut self, other: Self) {
        for issue in other.issues.into_vec() {
            self.issues.push(issue);
        }
        self.evidence.join(&other.evidence);
        self.wide |= other.wide;
        self.invalid_spans += other.invalid_spans;
        self.spelling = self.spelling.or(other.spelling);
        for (code, count) in other.passed_over {
            self.pass_over(code, count);
        }
    }

    fn unless_no_corpus(self, records: usize, line: usize) -> Result<Self, ReadError> {
        if self.issues.count(IssueCode::BadRecord) < records
            || (records == 0 && !self.read.is_empty())
        {
            return Ok(self);
        }
        let first = self.issues.into_vec().into_iter().next();
        Err(ReadError::NotACorpus {
            file: self.path.into(),
            line,
            found: first.map_or_else(|| "no record".into(), |issue| issue.found),
            expected: "records with `text` and `entities`, or with `tokens` and `ner_tags`".into(),
            tried: Vec::new(),
        })
    }

    /// Label Studio counts as its page does, in JavaScript; but not every program that writes its
    /// form does. The text that comes with each span decides, else the edges of words.
    fn counts_utf16(&self) -> bool {
        let fit = |unit| {
            let mut fits = self.evidence.fits.iter();
            let found = fits.find(|fit| fit.unit == unit && fit.shift == 0);
            found.map(|fit| (fit.equal, fit.at_words))
        };
        self.spelling == Some(Dialect::LabelStudio)
            && self.wide
            && (self.options.offsets, self.options.shift) == (OffsetUnit::Characters, 0)
            && fit(OffsetUnit::Utf16) >= fit(OffsetUnit::Characters)
    }

    fn record(&mut self, line: usize, value: &Value) {
        match value {
            Value::Object(object) => self.object(line, object),
            Value::Array(parts) => match &parts[..] {
                [Value::String(text), Value::Object(annotations)] => {
                    self.spelling.get_or_insert(Dialect::Spacy);
                    self.text(line, text, annotations);
                }
                _ => self.bad_record(line, "an array that is not `[text, {\"entities\": …}]`"),
            },
            other => self.bad_record(line, &format!("`{}`", excerpt(&other.to_string()))),
        }
    }

    fn bad_record(&mut self, line: usize, found: &str) {
        let message = format!("found {found}, expected a record with `text` or `tokens`");
        let fix = "give each record a `text` with `entities`, or `tokens` with `ner_tags`";
        self.error(IssueCode::BadRecord, line, found, message, fix);
    }

    fn error(&mut self, code: IssueCode, line: usize, found: &str, message: String, fix: &str) {
        self.issues.push(
            Issue::new(Severity::Error, code, self.path, line, message)
                .found(found)
                .fix(fix),
        );
    }

    fn pass_over(&mut self, code: IssueCode, count: usize) {
        if count > 0 {
            *self.passed_over.entry(code).or_default() += count;
        }
    }

    fn object(&mut self, line: usize, object: &Map<String, Value>) {
        if let Some(answer) = object.get("answer").and_then(Value::as_str) {
            self.spelling.get_or_insert(Dialect::Prodigy);
            if answer != "accept" {
                *self.skipped.entry(answer.into()).or_default() += 1;
                return;
            }
        }
        if studio::is_task(object) {
            return self.task(line, object);
        }
        if spacy_doc::is_doc(object) {
            return self.spacy_doc(line, object);
        }
        let before = self.read.len();
        self.plain(line, object);
        if is_binary(object)
            && let [Read::Document(document)] = &mut self.read[before..]
        {
            let unknown = partial::outside(document);
            self.partly.0 += 1;
            self.partly.1 += unknown.len();
            if self.options.mask_unknown {
                document.unknown = unknown;
            }
        }
    }

    fn plain(&mut self, line: usize, object: &Map<String, Value>) {
        let tags = self.tags_of(object);
        let tokens = self.tokens_of(object);
        match (tokens, object.get("text").and_then(Value::as_str)) {
            (Some(tokens), text) if tags.is_some() || text.is_none() => {
                self.tokens(line, object, &tokens, tags);
            }
            (_, Some(text)) => self.text(line, text, object),
            _ if chunks::are_chunks(object) => self.chunks(line, object),
            _ => {
                let keys: Vec<String> = object
                    .keys()
                    .take(8)
                    .map(|k| format!("`{}`", excerpt(k)))
                    .collect();
                let found = match object.get("text") {
                    Some(_) => "a `text` that is not a string".into(),
                    None if keys.is_empty() => "an empty record".into(),
                    None => format!("a record with {}", keys.join(", ")),
                };
                self.bad_record(line, &found);
            }
        }
    }
}
