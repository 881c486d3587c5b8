//! How fast a device is at the work of this program: matrix products, forward passes, steps, one sentence;
//! and how much memory it takes.
//!
//! Each [`Part`] is measured on its own, preferably in its own process, so that the peak of memory is
//! its own. Times are of the whole work as training and prediction do it: batches are packed,
//! moved to the device, and the result is read back, so that nothing is still running when the
//! clock stops.

mod measured;
mod memory;
mod part;
mod product;
mod subject;

pub use measured::{Measured, MemoryAt};
pub use memory::Memory;
pub use part::{Part, Shape};
pub use subject::{LABELS, Subject, shapes};

use crate::batch::{collate, prediction_order, training_order};
use crate::error::Error;
use crate::example::Example;
use crate::optimizer::{AdamW, AdamWConfig};
use crate::step::{dropout_seed, step};
use crate::window::Window;
use measured::times;
use std::time::Instant;
use subject::{flops, sequences, typical};
use tagsmith_encoder::burn::tensor::Device;
use tagsmith_encoder::device::{ComputeDevice, Search, keep_kernels};
use tagsmith_encoder::ops::{self, Quantisation};
use tagsmith_encoder::{Config, Precision, TokenClassifier};
use tagsmith_protocol::MomentPrecision;

/// Batch sizes over the typical lengths: those that `train` and `tag` take by default.
const TRAIN_BATCH: usize = 16;
const TAG_BATCH: usize = 32;

/// Small enough that 2,000 steps move the weights nowhere in particular.
const LEARNING_RATE: f64 = 1e-6;

/// Measures one part of `subject` on a device, which is not tested first: by what its check says.
///
/// # Errors
/// There is no such device, the model cannot be loaded, or a shape is longer than it reads.
pub fn measure(
    part: &Part,
    subject: &Subject,
    (devices, info): (&Search, &ComputeDevice),
    computing: Computing,
    repetitions: usize,
) -> Result<Measured, Error> {
    let device = devices.open_untested(&info.id)?;
    let repetitions = repetitions.max(1);
    let mut measured = match part {
        Part::Product { size } => product::matmul(*size, repetitions, &device),
        Part::OwnProduct { size } => product::linear(*size, repetitions, &device),
        _ => Bench::open(subject, (info, &device), part, computing)?.measure(part, repetitions),
    };
    measured.part = part.to_string();
    keep_kernels();
    Ok(measured)
}

/// In how many bits a model computes while it is measured.
#[derive(Clone, Copy, Debug, Default)]
pub struct Computing {
    /// Of hidden states and the factors of products.
    pub precision: Precision,
    /// Of weights in prediction; training knows none.
    pub quantisation: Quantisation,
    /// Of the optimiser's moments.
    pub moments: MomentPrecision,
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
    fn open(
        subject: &Subject,
        (info, device): (&ComputeDevice, &Device),
        part: &Part,
        computing: Computing,
    ) -> Result<Self, Error> {
        let device = match part.trains() {
            true => device.clone().autodiff(),
            false => device.clone(),
        };
        let (model, config) = subject.load(&device)?;
        if let Part::Forward(shape) | Part::Train(shape) = part
            && shape.length > config.max_tokens()
        {
            return Err(Error::Setting {
                setting: "batches",
                found: shape.to_string(),
                expected: format!(
                    "a length of {} at most: the model reads no more",
                    config.max_tokens()
                ),
            });
        }
        let model = model.with_precision(computing.precision, info);
        let is_narrowed =
            computing.precision.is_half() || computing.quantisation != Quantisation::None;
        let model = match is_narrowed && !part.trains() {
            true => model.for_inference(computing.quantisation),
            false => model,
        };
        let mut optimizer = AdamW::new(AdamWConfig {
            rounding: (computing.moments == MomentPrecision::Bf16).then_some(0),
            ..AdamWConfig::default()
        });
        if part.trains() {
            optimizer.make_room(&model);
        }
        Ok(Self {
            model: Some(model),
            config,
            optimizer,
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
        let lengths = self.typical(count);
        let examples = sequences(&lengths, &self.config);
        let order = prediction_order(&lengths, TAG_BATCH);
        let times = times(repetitions, || {
            for indices in &order {
                let windows: Vec<&Window> = indices.iter().map(|i| &examples[*i].window).collect();
                self.emit(&windows);
            }
        });
        let flops = flops(&self.config, lengths.iter().copied());
        Measured::of(times, Some(lengths.iter().sum()), Some(flops))
    }

    /// An epoch over sentences as `train` orders and batches them.
    fn train_typical(&mut self, count: usize, repetitions: usize) -> Measured {
        let lengths = self.typical(count);
        let examples = sequences(&lengths, &self.config);
        let mut epoch = 0;
        let times = times(repetitions, || {
            for indices in training_order(&lengths, TRAIN_BATCH, 42, epoch) {
                self.step(indices.iter().map(|i| &examples[*i]).collect());
            }
            epoch += 1;
        });
        let flops = 3.0 * flops(&self.config, lengths.iter().copied());
        Measured::of(times, Some(lengths.iter().sum()), Some(flops))
    }

    /// One sentence at a time, each of another length.
    fn latency(&self, count: usize) -> Measured {
        let examples = sequences(&self.typical(count), &self.config);
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
        let lengths = self.typical(TRAIN_BATCH * 50);
        let examples = sequences(&lengths, &self.config);
        let looks = [steps.div_ceil(10), steps.div_ceil(2), steps];
        let (mut course, mut times, mut pieces) = (Vec::new(), Vec::new(), 0);
        let batches = (0..).flat_map(|epoch| training_order(&lengths, TRAIN_BATCH, 42, epoch));
        for (indices, number) in batches.zip(1..=steps) {
            pieces += indices.iter().map(|i| lengths[*i]).sum::<usize>();
            let began = Instant::now();
            self.step(indices.iter().map(|i| &examples[*i]).collect());
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

    /// Typical lengths, none longer than the model reads.
    fn typical(&self, count: usize) -> Vec<usize> {
        let most = self.config.max_tokens();
        typical(count)
            .into_iter()
            .map(|length| length.min(most))
            .collect()
    }

    fn emit(&self, windows: &[&Window]) {
        let batch = collate(windows, &self.device);
        let model = self.model.as_ref().expect("steps put the model back");
        let logits = batch.logits(model);
        // Looking at the numbers is what waits for the device.
        logits.into_data().iter::<f32>().for_each(drop);
    }

    fn step(&mut self, batch: Vec<&Example>) {
        let model = self.model.take().expect("steps put the model back");
        ops::seed_dropout(dropout_seed(42, self.steps));
        self.steps += 1;
        let batches = [batch];
        let (model, _) = step(
            model,
            &mut self.optimizer,
            &batches,
            LEARNING_RATE,
            &self.device,
        );
        self.model = Some(model);
        // The update of the weights may still be running on a graphics card. A fault of the
        // device shows at the next reading.
        let _ = self.device.sync();
    }
}
