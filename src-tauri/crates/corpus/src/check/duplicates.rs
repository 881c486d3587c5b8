//! The same text several times: in one split, and in two.

use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::check::pass::{Passes, Stage};
use crate::check::{CheckError, Collected, TRAIN, View};
use crate::document::{Document, Span};
use crate::issue::{Issue, IssueCode, Severity, excerpt};
use crate::recipe::Repair;
use crate::similarity::{self, Near, Sketch};

/// How many texts two splits have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedTexts {
    /// Documents of the one whose text is in the other as well.
    pub same: usize,
    /// Of the rest, those that are nearly the same as a text of the other.
    pub near: usize,
}

impl SharedTexts {
    pub(super) fn new(shared: &[Option<usize>], near: &[Option<Near>]) -> Self {
        Self {
            same: shared.iter().flatten().count(),
            near: near.iter().flatten().count(),
        }
    }
}

/// Texts of one split: the hash of each, white space folded, and the first document with that hash.
/// Empty documents have none.
pub(super) struct Texts {
    hashes: Vec<Option<u64>>,
    first: FxHashMap<u64, u32>,
}

/// The hash of a text, any run of white space being one space.
pub(super) fn hash(text: &str) -> u64 {
    use std::hash::Hasher;
    let mut hasher = rustc_hash::FxHasher::default();
    for word in text.split_whitespace() {
        hasher.write(word.as_bytes());
        hasher.write_u8(b' ');
    }
    hasher.finish()
}

/// Whether two texts are the same, white space aside.
fn same(a: &Document, b: &Document) -> bool {
    a.text.split_whitespace().eq(b.text.split_whitespace())
}

/// A span's start and end in the text without white space, in characters, and its label.
type Placed = (usize, usize, String);

fn placed(document: &Document, span: &Span) -> Placed {
    let place = |byte: usize| {
        let before = document.text.get(..byte).unwrap_or_default();
        before.chars().filter(|c| !c.is_whitespace()).count()
    };
    (place(span.start), place(span.end), span.label.clone())
}

/// What differs in the labels of two documents of the same text, as a part of a sentence: the first
/// difference, and how many more spans there are that only one of the two has. `None` where the
/// same words have the same labels.
fn difference(here: &Document, there: &Document) -> Option<String> {
    if here.spans == there.spans && here.text == there.text {
        return None;
    }
    let all = |document: &Document| -> FxHashSet<Placed> {
        let spans = document.spans.iter();
        spans.map(|span| placed(document, span)).collect()
    };
    let (mine, others) = (all(here), all(there));
    let mut differing: Vec<&Placed> = mine.symmetric_difference(&others).collect();
    differing.sort_unstable();
    let first = *differing.first()?;
    let at_first: Vec<&Placed> = differing
        .iter()
        .filter(|span| (span.0, span.1) == (first.0, first.1))
        .copied()
        .collect();
    let is = |spans: &FxHashSet<Placed>| {
        let own = at_first.iter().filter(|span| spans.contains(**span));
        let labels: Vec<String> = own.map(|span| format!("`{}`", span.2)).collect();
        match labels.is_empty() {
            true => "no entity".to_owned(),
            false => labels.join(" and "),
        }
    };
    let text = [here, there].into_iter().find_map(|document| {
        let mut spans = document.spans.iter();
        let span = spans.find(|span| placed(document, span) == *first)?;
        document.text.get(span.start..span.end)
    });
    let text = excerpt(text.unwrap_or_default());
    let what = format!("`{text}` is {} here and {} there", is(&mine), is(&others));
    Some(match differing.len() - at_first.len() {
        0 => what,
        1 => format!("{what}, and 1 more span differs"),
        more => format!("{what}, and {more} more spans differ"),
    })
}

impl Texts {
    pub fn new(hashes: Vec<Option<u64>>) -> Self {
        let mut first = FxHashMap::default();
        first.reserve(hashes.len());
        for (i, hash) in hashes.iter().enumerate() {
            if let (Some(hash), Ok(i)) = (hash, u32::try_from(i)) {
                first.entry(*hash).or_insert(i);
            }
        }
        Self { hashes, first }
    }

