//! Reads OntoNotes in the form of the CoNLL-2012 shared task: a row for each word, in which brackets
//! open and close entities.

use std::path::Path;

use crate::dataset::Corpus;
use crate::document::Word;
use crate::format::ReadError;
use crate::format::layers::counted_in_bytes;
use crate::format::standoff::{Mark, Standoff, Text};
use crate::formats::Format;
use crate::issue::excerpt;
use crate::options::{ColumnChoice, ReadOptions};

const BEGIN: &str = "#begin document";

/// Whether a document begins, or why not.
pub(super) fn looks_like(text: &str, _options: &ReadOptions) -> Result<(), String> {
    let first = text.lines().find(|line| !line.trim().is_empty());
    match first.is_some_and(|line| line.starts_with(BEGIN)) {
        true => Ok(()),
        false => Err(format!("OntoNotes (no: it does not start with `{BEGIN}`)")),
    }
}

/// The columns that the shared task describes, from 0.
const TOKEN: usize = 3;
const NUMBER: usize = 2;
const NAMES: usize = 10;
/// Behind these there is a column for each verb of the sentence, with the labels of its arguments.
const ARGUMENTS: usize = 11;

pub(super) fn read(path: &Path, text: &str, options: &ReadOptions) -> Result<Corpus, ReadError> {
    let columns = columns(path, text, options)?;
    let own = counted_in_bytes(options);
    let mut reader = Reader {
        path,
        standoff: Standoff::new(path, Format::OntoNotes, &own),
        columns,
        group: None,
        sentence: Sentence::default(),
    };
    for (i, row) in text.lines().enumerate() {
        let line = i + 1;
        let row = row.trim();
        if row.starts_with(BEGIN) {
            reader.close();
            reader.group = Some(reader.group.map_or(0, |group| group + 1));
        } else if row.is_empty() || row.starts_with("#end document") {
            reader.close();
        } else {
            reader.row(line, row);
        }
    }
    reader.close();
    let mut corpus = reader.standoff.finish(path)?;
    // Entities are given by words, so that there are no offsets to learn from.
    corpus.offset_evidence = None;
    Ok(corpus)
}

#[derive(Clone, Copy)]
struct Columns {
    token: usize,
    names: usize,
}

/// The rows of words, split at white space.
fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let words = text.lines().map(str::trim);
    let words = words.filter(|row| {
        !row.is_empty() && !row.starts_with(BEGIN) && !row.starts_with("#end document")
    });
    words.map(|row| row.split_whitespace().collect())
}

/// Which columns are read: those that a person names, else those of the shared task, else the first
/// with brackets that are not those of a syntax tree or of the arguments of verbs.
fn columns(path: &Path, text: &str, options: &ReadOptions) -> Result<Columns, ReadError> {
    const SAMPLE: usize = 2000;
    let sample: Vec<Vec<&str>> = rows(text).take(SAMPLE).collect();
    // Rows have as many columns as there are verbs, and at least these.
    let width = sample.iter().map(Vec::len).min().unwrap_or(0);
    let chosen = |choice: &ColumnChoice| {
        let found = match choice {
            ColumnChoice::Index(at) if *at >= 0 => usize::try_from(*at).ok(),
            ColumnChoice::Index(at) => width.checked_sub(at.unsigned_abs()),
            ColumnChoice::Name(_) => None,
        };
        found
            .filter(|at| *at < width)
            .ok_or_else(|| ReadError::NoSuchColumn {
                file: path.into(),
                wanted: match choice {
                    ColumnChoice::Index(at) => at.to_string(),
                    ColumnChoice::Name(name) => name.clone(),
                },
                available: format!("{width} columns, without names"),
            })
    };
    let cells = |at: usize| sample.iter().filter_map(move |row| row.get(at).copied());
    let bracketed = |at: usize| {
        let opens = cells(at).any(|cell| cell.starts_with('('));
        // The numbers of coreference are in brackets too, and have no star between them.
        let tags = cells(at).all(|cell| parts(cell).is_some());
        tags && (opens || cells(at).all(|cell| cell == "*"))
    };
    let labels = |at: usize| cells(at).filter_map(parts).flat_map(|(opened, _)| opened);
    let syntax = |at: usize| labels(at).any(|label| label == "TOP" || label == "NP");
    let verbs = |at: usize| {
        labels(at).all(|label| label == "V" || label.contains("ARG")) && labels(at).next().is_some()
    };
    let names = match &options.tag_column {
        Some(choice) => Some(chosen(choice)?),
        None if width >= ARGUMENTS && bracketed(NAMES) => Some(NAMES),
        None => (1..width).find(|at| bracketed(*at) && !syntax(*at) && !verbs(*at)),
    };
    let names = names.ok_or_else(|| ReadError::NotACorpus {
        file: path.into(),
        line: 1,
        found: match sample.get(sample.len() / 2) {
            Some(row) => format!(
                "rows without a column of names (`{}`)",
                excerpt(&row.join(" "))
            ),
            None => "documents without words".into(),
        },
        expected: "a column with `(PERSON*`, `*`, `*)`, the eleventh in CoNLL-2012".into(),
        tried: Vec::new(),
    })?;
    let numbered = || cells(NUMBER).all(|cell| cell.parse::<usize>().is_ok());
    let token = match &options.token_column {
        Some(choice) => chosen(choice)?,
        None if width > TOKEN && numbered() => TOKEN,
        None => 0,
    };
    Ok(Columns { token, names })
}

