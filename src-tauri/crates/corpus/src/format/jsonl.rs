//! Reads JSON records with labelled spans or tagged tokens, in all known spellings.
//!
//! One file, as these are the steps that a record of any spelling takes; what differs stands in files of its own.

mod chunks;
mod columns;
mod finish;
mod shapes;
mod spacy_doc;
mod studio;
mod text;
mod tokens;
mod word_spans;

pub(super) use shapes::{is_shape_of, refers, text_of_file};
pub(super) use tokens::chosen;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};

use crate::agreement::Annotators;
use crate::dataset::Corpus;
use crate::document::Document;
use crate::format::arrow::Row;
use crate::format::features::Names;
use crate::format::json::{self, Record};
use crate::format::keys::{self, Role};
use crate::format::span_fields::looks_like_span;
use crate::format::tagged::Sentence;
use crate::format::{ReadError, partial, span_groups};
use crate::formats::{Dialect, Format};
use crate::issue::{Issue, IssueCode, Issues, Severity, excerpt};
use crate::offset_inference::{OffsetEvidence, OffsetFit, OffsetReading};
use crate::options::{LineEnds, OffsetUnit, ReadOptions};
use crate::scheme::Tag;

/// A record, read as far as one can without having seen the others.
enum Read {
    Document(Document),
    /// The tags are text until all of them have been seen.
    Tagged(Sentence<'static>, Vec<String>),
    /// Spans of tokens, until it is known what their ends are.
    Counted(word_spans::Counted),
}

/// What is known after the records read so far.
struct Reader<'a> {
    path: &'a Path,
    options: &'a ReadOptions,
    names: &'a Names,
    read: Vec<Read>,
    /// Those of the record at hand, where each span has a line of its own.
    span_lines: Vec<usize>,
    spelling: Option<Dialect>,
    evidence: OffsetEvidence,
    /// Some text with spans has a character that is two UTF-16 units.
    wide: bool,
    invalid_spans: usize,
    /// Records with a list of their labels, be it empty.
    labelled: usize,
    /// The line of the first record without one.
    first_unlabelled: Option<usize>,
    empty_tokens: usize,
    /// How much was skipped, by the code that reports it.
    passed_over: BTreeMap<IssueCode, usize>,
    /// Records by the answer that makes them no gold.
    skipped: BTreeMap<String, usize>,
    /// Records that say nothing of some of their words, and how many those are.
    partly: (usize, usize),
    annotators: Annotators,
    /// The field of the tags, and others that hold tags as well.
    tag_fields: Option<(String, Vec<String>)>,
    /// The field of the spans, another one that looks like that, and in how many records.
    further_spans: Option<(String, String, usize)>,
    span_groups: span_groups::Ignored,
    /// Records that were left out because they cannot be used.
    dropped: usize,
    issues: Issues,
}

/// What a file of records must hold.
const RECORDS: &str = "records with `text` and `entities`, or with `tokens` and `ner_tags`";

/// Reads the records of a JSON file or of JSON lines.
pub(super) fn read(path: &Path, text: &str, options: &ReadOptions) -> Result<Corpus, ReadError> {
    let store = OnceCell::new();
    let found = json::records(path, text, options, &store)?;
    let names = Names::new(path, options, found.features.as_ref());
    again(path, options, |options| {
        let mut reader = Reader::new(path, &names, options);
        for issue in &found.issues {
            reader.dropped += usize::from(issue.code == IssueCode::BadJson);
            reader.issues.push(issue.clone());
        }
        let several = match &found.records[..] {
            [only] => columns::records(only),
            _ => None,
        };
        let count = several.as_ref().map_or(found.records.len(), Vec::len);
        for (line, record) in several.iter().flatten() {
            reader.record(*line, record);
        }
        for record in found.records.iter().filter(|_| several.is_none()) {
            options.go_on(path)?;
            reader.parse(record);
        }
        let line = found.records.first().map_or(1, |record| record.line);
        reader.unless_no_corpus(count, line)?.first(None)
    })
}

/// Reads the rows of a table whose columns are named as the fields of records are; each row's line
/// is its number, from 1. `format` names what they came from, given whether they are lists of tokens.
pub(super) fn read_rows(
    path: &Path,
    rows: impl Iterator<Item = Result<Row, ReadError>>,
    names: &Names,
    format: impl FnOnce(bool) -> Format,
    options: &ReadOptions,
) -> Result<First, ReadError> {
    let placed = rows
        .enumerate()
        .map(|(i, row)| Ok((Place::of(i + 1), row?)));
    read_placed(path, placed, names, format, options)
}

