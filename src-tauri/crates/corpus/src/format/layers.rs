//! Texts with several layers of annotations, as WebAnno and INCEpTION keep them: what is read of them,
//! and one document for each sentence.

mod choice;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

pub(crate) use choice::Choice;
pub(super) use choice::{LABELS, NAMED_ENTITIES, Summary, short};

use crate::agreement::{Annotators, Version};
use crate::document::Word;
use crate::format::ReadError;
use crate::format::standoff::{Mark, Read, Standoff, Text};
use crate::issue::{Issue, IssueCode, Severity};
use crate::options::{LineEnds, OffsetUnit, ReadOptions};

/// An annotation of some layer.
#[derive(Clone, Debug, Default)]
pub(super) struct Annotation {
    pub line: usize,
    /// The bytes of the text that it covers; beyond the text where they are not in it.
    pub start: usize,
    pub end: usize,
    /// Those that have a value; of one that has several, each.
    pub features: Vec<Feature>,
}

impl Annotation {
    /// The values of a feature, without the white space around them.
    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let own = self.features.iter().filter(move |one| one.name == name);
        own.map(|feature| feature.value.trim())
    }
}

/// A value that an annotation has.
#[derive(Clone, Debug)]
pub(super) struct Feature {
    pub name: String,
    pub value: String,
    pub kind: Kind,
}

/// What the value of a feature is, the likeliest to be a label first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Text,
    /// Looks like a number or a truth, and nothing says that it is none.
    Unsure,
    /// A number, or true or false.
    Number,
    /// The numbers of other annotations.
    Reference,
}

impl Kind {
    /// Of a value of which nothing is known but how it looks.
    pub fn of(value: &str) -> Self {
        let number = |part: &str| part.bytes().any(|b| b.is_ascii_digit()) && is_number(part);
        let mut parts = value.split_whitespace();
        match matches!(value.trim(), "true" | "false") || parts.all(number) {
            true => Self::Unsure,
            false => Self::Text,
        }
    }
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok()
}

impl Feature {
    /// One of which nothing is known but how its value looks.
    pub fn untyped(name: impl Into<String>, value: impl Into<String>) -> Self {
        let value = value.into();
        Self {
            name: name.into(),
            kind: Kind::of(&value),
            value,
        }
    }

    pub fn text(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            kind: Kind::Text,
        }
    }
}

/// The layers of a file by their names, which have points in them.
pub(super) type Layers = BTreeMap<String, Vec<Annotation>>;

/// An annotation that is read.
#[derive(Clone, Debug)]
pub(super) struct Marked {
    line: usize,
    start: usize,
    end: usize,
    /// Empty where it has none.
    label: String,
    /// Values of its feature behind the first.
    further: usize,
}

/// What is read of a file: what was chosen for the data set that it is of, else what its own annotations
/// suggest.
pub(super) fn choose(
    path: &Path,
    summary: &Summary,
    options: &ReadOptions,
    standoff: &mut Standoff,
) -> Result<Option<Choice>, ReadError> {
    if let Some(chosen) = options.around.layers() {
        return Ok(chosen.clone());
    }
    let (choice, issues) = summary.choose(path, options)?;
    issues
        .into_iter()
        .for_each(|issue| standoff.issues.push(issue));
    Ok(choice)
}

/// A text and where its sentences start.
pub(super) struct Whole<'a> {
    pub id: Option<String>,
    pub group: Option<u32>,
    pub text: &'a str,
    /// Empty where the file says nothing of words; else in order.
    pub words: &'a [Word],
    /// The first byte and the line of each, in order.
    pub sentences: Vec<(usize, usize)>,
}

/// Byte offsets, as annotations have them here.
pub(super) fn counted_in_bytes(options: &ReadOptions) -> ReadOptions {
    ReadOptions {
        offsets: OffsetUnit::Bytes,
        shift: 0,
        line_ends: LineEnds::AsWritten,
        ..options.clone()
    }
}

/// The annotations of one person, or of nobody in particular.
pub(super) struct Person {
    pub name: String,
    /// They were put together of the others', and go before them.
    pub is_truth: bool,
    pub marks: Vec<Marked>,
}

/// Says of how many annotations only the first value is read.
pub(super) fn report_further_values(
    path: &Path,
    choice: Option<&Choice>,
    people: &[&[Person]],
    standoff: &mut Standoff,
) {
    let marks = people.iter().copied().flatten().flat_map(|one| &one.marks);
    let several = marks.filter(|mark| mark.further > 0).count();
    let Some(choice) = choice.filter(|_| several > 0) else {
        return;
    };
    let message = format!(
        "{several} annotations have several values in {}; the first is read",
        choice.shown()
    );
    let code = IssueCode::AnnotationsIgnored;
    let issue = Issue::new(Severity::Warning, code, path, 0, message).count(several);
    let fix = "an entity has one label: give each annotation one value, or read another feature with `--tag-column`";
    standoff.issues.push(issue.fix(fix));
}

