//! Scratch memory for packed operands, which each thread keeps from one product to the next.

use std::cell::Cell;

/// A line of the processor's cache, which is what panels should begin at.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct Line(#[allow(dead_code, reason = "reached by pointers")] [f32; 16]);

/// Memory for numbers, aligned to lines.
#[derive(Default)]
pub(super) struct Lines(Vec<Line>);

impl Lines {
    /// Room for `count` numbers, of any value.
    pub(super) fn room(&mut self, count: usize) -> &mut [f32] {
        let lines = count.div_ceil(16);
        if self.0.len() < lines {
            self.0.resize(lines, Line([0.0; 16]));
        }
        // SAFETY: a line is sixteen numbers and nothing else.
        unsafe { std::slice::from_raw_parts_mut(self.0.as_mut_ptr().cast(), count) }
    }

    pub(super) fn start(&self) -> *const f32 {
        self.0.as_ptr().cast()
    }
}

thread_local! {
    static OWN: Cell<Lines> = Cell::default();
    static SHARED: Cell<Lines> = Cell::default();
}

/// Calls `work` with this thread's memory for the panels that it alone uses.
pub(super) fn own<T>(work: impl FnOnce(&mut Lines) -> T) -> T {
    with(&OWN, work)
}

/// The same for panels that several threads use, while one may also need its own.
pub(super) fn shared<T>(work: impl FnOnce(&mut Lines) -> T) -> T {
    with(&SHARED, work)
}

fn with<T>(
    place: &'static std::thread::LocalKey<Cell<Lines>>,
    work: impl FnOnce(&mut Lines) -> T,
) -> T {
    // Taken out, so that a product within a product finds its own.
    let mut lines = place.take();
    let out = work(&mut lines);
    place.set(lines);
    out
}
