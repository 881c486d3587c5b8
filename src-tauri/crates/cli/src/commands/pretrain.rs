//! `tagsmith pretrain`, and `tagsmith resume` of such a run.

use super::train::watch;
use crate::Done;
use crate::args::{Pretrain, Resume};
use crate::commands::model_folder;
use crate::error::CommandError;
use crate::progress::Watcher;
use tagsmith_corpus::ReadOptions;
use tagsmith_protocol::{PretrainConfig, TimestampedPretrainEvent};

pub fn run(args: Pretrain, json: bool) -> Result<Done, CommandError> {
    let out = args.out.clone();
    let config = config(args)?;
    let mut watcher = Watcher::new("pretraining", json);
    let mut show = |event: &TimestampedPretrainEvent| watcher.show_pretraining(&event.event);
    watch(json, &mut show, |control, listener| {
        tagsmith_tagger::pretrain::pretrain(config, &out, control, listener)
    })
}

pub fn resume(args: &Resume, json: bool) -> Result<Done, CommandError> {
    let mut watcher = Watcher::new("pretraining", json);
    let mut show = |event: &TimestampedPretrainEvent| watcher.show_pretraining(&event.event);
    watch(json, &mut show, |control, listener| {
        tagsmith_tagger::pretrain::resume(&args.run, control, listener)
    })
}

/// The options over the defaults.
fn config(args: Pretrain) -> Result<PretrainConfig, CommandError> {
    let defaults = PretrainConfig::default();
    let mut config = PretrainConfig {
        model: model_folder(&args.model)?,
        text: args.text,
        reading: serde_json::to_value(ReadOptions::from(args.reading))?,
        epochs: args.epochs,
        steps: args.steps,
        batch_size: args.batch_size.unwrap_or(defaults.batch_size),
        learning_rate: args.learning_rate,
        warmup_ratio: args.warmup_ratio.unwrap_or(defaults.warmup_ratio),
        weight_decay: args.weight_decay.unwrap_or(defaults.weight_decay),
        max_grad_norm: args.max_grad_norm.unwrap_or(defaults.max_grad_norm),
        dropout: args.dropout,
        max_length: args.max_length.unwrap_or(defaults.max_length),
        mask_share: args.mask_share.unwrap_or(defaults.mask_share),
        whole_words: args.whole_words.unwrap_or(defaults.whole_words),
        held_out_share: args.held_out_share.unwrap_or(defaults.held_out_share),
        seed: args.seed.unwrap_or(defaults.seed),
        device: args.device.unwrap_or(defaults.device),
        precision: args.precision.unwrap_or(defaults.precision),
        checkpoint_minutes: args
            .checkpoint_minutes
            .unwrap_or(defaults.checkpoint_minutes),
    };
    // The run's folder must still find its inputs from another working directory.
    for path in std::iter::once(&mut config.model).chain(&mut config.text) {
        if let Ok(absolute) = std::path::absolute(&*path) {
            *path = absolute;
        }
    }
    Ok(config)
}
