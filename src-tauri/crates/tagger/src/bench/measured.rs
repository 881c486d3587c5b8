//! The times of a part, and the figures that follow from them.

use super::Memory;
use serde::{Deserialize, Serialize};
use std::time::Instant;

/// MicroBatching before the clock starts: the first ones take memory from the system and tune kernels.
const WARM_UP: usize = 2;

/// What was measured of one part.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Measured {
    /// The part, as it spells itself.
    pub part: String,
    /// Milliseconds of each repetition, in their order.
    pub times_ms: Vec<f64>,
    /// Their median.
    pub median_ms: f64,
    /// Their 95th percentile.
    pub p95_ms: f64,
    /// The least of them.
    pub least_ms: f64,
    /// Word pieces a second, padding not counted, by the median.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_per_second: Option<f64>,
    /// 10⁹ floating-point operations a second by the median; of a product, by the least time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gflops: Option<f64>,
    /// `gflops` over the best product of the same run, 0–1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share_of_peak: Option<f64>,
    /// Memory once the model was there, and after the part.
    pub memory: Memory,
    /// Memory in the course of many steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub course: Vec<MemoryAt>,
}

/// Memory at one point of a long run.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct MemoryAt {
    /// Steps done.
    pub step: usize,
    /// Memory of the process in bytes.
    pub bytes: u64,
}

impl Measured {
    /// The figures that follow from the times of forward passes over `pieces` word pieces.
    pub(super) fn of(times_ms: Vec<f64>, pieces: Option<usize>, flops: Option<f64>) -> Self {
        let median_ms = quantile(&times_ms, 0.5);
        let per_second = |amount: f64| amount / (median_ms / 1e3);
        Self {
            median_ms,
            p95_ms: quantile(&times_ms, 0.95),
            least_ms: quantile(&times_ms, 0.0),
            tokens_per_second: pieces.map(|pieces| per_second(pieces as f64)),
            gflops: flops.map(|flops| per_second(flops / 1e9)),
            times_ms,
            ..Self::default()
        }
    }
}

/// The value below which the share `q` of `values` lies, between its neighbours in proportion.
fn quantile(values: &[f64], q: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    let place = q * last as f64;
    let (below, above) = (
        sorted[place.floor() as usize],
        sorted[place.ceil() as usize],
    );
    below + (above - below) * place.fract()
}

/// The milliseconds of each of `repetitions` runs of `work`, after the warm-up.
pub(super) fn times(repetitions: usize, mut work: impl FnMut()) -> Vec<f64> {
    for _ in 0..WARM_UP {
        work();
    }
    (0..repetitions)
        .map(|_| {
            let began = Instant::now();
            work();
            began.elapsed().as_secs_f64() * 1e3
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_their_neighbours() {
        let values = [4.0, 1.0, 3.0, 2.0];
        for (q, expected) in [(0.0, 1.0), (0.5, 2.5), (1.0, 4.0)] {
            assert_eq!(quantile(&values, q), expected);
        }
        assert_eq!(quantile(&[], 0.5), 0.0);
    }
}
