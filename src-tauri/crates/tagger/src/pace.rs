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
    steps: VecDeque<(f64, usize)>,
    /// When the last step was told.
    pub(crate) last: Option<Instant>,
    /// Seconds of the last evaluation.
    pub(crate) evaluation: f64,
}

impl Pace {
    /// Steps that the pace is averaged over.
    const WINDOW: usize = 50;

    pub(crate) fn add(&mut self, seconds: f64, pieces: usize) {
        if self.steps.len() == Self::WINDOW {
            self.steps.pop_front();
        }
        self.steps.push_back((seconds, pieces));
    }

    pub(crate) fn seconds_a_step(&self) -> f64 {
        let sum: f64 = self.steps.iter().map(|(seconds, _)| seconds).sum();
        sum / self.steps.len().max(1) as f64
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
