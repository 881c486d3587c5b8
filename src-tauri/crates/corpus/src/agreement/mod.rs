//! Several people's annotations of the same texts: which of them are read, how far they agree, and
//! where they do not.

mod coefficients;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::document::{Document, Span};
use crate::issue::{Issue, IssueCode, Issues, Severity, excerpt};

pub use coefficients::{Agreement, LabelAgreement};
use coefficients::{Counts, Votes};

/// Which of several people's annotations of one text are read. What is marked as the ground truth goes
/// before all others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Annotator {
    /// The ground truth, else what comes first.
    #[default]
    GroundTruth,
    /// The ground truth, else the entities that more than half of the people have marked.
    Majority,
    /// The person of this name, else the ground truth, else what comes first.
    Person(String),
}

const GROUND_TRUTH: &str = "ground-truth";
const MAJORITY: &str = "majority";

impl From<String> for Annotator {
    fn from(text: String) -> Self {
        match text.as_str() {
            GROUND_TRUTH => Self::GroundTruth,
            MAJORITY => Self::Majority,
            _ => Self::Person(text),
        }
    }
}

impl From<Annotator> for String {
    fn from(rule: Annotator) -> Self {
        rule.to_string()
    }
}

impl FromStr for Annotator {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text.to_owned().into())
    }
}

impl fmt::Display for Annotator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GroundTruth => GROUND_TRUTH,
            Self::Majority => MAJORITY,
            Self::Person(name) => name,
        })
    }
}

/// One person's annotation of a text.
pub(crate) struct Version {
    pub annotator: String,
    pub ground_truth: bool,
    pub document: Document,
}

/// What is read of several versions.
pub(crate) struct Chosen {
    /// The version that it is, or was made of.
    pub at: usize,
    /// Its entities where they are those of the majority.
    pub spans: Option<Vec<Span>>,
}

/// What is known of the annotators of a file after the texts so far.
#[derive(Default)]
pub(crate) struct Annotators {
    rule: Annotator,
    texts: usize,
    /// Texts that the person who was named has not annotated.
    without: usize,
    counts: Counts,
    disagreements: Vec<Issue>,
    found: usize,
}

impl Annotators {
    pub fn new(rule: &Annotator) -> Self {
        Self {
            rule: rule.clone(),
            ..Self::default()
        }
    }

    /// Chooses among several versions of the text in a line of a file, and notes where they differ.
    pub fn choose(&mut self, file: &Path, line: usize, versions: &[Version]) -> Chosen {
        if versions.len() > 1 {
            self.texts += 1;
            self.compare(file, line, versions);
        }
        let at = |wanted: &dyn Fn(&Version) -> bool| versions.iter().position(wanted);
        let truth = at(&|version| version.ground_truth);
        let plain = |at: Option<usize>| Chosen {
            at: at.unwrap_or(0),
            spans: None,
        };
        match &self.rule {
            Annotator::GroundTruth => plain(truth),
            Annotator::Person(name) => {
                let named = at(&|version| version.annotator == *name);
                self.without += usize::from(named.is_none());
                plain(named.or(truth))
            }
            Annotator::Majority if truth.is_some() || versions.len() < 2 => plain(truth),
            Annotator::Majority => Chosen {
                at: 0,
                spans: Some(majority(versions)),
            },
        }
    }

    fn compare(&mut self, file: &Path, line: usize, versions: &[Version]) {
        // A truth that was put together of the others is nobody's own opinion.
        let people: Vec<&Version> = versions.iter().filter(|v| !v.ground_truth).collect();
        let people: Vec<&Version> = match people.len() {
            0 | 1 => versions.iter().collect(),
            _ => people,
        };
        let votes: Vec<Votes> = people
            .iter()
            .map(|version| Votes {
                annotator: &version.annotator,
                words: labels_of_words(&version.document),
            })
            .collect();
        self.counts.add(&votes);
        for (from, to) in differences(&people) {
            self.found += 1;
            if self.disagreements.len() >= crate::issue::LISTED {
                continue;
            }
            let text = people[0].document.text.get(from..to).unwrap_or_default();
            let shown = excerpt(text);
            let opinions: Vec<String> = people
                .iter()
                .map(|version| format!("{} {}", version.annotator, opinion(version, (from, to))))
                .collect();
            let message = format!("annotators differ on `{shown}`: {}", opinions.join(", "));
            let code = IssueCode::AnnotatorsDiffer;
            self.disagreements.push(
                Issue::new(Severity::Warning, code, file, line, message)
                    .found(shown)
                    .fix("decide which is right, and mark it as the ground truth"),
            );
        }
    }

