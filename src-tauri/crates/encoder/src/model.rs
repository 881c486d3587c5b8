//! An encoder with its token-classification head, loaded from a folder and saved to one.

use crate::config::{Config, ConfigError};
use crate::head::{head_rows, new_head, old_head, order_of, reordered, with_rows};
use crate::layers::{Encoder, Linear, LoraConfig, Transform};
use crate::ops::{Kernels, Quantisation};
use crate::precision::Precision;
use crate::sequence_offsets::SequenceOffsets;
use crate::weights::{self, LazyTensor, ParamPath, Trainable, Weights, WeightsError};
use burn::module::Module;
use burn::tensor::{DType, Device, Int, Tensor};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use tagsmith_checkpoint::adapter::MergedFrom;
use tagsmith_checkpoint::fit::{self, Fit, HeadUse, Misfit};
use tagsmith_checkpoint::{NameTable, NoMaskedLm};
use tagsmith_files::write_json;
use tagsmith_protocol::{ComputeDevice, Diagnose};

/// A batch of word pieces, its sequences concatenated.
#[derive(Clone, Debug)]
pub struct Input {
    /// Word piece ids `[rows]`: those of the tokens, then any for rows that rounding added.
    pub ids: Tensor<1, Int>,
    /// Token type ids `[rows]`.
    pub types: Tensor<1, Int>,
    /// Where each sequence begins and ends.
    pub offsets: SequenceOffsets,
}

/// An encoder with a linear layer that gives each position one logit a label.
#[derive(Module, Debug)]
pub struct TokenClassifier {
    pub(crate) encoder: Encoder,
    transform: Option<Transform>,
    classifier: Linear,
    dropout: f64,
    has_adapter: bool,
    #[module(skip)]
    names: &'static NameTable,
}

impl TokenClassifier {
    /// A model to load weights into, its head drawn from `seed` for `config.labels`.
    pub(crate) fn new(config: &Config, seed: u64, device: &Device) -> Self {
        Self {
            encoder: Encoder::new(config, device),
            transform: config.transform.map(|transform| {
                let (hidden, activation) = (config.hidden_size, transform.activation);
                Transform::new(config, hidden, activation, transform.has_bias, device)
            }),
            classifier: new_head(config, seed, device),
            dropout: config.dropouts.classifier.unwrap_or_default(),
            has_adapter: false,
            names: config.family.names,
        }
    }

    /// The same model computing in another precision, by the kernels that its device's check allows. Its
    /// weights do not change.
    #[must_use]
    pub fn with_precision(self, precision: Precision, device: &ComputeDevice) -> Self {
        self.computing(precision, Kernels::of(device, precision))
    }

    /// The same model computing in another precision, by these kernels.
    #[must_use]
    pub(crate) fn computing(self, precision: Precision, kernels: Kernels) -> Self {
        Self {
            encoder: self.encoder.computing(precision, kernels),
            ..self
        }
    }

    /// The same model computing by other kernels: to compare them.
    #[must_use]
    pub fn with_kernels(self, kernels: Kernels) -> Self {
        let precision = self.precision();
        self.computing(precision, kernels)
    }

    /// The precision of the hidden states.
    pub fn precision(&self) -> Precision {
        self.encoder.precision()
    }

    /// The kernels that compute the model.
    pub fn kernels(&self) -> Kernels {
        self.encoder.kernels()
    }

    /// The names of its weights in a checkpoint.
    pub fn names(&self) -> &'static NameTable {
        self.names
    }

    /// The same model with another dropout before its head, 0–1, where one is given.
    #[must_use]
    pub fn with_head_dropout(self, rate: Option<f64>) -> Self {
        let dropout = rate.unwrap_or(self.dropout);
        Self { dropout, ..self }
    }

    /// Puts an adapter (LoRA) beside the encoder's weights, which are frozen: it is trained, and the head, and what
    /// stands before the head.
    pub fn with_lora(mut self, lora: &LoraConfig, seed: u64) -> Self {
        self.encoder = self.encoder.with_lora(lora, seed);
        self.has_adapter = true;
        self
    }

    /// Whether it has an adapter.
    pub fn has_adapter(&self) -> bool {
        self.has_adapter
    }

    /// What is trained, as [`weights::collect_trained`] gives it.
    pub fn trained(&self) -> BTreeMap<String, LazyTensor<'static>> {
        weights::collect_trained(self, self.names)
    }

    /// How many weights are trained.
    pub fn num_trained(&self) -> usize {
        let shapes = self.trained();
        let sizes = shapes
            .values()
            .map(|tensor| tensor.shape.iter().product::<usize>());
        sizes.sum()
    }

    /// The same model without an adapter, its changes added to the weights. On a device without autodiff.
    pub fn merged(mut self) -> Self {
        if self.has_adapter {
            self.encoder = self.encoder.merged();
            self.has_adapter = false;
        }
        self
    }

    /// Packs the encoder's weights for inference on devices with a packed GEMM. The model can then neither
    /// be trained nor saved. The head stays in floating point. In half precision the weights are
    /// narrowed once.
    pub fn for_inference(mut self, quantisation: Quantisation) -> Self {
        self.encoder = self.encoder.for_inference(quantisation);
        self
    }

    /// The hidden states of the encoder's last layer, `[tokens, hidden]`.
    pub fn hidden(&self, input: Input) -> Tensor<2> {
        let (tokens, rows) = (input.offsets.tokens(), input.offsets.rows());
        let hidden = self
            .encoder
            .forward(input.ids, input.types, input.offsets, None);
        let hidden = self.kernels().cast(hidden, DType::F32);
        match tokens == rows {
            true => hidden,
            false => hidden.narrow(0, 0, tokens),
        }
    }

    /// The logits of all tokens, `[tokens, labels]`.
    pub fn logits(&self, input: Input) -> Tensor<2> {
        self.head(self.hidden(input))
    }

    /// The logits of some tokens, `[count, labels]`: the last layer's feed-forward and the head compute these
    /// alone.
    ///
    /// `indices` `[count]` are rows of tokens.
    pub fn logits_at(&self, input: Input, indices: Tensor<1, Int>) -> Tensor<2> {
        let hidden = self
            .encoder
            .forward(input.ids, input.types, input.offsets, Some(indices));
        self.head(self.kernels().cast(hidden, DType::F32))
    }

    fn head(&self, hidden: Tensor<2>) -> Tensor<2> {
        let kernels = self.kernels();
        let hidden = match &self.transform {
            Some(transform) => transform.forward(hidden, kernels),
            None => hidden,
        };
        let kept = kernels.dropout(hidden, self.dropout);
        self.classifier.forward(kept, kernels)
    }
}

