//! What `config.json` says, of supported families and others alike.

use serde_json::{Map, Value};
use tagsmith_checkpoint::{Config, families};

use super::reason;

/// The families' different names of one size, for a model that cannot be read as one of its family: it is
/// described all the same.
const LAYERS: &[&str] = &["num_hidden_layers", "n_layers", "n_layer", "num_layers"];
const HIDDEN: &[&str] = &["hidden_size", "dim", "d_model", "n_embd"];
const HEADS: &[&str] = &["num_attention_heads", "n_heads", "n_head", "num_heads"];
const VOCABULARY: &[&str] = &["vocab_size"];
const POSITIONS: &[&str] = &["max_position_embeddings", "n_positions"];

/// The facts of a `config.json`.
pub(crate) struct Facts {
    pub architecture: Option<String>,
    pub model_type: Option<String>,
    pub num_hidden_layers: Option<u64>,
    pub hidden_size: Option<u64>,
    pub num_attention_heads: Option<u64>,
    pub vocab_size: Option<u64>,
    /// The longest sequence that the model reads, in tokens.
    pub max_position_embeddings: Option<u64>,
    pub labels: Vec<String>,
    /// The configuration, or why a model with it cannot be fine-tuned.
    pub config: Result<Config, String>,
}

/// What a configuration says, wherever it lies.
pub(crate) fn facts(raw: Map<String, Value>) -> Facts {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let architecture = raw
        .get("architectures")
        .and_then(|classes| text(classes.get(0)?));
    let model_type = raw.get("model_type").and_then(text).or_else(|| {
        let family = families::of_class(architecture.as_deref()?)?;
        Some(family.model_type.to_owned())
    });
    let config = Config::from_json(raw.clone());
    let sizes = match &config {
        Ok(config) => [
            config.num_hidden_layers,
            config.hidden_size,
            config.num_attention_heads,
            config.vocab_size,
            config.max_tokens(),
        ]
        .map(|size| Some(size as u64)),
        Err(_) => [LAYERS, HIDDEN, HEADS, VOCABULARY, POSITIONS]
            .map(|names| names.iter().find_map(|name| raw.get(*name)?.as_u64())),
    };
    let [layers, hidden, heads, vocabulary, positions] = sizes;
    Facts {
        architecture,
        model_type,
        num_hidden_layers: layers,
        hidden_size: hidden,
        num_attention_heads: heads,
        vocab_size: vocabulary,
        max_position_embeddings: positions,
        labels: config.as_ref().map(labels).unwrap_or_default(),
        config: config.map_err(|failure| reason(&failure)),
    }
}

/// The labels in the order of their ids; none where they are placeholders.
fn labels(config: &Config) -> Vec<String> {
    let labels = config.labels();
    let mut named = labels.iter().enumerate();
    match named.all(|(id, label)| *label == format!("LABEL_{id}")) {
        true => Vec::new(),
        false => labels.to_vec(),
    }
}
