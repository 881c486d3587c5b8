//! Data parallelism on a CPU: single-threaded workers, each of which computes whole batches.
//!
//! Threads that share one batch wait for each other after each matrix product. Where there are many
//! batches and nothing is shared, each is computed by one thread, and none waits.

use rayon::{ThreadPool, ThreadPoolBuilder};
use std::panic::resume_unwind;
use std::sync::{Mutex, OnceLock, PoisonError, mpsc};

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

    #[test]
    fn every_item_is_done_once_and_alone() {
        let mut seen = Vec::new();
        let work = |item: usize| (item, rayon::current_num_threads());
        for_each_parallel((0..100).collect(), work, |result| seen.push(result));
        seen.sort_unstable();
        let expected: Vec<_> = (0..100).map(|item| (item, 1)).collect();
        assert_eq!(seen, expected);
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
