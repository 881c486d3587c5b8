//! How much there is of what: lengths, entities, labels, density, and what two splits have in common.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use crate::check::{SharedTexts, TRAIN, View, duplicates};
use crate::dataset::Corpus;
use crate::document::Document;
use crate::similarity::{self, folded};

/// Numbers about a data set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Statistics {
    /// One for each file, in the order given.
    pub splits: Vec<SplitStatistics>,
    /// Each pair of splits, held against the training set where that is one of them.
    pub overlaps: Vec<Overlap>,
}

/// Numbers about one split.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SplitStatistics {
    /// `train`, `dev`, `test` …
    pub split: String,
    /// Documents.
    pub documents: usize,
    /// Source documents that these are sentences of, where the file says so.
    pub groups: Option<usize>,
    /// Words in all documents.
    pub words: usize,
    /// Different words.
    pub vocabulary: usize,
    /// Unicode characters in all texts.
    pub characters: usize,
    /// Entities in all documents.
    pub entities: usize,
    /// Documents without any entity.
    pub without_entities: usize,
    /// The fraction of the words that are part of an entity, 0–1.
    pub density: f64,
    /// Words per document.
    pub lengths: Vec<Bin>,
    /// Words of the longest document.
    pub longest: usize,
    /// Entities per document.
    pub entities_per_document: Vec<Bin>,
    /// Words per entity.
    pub entity_lengths: Vec<Bin>,
    /// The most frequent first.
    pub labels: Vec<LabelStatistics>,
}

/// Numbers about one label of one split.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelStatistics {
    /// Its name.
    pub label: String,
    /// Entities that have it.
    pub count: usize,
    /// Their fraction of all entities of the split, 0–1.
    #[serde(rename = "share")]
    pub fraction: f64,
    /// Documents that have one.
    pub documents: usize,
    /// Different words that are labelled so.
    pub surfaces: usize,
    /// Words per entity, on average.
    pub words: f64,
    /// The words that are labelled so most often.
    pub examples: Vec<Surface>,
}

/// The words of an entity, and how often they are one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Surface {
    /// The words.
    pub text: String,
    /// Entities with these words.
    pub count: usize,
}

/// Values from `from` to less than `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Bin {
    /// The smallest.
    pub from: usize,
    /// One more than the largest.
    pub to: usize,
    /// How many there are.
    pub count: usize,
}

/// What a split has in common with the one it is held against.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Overlap {
    /// The one that it is held against, `train` as a rule.
    pub known: String,
    /// The split.
    pub split: String,
    /// Its documents.
    pub documents: usize,
    /// Of these, those whose text also stands in the other.
    pub same_texts: usize,
    /// Of the rest, those that are nearly the same as a text of the other.
    pub near_texts: usize,
    /// Its entities.
    pub entities: usize,
    /// Of these, those whose words have the same label somewhere in the other.
    pub known_entities: usize,
    /// Its different entities: words with a label.
    pub surfaces: usize,
    /// Of these, those that the other has too.
    pub known_surfaces: usize,
}

/// Examples of a label.
const EXAMPLES: usize = 5;

/// The numbers of each file, named by its split, and of each pair of them.
pub fn statistics(corpora: &[(&str, &Corpus)]) -> Statistics {
    statistics_of_checked(corpora, &[])
}

/// The same of files that were checked: `shared` is what the check found them to have in common, which
/// takes longest to find.
pub fn statistics_of_checked(corpora: &[(&str, &Corpus)], shared: &[SharedTexts]) -> Statistics {
    let views: Vec<View> = corpora
        .iter()
        .map(|(split, corpus)| View { split, corpus })
        .collect();
    let surfaces: Vec<Surfaces> = views.iter().map(|view| surfaces(view.corpus)).collect();
    let pairs = duplicates::pairs(&views);
    let with_train = views.iter().any(|view| view.split == TRAIN);
    let is_shown = |known: usize| !with_train || views[known].split == TRAIN;
    let shared = match shared.len() == pairs.len() {
        true => shared.to_vec(),
        false => shared_texts(&views, &pairs),
    };
    Statistics {
        splits: views
            .iter()
            .zip(&surfaces)
            .map(|(view, surfaces)| split(view, surfaces))
            .collect(),
        overlaps: pairs
            .into_iter()
            .zip(shared)
            .filter(|((known, _), _)| is_shown(*known))
            .map(|((known, other), shared)| {
                overlap(
                    (&views[known], &surfaces[known]),
                    (&views[other], &surfaces[other]),
                    shared,
                )
            })
            .collect(),
    }
}

