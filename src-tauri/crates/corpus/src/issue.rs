//! One finding about a data file: where it is, what was found, why it matters, and what a person can do.

mod code;

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::recipe::Repair;

pub use code::IssueCode;

/// How bad an issue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The file cannot be used as it is.
    Error,
    /// The file can be used, and somebody should look.
    Warning,
    /// Worth knowing.
    Info,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Issue {
    /// How bad it is.
    pub severity: Severity,
    /// Stable and kebab-case: `tag-repaired`, `span-overlapping`, …
    pub code: IssueCode,
    /// The file it is about.
    pub file: PathBuf,
    /// 1-based; 0 when the finding is about the whole file.
    pub line: usize,
    /// 1-based, in characters, where it is known.
    pub column: Option<usize>,
    /// The piece of the file that gave the finding.
    pub found: String,
    /// What is the matter, in one sentence without the place.
    pub message: String,
    /// Why it matters, in one sentence: the same for all issues of a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<&'static str>,
    /// What a person can do about it.
    pub fix: Option<String>,
    /// The repair that does it, where one can; a fix without a repair is work for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repair: Option<Repair>,
    /// The document it is about, where it is about one that was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Location>,
    /// The kind of the finding that explains this one, where one does: mending that mends this, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<IssueCode>,
    /// Perhaps other offsets are meant, so that its repair is for a person to look at.
    #[serde(skip)]
    pub doubtful: bool,
    /// How many findings it stands for: 1, or those of a kind that are not listed one by one.
    #[serde(skip_serializing_if = "is_one")]
    pub count: usize,
}

/// A document of a data set.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Location {
    /// The split it is in: `train`, `dev`, `test` …
    pub split: String,
    /// Its number in that split, from 0.
    pub document: usize,
    /// The piece of its text that is meant, as half-open bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<(usize, usize)>,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands the field over by reference"
)]
fn is_one(count: &usize) -> bool {
    *count == 1
}

impl Issue {
    /// An issue without piece and fix; `line` is 0 when it is about the whole file. Why it matters,
    /// and the repair that serves every issue of its code, come with the code.
    pub fn new(
        severity: Severity,
        code: IssueCode,
        file: impl Into<PathBuf>,
        line: usize,
        message: impl Into<String>,
    ) -> Self {
        Self {
            severity,
            code,
            file: file.into(),
            line,
            column: None,
            found: String::new(),
            message: message.into(),
            why: code.why(),
            fix: None,
            repair: usual_repair(severity, code),
            place: None,
            cause: None,
            doubtful: false,
            count: 1,
        }
    }

    /// With the piece of the file that gave the finding.
    #[must_use]
    pub fn found(mut self, found: impl Into<String>) -> Self {
        self.found = found.into();
        self
    }

    /// With the column, from 1 in characters.
    #[must_use]
    pub fn column(mut self, column: usize) -> Self {
        self.column = Some(column);
        self
    }

    /// Standing for this many findings.
    #[must_use]
    pub fn count(mut self, count: usize) -> Self {
        self.count = count;
        self
    }

    /// With what a person can do about it.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// With the repair that does what the fix says.
    #[must_use]
    pub fn repair(mut self, repair: Repair) -> Self {
        self.repair = Some(repair);
        self
    }

    /// The kind of finding that it is shown under: that of its cause, or its own.
    pub fn leading_code(&self) -> IssueCode {
        self.cause.unwrap_or(self.code)
    }

    /// May its repair be done without asking? See [`Repair::is_safe`]. Where all offsets of a file are
    /// wrong, nothing is safe: what edges of words would be extended from is not what was meant.
    pub fn is_safely_repaired(&self) -> bool {
        self.repair.as_ref().is_some_and(Repair::is_safe)
            && !self.code.is_of_all_offsets()
            && !self.doubtful
    }

    /// With the document it is about.
    #[must_use]
    pub fn place(mut self, place: Location) -> Self {
        self.place = Some(place);
        self
    }
}

