//! What a model folder is: its size, its labels, its tokenizer, and whether it can be fine-tuned.

mod card;
pub(crate) mod config;
mod header;
mod tokenizer;
mod weights;

pub use tokenizer::{TokenizerKind, TokenizerSummary};
pub use weights::{WeightsKind, WeightsSummary};

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tagsmith_protocol::Diagnose;

use serde::Serialize;

/// Weights, the first to be preferred; each may be in parts, listed in an index.
pub(crate) const WEIGHTS: &[&str] = &["model.safetensors", "pytorch_model.bin"];

/// How deep folders are counted; deeper ones are not model folders.
pub(crate) const DEEPEST: usize = 8;

/// Why a folder cannot be described at all.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// There is nothing, or something else than a folder.
    #[error("there is no folder `{}`", path.display())]
    NoSuchFolder {
        /// The path.
        path: PathBuf,
    },
    /// It has no `config.json`.
    #[error("`{}` is not a model folder: it has no `config.json`", folder.display())]
    NotAModel {
        /// The folder.
        folder: PathBuf,
    },
    /// The file system refused.
    #[error("cannot read `{}`: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// Its `config.json` is not a JSON object.
    #[error("`{}` is not a JSON object: {reason}", path.display())]
    BadConfig {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
}

impl Diagnose for InspectError {
    fn code(&self) -> &'static str {
        "not-a-model"
    }

    fn hint(&self) -> Option<Cow<'_, str>> {
        let hint: String = match self {
            Self::NoSuchFolder { .. } => {
                "check the path; `tagsmith models list` shows the models of the library".into()
            }
            Self::NotAModel { .. } => {
                "a model folder holds config.json, model.safetensors and tokenizer.json, under these names".into()
            }
            Self::Unreadable { .. } => "check the permissions of the file".into(),
            Self::BadConfig { .. } => "fetch the model's config.json again".into(),
        };
        Some(hint.into())
    }
}

/// What a model folder is.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct ModelSummary {
    /// The folder.
    pub path: PathBuf,
    /// The class that the model was saved from, for instance `BertForTokenClassification`.
    pub architecture: Option<String>,
    /// The family, for instance `bert`.
    pub model_type: Option<String>,
    /// Layers of the encoder.
    pub num_hidden_layers: Option<u64>,
    /// Width of the hidden states.
    pub hidden_size: Option<u64>,
    /// Attention heads of each layer.
    pub num_attention_heads: Option<u64>,
    /// Rows of the word embedding.
    pub vocab_size: Option<u64>,
    /// Longest sequence in word pieces.
    pub max_position_embeddings: Option<u64>,
    /// The labels by id, where the model has been given any; names like `LABEL_0` are none.
    pub labels: Vec<String>,
    /// The weights, where there are any.
    pub weights: Option<WeightsSummary>,
    /// The tokenizer.
    pub tokenizer: TokenizerSummary,
    /// The licence that the model card names.
    pub license: Option<String>,
    /// Size of the whole folder in bytes.
    pub bytes: u64,
    /// Whether it can be fine-tuned as it is.
    pub trainable: bool,
    /// Why it cannot, each in a sentence without a full stop.
    pub reasons: Vec<String>,
    /// What is odd about it and does not keep it from being used.
    pub notes: Vec<ModelNote>,
}

/// Something odd about a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct ModelNote {
    /// A stable name of the kind of note.
    pub code: String,
    /// A sentence without a full stop.
    pub message: String,
}

/// Describes a model folder. What is wrong inside it becomes one of `reasons`.
///
/// # Errors
/// There is no such folder, or its `config.json` is absent, unreadable or no JSON object.
pub fn inspect(folder: &Path) -> Result<ModelSummary, InspectError> {
    let config = config::read(folder)?;
    let mut reasons = config.reasons;
    let (tokenizer, notes) = tokenizer::read(folder, config.vocab_size, &mut reasons);
    let embedding = config.vocab_size.zip(config.hidden_size);
    let weights = weights::read(folder, embedding, &mut reasons);
    Ok(ModelSummary {
        path: folder.into(),
        architecture: config.architecture,
        model_type: config.model_type,
        num_hidden_layers: config.num_hidden_layers,
        hidden_size: config.hidden_size,
        num_attention_heads: config.num_attention_heads,
        vocab_size: config.vocab_size,
        max_position_embeddings: config.max_position_embeddings,
        labels: config.labels,
        weights,
        tokenizer,
        license: card::license(folder),
        bytes: bytes(folder, DEEPEST),
        trainable: reasons.is_empty(),
        reasons,
        notes,
    })
}

/// Whether there is a tokenizer among files of these names.
pub(crate) fn has_tokenizer(has: impl Fn(&str) -> bool) -> bool {
    has("tokenizer.json") || has("vocab.txt") || has("vocab.json") && has("merges.txt")
}

/// Whether a folder has all the files that a model needs. Takes no noticeable time.
pub(crate) fn is_whole(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).is_file();
    has("config.json") && has_tokenizer(has) && weights::are_there(folder)
}

/// Size of all files under `folder` in bytes. Linked files count, linked folders do not: they could
/// lead in a circle.
pub(crate) fn bytes(folder: &Path, depth: usize) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    let of = |entry: fs::DirEntry| match (entry.file_type(), fs::metadata(entry.path())) {
        (Ok(kind), _) if kind.is_dir() && depth > 0 => bytes(&entry.path(), depth - 1),
        (_, Ok(target)) if target.is_file() => target.len(),
        _ => 0,
    };
    entries.flatten().map(of).fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests;
