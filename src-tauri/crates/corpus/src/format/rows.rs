//! Reads the rows of a CoNLL-style file into sentences of words and tags.

use std::collections::BTreeSet;
use std::path::Path;

use memchr::{memchr, memchr_iter};

use crate::format::ReadError;
use crate::format::builder::{Builder, OUTSIDE, Tags};
use crate::format::columns::{self, Layout, Row, fields, is_rest_of_text};
use crate::format::ranges::{self, Id, Ranges};
use crate::formats::Separator;
use crate::issue::{Issue, IssueCode, Issues, Severity, excerpt};
use crate::options::ReadOptions;
use crate::scheme::Tag;

/// The sentences of a file, their tags still numbers.
pub(super) struct Parsed {
    pub builder: Builder,
    pub layout: Layout,
}

pub(super) fn parse(
    path: &Path,
    text: &str,
    options: &ReadOptions,
    issues: &mut Issues,
) -> Result<Parsed, ReadError> {
    let lines = || Lines::new(text);
    let names: Vec<&str> = lines()
        .take(MOST_HEADER_LINES)
        .find_map(|(_, line)| line.strip_prefix("# global.columns = "))
        .map(|names| names.split_whitespace().collect())
        .unwrap_or_default();
    let mut rows = sample(text);
    if rows.is_empty() {
        // `#` is a word too, and may be the only one.
        let tagged = |(_, line): &Row| line.rsplit(['\t', ' ']).next().is_some_and(Tag::is_tag);
        rows.extend(lines().filter(tagged));
    }
    let layout = columns::find(path, &rows, &names, options, issues)?;
    let known = layout
        .notation
        .is_bare()
        .then(|| known_labels(lines(), &layout));

    let mut builder = Builder::new(layout.notation);
    // How many sentences stand before each source document.
    let mut starts: Vec<usize> = Vec::new();
    let mut buffer = Vec::new();
    let (mut empty_tokens, mut ranges) = (0usize, Ranges::default());
    for (number, line) in lines() {
        if line.is_empty() || is_boundary(line) {
            options.go_on(path)?;
            ranges.close(path, &mut builder, issues);
            builder.close();
            if !line.is_empty() {
                starts.push(builder.sentences());
            }
            continue;
        }
        let read = row(line, &layout, &mut buffer, &mut builder.tags);
        // What starts with `#` is a comment only when it cannot be a row: `#` is a token too.
        // Any word passes for a bare label, so that there the label must be one of the file's.
        let fits = |row: &Fields| {
            let known = known.as_ref();
            known.is_none_or(|labels| labels.contains(row.tag_text))
        };
        if is_comment(line) && !read.as_ref().is_ok_and(fits) {
            if let Some(id) = line.strip_prefix("# sent_id = ") {
                builder.close();
                builder.name(id.trim());
            } else if line.starts_with("# newdoc") {
                builder.close();
                starts.push(builder.sentences());
            }
            continue;
        }
        let is_word = !matches!(read, Err(Fault::Range(..)));
        let covered = is_word && ranges.is_open() && {
            let id = fields(line, layout.separator).next().unwrap_or_default();
            ranges.covers(id, path, &mut builder, issues)
        };
        match read {
            Ok(row) => {
                empty_tokens += usize::from(row.token.is_empty());
                if row.other_separator || row.columns != layout.columns {
                    issues_of_row(path, number, line, &row, &layout, issues);
                }
                builder.word(row.token, row.tag, row.inner, number);
            }
            Err(Fault::Range(id, tag)) => {
                let place = (path, number);
                ranges.row(place, id, tag, &mut builder, issues);
            }
            // The words of a range that is tagged as a whole have no tags of their own.
            Err(Fault::BadTag("_" | "")) if covered => {
                let token = fields(line, layout.separator).nth(layout.token);
                let inner = layout.inner.map(|_| OUTSIDE);
                builder.word(token.unwrap_or_default(), OUTSIDE, inner, number);
            }
            Err(fault) => {
                let mut issue = fault.issue(path, number, line, &layout);
                if options.drop_invalid {
                    issue.severity = Severity::Warning;
                    issue.message.push_str("; its sentence was left out");
                    builder.spoil();
                }
                issues.push(issue);
            }
        }
    }
    ranges.close(path, &mut builder, issues);
    builder.close();
    let mut add_issue = |code, message: String| {
        issues.push(Issue::new(Severity::Info, code, path, 0, message));
    };
    if empty_tokens > 0 {
        let message =
            format!("{empty_tokens} rows have a tag but an empty token; kept as empty words");
        add_issue(IssueCode::EmptyToken, message);
    }
    ranges.tell(path, issues);
    number_groups(&mut builder, starts);
    Ok(Parsed { builder, layout })
}

