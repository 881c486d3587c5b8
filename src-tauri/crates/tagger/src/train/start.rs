//! How a run comes to be: from its beginning, or from a checkpoint.

use super::dev::DevPlan;
use super::notes::{adapter_note, head_note, never_unfrozen, wide_moments};
use super::{Control, Run};
use crate::average::Average;
use crate::checkpoint::{self, TrainState};
use crate::class_weights::tag_weights;
use crate::config::{resolved, window};
use crate::crf;
use crate::error::Error;
use crate::example::Example;
use crate::forecast::BatchLoad;
use crate::keep::keep_labels;
use crate::labels::HeadPlan;
use crate::objective::Objective;
use crate::optimizer::{AdamW, AdamWConfig};
use crate::predict::check_vocabulary;
use crate::prepare::{Examples, Splits, examples};
use crate::pretrained::{Beginning, Mixout, Pretrained};
use crate::run::{EventLog, RunFolder, RunLock};
use crate::run_device::open_device;
use crate::run_file::{RunFile, RunJson};
use crate::sampling::Sampling;
use crate::tags::TagSet;
use crate::throughput::Throughput;
use crate::tokenizer::Tokenizer;
use crate::transitions::Transitions;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use tagsmith_checkpoint::weights::CRF;
use tagsmith_encoder::burn::module::Module;
use tagsmith_encoder::burn::tensor::Device;
use tagsmith_encoder::device::ComputeDevice;
use tagsmith_encoder::model::Head;
use tagsmith_encoder::{Config, LoadError, Precision, TokenClassifier};
use tagsmith_protocol::{Decision, Event, MomentPrecision, TrainConfig};

/// Everything that both a new and a resumed run need before the model is loaded.
struct Inputs {
    device_info: ComputeDevice,
    /// With autodiff.
    device: Device,
    precision: Precision,
    splits: Splits,
    tokenizer: Tokenizer,
    tags: TagSet,
}

impl Inputs {
    fn open(
        config: &TrainConfig,
        folder: &RunFolder,
        control: &Control,
        log: &mut EventLog,
    ) -> Result<Self, Error> {
        // Before the device, whose test may take a while: what is wrong with them should be known first.
        let tokenizer = Tokenizer::from_folder(&config.model)?;
        let mut splits = Splits::read(config)?;
        splits.fit(&tokenizer);
        let (id, precision) = (&config.device, config.precision);
        let mut report = |event| log.send(event);
        let opened = open_device(id, precision, folder, control, &mut report)?;
        splits.warnings.extend(opened.warnings);
        if config.keep_labels {
            keep_labels(&mut splits, config, &opened.device)?;
        }
        let tags = TagSet::new(&splits.labels, config.scheme);
        Ok(Self {
            device: match config.gradient_checkpointing {
                true => opened.device.autodiff().gradient_checkpointing(),
                false => opened.device.autodiff(),
            },
            precision: opened.precision,
            device_info: opened.info,
            splits,
            tokenizer,
            tags,
        })
    }

    /// The training documents in windows of `length` word pieces that share `overlap`.
    fn examples(&self, length: usize, overlap: usize, context: usize) -> Result<Examples, Error> {
        examples(
            &self.splits.train,
            &self.tokenizer,
            &self.tags,
            length,
            overlap,
            context,
        )
    }
}

/// What learns, from what, and how far it has come.
struct Learner {
    examples: Vec<Example>,
    sampling: Sampling,
    model: TokenClassifier,
    model_config: Config,
    /// Of a conditional random field.
    transitions: Option<Transitions>,
    optimizer: AdamW,
    pretrained: Pretrained,
    average: Option<Average>,
    state: TrainState,
    /// What was chosen for the settings that were left open.
    decisions: Vec<Decision>,
}

