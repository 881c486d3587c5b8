//! The same words in different places: labelled differently, or labelled in most places and not here.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::check::pass::{Passes, Stage};
use crate::check::{CheckError, Collected, View, spans};
use crate::document::{Document, Span};
use crate::issue::{Issue, IssueCode, Severity};
use crate::similarity::folded;

/// Longer entities are hardly ever repeated word by word.
const LONGEST: usize = 8;
/// Words must be labelled so often before anything follows from it.
const LABELLED: usize = 4;
/// The fraction of places with the usual label from which the others look like slips.
const USUAL: f64 = 0.8;
/// The confidence asked of that fraction: the lower end of its 80 % interval (Wilson 1927).
const SURE: f64 = 0.6;

/// Where some words stand, and as what.
#[derive(Clone, Debug, Default)]
pub(super) struct Uses {
    /// Entities with exactly these words, by label.
    pub labels: BTreeMap<u32, usize>,
    /// Places where no word of theirs is in any entity.
    pub outside: usize,
}

impl Uses {
    fn labelled(&self) -> usize {
        self.labels.values().sum()
    }

    /// The most frequent label and its count.
    fn usual(&self) -> (u32, usize) {
        let most = self
            .labels
            .iter()
            .max_by_key(|(label, count)| (**count, std::cmp::Reverse(**label)));
        most.map_or((0, 0), |(label, count)| (*label, *count))
    }
}

/// The words of all entities, and how they are used in all splits.
pub(super) struct Surfaces<'a> {
    pub labels: Vec<&'a str>,
    pub uses: Vec<Uses>,
    index: FxHashMap<Cow<'a, str>, u32>,
    /// By the first word of entities that are worth looking for: how many words they have at most.
    longest: FxHashMap<&'a str, usize>,
}