impl Trainable for TokenClassifier {
    fn param_path(&self) -> ParamPath {
        ParamPath::new(self.names)
    }

    fn kernels(&self) -> Kernels {
        self.encoder.kernels()
    }
}

/// Why a model folder cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// `config.json` cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The weights cannot be read.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The tensors in the file are not those that the configuration needs.
    #[error("`{file}`: {misfit}")]
    Unfitting {
        /// The file of weights.
        file: String,
        /// What differs.
        misfit: Misfit,
    },
    /// Models of this family have no masked-language head that is known here.
    #[error("`{model_type}` models cannot be pretrained: {}", why.reason)]
    NoMaskedLm {
        /// The family.
        model_type: &'static str,
        /// Why not, and what to do.
        why: NoMaskedLm,
    },
    /// The folder has no head, and one is needed to predict.
    #[error("`{folder}` has no token-classification head")]
    NoHead {
        /// The model folder.
        folder: String,
        /// Whether it was merged from an adapter and its base model.
        is_merged: bool,
    },
}

impl Diagnose for LoadError {
    fn code(&self) -> &'static str {
        "model"
    }

    fn hint(&self) -> Option<Cow<'_, str>> {
        let hint: String = match self {
            Self::Config(failure) => return failure.hint(),
            Self::Weights(failure) => return failure.hint(),
            Self::Unfitting { misfit, .. } => return misfit.hint(),
            Self::NoMaskedLm { why, .. } => why.hint.into(),
            Self::NoHead { is_merged, .. } => match is_merged {
                true => "the adapter's head was left out when it was merged, because an adapter does not name its labels: fine-tune the model with `tagsmith train` first",
                false => "this is a base model: fine-tune it with `tagsmith train` first",
            }
            .into(),
        };
        Some(hint.into())
    }
}

/// Where the head of a loaded model comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Head {
    /// Freshly drawn: the checkpoint has none, or one for other labels.
    New,
    /// The checkpoint's own.
    Kept,
    /// The checkpoint's own, its rows put in the order of the new label list.
    Reordered,
    /// Rows of the checkpoint's own for labels that it has or calls otherwise, the others freshly drawn.
    Partial,
}

/// What loading did.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoadReport {
    /// Where the head comes from.
    pub head: Head,
    /// The labels of a head that was replaced.
    pub replaced_labels: Vec<String>,
    /// Weights in the file that token classification has no use for.
    pub unused: Vec<String>,
    /// What a person should know of the checkpoint, in a sentence each without a full stop.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// A model of random weights for `config.labels`: to measure with, where no checkpoint is needed.
///
/// Weights come from `N(0, initializer_range²)`, those of the head from `seed` alone.
pub fn random(config: &Config, seed: u64, device: &Device) -> TokenClassifier {
    device.seed(seed);
    TokenClassifier::new(config, seed, device)
}

/// Loads a folder to predict with it: its own head and labels are needed.
///
/// # Errors
/// As [`LoadError`] lists.
pub fn load(folder: &Path, device: &Device) -> Result<(TokenClassifier, Config), LoadError> {
    load_with_dropout(folder, None, device)
}

