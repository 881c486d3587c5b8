//! Finds what the columns of a CoNLL file are: the separator, the words, the tags.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use crate::format::{ColumnChoice, ReadError, ReadOptions, Separator};
use crate::issue::{Issue, Issues, Severity, excerpt};
use crate::scheme::{Scheme, Tag};

/// A data row and its line number.
pub(super) type Row<'a> = (usize, &'a str);

#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub separator: Separator,
    /// How many columns most rows have.
    pub columns: usize,
    pub token: usize,
    pub tag: usize,
    pub notation: Notation,
}

/// How the tag column says what a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notation {
    /// `B-PER`, `O`.
    Prefixed,
    /// `PER`, `O`.
    BareLabels,
    /// `B`, `I`, `O` without any label: there is one kind of entity.
    BareLetters,
}

/// The label given to entities whose tags name none.
pub(super) const ONLY_LABEL: &str = "ENTITY";

impl Notation {
    /// The tag that `text` stands for, or `None` when it is none.
    pub fn tag(self, text: &str) -> Option<Tag> {
        match self {
            Notation::Prefixed => Tag::parse(text).ok(),
            Notation::BareLabels if text == "O" => Some(Tag::Outside),
            Notation::BareLabels => Tag::parse(&format!("I-{text}")).ok(),
            Notation::BareLetters if text == "O" => Some(Tag::Outside),
            Notation::BareLetters => Tag::parse(&format!("{text}-{ONLY_LABEL}")).ok(),
        }
    }
}

impl Notation {
    /// The scheme that alone has the letter of this tag.
    pub fn own_letters(self, tag: &str) -> Option<Scheme> {
        let letter = match self {
            Notation::BareLabels => return None,
            Notation::Prefixed => tag.split_once('-')?.0,
            Notation::BareLetters => tag,
        };
        match letter {
            "L" | "U" => Some(Scheme::Bilou),
            "M" => Some(Scheme::Bmes),
            _ => None,
        }
    }
}

/// The fields of a row. Tabs keep spaces inside tokens and empty tokens; of spaces any number
/// parts two fields.
pub(super) fn fields(row: &str, separator: Separator) -> Vec<&str> {
    match separator {
        Separator::Tab => row.split('\t').collect(),
        Separator::Space => row.split_ascii_whitespace().collect(),
    }
}

pub(super) fn separator(rows: &[Row]) -> Separator {
    let tabs = rows.iter().filter(|(_, row)| row.contains('\t')).count();
    if tabs * 2 > rows.len() {
        Separator::Tab
    } else {
        Separator::Space
    }
}

/// Looks at all rows. `names` are the columns a `# global.columns` line named.
pub(super) fn find(
    path: &Path,
    rows: &[Row],
    names: &[&str],
    options: &ReadOptions,
    issues: &mut Issues,
) -> Result<Layout, ReadError> {
    let separator = separator(rows);
    let mut widths: HashMap<usize, usize> = HashMap::new();
    let mut table: Vec<Vec<&str>> = Vec::with_capacity(rows.len());
    for (_, row) in rows {
        let fields = fields(row, separator);
        *widths.entry(fields.len()).or_default() += 1;
        table.push(fields);
    }
    let not_a_corpus = |found: String| ReadError::NotACorpus {
        file: path.into(),
        line: rows.first().map_or(1, |(line, _)| *line),
        found,
        expected: "rows with a word and its tag, such as `London B-LOC`, or JSON records".into(),
    };
    // The most frequent width; of two equally frequent ones the larger, because fields get lost
    // more easily than added.
    let columns = widths
        .iter()
        .max_by_key(|(width, n)| (**n, **width))
        .map_or(0, |(width, _)| *width);
    if columns < 2 {
        // One column, but some rows with tags: the others are the faulty ones.
        let tagged = table
            .iter()
            .any(|f| f.len() > 1 && f.last().is_some_and(|t| Tag::parse(t).is_ok()));
        if !tagged || widths.len() < 2 {
            return Err(not_a_corpus(format!(
                "one column of text (`{}`)",
                excerpt(rows.first().map_or("", |r| r.1))
            )));
        }
    }
    let columns = columns.max(2);
    let choose = |choice: &ColumnChoice| resolve(path, choice, columns, names);
    let column = |at: usize| {
        table
            .iter()
            .filter(move |f| f.len() > at)
            .map(move |f| f[at])
    };
    let (tag, notation) = match &options.tag_column {
        Some(choice) => {
            let tag = choose(choice)?;
            (tag, notation(column(tag)).unwrap_or(Notation::Prefixed))
        }
        None => {
            let candidates: Vec<(usize, Notation)> = (1..columns)
                .rev()
                .filter_map(|at| notation(column(at)).map(|found| (at, found)))
                .collect();
            // Prefixed tags are certain, anything else could be another kind of annotation.
            let sure = candidates
                .iter()
                .find(|(_, found)| *found == Notation::Prefixed);
            let last = candidates.first().filter(|(at, _)| *at + 1 == columns);
            let Some(&(tag, notation)) = sure.or(last) else {
                let row = rows[rows.len() / 2].1;
                return Err(not_a_corpus(format!(
                    "rows that end in no tag (`{}`)",
                    excerpt(row)
                )));
            };
            tell_choice(path, tag, columns, &candidates, issues);
            (tag, notation)
        }
    };
    let token = match &options.token_column {
        Some(choice) => choose(choice)?,
        None => match names.iter().position(|name| *name == "FORM") {
            Some(at) if at < columns => at,
            _ => usize::from(columns > 2 && tag > 1 && is_numbering(column(0))),
        },
    };
    if notation == Notation::BareLabels {
        let message = "the labels stand without `B-` or `I-`: words side by side with one label are read as one entity";
        issues.push(Issue::new(Severity::Info, "bare-labels", path, 0, message));
    }
    if notation == Notation::BareLetters {
        let message = format!("the tags name no label: all entities get the label `{ONLY_LABEL}`");
        issues.push(Issue::new(Severity::Info, "no-labels", path, 0, message));
    }
    Ok(Layout {
        separator,
        columns,
        token,
        tag,
        notation,
    })
}

