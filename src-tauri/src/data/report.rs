//! What a check found, as the window gets it: grouped by kind, the first ones listed.

use super::documents::{count, localise};
use super::jobs::Work;
use super::repairs::before_and_after;
use crate::dto::{CheckReport, FindingGroup, Follower, Issue, Repair, RepairExample};
use std::collections::HashMap;
use std::ops::ControlFlow;
use tagsmith_corpus::check::{CheckOptions, SharedTexts, check_with, mark_causes};
use tagsmith_corpus::repair::glimpse;
use tagsmith_corpus::{Corpus, IssueCode, Location, Split};
use tagsmith_protocol::Failure;

/// Findings in the report itself; all of them are paged out of the store.
const LISTED: usize = 200;
/// Characters of a document that a finding's card shows.
const GLIMPSE: usize = 160;

/// What was found: all of it, and the report that the window gets.
pub struct Checked {
    pub issues: Vec<tagsmith_corpus::Issue>,
    pub report: CheckReport,
    /// The texts that the splits have in common, for their statistics.
    pub shared: Vec<SharedTexts>,
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
    mark_causes(&mut issues);
    let mut groups = groups(&issues, |issue| shown(issue, dataset));
    for group in &mut groups {
        group.example = example(group, &issues, dataset);
    }
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
        shared: found.shared,
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

/// What a group's repair does to the first place that it changes.
fn example(
    group: &FindingGroup,
    issues: &[tagsmith_corpus::Issue],
    dataset: &[Split],
) -> Option<RepairExample> {
    /// Places that are tried before the whole data set is.
    const PLACES: usize = 20;
    let repair = group.repair.as_ref()?;
    let places = issues
        .iter()
        .filter(|issue| issue.leading_code().as_str() == group.code);
    let places: Vec<&Location> = places
        .filter_map(|issue| issue.place.as_ref())
        .take(PLACES)
        .collect();
    let example = glimpse(dataset, repair, &places)?;
    before_and_after(dataset, &example, GLIMPSE)
}

/// One group for each cause, in the order of their first findings. A group's repair does what all of its
/// findings ask for: it is that of the first where they are the same, and of those that rename labels
/// all at once.
pub fn groups(
    found: &[tagsmith_corpus::Issue],
    shown: impl Fn(&tagsmith_corpus::Issue) -> Issue,
) -> Vec<FindingGroup> {
    let mut places: HashMap<IssueCode, usize> = HashMap::new();
    let mut kinds: Vec<(IssueCode, Vec<&tagsmith_corpus::Issue>)> = Vec::new();
    for issue in found {
        let code = issue.leading_code();
        let place = *places.entry(code).or_insert(kinds.len());
        match kinds.get_mut(place) {
            Some((_, kind)) => kind.push(issue),
            None => kinds.push((code, vec![issue])),
        }
    }
    let mut groups: Vec<FindingGroup> = Vec::new();
    for (code, kind) in kinds {
        let (leading, following): (Vec<_>, Vec<_>) =
            kind.iter().copied().partition(|issue| issue.code == code);
        let Some(first) = leading.first().or(following.first()) else {
            continue;
        };
        let first = shown(first);
        let worst = kind.iter().map(|issue| issue.severity).min();
        let mut repairs: Vec<Repair> = Vec::new();
        for repair in leading.iter().filter_map(|issue| issue.repair.as_ref()) {
            if !repairs.contains(repair) {
                repairs.push(repair.clone());
            }
        }
        let repair = joined(repairs);
        let mut follow: Vec<Follower> = Vec::new();
        for issue in following {
            let code = issue.code.as_str();
            match follow.iter_mut().find(|known| known.code == code) {
                Some(known) => known.count += count(issue.count),
                None => follow.push(Follower {
                    code: code.into(),
                    count: count(issue.count),
                }),
            }
        }
        groups.push(FindingGroup {
            code: code.as_str().into(),
            severity: worst.unwrap_or(first.severity),
            count: count(kind.iter().map(|issue| issue.count).sum()),
            fix: first.fix.clone(),
            safe: repair.is_some() && leading.iter().all(|issue| issue.is_safely_repaired()),
            repair,
            example: None,
            follow,
            first,
        });
    }
    groups
}

/// Several renamings of labels at once: a spelling of a spelling becomes what that one becomes. Other
/// repairs are not joined.
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
            // What two findings rename differently is for a person to sort out: the first counts.
            labels.entry(label).or_insert(to);
        }
    }
    if let Repair::MapLabels { labels } = &mut whole {
        let end = |from: &str| {
            let mut to = labels.get(from)?;
            // At most as many steps as there are names, because a circle has no end.
            for _ in 0..labels.len() {
                let Some(further) = to.as_ref().and_then(|to| labels.get(to)) else {
                    break;
                };
                to = further;
            }
            Some(to.clone())
        };
        let ends = labels
            .keys()
            .filter_map(|from| Some((from.clone(), end(from)?)));
        *labels = ends.collect();
    }
    Some(whole)
}
