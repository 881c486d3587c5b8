//! A run from start to report: the training loop, evaluation by epoch, checkpoints, the best model.
//!
//! Long, because it is the one place where the state of a run changes: what a new and a resumed run
//! share, and in which order things are saved, has to be seen together.

use crate::batch::training_order;
use crate::card::{write_card, write_model};
use crate::checkpoint::{self, Best, Position};
use crate::config::TrainConfig;
use crate::error::Error;
use crate::evaluate::{Report, SplitReport, evaluate};
use crate::event::{Event, Stamped};
use crate::forecast::{Forecast, Form, Load, Weights, fitting};
use crate::optimizer::{AdamW, AdamWConfig, Norm};
use crate::pace::{Pace, memory_bytes, peak_memory_bytes};
use crate::passes::Passes;
use crate::predict::{Tagger, check_vocabulary, with_scheme};
use crate::prepare::{Example, Splits, examples};
use crate::run::{EventLog, RunFile, RunFolder};
use crate::scale::LossScale;
use crate::schedule::learning_rate;
use crate::step::{StepLoss, dropout_seed, gradients};
use crate::tags::TagSet;
use crate::tokenizer::Tokenizer;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;
use tagsmith_corpus::{Convention, Metrics, overlap};
use tagsmith_encoder::burn::module::Module;
use tagsmith_encoder::burn::tensor::Device;
use tagsmith_encoder::device::{ComputeDevice, Kind, Search, free_memory_bytes};
use tagsmith_encoder::file::write_json;
use tagsmith_encoder::model::{Head, LoadReport};
use tagsmith_encoder::{Config, Precision, TokenClassifier, model, ops};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All is done.
    Finished,
    /// It was asked to stop; the best model so far and its report are written.
    Stopped,
}

/// How the person reaches into a run.
#[derive(Clone, Debug, Default)]
pub struct Control {
    /// Set to stop after the step under way.
    pub stop: Arc<AtomicBool>,
    /// How the run's device is looked for and tested.
    pub devices: Search,
    /// Memory that the run may take beside what it holds already, in bytes; `None`: what is free.
    pub free_bytes: Option<u64>,
    /// So many passes fail as if memory had run out. For tests.
    pub failing_passes: Arc<AtomicUsize>,
}

impl Control {
    fn stops(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn fail_if_asked(&self) {
        let left = self
            .failing_passes
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            });
        assert!(left.is_err(), "out of memory, as a test asked");
    }
}

/// Trains from the beginning into the new folder `out`.
///
/// # Errors
/// Anything that [`Error`] lists. The last event is then `failed`.
pub fn train(
    config: TrainConfig,
    out: &Path,
    control: &Control,
    listener: &mut dyn FnMut(&Stamped),
) -> Result<Outcome, Error> {
    let mut log = EventLog::new(listener);
    let result = Error::catching(|| {
        config.check()?;
        // Whoever reads the events later may stand in another folder.
        let out = std::path::absolute(out).map_err(Error::io("find", out))?;
        let folder = RunFolder::new(&out)?;
        Run::from_start(folder, config, control, &mut log)?.go(control, &mut log)
    });
    told(result, &mut log)
}

/// Goes on with the stopped or killed run in the folder `out`.
///
/// # Errors
/// As [`train`]; also where the folder holds no run, a finished one, or its inputs have changed.
pub fn resume(
    out: &Path,
    control: &Control,
    listener: &mut dyn FnMut(&Stamped),
) -> Result<Outcome, Error> {
    let mut log = EventLog::new(listener);
    let result = Error::catching(|| {
        let out = std::path::absolute(out).map_err(Error::io("find", out))?;
        Run::resumed(&out, control, &mut log)?.go(control, &mut log)
    });
    told(result, &mut log)
}

fn told(result: Result<Outcome, Error>, log: &mut EventLog) -> Result<Outcome, Error> {
    if let Err(failure) = &result {
        log.send(Event::Failed {
            code: failure.code().into(),
            message: failure.to_string(),
            hint: failure.hint(),
        });
    }
    result
}

