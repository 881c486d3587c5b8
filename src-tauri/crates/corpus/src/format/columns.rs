//! Finds what the columns of a CoNLL file are: the separator, the words, the tags.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::format::ReadError;
use crate::format::json;
use crate::format::ranges;
use crate::format::tag_notation::{Notation, notation, notation_of_column};
use crate::formats::Separator;
use crate::issue::{Issue, IssueCode, Issues, Severity, excerpt};
use crate::options::{ColumnChoice, ReadOptions};
use crate::scheme::Tag;

/// A data row and its line number.
pub(super) type Row<'a> = (usize, &'a str);

#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub separator: Separator,
    /// How many columns most rows have.
    pub columns: usize,
    pub token: usize,
    pub tag: usize,
    /// The column of the entities that lie inside those of `tag`, where it is read as well.
    pub inner: Option<usize>,
    pub notation: Notation,
    /// The first column numbers the words of each sentence, as that of CoNLL-U does.
    pub numbered: bool,
}

/// The fields of a row. Tabs keep spaces inside tokens and empty tokens; of spaces any number
/// separates two fields.
pub(super) fn fields(row: &str, separator: Separator) -> impl Iterator<Item = &str> {
    let mut rest = match separator {
        Separator::Tab => Some(row),
        Separator::Space => Some(row.trim_ascii_start()).filter(|row| !row.is_empty()),
    };
    // Fields are a few bytes long: a plain loop is faster there than any search.
    std::iter::from_fn(move || {
        let row = rest?;
        let ends = |byte: &u8| match separator {
            Separator::Tab => *byte == b'\t',
            Separator::Space => byte.is_ascii_whitespace(),
        };
        let Some(end) = row.as_bytes().iter().position(ends) else {
            rest = None;
            return Some(row);
        };
        rest = match separator {
            Separator::Tab => Some(&row[end + 1..]),
            Separator::Space => {
                Some(row[end..].trim_ascii_start()).filter(|behind| !behind.is_empty())
            }
        };
        Some(&row[..end])
    })
}

/// Is a field that could be a tag really the rest of a quoted text, as `I-95","entities":…` at the end of
/// a line of JSON or CSV? Only tabs separate columns so surely that a label may hold a quotation mark.
pub(super) fn is_rest_of_text(field: &str, row: &str, separator: Separator) -> bool {
    field.contains('"') && (separator == Separator::Space || json::is_bracketed(row))
}

/// Rows of one field say nothing, so that a file with faulty rows is still recognised.
fn separator(rows: &[Row]) -> Separator {
    let (mut tabs, mut spaces) = (0usize, 0usize);
    for (_, row) in rows {
        let tab = row.contains('\t');
        tabs += usize::from(tab);
        spaces += usize::from(!tab && row.trim_start().contains(' '));
    }
    if tabs > 0 && tabs >= spaces {
        Separator::Tab
    } else {
        Separator::Space
    }
}

/// How many columns, from the right, are looked at for tags: the lines of a text file can have
/// any number of words.
const MOST_COLUMNS: usize = 16;