/// As [`load`], to go on training with: `dropout`, 0–1, replaces every rate of config.json.
///
/// # Errors
/// As [`LoadError`] lists.
pub fn load_with_dropout(
    folder: &Path,
    dropout: Option<f64>,
    device: &Device,
) -> Result<(TokenClassifier, Config), LoadError> {
    let config = Config::from_folder(folder)?.with_dropout(dropout);
    let weights = Weights::from_folder(folder)?;
    let no_head = || LoadError::NoHead {
        folder: folder.display().to_string(),
        is_merged: MergedFrom::read(folder).is_some(),
    };
    let names = config.family.names;
    let rows = head_rows(&weights, names).ok_or_else(no_head)?;
    if config.required_labels()?.len() != rows {
        return Err(LoadError::Unfitting {
            file: weights.path.display().to_string(),
            misfit: Misfit::Tensors(vec![format!(
                "the head has {rows} labels, `id2label` in config.json has {}",
                config.labels().len()
            )]),
        });
    }
    let fit = check(&config, &weights, HeadUse::Kept)?;
    let fresh = TokenClassifier::new(&config, 0, device);
    Ok((weights::apply(fresh, names, &weights, &fit)?, config))
}

/// Loads a folder to fine-tune it for `labels`.
///
/// A head of the same labels is kept, its rows reordered if they stand in another order; else a new
/// one is drawn from `seed`. `dropout`, 0–1, replaces every rate of config.json.
///
/// # Errors
/// As [`LoadError`] lists.
pub fn load_for_labels(
    folder: &Path,
    labels: &[String],
    dropout: Option<f64>,
    seed: u64,
    device: &Device,
) -> Result<(TokenClassifier, Config, LoadReport), LoadError> {
    let own = Config::from_folder(folder)?.labels().to_vec();
    let rows = match order_of(labels, &own) {
        Some(order) => order.into_iter().map(Some).collect(),
        None => vec![None; labels.len()],
    };
    load_with_head(folder, labels, &rows, dropout, seed, device)
}

/// As [`load_for_labels`], each label starting from one of the `rows` of the checkpoint's own head, counted from 0,
/// where it has one; the others are drawn from `seed`.
///
/// # Errors
/// As [`LoadError`] lists.
pub fn load_with_head(
    folder: &Path,
    labels: &[String],
    rows: &[Option<usize>],
    dropout: Option<f64>,
    seed: u64,
    device: &Device,
) -> Result<(TokenClassifier, Config, LoadReport), LoadError> {
    let found = Config::from_folder(folder)?;
    let weights = Weights::from_folder(folder)?;
    let own_labels = found.labels().to_vec();
    let names = found.family.names;
    let has_head = head_rows(&weights, names) == Some(own_labels.len()) && !own_labels.is_empty();
    let rows: Vec<Option<usize>> = match has_head {
        true => rows.to_vec(),
        false => vec![None; labels.len()],
    };
    let order: Option<Vec<usize>> = rows.iter().copied().collect();
    // A permutation of the old rows: no label was added or dropped.
    let order = order.filter(|order| {
        order.len() == own_labels.len() && (0..order.len()).all(|row| order.contains(&row))
    });

    let mut config = match order {
        Some(_) => found,
        None => found.with_labels(labels),
    };
    config = config.with_dropout(dropout);
    let head = match order {
        Some(_) => HeadUse::Kept,
        None => HeadUse::Replaced,
    };
    let fit = check(&config, &weights, head)?;
    let fresh = TokenClassifier::new(&config, seed, device);
    let mut model = weights::apply(fresh, names, &weights, &fit)?;

    let head = match order {
        None if rows.iter().any(Option::is_some) => {
            let old = old_head(&weights, names)?;
            model.classifier = with_rows(&model.classifier, &old, &rows, device);
            Head::Partial
        }
        None => Head::New,
        Some(order) => {
            if !order.iter().copied().eq(0..labels.len()) {
                model.classifier = reordered(&model.classifier, &order, device);
            }
            if own_labels == labels {
                Head::Kept
            } else {
                config = config.with_labels(labels);
                match labels.iter().all(|label| own_labels.contains(label)) {
                    true => Head::Reordered,
                    false => Head::Partial,
                }
            }
        }
    };
    let replaced_labels = if has_head && head == Head::New {
        own_labels
    } else {
        Vec::new()
    };
    let notes = weights.notes().chain(fit.note());
    Ok((
        model,
        config,
        LoadReport {
            head,
            replaced_labels,
            notes: notes.map(|note| note.message).collect(),
            unused: fit.unused,
        },
    ))
}

/// Exactly the weights of the model must be there.
fn check(config: &Config, weights: &Weights, head: HeadUse) -> Result<Fit, LoadError> {
    fit::check(config, weights.infos(), head).map_err(|misfit| LoadError::Unfitting {
        file: weights.path.display().to_string(),
        misfit,
    })
}

/// Writes `config.json` and `model.safetensors` into `folder` under Hugging Face's names.
///
/// # Errors
/// Any error of the file system.
pub fn save(model: &TokenClassifier, config: &Config, folder: &Path) -> io::Result<()> {
    write_json(&folder.join("config.json"), &config.raw)?;
    weights::write(
        &folder.join("model.safetensors"),
        &weights::collect_lazy(model, model.names),
    )
}
