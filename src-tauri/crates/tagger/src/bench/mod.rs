//! How fast a device is at the work of this program: products, passes, steps, one sentence, memory.
//!
//! Each [`Part`] is measured by itself, best in a process of its own, so that its peak of memory is
//! nobody else's. Times are of the whole work as training and prediction do it: batches are laid,
//! moved to the device, and the result is read back, so that nothing is still under way when the
//! clock stops.

mod memory;
mod part;
mod product;
mod subject;

pub use memory::Memory;
pub use part::{Part, Shape};
pub use subject::{LABELS, SHAPES, Subject};

use crate::batch::{collate, prediction_order, training_order};
use crate::error::Error;
use crate::optimizer::{AdamW, AdamWConfig};
use crate::prepare::Example;
use crate::step::{dropout_seed, step};
use crate::window::Window;
use serde::{Deserialize, Serialize};
use std::time::Instant;
use subject::{flops, sequences, typical};
use tagsmith_encoder::burn::tensor::{Device, activation};
use tagsmith_encoder::{Config, TokenClassifier, device, ops};

/// Passes before the clock starts: the first ones take memory from the system and tune kernels.
const WARM_UP: usize = 2;

/// Batch sizes over the typical lengths: those that `train` and `tag` take by default.
const TRAIN_BATCH: usize = 16;
const TAG_BATCH: usize = 32;

/// Small enough that 2,000 steps move the weights nowhere in particular.
const LEARNING_RATE: f64 = 1e-6;

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

/// Measures one part of `subject` on the device of that id.
///
/// # Errors
/// There is no such device, the model cannot be loaded, or a shape is longer than it reads.
pub fn measure(
    part: &Part,
    subject: &Subject,
    device_id: &str,
    repetitions: usize,
) -> Result<Measured, Error> {
    let (id, device) = device::open(device_id)?;
    let repetitions = repetitions.max(1);
    let mut measured = match part {
        Part::Product { size } => product::matmul(*size, repetitions, &device),
        Part::OwnProduct { size } => product::linear(*size, repetitions, &device),
        _ => Bench::open(subject, &id, &device, part)?.measure(part, repetitions),
    };
    measured.part = part.to_string();
    Ok(measured)
}

