//! Matrix products on NVIDIA's tensor cores: half-precision factors, sums in f32.
//!
//! A cube of four planes computes a square tile of the result. Both factors come in steps of [`DEPTH`] of
//! the inner dimension: read in vectors of 16 bytes into registers while the step before is being
//! multiplied, then put into the half of shared memory that is not being read. From there `ldmatrix`
//! hands each plane its fragments, transposed where a factor lies the other way, and `mma` multiplies
//! them (PTX ISA, *Matrix multiply-accumulate instructions*).

use super::super::super::gelu::normal;
use cubecl::cmma::{MatrixIdent, MmaDefinition};
use cubecl::prelude::*;

/// Units of a cube: four planes of 32.
pub(super) const UNITS: u32 = 128;

/// Steps of the inner dimension that are in shared memory at a time.
const DEPTH: u32 = super::super::plan::DEPTH;

/// Elements of a vector of 16 bytes. What lies in a row must be a multiple of it.
pub(super) const VECTOR: u32 = 8;

/// Rows and columns of a fragment.
const FRAGMENT: u32 = 16;

type Eight<F> = Vector<F, Const<8>>;
type Pair<F> = Vector<F, Const<2>>;

/// What is done with the sums before they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Epilogue {
    /// Nothing.
    Plain,
    /// A bias is added.
    Bias,
    /// A bias is added, and GELU of what is written goes to a second result.
    BiasGelu,
}

/// How a factor lies in memory and what of it a cube needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Operand {
    /// Rows of the left factor or columns of the right one that a cube needs.
    pub(super) tile: u32,
    /// Whether it is the left one.
    pub(super) is_left: bool,
    /// Whether neighbours in memory are neighbours in the inner dimension.
    pub(super) is_deep: bool,
}

impl Operand {
    /// Vectors of a row of the tile, as it lies.
    fn row(self) -> u32 {
        match self.is_deep {
            true => DEPTH / VECTOR,
            false => self.tile / VECTOR,
        }
    }

    /// Vectors of the tile.
    fn vectors(self) -> u32 {
        self.tile * DEPTH / VECTOR
    }

    /// Vectors of the tile that each unit fetches.
    fn each(self) -> u32 {
        self.vectors() / UNITS
    }
}

/// Where a vector of a tile is in shared memory. Neighbouring rows hold their vectors in different
/// orders, so that 8 vectors of 8 rows, or of one row, never meet in a bank.
#[cube]
fn place(row: u32, vector: u32, #[comptime] operand: Operand) -> u32 {
    if comptime!(operand.is_deep) {
        row * comptime!(operand.row()) + (vector ^ ((row / 2) % 4))
    } else {
        row * comptime!(operand.row()) + (vector ^ (row % 8))
    }
}

/// Reads a unit's part of a tile. `across`: rows of the left factor, columns of the right one. 0 outside.
#[cube]
fn fetch<F: Float>(
    matrix: &[Eight<F>],
    fetched: &mut Array<Eight<F>>,
    first_across: u32,
    across: u32,
    first_inner: u32,
    inner: u32,
    #[comptime] operand: Operand,
) {
    let (first_row, rows, first_vector, vectors) = if comptime!(operand.is_deep) {
        (first_across, across, first_inner / VECTOR, inner / VECTOR)
    } else {
        (first_inner, inner, first_across / VECTOR, across / VECTOR)
    };
    #[unroll]
    for part in 0..comptime!(operand.each()) {
        let at = UNIT_POS + part * UNITS;
        let row = first_row + at / comptime!(operand.row());
        let vector = first_vector + at % comptime!(operand.row());
        let mut value = Eight::<F>::new(F::new(0.0));
        if row < rows && vector < vectors {
            value = matrix[(row * vectors + vector) as usize];
        }
        fetched[part as usize] = value;
    }
}

