//! Reads PubTator's text files: title and abstract of an article, and a line for each annotation.

use std::path::Path;

use crate::dataset::Corpus;
use crate::format::ReadError;
use crate::format::standoff::{self, Mark, Standoff, Text};
use crate::formats::Format;
use crate::options::ReadOptions;

/// Whether it begins with a title, or why not.
pub(super) fn looks_like(text: &str, _options: &ReadOptions) -> Result<(), String> {
    let mut lines = text.lines().skip_while(|line| line.trim().is_empty());
    let first = lines.next().and_then(section);
    // Behind a title come an abstract, what is marked, or an empty line. JSON and words may have bars too.
    let mut goes_on = |id: &str| {
        lines.next().is_none_or(|line| {
            let rest = line.strip_prefix(id);
            line.trim().is_empty() || rest.is_some_and(|rest| rest.starts_with(['|', '\t']))
        })
    };
    match first {
        Some((id, "t" | "a", _)) if !id.starts_with(['{', '[']) && goes_on(id) => Ok(()),
        _ => Err("PubTator (no: it does not start with `ID|t|` and a title)".into()),
    }
}

/// `12|t|A title`: the article, the kind of section, and its text.
fn section(line: &str) -> Option<(&str, &str, &str)> {
    let (id, rest) = line.split_once('|')?;
    let (kind, text) = rest.split_once('|')?;
    let named = !id.is_empty() && !id.contains(char::is_whitespace);
    let kinds = (1..=2).contains(&kind.len()) && kind.bytes().all(|b| b.is_ascii_lowercase());
    (named && kinds).then_some((id, kind, text))
}

/// The article that is being read.
#[derive(Default)]
struct Open {
    id: String,
    line: usize,
    /// Its sections, joined by a line end, which counts as one character.
    text: String,
    /// Those since the last one that has a text.
    sections: usize,
    marks: Vec<Mark>,
}

pub(super) fn read(path: &Path, text: &str, options: &ReadOptions) -> Result<Corpus, ReadError> {
    standoff::again(path, options, |options| Ok(articles(path, text, options)))
}

fn articles<'o>(path: &Path, text: &str, options: &'o ReadOptions) -> Standoff<'o> {
    let mut standoff = Standoff::new(path, Format::PubTator, options);
    let mut open: Option<Open> = None;
    for (i, row) in text.lines().enumerate() {
        let line = i + 1;
        if row.trim().is_empty() {
            close(path, open.take(), &mut standoff);
            continue;
        }
        if let Some((id, _, text)) = section(row) {
            // Files without blank lines between the articles are as clear.
            if open.as_ref().is_some_and(|open| open.id != id) {
                close(path, open.take(), &mut standoff);
            }
            let open = open.get_or_insert_with(|| Open {
                id: id.into(),
                line,
                ..Open::default()
            });
            if !text.is_empty() {
                let ends = std::iter::repeat_n('\n', open.sections);
                open.text.extend(ends);
                open.text.push_str(text);
                open.sections = 0;
            }
            open.sections += 1;
            continue;
        }
        let Some(article) = &mut open else {
            let fix = "write `ID|t|` and the title before the annotations of an article";
            standoff.fault(path, line, row, "stands before any title", fix);
            continue;
        };
        match annotation(row, &article.id) {
            Ok(Some(mark)) => article.marks.push(Mark {
                line,
                shown: row.into(),
                ..mark
            }),
            Ok(None) => standoff.leave_out("relations", 1),
            Err(what) => {
                let fix = "write the article's id, the start, the end, the text covered, and the type, separated by tabs";
                standoff.fault(path, line, row, what, fix);
            }
        }
    }
    close(path, open.take(), &mut standoff);
    standoff
}

fn close(path: &Path, open: Option<Open>, standoff: &mut Standoff) {
    let Some(open) = open else { return };
    let text = Text {
        id: Some(open.id),
        group: u32::try_from(standoff.documents.len()).ok(),
        line: open.line,
        text: &open.text,
        words: None,
        marks: &open.marks,
    };
    standoff.add(path, &text);
}

/// `12<tab>0<tab>7<tab>Aspirin<tab>Chemical<tab>D1`; `None` for a relation, `12<tab>CID<tab>D1<tab>D2`.
fn annotation(row: &str, article: &str) -> Result<Option<Mark>, &'static str> {
    let cells: Vec<&str> = row.split('\t').collect();
    if cells.len() < 4 {
        return Err("is neither a section nor an annotation");
    }
    if cells[0] != article {
        return Err("belongs to another article than the lines before it");
    }
    let (start, end) = (cells[1].trim().parse(), cells[2].trim().parse());
    let (Ok(start), Ok(end)) = (start, end) else {
        // Its second cell names the kind of relation.
        let named = cells[1].contains(|c: char| c.is_alphabetic());
        return match named {
            true => Ok(None),
            false => Err("has a start or an end that is not a whole number"),
        };
    };
    let label = cells.get(4).ok_or("has no type")?.trim();
    Ok(Some(Mark {
        pieces: vec![(start, end)],
        label: label.into(),
        text: Some(cells[3].into()).filter(|text: &String| !text.is_empty()),
        ..Mark::default()
    }))
}
