//! Gathers rows of tables by index.

use super::tensors::{UNITS, arg, contiguous, cubes, elem, empty, matrix_dims};
use burn_backend::DType;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

/// A row's index, or the last row's for one that is out of range.
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
    positions: &[F],
    token_types: &[F],
    ids: &[I],
    position_ids: &[I],
    token_type_ids: &[I],
    output: &mut [G],
    width: u32,
    #[define(F, G, I)] _dtypes: [ElemType; 3],
) {
    if ABSOLUTE_POS < output.len() {
        let at = ABSOLUTE_POS as u32;
        let token = at / width;
        let column = at - token * width;
        let id = row_at(ids, token, words.len() as u32 / width);
        let position = row_at(position_ids, token, positions.len() as u32 / width);
        let token_type = row_at(token_type_ids, token, token_types.len() as u32 / width);
        let of_word = f32::cast_from(words[(id * width + column) as usize]);
        let of_position = f32::cast_from(positions[(position * width + column) as usize]);
        let of_type = f32::cast_from(token_types[(token_type * width + column) as usize]);
        output[ABSOLUTE_POS] = G::cast_from(of_word + (of_type + of_position));
    }
}

/// The sum of the rows of three tables, of words, positions and token types, each read by its own indices
/// as in [`gather`]. Tables `[…, width]` are of one type, and so are the indices `[count]`; the result is
/// `[count, width]` of type `dtype`. The gradient of each table is its [`super::scatter::scatter_sum`].
pub(super) fn embed(tables: [CubeTensor; 3], indices: [CubeTensor; 3], dtype: DType) -> CubeTensor {
    let (tables, indices) = (tables.map(contiguous), indices.map(contiguous));
    let [words, positions, token_types] = &tables;
    let [ids, position_ids, token_type_ids] = &indices;
    let [_, width] = matrix_dims(words);
    let count = ids.meta.num_elements();
    let output = empty(words, [count, width], dtype);
    if count * width > 0 {
        embed_kernel::launch(
            &output.client,
            cubes(count * width),
            CubeDim::new_1d(UNITS as u32),
            arg(words),
            arg(positions),
            arg(token_types),
            arg(ids),
            arg(position_ids),
            arg(token_type_ids),
            arg(&output),
            width as u32,
            [elem(words), elem(&output), elem(ids)],
        );
    }
    output
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::testing::{
        assert_near, device, float_types, floats, ints, numbers, read, rounded, rounding, typed,
    };
    use super::*;

    /// Numbers from 0 to below `most` without a pattern, the first of them often.
    pub(in super::super) fn indices(count: usize, most: usize) -> Vec<i32> {
        (0..count)
            .map(|at| match at % 5 {
                0 => 0,
                _ => ((at as u32).wrapping_mul(2_654_435_761) >> 8) as i32 % most as i32,
            })
            .collect()
    }

    /// Rows, width and count.
    pub(in super::super) const CASES: [[usize; 3]; 8] = [
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
    fn rows_are_read_by_their_numbers() {
        let Some(device) = device() else { return };
        for dtype in float_types(&device) {
            for [rows, width, count] in CASES {
                let matrix = rounded(&numbers(rows * width, 1), dtype, &device);
                let chosen = indices(count, rows);
                let expected: Vec<f32> = chosen
                    .iter()
                    .flat_map(|row| &matrix[*row as usize * width..][..width])
                    .copied()
                    .collect();
                let matrix = typed(&matrix, &[rows, width], dtype, &device);
                let found = gather(matrix, ints(&chosen, &device), dtype);
                assert_eq!(found.dtype, dtype);
                assert_eq!(read(found), expected);
            }
        }
    }

    #[test]
    fn indices_out_of_range_read_the_last_row() {
        let Some(device) = device() else { return };
        let matrix = floats(&[1.0, 2.0, 3.0, 4.0], &[2, 2], &device);
        let found = read(gather(matrix, ints(&[0, 2, -1, 1], &device), DType::F32));
        assert_eq!(found, [1.0, 2.0, 3.0, 4.0, 3.0, 4.0, 3.0, 4.0]);
    }

    #[test]
    fn no_indices_read_nothing() {
        let Some(device) = device() else { return };
        let matrix = floats(&[1.0, 2.0], &[1, 2], &device);
        assert!(read(gather(matrix, ints(&[], &device), DType::F32)).is_empty());
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
            let found = |dtype| {
                let table = |table: usize| floats(&tables[table], &[sizes[table], width], &device);
                let chosen = [0, 1, 2].map(|table: usize| ints(&chosen[table], &device));
                read(embed([0, 1, 2].map(table), chosen, dtype))
            };
            assert_eq!(found(DType::F32), expected);
            let expected: Vec<f64> = expected.into_iter().map(f64::from).collect();
            for dtype in float_types(&device) {
                assert_near(&found(dtype), &expected, rounding(dtype));
            }
        }
    }
}
