//! Work on a CPU in lanes: each thread takes whole pieces by itself.
//!
//! Threads that share one batch wait for each other between its products. Where there are many batches
//! and nothing is shared, each is done by one thread, and none waits.

use rayon::{ThreadPool, ThreadPoolBuilder};
use std::panic::resume_unwind;
use std::sync::{Mutex, OnceLock, PoisonError, mpsc};

/// How many pieces are worked on at a time: one for each thread of the current pool.
pub fn count() -> usize {
    rayon::current_num_threads()
}

/// Does `work` on every item, several at a time, and calls `done` with each result on this thread, in
/// the order in which they come. What `work` computes in parallel stays on its own lane's thread.
///
/// # Panics
/// With what a piece of work panicked with, once the other lanes are through.
pub fn each<T: Send, R: Send>(
    items: Vec<T>,
    work: impl Fn(T) -> R + Sync,
    mut done: impl FnMut(R),
) {
    let queue = Mutex::new(items.into_iter());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let (results, arrived) = mpsc::channel();
    let failure = std::thread::scope(|scope| {
        let threads: Vec<_> = lanes()
            .iter()
            .map(|lane| {
                let (results, next, work) = (results.clone(), &next, &work);
                scope.spawn(move || {
                    lane.install(|| {
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
    // Where the system refused every lane, nothing has been taken yet.
    while let Some(item) = next() {
        done(work(item));
    }
}

fn lanes() -> &'static [ThreadPool] {
    static LANES: OnceLock<Vec<ThreadPool>> = OnceLock::new();
    LANES.get_or_init(|| {
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
        each((0..100).collect(), work, |result| seen.push(result));
        seen.sort_unstable();
        let expected: Vec<_> = (0..100).map(|item| (item, 1)).collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_panic_keeps_its_words() {
        let work = |item: usize| assert!(item != 3, "item 3 is out of memory");
        let failure = std::panic::catch_unwind(|| each((0..9).collect(), work, |()| ()));
        let words = failure.unwrap_err();
        assert_eq!(
            words.downcast_ref::<&str>(),
            Some(&"item 3 is out of memory")
        );
    }
}