/// Where a `# global.columns` line stands.
const MOST_HEADER_LINES: usize = 1000;

/// So many bytes show what the columns are: of a larger file, blocks of [`BLOCK`] bytes from its
/// beginning to its end.
const SAMPLE: usize = 1 << 20;
const BLOCK: usize = 1 << 14;

/// Rows of data, with their lines.
fn sample(text: &str) -> Vec<Row<'_>> {
    let data = |(_, line): &Row| !line.is_empty() && !is_comment(line) && !is_boundary(line);
    if text.len() <= SAMPLE {
        return Lines::new(text).filter(data).collect();
    }
    let newline = newline(text);
    let step = text.len() / (SAMPLE / BLOCK);
    let mut rows = Vec::new();
    let (mut at, mut line) = (0, 0);
    for block in 0..SAMPLE / BLOCK {
        // From the start of a line to the start of another.
        let begins = |from: usize| {
            let rest = &text.as_bytes()[from..];
            from + memchr(newline, rest).map_or(rest.len(), |end| end + 1)
        };
        let start = if block == 0 {
            0
        } else {
            begins((block * step).max(at))
        };
        let end = begins((start + BLOCK).min(text.len()));
        line += memchr_iter(newline, &text.as_bytes()[at..start]).count();
        let lines = Lines::new(&text[start..end]).map(|(i, row)| (line + i, row));
        rows.extend(lines.filter(data));
        line += memchr_iter(newline, &text.as_bytes()[start..end]).count();
        at = end;
    }
    rows
}

/// Classic Mac OS ended lines with a lone carriage return.
fn newline(text: &str) -> u8 {
    match memchr(b'\n', text.as_bytes()) {
        Some(_) => b'\n',
        None => b'\r',
    }
}

/// The lines of a text without the white space at their ends, numbered from 1.
#[derive(Clone)]
struct Lines<'a> {
    rest: Option<&'a str>,
    newline: u8,
    number: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            rest: Some(text),
            newline: newline(text),
            number: 0,
        }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = (usize, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest?;
        let line = match memchr(self.newline, rest.as_bytes()) {
            Some(end) => {
                self.rest = Some(&rest[end + 1..]);
                &rest[..end]
            }
            None => {
                self.rest = None;
                rest
            }
        };
        self.number += 1;
        // Nearly every line ends in a letter of ASCII.
        let line = match line.as_bytes().last() {
            Some(b'!'..=b'~') => line,
            _ => line.trim_end(),
        };
        Some((self.number, line))
    }
}

/// The labels of a file that writes them bare.
fn known_labels<'a>(
    lines: impl Iterator<Item = (usize, &'a str)>,
    layout: &Layout,
) -> BTreeSet<&'a str> {
    let (mut buffer, mut tags) = (Vec::new(), Tags::new(layout.notation));
    let rows =
        lines.filter(|(_, line)| !line.is_empty() && !is_comment(line) && !is_boundary(line));
    rows.filter_map(|(_, line)| Some(row(line, layout, &mut buffer, &mut tags).ok()?.tag_text))
        .collect()
}

fn is_boundary(line: &str) -> bool {
    // Asked of every line: nearly all are done with after one byte.
    let first = line.as_bytes().first().copied().unwrap_or_default();
    (first == b'-' || first <= b' ' || first >= 0x80) && line.trim_start().starts_with("-DOCSTART-")
}

fn is_comment(line: &str) -> bool {
    line.strip_prefix('#')
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}

/// Sentences of a file without any boundary belong to no group; otherwise those before the first
/// boundary are a group as well.
fn number_groups(builder: &mut Builder, mut starts: Vec<usize>) {
    if starts.is_empty() {
        return;
    }
    starts.dedup();
    starts.retain(|start| *start > 0);
    builder.group(|sentence| {
        let group = starts.partition_point(|start| *start <= sentence);
        u32::try_from(group).unwrap_or(u32::MAX)
    });
}

