//! How often a window occurs in an epoch, by the labels in it: what training does, and what is said about a
//! run before it starts.
//!
//! For windows with entities it is the repeat factor of Gupta et al. 2019 (LVIS): `max(1, √(t / f))`, where
//! `f` is the share of windows that have a label, `t` a threshold, and the rarest label of the window counts.
//! It is 1 where no label is rare, and grows slower than a label is rare, so that a few windows are not
//! learned by heart.

use super::{Resampling, TrainSettings};
use std::collections::{BTreeMap, BTreeSet};

/// No window has a larger factor.
const MOST: f64 = 10.0;

impl TrainSettings {
    /// How often each window occurs in an epoch on average, by the labels of each.
    pub fn window_factors(&self, labels: &[BTreeSet<&str>]) -> Vec<f64> {
        let mut shares: BTreeMap<&str, f64> = BTreeMap::new();
        for label in labels.iter().flatten() {
            *shares.entry(label).or_default() += 1.0 / labels.len() as f64;
        }
        let threshold = match self.resampling() {
            Resampling::None => 0.0,
            Resampling::RepeatFactor => {
                let automatic = || median(shares.values().copied().collect());
                self.resampling_threshold.unwrap_or_else(automatic)
            }
        };
        let factor = |labels: &BTreeSet<&str>| {
            let rarest = labels
                .iter()
                .map(|label| shares[label])
                .min_by(f64::total_cmp);
            match rarest {
                Some(share) => (threshold / share).sqrt().clamp(1.0, MOST),
                None => self.empty_documents,
            }
        };
        labels.iter().map(factor).collect()
    }
}

/// The middle one, or between the middle two; 0 of none.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = |at: usize| values.get(at).copied().unwrap_or_default();
    let half = values.len() / 2;
    match values.len() % 2 {
        0 => f64::midpoint(middle(half.saturating_sub(1)), middle(half)),
        _ => middle(half),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_is_the_median_of_the_shares_where_none_is_given() {
        assert_eq!(median(vec![0.4, 0.1, 0.2]), 0.2);
        assert_eq!(median(vec![0.5, 0.25]), 0.375);
        assert_eq!(median(Vec::new()), 0.0);
    }
}