/// Adds a document for each sentence; where an annotation of anybody runs over the end of one, it and the
/// next are one document.
pub(super) fn add(
    path: &Path,
    whole: &Whole,
    people: &[Person],
    annotators: &mut Annotators,
    standoff: &mut Standoff,
) {
    let sorted = |marks: &mut Vec<&Marked>| marks.sort_by_key(|mark| (mark.start, mark.end));
    let mut all: Vec<&Marked> = people.iter().flat_map(|person| &person.marks).collect();
    sorted(&mut all);
    let mut own: Vec<Vec<&Marked>> = people
        .iter()
        .map(|person| person.marks.iter().collect())
        .collect();
    own.iter_mut().for_each(sorted);
    let mut left: Vec<&[&Marked]> = own.iter().map(Vec::as_slice).collect();
    let units = units(whole, &all);
    let several = units.len() > 1;
    let mut sentences = whole.sentences.iter().peekable();
    let mut line = sentences.peek().map_or(1, |(_, line)| *line);
    for (i, unit) in units.iter().enumerate() {
        while let Some((_, next)) = sentences.next_if(|(start, _)| *start <= unit.start) {
            line = *next;
        }
        let first = whole.words.partition_point(|word| word.start < unit.start);
        let end = whole.words.partition_point(|word| word.end <= unit.end);
        let words = whole.words.get(first..end).unwrap_or_default().iter();
        let words: Vec<Word> = words
            .map(|word| Word {
                start: word.start - unit.start,
                end: word.end - unit.start,
            })
            .collect();
        let id = whole.id.as_ref().map(|id| match several {
            true => format!("{id}/{}", i + 1),
            false => id.clone(),
        });
        let read = |marks: &[Mark]| {
            let text = Text {
                id: id.clone(),
                group: whole.group,
                line,
                text: &whole.text[unit.clone()],
                words: (!whole.words.is_empty()).then(|| words.clone()),
                marks,
            };
            standoff.read(path, &text)
        };
        // What lies beyond the text is reported with the last piece of it.
        let next = units.get(i + 1).map(|next| next.start);
        let mut reads: Vec<Read> = left
            .iter_mut()
            .map(|left| {
                let own = next.map_or(left.len(), |next| {
                    left.partition_point(|mark| mark.start < next)
                });
                let (here, rest) = left.split_at(own);
                *left = rest;
                let marks: Vec<Mark> = here.iter().map(|mark| mark.within(unit)).collect();
                read(&marks)
            })
            .collect();
        if reads.is_empty() {
            reads.push(read(&[]));
        }
        let chosen = match reads.len() {
            1 => reads.remove(0),
            _ => choose_person(path, line, people, reads, annotators, standoff),
        };
        standoff.take(chosen);
    }
}

/// What is read of a piece of a text that several people have annotated.
fn choose_person(
    path: &Path,
    line: usize,
    people: &[Person],
    mut reads: Vec<Read>,
    annotators: &mut Annotators,
    standoff: &mut Standoff,
) -> Read {
    let versions: Vec<Version> = people
        .iter()
        .zip(&reads)
        .map(|(person, read)| Version {
            annotator: person.name.clone(),
            ground_truth: person.is_truth,
            document: read.document.clone(),
        })
        .collect();
    let chosen = annotators.choose(path, line, &versions);
    let mut read = reads.swap_remove(chosen.at);
    if let Some(spans) = chosen.spans {
        read.document.spans = spans;
    }
    reads
        .into_iter()
        .for_each(|other| standoff.pass_over(other));
    read
}

impl Marked {
    /// In a piece of the text.
    fn within(&self, piece: &Range<usize>) -> Mark {
        let relative = |at: usize| {
            let signed = |at| i64::try_from(at).unwrap_or(i64::MAX);
            signed(at) - signed(piece.start)
        };
        Mark {
            line: self.line,
            pieces: vec![(relative(self.start), relative(self.end))],
            label: self.label.clone(),
            ..Mark::default()
        }
    }
}

/// The pieces of the text that become documents, without the white space around them; the annotations
/// come by their starts.
fn units(whole: &Whole, sorted: &[&Marked]) -> Vec<Range<usize>> {
    let text = whole.text;
    let mut units = Vec::with_capacity(whole.sentences.len() + 1);
    let (mut start, mut left, mut reach) = (0, sorted, 0);
    let cuts = whole.sentences.iter().map(|(at, _)| *at);
    for end in cuts.chain([text.len()]) {
        let own = left.partition_point(|annotation| annotation.start < end);
        // How far the annotations reach that start before the cut.
        let ends = left[..own].iter().map(|annotation| annotation.end);
        reach = ends.fold(reach, usize::max);
        let is_end = end == text.len();
        if !is_end && (end <= start || reach > end) {
            continue;
        }
        let piece = text.get(start..end).unwrap_or_default();
        let from = end - piece.trim_start().len();
        let to = start + piece.trim_end().len();
        // White space that is labelled stays, to be reported as such.
        let first = left.first().filter(|_| own > 0);
        let first = first.map_or(from, |annotation| from.min(annotation.start));
        let last = to.max(reach.min(end));
        if first < last {
            units.push(first..last);
        }
        (start, left) = (end.max(start), &left[own..]);
    }
    if units.is_empty() && !sorted.is_empty() {
        units.push(0..text.len());
    }
    units
}
