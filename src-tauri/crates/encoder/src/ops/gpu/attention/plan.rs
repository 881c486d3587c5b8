//! How attention is cut into tiles, which depends on the head's width and on what distances say alone, so that
//! each kernel is compiled once for a model.

use super::distance::By;
use burn_cubecl::tensor::CubeTensor;

/// Rows of a sequence that an entry of the table of tiles stands for.
pub(super) const TILE: usize = 32;

/// Units of a cube.
pub(super) const UNITS: usize = 64;

/// Shared memory that a cube uses at most if the head is not wide, in bytes: what nearly every device
/// grants, and little enough that several cubes share a processor.
const SHARED: usize = 32 * 1024;

/// Heads of this width or less keep to [`SHARED`].
const NOT_WIDE: usize = 128;

/// The sizes of one kernel's tiles. A cube keeps `rows` rows of its sequence in shared memory, and all
/// rows of the sequence stream past them, `streamed` at a time. Each unit works on 4 of the rows that
/// stay, with every `columns`-th of the streamed rows or, for the result, of the head's vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Plan {
    /// Columns of a head.
    pub width: usize,
    /// Elements of one load from global memory, 1 or 4.
    pub load: usize,
    /// Rows that stay.
    pub rows: usize,
    /// Rows that stream past at a time.
    pub streamed: usize,
    /// Units side by side that share the same 4 rows.
    pub columns: usize,
    /// What distances say of the scores.
    pub by: By,
}

/// Matrices of a kernel in shared memory.
#[derive(Clone, Copy)]
pub(super) struct Matrices {
    /// Of rows that stay.
    pub resident: usize,
    /// Of rows that stream past.
    pub streamed: usize,
    /// Of weights.
    pub weights: usize,
    /// The most rows that stream past at a time.
    pub most_streamed: usize,
}

/// Rows that stay and that stream past, from large to small.
const SIZES: [[usize; 2]; 9] = [
    [32, 32],
    [32, 16],
    [16, 16],
    [16, 8],
    [8, 8],
    [8, 4],
    [4, 4],
    [4, 2],
    SMALLEST,
];

const SMALLEST: [usize; 2] = [4, 1];

/// Shared memory that the device of a matrix grants a cube, in bytes.
fn granted(matrix: &CubeTensor) -> usize {
    matrix.client.properties().hardware.max_shared_memory_size
}

impl Plan {
    /// The largest tiles that fit for heads of this width on the device of `matrix`, else the smallest.
    pub(super) fn new(matrix: &CubeTensor, width: usize, matrices: Matrices, by: By) -> Self {
        let granted = granted(matrix);
        let limit = match width <= NOT_WIDE {
            true => granted.min(SHARED),
            false => granted,
        };
        let mut plans = SIZES
            .iter()
            .map(|size| Self::of_size(width, *size, by))
            .filter(|plan| plan.streamed <= matrices.most_streamed)
            .filter(|plan| plan.bytes(matrices) <= limit);
        plans.next().unwrap_or(Self::of_size(width, SMALLEST, by))
    }

    /// Whether a device grants what heads of this width need at least.
    pub(super) fn fits(matrix: &CubeTensor, width: usize, matrices: Matrices, by: By) -> bool {
        Self::of_size(width, SMALLEST, by).bytes(matrices) <= granted(matrix)
    }

    fn of_size(width: usize, [rows, streamed]: [usize; 2], by: By) -> Self {
        Self {
            width,
            load: if width.is_multiple_of(4) { 4 } else { 1 },
            rows,
            streamed,
            columns: UNITS * 4 / rows,
            by,
        }
    }

    /// Shared memory, in bytes.
    fn bytes(&self, matrices: Matrices) -> usize {
        let rows = matrices.resident * self.rows + matrices.streamed * self.streamed;
        let weights = matrices.weights * self.weights();
        // Next to a band there may be the sums of its slots.
        let band = if self.has_band() { 8 * self.band() } else { 0 };
        16 * (rows * self.stride() + weights + self.partials()) + band
    }

    /// Cubes that share a tile of the table.
    pub(super) fn parts(&self) -> usize {
        TILE / self.rows
    }

    /// Vectors of a row.
    pub(super) fn fours(&self) -> usize {
        self.width.div_ceil(4)
    }

    /// Vectors from one row to the next in shared memory: odd, so that rows begin in different banks.
    pub(super) fn stride(&self) -> usize {
        self.fours() | 1
    }

    /// Vectors of a matrix that stays.
    pub(super) fn resident(&self) -> usize {
        self.rows * self.stride()
    }

    /// Vectors of a matrix that streams past.
    pub(super) fn passing(&self) -> usize {
        self.streamed * self.stride()
    }

    /// Groups of 4 rows.
    pub(super) fn groups(&self) -> usize {
        self.rows / 4
    }

    /// Vectors of 4 weights from one streamed row to the next.
    pub(super) fn weight_stride(&self) -> usize {
        self.groups() | 1
    }

    /// Vectors of a matrix of weights.
    pub(super) fn weights(&self) -> usize {
        self.streamed * self.weight_stride()
    }

    /// Vectors of the list that maxima and sums are reduced in: one for each unit.
    pub(super) fn partials(&self) -> usize {
        UNITS
    }

    /// Whether numbers belong to distances.
    pub(super) fn has_band(&self) -> bool {
        matches!(self.by, By::Bias | By::Tables)
    }

    /// Distances at which rows that stay and rows that stream past meet: no more than there are units.
    pub(super) fn band(&self) -> usize {
        match self.has_band() {
            true => self.rows + self.streamed - 1,
            false => 1,
        }
    }

    /// Streamed rows of a unit.
    pub(super) fn scores(&self) -> usize {
        self.streamed.div_ceil(self.columns)
    }

    /// Vectors of the head's width of a unit.
    pub(super) fn outputs(&self) -> usize {
        self.fours().div_ceil(self.columns)
    }

    /// What scores are multiplied by.
    pub(super) fn scale(&self) -> f32 {
        let terms = match self.by {
            By::Tables => 3,
            _ => 1,
        };
        (1.0 / ((terms * self.width) as f64).sqrt()) as f32
    }
}
