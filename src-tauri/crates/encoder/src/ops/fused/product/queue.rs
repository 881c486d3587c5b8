//! The order in which the threads of one product take its pieces of work.
//!
//! A product goes through stages: in each, operands are packed and then the tiles of the result take
//! what the stage adds. All pieces stand in one queue, and a thread that is free takes the next. So a
//! thread that the machine keeps from running holds up no more than the piece that it has, and the
//! packing of a stage overlaps with the last tiles of the one before.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// A piece of work; its stage and its place in it.
pub(super) enum Piece {
    Pack(usize, usize),
    Tile(usize, usize),
}

/// The pieces of a product and how far they are.
pub(super) struct Queue {
    packs: usize,
    tiles: usize,
    next: AtomicUsize,
    stages: Vec<Stage>,
    failed: AtomicBool,
}

#[derive(Default)]
struct Stage {
    packed: AtomicUsize,
    tiled: AtomicUsize,
}

impl Queue {
    /// `stages` stages of `packs` and then `tiles` pieces each.
    pub(super) fn new(stages: usize, packs: usize, tiles: usize) -> Self {
        Self {
            packs,
            tiles,
            next: AtomicUsize::new(0),
            stages: (0..stages).map(|_| Stage::default()).collect(),
            failed: AtomicBool::new(false),
        }
    }

    /// Takes pieces until none is left. Every thread that takes part calls this.
    ///
    /// A stage is packed when all tiles of the last but one are done: two stages' panels can be in
    /// memory at a time. A tile waits for its stage's panels and for all tiles of the stage before.
    pub(super) fn work(&self, each: impl Fn(Piece)) {
        let _alarm = Alarm(&self.failed);
        let all = self.stages.len() * (self.packs + self.tiles);
        loop {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            if at >= all {
                return;
            }
            let (stage, piece) = (
                at / (self.packs + self.tiles),
                at % (self.packs + self.tiles),
            );
            let here = &self.stages[stage];
            if piece < self.packs {
                if stage >= 2 {
                    self.wait(&self.stages[stage - 2].tiled, self.tiles);
                }
                each(Piece::Pack(stage, piece));
                here.packed.fetch_add(1, Ordering::Release);
            } else {
                self.wait(&here.packed, self.packs);
                if stage >= 1 {
                    self.wait(&self.stages[stage - 1].tiled, self.tiles);
                }
                each(Piece::Tile(stage, piece - self.packs));
                here.tiled.fetch_add(1, Ordering::Release);
            }
        }
    }

    /// Waits for pieces that other threads are at: it takes less than one of them.
    fn wait(&self, done: &AtomicUsize, wanted: usize) {
        let mut turns = 0u32;
        while done.load(Ordering::Acquire) < wanted {
            assert!(
                !self.failed.load(Ordering::Relaxed),
                "another thread failed"
            );
            turns += 1;
            match turns < 1000 {
                true => std::hint::spin_loop(),
                false => std::thread::yield_now(),
            }
        }
    }
}

/// Tells the other threads when this one panics, so that they do not wait for ever.
struct Alarm<'a>(&'a AtomicBool);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}