    /// The first document here with the text of a document.
    fn find(&self, view: &View<'_>, hash: Option<u64>, document: &Document) -> Option<usize> {
        let at = *self.first.get(&hash?)? as usize;
        same(&view.corpus.documents[at], document).then_some(at)
    }
}

/// Where a document stands, for a message about another one that is from the file `beside`.
fn stands(view: &View<'_>, number: usize, beside: &Path) -> String {
    let place = match view.corpus.documents[number].line {
        0 => format!("as document {}", number + 1),
        line => format!("in line {line}"),
    };
    let file = view.file(number);
    if file == beside {
        return place;
    }
    // Its name, or as much of its path as it takes to distinguish the two.
    let name = match file.file_name() {
        Some(name) if file.file_name() != beside.file_name() => Path::new(name),
        _ => file.strip_prefix(view.path()).unwrap_or(file),
    };
    let name = if name.as_os_str().is_empty() {
        file
    } else {
        name
    };
    format!("{place} of `{}`", name.display())
}

/// Texts that stand in one split more than once.
pub(super) fn alone(view: &View<'_>, texts: &Texts, found: &mut Collected) {
    let documents = &view.corpus.documents;
    let repeated = |i: usize| {
        let first = texts.find(view, texts.hashes[i], &documents[i])?;
        (first < i).then_some(first)
    };
    let count = (0..documents.len())
        .filter(|i| repeated(*i).is_some())
        .count();
    let whole_of = match documents.iter().any(|document| document.file.is_some()) {
        true => format!("`{}`", view.split),
        false => "this file".into(),
    };
    let mut reported = 0usize;
    for i in 0..documents.len() {
        let Some(first) = repeated(i) else { continue };
        let place = stands(view, first, view.file(i));
        reported += 1;
        let message = match reported {
            1 if count > 1 => format!(
                "{count} documents repeat the text of another one in {whole_of}; the first of them here repeats the one {place}"
            ),
            _ => format!("the text is in {whole_of} before, {place}"),
        };
        let issue = whole(view, Severity::Info, IssueCode::Duplicate, i, message)
            .fix("drop the repetitions")
            .repair(Repair::DropDuplicates { near: false });
        found.push(issue);
        differing(view, i, view, first, found);
    }
}

/// The same text with other labels.
fn differing(
    view: &View<'_>,
    number: usize,
    known: &View<'_>,
    first: usize,
    found: &mut Collected,
) {
    let (mine, other) = (
        &view.corpus.documents[number],
        &known.corpus.documents[first],
    );
    let Some(difference) = difference(mine, other) else {
        return;
    };
    let place = stands(known, first, view.file(number));
    let place = match std::ptr::eq(view, known) {
        true => place,
        false => format!("in `{}`, {place}", known.split),
    };
    let message = format!("the same text is labelled differently {place}: {difference}");
    let fix = "decide for one of the two, and label both alike";
    found.push(
        whole(
            view,
            Severity::Warning,
            IssueCode::DuplicateLabelledDifferently,
            number,
            message,
        )
        .fix(fix),
    );
}

/// An issue about a document and all its text.
fn whole(
    view: &View<'_>,
    severity: Severity,
    code: IssueCode,
    number: usize,
    message: String,
) -> Issue {
    let text = &view.corpus.documents[number].text;
    view.issue(severity, code, number, None, message)
        .found(excerpt(text))
}

/// Of two splits, the one that the other must not share texts with: the training set.
pub(super) fn pairs(views: &[View<'_>]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for (second, view) in views.iter().enumerate() {
        for first in 0..second {
            pairs.push(match view.split == TRAIN {
                true => (second, first),
                false => (first, second),
            });
        }
    }
    // In the order of the files, the first with all others, then the second.
    pairs.sort_by_key(|(a, b)| (*a.min(b), *a.max(b)));
    pairs
}

