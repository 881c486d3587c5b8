//! Which windows an epoch has: all of them once, or those with rare labels more often and some of those
//! without entities not at all.
//!
//! Each window has a factor, how often it occurs in an epoch on average (`TrainSettings::window_factors`).
//! Factors are rounded at random, up or down by chance and anew in each epoch, in such a way that all epochs
//! have the same number of windows.

use crate::batch::training_order;
use crate::example::Example;
use crate::tags::TagSet;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeSet;
use std::iter::repeat_n;
use tagsmith_protocol::TrainSettings;

/// The windows of an epoch, by chance.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampling {
    /// How often each window occurs on average; `None`: once.
    factors: Option<Vec<f64>>,
    windows: usize,
}

impl Sampling {
    /// As these settings want it.
    pub fn new(settings: &TrainSettings, examples: &[Example], tags: &TagSet) -> Self {
        let labels: Vec<BTreeSet<&str>> = examples
            .iter()
            .map(|example| {
                let targets = example.targets.iter();
                targets
                    .filter_map(|target| tags.tag(*target).label())
                    .collect()
            })
            .collect();
        Self::of_labels(settings, &labels)
    }

    /// By the labels of each window.
    fn of_labels(settings: &TrainSettings, labels: &[BTreeSet<&str>]) -> Self {
        Self::of_factors(settings.window_factors(labels))
    }

    fn of_factors(factors: Vec<f64>) -> Self {
        let sum: f64 = factors.iter().sum();
        if sum == 0.0 || factors.iter().all(|factor| *factor == 1.0) {
            return Self {
                windows: factors.len(),
                factors: None,
            };
        }
        // Up, so that a window with a factor of 1 is never left out. The sum may be off in its last digits.
        let windows = (sum - 1e-6).ceil();
        let factors = factors.iter().map(|factor| factor * windows / sum);
        Self {
            factors: Some(factors.collect()),
            windows: windows as usize,
        }
    }

    /// How many windows every epoch has, those that occur several times counted as often.
    pub fn windows(&self) -> usize {
        self.windows
    }

    /// The order of training in one epoch: [`training_order`] of its windows, as indices into `lengths`, the
    /// word pieces of each window. The same seed and epoch give the same order on every platform.
    pub fn order(
        &self,
        lengths: &[usize],
        batch_size: usize,
        seed: u64,
        epoch: usize,
    ) -> Vec<Vec<usize>> {
        let Some(factors) = &self.factors else {
            return training_order(lengths, batch_size, seed, epoch);
        };
        let drawn = draw(factors, self.windows, seed, epoch);
        let its_lengths: Vec<usize> = drawn.iter().map(|window| lengths[*window]).collect();
        let mut order = training_order(&its_lengths, batch_size, seed, epoch);
        order.iter_mut().flatten().for_each(|at| *at = drawn[*at]);
        order
    }

    /// The lengths of windows, each as often as an epoch can have the window.
    pub fn at_most(&self, lengths: &[usize]) -> Vec<usize> {
        let Some(factors) = &self.factors else {
            return lengths.to_vec();
        };
        let times = |factor: &f64| factor.ceil() as usize;
        lengths
            .iter()
            .zip(factors)
            .flat_map(|(length, factor)| repeat_n(*length, times(factor)))
            .collect()
    }
}

