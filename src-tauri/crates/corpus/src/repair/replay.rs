//! A recipe applied again: to the same files after a step was undone, or to a new version of them.

use super::{RepairError, RepairReport, apply};
use crate::dataset::Dataset;
use crate::format::ReadError;
use crate::recipe::Recipe;

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
    /// Reads the files as the recipe says, and does its repairs in order.
    ///
    /// # Errors
    /// What the reading or a repair refuses.
    pub fn replay<E: Into<ReplayError>>(
        &self,
        mut read: impl FnMut(&Self) -> Result<Dataset, E>,
    ) -> Result<(Dataset, Vec<RepairReport>), ReplayError> {
        let dataset = read(self).map_err(Into::into)?;
        Ok(apply(dataset, &self.steps())?)
    }
}