/// Looks at all rows. `names` are the columns a `# global.columns` line named.
pub(super) fn find(
    path: &Path,
    rows: &[Row],
    names: &[&str],
    options: &ReadOptions,
    issues: &mut Issues,
) -> Result<Layout, ReadError> {
    let separator = separator(rows);
    let widths: Vec<usize> = rows
        .iter()
        .map(|(_, row)| fields(row, separator).count())
        .collect();
    let not_a_corpus = |found: String| ReadError::NotACorpus {
        file: path.into(),
        line: rows.first().map_or(1, |(line, _)| *line),
        found,
        expected: "rows with a word and its tag, such as `London B-LOC`, or JSON records".into(),
        tried: Vec::new(),
    };
    if rows.is_empty() {
        return Err(not_a_corpus("no rows".into()));
    }
    // The most frequent width; of two equally frequent ones the larger, because fields get lost
    // more easily than added.
    let mut frequency: BTreeMap<usize, usize> = BTreeMap::new();
    widths
        .iter()
        .for_each(|width| *frequency.entry(*width).or_default() += 1);
    let columns = frequency
        .iter()
        .max_by_key(|(_, rows)| **rows)
        .map_or(0, |(width, _)| *width);
    if columns < 2 {
        // One column, but some rows with tags: the others are the faulty ones.
        let tagged = |(_, row): &Row| {
            let last = fields(row, separator).skip(1).last();
            last.is_some_and(|field| Tag::is_tag(field) && !is_rest_of_text(field, row, separator))
        };
        if !rows.iter().any(tagged) {
            return Err(not_a_corpus(format!(
                "one column of text (`{}`)",
                excerpt(rows[0].1)
            )));
        }
    }
    let columns = columns.max(2);
    let choose = |choice: &ColumnChoice| resolve(path, choice, columns, names);
    // Rows of another width are faulty and say nothing about a column.
    let column = |at: usize| {
        let regular = rows
            .iter()
            .zip(&widths)
            .filter(move |(_, width)| **width == columns);
        regular.filter_map(move |((_, row), _)| {
            let field = fields(row, separator).nth(at)?;
            Some(match is_rest_of_text(field, row, separator) {
                true => "",
                false => field,
            })
        })
    };
    let numbered = columns > 2 && is_numbering(column(0));
    let (tag, notation, inner) = match &options.tag_column {
        Some(choice) => {
            let tag = choose(choice)?;
            (
                tag,
                notation_of_column(column(tag)).unwrap_or(Notation::Prefixed),
                None,
            )
        }
        None => {
            let candidates: Vec<(usize, Notation)> = (1..columns)
                .rev()
                .take(MOST_COLUMNS)
                .filter_map(|at| {
                    let found = match columns {
                        2 => notation_of_column(column(at)),
                        _ => notation(column(at)),
                    };
                    Some((at, found?))
                })
                .collect();
            // Prefixed tags are certain, anything else could be another kind of annotation.
            let sure = candidates.iter().find(|(_, found)| found.is_sure());
            let last = candidates.first().filter(|(at, _)| *at + 1 == columns);
            let Some(&(tag, notation)) = sure.or(last) else {
                let (line, row) = rows[rows.len() / 2];
                return Err(not_a_corpus(format!(
                    "rows that end in no tag (line {line}: `{}`)",
                    excerpt(row)
                )));
            };
            let before = candidates.iter().find(|(at, _)| at + 1 == tag);
            if let (Notation::Prefixed, Some(&(outer, Notation::Prefixed))) = (notation, before)
                && is_nested(column(outer), column(tag), outer == 2 && numbered)
            {
                report_nested(path, outer, tag, options.keep_overlaps, issues);
                (outer, notation, options.keep_overlaps.then_some(tag))
            } else {
                report_choice(path, tag, columns, &candidates, issues);
                (tag, notation, None)
            }
        }
    };
    let numbered = numbered && tag > 1;
    let token = match &options.token_column {
        Some(choice) => choose(choice)?,
        None => match names.iter().position(|name| *name == "FORM") {
            Some(at) if at < columns => at,
            _ => usize::from(numbered),
        },
    };
    Ok(Layout {
        separator,
        columns,
        token,
        tag,
        inner,
        notation,
        numbered: numbered && token > 0,
    })
}

/// The labels of chunks, which stand before a column of names in CoNLL-2003.
const CHUNKS: [&str; 11] = [
    "NP", "VP", "PP", "ADVP", "SBAR", "ADJP", "PRT", "CONJP", "INTJ", "LST", "UCP",
];

/// Does a column hold entities that lie inside those of the column before it, as GermEval's does?
/// Then they have the same labels and other bounds; a prediction beside its gold has the same
/// bounds, and names beside chunks have other labels. A column of nothing but `O` beside one of
/// entities is a nested one as well, in a file that happens to have none. `first` says that nothing but
/// the numbered words stands before the two: no parts of speech, with which chunks come, so that an
/// inner entity may have a label that no outer one of a small file has.
fn is_nested<'a>(
    outer: impl Iterator<Item = &'a str>,
    inner: impl Iterator<Item = &'a str>,
    first: bool,
) -> bool {
    let label = |tag: &'a str| tag.split_once('-').map(|(_, label)| label);
    let (mut labels, mut inside): (BTreeSet<&str>, BTreeSet<&str>) = Default::default();
    let (mut entities, mut covered, mut same) = (0usize, 0usize, 0usize);
    for (outer, inner) in outer.map(str::trim).zip(inner.map(str::trim)) {
        labels.extend(label(outer));
        let Some(within) = label(inner) else { continue };
        inside.insert(within);
        entities += 1;
        covered += usize::from(label(outer).is_some());
        same += usize::from(outer == inner);
    }
    let chunks = labels.iter().all(|label| CHUNKS.contains(label));
    if entities == 0 {
        return !labels.is_empty() && !chunks;
    }
    let alike = inside.is_subset(&labels) || first && !chunks;
    covered * 10 >= entities * 9 && same * 2 < entities && alike
}

