//! The rows of CoNLL-U that are no words of their own: `3-4` stands for the words 3 and 4 written as
//! one, `8.1` for a word that was left out of the text.

use std::path::Path;

use crate::format::builder::Builder;
use crate::issue::{Issue, IssueCode, Issues, Severity};

/// What the number of such a row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Id {
    /// `3-4`.
    Words(usize, usize),
    /// `8.1`.
    Empty,
}

/// `None` for the number of a word, and for what is none.
pub(super) fn id(text: &str) -> Option<Id> {
    // Nearly all rows are words, with a number of a few digits.
    let at = text.bytes().position(|byte| !byte.is_ascii_digit())?;
    let number = |text: &str| text.parse::<usize>().ok();
    let (first, last) = (number(&text[..at])?, number(text.get(at + 1..)?)?);
    match text.as_bytes()[at] {
        b'-' => Some(Id::Words(first, last)),
        b'.' => Some(Id::Empty),
        _ => None,
    }
}

/// The range whose words are being read.
struct Open {
    last: usize,
    line: usize,
    /// The tag that stands in its own row.
    tag: String,
    /// Words read before its first one, and those of its sentence that were.
    before: usize,
    sentences: usize,
}

/// Collects such rows, and gives the tag of a range to its words where these have none.
#[derive(Default)]
pub(super) struct Ranges {
    rows: usize,
    spread: usize,
    open: Option<Open>,
}

impl Ranges {
    /// A row of which `tag` is the tag, where it has one of an entity.
    pub fn row(
        &mut self,
        (path, line): (&Path, usize),
        id: Id,
        tag: Option<&str>,
        builder: &mut Builder,
        issues: &mut Issues,
    ) {
        self.rows += 1;
        if let Id::Words(..) = id {
            self.close(path, builder, issues);
        }
        let Some(tag) = tag else { return };
        match id {
            Id::Words(_, last) => {
                self.open = Some(Open {
                    last,
                    line,
                    tag: tag.into(),
                    before: builder.words(),
                    sentences: builder.sentences(),
                });
            }
            Id::Empty => issues.push(
                Issue::new(
                    Severity::Warning,
                    IssueCode::RangeRows,
                    path,
                    line,
                    format!("the tag `{tag}` of a row that is no word of the text was left out"),
                )
                .found(tag)
                .fix("give the tag to a word of the text"),
            ),
        }
    }

    /// Whether a row with this number is a word of the range that is being read, whose own tag may be
    /// missing. Ends the range behind its last word.
    pub fn covers(
        &mut self,
        id: &str,
        path: &Path,
        builder: &mut Builder,
        issues: &mut Issues,
    ) -> bool {
        let Some(open) = &self.open else { return false };
        let inside = id.parse::<usize>().is_ok_and(|id| id <= open.last);
        if !inside {
            self.close(path, builder, issues);
        }
        inside
    }

    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Ends the range, if there is one: its words get its tag, unless they have tags of their own.
    pub fn close(&mut self, path: &Path, builder: &mut Builder, issues: &mut Issues) {
        let Some(open) = self.open.take() else { return };
        let words = builder.words() - open.before;
        if open.sentences == builder.sentences() && builder.spread(open.before, &open.tag) {
            self.spread += 1;
            return;
        }
        let why = match words {
            0 => "its words are not there",
            _ => "its words have tags of their own",
        };
        let tag = &open.tag;
        let message =
            format!("the tag `{tag}` of a row that spans several words was left out: {why}");
        issues.push(
            Issue::new(
                Severity::Warning,
                IssueCode::RangeRows,
                path,
                open.line,
                message,
            )
            .found(tag)
            .fix("tag the words themselves, and give the row that spans them `_`"),
        );
    }

    /// Says what became of such rows.
    pub fn tell(&self, path: &Path, issues: &mut Issues) {
        if self.rows == 0 {
            return;
        }
        let spread = match self.spread {
            0 => String::new(),
            some => format!("; the tags of {some} of them were given to the words that they cover"),
        };
        let message = format!(
            "{} rows without a word of their own were left out: each repeats what other rows hold (`1-2`), or is not in the text (`8.1`){spread}",
            self.rows
        );
        issues.push(Issue::new(
            Severity::Info,
            IssueCode::RangeRows,
            path,
            0,
            message,
        ));
    }
}
