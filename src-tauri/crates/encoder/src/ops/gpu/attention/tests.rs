//! The kernels against the formulas in f64 and against the CPU. On a software driver only f32 can run.

use super::super::testing::{assert_near, device, floats, ints, numbers, read};
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

/// One attention: query, key, value and the result's gradient, `[rows, heads · width]` each.
struct Case {
    offsets: SequenceOffsets,
    heads: usize,
    width: usize,
    inputs: [Vec<f32>; 4],
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
            dropout,
        }
    }

    fn hidden(&self) -> usize {
        self.heads * self.width
    }

    /// The result and the gradients of query, key and value.
    fn run(&self, device: &Device) -> [Vec<f32>; 4] {
        let dims = [self.offsets.rows(), self.hidden()];
        let inputs = self.inputs.each_ref();
        let [query, key, value, gradient] = inputs.map(|input| floats(input, &dims, device));
        let options = Options {
            tiles: ints(&tiles(&self.offsets), device),
            heads: self.heads,
            longest: self.offsets.longest(),
            distances: Distances::Nothing,
            dropout: self.dropout,
        };
        let inputs = [&query, &key, &value];
        let (out, saved) = forward(inputs, &options);
        let mut gradients = backward(inputs, &out, &gradient, &saved, &options).into_iter();
        let mut next = || gradients.next().expect("each matrix has a gradient");
        [out, next(), next(), next()].map(read)
    }

    /// The same in f64, each matrix of scores whole.
    fn expected(&self) -> [Vec<f64>; 4] {
        let mut out = self.inputs.each_ref().map(|input| vec![0.0; input.len()]);
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
        out: &mut [Vec<f64>; 4],
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
        let scale = 1.0 / (self.width as f64).sqrt();
        let start = rows.start;
        for i in rows.clone() {
            let scores: Vec<f64> = rows
                .clone()
                .map(|j| dot(query, i, key, j) * scale)
                .collect();
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
                let of_score = weight(j) * (of_weight(j) - along) * scale;
                let dropped = weight(j) * factor(j);
                for c in columns.clone() {
                    let (i, j) = (place(i, c), place(j, c));
                    out[0][i] += dropped * f64::from(value[j]);
                    out[1][i] += of_score * f64::from(key[j]);
                    out[2][j] += of_score * f64::from(query[i]);
                    out[3][j] += dropped * f64::from(gradient[i]);
                }
            }
        }
    }

    #[track_caller]
    fn check(&self, device: &Device) {
        let (found, expected) = (self.run(device), self.expected());
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
    let [out, of_query, of_key, of_value] = case.run(&device);
    let [expected, _, _, expected_of_value] = case.expected();
    assert_near(&out, &expected, 1e-5);
    assert_near(&of_value, &expected_of_value, 1e-4);
    assert!(of_query.iter().chain(&of_key).all(|x| x.is_finite()));
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
    let expected = found.map(|values| values[rows.clone()].to_vec());
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
