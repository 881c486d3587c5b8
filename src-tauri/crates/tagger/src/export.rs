//! A trained model as a Hugging Face folder: weights and tokenizer; and its adapter as PEFT writes it.

use crate::crf;
use crate::error::Error;
use crate::tokenizer::Tokenizer;
use crate::transitions::Transitions;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use tagsmith_checkpoint::adapter::NewAdapter;
use tagsmith_checkpoint::tokenizer;
use tagsmith_checkpoint::weights::{CRF, Stored};
use tagsmith_encoder::{Config, TokenClassifier, model};
use tagsmith_files::{flush_folder, folder_of, write_bytes, write_json};
use tagsmith_protocol::TrainConfig;

/// Files that an earlier version wrote beside the tokenizer; what they say could contradict it.
const STALE: &[&str] = &["special_tokens_map.json", "added_tokens.json", WORD_LIST];

const WORD_LIST: &str = "vocab.txt";

/// Writes everything but the card into `folder`, with the `learned` transitions of its tags where there are
/// some, the weights last: a folder without weights is no
/// model, so a kill leaves none that looks whole.
///
/// # Errors
/// The file system refused.
pub fn write_model(
    folder: &Path,
    model: &TokenClassifier,
    config: &Config,
    tokenizer: &Tokenizer,
    learned: Option<&Transitions>,
) -> Result<(), Error> {
    let all = || -> std::io::Result<()> {
        fs::create_dir_all(folder)?;
        write_tokenizer(folder, config, tokenizer)?;
        match learned {
            Some(transitions) => crf::write(folder, transitions)?,
            None => remove(&folder.join(CRF))?,
        }
        model::save(model, config, folder)?;
        flush_folder(folder_of(folder))
    };
    all().map_err(Error::writing(folder))
}

/// Writes the adapter of `model`, which does not name its labels: a note beside it does.
///
/// # Errors
/// The file system refused.
pub fn write_adapter(
    folder: &Path,
    model: &TokenClassifier,
    config: &Config,
    train: &TrainConfig,
) -> Result<(), Error> {
    // PEFT may look for it from another folder.
    let base = std::path::absolute(&train.model).map_err(Error::io("find", &train.model))?;
    let trained = model.trained().into_iter().map(|(name, tensor)| {
        let values = (tensor.values)();
        let shape = tensor.shape;
        (name, Stored { shape, values })
    });
    let adapter = NewAdapter {
        base: &base,
        names: model.names(),
        rank: train.lora_rank,
        alpha: train.lora_alpha(),
        dropout: train.lora_dropout,
        trained: trained.collect(),
    };
    let all = || -> std::io::Result<()> {
        fs::create_dir_all(folder)?;
        adapter.write(folder)?;
        write_bytes(&folder.join("README.md"), note(&base, config).as_bytes())?;
        flush_folder(folder_of(folder))
    };
    all().map_err(Error::writing(folder))
}

/// How to open an adapter in Python.
fn note(base: &Path, config: &Config) -> String {
    let labels = serde_json::to_string(config.labels()).unwrap_or_default();
    let base = serde_json::to_string(&base.display().to_string()).unwrap_or_default();
    format!(
        "---\nlibrary_name: peft\n---\n\nA LoRA adapter of {base}, made with Tagsmith {}. The folder `model` beside it \
         is the same model with the adapter merged. In Python:\n\n```python\n\
         from peft import PeftModel\n\
         from transformers import AutoModelForTokenClassification\n\n\
         labels = {labels}\n\
         base = AutoModelForTokenClassification.from_pretrained(\n    \
         {base}, num_labels=len(labels), id2label=dict(enumerate(labels)), ignore_mismatched_sizes=True\n)\n\
         model = PeftModel.from_pretrained(base, \"adapter\")\n```\n",
        env!("CARGO_PKG_VERSION")
    )
}

/// Writes the tokenizer as it works, to be taken as it stands: the classes of transformers would build it
/// anew, with their own defaults.
///
/// # Errors
/// The file system refused.
pub fn write_tokenizer(
    folder: &Path,
    config: &Config,
    tokenizer: &Tokenizer,
) -> std::io::Result<()> {
    let text = tokenizer.to_json().map_err(std::io::Error::other)?;
    let document = serde_json::from_str(&text)?;
    write_bytes(&folder.join("tokenizer.json"), text.as_bytes())?;
    let mut said = tokenizer::config(&document, &tokenizer.definition().special);
    if tokenizer.definition().splits_special {
        said.insert("split_special_tokens".into(), true.into());
    }
    // The base may have been made for shorter texts than it can read.
    said.insert("model_max_length".into(), config.max_tokens().into());
    let mut inputs = vec!["input_ids", "attention_mask"];
    if config.type_vocab_size > 1 {
        inputs.insert(1, "token_type_ids");
    }
    said.insert("model_input_names".into(), inputs.into());
    write_json(&folder.join("tokenizer_config.json"), &said)?;
    // For programs that read nothing else, where it says all.
    let list = tokenizer::word_list(&document);
    if let Some(list) = &list {
        write_bytes(&folder.join(WORD_LIST), list.as_bytes())?;
    }
    for name in STALE {
        if *name == WORD_LIST && list.is_some() {
            continue;
        }
        remove(&folder.join(name))?;
    }
    Ok(())
}

/// Removes a file if it is there.
fn remove(path: &Path) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(failure) if failure.kind() != ErrorKind::NotFound => Err(failure),
        _ => Ok(()),
    }
}