impl<'a> Surfaces<'a> {
    /// Counts the entities.
    pub fn of(views: &[View<'a>]) -> Self {
        let mut found = Self {
            labels: Vec::new(),
            uses: Vec::new(),
            index: FxHashMap::default(),
            longest: FxHashMap::default(),
        };
        let mut labels: FxHashMap<&str, u32> = FxHashMap::default();
        let mut firsts: Vec<(&str, usize)> = Vec::new();
        for document in views.iter().flat_map(|view| &view.corpus.documents) {
            for span in &document.spans {
                let Some((words, surface)) = surface(document, span) else {
                    continue;
                };
                let next = labels.len() as u32;
                let label = *labels.entry(&span.label).or_insert_with(|| {
                    found.labels.push(&span.label);
                    next
                });
                let next = found.uses.len() as u32;
                let at = *found.index.entry(surface).or_insert(next);
                if at == next {
                    found.uses.push(Uses::default());
                    firsts.push((document.word_text(words.0), words.1 - words.0));
                }
                *found.uses[at as usize].labels.entry(label).or_default() += 1;
            }
        }
        for (uses, (first, words)) in found.uses.iter().zip(firsts) {
            if uses.labelled() >= LABELLED {
                let longest = found.longest.entry(first).or_default();
                *longest = words.max(*longest);
            }
        }
        found
    }

    /// Counts the places where the words of entities stand outside of all entities.
    pub fn count_outside(
        &mut self,
        views: &[View<'a>],
        passes: &mut Passes<'_>,
    ) -> Result<(), CheckError> {
        let mut outside = vec![0usize; self.uses.len()];
        for view in views {
            let documents = &view.corpus.documents;
            passes.over(
                Stage::Consistency,
                documents.len(),
                |i| self.outside(&documents[i]),
                |_, found| {
                    found
                        .into_iter()
                        .for_each(|(at, _)| outside[at as usize] += 1)
                },
            )?;
        }
        for (uses, outside) in self.uses.iter_mut().zip(outside) {
            uses.outside = outside;
        }
        Ok(())
    }

    /// The places of one document where the words of entities stand outside of all entities: which
    /// words, and their bytes. Of several that start together the longest.
    fn outside(&self, document: &Document) -> Vec<(u32, (usize, usize))> {
        let mut found = Vec::new();
        let mut spans = document.spans.iter().peekable();
        let (mut i, mut covered) = (0, 0);
        while i < document.words.len() {
            let word = document.words[i];
            while let Some(span) = spans.next_if(|span| span.start < word.end.max(word.start + 1)) {
                covered = span.end.max(covered);
            }
            if word.start < covered {
                i += 1;
                continue;
            }
            let longest = self
                .longest
                .get(document.word_text(i))
                .copied()
                .unwrap_or(0);
            let free = spans.peek().map_or(document.text.len(), |span| span.start);
            let hit = (1..=longest).rev().find_map(|n| {
                let last = document
                    .words
                    .get(i + n - 1)
                    .filter(|last| last.end <= free)?;
                let range = (word.start, last.end);
                let at = *self.index.get(&key(&document.text[range.0..range.1]))?;
                (self.uses[at as usize].labelled() >= LABELLED).then_some((at, range, n))
            });
            match hit {
                Some((at, range, n)) => {
                    found.push((at, range));
                    i += n;
                }
                None => i += 1,
            }
        }
        found
    }

    /// How often these words are an entity of their own with this label.
    pub fn times(&self, words: &str, label: &str) -> usize {
        let times = || {
            let uses = &self.uses[*self.index.get(&key(words))? as usize];
            let label = self.labels.iter().position(|known| *known == label)?;
            uses.labels.get(&(label as u32)).copied()
        };
        times().unwrap_or(0)
    }
}

/// An entity's words as a key, with its range of words. `None` for spans that are not whole words,
/// and for long ones.
fn surface<'a>(document: &'a Document, span: &Span) -> Option<((usize, usize), Cow<'a, str>)> {
    let words = spans::words(document, span);
    let whole = words.0 < words.1
        && words.1 - words.0 <= LONGEST
        && document.words[words.0].start == span.start
        && document.words[words.1 - 1].end == span.end;
    let text = document.text.get(span.start..span.end)?;
    (whole && text.chars().any(char::is_alphanumeric)).then(|| (words, key(text)))
}

fn key(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let plain = !bytes.windows(2).any(|pair| pair == b"  ")
        && bytes.iter().all(|b| *b == b' ' || !b.is_ascii_whitespace());
    match plain {
        true => Cow::Borrowed(text),
        false => Cow::Owned(folded(text)),
    }
}

/// The lower end of the 80 % interval of a fraction (Wilson 1927).
fn at_least(hits: usize, of: usize) -> f64 {
    const Z: f64 = 1.2816;
    let (n, p) = (of.max(1) as f64, hits as f64 / of.max(1) as f64);
    let middle = p + Z * Z / (2.0 * n);
    let spread = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    (middle - spread) / (1.0 + Z * Z / n)
}

/// What is said about some words.
#[derive(Clone, Copy, PartialEq)]
enum Verdict {
    /// One label nearly everywhere: the others are listed one by one.
    Unusual,
    /// Several labels without a usual one.
    Varies,
    /// Labelled in most places: those without are listed one by one.
    Missed,
}

/// Findings about words that are not labelled consistently, the surest first.
pub(super) fn look(
    views: &[View<'_>],
    surfaces: &Surfaces<'_>,
    listed: usize,
    passes: &mut Passes<'_>,
    found: &mut Collected,
) -> Result<(), CheckError> {
    let mut ranked: Vec<(Verdict, f64, usize)> = Vec::new();
    for (at, uses) in surfaces.uses.iter().enumerate() {
        let labelled = uses.labelled();
        // Words that are mostly no entity are words of the language; what they are once in a while
        // says nothing about the other places.
        if labelled < LABELLED || labelled < uses.outside {
            continue;
        }
        let (_, usual) = uses.usual();
        let sure = at_least(usual, labelled);
        match uses.labels.len() {
            0 | 1 => {}
            _ if usual as f64 >= USUAL * labelled as f64 && sure >= SURE => {
                ranked.push((Verdict::Unusual, sure, at));
            }
            // The rarer labels together, because each of them needs a decision.
            _ => ranked.push((Verdict::Varies, (labelled - usual) as f64, at)),
        }
        let all = labelled + uses.outside;
        let sure = at_least(usual, all);
        if uses.outside > 0 && usual as f64 >= USUAL * all as f64 && sure >= SURE {
            ranked.push((Verdict::Missed, sure, at));
        }
    }
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.2.cmp(&b.2)));
    // The places of the first of each verdict, as many as are listed; the rest is counted.
    let mut wanted: FxHashMap<(usize, bool), (usize, Verdict)> = FxHashMap::default();
    let mut room = [listed; 3];
    let mut rest = [0usize; 3];
    for (rank, (verdict, _, at)) in ranked.iter().enumerate() {
        let uses = &surfaces.uses[*at];
        let places = match verdict {
            Verdict::Unusual => uses.labelled() - uses.usual().1,
            Verdict::Varies => 1,
            Verdict::Missed => uses.outside,
        };
        let slot = *verdict as usize;
        match room[slot] {
            0 => rest[slot] += places,
            left => {
                room[slot] = left.saturating_sub(places);
                wanted.insert((*at, *verdict == Verdict::Missed), (rank, *verdict));
            }
        }
    }
    let mut reported: Vec<(usize, Issue)> = Vec::new();
    for view in views {
        let documents = &view.corpus.documents;
        passes.over(
            Stage::Consistency,
            documents.len(),
            |i| places(view, i, surfaces, &wanted),
            |_, places| reported.extend(places),
        )?;
    }
    reported.sort_by_key(|(rank, _)| *rank);
    let mut varied = None;
    for (rank, issue) in reported {
        // Of words without a usual label one place is shown.
        if issue.code == IssueCode::LabelVaries && varied.replace(rank) == Some(rank) {
            continue;
        }
        found.push(issue);
    }
    for (more, code) in rest.into_iter().zip([
        IssueCode::LabelUnusual,
        IssueCode::LabelVaries,
        IssueCode::LikelyMissed,
    ]) {
        found.more(code, more);
    }
    Ok(())
}

