//! How many kernels a piece of work launches: what a small step's time on a fast card goes by.

use cubecl::logging::{LaunchObservation, LaunchObserver};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::ThreadId;

/// Launches by the name of the kernel, of one thread.
struct Counts {
    thread: ThreadId,
    by_name: Mutex<BTreeMap<&'static str, usize>>,
}

impl LaunchObserver for Counts {
    fn launched(&self, kernel: &'static str) {
        if std::thread::current().id() == self.thread {
            let mut counts = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
            *counts.entry(kernel).or_default() += 1;
        }
    }
}

/// Does `work`, and counts what this thread launches in it, by the name of the kernel. Of several that are
/// counted at once by different threads only the last is reported.
pub fn launches<T>(work: impl FnOnce() -> T) -> (T, BTreeMap<&'static str, usize>) {
    let counts = Arc::new(Counts {
        thread: std::thread::current().id(),
        by_name: Mutex::default(),
    });
    let observation = LaunchObservation::new(counts.clone());
    let result = work();
    drop(observation);
    let by_name = counts
        .by_name
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    (result, by_name.clone())
}