/// Puts what a unit fetched into shared memory, from `start` on.
#[cube]
fn put<F: Float>(
    fetched: &Array<Eight<F>>,
    stage: &mut Shared<[Eight<F>]>,
    start: u32,
    #[comptime] operand: Operand,
) {
    #[unroll]
    for part in 0..comptime!(operand.each()) {
        let at = UNIT_POS + part * UNITS;
        let row = at / comptime!(operand.row());
        let vector = at % comptime!(operand.row());
        stage[(start + place(row, vector, operand)) as usize] = fetched[part as usize];
    }
}

/// A fragment of 16 × 16: 16 `across` from `first` on, and of the inner dimension the 16 of `step`.
///
/// Each unit gives the place of one row of four matrices of 8 × 8. They come in the order in which the
/// registers of `mma` want them: the left factor's `(0, 0) (8, 0) (0, 8) (8, 8)` and the right one's
/// `(0, 0) (0, 8) (8, 0) (8, 8)`, each across and then inner.
#[cube]
fn fragment<F: Float>(
    stage: &Shared<[Eight<F>]>,
    start: u32,
    first: u32,
    #[comptime] step: u32,
    #[comptime] operand: Operand,
) -> Array<Pair<F>> {
    let unit = UNIT_POS % 32;
    let (row, vector) = if comptime!(operand.is_left == operand.is_deep) {
        (unit % 16, unit / 16)
    } else {
        (unit % 8 + unit / 16 * 8, unit / 8 % 2)
    };
    let (row, vector) = if comptime!(operand.is_deep) {
        (first + row, comptime!(step * 2) + vector)
    } else {
        (comptime!(step * 16) + row, first / VECTOR + vector)
    };
    let at = (start + place(row, vector, operand)) as usize;
    let instruction = MmaDefinition::<F, F, f32>::new(16usize, 8usize, 16usize);
    let ident = comptime!(match operand.is_left {
        true => MatrixIdent::A,
        false => MatrixIdent::B,
    });
    instruction.load_matrix::<Eight<F>, Const<2>>(
        &stage[at..at + 1],
        ident,
        4usize,
        comptime!(!operand.is_deep),
    )
}

