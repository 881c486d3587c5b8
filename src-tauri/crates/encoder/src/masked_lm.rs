//! An encoder with its masked-language head, which predicts word pieces that were masked.
//!
//! The decoder's matrix is the table of word embeddings. As such it gets gradients at every row, while those
//! of the embeddings are of the few rows that were read, so a forward pass has the table twice: as the
//! model's own weight and as a [`Decoder`], which shares its memory. Whoever trains adds both gradients up.

use crate::config::Config;
use crate::layers::{Encoder, Transform};
use crate::model::{Input, LoadError};
use crate::ops::{self, Kernels};
use crate::precision::Precision;
use crate::weights::{self, ParamPath, Trainable, Weights};
use burn::module::{Module, Param};
use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use std::io;
use std::path::Path;
use tagsmith_checkpoint::fit::{self, Fit};
use tagsmith_checkpoint::{MaskedLm, MaskedLmNames, NameTable};
use tagsmith_files::write_json;
use tagsmith_protocol::ComputeDevice;

/// An encoder and what predicts the word pieces at some of its positions.
#[derive(Module, Debug)]
pub struct MaskedLanguageModel {
    encoder: Encoder,
    transform: Transform,
    /// Of each word piece, `[pieces]`.
    bias: Option<Param<Tensor<1>>>,
    is_encoder_frozen: bool,
    #[module(skip)]
    names: &'static NameTable,
    #[module(skip)]
    head_names: &'static MaskedLmNames,
}

/// The table of word embeddings as the decoder of one forward pass, `[pieces, width]`.
#[derive(Clone, Debug)]
pub struct Decoder(pub Tensor<2>);

/// What loading did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaskedLmReport {
    /// Whether the head is a new one: the checkpoint has none.
    pub is_new: bool,
    /// Weights of the head that the checkpoint lacks, by name.
    pub missing: Vec<String>,
    /// What a person should know of the checkpoint, in a sentence each without a full stop.
    pub notes: Vec<String>,
}

impl MaskedLanguageModel {
    /// A model to load weights into; a head that is not loaded is drawn from `seed`.
    fn new(config: &Config, head: &MaskedLm, seed: u64, device: &Device) -> Self {
        let (hidden, width) = (config.hidden_size, head.width);
        // On the host, so that it is the same on every device.
        let drawn = ops::normal(hidden * width, config.initializer_range, seed);
        let drawn = Tensor::from_data(TensorData::new(drawn, [hidden, width]), device);
        let (activation, has_bias) = (head.activation, head.has_dense_bias);
        let pieces = config.vocab_size;
        let zeros = || TensorData::new(vec![0.0f32; pieces], [pieces]);
        Self {
            encoder: Encoder::new(config, device),
            transform: Transform::new(config, width, activation, has_bias, device)
                .with_weight(drawn),
            bias: head
                .has_bias
                .then(|| Param::from_tensor(Tensor::from_data(zeros(), device))),
            is_encoder_frozen: false,
            names: config.family.names,
            head_names: head.names,
        }
    }

    /// The same model computing in another precision, by the kernels that its device's check allows. Its
    /// weights do not change, and its head computes in 32 bits.
    #[must_use]
    pub fn with_precision(self, precision: Precision, device: &ComputeDevice) -> Self {
        let kernels = Kernels::of(device, precision);
        Self {
            encoder: self.encoder.computing(precision, kernels),
            ..self
        }
    }

    /// The same model whose head alone is trained, or all of it.
    #[must_use]
    pub fn with_frozen_encoder(self, is_frozen: bool) -> Self {
        // Frozen weights stay leaves, so that they can be trained again.
        let mut freezing = Freezing(!is_frozen);
        Self {
            encoder: self.encoder.map(&mut freezing),
            is_encoder_frozen: is_frozen,
            ..self
        }
    }

    /// Whether the head alone is trained.
    pub fn is_encoder_frozen(&self) -> bool {
        self.is_encoder_frozen
    }

    /// How many word pieces it knows.
    pub fn pieces(&self) -> usize {
        self.encoder.word_table().dims()[0]
    }

    /// The name of the table of word embeddings, to which the decoder is tied.
    pub fn table_name(&self) -> String {
        self.names.of_part("embeddings.words", "weight")
    }

