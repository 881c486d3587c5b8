//! Reads brat's standoff files: a text, and beside it one line per annotation with its offsets.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::dataset::{Corpus, SourceInfo};
use crate::document::Document;
use crate::format::{ReadError, spans, text};
use crate::formats::Format;
use crate::issue::{Issue, IssueCode, Issues, Severity, excerpt};
use crate::offset_inference::OffsetEvidence;
use crate::offsets::OffsetMap;
use crate::options::ReadOptions;

/// Lines that are no entities, by their first character.
const OTHERS: [(char, &str); 7] = [
    ('R', "relations"),
    ('E', "events"),
    ('A', "attributes"),
    ('M', "attributes"),
    ('N', "normalisations"),
    ('#', "notes"),
    ('*', "equivalences"),
];

/// Reads pairs of a text and its annotations; the path is that of the `.txt`. Each text is one
/// document and a group of its own.
pub fn read_brat(
    pairs: &[(PathBuf, Vec<u8>, Vec<u8>)],
    options: &ReadOptions,
) -> Result<Corpus, ReadError> {
    let path = match pairs {
        [(only, ..)] => only.as_path(),
        [(first, ..), ..] => first.parent().unwrap_or(first),
        [] => Path::new(""),
    };
    let mut reader = Reader {
        options,
        source: SourceInfo::new(path, Format::Brat),
        documents: Vec::new(),
        issues: Issues::default(),
        evidence: OffsetEvidence::new(options),
        others: BTreeMap::new(),
    };
    for (path, text, annotations) in pairs {
        reader.pair(path, text, annotations)?;
    }
    reader.finish(path)
}

/// One `T` line: where it stands, and what `spans` reads.
struct Entity {
    line: usize,
    value: Value,
}

struct Reader<'a> {
    options: &'a ReadOptions,
    source: SourceInfo,
    documents: Vec<Document>,
    issues: Issues,
    evidence: OffsetEvidence,
    others: BTreeMap<&'static str, usize>,
}