/// The labels of the entities that a cell opens, and how many it closes; `None` where it is none.
fn parts(cell: &str) -> Option<(Vec<&str>, usize)> {
    let middle = cell.trim_end_matches(')');
    let closed = cell.len() - middle.len();
    let middle = middle.strip_suffix('*').unwrap_or(middle);
    if middle.is_empty() {
        return cell.contains('*').then_some((Vec::new(), closed));
    }
    let opened: Vec<&str> = middle.strip_prefix('(')?.split('(').collect();
    // Without a star an entity is one word, which ends where it begins.
    let whole = cell.contains('*') || closed >= 1;
    let named = opened
        .iter()
        .all(|label| !label.is_empty() && !label.contains([')', '*', '|']));
    (whole && named).then_some((opened, closed))
}

#[derive(Default)]
struct Sentence {
    line: usize,
    text: String,
    words: Vec<Word>,
    /// Entities that are not closed: label, start, line.
    open: Vec<(String, usize, usize)>,
    marks: Vec<Mark>,
}

struct Reader<'a> {
    path: &'a Path,
    standoff: Standoff<'a>,
    columns: Columns,
    group: Option<u32>,
    sentence: Sentence,
}

const FIX: &str =
    "open an entity with `(LABEL*`, go on with `*`, and close it with `*)`; one word is `(LABEL)`";

impl Reader<'_> {
    fn row(&mut self, line: usize, row: &str) {
        let mut cells = row.split_whitespace();
        let word = cells.clone().nth(self.columns.token);
        let cell = cells.nth(self.columns.names);
        let (Some(word), Some(cell)) = (word, cell) else {
            let what = "has too few columns";
            self.standoff.fault(
                self.path,
                line,
                row,
                what,
                "give the row the columns of the others",
            );
            return;
        };
        let sentence = &mut self.sentence;
        if sentence.words.is_empty() {
            sentence.line = line;
        } else {
            sentence.text.push(' ');
        }
        let start = sentence.text.len();
        sentence.text.push_str(word);
        let end = sentence.text.len();
        sentence.words.push(Word { start, end });
        let Some((opened, closed)) = parts(cell) else {
            self.standoff
                .fault(self.path, line, cell, "opens or closes no entity", FIX);
            return;
        };
        for label in opened {
            sentence.open.push((label.into(), start, line));
        }
        for _ in 0..closed {
            let Some((label, start, line)) = sentence.open.pop() else {
                self.standoff.fault(
                    self.path,
                    line,
                    cell,
                    "closes an entity that is not open",
                    FIX,
                );
                return;
            };
            let at = |byte: usize| i64::try_from(byte).unwrap_or(i64::MAX);
            sentence.marks.push(Mark {
                line,
                pieces: vec![(at(start), at(end))],
                label,
                ..Mark::default()
            });
        }
    }

    fn close(&mut self) {
        let sentence = std::mem::take(&mut self.sentence);
        for (label, _, line) in &sentence.open {
            let what = "opens an entity that its sentence does not close";
            self.standoff
                .fault(self.path, *line, &format!("({label}*"), what, FIX);
        }
        if sentence.words.is_empty() {
            return;
        }
        let text = Text {
            id: None,
            group: self.group,
            line: sentence.line,
            text: &sentence.text,
            words: Some(sentence.words),
            marks: &sentence.marks,
        };
        self.standoff.add(self.path, &text);
    }
}
