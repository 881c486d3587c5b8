//! What a check found, in the form in which it is passed on.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::agreement::Agreement;
use crate::check::{ModelReport, SharedTexts, View, labels, mark_causes};
use crate::formats::Format;
use crate::issue::{Issue, IssueCode, Severity};
use crate::recipe::Repair;
use crate::scheme::Scheme;

/// What [`check`](crate::check()) found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckReport {
    /// One for each file, in the order given.
    pub files: Vec<FileReport>,
    /// The findings by code: the worst first, and of those alike in that in the order in which they
    /// were found.
    pub groups: Vec<Group>,
    /// What was found while reading each file, then what the files show alone and together.
    pub issues: Vec<Issue>,
    /// One for each file, where a model was given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub model: Vec<ModelReport>,
    /// The texts that each two files have in common, in the order of the files; empty where those that are
    /// nearly the same were not looked for. Its findings say the same in words.
    #[serde(skip)]
    pub shared: Vec<SharedTexts>,
}

/// What one file is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct FileReport {
    /// The name it was given: `train`, `dev`, `test` …
    pub split: String,
    /// Where it was read from.
    pub path: PathBuf,
    /// What its content was found to be.
    pub format: Format,
    /// What the other files were found to be whose documents came to it, each format once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "bindings", specta(optional))]
    pub other_formats: Vec<Format>,
    /// `None` where the file has spans instead of tags.
    pub scheme: Option<Scheme>,
    /// Documents read.
    pub documents: usize,
    /// Words in all documents.
    pub words: usize,
    /// Gold spans in all documents.
    pub entities: usize,
    /// Entities per label.
    pub labels: BTreeMap<String, usize>,
    /// Tags that break the scheme.
    pub repaired_tags: usize,
    /// Invalid spans left out on request.
    pub dropped_spans: usize,
    /// Records left out because they are no gold.
    pub skipped_documents: usize,
    /// How far the people agree who annotated the same texts, for each file that has several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "bindings", specta(optional))]
    pub agreement: Vec<Agreement>,
}

/// All findings of one code.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// Stable and kebab-case.
    pub code: IssueCode,
    /// The worst of its findings.
    pub severity: Severity,
    /// How many findings there are, those among them that are only counted.
    pub count: usize,
    /// The first of them.
    pub first: Issue,
    /// Why they matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<&'static str>,
    /// What a person can do about the first.
    pub fix: Option<String>,
    /// The repair that does it, where one can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repair: Option<Repair>,
}

impl CheckReport {
    pub(super) fn new(
        files: Vec<FileReport>,
        mut issues: Vec<Issue>,
        model: Vec<ModelReport>,
    ) -> Self {
        mark_causes(&mut issues);
        Self {
            groups: groups(&issues),
            files,
            issues,
            model,
            shared: Vec::new(),
        }
    }

    /// Adds what made files unreadable, before everything else.
    pub fn prepend(&mut self, mut issues: Vec<Issue>) {
        issues.append(&mut self.issues);
        self.issues = issues;
        mark_causes(&mut self.issues);
        self.groups = groups(&self.issues);
    }
}

/// Issues by code, the worst first.
pub fn groups(issues: &[Issue]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for issue in issues {
        let Some(group) = groups.iter_mut().find(|group| group.code == issue.code) else {
            groups.push(Group {
                code: issue.code,
                severity: issue.severity,
                count: issue.count,
                first: issue.clone(),
                why: issue.why,
                fix: issue.fix.clone(),
                repair: issue.repair.clone(),
            });
            continue;
        };
        group.count += issue.count;
        // The one to show is one of the worst.
        if issue.severity < group.severity {
            group.severity = issue.severity;
            group.first = issue.clone();
            group.fix.clone_from(&issue.fix);
            group.repair.clone_from(&issue.repair);
        }
    }
    groups.sort_by_key(|group| group.severity);
    groups
}

pub(super) fn describe(view: &View<'_>, labels: &BTreeMap<&str, labels::Uses>) -> FileReport {
    let source = &view.corpus.source;
    FileReport {
        split: view.split.into(),
        path: source.path.clone(),
        format: source.format.clone(),
        other_formats: source.other_formats.clone(),
        scheme: source.scheme,
        documents: source.documents,
        words: source.words,
        entities: source.entities,
        labels: labels
            .iter()
            .map(|(label, uses)| (label.to_string(), uses.count))
            .collect(),
        repaired_tags: source.repaired_tags,
        dropped_spans: source.dropped_spans,
        skipped_documents: source.skipped_documents,
        agreement: source.agreement.clone(),
    }
}