struct Fields<'a> {
    token: &'a str,
    /// The number of the tag.
    tag: u32,
    tag_text: &'a str,
    /// The number of the tag in the column of nested entities, where that is read.
    inner: Option<u32>,
    columns: usize,
    /// Its fields are separated by spaces, in a file of tabs.
    other_separator: bool,
}

enum Fault<'a> {
    TooFew(usize),
    TooMany(usize),
    BadTag(&'a str),
    /// A row of CoNLL-U that is no word, and its tag, where it has one of an entity.
    Range(Id, Option<&'a str>),
}

/// `columns` is a buffer, emptied first, so that not every row needs one of its own.
fn row<'a>(
    line: &'a str,
    layout: &Layout,
    columns: &mut Vec<&'a str>,
    tags: &mut Tags,
) -> Result<Fields<'a>, Fault<'a>> {
    if let Some(row) = regular(line, layout, tags) {
        return Ok(row);
    }
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
    // Any word may be a bare label, so only the number of columns distinguishes them.
    if columns.len() > layout.columns && layout.notation.is_bare() {
        return Err(Fault::TooMany(columns.len()));
    }
    let tag_text = columns[layout.tag].trim();
    let separator = match other_separator {
        true => Separator::Space,
        false => layout.separator,
    };
    if is_rest_of_text(tag_text, line, separator) {
        return Err(Fault::BadTag(tag_text));
    }
    if let Some(id) = ranges::id(columns[0]).filter(|_| layout.numbered) {
        let entity =
            Tag::is_tag(tag_text) && tags.number(tag_text).is_some_and(|tag| tag != OUTSIDE);
        return Err(Fault::Range(id, entity.then_some(tag_text)));
    }
    // CoNLL-U has `_` for what a row does not say, which is not the same as outside.
    let unsaid = layout.numbered && tag_text == "_";
    let known = if unsaid { None } else { tags.number(tag_text) };
    let Some(tag) = known else {
        return Err(match columns.len() > layout.columns {
            true => Fault::TooMany(columns.len()),
            false => Fault::BadTag(tag_text),
        });
    };
    let inner = match layout.inner {
        None => None,
        Some(at) => {
            let text = columns.get(at).map_or("O", |text| text.trim());
            Some(tags.number(text).ok_or(Fault::BadTag(text))?)
        }
    };
    Ok(Fields {
        token: columns[layout.token],
        tag,
        tag_text,
        inner,
        columns: columns.len(),
        other_separator,
    })
}

/// A row as it should be, which nearly all are; a buffer for its columns would take most of the time.
fn regular<'a>(line: &'a str, layout: &Layout, tags: &mut Tags) -> Option<Fields<'a>> {
    if layout.inner.is_some()
        || layout.separator == Separator::Space && line.starts_with([' ', '\t'])
    {
        return None;
    }
    let (mut columns, mut token, mut tag_text) = (0, "", "");
    for field in fields(line, layout.separator) {
        if columns == 0 && layout.numbered && ranges::id(field).is_some() {
            return None;
        }
        if columns == layout.token {
            token = field;
        }
        if columns == layout.tag {
            tag_text = field.trim();
        }
        columns += 1;
    }
    let unsaid = tag_text == "_";
    if columns != layout.columns || unsaid || is_rest_of_text(tag_text, line, layout.separator) {
        return None;
    }
    Some(Fields {
        token,
        tag: tags.number(tag_text)?,
        tag_text,
        inner: None,
        columns,
        other_separator: false,
    })
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
            IssueCode::MixedSeparators,
            "the columns are separated by spaces, in a file of tabs".into(),
        );
    }
    if row.columns != layout.columns {
        let (found, expected) = (row.columns, layout.columns);
        warn(
            IssueCode::ColumnCount,
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
                IssueCode::TooFewColumns,
                format!(
                    "found {found} column{} (`{shown}`), expected {expected} separated by {separator}",
                    if *found == 1 { "" } else { "s" }
                ),
                "give the row a word and its tag, or make it empty where a sentence ends",
            ),
            Fault::TooMany(found) => (
                IssueCode::TooManyColumns,
                format!(
                    "found {found} columns (`{shown}`), expected {expected} separated by {separator}"
                ),
                "separate the columns by tabs when words contain spaces",
            ),
            Fault::BadTag(tag) => return bad_tag(path, line, tag),
            Fault::Range(..) => return bad_tag(path, line, "_"),
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
    Issue::new(Severity::Error, IssueCode::BadTag, path, line, message)
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
