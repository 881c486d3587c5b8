//! Reads JSON records with labelled spans or tagged tokens.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};

use crate::document::Document;
use crate::format::fields::{group, id, tag_name, words};
use crate::format::json;
use crate::format::notation::{Notation, notation_of_tags};
use crate::format::tagged::Sentence;
use crate::format::{Corpus, Format, ReadError, ReadOptions, SourceInfo, Spelling, spans};
use crate::issue::{Issue, Issues, Severity, excerpt};
use crate::offsets::OffsetMap;
use crate::scheme::{Scheme, Tag};

/// A record, read as far as one can without having seen the others.
enum Read {
    Document(Document),
    /// The tags are text until all of them have been seen.
    Tagged(Sentence<'static>, Vec<String>),
}

/// What is known after all records.
#[derive(Default)]
struct Reader {
    read: Vec<Read>,
    spelling: Option<Spelling>,
    invalid_spans: usize,
    rejected_spans: usize,
    unlabelled: usize,
    /// Records by the answer that makes them no gold.
    skipped: BTreeMap<String, usize>,
    issues: Issues,
}

pub(super) fn read(path: &Path, text: &str, options: &ReadOptions) -> Result<Corpus, ReadError> {
    let records = json::records(path, text)?;
    let mut reader = Reader::default();
    for record in &records {
        let value: Value = json::parse(path, record)?;
        reader.record(path, record.line, &value, options);
    }
    if reader.issues.count("bad-record") == records.len() {
        let first = reader.issues.into_vec().into_iter().next();
        return Err(ReadError::NotACorpus {
            file: path.into(),
            line: records.first().map_or(1, |record| record.line),
            found: first.map_or_else(|| "no record".into(), |issue| issue.found),
            expected: "records with `text` and `entities`, or with `tokens` and `ner_tags`".into(),
            tried: Vec::new(),
        });
    }
    reader.finish(path, options)
}

impl Reader {
    fn record(&mut self, path: &Path, line: usize, value: &Value, options: &ReadOptions) {
        match value {
            Value::Object(object) => self.object(path, line, object, options),
            Value::Array(parts) => match &parts[..] {
                [Value::String(text), Value::Object(annotations)] => {
                    self.spelling.get_or_insert(Spelling::Spacy);
                    self.text(path, line, text, annotations, options);
                }
                _ => self.bad_record(
                    path,
                    line,
                    "an array that is no `[text, {\"entities\": …}]`",
                ),
            },
            other => self.bad_record(path, line, &format!("`{}`", excerpt(&other.to_string()))),
        }
    }

    fn bad_record(&mut self, path: &Path, line: usize, found: &str) {
        let message = format!("found {found}, expected a record with `text` or `tokens`");
        let fix = "give each record a `text` with `entities`, or `tokens` with `ner_tags`";
        self.error("bad-record", path, line, found, message, fix);
    }

    fn error(
        &mut self,
        code: &'static str,
        path: &Path,
        line: usize,
        found: &str,
        message: String,
        fix: &str,
    ) {
        self.issues.push(
            Issue::new(Severity::Error, code, path, line, message)
                .found(found)
                .fix(fix),
        );
    }

    fn object(
        &mut self,
        path: &Path,
        line: usize,
        object: &Map<String, Value>,
        options: &ReadOptions,
    ) {
        if let Some(answer) = object.get("answer").and_then(Value::as_str) {
            self.spelling.get_or_insert(Spelling::Prodigy);
            if answer != "accept" {
                *self.skipped.entry(answer.into()).or_default() += 1;
                return;
            }
        }
        let tags = ["ner_tags", "tags", "labels"]
            .iter()
            .find_map(|key| object.get(*key)?.as_array());
        let tokens = object.get("tokens").and_then(Value::as_array);
        let tokens: Option<Vec<&str>> = tokens.and_then(|t| t.iter().map(Value::as_str).collect());
        match (tokens, object.get("text").and_then(Value::as_str)) {
            (Some(tokens), text) if tags.is_some() || text.is_none() => {
                self.tokens(path, line, object, &tokens, tags, options);
            }
            (_, Some(text)) => self.text(path, line, text, object, options),
            _ => {
                let keys: Vec<String> = object
                    .keys()
                    .take(8)
                    .map(|k| format!("`{}`", excerpt(k)))
                    .collect();
                let found = match object.get("text") {
                    Some(_) => "a `text` that is no string".into(),
                    None if keys.is_empty() => "an empty record".into(),
                    None => format!("a record with {}", keys.join(", ")),
                };
                self.bad_record(path, line, &found);
            }
        }
    }

