//! How long the runs of a search are, from which its time left follows.

use tagsmith_protocol::{Facts, TrainSettings};

/// The epochs that the runs of a search are expected to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epochs {
    /// Of a trial in full.
    pub full: usize,
    /// Of a run with one of the seeds at the end.
    pub last: usize,
}

impl Epochs {
    /// Of runs that take so many epochs; the last ones take them twice where they are refitted.
    pub fn new(full: usize, is_refitted: bool) -> Self {
        let halves = if is_refitted { 2 } else { 1 };
        Self {
            full,
            last: halves * full,
        }
    }

    /// Of runs with these settings.
    pub fn of(settings: &TrainSettings, about: Facts) -> Self {
        let mut decided = settings.clone();
        decided.decide(about);
        let is_refitted = is_refitted(settings, about.has_dev);
        Self::new(decided.expected_epochs(), is_refitted)
    }
}

/// Whether the runs with several seeds are trained anew on all documents once a held-out part has shown how long
/// to train. However large the set is: the model that is kept is one of theirs.
pub fn is_refitted(settings: &TrainSettings, has_dev: bool) -> bool {
    !has_dev && settings.refit.unwrap_or(true)
}
