//! The kernels against the formulas in f64 and against the CPU. On a software driver only f32 can run.

use super::super::testing::{
    assert_near, device, float_types, floats, ints, numbers, read, rounded, rounding, typed,
};
use super::*;
use crate::ops::fused::FusedOps;
use burn::backend::Flex;
use burn_backend::TensorData;
use burn_flex::FlexTensor;
use cubecl::Device;

const LENGTHS: [usize; 6] = [19, 0, 7, 1, 33, 130];

fn dropout() -> Dropout {
    Dropout::of(0x1234_5678_9ABC_DEF0, 0.2)
}

/// Buckets of distances in the tests; the last ones are not used.
const BUCKETS: usize = 12;

/// The bucket of the distance from a query to a key: near ones have their own.
fn bucket(query: usize, key: usize) -> usize {
    (query + 5).saturating_sub(key).min(9) + 1
}

/// What distances say.
#[derive(Clone, Debug)]
enum Say {
    Nothing,
    Near(usize),
    /// `[BUCKETS, heads]`.
    Bias(Vec<f32>),
    /// As keys and as queries, `[BUCKETS, heads · width]` each.
    Tables([Vec<f32>; 2]),
}

/// All that distances may say to heads of such a width.
fn sayings([heads, width]: [usize; 2]) -> Vec<Say> {
    let table = |seed| numbers(BUCKETS * heads * width, seed);
    vec![
        Say::Near(1),
        Say::Near(6),
        Say::Near(40),
        Say::Bias(numbers(BUCKETS * heads, 5)),
        Say::Tables([6, 7].map(table)),
    ]
}

/// One attention: query, key, value and the result's gradient, `[rows, heads · width]` each.
struct Case {
    offsets: SequenceOffsets,
    heads: usize,
    width: usize,
    inputs: [Vec<f32>; 4],
    say: Say,
    dropout: Option<Dropout>,
}

impl Case {
    fn new(offsets: SequenceOffsets, [heads, width]: [usize; 2], dropout: Option<Dropout>) -> Self {
        let size = offsets.rows() * heads * width;
        let inputs = [1, 2, 3, 4].map(|seed| numbers(size, seed));
        Self {
            offsets,
            heads,
            width,
            inputs,
            say: Say::Nothing,
            dropout,
        }
    }

    fn saying(self, say: Say) -> Self {
        Self { say, ..self }
    }

    /// The same numbers, rounded to a type.
    fn rounded(mut self, dtype: DType, device: &Device) -> Self {
        let round = |values: &mut Vec<f32>| *values = rounded(values, dtype, device);
        self.inputs.iter_mut().for_each(round);
        if let Say::Tables(tables) = &mut self.say {
            tables.iter_mut().for_each(round);
        }
        self
    }

    fn hidden(&self) -> usize {
        self.heads * self.width
    }

    fn distances(&self, dtype: DType, device: &Device) -> Distances {
        let last = self.offsets.longest().saturating_sub(1);
        let buckets: Vec<i32> = (0..=2 * last)
            .map(|at| {
                bucket(
                    (2 * last - at).saturating_sub(last),
                    at.saturating_sub(last),
                ) as i32
            })
            .collect();
        let used = |end: fn(&[i32]) -> i32| end(&buckets) as usize;
        let lowest = used(|all| *all.iter().min().expect("there is one"));
        let highest = used(|all| *all.iter().max().expect("there is one"));
        let on_device = ints(&buckets, device);
        match &self.say {
            Say::Nothing => Distances::Nothing,
            Say::Near(distance) => Distances::Near(*distance),
            Say::Bias(table) => Distances::Bias {
                table: floats(table, &[BUCKETS, self.heads], device),
                buckets: on_device,
            },
            Say::Tables(tables) => Distances::Tables {
                tables: tables
                    .each_ref()
                    .map(|table| typed(table, &[BUCKETS, self.hidden()], dtype, device)),
                buckets: on_device,
                used: [lowest, highest + 1 - lowest],
            },
        }
    }

    /// The result and the gradients of query, key and value, and of the tables of distances.
    fn run(&self, device: &Device) -> Vec<Vec<f32>> {
        self.run_in(DType::F32, device)
    }

    fn run_in(&self, dtype: DType, device: &Device) -> Vec<Vec<f32>> {
        let dims = [self.offsets.rows(), self.hidden()];
        let inputs = self.inputs.each_ref();
        let [query, key, value, gradient] = inputs.map(|input| typed(input, &dims, dtype, device));
        let options = Options {
            tiles: ints(&tiles(&self.offsets), device),
            heads: self.heads,
            longest: self.offsets.longest(),
            distances: self.distances(dtype, device),
            dropout: self.dropout,
        };
        let inputs = [&query, &key, &value];
        let (out, saved) = forward(inputs, &options);
        let gradients = backward(inputs, &out, &gradient, &saved, &options);
        [out].into_iter().chain(gradients).map(read).collect()
    }

