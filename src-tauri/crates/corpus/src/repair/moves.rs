//! Moves documents between splits, and keeps findings and counts in step with them.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::documents::Disposition;
use super::{Dataset, Split};
use crate::dataset::Corpus;
use crate::issue::Issue;

/// The place of a split among the others: `train`, `dev`, `test`, then the rest by name.
pub(super) fn rank(split: &str) -> (usize, String) {
    let known = ["train", "dev", "test"];
    let place = known.iter().position(|name| *name == split);
    (place.unwrap_or(known.len()), split.to_owned())
}

/// Joins splits of the same name, such as the files that a large split is written in, and puts them
/// in order.
pub fn merge(splits: Vec<Split>) -> Dataset {
    let mut names: Vec<String> = splits.iter().map(|split| split.name.clone()).collect();
    names.sort_by_key(|name| rank(name));
    names.dedup();
    if names.len() == splits.len() {
        let mut splits = splits;
        splits.sort_by_key(|split| rank(&split.name));
        return splits;
    }
    let disposition = Disposition {
        of: splits
            .iter()
            .map(|split| {
                let to = names.iter().position(|name| *name == split.name);
                vec![to; split.corpus.documents.len()]
            })
            .collect(),
        splits: names,
        whole: None,
    };
    apply_moves(splits, &disposition)
}

/// Sends each document where it goes. Those that come to one split stand in the order in which they
/// stood before.
///
/// A document that comes to a split of another file takes the name of its own along, because its
/// line would be taken for one of that file. Findings go with the document that they are about, or out with it.
pub(super) fn apply_moves(dataset: Dataset, disposition: &Disposition) -> Dataset {
    let mut new: Vec<Option<Split>> = disposition.splits.iter().map(|_| None).collect();
    let homes: Vec<usize> = dataset
        .iter()
        .map(|split| {
            let home = disposition
                .splits
                .iter()
                .position(|name| *name == split.name);
            home.unwrap_or(0)
        })
        .collect();
    // Each split begins as the first old one of its name, else as the first of all, without documents.
    for (to, name) in disposition.splits.iter().enumerate() {
        let same = dataset.iter().find(|split| split.name == *name);
        new[to] = same.or(dataset.first()).map(|old| {
            let mut source = old.corpus.source.clone();
            (source.repaired_tags, source.dropped_spans) = (0, 0);
            source.skipped_documents = 0;
            source.agreement.clear();
            Split {
                name: name.clone(),
                corpus: Corpus {
                    documents: Vec::new(),
                    source,
                    issues: Vec::new(),
                    offset_evidence: None,
                },
            }
        });
    }
    let mut new: Dataset = new.into_iter().flatten().collect();
    // Which splits get documents of another.
    let mut mixed = vec![false; disposition.splits.len()];
    for (split, targets) in dataset.iter().zip(&disposition.of) {
        for to in targets.iter().flatten() {
            mixed[*to] |= disposition.splits[*to] != split.name;
        }
    }
    let mixes = mixed.contains(&true) || disposition.splits.len() != dataset.len();
    let mut groups: HashMap<(usize, u32), u32> = HashMap::new();
    for (p, split) in dataset.into_iter().enumerate() {
        let Corpus {
            documents,
            source,
            issues,
            offset_evidence,
        } = split.corpus;
        let file: Arc<Path> = source.path.as_path().into();
        let mut places: Vec<Option<(usize, usize)>> = Vec::with_capacity(documents.len());
        for (to, split) in new.iter_mut().enumerate() {
            if disposition.of[p].contains(&Some(to)) {
                split.corpus.source.add_formats(&source);
            }
        }
        for (mut document, fate) in documents.into_iter().zip(&disposition.of[p]) {
            let Some(to) = *fate else {
                places.push(None);
                continue;
            };
            let there = &mut new[to].corpus;
            if there.source.path != source.path {
                document.file.get_or_insert_with(|| file.clone());
            }
            // Two files number their source documents from 0 each.
            if mixes && let Some(group) = document.group {
                let next = groups.len() as u32;
                document.group = Some(*groups.entry((p, group)).or_insert(next));
            }
            places.push(Some((to, there.documents.len())));
            there.documents.push(document);
        }
        let Some(home) = new.get_mut(homes[p]) else {
            continue;
        };
        // That of a file speaks of a split as long as no documents of others are in it.
        if disposition.splits[homes[p]] == split.name && !mixed[homes[p]] {
            match (&mut home.corpus.offset_evidence, offset_evidence) {
                (Some(evidence), Some(other)) => evidence.join(&other),
                (evidence, other) => *evidence = evidence.take().or(other),
            }
        }
        // What was counted while the file was read belongs to its split, or to the first.
        let counts = &mut home.corpus.source;
        counts.repaired_tags += source.repaired_tags;
        counts.dropped_spans += source.dropped_spans;
        counts.skipped_documents += source.skipped_documents;
        counts.agreement.extend(source.agreement);
        for issue in issues {
            if let Some((to, issue)) = moved(issue, &places, &disposition.splits, homes[p]) {
                new[to].corpus.issues.push(issue);
            }
        }
    }
    for split in &mut new {
        recount(&mut split.corpus);
    }
    new
}

/// A finding with the new place of its document; `None` where the document is gone.
fn moved(
    mut issue: Issue,
    places: &[Option<(usize, usize)>],
    names: &[String],
    home: usize,
) -> Option<(usize, Issue)> {
    let Some(place) = &mut issue.place else {
        return Some((home, issue));
    };
    let (to, document) = (*places.get(place.document)?)?;
    place.split.clone_from(&names[to]);
    place.document = document;
    Some((to, issue))
}

/// Counts again what the documents hold.
pub(super) fn recount(corpus: &mut Corpus) {
    let source = &mut corpus.source;
    source.documents = corpus.documents.len();
    source.words = corpus.documents.iter().map(|doc| doc.words.len()).sum();
    source.entities = corpus.documents.iter().map(|doc| doc.spans.len()).sum();
}
