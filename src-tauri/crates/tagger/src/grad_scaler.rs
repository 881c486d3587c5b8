//! Loss scaling for f16, whose smallest numbers are larger than many gradients.
//!
//! The loss is multiplied before the backward pass and the gradients divided after it. A step whose
//! gradients overflow is skipped and the factor halved; after many successful ones it is doubled
//! (Micikevicius et al. 2018, section 3.2; the numbers are those of PyTorch's `GradScaler`).

use serde::{Deserialize, Serialize};

/// Successful steps in a row after which the factor is doubled.
const GROWTH_INTERVAL: usize = 2000;

/// The factor of the loss, and how many steps it has served.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct GradScaler {
    /// What the loss is multiplied by.
    pub factor: f64,
    /// Steps since the factor last changed.
    pub good_steps: usize,
}

impl Default for GradScaler {
    fn default() -> Self {
        Self {
            factor: 65_536.0,
            good_steps: 0,
        }
    }
}

impl GradScaler {
    /// The scaler after a step whose gradients were finite, or were not.
    #[must_use]
    pub fn update(self, finite: bool) -> Self {
        let good_steps = self.good_steps + 1;
        let (factor, good_steps) = match finite {
            false => (self.factor / 2.0, 0),
            true if good_steps == GROWTH_INTERVAL => (self.factor * 2.0, 0),
            true => (self.factor, good_steps),
        };
        Self { factor, good_steps }
    }

    /// Whether gradients overflow although the factor is below 1: it is not the factor that makes them.
    pub fn is_exhausted(self) -> bool {
        self.factor < 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overflow_halves_and_good_steps_double() {
        let mut scaler = GradScaler::default().update(false).update(false);
        assert_eq!(scaler.factor, 16_384.0);
        for _ in 0..GROWTH_INTERVAL - 1 {
            scaler = scaler.update(true);
        }
        assert_eq!(scaler.factor, 16_384.0);
        scaler = scaler.update(true);
        assert_eq!((scaler.factor, scaler.good_steps), (32_768.0, 0));
        for _ in 0..16 {
            scaler = scaler.update(false);
        }
        assert!(scaler.is_exhausted());
    }
}
