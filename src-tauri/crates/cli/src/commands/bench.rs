//! `tagsmith bench`: a device's speed and memory, each part in a process of its own.

use crate::args::{Bench, Numbers, What};
use crate::commands::{device_search, model_folder, open_device};
use crate::error::CommandError;
use crate::{Done, output, signal};
use clap::ValueEnum;
use serde::Serialize;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tagsmith_encoder::Config;
use tagsmith_encoder::device::{self, ComputeDevice, DeviceKind, precision_on, supports};
use tagsmith_tagger::Error;
use tagsmith_tagger::bench::{Computing, Measured, Part, Shape, Subject, measure};

/// Rows of the matrices whose product is the peak: large enough for the caches not to help, and on a
/// graphics card for all of it to work.
const SIZE_ON_CPU: usize = 2048;
const SIZE_ELSEWHERE: usize = 8192;

/// Sentences of typical lengths.
const SENTENCES: usize = 256;
/// Sentences that are measured one at a time.
const SINGLE: usize = 128;
/// Steps over which growth is watched by default.
const STEPS: usize = 2000;

pub fn run(args: &Bench, json: bool) -> Result<Done, CommandError> {
    let subject = match &args.model {
        Some(model) => Subject::Folder(model_folder(model)?),
        None => Subject::Shape(args.shape.clone()),
    };
    if let Some(part) = &args.part {
        let computing = Computing {
            precision: args.precision.precision(),
            quantisation: args.precision.quantisation(),
            moments: args.moments,
        };
        // The process that asks has tested the device; what it found is remembered.
        let search = device_search();
        let info = search.info(&args.device).map_err(Error::Device)?;
        let place = (&search, &info);
        let measured = measure(part, &subject, place, computing, args.repetitions)?;
        output::json_line(&measured)?;
        return Ok(Done::Completely);
    }
    // What cannot work is refused before anything is measured.
    let config = subject.config()?;
    let info = open_device(&args.device, false)?.info;
    check_precision(args.precision, &info)?;
    let id = info.id;
    let mut parts = parts(args, id == "cpu");
    // Nothing is trained in eight bits.
    if args.precision == Numbers::Int8 {
        parts.retain(|part| !part.trains());
    }

    let stop = Arc::new(AtomicBool::new(false));
    signal::listen(&stop, "stopping");
    let mut results = Results::new(id, &subject, &config, args.precision);
    if !json {
        results.print_head()?;
    }
    for part in parts {
        let Some(mut measured) = in_own_process(&part, &subject, args, &results.device.id, &stop)?
        else {
            return Ok(Done::Stopped);
        };
        results.compare(&part, &mut measured);
        if !json {
            print(&part, &measured)?;
        }
        results.parts.push(measured);
    }
    if json {
        output::json(&results)?;
    }
    Ok(Done::Completely)
}

/// A precision as its option spells it.
fn name_of(numbers: Numbers) -> String {
    let value = numbers.to_possible_value().expect("no value is skipped");
    value.get_name().to_owned()
}

fn check_precision(numbers: Numbers, info: &ComputeDevice) -> Result<(), CommandError> {
    let is_possible = match numbers {
        Numbers::Int8 => info.kind == DeviceKind::Cpu,
        // One without instructions for 16 bits computes in 32.
        _ => {
            let precision = numbers.precision();
            precision_on(info, precision) == precision && supports(info, precision)
        }
    };
    if is_possible {
        return Ok(());
    }
    let name = name_of(numbers);
    Err(CommandError::new(
        format!("`{}` does not compute in {name}", info.id),
        "`tagsmith devices --check` tests what each device can; take `--precision f32`",
    ))
}

