//! Rows of a matrix: read by their numbers, and the gradients of what was read added up by row. No
//! atomics: each sum is taken in the order of the positions, so the same numbers give the same bits.

use super::cast::cast;
use super::columns::column_sums;
use super::tensors::{
    UNITS, arg, contiguous, cubes, elem, empty, matrix_dims, reshaped, spread, zeros,
};
use burn_backend::DType;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

/// A row's number, or the last row's for one that is out of range.
#[cube]
fn row_at<I: Int>(indices: &[I], position: u32, rows: u32) -> u32 {
    min(u32::cast_from(indices[position as usize]), rows - 1)
}

#[cube(launch)]
fn gather_kernel<F: Float, G: Float, I: Int>(
    matrix: &[F],
    indices: &[I],
    output: &mut [G],
    rows: u32,
    width: u32,
    #[define(F, G, I)] _dtypes: [ElemType; 3],
) {
    if ABSOLUTE_POS < output.len() {
        let at = ABSOLUTE_POS as u32;
        let position = at / width;
        let from = row_at(indices, position, rows) * width + (at - position * width);
        output[ABSOLUTE_POS] = G::cast_from(matrix[from as usize]);
    }
}

/// `matrix` `[rows, width]`, `indices` `[count]` of any integer type → `[count, width]` as `dtype`. An index
/// out of range reads the last row.
pub(super) fn gather(matrix: CubeTensor, indices: CubeTensor, dtype: DType) -> CubeTensor {
    let (matrix, indices) = (contiguous(matrix), contiguous(indices));
    let [rows, width] = matrix_dims(&matrix);
    let count = indices.meta.num_elements();
    let output = empty(&matrix, [count, width], dtype);
    if count * width * rows > 0 {
        gather_kernel::launch(
            &matrix.client,
            cubes(count * width),
            CubeDim::new_1d(UNITS as u32),
            arg(&matrix),
            arg(&indices),
            arg(&output),
            rows as u32,
            width as u32,
            [elem(&matrix), elem(&output), elem(&indices)],
        );
    }
    output
}

#[cube(launch)]
fn embed_kernel<F: Float, G: Float, I: Int>(
    words: &[F],
    places: &[F],
    types: &[F],
    word_ids: &[I],
    place_ids: &[I],
    type_ids: &[I],
    output: &mut [G],
    width: u32,
    #[define(F, G, I)] _dtypes: [ElemType; 3],
) {
    if ABSOLUTE_POS < output.len() {
        let at = ABSOLUTE_POS as u32;
        let position = at / width;
        let column = at - position * width;
        let word = row_at(word_ids, position, words.len() as u32 / width);
        let place = row_at(place_ids, position, places.len() as u32 / width);
        let kind = row_at(type_ids, position, types.len() as u32 / width);
        let word = f32::cast_from(words[(word * width + column) as usize]);
        let place = f32::cast_from(places[(place * width + column) as usize]);
        let kind = f32::cast_from(types[(kind * width + column) as usize]);
        output[ABSOLUTE_POS] = G::cast_from(word + (kind + place));
    }
}

/// The sum of the rows of three tables, of words, positions and token types, each read by its own indices
/// as in [`gather`]. Tables `[…, width]` are of one type, and so are the indices `[count]`; the result
/// `[count, width]` is of type `dtype`.
pub(super) fn embed(tables: [CubeTensor; 3], indices: [CubeTensor; 3], dtype: DType) -> CubeTensor {
    let (tables, indices) = (tables.map(contiguous), indices.map(contiguous));
    let [_, width] = matrix_dims(&tables[0]);
    let count = indices[0].meta.num_elements();
    let output = empty(&tables[0], [count, width], dtype);
    if count * width > 0 {
        embed_kernel::launch(
            &output.client,
            cubes(count * width),
            CubeDim::new_1d(UNITS as u32),
            arg(&tables[0]),
            arg(&tables[1]),
            arg(&tables[2]),
            arg(&indices[0]),
            arg(&indices[1]),
            arg(&indices[2]),
            arg(&output),
            width as u32,
            [elem(&tables[0]), elem(&output), elem(&indices[0])],
        );
    }
    output
}

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

