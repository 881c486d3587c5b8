//! Where each sequence of a flat batch begins and ends.
//!
//! A batch is the concatenation of its sequences. No position is padding, so nothing is computed that
//! nobody reads; only attention has to know where one sequence ends and the next begins.

use std::ops::Range;
use std::sync::Arc;

/// The bounds of the sequences of a batch, cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The first token of each sequence, then the number of all tokens.
    starts: Arc<[usize]>,
}

impl Bounds {
    /// Sequences of these lengths, in tokens, one behind the other. A length may be 0.
    pub fn new(lengths: impl IntoIterator<Item = usize>) -> Self {
        let mut starts = vec![0];
        let mut end = 0;
        for length in lengths {
            end += length;
            starts.push(end);
        }
        Self {
            starts: starts.into(),
        }
    }

    /// How many sequences there are.
    pub fn sequences(&self) -> usize {
        self.starts.len() - 1
    }

    /// How many tokens there are in all.
    pub fn tokens(&self) -> usize {
        *self.starts.last().expect("there is always an end")
    }

    /// The tokens of each sequence.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Range<usize>> + '_ {
        self.starts.windows(2).map(|pair| pair[0]..pair[1])
    }

    /// The length of the longest sequence, 0 if there is none.
    pub fn longest(&self) -> usize {
        self.iter().map(|tokens| tokens.len()).max().unwrap_or(0)
    }

    /// The place of each token in its own sequence, `[tokens]`, counted from 0.
    pub fn places(&self) -> impl Iterator<Item = usize> + '_ {
        self.iter().flat_map(|tokens| 0..tokens.len())
    }

    /// The place of each token in a grid `[sequences, longest]`, counted row by row, `[tokens]`.
    pub(crate) fn grid_places(&self) -> impl Iterator<Item = usize> + '_ {
        let longest = self.longest();
        self.iter()
            .enumerate()
            .flat_map(move |(row, tokens)| (0..tokens.len()).map(move |at| row * longest + at))
    }

    /// The token at each place of a grid `[sequences, longest]`, row by row; absent at padding.
    pub(crate) fn grid_tokens(&self) -> impl Iterator<Item = Option<usize>> + '_ {
        let longest = self.longest();
        self.iter().flat_map(move |tokens| {
            (0..longest).map(move |at| (at < tokens.len()).then(|| tokens.start + at))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_lie_one_behind_the_other() {
        let bounds = Bounds::new([2, 0, 3]);
        assert_eq!((bounds.sequences(), bounds.tokens()), (3, 5));
        assert_eq!(bounds.longest(), 3);
        assert_eq!(bounds.iter().collect::<Vec<_>>(), [0..2, 2..2, 2..5]);
        assert_eq!(bounds.places().collect::<Vec<_>>(), [0, 1, 0, 1, 2]);
        assert_eq!(bounds.grid_places().collect::<Vec<_>>(), [0, 1, 6, 7, 8]);
        let tokens: Vec<_> = bounds.grid_tokens().collect();
        let (some, none) = (Some, None);
        assert_eq!(
            tokens,
            [
                some(0),
                some(1),
                none,
                none,
                none,
                none,
                some(2),
                some(3),
                some(4)
            ]
        );
        assert_eq!(Bounds::new([]).tokens(), 0);
        assert_eq!(Bounds::new([]).longest(), 0);
    }
}