fn report_nested(path: &Path, outer: usize, inner: usize, both: bool, issues: &mut Issues) {
    let (message, fix) = match both {
        true => (
            format!(
                "columns {outer} and {inner} (counted from 0) both hold entities; those of column {inner} lie inside the others"
            ),
            format!("to read one of them alone, choose it with `--tag-column {outer}`"),
        ),
        false => (
            format!(
                "column {inner} holds entities that lie inside those of column {outer}; column {outer} is read (counted from 0)"
            ),
            format!(
                "to read both, say `--keep-overlaps`; to read the inner ones alone, `--tag-column {inner}`"
            ),
        ),
    };
    issues.push(
        Issue::new(
            Severity::Info,
            IssueCode::SeveralTagColumns,
            path,
            0,
            message,
        )
        .fix(fix),
    );
}

/// Says so when another column might have been meant.
fn report_choice(
    path: &Path,
    tag: usize,
    columns: usize,
    candidates: &[(usize, Notation)],
    issues: &mut Issues,
) {
    if tag + 1 != columns {
        let message = format!(
            "the tags are read from column {tag} (counted from 0): the last column holds none"
        );
        issues.push(Issue::new(
            Severity::Info,
            IssueCode::TagColumn,
            path,
            0,
            message,
        ));
    }
    let others: Vec<String> = candidates
        .iter()
        .filter(|(at, found)| *at != tag && found.is_sure())
        .map(|(at, _)| at.to_string())
        .collect();
    if !others.is_empty() {
        let message = format!(
            "column {} holds tags as well; column {tag} is read (counted from 0)",
            others.join(" and ")
        );
        let fix = format!(
            "to read another one, choose it with `--tag-column {}`",
            others[0]
        );
        // Common and harmless: CoNLL-2003 has a column of chunks beside the one of names.
        issues.push(
            Issue::new(
                Severity::Info,
                IssueCode::SeveralTagColumns,
                path,
                0,
                message,
            )
            .fix(fix),
        );
    }
}

fn resolve(
    path: &Path,
    choice: &ColumnChoice,
    columns: usize,
    names: &[&str],
) -> Result<usize, ReadError> {
    let found = match choice {
        ColumnChoice::Index(at) if *at < 0 => columns.checked_sub(at.unsigned_abs()),
        ColumnChoice::Index(at) => usize::try_from(*at).ok(),
        ColumnChoice::Name(name) => names.iter().position(|n| n == name),
    };
    found.filter(|at| *at < columns).ok_or_else(|| {
        let named = if names.is_empty() {
            String::new()
        } else {
            format!(": {}", names.join(", "))
        };
        ReadError::NoSuchColumn {
            file: path.into(),
            wanted: match choice {
                ColumnChoice::Index(at) => at.to_string(),
                ColumnChoice::Name(name) => name.clone(),
            },
            available: format!("{columns} columns{named}"),
        }
    })
}

/// 1, 2, 3 … or 0, 1, 2 … over and over, as the first column of CoNLL-U, which has rows like `3-4` in
/// between.
fn is_numbering<'a>(values: impl Iterator<Item = &'a str>) -> bool {
    let (mut first, mut expected, mut rows, mut good, mut most) = (None, 1usize, 0usize, 0usize, 0);
    for value in values.filter(|value| ranges::id(value).is_none()) {
        rows += 1;
        if let Ok(number) = value.parse::<usize>() {
            let first = *first.get_or_insert(number.min(1));
            good += usize::from(number == expected || number == first);
            expected = number.saturating_add(1);
            most = most.max(number);
        }
    }
    // A column of noughts counts nothing.
    rows > 0 && good * 20 >= rows * 19 && most > 0
}
