//! Models: those recommended, those on the Hub, those on this machine, and downloads.

use super::Failure;
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

/// A starting point that the program recommends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct ShelfEntry {
    /// `starter`, or `ORG/NAME` on the Hub.
    pub id: String,
    pub title: String,
    pub family: String,
    /// When to take it, in one sentence.
    pub advice: String,
    pub parameters: u32,
    /// Of the files that would be downloaded.
    pub bytes: u64,
    pub language: String,
    pub license: String,
    pub cased: bool,
    /// Whether the engine can fine-tune its family today.
    pub trainable: bool,
}

/// What search results are ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum ModelSort {
    Downloads,
    Likes,
    Updated,
}

/// A search on the Hub.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct ModelQuery {
    /// A name, an id or an address.
    pub text: String,
    /// The order.
    pub sort: ModelSort,
    /// Only models that can be fine-tuned here.
    pub trainable: bool,
    /// An ISO 639-1 code, or empty for any.
    pub language: String,
    /// Who published it, or empty for anybody.
    pub author: String,
    /// A task in the Hub's spelling, or empty for any.
    pub task: String,
    /// How many are shown.
    pub limit: u32,
}

/// A model that a search found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct FoundModel {
    pub id: String,
    pub downloads: u64,
    pub likes: u32,
    /// RFC 3339.
    pub updated: String,
    pub license: Option<String>,
    pub languages: Vec<String>,
    pub model_type: Option<String>,
    pub trainable: bool,
    pub gated: bool,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct FoundModels {
    pub models: Vec<FoundModel>,
    pub more: bool,
}

/// Everything the window shows about a model of the Hub.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct ModelDetails {
    /// As in a search.
    #[serde(flatten)]
    pub found: FoundModel,
    /// The commit that a download would pin.
    pub revision: String,
    /// Of the files that would be downloaded.
    pub bytes: u64,
    /// Parameters, where they are told.
    pub parameters: Option<u64>,
    /// For instance `BertForMaskedLM`.
    pub architecture: Option<String>,
    /// Why it cannot be fine-tuned, each a sentence without a full stop.
    pub reasons: Vec<String>,
    /// The beginning of its model card, as plain text.
    pub about: String,
}

/// Where a model came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Source {
    Starter,
    Library,
    Run,
    Cache,
    Folder,
}

/// What the weights are stored as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum WeightsKind {
    Safetensors,
    Pytorch,
}

/// The weights of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct WeightsSummary {
    pub kind: WeightsKind,
    pub files: Vec<String>,
    pub bytes: u64,
    pub parameters: Option<u64>,
    pub dtypes: BTreeMap<String, u32>,
}

/// What a tokenizer is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub enum TokenizerKind {
    #[serde(rename = "tokenizer.json")]
    TokenizerJson,
    #[serde(rename = "vocab.txt")]
    VocabTxt,
    #[serde(rename = "none")]
    None,
}

/// The tokenizer of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct TokenizerSummary {
    pub kind: TokenizerKind,
    pub model: Option<String>,
    pub vocabulary: Option<u32>,
    pub cased: Option<bool>,
}

/// What a model folder is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct ModelSummary {
    pub path: String,
    pub architecture: Option<String>,
    pub model_type: Option<String>,
    pub num_hidden_layers: Option<u32>,
    pub hidden_size: Option<u32>,
    pub num_attention_heads: Option<u32>,
    pub vocab_size: Option<u32>,
    pub max_position_embeddings: Option<u32>,
    pub labels: Vec<String>,
    pub weights: Option<WeightsSummary>,
    pub tokenizer: TokenizerSummary,
    pub license: Option<String>,
    pub bytes: u64,
    pub trainable: bool,
    pub reasons: Vec<String>,
}

/// A model on this machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct LibraryModel {
    pub name: String,
    pub path: String,
    pub source: Source,
    pub summary: ModelSummary,
    /// For what a run made: the run's id.
    pub run: Option<String>,
}

/// How far a download is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum DownloadState {
    Waiting,
    Running,
    Verifying,
    Done,
    Cancelled,
    Failed,
}

/// A download, under way or ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct Download {
    pub id: String,
    pub state: DownloadState,
    pub bytes: u64,
    pub total: u64,
    pub bytes_per_second: f64,
    pub eta_seconds: Option<f64>,
    pub failure: Option<Failure>,
}
