//! Scatter-add: the gradients of gathered rows, added up by row. Without atomics: each sum is taken in the
//! order of the positions, so the same numbers give the same bits.

use super::cast::cast;
use super::columns::column_sums;
use super::tensors::{UNITS, arg, contiguous, elem, empty, matrix_dims, reshaped, spread, zeros};
use burn_backend::DType;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

/// Rows of the sum that one cube has. It looks through all positions once for all of them.
const BLOCK: usize = 16;

/// Positions that read a cube's rows, on average. Where a matrix has so few rows that it would be more, the
/// positions are cut into chunks.
const CHUNK: usize = 64;

/// The most elements of the sums of all chunks together.
const MOST_PARTS: usize = 4 << 20;

/// Numbers that a unit asks for before it adds them up.
const AHEAD: usize = 8;

/// A cube's rows of the sum over a chunk of positions.
#[cube(launch)]
fn scatter_kernel<F: Float, I: Int>(
    gradient: &[F],
    indices: &[I],
    sums: &mut [f32],
    rows: u32,
    width: u32,
    chunk: u32,
    chunks: u32,
    #[define(F, I)] _dtypes: [ElemType; 2],
) {
    let block = comptime!(BLOCK as u32);
    let units = comptime!(UNITS as u32);
    let words = comptime!(UNITS / 32);
    let unit = UNIT_POS;
    let blocks = rows.div_ceil(block);
    let index = CUBE_POS as u32 / blocks;
    if index >= chunks {
        terminate!();
    }
    let first = (CUBE_POS as u32 - index * blocks) * block;
    let last = min(first + block, rows);
    let base = index * rows * width;
    // Each unit has its columns from here to the end, so nothing else is waited for.
    for row in first..last {
        let mut column = unit;
        while column < width {
            sums[(base + row * width + column) as usize] = 0.0f32;
            column += units;
        }
    }

    let mut is_ours = Shared::<[u32]>::new_slice(UNITS);
    let mut masks = Shared::<[u32]>::new_slice(words);
    let mut found_rows = Shared::<[u32]>::new_slice(UNITS);
    let mut found_at = Shared::<[u32]>::new_slice(UNITS);
    let mut ahead = Array::<f32>::new(AHEAD);
    let end = min((index + 1) * chunk, indices.len() as u32);
    let mut start = index * chunk;
    while start < end {
        // Which of the next positions read one of our rows …
        let position = start + unit;
        let mut row = rows;
        if position < end {
            row = u32::cast_from(indices[position as usize]);
        }
        let ours = row >= first && row < last;
        is_ours[unit as usize] = select(ours, 1u32, 0u32);
        sync_cube();
        if (unit as usize) < words {
            let mut mask = 0u32;
            for bit in 0..32u32 {
                mask |= is_ours[(unit * 32 + bit) as usize] << bit;
            }
            masks[unit as usize] = mask;
        }
        sync_cube();
        // … in their order, …
        let mut found = 0u32;
        let mut before = 0u32;
        for word in 0..words {
            let mask = masks[word];
            if (word as u32) < unit / 32 {
                before += mask.count_ones();
            }
            found += mask.count_ones();
        }
        if ours {
            let below = (1u32 << (unit % 32)) - 1;
            let place = before + (masks[(unit / 32) as usize] & below).count_ones();
            found_rows[place as usize] = row;
            found_at[place as usize] = position;
        }
        sync_cube();
        // … and what they add. Runs of one row stay in a register.
        let mut column = unit;
        while column < width {
            let mut current = rows;
            let mut sum = 0.0f32;
            let mut at = 0u32;
            while at < found {
                // Many rows are read often, and each would be waited for.
                #[unroll]
                for step in 0..AHEAD {
                    let next = at + comptime!(step as u32);
                    ahead[step] = 0.0f32;
                    if next < found {
                        let from = found_at[next as usize] * width + column;
                        ahead[step] = f32::cast_from(gradient[from as usize]);
                    }
                }
                #[unroll]
                for step in 0..AHEAD {
                    let next = at + comptime!(step as u32);
                    if next < found {
                        let row = found_rows[next as usize];
                        if row != current {
                            if current < rows {
                                sums[(base + current * width + column) as usize] = sum;
                            }
                            sum = sums[(base + row * width + column) as usize];
                            current = row;
                        }
                        sum += ahead[step];
                    }
                }
                at += comptime!(AHEAD as u32);
            }
            if current < rows {
                sums[(base + current * width + column) as usize] = sum;
            }
            column += units;
        }
        sync_cube();
        start += units;
    }
}

