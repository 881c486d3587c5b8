//! Where each sequence of a flat batch begins and ends.
//!
//! A batch is the concatenation of its sequences, as in variable-length attention (`cu_seqlens`). It has
//! no padding; only attention has to know where one sequence ends and the next begins.
//!
//! A GPU's memory is reused by size. There the sizes are rounded up ([`SequenceOffsets::rounded_up`]), so
//! that a run has a few dozen sizes and not one for each length: rows behind the last sequence belong to
//! none, and no result depends on them. Kernels are the same for all sizes.

use std::ops::Range;
use std::sync::Arc;

/// The first token of each sequence of a batch, cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceOffsets {
    /// The first token of each sequence, then the number of all tokens.
    offsets: Arc<[usize]>,
    /// Rows of the flat tensors, at least one a token.
    rows: usize,
    /// The length of each sequence in a padded layout, at least that of the longest one.
    padded_length: usize,
}

/// Rows are rounded up to a multiple of this: less does not fill a GPU.
const LEAST_ROWS: usize = 64;

/// Padded lengths are rounded up to a multiple of this: the width of the small matrices that tensor cores
/// multiply.
const LEAST_LENGTH: usize = 16;

/// A number of rows rounded up as in [`SequenceOffsets::rounded_up`].
pub fn rounded_rows(rows: usize) -> usize {
    rounded(rows, LEAST_ROWS)
}

/// The length of a sequence rounded up as in [`SequenceOffsets::rounded_up`].
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

impl SequenceOffsets {
    /// Sequences of these lengths, in tokens, one behind the other. A length may be 0.
    pub fn new(lengths: impl IntoIterator<Item = usize>) -> Self {
        let mut offsets = vec![0];
        let (mut end, mut longest) = (0, 0);
        for length in lengths {
            end += length;
            longest = longest.max(length);
            offsets.push(end);
        }
        Self {
            offsets: offsets.into(),
            rows: end,
            padded_length: longest,
        }
    }

    /// The same sequences in tensors whose sizes are rounded up, so that few sizes occur.
    #[must_use]
    pub fn rounded_up(self) -> Self {
        Self {
            rows: rounded_rows(self.tokens()),
            padded_length: rounded_length(self.longest()),
            ..self
        }
    }

    /// How many sequences there are.
    pub fn sequences(&self) -> usize {
        self.offsets.len() - 1
    }

    /// How many tokens there are in all.
    pub fn tokens(&self) -> usize {
        *self.offsets.last().expect("there is always an end")
    }

    /// How many rows the flat tensors have: one a token, and those that were added by rounding.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The length of each sequence in a padded layout.
    pub fn padded_length(&self) -> usize {
        self.padded_length
    }

    /// Whether rows or padding were added by rounding.
    pub(crate) fn is_rounded_up(&self) -> bool {
        self.rows > self.tokens() || self.padded_length > self.longest()
    }

    /// The tokens of each sequence.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Range<usize>> + '_ {
        self.offsets.windows(2).map(|pair| pair[0]..pair[1])
    }

    /// The length of the longest sequence, 0 if there is none.
    pub fn longest(&self) -> usize {
        self.iter().map(|tokens| tokens.len()).max().unwrap_or(0)
    }

    /// The position of each token in its own sequence, counted from 0; 0 in added rows. `[rows]`
    pub fn position_ids(&self) -> impl Iterator<Item = usize> + '_ {
        let positions = self.iter().flat_map(|tokens| 0..tokens.len());
        positions.chain(self.added())
    }

    /// The index of each token in a padded layout `[sequences, padded_length]`, row by row; 0 for added
    /// rows. `[rows]`
    pub(crate) fn padded_indices(&self) -> impl Iterator<Item = usize> + '_ {
        let length = self.padded_length;
        let indices = self
            .iter()
            .enumerate()
            .flat_map(move |(row, tokens)| (0..tokens.len()).map(move |at| row * length + at));
        indices.chain(self.added())
    }

    /// A 0 for each added row.
    fn added(&self) -> impl Iterator<Item = usize> + use<> {
        std::iter::repeat_n(0, self.rows - self.tokens())
    }

    /// The token at each index of a padded layout `[sequences, padded_length]`, row by row; `None` at
    /// padding.
    pub(crate) fn padded_tokens(&self) -> impl Iterator<Item = Option<usize>> + '_ {
        let length = self.padded_length;
        self.iter().flat_map(move |tokens| {
            (0..length).map(move |at| (at < tokens.len()).then(|| tokens.start + at))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_are_concatenated() {
        let offsets = SequenceOffsets::new([2, 0, 3]);
        assert_eq!((offsets.sequences(), offsets.tokens()), (3, 5));
        assert_eq!(offsets.longest(), 3);
        assert_eq!(offsets.iter().collect::<Vec<_>>(), [0..2, 2..2, 2..5]);
        assert_eq!(offsets.position_ids().collect::<Vec<_>>(), [0, 1, 0, 1, 2]);
        assert_eq!(
            offsets.padded_indices().collect::<Vec<_>>(),
            [0, 1, 6, 7, 8]
        );
        let tokens: Vec<_> = offsets.padded_tokens().collect();
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
        assert_eq!(SequenceOffsets::new([]).tokens(), 0);
        assert_eq!(SequenceOffsets::new([]).longest(), 0);
    }

    #[test]
    fn sizes_are_rounded_up_by_a_quarter_at_most_and_few_are_left() {
        let offsets = SequenceOffsets::new([2, 0, 3]).rounded_up();
        assert_eq!((offsets.tokens(), offsets.rows()), (5, 64));
        assert_eq!((offsets.longest(), offsets.padded_length()), (3, 16));
        assert_eq!(offsets.position_ids().count(), 64);
        let indices: Vec<_> = offsets.padded_indices().take(7).collect();
        assert_eq!(indices, [0, 1, 32, 33, 34, 0, 0]);
        assert_eq!(offsets.padded_tokens().count(), 3 * 16);
        assert_eq!(offsets.padded_tokens().flatten().count(), 5);
        assert_eq!(
            SequenceOffsets::new([]).rounded_up(),
            SequenceOffsets::new([])
        );

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
