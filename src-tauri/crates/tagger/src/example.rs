//! What the model learns from: a window with its targets.

use crate::window::Window;

/// A window with the right output for each word it scores.
#[derive(Clone, Debug)]
pub struct Example {
    /// The window.
    pub window: Window,
    /// Outputs, parallel to `window.scored`.
    pub targets: Vec<usize>,
}

impl Example {
    /// Its word pieces, special ones included.
    pub fn pieces(&self) -> usize {
        self.window.ids.len()
    }
}