    fn text(
        &mut self,
        path: &Path,
        line: usize,
        text: &str,
        object: &Map<String, Value>,
        options: &ReadOptions,
    ) {
        const KEYS: [&str; 4] = ["entities", "spans", "label", "labels"];
        let mut document = Document::from_text(text);
        let map = OffsetMap::new(text);
        document.line = line;
        document.id = id(object);
        document.group = group(object);
        if let Some(tokens) = object.get("tokens").and_then(Value::as_array) {
            match words(tokens, &map, text) {
                Some(words) => (document.words, document.words_given) = (words, true),
                None => {
                    let message = "the `tokens` do not fit the text; it is split in words anew";
                    let issue = Issue::new(Severity::Warning, "tokens-misfit", path, line, message);
                    self.issues.push(issue);
                }
            }
        }
        let lists: Vec<(&str, &Vec<Value>)> = KEYS
            .iter()
            .filter_map(|key| Some((*key, object.get(*key)?.as_array()?)))
            .collect();
        // Exports write lists that hold nothing, or the categories of a text, beside the real one.
        let filled: Vec<_> = lists
            .iter()
            .filter(|(_, list)| !list.iter().all(Value::is_string))
            .collect();
        if let [(first, _), (second, _), ..] = filled[..] {
            let found = format!("`{second}`: {}", excerpt(&object[*second].to_string()));
            let message = format!(
                "`{first}` and `{second}` both hold spans; which of them are meant cannot be told"
            );
            let fix = "keep one of the two lists";
            self.error("several-span-lists", path, line, &found, message, fix);
            self.read.push(Read::Document(document));
            return;
        }
        let list = filled.first().copied().or(lists.first()).copied();
        let other = KEYS
            .iter()
            .find(|key| object.get(**key).is_some_and(|value| !value.is_null()));
        let Some((key, list)) = list else {
            match other {
                Some(key) => {
                    let found = format!("`{key}`: {}", excerpt(&object[*key].to_string()));
                    let message = format!("`{key}` is no list of spans");
                    self.error(
                        "bad-spans",
                        path,
                        line,
                        &found,
                        message,
                        "write a list of `[start, end, label]`",
                    );
                }
                None => self.unlabelled += 1,
            }
            self.read.push(Read::Document(document));
            return;
        };
        if key.starts_with("label") && !list.is_empty() {
            self.spelling.get_or_insert(Spelling::Doccano);
        }
        let place = spans::Place {
            path,
            line,
            text,
            drop_invalid: options.drop_invalid,
        };
        let found = spans::read(list, &map, &place, &mut self.issues);
        self.invalid_spans += found.invalid;
        self.rejected_spans += found.rejected;
        self.spelling = self.spelling.or(found.spelling);
        document.spans = found.spans;
        self.misfits(path, &document);
        self.read.push(Read::Document(document));
    }

    /// Spans are learned as whole words: says where that changes them.
    fn misfits(&mut self, path: &Path, document: &Document) {
        let words = document.word_spans();
        for (count, code, what) in [
            (
                words.moved,
                "span-cuts-word",
                "start or end inside a word; they are learned as the whole word",
            ),
            (
                words.lost,
                "span-without-word",
                "have no word of their own; they cannot be learned",
            ),
        ] {
            if count > 0 {
                let message = format!("{count} span(s) {what}");
                self.issues.push(Issue::new(
                    Severity::Warning,
                    code,
                    path,
                    document.line,
                    message,
                ));
            }
        }
    }

    fn tokens(
        &mut self,
        path: &Path,
        line: usize,
        object: &Map<String, Value>,
        tokens: &[&str],
        tags: Option<&Vec<Value>>,
        options: &ReadOptions,
    ) {
        let sentence = Sentence {
            id: id(object),
            group: group(object),
            words: tokens
                .iter()
                .map(|token| Cow::Owned((*token).into()))
                .collect(),
            line,
            ..Sentence::default()
        };
        let Some(tags) = tags else {
            self.unlabelled += 1;
            self.read
                .push(Read::Tagged(sentence, vec!["O".into(); tokens.len()]));
            return;
        };
        if tags.len() != tokens.len() {
            let found = format!("{} tokens and {} tags", tokens.len(), tags.len());
            let message = format!("found {found}, expected one tag for each token");
            self.error(
                "tag-count",
                path,
                line,
                &found,
                message,
                "give every token a tag, `O` outside of entities",
            );
            return;
        }
        match tags.iter().map(|tag| tag_name(tag, options)).collect() {
            Ok(tags) => self.read.push(Read::Tagged(sentence, tags)),
            Err((message, fix)) => {
                let found = excerpt(&Value::from(tags.clone()).to_string());
                self.error("bad-tag", path, line, &found, message, &fix);
            }
        }
    }

