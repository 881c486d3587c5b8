//! The set of labels: those that only some splits have, that look like two spellings of one, that are rare.

use std::collections::BTreeMap;

use crate::check::{TRAIN, View};
use crate::format::{means_outside, tags_among};
use crate::issue::{Issue, IssueCode, Severity};
use crate::recipe::Repair;

/// With fewer examples a label is rare.
const RARE: usize = 10;

/// A label in one split.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Uses {
    pub count: usize,
    /// The first document that has it.
    pub first: usize,
}

/// The labels of each split; the maps are in the order of the views.
pub(super) fn look(views: &[View<'_>], labels: &[BTreeMap<&str, Uses>]) -> Vec<Issue> {
    let mut issues = prefixed(views, labels);
    issues.extend(outside(views, labels));
    issues.extend(alike(views, labels));
    let is_train = |view: &View<'_>| view.split == TRAIN;
    if !views.iter().any(is_train) {
        return issues;
    }
    let in_train = |label: &str| {
        views
            .iter()
            .zip(labels)
            .any(|(view, labels)| is_train(view) && labels.contains_key(label))
    };
    for (view, mine) in views
        .iter()
        .zip(labels)
        .filter(|(view, _)| view.split != TRAIN)
    {
        for (label, uses) in mine.iter().filter(|(label, _)| !in_train(label)) {
            let message = format!(
                "the label `{label}` ({} in `{}`) never occurs in `{TRAIN}`: it cannot be learned",
                uses.count, view.split
            );
            let fix = "check its spelling, or add examples to the training data";
            issues.push(
                of_label(
                    view,
                    Severity::Warning,
                    IssueCode::LabelNotInTrain,
                    label,
                    uses,
                    message,
                )
                .fix(fix),
            );
        }
    }
    let others: Vec<_> = views
        .iter()
        .zip(labels)
        .filter(|(view, _)| !is_train(view))
        .collect();
    let judged = others.iter().any(|(_, labels)| !labels.is_empty());
    let names: Vec<String> = others
        .iter()
        .map(|(view, _)| format!("`{}`", view.split))
        .collect();
    let names = names.join(" or ");
    // A training set may come in several files.
    let mut train: BTreeMap<&str, (usize, &View<'_>, Uses)> = BTreeMap::new();
    for (view, labels) in views.iter().zip(labels).filter(|(view, _)| is_train(view)) {
        for (label, uses) in labels {
            train.entry(label).or_insert((0, view, *uses)).0 += uses.count;
        }
    }
    for (label, (count, view, uses)) in train {
        if judged && others.iter().all(|(_, labels)| !labels.contains_key(label)) {
            let message =
                format!("the label `{label}` ({count} in `{TRAIN}`) never occurs in {names}");
            let fix = "add examples to the data that it is judged by, or split the data again";
            issues.push(
                of_label(
                    view,
                    Severity::Info,
                    IssueCode::LabelOnlyInTrain,
                    label,
                    &uses,
                    message,
                )
                .fix(fix),
            );
        }
        if count < RARE {
            let message = format!(
                "the label `{label}` has {} in `{TRAIN}`, fewer than {RARE}",
                examples(count)
            );
            let fix = "add examples, merge it with another label, or drop it";
            issues.push(
                of_label(
                    view,
                    Severity::Warning,
                    IssueCode::LabelRare,
                    label,
                    &uses,
                    message,
                )
                .fix(fix),
            );
        }
    }
    issues
}

fn examples(count: usize) -> String {
    match count {
        1 => "1 example".into(),
        n => format!("{n} examples"),
    }
}

fn of_label(
    view: &View<'_>,
    severity: Severity,
    code: IssueCode,
    label: &str,
    uses: &Uses,
    message: String,
) -> Issue {
    let document = &view.corpus.documents[uses.first];
    let range = document
        .spans
        .iter()
        .find(|span| span.label == label)
        .map(|span| (span.start, span.end));
    view.issue(severity, code, uses.first, range, message)
        .found(label)
}

/// All labels with their uses over all splits, and the first split that has each.
fn total<'a>(labels: &[BTreeMap<&'a str, Uses>]) -> BTreeMap<&'a str, (usize, usize)> {
    let mut total: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (split, labels) in labels.iter().enumerate() {
        for (label, uses) in labels {
            total.entry(label).or_insert((0, split)).0 += uses.count;
        }
    }
    total
}

