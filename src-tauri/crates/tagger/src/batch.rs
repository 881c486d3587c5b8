//! Windows to batches: similar lengths together, packed one after the other, in a seeded order.

use crate::window::Window;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::iter::repeat_n;
use tagsmith_encoder::burn::tensor::{Device, Int, Tensor, TensorData};
use tagsmith_encoder::{Input, SequenceOffsets, TokenClassifier, ops};

/// Batches over which lengths are sorted. Wide enough to save most padding, narrow enough that an
/// epoch's batches differ from the last one's.
const POOL: usize = 50;

/// Lengths are blurred by up to this share before sorting, so that small sets are mixed too.
const BLUR: f64 = 0.1;

/// The order of training in one epoch: a list of batches, each a list of indices into `lengths`.
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
            .map(|index| {
                let blurred = 1.0 + random.random_range(-BLUR..BLUR);
                (lengths[*index] as f64 * blurred, *index)
            })
            .collect();
        pool.sort_by(|a, b| a.0.total_cmp(&b.0));
        batches.extend(
            pool.chunks(batch_size)
                .map(|batch| batch.iter().map(|(_, index)| *index).collect::<Vec<_>>()),
        );
    }
    batches.shuffle(&mut random);
    batches
}

/// The order of prediction: longest first, so that memory runs out with the first batch or not at all.
pub fn prediction_order(lengths: &[usize], batch_size: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|index| (usize::MAX - lengths[*index], *index));
    order.chunks(batch_size).map(<[usize]>::to_vec).collect()
}

/// A batch on a device.
pub struct Batch {
    /// What the encoder reads.
    pub input: Input,
    /// The rows of the scored tokens, `[scored]`.
    pub positions: Tensor<1, Int>,
    /// The scored tokens of each window: the rows of the logits that are one sequence.
    pub words: SequenceOffsets,
    /// Pieces in all.
    pub pieces: usize,
}

impl Batch {
    /// The logits of the scored tokens, `[scored, labels]`.
    pub fn logits(self, model: &TokenClassifier) -> Tensor<2> {
        model.logits_at(self.input, self.positions)
    }
}

fn offsets(windows: &[&Window]) -> SequenceOffsets {
    SequenceOffsets::new(windows.iter().map(|window| window.ids.len()))
}

/// Packs windows one after the other, without padding; where the device needs few distinct sizes, with sizes
/// rounded up.
pub fn collate(windows: &[&Window], device: &Device) -> Batch {
    let offsets = match ops::rounds_sizes(device) {
        true => offsets(windows).rounded_up(),
        false => offsets(windows),
    };
    pack(windows, offsets, device)
}

fn pack(windows: &[&Window], offsets: SequenceOffsets, device: &Device) -> Batch {
    let ints = |values: Vec<i64>| {
        let size = values.len();
        Tensor::<1, Int>::from_data(TensorData::new(values, [size]), device)
    };
    let (pieces, rows) = (offsets.tokens(), offsets.rows());
    let ids = windows
        .iter()
        .flat_map(|window| window.ids.iter().map(|id| i64::from(*id)));
    let positions: Vec<i64> = windows
        .iter()
        .zip(offsets.iter())
        .flat_map(|(window, tokens)| {
            let scored = window.scored.iter();
            scored.map(move |(position, _)| (tokens.start + position) as i64)
        })
        .collect();
    Batch {
        input: Input {
            ids: ints(ids.chain(repeat_n(0, rows - pieces)).collect()),
            types: ints(vec![0; rows]),
            offsets,
        },
        positions: ints(positions),
        words: SequenceOffsets::new(windows.iter().map(|window| window.scored.len())),
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
        let mut indices: Vec<usize> = order.concat();
        indices.sort_unstable();
        assert_eq!(indices, (0..997).collect::<Vec<_>>());
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
                    let longest = batch.iter().map(|index| lengths[*index]).max().unwrap();
                    batch
                        .iter()
                        .map(|index| longest - lengths[*index])
                        .sum::<usize>()
                })
                .sum()
        };
        let all: Vec<usize> = (0..4000).collect();
        let as_they_come: Vec<Vec<usize>> = all.chunks(16).map(<[usize]>::to_vec).collect();
        assert!(padding(&training_order(&lengths, 16, 1, 0)) * 5 < padding(&as_they_come));
        assert!(padding(&prediction_order(&lengths, 16)) * 10 < padding(&as_they_come));
    }

    /// On a device that wants few sizes, as a GPU does.
    #[test]
    fn rounding_up_adds_rows_that_nobody_reads() {
        let window = |length: usize| Window {
            document: 0,
            ids: (1..=length as u32).collect(),
            scored: vec![(1, 0), (2, 1)],
            reaches_end: true,
        };
        let windows = [window(30), window(40)];
        let windows: Vec<&Window> = windows.iter().collect();
        let device = Device::flex();
        let exact = collate(&windows, &device);
        assert_eq!((exact.words.tokens(), exact.pieces), (4, 70));
        assert_eq!(
            [exact.input.ids.dims(), exact.positions.dims()],
            [[70], [4]]
        );
        assert_eq!(exact.words, SequenceOffsets::new([2, 2]));
        let rounded = pack(&windows, offsets(&windows).rounded_up(), &device);
        assert_eq!((rounded.words.tokens(), rounded.pieces), (4, 70));
        assert_eq!(
            [
                rounded.input.ids.dims(),
                rounded.input.types.dims(),
                rounded.positions.dims()
            ],
            [[128], [128], [4]]
        );
        let read = |rows: Tensor<1, Int>| rows.into_data().iter::<i64>().collect::<Vec<_>>();
        assert_eq!(read(rounded.positions), [1, 2, 31, 32]);
        assert_eq!(read(rounded.input.ids)[..70], read(exact.input.ids));
    }
}