/// The texts that each two splits have in common.
fn shared_texts(views: &[View<'_>], pairs: &[(usize, usize)]) -> Vec<SharedTexts> {
    use rayon::prelude::*;
    if pairs.is_empty() {
        return Vec::new();
    }
    let texts = |view: &View<'_>| {
        let documents = view.corpus.documents.iter();
        let hash = |doc: &Document| (!doc.words.is_empty()).then(|| duplicates::hash(&doc.text));
        duplicates::Texts::new(documents.map(hash).collect())
    };
    let sketches = |view: &View<'_>| -> Vec<similarity::Sketch> {
        let documents = view.corpus.documents.par_iter();
        documents.map(|doc| similarity::sketch(&doc.text)).collect()
    };
    let texts: Vec<_> = views.iter().map(texts).collect();
    let sketches: Vec<_> = views.iter().map(sketches).collect();
    let of = |&(known, other): &(usize, usize)| {
        let (a, b) = (&views[known], &views[other]);
        let shared = duplicates::shared(a, &texts[known], b, &texts[other]);
        let near = duplicates::near((a, &sketches[known]), (b, &sketches[other]), &shared);
        SharedTexts::new(&shared, &near)
    };
    pairs.iter().map(of).collect()
}

/// Entities by label and words.
type Surfaces<'a> = FxHashMap<(&'a str, Cow<'a, str>), usize>;

fn surfaces(corpus: &Corpus) -> Surfaces<'_> {
    let mut found: Surfaces = FxHashMap::default();
    for document in &corpus.documents {
        for span in &document.spans {
            let text = document.text.get(span.start..span.end).unwrap_or_default();
            let spaced =
                text.contains("  ") || text.contains(|c: char| c != ' ' && c.is_whitespace());
            let text = if spaced {
                Cow::Owned(folded(text))
            } else {
                Cow::Borrowed(text)
            };
            *found.entry((span.label.as_str(), text)).or_default() += 1;
        }
    }
    found
}

fn split(view: &View<'_>, surfaces: &Surfaces<'_>) -> SplitStatistics {
    let documents = &view.corpus.documents;
    let words: Vec<usize> = documents.iter().map(|doc| doc.words.len()).collect();
    let entities: Vec<usize> = documents.iter().map(|doc| doc.spans.len()).collect();
    let mut vocabulary: FxHashSet<&str> = FxHashSet::default();
    let mut lengths = Vec::new();
    let mut labels: BTreeMap<&str, Label> = BTreeMap::new();
    let mut inside = 0;
    for (i, document) in documents.iter().enumerate() {
        vocabulary.extend((0..document.words.len()).map(|word| document.word_text(word)));
        let mut covered = 0;
        for span in &document.spans {
            let (first, end) = super::spans::words(document, span);
            let length = end.saturating_sub(first);
            // Nested entities share their words.
            inside += end.saturating_sub(first.max(covered));
            covered = covered.max(end);
            lengths.push(length);
            let label = labels.entry(&span.label).or_default();
            label.count += 1;
            label.words += length;
            label.documents += usize::from(label.last.replace(i) != Some(i));
        }
    }
    for ((label, text), count) in surfaces {
        if let Some(found) = labels.get_mut(label) {
            found.surfaces.push((text, *count));
        }
    }
    let all: usize = entities.iter().sum();
    let mut labels: Vec<LabelStatistics> = labels
        .into_iter()
        .map(|(name, label)| label.finish(name, all))
        .collect();
    labels.sort_by_key(|label| std::cmp::Reverse(label.count));
    let total: usize = words.iter().sum();
    SplitStatistics {
        split: view.split.into(),
        documents: documents.len(),
        groups: groups(documents),
        words: total,
        vocabulary: vocabulary.len(),
        characters: documents.iter().map(|doc| doc.text.chars().count()).sum(),
        entities: all,
        without_entities: entities.iter().filter(|n| **n == 0).count(),
        density: ratio(inside, total),
        longest: words.iter().copied().max().unwrap_or(0),
        lengths: histogram(words),
        entities_per_document: histogram(entities),
        entity_lengths: histogram(lengths),
        labels,
    }
}

