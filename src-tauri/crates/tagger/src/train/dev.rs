//! Which dev documents are scored while a run trains, and after which epochs.
//!
//! Scoring takes a forward pass of a window, training about three, and R-Drop trains each window twice. Where all of dev would cost more than its share of the
//! run's work, a fixed sample of it is scored, the same each time; all of it decides at the end. That counts
//! words and no seconds: the same run makes the same choices on any machine.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use tagsmith_corpus::Document;

/// Work of a window's training in forward passes.
const TRAINING_COST: f64 = 3.0;

/// A sample has so many documents at least: F1 of fewer says little.
const FEWEST: usize = 64;

/// What of dev is scored, and how often.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DevPlan {
    /// The documents of the sample, ascending; `None` for all.
    pub sample: Option<Vec<usize>>,
    /// It is scored after each epoch whose number divides by this, and after the last.
    pub every: usize,
}

impl DevPlan {
    /// A plan by which scoring takes at most `share` of the work of `train` and itself, where a training step has
    /// each window so many times. A dev set of a few documents is scored whole after each epoch all the same.
    pub fn new(train: &[Document], times: usize, dev: &[Document], share: f64, seed: u64) -> Self {
        let words = |documents: &[Document]| -> usize {
            documents.iter().map(|document| document.words.len()).sum()
        };
        // Words that may be scored after each epoch.
        let training = TRAINING_COST * (times * words(train)) as f64;
        let allowed = training * share / (1.0 - share);
        if dev.len() <= FEWEST || words(dev) as f64 <= allowed {
            return Self {
                sample: None,
                every: 1,
            };
        }
        let mut order: Vec<usize> = (0..dev.len()).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        let mut sample = Vec::new();
        let mut taken = 0;
        for index in order {
            let next = dev[index].words.len();
            if sample.len() >= FEWEST && (taken + next) as f64 > allowed {
                break;
            }
            taken += next;
            sample.push(index);
        }
        sample.sort_unstable();
        Self {
            every: (taken as f64 / allowed.max(1.0)).ceil().max(1.0) as usize,
            sample: (sample.len() < dev.len()).then_some(sample),
        }
    }

    /// Whether dev is scored after this epoch, counted from 1, of a run with so many.
    pub fn scores_after(&self, epoch: usize, epochs: usize) -> bool {
        epoch.is_multiple_of(self.every) || epoch == epochs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents(count: usize, words: usize) -> Vec<Document> {
        let document = Document::from_words(&vec!["word"; words]);
        vec![document; count]
    }

    #[test]
    fn scoring_takes_at_most_its_share() {
        let cost = |plan: &DevPlan, dev: &[Document]| {
            let sample = plan.sample.clone().unwrap_or((0..dev.len()).collect());
            let words: usize = sample.iter().map(|at| dev[*at].words.len()).sum();
            words as f64 / plan.every as f64
        };
        for (train, dev) in [
            (100, 350),
            (100, 70),
            (1000, 200),
            (3000, 4000),
            (30, 900),
            (200, 65),
        ] {
            let (train, dev) = (documents(train, 20), documents(dev, 25));
            for times in [1, 2] {
                let plan = DevPlan::new(&train, times, &dev, 0.1, 1);
                let training = 3.0 * 20.0 * (times * train.len()) as f64;
                let scoring = cost(&plan, &dev);
                assert!(scoring / (training + scoring) <= 0.1001, "{plan:?}");
            }
        }
    }

    #[test]
    fn a_small_dev_set_is_scored_whole_and_a_large_one_by_the_same_sample_each_time() {
        let (train, dev) = (documents(100, 20), documents(30, 20));
        let whole = DevPlan {
            sample: None,
            every: 1,
        };
        assert_eq!(DevPlan::new(&train, 1, &dev, 0.1, 1), whole);
        let dev = documents(900, 20);
        let plan = DevPlan::new(&train, 1, &dev, 0.1, 1);
        assert_eq!(plan, DevPlan::new(&train, 1, &dev, 0.1, 1));
        assert_ne!(plan, DevPlan::new(&train, 1, &dev, 0.1, 2));
        let sample = plan.sample.clone().unwrap();
        assert_eq!(sample.len(), FEWEST);
        assert!(sample.is_sorted_by(|a, b| a < b));
        assert!(plan.scores_after(7, 7) && plan.scores_after(2 * plan.every, 100));
        // Nothing but dev: a share of 1 would allow anything.
        assert_eq!(DevPlan::new(&train, 1, &dev, 0.99, 1), whole);
    }

    /// By hand: 600 documents trained once are worth 1,800 passes, 200 of which are a tenth of all; twice, 400.
    #[test]
    fn training_each_window_twice_leaves_twice_as_much_for_scoring() {
        let (train, dev) = (documents(600, 20), documents(900, 20));
        let sampled = |times| {
            let plan = DevPlan::new(&train, times, &dev, 0.1, 1);
            assert_eq!(plan.every, 1);
            plan.sample.unwrap().len()
        };
        assert_eq!((sampled(1), sampled(2)), (200, 400));
    }
}
