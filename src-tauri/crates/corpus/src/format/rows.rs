//! Reads the rows of a CoNLL-style file into sentences of words and tags.

use std::collections::BTreeSet;
use std::path::Path;

use crate::format::columns::{self, Layout, Row, fields};
use crate::format::notation::Notation;
use crate::format::tagged::Sentence;
use crate::format::{ReadError, ReadOptions, Separator};
use crate::issue::{Issue, Issues, Severity, excerpt};
use crate::scheme::{Scheme, Tag};

pub(super) struct Parsed<'a> {
    pub sentences: Vec<Sentence<'a>>,
    pub layout: Layout,
    /// BILOU or BMES, told by letters that no other scheme has.
    pub letters: Option<Scheme>,
}

pub(super) fn parse<'a>(
    path: &Path,
    text: &'a str,
    options: &ReadOptions,
    issues: &mut Issues,
) -> Result<Parsed<'a>, ReadError> {
    // Classic Mac OS ended lines with a lone carriage return.
    let newline = if text.contains('\n') { '\n' } else { '\r' };
    let lines = || {
        text.split(newline)
            .enumerate()
            .map(|(i, line)| (i + 1, line.trim_end()))
    };
    let data = |line: &str| !line.is_empty() && !is_comment(line) && !is_boundary(line);
    let rows: Vec<Row> = lines().filter(|(_, line)| data(line)).collect();
    let names: Vec<&str> = lines()
        .find_map(|(_, line)| line.strip_prefix("# global.columns = "))
        .map(|names| names.split_whitespace().collect())
        .unwrap_or_default();
    let layout = columns::find(path, &rows, &names, options, issues)?;
    let known = known_labels(&rows, &layout);

    let mut sentences: Vec<Sentence> = Vec::new();
    let mut open = Sentence::default();
    // How many sentences stand before each source document.
    let mut starts: Vec<usize> = Vec::new();
    let mut letters = None;
    let mut buffer = Vec::new();
    let mut empty_tokens = 0usize;
    for (number, line) in lines() {
        if line.is_empty() || is_boundary(line) {
            close(&mut sentences, &mut open);
            if !line.is_empty() {
                starts.push(sentences.len());
            }
            continue;
        }
        let read = row(line, &layout, &mut buffer);
        // What starts with `#` is a comment only when it cannot be a row: `#` is a token too.
        // Any word passes for a bare label, so that there the label must be one of the file's.
        let fits = |row: &Fields| {
            let known = known.as_ref();
            known.is_none_or(|labels| labels.contains(row.tag_text))
        };
        if is_comment(line) && !read.as_ref().is_ok_and(fits) {
            if let Some(id) = line.strip_prefix("# sent_id = ") {
                close(&mut sentences, &mut open);
                open.id = Some(id.trim().into());
            } else if line.starts_with("# newdoc") {
                close(&mut sentences, &mut open);
                starts.push(sentences.len());
            }
            continue;
        }
        match read {
            Ok(row) => {
                letters = letters.or_else(|| layout.notation.own_letters(row.tag_text));
                empty_tokens += usize::from(row.token.is_empty());
                issues_of_row(path, number, line, &row, &layout, issues);
                if open.words.is_empty() {
                    open.line = number;
                }
                open.words.push(row.token.into());
                open.tags.push(row.tag);
                open.word_per_line.get_or_insert_default().push(number);
            }
            Err(fault) => issues.push(fault.issue(path, number, line, &layout)),
        }
    }
    close(&mut sentences, &mut open);
    if empty_tokens > 0 {
        let message =
            format!("{empty_tokens} rows have a tag but an empty token; kept as empty words");
        issues.push(Issue::new(Severity::Info, "empty-token", path, 0, message));
    }
    number_groups(&mut sentences, starts);
    Ok(Parsed {
        sentences,
        layout,
        letters,
    })
}

/// The labels of a file that writes them bare.
fn known_labels<'a>(rows: &[Row<'a>], layout: &Layout) -> Option<BTreeSet<&'a str>> {
    if layout.notation != Notation::BareLabels {
        return None;
    }
    let mut buffer = Vec::new();
    let labels = rows
        .iter()
        .filter_map(|(_, line)| Some(row(line, layout, &mut buffer).ok()?.tag_text));
    Some(labels.collect())
}

fn close<'a>(sentences: &mut Vec<Sentence<'a>>, open: &mut Sentence<'a>) {
    if !open.words.is_empty() {
        sentences.push(std::mem::take(open));
    }
}

fn is_boundary(line: &str) -> bool {
    line.trim_start().starts_with("-DOCSTART-")
}

fn is_comment(line: &str) -> bool {
    line.strip_prefix('#')
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}

/// Sentences of a file without any boundary belong to no group; otherwise those before the first
/// boundary are a group as well.
fn number_groups(sentences: &mut [Sentence], mut starts: Vec<usize>) {
    if starts.is_empty() {
        return;
    }
    starts.dedup();
    starts.retain(|start| *start > 0);
    let mut group = 0u32;
    for (i, sentence) in sentences.iter_mut().enumerate() {
        if starts.get(group as usize) == Some(&i) {
            group += 1;
        }
        sentence.group = Some(group);
    }
}