    fn finish(mut self, path: &Path, options: &ReadOptions) -> Result<Corpus, ReadError> {
        let (notation, scheme) = self.parse_tags(path, options);
        if self.issues.has_errors() {
            let issues = self.issues.into_vec();
            let other = issues
                .iter()
                .any(|i| i.severity == Severity::Error && !i.code.starts_with("span-"));
            return Err(match other {
                true => ReadError::malformed(path, issues),
                false => ReadError::invalid_spans(path, issues),
            });
        }
        if notation == Some(Notation::BareLabels) {
            let message = "the labels stand without `B-` or `I-`: words side by side with one label are read as one entity";
            self.issues
                .push(Issue::new(Severity::Info, "bare-labels", path, 0, message));
        }
        let format = match self.read.first() {
            Some(Read::Tagged(..)) => Format::JsonlTokens,
            _ => Format::JsonlSpans {
                spelling: self.spelling.unwrap_or(Spelling::Plain),
            },
        };
        let mut source = SourceInfo::new(path, format);
        source.scheme = scheme;
        source.dropped_spans = self.invalid_spans;
        source.skipped_documents = self.skipped.values().sum();
        let mut documents = Vec::with_capacity(self.read.len());
        for read in self.read {
            documents.push(match read {
                Read::Document(document) => {
                    source.count(&document);
                    document
                }
                Read::Tagged(sentence, _) => sentence.into_document(
                    path,
                    scheme.unwrap_or_default(),
                    &mut source,
                    &mut self.issues,
                ),
            });
        }
        let mut tell = |code, message: String| {
            self.issues
                .push(Issue::new(Severity::Info, code, path, 0, message));
        };
        for (answer, count) in &self.skipped {
            tell(
                "answer-skipped",
                format!(
                    "{count} records with the answer `{answer}` are no gold data and were left out"
                ),
            );
        }
        if self.rejected_spans > 0 {
            tell(
                "span-rejected",
                format!(
                    "{} spans that the annotator did not accept were left out",
                    self.rejected_spans
                ),
            );
        }
        if self.unlabelled > 0 {
            tell(
                "unlabelled",
                format!(
                    "{} records have no list of entities; read as text without any",
                    self.unlabelled
                ),
            );
        }
        Ok(Corpus {
            documents,
            source,
            issues: self.issues.into_vec(),
        })
    }

    /// Reads all tags, now that the file's way of writing them can be told.
    fn parse_tags(
        &mut self,
        path: &Path,
        options: &ReadOptions,
    ) -> (Option<Notation>, Option<Scheme>) {
        let tagged = || {
            self.read.iter().filter_map(|read| match read {
                Read::Tagged(_, tags) => Some(tags),
                Read::Document(_) => None,
            })
        };
        let all = || tagged().flatten().map(String::as_str);
        if tagged().next().is_none() {
            return (None, None);
        }
        let notation = notation_of_tags(all());
        let letters = all().find_map(|tag| notation.own_letters(tag));
        for read in &mut self.read {
            let Read::Tagged(sentence, tags) = read else {
                continue;
            };
            for tag in tags {
                match notation.tag(tag) {
                    Some(tag) => sentence.tags.push(tag),
                    None => {
                        let fault = crate::format::rows::bad_tag(path, sentence.line, tag);
                        self.issues.push(fault);
                        sentence.tags.push(Tag::Outside);
                    }
                }
            }
        }
        let sequences = self.read.iter().filter_map(|read| match read {
            Read::Tagged(sentence, _) => Some(sentence.tags.as_slice()),
            Read::Document(_) => None,
        });
        let scheme = options.scheme.unwrap_or_else(|| match notation {
            Notation::BareLabels => Scheme::Io,
            _ => letters.unwrap_or_else(|| Scheme::detect(sequences).scheme),
        });
        (Some(notation), Some(scheme))
    }
}
