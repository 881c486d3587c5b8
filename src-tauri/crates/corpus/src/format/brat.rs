//! Reads brat's standoff files: a text, and beside it one line per annotation with its offsets.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::dataset::Corpus;
use crate::format::standoff::{self, Mark, Standoff, Text};
use crate::format::{ReadError, text};
use crate::formats::Format;
use crate::issue::{Issue, IssueCode, Severity};
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

const LINE_ENDS: &str =
    "the offsets count a Windows line end (CR LF) as one character, and so was the text read";
const MARK: &str =
    "the offsets count the byte order mark before the text as a character, and so were they read";

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
    standoff::again(path, options, |options| {
        let mut reader = Reader {
            standoff: Standoff::new(path, Format::Brat, options),
        };
        for (path, text, annotations) in pairs {
            options.go_on(path)?;
            reader.pair(path, text, annotations)?;
        }
        Ok(reader.standoff)
    })
}

/// The file of annotations that belongs to a text: brat's own ending, in the case of the text's.
fn annotations_of(path: &Path) -> PathBuf {
    let upper = path.extension().is_some_and(|ending| ending == "TXT");
    path.with_extension(if upper { "ANN" } else { "ann" })
}

struct Reader<'a> {
    standoff: Standoff<'a>,
}

impl Reader<'_> {
    fn pair(&mut self, path: &Path, text: &[u8], annotations: &[u8]) -> Result<(), ReadError> {
        let marked = text::has_byte_order_mark(text);
        let text = self.decode(path, text)?;
        let file = annotations_of(path);
        let annotations = self.decode(&file, annotations)?;
        let marks = self.marks(&file, &annotations);
        let mut read = self.read(&file, &text, marked, &marks);
        let document = &mut read.document;
        document.id = path.file_stem().map(|stem| stem.to_string_lossy().into());
        document.group = u32::try_from(self.standoff.documents.len()).ok();
        document.line = 1;
        // The corpus is called by the folder as soon as there are several.
        document.file = (self.standoff.source.path != path).then(|| Arc::from(path));
        self.standoff.take(read);
        Ok(())
    }

    fn decode(&mut self, path: &Path, bytes: &[u8]) -> Result<String, ReadError> {
        let encoding = self.standoff.options.encoding.as_deref();
        match text::decode(path, bytes, encoding) {
            Ok(decoded) => {
                let reported = decoded.issues.into_iter();
                reported.for_each(|issue| self.standoff.issues.push(issue));
                Ok(decoded.text.into_owned())
            }
            // Nothing to say about a text, or no text to say it about, is no fault.
            Err(ReadError::Empty { .. }) => Ok(String::from_utf8_lossy(bytes).into_owned()),
            Err(other) => Err(other),
        }
    }

    /// Reads a text as it is, or as programs in Python see it where more of the offsets fit then: a Windows
    /// line end is one character, and a byte order mark (`marked`) is one as well.
    fn read(&self, file: &Path, text: &str, marked: bool, marks: &[Mark]) -> standoff::Read {
        let read = |text: &str, marks: &[Mark]| {
            let text = Text {
                line: 1,
                text,
                marks,
                ..Text::default()
            };
            self.standoff.read(file, &text)
        };
        let fits = |read: &standoff::Read| read.evidence.used_fit().equal;
        let mut best = read(text, marks);
        if fits(&best) == best.evidence.with_text {
            return best;
        }
        let joined = text.contains("\r\n").then(|| text.replace("\r\n", "\n"));
        let without_mark = marked.then(|| marks.iter().map(Mark::one_before).collect::<Vec<_>>());
        let (mut texts, mut all_marks) = (vec![(text, None)], vec![(marks, None)]);
        let line_ends = Some((IssueCode::LineEndsJoined, LINE_ENDS));
        texts.extend(joined.as_deref().map(|text| (text, line_ends)));
        let mark = Some((IssueCode::OffsetsShifted, MARK));
        all_marks.extend(without_mark.as_deref().map(|marks| (marks, mark)));
        let mut said = [None; 2];
        let ways = texts
            .iter()
            .flat_map(|text| all_marks.iter().map(move |marks| (*text, *marks)));
        // The first is how it was read.
        for ((text, line_ends), (marks, mark)) in ways.skip(1) {
            let other = read(text, marks);
            if fits(&other) > fits(&best) {
                (best, said) = (other, [line_ends, mark]);
            }
        }
        for (code, message) in said.into_iter().flatten() {
            let issue = Issue::new(Severity::Info, code, file, 0, message);
            best.issues.push(issue);
        }
        best
    }

    fn marks(&mut self, file: &Path, annotations: &str) -> Vec<Mark> {
        let mut marks = Vec::new();
        for (i, row) in annotations.lines().enumerate() {
            let line = i + 1;
            let row = row.trim_end_matches('\r');
            if row.trim().is_empty() {
                continue;
            }
            let first = row.chars().next().unwrap_or_default();
            if let Some((_, what)) = OTHERS.iter().find(|(letter, _)| *letter == first) {
                self.standoff.leave_out(what, 1);
                continue;
            }
            match entity(row) {
                Ok(mark) => marks.push(Mark {
                    line,
                    shown: row.into(),
                    ..mark
                }),
                Err(what) => {
                    let fix = "write `T1`, a tab, `LABEL START END`, a tab, and the text covered";
                    self.standoff.fault(file, line, row, what, fix);
                }
            }
        }
        marks
    }
}

/// `T1<tab>Label 0 14<tab>Ovarian cancer`, or with `0 5;9 14` in pieces; otherwise what is wrong.
fn entity(row: &str) -> Result<Mark, &'static str> {
    if !row.starts_with('T') {
        return Err("is not an annotation of a known kind");
    }
    let mut fields = row.splitn(3, '\t');
    let (_, place, text) = (fields.next(), fields.next(), fields.next());
    let place = place.ok_or("has no tab after its number")?;
    let (label, offsets) = place.trim().split_once(' ').ok_or("has no offsets")?;
    let mut pieces: Vec<(i64, i64)> = Vec::new();
    for piece in offsets.split(';') {
        let mut numbers = piece.split_whitespace().map(str::parse::<i64>);
        match (numbers.next(), numbers.next(), numbers.next()) {
            (Some(Ok(start)), Some(Ok(end)), None) => pieces.push((start, end)),
            _ => return Err("has offsets that are not two whole numbers"),
        }
    }
    pieces.sort_unstable();
    // Pieces that touch are one.
    pieces.dedup_by(|next, before| {
        let touch = before.1 == next.0;
        if touch {
            before.1 = next.1;
        }
        touch
    });
    Ok(Mark {
        pieces,
        label: label.into(),
        text: text.filter(|text| !text.is_empty()).map(String::from),
        ..Mark::default()
    })
}
