//! What a check finds in data: files, findings, numbers.

use super::{Repair, RepairExample};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;
use tagsmith_corpus::Severity;
use tagsmith_corpus::check::{Bin, FileReport, ModelReport};

/// A document of a data set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Place {
    /// The split it is in.
    pub split: String,
    /// Its number in that split, from 0.
    pub document: u32,
    /// The piece of its text that is meant, as half-open UTF-16 units. (In bytes inside the engine.)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[specta(optional)]
    pub range: Option<(u32, u32)>,
}

/// One finding about a data file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct Issue {
    /// How bad it is.
    pub severity: Severity,
    /// Stable and kebab-case.
    pub code: String,
    /// The file.
    pub file: String,
    /// From 1; 0 when the finding is about the whole file.
    pub line: u32,
    /// From 1, in characters.
    pub column: Option<u32>,
    /// The piece of the file that gave the finding.
    pub found: String,
    /// What is the matter.
    pub message: String,
    /// What a person can do.
    pub fix: Option<String>,
    /// The repair that does it, where one can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[specta(optional)]
    pub repair: Option<Repair>,
    /// The document it is about, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[specta(optional)]
    pub place: Option<Place>,
    /// The code of the finding that explains it, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[specta(optional)]
    pub cause: Option<String>,
    /// How many findings it stands for.
    #[serde(default = "one")]
    pub count: u32,
}

fn one() -> u32 {
    1
}

impl From<&tagsmith_corpus::Issue> for Issue {
    /// With its offsets in bytes still.
    fn from(issue: &tagsmith_corpus::Issue) -> Self {
        let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self {
            severity: issue.severity,
            code: issue.code.as_str().into(),
            file: issue.file.display().to_string(),
            line: narrow(issue.line),
            column: issue.column.map(narrow),
            found: issue.found.clone(),
            message: issue.message.clone(),
            fix: issue.fix.clone(),
            repair: issue.repair.clone(),
            place: issue.place.as_ref().map(|place| Place {
                split: place.split.clone(),
                document: narrow(place.document),
                range: place.range.map(|(start, end)| (narrow(start), narrow(end))),
            }),
            cause: issue.cause.map(|code| code.as_str().into()),
            count: narrow(issue.count),
        }
    }
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct CheckReport {
    pub files: Vec<FileReport>,
    /// The first of them; `data_findings` pages all.
    pub issues: Vec<Issue>,
    /// The worst first.
    pub groups: Vec<FindingGroup>,
}

/// Findings of another kind that a cause explains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Follower {
    /// Stable and kebab-case.
    pub code: String,
    /// How many there are.
    pub count: u32,
}

/// All findings of one cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct FindingGroup {
    /// Stable and kebab-case.
    pub code: String,
    /// How bad the worst of them is.
    pub severity: Severity,
    /// How many there are, those that follow from it among them.
    pub count: u32,
    /// The first of its own kind.
    pub first: Issue,
    /// What a person can do.
    pub fix: Option<String>,
    /// The repair that does it for all of them.
    pub repair: Option<Repair>,
    /// The repair may be done without asking: a model learns the same with it and without it.
    #[serde(default)]
    pub safe: bool,
    /// The surroundings of what the repair changes first, before and after.
    #[serde(default)]
    pub example: Option<RepairExample>,
    /// The other kinds of findings among them: those that it explains.
    #[serde(default)]
    pub follow: Vec<Follower>,
}

/// What a model makes of a data set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct ModelCheck {
    /// Each split in numbers.
    pub splits: Vec<ModelReport>,
    /// What was found, the worst first.
    pub groups: Vec<FindingGroup>,
    /// The first of each kind.
    pub issues: Vec<Issue>,
}

/// Which findings are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct FindingQuery {
    pub code: Option<String>,
    pub severity: Option<Severity>,
    pub offset: u32,
    pub limit: u32,
}

/// Some of the findings that a query finds, the worst first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct FindingPage {
    pub total: u32,
    pub findings: Vec<Issue>,
}

/// What one split of a data set is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct SplitStatistics {
    pub split: String,
    pub documents: u32,
    pub words: u32,
    pub entities: u32,
    /// Entities by label.
    pub labels: BTreeMap<String, u32>,
    /// Documents by words; the same bins in every split.
    pub lengths: Vec<Bin>,
    pub longest_words: u32,
    /// Documents by entities; the same bins in every split.
    pub entities_per_document: Vec<Bin>,
    pub without_entities: u32,
    /// Share of the words that are in an entity, 0–1.
    pub density: f64,
}

/// What two splits of a data set share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct Overlap {
    pub first: String,
    pub second: String,
    /// Documents of `second` whose text stands in `first` too.
    pub same: u32,
    /// Documents of `second` that are nearly like one of `first`, those with the same text aside.
    pub near: u32,
}

/// A data set in numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct Statistics {
    pub splits: Vec<SplitStatistics>,
    pub overlaps: Vec<Overlap>,
}