/// The findings in one document, with the rank of their words.
fn places(
    view: &View<'_>,
    number: usize,
    surfaces: &Surfaces<'_>,
    wanted: &FxHashMap<(usize, bool), (usize, Verdict)>,
) -> Vec<(usize, Issue)> {
    let document = &view.corpus.documents[number];
    let mut found = Vec::new();
    for span in &document.spans {
        let Some((_, key)) = surface(document, span) else {
            continue;
        };
        let Some(at) = surfaces.index.get(&key).map(|at| *at as usize) else {
            continue;
        };
        let Some((rank, verdict)) = wanted.get(&(at, false)) else {
            continue;
        };
        let uses = &surfaces.uses[at];
        let usual = surfaces.labels[uses.usual().0 as usize];
        if span.label == usual {
            continue;
        }
        let range = Some((span.start, span.end));
        let issue = match verdict {
            Verdict::Varies => {
                let message = format!("`{key}` is labelled {}", listed(surfaces, uses));
                view.issue(
                    Severity::Info,
                    IssueCode::LabelVaries,
                    number,
                    range,
                    message,
                )
                .fix("look at the places, and write down a rule where context does not decide")
            }
            _ => {
                let message = format!(
                    "`{key}` is labelled `{}` here and `{usual}` in {} of {} places",
                    span.label,
                    uses.usual().1,
                    uses.labelled()
                );
                view.issue(
                    Severity::Warning,
                    IssueCode::LabelUnusual,
                    number,
                    range,
                    message,
                )
                .fix(format!(
                    "label it `{usual}`, unless something else is meant here"
                ))
            }
        };
        found.push((*rank, issue.found(key)));
    }
    if wanted.keys().any(|(_, missed)| *missed) {
        for (at, range) in surfaces.outside(document) {
            let Some((rank, _)) = wanted.get(&(at as usize, true)) else {
                continue;
            };
            let uses = &surfaces.uses[at as usize];
            let (label, count) = uses.usual();
            let label = surfaces.labels[label as usize];
            let key = key(&document.text[range.0..range.1]);
            let message = format!(
                "`{key}` has no label here and is labelled `{label}` in {count} of {} places",
                uses.labelled() + uses.outside
            );
            let issue = view
                .issue(
                    Severity::Warning,
                    IssueCode::LikelyMissed,
                    number,
                    Some(range),
                    message,
                )
                .fix(format!(
                    "label it `{label}`, unless something else is meant here"
                ));
            found.push((*rank, issue.found(key)));
        }
    }
    found
}

/// The labels of some words, the most frequent first: "`ORG` 12 times, `LOC` 9 times".
fn listed(surfaces: &Surfaces<'_>, uses: &Uses) -> String {
    let mut labels: Vec<(u32, usize)> = uses
        .labels
        .iter()
        .map(|(label, count)| (*label, *count))
        .collect();
    labels.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let times = |count: usize| {
        if count == 1 {
            "once".into()
        } else {
            format!("{count} times")
        }
    };
    let shown: Vec<String> = labels
        .iter()
        .map(|(label, count)| format!("`{}` {}", surfaces.labels[*label as usize], times(*count)))
        .collect();
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of SciPy 1.17.1: `binomtest(hits, of).proportion_ci(0.8, method="wilson").low`.
    #[test]
    fn wilson() {
        for (hits, of, expected) in [(9, 10, 0.717_56), (4, 5, 0.513_54), (57, 58, 0.944_10)] {
            assert!(
                (at_least(hits, of) - expected).abs() < 1e-4,
                "{hits}/{of}: {}",
                at_least(hits, of)
            );
        }
    }
}