/// The repair that serves every issue of a code, whatever its details.
fn usual_repair(severity: Severity, code: IssueCode) -> Option<Repair> {
    match code {
        IssueCode::TagRepaired => Some(Repair::RepairTags),
        // As a warning it reports a span that is left out already.
        IssueCode::SpanOutOfRange
        | IssueCode::SpanEmpty
        | IssueCode::SpanReversed
        | IssueCode::SpanOverlapping
        | IssueCode::SpanDiscontinuous
        | IssueCode::SpanNotInteger
        | IssueCode::SpanMalformed
        | IssueCode::BadJson
        | IssueCode::BadRecord
        | IssueCode::BadChunk
        | IssueCode::BadSpans
        | IssueCode::TagCount
        | IssueCode::BadTag
        | IssueCode::TooFewColumns
        | IssueCode::TooManyColumns
        | IssueCode::TextMissing
            if severity == Severity::Error =>
        {
            Some(Repair::DropInvalid)
        }
        _ => None,
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if self.line > 0 {
            write!(f, "{}:", self.line)?;
        }
        if let Some(column) = self.column {
            write!(f, "{column}:")?;
        }
        write!(f, " {}", self.message)
    }
}

/// One line for each kind of issue, in the order of their first places: the first issue, and how
/// many more there are. For places where a full list would bury everything else.
pub fn summaries(issues: &[Issue]) -> Vec<(&'static str, String)> {
    let mut kinds: Vec<(&Issue, usize)> = Vec::new();
    for issue in issues {
        match kinds.iter_mut().find(|(first, _)| first.code == issue.code) {
            Some((_, count)) => *count += issue.count,
            None => kinds.push((issue, issue.count)),
        }
    }
    kinds
        .into_iter()
        .map(|(first, count)| {
            let rest = match count - first.count {
                0 => String::new(),
                more => format!(" (and {more} more of this kind)"),
            };
            (first.code.as_str(), format!("{first}{rest}"))
        })
        .collect()
}

/// How many issues of one code are listed for one file; the rest is counted.
pub(crate) const LISTED: usize = 1000;

/// Collects issues of one file. A file in which every line is at fault must not fill the memory, so
/// that only the first of each code are kept and one more says how many there were.
#[derive(Debug, Default)]
pub(crate) struct Issues {
    kept: Vec<Issue>,
    counts: Vec<(IssueCode, Severity, usize)>,
}

impl Issues {
    pub fn push(&mut self, issue: Issue) {
        let at = match self
            .counts
            .iter()
            .position(|(code, ..)| *code == issue.code)
        {
            Some(at) => at,
            None => {
                self.counts.push((issue.code, issue.severity, 0));
                self.counts.len() - 1
            }
        };
        self.counts[at].2 += 1;
        if self.counts[at].2 <= LISTED {
            self.kept.push(issue);
        }
    }

    pub fn has_errors(&self) -> bool {
        self.counts
            .iter()
            .any(|(_, severity, _)| *severity == Severity::Error)
    }

    pub fn count(&self, code: IssueCode) -> usize {
        self.counts
            .iter()
            .find(|(c, ..)| *c == code)
            .map_or(0, |(.., n)| *n)
    }

    /// Adds what a second pass over the same rows found. What concerns a whole row is found by
    /// both; `once` lists the codes that are not, because only one pass looks at what they are about.
    pub fn join(&mut self, other: Self, once: &[IssueCode]) {
        for issue in other.kept {
            if !self.kept.contains(&issue) {
                self.kept.push(issue);
            }
        }
        for (code, severity, theirs) in other.counts {
            let listed = self.kept.iter().filter(|i| i.code == code).count();
            let Some((.., ours)) = self.counts.iter_mut().find(|(c, ..)| *c == code) else {
                self.counts.push((code, severity, theirs));
                continue;
            };
            let most = theirs.max(*ours);
            *ours = if most <= LISTED {
                listed
            } else if once.contains(&code) {
                *ours + theirs
            } else {
                most
            };
        }
        self.kept.sort_by_key(|issue| issue.line);
    }

    pub fn into_vec(mut self) -> Vec<Issue> {
        let Some(file) = self.kept.first().map(|issue| issue.file.clone()) else {
            return Vec::new();
        };
        for (code, severity, count) in self.counts {
            let listed = self.kept.iter().filter(|i| i.code == code).count();
            if count > listed {
                let more = count - listed;
                let message = format!("{more} more issues of the kind `{code}` ({count} in all)");
                let mut rest = Issue::new(severity, code, &file, 0, message);
                rest.count = more;
                self.kept.push(rest);
            }
        }
        self.kept
    }
}

/// The beginning of a piece of a file, fit for a message.
pub(crate) fn excerpt(text: &str) -> String {
    const MOST: usize = 60;
    let shown: String = text
        .trim_end()
        .chars()
        .take(MOST)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.trim_end().chars().nth(MOST).is_some() {
        format!("{shown}…")
    } else {
        shown
    }
}