    /// How far the annotators agree; `None` where no text has several.
    pub fn agreement(&self) -> Option<Agreement> {
        (self.texts > 0).then(|| self.counts.agreement(self.texts))
    }

    /// Says who annotated what, how far they agree, and where they do not.
    pub fn tell(self, file: &Path, issues: &mut Issues) {
        let Some(agreement) = self.agreement() else {
            return;
        };
        let rule = match &self.rule {
            Annotator::GroundTruth => {
                "what is marked as the ground truth is read, else the first".into()
            }
            Annotator::Majority => {
                "what is marked as the ground truth is read, else what more than half have marked"
                    .into()
            }
            Annotator::Person(name) if self.without == 0 => format!("those of `{name}` are read"),
            Annotator::Person(name) => format!(
                "those of `{name}` are read, and in {} texts without one the ground truth, else the first",
                self.without
            ),
        };
        let message = format!("{agreement}; {rule}");
        let code = IssueCode::SeveralAnnotators;
        let names: Vec<&str> = agreement
            .annotators
            .iter()
            .map(String::as_str)
            .take(8)
            .collect();
        let fix = format!(
            "choose with `--annotator`: {GROUND_TRUTH}, {MAJORITY}, or a name ({})",
            names.join(", ")
        );
        issues.push(Issue::new(Severity::Info, code, file, 0, message).fix(fix));
        let more = self.found - self.disagreements.len();
        for issue in self.disagreements {
            issues.push(issue);
        }
        if more > 0 {
            let message = format!("annotators differ in {more} more places");
            let code = IssueCode::AnnotatorsDiffer;
            issues.push(Issue::new(Severity::Warning, code, file, 0, message).count(more));
        }
    }
}

/// The label of each word, `None` outside of entities.
fn labels_of_words(document: &Document) -> Vec<Option<String>> {
    let mut labels = vec![None; document.words.len()];
    for span in document.word_spans().spans {
        for label in &mut labels[span.first..span.end] {
            *label = Some(span.label.clone());
        }
    }
    labels
}

type Key<'a> = (usize, usize, &'a str);

fn keys(version: &Version) -> BTreeSet<Key<'_>> {
    let spans = version.document.spans.iter();
    spans
        .map(|span| (span.start, span.end, span.label.as_str()))
        .collect()
}

/// The entities that more than half of the people have marked, in order. Two of them cannot overlap
/// where those of no one do: somebody would have marked both.
fn majority(versions: &[Version]) -> Vec<Span> {
    let mut counts: BTreeMap<Key<'_>, usize> = BTreeMap::new();
    for key in versions.iter().flat_map(keys) {
        *counts.entry(key).or_default() += 1;
    }
    let most = counts
        .into_iter()
        .filter(|(_, count)| count * 2 > versions.len());
    let mut spans: Vec<Span> = most
        .map(|((start, end, label), _)| Span {
            start,
            end,
            label: label.into(),
            score: None,
        })
        .collect();
    spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    spans
}

/// The pieces of the text on which they differ: around entities that overlap and that not all have
/// marked alike.
fn differences(versions: &[&Version]) -> Vec<(usize, usize)> {
    let mut counts: BTreeMap<Key<'_>, usize> = BTreeMap::new();
    for key in versions.iter().flat_map(|version| keys(version)) {
        *counts.entry(key).or_default() += 1;
    }
    let mut pieces: Vec<(usize, usize, bool)> = Vec::new();
    for ((start, end, _), count) in counts {
        let differ = count < versions.len();
        match pieces.last_mut() {
            Some(last) if start < last.1 || (start, end) == (last.0, last.1) => {
                last.1 = last.1.max(end);
                last.2 |= differ;
            }
            _ => pieces.push((start, end, differ)),
        }
    }
    let differ = pieces.into_iter().filter(|(.., differ)| *differ);
    differ.map(|(start, end, _)| (start, end)).collect()
}

/// What a person has marked in a piece of the text.
fn opinion(version: &Version, (from, to): (usize, usize)) -> String {
    let text = &version.document.text;
    let inside = version.document.spans.iter();
    let inside = inside.filter(|span| span.start >= from && span.end <= to);
    let shown: Vec<String> = inside
        .map(|span| match (span.start, span.end) == (from, to) {
            true => span.label.clone(),
            false => {
                let piece = text.get(span.start..span.end).unwrap_or_default();
                format!("{} (`{}`)", span.label, excerpt(piece))
            }
        })
        .collect();
    match shown.is_empty() {
        true => "nothing".into(),
        false => shown.join(" and "),
    }
}

#[cfg(test)]
mod tests;
