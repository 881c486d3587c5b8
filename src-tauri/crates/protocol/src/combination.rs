//! How the models of several runs become one.

use serde::{Deserialize, Serialize};

/// How the models of several runs become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Combination {
    /// One model, whose weights are the mean of theirs (Wortsman et al. 2022).
    Average,
    /// All of them, asked each time: the mean of their probabilities decides.
    Ensemble,
}
