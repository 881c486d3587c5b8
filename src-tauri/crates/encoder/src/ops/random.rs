//! Random numbers that follow from a seed alone, so that a run can be repeated and resumed to the bit.
//!
//! burn keeps one random state for the whole process, which any other thread can move. The numbers
//! here come from a stream of this thread instead.

use burn::tensor::{Device, Distribution, Tensor, TensorData};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::cell::RefCell;

thread_local! {
    static DROPOUT: RefCell<ChaCha8Rng> = RefCell::new(ChaCha8Rng::seed_from_u64(0));
}

/// Starts the dropout of a step: all that this thread drops until the next call follows from `seed`.
pub fn seed_dropout(device: &Device, seed: u64) {
    DROPOUT.with_borrow_mut(|random| *random = ChaCha8Rng::seed_from_u64(seed));
    if !is_cpu(device) {
        device.seed(seed);
    }
}

/// A mask of the given shape: 0 with probability `rate` (0–1), else `1 / (1 - rate)`.
pub(super) fn dropout_mask<const D: usize>(
    shape: [usize; D],
    rate: f64,
    device: &Device,
) -> Tensor<D> {
    let kept = 1.0 / (1.0 - rate);
    if !is_cpu(device) {
        return Tensor::random(shape, Distribution::Bernoulli(1.0 - rate), device) * kept;
    }
    let size = shape.iter().product();
    let limit = (rate * f64::from(u32::MAX)) as u32;
    let mut mask = vec![0.0f32; size];
    DROPOUT.with_borrow_mut(|random| {
        for element in &mut mask {
            if random.next_u32() >= limit {
                *element = kept as f32;
            }
        }
    });
    Tensor::from_data(TensorData::new(mask, shape), device)
}

fn is_cpu(device: &Device) -> bool {
    device.clone().inner() == Device::flex()
}

/// `size` numbers drawn from `N(0, deviation²)` (Box and Muller 1958), the same on every device.
pub fn normal(size: usize, deviation: f64, seed: u64) -> Vec<f32> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    // 53 bits, shifted off 0 so that the logarithm is finite.
    let mut uniform = || ((random.next_u64() >> 11) as f64 + 0.5) / (1u64 << 53) as f64;
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
}
