//! Puts the files of each split together.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::dataset::{Corpus, Split};
use crate::issue::{Issue, IssueCode, Severity};

const ORDER: [&str; 3] = ["train", "dev", "test"];
/// How many findings of one code are kept of all files together.
const LISTED: usize = 1000;

/// One [`Split`] for each name. `reported` concerns all of them and goes to the first.
pub(super) fn join_splits(
    path: &Path,
    read: Vec<(&'static str, Corpus)>,
    reported: Vec<Issue>,
) -> Vec<Split> {
    let mut by_split: BTreeMap<usize, Vec<Corpus>> = BTreeMap::new();
    for (split, corpus) in read {
        let at = ORDER.iter().position(|name| *name == split).unwrap_or(0);
        by_split.entry(at).or_default().push(corpus);
    }
    let mut splits: Vec<Split> = by_split
        .into_iter()
        .filter_map(|(at, corpora)| {
            Some(Split {
                name: ORDER[at].into(),
                corpus: join(path, ORDER[at], corpora)?,
            })
        })
        .collect();
    if let Some(first) = splits.first_mut() {
        first.corpus.issues.splice(0..0, reported);
    }
    splits
}

fn join(path: &Path, split: &str, corpora: Vec<Corpus>) -> Option<Corpus> {
    let files: Vec<String> = corpora
        .iter()
        .map(|corpus| corpus.source.path.to_string_lossy().into_owned())
        .collect();
    let mut corpora = corpora.into_iter();
    let mut joined = corpora.next()?;
    if files.len() == 1 {
        return Some(joined);
    }
    name_file(&mut joined);
    let mut groups = shift_groups(0, &mut joined);
    let mut formats = vec![std::mem::discriminant(&joined.source.format)];
    for mut corpus in corpora {
        name_file(&mut corpus);
        groups = shift_groups(groups, &mut corpus);
        let (source, other) = (&mut joined.source, &corpus.source);
        formats.push(std::mem::discriminant(&other.format));
        source.add_formats(other);
        source.documents += other.documents;
        source.words += other.words;
        source.entities += other.entities;
        source.repaired_tags += other.repaired_tags;
        source.dropped_spans += other.dropped_spans;
        source.skipped_documents += other.skipped_documents;
        source.scheme = source.scheme.or(other.scheme);
        source.agreement = match (source.agreement.first(), other.agreement.first()) {
            (Some(own), Some(further)) => vec![own.with(further)],
            (own, further) => own.or(further).cloned().into_iter().collect(),
        };
        match (&mut joined.offset_evidence, corpus.offset_evidence.take()) {
            (Some(evidence), Some(other)) => evidence.join(&other),
            (evidence, other) => *evidence = evidence.take().or(other),
        }
        joined.documents.append(&mut corpus.documents);
        joined.issues.append(&mut corpus.issues);
    }
    joined.source.path = path.into();
    joined.issues = limited(path, joined.issues);
    let names: Vec<String> = files
        .iter()
        .take(8)
        .map(|file| {
            let name = Path::new(file)
                .strip_prefix(path)
                .unwrap_or(Path::new(file));
            format!("`{}`", name.display())
        })
        .collect();
    let more = match files.len() - names.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!(
        "{} files are put together as `{split}`, in this order: {}{more}",
        files.len(),
        names.join(", ")
    );
    let mut add_issue = |severity, code, message: String| {
        joined
            .issues
            .insert(0, Issue::new(severity, code, path, 0, message));
    };
    add_issue(Severity::Info, IssueCode::FilesJoined, message);
    formats.dedup();
    if formats.len() > 1 {
        let message = format!("the files of `{split}` have different formats");
        add_issue(Severity::Warning, IssueCode::FormatsDiffer, message);
    }
    Some(joined)
}

/// Each document keeps the file that its line is of.
pub(super) fn name_file(corpus: &mut Corpus) {
    let file: Arc<Path> = corpus.source.path.as_path().into();
    for document in &mut corpus.documents {
        document.file.get_or_insert_with(|| file.clone());
    }
}

/// Sentences of one source document stay together; the source documents of two files are two.
/// `before` is how many there were so far; gives how many there are now.
fn shift_groups(before: u32, corpus: &mut Corpus) -> u32 {
    let mut next = before;
    for group in corpus
        .documents
        .iter_mut()
        .filter_map(|document| document.group.as_mut())
    {
        *group = group.saturating_add(before);
        next = next.max(group.saturating_add(1));
    }
    next
}

/// At most [`LISTED`] of each code, and how many more there are in all files.
fn limited(path: &Path, issues: Vec<Issue>) -> Vec<Issue> {
    let mut kinds: Vec<(IssueCode, usize, Option<Issue>)> = Vec::new();
    let mut kept = Vec::new();
    for issue in issues {
        let at = kinds.iter().position(|(code, ..)| *code == issue.code);
        let at = at.unwrap_or_else(|| {
            kinds.push((issue.code, 0, None));
            kinds.len() - 1
        });
        let (_, seen, rest) = &mut kinds[at];
        *seen += issue.count;
        if *seen <= LISTED {
            kept.push(issue);
            continue;
        }
        match rest {
            Some(rest) => rest.count += issue.count,
            None => *rest = Some(issue),
        }
    }
    for (code, seen, rest) in kinds {
        let Some(mut rest) = rest else { continue };
        rest.message = format!(
            "{} more issues of the kind `{code}` ({seen} in all)",
            rest.count
        );
        rest.file = path.into();
        (rest.line, rest.column, rest.fix) = (0, None, None);
        kept.push(rest);
    }
    kept
}
