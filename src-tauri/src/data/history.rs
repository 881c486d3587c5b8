//! The repairs of a data set as a history: what undo takes back, and redo does again, in one step.
//!
//! The repairs that are done, and on from them those that were taken back, the next one first, are one
//! sequence. Undo and redo only move the place where it is cut, so that ranges of it (`at_once`) stay true.

use super::documents::count;
use crate::dto::{DataSet, Repair};

impl DataSet {
    /// Adds repairs that were asked for at once. What was taken back before them is forgotten.
    pub fn add_repairs(&mut self, repairs: Vec<Repair>) {
        let from = count(self.repairs.len());
        self.undone.clear();
        self.at_once.retain(|(_, to)| *to <= from);
        self.repairs.extend(repairs);
        let to = count(self.repairs.len());
        if to - from > 1 {
            self.at_once.push((from, to));
        }
    }

    /// Puts other repairs in place of all. Those of a range in `at_once` are one step, each of the others is one
    /// by itself.
    pub fn replace_repairs(&mut self, repairs: &[Repair], at_once: &[(u32, u32)]) {
        let all = count(repairs.len());
        let ranges = at_once.iter().copied();
        self.repairs = repairs.to_vec();
        self.undone.clear();
        self.at_once = ranges
            .filter(|(from, to)| from < to && *to <= all)
            .collect();
    }

    /// Takes back the last step; `false` if there is none.
    pub fn undo_step(&mut self) -> bool {
        let done = self.repairs.len();
        let step = self.range(|_, to| to == done);
        let from = step.map_or(done.saturating_sub(1), |(from, _)| from);
        self.undone.extend(self.repairs.drain(from..).rev());
        from < done
    }

    /// Does the step again that was taken back last; `false` if there is none.
    pub fn redo_step(&mut self) -> bool {
        let (done, left) = (self.repairs.len(), self.undone.len());
        let step = self.range(|from, _| from == done);
        let repairs = step.map_or(1, |(from, to)| to - from).min(left);
        let next = self.undone.drain(left - repairs..).rev();
        self.repairs.extend(next);
        repairs > 0
    }

    /// The range of repairs done at once that fits.
    fn range(&self, fits: impl Fn(usize, usize) -> bool) -> Option<(usize, usize)> {
        let ranges = self.at_once.iter();
        let mut ranges = ranges.map(|(from, to)| (*from as usize, *to as usize));
        ranges.find(|(from, to)| from < to && fits(*from, *to))
    }
}
