//! How fast a run is, and how long the rest of it will take.

use std::collections::VecDeque;
use std::time::Instant;

/// How long the last steps and the last evaluation took.
#[derive(Default)]
pub(crate) struct Throughput {
    /// Seconds and word pieces of each.
    steps: VecDeque<(f64, usize)>,
    /// When the last step was reported.
    last: Option<Instant>,
    /// Seconds of the last evaluation.
    pub(crate) evaluation: f64,
}

impl Throughput {
    /// Steps that it is averaged over.
    const WINDOW: usize = 50;

    /// Counts a step that has just ended. One that was not waited for took the time since the one before.
    pub(crate) fn add(&mut self, began: Instant, pieces: usize) {
        let since_last = self
            .last
            .map_or(f64::INFINITY, |last| last.elapsed().as_secs_f64());
        let seconds = began.elapsed().as_secs_f64().min(since_last);
        if self.steps.len() == Self::WINDOW {
            self.steps.pop_front();
        }
        self.steps.push_back((seconds, pieces));
        self.last = Some(Instant::now());
    }

    /// Seconds that this many steps, and the evaluations of this many epochs, will take.
    pub(crate) fn seconds_left(&self, steps: usize, epochs: usize) -> f64 {
        let taken: f64 = self.steps.iter().map(|(seconds, _)| seconds).sum();
        let seconds_per_step = taken / self.steps.len().max(1) as f64;
        seconds_per_step * steps as f64 + self.evaluation * epochs as f64
    }

    /// Word pieces per second of the last steps.
    pub(crate) fn tokens_per_second(&self) -> f64 {
        let pieces: usize = self.steps.iter().map(|(_, pieces)| pieces).sum();
        let seconds: f64 = self.steps.iter().map(|(seconds, _)| seconds).sum();
        if seconds > 0.0 {
            pieces as f64 / seconds
        } else {
            0.0
        }
    }
}
