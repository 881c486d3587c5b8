//! The work queue of one product, which its threads share.
//!
//! A product has stages: in each, operands are packed and then added to the tiles of the result. All
//! pieces of work are in one queue, and a free thread takes the next. So a thread that the system
//! suspends delays only what needs its own piece.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// A piece of work: its stage and its index in it.
#[derive(Clone, Copy)]
pub(super) enum Piece {
    Pack(usize, usize),
    Tile(usize, usize),
}

/// How many stages' panels are in memory at a time.
pub(super) const STAGES_AT_ONCE: usize = 3;

/// The pieces of a product and how far they are.
///
/// A stage is packed before the tiles of the stage ahead of it are begun. So a thread waits only for
/// what was taken from the queue a stage ago, except in the first.
pub(super) struct Queue {
    packs: usize,
    stages: usize,
    next: AtomicUsize,
    /// For each stage how many of its pieces are packed and how many of its tiles are done.
    packed: Vec<AtomicUsize>,
    tiled: Vec<AtomicUsize>,
    /// For each tile how many stages it has gone through.
    tiles: Vec<AtomicUsize>,
    failed: AtomicBool,
}

impl Queue {
    /// `stages` stages, each of `packs` and of `tiles` pieces.
    pub(super) fn new(stages: usize, packs: usize, tiles: usize) -> Self {
        let zeros = |count| (0..count).map(|_| AtomicUsize::new(0)).collect();
        Self {
            packs,
            stages,
            next: AtomicUsize::new(0),
            packed: zeros(stages),
            tiled: zeros(stages),
            tiles: zeros(tiles),
            failed: AtomicBool::new(false),
        }
    }

    /// The piece at an index of the queue: the panels of the first stage, then in turns those of the
    /// next stage and the tiles of this one.
    fn piece(&self, at: usize) -> Option<Piece> {
        if at < self.packs {
            return Some(Piece::Pack(0, at));
        }
        let (turn, tiles) = (self.packs + self.tiles.len(), self.tiles.len());
        let (stage, at) = ((at - self.packs) / turn, (at - self.packs) % turn);
        // The last stage has no panels to pack ahead.
        let packs = if stage + 1 < self.stages {
            self.packs
        } else {
            0
        };
        match at < packs {
            _ if stage >= self.stages || at >= packs + tiles => None,
            true => Some(Piece::Pack(stage + 1, at)),
            false => Some(Piece::Tile(stage, at - packs)),
        }
    }

    /// Takes pieces until none is left. Every thread that takes part calls this.
    pub(super) fn work(&self, each: impl Fn(Piece)) {
        let _alarm = Alarm(&self.failed);
        while let Some(piece) = self.piece(self.next.fetch_add(1, Ordering::Relaxed)) {
            match piece {
                Piece::Pack(stage, _) => {
                    if stage >= STAGES_AT_ONCE {
                        self.wait(&self.tiled[stage - STAGES_AT_ONCE], self.tiles.len());
                    }
                    each(piece);
                    self.packed[stage].fetch_add(1, Ordering::Release);
                }
                Piece::Tile(stage, tile) => {
                    self.wait(&self.packed[stage], self.packs);
                    self.wait(&self.tiles[tile], stage);
                    each(piece);
                    self.tiles[tile].fetch_add(1, Ordering::Release);
                    self.tiled[stage].fetch_add(1, Ordering::Release);
                }
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

/// Notifies the other threads when this one panics, so that they do not wait for ever.
struct Alarm<'a>(&'a AtomicBool);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}