#[derive(Default)]
struct Label<'a> {
    count: usize,
    words: usize,
    documents: usize,
    /// The last document that has it.
    last: Option<usize>,
    surfaces: Vec<(&'a Cow<'a, str>, usize)>,
}

impl Label<'_> {
    fn finish(mut self, name: &str, all: usize) -> LabelStatistics {
        self.surfaces
            .sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let examples = self.surfaces.iter().take(EXAMPLES);
        LabelStatistics {
            label: name.into(),
            count: self.count,
            fraction: ratio(self.count, all),
            documents: self.documents,
            surfaces: self.surfaces.len(),
            words: ratio(self.words, self.count),
            examples: examples
                .map(|(text, count)| Surface {
                    text: text.to_string(),
                    count: *count,
                })
                .collect(),
        }
    }
}

fn groups(documents: &[Document]) -> Option<usize> {
    let groups: FxHashSet<u32> = documents.iter().filter_map(|doc| doc.group).collect();
    (!groups.is_empty()).then_some(groups.len())
}

fn ratio(part: usize, whole: usize) -> f64 {
    match whole {
        0 => 0.0,
        _ => part as f64 / whole as f64,
    }
}

fn overlap(
    known: (&View<'_>, &Surfaces<'_>),
    other: (&View<'_>, &Surfaces<'_>),
    shared: SharedTexts,
) -> Overlap {
    let mut overlap = Overlap {
        known: known.0.split.into(),
        split: other.0.split.into(),
        documents: other.0.corpus.documents.len(),
        same_texts: shared.same,
        near_texts: shared.near,
        entities: 0,
        known_entities: 0,
        surfaces: other.1.len(),
        known_surfaces: 0,
    };
    for (surface, count) in other.1 {
        let both = known.1.contains_key(surface);
        overlap.entities += count;
        overlap.known_surfaces += usize::from(both);
        overlap.known_entities += if both { *count } else { 0 };
    }
    overlap
}

/// The most bins of a histogram.
const BINS: usize = 24;

/// Bins of one round width (1, 2 or 5 times a power of ten), at most 24 of them, from 0 on; what is
/// much larger than nearly all of the rest is in the last.
pub fn histogram(mut values: Vec<usize>) -> Vec<Bin> {
    values.sort_unstable();
    let Some(&largest) = values.last() else {
        return Vec::new();
    };
    // One very long document must not squeeze all others into the first bin.
    let most = values[(values.len() - 1) * 99 / 100];
    let reach = if most.saturating_mul(2) < largest {
        most
    } else {
        largest
    };
    let mut widths = (0..usize::BITS).flat_map(|power| {
        [1, 2, 5].map(|n: usize| n.saturating_mul(10usize.saturating_pow(power)))
    });
    let width = widths
        .find(|width| (reach / width) < BINS)
        .unwrap_or(usize::MAX);
    let bins = reach / width + 1;
    let mut counts = vec![0; bins];
    for value in &values {
        counts[(value / width).min(bins - 1)] += 1;
    }
    let ends = |i: usize| {
        if i + 1 == bins {
            largest + 1
        } else {
            (i + 1) * width
        }
    };
    counts
        .into_iter()
        .enumerate()
        .map(|(i, count)| Bin {
            from: i * width,
            to: ends(i),
            count,
        })
        .collect()
}
