//! Random numbers that follow from a seed alone, so that a run can be repeated and resumed to the bit.
//!
//! burn keeps one random state for the whole process, which any other thread can advance. Here each
//! dropout of a step draws a key from a stream of this thread, and what it drops follows from the
//! key and the element's index (a counter-based generator): neither the order of work nor the
//! implementation of the operation can change it.

use burn::tensor::{Device, Tensor, TensorData};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::cell::RefCell;

thread_local! {
    static DROPOUT: RefCell<ChaCha8Rng> = RefCell::new(ChaCha8Rng::seed_from_u64(0));
}

/// Starts the dropout of a step: all that this thread drops until the next call follows from `seed`.
pub fn seed_dropout(seed: u64) {
    DROPOUT.with_borrow_mut(|random| *random = ChaCha8Rng::seed_from_u64(seed));
}

/// A seed that follows from another and a number: of neighbouring numbers they are unrelated. Mixing as in
/// SplitMix64 (Steele et al. 2014).
#[inline(always)]
pub fn derived_seed(seed: u64, number: usize) -> u64 {
    let mut mixed = seed ^ (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// One dropout of a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dropout {
    key: u64,
    /// 0–1.
    rate: f64,
}

impl Dropout {
    /// The next dropout of this thread's step; none at rate 0 or where nothing is trained.
    pub(super) fn next(rate: f64, device: &Device) -> Option<Self> {
        if rate == 0.0 || !device.is_autodiff() {
            return None;
        }
        let key = DROPOUT.with_borrow_mut(Rng::next_u64);
        Some(Self { key, rate })
    }

    /// What the elements of a row (all dimensions but the last, counted through) are multiplied by.
    #[inline(always)]
    pub(super) fn row(self, row: usize) -> RowFactors {
        RowFactors {
            key: derived_seed(self.key, row) as u32,
            limit: (self.rate * 2f64.powi(32)) as u32,
            kept: self.kept() as f32,
        }
    }

    #[cfg(all(test, feature = "gpu"))]
    pub(super) fn of(key: u64, rate: f64) -> Self {
        Self { key, rate }
    }

    /// The key, the number below which an element's mixed number drops it, and what kept elements are
    /// multiplied by: all that a kernel on another device needs.
    #[cfg(feature = "gpu")]
    pub(super) fn numbers(self) -> (u64, u32, f32) {
        let row = self.row(0);
        (self.key, row.limit, row.kept)
    }

    /// What kept elements are multiplied by, so that the mean is preserved.
    fn kept(self) -> f64 {
        1.0 / (1.0 - self.rate)
    }

    /// All factors of a shape: 0 with the probability of the rate, else `1 / (1 - rate)`.
    pub(super) fn mask<const D: usize>(self, shape: [usize; D], device: &Device) -> Tensor<D> {
        let width = shape.last().copied().unwrap_or(1);
        let rows = shape[..D - 1].iter().product();
        let factors = (0..rows)
            .flat_map(|row| (0..width).map(move |column| self.row(row).at(column)))
            .collect::<Vec<f32>>();
        Tensor::from_data(TensorData::new(factors, shape), device)
    }
}

/// What the elements of one row are multiplied by.
#[derive(Clone, Copy)]
pub(super) struct RowFactors {
    key: u32,
    limit: u32,
    kept: f32,
}

impl RowFactors {
    /// The factor of the element in `column`.
    #[inline(always)]
    pub(super) fn at(self, column: usize) -> f32 {
        if mixed(self.key, column) >= self.limit {
            self.kept
        } else {
            0.0
        }
    }
}

/// The random bits of a row's element in `column`. Mixing as in `lowbias32` (Wellons, hash-prospector).
#[inline(always)]
pub(super) fn mixed(key: u32, column: usize) -> u32 {
    let mut mixed = (column as u32).wrapping_mul(0x9E37_79B9) ^ key;
    mixed ^= mixed >> 16;
    mixed = mixed.wrapping_mul(0x7FEB_352D);
    mixed ^= mixed >> 15;
    mixed = mixed.wrapping_mul(0x846C_A68B);
    mixed ^ (mixed >> 16)
}

/// Whether a device, with or without autodiff, is the CPU.
pub fn is_cpu(device: &Device) -> bool {
    device.clone().inner() == Device::flex()
}

/// `size` numbers drawn from `N(0, deviation²)` (Box and Muller 1958), the same on every device.
pub fn normal(size: usize, deviation: f64, seed: u64) -> Vec<f32> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut uniform = || fraction(&mut random);
    let mut numbers = Vec::with_capacity(size + 1);
    while numbers.len() < size {
        let radius = deviation * (-2.0 * uniform().ln()).sqrt();
        let angle = 2.0 * std::f64::consts::PI * uniform();
        numbers.push((radius * angle.cos()) as f32);
        numbers.push((radius * angle.sin()) as f32);
    }
    numbers.truncate(size);
    numbers
}

/// `size` numbers drawn uniformly from `-bound` to `bound`, the same on every device.
pub fn uniform(size: usize, bound: f64, seed: u64) -> Vec<f32> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut draw = || (bound * (2.0 * fraction(&mut random) - 1.0)) as f32;
    (0..size).map(|_| draw()).collect()
}

/// A number between 0 and 1: 53 bits, shifted off 0 so that its logarithm is finite.
fn fraction(random: &mut ChaCha8Rng) -> f64 {
    ((random.next_u64() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_numbers_have_the_deviation_asked_for() {
        let numbers = normal(20_001, 0.02, 9);
        assert_eq!(numbers.len(), 20_001);
        let mean = numbers.iter().map(|x| f64::from(*x)).sum::<f64>() / 20_001.0;
        let square = numbers.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / 20_001.0;
        assert!(mean.abs() < 5e-4, "{mean}");
        assert!((square.sqrt() - 0.02).abs() < 5e-4, "{square}");
        assert_ne!(numbers, normal(20_001, 0.02, 10));
    }

    /// How often two elements `apart` (rows, columns) are both dropped, over 1000 × 256 elements.
    fn dropped_together(dropout: Dropout, apart: (usize, usize)) -> f64 {
        let dropped = |row: usize, column: usize| dropout.row(row).at(column) == 0.0;
        let pairs = (0..1000).flat_map(|row| (0..256).map(move |column| (row, column)));
        let both = pairs.filter(|(row, column)| {
            dropped(*row, *column) && dropped(row + apart.0, column + apart.1)
        });
        both.count() as f64 / 256_000.0
    }

    #[test]
    fn dropped_elements_have_the_rate_and_no_pattern() {
        for key in [0, 1, 0xDEAD_BEEF] {
            let dropout = Dropout { key, rate: 0.1 };
            let alone = dropped_together(dropout, (0, 0));
            assert!((alone - 0.1).abs() < 0.003, "{alone}");
            for apart in [(0, 1), (0, 2), (0, 8), (0, 64), (1, 0), (1, 1), (12, 0)] {
                let both = dropped_together(dropout, apart);
                assert!((both - 0.01).abs() < 0.001, "{apart:?}: {both}");
            }
        }
        assert_eq!(Dropout { key: 3, rate: 0.1 }.row(0).kept, 1.0 / 0.9);
    }
}