/// Where a record stands.
#[derive(Clone, Default)]
pub(super) struct Place {
    pub line: usize,
    /// The line of each of its spans, where each has its own.
    pub spans: Vec<usize>,
}

impl Place {
    pub fn of(line: usize) -> Self {
        let spans = Vec::new();
        Self { line, spans }
    }
}

/// As [`read_rows`], each record with its place.
pub(super) fn read_placed(
    path: &Path,
    rows: impl Iterator<Item = Result<(Place, Row), ReadError>>,
    names: &Names,
    format: impl FnOnce(bool) -> Format,
    options: &ReadOptions,
) -> Result<First, ReadError> {
    let mut reader = Reader::new(path, names, options);
    let mut count = 0;
    for row in rows {
        let (Place { line, spans }, row) = row?;
        reader.span_lines = spans;
        options.go_on(path)?;
        count += 1;
        match row {
            Ok(value) => reader.record(line, &value),
            Err(fault) => {
                let fix = "write the text in UTF-8";
                reader.error(IssueCode::BadRecord, line, "", fault, fix);
            }
        }
    }
    let reader = reader.unless_no_corpus(count, 1)?;
    let format = format(reader.has_tokens());
    reader.first(Some(format))
}

/// What a first reading of a file gave.
pub(super) enum First {
    Done(Corpus),
    /// Its offsets mean something else than was thought: to be read again so, with the reason.
    Again(ReadOptions, Issue),
}

