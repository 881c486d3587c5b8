//! `tagsmith train` and `tagsmith resume`.

use crate::args::{Resume, Train, TrainInputs};
use crate::commands::{device_search, model_folder, pretrain};
use crate::error::CommandError;
use crate::progress::Watcher;
use crate::{Done, output, signal};
use serde::Serialize;
use std::sync::{Arc, Mutex};
use tagsmith_protocol::{TimestampedEvent, TrainConfig};
use tagsmith_tagger::config::{from_file, read_options};
use tagsmith_tagger::pretrain::is_pretraining;
use tagsmith_tagger::{Control, Error, Outcome};

pub fn run(args: Train, json: bool) -> Result<Done, CommandError> {
    let config = config(args.inputs)?;
    let mut watcher = Watcher::new("training", json);
    let mut show = |event: &TimestampedEvent| watcher.show(&event.event);
    watch(json, &mut show, |control, listener| {
        tagsmith_tagger::train(config, &args.out, control, listener)
    })
}

pub fn resume(args: &Resume, json: bool) -> Result<Done, CommandError> {
    if is_pretraining(&args.run) {
        return pretrain::resume(args, json);
    }
    let mut watcher = Watcher::new("training", json);
    let mut show = |event: &TimestampedEvent| watcher.show(&event.event);
    watch(json, &mut show, |control, listener| {
        tagsmith_tagger::resume(&args.run, control, listener)
    })
}

/// Runs `work` with Ctrl-C heeded, its events printed as lines or shown to a person by `show`.
pub fn watch<E: Serialize>(
    json: bool,
    show: &mut dyn FnMut(&E),
    work: impl FnOnce(&Control, &mut dyn FnMut(&E)) -> Result<Outcome, Error>,
) -> Result<Done, CommandError> {
    let control = Control {
        devices: device_search(),
        failing_steps: Arc::new(Mutex::new(steps_without_memory())),
        ..Control::default()
    };
    signal::listen(
        &control.stop,
        "stopping after this step; the best model so far is kept (Ctrl-C again ends at once)",
    );
    let result = work(&control, &mut |event| {
        if json {
            // A closed pipe must not end the run: its folder has the events too.
            let _ = output::json_line(event);
        }
        show(event);
    });
    // The engine has reported its failure as an event.
    match result.map_err(|failure| CommandError::from(failure).announced())? {
        Outcome::Finished => Ok(Done::Completely),
        Outcome::Stopped => Ok(Done::Stopped),
    }
}

/// For tests: `TAGSMITH_GPU_FAULT=late-memory:3,9` makes memory seem to run out at these steps, reported when
/// their numbers are read.
fn steps_without_memory() -> Vec<usize> {
    let fault = std::env::var("TAGSMITH_GPU_FAULT").unwrap_or_default();
    let steps = fault.strip_prefix("late-memory:").unwrap_or_default();
    steps.split(',').flat_map(str::parse).collect()
}

/// The options over the configuration file over the defaults.
pub fn config(args: TrainInputs) -> Result<TrainConfig, CommandError> {
    let mut config = match &args.config {
        Some(path) => from_file(path)?,
        None => TrainConfig::default(),
    };
    fn put<T>(target: &mut T, value: Option<T>) {
        if let Some(value) = value {
            *target = value;
        }
    }
    put(&mut config.train, args.train);
    config.dev = args.dev.or(config.dev);
    config.test = args.test.or(config.test);
    let mut reading = read_options(&config)?;
    args.reading.over(&mut reading);
    config.reading = serde_json::to_value(reading)?;
    config.settings = args.settings.over(&config.settings)?;
    let model = match args.model {
        Some(model) => model,
        None => config.model.display().to_string(),
    };
    if model.is_empty() || config.train.as_os_str().is_empty() {
        return Err(CommandError::new(
            "the configuration names no `model` or no `train` file",
            "add them to the file, or give --model and --train",
        ));
    }
    config.model = model_folder(&model)?;
    // The run's folder must still find its inputs from another working directory.
    for path in [
        Some(&mut config.model),
        Some(&mut config.train),
        config.dev.as_mut(),
        config.test.as_mut(),
        config.settings.augment_mentions.as_mut(),
    ]
    .into_iter()
    .flatten()
    {
        if let Ok(absolute) = std::path::absolute(&*path) {
            *path = absolute;
        }
    }
    Ok(config)
}
