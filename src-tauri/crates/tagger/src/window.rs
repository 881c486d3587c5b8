//! Documents to windows that fit the model, overlapping where a document is longer than one.
//!
//! Every word that has pieces is scored in exactly one window: the one where it has most context. Where a
//! document does not fill its window, the rest can hold what stands around it in its source, which is not
//! scored (Schweter and Akbik 2020).

use crate::error::Error;
use crate::tokenizer::{Pieces, SPECIAL, Tokenizer};
use std::ops::Range;
use tagsmith_corpus::Document;

/// A sequence for the model, and which of its positions speak for which words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The document's index in its list.
    pub document: usize,
    /// Piece ids, special pieces included.
    pub ids: Vec<u32>,
    /// The words scored here: the position of a word's first piece, and the word.
    pub scored: Vec<(usize, usize)>,
    /// Whether the last scored word is the last of the document.
    pub reaches_end: bool,
}

/// Windows of a list of documents, in the order of the documents.
#[derive(Debug, Default)]
pub struct Windows {
    /// The windows.
    pub windows: Vec<Window>,
    /// Documents that needed more than one.
    pub split_documents: usize,
    /// By document: words longer than a whole window, of which only the beginning is read.
    pub truncated_words: Vec<usize>,
    /// Words without any piece; they count as `O`.
    pub words_without_pieces: usize,
}

/// Tokenises documents and splits them into windows.
///
/// `max_length` and `stride`, what neighbouring windows share, are in pieces; `max_length` counts the special
/// ones. `context` is how many pieces at most are read before a document, and how many after it, where it
/// has a context.
///
/// # Errors
/// The tokenizer cannot treat a word.
pub fn windows(
    documents: &[Document],
    tokenizer: &Tokenizer,
    max_length: usize,
    stride: usize,
    context: usize,
) -> Result<Windows, Error> {
    let mut before = Vec::with_capacity(documents.len());
    let words: Vec<Vec<&str>> = documents
        .iter()
        .map(|document| {
            let around = document.context.as_ref().filter(|_| context > 0);
            // A word has a piece at least, but for a few.
            let (mut words, after) = around.map_or_else(Default::default, |around| {
                (around.before(context), around.after(context))
            });
            before.push(words.len());
            words.extend((0..document.words.len()).map(|i| document.word_text(i)));
            words.extend(after);
            words
        })
        .collect();
    let pieces = tokenizer
        .pieces(&words)
        .map_err(|reason| tokenizer.refusal(reason))?;
    let capacity = max_length - SPECIAL;
    let mut all = Windows::default();
    for (document, around) in pieces.iter().enumerate() {
        let words = before[document]..before[document] + documents[document].words.len();
        let (start, pieces) = own(around, &words);
        all.words_without_pieces += pieces.words.iter().filter(|word| word.is_empty()).count();
        let cut = pieces.words.iter().filter(|word| word.len() > capacity);
        all.truncated_words.push(cut.count());
        let split = split(&pieces, capacity, stride);
        all.split_documents += usize::from(split.len() > 1);
        let is_whole = split.len() == 1;
        for (range, mut scored) in split {
            let mut ids = start + range.start..start + range.end;
            if is_whole {
                let wide = widened(around, &words, ids.clone(), context, capacity);
                for (position, _) in &mut scored {
                    *position += ids.start - wide.start;
                }
                ids = wide;
            }
            let last = scored.last().map(|(_, word)| word + 1);
            all.windows.push(Window {
                document,
                ids: tokenizer.wrap(&around.ids[ids]),
                scored,
                reaches_end: last == Some(pieces.words.len()),
            });
        }
    }
    Ok(all)
}

