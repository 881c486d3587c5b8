//! Goes over documents in blocks, on all cores, reports progress and stops when asked.

use std::ops::ControlFlow;

use rayon::prelude::*;
use serde::Serialize;

use crate::check::CheckError;

/// What a check is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Each document on its own: spans and characters.
    Documents,
    /// Texts that are alike.
    Texts,
    /// The same words in different places.
    Consistency,
    /// What the model makes of the words.
    Model,
}

/// How far a check is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// What it is at.
    pub stage: Stage,
    /// Documents looked at, over all stages: never less than before.
    pub done: usize,
    /// All that will be looked at; a document counts once in each stage.
    pub total: usize,
}

/// Whoever wants to know how far a check is, and may stop it.
pub type OnProgress<'a> = &'a mut dyn FnMut(Progress) -> ControlFlow<()>;

/// Documents between two words of progress.
const BLOCK: usize = 4096;

pub(super) struct Passes<'a> {
    on_progress: OnProgress<'a>,
    done: usize,
    total: usize,
}

impl<'a> Passes<'a> {
    pub fn new(on_progress: OnProgress<'a>, total: usize) -> Self {
        Self {
            on_progress,
            done: 0,
            total,
        }
    }

    /// Looks at the documents 0 to `count` in blocks, each block on all cores; `take` gets what was
    /// seen, in order.
    pub fn over<T: Send>(
        &mut self,
        stage: Stage,
        count: usize,
        look: impl Fn(usize) -> T + Sync,
        mut take: impl FnMut(usize, T),
    ) -> Result<(), CheckError> {
        self.blocks(stage, count, |block| {
            let seen: Vec<T> = block.clone().into_par_iter().map(&look).collect();
            block.zip(seen).for_each(|(i, seen)| take(i, seen));
            Ok(())
        })
    }

    /// The same for work that wants whole blocks.
    pub fn blocks(
        &mut self,
        stage: Stage,
        count: usize,
        mut each: impl FnMut(std::ops::Range<usize>) -> Result<(), CheckError>,
    ) -> Result<(), CheckError> {
        for start in (0..count).step_by(BLOCK) {
            let block = start..count.min(start + BLOCK);
            self.done += block.len();
            each(block)?;
            let progress = Progress {
                stage,
                done: self.done,
                total: self.total,
            };
            if (self.on_progress)(progress).is_break() {
                return Err(CheckError::Stopped);
            }
        }
        Ok(())
    }
}
