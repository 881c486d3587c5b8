//! Which findings follow from another one, so that one fault is shown once.
//!
//! Shifted offsets cut words in hundreds of places, and a second spelling of a label is also a rare one
//! that is never tested. Each such finding names the kind of the one that explains it: mending that one
//! mends it, too.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use crate::issue::{Issue, IssueCode, Severity};
use crate::recipe::Repair;

/// Writes its cause into every finding that has one. Can be done again after findings were added.
pub fn mark_causes(issues: &mut [Issue]) {
    let causes = Causes::among(issues);
    for issue in issues {
        issue.cause = causes.of(issue);
    }
}

#[derive(Default)]
struct Causes {
    /// Files all of whose offsets are wrong in one way, with the finding that says how.
    offsets: Vec<(PathBuf, IssueCode)>,
    /// Labels that should be others or none, with the finding that says so.
    labels: HashMap<String, IssueCode>,
    /// The labels that misspelt ones should be.
    spelt_right: HashSet<String>,
    /// Files without a single entity.
    unlabelled: Vec<PathBuf>,
}

impl Causes {
    fn among(issues: &[Issue]) -> Self {
        let mut causes = Self::default();
        for issue in issues {
            match (issue.code, &issue.repair) {
                (code, Some(_)) if code.is_of_all_offsets() => {
                    causes.offsets.push((issue.file.clone(), code));
                }
                (IssueCode::LabelHasPrefix, Some(Repair::JoinTagged { tags })) => {
                    let tags = tags.keys().cloned();
                    causes.labels.extend(tags.map(|tag| (tag, issue.code)));
                }
                (IssueCode::LabelsAlike, Some(Repair::MapLabels { labels })) => {
                    for (label, right) in labels {
                        // What is no label at all, or a tag, is so in every spelling.
                        causes.labels.entry(label.clone()).or_insert(issue.code);
                        causes.spelt_right.extend(right.clone());
                    }
                }
                (IssueCode::LabelOutside, Some(Repair::MapLabels { labels })) => {
                    for label in labels.keys() {
                        let known = causes.labels.entry(label.clone()).or_insert(issue.code);
                        if *known == IssueCode::LabelsAlike {
                            *known = issue.code;
                        }
                    }
                }
                (IssueCode::NoEntities, _) => causes.unlabelled.push(issue.file.clone()),
                _ => {}
            }
        }
        causes
    }

    /// The kind of finding that explains this one.
    fn of(&self, issue: &Issue) -> Option<IssueCode> {
        use IssueCode as Code;
        let in_file = |file: &PathBuf| issue.file.starts_with(file);
        match issue.code {
            Code::SpanCutsWord
            | Code::SpanCutsRun
            | Code::SpanEdgeSpace
            | Code::SpanWithoutWord
            | Code::SpanTextDiffers
            | Code::SpanOutOfRange
            | Code::LabelUnusual
            | Code::LabelVaries
            | Code::LikelyMissed => {
                let cause = self.offsets.iter().find(|(file, _)| in_file(file));
                cause.map(|(_, code)| *code)
            }
            Code::LabelRare
            | Code::LabelNotInTrain
            | Code::LabelOnlyInTrain
            | Code::LabelsAlike
            | Code::LabelOutside => {
                let cause = self.labels.get(&issue.found).copied();
                let right =
                    issue.code != Code::LabelRare && self.spelt_right.contains(&issue.found);
                cause
                    .or(right.then_some(Code::LabelsAlike))
                    .filter(|cause| *cause != issue.code)
            }
            Code::Unlabelled | Code::PartlyLabelled => {
                let none = self.unlabelled.iter().any(in_file);
                (none && issue.severity != Severity::Error).then_some(Code::NoEntities)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn issue(code: IssueCode, file: &str, found: &str) -> Issue {
        Issue::new(Severity::Warning, code, file, 1, "").found(found)
    }

    fn causes(mut issues: Vec<Issue>) -> Vec<Option<IssueCode>> {
        mark_causes(&mut issues);
        issues.into_iter().map(|issue| issue.cause).collect()
    }

    #[test]
    fn what_wrong_offsets_cut_is_theirs_in_their_own_file() {
        let shifted = Some(IssueCode::OffsetsShifted);
        let found = causes(vec![
            issue(IssueCode::SpanCutsWord, "a.jsonl", ""),
            issue(IssueCode::OffsetsShifted, "a.jsonl", "").repair(Repair::ShiftOffsets { by: -1 }),
            issue(IssueCode::SpanEdgeSpace, "a.jsonl", ""),
            issue(IssueCode::SpanCutsWord, "b.jsonl", ""),
            issue(IssueCode::Duplicate, "a.jsonl", ""),
        ]);
        assert_eq!(found, [shifted, None, shifted, None, None]);
        // A note that the offsets were read otherwise is about a fault that is mended already.
        let found = causes(vec![
            issue(IssueCode::OffsetsShifted, "a.jsonl", ""),
            issue(IssueCode::SpanCutsWord, "a.jsonl", ""),
        ]);
        assert_eq!(found, [None, None]);
    }

    #[test]
    fn a_second_spelling_is_one_finding() {
        let map = BTreeMap::from([("Per".to_owned(), Some("PER".to_owned()))]);
        let alike = Some(IssueCode::LabelsAlike);
        let found = causes(vec![
            issue(IssueCode::LabelsAlike, "a", "Per").repair(Repair::MapLabels { labels: map }),
            issue(IssueCode::LabelRare, "a", "Per"),
            issue(IssueCode::LabelNotInTrain, "a", "PER"),
            issue(IssueCode::LabelOnlyInTrain, "a", "Per"),
            // Few examples stay few when some are added.
            issue(IssueCode::LabelRare, "a", "PER"),
            issue(IssueCode::LabelRare, "a", "LOC"),
        ]);
        assert_eq!(found, [None, alike, alike, alike, None, None]);
    }

    #[test]
    fn tags_as_labels_explain_their_spellings_and_the_outside() {
        let tags = ["B-PER", "b-PER", "O"].map(|tag| (tag.to_owned(), tag.to_owned()));
        let tags = BTreeMap::from(tags);
        let alike = BTreeMap::from([("b-PER".to_owned(), Some("B-PER".to_owned()))]);
        let drop = BTreeMap::from([("O".to_owned(), None)]);
        let prefix = Some(IssueCode::LabelHasPrefix);
        let found = causes(vec![
            issue(IssueCode::LabelHasPrefix, "a", "B-PER").repair(Repair::JoinTagged { tags }),
            issue(IssueCode::LabelsAlike, "a", "b-PER").repair(Repair::MapLabels { labels: alike }),
            issue(IssueCode::LabelOutside, "a", "O").repair(Repair::MapLabels { labels: drop }),
            issue(IssueCode::LabelRare, "a", "B-PER"),
        ]);
        assert_eq!(found, [None, prefix, prefix, prefix]);
    }

    #[test]
    fn a_file_without_entities_is_said_to_be_so_once() {
        let found = causes(vec![
            issue(IssueCode::Unlabelled, "a.txt", ""),
            issue(IssueCode::NoEntities, "a.txt", ""),
            issue(IssueCode::Unlabelled, "b.txt", ""),
        ]);
        assert_eq!(found, [Some(IssueCode::NoEntities), None, None]);
    }
}
