//! Times training steps of the starter model, with burn's operations and with the fused ones.
//!
//! `cargo run --release --workspace --example step [fused] [SHAPE…]`, a shape being `16x32`: batch ×
//! length. With `fused` the slow form is left out.
#![allow(clippy::print_stdout)] // its figures are its output

use std::time::Instant;
use tagsmith_encoder::burn::tensor::{Device, Int, Tensor, TensorData};
use tagsmith_encoder::ops::Kernels;
use tagsmith_encoder::{Input, SequenceOffsets, TokenClassifier, model, ops};
use tagsmith_tagger::optimizer::{AdamW, AdamWConfig, GradientSum};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const LABELS: usize = 13;

fn main() {
    let cache = std::env::var_os("TAGSMITH_CACHE").map(Into::into);
    let home = std::env::var_os("HOME").map(std::path::PathBuf::from);
    let cache = cache.or(home.map(|home| home.join(".cache/tagsmith")));
    let folder = cache.unwrap_or_default().join("models/starter");
    let mut shapes: Vec<String> = std::env::args().skip(1).collect();
    let before = shapes.len();
    shapes.retain(|shape| shape != "fused");
    let both = [("reference", Kernels::Reference), ("fused", Kernels::Cpu)];
    let forms = match shapes.len() == before {
        true => &both[..],
        false => &both[1..],
    };
    if shapes.is_empty() {
        shapes = vec!["16x32".into(), "16x128".into()];
    }
    for shape in shapes {
        let (batch, seq) = shape.split_once('x').unwrap_or((&shape, "32"));
        let (Ok(batch), Ok(seq)) = (batch.parse(), seq.parse()) else {
            eprintln!("`{shape}` is no shape such as 16x32");
            continue;
        };
        for (name, kernels) in forms.iter().copied() {
            match times(&folder, batch, seq, kernels) {
                Ok(times) => println!("{shape} {name}: {times}"),
                Err(failure) => eprintln!("`{}`: {failure}", folder.display()),
            }
        }
    }
}

/// Medians, in ms, of the whole step and of its three parts, and the last loss.
fn times(
    folder: &std::path::Path,
    batch: usize,
    seq: usize,
    kernels: Kernels,
) -> Result<String, tagsmith_encoder::LoadError> {
    let device = Device::flex().autodiff();
    let labels: Vec<String> = (0..LABELS).map(|label| format!("L{label}")).collect();
    let (model, ..) = model::load_for_labels(folder, &labels, Some(0.1), 1, &device)?;
    let mut model = model.with_kernels(kernels);
    let mut optimizer = AdamW::new(AdamWConfig::default());
    let mut samples: [Vec<f64>; 4] = Default::default();
    let mut loss = 0.0;
    for step in 0..12 {
        ops::seed_dropout(step);
        let started = Instant::now();
        let (out, forward) = forward(&model, batch, seq, &device);
        let forward_ms = milliseconds(forward);
        let backward = Instant::now();
        let mut gradients = GradientSum::default();
        gradients.add(&model, out.backward());
        loss = out.into_scalar::<f32>();
        let backward_ms = milliseconds(backward);
        let update = Instant::now();
        (model, _) = optimizer.step(model, gradients, 5e-5);
        let all = [
            milliseconds(started),
            forward_ms,
            backward_ms,
            milliseconds(update),
        ];
        for (samples, time) in samples.iter_mut().zip(all) {
            samples.push(time);
        }
    }
    let [all, forward, backward, update] = samples.map(|mut samples| {
        samples.sort_by(f64::total_cmp);
        (samples[samples.len() / 2], samples[0])
    });
    Ok(format!(
        "{:.0} ms a step, least {:.0} (forward {:.0}, backward {:.0}, update {:.0}), loss {loss}",
        all.0, all.1, forward.0, backward.0, update.0
    ))
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

fn forward(
    model: &TokenClassifier,
    batch: usize,
    seq: usize,
    device: &Device,
) -> (Tensor<1>, Instant) {
    let started = Instant::now();
    let count = batch * seq;
    let ints =
        |values: Vec<i64>| Tensor::<1, Int>::from_data(TensorData::new(values, [count]), device);
    let ids = ints(
        (0..count)
            .map(|at| 1000 + (at * 7919 % 20_000) as i64)
            .collect(),
    );
    let places = ints((0..count as i64).collect());
    let targets = ints((0..count).map(|at| (at % LABELS) as i64).collect());
    let input = Input {
        types: ids.zeros_like(),
        ids,
        offsets: SequenceOffsets::new(vec![seq; batch]),
    };
    let logits = model.logits_at(input, places);
    let loss = model.kernels().cross_entropy(logits, targets, count as f64);
    (loss, started)
}