impl<'a, 'listener> Run<'a, 'listener> {
    /// A run without a checkpoint: a new one, or one that was killed before its first, whose folder is
    /// locked already.
    pub(super) fn from_start(
        folder: RunFolder,
        lock: Option<RunLock>,
        config: TrainConfig,
        control: &'a Control,
        log: &'a mut EventLog<'listener>,
    ) -> Result<Self, Error> {
        // Cheap refusals first: a wrong model folder, or more frozen layers than it has, should not wait
        // for the data.
        check_model(&config, Config::from_folder(&config.model)?)?;
        let mut inputs = Inputs::open(&config, &folder, control, log)?;
        let Beginning {
            model,
            config: model_config,
            report,
            pretrained,
        } = Beginning::load(&config, &inputs.tags, &inputs.device)?;
        check_vocabulary(&inputs.tokenizer, &model_config)?;

        let (length, overlap) = window(&config, &model_config);
        let mut made = inputs.examples(length, overlap, config.context)?;
        if made.examples.is_empty() {
            return Err(Error::NothingToLearn {
                path: config.train.clone(),
                what: "has no word that the model can read".into(),
            });
        }
        if length < config.max_length || config.overlap.is_some_and(|asked| asked != overlap) {
            inputs.splits.warnings.push(Event::warning(
                "setting",
                format!(
                    "the model reads {} word pieces at most: windows have {length}, and share {overlap}",
                    model_config.max_tokens()
                ),
            ));
        }
        // What is chosen rests on the windows of the file alone: whether documents are added is a choice, too.
        let windows = Sampling::new(&config, &made.examples, &inputs.tags).windows();
        let (mut config, decisions) = resolved(config, &model_config, windows);
        if config.augment() > 0.0 {
            inputs.splits.augment(&config)?;
            made = inputs.examples(length, overlap, config.context)?;
        }
        let sampling = Sampling::new(&config, &made.examples, &inputs.tags);
        config.device.clone_from(&inputs.device_info.id);
        config.precision = inputs.precision;
        inputs.splits.warnings.extend(made.warnings);
        inputs
            .splits
            .warnings
            .extend(head_note(&report, &HeadPlan::of(&config, &inputs.tags)?));
        inputs.splits.warnings.extend(adapter_note(&config, &model));
        let wide = wide_moments(&config, &inputs.device_info);
        inputs.splits.warnings.extend(wide);
        inputs
            .splits
            .warnings
            .extend(never_unfrozen(&config, model.layers()));
        let notes = report.notes.iter();
        let notes = notes.map(|note| Event::warning("model", note));
        inputs.splits.warnings.extend(notes);

        let transitions = first_transitions(&config, &inputs.tags)?;
        if transitions.is_none() && report.head != Head::New && config.model.join(CRF).exists() {
            inputs.splits.warnings.push(Event::warning(
                "head",
                "the model's learned transitions between tags are left out: set `crf` to train them further",
            ));
        }
        let labels = inputs.tags.names();
        let file = RunFile::new(config.clone(), &inputs.device_info.id, labels, report)?;
        // Nothing is written without the lock: another process may have taken the folder meanwhile.
        let lock = lock.map_or_else(|| folder.claim(), Ok)?;
        file.write(&folder)?;
        let learner = Learner {
            examples: made.examples,
            sampling,
            optimizer: optimizer(&config, &model, &pretrained),
            model,
            model_config,
            pretrained,
            average: Average::of(&config),
            transitions,
            state: TrainState::default(),
            decisions,
        };
        Ok(Self::new(
            control, log, folder, lock, config, inputs, learner,
        ))
    }

    /// The run in the folder `out`, where it stood.
    pub(super) fn resumed(
        out: &Path,
        control: &'a Control,
        log: &'a mut EventLog<'listener>,
    ) -> Result<Self, Error> {
        let folder = RunFolder::existing(out);
        let (file, lock) = RunFile::take_up(&folder)?;
        let mut config = file.config;
        let Some(checkpoint) = checkpoint::newest(&folder) else {
            return Self::from_start(folder, Some(lock), config, control, log);
        };
        let mut inputs = Inputs::open(&config, &folder, control, log)?;
        // Another machine may compute in another one.
        config.precision = inputs.precision;
        let base = || Beginning::load(&config, &inputs.tags, &inputs.device);
        let restored = checkpoint::read(
            &folder,
            &checkpoint,
            &inputs.tags,
            config.dropout,
            &inputs.device,
            base,
        )?;
        let overlap = config.overlap.unwrap_or(config.max_length / 4);
        inputs.splits.augment(&config)?;
        if restored.state.refit.is_some() {
            inputs.splits.take_back_dev(&config)?;
        }
        let made = inputs.examples(config.max_length, overlap, config.context)?;
        inputs.splits.warnings.extend(made.warnings);
        let pretrained = Pretrained::load(&config, &inputs.tags, &inputs.device)?;
        let inner = inputs.device.clone().inner();
        let mut optimizer = optimizer(&config, &restored.model, &pretrained);
        optimizer.restore(restored.state.optimizer_steps(), restored.moments, &inner);
        let mut average = Average::of(&config);
        if let Some(average) = &mut average {
            average.restore(restored.average, &inner);
        }
        let learner = Learner {
            sampling: Sampling::new(&config, &made.examples, &inputs.tags),
            examples: made.examples,
            model: restored.model,
            model_config: restored.config,
            transitions: restored.learned,
            optimizer,
            pretrained,
            average,
            state: restored.state,
            decisions: Vec::new(),
        };
        Ok(Self::new(
            control, log, folder, lock, config, inputs, learner,
        ))
    }