/// A run under way.
struct Run {
    folder: RunFolder,
    config: TrainConfig,
    splits: Splits,
    examples: Vec<Example>,
    tokenizer: Arc<Tokenizer>,
    tags: TagSet,
    /// Only absent inside a step, which updates the weights in place if nothing else holds them.
    model: Option<TokenClassifier>,
    model_config: Config,
    optimizer: AdamW,
    /// Where training computes, with autodiff.
    device: Device,
    device_info: ComputeDevice,
    position: Position,
    /// The largest load that has gone through.
    fitted: Load,
    untold: Option<Gone>,
    /// What the best model got on dev, if it was scored since the program started.
    best_dev: Option<SplitReport>,
    began: Instant,
    /// Seconds of earlier sessions of this run.
    seconds_before: f64,
}

/// A step that was gone and is yet to be told.
struct Gone {
    began: Instant,
    /// Counted from 1.
    step: usize,
    /// Epochs done after it, with fraction.
    epoch: f64,
    /// The learning rate.
    rate: f64,
    /// Word pieces.
    pieces: usize,
    loss: Loss,
    norm: Norm,
}

/// A loss, known or still being computed.
enum Loss {
    Known(f64),
    Late(StepLoss),
}

/// Everything that both a new and a resumed run need before the model is loaded.
struct Inputs {
    device_info: ComputeDevice,
    device: Device,
    precision: Precision,
    splits: Splits,
    tokenizer: Tokenizer,
    tags: TagSet,
}

impl Inputs {
    fn open(config: &TrainConfig, control: &Control) -> Result<Self, Error> {
        let opened = control.devices.open(&config.device)?;
        let precision = config.precision.on(&opened.info);
        if !precision.is_possible_on(&opened.info) {
            return Err(Error::Setting {
                setting: "precision",
                found: precision.name().into(),
                expected: format!(
                    "`auto` or `f32`: `{}` does not compute in it",
                    opened.info.id
                ),
            });
        }
        let tokenizer = Tokenizer::from_folder(&config.model)?;
        let mut splits = Splits::read(config)?;
        let passed_over = opened.passed_over.iter();
        let told = passed_over.map(|reason| Event::warning("device", reason));
        splits.warnings.extend(told);
        let tags = TagSet::new(&splits.labels, config.scheme);
        Ok(Self {
            device: match config.gradient_checkpointing {
                true => opened.device.autodiff().gradient_checkpointing(),
                false => opened.device.autodiff(),
            },
            precision,
            device_info: opened.info,
            splits,
            tokenizer,
            tags,
        })
    }
}

