//! What a model folder is: its size, its labels, its tokenizer, and whether it can be fine-tuned.

mod card;
pub(crate) mod config;
mod tokenizer;
pub(crate) mod weights;

pub use tagsmith_checkpoint::ensemble::FILE as ENSEMBLE;
pub use tagsmith_checkpoint::python::{Traits, snippet};
pub use tagsmith_checkpoint::tokenizer::FILES as TOKENIZER_FILES;
pub use tokenizer::{TokenizerKind, TokenizerSummary};
pub use weights::{WeightsKind, WeightsSummary};

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tagsmith_checkpoint::embedding::embeds_sentences;
use tagsmith_checkpoint::tokenizer::{FILES, Refusal, has_pieces};
use tagsmith_checkpoint::{Config, ConfigError, Note, pointer};
use tagsmith_protocol::Diagnose;

/// How deep folders are counted; deeper ones are not model folders.
pub(crate) const DEEPEST: usize = 8;

/// What a model folder holds: the hint for a folder that is not one.
pub(crate) const MODEL_FOLDER: &str = "a model folder holds, under these names, config.json, model.safetensors or pytorch_model.bin, and tokenizer.json, vocab.txt, vocab.json with merges.txt or a file of SentencePiece such as spm.model";

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
    /// Its `config.json` is unreadable or no JSON object.
    #[error(transparent)]
    Config(ConfigError),
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
            Self::NotAModel { .. } => MODEL_FOLDER.into(),
            Self::Config(failure) => return failure.hint(),
        };
        Some(hint.into())
    }
}

/// What was found out about a model.
#[derive(Default)]
pub(crate) struct Findings {
    /// Why it cannot be fine-tuned, each in a sentence without a full stop.
    pub reasons: Vec<String>,
    /// What is odd about it.
    pub notes: Vec<ModelNote>,
}

impl Findings {
    /// What is odd about the model.
    pub fn note(&mut self, notes: impl IntoIterator<Item = Note>) {
        let notes = notes.into_iter().map(ModelNote::from);
        self.notes.extend(notes);
    }

    /// A failure that keeps the model from being fine-tuned.
    pub fn refuse(&mut self, failure: &impl Diagnose) {
        self.reasons.push(reason(failure));
    }
}

/// A failure in a sentence with what can be done about it.
pub(crate) fn reason(failure: &impl Diagnose) -> String {
    match failure.hint() {
        Some(hint) => format!("{failure} ({hint})"),
        None => failure.to_string(),
    }
}

/// Why a tokenizer cannot be used, in a sentence with what can be done about it.
pub(crate) fn refused(refusal: &Refusal) -> String {
    format!("{refusal} ({})", refusal.hint)
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
    /// Longest sequence that the model reads, in tokens.
    pub max_position_embeddings: Option<u64>,
    /// Whether it was made to embed sentences.
    pub embeds_sentences: bool,
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

impl From<Note> for ModelNote {
    fn from(note: Note) -> Self {
        Self {
            code: note.code.into(),
            message: note.message,
        }
    }
}

/// Describes a model folder. What is wrong inside it becomes one of `reasons`.
///
/// # Errors
/// There is no such folder, or its `config.json` is absent, unreadable or no JSON object.
pub fn inspect(folder: &Path) -> Result<ModelSummary, InspectError> {
    if !folder.is_dir() {
        return Err(InspectError::NoSuchFolder {
            path: folder.into(),
        });
    }
    let raw = Config::read_json(folder).map_err(|failure| match failure {
        ConfigError::Unreadable { .. } if !folder.join("config.json").exists() => {
            InspectError::NotAModel {
                folder: folder.into(),
            }
        }
        other => InspectError::Config(other),
    })?;
    let facts = config::facts(raw);
    let mut findings = Findings::default();
    match &facts.config {
        Ok(config) => findings.note(config.notes()),
        Err(reason) => findings.reasons.push(reason.clone()),
    }
    let pointers: Vec<_> = FILES
        .into_iter()
        .filter(|name| pointer::is_pointer(&folder.join(name)))
        .map(|name| {
            let hint = pointer::HINT;
            format!("`{name}` is a Git LFS pointer, not the file itself ({hint})")
        })
        .collect();
    let mut odd = Vec::new();
    let (tokenizer, notes) = tokenizer::read(folder, facts.vocab_size, &mut odd);
    findings.note(notes);
    // What a pointer cannot be read as need not be said.
    findings.reasons.extend(match pointers.is_empty() {
        true => odd,
        false => pointers,
    });
    let weights = weights::read(folder, facts.config.as_ref().ok(), &mut findings);
    // The folder is known: the names of its files say enough.
    let prefix = format!("{}/", folder.display());
    let reasons = findings.reasons.iter();
    let reasons: Vec<_> = reasons.map(|reason| reason.replace(&prefix, "")).collect();
    Ok(ModelSummary {
        path: folder.into(),
        architecture: facts.architecture,
        model_type: facts.model_type,
        num_hidden_layers: facts.num_hidden_layers,
        hidden_size: facts.hidden_size,
        num_attention_heads: facts.num_attention_heads,
        vocab_size: facts.vocab_size,
        max_position_embeddings: facts.max_position_embeddings,
        embeds_sentences: match &facts.config {
            Ok(config) => embeds_sentences(folder, config),
            Err(_) => false,
        },
        labels: facts.labels,
        weights,
        tokenizer,
        license: card::license(folder),
        bytes: bytes(folder, DEEPEST),
        trainable: reasons.is_empty(),
        reasons,
        notes: findings.notes,
    })
}

/// Whether a folder has all the files that a model needs. Takes no noticeable time.
pub(crate) fn is_whole(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).is_file();
    has("config.json") && has_pieces(has) && weights::are_there(folder)
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