/// The document's own `words` among those of what stands around it: where its pieces begin, and these alone.
fn own(around: &Pieces, words: &Range<usize>) -> (usize, Pieces) {
    let own = &around.words[words.clone()];
    let filled = own.iter().filter(|word| !word.is_empty());
    let start = filled.clone().map(|word| word.start).min().unwrap_or(0);
    let end = filled.map(|word| word.end).max().unwrap_or(start);
    let moved = |word: &Range<usize>| match word.is_empty() {
        true => 0..0,
        false => word.start - start..word.end - start,
    };
    let pieces = Pieces {
        ids: around.ids[start..end].to_vec(),
        words: own.iter().map(moved).collect(),
    };
    (start, pieces)
}

/// The pieces `own` and whole words around them: `context` pieces on each side at most, and as many in all
/// as fit. Where both sides have more than that, each gets half of the room.
fn widened(
    around: &Pieces,
    words: &Range<usize>,
    own: Range<usize>,
    context: usize,
    capacity: usize,
) -> Range<usize> {
    let room = capacity - own.len();
    let (before, after) = (&around.words[..words.start], &around.words[words.end..]);
    // From the nearest word to the farthest.
    let starts = before.iter().rev().filter(|word| !word.is_empty());
    let starts: Vec<usize> = starts.map(|word| word.start).collect();
    let ends = after.iter().filter(|word| !word.is_empty());
    let ends: Vec<usize> = ends.map(|word| word.end).collect();
    let left = starts
        .last()
        .map_or(0, |start| own.start - start)
        .min(context);
    let right = ends.last().map_or(0, |end| end - own.end).min(context);
    let left = left.min((room / 2).max(room.saturating_sub(right)));
    let right = right.min(room - left);
    let starts = starts
        .into_iter()
        .take_while(|start| own.start - start <= left);
    let ends = ends.into_iter().take_while(|end| end - own.end <= right);
    starts.last().unwrap_or(own.start)..ends.last().unwrap_or(own.end)
}

/// The pieces that a window covers, and its scored words as in [`Window`].
type Covered = (Range<usize>, Vec<(usize, usize)>);

