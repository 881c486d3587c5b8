//! Loss scaling for f16, whose smallest numbers are larger than many gradients.
//!
//! The loss is multiplied before the backward pass and the gradients divided after it. A step whose
//! gradients overflow is left out and the factor halved; after many good ones it is doubled
//! (Micikevicius et al. 2018, section 3.2; the numbers are those of PyTorch's `GradScaler`).

use serde::{Deserialize, Serialize};

/// Good steps in a row after which the factor is doubled.
const PATIENCE: usize = 2000;

/// The factor, and how it has fared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LossScale {
    /// What the loss is multiplied by.
    pub factor: f64,
    /// Steps since the factor last changed.
    pub good_steps: usize,
}

impl Default for LossScale {
    fn default() -> Self {
        Self {
            factor: 65_536.0,
            good_steps: 0,
        }
    }
}

impl LossScale {
    /// What follows from a step whose gradients were finite, or were not.
    #[must_use]
    pub fn after(self, finite: bool) -> Self {
        let good_steps = self.good_steps + 1;
        let (factor, good_steps) = match finite {
            false => (self.factor / 2.0, 0),
            true if good_steps == PATIENCE => (self.factor * 2.0, 0),
            true => (self.factor, good_steps),
        };
        Self { factor, good_steps }
    }

    /// Whether it is not the factor that makes gradients overflow.
    pub fn is_exhausted(self) -> bool {
        self.factor < 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overflow_halves_and_patience_doubles() {
        let mut scale = LossScale::default().after(false).after(false);
        assert_eq!(scale.factor, 16_384.0);
        for _ in 0..PATIENCE - 1 {
            scale = scale.after(true);
        }
        assert_eq!(scale.factor, 16_384.0);
        scale = scale.after(true);
        assert_eq!((scale.factor, scale.good_steps), (32_768.0, 0));
        for _ in 0..16 {
            scale = scale.after(false);
        }
        assert!(scale.is_exhausted());
    }
}
