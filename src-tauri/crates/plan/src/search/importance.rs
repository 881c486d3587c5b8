//! How much each setting had to do with the scores of a search.

use super::space::Settings;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// How much a setting had to do with dev F1. Few trials show little: with fewer than twenty or so, take it as
/// a hint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Importance {
    /// The setting.
    pub setting: String,
    /// The share of the variance of dev F1 that lies between thirds of its values, or between its values where
    /// there are few, 0–1: ε² (Kelley 1935), which is 0 on average where it has nothing to do with it.
    pub share: f64,
    /// Spearman's rank correlation with dev F1, −1 to 1; `null` for settings that are no numbers.
    pub rank_correlation: Option<f64>,
}

/// More values than that are put into as many bins of equal size.
const BINS: usize = 3;

/// The settings by importance, from trials of one rung and their dev F1. Empty with fewer than five trials.
pub fn importance(trials: &[(&Settings, f64)]) -> Vec<Importance> {
    const FEWEST: usize = 5;
    if trials.len() < FEWEST {
        return Vec::new();
    }
    let names: Vec<&String> = trials[0].0.keys().collect();
    let scores: Vec<f64> = trials.iter().map(|(_, score)| *score).collect();
    let mut all: Vec<Importance> = names
        .into_iter()
        .map(|name| {
            let values: Vec<&Value> = trials.iter().map(|(settings, _)| &settings[name]).collect();
            let numbers: Option<Vec<f64>> = values.iter().map(|value| value.as_f64()).collect();
            Importance {
                setting: name.clone(),
                share: epsilon_squared(&bins(&values, numbers.as_deref()), &scores),
                rank_correlation: numbers
                    .map(|numbers| correlation(&ranks(&numbers), &ranks(&scores))),
            }
        })
        .collect();
    all.sort_by(|a, b| b.share.total_cmp(&a.share));
    all
}

/// The bin of each value.
fn bins(values: &[&Value], numbers: Option<&[f64]>) -> Vec<usize> {
    let mut different: Vec<String> = values.iter().map(ToString::to_string).collect();
    let texts = different.clone();
    different.sort();
    different.dedup();
    match numbers {
        Some(numbers) if different.len() > BINS => {
            let n = numbers.len() as f64;
            let ranks = ranks(numbers).into_iter();
            ranks
                .map(|rank| ((rank - 0.5) / n * BINS as f64) as usize)
                .collect()
        }
        _ => texts
            .iter()
            .map(|text| different.partition_point(|other| other < text))
            .collect(),
    }
}

/// 1 − (within-bin mean square) / (total mean square), at least 0.
fn epsilon_squared(bins: &[usize], scores: &[f64]) -> f64 {
    let mut groups: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for (bin, score) in bins.iter().zip(scores) {
        groups.entry(*bin).or_default().push(*score);
    }
    let squares = |numbers: &[f64]| {
        let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
        numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>()
    };
    let (all, within) = (
        squares(scores),
        groups.values().map(|group| squares(group)).sum::<f64>(),
    );
    let freedom = scores.len().saturating_sub(groups.len());
    if all == 0.0 || freedom == 0 {
        return 0.0;
    }
    let ratio = (within / freedom as f64) / (all / (scores.len() - 1) as f64);
    (1.0 - ratio).max(0.0)
}

/// Ranks from 1; equal numbers share the mean of theirs.
fn ranks(numbers: &[f64]) -> Vec<f64> {
    let rank = |x: &f64| {
        let less = numbers.iter().filter(|other| *other < x).count();
        let equal = numbers.iter().filter(|other| *other == x).count();
        less as f64 + (equal + 1) as f64 / 2.0
    };
    numbers.iter().map(rank).collect()
}

/// Pearson's; 0 where one of them does not vary.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let (of_a, of_b) = (mean(a), mean(b));
    let product = |x: &[f64], mx: f64, y: &[f64], my: f64| -> f64 {
        x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum()
    };
    let both = (product(a, of_a, a, of_a) * product(b, of_b, b, of_b)).sqrt();
    match both > 0.0 {
        true => product(a, of_a, b, of_b) / both,
        false => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Expected values: scipy 1.17.1, `spearmanr([1,2,3,4,5,6], [.1,.2,.2,.5,.4,.9])`, and ε² by hand.
    #[test]
    fn the_setting_that_matters_comes_first() {
        let scores = [0.1, 0.2, 0.2, 0.5, 0.4, 0.9];
        let settings: Vec<Settings> = (0..6)
            .map(|i| {
                json!({"a": i + 1, "b": if i % 2 == 0 { "x" } else { "y" }})
                    .as_object()
                    .unwrap()
                    .clone()
            })
            .collect();
        let trials: Vec<(&Settings, f64)> = settings.iter().zip(scores).collect();
        let found = importance(&trials);
        let a = &found.iter().find(|about| about.setting == "a").unwrap();
        assert!(
            (a.rank_correlation.unwrap() - 0.927_633_7).abs() < 1e-6,
            "{a:?}"
        );
        // Means 0.15, 0.35, 0.65: within 0.005 + 0.045 + 0.125; total: 1.31 − 2.3² / 6.
        let expected = 1.0 - (0.175 / 3.0) / ((1.31 - 2.3 * 2.3 / 6.0) / 5.0);
        assert!((a.share - expected).abs() < 1e-9, "{a:?}");
        let b = found.iter().find(|about| about.setting == "b").unwrap();
        assert_eq!(b.rank_correlation, None);
        assert!(importance(&trials[..4]).is_empty());
    }

    #[test]
    fn scores_that_do_not_vary_say_nothing() {
        let settings: Vec<Settings> = (0..6)
            .map(|i| Settings::from_iter([("a".into(), json!(i))]))
            .collect();
        let trials: Vec<(&Settings, f64)> =
            settings.iter().map(|settings| (settings, 0.5)).collect();
        let found = importance(&trials);
        assert_eq!(
            (found[0].share, found[0].rank_correlation),
            (0.0, Some(0.0))
        );
    }
}