    /// The same in f64, each matrix of scores whole.
    fn expected(&self) -> Vec<Vec<f64>> {
        let zeros = |values: &Vec<f32>| vec![0.0; values.len()];
        let mut out: Vec<Vec<f64>> = self.inputs.iter().map(zeros).collect();
        match &self.say {
            Say::Nothing | Say::Near(_) => {}
            Say::Bias(table) => out.push(zeros(table)),
            Say::Tables(tables) => out.extend(tables.iter().map(zeros)),
        }
        for (sequence, rows) in self.offsets.iter().enumerate() {
            for head in 0..self.heads {
                let first_row = (sequence * self.heads + head) * self.offsets.longest();
                self.expected_head(rows.clone(), head, first_row, &mut out);
            }
        }
        out
    }

    fn expected_head(
        &self,
        rows: std::ops::Range<usize>,
        head: usize,
        first_row: usize,
        out: &mut [Vec<f64>],
    ) {
        let place = |row: usize, column: usize| row * self.hidden() + head * self.width + column;
        let columns = 0..self.width;
        let [query, key, value, gradient] = &self.inputs;
        let dot = |left: &[f32], i: usize, right: &[f32], j: usize| -> f64 {
            let pairs = columns
                .clone()
                .map(|c| (left[place(i, c)], right[place(j, c)]));
            pairs.map(|(x, y)| f64::from(x) * f64::from(y)).sum()
        };
        let terms = if matches!(self.say, Say::Tables(_)) {
            3
        } else {
            1
        };
        let scale = 1.0 / ((terms * self.width) as f64).sqrt();
        let start = rows.start;
        for i in rows.clone() {
            let score = |j: usize| {
                let own = dot(query, i, key, j);
                let bucket = bucket(i - start, j - start);
                match &self.say {
                    Say::Nothing => own * scale,
                    Say::Near(distance) if i.abs_diff(j) <= *distance => own * scale,
                    Say::Near(_) => f64::NEG_INFINITY,
                    Say::Bias(table) => own * scale + f64::from(table[bucket * self.heads + head]),
                    Say::Tables([as_key, as_query]) => {
                        let to_distance = dot(query, i, as_key, bucket);
                        (own + to_distance + dot(key, j, as_query, bucket)) * scale
                    }
                }
            };
            let scores: Vec<f64> = rows.clone().map(score).collect();
            let top = scores.iter().copied().fold(f64::MIN, f64::max);
            let exponentials: Vec<f64> = scores.iter().map(|score| (score - top).exp()).collect();
            let total: f64 = exponentials.iter().sum();
            let factors = self
                .dropout
                .map(|dropout| dropout.row(first_row + i - start));
            let factor = |j: usize| factors.map_or(1.0, |row| f64::from(row.at(j - start)));
            let of_weight = |j: usize| factor(j) * dot(gradient, i, value, j);
            let weight = |j: usize| exponentials[j - start] / total;
            let along: f64 = rows.clone().map(|j| weight(j) * of_weight(j)).sum();
            for j in rows.clone() {
                let of_score = weight(j) * (of_weight(j) - along);
                let bucket = bucket(i - start, j - start);
                if matches!(self.say, Say::Bias(_)) {
                    out[4][bucket * self.heads + head] += of_score;
                }
                let of_score = of_score * scale;
                let dropped = weight(j) * factor(j);
                for c in columns.clone() {
                    let (i, j, bucket) = (place(i, c), place(j, c), place(bucket, c));
                    out[0][i] += dropped * f64::from(value[j]);
                    out[1][i] += of_score * f64::from(key[j]);
                    out[2][j] += of_score * f64::from(query[i]);
                    out[3][j] += dropped * f64::from(gradient[i]);
                    if let Say::Tables([as_key, as_query]) = &self.say {
                        out[1][i] += of_score * f64::from(as_key[bucket]);
                        out[2][j] += of_score * f64::from(as_query[bucket]);
                        out[4][bucket] += of_score * f64::from(query[i]);
                        out[5][bucket] += of_score * f64::from(key[j]);
                    }
                }
            }
        }
    }

    #[track_caller]
    fn check(&self, device: &Device) {
        let (found, expected) = (self.run(device), self.expected());
        assert_eq!(found.len(), expected.len());
        for (at, (found, expected)) in found.iter().zip(&expected).enumerate() {
            assert_near(found, expected, if at == 0 { 1e-5 } else { 1e-4 });
        }
    }
}

#[test]
fn the_table_has_each_row_once() {
    let table = tiles(&SequenceOffsets::new([33, 0, 5]).rounded_up());
    let expected = [
        [0, 33, 0, 0],
        [0, 33, 32, 0],
        [33, 5, 0, 2],
        [38, 26, 0, -1],
    ];
    assert_eq!(table, expected.concat());
    assert!(tiles(&SequenceOffsets::new([])).is_empty());
}

#[test]
fn results_and_gradients_are_those_of_the_formulas() {
    let Some(device) = device() else { return };
    for dims in [[3, 24], [4, 32], [2, 64]] {
        for dropout in [None, Some(dropout())] {
            Case::new(SequenceOffsets::new(LENGTHS).rounded_up(), dims, dropout).check(&device);
        }
    }
    // Widths that are no multiple of 4, and wider heads than fit in the largest tiles.
    for dims in [[2, 5], [2, 128], [1, 258], [1, 700]] {
        Case::new(SequenceOffsets::new([3, 40]), dims, Some(dropout())).check(&device);
    }
}

