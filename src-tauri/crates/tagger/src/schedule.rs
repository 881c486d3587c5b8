//! The learning rate by step, and how long a run holds it.

use serde::{Deserialize, Serialize};
use tagsmith_protocol::Schedule;

/// The course of the learning rate over a run, in steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Course {
    /// How it falls.
    pub schedule: Schedule,
    /// The highest rate.
    pub peak: f64,
    /// The end of the warm-up, over which it rises from 0 in a straight line.
    pub warmup: usize,
    /// The start of the fall of [`Schedule::Adaptive`]; others fall from the warm-up on.
    pub fall: usize,
    /// Where it is 0.
    pub total: usize,
}

impl Course {
    /// The learning rate at `step`, from 0.
    ///
    /// Linear and cosine are transformers' schedules of the same names: step 0 of a warm-up has rate 0.
    /// Adaptive is the trapezoid of Zhai et al. 2022 and Hägele et al. 2024.
    pub fn rate(&self, step: usize) -> f64 {
        let Self { peak, warmup, .. } = *self;
        if step < warmup {
            return peak * step as f64 / warmup as f64;
        }
        let from = match self.schedule {
            Schedule::Adaptive => self.fall.max(warmup),
            _ => warmup,
        };
        let whole = self.total.saturating_sub(from).max(1) as f64;
        let progress = (step.saturating_sub(from) as f64 / whole).min(1.0);
        peak * match self.schedule {
            Schedule::Linear | Schedule::Adaptive => 1.0 - progress,
            Schedule::Cosine => 0.5 * (1.0 + (std::f64::consts::PI * progress).cos()),
            Schedule::Constant => 1.0,
        }
    }
}

/// How long an adaptive run holds its learning rate: as long as dev F1 rises.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hold {
    /// Dev F1 after each epoch of the hold, 0–1.
    pub f1: Vec<f64>,
    /// How many epochs it was, once it is over.
    pub epochs: Option<usize>,
}

/// How many epochs a run has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunLength {
    /// Whether that depends on dev F1.
    pub schedule: Schedule,
    /// The most that there may be; as many as there are where it does not.
    pub most: usize,
    /// How many are expected before the first.
    pub nominal: usize,
    /// How many the warm-up takes, in which the hold cannot end.
    pub warmup: f64,
}

impl RunLength {
    /// Epochs of the fall after so many of the hold.
    fn fall(held: usize) -> usize {
        held.div_ceil(2)
    }

    /// The most epochs that the rate may be held, so that there is time for the fall: an epoch of it at least.
    pub fn most_held(self) -> usize {
        (2 * self.most).div_ceil(3).min(self.most.saturating_sub(1))
    }

    /// Epochs of the hold: those that it had, or the most that it may have.
    pub fn held(self, hold: &Hold) -> usize {
        hold.epochs.unwrap_or(self.most_held())
    }

    /// After how many epochs the run ends, at the latest while it is not known.
    pub fn epochs(self, hold: &Hold) -> usize {
        match (self.schedule, hold.epochs) {
            (Schedule::Adaptive, Some(held)) => (held + Self::fall(held)).min(self.most),
            _ => self.most,
        }
    }

    /// How many epochs are to be expected after `epoch` of them.
    pub fn expected(self, hold: &Hold, epoch: usize) -> usize {
        match (self.schedule, hold.epochs) {
            (Schedule::Adaptive, None) => {
                let held = epoch + 1;
                self.nominal.max(held + Self::fall(held)).min(self.most)
            }
            _ => self.epochs(hold),
        }
    }
}

/// A smaller rise of the mean of two evaluations over the two before is none, in F1 of 0–1.
const RISE: f64 = 0.02;

impl Hold {
    /// Takes dev F1 after `epoch` epochs. The hold is over with the most that it may have, or where F1 no
    /// longer rises after the warm-up. Where dev is not scored after each epoch, it may have been over before.
    pub fn add(&mut self, epoch: usize, f1: f64, length: RunLength) {
        if self.epochs.is_some() || length.schedule != Schedule::Adaptive {
            return;
        }
        self.f1.push(f1);
        let is_warm = epoch as f64 >= length.warmup;
        if epoch >= length.most_held() || (is_warm && !self.is_rising()) {
            self.epochs = Some(epoch.min(length.most_held()).max(1));
        }
    }

