//! The rotation of queries and keys (Su et al. 2021, section 3.4.2); its backward pass rotates back.

use super::cast::owned;
use super::tensors::{UNITS, arg, contiguous, cubes, elem, matrix_dims};
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

/// The angles of a batch's rows, and how many heads a row has.
#[derive(Clone, Debug)]
pub(super) struct Angles {
    /// Cosines and sines, f32 `[rows, width of a head / 2]` each.
    tables: [CubeTensor; 2],
    heads: usize,
}

/// A unit has the two columns of a point. They are written over by those of the rotated one.
#[cube(launch)]
fn rotate_kernel<F: Float>(
    points: &mut [F],
    cosines: &[f32],
    sines: &[f32],
    direction: f32,
    heads: u32,
    half: u32,
    #[define(F)] _dtype: ElemType,
) {
    let at = ABSOLUTE_POS as u32;
    if at < points.len() as u32 / 2 {
        let head = at / half;
        let pair = at - head * half;
        let angle = (head / heads * half + pair) as usize;
        let first = (head * 2 * half + pair) as usize;
        let second = first + half as usize;
        let cosine = cosines[angle];
        let sine = sines[angle] * direction;
        let x = f32::cast_from(points[first]);
        let y = f32::cast_from(points[second]);
        points[first] = F::cast_from(x * cosine - y * sine);
        points[second] = F::cast_from(y * cosine + x * sine);
    }
}

impl Angles {
    pub(super) fn new(tables: [CubeTensor; 2], heads: usize) -> Self {
        Self {
            tables: tables.map(contiguous),
            heads,
        }
    }

    /// `input` `[rows, hidden]` → the same shape, forward with `direction` 1, back with −1. Written over
    /// where nothing else holds it.
    pub(super) fn rotate(&self, input: CubeTensor, direction: f32) -> CubeTensor {
        let points = owned(input);
        let [rows, hidden] = matrix_dims(&points);
        let half = hidden / self.heads / 2;
        let [cosines, sines] = &self.tables;
        if rows * half > 0 {
            rotate_kernel::launch(
                &points.client,
                cubes(rows * hidden / 2),
                CubeDim::new_1d(UNITS as u32),
                arg(&points),
                arg(cosines),
                arg(sines),
                direction,
                self.heads as u32,
                half as u32,
                elem(&points),
            );
        }
        points
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{
        assert_near, device, float_types, floats, numbers, read, rounded, rounding, typed,
    };
    use super::*;

    #[test]
    fn points_are_rotated_and_back() {
        let Some(device) = device() else { return };
        for [rows, heads, half] in [[1, 1, 1], [3, 5, 4], [257, 3, 32], [0, 2, 4]] {
            let hidden = heads * 2 * half;
            let angles = numbers(rows * half, 1);
            let table = |function: fn(f32) -> f32| {
                let values: Vec<f32> = angles.iter().map(|angle| function(*angle)).collect();
                floats(&values, &[rows, half], &device)
            };
            let turning = Angles::new([table(f32::cos), table(f32::sin)], heads);
            for dtype in float_types(&device) {
                let input = rounded(&numbers(rows * hidden, 2), dtype, &device);
                let expected: Vec<f64> = (0..rows * hidden)
                    .map(|at| {
                        let (row, column) = (at / hidden, at % (2 * half));
                        let angle = f64::from(angles[row * half + column % half]);
                        let other = match column < half {
                            true => -f64::from(input[at + half]),
                            false => f64::from(input[at - half]),
                        };
                        f64::from(input[at]) * angle.cos() + other * angle.sin()
                    })
                    .collect();
                let held = typed(&input, &[rows, hidden], dtype, &device);
                let rotated = turning.rotate(held.clone(), 1.0);
                assert_eq!(rotated.dtype, dtype);
                assert_near(&read(rotated.clone()), &expected, 1e-6 + rounding(dtype));
                let back = read(turning.rotate(rotated, -1.0));
                let input: Vec<f64> = input.iter().map(|x| f64::from(*x)).collect();
                assert_near(&back, &input, 1e-6 + 2.0 * rounding(dtype));
                // What others hold is left.
                assert_near(&read(held), &input, 0.0);
            }
        }
    }
}
