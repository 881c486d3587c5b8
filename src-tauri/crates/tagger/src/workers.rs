//! How the threads of a CPU share the work of prediction: each computes whole batches, or all of them one.
//!
//! Threads that share a batch wait for each other after each matrix product. Where there are many
//! batches and nothing is shared, single-threaded workers compute one each, and none waits. A few sentences
//! are shared, and the threads stay awake between their products.

use rayon::{ThreadPool, ThreadPoolBuilder, Yield};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError, mpsc};
use tagsmith_encoder::burn::tensor::Device;
use tagsmith_encoder::ops::is_cpu;

/// How many workers there are: one for each thread of the current pool.
pub(crate) fn count() -> usize {
    rayon::current_num_threads()
}

/// Does `work` on every item, several at a time, and calls `done` with each result on this thread, in
/// the order in which they arrive. What `work` computes in parallel stays on its worker's thread.
///
/// # Panics
/// With the panic of an item's `work`, once the other workers have finished.
pub(crate) fn for_each_parallel<T: Send, R: Send>(
    items: Vec<T>,
    work: impl Fn(T) -> R + Sync,
    mut done: impl FnMut(R),
) {
    let queue = Mutex::new(items.into_iter());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let (results, arrived) = mpsc::channel();
    let failure = std::thread::scope(|scope| {
        let threads: Vec<_> = workers()
            .iter()
            .map(|worker| {
                let (results, next, work) = (results.clone(), &next, &work);
                scope.spawn(move || {
                    worker.install(|| {
                        while let Some(item) = next() {
                            if results.send(work(item)).is_err() {
                                break;
                            }
                        }
                    });
                })
            })
            .collect();
        drop(results);
        for result in arrived {
            done(result);
        }
        let ends = threads.into_iter().map(|thread| thread.join().err());
        ends.reduce(Option::or).flatten()
    });
    if let Some(failure) = failure {
        resume_unwind(failure);
    }
    // Where the system refused every worker, nothing has been taken yet.
    while let Some(item) = next() {
        done(work(item));
    }
}

/// Does `work` on this thread, while the other threads of its pool stay awake to help: one that has nothing to
/// do for some microseconds sleeps, and waking it takes longer than many a product of a single sentence. A
/// training step, whose products are longer, gains nothing by it.
/// On a GPU, and outside a pool, it only does the work.
pub(crate) fn with_others_awake<R>(device: &Device, work: impl FnOnce() -> R) -> R {
    let Some(own) = rayon::current_thread_index().filter(|_| is_cpu(device)) else {
        return work();
    };
    let is_done = AtomicBool::new(false);
    rayon::in_place_scope(|scope| {
        scope.spawn_broadcast(|_, thread| {
            // This thread comes by where it waits for another one within the work: it must not stay.
            while thread.index() != own && !is_done.load(Ordering::Acquire) {
                if rayon::yield_now() != Some(Yield::Executed) {
                    std::thread::yield_now();
                }
            }
        });
        // Set also where the work panics.
        let _done = Done(&is_done);
        work()
    })
}

/// Sets what it refers to when it goes.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Made once in a process, because threads are slow to start.
fn workers() -> &'static [ThreadPool] {
    static WORKERS: OnceLock<Vec<ThreadPool>> = OnceLock::new();
    WORKERS.get_or_init(|| {
        let alone = |_| ThreadPoolBuilder::new().num_threads(1).build().ok();
        (0..count()).filter_map(alone).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rayon::prelude::*;
    use std::panic::AssertUnwindSafe;

    #[test]
    fn every_item_is_done_once_and_alone() {
        let mut seen = Vec::new();
        let work = |item: usize| (item, rayon::current_num_threads());
        for_each_parallel((0..100).collect(), work, |result| seen.push(result));
        seen.sort_unstable();
        let expected: Vec<_> = (0..100).map(|item| (item, 1)).collect();
        assert_eq!(seen, expected);
    }

    fn sum_of_squares(count: u64) -> u64 {
        (0..count)
            .into_par_iter()
            .map(|number| number * number)
            .sum()
    }

    #[test]
    fn threads_that_stay_awake_help_with_the_work() {
        let pool = ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        let cpu = Device::flex();
        let sums = pool.install(|| {
            let each = |count| with_others_awake(&cpu, || sum_of_squares(count));
            (0..200).map(each).collect::<Vec<_>>()
        });
        let expected: Vec<u64> = (0..200)
            .map(|count| (0..count).map(|n| n * n).sum())
            .collect();
        assert_eq!(sums, expected);
        // Nested, and from a thread of no pool.
        let nested = || with_others_awake(&cpu, || with_others_awake(&cpu, || sum_of_squares(9)));
        assert_eq!(pool.install(nested), 204);
        assert_eq!(nested(), 204);
    }

    #[test]
    fn a_panic_ends_the_waiting_of_those_that_stay_awake() {
        let pool = ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        let cpu = Device::flex();
        let fails = || with_others_awake(&cpu, || panic!("out of memory"));
        let caught = std::panic::catch_unwind(AssertUnwindSafe(|| pool.install(fails)));
        let failure = caught.unwrap_err();
        assert_eq!(failure.downcast_ref::<&str>(), Some(&"out of memory"));
        assert_eq!(pool.install(|| sum_of_squares(9)), 204);
    }

    #[test]
    fn a_panic_keeps_its_words() {
        let work = |item: usize| assert!(item != 3, "item 3 is out of memory");
        let failure =
            std::panic::catch_unwind(|| for_each_parallel((0..9).collect(), work, |()| ()));
        let words = failure.unwrap_err();
        assert_eq!(
            words.downcast_ref::<&str>(),
            Some(&"item 3 is out of memory")
        );
    }
}