/// The parts that the options ask for; products first, because the others are compared with them.
fn parts(args: &Bench, is_cpu: bool) -> Vec<Part> {
    let wanted = |what| match &args.only {
        Some(only) => only.contains(&what),
        None => what != What::Growth,
    };
    let (mut size, mut sentences, mut single) = match is_cpu {
        true => (SIZE_ON_CPU, SENTENCES, SINGLE),
        false => (SIZE_ELSEWHERE, SENTENCES, SINGLE),
    };
    let mut batches = args.batches.clone();
    if args.quick {
        (size, sentences, single) = (64, 8, 8);
        batches = vec![Shape {
            batch: 2,
            length: 8,
        }];
    }
    let mut parts = Vec::new();
    if wanted(What::Product) {
        parts.push(Part::Product { size });
        if is_cpu {
            parts.push(Part::OwnProduct { size });
        }
    }
    if wanted(What::Forward) {
        parts.extend(batches.iter().copied().map(Part::Forward));
    }
    if wanted(What::Train) {
        parts.extend(batches.iter().copied().map(Part::Train));
    }
    if wanted(What::Typical) {
        parts.push(Part::ForwardTypical { count: sentences });
        parts.push(Part::TrainTypical { count: sentences });
    }
    if wanted(What::Latency) {
        parts.push(Part::Latency { count: single });
    }
    if args.steps.is_some() || wanted(What::Growth) {
        parts.push(Part::Growth {
            steps: args.steps.unwrap_or(if args.quick { 10 } else { STEPS }),
        });
    }
    parts
}

/// Measures a part in a child, so that its memory is its own; nothing where the person stops it.
fn in_own_process(
    part: &Part,
    subject: &Subject,
    args: &Bench,
    device: &str,
    stop: &AtomicBool,
) -> Result<Option<Measured>, CommandError> {
    let failed = |what: String| {
        CommandError::new(
            format!("`{part}` was not measured: {what}"),
            "the other parts can be measured without it, with --only and --batches",
        )
    };
    let program = std::env::current_exe().map_err(|failure| failed(failure.to_string()))?;
    let repetitions = if args.quick { 2 } else { args.repetitions };
    let mut command = Command::new(program);
    command.args(["bench", "--device", device, "--part", &part.to_string()]);
    command.args(["--repetitions", &repetitions.to_string()]);
    command.args(["--precision", &name_of(args.precision)]);
    command.args(["--moments", args.moments.name()]);
    match subject {
        Subject::Folder(folder) => command.arg("--model").arg(folder),
        Subject::Shape(name) => command.args(["--shape", name]),
    };
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|failure| failed(failure.to_string()))?;
    // One line is less than a pipe holds: the child never waits for its reader.
    loop {
        if stop.load(Ordering::Relaxed) {
            end(&mut child);
            return Ok(None);
        }
        match child.try_wait() {
            Ok(None) => std::thread::sleep(Duration::from_millis(50)),
            Ok(Some(_)) => break,
            Err(failure) => return Err(failed(failure.to_string())),
        }
    }
    let output = child
        .wait_with_output()
        .map_err(|failure| failed(failure.to_string()))?;
    match output.status.code() {
        Some(0) => Ok(Some(serde_json::from_slice(&output.stdout)?)),
        // An interrupt reaches the child at the same moment.
        _ if stop.load(Ordering::Relaxed) => Ok(None),
        // Its message stands above already.
        Some(code) => Err(failed(format!("its process ended with code {code}"))),
        None => Err(failed(
            "the system ended its process, perhaps because memory ran out".into(),
        )),
    }
}

fn end(child: &mut Child) {
    // It may have ended by itself; then there is nothing to do.
    let _ = child.kill();
    let _ = child.wait();
}

/// What `--json` prints.
#[derive(Serialize)]
struct Results {
    version: &'static str,
    device: DeviceUsed,
    model: Model,
    /// `f32`, `bf16`, `f16` or `int8`.
    precision: String,
    /// The best product of this run, 10⁹ operations a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    peak_gflops: Option<f64>,
    parts: Vec<Measured>,
}

#[derive(Serialize)]
struct DeviceUsed {
    id: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    threads: Option<usize>,
}