/// Says so when another column might have been meant.
fn tell_choice(
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
        issues.push(Issue::new(Severity::Info, "tag-column", path, 0, message));
    }
    let others: Vec<String> = candidates
        .iter()
        .filter(|(at, found)| *at != tag && *found == Notation::Prefixed)
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
        issues.push(Issue::new(Severity::Info, "several-tag-columns", path, 0, message).fix(fix));
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

/// A set of names larger than this is words, not labels.
const MOST_LABELS: usize = 200;

/// The notation of a column, or `None` when it holds no tags. A few faulty values are allowed:
/// they are reported one by one later.
pub(super) fn notation<'a>(values: impl Iterator<Item = &'a str>) -> Option<Notation> {
    let (mut rows, mut outside, mut prefixed, mut letters) = (0usize, 0usize, 0usize, 0usize);
    let mut others: BTreeSet<&str> = BTreeSet::new();
    for value in values {
        rows += 1;
        match value.trim() {
            "O" => outside += 1,
            value if Tag::parse(value).is_ok() => prefixed += 1,
            "" => {}
            value => {
                letters += usize::from(matches!(value, "B" | "I" | "E" | "S" | "L" | "U" | "M"));
                if others.len() <= MOST_LABELS {
                    others.insert(value);
                }
            }
        }
    }
    let tags = outside + prefixed;
    if prefixed > 0 && tags * 2 > rows {
        return Some(Notation::Prefixed);
    }
    if prefixed > 0 || outside == 0 {
        return None;
    }
    if letters > 0 && letters + outside == rows {
        return Some(Notation::BareLetters);
    }
    if others.is_empty() {
        return Some(Notation::Prefixed); // nothing but `O`
    }
    // Labels repeat; words of prose, which may hold an `O`, do not.
    let named = rows - outside;
    let few =
        others.len() <= MOST_LABELS && (others.len() * 2 <= named.max(2) || outside * 2 > rows);
    let plain = others
        .iter()
        .all(|name| name.starts_with(char::is_alphabetic));
    (few && plain && outside * 10 >= rows).then_some(Notation::BareLabels)
}

/// 1, 2, 3 … over and over, as the first column of CoNLL-U.
fn is_numbering<'a>(values: impl Iterator<Item = &'a str>) -> bool {
    let (mut expected, mut rows, mut good) = (1usize, 0usize, 0usize);
    for value in values {
        rows += 1;
        if let Ok(number) = value.parse::<usize>() {
            good += usize::from(number == expected || number == 1);
            expected = number + 1;
        }
    }
    rows > 0 && good * 20 >= rows * 19
}
