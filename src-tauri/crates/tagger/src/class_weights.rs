//! How much the words of each label count in the loss, by how many of them the training set has.
//!
//! The classes are the labels and `O`; all tags of a label (`B-`, `I-`, …) have the weight of the label. With
//! `n` words of a class its weight is `1 / n` (inverse), or `(1 − β) / (1 − β^n)` (Cui et al. 2019,
//! with `β = (N − 1) / N` and `N` = 1000); that of `O` is multiplied by the setting for it. All
//! are then divided by their mean over the training words, and limited to [`BOUNDS`].

use crate::example::Example;
use crate::tags::TagSet;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;
use tagsmith_protocol::{ClassWeights, Event, TrainSettings};

/// No weight lies outside.
const BOUNDS: RangeInclusive<f64> = 0.05..=20.0;

/// `β` of the effective number of samples.
const BETA: f64 = 0.999;

/// The weight of each tag, `[tags]`, where they differ; and a warning about those that were limited.
pub fn tag_weights(
    settings: &TrainSettings,
    tags: &TagSet,
    examples: &[Example],
) -> (Option<Arc<[f32]>>, Option<Event>) {
    let of_outside = settings.outside_weight.unwrap_or(1.0);
    if settings.class_weights == ClassWeights::None && of_outside == 1.0 {
        return (None, None);
    }
    let ids = 0..tags.len();
    let mut counts: BTreeMap<Option<&str>, f64> =
        ids.clone().map(|id| (tags.tag(id).label(), 0.0)).collect();
    for target in examples.iter().flat_map(|example| &example.targets) {
        *counts.entry(tags.tag(*target).label()).or_default() += 1.0;
    }
    let unnormalised = |class: Option<&str>| {
        // All entities of a label may have been held out: it then counts as if it had one word.
        let count = counts[&class].max(1.0);
        let weight = match settings.class_weights {
            ClassWeights::None => 1.0,
            ClassWeights::Inverse => 1.0 / count,
            ClassWeights::Effective => (1.0 - BETA) / (1.0 - BETA.powf(count)),
        };
        class.map_or(weight * of_outside, |_| weight)
    };
    let sums = counts
        .iter()
        .map(|(class, count)| count * unnormalised(*class));
    let mean = sums.sum::<f64>() / counts.values().sum::<f64>().max(1.0);
    let weight = |class| unnormalised(class) / mean;
    let limited = |class| weight(class).clamp(*BOUNDS.start(), *BOUNDS.end());
    let outside_bounds: Vec<String> = counts
        .keys()
        .filter(|class| !BOUNDS.contains(&weight(**class)))
        .map(|class| {
            let (from, to) = (weight(*class), limited(*class));
            format!("`{}` from {from:.3} to {to}", class.unwrap_or("O"))
        })
        .collect();
    let warning = (!outside_bounds.is_empty()).then(|| {
        let list = outside_bounds.join(", ");
        Event::warning(
            "clipped-weights",
            format!("class weights were limited: {list}"),
        )
    });
    let weights = ids.map(|id| limited(tags.tag(id).label()) as f32);
    (Some(weights.collect()), warning)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::Window;
    use tagsmith_corpus::Scheme;

    /// The tags `O B-A I-A B-B I-B` with this many words each.
    fn weights(counts: [usize; 5], settings: &TrainSettings) -> (Option<Vec<f32>>, Option<String>) {
        let tags = TagSet::new(&["A".into(), "B".into()], Scheme::Iob2);
        let targets: Vec<usize> = (0..5).flat_map(|id| vec![id; counts[id]]).collect();
        let window = Window {
            document: 0,
            ids: Vec::new(),
            scored: Vec::new(),
            reaches_end: true,
        };
        let (weights, warning) = tag_weights(settings, &tags, &[Example { window, targets }]);
        let message = warning.map(|event| match event {
            Event::Warning { code, message } => format!("{code}: {message}"),
            _ => panic!("{event:?}"),
        });
        (weights.map(|weights| weights.to_vec()), message)
    }

    fn settings(class_weights: ClassWeights, outside_weight: Option<f64>) -> TrainSettings {
        TrainSettings {
            class_weights,
            outside_weight,
            ..TrainSettings::default()
        }
    }

    fn check(counts: [usize; 5], settings: &TrainSettings, expected: [f64; 5]) {
        let (found, warning) = weights(counts, settings);
        let found = found.unwrap();
        for (found, expected) in found.iter().zip(expected) {
            assert!(
                (f64::from(*found) - expected).abs() < 1e-5,
                "{found} {expected}"
            );
        }
        assert_eq!(warning, None);
        let words: usize = counts.iter().sum();
        let sum: f64 = (0..5)
            .map(|id| counts[id] as f64 * f64::from(found[id]))
            .sum();
        assert!((sum / words as f64 - 1.0).abs() < 1e-5, "the mean is 1");
    }

    #[test]
    fn a_label_weighs_by_its_words_and_the_mean_is_one() {
        let counts = [80, 10, 6, 3, 1];
        // As scikit-learn's `balanced`: words / (classes · words of the class).
        let [o, a, b] = [100.0 / 240.0, 100.0 / 48.0, 100.0 / 12.0];
        check(
            counts,
            &settings(ClassWeights::Inverse, None),
            [o, a, a, b, b],
        );
        // 20 / (0.25 · 80 + 20) = 1 / 2 and 4 times as much.
        let half = settings(ClassWeights::None, Some(0.25));
        check(counts, &half, [0.625, 2.5, 2.5, 2.5, 2.5]);
    }

    /// By Python: 2000, 200 and 100 words count as `(1 - 0.999**n) / 0.001`, which is 864.8001 (less than half
    /// of them), 181.3512 and 95.2079.
    #[test]
    fn the_effective_number_saturates() {
        let [o, a, b] = [0.595537, 2.839909, 5.409436];
        let effective = settings(ClassWeights::Effective, None);
        check([2000, 150, 50, 100, 0], &effective, [o, a, a, b, b]);
    }

    #[test]
    fn weights_are_limited_and_that_is_said() {
        let (found, message) = weights(
            [10_000, 10, 0, 0, 0],
            &settings(ClassWeights::Inverse, None),
        );
        let found = found.unwrap();
        assert_eq!(found[1..], [20.0; 4]);
        let message = message.unwrap();
        assert!(message.starts_with("clipped-weights: "), "{message}");
        assert!(message.contains("`A` from "), "{message}");
        assert!(!message.contains("`O`"), "{message}");
    }

    #[test]
    fn without_a_wish_there_are_no_weights() {
        for outside in [None, Some(1.0)] {
            let found = weights([5, 1, 1, 1, 1], &settings(ClassWeights::None, outside));
            assert_eq!(found, (None, None));
        }
    }
}