impl Measured {
    /// The figures that follow from the times of passes over `pieces` word pieces.
    fn of(times_ms: Vec<f64>, pieces: Option<usize>, flops: Option<f64>) -> Self {
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
fn times(repetitions: usize, mut work: impl FnMut()) -> Vec<f64> {
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

/// A model on a device, with what its optimiser keeps.
struct Bench {
    /// Only absent inside a step, which updates the weights in place if nothing else holds them.
    model: Option<TokenClassifier>,
    config: Config,
    optimizer: AdamW,
    device: Device,
    /// Steps gone, for the dropout of each to differ.
    steps: usize,
    loaded: u64,
}

impl Bench {
    fn open(subject: &Subject, id: &str, device: &Device, part: &Part) -> Result<Self, Error> {
        let device = match part.trains() {
            true => device.clone().autodiff(),
            false => device.clone(),
        };
        let (model, config) = subject.load(&device)?;
        if part.longest() > config.max_position_embeddings {
            return Err(Error::Setting {
                setting: "shapes",
                found: part.to_string(),
                expected: format!(
                    "a length of {} at most, which the model reads on `{id}`",
                    config.max_position_embeddings
                ),
            });
        }
        Ok(Self {
            model: Some(model),
            config,
            optimizer: AdamW::new(AdamWConfig::default()),
            device,
            steps: 0,
            loaded: memory::now(),
        })
    }

    fn measure(mut self, part: &Part, repetitions: usize) -> Measured {
        let mut measured = match *part {
            Part::Forward(shape) => self.forward(&shape.lengths(), repetitions),
            Part::Train(shape) => self.train(&shape.lengths(), repetitions),
            Part::ForwardTypical { count } => self.forward_typical(count, repetitions),
            Part::TrainTypical { count } => self.train_typical(count, repetitions),
            Part::Latency { count } => self.latency(count),
            Part::Growth { steps } => self.growth(steps),
            Part::Product { .. } | Part::OwnProduct { .. } => Measured::default(),
        };
        measured.memory = Memory::since(self.loaded);
        measured
    }

    /// Prediction of sequences that are one batch.
    fn forward(&self, lengths: &[usize], repetitions: usize) -> Measured {
        let examples = sequences(lengths, &self.config);
        let windows: Vec<&Window> = examples.iter().map(|example| &example.window).collect();
        let times = times(repetitions, || self.emit(&windows));
        let flops = flops(&self.config, lengths.iter().copied());
        Measured::of(times, Some(lengths.iter().sum()), Some(flops))
    }

    /// Training steps over sequences that are one batch: forward, backward, clipping, AdamW.
    fn train(&mut self, lengths: &[usize], repetitions: usize) -> Measured {
        let examples = sequences(lengths, &self.config);
        let batch: Vec<&Example> = examples.iter().collect();
        let times = times(repetitions, || self.step(batch.clone()));
        // The backward pass takes two products for each of the forward one: towards the input and
        // towards the weight.
        let flops = 3.0 * flops(&self.config, lengths.iter().copied());
        Measured::of(times, Some(lengths.iter().sum()), Some(flops))
    }

    /// Prediction of sentences as `tag` orders and batches them.
    fn forward_typical(&self, count: usize, repetitions: usize) -> Measured {
        let lengths = typical(count);
        let examples = sequences(&lengths, &self.config);
        let order = prediction_order(&lengths, TAG_BATCH);
        let times = times(repetitions, || {
            for places in &order {
                let windows: Vec<&Window> = places.iter().map(|i| &examples[*i].window).collect();
                self.emit(&windows);
            }
        });
        let flops = flops(&self.config, lengths.iter().copied());
        Measured::of(times, Some(lengths.iter().sum()), Some(flops))
    }

    /// An epoch over sentences as `train` orders and batches them.
    fn train_typical(&mut self, count: usize, repetitions: usize) -> Measured {
        let lengths = typical(count);
        let examples = sequences(&lengths, &self.config);
        let mut epoch = 0;
        let times = times(repetitions, || {
            for places in training_order(&lengths, TRAIN_BATCH, 42, epoch) {
                self.step(places.iter().map(|i| &examples[*i]).collect());
            }
            epoch += 1;
        });
        let flops = 3.0 * flops(&self.config, lengths.iter().copied());
        Measured::of(times, Some(lengths.iter().sum()), Some(flops))
    }

    /// One sentence at a time, each of another length.
    fn latency(&self, count: usize) -> Measured {
        let examples = sequences(&typical(count), &self.config);
        let mut next = examples.iter().cycle();
        let times = times(count, || {
            if let Some(example) = next.next() {
                self.emit(&[&example.window]);
            }
        });
        Measured::of(times, None, None)
    }

    /// Many steps over typical sentences, to see whether memory grows.
    fn growth(&mut self, steps: usize) -> Measured {
        let lengths = typical(TRAIN_BATCH * 50);
        let examples = sequences(&lengths, &self.config);
        let looks = [steps.div_ceil(10), steps.div_ceil(2), steps];
        let (mut course, mut times, mut pieces) = (Vec::new(), Vec::new(), 0);
        let batches = (0..).flat_map(|epoch| training_order(&lengths, TRAIN_BATCH, 42, epoch));
        for (places, number) in batches.zip(1..=steps) {
            pieces += places.iter().map(|i| lengths[*i]).sum::<usize>();
            let began = Instant::now();
            self.step(places.iter().map(|i| &examples[*i]).collect());
            times.push(began.elapsed().as_secs_f64() * 1e3);
            if looks.contains(&number) {
                let bytes = memory::now();
                course.push(MemoryAt {
                    step: number,
                    bytes,
                });
            }
        }
        let seconds = times.iter().sum::<f64>() / 1e3;
        Measured {
            tokens_per_second: Some(pieces as f64 / seconds),
            course,
            ..Measured::of(times, None, None)
        }
    }

    fn emit(&self, windows: &[&Window]) {
        let batch = collate(windows, self.config.pad_token_id, &self.device);
        let model = self.model.as_ref().expect("steps put the model back");
        let logits = model.logits_at(batch.input, batch.positions);
        // Reading it back is what waits for the device.
        let _ = activation::log_softmax(logits, 1).into_data();
    }

    fn step(&mut self, batch: Vec<&Example>) {
        let model = self.model.take().expect("steps put the model back");
        ops::seed_dropout(&self.device, dropout_seed(42, self.steps));
        self.steps += 1;
        let pad = self.config.pad_token_id;
        let batches = [batch];
        let (model, _) = step(
            model,
            &mut self.optimizer,
            &batches,
            LEARNING_RATE,
            pad,
            &self.device,
        );
        self.model = Some(model);
        // The update of the weights may still be under way on a graphics card. A fault of the
        // device shows at the next reading.
        let _ = self.device.sync();
    }
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
