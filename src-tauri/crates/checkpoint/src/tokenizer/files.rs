//! The files of a checkpoint's tokenizer, as they lie in its folder.

use super::Refusal;
use crate::families;
use serde_json::{Map, Value, json};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// The file that a tokenizer's pieces are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// `tokenizer.json`.
    Whole,
    /// BERT's `vocab.txt`, one word piece a line.
    WordList,
    /// RoBERTa's `vocab.json` and `merges.txt`.
    Merges,
}

pub(super) const CONFIG: &str = "tokenizer_config.json";
pub(super) const ADDED: &str = "added_tokens.json";
pub(super) const SPECIAL: &str = "special_tokens_map.json";
pub(super) const WHOLE: &str = "tokenizer.json";

/// Every file that a tokenizer may be read from, but for SentencePiece's own.
pub const FILES: [&str; 7] = [
    WHOLE,
    CONFIG,
    SPECIAL,
    ADDED,
    "vocab.txt",
    "vocab.json",
    "merges.txt",
];

/// SentencePiece's own files.
pub const SENTENCE_PIECE: [&str; 4] = [
    "sentencepiece.bpe.model",
    "spm.model",
    "spiece.model",
    "tokenizer.model",
];

/// What the files say. Those that are absent are empty.
pub(super) struct Files {
    pub config: Map<String, Value>,
    pub special: Map<String, Value>,
    pub added: Map<String, Value>,
    /// The family that `config.json` names.
    pub model_type: Option<String>,
    /// The class that `tokenizer_config.json` names, else `config.json`.
    pub class: Option<String>,
    /// `tokenizer.json`, or the part of one that the other files make.
    pub whole: Value,
    pub source: Source,
}

impl Files {
    pub fn read(folder: &Path) -> Result<Self, Refusal> {
        let config = object(folder, CONFIG)?;
        let model = object(folder, "config.json")?;
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        // Early BERT checkpoints give no model type, only their class.
        let by_architecture = || {
            let class = model.get("architectures")?.get(0)?.as_str()?;
            Some(families::of_class(class)?.model_type.to_owned())
        };
        let (whole, source) = pieces(folder)?;
        Ok(Self {
            model_type: text(model.get("model_type")).or_else(by_architecture),
            class: text(config.get("tokenizer_class"))
                .or_else(|| text(model.get("tokenizer_class"))),
            special: object(folder, SPECIAL)?,
            added: object(folder, ADDED)?,
            config,
            whole,
            source,
        })
    }
}

/// Whether files of these names hold pieces that can be read.
pub fn has_pieces(has: impl Fn(&str) -> bool) -> bool {
    has(WHOLE) || has("vocab.txt") || has("vocab.json") && has("merges.txt")
}

fn pieces(folder: &Path) -> Result<(Value, Source), Refusal> {
    if let Some(text) = text(folder, WHOLE)? {
        let whole: Value = serde_json::from_str(&text).map_err(|failure| bad(WHOLE, failure))?;
        return match whole["model"].is_object() {
            true => Ok((whole, Source::Whole)),
            false => Err(bad(WHOLE, "it has no `model`")),
        };
    }
    if let Some(pairs) = text(folder, "vocab.json")? {
        let vocabulary: Value =
            serde_json::from_str(&pairs).map_err(|failure| bad("vocab.json", failure))?;
        let Some(merges) = text(folder, "merges.txt")? else {
            return Err(Refusal::new(
                "there is a `vocab.json` without its `merges.txt`",
                "fetch the model's other files as well",
            ));
        };
        let model = json!({"type": "BPE", "vocab": vocabulary, "merges": self::merges(&merges)});
        return Ok((json!({"model": model}), Source::Merges));
    }
    if let Some(list) = text(folder, "vocab.txt")? {
        // A piece that is listed twice has the later number, as in transformers.
        let vocabulary: Map<String, Value> = (0..)
            .zip(list.lines())
            .map(|(id, piece)| (piece.trim_end().to_owned(), Value::from(id)))
            .collect();
        let model = json!({"type": "WordPiece", "vocab": vocabulary});
        return Ok((json!({"model": model}), Source::WordList));
    }
    let mut models = SENTENCE_PIECE.iter();
    Err(match models.find(|name| folder.join(name).exists()) {
        Some(name) => Refusal::new(
            format!("there is a `{name}` of SentencePiece alone, no `tokenizer.json`"),
            "make it once with transformers, with the packages sentencepiece and protobuf: `AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)`",
        ),
        None => Refusal::new(
            "there is no tokenizer.json and no vocab.txt",
            "a model folder needs tokenizer.json or vocab.txt beside its config.json",
        ),
    })
}

/// The pairs of a `merges.txt`, one a line, under a first line that names its version.
fn merges(text: &str) -> Vec<&str> {
    let lines = text.lines().map(str::trim_end);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with("#version"))
        .collect()
}

/// A file's text, or `None` where there is no such file.
fn text(folder: &Path, name: &str) -> Result<Option<String>, Refusal> {
    match fs::read(folder.join(name)) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(failure) => Err(bad(name, failure.utf8_error())),
        },
        Err(failure) if failure.kind() == ErrorKind::NotFound => Ok(None),
        Err(failure) => Err(bad(name, failure)),
    }
}

/// A file's JSON object, empty where there is no such file.
fn object(folder: &Path, name: &str) -> Result<Map<String, Value>, Refusal> {
    let Some(text) = text(folder, name)? else {
        return Ok(Map::new());
    };
    match serde_json::from_str(&text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(bad(name, "it is no JSON object")),
        Err(failure) => Err(bad(name, failure)),
    }
}

/// A file that cannot be used.
pub(super) fn bad(name: &str, reason: impl std::fmt::Display) -> Refusal {
    Refusal::new(
        format!("`{name}` is unusable: {reason}"),
        format!("fetch the model's {name} again, or correct it"),
    )
}