#[derive(Serialize)]
struct Model {
    /// A folder, or the shape of the random weights.
    name: String,
    layers: usize,
    hidden_size: usize,
    vocabulary: usize,
}

impl Results {
    fn new(id: String, subject: &Subject, config: &Config, numbers: Numbers) -> Self {
        let found = device::list().into_iter().find(|device| device.id == id);
        let (name, threads) = found.map_or_else(
            || (id.clone(), None),
            |device| (device.name, device.threads),
        );
        Self {
            version: env!("CARGO_PKG_VERSION"),
            device: DeviceUsed { id, name, threads },
            model: Model {
                name: match subject {
                    Subject::Folder(folder) => folder.display().to_string(),
                    Subject::Shape(name) => name.clone(),
                },
                layers: config.num_hidden_layers,
                hidden_size: config.hidden_size,
                vocabulary: config.vocab_size,
            },
            precision: name_of(numbers),
            peak_gflops: None,
            parts: Vec::new(),
        }
    }

    /// Raises the peak by a product, and measures everything else by it.
    fn compare(&mut self, part: &Part, measured: &mut Measured) {
        let Some(gflops) = measured.gflops else {
            return;
        };
        match part {
            Part::Product { .. } | Part::OwnProduct { .. } => {
                self.peak_gflops = Some(self.peak_gflops.unwrap_or(0.0).max(gflops));
            }
            _ => measured.share_of_peak = self.peak_gflops.map(|peak| gflops / peak),
        }
    }

    fn print_head(&self) -> Result<(), CommandError> {
        let threads = match self.device.threads {
            Some(threads) => format!(", {threads} threads"),
            None => String::new(),
        };
        output::line(format!(
            "{} ({}{threads})",
            self.device.name, self.device.id
        ))?;
        output::line(format!(
            "{}: {} layers, hidden size {}, vocabulary {}",
            self.model.name, self.model.layers, self.model.hidden_size, self.model.vocabulary
        ))?;
        output::line(format!(
            "{:28}  {:>9}  {:>9}  {:>9}  {:>8}  {:>8}  {:>7}  {:>10}",
            "", "median ms", "p95 ms", "least ms", "tokens/s", "GFLOP/s", "of peak", "most memory"
        ))
    }
}

/// One row of the table, and below it the course of memory where it was watched.
fn print(part: &Part, measured: &Measured) -> Result<(), CommandError> {
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.0}"));
    let of_peak = measured
        .share_of_peak
        .map_or_else(String::new, |fraction| format!("{:.0} %", fraction * 100.0));
    let memory = measured
        .memory
        .peak_bytes
        .map_or_else(String::new, output::bytes);
    output::line(format!(
        "{:28}  {:9.1}  {:9.1}  {:9.1}  {:>8}  {:>8}  {:>7}  {:>10}",
        name(part),
        measured.median_ms,
        measured.p95_ms,
        measured.least_ms,
        number(measured.tokens_per_second),
        number(measured.gflops),
        of_peak,
        memory
    ))?;
    for look in &measured.course {
        output::line(format!(
            "  memory after step {:6}  {:>10}",
            look.step,
            output::bytes(look.bytes)
        ))?;
    }
    Ok(())
}

/// A part for people.
fn name(part: &Part) -> String {
    match part {
        Part::Product { size } => format!("product {size} × {size}, burn"),
        Part::OwnProduct { size } => format!("product {size} × {size}, own"),
        Part::Forward(shape) => format!("prediction {} × {}", shape.batch, shape.length),
        Part::Train(shape) => format!("training step {} × {}", shape.batch, shape.length),
        Part::ForwardTypical { count } => format!("prediction, {count} sentences"),
        Part::TrainTypical { count } => format!("training, {count} sentences"),
        Part::Latency { .. } => "one sentence".into(),
        Part::Growth { steps } => format!("{steps} training steps, each"),
    }
}
