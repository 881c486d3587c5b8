//! Attention, whatever positions have a say in it.

use super::Kernels;
use super::fused::FusedOps;
use super::random::Dropout;
use super::reference::{self, PaddedLayout};
use crate::sequence_offsets::SequenceOffsets;
use burn::backend::Dispatch;
use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use std::sync::{Arc, OnceLock};
use tagsmith_checkpoint::RelativePositions;

/// Longer sequences are looked at in parts on the CPU.
const LONG: usize = 1024;

/// How one batch is computed: where its sequences begin, and by which kernels.
#[derive(Clone, Debug)]
pub struct Execution {
    kernels: Kernels,
    offsets: SequenceOffsets,
    /// Where attention is computed in a padded layout.
    layout: OnceLock<PaddedLayout>,
    /// How distances become buckets, where they have a say.
    relative: Option<RelativePositions>,
    /// The bucket of each distance from a key to a query, from that of the first token to the last one up:
    /// `2 · longest - 1` of them where distances have a say.
    buckets: Arc<[u32]>,
    /// The table of tiles of a GPU's attention; empty elsewhere.
    tiles: Tensor<1, Int>,
    /// The buckets on a GPU; empty elsewhere.
    bucket_table: Tensor<1, Int>,
}

impl Execution {
    /// Prepares a batch for all layers.
    pub fn new(offsets: SequenceOffsets, kernels: Kernels, device: &Device) -> Self {
        let tiles: Vec<i32> = match kernels {
            #[cfg(feature = "gpu")]
            Kernels::Gpu(_) => super::gpu::attention_tiles(&offsets),
            _ => Vec::new(),
        };
        Self {
            kernels,
            offsets,
            layout: OnceLock::new(),
            relative: None,
            buckets: Arc::new([]),
            tiles: integers(tiles, device),
            bucket_table: integers(Vec::new(), device),
        }
    }

    /// The same where positions relative to each other have a say.
    #[must_use]
    pub fn with_relative_positions(self, relative: Option<RelativePositions>) -> Self {
        let last = self.offsets.longest().saturating_sub(1);
        let bucket = |positions: RelativePositions, distance: usize| match distance < last {
            true => positions.bucket(last - distance, 0),
            false => positions.bucket(0, distance - last),
        };
        let distances = 0..=2 * last;
        let buckets = relative.map(|positions| {
            let buckets = distances.map(|distance| bucket(positions, distance) as u32);
            buckets.collect()
        });
        let buckets: Arc<[u32]> = buckets.unwrap_or_default();
        let on_gpu = match self.kernels {
            Kernels::Gpu(_) => buckets.iter().map(|bucket| *bucket as i32).collect(),
            _ => Vec::new(),
        };
        Self {
            relative,
            buckets,
            bucket_table: integers(on_gpu, &self.tiles.device()),
            ..self
        }
    }

    /// The kernels that compute the batch.
    pub fn kernels(&self) -> Kernels {
        self.kernels
    }

    /// The CPU's fused attention writes the rows of tokens only, so it cannot compute rounded sizes.
    fn is_fused(&self) -> bool {
        match self.kernels {
            Kernels::Reference => false,
            Kernels::Cpu => !self.offsets.is_rounded_up(),
            Kernels::Gpu(_) => true,
        }
    }

    fn layout(&self, device: &Device) -> &PaddedLayout {
        self.layout
            .get_or_init(|| PaddedLayout::new(&self.offsets, device))
    }
}

fn integers(values: Vec<i32>, device: &Device) -> Tensor<1, Int> {
    let count = values.len();
    Tensor::from_data(TensorData::new(values, [count]), device)
}

/// What decides, beside query and key, how much one token attends to another.
#[derive(Clone, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "there is one at a time, and it is not kept"
)]
pub enum Scores {
    /// Nothing.
    Plain,
    /// Tokens further away than so many are not attended to.
    Near(usize),
    /// A number for each bucket of distances and head, `[buckets, heads]` in 32 bits, is added.
    Biased(Tensor<2>),
    /// What distances are as keys and as queries, `[buckets, hidden]` each, in the type of query and key. The
    /// products that there are three of are scaled together.
    Disentangled([Tensor<2>; 2]),
}

impl Scores {
    /// How many products are added to one score.
    pub(super) fn terms(&self) -> usize {
        match self {
            Self::Disentangled(_) => 3,
            _ => 1,
        }
    }
}

/// Scaled dot-product attention (Vaswani et al. 2017, section 3.2.1) of each sequence with itself,
/// with dropout on the weights.
///
/// # Shapes
/// - `query`, `key`, `value` `[rows, hidden]`, `hidden` = `heads` × width of a head
/// - result `[rows, hidden]`; rows that are no tokens hold arbitrary numbers
pub fn attention(
    [query, key, value]: [Tensor<2>; 3],
    scores: Scores,
    execution: &Execution,
    heads: usize,
    dropout_rate: f64,
) -> Tensor<2> {
    let (offsets, device) = (&execution.offsets, query.device());
    let dropout = Dropout::next(dropout_rate, &device);
    let scores = match scores {
        // All tokens are near each other.
        Scores::Near(distance) if distance + 1 >= offsets.longest() => Scores::Plain,
        scores => scores,
    };
    let scores = match scores {
        // A part of the queries at a time: the scores of all would not fit any cache, nor some memories.
        Scores::Plain if execution.kernels == Kernels::Cpu && offsets.longest() > LONG => {
            Scores::Near(offsets.longest())
        }
        scores => scores,
    };
    if !execution.is_fused() {
        let layout = execution.layout(&device);
        let relative = execution.relative;
        return reference::attention(
            [query, key, value],
            scores,
            layout,
            relative,
            heads,
            dropout,
        );
    }
    let none = || Tensor::empty([0, 0], (&device, DType::F32));
    let (distance, [first, second]) = match scores {
        Scores::Plain => {
            return Tensor::from_dispatch(<Dispatch as FusedOps>::fused_attention(
                query.into_dispatch(),
                key.into_dispatch(),
                value.into_dispatch(),
                execution.tiles.clone().into_dispatch(),
                offsets.clone(),
                heads,
                dropout,
            ));
        }
        Scores::Near(distance) => (Some(distance), [none(), none()]),
        Scores::Biased(table) => (None, [table, none()]),
        Scores::Disentangled(tables) => (None, tables),
    };
    Tensor::from_dispatch(<Dispatch as FusedOps>::fused_attention_by_distance(
        query.into_dispatch(),
        key.into_dispatch(),
        value.into_dispatch(),
        first.into_dispatch(),
        second.into_dispatch(),
        execution.tiles.clone().into_dispatch(),
        execution.bucket_table.clone().into_dispatch(),
        execution.buckets.clone(),
        distance,
        offsets.clone(),
        heads,
        dropout,
    ))
}