/// Reads a file, and once more where the first reading shows what its offsets mean.
pub(super) fn again(
    path: &Path,
    options: &ReadOptions,
    read: impl Fn(&ReadOptions) -> Result<First, ReadError>,
) -> Result<Corpus, ReadError> {
    let (options, issue) = match read(options)? {
        First::Done(corpus) => return Ok(corpus),
        First::Again(options, issue) => (options, issue),
    };
    match read(&options)? {
        First::Done(mut corpus) => {
            corpus.issues.insert(0, issue);
            Ok(corpus)
        }
        // Only options that nobody chose are exchanged, and those of the second reading are chosen.
        First::Again(..) => Err(ReadError::malformed(path, vec![issue])),
    }
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
            span_lines: Vec::new(),
            spelling: None,
            evidence: OffsetEvidence::new(options),
            wide: false,
            invalid_spans: 0,
            labelled: 0,
            first_unlabelled: None,
            empty_tokens: 0,
            passed_over: BTreeMap::new(),
            skipped: BTreeMap::new(),
            partly: (0, 0),
            annotators: Annotators::new(&options.annotator),
            tag_fields: None,
            further_spans: None,
            span_groups: span_groups::Ignored::default(),
            dropped: 0,
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
        self.dropped += other.dropped;
        self.labelled += other.labelled;
        self.first_unlabelled = self.first_unlabelled.or(other.first_unlabelled);
        self.spelling = self.spelling.or(other.spelling);
        self.further_spans = self.further_spans.take().or(other.further_spans);
        for (code, count) in other.passed_over {
            self.pass_over(code, count);
        }
    }

    /// Most records are lists of tokens.
    fn has_tokens(&self) -> bool {
        let tokens = |read: &&Read| !matches!(read, Read::Document(_));
        self.read.iter().filter(tokens).count() * 2 > self.read.len()
    }

    fn unless_no_corpus(self, records: usize, line: usize) -> Result<Self, ReadError> {
        let empty = self.passed_over.get(&IssueCode::EmptyRecord).copied();
        let unread = self.issues.count(IssueCode::BadRecord) + empty.unwrap_or(0);
        if unread < records || (records == 0 && !self.read.is_empty()) {
            return Ok(self);
        }
        if empty.is_some_and(|empty| empty == records && records > 0) {
            return Err(ReadError::NotACorpus {
                file: self.path.into(),
                line,
                found: "an empty record".into(),
                expected: RECORDS.into(),
                tried: Vec::new(),
            });
        }
        let first = self.issues.into_vec().into_iter().next();
        Err(ReadError::NotACorpus {
            file: self.path.into(),
            line,
            found: first.map_or_else(|| "no record".into(), |issue| issue.found),
            expected: RECORDS.into(),
            tried: Vec::new(),
        })
    }

    /// The corpus, or how the offsets must be read for one that is right.
    fn first(self, format: Option<Format>) -> Result<First, ReadError> {
        let asked = OffsetReading::of(self.options);
        if asked == OffsetReading::default()
            && let Some((reading, why)) = self.other_reading()
        {
            let issue = reading.taken(asked, why, self.path);
            return Ok(First::Again(reading.within(self.options), issue));
        }
        self.finish(format).map(First::Done)
    }

    /// How the offsets of the file are to be read, where it shows that they do not count characters
    /// up to the one after each span, and by what.
    fn other_reading(&self) -> Option<(OffsetReading, &'static str)> {
        let plain = OffsetReading::default();
        debug_assert_eq!(plain.line_ends, LineEnds::AsWritten);
        let proven = self.evidence.proven();
        let rank = |reading| self.evidence.fit(reading).map(OffsetFit::rank);
        // Another reading that fits no better than the program's own fits by chance.
        let own = self.reading_of_program();
        if let Some((reading, why)) = own
            && proven != Some(reading)
            && rank(reading) >= rank(proven.unwrap_or(plain))
        {
            return Some((reading, why));
        }
        let why = match self.evidence.quotes() {
            true => "because the text that is given with each span proves it",
            false => "because the spans fit the words of the text in no other way",
        };
        Some((proven?, why))
    }

    /// How the program that wrote the file is known to count, where that differs here. Not every
    /// program that writes its form counts so: the spans decide.
    fn reading_of_program(&self) -> Option<(OffsetReading, &'static str)> {
        let plain = OffsetReading::default();
        match self.spelling? {
            // As a page does, in JavaScript.
            Dialect::LabelStudio | Dialect::Azure if self.wide => {
                let unit = OffsetUnit::Utf16;
                Some((OffsetReading { unit, ..plain }, "as this program counts"))
            }
            Dialect::Dataturks | Dialect::Labelbox if self.evidence.spans > 0 => {
                let inclusive = true;
                Some((
                    OffsetReading { inclusive, ..plain },
                    "as this program writes it",
                ))
            }
            _ => None,
        }
    }

    /// Reads a record of a file; what is wrong with it is an issue.
    fn parse(&mut self, record: &Record) {
        match json::parse(record) {
            Ok((value, issues)) => {
                for (code, message) in issues {
                    let issue =
                        Issue::new(Severity::Warning, code, self.path, record.line, message);
                    self.issues.push(issue.found(excerpt(record.json)));
                }
                self.record(record.line, &value);
            }
            Err(fault) => {
                self.dropped += usize::from(self.options.drop_invalid);
                let issue = json::fault(self.path, record.line, record.json, &fault, self.options);
                self.issues.push(issue);
            }
        }
    }

    fn record(&mut self, line: usize, value: &Value) {
        match value {
            Value::Object(object) if object.is_empty() => self.pass_over(IssueCode::EmptyRecord, 1),
            Value::Object(object) => self.object(line, object),
            Value::Null => self.pass_over(IssueCode::EmptyRecord, 1),
            Value::Array(parts) => match &parts[..] {
                [] => self.pass_over(IssueCode::EmptyRecord, 1),
                [Value::String(text), Value::Object(annotations)] => {
                    self.spelling.get_or_insert(Dialect::Spacy);
                    self.text(line, text, annotations);
                }
                // Files that were put together as they are: a list of lists of records.
                parts if parts.iter().all(Value::is_object) => {
                    for part in parts {
                        self.record(line, part);
                    }
                }
                parts => match pairs(parts) {
                    Some(object) => self.object(line, &object),
                    None => {
                        self.bad_record(line, "an array that is not `[text, {\"entities\": …}]`");
                    }
                },
            },
            other => self.bad_record(line, &format!("`{}`", excerpt(&other.to_string()))),
        }
    }

    fn bad_record(&mut self, line: usize, found: &str) {
        let message = format!("found {found}, expected a record with `text` or `tokens`");
        let fix = "give each record a `text` with `entities`, or `tokens` with `ner_tags`";
        self.error(IssueCode::BadRecord, line, found, message, fix);
    }

    /// A record that cannot be used: a fault, unless such ones are to be left out.
    fn error(&mut self, code: IssueCode, line: usize, found: &str, message: String, fix: &str) {
        let (severity, message) = match self.options.drop_invalid {
            true => (Severity::Warning, format!("{message}; left out")),
            false => (Severity::Error, message),
        };
        self.dropped += usize::from(self.options.drop_invalid);
        self.issues.push(
            Issue::new(severity, code, self.path, line, message)
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

    /// Counts a record that says nothing of some of its words; are they to be kept as unknown?
    fn keeps_unknown(&mut self, words: usize) -> bool {
        self.partly.0 += 1;
        self.partly.1 += words;
        self.options.mask_unknown
    }

    fn plain(&mut self, line: usize, object: &Map<String, Value>) {
        if shapes::is_shape(object) && self.shape(line, object) {
            return;
        }
        let tokens = self.tokens_of(object);
        let tags = self.tags_of(object, tokens.as_ref());
        let text = match object.get("annotation_id") {
            Some(_) => keys::text(object).or_else(|| studio::short_text(object)),
            None => keys::text(object),
        };
        match (tokens, text) {
            (Some(tokens), text) if tags.is_some() || text.is_none() => {
                if object.contains_key("tokenized_text") {
                    self.spelling.get_or_insert(Dialect::Gliner);
                }
                self.tokens(line, object, tokens, tags);
            }
            (_, Some((_, text))) => self.text(line, text, object),
            _ if chunks::are_chunks(object) => self.chunks(line, object),
            _ => match lifted(object) {
                Some(object) => self.object(line, &object),
                None => self.neither(line, object),
            },
        }
    }

    /// A record without a text and without tokens.
    fn neither(&mut self, line: usize, object: &Map<String, Value>) {
        if object.values().all(Value::is_null) || object.get("text").is_some_and(Value::is_null) {
            return self.pass_over(IssueCode::EmptyRecord, 1);
        }
        let keys: Vec<String> = object
            .keys()
            .take(8)
            .map(|k| format!("`{}`", excerpt(k)))
            .collect();
        let found = match object.get("text") {
            Some(_) => "a `text` that is not a string".into(),
            None => format!("a record with {}", keys.join(", ")),
        };
        self.bad_record(line, &found);
    }
}

/// A record whose text or tokens lie one level deeper, `{"doc": {"text": …}, "entities": […]}`, with the
/// fields of both levels in one.
fn lifted(object: &Map<String, Value>) -> Option<Map<String, Value>> {
    let inner = object.values().filter_map(Value::as_object).find(|inner| {
        let tokens = || keys::fields(inner, Role::Tokens);
        keys::text(inner).is_some() || tokens().iter().any(|(_, value)| value.is_array())
    })?;
    let mut lifted = inner.clone();
    for (key, value) in object {
        // What was lifted stays out, so that this comes to an end.
        if !value.is_object() {
            lifted.entry(key.clone()).or_insert_with(|| value.clone());
        } else if let Some(spans) = spans_within(key, value) {
            lifted.entry(key.clone()).or_insert_with(|| spans.clone());
        }
    }
    lifted.retain(|_, value| !value.is_object() || value.get("entities").is_some());
    Some(lifted)
}

/// The list of spans in an object that is called as one: `"annotation": {"entities": […]}`.
fn spans_within<'v>(key: &str, value: &'v Value) -> Option<&'v Value> {
    let object = value.as_object().filter(|_| keys::is(key, Role::Spans))?;
    let mut lists = keys::fields(object, Role::Spans).into_iter();
    let of_spans = |list: &Value| {
        let list = list.as_array();
        list.is_some_and(|list| list.iter().all(looks_like_span))
    };
    lists.find(|(_, list)| of_spans(list)).map(|(_, list)| list)
}

