//! How far the preparation of a device is: kernels compiled, kernels expected, seconds left.
//!
//! A GPU's kernels are compiled when they are first used, which takes far longer than to run them. So
//! the number of kernels compiled so far says how far a device's test is.

use super::ComputeDevice;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How far the preparation of a device is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Kernels compiled so far.
    pub done: usize,
    /// Kernels that an earlier test compiled, or an estimate; `None` where there are more than that.
    pub total: Option<usize>,
    /// Seconds left at the pace so far; `None` before a twentieth is done, and where `total` is.
    pub eta_seconds: Option<f64>,
}

/// Who follows the test of a device, and can end it.
pub struct Watch<'a> {
    /// Called when the test begins, as it goes on, and at its end. Not called where its result is
    /// remembered.
    pub report: &'a mut dyn FnMut(&ComputeDevice, &Progress),
    /// Asked many times a second. Once it answers `true` the test is ended at once.
    pub stops: &'a dyn Fn() -> bool,
}

/// Kernels that the test of a device over `runtime` compiles, where no earlier test says: the 40 of
/// software Vulkan, and some for a second half-precision type; with CUDA those of tensor cores too, as
/// `probe --compile` counts them over a stand-in for the driver. Where precisions are compiled by
/// processes of their own, each compiles what they have in common.
pub(super) fn estimate(runtime: &str, by_precision: bool) -> usize {
    match (runtime, by_precision) {
        ("cuda", false) => 101,
        ("cuda", true) => 147,
        _ => 48,
    }
}

/// How often progress is reported.
const BEAT: Duration = Duration::from_millis(200);

/// Kernels compiled by this process.
static COMPILED: AtomicUsize = AtomicUsize::new(0);

/// Counts a kernel that this process compiled.
#[cfg(any(feature = "gpu", test))]
pub(super) fn kernel_compiled() {
    COMPILED.fetch_add(1, Ordering::Relaxed);
}

/// Kernels compiled by this process so far. Those that an earlier process compiled and kept do not count.
pub fn kernels_compiled() -> usize {
    COMPILED.load(Ordering::Relaxed)
}

impl Progress {
    /// After `done` of `expected` kernels, or other parts of the work, in `elapsed`.
    pub fn at(done: usize, expected: usize, elapsed: Duration) -> Self {
        let total = (done <= expected).then_some(expected);
        let left = |total: usize| (total - done) as f64 / done as f64 * elapsed.as_secs_f64();
        Self {
            done,
            total,
            // The first few say little: a driver starts up with them.
            eta_seconds: total
                .filter(|total| done > 0 && done * 20 >= *total)
                .map(left),
        }
    }

    /// After the last one.
    pub fn complete(done: usize) -> Self {
        Self {
            done,
            total: Some(done),
            eta_seconds: Some(0.0),
        }
    }
}

/// Does `work`, and reports meanwhile how many of the `expected` kernels have been compiled.
pub(super) fn reporting<T>(
    expected: usize,
    report: &(dyn Fn(&Progress) + Sync),
    work: impl FnOnce() -> T,
) -> T {
    let began = Instant::now();
    let before = kernels_compiled();
    let now = move || Progress::at(kernels_compiled() - before, expected, began.elapsed());
    let result = std::thread::scope(|scope| {
        // Dropped when the work is done, also by a panic: that ends the thread.
        let (working, ended) = mpsc::channel::<()>();
        scope.spawn(move || {
            while ended.recv_timeout(BEAT) == Err(RecvTimeoutError::Timeout) {
                report(&now());
            }
        });
        let result = work();
        drop(working);
        result
    });
    report(&Progress::complete(kernels_compiled() - before));
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn the_time_left_follows_from_the_pace_so_far() {
        let ten_seconds = Duration::from_secs(10);
        let at = |done, expected| Progress::at(done, expected, ten_seconds);
        assert_eq!((at(0, 48).eta_seconds, at(2, 48).eta_seconds), (None, None));
        assert_eq!(
            (at(12, 48).total, at(12, 48).eta_seconds),
            (Some(48), Some(30.0))
        );
        assert_eq!(at(48, 48).eta_seconds, Some(0.0));
        // More than an earlier test: nobody knows how many are to come.
        assert_eq!((at(49, 48).total, at(49, 48).eta_seconds), (None, None));
    }

    #[test]
    fn what_is_compiled_while_work_goes_on_is_reported() {
        let reported = Mutex::new(Vec::new());
        let report = |progress: &Progress| reported.lock().unwrap().push(*progress);
        let result = reporting(4, &report, || {
            kernel_compiled();
            std::thread::sleep(3 * BEAT);
            kernel_compiled();
            "done"
        });
        let reported = reported.into_inner().unwrap();
        assert_eq!(result, "done");
        assert_eq!((reported[0].done, reported[0].total), (1, Some(4)));
        assert!(reported[0].eta_seconds.unwrap() > 0.0);
        assert_eq!(reported.last(), Some(&Progress::complete(2)));
    }
}
