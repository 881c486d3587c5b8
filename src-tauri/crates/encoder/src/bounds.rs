//! Where each sequence of a flat batch begins and ends.
//!
//! A batch is the concatenation of its sequences. No position is padding, so nothing is computed that
//! nobody reads; only attention has to know where one sequence ends and the next begins.
//!
//! A GPU's memory is reused by size. There the sizes are rounded up ([`Bounds::rounded_up`]), so that a run
//! has a few dozen of them and not one for each length: rows behind the last sequence belong to none, and
//! nothing that is read depends on them. Kernels are the same for all sizes.

use std::ops::Range;
use std::sync::Arc;

/// The bounds of the sequences of a batch, cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The first token of each sequence, then the number of all tokens.
    starts: Arc<[usize]>,
    /// Rows of the flat tensors, at least one a token.
    rows: usize,
    /// Places for each sequence in a grid, at least as many as the longest one has tokens.
    grid_length: usize,
}

/// Rows are rounded up to so many at least: less does not fill a card.
const LEAST_ROWS: usize = 64;

/// Places of a sequence in a grid are rounded up to so many at least: the width of the small matrices
/// that tensor cores multiply.
const LEAST_LENGTH: usize = 16;

/// A number of rows rounded up as in [`Bounds::rounded_up`].
pub fn rounded_rows(rows: usize) -> usize {
    rounded(rows, LEAST_ROWS)
}

/// The length of a sequence rounded up as in [`Bounds::rounded_up`].
pub fn rounded_length(length: usize) -> usize {
    rounded(length, LEAST_LENGTH)
}

/// To a multiple of `least`, and of an eighth of the next power of two: of the sizes between two
/// powers of two there are then four, and at most a quarter is added. 0 stays 0.
fn rounded(size: usize, least: usize) -> usize {
    match size {
        0 => 0,
        _ => size.next_multiple_of((size.next_power_of_two() / 8).max(least)),
    }
}

impl Bounds {
    /// Sequences of these lengths, in tokens, one behind the other. A length may be 0.
    pub fn new(lengths: impl IntoIterator<Item = usize>) -> Self {
        let mut starts = vec![0];
        let (mut end, mut longest) = (0, 0);
        for length in lengths {
            end += length;
            longest = longest.max(length);
            starts.push(end);
        }
        Self {
            starts: starts.into(),
            rows: end,
            grid_length: longest,
        }
    }

    /// The same sequences in tensors whose sizes are rounded up, so that few sizes occur.
    #[must_use]
    pub fn rounded_up(self) -> Self {
        Self {
            rows: rounded_rows(self.tokens()),
            grid_length: rounded_length(self.longest()),
            ..self
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

    /// How many rows the flat tensors have: one a token, and those that were added by rounding.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many places each sequence has in a grid.
    pub fn grid_length(&self) -> usize {
        self.grid_length
    }

    /// Whether rows or places were added by rounding.
    pub(crate) fn has_room(&self) -> bool {
        self.rows > self.tokens() || self.grid_length > self.longest()
    }

    /// The tokens of each sequence.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Range<usize>> + '_ {
        self.starts.windows(2).map(|pair| pair[0]..pair[1])
    }

    /// The length of the longest sequence, 0 if there is none.
    pub fn longest(&self) -> usize {
        self.iter().map(|tokens| tokens.len()).max().unwrap_or(0)
    }

    /// The place of each token in its own sequence, counted from 0; 0 in added rows. `[rows]`
    pub fn places(&self) -> impl Iterator<Item = usize> + '_ {
        let places = self.iter().flat_map(|tokens| 0..tokens.len());
        places.chain(self.added())
    }

    /// The place of each token in a grid `[sequences, grid_length]`, counted row by row; for added rows
    /// the first one. `[rows]`
    pub(crate) fn grid_places(&self) -> impl Iterator<Item = usize> + '_ {
        let length = self.grid_length;
        let places = self
            .iter()
            .enumerate()
            .flat_map(move |(row, tokens)| (0..tokens.len()).map(move |at| row * length + at));
        places.chain(self.added())
    }

    /// A 0 for each added row.
    fn added(&self) -> impl Iterator<Item = usize> + use<> {
        std::iter::repeat_n(0, self.rows - self.tokens())
    }

    /// The token at each place of a grid `[sequences, grid_length]`, row by row; absent at padding.
    pub(crate) fn grid_tokens(&self) -> impl Iterator<Item = Option<usize>> + '_ {
        let length = self.grid_length;
        self.iter().flat_map(move |tokens| {
            (0..length).map(move |at| (at < tokens.len()).then(|| tokens.start + at))
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

    #[test]
    fn sizes_are_rounded_up_by_a_quarter_at_most_and_few_are_left() {
        let bounds = Bounds::new([2, 0, 3]).rounded_up();
        assert_eq!((bounds.tokens(), bounds.rows()), (5, 64));
        assert_eq!((bounds.longest(), bounds.grid_length()), (3, 16));
        assert_eq!(bounds.places().count(), 64);
        let places: Vec<_> = bounds.grid_places().take(7).collect();
        assert_eq!(places, [0, 1, 32, 33, 34, 0, 0]);
        assert_eq!(bounds.grid_tokens().count(), 3 * 16);
        assert_eq!(bounds.grid_tokens().flatten().count(), 5);
        assert_eq!(Bounds::new([]).rounded_up(), Bounds::new([]));

        let sizes = [1, 64, 65, 500, 513, 640, 641, 2000];
        let expected = [64, 64, 128, 512, 640, 640, 768, 2048];
        assert_eq!(sizes.map(rounded_rows), expected);
        let lengths = [1, 17, 64, 65, 129, 500].map(rounded_length);
        assert_eq!(lengths, [16, 32, 64, 80, 160, 512]);
        let mut all: Vec<usize> = (1..=512).map(rounded_length).collect();
        all.dedup();
        assert_eq!(all.len(), 16);
    }
}