    /// The decoder for a forward pass. Its gradient belongs to the weight of [`Self::table_name`]; there is
    /// none where the encoder is frozen.
    pub fn decoder(&self) -> Decoder {
        let table = self.encoder.word_table();
        if !table.device().is_autodiff() {
            return Decoder(table);
        }
        let leaf = Tensor::from_inner(table.clone().inner());
        let leaf = match table.gradient_checkpointing_strategy() {
            Some(strategy) => leaf.with_gradient_checkpointing_strategy(strategy),
            None => leaf,
        };
        match self.is_encoder_frozen {
            true => Decoder(leaf),
            false => Decoder(leaf.require_grad()),
        }
    }

    /// The hidden states of some tokens, `[count, hidden]` in 32 bits: the last layer's feed-forward computes
    /// these alone.
    ///
    /// `indices` `[count]` are rows of tokens.
    pub fn hidden_at(&self, input: Input, indices: Tensor<1, Int>) -> Tensor<2> {
        let hidden = self
            .encoder
            .forward(input.ids, input.types, input.offsets, Some(indices));
        self.kernels().cast(hidden, DType::F32)
    }

    /// What the head makes of hidden states.
    ///
    /// # Shapes
    /// - `hidden` `[count, hidden]` in 32 bits, result `[count, pieces]`
    pub fn predict(&self, hidden: Tensor<2>, decoder: &Decoder) -> Tensor<2> {
        let kernels = Kernels::best_on(&hidden.device());
        let states = self.transform.forward(hidden, kernels);
        let bias = self.bias.as_ref().map(Param::val);
        kernels.linear(states, decoder.0.clone().swap_dims(0, 1), bias)
    }
}

impl Trainable for MaskedLanguageModel {
    fn param_path(&self) -> ParamPath {
        ParamPath::with_masked_lm(self.names, self.head_names)
    }

    fn kernels(&self) -> Kernels {
        self.encoder.kernels()
    }
}

/// Whether weights are trained.
struct Freezing(bool);

impl burn::module::ModuleMapper for Freezing {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.set_require_grad(self.0)
    }
}

/// Loads a folder to pretrain it further. What it lacks of the head is new: weights drawn from `seed`, norms 1,
/// biases 0. `dropout`, 0–1, replaces every rate of config.json.
///
/// # Errors
/// As [`LoadError`] lists; models of the family have no masked-language head.
pub fn load(
    folder: &Path,
    dropout: Option<f64>,
    seed: u64,
    device: &Device,
) -> Result<(MaskedLanguageModel, Config, MaskedLmReport), LoadError> {
    let config = Config::from_folder(folder)?
        .with_dropout(dropout)
        .with_masked_lm();
    let head = head_of(&config)?;
    let weights = Weights::from_folder(folder)?;
    let fit = fit::check_masked_lm(&config, &head, weights.infos()).map_err(|misfit| {
        LoadError::Unfitting {
            file: weights.path.display().to_string(),
            misfit,
        }
    })?;
    let fresh = MaskedLanguageModel::new(&config, &head, seed, device);
    let report = report(&fresh, &weights, &fit);
    let path = fresh.param_path();
    let model = weights::apply(fresh, path, &weights, &fit)?;
    Ok((model, config, report))
}

/// The masked-language head of a model.
///
/// # Errors
/// Its family has none.
pub fn head_of(config: &Config) -> Result<MaskedLm, LoadError> {
    config.masked_lm.map_err(|why| LoadError::NoMaskedLm {
        model_type: config.family.model_type,
        why,
    })
}

fn report(model: &MaskedLanguageModel, weights: &Weights, fit: &Fit) -> MaskedLmReport {
    let all = weights::collect_lazy(model, model.param_path());
    let missing: Vec<String> = all
        .into_keys()
        .filter(|name| !fit.sources.contains_key(name))
        .collect();
    let notes = weights.notes().chain(fit.note());
    MaskedLmReport {
        is_new: missing.contains(&model.head_names.of_part("dense", "weight")),
        missing,
        notes: notes.map(|note| note.message).collect(),
    }
}

/// Writes `config.json` and `model.safetensors` into `folder` under Hugging Face's names.
///
/// # Errors
/// Any error of the file system.
pub fn save(model: &MaskedLanguageModel, config: &Config, folder: &Path) -> io::Result<()> {
    write_json(&folder.join("config.json"), &config.raw)?;
    weights::write(
        &folder.join("model.safetensors"),
        &weights::collect_lazy(model, model.param_path()),
    )
}
