//! What a model makes of the words: documents longer than its window, words it cannot see or does not know.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::check::pass::{Passes, Stage};
use crate::check::{CheckError, Collected, View};
use crate::document::Document;
use crate::issue::{Issue, IssueCode, Severity, excerpt};

/// What a tokenizer makes of one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WordPieces {
    /// Word pieces.
    pub pieces: usize,
    /// Of these, unknown ones.
    pub unknown: usize,
}

/// A tokenizer, as far as a check needs one.
pub trait Pieces: Sync {
    /// The pieces of each word, in order.
    ///
    /// # Errors
    /// The tokenizer cannot treat a word; the text says which and why.
    fn pieces(&self, words: &[&str]) -> Result<Vec<WordPieces>, String>;
}

/// The model that is to be trained on the data.
#[derive(Clone, Copy)]
pub struct Model<'a> {
    /// Its tokenizer.
    pub pieces: &'a dyn Pieces,
    /// Word pieces in a window, special ones included.
    pub max_length: usize,
    /// Special pieces in each window.
    pub special: usize,
    /// Word pieces that two windows of one document share.
    pub overlap: usize,
}

/// What the model makes of one file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct ModelReport {
    /// The name of the split.
    pub split: String,
    /// Word pieces of all words.
    pub pieces: usize,
    /// Of these, unknown ones.
    pub unknown: usize,
    /// Words without any piece, each place counted.
    pub words_without_pieces: usize,
    /// Pieces of the longest document.
    pub longest: usize,
    /// Documents that need more than one window.
    pub split_documents: usize,
    /// Windows of all documents.
    pub windows: usize,
}

/// From this fraction (0–1) of unknown pieces, the model is probably made for another language.
const MANY_UNKNOWN: f64 = 0.02;
/// Words that are named as examples.
const NAMED: usize = 5;

/// Looks at one file.
pub(super) fn look(
    view: &View<'_>,
    model: &Model<'_>,
    passes: &mut Passes<'_>,
    found: &mut Collected,
) -> Result<ModelReport, CheckError> {
    let documents = &view.corpus.documents;
    let capacity = model.max_length.saturating_sub(model.special).max(1);
    let mut report = ModelReport {
        split: view.split.into(),
        ..ModelReport::default()
    };
    let mut known: FxHashMap<&str, (WordPieces, usize, usize)> = FxHashMap::default();
    let mut sizes = Vec::new();
    passes.blocks(Stage::Model, documents.len(), |block| {
        learn(&documents[block.clone()], model, &mut known)?;
        for i in block {
            let document = &documents[i];
            sizes.clear();
            for word in 0..document.words.len() {
                let (word, count, first) = known.entry(document.word_text(word)).or_default();
                if *count == 0 {
                    *first = i;
                }
                *count += 1;
                report.unknown += word.unknown;
                report.words_without_pieces += usize::from(word.pieces == 0);
                sizes.extend((word.pieces > 0).then_some(word.pieces));
            }
            let length = sizes.iter().sum();
            let windows = windows(&sizes, capacity, model.overlap);
            report.pieces += length;
            report.longest = report.longest.max(length);
            report.windows += windows;
            if windows > 1 {
                report.split_documents += 1;
                found.push(too_long(view, i, length, windows, model));
            }
        }
        Ok(())
    })?;
    without_pieces(view, &known, found);
    unknown(view, &known, &report, found);
    Ok(report)
}

type Known<'a> = FxHashMap<&'a str, (WordPieces, usize, usize)>;

/// Asks about the words that are new in some documents.
fn learn<'a>(
    documents: &'a [Document],
    model: &Model<'_>,
    known: &mut Known<'a>,
) -> Result<(), CheckError> {
    let mut new: Vec<&str> = Vec::new();
    for document in documents {
        for word in 0..document.words.len() {
            let word = document.word_text(word);
            if !known.contains_key(word) {
                known.insert(word, <_>::default());
                new.push(word);
            }
        }
    }
    let pieces = model.pieces.pieces(&new).map_err(CheckError::Tokenizer)?;
    for (word, pieces) in new.into_iter().zip(pieces) {
        known.insert(word, (pieces, 0, 0));
    }
    Ok(())
}

fn too_long(
    view: &View<'_>,
    number: usize,
    length: usize,
    windows: usize,
    model: &Model<'_>,
) -> Issue {
    let message = format!(
        "the text has {length} word pieces and is read in {windows} windows of {}",
        model.max_length
    );
    let text = &view.corpus.documents[number].text;
    view.issue(Severity::Info, IssueCode::TooLong, number, None, message)
        .found(excerpt(text))
        .fix("nothing need be done; a larger `--max-length` makes fewer windows, where the model allows it")
}