/// `lhs · rhs` with what `epilogue` says. A cube computes `tile` × `tile` of the result, where
/// `tile = 32 * each`; those of one plane of the grid (`CUBE_POS_Z`) add up a part of `depth` of the inner
/// dimension, and their results follow each other in `out`.
#[cube(launch_unchecked)]
pub(super) fn product_kernel<F: Float, O: Float>(
    lhs: &[Eight<F>],
    rhs: &[Eight<F>],
    bias: &[Pair<f32>],
    out: &mut [Pair<O>],
    activated: &mut [Pair<O>],
    rows: u32,
    columns: u32,
    inner: u32,
    depth: u32,
    #[comptime] each: u32,
    #[comptime] left: Operand,
    #[comptime] right: Operand,
    #[comptime] epilogue: Epilogue,
    #[define(F, O)] _dtypes: [ElemType; 2],
) {
    // Two halves: one is read while the other is filled.
    let mut lefts = Shared::<[Eight<F>]>::new_slice(comptime!((2 * left.vectors()) as usize));
    let mut rights = Shared::<[Eight<F>]>::new_slice(comptime!((2 * right.vectors()) as usize));
    let mut of_left = Array::<Eight<F>>::new(comptime!(left.each() as usize));
    let mut of_right = Array::<Eight<F>>::new(comptime!(right.each() as usize));
    // For each fragment of the left factor, and each half of one of the right factor.
    let mut sums = Sequence::<Array<Pair<f32>>>::new();
    #[unroll]
    for _ in 0..comptime!(each * each * 2) {
        let mut sum = Array::<Pair<f32>>::new(2usize);
        sum[0] = Pair::<f32>::new(0.0f32);
        sum[1] = Pair::<f32>::new(0.0f32);
        sums.push(sum);
    }

    let plane = UNIT_POS / 32;
    let side = comptime!(each * FRAGMENT);
    let plane_row = plane / 2 * side;
    let plane_column = plane % 2 * side;
    let first_row = CUBE_POS_Y * left.tile;
    let first_column = CUBE_POS_X * right.tile;
    let from = CUBE_POS_Z * depth;
    let steps = min(depth, inner - from).div_ceil(DEPTH);

    fetch(lhs, &mut of_left, first_row, rows, from, inner, left);
    fetch(
        rhs,
        &mut of_right,
        first_column,
        columns,
        from,
        inner,
        right,
    );
    put(&of_left, &mut lefts, 0u32, left);
    put(&of_right, &mut rights, 0u32, right);
    sync_cube();
    for step in 0..steps {
        // What comes after the last step is read in vain, or is outside.
        let next = from + (step + 1) * DEPTH;
        fetch(lhs, &mut of_left, first_row, rows, next, inner, left);
        fetch(
            rhs,
            &mut of_right,
            first_column,
            columns,
            next,
            inner,
            right,
        );

        let half = step % 2;
        let left_start = half * comptime!(left.vectors());
        let right_start = half * comptime!(right.vectors());
        #[unroll]
        for part in 0..comptime!(DEPTH / FRAGMENT) {
            let mut ours = Sequence::<Array<Pair<F>>>::new();
            #[unroll]
            for at in 0..each {
                let first = plane_row + at * FRAGMENT;
                ours.push(fragment(&lefts, left_start, first, part, left));
            }
            #[unroll]
            for column in 0..each {
                let first = plane_column + column * FRAGMENT;
                let both = fragment(&rights, right_start, first, part, right);
                #[unroll]
                for narrow in 0..2u32 {
                    let mut theirs = Array::<Pair<F>>::new(2usize);
                    theirs[0] = both[comptime!((narrow * 2) as usize)];
                    theirs[1] = both[comptime!((narrow * 2 + 1) as usize)];
                    #[unroll]
                    for row in 0..each {
                        let at = comptime!(((row * each + column) * 2 + narrow) as usize);
                        let instruction = MmaDefinition::<F, F, f32>::new(16usize, 8usize, 16usize);
                        instruction.execute_inplace(
                            ours.index(comptime!(row as usize)),
                            &theirs,
                            sums.index_mut(at),
                        );
                    }
                }
            }
        }

        let other = 1 - half;
        put(
            &of_left,
            &mut lefts,
            other * comptime!(left.vectors()),
            left,
        );
        put(
            &of_right,
            &mut rights,
            other * comptime!(right.vectors()),
            right,
        );
        sync_cube();
    }

    // A unit has two neighbouring columns of two rows of each 16 × 8.
    let pairs = columns / 2;
    let part = CUBE_POS_Z * rows;
    #[unroll]
    for narrow in 0..comptime!(each * 2) {
        let column = first_column + plane_column + narrow * 8 + UNIT_POS % 4 * 2;
        if column < columns {
            let pair = column / 2;
            let mut added = Pair::<f32>::new(0.0f32);
            if comptime!(epilogue != Epilogue::Plain) {
                added = bias[pair as usize];
            }
            #[unroll]
            for high in 0..comptime!(each * 2) {
                let at = comptime!((high / 2 * each * 2 + narrow) as usize);
                let row = first_row + plane_row + high * 8 + UNIT_POS % 32 / 4;
                if row < rows {
                    let sum = sums.index(at)[comptime!((high % 2) as usize)] + added;
                    let sum = Pair::<O>::cast_from(sum);
                    let place = ((part + row) * pairs + pair) as usize;
                    out[place] = sum;
                    if comptime!(epilogue == Epilogue::BiasGelu) {
                        // Of the numbers that are kept, so that the backward pass sees the same.
                        let sum = Pair::<f32>::cast_from(sum);
                        let mut result = Pair::<f32>::new(0.0f32);
                        #[unroll]
                        for at in 0..2usize {
                            let x = sum.extract(at);
                            let (below, _density) = normal(x);
                            result.insert(at, x * below);
                        }
                        activated[place] = Pair::<O>::cast_from(result);
                    }
                }
            }
        }
    }
}
