//! A trained model as a Hugging Face folder: weights and tokenizer.

use crate::error::Error;
use crate::tokenizer::Tokenizer;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use tagsmith_encoder::{Config, TokenClassifier, model};
use tagsmith_files::{flush_folder, folder_of, write_bytes, write_json};

/// Files of the base model's tokenizer that are handed on as they are.
const KEPT: &[&str] = &["special_tokens_map.json", "vocab.txt"];

/// Writes everything but the card into `folder`, the weights last: a folder without weights is no
/// model, so a kill leaves none that looks whole.
///
/// # Errors
/// The file system refused.
pub fn write_model(
    folder: &Path,
    model: &TokenClassifier,
    config: &Config,
    tokenizer: &Tokenizer,
    base: &Path,
) -> Result<(), Error> {
    let all = || -> std::io::Result<()> {
        fs::create_dir_all(folder)?;
        let fast = tokenizer.to_json().map_err(std::io::Error::other)?;
        write_bytes(&folder.join("tokenizer.json"), fast.as_bytes())?;
        write_json(
            &folder.join("tokenizer_config.json"),
            &tokenizer_config(base, config, &fast),
        )?;
        for name in KEPT {
            if base.join(name).exists() {
                let content = fs::read(base.join(name))?;
                write_bytes(&folder.join(name), &content)?;
            }
        }
        model::save(model, config, folder)?;
        flush_folder(folder_of(folder))
    };
    all().map_err(Error::writing(folder))
}

/// The base model's `tokenizer_config.json`, with the length that the model can read, its class, and
/// what the tokenizer itself (`fast`, its JSON) does: transformers builds its own from this file,
/// and lower-cases where it says nothing.
fn tokenizer_config(base: &Path, config: &Config, fast: &str) -> Value {
    let mut found = fs::read_to_string(base.join("tokenizer_config.json"))
        .ok()
        .and_then(|text| serde_json::from_str::<Value>(&text).ok())
        .filter(Value::is_object)
        .unwrap_or_else(|| json!({}));
    if found.get("tokenizer_class").is_none() {
        found["tokenizer_class"] = json!(config.family.tokenizer_class);
    }
    let normalizer = serde_json::from_str::<Value>(fast)
        .map(|mut fast| fast["normalizer"].take())
        .unwrap_or_default();
    if normalizer["type"] == "BertNormalizer" {
        found["do_lower_case"] = normalizer["lowercase"].clone();
        found["strip_accents"] = normalizer["strip_accents"].clone();
        found["tokenize_chinese_chars"] = normalizer["handle_chinese_chars"].clone();
    }
    // The base may have been made for shorter texts than it can read.
    found["model_max_length"] = json!(config.max_tokens());
    found
}