/// The windows of one document.
fn split(pieces: &Pieces, capacity: usize, stride: usize) -> Vec<Covered> {
    // Words without pieces take part in no window.
    let words: Vec<usize> = (0..pieces.words.len())
        .filter(|word| !pieces.words[*word].is_empty())
        .collect();
    let Some(&last_word) = words.last() else {
        return Vec::new();
    };
    let start_of = |index: usize| pieces.words[words[index]].start;
    let end_of = |index: usize| pieces.words[words[index]].end;
    let end = pieces.words[last_word].end;

    let mut ranges = Vec::new();
    let mut first = 0;
    loop {
        let from = start_of(first);
        let fitting = (first..words.len())
            .take_while(|index| end_of(*index) - from <= capacity)
            .count();
        // A word longer than the window is read as far as it fits.
        let next = first + fitting.max(1);
        let to = end_of(next - 1).min(from + capacity);
        ranges.push(from..to);
        if next == words.len() {
            break;
        }
        // Step back over whole words until the stride is reached, but always move on.
        first = (first + 1..next)
            .rev()
            .find(|index| to.saturating_sub(start_of(*index)) >= stride)
            .unwrap_or(next);
    }

    let mut scored = vec![Vec::new(); ranges.len()];
    let mut earliest = 0;
    for &word in &words {
        let range = &pieces.words[word];
        let context = |window: &Range<usize>| {
            let left = match window.start {
                0 => usize::MAX,
                start => range.start - start,
            };
            let right = match window.end {
                stop if stop >= end => usize::MAX,
                stop => stop.saturating_sub(range.end),
            };
            left.min(right)
        };
        while ranges[earliest].end <= range.start {
            earliest += 1;
        }
        let best = (earliest..ranges.len())
            .take_while(|window| ranges[*window].start <= range.start)
            .filter(|window| range.start < ranges[*window].end)
            .max_by_key(|window| (context(&ranges[*window]), usize::MAX - window))
            .expect("every piece lies in a window");
        // The opening special piece stands before the first.
        scored[best].push((range.start - ranges[best].start + 1, word));
    }
    ranges.into_iter().zip(scored).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn context_fills_what_room_there_is_with_whole_words_on_both_sides() {
        // Of 2 + 3 + 1 pieces before, 2 own ones, 1 + 4 after; a word without pieces on each side.
        let mut around = pieces(&[2, 3, 1, 0, 2, 0, 1, 4]);
        for word in [3, 5] {
            around.words[word] = 0..0;
        }
        let words = 3..6;
        let (start, own) = own(&around, &words);
        assert_eq!((start, own.ids), (6, vec![6, 7]));
        assert_eq!(own.words, [0..0, 0..2, 0..0]);
        let wide = |context, capacity| widened(&around, &words, 6..8, context, capacity);
        assert_eq!(wide(99, 99), 0..13);
        assert_eq!(wide(4, 99), 2..9, "whole words within four pieces");
        assert_eq!(wide(99, 2), 6..8, "no room");
        assert_eq!(wide(99, 5), 5..9, "one piece of three is not used");
        assert_eq!(wide(99, 13), 0..13);
        assert_eq!(
            wide(99, 12),
            2..13,
            "half of the room, and what the other side leaves"
        );
        assert_eq!(wide(0, 99), 6..8);
    }

    /// A document whose words have these numbers of pieces.
    fn pieces(sizes: &[usize]) -> Pieces {
        let mut at = 0;
        let words = sizes
            .iter()
            .map(|size| {
                let range = at..at + size;
                at += size;
                range
            })
            .collect();
        Pieces {
            ids: (0..at as u32).collect(),
            words,
        }
    }

    #[test]
    fn every_word_with_pieces_is_scored_exactly_once() {
        let mut seed = 7u64;
        let mut random = |below: u64| {
            seed = seed
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (seed >> 33) % below
        };
        for _ in 0..300 {
            let count = random(60) as usize;
            let sizes: Vec<usize> = (0..count).map(|_| random(6) as usize).collect();
            let (capacity, stride) = (6 + random(20) as usize, random(6) as usize);
            let pieces = pieces(&sizes);
            let windows = split(&pieces, capacity, stride);
            let mut words: Vec<usize> = windows
                .iter()
                .flat_map(|(_, scored)| scored.iter().map(|(_, word)| *word))
                .collect();
            words.sort_unstable();
            let expected: Vec<usize> = (0..count).filter(|word| sizes[*word] > 0).collect();
            assert_eq!(words, expected);
            for (range, scored) in &windows {
                assert!(range.len() <= capacity);
                for (position, word) in scored {
                    assert_eq!(range.start + position - 1, pieces.words[*word].start);
                }
            }
        }
    }

    #[test]
    fn a_word_is_scored_where_it_has_most_context() {
        // Twelve words of one piece, windows of six with three shared: 0–6, 3–9, 6–12.
        let windows = split(&pieces(&[1; 12]), 6, 3);
        let words = |window: usize| -> Vec<usize> {
            windows[window].1.iter().map(|(_, word)| *word).collect()
        };
        assert_eq!(
            windows
                .iter()
                .map(|(range, _)| range.clone())
                .collect::<Vec<_>>(),
            [0..6, 3..9, 6..12]
        );
        assert_eq!(words(0), [0, 1, 2, 3, 4]);
        assert_eq!(words(1), [5, 6, 7]);
        assert_eq!(words(2), [8, 9, 10, 11]);
    }

    #[test]
    fn a_word_longer_than_the_window_is_cut_not_dropped() {
        let windows = split(&pieces(&[2, 20, 2]), 8, 2);
        let words: Vec<usize> = windows
            .iter()
            .flat_map(|(_, scored)| scored.iter().map(|(_, word)| *word))
            .collect();
        assert_eq!(words, [0, 1, 2]);
    }

    #[test]
    fn no_pieces_no_window() {
        assert!(split(&pieces(&[0, 0]), 8, 2).is_empty());
        assert!(split(&pieces(&[]), 8, 2).is_empty());
    }
}
