//! What a check found, as the window gets it: grouped by kind, the first ones listed.

use super::documents::{count, localise};
use super::jobs::Work;
use crate::dto::{CheckReport, FindingGroup, Issue, Repair};
use std::collections::HashMap;
use std::ops::ControlFlow;
use tagsmith_corpus::check::{CheckOptions, check_with};
use tagsmith_corpus::{Corpus, IssueCode, Split};
use tagsmith_protocol::Failure;

/// Findings in the report itself; all of them are paged out of the store.
const LISTED: usize = 200;

/// What was found: all of it, and the report that the window gets.
pub struct Checked {
    pub issues: Vec<tagsmith_corpus::Issue>,
    pub report: CheckReport,
}

/// Checks a data set; `faults` are those of files that could not be read.
///
/// # Errors
/// The person cancelled.
pub fn of(
    dataset: &[Split],
    faults: Vec<tagsmith_corpus::Issue>,
    work: &mut Work,
) -> Result<Checked, Failure> {
    work.at("checking", 0, 0)?;
    let named: Vec<(&str, &Corpus)> = dataset
        .iter()
        .map(|split| (split.name.as_str(), &split.corpus))
        .collect();
    let mut stopped = None;
    let found = check_with(
        &named,
        &CheckOptions::default(),
        &mut |progress| match work.at("checking", progress.done, progress.total) {
            Ok(()) => ControlFlow::Continue(()),
            Err(failure) => {
                stopped = Some(failure);
                ControlFlow::Break(())
            }
        },
    );
    let found = match (found, stopped) {
        (Ok(found), _) => found,
        (Err(_), Some(stopped)) => return Err(stopped),
        (Err(failure), None) => return Err(Failure::plain("check", failure.to_string())),
    };
    let mut issues = faults;
    issues.extend(found.issues);
    let mut groups = groups(&issues, |issue| shown(issue, dataset));
    groups.sort_by_key(|group| group.severity as u8);
    Ok(Checked {
        report: CheckReport {
            files: found.files,
            issues: issues
                .iter()
                .take(LISTED)
                .map(|i| shown(i, dataset))
                .collect(),
            groups,
        },
        issues,
    })
}

/// A finding with its place in UTF-16 units.
fn shown(issue: &tagsmith_corpus::Issue, dataset: &[Split]) -> Issue {
    let mut shown = Issue::from(issue);
    let document = issue.place.as_ref().and_then(|place| {
        let split = dataset.iter().find(|split| split.name == place.split)?;
        split.corpus.documents.get(place.document)
    });
    localise(&mut shown, document);
    shown
}

/// One group for each code, in the order of their first findings. A group's repair does what all of its
/// findings ask for: it is that of the first where they are the same, and of those that rename labels
/// all at once.
pub fn groups(
    found: &[tagsmith_corpus::Issue],
    shown: impl Fn(&tagsmith_corpus::Issue) -> Issue,
) -> Vec<FindingGroup> {
    let mut places: HashMap<IssueCode, usize> = HashMap::new();
    let mut kinds: Vec<Vec<&tagsmith_corpus::Issue>> = Vec::new();
    for issue in found {
        let place = *places.entry(issue.code).or_insert(kinds.len());
        match kinds.get_mut(place) {
            Some(kind) => kind.push(issue),
            None => kinds.push(vec![issue]),
        }
    }
    let mut groups: Vec<FindingGroup> = Vec::new();
    for kind in kinds {
        let Some(first) = kind.first() else { continue };
        let first = shown(first);
        let worst = kind.iter().map(|issue| issue.severity).min();
        let mut repairs: Vec<Repair> = Vec::new();
        for repair in kind.iter().filter_map(|issue| issue.repair.as_ref()) {
            if !repairs.contains(repair) {
                repairs.push(repair.clone());
            }
        }
        groups.push(FindingGroup {
            code: first.code.clone(),
            severity: worst.unwrap_or(first.severity),
            count: count(kind.iter().map(|issue| issue.count).sum()),
            why: first.why.clone(),
            fix: first.fix.clone(),
            repair: joined(repairs),
            first,
        });
    }
    groups
}

fn joined(repairs: Vec<Repair>) -> Option<Repair> {
    let mut repairs = repairs.into_iter();
    let mut whole = repairs.next()?;
    for repair in repairs {
        let (Repair::MapLabels { labels }, Repair::MapLabels { labels: more }) =
            (&mut whole, repair)
        else {
            return None;
        };
        for (label, to) in more {
            // Chains and contradictions are for a person to sort out.
            labels.entry(label).or_insert(to);
        }
    }
    Some(whole)
}
