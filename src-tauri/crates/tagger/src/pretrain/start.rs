//! How a run comes to be: from its beginning, or from a checkpoint.

use super::masking::Masking;
use super::run_file::PretrainFile;
use super::text::{Text, files, read_options, read_text};
use super::{PretrainState, Run};
use crate::checkpoint::{newest, read_moments, read_state, unusable};
use crate::error::Error;
use crate::example::Example;
use crate::optimizer::{AdamW, AdamWConfig};
use crate::predict::check_vocabulary;
use crate::run::{EventLog, RunFolder, RunLock};
use crate::run_device::{RunDevice, open_device};
use crate::run_file::RunJson;
use crate::throughput::Throughput;
use crate::tokenizer::Tokenizer;
use crate::train::Control;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;
use tagsmith_encoder::burn::module::Module;
use tagsmith_encoder::burn::tensor::Device;
use tagsmith_encoder::device::{ComputeDevice, DeviceKind};
use tagsmith_encoder::masked_lm::{self, MaskedLmReport};
use tagsmith_encoder::selftest::test_family;
use tagsmith_encoder::{Config, MaskedLanguageModel};
use tagsmith_protocol::{Event, PretrainConfig, PretrainEvent};

/// What both a new and a resumed run read before the model.
struct Inputs {
    opened: RunDevice,
    text: Text,
    masking: Masking,
    tokenizer: Tokenizer,
}

impl Inputs {
    fn open(
        config: &PretrainConfig,
        folder: &RunFolder,
        control: &Control,
        log: &mut EventLog<PretrainEvent>,
    ) -> Result<Self, Error> {
        let tokenizer = Tokenizer::from_folder(&config.model)?;
        let masking = Masking::new(config, &tokenizer)?;
        let mut text = read_text(config, &tokenizer, &masking, config.max_length)?;
        let (id, precision) = (&config.device, config.precision);
        let mut report = |event: Event| log.send(event.into());
        let mut opened = open_device(id, precision, folder, control, &mut report)?;
        text.warnings.append(&mut opened.warnings);
        Ok(Self {
            opened,
            text,
            masking,
            tokenizer,
        })
    }

    /// With autodiff.
    fn device(&self) -> Device {
        self.opened.device.clone().autodiff()
    }
}

/// What learns, and how far it has come.
pub(super) struct Learner {
    pub model: MaskedLanguageModel,
    model_config: Config,
    pub optimizer: AdamW,
    pub state: PretrainState,
}

impl<'a, 'listener> Run<'a, 'listener> {
    /// A run without a checkpoint: a new one, or one that was killed before its first, whose folder is locked
    /// already.
    pub(super) fn from_start(
        folder: RunFolder,
        lock: Option<RunLock>,
        config: PretrainConfig,
        control: &'a Control,
        log: &'a mut EventLog<'listener, PretrainEvent>,
    ) -> Result<Self, Error> {
        // Cheap refusals first.
        let model = Config::from_folder(&config.model)?;
        masked_lm::head_of(&model)?;
        read_options(&config)?;
        let mut config = config.decided(model.hidden_size);
        config.text = files(&config.text)?;
        let asked = config.max_length;
        config.max_length = asked.min(model.max_tokens());
        let mut inputs = Inputs::open(&config, &folder, control, log)?;
        if config.max_length < asked {
            inputs.text.warnings.push(Event::warning(
                "setting",
                format!(
                    "the model reads {} word pieces at most: so long are windows",
                    config.max_length
                ),
            ));
        }
        config.device.clone_from(&inputs.opened.info.id);
        config.precision = inputs.opened.precision;
        let (model, model_config, report) = load(&config, &inputs.device())?;
        check_vocabulary(&inputs.tokenizer, &model_config)?;
        inputs.text.warnings.extend(notes(&report));
        let file = PretrainFile::new(config, report.is_new)?;
        // Nothing is written without the lock: another process may have taken the folder meanwhile.
        let lock = lock.map_or_else(|| folder.claim(), Ok)?;
        file.write(&folder)?;
        let learner = Learner {
            model,
            model_config,
            optimizer: optimizer(&file.config),
            state: PretrainState::default(),
        };
        Ok(Self::new(control, log, folder, lock, file, inputs, learner))
    }

    /// The run in the folder `out`, where it stood.
    pub(super) fn resumed(
        out: &Path,
        control: &'a Control,
        log: &'a mut EventLog<'listener, PretrainEvent>,
    ) -> Result<Self, Error> {
        let folder = RunFolder::existing(out);
        let (mut file, lock) = PretrainFile::take_up(&folder)?;
        if newest(&folder).is_none() {
            return Self::from_start(folder, Some(lock), file.config, control, log);
        }
        let inputs = Inputs::open(&file.config, &folder, control, log)?;
        // Another machine may compute in another one.
        file.config.precision = inputs.opened.precision;
        let learner = learner(&folder, &file.config, &inputs.device())?;
        Ok(Self::new(control, log, folder, lock, file, inputs, learner))
    }

