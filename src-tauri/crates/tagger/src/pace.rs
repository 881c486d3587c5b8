//! How fast a run goes, for its time left, and how much memory it takes.

use std::collections::VecDeque;
use std::time::Instant;

/// Memory of this process in bytes, 0 where the system does not tell.
pub(crate) fn memory_bytes() -> u64 {
    memory_stats::memory_stats().map_or(0, |stats| stats.physical_mem as u64)
}

/// The most that this process ever took, in bytes; where the system does not tell, what it takes now.
pub(crate) fn peak_memory_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| {
        let kibibytes = line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?;
        Some(kibibytes.parse::<u64>().ok()? * 1024)
    });
    peak.unwrap_or_else(memory_bytes)
}

/// How long the last steps and the last evaluation took.
#[derive(Default)]
pub(crate) struct Pace {
    /// Seconds and word pieces of each.
    steps: VecDeque<(f64, usize)>,
    /// When the last step was told.
    last: Option<Instant>,
    /// Seconds of the last evaluation.
    pub(crate) evaluation: f64,
}

impl Pace {
    /// Steps that the pace is averaged over.
    const WINDOW: usize = 50;

    /// A step has come to its end. Of one that was not waited for, it took the time since the one
    /// before.
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

    /// How long so many steps, and evaluations of so many epochs, will take.
    pub(crate) fn seconds_left(&self, steps: usize, epochs: usize) -> f64 {
        let taken: f64 = self.steps.iter().map(|(seconds, _)| seconds).sum();
        let a_step = taken / self.steps.len().max(1) as f64;
        a_step * steps as f64 + self.evaluation * epochs as f64
    }

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
