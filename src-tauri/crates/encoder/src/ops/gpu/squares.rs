//! The sum of the squares of all gradients, by which they are clipped.

use super::columns::{ASIDE, column_sums, total};
use super::reduce::cube_sum;
use super::tensors::{UNITS, arg, contiguous, empty, reshaped, spread, zeros};
use burn_backend::DType;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

/// Elements that one cube squares.
const CHUNK: usize = 16_384;

/// Tensors that one launch squares.
const TOGETHER: usize = 4;

/// A unit's share of the squares of chunk `index`.
#[cube]
fn squares_of(values: &[f32], index: u32) -> f32 {
    let start = index * comptime!(CHUNK as u32);
    let end = min(start + comptime!(CHUNK as u32), values.len() as u32);
    let mut at = start + UNIT_POS;
    let mut sums = Array::<f32>::new(ASIDE);
    #[unroll]
    for step in 0..ASIDE {
        sums[step] = 0.0f32;
    }
    while at < end {
        #[unroll]
        for step in 0..ASIDE {
            if at < end {
                let value = values[at as usize];
                sums[step] += value * value;
            }
            at += comptime!(UNITS as u32);
        }
    }
    total(&sums)
}

/// The chunks of all four are counted through: those of `a` end before `end_a`, those of `b` before `end_b`
/// and so on. Their sums are written from `first` on.
#[cube(launch)]
fn squares_kernel(
    a: &[f32],
    b: &[f32],
    c: &[f32],
    d: &[f32],
    sums: &mut [f32],
    end_a: u32,
    end_b: u32,
    end_c: u32,
    end_d: u32,
    first: u32,
) {
    let cube = CUBE_POS as u32;
    let mut sum = 0.0f32;
    if cube < end_a {
        sum = squares_of(a, cube);
    } else if cube < end_b {
        sum = squares_of(b, cube - end_a);
    } else if cube < end_c {
        sum = squares_of(c, cube - end_b);
    } else if cube < end_d {
        sum = squares_of(d, cube - end_c);
    }
    let mut scratch = Shared::<[f32]>::new_slice(UNITS);
    let sum = cube_sum(sum, &mut scratch, UNITS);
    if UNIT_POS == 0 && cube < end_d {
        sums[(first + cube) as usize] = sum;
    }
}

/// The sum of the squares of all elements of `gradients`, f32: `[1]` on the device, in an order that
/// follows from their sizes. `None` without any gradient.
pub(super) fn sum_of_squares(gradients: &[&CubeTensor]) -> Option<CubeTensor> {
    let like = *gradients.first()?;
    let chunks = |tensor: &CubeTensor| tensor.meta.num_elements().div_ceil(CHUNK);
    let gradients: Vec<CubeTensor> = gradients
        .iter()
        .filter(|tensor| chunks(tensor) > 0)
        .map(|tensor| contiguous((*tensor).clone()))
        .collect();
    let total = gradients.iter().map(chunks).sum::<usize>();
    if total == 0 {
        return Some(zeros(like, 1));
    }
    let sums = empty(like, [total, 1], DType::F32);
    let mut first = 0;
    for together in gradients.chunks(TOGETHER) {
        let mut all = 0;
        let ends = std::array::from_fn::<_, TOGETHER, _>(|at| {
            all += together.get(at).map_or(0, chunks);
            all
        });
        // Those that are missing have no chunk, and something must be bound.
        let of = |at: usize| arg(together.get(at).unwrap_or(&together[0]));
        squares_kernel::launch(
            &like.client,
            spread(all),
            CubeDim::new_1d(UNITS as u32),
            of(0),
            of(1),
            of(2),
            of(3),
            arg(&sums),
            ends[0] as u32,
            ends[1] as u32,
            ends[2] as u32,
            ends[3] as u32,
            first as u32,
        );
        first += all;
    }
    Some(reshaped(column_sums(&sums), [1]))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{assert_near, device, floats, numbers, read};
    use super::*;

    #[test]
    fn squares_of_many_tensors_are_added_up() {
        let Some(device) = device() else { return };
        let sizes = [1, 16_384, 0, 16_385, 100_000, 7, 100, 3, 200_000];
        for constant in [None, Some(0.3f32)] {
            let values: Vec<Vec<f32>> = (0..)
                .zip(sizes)
                .map(|(seed, size)| match constant {
                    Some(constant) => vec![constant; size],
                    None => numbers(size, seed),
                })
                .collect();
            for count in 1..=sizes.len() {
                let tensors: Vec<CubeTensor> = values[..count]
                    .iter()
                    .map(|values| floats(values, &[values.len()], &device))
                    .collect();
                let tensors: Vec<&CubeTensor> = tensors.iter().collect();
                let squares = values[..count].iter().flatten();
                let expected: f64 = squares.map(|x| f64::from(*x).powi(2)).sum();
                let sum = || read(sum_of_squares(&tensors).expect("there are some"));
                assert_near(&sum(), &[expected], 3e-7);
                assert_eq!(sum(), sum());
            }
        }
        assert!(sum_of_squares(&[]).is_none());
        let empty = floats(&[], &[0], &device);
        assert_eq!(sum_of_squares(&[&empty]).map(read), Some(vec![0.0]));
    }
}
