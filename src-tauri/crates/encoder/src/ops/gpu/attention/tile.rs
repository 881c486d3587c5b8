//! The tile that a cube works on: which rows it has, and how they get into shared memory and results
//! back out.
//!
//! A unit has 4 rows of the matrix that stays, [`Plan::groups`] apart, and keeps what belongs to them
//! in vectors of 4, one component a row.

use super::plan::{Plan, UNITS};
use cubecl::prelude::*;

/// Numbers of 4 rows, or 4 neighbouring columns.
pub(super) type Four = Vector<f32, Const<4>>;

/// Whole numbers of 4 rows.
pub(super) type Whole = Vector<u32, Const<4>>;

/// The largest score of a row and the inverse of its sum of exponentials.
pub(super) type Top = Vector<f32, Const<2>>;

/// The tile of a cube.
#[derive(CubeType, Clone, Copy)]
pub(super) struct Tile {
    /// First row of the sequence.
    pub start: usize,
    /// The tile's first row in the sequence.
    pub first: usize,
    /// Rows of the tile that exist.
    pub count: usize,
    /// Rows of the sequence; 0 for rows that belong to none.
    pub length: usize,
    /// First column of the head, in elements.
    pub column: usize,
    /// Columns of the matrices, in elements.
    pub hidden: usize,
    /// Heads, and which one it is.
    pub heads: usize,
    pub head: usize,
    /// What dropout calls the sequence's first row.
    pub first_row: u32,
}

/// The tile of this cube, without rows if the sequence ends before it.
#[cube]
pub(super) fn tile(tiles: &[i32], heads: u32, longest: u32, #[comptime] plan: Plan) -> Tile {
    let at = CUBE_POS_X as usize * 4;
    let length = tiles[at + 1] as u32 as usize;
    let part = CUBE_POS_Z as usize * comptime!(plan.rows);
    let first = tiles[at + 2] as u32 as usize + part;
    let sequence = tiles[at + 3];
    let end = min(first + comptime!(plan.rows), length);
    let width = comptime!(plan.width);
    Tile {
        start: tiles[at] as u32 as usize,
        first,
        count: end - min(first, end),
        length: select(sequence < 0i32, 0usize, length),
        column: CUBE_POS_Y as usize * width,
        hidden: heads as usize * width,
        heads: heads as usize,
        head: CUBE_POS_Y as usize,
        first_row: (sequence as u32 * heads + CUBE_POS_Y) * longest,
    }
}

/// Which of the units with the same rows this is.
#[cube]
pub(super) fn column(#[comptime] plan: Plan) -> usize {
    UNIT_POS as usize % comptime!(plan.columns)
}

/// The first of this unit's rows in the tile.
#[cube]
pub(super) fn group(#[comptime] plan: Plan) -> usize {
    UNIT_POS as usize / comptime!(plan.columns)
}

/// The index among the streamed rows of this unit's `at`-th one.
#[cube]
pub(super) fn streamed(#[comptime] at: usize, #[comptime] plan: Plan) -> usize {
    column(plan) + comptime!(at * plan.columns)
}

/// Copies rows of a head to shared memory, `first` and those behind it in the matrix, `scaled` as the
/// scores are; zeros from the `count`-th on, of which there must be one.
///
/// Scaling a query rather than its scores makes scores equal to the bit wherever they are computed:
/// with a multiplication between product and maximum, a compiler may round once or twice.
#[cube]
pub(super) fn load<F: Float, N: Size>(
    matrix: &[Vector<F, N>],
    first: usize,
    count: usize,
    tile: &Tile,
    out: &mut Shared<[Four]>,
    #[comptime] rows: usize,
    #[comptime] scaled: bool,
    #[comptime] plan: Plan,
) {
    let size = comptime!(rows * plan.fours());
    for step in 0..comptime!(size.div_ceil(UNITS)) {
        let at = step * UNITS + UNIT_POS as usize;
        if comptime!(size.is_multiple_of(UNITS)) || at < size {
            load_four(matrix, first, count, at, tile, out, scaled, plan);
        }
    }
}

#[cube]
fn load_four<F: Float, N: Size>(
    matrix: &[Vector<F, N>],
    first: usize,
    count: usize,
    at: usize,
    tile: &Tile,
    out: &mut Shared<[Four]>,
    #[comptime] scaled: bool,
    #[comptime] plan: Plan,
) {
    let fours = comptime!(plan.fours());
    let row = at / fours;
    let column = (at - row * fours) * 4;
    let from = (first + min(row, count - 1)) * tile.hidden + tile.column;
    let value = if comptime!(plan.load == 4) {
        Four::cast_from(matrix[(from + column) / 4])
    } else {
        let mut value = Four::new(0.0);
        #[unroll]
        for part in 0..4 {
            let last = comptime!(plan.width - 1);
            let element = matrix[from + min(column + part, last)];
            let element = f32::cast_from(element);
            value.insert(part, select(column + part <= last, element, 0.0));
        }
        value
    };
    let value = if comptime!(scaled) {
        value * Four::new(comptime!(plan.scale()))
    } else {
        value
    };
    let value = select(row < count, value, Four::new(0.0));
    out[row * comptime!(plan.stride()) + column / 4] = value;
}

/// Writes this unit's rows of the result, those that exist, each times its component of `factors`; or adds
/// them to what is there.
#[cube]
pub(super) fn store<F: Float, N: Size>(
    values: &Array<Four>,
    factors: Four,
    tile: &Tile,
    out: &mut [Vector<F, N>],
    #[comptime] adds: bool,
    #[comptime] plan: Plan,
) {
    let outputs = comptime!(plan.outputs());
    #[unroll]
    for i in 0..4usize {
        let row = group(plan) + comptime!(i * plan.groups());
        if row < tile.count {
            let to = (tile.start + tile.first + row) * tile.hidden + tile.column;
            #[unroll]
            for c in 0..outputs {
                let four = streamed(c, plan);
                if four < comptime!(plan.fours()) {
                    let value = values[comptime!(i * outputs + c)];
                    let value = value * Four::new(factors.extract(i));
                    store_four(value, to, four * 4, out, adds, plan);
                }
            }
        }
    }
}

#[cube]
fn store_four<F: Float, N: Size>(
    value: Four,
    to: usize,
    column: usize,
    out: &mut [Vector<F, N>],
    #[comptime] adds: bool,
    #[comptime] plan: Plan,
) {
    if comptime!(plan.load == 4) {
        let at = (to + column) / 4;
        let mut value = value;
        if comptime!(adds) {
            value += Four::cast_from(out[at]);
        }
        out[at] = Vector::<F, N>::cast_from(value);
    } else {
        #[unroll]
        for part in 0..4usize {
            if column + part < comptime!(plan.width) {
                let at = to + column + part;
                let mut value = value.extract(part);
                if comptime!(adds) {
                    value += f32::cast_from(out[at]);
                }
                out[at] = Vector::<F, N>::cast_from(value);
            }
        }
    }
}

/// The index of one of the tile's rows in a matrix `[rows, heads]`.
#[cube]
pub(super) fn number_place(tile: &Tile, row: usize) -> usize {
    (tile.start + row) * tile.heads + tile.head
}

/// The positions in the sequence of this unit's 4 rows.
#[cube]
pub(super) fn places(tile: &Tile, #[comptime] plan: Plan) -> Whole {
    let mut places = Whole::new(0u32);
    #[unroll]
    for i in 0..4usize {
        let row = tile.first + group(plan) + comptime!(i * plan.groups());
        places.insert(i, row as u32);
    }
    places
}