/// Words that are written with more than invisible characters, and yet have no piece.
fn without_pieces(view: &View<'_>, known: &Known<'_>, found: &mut Collected) {
    let mut words: Vec<(&str, usize, usize)> = known
        .iter()
        .filter(|(_, (pieces, count, _))| pieces.pieces == 0 && *count > 0)
        .map(|(word, (_, count, first))| (*word, *count, *first))
        .collect();
    words.sort_by_key(|(word, _, first)| (*first, *word));
    for (word, count, first) in words {
        let times = if count == 1 {
            "once".to_string()
        } else {
            format!("{count} times")
        };
        let shown = match word.is_empty() {
            true => "an empty word".into(),
            false => format!("the word `{}`", word.escape_unicode()),
        };
        let message = format!("{shown} ({times}) gives no word piece");
        let range = place(&view.corpus.documents[first], word);
        let issue = view
            .issue(
                Severity::Info,
                IssueCode::WordWithoutPieces,
                first,
                range,
                message,
            )
            .found(word.escape_unicode().to_string())
            .fix("take it out of the data, or leave it: it counts as outside of every entity");
        found.push(issue);
    }
}

fn place(document: &Document, word: &str) -> Option<(usize, usize)> {
    (0..document.words.len())
        .find(|i| document.word_text(*i) == word)
        .map(|i| (document.words[i].start, document.words[i].end))
}

/// The fraction of unknown pieces, with the words that make most of them.
fn unknown(view: &View<'_>, known: &Known<'_>, report: &ModelReport, found: &mut Collected) {
    if report.unknown == 0 {
        return;
    }
    let mut words: Vec<(&str, usize, usize)> = known
        .iter()
        .filter(|(_, (pieces, count, _))| pieces.unknown > 0 && *count > 0)
        .map(|(word, (_, count, first))| (*word, *count, *first))
        .collect();
    words.sort_by_key(|(word, count, _)| (std::cmp::Reverse(*count), *word));
    let named: Vec<String> = words
        .iter()
        .take(NAMED)
        .map(|(word, count, _)| format!("`{}` ({count})", excerpt(word)))
        .collect();
    let fraction = report.unknown as f64 / report.pieces.max(1) as f64;
    let severity = if fraction >= MANY_UNKNOWN {
        Severity::Warning
    } else {
        Severity::Info
    };
    let message = format!(
        "{} of {} word pieces ({:.2} %) are unknown to the model, in {} different words; most often {}",
        report.unknown,
        report.pieces,
        fraction * 100.0,
        words.len(),
        named.join(", ")
    );
    let (word, _, first) = words[0];
    let range = place(&view.corpus.documents[first], word);
    let issue = view
        .issue(severity, IssueCode::UnknownPieces, first, range, message)
        .found(word);
    found.push(
        issue.fix("choose a model whose vocabulary fits the language and the signs of the text"),
    );
}

/// How many windows words of these sizes need: each takes as many whole words as fit, and the next
/// steps back over whole words until `overlap` pieces are shared, as the engine cuts windows.
fn windows(sizes: &[usize], capacity: usize, overlap: usize) -> usize {
    let mut starts = Vec::with_capacity(sizes.len() + 1);
    starts.push(0);
    for size in sizes {
        starts.push(starts[starts.len() - 1] + size);
    }
    let (mut first, mut windows) = (0, 0);
    while first < sizes.len() {
        windows += 1;
        let from = starts[first];
        let fitting = starts[first + 1..].partition_point(|end| end - from <= capacity);
        let next = first + fitting.max(1);
        if next == sizes.len() {
            break;
        }
        let to = starts[next].min(from + capacity);
        first = (first + 1..next)
            .rev()
            .find(|word| to.saturating_sub(starts[*word]) >= overlap)
            .unwrap_or(next);
    }
    windows
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand.
    #[test]
    fn windows_as_the_engine_lays_them() {
        for (sizes, capacity, overlap, expected) in [
            (&[][..], 4, 2, 0),
            (&[1, 1, 1, 1], 4, 2, 1),
            // abcd, cdef
            (&[1, 1, 1, 1, 1, 1], 4, 2, 2),
            // abcd, cdef, efg
            (&[1, 1, 1, 1, 1, 1, 1], 4, 2, 3),
            // Without overlap: abcd, efg.
            (&[1, 1, 1, 1, 1, 1, 1], 4, 0, 2),
            // A word longer than a window has one of its own.
            (&[1, 9, 1], 4, 2, 3),
            (&[9], 4, 2, 1),
        ] {
            assert_eq!(
                windows(sizes, capacity, overlap),
                expected,
                "{sizes:?} {capacity} {overlap}"
            );
        }
    }
}
