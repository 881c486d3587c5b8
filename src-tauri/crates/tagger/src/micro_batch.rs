//! Micro-batches: how a batch is split where it does not fit into memory as a whole.
//!
//! A step's gradients are a sum over its words, so a batch may go through the model in parts: the effective
//! batch is what the person asked for, only the time differs.

use crate::error::{Error, panic_message};
use crate::example::Example;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// How batches are split into micro-batches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MicroBatching {
    /// Windows in a micro-batch at most; `None`: a whole batch.
    pub limit: Option<usize>,
}

impl MicroBatching {
    /// The batches of a step, each split where it is larger than the limit.
    pub fn split<'a>(&self, batches: &[Vec<&'a Example>]) -> Vec<Vec<&'a Example>> {
        let limit = self.limit.unwrap_or(usize::MAX).max(1);
        let parts = batches.iter().flat_map(|batch| {
            // Parts of one size: 9 windows become 5 and 4, not 8 and 1.
            let parts = batch.len().div_ceil(limit).max(1);
            batch.chunks(batch.len().div_ceil(parts).max(1))
        });
        parts.map(<[&Example]>::to_vec).collect()
    }

    /// Does `work` on the micro-batches of a step. Where memory runs out, halves them and does it again;
    /// `on_halved` gets the windows of the largest one before and after.
    ///
    /// # Errors
    /// Not even one window at a time fits. Other panics go on.
    pub fn run<T>(
        &mut self,
        batches: &[Vec<&Example>],
        mut work: impl FnMut(&[Vec<&Example>]) -> T,
        mut on_halved: impl FnMut(usize, usize),
    ) -> Result<T, Error> {
        loop {
            let parts = self.split(batches);
            // Nothing outlives a failed pass: its tensors are dropped with the panic.
            let payload = match catch_unwind(AssertUnwindSafe(|| work(&parts))) {
                Ok(done) => return Ok(done),
                Err(payload) => payload,
            };
            if !is_out_of_memory(payload.as_ref()) {
                resume_unwind(payload);
            }
            let largest = parts.iter().map(Vec::len).max().unwrap_or(0);
            if largest <= 1 {
                return Err(Error::OutOfMemory {
                    pieces: longest(batches),
                });
            }
            let limit = largest.div_ceil(2);
            self.limit = Some(limit);
            on_halved(largest, limit);
        }
    }
}

/// Does `work` on all of `items`, and again on each half of them where memory runs out.
///
/// # Errors
/// The index of the item that does not fit alone. Other panics go on.
pub fn retry_in_halves<T>(items: &[T], work: &mut impl FnMut(&[T])) -> Result<(), usize> {
    // Nothing outlives a failed pass, as above.
    let Err(payload) = catch_unwind(AssertUnwindSafe(|| work(items))) else {
        return Ok(());
    };
    if !is_out_of_memory(payload.as_ref()) {
        resume_unwind(payload);
    }
    drop(payload);
    if items.len() <= 1 {
        return Err(0);
    }
    let half = items.len() / 2;
    let (first, second) = items.split_at(half);
    retry_in_halves(first, work)?;
    retry_in_halves(second, work).map_err(|index| half + index)
}

fn longest(batches: &[Vec<&Example>]) -> usize {
    let examples = batches.iter().flatten();
    examples.map(|example| example.pieces()).max().unwrap_or(0)
}

/// Whether a panic is about memory, in the words of burn's runtimes and the drivers below them.
pub(crate) fn is_out_of_memory(payload: &(dyn Any + Send)) -> bool {
    let text = panic_message(payload).unwrap_or_default().to_lowercase();
    let words = [
        "out of memory",
        "out-of-memory",
        "outofmemory",
        "out of device memory",
        "out_of_memory",
        "out_of_device_memory",
        "buffertoobig",
        "buffer is too big",
        "not enough memory",
        "memory allocation of",
        "can't allocate",
    ];
    words.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::Window;
    use tagsmith_protocol::Diagnose;

    fn examples(count: usize) -> Vec<Example> {
        let window = Window {
            document: 0,
            ids: vec![2, 5, 3],
            scored: vec![(1, 0)],
            reaches_end: true,
        };
        let example = Example {
            window,
            targets: vec![0],
        };
        vec![example; count]
    }

    #[test]
    fn batches_are_split_into_even_parts() {
        let examples = examples(9);
        let batches = [examples.iter().collect::<Vec<_>>()];
        let sizes = |limit| -> Vec<usize> {
            let parts = MicroBatching { limit }.split(&batches);
            parts.iter().map(Vec::len).collect()
        };
        assert_eq!(sizes(None), [9]);
        assert_eq!(sizes(Some(9)), [9]);
        assert_eq!(sizes(Some(8)), [5, 4]);
        assert_eq!(sizes(Some(2)), [2, 2, 2, 2, 1]);
        assert_eq!(sizes(Some(1)).len(), 9);
    }

    #[test]
    fn memory_that_runs_out_halves_the_micro_batches_and_is_reported() {
        let examples = examples(8);
        let batches = [examples.iter().collect::<Vec<_>>()];
        let mut micro_batching = MicroBatching::default();
        let mut halved = Vec::new();
        let mut seen = Vec::new();
        let done = micro_batching.run(
            &batches,
            |parts| {
                seen.push(parts[0].len());
                assert!(
                    parts[0].len() <= 2,
                    "out of device memory allocating 9 bytes"
                );
                parts.len()
            },
            |before, after| halved.push((before, after)),
        );
        assert_eq!(done.unwrap(), 4);
        assert_eq!(seen, [8, 4, 2]);
        assert_eq!(micro_batching.limit, Some(2));
        assert_eq!(halved, [(8, 4), (4, 2)]);

        let hopeless = micro_batching.run(&batches, |_| panic!("Out of memory"), |_, _| ());
        let hopeless: Result<(), Error> = hopeless;
        let failure = hopeless.unwrap_err();
        assert_eq!(failure.code(), "memory");
        assert!(failure.to_string().contains("3 word pieces"), "{failure}");
    }

    #[test]
    fn prediction_is_retried_in_halves_and_names_what_does_not_fit_alone() {
        let mut done = Vec::new();
        let fitted = retry_in_halves(&[1, 2, 3, 4, 5], &mut |part: &[i32]| {
            assert!(part.len() <= 2, "out of memory");
            done.push(part.to_vec());
        });
        assert_eq!(fitted, Ok(()));
        assert_eq!(done, [vec![1, 2], vec![3], vec![4, 5]]);
        let fitted = retry_in_halves(&[1, 2, 3, 4, 5], &mut |part: &[i32]| {
            assert!(!part.contains(&4), "out of memory");
        });
        assert_eq!(fitted, Err(3));
    }

    #[test]
    fn other_panics_are_not_taken_for_missing_memory() {
        let examples = examples(2);
        let batches = [examples.iter().collect::<Vec<_>>()];
        let result = catch_unwind(|| {
            MicroBatching::default().run(&batches, |_| panic!("index out of bounds"), |_, _| ())
        });
        let result: Result<Result<(), Error>, _> = result;
        assert!(result.is_err());
    }
}