    fn new(
        control: &'a Control,
        log: &'a mut EventLog<'listener>,
        folder: RunFolder,
        lock: RunLock,
        config: TrainConfig,
        mut inputs: Inputs,
        learner: Learner,
    ) -> Self {
        let (weights, clipped) = tag_weights(&config, &inputs.tags, &learner.examples);
        inputs.splits.warnings.extend(clipped);
        let model = prepared(learner.model, &config, &inputs.device_info);
        let mut objective = Objective::new(&config, weights);
        objective.transitions = learner.transitions;
        let mixout = Mixout::new(&config, &learner.pretrained);
        let Splits { train, dev, .. } = &inputs.splits;
        let (times, share) = (objective.passes(), config.evaluation_share);
        let dev_plan = DevPlan::new(train, times, dev, share, config.seed);
        let sample = dev_plan.sample.as_ref();
        let dev_sample = sample.map(|sample| sample.iter().map(|at| dev[*at].clone()).collect());
        Self {
            control,
            log,
            folder,
            lock: Some(lock),
            config,
            splits: inputs.splits,
            examples: learner.examples,
            tokenizer: Arc::new(inputs.tokenizer),
            tags: inputs.tags,
            model: Some(model),
            model_config: learner.model_config,
            objective,
            sampling: learner.sampling,
            optimizer: learner.optimizer,
            mixout,
            pretrained: learner.pretrained,
            average: learner.average,
            device: inputs.device,
            device_info: inputs.device_info,
            seconds_before: learner.state.seconds,
            state: learner.state,
            throughput: Throughput::default(),
            largest_load: BatchLoad::default(),
            pending: None,
            unsynchronized: false,
            decisions: learner.decisions,
            dev_plan,
            dev_sample,
            best_dev: None,
            began: Instant::now(),
        }
    }

    /// `started`, then what there is to say about the data.
    pub(super) fn begin(&mut self) -> Result<(), Error> {
        if let Some(lock) = self.lock.take() {
            self.log.open(&self.folder, lock)?;
        }
        let forecast_bytes = self.fit_into_memory();
        let mut documents = BTreeMap::from([
            ("train".to_owned(), self.splits.of_file().len()),
            ("dev".to_owned(), self.splits.dev.len()),
        ]);
        if let Some(test) = &self.splits.test {
            documents.insert("test".into(), test.len());
        }
        self.log.send(Event::Started {
            run: self.folder.path().into(),
            config: Box::new(self.config.clone()),
            documents,
            windows: self.examples.len(),
            steps: self.total_steps(),
            done_steps: self.state.step,
            parameters: self.model().num_params(),
            labels: self.splits.labels.clone(),
            device: self.device_info.id.clone(),
            forecast_bytes: Some(forecast_bytes),
            decisions: std::mem::take(&mut self.decisions),
        });
        for warning in &self.splits.warnings {
            self.log.send(warning.clone());
        }
        Ok(())
    }
}

/// A new optimiser of `model` with the run's settings.
pub(super) fn optimizer(
    config: &TrainConfig,
    model: &TokenClassifier,
    pretrained: &Pretrained,
) -> AdamW {
    let optimizer = AdamW::new(AdamWConfig {
        weight_decay: config.weight_decay,
        pretrained_decay: config.pretrained_decay,
        max_grad_norm: config.max_grad_norm,
        rounding: (config.moments == MomentPrecision::Bf16).then_some(config.seed),
        ..AdamWConfig::default()
    });
    optimizer
        .with_layer_decay(model, config.layer_decay())
        .with_pretrained(pretrained.clone())
}

/// A model that was loaded, as the run trains it.
pub(super) fn prepared(
    model: TokenClassifier,
    config: &TrainConfig,
    device: &ComputeDevice,
) -> TokenClassifier {
    model
        .frozen(config.frozen_layers)
        .with_head_dropout(config.head_dropout)
        .with_precision(config.precision, device)
}

/// Refuses settings that the model cannot have.
fn check_model(config: &TrainConfig, model: Config) -> Result<(), Error> {
    let groups = model.groups;
    let are_shared = groups.count * groups.layers < model.num_hidden_layers;
    config.check_layers(model.num_hidden_layers, are_shared)?;
    config.check_rank(model.hidden_size)?;
    let model = model.with_dropout(config.dropout);
    let drops = model.dropouts.drops_anything() || config.head_dropout.unwrap_or(0.0) > 0.0;
    match config.r_drop > 0.0 && !drops {
        true => Err(config.needs_dropout().into()),
        false => Ok(()),
    }
}

/// The transitions between tags that a run begins with, where it learns them: those of its model if that has
/// the same tags, else all alike.
///
/// # Errors
/// Those of the model cannot be read.
pub(super) fn first_transitions(
    config: &TrainConfig,
    tags: &TagSet,
) -> Result<Option<Transitions>, Error> {
    if !config.crf {
        return Ok(None);
    }
    let fresh = tags.transitions().clone();
    let own = Config::from_folder(&config.model).map_err(LoadError::Config)?;
    let names = own.labels();
    if names.len() != tags.len() || !tags.names().iter().all(|name| names.contains(name)) {
        return Ok(Some(fresh));
    }
    let own = TagSet::from_names(names.to_vec(), Some(tags.scheme()))?;
    let found = crf::read(&config.model, &own)?;
    Ok(Some(
        found.map_or(fresh, |found| crf::reordered(&found, &own, tags)),
    ))
}