impl Reader<'_> {
    fn pair(&mut self, path: &Path, text: &[u8], annotations: &[u8]) -> Result<(), ReadError> {
        let text = self.decode(path, text)?;
        let file = path.with_extension("ann");
        let annotations = self.decode(&file, annotations)?;
        let entities = self.entities(&file, &annotations);
        let lines: Vec<usize> = entities.iter().map(|entity| entity.line).collect();
        let values: Vec<Value> = entities.into_iter().map(|entity| entity.value).collect();
        let mut document = self.document(&file, text, &values, &lines);
        document.id = path.file_stem().map(|stem| stem.to_string_lossy().into());
        document.group = u32::try_from(self.documents.len()).ok();
        document.line = 1;
        // The corpus is called by the folder as soon as there are several.
        document.file = (self.source.path != path).then(|| Arc::from(path));
        self.source.count(&document);
        self.documents.push(document);
        Ok(())
    }

    fn decode(&mut self, path: &Path, bytes: &[u8]) -> Result<String, ReadError> {
        match text::decode(path, bytes, self.options.encoding.as_deref()) {
            Ok(decoded) => {
                let reported = decoded.issues.into_iter();
                reported.for_each(|issue| self.issues.push(issue));
                Ok(decoded.text.into_owned())
            }
            // Nothing to say about a text, or no text to say it about, is no fault.
            Err(ReadError::Empty { .. }) => Ok(String::from_utf8_lossy(bytes).into_owned()),
            Err(other) => Err(other),
        }
    }

    fn document(
        &mut self,
        file: &Path,
        text: String,
        values: &[Value],
        lines: &[usize],
    ) -> Document {
        let read = |text: String, issues: &mut Issues| {
            let mut document = Document::from_text(text);
            let place = spans::SpanContext {
                path: file,
                line: 1,
                lines: Some(lines),
                text: &document.text,
                words: &document.words,
                options: self.options,
                names: None,
            };
            let map = OffsetMap::new(&document.text);
            let found = spans::read(values, &map, &place, issues);
            document.spans = found.spans;
            (document, found.invalid, found.evidence)
        };
        let mut issues = Issues::default();
        let windows = text.contains("\r\n").then(|| text.replace("\r\n", "\n"));
        let mut result = read(text, &mut issues);
        // Programs that read a text as Python does count a Windows line end as one character.
        if let Some(plain) = windows
            && result.2.used_fit().equal < result.2.with_text
        {
            let mut others = Issues::default();
            let other = read(plain, &mut others);
            if other.2.used_fit().equal > result.2.used_fit().equal {
                let message = "the offsets count a Windows line end (CR LF) as one character, and so was the text read";
                let issue = Issue::new(Severity::Info, IssueCode::LineEndsJoined, file, 0, message);
                others.push(issue);
                (result, issues) = (other, others);
            }
        }
        let (document, invalid, evidence) = result;
        for issue in issues.into_vec() {
            self.issues.push(issue);
        }
        self.source.dropped_spans += invalid;
        self.evidence.join(&evidence);
        document
    }

    fn entities(&mut self, file: &Path, annotations: &str) -> Vec<Entity> {
        let mut entities = Vec::new();
        for (i, row) in annotations.lines().enumerate() {
            let line = i + 1;
            let row = row.trim_end_matches('\r');
            if row.trim().is_empty() {
                continue;
            }
            let first = row.chars().next().unwrap_or_default();
            if let Some((_, what)) = OTHERS.iter().find(|(letter, _)| *letter == first) {
                *self.others.entry(what).or_default() += 1;
                continue;
            }
            match entity(row) {
                Ok(Parsed::GroupBy(value)) => entities.push(Entity { line, value }),
                Ok(Parsed::Pieces(pieces)) => {
                    let message = format!(
                        "an entity in {pieces} pieces has no place here: entities are one piece of text; left out"
                    );
                    let code = IssueCode::SpanDiscontinuous;
                    self.source.dropped_spans += 1;
                    self.issues.push(
                        Issue::new(Severity::Warning, code, file, line, message)
                            .found(excerpt(row))
                            .fix("label its pieces one by one, or all from the first to the last"),
                    );
                }
                Err(what) => {
                    let shown = excerpt(row);
                    let message = format!("`{shown}` {what}");
                    self.issues.push(
                        Issue::new(
                            Severity::Error,
                            IssueCode::BadAnnotation,
                            file,
                            line,
                            message,
                        )
                        .found(shown)
                        .fix("write `T1`, a tab, `LABEL START END`, a tab, and the text covered"),
                    );
                }
            }
        }
        entities
    }

    fn finish(mut self, path: &Path) -> Result<Corpus, ReadError> {
        if self.issues.has_errors() {
            let mut issues = self.issues.into_vec();
            if issues
                .iter()
                .any(|issue| issue.code == IssueCode::BadAnnotation)
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
            let kinds: Vec<String> = self
                .others
                .iter()
                .map(|(what, count)| format!("{count} {what}"))
                .collect();
            let message = format!(
                "{} were left out: only the entities are used",
                kinds.join(", ")
            );
            let issue = Issue::new(
                Severity::Info,
                IssueCode::AnnotationsIgnored,
                path,
                0,
                message,
            );
            self.issues.push(issue);
        }
        Ok(Corpus {
            documents: self.documents,
            source: self.source,
            issues: self.issues.into_vec(),
            offset_evidence: (self.evidence.spans > 0).then_some(self.evidence),
        })
    }
}

enum Parsed {
    GroupBy(Value),
    /// How many.
    Pieces(usize),
}

/// `T1<tab>Label 0 14<tab>Ovarian cancer`, or with `0 5;9 14` in pieces; otherwise what is wrong.
fn entity(row: &str) -> Result<Parsed, &'static str> {
    if !row.starts_with('T') {
        return Err("is not an annotation of a known kind");
    }
    let mut fields = row.splitn(3, '\t');
    let (_, place, text) = (fields.next(), fields.next(), fields.next());
    let place = place.ok_or("has no tab after its number")?;
    let (label, offsets) = place.trim().split_once(' ').ok_or("has no offsets")?;
    let mut pieces: Vec<(u64, u64)> = Vec::new();
    for piece in offsets.split(';') {
        let mut numbers = piece.split_whitespace().map(str::parse::<u64>);
        match (numbers.next(), numbers.next(), numbers.next()) {
            (Some(Ok(start)), Some(Ok(end)), None) => pieces.push((start, end)),
            _ => return Err("has offsets that are not two whole numbers"),
        }
    }
    // Pieces that touch are one.
    pieces.dedup_by(|next, before| {
        let touch = before.1 == next.0;
        if touch {
            before.1 = next.1;
        }
        touch
    });
    let [(start, end)] = pieces[..] else {
        return Ok(Parsed::Pieces(pieces.len()));
    };
    let mut value = json!({"start": start, "end": end, "label": label});
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        value["text"] = text.into();
    }
    Ok(Parsed::GroupBy(value))
}
