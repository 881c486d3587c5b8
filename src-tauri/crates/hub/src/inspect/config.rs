//! What `config.json` says, of supported families and others alike.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Map, Value};
use tagsmith_checkpoint::families;

use super::InspectError;

/// The families' different names of one size. They stand here although the engine has names of its
/// own, because a model that the engine cannot load is described too.
const LAYERS: &[&str] = &["num_hidden_layers", "n_layers", "n_layer", "num_layers"];
const HIDDEN: &[&str] = &["hidden_size", "dim", "d_model", "n_embd"];
const HEADS: &[&str] = &["num_attention_heads", "n_heads", "n_head", "num_heads"];
const VOCABULARY: &[&str] = &["vocab_size"];
const POSITIONS: &[&str] = &["max_position_embeddings", "n_positions"];

/// The facts of a `config.json`.
#[derive(Default)]
pub(crate) struct Facts {
    pub architecture: Option<String>,
    pub model_type: Option<String>,
    pub num_hidden_layers: Option<u64>,
    pub hidden_size: Option<u64>,
    pub num_attention_heads: Option<u64>,
    pub vocab_size: Option<u64>,
    pub max_position_embeddings: Option<u64>,
    pub labels: Vec<String>,
    /// Why a model with this configuration cannot be fine-tuned.
    pub reasons: Vec<String>,
}

pub(super) fn read(folder: &Path) -> Result<Facts, InspectError> {
    if !folder.is_dir() {
        return Err(InspectError::NoSuchFolder {
            path: folder.into(),
        });
    }
    let path = folder.join("config.json");
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(failure) if failure.kind() == io::ErrorKind::NotFound => {
            return Err(InspectError::NotAModel {
                folder: folder.into(),
            });
        }
        Err(source) => return Err(InspectError::Unreadable { path, source }),
    };
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(config)) => Ok(facts(&config)),
        Ok(_) => Err(InspectError::BadConfig {
            path,
            reason: "it holds another kind of value".into(),
        }),
        Err(failure) => Err(InspectError::BadConfig {
            path,
            reason: failure.to_string(),
        }),
    }
}

/// What a configuration says, wherever it lies.
pub(crate) fn facts(config: &Map<String, Value>) -> Facts {
    let size = |names: &[&str]| names.iter().find_map(|name| config.get(*name)?.as_u64());
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let architecture = config
        .get("architectures")
        .and_then(|classes| text(classes.get(0)?));
    let model_type = config.get("model_type").and_then(text).or_else(|| {
        let family = families::of_class(architecture.as_deref()?)?;
        Some(family.model_type.to_owned())
    });
    let mut facts = Facts {
        num_hidden_layers: size(LAYERS),
        hidden_size: size(HIDDEN),
        num_attention_heads: size(HEADS),
        vocab_size: size(VOCABULARY),
        max_position_embeddings: size(POSITIONS),
        labels: labels(config),
        architecture,
        model_type,
        reasons: Vec::new(),
    };
    facts.reasons = reasons(&facts, config);
    facts
}

fn reasons(facts: &Facts, config: &Map<String, Value>) -> Vec<String> {
    let mut reasons = Vec::new();
    let supported = families::model_types("`, `");
    match facts.model_type.as_deref() {
        Some(known) if families::of_model_type(known).is_some() => {}
        Some(other) => {
            // Nothing further can be said of a family whose rules are not known.
            return vec![format!(
                "the model type `{other}` is not supported, only `{supported}`"
            )];
        }
        None => {
            return vec![format!(
                "`config.json` names no model type; supported: `{supported}`"
            )];
        }
    }
    let sizes = [
        ("num_hidden_layers", facts.num_hidden_layers),
        ("hidden_size", facts.hidden_size),
        ("num_attention_heads", facts.num_attention_heads),
        ("vocab_size", facts.vocab_size),
        ("max_position_embeddings", facts.max_position_embeddings),
    ];
    for (key, size) in sizes {
        if size.unwrap_or(0) == 0 {
            reasons.push(format!("`config.json` gives no usable `{key}`"));
        }
    }
    if let (Some(hidden), Some(heads @ 1..)) = (facts.hidden_size, facts.num_attention_heads)
        && hidden % heads != 0
    {
        reasons.push(format!(
            "{heads} attention heads do not divide the hidden size of {hidden}"
        ));
    }
    if let Some(scheme) = config
        .get("position_embedding_type")
        .and_then(Value::as_str)
        .filter(|scheme| *scheme != "absolute")
    {
        reasons.push(format!("`{scheme}` position embeddings are not supported"));
    }
    if config.get("is_decoder").and_then(Value::as_bool) == Some(true) {
        reasons.push("it is a decoder, not an encoder".into());
    }
    reasons
}

/// The labels in the order of their ids.
fn labels(config: &Map<String, Value>) -> Vec<String> {
    let Some(by_id) = config.get("id2label").and_then(Value::as_object) else {
        return Vec::new();
    };
    let mut labels: Vec<(u64, &str)> = by_id
        .iter()
        .filter_map(|(id, label)| Some((id.parse().ok()?, label.as_str()?)))
        .collect();
    labels.sort_unstable();
    let placeholders = labels
        .iter()
        .all(|(id, label)| *label == format!("LABEL_{id}"));
    match placeholders {
        true => Vec::new(),
        false => labels.into_iter().map(|(_, label)| label.into()).collect(),
    }
}
