//! Finds what separates the cells of a table and what its columns are, by their names and contents.

mod spans;

use std::collections::BTreeSet;

use crate::format::keys::{self, Role, bare};
use crate::format::span_fields::looks_like_span;
use crate::format::table::literal;
use crate::format::table::rows::Rows;
use crate::format::tag_notation::{Notation, may_be_spelled, notation, notation_of_column};
use crate::options::{ColumnChoice, ReadOptions};
use crate::scheme::Tag;

pub(super) use spans::Spans;

#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub delimiter: u8,
    pub quoting: bool,
    /// The first row names the columns.
    pub header: bool,
    /// Cells in a row.
    pub width: usize,
    pub names: Vec<String>,
    pub columns: Columns,
    /// Columns beside that of the tags which hold tags as well.
    pub other_tags: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Columns {
    /// One word per row.
    Words(Words),
    /// One text per row.
    Texts { text: usize, labels: Option<usize> },
    /// One span per row.
    Spans(Spans),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Words {
    pub token: usize,
    pub tag: usize,
    pub sentence: Option<usize>,
    pub notation: Notation,
}

/// How much of a table is looked at.
const SAMPLE_BYTES: usize = 1 << 17;
const SAMPLE_ROWS: usize = 500;

struct Sample {
    delimiter: u8,
    quoting: bool,
    width: usize,
    rows: Vec<Vec<String>>,
}

impl Layout {
    /// Looks at the beginning of a table; the text says why it is none.
    pub fn find(content: &str, options: &ReadOptions) -> Result<Self, String> {
        let head = head(content);
        let mut why = String::new();
        for delimiter in [b',', b'\t', b';', b'|'] {
            match Sample::take(head, delimiter).and_then(|sample| sample.layout(options)) {
                Ok(layout) => return Ok(layout),
                // The reason given by the first delimiter that separates anything at all.
                Err(reason) if why.is_empty() => why = reason,
                Err(_) => {}
            }
        }
        Err(match why.as_str() {
            "" => "no rows of several cells, separated by commas, tabs, semicolons or bars".into(),
            _ => why,
        })
    }
}

/// The lines that are looked at.
fn head(content: &str) -> &str {
    if content.len() <= SAMPLE_BYTES {
        return content;
    }
    let mut end = SAMPLE_BYTES;
    while !content.is_char_boundary(end) {
        end -= 1;
    }
    content[..end]
        .rfind(['\n', '\r'])
        .map_or(&content[..end], |newline| &content[..newline])
}

impl Sample {
    /// An empty reason means that this delimiter separates nothing.
    fn take(head: &str, delimiter: u8) -> Result<Self, String> {
        let first = head.lines().find(|line| !line.trim().is_empty());
        if !first.is_some_and(|line| line.as_bytes().contains(&delimiter)) {
            return Err(String::new());
        }
        let of = |quoting| {
            let mut rows = Rows::new(head, delimiter, quoting);
            let mut cells: Vec<Vec<String>> = Vec::new();
            while cells.len() < SAMPLE_ROWS && rows.next() {
                if !rows.is_blank() {
                    cells.push(rows.record.iter().map(String::from).collect());
                }
            }
            let width = cells.first().map_or(0, Vec::len);
            let odd = cells.iter().filter(|row| row.len() != width).count();
            (cells, width, odd)
        };
        let (quoted, plain) = (of(true), of(false));
        // A quotation mark is a word too. Where every one that opens a cell also closes it, it
        // quotes; otherwise the reading under which more rows are alike is right.
        let quoting = all_closed(head, char::from(delimiter)) || quoted.2 < plain.2;
        let (rows, width, odd) = if quoting { quoted } else { plain };
        if width < 2 {
            return Err(String::new());
        }
        if odd * 10 > rows.len() {
            return Err("its rows have different numbers of cells".into());
        }
        Ok(Self {
            delimiter,
            quoting,
            width,
            rows,
        })
    }

    fn layout(self, options: &ReadOptions) -> Result<Layout, String> {
        let names: Vec<&str> = self.rows[0].iter().map(String::as_str).collect();
        let chosen = |choice: &Option<ColumnChoice>| match choice {
            None => Ok(None),
            Some(choice) => resolve(choice, &self.rows[0], self.width).map(Some),
        };
        let token = chosen(&options.token_column)?;
        let tag = chosen(&options.tag_column)?;
        let sentence = chosen(&options.sentence_column)?;
        let known = |name: &&str| {
            let roles = [
                Role::Tokens,
                Role::Tags,
                Role::Sentence,
                Role::Text,
                Role::Spans,
            ];
            roles.iter().any(|role| keys::is(name, *role))
        };
        // Words with a comma behind them, in rows separated by tabs.
        let tabs = |row: &Vec<String>| row.iter().any(|cell| cell.starts_with('\t'));
        if self.delimiter != b'\t' && self.rows.iter().any(tabs) {
            return Err("its cells are separated by tabs as well".into());
        }
        // A name of a column that is known is none of a tag, whatever it ends in.
        let tags_on_top = self.rows[0].iter().any(|cell| {
            let cell = cell.trim();
            Tag::is_tag(cell) || may_be_spelled(cell) && keys::roles(cell).is_empty()
        });
        // Data of the first row would have a tag in it, where the others have one.
        let has = |role: Role| names.iter().any(|name| keys::is(name, role));
        // Label Studio's table has the names that the project gives its text and its labels.
        let of_studio = names.iter().any(|name| bare(name) == "annotationid");
        let named_columns =
            of_studio || names.iter().any(known) || has(Role::Start) && has(Role::End);
        let header = !tags_on_top && (named_columns || self.tags_below());
        let body = if header {
            &self.rows[1..]
        } else {
            &self.rows[..]
        };
        let named = |role: Role| -> Vec<usize> {
            match header {
                true => (0..self.width)
                    .filter(|at| keys::is(names[*at], role))
                    .collect(),
                false => Vec::new(),
            }
        };
        let notation_of = |at: usize| {
            let cells = body
                .iter()
                .filter(|row| row.len() == self.width)
                .map(|row| row[at].as_str());
            // A column of tags by its name.
            let sure = tag == Some(at) || header && keys::is(names[at], Role::Tags);
            match sure {
                true => notation_of_column(cells),
                false => notation(cells),
            }
        };
        let build = |columns| -> Result<Layout, String> {
            Ok(Layout {
                delimiter: self.delimiter,
                quoting: self.quoting,
                header,
                width: self.width,
                names: if header {
                    self.rows[0].clone()
                } else {
                    Vec::new()
                },
                columns,
                other_tags: Vec::new(),
            })
        };
        let (words, texts) = (named(Role::Tokens), named(Role::Text));
        if words.is_empty()
            && header
            && let Some(spans) = self.span_columns(&names, &texts)
        {
            return build(Columns::Spans(spans));
        }
        // One list of words or entities per row?
        let lists = |at: usize| {
            let mut cells = body.iter().filter_map(|row| row.get(at));
            cells.any(|cell| literal::is_list(cell))
        };
        let with_lists = named(Role::Spans).into_iter().find(|at| lists(*at));
        let list_of_words = words.iter().copied().find(|at| lists(*at));
        let like_spans = |at: usize| {
            let mut cells = body.iter().filter_map(|row| literal::parse(row.get(at)?));
            cells.any(|cell| {
                let list = cell.as_array();
                list.is_some_and(|list| !list.is_empty() && list.iter().all(looks_like_span))
            })
        };
        let unnamed = || {
            let free = (0..self.width).filter(|at| header && !keys::is(names[*at], Role::Spans));
            free.filter(|at| lists(*at)).find(|at| like_spans(*at))
        };
        let with_lists = with_lists.or_else(|| unnamed().filter(|_| of_studio));
        // A text, and beside it a tag for each of its words?
        let of_text: Vec<usize> = match header {
            true => texts.iter().chain(&words).copied().collect(),
            false => (0..self.width).collect(),
        };
        let known_names: &[&str] = if header { &names } else { &[] };
        if token.is_none()
            && let Some((text, labels)) = self.row_of_tags(body, known_names, &of_text)
            && tag.is_none_or(|tag| tag == labels)
        {
            let labels = Some(labels);
            return build(Columns::Texts { text, labels });
        }
        if token.is_none()
            && (tag.is_some_and(like_spans) || with_lists.is_some() || list_of_words.is_some())
        {
            let labels = tag.or(with_lists);
            let longest = |at: &usize| {
                body.iter()
                    .filter_map(|row| Some(row.get(*at)?.len()))
                    .sum::<usize>()
            };
            let others = texts.iter().copied().filter(|at| Some(*at) != labels);
            let text = list_of_words.or_else(|| others.max_by_key(longest));
            let any = || {
                let own = [
                    "id",
                    "annotator",
                    "annotationid",
                    "createdat",
                    "updatedat",
                    "leadtime",
                ];
                let free = (0..self.width)
                    .filter(|at| Some(*at) != labels && !own.contains(&&*bare(names[*at])));
                free.max_by_key(longest).filter(|_| of_studio)
            };
            if let Some(text) = text.or_else(any) {
                return build(Columns::Texts { text, labels });
            }
        }
        let tag = tag.or_else(|| {
            let by_name = named(Role::Tags)
                .into_iter()
                .rev()
                .find(|at| notation_of(*at).is_some());
            let sure =
                |at: &usize| notation_of(*at).is_some_and(Notation::is_sure) && Some(*at) != token;
            by_name.or_else(|| (0..self.width).rev().find(sure))
        });
        let free = |at: &usize| Some(*at) != tag && Some(*at) != sentence;
        if let Some(tag) = tag {
            let token = token
                .or_else(|| words.into_iter().find(free))
                .or_else(|| {
                    texts
                        .iter()
                        .copied()
                        .find(|at| free(at) && !self.joins(*at, body))
                })
                .or_else(|| {
                    (0..self.width)
                        .filter(free)
                        .max_by_key(|at| variety(body, *at))
                });
            let Some(token) = token else {
                return Err("it has a column of tags and none of words".into());
            };
            let sentence = sentence.or_else(|| {
                let mut by_name = named(Role::Sentence).into_iter();
                by_name.find(|at| *at != token && *at != tag).or_else(|| {
                    (0..token).find(|at| *at != tag && !header && self.joins(*at, body))
                })
            });
            let others = (0..self.width).filter(|at| *at != tag && *at != token);
            let sure = |at: &usize| notation_of(*at).is_some_and(Notation::is_sure);
            let other_tags = others.filter(sure).collect();
            let columns = Columns::Words(Words {
                token,
                tag,
                sentence,
                notation: notation_of(tag).unwrap_or(Notation::Prefixed),
            });
            return build(columns).map(|layout| Layout {
                other_tags,
                ..layout
            });
        }
        if let Some(at) = unnamed() {
            let name = names[at].trim();
            return Err(format!(
                "its column `{name}` looks like lists of spans and has no name that is known for them: call it `entities`, or choose it as the column of tags"
            ));
        }
        match token.or_else(|| texts.into_iter().next()) {
            Some(text) => build(Columns::Texts { text, labels: None }),
            None => Err("no column holds tags".into()),
        }
    }

    /// The column of texts, one of `texts`, and that of their tags, where each cell has a tag for each word
    /// of a text. There are no `names` where no row names the columns.
    fn row_of_tags(
        &self,
        body: &[Vec<String>],
        names: &[&str],
        texts: &[usize],
    ) -> Option<(usize, usize)> {
        let are_tags = |text: usize, at: usize| {
            let rows = body
                .iter()
                .filter_map(|row| Some((row.get(text)?, row.get(at)?)));
            let mut all: Vec<&str> = Vec::new();
            for (text, cell) in rows {
                let tags = literal::tags(cell);
                if tags.len() != text.split_whitespace().count() {
                    return false;
                }
                all.extend(tags);
            }
            let by_name = names.get(at).is_some_and(|name| keys::is(name, Role::Tags));
            let found = match by_name {
                true => notation_of_column(all.iter().copied()),
                false => notation(all.iter().copied()).filter(|found| found.is_sure()),
            };
            all.len() > body.len() && found.is_some()
        };
        texts.iter().copied().find_map(|text| {
            let mut others = (0..self.width).filter(|at| *at != text);
            others.find(|at| are_tags(text, *at)).map(|at| (text, at))
        })
    }

    /// A column that holds tags in every row but the first.
    fn tags_below(&self) -> bool {
        let below = &self.rows[1..];
        let tags = |at: usize| {
            let mut cells = below.iter().filter_map(|row| row.get(at));
            cells.all(|cell| Tag::is_tag(cell.trim()))
        };
        !below.is_empty() && (0..self.width).any(tags)
    }

    /// A column that says which rows belong together: numbers that repeat or are left out, row
    /// after row.
    fn joins(&self, at: usize, body: &[Vec<String>]) -> bool {
        let cells: Vec<&str> = body
            .iter()
            .filter_map(|row| Some(row.get(at)?.trim()))
            .collect();
        let goes_on = |pair: &&[&str]| pair[1].is_empty() || pair[0] == pair[1];
        let same = cells.windows(2).filter(goes_on).count();
        let numbered =
            |cell: &&str| cell.is_empty() || cell.ends_with(|c: char| c.is_ascii_digit());
        same * 2 >= cells.len().saturating_sub(1) && cells.iter().all(numbered)
    }
}

/// Words differ more than anything else in such a table, and are no numbers.
fn variety(body: &[Vec<String>], at: usize) -> usize {
    let cells = body.iter().filter_map(|row| Some(row.get(at)?.trim()));
    let words: BTreeSet<&str> = cells.filter(|cell| cell.parse::<f64>().is_err()).collect();
    words.len()
}

/// Every cell that starts with a quotation mark ends with one, and has only doubled ones inside.
fn all_closed(head: &str, delimiter: char) -> bool {
    let mut cells = head
        .lines()
        .flat_map(|line| line.split(delimiter))
        .map(str::trim_end);
    cells.all(|cell| match cell.strip_prefix('"') {
        None => true,
        Some(rest) => rest
            .strip_suffix('"')
            .is_some_and(|inside| !inside.replace("\"\"", "").contains('"')),
    })
}

fn resolve(choice: &ColumnChoice, names: &[String], width: usize) -> Result<usize, String> {
    let found = match choice {
        ColumnChoice::Index(at) if *at < 0 => width.checked_sub(at.unsigned_abs()),
        ColumnChoice::Index(at) => usize::try_from(*at).ok(),
        ColumnChoice::Name(name) => {
            let exact = names.iter().position(|n| n.trim() == name.trim());
            exact.or_else(|| names.iter().position(|n| bare(n) == bare(name)))
        }
    };
    found.filter(|at| *at < width).ok_or_else(|| {
        let wanted = match choice {
            ColumnChoice::Index(at) => at.to_string(),
            ColumnChoice::Name(name) => name.clone(),
        };
        format!(
            "it has no column `{wanted}`; its first row is `{}`",
            names.join("`, `")
        )
    })
}