/// The gradient of the matrix `[rows, width]` that [`gather`] read, as `dtype`: each of its rows is the sum
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
    use super::super::testing::{assert_near, device, floats, ints, numbers, read};
    use super::*;

    /// Numbers from 0 to below `most` without a pattern, the first of them often.
    fn indices(count: usize, most: usize) -> Vec<i32> {
        (0..count)
            .map(|at| match at % 5 {
                0 => 0,
                _ => ((at as u32).wrapping_mul(2_654_435_761) >> 8) as i32 % most as i32,
            })
            .collect()
    }

    const CASES: [[usize; 3]; 8] = [
        [1, 1, 1],
        [2, 24, 3000],
        [2, 768, 257],
        [512, 24, 1000],
        [300, 384, 700],
        [30_522, 24, 600],
        [257, 1000, 64],
        [17, 3, 65],
    ];

    #[test]
    fn rows_are_read_and_their_gradients_added_up() {
        let Some(device) = device() else { return };
        for [rows, width, count] in CASES {
            let matrix = numbers(rows * width, 1);
            let chosen = indices(count, rows);
            let expected: Vec<f32> = chosen
                .iter()
                .flat_map(|row| &matrix[*row as usize * width..][..width])
                .copied()
                .collect();
            let matrix = floats(&matrix, &[rows, width], &device);
            let places = ints(&chosen, &device);
            let found = gather(matrix, places.clone(), DType::F32);
            assert_eq!(read(found), expected);

            let gradient = numbers(count * width, 2);
            let mut expected = vec![0.0; rows * width];
            for (row, gradient) in chosen.iter().zip(gradient.chunks_exact(width)) {
                for (column, gradient) in gradient.iter().enumerate() {
                    expected[*row as usize * width + column] += f64::from(*gradient);
                }
            }
            let gradient = floats(&gradient, &[count, width], &device);
            let sum = || {
                let (gradient, places) = (gradient.clone(), places.clone());
                read(scatter_sum(gradient, places, rows, DType::F32))
            };
            let found = sum();
            assert_near(&found, &expected, 2e-6);
            assert_eq!(found, sum());
        }
    }

    #[test]
    fn indices_out_of_range_read_the_last_row_and_add_nothing() {
        let Some(device) = device() else { return };
        let matrix = floats(&[1.0, 2.0, 3.0, 4.0], &[2, 2], &device);
        let places = ints(&[0, 2, -1, 1], &device);
        let found = read(gather(matrix, places.clone(), DType::F32));
        assert_eq!(found, [1.0, 2.0, 3.0, 4.0, 3.0, 4.0, 3.0, 4.0]);
        let gradient = floats(&[1.0; 8], &[4, 2], &device);
        let sums = read(scatter_sum(gradient, places, 2, DType::F32));
        assert_eq!(sums, [1.0; 4]);
    }

    #[test]
    fn nothing_read_gives_nothing() {
        let Some(device) = device() else { return };
        let matrix = floats(&[1.0, 2.0], &[1, 2], &device);
        let places = ints(&[], &device);
        assert!(read(gather(matrix, places.clone(), DType::F32)).is_empty());
        let gradient = floats(&[], &[0, 2], &device);
        assert_eq!(read(scatter_sum(gradient, places, 3, DType::F32)), [0.0; 6]);
    }

    #[test]
    fn an_embedding_is_the_sum_of_three() {
        let Some(device) = device() else { return };
        for [rows, width, count] in CASES {
            let sizes = [rows, 512, 2];
            let tables = sizes.map(|rows| numbers(rows * width, rows as u64));
            let chosen = sizes.map(|rows| indices(count, rows));
            let expected: Vec<f32> = (0..count * width)
                .map(|at| {
                    let [word, place, kind] = [0, 1, 2].map(|table: usize| {
                        tables[table][chosen[table][at / width] as usize * width + at % width]
                    });
                    word + (kind + place)
                })
                .collect();
            let found = embed(
                [0, 1, 2].map(|table| floats(&tables[table], &[sizes[table], width], &device)),
                chosen.map(|chosen| ints(&chosen, &device)),
                DType::F32,
            );
            assert_eq!(read(found), expected);
        }
    }
}
