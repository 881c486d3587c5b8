//! How the models of several runs become one.

use serde::{Deserialize, Serialize};

/// How the models of several runs become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "lowercase")]
pub enum Combination {
    /// One model, whose weights are the mean of theirs (Wortsman et al. 2022).
    Average,
    /// All of them, asked each time: the mean of their probabilities decides.
    Ensemble,
}

impl Combination {
    /// Its name in options and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Average => "average",
            Self::Ensemble => "ensemble",
        }
    }
}
