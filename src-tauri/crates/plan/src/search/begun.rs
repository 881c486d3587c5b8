//! `trials.json`: what a search was begun with, for whoever looks at it later.

use super::space::{Settings, Space};
use crate::error::PlanError;
use crate::results::read_json;
use serde::Deserialize;
use std::path::Path;

/// The file in the plan's folder.
pub const TRIALS: &str = "trials.json";

/// What a search was begun with.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Begun {
    /// The space.
    pub space: Space,
    /// The settings of each trial; the first is the untouched default.
    pub trials: Vec<Settings>,
    /// The epochs of each rung's runs; `None` for as many as the settings say.
    pub rungs: Vec<Option<usize>>,
    /// The seeds of the winner and the default at the end.
    pub seeds: Vec<u64>,
}

impl Begun {
    /// Reads what lies in the plan's folder.
    ///
    /// # Errors
    /// The file is absent, or damaged.
    pub fn read(plan: &Path) -> Result<Self, PlanError> {
        read_json(&plan.join(TRIALS))
    }
}