/// Tags taken for labels: `B-PER` and `I-PER` in a list of spans, in whatever spelling.
fn prefixed(views: &[View<'_>], labels: &[BTreeMap<&str, Uses>]) -> Vec<Issue> {
    let total = total(labels);
    let Some(tags) = tags_among(total.keys().copied()) else {
        return Vec::new();
    };
    let issue = |(label, tag): (&String, &String)| {
        let (count, split) = total[label.as_str()];
        let uses = labels[split][label.as_str()];
        let name = tag.split_once('-').map_or(tag.as_str(), |(_, name)| name);
        let message =
            format!("the label `{label}` ({count}) looks like a tag of the label `{name}`");
        of_label(
            &views[split],
            Severity::Warning,
            IssueCode::LabelHasPrefix,
            label,
            &uses,
            message,
        )
        .fix("join the words of each entity as their tags say, and take the letters away")
        .repair(Repair::JoinTagged { tags: tags.clone() })
    };
    tags.iter().map(issue).collect()
}

/// Labels that say that a word is outside of all entities.
fn outside(views: &[View<'_>], labels: &[BTreeMap<&str, Uses>]) -> Vec<Issue> {
    let total = total(labels);
    let found = total.iter().filter(|(label, _)| means_outside(label));
    let issue = |(label, (count, split)): (&&str, &(usize, usize))| {
        let uses = labels[*split][*label];
        let message = format!(
            "the label `{label}` ({count}) is what words outside of entities are tagged with; an entity of this kind is never meant"
        );
        of_label(
            &views[*split],
            Severity::Warning,
            IssueCode::LabelOutside,
            label,
            &uses,
            message,
        )
        .fix(format!("drop the label `{label}` with its spans"))
        .repair(Repair::MapLabels {
            labels: BTreeMap::from([((*label).to_owned(), None)]),
        })
    };
    found.map(issue).collect()
}

/// Pairs of labels that may be two spellings of one.
fn alike(views: &[View<'_>], labels: &[BTreeMap<&str, Uses>]) -> Vec<Issue> {
    let total = total(labels);
    let all: Vec<(&str, usize, usize)> = total
        .iter()
        .map(|(label, (count, split))| (*label, *count, *split))
        .collect();
    // A file in which every word is a label must not take for ever.
    const MOST: usize = 2000;
    let mut issues = Vec::new();
    for (i, a) in all.iter().enumerate().take(MOST) {
        for b in all.iter().take(MOST).skip(i + 1) {
            // The one that is used more is the right one; of two alike the first in the alphabet.
            let (right, wrong) = if b.1 > a.1 { (b, a) } else { (a, b) };
            let Some(how) = difference(right.0, wrong.0, right.1, wrong.1) else {
                continue;
            };
            let uses = labels[wrong.2][wrong.0];
            let message = format!(
                "the labels `{}` ({}) and `{}` ({}) differ {how}",
                wrong.0, wrong.1, right.0, right.1
            );
            let map = BTreeMap::from([(wrong.0.to_string(), Some(right.0.to_string()))]);
            issues.push(
                of_label(
                    &views[wrong.2],
                    Severity::Warning,
                    IssueCode::LabelsAlike,
                    wrong.0,
                    &uses,
                    message,
                )
                .fix(format!(
                    "rename `{}` to `{}` if they mean the same",
                    wrong.0, right.0
                ))
                .repair(Repair::MapLabels { labels: map }),
            );
        }
    }
    issues
}

/// How two labels differ, where that is little enough to be a slip.
fn difference(right: &str, wrong: &str, often: usize, seldom: usize) -> Option<&'static str> {
    let bare = |label: &str| -> String { label.chars().filter(|c| c.is_alphanumeric()).collect() };
    let (a, b) = (bare(right), bare(wrong));
    if a.is_empty() || b.is_empty() {
        return None;
    }
    if a == b {
        return Some("by a space or a sign only");
    }
    if a.to_lowercase() == b.to_lowercase() {
        return Some("by capitals only");
    }
    let (a, b): (Vec<char>, Vec<char>) = (
        a.to_lowercase().chars().collect(),
        b.to_lowercase().chars().collect(),
    );
    let slip = slip(&a, &b)?;
    // Short labels are codes in which each letter counts (`LOC`, `LOG`), and labels that differ in a
    // number are a series. Other pairs are two words (`date`, `rate`) unless one is much rarer.
    let much_rarer = seldom * 5 <= often;
    let shorter = a.len().min(b.len());
    let likely = match slip {
        Slip::Plural => shorter >= 3,
        Slip::Swapped => shorter >= 4,
        Slip::Added(c) => shorter >= 4 && !c.is_numeric() && much_rarer,
        Slip::Changed(c, d) => shorter >= 5 && !c.is_numeric() && !d.is_numeric() && much_rarer,
    };
    likely.then_some(match slip {
        Slip::Plural => "by an `s` at the end only",
        Slip::Swapped => "by two letters that are swapped",
        Slip::Added(_) | Slip::Changed(..) => "by one letter only",
    })
}

enum Slip {
    Plural,
    Swapped,
    Added(char),
    Changed(char, char),
}

/// The one letter added, left out or changed, or the two neighbours swapped, that makes one of two
/// different words the other.
fn slip(a: &[char], b: &[char]) -> Option<Slip> {
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let same = long.iter().zip(short).take_while(|(x, y)| x == y).count();
    match long.len() - short.len() {
        0 if long[same + 1..] == short[same + 1..] => Some(Slip::Changed(long[same], short[same])),
        0 => {
            let swapped = same + 1 < long.len()
                && (long[same], long[same + 1]) == (short[same + 1], short[same])
                && long[same + 2..] == short[same + 2..];
            swapped.then_some(Slip::Swapped)
        }
        1 if long[same + 1..] == short[same..] => Some(match long[same] {
            's' if same == short.len() => Slip::Plural,
            c => Slip::Added(c),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_told_from_other_words() {
        let check = |right: &str, wrong: &str, often, seldom, expected: Option<&str>| {
            assert_eq!(
                difference(right, wrong, often, seldom),
                expected,
                "{right} {wrong}"
            );
        };
        check("PER", "per", 9, 9, Some("by capitals only"));
        check(
            "creative-work",
            "creative_work",
            9,
            9,
            Some("by a space or a sign only"),
        );
        check(
            "creative work",
            "Creative-Work",
            9,
            9,
            Some("by capitals only"),
        );
        check("PERSON", "PERSONS", 9, 9, Some("by an `s` at the end only"));
        check(
            "PERSON",
            "PRESON",
            9,
            9,
            Some("by two letters that are swapped"),
        );
        check("PERSON", "PERSN", 50, 2, Some("by one letter only"));
        check("PERSON", "PERSOM", 50, 2, Some("by one letter only"));
        // Two words, two codes, a series.
        check("PERSON", "PERSOM", 9, 8, None);
        check("DATE", "RATE", 500, 1, None);
        check("LOC", "LOG", 500, 1, None);
        check("ORG", "ORGX", 500, 1, None);
        check("LEVEL1", "LEVEL2", 500, 1, None);
        check("LEVEL", "LEVEL2", 500, 1, None);
        check("B", "I", 500, 1, None);
        check("location", "vocation", 500, 400, None);
        check("組織", "組識", 500, 1, None);
        check("--", "-", 5, 1, None);
    }
}
