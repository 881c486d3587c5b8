//! A recipe done again: on the same files after a step was taken back, or on a new version of them.

use std::path::Path;

use super::{Dataset, Done, Recipe, Repair, RepairError, apply};
use crate::format::{ReadError, ReadOptions};

/// Why a recipe could not be done.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A file could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A repair could not be done.
    #[error(transparent)]
    Repair(#[from] RepairError),
}

impl Recipe {
    /// How files are read that are not named: with every repair that concerns the reading. Of several
    /// units the last one counts; several shifts add up.
    pub fn reading(&self) -> ReadOptions {
        self.mended(&self.reading)
    }

    /// How a file is read, told by its name, or by as much of its path as is given.
    pub fn reading_of(&self, path: &Path) -> ReadOptions {
        let named = self.files.iter().filter(|(name, _)| path.ends_with(name));
        let own = named.max_by_key(|(name, _)| Path::new(name).components().count());
        self.mended(own.map_or(&self.reading, |(_, reading)| reading))
    }

    fn mended(&self, reading: &ReadOptions) -> ReadOptions {
        let mut reading = reading.clone();
        for repair in &self.repairs {
            match repair {
                Repair::ConvertOffsets { from } => reading.offsets = *from,
                Repair::ShiftOffsets { by } => reading.shift = reading.shift.saturating_add(*by),
                Repair::DropInvalid => reading.drop_invalid = true,
                _ => {}
            }
        }
        reading
    }

    /// The repairs that come after the reading, in order.
    pub fn steps(&self) -> Vec<Repair> {
        let steps = self.repairs.iter().filter(|r| !r.concerns_reading());
        steps.cloned().collect()
    }

    /// With one more repair at the end.
    #[must_use]
    pub fn then(mut self, repair: Repair) -> Self {
        self.repairs.push(repair);
        self
    }

    /// Without the repair that was asked for last, and that repair; `None` where there is none.
    pub fn undo(mut self) -> Option<(Self, Repair)> {
        let last = self.repairs.pop()?;
        Some((self, last))
    }

    /// Reads the files as the recipe says, and does its repairs in order.
    ///
    /// # Errors
    /// What the reading or a repair refuses.
    pub fn replay<E: Into<ReplayError>>(
        &self,
        mut read: impl FnMut(&Self) -> Result<Dataset, E>,
    ) -> Result<(Dataset, Vec<Done>), ReplayError> {
        let dataset = read(self).map_err(Into::into)?;
        Ok(apply(dataset, &self.steps())?)
    }
}