impl Run {
    /// A run without a checkpoint: a new one, or one that was killed before its first.
    fn from_start(
        folder: RunFolder,
        config: TrainConfig,
        control: &Control,
        log: &mut EventLog,
    ) -> Result<Self, Error> {
        // Cheap refusals first: a wrong model folder should not wait for the data.
        Config::from_folder(&config.model)?;
        let mut inputs = Inputs::open(&config, control)?;
        let (model, model_config, report) = model::load_for_labels(
            &config.model,
            inputs.tags.names(),
            config.dropout,
            config.seed,
            &inputs.device,
        )
        .map_err(Error::Model)?;
        check_vocabulary(&inputs.tokenizer, &model_config, &config.model)?;
        config.check_frozen(&model_config)?;
        let model = model.frozen(config.frozen_layers);

        let (length, overlap) = config.window(&model_config);
        let made = examples(
            &inputs.splits.train,
            &inputs.tokenizer,
            &inputs.tags,
            length,
            overlap,
        )?;
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
                    model_config.max_position_embeddings
                ),
            ));
        }
        let mut config = config.resolved(&model_config, made.examples.len());
        config.device.clone_from(&inputs.device_info.id);
        config.precision = inputs.precision;
        inputs.splits.warnings.extend(made.warnings);
        inputs.splits.warnings.extend(head_note(&report));

        folder.create()?;
        RunFile::new(
            config.clone(),
            &inputs.device_info.id,
            inputs.tags.names(),
            report,
        )?
        .write(&folder)?;
        let optimizer = AdamW::new(optimizer_config(&config));
        let position = Position::default();
        let mut run = Self::assemble(
            folder,
            config,
            inputs,
            made.examples,
            model,
            model_config,
            optimizer,
            position,
        );
        run.begin(control, log)?;
        Ok(run)
    }

    fn resumed(out: &Path, control: &Control, log: &mut EventLog) -> Result<Self, Error> {
        let folder = RunFolder::existing(out);
        // What asked an earlier session to stop does not ask this one. Before all else: whoever asks
        // while model and data are being read does.
        let _ = std::fs::remove_file(folder.stop());
        let file = RunFile::read(&folder)?;
        let refused = |reason: &str| Error::Resume {
            folder: out.into(),
            reason: reason.into(),
        };
        if folder.report().exists() && is_finished(&folder) {
            return Err(refused("it is finished"));
        }
        file.check_inputs(&folder)?;
        let config = file.config;
        let Some(checkpoint) = checkpoint::newest(&folder) else {
            return Self::from_start(folder, config, control, log);
        };
        let mut inputs = Inputs::open(&config, control)?;
        let restored = checkpoint::read(&checkpoint, config.dropout, &inputs.device)?;
        let made = examples(
            &inputs.splits.train,
            &inputs.tokenizer,
            &inputs.tags,
            config.max_length,
            config.overlap.unwrap_or(config.max_length / 4),
        )?;
        inputs.splits.warnings.extend(made.warnings);
        let mut optimizer = AdamW::new(optimizer_config(&config));
        optimizer.restore(
            restored.position.step,
            restored.moments,
            &inputs.device.clone().inner(),
        );
        let frozen_layers = config.frozen_layers;
        let mut run = Self::assemble(
            folder,
            config,
            inputs,
            made.examples,
            restored.model.frozen(frozen_layers),
            restored.config,
            optimizer,
            restored.position,
        );
        run.begin(control, log)?;
        Ok(run)
    }

    #[allow(clippy::too_many_arguments)] // each is one part of the run, and there is no smaller whole
    fn assemble(
        folder: RunFolder,
        config: TrainConfig,
        inputs: Inputs,
        examples: Vec<Example>,
        model: TokenClassifier,
        model_config: Config,
        optimizer: AdamW,
        position: Position,
    ) -> Self {
        Self {
            folder,
            config,
            splits: inputs.splits,
            examples,
            tokenizer: Arc::new(inputs.tokenizer),
            tags: inputs.tags,
            model: Some(model.with_precision(inputs.precision)),
            model_config,
            optimizer,
            device: inputs.device,
            device_info: inputs.device_info,
            seconds_before: position.seconds,
            position,
            fitted: Load::default(),
            untold: None,
            best_dev: None,
            began: Instant::now(),
        }
    }

    /// `started`, then what there is to say about the data.
    fn begin(&mut self, control: &Control, log: &mut EventLog) -> Result<(), Error> {
        log.open(&self.folder)?;
        let forecast_bytes = self.fit_into_memory(control);
        let mut documents = BTreeMap::from([
            ("train".to_owned(), self.splits.train.len()),
            ("dev".to_owned(), self.splits.dev.len()),
        ]);
        if let Some(test) = &self.splits.test {
            documents.insert("test".into(), test.len());
        }
        log.send(Event::Started {
            run: self.folder.path().into(),
            config: Box::new(self.config.clone()),
            documents,
            windows: self.examples.len(),
            steps: self.total_steps(),
            done_steps: self.position.step,
            parameters: self.model().num_params(),
            labels: self.splits.labels.clone(),
            device: self.device_info.id.clone(),
            forecast_bytes,
        });
        for warning in &self.splits.warnings {
            log.send(warning.clone());
        }
        Ok(())
    }

    /// The memory that the run is expected to take, in bytes. Where that is more than is free, fewer
    /// windows go through at once.
    fn fit_into_memory(&mut self, control: &Control) -> u64 {
        let lengths: Vec<usize> = self
            .examples
            .iter()
            .map(|example| example.window.ids.len())
            .collect();
        let parameters = self.model().num_params();
        let is_cpu = self.device_info.kind == Kind::Cpu;
        let (held, form) = match is_cpu {
            true => (memory_bytes(), Form::Fused),
            false => (
                4 * parameters as u64,
                Form::Plain {
                    half: self.config.precision.is_half(),
                },
            ),
        };
        let weights = Weights::new(parameters, &self.examples);
        let forecast = |windows| {
            let load = Load::heaviest(&lengths, windows);
            Forecast::new(held, &self.model_config, weights, load, form)
        };
        let total = self.device_info.memory_bytes;
        let free = control.free_bytes.or(match is_cpu {
            true => free_memory_bytes(),
            // What the card had free before the weights were put there.
            false => self
                .device_info
                .free_bytes
                .or(total)
                .map(|free| free.saturating_sub(held)),
        });
        let batch = self
            .position
            .windows_at_once
            .unwrap_or(self.config.batch_size);
        // A tenth is left for what no forecast counts.
        let windows = free.map_or(batch, |free| fitting(batch, free / 10 * 9, forecast));
        if let (true, Some(free)) = (windows < batch, free) {
            let megabytes = |bytes: u64| bytes.div_ceil(1 << 20);
            self.splits.warnings.push(Event::warning(
                "memory",
                format!(
                    "{batch} windows at once would take {} MiB more, and {} MiB are free: {windows} go through at once, and steps stay as large as asked for",
                    megabytes(forecast(batch).still_needed()),
                    megabytes(free)
                ),
            ));
            self.position.windows_at_once = Some(windows);
        }
        forecast(windows).total()
    }

    fn model(&self) -> &TokenClassifier {
        self.model
            .as_ref()
            .expect("the model is there between steps")
    }

    fn epochs(&self) -> usize {
        self.config.epochs.unwrap_or(1)
    }

    fn steps_per_epoch(&self) -> usize {
        self.config.steps_per_epoch(self.examples.len())
    }

    fn total_steps(&self) -> usize {
        self.epochs() * self.steps_per_epoch()
    }

    /// Trains to the end, then reports on the best model as it was saved.
    fn go(mut self, control: &Control, log: &mut EventLog) -> Result<Outcome, Error> {
        let outcome = self.epochs_to_the_end(control, log)?;
        if self.position.best.is_none() {
            let epoch = self.position.step as f64 / self.steps_per_epoch() as f64;
            self.evaluate_dev(epoch, log)?;
        }
        self.position.seconds = self.seconds();
        self.report(outcome, log)?;
        Ok(outcome)
    }

    fn seconds(&self) -> f64 {
        self.seconds_before + self.began.elapsed().as_secs_f64()
    }

    fn epochs_to_the_end(
        &mut self,
        control: &Control,
        log: &mut EventLog,
    ) -> Result<Outcome, Error> {
        let lengths: Vec<usize> = self
            .examples
            .iter()
            .map(|example| example.window.ids.len())
            .collect();
        let mut pace = Pace::default();
        let mut last_checkpoint = Instant::now();
        while self.position.epoch < self.epochs() && !self.is_patience_over() {
            let order = training_order(
                &lengths,
                self.config.batch_size,
                self.config.seed,
                self.position.epoch,
            );
            let steps: Vec<&[Vec<usize>]> =
                order.chunks(self.config.gradient_accumulation).collect();
            while self.position.step_in_epoch < steps.len() {
                if control.stops() || self.folder.stop().exists() {
                    self.tell_untold(&mut pace, log)?;
                    self.write_checkpoint(log)?;
                    return Ok(Outcome::Stopped);
                }
                let batches = steps[self.position.step_in_epoch];
                self.one_step(batches, &mut pace, control, log)?;
                let minutes = last_checkpoint.elapsed().as_secs_f64() / 60.0;
                if minutes >= self.config.checkpoint_minutes {
                    self.tell_untold(&mut pace, log)?;
                    self.write_checkpoint(log)?;
                    last_checkpoint = Instant::now();
                }
            }
            self.tell_untold(&mut pace, log)?;
            self.position.epoch += 1;
            self.position.step_in_epoch = 0;
            let evaluation = Instant::now();
            self.evaluate_dev(self.position.epoch as f64, log)?;
            pace.evaluation = evaluation.elapsed().as_secs_f64();
            self.write_checkpoint(log)?;
            last_checkpoint = Instant::now();
        }
        if self.position.epoch < self.epochs() {
            log.send(Event::warning(
                "early-stopping",
                format!(
                    "dev F1 has not risen for {} epochs: training ends after epoch {}",
                    self.position.epochs_without_better, self.position.epoch
                ),
            ));
        }
        Ok(Outcome::Finished)
    }

    fn is_patience_over(&self) -> bool {
        let patience = self.config.early_stopping_patience;
        patience > 0 && self.position.epochs_without_better >= patience
    }

    fn one_step(
        &mut self,
        batches: &[Vec<usize>],
        pace: &mut Pace,
        control: &Control,
        log: &mut EventLog,
    ) -> Result<(), Error> {
        let began = Instant::now();
        let total = self.total_steps();
        let warmup = (self.config.warmup_ratio * total as f64).ceil() as usize;
        let rate = learning_rate(
            self.config.schedule,
            self.config.learning_rate.unwrap_or_default(),
            self.position.step,
            warmup,
            total,
        );
        let seed = dropout_seed(self.config.seed, self.position.step);
        let batches: Vec<Vec<&Example>> = batches
            .iter()
            .map(|places| places.iter().map(|place| &self.examples[*place]).collect())
            .collect();
        let is_scaled = self.config.precision == Precision::F16;
        let scale = match is_scaled {
            true => self.position.loss_scale,
            false => LossScale {
                factor: 1.0,
                good_steps: 0,
            },
        };
        let model = self.model.take().expect("the model is there between steps");
        let mut passes = Passes {
            limit: self.position.windows_at_once,
        };
        let load = Load::largest(&passes.cut(&batches));
        // What a GPU has not told yet is not waited for, once such a load has gone through: memory
        // that runs out is only told when a result is read, and then nothing may have changed yet.
        let late = self.device_info.kind != Kind::Cpu && !is_scaled && self.fitted.covers(load);
        let (gradients, pieces, loss) = passes.run(
            &batches,
            |parts| {
                control.fail_if_asked();
                ops::seed_dropout(&self.device, seed);
                let (gradients, loss) = gradients(&model, parts, scale.factor, &self.device);
                let pieces = loss.pieces;
                let loss = match late {
                    true => Loss::Late(loss),
                    false => Loss::Known(loss.read()),
                };
                (gradients, pieces, loss)
            },
            |warning| log.send(warning),
        )?;
        self.position.windows_at_once = passes.limit;
        self.fitted = self.fitted.with(Load::largest(&passes.cut(&batches)));
        let (model, norm) = match late {
            true => self.optimizer.step_unread(model, gradients, rate),
            false => {
                let (model, norm) =
                    self.optimizer
                        .step_scaled(model, gradients, rate, scale.factor);
                (model, Norm::Known(norm))
            }
        };
        self.model = Some(model);
        self.position.step += 1;
        self.position.step_in_epoch += 1;
        let gone = Gone {
            began,
            step: self.position.step,
            epoch: self.position.epoch as f64
                + self.position.step_in_epoch as f64 / self.steps_per_epoch() as f64,
            rate,
            pieces,
            loss,
            norm,
        };
        // The step before is read while the device is at this one.
        self.tell_untold(pace, log)?;
        match late {
            true => self.untold = Some(gone),
            false => self.tell(gone, pace, log)?,
        }
        Ok(())
    }

    /// Tells the step that was not waited for, if there is one.
    fn tell_untold(&mut self, pace: &mut Pace, log: &mut EventLog) -> Result<(), Error> {
        match self.untold.take() {
            Some(gone) => self.tell(gone, pace, log),
            None => Ok(()),
        }
    }

    fn tell(&mut self, gone: Gone, pace: &mut Pace, log: &mut EventLog) -> Result<(), Error> {
        let loss = match gone.loss {
            Loss::Known(loss) => loss,
            Loss::Late(loss) => loss.read(),
        };
        let mut gradient_norm = gone.norm.read();
        let mut diverged = !loss.is_finite() || !gradient_norm.is_finite();
        if self.config.precision == Precision::F16 && loss.is_finite() {
            let scale = self.position.loss_scale.after(gradient_norm.is_finite());
            self.position.loss_scale = scale;
            // In f16 a step is left out now and then, until the scale is right.
            diverged = scale.is_exhausted();
            if !gradient_norm.is_finite() {
                gradient_norm = 0.0;
            }
        }
        if diverged {
            return Err(Error::Diverged {
                step: gone.step,
                loss,
            });
        }
        let memory = memory_bytes();
        // Of a step that was not waited for, the time since the one before.
        let since_last = pace
            .last
            .map_or(f64::INFINITY, |last| last.elapsed().as_secs_f64());
        pace.add(
            gone.began.elapsed().as_secs_f64().min(since_last),
            gone.pieces,
        );
        pace.last = Some(Instant::now());
        let epochs_left = self.epochs() - self.position.epoch;
        log.send(Event::Step {
            step: gone.step,
            epoch: gone.epoch,
            loss,
            lr: gone.rate,
            gradient_norm,
            tokens_per_second: pace.tokens_per_second(),
            memory_bytes: memory,
            eta_seconds: pace.seconds_a_step() * (self.total_steps() - gone.step) as f64
                + pace.evaluation * epochs_left as f64,
        });
        Ok(())
    }

    fn note_peak(&mut self) {
        let peak = peak_memory_bytes();
        self.position.peak_memory_bytes = self.position.peak_memory_bytes.max(peak);
    }

    fn write_checkpoint(&mut self, log: &mut EventLog) -> Result<(), Error> {
        self.position.seconds = self.seconds();
        let path = checkpoint::write(
            &self.folder,
            &self.position,
            self.model(),
            &self.model_config,
            &self.optimizer,
        )?;
        log.send(Event::Checkpoint {
            path,
            step: self.position.step,
        });
        Ok(())
    }

    /// Scores the dev documents and keeps the model if it is the best so far.
    fn evaluate_dev(&mut self, epoch: f64, log: &mut EventLog) -> Result<(), Error> {
        let tagger = Tagger {
            model: self.model().valid(),
            config: self.model_config.clone(),
            tokenizer: self.tokenizer.clone(),
            tags: self.tags.clone(),
            device: self.device.clone().inner(),
        };
        let dev = self.score(&tagger, "dev")?;
        self.note_peak();
        let now = Best {
            f1: dev.metrics.overall.f1,
            loss: dev.loss,
            step: self.position.step,
        };
        let best = self
            .position
            .best
            .is_none_or(|best| now.f1 > best.f1 || (now.f1 == best.f1 && now.loss < best.loss));
        // Patience counts F1: a falling loss with the same entities found is no progress. Only while
        // nothing is found yet, as in the first epochs on a small set, does the loss speak for it.
        let better = self
            .position
            .best
            .is_none_or(|best| now.f1 > best.f1 || (best.f1 == 0.0 && now.loss < best.loss));
        self.position.epochs_without_better = match better {
            true => 0,
            false => self.position.epochs_without_better + 1,
        };
        if best {
            let folder = self.folder.model();
            write_model(
                &folder,
                &tagger.model,
                &with_scheme(self.model_config.clone(), self.config.scheme),
                &self.tokenizer,
                &self.config.model,
            )?;
            write_card(
                &folder,
                &self.config,
                &self.splits.labels,
                &[(
                    "dev",
                    &dev.metrics,
                    dev.shared_with_train.unwrap_or_default(),
                )],
            )?;
            self.position.best = Some(now);
        }
        log.send(Event::Evaluated {
            split: "dev".into(),
            step: self.position.step,
            epoch,
            loss: dev.loss,
            metrics: dev.metrics.clone(),
            best,
        });
        if best {
            self.best_dev = Some(dev);
        }
        Ok(())
    }

    /// Scores `dev` or `test`.
    fn score(&self, tagger: &Tagger, split: &str) -> Result<SplitReport, Error> {
        let (documents, file) = match (split, &self.splits.test, &self.config.test) {
            ("test", Some(test), Some(file)) => (test, file.display().to_string()),
            _ => (&self.splits.dev, self.splits.dev_file.clone()),
        };
        let options = self.config.predict_options();
        let convention = Convention::Conlleval;
        let (mut report, _) = evaluate(tagger, documents, &file, &options, convention, |_, _| ())?;
        report.shared_with_train = Some(overlap(&self.splits.train, documents));
        Ok(report)
    }

    /// Writes `report.json` and the card from the model folder as it was saved.
    fn report(&mut self, outcome: Outcome, log: &mut EventLog) -> Result<(), Error> {
        let best = self.position.best.unwrap_or(Best {
            f1: 0.0,
            loss: f64::INFINITY,
            step: 0,
        });
        let tagger = Tagger::load(&self.folder.model(), None, &self.device.clone().inner())?;
        let mut splits = BTreeMap::new();
        let dev = match self.best_dev.take() {
            Some(dev) => dev,
            None => self.score(&tagger, "dev")?,
        };
        splits.insert("dev".to_owned(), dev);
        if self.splits.test.is_some() {
            let scored = self.score(&tagger, "test")?;
            log.send(Event::Evaluated {
                split: "test".into(),
                step: best.step,
                epoch: best.step as f64 / self.steps_per_epoch() as f64,
                loss: scored.loss,
                metrics: scored.metrics.clone(),
                best: true,
            });
            splits.insert("test".into(), scored);
        }
        let scores: Vec<(&str, &Metrics, usize)> = splits
            .iter()
            .map(|(name, split)| {
                let shared = split.shared_with_train.unwrap_or_default();
                (name.as_str(), &split.metrics, shared)
            })
            .collect();
        write_card(
            &self.folder.model(),
            &self.config,
            &self.splits.labels,
            &scores,
        )?;
        let path = self.folder.report();
        let report = Report {
            convention: Convention::Conlleval,
            decoding: self.config.decoding,
            splits,
        };
        write_json(&path, &report).map_err(Error::writing(&path))?;
        self.note_peak();
        log.send(match outcome {
            Outcome::Finished => Event::Finished {
                report: path,
                model: self.folder.model(),
                best_f1: best.f1,
                best_step: best.step,
                seconds: self.seconds(),
                peak_memory_bytes: self.position.peak_memory_bytes,
            },
            Outcome::Stopped => Event::Stopped {
                report: path,
                model: self.folder.model(),
                step: self.position.step,
                best_f1: best.f1,
            },
        });
        Ok(())
    }
}

fn optimizer_config(config: &TrainConfig) -> AdamWConfig {
    AdamWConfig {
        weight_decay: config.weight_decay,
        max_grad_norm: config.max_grad_norm,
        ..AdamWConfig::default()
    }
}

fn head_note(report: &LoadReport) -> Option<Event> {
    let message = match report.head {
        Head::Kept => "the model already has a head for these labels: it is trained further".into(),
        Head::Reordered => {
            "the model already has a head for these labels in another order: it is trained further"
                .into()
        }
        Head::New if !report.replaced_labels.is_empty() => format!(
            "the model's own head finds other labels ({}): a new one is trained",
            report.replaced_labels.join(", ")
        ),
        Head::New => return None,
    };
    Some(Event::warning("head", message))
}

/// Whether the last line of the event log says `finished`.
fn is_finished(folder: &RunFolder) -> bool {
    std::fs::read_to_string(folder.events())
        .ok()
        .and_then(|text| {
            text.lines()
                .last()
                .map(|line| line.contains("\"event\":\"finished\""))
        })
        .unwrap_or(false)
}