/// Documents by the document of the known split that has their text.
pub(super) fn shared(
    known: &View<'_>,
    known_texts: &Texts,
    view: &View<'_>,
    texts: &Texts,
) -> Vec<Option<usize>> {
    let documents = view.corpus.documents.iter().zip(&texts.hashes);
    documents
        .map(|(document, hash)| known_texts.find(known, *hash, document))
        .collect()
}

/// Texts that stand in two splits.
pub(super) fn between(
    known: &View<'_>,
    view: &View<'_>,
    shared: &[Option<usize>],
    found: &mut Collected,
) {
    let count = shared.iter().flatten().count();
    let mut reported = 0usize;
    for (i, first) in shared.iter().enumerate() {
        let Some(first) = *first else { continue };
        reported += 1;
        let message = match reported {
            1 => format!(
                "{count} of {} documents of `{}` are in `{}` as well, the first of them here",
                shared.len(),
                view.split,
                known.split
            ),
            _ => format!(
                "the text is in `{}` as well, {}",
                known.split,
                stands(known, first, view.file(i))
            ),
        };
        let issue = whole(view, Severity::Warning, IssueCode::Overlap, i, message);
        found.push(moving(known, view, issue, false));
        differing(view, i, known, first, found);
    }
}

/// With what can be done about a text that stands in two splits.
fn moving(known: &View<'_>, view: &View<'_>, issue: Issue, near: bool) -> Issue {
    let (known, split) = (known.split, view.split);
    let fix =
        format!("take them out of one of the two: scores on `{split}` look better than they are");
    match known == TRAIN {
        true => issue.fix(fix).repair(Repair::MoveLeaking { near }),
        false => issue.fix(fix),
    }
}

/// A sketch of each text, for [`nearly`].
pub(super) fn sketches(
    view: &View<'_>,
    passes: &mut Passes<'_>,
) -> Result<Vec<Sketch>, CheckError> {
    let documents = &view.corpus.documents;
    let mut sketches = Vec::with_capacity(documents.len());
    let sketch = |i: usize| similarity::sketch(&documents[i].text);
    passes.over(Stage::Texts, documents.len(), sketch, |_, sketch| {
        sketches.push(sketch)
    })?;
    Ok(sketches)
}

/// Documents by the one of the known split that is nearly the same, those aside that are the same.
pub(super) fn near(
    (known, known_sketches): (&View<'_>, &[Sketch]),
    (view, sketches): (&View<'_>, &[Sketch]),
    shared: &[Option<usize>],
) -> Vec<Option<Near>> {
    similarity::search(
        known_sketches,
        sketches,
        |i| &known.corpus.documents[i].text,
        |i| &view.corpus.documents[i].text,
        |i| shared[i].is_some(),
        usize::MAX,
    )
}

/// Texts that are nearly the same in two splits.
pub(super) fn nearly(
    known: &View<'_>,
    view: &View<'_>,
    near: &[Option<Near>],
    found: &mut Collected,
) {
    let count = near.iter().flatten().count();
    let mut reported = 0usize;
    for (i, near) in near.iter().enumerate() {
        let Some(near) = near else { continue };
        reported += 1;
        let text = excerpt(&known.corpus.documents[near.document].text);
        let like = format!(
            "like the one {} (likeness {:.2}): `{text}`",
            stands(known, near.document, view.file(i)),
            near.likeness
        );
        let message = match reported {
            1 if count > 1 => format!(
                "{count} of {} documents of `{}` are nearly the same as one of `{}`; the first of them here is {like}",
                view.corpus.documents.len(),
                view.split,
                known.split
            ),
            _ => format!(
                "the text is nearly the same as one of `{}`: {like}",
                known.split
            ),
        };
        let issue = whole(view, Severity::Warning, IssueCode::NearOverlap, i, message);
        found.push(moving(known, view, issue, true));
    }
}
