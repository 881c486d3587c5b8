//! What the model learns from: a window with its targets.

use crate::window::Window;
use std::ops::Range;

/// A window with the right output for each word it scores.
#[derive(Clone, Debug)]
pub struct Example {
    /// The window.
    pub window: Window,
    /// Outputs, parallel to `window.scored`.
    pub targets: Vec<usize>,
}

/// Scored words of a window that are neighbours in their document: what a sequence of tags is judged over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// Indices into the scored words of the window.
    pub words: Range<usize>,
    /// Whether the first is the first of the document.
    pub opens: bool,
    /// Whether the last is the last of the document.
    pub closes: bool,
}

impl Example {
    /// The chains of its words, in order. A word without pieces parts two.
    pub fn chains(&self) -> Vec<Chain> {
        let scored = &self.window.scored;
        let follow = |a: &(usize, usize), b: &(usize, usize)| a.1 + 1 == b.1;
        let mut end = 0;
        let chain = |part: &[(usize, usize)]| {
            let words = end..end + part.len();
            end = words.end;
            Chain {
                opens: part[0].1 == 0,
                closes: end == scored.len() && self.window.reaches_end,
                words,
            }
        };
        scored.chunk_by(follow).map(chain).collect()
    }

    /// Its word pieces, special ones included.
    pub fn pieces(&self) -> usize {
        self.window.ids.len()
    }
}