struct Fields<'a> {
    token: &'a str,
    tag: Tag,
    tag_text: &'a str,
    columns: usize,
    /// Its fields are parted by spaces, in a file of tabs.
    other_separator: bool,
}

enum Fault<'a> {
    TooFew(usize),
    TooMany(usize),
    BadTag(&'a str),
}

/// `columns` is a buffer, emptied first, so that not every row needs one of its own.
fn row<'a>(
    line: &'a str,
    layout: &Layout,
    columns: &mut Vec<&'a str>,
) -> Result<Fields<'a>, Fault<'a>> {
    columns.clear();
    columns.extend(fields(line, layout.separator));
    let mut other_separator = false;
    if columns.len() == 1
        && layout.separator == Separator::Tab
        && fields(line, Separator::Space).count() == layout.columns
    {
        columns.clear();
        columns.extend(fields(line, Separator::Space));
        other_separator = true;
    }
    let starts_empty = layout.separator == Separator::Space && line.starts_with([' ', '\t']);
    if starts_empty && columns.len() + 1 == layout.columns {
        columns.insert(0, "");
    }
    let needed = layout.columns.min(layout.tag.max(layout.token) + 1);
    if columns.len() < needed {
        return Err(Fault::TooFew(columns.len()));
    }
    // Any word passes for a bare label, so that only the number of columns tells them apart.
    if columns.len() > layout.columns && layout.notation == Notation::BareLabels {
        return Err(Fault::TooMany(columns.len()));
    }
    let tag_text = columns[layout.tag].trim();
    match layout.notation.tag(tag_text) {
        Some(tag) => Ok(Fields {
            token: columns[layout.token],
            tag,
            tag_text,
            columns: columns.len(),
            other_separator,
        }),
        None if columns.len() > layout.columns => Err(Fault::TooMany(columns.len())),
        None => Err(Fault::BadTag(tag_text)),
    }
}

fn issues_of_row(
    path: &Path,
    line: usize,
    text: &str,
    row: &Fields,
    layout: &Layout,
    issues: &mut Issues,
) {
    let mut warn = |code, message: String| {
        issues.push(Issue::new(Severity::Warning, code, path, line, message).found(excerpt(text)));
    };
    if row.other_separator {
        warn(
            "mixed-separators",
            "the columns are parted by spaces, in a file of tabs".into(),
        );
    }
    if row.columns != layout.columns {
        let (found, expected) = (row.columns, layout.columns);
        warn(
            "column-count",
            format!("found {found} columns, as against {expected} in most rows"),
        );
    }
}

impl Fault<'_> {
    fn issue(&self, path: &Path, line: usize, text: &str, layout: &Layout) -> Issue {
        let separator = match layout.separator {
            Separator::Tab => "tabs",
            Separator::Space => "spaces",
        };
        let expected = layout.columns;
        let shown = excerpt(text);
        let (code, message, fix): (_, _, &str) = match self {
            Fault::TooFew(found) => (
                "too-few-columns",
                format!(
                    "found {found} column{} (`{shown}`), expected {expected} parted by {separator}",
                    if *found == 1 { "" } else { "s" }
                ),
                "give the row a word and its tag, or make it empty where a sentence ends",
            ),
            Fault::TooMany(found) => (
                "too-many-columns",
                format!(
                    "found {found} columns (`{shown}`), expected {expected} parted by {separator}"
                ),
                "part the columns by tabs when words contain spaces",
            ),
            Fault::BadTag(tag) => return bad_tag(path, line, tag),
        };
        Issue::new(Severity::Error, code, path, line, message)
            .found(shown)
            .fix(fix)
    }
}

pub(super) fn bad_tag(path: &Path, line: usize, tag: &str) -> Issue {
    let shown = excerpt(tag);
    let message =
        format!("`{shown}` is not a tag; expected `O`, or a letter and a label such as `B-PER`");
    Issue::new(Severity::Error, "bad-tag", path, line, message)
        .found(shown)
        .fix(better_tag(tag))
}

/// The tag that was probably meant.
fn better_tag(tag: &str) -> String {
    let upper = tag.to_uppercase();
    let swapped = tag
        .rsplit_once(['-', '_'])
        .map(|(label, letter)| format!("{letter}-{label}"));
    let dashed = tag
        .split_once('_')
        .map(|(letter, label)| format!("{letter}-{label}"));
    let raised = tag
        .split_once('-')
        .map(|(letter, label)| format!("{}-{label}", letter.to_uppercase()));
    let meant = match upper.as_str() {
        "O" | "0" | "OUT" | "NONE" | "OTHER" | "_" | "-" => Some("O".into()),
        _ => [raised, dashed, swapped]
            .into_iter()
            .flatten()
            .find(|t| Tag::is_tag(t)),
    };
    match meant {
        Some(meant) => format!("write `{meant}`"),
        None if tag.is_empty() => "write `O` for words outside every entity".into(),
        None => format!("write `B-{tag}` or `I-{tag}`, and `O` outside of entities"),
    }
}