/// Do the spans of a record stand beside the object with its text?
fn has_spans_beside(object: &Map<String, Value>) -> bool {
    let mut fields = object.iter();
    fields.any(|(key, value)| spans_within(key, value).is_some())
}

/// A sentence as pairs of a word and its tag, `[["Ada", "B-PER"], ["ran", "O"]]`, or as the list of its
/// words and that of its tags.
fn pairs(parts: &[Value]) -> Option<Map<String, Value>> {
    fn strings(value: &Value) -> Option<Vec<&str>> {
        value.as_array()?.iter().map(Value::as_str).collect()
    }
    let lists: Vec<Vec<&str>> = parts.iter().map(strings).collect::<Option<_>>()?;
    let tags = |list: &[&str]| list.iter().all(|tag| Tag::is_tag(tag));
    let (words, found): (Vec<&str>, Vec<&str>) = match &lists[..] {
        [words, found] if words.len() == found.len() && tags(found) => {
            (words.clone(), found.clone())
        }
        pairs if pairs.iter().all(|pair| pair.len() == 2) => {
            pairs.iter().map(|pair| (pair[0], pair[1])).unzip()
        }
        _ => return None,
    };
    let list = |list: Vec<&str>| Value::from(list);
    let mut object = Map::new();
    object.insert("tokens".into(), list(words));
    object.insert("ner_tags".into(), list(found));
    Some(object)
}