#[test]
fn distances_say_what_the_formulas_say_and_the_same_every_time() {
    let Some(device) = device() else { return };
    for (dims, dropout) in [([3, 24], None), ([2, 64], Some(dropout()))] {
        for say in sayings(dims) {
            let offsets = SequenceOffsets::new(LENGTHS).rounded_up();
            let case = Case::new(offsets, dims, dropout).saying(say);
            case.check(&device);
            assert_eq!(case.run(&device), case.run(&device));
        }
    }
    // Smaller tiles, down to the smallest.
    for dims in [[2, 5], [1, 258], [1, 700]] {
        for say in sayings(dims).split_off(2) {
            let offsets = SequenceOffsets::new([3, 40]);
            Case::new(offsets, dims, Some(dropout()))
                .saying(say)
                .check(&device);
        }
    }
}

#[test]
fn narrow_numbers_have_the_same_gradients_to_rounding() {
    let Some(device) = device() else { return };
    let (dims, all) = ([2, 24], float_types(&device));
    for dtype in all.into_iter().filter(|dtype| *dtype != DType::F32) {
        for say in [Say::Nothing].into_iter().chain(sayings(dims)) {
            let case = Case::new(SequenceOffsets::new([33, 1, 7]), dims, Some(dropout()));
            let case = case.saying(say).rounded(dtype, &device);
            let found = case.run_in(dtype, &device);
            for (found, expected) in found.iter().zip(&case.expected()) {
                assert_near(found, expected, 8.0 * rounding(dtype));
            }
        }
    }
}

#[test]
fn a_window_of_a_sequence_is_the_same_in_any_batch() {
    let Some(device) = device() else { return };
    let near = |lengths: &[usize]| {
        Case::new(SequenceOffsets::new(lengths.iter().copied()), [2, 24], None).saying(Say::Near(9))
    };
    let batch = near(&LENGTHS);
    let found = batch.run(&device);
    let mut alone = near(&[130]);
    let rows = 60 * batch.hidden()..190 * batch.hidden();
    alone.inputs = batch
        .inputs
        .each_ref()
        .map(|input| input[rows.clone()].to_vec());
    let expected: Vec<Vec<f32>> = found
        .iter()
        .map(|values| values[rows.clone()].to_vec())
        .collect();
    assert_eq!(alone.run(&device), expected);
}

#[test]
fn the_same_weights_are_dropped_as_on_the_cpu() {
    let Some(device) = device() else { return };
    let case = Case::new(SequenceOffsets::new(LENGTHS), [2, 64], Some(dropout()));
    let dims = [case.offsets.rows(), case.hidden()];
    let input = |at: usize| FlexTensor::from_data(TensorData::new(case.inputs[at].clone(), dims));
    let expected = <Flex as FusedOps>::fused_attention(
        input(0),
        input(1),
        input(2),
        FlexTensor::from_data(TensorData::new(Vec::<i64>::new(), [0])),
        case.offsets.clone(),
        case.heads,
        case.dropout,
    );
    let expected: Vec<f64> = expected
        .storage::<f32>()
        .iter()
        .map(|x| f64::from(*x))
        .collect();
    assert_near(&case.run(&device)[0], &expected, 1e-5);
}

#[test]
fn large_scores_do_not_overflow() {
    let Some(device) = device() else { return };
    let mut case = Case::new(SequenceOffsets::new([40, 3]), [2, 32], None);
    for number in case.inputs[..2].iter_mut().flatten() {
        *number = number.round() * 1e4;
    }
    let (found, expected) = (case.run(&device), case.expected());
    assert_near(&found[0], &expected[0], 1e-5);
    assert_near(&found[3], &expected[3], 1e-4);
    assert!(found.iter().flatten().all(|x| x.is_finite()));
}

#[test]
fn a_sequence_has_the_same_result_in_any_batch_and_every_time() {
    let Some(device) = device() else { return };
    let batch = Case::new(SequenceOffsets::new(LENGTHS).rounded_up(), [2, 24], None);
    let found = batch.run(&device);
    assert_eq!(found, batch.run(&device));
    let mut alone = Case::new(SequenceOffsets::new([33]), [2, 24], None);
    let rows = 27 * batch.hidden()..60 * batch.hidden();
    alone.inputs = batch
        .inputs
        .each_ref()
        .map(|input| input[rows.clone()].to_vec());
    let expected: Vec<Vec<f32>> = found
        .iter()
        .map(|values| values[rows.clone()].to_vec())
        .collect();
    assert_eq!(alone.run(&device), expected);

    let dropped = Case::new(SequenceOffsets::new(LENGTHS), [2, 24], Some(dropout()));
    assert_eq!(dropped.run(&device), dropped.run(&device));
}

#[test]
fn an_empty_batch_has_an_empty_result() {
    let Some(device) = device() else { return };
    let found = Case::new(SequenceOffsets::new([0, 0]), [2, 24], None).run(&device);
    assert!(found.iter().all(Vec::is_empty));
}