/// `total` windows by factors that add up to it, each as often as its factor rounded up or down: systematic
/// sampling in a random order, by which a window is rounded up as often as its fraction says.
fn draw(factors: &[f64], total: usize, seed: u64, epoch: usize) -> Vec<usize> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    // The streams from the other end are those of the order.
    random.set_stream(u64::MAX - epoch as u64);
    let mut order: Vec<usize> = (0..factors.len()).collect();
    order.shuffle(&mut random);
    let mut sum: f64 = random.random_range(0.0..1.0);
    let mut drawn = Vec::with_capacity(total);
    for window in &order {
        sum += factors[*window];
        let times = (sum as usize).min(total).saturating_sub(drawn.len());
        drawn.extend(repeat_n(*window, times));
    }
    // The sum may be off in its last digits.
    let last = order.last().copied();
    drawn.extend(last.into_iter().cycle().take(total - drawn.len()));
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;
    use tagsmith_protocol::Resampling;

    /// 100 windows: 64 with A, of which one has B too, 3 more with B, 33 without entities.
    fn sampling(settings: &TrainSettings) -> Sampling {
        let labels: Vec<BTreeSet<&str>> = (0..100)
            .map(|window| match window {
                0 => BTreeSet::from(["A", "B"]),
                1..64 => BTreeSet::from(["A"]),
                64..67 => BTreeSet::from(["B"]),
                _ => BTreeSet::new(),
            })
            .collect();
        Sampling::of_labels(settings, &labels)
    }

    fn repeating(threshold: f64, empty_documents: f64) -> TrainSettings {
        TrainSettings {
            resampling: Some(Resampling::RepeatFactor),
            resampling_threshold: Some(threshold),
            empty_documents,
            ..TrainSettings::default()
        }
    }

    fn counts(sampling: &Sampling, seed: u64, epoch: usize) -> Vec<usize> {
        let order = sampling.order(&[5; 100], 16, seed, epoch).concat();
        assert_eq!(order.len(), sampling.windows(), "all epochs are as long");
        let mut counts = vec![0; 100];
        order.iter().for_each(|window| counts[*window] += 1);
        counts
    }

    #[test]
    fn without_a_wish_the_order_is_that_of_all_windows() {
        let plain = sampling(&TrainSettings::default());
        assert_eq!(plain.windows(), 100);
        let lengths: Vec<usize> = (0..100).map(|i| 5 + i % 7).collect();
        let order = training_order(&lengths, 16, 3, 1);
        assert_eq!(plain.order(&lengths, 16, 3, 1), order);
        assert_eq!(plain.at_most(&lengths), lengths);
    }

    /// By hand: B is in 4 of 100 windows, so a threshold of 0.25 gives √(0.25 / 0.04) = 2.5.
    #[test]
    fn the_rarest_label_decides_how_often_a_window_occurs() {
        let sampling = sampling(&repeating(0.25, 1.0));
        assert_eq!(sampling.windows(), 96 + 10);
        let mut sums = vec![0; 100];
        for epoch in 0..400 {
            let counts = counts(&sampling, 7, epoch);
            assert!([0, 64, 65, 66].iter().all(|b| [2, 3].contains(&counts[*b])));
            let others = (1..64).chain(67..100);
            assert!(others.into_iter().all(|window| counts[window] == 1));
            sums.iter_mut().zip(&counts).for_each(|(sum, n)| *sum += n);
        }
        for b in [0, 64, 65, 66] {
            // 1000 ± 10 were rounding independent; four times that is beyond chance.
            assert!((960..=1040).contains(&sums[b]), "{}", sums[b]);
        }
    }

    #[test]
    fn a_share_of_the_windows_without_entities_is_drawn_anew_in_each_epoch() {
        let some = TrainSettings {
            empty_documents: 0.25,
            ..TrainSettings::default()
        };
        let sampling = sampling(&some);
        // 67 and a quarter of 33, rounded up.
        assert_eq!(sampling.windows(), 76);
        let [first, second] = [0, 1].map(|epoch| counts(&sampling, 1, epoch));
        assert!(first[..67].iter().all(|count| *count >= 1));
        assert!(first[67..].iter().all(|count| *count <= 1));
        assert_ne!(first, second, "epochs differ");
        assert_eq!(first, counts(&sampling, 1, 0));
        assert_ne!(first, counts(&sampling, 2, 0), "the seed reaches it");
        let none = TrainSettings {
            empty_documents: 0.0,
            ..TrainSettings::default()
        };
        let counts = counts(&super::tests::sampling(&none), 1, 0);
        assert!(counts[67..].iter().all(|count| *count == 0));
    }

    #[test]
    fn factors_have_a_limit_and_the_heaviest_batch_counts_repetitions() {
        let sampling = sampling(&repeating(0.99, 0.0));
        let Some(factors) = &sampling.factors else {
            panic!("there are factors");
        };
        assert!(factors.iter().all(|factor| *factor < 10.1));
        let longest = sampling.at_most(&(0..100).collect::<Vec<_>>());
        let order = sampling.order(&[5; 100], 16, 1, 0).concat();
        for window in 0..100 {
            let count = |list: &[usize]| list.iter().filter(|at| **at == window).count();
            assert!(count(&order) <= count(&longest), "{window}");
        }
    }

    #[test]
    fn the_threshold_is_the_median_of_the_shares_where_none_is_given() {
        let automatic = TrainSettings {
            resampling_threshold: None,
            ..repeating(0.5, 1.0)
        };
        // Between 0.64 and 0.04 there is 0.34.
        assert_eq!(
            sampling(&automatic).windows(),
            sampling(&repeating(0.34, 1.0)).windows()
        );
    }

    #[test]
    fn a_set_of_empty_windows_alone_is_not_left_out() {
        let none = TrainSettings {
            empty_documents: 0.0,
            ..TrainSettings::default()
        };
        let sampling = Sampling::of_labels(&none, &[BTreeSet::new(), BTreeSet::new()]);
        assert_eq!(sampling.windows(), 2);
    }
}
