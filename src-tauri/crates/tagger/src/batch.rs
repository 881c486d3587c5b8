//! Windows to batches: similar lengths together, padded to their own longest, in a seeded order.

use crate::window::Window;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tagsmith_encoder::Input;
use tagsmith_encoder::burn::tensor::{Bool, Device, Int, Tensor, TensorData};

/// Batches over which lengths are sorted. Wide enough to save most padding, narrow enough that an
/// epoch's batches differ from the last one's.
const POOL: usize = 50;

/// Lengths are blurred by up to this share before sorting, so that small sets are mixed too.
const BLUR: f64 = 0.1;

/// The order of training in one epoch: a list of batches, each a list of places in `lengths`.
///
/// All windows occur once. The same seed and epoch give the same order on every platform.
pub fn training_order(
    lengths: &[usize],
    batch_size: usize,
    seed: u64,
    epoch: usize,
) -> Vec<Vec<usize>> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(epoch as u64);
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.shuffle(&mut random);
    let mut batches = Vec::new();
    for pool in order.chunks(POOL * batch_size) {
        let mut pool: Vec<(f64, usize)> = pool
            .iter()
            .map(|place| {
                let blurred = 1.0 + random.random_range(-BLUR..BLUR);
                (lengths[*place] as f64 * blurred, *place)
            })
            .collect();
        pool.sort_by(|a, b| a.0.total_cmp(&b.0));
        batches.extend(
            pool.chunks(batch_size)
                .map(|batch| batch.iter().map(|(_, place)| *place).collect::<Vec<_>>()),
        );
    }
    batches.shuffle(&mut random);
    batches
}

/// The order of prediction: longest first, so that memory runs out at once or not at all.
pub fn prediction_order(lengths: &[usize], batch_size: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|place| (usize::MAX - lengths[*place], *place));
    order.chunks(batch_size).map(<[usize]>::to_vec).collect()
}

/// A batch on a device.
pub struct Batch {
    /// What the encoder reads.
    pub input: Input,
    /// Positions that are scored, counted through the batch row by row, `[scored]`.
    pub positions: Tensor<1, Int>,
    /// How many there are.
    pub scored: usize,
    /// Pieces without padding.
    pub pieces: usize,
}

/// Lays windows side by side, padded with `pad` to the longest of them.
pub fn collate(windows: &[&Window], pad: usize, device: &Device) -> Batch {
    let rows = windows.len();
    let seq = windows
        .iter()
        .map(|window| window.ids.len())
        .max()
        .unwrap_or(0);
    let mut ids = Vec::with_capacity(rows * seq);
    let mut mask = Vec::with_capacity(rows * seq);
    let mut positions = Vec::new();
    for (row, window) in windows.iter().enumerate() {
        let length = window.ids.len();
        ids.extend(window.ids.iter().map(|id| i64::from(*id)));
        ids.resize((row + 1) * seq, pad as i64);
        mask.resize(row * seq + length, true);
        mask.resize((row + 1) * seq, false);
        positions.extend(
            window
                .scored
                .iter()
                .map(|(position, _)| (row * seq + position) as i64),
        );
    }
    let pieces = mask.iter().filter(|real| **real).count();
    let scored = positions.len();
    let padded = pieces < rows * seq;
    Batch {
        input: Input {
            ids: Tensor::from_data(TensorData::new(ids, [rows, seq]), device),
            types: Tensor::zeros([rows, seq], device),
            mask: padded
                .then(|| Tensor::<2, Bool>::from_data(TensorData::new(mask, [rows, seq]), device)),
        },
        positions: Tensor::from_data(TensorData::new(positions, [scored]), device),
        scored,
        pieces,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_holds_every_window_once_and_the_seed_fixes_its_order() {
        let lengths: Vec<usize> = (0..997).map(|i| 5 + i * 7919 % 120).collect();
        let order = training_order(&lengths, 16, 3, 0);
        let mut places: Vec<usize> = order.concat();
        places.sort_unstable();
        assert_eq!(places, (0..997).collect::<Vec<_>>());
        assert_eq!(order, training_order(&lengths, 16, 3, 0));
        assert_ne!(
            order,
            training_order(&lengths, 16, 4, 0),
            "the seed reaches the order"
        );
        assert_ne!(order, training_order(&lengths, 16, 3, 1), "epochs differ");
    }

    #[test]
    fn batches_of_similar_length_pad_a_fifth_of_what_random_ones_do_at_most() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let lengths: Vec<usize> = (0..4000).map(|_| random.random_range(5..125)).collect();
        let padding = |order: &[Vec<usize>]| -> usize {
            order
                .iter()
                .map(|batch| {
                    let longest = batch.iter().map(|place| lengths[*place]).max().unwrap();
                    batch
                        .iter()
                        .map(|place| longest - lengths[*place])
                        .sum::<usize>()
                })
                .sum()
        };
        let all: Vec<usize> = (0..4000).collect();
        let as_they_come: Vec<Vec<usize>> = all.chunks(16).map(<[usize]>::to_vec).collect();
        assert!(padding(&training_order(&lengths, 16, 1, 0)) * 5 < padding(&as_they_come));
        assert!(padding(&prediction_order(&lengths, 16)) * 10 < padding(&as_they_come));
    }
}