    fn is_rising(&self) -> bool {
        let found = self.f1.iter().any(|f1| *f1 > 0.0);
        let [.., a, b, c, d] = self.f1[..] else {
            return true;
        };
        !found || (c + d) / 2.0 - (a + b) / 2.0 >= RISE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_at_the_corners() {
        let course = |schedule| Course {
            schedule,
            peak: 1.0,
            warmup: 10,
            fall: 60,
            total: 100,
        };
        let cases = [
            (Schedule::Linear, 0, 0.0),
            (Schedule::Linear, 5, 0.5),
            (Schedule::Linear, 10, 1.0),
            (Schedule::Linear, 55, 0.5),
            (Schedule::Linear, 100, 0.0),
            (Schedule::Cosine, 55, 0.5),
            (Schedule::Cosine, 100, 0.0),
            (Schedule::Constant, 5, 0.5),
            (Schedule::Constant, 100, 1.0),
            (Schedule::Adaptive, 5, 0.5),
            (Schedule::Adaptive, 60, 1.0),
            (Schedule::Adaptive, 80, 0.5),
            (Schedule::Adaptive, 100, 0.0),
        ];
        for (schedule, step, expected) in cases {
            let found = course(schedule).rate(step);
            assert!(
                (found - expected).abs() < 1e-12,
                "{schedule:?} {step}: {found}"
            );
        }
        let empty = Course {
            peak: 2.0,
            warmup: 0,
            total: 0,
            ..course(Schedule::Linear)
        };
        assert_eq!(empty.rate(0), 2.0);
    }

    #[test]
    fn the_rate_is_held_while_f1_rises_and_no_longer_than_allowed() {
        let hold_after = |warmup, curve: &[f64], most| {
            let length = RunLength {
                schedule: Schedule::Adaptive,
                most,
                nominal: most.div_ceil(2),
                warmup,
            };
            let mut hold = Hold::default();
            for (epoch, f1) in (1..).zip(curve) {
                hold.add(epoch, *f1, length);
            }
            (hold.epochs, length.epochs(&hold))
        };
        let hold = |curve: &[f64], most| hold_after(1.5, curve, most);
        let rising = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.5, 0.5, 0.5, 0.5];
        assert_eq!(hold(&rising, 30), (Some(9), 14));
        assert_eq!(hold(&rising, 9), (Some(6), 9));
        assert_eq!(hold(&rising[..5], 30), (None, 30));
        assert_eq!(hold(&[0.0; 9], 30), (None, 30), "nothing is found yet");
        assert_eq!(hold(&[0.5; 9], 30), (Some(4), 6));
        assert_eq!(hold_after(6.5, &[0.5; 9], 30), (Some(7), 11));
    }

    #[test]
    fn every_adaptive_run_ends_with_a_fall_that_begins_once() {
        for most in 1..40 {
            for every in 1..=most {
                let length = RunLength {
                    schedule: Schedule::Adaptive,
                    most,
                    nominal: most,
                    warmup: 0.0,
                };
                let mut hold = Hold::default();
                let mut rates = Vec::new();
                for epoch in 0..most {
                    let course = Course {
                        schedule: Schedule::Adaptive,
                        peak: 1.0,
                        warmup: 0,
                        fall: 10 * length.held(&hold),
                        total: 10 * length.epochs(&hold),
                    };
                    rates.extend((0..10).map(|step| course.rate(10 * epoch + step)));
                    // F1 rises to the end, and is known after every so many epochs.
                    if (epoch + 1) % every == 0 {
                        hold.add(epoch + 1, epoch as f64, length);
                    }
                }
                let falls = rates.is_sorted_by(|earlier, later| earlier >= later);
                assert!(
                    falls && rates[10 * most - 1] < 0.2,
                    "{most} {every}: {rates:?}"
                );
            }
        }
    }
}