    fn new(
        control: &'a Control,
        log: &'a mut EventLog<'listener, PretrainEvent>,
        folder: RunFolder,
        lock: RunLock,
        file: PretrainFile,
        inputs: Inputs,
        learner: Learner,
    ) -> Self {
        let device = inputs.device();
        let Inputs {
            opened,
            text,
            masking,
            tokenizer,
        } = inputs;
        let held_out: Vec<Example> = text
            .held_out
            .iter()
            .enumerate()
            .map(|(index, passage)| masking.fixed(passage, index))
            .collect();
        Self {
            control,
            log,
            folder,
            lock: Some(lock),
            model: Some(prepared(learner.model, &file.config, &opened.info)),
            file,
            text,
            masking,
            held_out,
            tokenizer,
            model_config: learner.model_config,
            optimizer: learner.optimizer,
            device,
            device_info: opened.info,
            seconds_before: learner.state.seconds,
            state: learner.state,
            throughput: Throughput::default(),
            began: Instant::now(),
        }
    }

    /// `started`, then what there is to say about text and model.
    pub(super) fn begin(&mut self) -> Result<(), Error> {
        if let Some(lock) = self.lock.take() {
            self.log.open(&self.folder, lock)?;
        }
        let forecast_bytes = self.fit_into_memory();
        let [train, held_out] = self.text.documents;
        let started = PretrainEvent::Started {
            run: self.folder.path().into(),
            config: Box::new(self.config().clone()),
            documents: BTreeMap::from([("train".into(), train), ("held-out".into(), held_out)]),
            windows: self.text.train.len(),
            masked: self.masked(),
            steps: self.total_steps(),
            done_steps: self.state.step,
            head_steps: self.head_steps(),
            parameters: self.model().num_params(),
            device: self.device_info.id.clone(),
            forecast_bytes,
        };
        self.log.send(started);
        for warning in std::mem::take(&mut self.text.warnings) {
            self.log.send(warning.into());
        }
        if self.device_info.kind != DeviceKind::Cpu {
            // What other families compute beside BERT is tried on the device first.
            let precision = self.config().precision;
            test_family(
                &self.model_config,
                &self.device_info,
                &self.device,
                precision,
            )?;
        }
        Ok(())
    }
}

/// What a run in `folder` has last written, or what it begins with.
pub(super) fn learner(
    folder: &RunFolder,
    config: &PretrainConfig,
    device: &Device,
) -> Result<Learner, Error> {
    let Some(path) = newest(folder) else {
        let (model, model_config, _) = load(config, device)?;
        return Ok(Learner {
            model,
            model_config,
            optimizer: optimizer(config),
            state: PretrainState::default(),
        });
    };
    let state: PretrainState = read_state(folder, &path)?;
    let (model, model_config, _) = masked_lm::load(&path, config.dropout, config.seed, device)
        .map_err(|failure| unusable(folder, &failure))?;
    let mut optimizer = optimizer(config);
    let moments = read_moments(folder, &path)?;
    optimizer.restore(state.optimizer_steps, moments, &device.clone().inner());
    Ok(Learner {
        model,
        model_config,
        optimizer,
        state,
    })
}

/// The model that a run begins with.
fn load(
    config: &PretrainConfig,
    device: &Device,
) -> Result<(MaskedLanguageModel, Config, MaskedLmReport), Error> {
    masked_lm::load(&config.model, config.dropout, config.seed, device).map_err(Error::Model)
}

fn optimizer(config: &PretrainConfig) -> AdamW {
    AdamW::new(AdamWConfig {
        weight_decay: config.weight_decay,
        max_grad_norm: config.max_grad_norm,
        ..AdamWConfig::default()
    })
}

pub(super) fn prepared(
    model: MaskedLanguageModel,
    config: &PretrainConfig,
    device: &ComputeDevice,
) -> MaskedLanguageModel {
    model.with_precision(config.precision, device)
}

/// What a person should know of the model that a run begins with.
fn notes(report: &MaskedLmReport) -> Vec<Event> {
    let notes = report.notes.iter();
    let mut notes: Vec<Event> = notes.map(|note| Event::warning("model", note)).collect();
    if report.is_new {
        notes.push(Event::warning(
            "head",
            "the model has no masked-language head: a new one is drawn from the seed, and learns alone first",
        ));
    } else if !report.missing.is_empty() {
        let missing = report.missing.join("`, `");
        notes.push(Event::warning(
            "head",
            format!("these weights of the masked-language head are not in the checkpoint and begin anew: `{missing}`"),
        ));
    }
    notes
}