/// The gradient of the matrix `[rows, width]` that [`super::rows::gather`] read, as `dtype`: each of its rows is the sum
/// of the `gradient` `[count, width]` at the positions whose index it has. Added up in f32. Nothing is
/// added for an index out of range.
pub(super) fn scatter_sum(
    gradient: CubeTensor,
    indices: CubeTensor,
    rows: usize,
    dtype: DType,
) -> CubeTensor {
    let (gradient, indices) = (contiguous(gradient), contiguous(indices));
    let [count, width] = matrix_dims(&gradient);
    let size = rows * width;
    if size * count == 0 {
        return cast(reshaped(zeros(&gradient, size), [rows, width]), dtype);
    }
    let chunks = (count * BLOCK.min(rows) / rows).div_ceil(CHUNK);
    let chunks = chunks.min(MOST_PARTS / size).max(1);
    let chunk = count.div_ceil(chunks);
    let chunks = count.div_ceil(chunk);
    let sums = empty(&gradient, [chunks, size], DType::F32);
    scatter_kernel::launch(
        &gradient.client,
        spread(chunks * rows.div_ceil(BLOCK)),
        CubeDim::new_1d(UNITS as u32),
        arg(&gradient),
        arg(&indices),
        arg(&sums),
        rows as u32,
        width as u32,
        chunk as u32,
        chunks as u32,
        [elem(&gradient), elem(&indices)],
    );
    let sums = match chunks {
        1 => sums,
        _ => column_sums(&sums),
    };
    cast(reshaped(sums, [rows, width]), dtype)
}

#[cfg(test)]
mod tests {
    use super::super::rows::tests::{CASES, indices};
    use super::super::testing::{
        assert_near, device, float_types, floats, ints, numbers, read, rounded, rounding, typed,
    };
    use super::*;

    #[test]
    fn rows_are_added_up_by_their_numbers() {
        let Some(device) = device() else { return };
        for dtype in float_types(&device) {
            for [rows, width, count] in CASES {
                let chosen = indices(count, rows);
                let gradient = rounded(&numbers(count * width, 2), dtype, &device);
                let mut expected = vec![0.0; rows * width];
                for (row, gradient) in chosen.iter().zip(gradient.chunks_exact(width)) {
                    for (column, gradient) in gradient.iter().enumerate() {
                        expected[*row as usize * width + column] += f64::from(*gradient);
                    }
                }
                let gradient = typed(&gradient, &[count, width], dtype, &device);
                let sum = |dtype| {
                    let chosen = ints(&chosen, &device);
                    read(scatter_sum(gradient.clone(), chosen, rows, dtype))
                };
                let found = sum(DType::F32);
                assert_near(&found, &expected, 2e-6);
                assert_eq!(found, sum(DType::F32));
                assert_near(&sum(dtype), &expected, 2e-6 + rounding(dtype));
            }
        }
    }

    #[test]
    fn indices_out_of_range_add_nothing() {
        let Some(device) = device() else { return };
        let gradient = floats(&[1.0; 8], &[4, 2], &device);
        let indices = ints(&[0, 2, -1, 1], &device);
        let sums = read(scatter_sum(gradient, indices, 2, DType::F32));
        assert_eq!(sums, [1.0; 4]);
    }

    #[test]
    fn no_indices_have_sums_of_zero() {
        let Some(device) = device() else { return };
        let gradient = floats(&[], &[0, 2], &device);
        let sums = scatter_sum(gradient, ints(&[], &device), 3, DType::F32);
        assert_eq!(read(sums), [0.0; 6]);
    }
}
