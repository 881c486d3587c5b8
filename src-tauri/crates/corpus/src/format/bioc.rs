//! Reads BioC, in XML and in JSON: documents of passages, which have a text and annotations, or
//! sentences that have them.

mod json;
mod xml;

use std::path::Path;

use crate::dataset::Corpus;
use crate::format::ReadError;
use crate::format::standoff::{self, Mark, Standoff, Text};
use crate::format::xml::root;
use crate::formats::Format;
use crate::issue::{Issue, IssueCode, Severity, excerpt};
use crate::options::{ColumnChoice, ReadOptions};

/// The notes of an annotation that name its kind; the first of them is what the field agrees on.
const TYPES: [&str; 6] = ["type", "label", "category", "class", "semantic_type", "tag"];

/// Whether it is BioC, or why not.
pub(super) fn looks_like(text: &str, _options: &ReadOptions) -> Result<(), String> {
    match root(text) == Some("collection") || json::looks_like(text) {
        true => Ok(()),
        false => Err("BioC (no: it is no `collection` of documents with passages)".into()),
    }
}

/// A document as the file has it.
#[derive(Default)]
struct Entry {
    id: Option<String>,
    line: usize,
    passages: Vec<Element>,
    /// Annotations that stand beside the passages.
    annotations: Vec<Annotation>,
    relations: usize,
}

/// A passage, or a sentence of one.
#[derive(Default)]
struct Element {
    line: usize,
    offset: Option<i64>,
    text: Option<String>,
    annotations: Vec<Annotation>,
    sentences: Vec<Element>,
}

#[derive(Default)]
struct Annotation {
    line: usize,
    infons: Vec<(String, String)>,
    /// Where each piece starts, and how long it is.
    locations: Vec<(i64, i64)>,
    text: Option<String>,
}

pub(super) fn read(path: &Path, text: &str, options: &ReadOptions) -> Result<Corpus, ReadError> {
    standoff::again(path, options, |options| collection(path, text, options))
}

fn collection<'o>(
    path: &Path,
    text: &str,
    options: &'o ReadOptions,
) -> Result<Standoff<'o>, ReadError> {
    let mut reader = Reader {
        path,
        standoff: Standoff::new(path, Format::BioC, options),
        documents: 0,
    };
    match root(text) {
        Some(_) => xml::read(path, text, |entry| reader.document(entry))?,
        None => json::read(path, text, |entry| reader.document(entry))?,
    }
    if reader.documents == 0 {
        return Err(ReadError::NotACorpus {
            file: path.into(),
            line: 1,
            found: "a collection without documents".into(),
            expected: "BioC documents with passages".into(),
            tried: Vec::new(),
        });
    }
    Ok(reader.standoff)
}

struct Reader<'p, 'o> {
    path: &'p Path,
    standoff: Standoff<'o>,
    documents: usize,
}

/// A passage or a sentence that has a text, and what is marked in it.
struct Unit {
    line: usize,
    offset: i64,
    text: String,
    annotations: Vec<Annotation>,
}

impl Reader<'_, '_> {
    fn document(&mut self, entry: Entry) {
        let group = u32::try_from(self.documents).ok();
        self.documents += 1;
        self.standoff.leave_out("relations", entry.relations);
        let mut units: Vec<Unit> = Vec::new();
        let mut loose = entry.annotations;
        for passage in entry.passages {
            self.units(passage, &mut units, &mut loose);
        }
        // They count from the start of the document, so that they say themselves where they belong.
        for annotation in loose {
            let start = annotation.locations.first().map_or(0, |(start, _)| *start);
            let unit = units.iter_mut().rfind(|unit| unit.offset <= start);
            match unit {
                Some(unit) => unit.annotations.push(annotation),
                None => self.lost(&annotation),
            }
        }
        if units.is_empty() {
            let id = entry
                .id
                .as_deref()
                .map_or_else(String::new, |id| format!(" `{id}`"));
            let message = format!("the document{id} has no text and was left out");
            let code = IssueCode::EmptyDocument;
            let issue = Issue::new(Severity::Warning, code, self.path, entry.line, message);
            self.standoff.issues.push(issue);
        }
        let several = units.len() > 1;
        for (i, unit) in units.iter().enumerate() {
            let id = entry.id.as_ref();
            let id = id.map(|id| match several {
                true => format!("{id}/{}", i + 1),
                false => id.clone(),
            });
            let marks: Vec<Mark> = unit
                .annotations
                .iter()
                .map(|a| self.mark(a, unit))
                .collect();
            let text = Text {
                id,
                group,
                line: unit.line,
                text: &unit.text,
                words: None,
                marks: &marks,
            };
            self.standoff.add(self.path, &text);
        }
    }

    /// The units of a passage or a sentence. What is marked where there is no text is `loose`.
    fn units(&mut self, mut element: Element, units: &mut Vec<Unit>, loose: &mut Vec<Annotation>) {
        // Where it has sentences, a text without a letter is only the room for theirs.
        let own = |text: &String| element.sentences.is_empty() || !text.trim().is_empty();
        let Some(text) = element.text.take_if(|text| own(text)) else {
            loose.append(&mut element.annotations);
            for sentence in element.sentences {
                self.units(sentence, units, loose);
            }
            return;
        };
        for mut sentence in element.sentences {
            element.annotations.append(&mut sentence.annotations);
        }
        let Some(offset) = element.offset else {
            let shown = excerpt(&text);
            let fix =
                "give each passage its `offset`, the position in the document where it starts";
            self.standoff.fault(
                self.path,
                element.line,
                &shown,
                "is a passage without an offset",
                fix,
            );
            return;
        };
        units.push(Unit {
            line: element.line,
            offset,
            text,
            annotations: element.annotations,
        });
    }

    fn lost(&mut self, annotation: &Annotation) {
        let what = "is an annotation outside of every passage";
        let fix = "give it the position in the document where it starts, and its passage a text";
        let shown = shown(annotation);
        self.standoff
            .fault(self.path, annotation.line, &shown, what, fix);
    }

    fn mark(&self, annotation: &Annotation, unit: &Unit) -> Mark {
        let piece = |(start, length): &(i64, i64)| {
            let start = start.saturating_sub(unit.offset);
            (start, start.saturating_add(*length))
        };
        let mut pieces: Vec<(i64, i64)> = annotation.locations.iter().map(piece).collect();
        pieces.sort_unstable();
        Mark {
            line: annotation.line,
            // Without a location it has no place, which is found where it is read.
            pieces: if pieces.is_empty() {
                vec![(0, 0)]
            } else {
                pieces
            },
            label: self.label(annotation).unwrap_or_default().into(),
            text: annotation.text.clone().filter(|text| !text.is_empty()),
            shown: shown(annotation),
        }
    }

    fn label<'a>(&self, annotation: &'a Annotation) -> Option<&'a str> {
        let infon = |name: &str| {
            let mut infons = annotation.infons.iter();
            let (_, value) = infons.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
            Some(value.trim()).filter(|value| !value.is_empty())
        };
        match &self.standoff.options.tag_column {
            Some(ColumnChoice::Name(name)) => infon(name),
            _ => TYPES.into_iter().find_map(infon),
        }
    }
}

fn shown(annotation: &Annotation) -> String {
    let infons = annotation.infons.iter();
    let infons: Vec<String> = infons
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let text = annotation.text.as_deref().unwrap_or_default();
    format!("{text} {}", infons.join(" "))
}
